//! Coming to life: epochs, seals, crashes, lost disks, twins, and what a reboot takes up again.

use std::sync::Arc;

use agents::{Office, Phase};
use protocol::{
    Autonomy, Body, Direct, FieldReport, Incarnation, Kind, Mode, Role, Said, Seal, Span, Topic,
    UnitReport, UnitState,
};

use crate::bus::Region;
use crate::cast::{
    FIRST, GROUND, SECOND, Setting, Straight, THIRD, WATCHER, chain, network, operator, party,
    signer, unit_id,
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
    region.run(Span::seconds(3));
    assert_eq!(*region.office(FIRST).phase(), Phase::Serving);
    region.call(FIRST, "call-1", 1);
    region.run(Span::seconds(1));
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
    for half_seconds in (0..90).step_by(3) {
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
fn a_booting_office_that_hears_a_live_twin_goes_read_only() {
    let mut region = Region::up(Setting::default());
    let twin = region.boot_twin(FIRST);
    region.run(Span::seconds(10));
    let phase = region.machines[twin]
        .office
        .as_ref()
        .unwrap()
        .phase()
        .clone();
    assert!(matches!(phase, Phase::ReadOnly { .. }), "{phase:?}");
    assert_eq!(*region.office(FIRST).phase(), Phase::Serving);
    assert_eq!(
        region.alarms_of("twin"),
        2,
        "each machine tells its people once"
    );
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(1));
    assert_eq!(region.count(FIRST, "incident"), 1);
    let entries = region.machines[twin].disk().len();
    assert!(entries > 10, "it keeps the logs all the same: {entries}");
    region.is_sound();
}

#[test]
fn two_machines_that_serve_behind_a_cut_end_with_one_that_writes() {
    let mut region = Region::up(Setting::default());
    let first = Region::index(FIRST);
    let twin = region.machines.len();
    region.machines.push(region.machines[first].twin());
    region.cut(&[twin], &[0, 1, 2, 3, 4]);
    region.forget_retained();
    region.boot(twin);
    region.run(Span::seconds(40));
    let serves = |region: &Region, index: usize| {
        *region.machines[index].office.as_ref().unwrap().phase() == Phase::Serving
    };
    assert!(serves(&region, first) && serves(&region, twin));
    region.heal();
    region.run(Span::minutes(3));
    assert!(
        !serves(&region, first) && serves(&region, twin),
        "the greater life stays"
    );
    assert!(region.alarms_of("twin") >= 1);
}

#[test]
fn an_old_machine_revived_is_fenced_by_the_terminal() {
    let mut region = Region::up(Setting::crews(1, 0, 0));
    let first = Region::index(FIRST);
    region.call(FIRST, "call-1", 1);
    region.run(Span::seconds(30));
    let unit = unit_id(FIRST, Kind::FireRescue, 1);
    let old = region
        .said
        .iter()
        .rev()
        .find_map(|(.., frame)| match frame.said() {
            Said::Direct {
                body: Direct::Order(order),
                ..
            } => Some(order.clone()),
            _ => None,
        });
    let old = old.unwrap();
    region.crash(first);
    region.boot(first);
    region.run_until("home", |region| region.count(FIRST, "returned") == 1);
    region.call(FIRST, "call-2", 1);
    region.run(Span::minutes(3));
    let (fence, served) = {
        let crew = &region.crews[&unit];
        (crew.fence, crew.served.clone())
    };
    // The order of the first life comes again, as its machine would send it.
    let frame = region.speak(FIRST, Topic::Order(party(FIRST)), Direct::Order(old));
    region.said.clear();
    region.publish(first, &Arc::new(frame));
    region.run(Span::seconds(5));
    let crew = &region.crews[&unit];
    assert_eq!((crew.fence, &crew.served), (fence, &served));
    assert_eq!(fence.unwrap().incarnation.epoch, 2);
}

#[test]
fn what_a_stranger_claims_of_an_office_s_life_does_not_stop_it() {
    let mut region = Region::up(Setting::default());
    let first = Region::index(FIRST);
    let log = protocol::LogKey {
        author: party(FIRST),
        incarnation: Incarnation {
            epoch: u32::MAX,
            nonce: 9,
        },
    };
    // In a signed digest of somebody else, and in the unsigned head of an append.
    let digest = protocol::Digest {
        incarnation: Incarnation { epoch: 1, nonce: 1 },
        logs: vec![(log, 5, protocol::Hash::of(b"no"))],
        drill: region.now,
    };
    let frame = region.speak(GROUND, Topic::Digest(party(GROUND)), Direct::Digest(digest));
    let topic = Topic::Digest(party(GROUND)).on(network().id);
    region.hear(first, &topic, frame.text().as_bytes());
    let head = protocol::Head {
        log,
        seq: 9,
        hash: protocol::Hash::of(b"no"),
    };
    let head = serde_json::to_string(&head).unwrap();
    let topic = Topic::Log(party(FIRST)).on(network().id);
    region.hear(first, &topic, head.as_bytes());
    region.run(Span::minutes(2));
    assert_eq!(*region.office(FIRST).phase(), Phase::Serving);
    assert_eq!(region.alarms_of("twin"), 0);
    // Its next boot does not stumble over the greatest epoch there is.
    region.crash(first);
    region.boot(first);
    let again = region.office(FIRST).incarnation();
    assert!(again.epoch >= 1);
}

#[test]
fn an_entry_of_a_greater_life_signed_with_the_office_s_key_stops_it() {
    let mut region = Region::up(Setting::default());
    let life = Incarnation { epoch: 7, nonce: 1 };
    let entries = chain(FIRST, life, vec![Body::Seal(Seal { predecessor: None })]);
    let head = protocol::Head {
        log: entries[0].header().log,
        seq: 1,
        hash: entries[0].hash(),
    };
    let frame = protocol::Frame::append(network().id, head, entries);
    let topic = Topic::Log(party(FIRST)).on(network().id);
    region.hear(Region::index(FIRST), &topic, frame.text().as_bytes());
    let phase = region.office(FIRST).phase().clone();
    assert_eq!(phase, Phase::ReadOnly { other: life });
    assert_eq!(region.alarms_of("twin"), 1);
}

#[test]
fn the_word_that_a_broker_kept_of_a_sealed_life_is_no_twin() {
    let mut region = Region::up(Setting::default());
    let first = Region::index(FIRST);
    let kept = region.said.iter().rev().find_map(|(_, from, frame)| {
        let is_presence = matches!(frame.topic(), Topic::Presence(_));
        (*from == party(FIRST) && is_presence).then(|| Arc::clone(frame))
    });
    let kept = kept.unwrap();
    region.crash(first);
    region.boot(first);
    region.run(Span::seconds(10));
    assert_eq!(*region.office(FIRST).phase(), Phase::Serving);
    // Another bus comes up, and its broker hands out what it kept.
    let topic = kept.topic().on(network().id);
    region.hear(first, &topic, kept.text().as_bytes());
    region.run(Span::seconds(5));
    assert_eq!(region.alarms_of("twin"), 0);
    assert_eq!(*region.office(FIRST).phase(), Phase::Serving);
}

#[test]
fn act_is_refused_on_an_actual_network() {
    let office = |mode, autonomy| {
        let mut config = Setting::default().config(FIRST);
        config.network.mode = mode;
        config.autonomy = autonomy;
        Office::new(config, Box::new(agents::Nearest), Box::new(Straight))
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
    assert!(Office::new(config, Box::new(agents::Nearest), Box::new(Straight)).is_err());
    let mut config = Setting::default().config(FIRST);
    config.signer = signer(SECOND);
    assert!(Office::new(config, Box::new(agents::Nearest), Box::new(Straight)).is_err());
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
    let outcome = region.act(FIRST, "r-1", protocol::Action::Proposals);
    let protocol::Outcome::Proposals { proposals } = outcome else {
        unreachable!("{outcome:?}")
    };
    assert_eq!(proposals.len(), 1);
    assert_eq!(proposals[0].resource, unit_id(FIRST, Kind::FireRescue, 1));
    assert!(!proposals[0].reason_zh.is_empty() && !proposals[0].reason_en.is_empty());
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
        point: crate::cast::seat(THIRD),
        eta: None,
        work_done: false,
    };
    region.report(GROUND, WATCHER, FieldReport::Unit(report));
    region.run(Span::seconds(2));
    assert_eq!(region.own(WATCHER).len(), 0);
    assert!(operator(WATCHER).len() <= 20);
}
