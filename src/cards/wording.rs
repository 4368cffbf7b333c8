//! What injects, signs and measures are, in both languages.

use protocol::{FieldReport, PartyId, RequestId, Severity};
use report::Bilingual;
use simulator::Scenario;
use simulator::scenario::{Channel, Given, Measured, Sign, Which};

/// How an inject reaches people.
pub(super) fn channel(channel: Channel) -> Bilingual {
    match channel {
        Channel::Field => Bilingual::new(
            "系统或电话（现场上报）",
            "a system or a phone, as a field report",
        ),
        Channel::Operator => Bilingual::new("值班员操作", "an operator at the desk"),
        Channel::Bus => Bilingual::new("总线报文", "a message on the bus"),
    }
}

/// What is given.
pub(super) fn gives(given: &Given) -> Bilingual {
    match given {
        Given::Note { text } => told(("值班记事", "note"), text),
        Given::FollowUp { kind, text, .. } => told((kind.label().zh, kind.label().en), text),
        Given::AidRequest { requirement, .. } => {
            let (kind, count) = (requirement.kind.label(), requirement.quantity);
            Bilingual::new(
                format!("请求支援：{} {count}", kind.zh),
                format!("request for assistance: {} {count}", kind.en),
            )
        }
        Given::Report { report } => match &**report {
            FieldReport::Call(call) => told(("来电", "call"), &call.summary),
            FieldReport::Warning(order) => told(("预警", "warning"), &order.matters),
            FieldReport::Response(order) => told(("应急响应", "response"), &order.matter),
            FieldReport::Road(status) => told(("路况", "road status"), &status.reason),
            FieldReport::Scene(_)
            | FieldReport::Unit(_)
            | FieldReport::Count(_)
            | FieldReport::Hazard(_) => Bilingual::new("现场上报", "field report"),
        },
    }
}

fn told((zh, en): (&str, &str), text: &str) -> Bilingual {
    let text = Bilingual::same(text).zh;
    Bilingual::new(format!("{zh}：{text}"), format!("{en}: {text}"))
}

/// What is looked for.
pub(super) fn sign(sign: &Sign, scenario: &Scenario) -> Bilingual {
    match sign {
        Sign::Said {
            what,
            by,
            about,
            times,
        } => {
            let by: Vec<&str> = by.iter().map(PartyId::as_str).collect();
            let by = by.join(", ");
            let about = about.as_ref().map(|call| incident(call, scenario));
            let (label, often) = (what.label(), *times);
            let (zh, en) = about.map_or_else(Default::default, |it| {
                (format!("（{it}）"), format!(" about {it}"))
            });
            Bilingual::new(
                format!("{by} 已发 {}{zh} {often} 次", label.zh),
                format!("{by} said {}{en}, {often} times", label.en),
            )
        }
        Sign::Reached { call } => {
            let it = incident(call, scenario);
            Bilingual::new(
                format!("首支队伍到达 {it}"),
                format!("a unit has come to {it}"),
            )
        }
        Sign::Served { call } => {
            let it = incident(call, scenario);
            Bilingual::new(
                format!("{it} 处置完毕"),
                format!("the work at {it} is done"),
            )
        }
        Sign::Waiting { at_least, which } => {
            let only = only(which);
            Bilingual::new(
                format!("同时待处置事件不少于 {at_least} 起{}", only.zh),
                format!("at least {at_least} incidents wait at once{}", only.en),
            )
        }
        Sign::Expected { inject } => Bilingual::new(
            format!("{inject} 的预期行动已见"),
            format!("what is expected after {inject} was seen"),
        ),
    }
}

/// How an objective is measured, and up to where each grade goes.
pub(super) fn measured(it: &Measured, scale: &[String]) -> Bilingual {
    let bounds = it.bounds.iter().zip(scale);
    let bounds: Vec<String> = bounds
        .map(|(bound, grade)| format!("{grade} {bound}"))
        .collect();
    let (label, only, bounds) = (it.measure.label(), only(&it.which), bounds.join(" / "));
    Bilingual::new(
        format!("{}{}：{bounds}", label.zh, only.zh),
        format!("{}{}: {bounds}", label.en, only.en),
    )
}

fn only(which: &Which) -> Bilingual {
    let severity = which.severity.map(Severity::label);
    let areas: Vec<String> = which.areas.iter().map(ToString::to_string).collect();
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    if let Some(label) = severity {
        zh.push(format!("{}以上", label.zh));
        en.push(format!("at least {}", label.en));
    }
    if !areas.is_empty() {
        zh.push(areas.join("、"));
        en.push(areas.join(", "));
    }
    if zh.is_empty() {
        return Bilingual::default();
    }
    Bilingual::new(
        format!("（{}）", zh.join("，")),
        format!(" ({})", en.join(", ")),
    )
}

/// What the file calls the incident of a call.
fn incident(call: &RequestId, scenario: &Scenario) -> String {
    let written = scenario.written.iter().find(|it| it.plan.call == *call);
    written.map_or_else(|| call.to_string(), |it| it.id.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{Figure, Measure, Saying, Span};

    fn quiet_day() -> Scenario {
        let text = include_str!("../../scenarios/small/quiet-day.toml");
        let read = Scenario::parse("quiet-day.toml", text, &|_| None);
        read.expect("it is shipped").0
    }

    #[test]
    fn a_sign_names_who_says_what_of_which_incident_and_how_often() {
        let scenario = quiet_day();
        let said = Sign::Said {
            what: Saying::FollowUp,
            by: vec!["990100".parse().unwrap(), "990200".parse().unwrap()],
            about: Some("call-nobody".parse().unwrap()),
            times: 3,
        };
        let told = sign(&said, &scenario);
        assert_eq!(told.zh, "990100, 990200 已发 续报（call-nobody） 3 次");
        assert_eq!(
            told.en,
            "990100, 990200 said follow-up report about call-nobody, 3 times"
        );
    }

    #[test]
    fn a_measure_says_over_what_it_is_taken_and_up_to_where_each_grade_goes() {
        let it = Measured {
            measure: Measure::ResponseP90,
            which: Which {
                severity: Some(Severity::Critical),
                areas: Vec::new(),
            },
            bounds: vec![
                Figure::Time(Span::minutes(10)),
                Figure::Time(Span::minutes(15)),
            ],
        };
        let scale = ["P", "S", "U"].map(str::to_owned);
        let told = measured(&it, &scale);
        assert_eq!(told.zh, "首到时间（九成）（危急以上）：P 10m / S 15m");
    }
}
