//! Coming to life: epochs, seals, crashes, lost disks, twins, and what a reboot takes up again.

use agents::{Office, Phase};
use protocol::{
    Autonomy, Body, FieldReport, Incarnation, Kind, Mode, Role, Seal, Span, UnitReport, UnitState,
};

use crate::bus::Region;
use crate::cast::{
    FIRST, GROUND, SECOND, Setting, Straight, THIRD, WATCHER, operator, party, signer, unit_id,
};

fn seals(region: &Region, office: &str) -> Vec<(Incarnation, Option<(Incarnation, u64)>)> {
    let own = region.own(office).into_iter();
    let seals = own.filter_map(|entry| match entry.body() {
        Some(Body::Seal(Seal { predecessor })) => {
            let before = predecessor.map(|it| (it.log.incarnation, it.seq));
            Some((entry.header().log.incarnation, before))
        }
        _ => None,
    });
    seals.collect()
}

#[test]
fn an_office_that_boots_seals_its_predecessor_and_takes_a_higher_epoch() {
    let mut region = Region::up(Setting::default());
    let first = Region::index(FIRST);
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(1));
    let written = region.own(FIRST).len() as u64;
    region.crash(first);
    region.run(Span::seconds(5));
    region.boot(first);
    region.run(Span::seconds(10));
    let seals = seals(&region, FIRST);
    let [(one, None), (two, Some((before, seq)))] = seals.as_slice() else {
        unreachable!("{seals:?}")
    };
    assert_eq!((one.epoch, two.epoch), (1, 2));
    assert_eq!((before, *seq), (one, written));
    assert_eq!(
        region.office(SECOND).picture().incarnation(party(FIRST)),
        Some(*two)
    );
    assert_eq!(
        region.count(FIRST, "resource"),
        2,
        "the inventory is not written again"
    );
    assert_eq!(region.alarms.len(), 0, "{:?}", region.alarms);
    region.is_sound();
}

#[test]
fn an_office_that_hears_nobody_serves_alone_after_a_while() {
    let mut region = Region::dark(Setting::default(), 7);
    let first = Region::index(FIRST);
    region.boot(first);
    assert!(matches!(
        region.office(FIRST).phase(),
        Phase::Listening { .. }
    ));
    region.run(Span::seconds(29));
    assert!(matches!(
        region.office(FIRST).phase(),
        Phase::Listening { .. }
    ));
    region.run(Span::seconds(4));
    assert_eq!(*region.office(FIRST).phase(), Phase::Serving);
    assert_eq!(region.alarms_of("alone"), 1, "it may be an old image");
    // Its crews are asked first, for nobody knows better.
    region.call(FIRST, "call-1", 1);
    region.run(Span::seconds(5));
    assert_eq!(region.count(FIRST, "aid-commit"), 1);
}

#[test]
fn an_office_that_lost_its_disk_gets_its_log_back_before_it_serves() {
    let mut region = Region::up(Setting::default());
    let first = Region::index(FIRST);
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(2));
    let before = region.own(FIRST).len();
    region.crash(first);
    region.lose_disk(first);
    region.boot(first);
    region.run_until("service", |region| {
        *region.office(FIRST).phase() == Phase::Serving
    });
    region.run(Span::seconds(2));
    assert!(
        region.own(FIRST).len() > before,
        "all of it is back, and a seal"
    );
    assert_eq!(seals(&region, FIRST).len(), 2);
    region.call(FIRST, "call-1", 1);
    region.run(Span::seconds(2));
    assert_eq!(
        region.count(FIRST, "aid-request"),
        1,
        "it remembers the call"
    );
    region.run(Span::minutes(30));
    assert_eq!(
        region.believed(FIRST, Kind::FireRescue, 1),
        UnitState::Available
    );
    region.is_sound();
}

#[test]
fn a_unit_that_serves_what_a_lost_disk_forgot_is_not_committed_and_called_home() {
    let mut region = Region::up(Setting::crews(1, 0, 0));
    let first = Region::index(FIRST);
    // Nobody hears of the commitment but the crew; then the disk is lost.
    region.cut(&[first], &Region::others(&[FIRST]));
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(2));
    region.crash(first);
    region.lose_disk(first);
    region.heal();
    region.boot(first);
    region.run(Span::minutes(2));
    assert_eq!(
        region.believed(FIRST, Kind::FireRescue, 1),
        UnitState::OutOfService
    );
    assert_eq!(region.alarms_of("amnesia"), 1);
    region.call(FIRST, "call-2", 1);
    region.run(Span::minutes(5));
    assert_eq!(region.count(FIRST, "aid-commit"), 0, "it is busy");
    region.run_until("the next service", |region| {
        region.count(FIRST, "aid-commit") == 1
    });
    region.run(Span::minutes(3));
    let crew = &region.crews[&unit_id(FIRST, Kind::FireRescue, 1)];
    assert_eq!(crew.served.len(), 2);
    assert_eq!(
        region.believed(FIRST, Kind::FireRescue, 1),
        UnitState::Working
    );
    region.is_sound();
}

#[test]
fn a_crash_in_the_middle_of_aid_loses_nothing_and_repeats_what_was_not_confirmed() {
    let mut region = Region::up(Setting::crews(0, 1, 0));
    let second = Region::index(SECOND);
    region.call(FIRST, "call-1", 1);
    region.run_until("the accept", |region| {
        region.count(FIRST, "aid-accept") == 1
    });
    // The commitment reaches the disk, and no order leaves.
    region.weather.loss = 100;
    region.run(Span::seconds(2));
    region.weather.loss = 0;
    let committed = region.count(SECOND, "aid-commit");
    region.crash(second);
    region.run(Span::seconds(20));
    region.boot(second);
    region.run(Span::minutes(3));
    assert!(committed <= 1);
    assert_eq!(region.count(SECOND, "aid-commit"), 1);
    let need = region.needs(FIRST)[0];
    assert_eq!(region.coverage(FIRST, need).covered, 1);
    let crew = &region.crews[&unit_id(SECOND, Kind::FireRescue, 1)];
    assert_eq!(crew.served.len(), 1, "the order was said again");
    region.run_until("the return", |region| region.count(SECOND, "returned") == 1);
    region.is_sound();
}

#[test]
fn crashes_at_every_moment_of_aid_end_with_the_unit_served_and_home() {
    for half_seconds in (0..90).step_by(6) {
        let mut region = Region::up(Setting::crews(0, 1, 0));
        region.call(FIRST, "call-1", 1);
        region.run(Span::millis(half_seconds * 500 + 27));
        for office in [FIRST, SECOND] {
            region.crash(Region::index(office));
        }
        region.run(Span::seconds(1));
        for office in [FIRST, SECOND] {
            region.boot(Region::index(office));
        }
        // A call that was never answered is made again, as call systems do.
        if region.replies.is_empty() {
            region.run(Span::seconds(5));
            region.call(FIRST, "call-1", 1);
        }
        let what = format!("the return after a crash at {half_seconds}");
        region.run_until(&what, |region| region.count(SECOND, "returned") >= 1);
        assert_eq!(region.count(FIRST, "incident"), 1, "after {half_seconds}");
        let crew = &region.crews[&unit_id(SECOND, Kind::FireRescue, 1)];
        assert_eq!(crew.served.len(), 1, "after {half_seconds}");
        region.is_sound();
    }
}

#[test]
fn act_is_refused_on_an_actual_network() {
    let office = |mode, autonomy| {
        let mut config = Setting::default().config(FIRST);
        config.network.mode = mode;
        config.autonomy = autonomy;
        Office::new(config, Box::new(Straight))
    };
    let error = office(Mode::Actual, Autonomy::Act).unwrap_err();
    assert!(
        error.to_string().contains("set autonomy to \"advise\""),
        "{error}"
    );
    assert!(office(Mode::Actual, Autonomy::Advise).is_ok());
    assert!(office(Mode::Exercise, Autonomy::Act).is_ok());
    let mut config = Setting::default().config(FIRST);
    config.member.role = Role::Operator;
    assert!(Office::new(config, Box::new(Straight)).is_err());
    let mut config = Setting::default().config(FIRST);
    config.signer = signer(SECOND);
    assert!(Office::new(config, Box::new(Straight)).is_err());
}

#[test]
fn an_office_that_advises_proposes_and_sleeps() {
    let mut setting = Setting::crews(1, 1, 0);
    setting.autonomy = Autonomy::Advise;
    let mut region = Region::up(setting);
    region.call(FIRST, "call-1", 2);
    region.run(Span::minutes(10));
    assert_eq!(region.count(FIRST, "aid-commit"), 0, "people decide");
    let turns = region.turns;
    region.run(Span::minutes(10));
    let busy = region.turns - turns;
    assert!(busy < 400, "{busy} turns in ten quiet minutes");
    let outcome = region.act(FIRST, "r-1", protocol::Action::Proposals { incident: None });
    let protocol::Outcome::Proposals { proposals, .. } = outcome else {
        unreachable!("{outcome:?}")
    };
    let steps: Vec<String> = proposals.iter().map(|it| it.step.told().en).collect();
    assert_eq!(steps.len(), 2, "{steps:?}");
    assert!(
        steps[0].starts_with("dispatch 990100-fire-rescue-1 x1"),
        "{steps:?}"
    );
    assert!(steps[1].starts_with("ask the circle"), "{steps:?}");
}

#[test]
fn an_observer_keeps_every_log_and_writes_none() {
    let mut region = Region::up(Setting::default());
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(1));
    assert_eq!(*region.office(WATCHER).phase(), Phase::Watching);
    assert!(region.all_are_equal());
    assert_eq!(region.own(WATCHER).len(), 0);
    let report = UnitReport {
        unit: unit_id(THIRD, Kind::FireRescue, 1),
        state: UnitState::Lost,
        aid: None,
        fence: None,
        at: region.now,
        asked: None,
        point: crate::cast::seat(THIRD),
        eta: None,
        work_done: false,
    };
    region.report(GROUND, WATCHER, FieldReport::Unit(report));
    region.run(Span::seconds(2));
    assert_eq!(region.own(WATCHER).len(), 0);
    assert!(operator(WATCHER).len() <= 20);
}
