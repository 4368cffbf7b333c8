//! The account of a run as its readers meet it: page, JSON and tables of a synthetic recording.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::sync::LazyLock;

mod account {
    mod custody;
    mod lines;
    mod paper;
    mod refused;
    pub(crate) mod stage;
    pub(crate) mod storm;
    mod supplies;
    pub(crate) mod typhoon;
}

use account::stage::{Stage, minute, party};
use account::storm::{self, Case, OFFICES};
use account::typhoon;
use protocol::{Body, DutyNote, Mode, Point, Severity, Span};
use region::Region;
use report::{Basis, Bilingual, Event, Ground, Language, Outcome, Report, ReportError};
use report::{from_envelopes, from_recording};

const HOSTILE: &str = "<script src=\"http://evil\">alert(1)</script>\u{202e}\u{1b}[2J";

fn case(number: u32, office: &'static str, began: u64) -> Case {
    Case {
        number,
        office,
        began: minute(began),
        severity: Severity::Critical,
        point: Point::degrees(113.5, 22.3),
        summary: "积水".into(),
    }
}

/// Zhuhai has three incidents: one served at home, one by Zhongshan, one by nobody.
fn small(mode: Mode) -> Stage {
    let mut stage = Stage::new(mode, "台风演练", &OFFICES);
    storm::staged(&mut stage);
    storm::fleet(&mut stage, "440400", 2);
    storm::fleet(&mut stage, "442000", 2);
    let wait = Span::minutes(12);
    storm::helped(&mut stage, &case(1, "440400", 10), "440400", 1, wait);
    storm::helped(&mut stage, &case(2, "440400", 20), "442000", 1, wait + wait);
    let mut alone = case(3, "440400", 30);
    alone.summary = HOSTILE.into();
    storm::opened(&mut stage, &alone);
    stage.end(minute(240));
    stage
}

fn ground() -> Ground {
    static GROUND: LazyLock<Ground> =
        LazyLock::new(|| Ground::from(&Region::built_in("prd").unwrap()));
    GROUND.clone()
}

fn told(stage: &Stage) -> Report {
    from_recording(&stage.lines, &ground()).unwrap()
}

/// The text of every body row of every table, tags taken out.
fn rows(html: &str) -> Vec<String> {
    let rows = html
        .split("<tr")
        .skip(1)
        .map(|row| row.split("</tr>").next().unwrap());
    rows.map(|row| {
        let mut text = String::new();
        let mut inside = true;
        for sign in row.chars() {
            match sign {
                '<' => inside = true,
                '>' if inside => inside = false,
                _ if !inside => text.push(sign),
                _ => {}
            }
        }
        text
    })
    .collect()
}

#[test]
fn an_incident_entered_by_hand_is_counted_beside_those_of_the_scenario() {
    let mut stage = small(Mode::Exercise);
    assert!(!told(&stage).to_html(Language::English).contains("by hand"));
    storm::by_hand(&mut stage, &case(4, "440400", 250));
    let report = told(&stage);
    assert_eq!((report.figures.incidents, report.figures.by_hand), (3, 1));
    assert!(
        report
            .to_html(Language::English)
            .contains("more entered by hand")
    );
}

#[test]
fn the_figures_are_those_of_the_run() {
    let report = told(&small(Mode::Exercise));
    let figures = report.figures;
    assert_eq!(
        (figures.incidents, figures.served, figures.unserved),
        (3, 2, 1)
    );
    assert_eq!((figures.unreached, figures.double_commits), (1, 0));
    assert_eq!((figures.aid_asked, figures.aid_committed), (1, 1));
    assert_eq!(figures.by_hand, 0);
    let times = figures.response.unwrap();
    assert_eq!(
        (times.p50, times.p90),
        (Span::minutes(12), Span::minutes(24))
    );
    assert_eq!(report.response.basis, Basis::Truth);
    assert_eq!(
        report.delivery.voids.len(),
        0,
        "{:?}",
        report.delivery.voids
    );
    assert_eq!(
        report.reading.refused.len(),
        0,
        "{:?}",
        report.reading.refused
    );
}

#[test]
fn aid_is_followed_from_asking_to_return() {
    let report = told(&small(Mode::Exercise));
    let [row] = report.aid.ledger.as_slice() else {
        unreachable!("{:?}", report.aid.ledger)
    };
    assert_eq!(row.owner, Some(party("442000")));
    assert_eq!(row.asked_at, minute(22));
    assert_eq!(row.accepted_at, Some(minute(22)));
    assert_eq!(row.arrived_at, Some(minute(44)));
    assert_eq!(row.returned_at, Some(minute(94)));
    assert_eq!(row.outcome, Outcome::Returned);
    let usage = report
        .usage
        .iter()
        .find(|row| row.office == party("442000"))
        .unwrap();
    assert_eq!((usage.units, usage.peak), (2, 1));
    assert_eq!(usage.busy, Span::minutes(94 - 22));
    assert!(usage.demo);
}

#[test]
fn a_page_loads_nothing_and_links_nowhere() {
    let html = told(&small(Mode::Exercise)).to_html(Language::English);
    for loaded in [
        "<script src",
        "<link",
        "<img",
        "<iframe",
        "@import",
        "url(http",
        "href=\"http",
        "src=",
    ] {
        let clean = html.replace("&lt;script src=", "");
        assert!(!clean.contains(loaded), "{loaded}");
    }
    for anchor in html.split("href=\"").skip(1) {
        assert!(anchor.starts_with('#'), "{}", &anchor[..40]);
    }
}

#[test]
fn hostile_text_is_escaped_and_cleaned() {
    let report = told(&small(Mode::Exercise));
    let html = report.to_html(Language::Chinese);
    assert!(html.contains("&lt;script src="));
    assert!(!html.contains("alert(1)</script>"));
    for output in [html, report.to_json(), report.timeline_csv()] {
        assert!(!output.contains(['\u{202e}', '\u{1b}']));
    }
}

#[test]
fn every_row_of_a_drill_begins_with_its_mark() {
    let report = told(&small(Mode::Exercise));
    let html = report.to_html(Language::Chinese);
    let rows = rows(&html);
    assert!(rows.len() > 40, "{}", rows.len());
    for row in rows {
        assert!(row.starts_with("【演练】"), "{row}");
    }
    assert_eq!(
        html.matches("演练·虚构 EXERCISE · FICTIONAL</div>").count(),
        2
    );
    for csv in [
        report.response_csv(),
        report.aid_csv(),
        report.timeline_csv(),
    ] {
        assert!(
            csv.lines()
                .skip(1)
                .all(|line| line.starts_with("【演练】,")),
            "{csv}"
        );
    }
}

#[test]
fn an_actual_event_bears_no_mark_of_a_drill() {
    let mut stage = small(Mode::Actual);
    stage
        .lines
        .retain(|line| !line.contains("\"type\":\"truth\""));
    let report = told(&stage);
    assert_eq!(report.response.basis, Basis::Recorded);
    let html = report.to_html(Language::Both).replace("台风演练", "");
    let html = html.replace("（演练中为演练时间）", "");
    for csv in [&html, &report.aid_csv(), &report.response_csv()] {
        assert!(!csv.contains("演练") && !csv.contains("FICTIONAL"));
    }
    assert_eq!(report.mark, None);
}

#[test]
fn the_json_is_valid_and_says_its_format() {
    let report = told(&small(Mode::Exercise));
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    assert_eq!(json["format"], "liandong-report/1");
    assert_eq!(json["mark"], "【演练】");
    assert_eq!(json["figures"]["incidents"], 3);
    assert_eq!(json["run"]["seed"], 42);
}

#[test]
fn a_recording_cut_short_is_told_up_to_the_cut() {
    let mut stage = small(Mode::Exercise);
    stage.lines.pop();
    let torn = stage.lines.pop().unwrap();
    let mut lines: Vec<Vec<u8>> = stage
        .lines
        .iter()
        .map(|line| line.clone().into_bytes())
        .collect();
    lines.push(torn.as_bytes()[..torn.len() / 2].to_vec());
    let report = from_recording(lines, &ground()).unwrap();
    assert!(report.reading.torn && !report.reading.ended);
    assert_eq!(report.reading.unreadable, 0);
    assert_eq!(report.figures.incidents, 3);
    assert!(
        report
            .to_html(Language::English)
            .contains("The last line of the record is torn")
    );
}

#[test]
fn unknown_records_and_foreign_lines_are_counted_and_end_nothing() {
    let mut stage = small(Mode::Exercise);
    let end = stage.lines.pop().unwrap();
    stage.lines.push(r#"{"type":"telemetry","at":1}"#.into());
    stage
        .lines
        .push(r#"{"type":"truth","at":1,"event":{"what":"eclipse"}}"#.into());
    stage.lines.push("not a record".into());
    stage.lines.push(end);
    let report = told(&stage);
    assert_eq!(report.reading.unknown["telemetry"], 1);
    assert_eq!(report.reading.unknown["truth/eclipse"], 1);
    assert_eq!((report.reading.unreadable, report.reading.torn), (1, false));
}

#[test]
fn a_frame_that_does_not_verify_is_counted_by_its_rule_and_not_believed() {
    let mut stage = small(Mode::Exercise);
    let note = |text: &str| {
        Body::DutyNote(DutyNote {
            incident: None,
            by: "值班员".into(),
            text: text.into(),
            at: minute(50),
        })
    };
    let envelope = stage.seal("440100", note("真"));
    stage.publish(minute(50), &envelope);
    let line = stage.lines.pop().unwrap();
    stage.lines.push(line.replace('真', "假"));
    assert_eq!(told(&stage).delivery.missing(), 0, "nobody signs a head");
    stage.digest("440100", minute(51), &[("440100", envelope.header().seq)]);
    let report = told(&stage);
    assert_eq!(report.reading.refused["R07"], 1);
    assert!(!report.to_html(Language::Chinese).contains("值班员"));
    assert_eq!(report.delivery.missing(), 1, "its author signs a digest");
}

#[test]
fn a_roster_that_is_heard_late_still_counts() {
    let mut stage = small(Mode::Exercise);
    let roster: Vec<String> = stage.lines.drain(1..=OFFICES.len()).collect();
    stage.lines.extend(roster);
    let late = told(&stage);
    assert_eq!(late.reading.refused.len(), 0, "{:?}", late.reading.refused);
    assert_eq!(late.figures, told(&small(Mode::Exercise)).figures);
}

#[test]
fn journals_of_an_event_give_the_times_that_offices_recorded() {
    let mut stage = small(Mode::Actual);
    stage.envelopes.reverse();
    let event = Event {
        title: Bilingual::new("台风", "Typhoon"),
        region: "prd".into(),
        network: stage.network.clone(),
        offset_min: 480,
        period: None,
        version: "0.1.0".into(),
    };
    let report = from_envelopes(&event, (Vec::new(), stage.envelopes), &ground()).unwrap();
    assert_eq!(report.figures.incidents, 3);
    assert_eq!(report.figures.unreached, 1);
    let times = report.figures.response.unwrap();
    assert_eq!(
        (times.p50, times.max),
        (Span::minutes(12), Span::minutes(24))
    );
    let nothing = from_envelopes(&event, (Vec::new(), Vec::new()), &ground());
    assert!(matches!(nothing, Err(ReportError::NoEntry { .. })));
}

#[test]
fn a_file_that_is_no_recording_is_refused_with_what_was_found() {
    let empty: [&str; 0] = [];
    assert_eq!(from_recording(empty, &ground()), Err(ReportError::Empty));
    let other = from_recording([r#"{"format":"liandong-recording/9"}"#], &ground());
    let found = "liandong-recording/9".to_owned();
    assert_eq!(other, Err(ReportError::Format { found }));
    assert!(matches!(
        from_recording(["{}x"], &ground()),
        Err(ReportError::Header(_))
    ));
}

#[test]
fn a_large_storm_makes_a_page_that_says_what_it_leaves_out() {
    let stage = typhoon::large(Mode::Exercise, 1_000);
    let report = told(&stage);
    assert_eq!(report.figures.incidents, 1_000);
    assert_eq!(
        report.figures.double_commits, 0,
        "{:?}",
        report.aid.double_commits
    );
    let html = report.to_html(Language::Both);
    assert!(report.timeline.len() > 3_000, "{}", report.timeline.len());
    assert!(html.contains("more rows are left out here"));
    assert!(html.len() < 10_000_000, "{}", html.len());
    assert_eq!(
        report.timeline_csv().lines().count(),
        report.timeline.len() + 1
    );
    let page = std::env::temp_dir().join("liandong-report-test.html");
    std::fs::write(page, html).unwrap();
}

#[test]
fn a_unit_that_two_lives_of_its_office_promised_is_a_double_commitment() {
    let mut stage = small(Mode::Exercise);
    let end = stage.lines.pop().unwrap();
    let (before, after) = (case(4, "442000", 130), case(5, "442000", 140));
    stage.say("442000", before.began, storm::committed(&before, 1, 900));
    stage.reborn("442000", minute(135));
    stage.say("442000", after.began, storm::committed(&after, 2, 901));
    stage.lines.push(end);
    let report = told(&stage);
    let [double] = report.aid.double_commits.as_slice() else {
        unreachable!("{:?}", report.aid.double_commits)
    };
    assert_eq!(double.resource, storm::unit("442000", 1));
    assert_eq!((double.first.number, double.second.number), (900, 901));
    assert_eq!(report.figures.double_commits, 1);
    let mut authors = report.delivery.authors.iter();
    let author = authors.find(|one| one.author == party("442000")).unwrap();
    assert_eq!((author.lives, author.orphans), (2, 1));
}
