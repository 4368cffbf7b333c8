//! Injects: what is given, to whom, and what is expected then.

use std::collections::BTreeMap;

use protocol::{
    Audience, FieldReport, Moment, ReportKind, ResponseOrder, RoadState, RoadStatus, Span,
    WarningOrder,
};

use super::Reader;
use super::incident::counts;
use super::look::Named;
use super::timing::Timed;
use crate::scenario::file::{InjectTable, ScenarioFile, SignTable, only_keys};
use crate::scenario::page::At;
use crate::scenario::{Channel, Cue, Expected, Given, Inject, WrittenIncident};

/// Keys that every inject may have.
const SHARED: [&str; 12] = [
    "number",
    "title",
    "at",
    "after",
    "when",
    "unless",
    "channel",
    "to",
    "kind",
    "text",
    "expected",
    "objective",
];

/// The kinds of injects with the further keys of each.
const KINDS: [(&str, &[&str]); 7] = [
    ("warning", &["hazard", "colour", "areas", "measures", "for"]),
    ("response", &["level", "measures", "for"]),
    ("note", &[]),
    ("call", &["incident"]),
    ("report", &["incident", "report", "counts"]),
    ("road", &["roads", "state", "percent"]),
    ("aid-request", &["incident", "need", "audience"]),
];

/// How long a response is expected to last unless told otherwise (model).
const RESPONSE_LASTS: Span = Span::hours(24);

impl Reader<'_, '_> {
    pub(super) fn injects(
        &mut self,
        file: &ScenarioFile,
        known: (&[WrittenIncident], &Named<'_>),
    ) -> Vec<Inject> {
        let tables: Vec<&InjectTable> = file.injects.iter().flat_map(|list| &list.value).collect();
        let mut seen = BTreeMap::new();
        for number in tables.iter().filter_map(|table| table.number.as_ref()) {
            self.unique(number, "inject", &mut seen);
        }
        let timing = self.timing(&tables);
        let mut injects: Vec<Inject> = tables
            .iter()
            .filter_map(|table| {
                let timed = timing.get(table.number.as_ref()?.value.as_str()).copied();
                self.inject(table, timed, known)
            })
            .collect();
        injects.sort_by_key(|inject| inject.at);
        injects
    }

    fn inject(
        &mut self,
        table: &InjectTable,
        timed: Option<Timed>,
        known: (&[WrittenIncident], &Named<'_>),
    ) -> Option<Inject> {
        let channel = table
            .channel
            .as_ref()
            .and_then(|channel| self.channel(channel));
        let to = table.to.as_ref().map(|to| self.office_list(to));
        let objective = table.objective.as_ref();
        let objective = objective.filter(|id| self.known(id, "objective", &known.1.objectives));
        self.keys(table);
        let at = timed.map_or(self.drill.from, |it| it.at);
        let gives = self.gives(table, at, known);
        let receivers = to.as_deref().unwrap_or_default();
        let mut sign = |sign: Option<&At<SignTable>>| {
            let table = sign?;
            self.sign(&table.value, receivers, known.1)
        };
        let when = sign(table.when.as_ref());
        let unless = sign(table.unless.as_ref());
        let expected = table.expected.as_ref().and_then(|expected| {
            let seen = sign(expected.value.seen.as_ref());
            let (within, action) = (&expected.value.within, &expected.value.action);
            Some(Expected {
                within: within.as_ref()?.value,
                action: action.as_ref()?.value.clone(),
                seen,
            })
        });
        let timed = timed?;
        let cue = match (&table.when, &table.after) {
            (Some(_), _) => Cue::Sign { sign: when? },
            (None, Some(after)) if timed.hangs => Cue::Inject {
                number: after.value.inject.as_ref()?.value.clone(),
                delay: after.value.delay.as_ref()?.value,
            },
            _ => Cue::Time,
        };
        Some(Inject {
            number: table.number.as_ref()?.value.clone(),
            title: table.title.as_ref()?.value.clone(),
            at: timed.at,
            cue,
            unless,
            channel: channel?,
            to: to?,
            gives: gives?,
            expected,
            objective: objective.map(|objective| objective.value.clone()),
        })
    }

    fn channel(&mut self, channel: &At<String>) -> Option<Channel> {
        match channel.value.as_str() {
            "field" => Some(Channel::Field),
            "operator" => Some(Channel::Operator),
            "bus" => Some(Channel::Bus),
            other => {
                let known = ["field", "operator", "bus"].into_iter();
                self.page.unknown(&channel.span, "channel", other, known);
                None
            }
        }
    }

    fn keys(&mut self, table: &InjectTable) {
        let Some(kind) = &table.kind else { return };
        let own = KINDS.iter().find(|(name, _)| *name == kind.value);
        if let Some((name, own)) = own {
            let allowed: Vec<&str> = SHARED.iter().chain(*own).copied().collect();
            only_keys(&table.present, name, &allowed, self.page);
        } else {
            let known = KINDS.iter().map(|(name, _)| *name);
            self.page
                .unknown(&kind.span, "inject kind", &kind.value, known);
        }
    }

    fn gives(
        &mut self,
        table: &InjectTable,
        at: Moment,
        known: (&[WrittenIncident], &Named<'_>),
    ) -> Option<Given> {
        let text = &table.text.as_ref()?.value;
        let report = |report| {
            Some(Given::Report {
                report: Box::new(report),
            })
        };
        match table.kind.as_ref()?.value.as_str() {
            "warning" => report(FieldReport::Warning(self.warning(table, at)?)),
            "response" => report(FieldReport::Response(ResponseOrder {
                matter: text.clone(),
                level: table.level.as_ref().map(|level| level.value),
                expected: table
                    .lasts
                    .as_ref()
                    .map_or(RESPONSE_LASTS, |lasts| lasts.value),
                measures: self.lacking(table, table.measures.as_ref(), "measures")?,
            })),
            "note" => Some(Given::Note { text: text.clone() }),
            "call" => {
                let (about, summary) =
                    (self.about(table, known), self.summary(table.text.as_ref()?));
                let plan = &about?.plan;
                let mut call = plan.as_call();
                call.received_at = at;
                call.occurred_at = plan.occurred_at.min(at);
                call.summary = summary?;
                report(FieldReport::Call(Box::new(call)))
            }
            "report" => self.follow_up(table, at, known),
            "road" => report(FieldReport::Road(self.road(table, at)?)),
            "aid-request" => {
                let about = self.about(table, known);
                let Some(need) = &table.need else {
                    self.lack(table, "need");
                    return None;
                };
                let requirement = self.requirement(&need.value)?;
                let audience = table
                    .audience
                    .as_ref()
                    .map_or(Audience::Region, |audience| audience.value);
                Some(Given::AidRequest {
                    call: about?.plan.call,
                    requirement,
                    audience,
                })
            }
            _ => None,
        }
    }

    /// A report by an operator's hand: the first is made of a call.
    fn follow_up(
        &mut self,
        table: &InjectTable,
        at: Moment,
        known: (&[WrittenIncident], &Named<'_>),
    ) -> Option<Given> {
        let (about, text) = (self.about(table, known), self.summary(table.text.as_ref()?));
        let Some(kind) = &table.report else {
            self.lack(table, "report");
            return None;
        };
        let by_operator = table
            .channel
            .as_ref()
            .is_none_or(|it| it.value == "operator");
        if kind.value == ReportKind::First || !by_operator {
            self.page.fault(
                &kind.span,
                format!("\"{}\" is no report of this inject", kind.value),
                "an operator gives follow-up, final or correction: channel = \"operator\"",
            );
            return None;
        }
        Some(Given::FollowUp {
            call: about?.plan.call,
            kind: kind.value,
            counts: counts(table.counts.as_ref(), at),
            text: text?,
        })
    }

    fn warning(&mut self, table: &InjectTable, at: Moment) -> Option<WarningOrder> {
        let hazard = self.lacking(table, table.hazard.as_ref(), "hazard");
        let measures = self.lacking(table, table.measures.as_ref(), "measures");
        let Some(areas) = &table.areas else {
            self.lack(table, "areas");
            return None;
        };
        Some(WarningOrder {
            hazard: hazard?,
            colour: table.colour.as_ref().map(|colour| colour.value),
            from: at,
            until: table.lasts.as_ref().map(|lasts| at + lasts.value),
            areas: self.area_list(areas),
            matters: table.text.as_ref()?.value.clone(),
            measures: measures?,
        })
    }

    fn road(&mut self, table: &InjectTable, at: Moment) -> Option<RoadStatus> {
        let roads = table.roads.iter().flat_map(|list| &list.value);
        let roads: Vec<_> = roads.filter_map(|road| self.crossing(road)).collect();
        if table.roads.is_none() {
            self.lack(table, "roads");
        }
        let Some(state) = table.state.as_ref().map(|state| state.value) else {
            self.lack(table, "state");
            return None;
        };
        let percent = table.percent.as_ref().and_then(|percent| {
            let fits = u16::try_from(percent.value)
                .ok()
                .filter(|value| (101..=1000).contains(value));
            if state != RoadState::Slow || fits.is_none() {
                let reason = format!("percent {} does not fit", percent.value);
                self.page.fault(
                    &percent.span,
                    reason,
                    "write 101 to 1000, and only with state = \"slow\"",
                );
            }
            fits
        });
        Some(RoadStatus {
            roads,
            state,
            travel_percent: percent,
            as_of: at,
            reason: table.text.as_ref()?.value.clone(),
        })
    }

    /// The written incident that an inject is about; none for one that has faults of its own.
    fn about<'i>(
        &mut self,
        table: &InjectTable,
        (incidents, named): (&'i [WrittenIncident], &Named<'_>),
    ) -> Option<&'i WrittenIncident> {
        let Some(id) = &table.incident else {
            self.lack(table, "incident");
            return None;
        };
        if !self.known(id, "incident", &named.incidents) {
            return None;
        }
        incidents.iter().find(|incident| incident.id == id.value)
    }

    fn lacking(
        &mut self,
        table: &InjectTable,
        value: Option<&At<String>>,
        key: &str,
    ) -> Option<String> {
        if value.is_none() {
            self.lack(table, key);
        }
        value.map(|value| value.value.clone())
    }

    fn lack(&mut self, table: &InjectTable, key: &str) {
        let kind = table.kind.as_ref().map_or("", |kind| kind.value.as_str());
        let reason = format!("an inject of kind \"{kind}\" lacks \"{key}\"");
        self.page.fault(&table.span, reason, format!("add {key}"));
    }
}
