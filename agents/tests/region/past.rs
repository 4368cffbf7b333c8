//! An office with nothing of its own on its disk: whether it is new, or has lost what it said.

use std::sync::Arc;

use agents::Phase;
use protocol::{Action, Body, Direct, Envelope, Frame, Head, LogKey, Outcome, Seal, Span, Topic};

use crate::bus::Region;
use crate::cast::{FIRST, SECOND, Setting, network, party};
use crate::logs::append;
use crate::outlived::{counts, note};
use crate::twins::of_a_copy;

pub(crate) fn serves(region: &Region) -> bool {
    *region.office(FIRST).phase() == Phase::Serving
}

/// The lives before each of an office's own, in the order of writing.
fn follows(region: &Region, office: &str) -> Vec<bool> {
    let own = region.own(office).into_iter();
    let seals = own.filter_map(|entry| match entry.body() {
        Some(Body::Seal(Seal { predecessor })) => Some(predecessor.is_some()),
        _ => None,
    });
    seals.collect()
}

#[test]
fn an_office_that_lost_its_disk_behind_a_cut_writes_nothing_before_it_has_its_log_back() {
    let mut region = Region::up(Setting::default());
    let first = Region::index(FIRST);
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(2));
    let before = region.own(FIRST).len();
    region.cut(&[first], &Region::others(&[FIRST]));
    region.crash(first);
    region.lose_disk(first);
    region.boot(first);
    // What others have said that they hold is still on its bus.
    region.run(Span::minutes(9));
    assert_eq!(region.alarms_of("past-unknown"), 0, "it may come yet");
    region.run(Span::minutes(50));
    assert!(!serves(&region), "{}", region.story());
    assert_eq!(region.own(FIRST).len(), 0, "nothing was written");
    assert_eq!(region.alarms_of("past-unknown"), 1, "told once");
    region.heal();
    region.run_until("service", serves);
    region.run(Span::minutes(2));
    assert!(region.own(FIRST).len() > before, "all of it is back");
    assert_eq!(follows(&region, FIRST), [false, true]);
    assert_eq!(region.count(FIRST, "incident"), 1, "the call stands");
    assert!(region.all_are_equal());
    region.is_sound();
}

#[test]
fn an_office_of_which_nobody_says_that_it_is_new_serves_when_its_operator_says_so() {
    let mut region = Region::dark(Setting::default(), 7);
    let first = Region::index(FIRST);
    region.lose_disk(first);
    region.boot(first);
    region.run(Span::seconds(29));
    assert_eq!(region.alarms_of("past-unknown"), 0);
    region.run(Span::hours(1));
    assert!(!serves(&region), "{}", region.story());
    assert_eq!(region.alarms_of("past-unknown"), 1, "told once");
    let machine = region.told_machine();
    let note = Action::Note {
        incident: None,
        text: "x".to_owned(),
        at: None,
    };
    let told = region.refused(FIRST, "r-0", note);
    let remedy = format!("liandong command take-over --machine {machine:016x}");
    assert!(told.ends_with(&remedy), "{told}");
    region.done(FIRST, "r-1", Action::TakeOver { machine });
    assert!(serves(&region));
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(1));
    assert_eq!(region.count(FIRST, "aid-commit"), 1);
}

#[test]
fn an_office_of_which_nobody_says_that_it_is_new_serves_when_another_knows_of_no_life_of_it() {
    let mut region = Region::dark(Setting::default(), 7);
    let first = Region::index(FIRST);
    region.lose_disk(first);
    region.boot(first);
    region.run(Span::minutes(1));
    assert!(!serves(&region), "{}", region.story());
    region.boot(Region::index(SECOND));
    region.run(Span::seconds(60));
    assert!(!serves(&region), "others may know more");
    region.run(Span::seconds(60));
    assert!(serves(&region), "{}", region.story());
    assert_eq!(follows(&region, FIRST), [false]);
}

/// The first city is back from an old image: it hears everybody, and nobody hears what it asks for.
fn restored_and_unheard() -> Region {
    let mut region = Region::up(Setting::default());
    let first = Region::index(FIRST);
    let kept = region.machines[first].disk().len();
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(3));
    region.crash(first);
    region.machines[first].restore(kept);
    region.boot(first);
    region.mute(first);
    region.run(Span::minutes(20));
    region
}

#[test]
fn an_office_that_is_not_heard_waits_for_what_others_hold_of_its_log() {
    let mut region = restored_and_unheard();
    assert!(!serves(&region), "{}", region.story());
    assert_eq!(region.alarms_of("past-unknown"), 1, "told once");
    region.heal();
    region.run(Span::minutes(3));
    assert!(serves(&region), "{}", region.story());
    let seen = region.office(SECOND).picture().state(party(FIRST)).unwrap();
    assert_eq!(seen.incidents.len(), 1, "what others held stands");
}

#[test]
fn operators_say_that_what_others_hold_of_a_log_does_not_come_back() {
    let mut region = restored_and_unheard();
    assert!(!serves(&region), "{}", region.story());
    let machine = region.told_machine();
    region.done(FIRST, "r-1", Action::TakeOver { machine });
    region.run(Span::minutes(1));
    assert!(serves(&region), "{}", region.story());
}

/// A note is entered and said to be held by so many others: the entry.
fn acknowledged(region: &mut Region, by: usize) -> (LogKey, u64) {
    let done = region.act(FIRST, "n-1", note("the dam holds"));
    assert!(matches!(done, Outcome::Done { .. }), "{done:?}");
    region.run(Span::seconds(90));
    let done = region.act(FIRST, "n-1", note("the dam holds"));
    let Outcome::Done {
        log, seq, held_by, ..
    } = done
    else {
        unreachable!("{done:?}");
    };
    assert_eq!(held_by.len(), by, "{held_by:?}");
    (log, seq)
}

/// What the first office wrote, as it stands on its disk.
fn own_on_disk(region: &Region) -> Vec<Arc<Envelope>> {
    let disk = region.machines[Region::index(FIRST)].disk().iter();
    let own = disk.filter(|it| it.header().log.author == party(FIRST));
    own.cloned().collect()
}

#[test]
fn what_one_peer_holds_comes_back_though_another_that_lags_is_heard_first() {
    let mut region = Region::up(Setting::default());
    let (first, second) = (Region::index(FIRST), Region::index(SECOND));
    // The first two are cut off from the rest, together.
    region.cut(&[first, second], &Region::others(&[FIRST, SECOND]));
    let entry = acknowledged(&mut region, 1);
    // The machine burns, and with it a broker that kept what was said. All lines are whole from now on, and
    // everybody else is up all the time; the second office has just said what it holds.
    let said = region.said_of(SECOND, |body| matches!(body, Direct::Digest(_)));
    region.run_until("a digest of the second", |region| {
        region.said_of(SECOND, |body| matches!(body, Direct::Digest(_))) > said
    });
    region.run(Span::seconds(1));
    region.crash(first);
    region.lose_disk(first);
    region.forget_retained();
    region.heal();
    region.boot(first);
    region.run(Span::minutes(20));
    assert!(serves(&region) && counts(&region, entry));
}

/// The first office is restored from an image that lacks the last note, which all peers hold, and its
/// broker has lost what it kept. All lines are whole and everybody is up.
#[test]
fn an_image_makes_nothing_void_because_nobody_spoke_for_two_seconds() {
    let mut region = Region::up(Setting::default());
    let first = Region::index(FIRST);
    let image = region.machines[first].disk().len();
    let entry = acknowledged(&mut region, 3);
    region.run(Span::seconds(10));
    region.crash(first);
    region.machines[first].restore(image);
    region.forget_retained();
    region.boot(first);
    region.run(Span::minutes(20));
    assert!(serves(&region) && counts(&region, entry));
}

#[test]
fn an_office_that_kept_its_disk_and_hears_nobody_serves_after_a_while_and_says_so() {
    let mut region = Region::up(Setting::default());
    let first = Region::index(FIRST);
    region.crash(first);
    region.cut(&[first], &Region::others(&[FIRST]));
    region.forget_retained();
    region.boot(first);
    region.run(Span::seconds(25));
    let phase = region.office(FIRST).phase();
    assert!(matches!(phase, Phase::Listening { .. }), "{phase:?}");
    region.run(Span::seconds(10));
    assert!(serves(&region), "{}", region.story());
    assert_eq!(region.alarms_of("alone"), 1, "{:?}", region.alarms);
}

#[test]
fn a_lost_disk_to_which_an_older_stick_was_brought_waits_for_who_may_have_more() {
    let mut region = Region::up(Setting::default());
    let first = Region::index(FIRST);
    let stick = own_on_disk(&region);
    let entry = acknowledged(&mut region, 3);
    region.crash(first);
    region.lose_disk(first);
    region.forget_retained();
    region.cut(&[first], &Region::others(&[FIRST]));
    region.boot(first);
    region.run(Span::seconds(5));
    let last = stick.last().unwrap();
    let head = Head {
        log: last.header().log,
        seq: last.header().seq,
        hash: last.hash(),
    };
    let frame = Frame::append(network().id, head, stick);
    let topic = Topic::Log(party(FIRST)).on(network().id);
    region.hear(first, &topic, frame.text().as_bytes());
    region.run(Span::minutes(5));
    let phase = region.office(FIRST).phase();
    assert!(matches!(phase, Phase::Listening { .. }), "{phase:?}");
    assert_eq!(region.alarms_of("past-unknown"), 1, "{:?}", region.alarms);
    region.heal();
    region.run(Span::minutes(5));
    assert!(serves(&region) && counts(&region, entry));
}

/// A copy of the first office's machine, made while it ran, has written further than the machine itself, which
/// wrote beside it; the second city holds what the copy wrote. The copy is gone.
fn beside_a_copy() -> (Region, usize) {
    let mut region = Region::up(Setting::default());
    let (first, second) = (Region::index(FIRST), Region::index(SECOND));
    let copied = of_a_copy(&region, 20);
    append(&mut region, SECOND, &copied);
    region.cut(&[second], &Region::others(&[SECOND]));
    region.done(FIRST, "n-1", note("the dam holds"));
    region.run(Span::seconds(5));
    region.heal();
    region.run(Span::minutes(3));
    (region, first)
}

#[test]
fn a_machine_that_was_copied_serves_at_each_start_after_it_took_over() {
    let (mut region, first) = beside_a_copy();
    region.crash(first);
    region.boot(first);
    region.run(Span::minutes(20));
    if !serves(&region) {
        let machine = region.told_machine();
        region.done(FIRST, "t-1", Action::TakeOver { machine });
    }
    region.run(Span::minutes(10));
    assert!(serves(&region));
    region.crash(first);
    region.boot(first);
    region.run(Span::minutes(60));
    assert!(
        serves(&region),
        "an hour after its second start: {:?}",
        region.alarms
    );
}
