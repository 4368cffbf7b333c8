//! How long a booting office listens: until others have said what they hold, having heard of its boot.

use agents::{Input, LinkChange, Phase};
use protocol::{
    Action, Direct, FieldReport, Kind, LogKey, OperatorCommand, Outcome, Span, StockCount, Topic,
};

use crate::bus::Region;
use crate::cast::{
    FIRST, GROUND, SECOND, Setting, THIRD, WATCHER, network, operator, party, unit_id,
};
use crate::durable::more_than_a_disk_takes;
use crate::logs::append;
use crate::outlived::{counts, note};
use crate::past::serves;
use crate::people::{call, request};

/// The first office's line falls, or is back.
fn line(region: &mut Region, change: LinkChange) {
    let first = Region::index(FIRST);
    match change {
        LinkChange::Down => region.cut(&[first], &Region::others(&[FIRST])),
        LinkChange::Up => region.heal(),
    }
    let bus = region.buses.of(first)[0];
    region.tell(first, Input::Link(bus, change));
}

/// The first office has acknowledged a note that all others hold, since they last said what they hold;
/// then it crashed and was restored from an image without it.
fn image_without_what_others_hold() -> (Region, usize, (LogKey, u64)) {
    let mut region = Region::up(Setting::default());
    let first = Region::index(FIRST);
    let digests = |region: &Region| {
        let all = [SECOND, THIRD, WATCHER].into_iter();
        all.map(|office| region.said_of(office, |body| matches!(body, Direct::Digest(_))))
            .sum::<usize>()
    };
    region.run(Span::minutes(3));
    let image = region.machines[first].disk().len();
    let before = digests(&region);
    let Outcome::Done { log, seq, .. } = region.act(FIRST, "n-1", note("the dam holds")) else {
        unreachable!("{}", region.story());
    };
    region.run(Span::seconds(1));
    assert!(region.all_are_equal(), "the others hold it");
    assert_eq!(digests(&region), before, "what the broker keeps is older");
    region.crash(first);
    region.machines[first].restore(image);
    (region, first, (log, seq))
}

#[test]
fn an_image_makes_nothing_void_that_was_written_since_others_last_said_what_they_hold() {
    let (mut region, first, entry) = image_without_what_others_hold();
    region.boot(first);
    region.run(Span::minutes(20));
    assert!(serves(&region) && counts(&region, entry));
}

#[test]
fn an_image_whose_line_carries_one_way_makes_nothing_void() {
    let (mut region, first, entry) = image_without_what_others_hold();
    region.mute(first);
    region.boot(first);
    region.run(Span::minutes(3));
    region.heal();
    region.run(Span::minutes(20));
    assert!(
        serves(&region) && counts(&region, entry),
        "serves: {}, the entry counts: {}, alarms {:?}",
        serves(&region),
        counts(&region, entry),
        region.alarms
    );
}

#[test]
fn an_image_whose_line_falls_while_it_listens_makes_nothing_void() {
    let (mut region, first, entry) = image_without_what_others_hold();
    region.boot(first);
    region.run(Span::seconds(1));
    line(&mut region, LinkChange::Down);
    region.run(Span::seconds(20));
    let served = serves(&region);
    line(&mut region, LinkChange::Up);
    region.run(Span::minutes(20));
    assert!(
        counts(&region, entry),
        "served while no bus was there: {served}\n{}",
        region.story()
    );
}

#[test]
fn an_office_that_hears_what_its_broker_has_kept_and_nobody_else_says_that_it_is_alone() {
    let mut region = Region::up(Setting::default());
    let first = Region::index(FIRST);
    region.crash(first);
    region.cut(&[first], &Region::others(&[FIRST]));
    // Its own broker keeps what others said an hour ago.
    region.run(Span::minutes(60));
    region.boot(first);
    region.run(Span::seconds(25));
    let phase = region.office(FIRST).phase().clone();
    region.run(Span::minutes(3));
    assert!(
        matches!(phase, Phase::Listening { .. }) && region.alarms_of("alone") == 1,
        "{phase:?} {:?}",
        region.alarms
    );
}

#[test]
fn time_without_a_line_is_no_listening_after_a_lost_disk() {
    let mut region = Region::up(Setting::default());
    let (first, second) = (Region::index(FIRST), Region::index(SECOND));
    region.cut(&[first, second], &Region::others(&[FIRST, SECOND]));
    let Outcome::Done { log, seq, .. } = region.act(FIRST, "n-1", note("the dam holds")) else {
        unreachable!("{}", region.story());
    };
    region.run(Span::seconds(90));
    let Outcome::Done { held_by, .. } = region.act(FIRST, "n-1", note("the dam holds")) else {
        unreachable!("{}", region.story());
    };
    assert_eq!(held_by, [party(SECOND)]);
    region.crash(first);
    region.lose_disk(first);
    region.forget_retained();
    region.heal();
    // The second city's line is down for a minute more; the first hears the others for twenty seconds.
    region.cut(&[second], &Region::others(&[SECOND]));
    region.boot(first);
    region.run(Span::seconds(20));
    region.heal();
    line(&mut region, LinkChange::Down);
    region.run(Span::minutes(5));
    let served = serves(&region);
    line(&mut region, LinkChange::Up);
    region.run(Span::minutes(20));
    assert!(
        counts(&region, (log, seq)),
        "served while no bus was there: {served}\n{}",
        region.story()
    );
}

/// The disk is set back to what it was when the office was made: nothing of its own is on it, and the journal
/// says that it is new. The bus is its own and kept nothing; all others are there.
#[test]
fn an_image_from_the_day_of_the_founding_makes_nothing_void() {
    // Over a line that is slower than a bus takes to give what it keeps, too.
    for slow in [Span::ZERO, Span::millis(2_500), Span::seconds(6)] {
        let mut region = Region::dark(Setting::default(), 7);
        let first = Region::index(FIRST);
        let image = region.machines[first].disk().len();
        for index in 0..region.machines.len() {
            region.boot(index);
        }
        region.run(Span::minutes(3));
        let Outcome::Done { log, seq, .. } = region.act(FIRST, "n-1", note("the dam holds")) else {
            unreachable!("{}", region.story());
        };
        region.run(Span::minutes(3));
        assert!(region.all_are_equal(), "the others hold it");
        region.crash(first);
        region.machines[first].restore(image);
        region.forget_retained();
        region.weather.slow = slow;
        region.boot(first);
        region.run(Span::minutes(20));
        assert!(
            serves(&region) && counts(&region, (log, seq)),
            "{slow}: serves: {}, the entry counts: {}, alarms {:?}",
            serves(&region),
            counts(&region, (log, seq)),
            region.alarms
        );
    }
}

/// While an office listens, others send it more than its disk takes at once.
#[test]
fn an_image_whose_disk_is_slow_while_it_listens_makes_nothing_void() {
    let (mut region, first, entry) = image_without_what_others_hold();
    let all = more_than_a_disk_takes();
    region.sync = Span::minutes(1);
    region.boot(first);
    region.run(Span::seconds(1));
    for batch in all.chunks(30) {
        append(&mut region, FIRST, batch);
    }
    region.run(Span::seconds(30));
    let served = serves(&region);
    region.sync = Span::millis(5);
    region.run(Span::minutes(20));
    assert!(
        counts(&region, entry),
        "served by then: {served}; {:?}",
        region.office(FIRST).hearing().refused()
    );
}

/// An old machine of the first office is back whose disk has an entry beyond a seal: over a slow line it has
/// just heard of the later life, and serves. Its number.
fn old_machine_that_serves() -> (Region, usize) {
    let mut setting = Setting::crews(0, 0, 0);
    setting.stocks = vec![(FIRST, Kind::Sandbag, 100)];
    let mut region = Region::up(setting);
    let first = Region::index(FIRST);
    region.run(Span::minutes(3));
    let image = region.machines[first].disk().len();
    region.cut(&[first], &Region::others(&[FIRST]));
    region.done(FIRST, "n-1", note("behind the cut"));
    region.run(Span::seconds(5));
    let old = region.machines.len();
    let copy = region.machines[first].twin();
    region.machines.push(copy);
    region.crash(first);
    region.machines[first].restore(image);
    region.heal();
    region.boot(first);
    region.run(Span::minutes(2));
    assert!(serves(&region));
    let mut flood = call(FIRST, "call-1", 1, region.now);
    flood.requires[0].kind = Kind::Sandbag;
    flood.requires[0].quantity = 80;
    region.report(GROUND, FIRST, FieldReport::Call(Box::new(flood)));
    region.run(Span::minutes(3));
    assert_eq!(region.count(FIRST, "aid-commit"), 1);
    region.crash(first);
    region.run(Span::minutes(3));
    region.weather.slow = Span::seconds(4);
    region.boot(old);
    let phase = |region: &Region| {
        region.machines[old]
            .office
            .as_ref()
            .unwrap()
            .phase()
            .clone()
    };
    for _ in 0..90_000 {
        region.run(Span::millis(1));
        if phase(&region) == Phase::Serving {
            break;
        }
    }
    assert_eq!(phase(&region), Phase::Serving);
    region.weather.slow = Span(0);
    (region, old)
}

#[test]
fn an_office_serves_when_its_own_log_has_been_read_again() {
    let (mut region, old) = old_machine_that_serves();
    let office = |region: &Region| {
        region.machines[old]
            .office
            .as_ref()
            .unwrap()
            .picture()
            .clone()
    };
    assert!(office(&region).authors()[&party(FIRST)].is_current());
    let action = Action::Stock(StockCount {
        resource: unit_id(FIRST, Kind::Sandbag, 1),
        on_hand: 50,
        at: region.now,
        reason: "wet".into(),
        request: request("s-1"),
    });
    let command = OperatorCommand {
        request: request("s-1"),
        by: "duty officer".into(),
        action,
        asked_at: None,
    };
    let topic = Topic::Command(party(FIRST));
    let frame = region.speak(&operator(FIRST), topic, Direct::Command(command));
    region.hear(old, &topic.on(network().id), frame.text().as_bytes());
    region.run(Span::minutes(1));
    let state = office(&region).state(party(FIRST)).unwrap().clone();
    assert_eq!(
        state.void_count, 0,
        "what it said counts: {:?}",
        state.voids
    );
}
