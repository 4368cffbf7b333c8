//! What comes replayed, forged, misplaced or too large is counted and changes nothing.

use protocol::{
    Action, Body, COMMAND_LIFE, Direct, FieldReport, Frame, Hash, Mode, OperatorCommand, Outcome,
    Signer, Span, Speaker, Suite, Topic, Wall, Want, limit,
};

use crate::bus::Region;
use crate::cast::{FIRST, GROUND, SECOND, Setting, network, operator, party, signer};
use crate::people::{call, request};

/// What an office wrote, so that a change shows.
fn written(region: &Region) -> usize {
    region.own(FIRST).len()
}

fn deliver(region: &mut Region, topic: Topic, text: &str) {
    let topic = topic.on(network().id);
    region.hear(Region::index(FIRST), &topic, text.as_bytes());
    region.run(Span::seconds(1));
}

fn note(name: &str) -> Direct {
    note_of(name, name)
}

fn note_of(name: &str, text: &str) -> Direct {
    Direct::Command(OperatorCommand {
        request: request(name),
        by: "duty officer".into(),
        action: Action::Note {
            incident: None,
            text: text.into(),
            at: None,
        },
        asked_at: None,
    })
}

#[test]
fn a_direct_message_that_is_replayed_is_counted_and_heard_once() {
    let mut region = Region::up(Setting::default());
    let topic = Topic::Command(party(FIRST));
    let frame = region.speak(&operator(FIRST), topic, note("n-1"));
    let before = region.office(FIRST).hearing().repeats();
    for _ in 0..5 {
        deliver(&mut region, topic, frame.text());
    }
    assert_eq!(region.count(FIRST, "duty-note"), 1);
    assert_eq!(region.office(FIRST).hearing().repeats() - before, 4);
    assert_eq!(region.replies.len(), 1);
}

#[test]
fn a_message_re_published_elsewhere_or_altered_is_refused_at_the_edge() {
    let mut region = Region::up(Setting::default());
    let before = written(&region);
    let theirs = Topic::Command(party(SECOND));
    let frame = region.speak(&operator(SECOND), theirs, note("n-1"));
    deliver(&mut region, Topic::Command(party(FIRST)), frame.text());
    assert_eq!(region.alarms_of("R02"), 1, "signed for another topic");
    let topic = Topic::Command(party(FIRST));
    let frame = region.speak(&operator(FIRST), topic, note("n-2"));
    deliver(&mut region, topic, &frame.text().replace("n-2", "n-3"));
    assert_eq!(
        region.alarms_of("R07"),
        1,
        "the body is not the one that was signed"
    );
    let report = Direct::Field(protocol::FieldMessage {
        report: FieldReport::Call(Box::new(call(FIRST, "call-1", 1, region.now))),
    });
    let frame = region.speak(GROUND, topic, report);
    deliver(&mut region, topic, frame.text());
    assert_eq!(
        region.alarms_of("R07"),
        2,
        "a field report among the commands"
    );
    assert_eq!(written(&region), before);
}

#[test]
fn a_text_that_steers_a_terminal_is_written_without_and_counted() {
    let mut region = Region::up(Setting::default());
    let topic = Topic::Command(party(FIRST));
    let frame = region.speak(
        &operator(FIRST),
        topic,
        note_of("n-1", "pier\u{1b}[2J closed"),
    );
    deliver(&mut region, topic, frame.text());
    assert_eq!(region.office(FIRST).hearing().refused()["R18"], 1);
    let own = region.own(FIRST);
    let written = own.iter().rev().find_map(|entry| match entry.body() {
        Some(Body::DutyNote(note)) => Some(note.text.clone()),
        _ => None,
    });
    assert_eq!(written.as_deref(), Some("pier[2J closed"));
}

#[test]
fn who_tells_of_a_person_is_told_so_and_what_was_said_is_counted_there_and_elsewhere() {
    let mut region = Region::up(Setting::default());
    let topic = Topic::Command(party(FIRST));
    let text = "caller 13812345678";
    let frame = region.speak(&operator(FIRST), topic, note_of("n-1", text));
    deliver(&mut region, topic, frame.text());
    let Some(Outcome::Done { remark, .. }) = region.replies.last().map(|it| &it.outcome) else {
        panic!("the note was not taken: {:?}", region.replies);
    };
    assert!(remark.as_ref().unwrap().en.contains("mobile number"));
    region.run(Span::minutes(2));
    for office in [FIRST, SECOND] {
        let refused = region.office(office).hearing().refused();
        assert_eq!(refused["R19"], 1, "at {office}");
    }
}

#[test]
fn a_stranger_s_signature_another_network_and_another_mode_are_refused() {
    let mut region = Region::up(Setting::default());
    let before = written(&region);
    let topic = Topic::Command(party(FIRST));
    let forger = Signer::new(party(&operator(FIRST)), Suite::Virtual, Hash::of(b"x").0);
    let times = (Wall::at(region.now), Span::minutes(5));
    let net = network().id;
    let speak = |net, mode, signer: &Signer| {
        let mut speaker = Speaker::new(net, mode, signer.clone(), 3);
        Frame::direct(&mut speaker, net, topic, note("n-1"), times)
    };
    let honest = signer(&operator(FIRST));
    let other = "drill-2".parse().unwrap();
    let frames = [
        (speak(net, Mode::Exercise, &forger), "R02"),
        (speak(other, Mode::Exercise, &honest), "R01"),
        (speak(net, Mode::Actual, &honest), "R01"),
    ];
    for (frame, code) in frames {
        let before = region.alarms_of(code);
        deliver(&mut region, topic, frame.text());
        assert_eq!(region.alarms_of(code), before + 1, "{code}");
    }
    assert_eq!(written(&region), before);
}

#[test]
fn what_is_too_large_or_no_text_or_no_line_is_refused() {
    let mut region = Region::up(Setting::default());
    let before = written(&region);
    let topic = Topic::Command(party(FIRST));
    deliver(&mut region, topic, &"x".repeat(limit::PAYLOAD_BYTES + 1));
    deliver(&mut region, topic, "not a line");
    deliver(&mut region, Topic::Log(party(SECOND)), "not a head");
    let full = topic.on(network().id);
    region.hear(Region::index(FIRST), &full, &[0xff, 0xfe]);
    assert_eq!(region.alarms_of("R07"), 4);
    assert_eq!(written(&region), before);
}

#[test]
fn an_append_with_a_forged_entry_gives_its_true_ones_and_counts_the_other() {
    let mut region = Region::up(Setting::default());
    region.cut(&Region::indexes(&[FIRST]), &Region::others(&[FIRST]));
    region.said.clear();
    region.call(SECOND, "call-1", 1);
    region.run(Span::seconds(1));
    let appended = region.said.iter().find_map(|(_, from, frame)| {
        let is_log = frame.topic() == Topic::Log(party(SECOND));
        (*from == party(SECOND) && is_log).then(|| frame.text().to_string())
    });
    let spoiled = format!("{}\nforged\tbody\t00", appended.unwrap());
    deliver(&mut region, Topic::Log(party(SECOND)), &spoiled);
    let office = region.office(FIRST);
    assert_eq!(office.hearing().refused()["R07"], 1);
    let state = office.picture().state(party(SECOND)).unwrap();
    assert_eq!(state.incidents.len(), 1);
}

#[test]
fn a_report_about_another_s_unit_or_a_stock_as_a_unit_is_counted() {
    let mut setting = Setting::default();
    setting.stocks.push((FIRST, protocol::Kind::Foam, 9));
    let mut region = Region::up(setting);
    let before = written(&region);
    for (office, kind, code) in [
        (SECOND, protocol::Kind::FireRescue, "R10"),
        (FIRST, protocol::Kind::Foam, "R11"),
    ] {
        let report = protocol::UnitReport {
            unit: crate::cast::unit_id(office, kind, 1),
            state: protocol::UnitState::Lost,
            aid: None,
            fence: None,
            at: region.now,
            asked: None,
            point: crate::cast::seat(FIRST),
            eta: None,
            work_done: false,
        };
        region.report(GROUND, FIRST, FieldReport::Unit(report));
        region.run(Span::seconds(1));
        assert_eq!(region.office(FIRST).hearing().refused()[code], 1);
    }
    assert_eq!(written(&region), before);
}

#[test]
fn a_report_made_before_the_last_order_changes_nothing() {
    let mut region = Region::up(Setting::crews(1, 0, 0));
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(2));
    let unit = crate::cast::unit_id(FIRST, protocol::Kind::FireRescue, 1);
    let stale = protocol::UnitReport {
        unit,
        state: protocol::UnitState::Available,
        aid: None,
        fence: None,
        at: region.now,
        asked: None,
        point: crate::cast::seat(FIRST),
        eta: None,
        work_done: false,
    };
    let before = written(&region);
    region.report(GROUND, FIRST, FieldReport::Unit(stale));
    region.run(Span::seconds(1));
    assert_eq!(written(&region), before);
    assert_eq!(region.count(FIRST, "aid-commit"), 1);
}

#[test]
fn who_asks_for_the_same_again_and_again_at_once_is_sent_it_once() {
    let mut region = Region::up(Setting::default());
    let own = region.own(FIRST);
    let last = own.last().unwrap().header();
    let want = Want {
        log: last.log,
        from: 1,
        to: last.seq,
        state: None,
    };
    let topic = Topic::Want(party(FIRST));
    let filled = |region: &Region| {
        let fill = |frame: &Frame| frame.topic() == Topic::Fill(party(SECOND));
        let said = region.said.iter();
        said.filter(|(.., frame)| fill(frame)).count()
    };
    let before = filled(&region);
    for round in 1..=2 {
        for _ in 0..50 {
            let frame = region.speak(SECOND, topic, Direct::Want(want));
            let to = topic.on(network().id);
            region.hear(Region::index(FIRST), &to, frame.text().as_bytes());
        }
        region.run(Span::seconds(1));
        assert_eq!(filled(&region) - before, round);
        let refused = region.office(FIRST).hearing().refused()["R21"];
        assert_eq!(refused, 49 * u64::try_from(round).unwrap());
    }
}

/// A command of the first office's operator in a boot of its own, said at that time of its clock.
fn said(boot: u64, at: Wall, name: &str, text: &str) -> Frame {
    let operator = signer(&operator(FIRST));
    let mut speaker = Speaker::new(network().id, Mode::Exercise, operator, boot);
    let topic = Topic::Command(party(FIRST));
    Frame::direct(
        &mut speaker,
        network().id,
        topic,
        note_of(name, text),
        (at, COMMAND_LIFE),
    )
}

#[test]
fn a_command_is_known_again_behind_a_hundred_later_ones_of_other_shells() {
    let mut region = Region::up(Setting::default());
    let (start, topic) = (Wall::at(region.now), Topic::Command(party(FIRST)));
    let first = said(1_000, start, "first", "");
    deliver(&mut region, topic, first.text());
    for boot in 1..=100 {
        let name = format!("later-{boot}");
        deliver(&mut region, topic, said(boot, start, &name, "text").text());
    }
    let repeats = region.office(FIRST).hearing().repeats();
    deliver(&mut region, topic, first.text());
    assert_eq!(region.office(FIRST).hearing().repeats(), repeats + 1);
}
