//! Clocks that differ: time is followed a little way and no further, and entries are taken anyhow.

use protocol::{
    Action, Body, DutyNote, Incarnation, Kind, Moment, OperatorCommand, Outcome, Seal, Span,
    UnitState, Wall,
};

use crate::bus::Region;
use crate::cast::{FIRST, SECOND, Setting, THIRD, chain_at, operator, unit_id};
use crate::logs::append;
use crate::people::{call, request};

/// Two offices that run, and two entries of a third whose clock is so far ahead.
fn heard_from_ahead(ahead: Span) -> (Region, u64) {
    let mut region = Region::dark(Setting::default(), 7);
    for office in [FIRST, SECOND] {
        region.boot(Region::index(office));
    }
    region.run(Span::minutes(1));
    let hybrid = Wall::at(region.now + ahead).0 << 16;
    let life = Incarnation { epoch: 1, nonce: 9 };
    let seal = Body::Seal(Seal { predecessor: None });
    let note = Body::DutyNote(DutyNote {
        incident: None,
        by: "desk".into(),
        text: "early".into(),
        at: Moment(1),
    });
    append(
        &mut region,
        FIRST,
        &chain_at(THIRD, life, hybrid, vec![seal, note]),
    );
    region.call(FIRST, "call-1", 1);
    region.run(Span::seconds(5));
    (region, hybrid)
}

/// The hybrid time of the last entry of the first office.
fn last_of_first(region: &Region) -> u64 {
    let disk = region.machines[Region::index(FIRST)].disk().iter();
    let own = disk.filter(|entry| entry.header().log.author == crate::cast::party(FIRST));
    own.map(|entry| entry.header().hlc).next_back().unwrap()
}

#[test]
fn what_an_office_writes_comes_after_what_it_has_read() {
    let (region, hybrid) = heard_from_ahead(Span::seconds(50));
    assert!(last_of_first(&region) > hybrid);
    assert_eq!(region.alarms_of("R20"), 0);
}

#[test]
fn a_clock_more_than_a_minute_ahead_is_told_once_and_not_followed() {
    let (mut region, hybrid) = heard_from_ahead(Span::hours(2));
    assert!(last_of_first(&region) < hybrid);
    let told = region.alarms_of("R20");
    assert!((1..=2).contains(&told), "{told} alarms of two offices");
    let version = region.office(FIRST).picture().version();
    let theirs = version
        .iter()
        .filter(|(log, _)| log.author == crate::cast::party(THIRD));
    assert_eq!(
        theirs.map(|(_, (seq, _))| *seq).max(),
        Some(2),
        "taken all the same"
    );
    region.run(Span::minutes(5));
    assert!(region.alarms_of("R20") <= 2);
}

#[test]
fn an_office_whose_clock_was_set_back_goes_on_where_it_was() {
    let mut region = Region::up(Setting::default());
    region.call(FIRST, "call-1", 1);
    region.run(Span::seconds(5));
    let before = last_of_first(&region);
    let first = Region::index(FIRST);
    region.crash(first);
    region.now = Moment(region.now.0 - Span::seconds(30).0);
    region.boot(first);
    region.run(Span::seconds(30));
    assert!(last_of_first(&region) > before);
}

#[test]
fn a_clock_that_was_ahead_once_does_not_keep_a_unit_without_a_terminal_from_being_entered() {
    let mut region = Region::dark(Setting::crews(1, 0, 0), 7);
    let first = Region::index(FIRST);
    region.crews.clear();
    region.boot(first);
    region.run(Span::minutes(1));
    let state = |state| Action::UnitStatus {
        unit: unit_id(FIRST, Kind::FireRescue, 1),
        state,
        caller: "crew leader".into(),
        called_at: None,
    };
    region.crash(first);
    // For a quarter of an hour its clock is a month ahead.
    let month = Span::hours(24 * 30);
    region.now += month;
    region.boot(first);
    region.run(Span::minutes(15));
    region.done(FIRST, "r-1", state(UnitState::OutOfService));
    region.crash(first);
    region.now = region.now - month;
    region.boot(first);
    region.run(Span::minutes(15));
    let said = region.act(FIRST, "r-2", state(UnitState::Available));
    assert!(matches!(said, Outcome::Done { .. }), "{said:?}");
}

/// What an operator asks whose clock is so far ahead of the office's.
fn asks_from_ahead(region: &mut Region, name: &str, (ahead, at): (Span, Span)) -> Outcome {
    let theirs = region.now + ahead;
    let mut told = call(FIRST, name, 1, theirs);
    told.received_at = theirs + at;
    told.occurred_at = theirs + at;
    let command = OperatorCommand {
        request: request(name),
        by: "duty officer".into(),
        action: Action::Report(Box::new(told)),
        asked_at: Some(theirs),
    };
    region.command(&operator(FIRST), FIRST, command);
    region.run(Span::seconds(1));
    region.replies.last().unwrap().outcome.clone()
}

#[test]
fn an_office_whose_clock_is_behind_takes_a_call_that_came_as_it_was_entered() {
    let mut region = Region::up(Setting::default());
    region.run(Span::minutes(1));
    // Half a minute more, so that what passes on the way does not show.
    let ahead = Span::seconds(20 * 60 + 30);
    let said = asks_from_ahead(&mut region, "r-1", (ahead, Span::seconds(0)));
    assert!(matches!(said, Outcome::Done { .. }), "{said:?}");
    let incident = region.incident(FIRST, "r-1");
    let report = &region
        .office(FIRST)
        .picture()
        .incident(incident)
        .unwrap()
        .report;
    assert!(report.occurred_at <= region.now && report.known_at <= region.now);
    // A time that was said is by the clock of whoever said it: what is wrong the answer tells.
    let said = asks_from_ahead(&mut region, "r-2", (ahead, Span::minutes(1)));
    let Outcome::Refused { reason } = said else {
        panic!("{said:?}");
    };
    let both = "21m ahead of this office's clock, which is 20m behind the clock of whoever asks";
    assert!(reason.contains(both), "{reason}");
}
