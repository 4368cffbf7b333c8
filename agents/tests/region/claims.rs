//! What others claim, keep and repeat: nothing is believed that is not signed by who would know, and
//! nothing is done twice or given out without end.

use std::sync::Arc;

use agents::Phase;
use protocol::{
    Action, Digest, Direct, FieldReport, Frame, Hash, Head, Incarnation, Kind, LogKey, Prefix,
    Said, Span, Topic, UnitReport, UnitState,
};

use crate::bus::Region;
use crate::cast::{FIRST, GROUND, SECOND, Setting, THIRD, VAN, party, seat, unit_id};

fn log_of(region: &Region, office: &str) -> LogKey {
    LogKey {
        author: party(office),
        incarnation: region.office(office).incarnation(),
    }
}

fn wants(region: &Region) -> usize {
    let all = [FIRST, SECOND, THIRD];
    let of = |office| region.said_of(office, |body| matches!(body, Direct::Want(_)));
    all.map(of).iter().sum()
}

/// A digest whose sender says to hold far more of a log than there is.
fn more_than_there_is(region: &Region, log: LogKey) -> Direct {
    Direct::Digest(Digest {
        plan: None,
        boots: Vec::new(),
        incarnation: Incarnation { epoch: 1, nonce: 1 },
        logs: vec![Prefix {
            log,
            seq: 5_000,
            head: Hash::of(b"no").mark(),
        }],
        drill: region.now,
    })
}

#[test]
fn an_office_is_no_peer_of_its_own_though_the_bus_gives_its_words_back() {
    let mut region = Region::up(Setting::default());
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(2));
    let log = log_of(&region, FIRST);
    let holding = region.office(FIRST).held_by(log, 1);
    assert!(!holding.contains(&party(FIRST)), "{holding:?}");
    assert!(holding.contains(&party(SECOND)), "{holding:?}");
}

#[test]
fn who_lost_its_disk_and_says_so_holds_nothing_any_more() {
    let mut region = Region::up(Setting::default());
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(2));
    let log = log_of(&region, FIRST);
    let digest = Digest {
        plan: None,
        boots: Vec::new(),
        incarnation: Incarnation { epoch: 2, nonce: 9 },
        logs: Vec::new(),
        drill: region.now,
    };
    let topic = Topic::Digest(party(THIRD));
    let frame = region.speak(THIRD, topic, Direct::Digest(digest));
    region.send(Region::index(FIRST), topic, frame.text());
    region.run(Span::millis(500));
    let holding = region.office(FIRST).held_by(log, 1);
    assert!(!holding.contains(&party(THIRD)), "{holding:?}");
    assert!(holding.contains(&party(SECOND)), "{holding:?}");
}

#[test]
fn the_head_of_an_append_is_nobody_s_word_and_nobody_asks_for_what_it_invents() {
    let mut region = Region::up(Setting::default());
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(2));
    let before = wants(&region);
    let genuine = region.said.iter().rev().find_map(|(_, from, frame)| {
        let is_log = matches!(frame.said(), Said::Append { .. });
        (*from == party(FIRST) && is_log).then(|| Arc::clone(frame))
    });
    let genuine = genuine.unwrap();
    let Said::Append { head, .. } = genuine.said() else {
        unreachable!("it was looked for");
    };
    let forged = Head {
        seq: u64::MAX,
        ..*head
    };
    let (_, entries) = genuine.text().split_once('\n').unwrap();
    let text: Arc<str> = format!("{}\n{entries}", serde_json::to_string(&forged).unwrap()).into();
    for office in [FIRST, SECOND, THIRD] {
        region.send(Region::index(office), genuine.topic(), &text);
    }
    region.run(Span::minutes(2));
    assert_eq!(wants(&region), before);
    for office in [FIRST, SECOND, THIRD] {
        let log = region.office(office).picture().log(head.log).unwrap();
        assert_eq!(log.missing(), 0, "at {office}");
    }
}

#[test]
fn an_office_asks_nobody_for_more_of_its_own_log_than_it_wrote() {
    let mut region = Region::up(Setting::default());
    let log = log_of(&region, FIRST);
    let topic = Topic::Digest(party(THIRD));
    let digest = more_than_there_is(&region, log);
    let frame = region.speak(THIRD, topic, digest);
    region.send(Region::index(FIRST), topic, frame.text());
    region.run(Span::minutes(2));
    let known = region.office(FIRST).picture().log(log).unwrap();
    assert_eq!(known.missing(), 0);
}

#[test]
fn who_claims_more_of_another_s_log_than_there_is_is_told_of_and_makes_no_gap() {
    let mut region = Region::up(Setting::default());
    let log = log_of(&region, SECOND);
    let missing = |region: &Region| region.office(FIRST).picture().log(log).unwrap().missing();
    // Its bearer has just said what it holds, and will not again for a minute.
    region.run(Span::minutes(3));
    let said = |region: &Region| region.said_of(THIRD, |body| matches!(body, Direct::Digest(_)));
    let before = said(&region);
    region.run_until("a digest of the third", |region| said(region) > before);
    for round in 0..12 {
        let topic = Topic::Digest(party(THIRD));
        let digest = more_than_there_is(&region, log);
        let frame = region.speak(THIRD, topic, digest);
        region.send(Region::index(FIRST), topic, frame.text());
        region.run(Span::seconds(1));
        assert_eq!(missing(&region) > 0, round < 10, "{round}");
    }
    assert_eq!(region.alarms_of("claim"), 1, "{:?}", region.alarms);
    // What its bearer says next takes the place of the claim.
    region.run(Span::minutes(2));
    let known = region.office(FIRST).picture().log(log).unwrap();
    assert_eq!(known.wanted().count(), 0);
}

#[test]
fn logs_of_nobody_that_a_digest_names_are_not_remembered() {
    let mut region = Region::up(Setting::default());
    let log = |nonce| LogKey {
        author: party("990900"),
        incarnation: Incarnation { epoch: 1, nonce },
    };
    let digest = Digest {
        plan: None,
        boots: Vec::new(),
        incarnation: Incarnation { epoch: 1, nonce: 1 },
        logs: (0..500)
            .map(|nonce| Prefix {
                log: log(nonce),
                seq: 9,
                head: Hash::default().mark(),
            })
            .collect(),
        drill: region.now,
    };
    let topic = Topic::Digest(party(THIRD));
    let frame = region.speak(THIRD, topic, Direct::Digest(digest));
    region.send(Region::index(FIRST), topic, frame.text());
    region.run(Span::seconds(1));
    let office = region.office(FIRST);
    assert!((0..500).all(|nonce| office.held_by(log(nonce), 9).is_empty()));
}

#[test]
fn a_command_that_comes_again_after_a_crash_is_answered_again_and_not_done_again() {
    let mut region = Region::up(Setting::default());
    let first = Region::index(FIRST);
    let note = || Action::Note {
        incident: None,
        text: "ferry pier closed".into(),
        at: None,
    };
    region.done(FIRST, "note-1", note());
    assert_eq!(region.count(FIRST, "duty-note"), 1);
    region.crash(first);
    region.boot(first);
    region.run(Span::minutes(2));
    assert_eq!(*region.office(FIRST).phase(), Phase::Serving);
    region.done(FIRST, "note-1", note());
    assert_eq!(region.count(FIRST, "duty-note"), 1);
    region.done(FIRST, "note-2", note());
    assert_eq!(region.count(FIRST, "duty-note"), 2);
}

#[test]
fn a_report_from_before_the_boot_does_not_tell_what_a_crew_does_now() {
    let mut region = Region::up(Setting::crews(1, 0, 0));
    let first = Region::index(FIRST);
    region.crash(first);
    let crews = std::mem::take(&mut region.crews);
    region.boot(first);
    region.run(Span::seconds(10));
    region.call(FIRST, "call-1", 1);
    for asked in [None, Some(1)] {
        let kept = UnitReport {
            unit: unit_id(FIRST, Kind::FireRescue, 1),
            state: UnitState::Available,
            aid: None,
            fence: None,
            at: region.now,
            asked,
            point: seat(FIRST),
            eta: None,
            work_done: false,
        };
        region.report(GROUND, FIRST, FieldReport::Unit(kept));
        region.run(Span::seconds(30));
        assert_eq!(region.count(FIRST, "aid-commit"), 0, "{asked:?}");
    }
    region.crews = crews;
    region.run(Span::minutes(5));
    assert_eq!(region.count(FIRST, "aid-commit"), 1, "its crew answers");
}

#[test]
fn a_digest_that_is_repeated_makes_nobody_doubt_and_one_of_who_keeps_no_log_counts_nothing() {
    let mut region = Region::up(Setting::default());
    let log = log_of(&region, SECOND);
    let missing = |region: &Region| region.office(FIRST).picture().log(log).unwrap().missing();
    // Its bearer has just said what it holds, and will not again for a minute.
    region.run(Span::minutes(3));
    let said = |region: &Region| region.said_of(THIRD, |body| matches!(body, Direct::Digest(_)));
    let before = said(&region);
    region.run_until("a digest of the third", |region| said(region) > before);
    let topic = Topic::Digest(party(VAN));
    let digest = more_than_there_is(&region, log);
    let frame = region.speak(VAN, topic, digest);
    region.send(Region::index(FIRST), topic, frame.text());
    region.run(Span::seconds(1));
    assert_eq!(missing(&region), 0);
    assert_eq!(region.office(FIRST).hearing().refused()["role"], 1);
    region.crash(Region::index(THIRD));
    let topic = Topic::Digest(party(THIRD));
    let digest = more_than_there_is(&region, log);
    let frame = region.speak(THIRD, topic, digest);
    for _ in 0..30 {
        region.send(Region::index(FIRST), topic, frame.text());
        region.run(Span::millis(100));
    }
    assert!(missing(&region) > 0, "one word, however often it comes");
    assert_eq!(region.alarms_of("claim"), 0);
}

/// The last frame of the first office that is such a one is said again once the office is gone: the second
/// does not think that it was heard.
fn moves_no_age_said_again(region: &mut Region, is_such: impl Fn(&Frame) -> bool) {
    let mut said = region.said.iter().rev();
    let genuine = said.find(|(_, from, frame)| *from == party(FIRST) && is_such(frame));
    let genuine = Arc::clone(&genuine.unwrap().2);
    region.crash(Region::index(FIRST));
    region.run(Span::minutes(5));
    let heard = |region: &Region| region.office(SECOND).keeping().heard()[&party(FIRST)].link;
    let before = heard(region);
    region.send(Region::index(SECOND), genuine.topic(), genuine.text());
    region.run(Span::seconds(1));
    assert_eq!(heard(region), before);
}

#[test]
fn an_old_presence_said_again_makes_nobody_think_that_its_office_was_heard() {
    let mut region = Region::up(Setting::default());
    let is_presence = |frame: &Frame| matches!(frame.topic(), Topic::Presence(_));
    moves_no_age_said_again(&mut region, is_presence);
}

#[test]
fn an_old_entry_said_again_makes_nobody_think_that_its_author_was_heard() {
    let mut region = Region::up(Setting::default());
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(2));
    let is_append = |frame: &Frame| matches!(frame.said(), Said::Append { .. });
    moves_no_age_said_again(&mut region, is_append);
}

/// The third office says once which logs it has.
fn third_has_only(region: &mut Region, logs: Vec<Prefix>) {
    let digest = Digest {
        plan: None,
        boots: Vec::new(),
        incarnation: Incarnation { epoch: 2, nonce: 9 },
        logs,
        drill: region.now,
    };
    let topic = Topic::Digest(party(THIRD));
    let frame = region.speak(THIRD, topic, Direct::Digest(digest));
    region.send(Region::index(FIRST), topic, frame.text());
    region.run(Span::millis(500));
}

#[test]
fn who_holds_another_entry_under_that_number_holds_none_of_it() {
    let mut region = Region::up(Setting::default());
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(2));
    let log = log_of(&region, FIRST);
    let seq = region.office(FIRST).picture().log(log).unwrap().prefix;
    let head = Hash::of(b"another").mark();
    third_has_only(&mut region, vec![Prefix { log, seq, head }]);
    assert_eq!(region.alarms_of("R04"), 1, "{:?}", region.alarms);
    let holding = region.office(FIRST).held_by(log, seq);
    assert!(!holding.contains(&party(THIRD)), "{holding:?}");
}

#[test]
fn who_lost_its_disk_and_names_logs_that_nobody_knows_here_holds_nothing_any_more() {
    let mut region = Region::up(Setting::default());
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(2));
    let log = log_of(&region, FIRST);
    let nobody = |nonce| LogKey {
        author: party("990900"),
        incarnation: Incarnation { epoch: 1, nonce },
    };
    let head = Hash::of(b"x").mark();
    let named = (0..20).map(|nonce| Prefix {
        log: nobody(nonce),
        seq: 1,
        head,
    });
    third_has_only(&mut region, named.collect());
    let holding = region.office(FIRST).held_by(log, 1);
    assert!(!holding.contains(&party(THIRD)), "{holding:?}");
}

#[test]
fn who_only_looks_on_is_no_peer_office() {
    let mut region = Region::up(Setting::default());
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(2));
    let log = log_of(&region, FIRST);
    let holding = region.office(FIRST).held_by(log, 1);
    assert!(
        !holding.contains(&party(crate::cast::WATCHER)),
        "{holding:?}"
    );
}
