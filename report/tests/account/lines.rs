//! What the lines of an account say, for programs and for people of both languages.

use std::collections::BTreeSet;

use protocol::{
    AreaCode, Body, Breakdown, Colour, Mode, RoadState, RoadStatus, Truth, Warning, WarningId,
};
use report::Language;

use super::stage::{Stage, minute, party};
use super::storm::OFFICES;
use crate::{small, told};

#[test]
fn every_line_of_the_timeline_bears_the_mark_for_programs_too() {
    let report = told(&small(Mode::Exercise));
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    let lines = json["timeline"].as_array().unwrap();
    assert!(lines.len() > 10, "{}", lines.len());
    for line in lines {
        assert_eq!(line["mark"], "【演练】", "{line}");
    }
    let actual = told(&small(Mode::Actual));
    assert!(actual.timeline.iter().all(|line| line.mark.is_none()));
}

/// What the timeline says, a line of each language.
fn said(stage: &Stage) -> Vec<(String, String)> {
    let report = told(stage);
    let lines = report.timeline.into_iter();
    lines.map(|line| (line.text.zh, line.text.en)).collect()
}

/// The texts of the line that has this in its Chinese.
fn line_with(stage: &Stage, words: &str) -> (String, String) {
    let mut lines = said(stage).into_iter();
    let found = lines.find(|(zh, _)| zh.contains(words));
    found.expect("a line says so")
}

/// Tells that these roads are closed.
fn closing(roads: &[&str]) -> Stage {
    let mut stage = small(Mode::Exercise);
    let end = stage.lines.pop().unwrap();
    let status = RoadStatus {
        roads: roads.iter().map(|road| road.parse().unwrap()).collect(),
        state: RoadState::Closed,
        travel_percent: None,
        as_of: minute(60),
        reason: "【演练】风力达 30.5 m/s".into(),
    };
    stage.say("440400", minute(60), Body::RoadStatus(status));
    stage.lines.push(end);
    stage
}

/// A red warning of this hazard.
fn warned(hazard: &str) -> Stage {
    let mut stage = small(Mode::Exercise);
    let end = stage.lines.pop().unwrap();
    let author = party("440000-met");
    let warning = Warning {
        warning: WarningId {
            author,
            epoch: 1,
            number: 1,
        },
        revision: 0,
        hazard: hazard.into(),
        colour: Colour::Red,
        from: minute(60),
        until: None,
        areas: vec![AreaCode(440_400)],
        matters: "沿海大风".into(),
        measures: "停工".into(),
        issuer: "广东省气象局".into(),
        issued_at: minute(60),
    };
    stage.say("440000-met", minute(60), Body::Warning(warning));
    stage.lines.push(end);
    stage
}

/// A drill in which this breaks for an hour.
fn broken(breakdown: &Breakdown) -> Stage {
    let mut stage = small(Mode::Exercise);
    let end = stage.lines.pop().unwrap();
    for (begins, at) in [(true, 60), (false, 120)] {
        let fault = Truth::Fault {
            detail: "fault-7".into(),
            begins,
            breakdown: Some(breakdown.clone()),
        };
        stage.truth(minute(at), fault);
    }
    stage.lines.push(end);
    stage
}

#[test]
fn an_event_is_told_by_its_word_and_not_by_its_code() {
    let (zh, en) = line_with(&small(Mode::Exercise), "首报");
    assert!(
        zh.contains("城市内涝") && en.contains("waterlogging"),
        "{zh}, {en}"
    );
    let (zh, en) = line_with(&warned("typhoon"), "红色预警");
    assert!(zh.starts_with("发布台风红色预警"), "{zh}");
    assert!(en.starts_with("red typhoon warning issued"), "{en}");
    let (zh, _) = line_with(&warned("meteor"), "红色预警");
    assert!(zh.starts_with("发布meteor红色预警"), "{zh}");
}

#[test]
fn a_crossing_is_told_by_its_name_and_another_road_as_a_section() {
    let (zh, en) = line_with(&closing(&["e434", "shenzhong", "e435"]), "封闭");
    assert!(zh.starts_with("深中通道、路段 e434、e435：封闭"), "{zh}");
    let sections = "road sections e434, e435";
    let reason = "closed (【演练】wind up to 30.5 m/s)";
    assert!(en.ends_with(&format!("{sections}: {reason}")), "{en}");
    assert!(!en.contains("shenzhong"), "{en}");
}

#[test]
fn a_fault_is_told_by_what_fails_and_for_whom() {
    let party_set = |ids: &[&str]| ids.iter().map(|id| party(id)).collect::<BTreeSet<_>>();
    let zhuhai = party_set(&["440400"]);
    let all: Vec<&str> = OFFICES.iter().map(|office| office.0).collect();
    let others = &party_set(&all) - &zhuhai;
    let alone = broken(&Breakdown::LinkDegrade {
        from: zhuhai.clone(),
        to: others,
        symmetric: false,
    });
    let (zh, en) = line_with(&alone, "fault-7 开始");
    assert_eq!(zh, "fault-7 开始：链路劣化，珠海市 → 其他各单位");
    assert_eq!(en, "fault-7 begins: link degraded, Zhuhai → all others");
    let cut = broken(&Breakdown::LinkCut {
        from: zhuhai,
        to: party_set(&["440100", "442000"]),
        symmetric: true,
    });
    let (zh, _) = line_with(&cut, "fault-7 结束");
    assert_eq!(zh, "fault-7 结束：断链，珠海市 ↔ 广州市、中山市");
    let office = party("440600");
    let crash = told(&broken(&Breakdown::OfficeCrash { office }));
    let html = crash.to_html(Language::Both);
    for words in ["主机故障", "office crashed", "佛山市"] {
        assert!(html.contains(words), "{words}");
    }
}

#[test]
fn a_fault_of_an_older_recording_is_told_by_its_id_alone() {
    let line = r#"{"what":"fault","detail":"fault-8","begins":true}"#;
    let truth: Truth = serde_json::from_str(line).unwrap();
    let mut stage = small(Mode::Exercise);
    let end = stage.lines.pop().unwrap();
    stage.truth(minute(60), truth);
    stage.lines.push(end);
    assert_eq!(line_with(&stage, "fault-8").0, "fault-8 开始");
}

#[test]
fn the_page_says_in_words_that_a_run_was_of_virtual_time() {
    let html = told(&small(Mode::Exercise)).to_html(Language::Chinese);
    assert!(html.contains("虚拟时间") && html.contains("virtual time"));
}
