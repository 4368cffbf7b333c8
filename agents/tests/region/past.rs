//! An office with nothing of its own on its disk: whether it is new, or has lost what it said.

use agents::Phase;
use protocol::{Action, Body, Seal, Span};

use crate::bus::Region;
use crate::cast::{FIRST, SECOND, Setting, party};

fn serves(region: &Region) -> bool {
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
