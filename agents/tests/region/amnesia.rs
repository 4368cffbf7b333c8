//! What a crew has obeyed and its office's log has lost: the amnesia guard.

use agents::Phase;
use picture::AidState;
use protocol::{
    Action, Direct, Fence, FieldReport, Incarnation, Kind, Moment, Outcome, Span, Task, UnitReport,
    UnitState,
};

use crate::bus::Region;
use crate::cast::{FIRST, GROUND, SECOND, Setting, THIRD, party, seat, unit_id};

/// A dispatcher enters what the crew of the first office's unit said on the phone, now or at a time.
fn phoned(state: UnitState, called_at: Option<Moment>) -> Action {
    Action::UnitStatus {
        unit: unit_id(FIRST, Kind::FireRescue, 1),
        state,
        caller: "crew leader".into(),
        called_at,
    }
}

fn questions(region: &Region) -> usize {
    region.said_of(
        FIRST,
        |body| matches!(body, Direct::Order(order) if matches!(order.task, Task::Report { .. })),
    )
}

#[test]
fn an_order_is_not_said_again_before_the_disk_has_its_commitment() {
    let mut region = Region::up(Setting::crews(1, 0, 0));
    let unit = unit_id(FIRST, Kind::FireRescue, 1);
    region.sync = Span::minutes(10);
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(9));
    assert_eq!(region.crews[&unit].orders, 0);
    region.sync = Span::millis(5);
    region.run(Span::minutes(4));
    assert_eq!(
        region.crews[&unit].orders, 1,
        "the disk had it, and it was said once"
    );
    assert_eq!(region.crews[&unit].served.len(), 1);
    region.is_sound();
}

#[test]
fn a_first_life_asks_no_crew_and_a_later_one_asks_each_until_it_is_heard() {
    let mut region = Region::up(Setting::crews(2, 0, 0));
    let first = Region::index(FIRST);
    region.run(Span::minutes(5));
    assert_eq!(questions(&region), 0);
    region.crash(first);
    region.boot(first);
    region.run(Span::minutes(5));
    assert_eq!(questions(&region), 2);
    let crews = std::mem::take(&mut region.crews);
    region.crash(first);
    region.boot(first);
    region.run(Span::minutes(2));
    assert!(
        questions(&region) > 4,
        "nobody answers, so they are asked again"
    );
    region.crews = crews;
    region.run(Span::minutes(5));
    let asked = questions(&region);
    region.run(Span::minutes(60));
    assert_eq!(questions(&region), asked);
}

#[test]
fn a_rebooted_office_commits_no_unit_before_its_crew_or_a_dispatcher_was_heard() {
    let mut region = Region::up(Setting::crews(1, 0, 0));
    let first = Region::index(FIRST);
    region.crash(first);
    region.crews.clear();
    region.boot(first);
    region.run(Span::seconds(10));
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(3));
    assert_eq!(region.count(FIRST, "aid-commit"), 0);
    let read_back = phoned(UnitState::OutOfService, None);
    // A read-back that the office does not take proves nothing.
    let impossible = phoned(UnitState::Working, None);
    region.refused(FIRST, "r-0", impossible);
    region.run(Span::minutes(2));
    assert_eq!(region.count(FIRST, "aid-commit"), 0);
    region.done(FIRST, "r-1", read_back);
    let back = phoned(UnitState::Available, None);
    region.done(FIRST, "r-2", back);
    region.run(Span::seconds(5));
    assert_eq!(region.count(FIRST, "aid-commit"), 1);
}

#[test]
fn a_rebooted_office_declines_no_need_before_the_crews_that_could_serve_it_were_heard() {
    let mut region = Region::up(Setting::crews(0, 1, 0));
    let second = Region::index(SECOND);
    region.crash(second);
    let crews = std::mem::take(&mut region.crews);
    region.boot(second);
    region.run(Span::seconds(20));
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(2));
    assert_eq!(region.count(THIRD, "aid-decline"), 1, "it has no such unit");
    assert_eq!(
        region.count(SECOND, "aid-decline"),
        0,
        "its own may be free"
    );
    region.crews = crews;
    region.run_until("the commitment", |region| {
        region.count(SECOND, "aid-commit") == 1
    });
    region.is_sound();
}

#[test]
fn a_unit_that_is_home_is_free_although_the_log_has_lost_its_way_there() {
    let mut region = Region::up(Setting::crews(1, 0, 0));
    let first = Region::index(FIRST);
    region.call(FIRST, "call-1", 1);
    region.run_until("the commitment", |region| {
        region.count(FIRST, "aid-commit") == 1
    });
    region.run(Span::seconds(5));
    // What follows stands on this disk alone, and is lost with it.
    let others: Vec<usize> = (0..region.machines.len())
        .filter(|it| *it != first)
        .collect();
    region.cut(&[first], &others);
    let image = region.machines[first].disk().len();
    region.run(Span::minutes(30));
    region.over(FIRST, "call-1");
    region.run_until("the way home", |region| {
        region.count(FIRST, "returned") == 1
    });
    region.crash(first);
    region.machines[first].restore(image);
    region.heal();
    region.boot(first);
    region.run(Span::minutes(2));
    assert_eq!(
        region.believed(FIRST, Kind::FireRescue, 1),
        UnitState::Available
    );
    let state = region.office(FIRST).picture().state(party(FIRST)).unwrap();
    assert!(
        state
            .aids
            .values()
            .all(|aid| aid.state == AidState::Returned)
    );
}

#[test]
fn an_office_that_lost_its_disk_and_takes_over_commits_no_unit_before_its_crew_was_heard() {
    let mut region = Region::dark(Setting::crews(1, 0, 0), 7);
    let first = Region::index(FIRST);
    region.lose_disk(first);
    region.crews.clear();
    region.boot(first);
    region.run(Span::minutes(2));
    let machine = region.told_machine();
    region.done(FIRST, "r-1", Action::TakeOver { machine });
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(3));
    assert_eq!(region.count(FIRST, "aid-commit"), 0);
}

#[test]
fn what_a_crew_phoned_before_the_boot_and_is_entered_afterwards_does_not_tell_what_it_does_now() {
    let mut region = Region::up(Setting::crews(1, 0, 0));
    let first = Region::index(FIRST);
    region.run(Span::minutes(2));
    let before = region.now;
    region.run(Span::minutes(20));
    region.crash(first);
    region.crews.clear();
    region.boot(first);
    region.run(Span::seconds(10));
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(3));
    assert_eq!(region.count(FIRST, "aid-commit"), 0);
    region.done(FIRST, "r-1", phoned(UnitState::OutOfService, Some(before)));
    let next = before + Span::minutes(1);
    region.done(FIRST, "r-2", phoned(UnitState::Available, Some(next)));
    region.run(Span::minutes(1));
    assert_eq!(region.count(FIRST, "aid-commit"), 0);
}

#[test]
fn a_clock_that_was_set_back_does_not_make_a_call_from_before_the_boot_tell_of_now() {
    let mut region = Region::dark(Setting::crews(1, 0, 0), 7);
    let first = Region::index(FIRST);
    region.crews.clear();
    region.boot(first);
    region.run(Span::minutes(120));
    let phoned_at = region.now - Span::minutes(30);
    region.crash(first);
    // The machine starts with a clock that is an hour behind: an office on duty counts from there.
    region.now = region.now - Span::minutes(60);
    region.boot(first);
    region.run(Span::minutes(1));
    assert_eq!(*region.office(FIRST).phase(), Phase::Serving);
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(40));
    assert_eq!(region.count(FIRST, "aid-commit"), 0);
    let old = phoned(UnitState::Available, Some(phoned_at));
    let said = region.act(FIRST, "r-1", old);
    region.run(Span::minutes(2));
    assert_eq!(
        region.count(FIRST, "aid-commit"),
        0,
        "a unit is committed on a word from half an hour before the boot: {said:?}"
    );
    let Outcome::Done {
        remark: Some(remark),
        ..
    } = said
    else {
        panic!("{said:?}");
    };
    assert!(
        remark.en.contains("without the time of the call"),
        "{remark}"
    );
    // What it does now its crew says on the phone now.
    let now = phoned(UnitState::Available, None);
    region.done(FIRST, "r-2", now);
    region.run(Span::minutes(1));
    assert_eq!(region.count(FIRST, "aid-commit"), 1);
}

#[test]
fn a_need_that_was_declined_before_a_take_over_is_served_after_it() {
    let mut region = Region::up(Setting::crews(0, 1, 0));
    let unit = unit_id(SECOND, Kind::FireRescue, 1);
    let crews = std::mem::take(&mut region.crews);
    let report = UnitReport {
        unit,
        state: UnitState::Available,
        aid: None,
        fence: Some(Fence {
            incarnation: Incarnation { epoch: 3, nonce: 9 },
            command: 1,
        }),
        at: region.now,
        asked: None,
        point: seat(SECOND),
        eta: None,
        work_done: false,
    };
    region.report(GROUND, SECOND, FieldReport::Unit(report));
    region.run(Span::seconds(5));
    assert_eq!(region.alarms_of("twin"), 1, "{:?}", region.alarms);
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(2));
    assert_eq!(region.count(SECOND, "aid-commit"), 0);
    let machine = region.told_machine();
    region.done(SECOND, "t-1", Action::TakeOver { machine });
    region.crews = crews;
    region.run_until("the commitment", |region| {
        region.count(SECOND, "aid-commit") == 1
    });
}

#[test]
fn a_unit_that_serves_another_machine_s_commitment_under_an_id_of_ours_is_not_committed() {
    // The id is of one that is over here, or of one that binds the unit still.
    for is_over in [true, false] {
        let mut region = Region::up(Setting::crews(1, 0, 0));
        let unit = unit_id(FIRST, Kind::FireRescue, 1);
        region.call(FIRST, "call-1", 1);
        region.run(Span::minutes(1));
        if is_over {
            region.run_until("the return", |region| region.count(FIRST, "returned") == 1);
        }
        region.crews.clear();
        let office = region.office(FIRST);
        let own = office.picture().state(party(FIRST)).unwrap();
        let aid = *own.aids.keys().next().unwrap();
        let life = office.incarnation();
        let report = UnitReport {
            unit,
            state: UnitState::EnRouteOut,
            aid: Some(aid),
            fence: Some(Fence {
                incarnation: Incarnation {
                    nonce: u64::MAX,
                    ..life
                },
                command: 3,
            }),
            at: region.now,
            asked: None,
            point: seat(FIRST),
            eta: None,
            work_done: false,
        };
        region.report(GROUND, FIRST, FieldReport::Unit(report));
        region.run(Span::seconds(5));
        region.call(FIRST, "call-2", 1);
        region.run(Span::minutes(10));
        assert_eq!(region.count(FIRST, "aid-commit"), 1, "over: {is_over}");
        assert_eq!(
            region.count(FIRST, "returned"),
            1,
            "ours is over: {is_over}"
        );
        assert_eq!(
            region.believed(FIRST, Kind::FireRescue, 1),
            UnitState::OutOfService
        );
        assert_eq!(region.alarms_of("amnesia"), 1, "{:?}", region.alarms);
        assert_eq!(region.alarms_of("twin"), 1, "{:?}", region.alarms);
    }
}
