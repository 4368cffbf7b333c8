//! Offices that stand still, disks that fail, brokers that forget and relays that lie.

use super::*;
use crate::scenario::{Lie, Memory};

impl Bench {
    /// What an office heard but for frames, with the minute and the millisecond of it.
    fn cues_of(&self, n: usize) -> Vec<(u64, Cue)> {
        let office = self.office(n);
        let heard = self.heard.iter();
        let other = heard.filter(|(_, party, cue)| {
            *party == office && !matches!(cue, Cue::Frame { .. } | Cue::Boot { .. })
        });
        let since = |at: Moment| at.since(START).0 / 1_000;
        other
            .map(|(at, _, cue)| (since(*at), cue.clone()))
            .collect()
    }

    fn links_of(&self, n: usize) -> Vec<(u64, bool)> {
        let cues = self.cues_of(n).into_iter();
        let links = cues.filter_map(|(at, cue)| match cue {
            Cue::Link { up, .. } => Some((at, up)),
            _ => None,
        });
        links.collect()
    }
}

#[test]
fn an_office_that_stands_still_hears_in_the_end_what_came_before_the_broker_gave_up_on_it() {
    let office = bench(Vec::new()).office(1);
    let mut bench = bench(vec![fault((5, 8), FaultKind::OfficePause { office })]);
    bench.pass(Span::minutes(5) + Span::seconds(1));
    bench.present(0);
    bench.pass(Span::minutes(7));
    bench.present(2);
    assert_eq!(bench.frames_of(1), 0);
    bench.pass(Span::minutes(9));
    // The first waited in the socket; the second is what the broker kept, as is the first again.
    assert_eq!(bench.frames_of(1), 3);
    assert_eq!(
        bench.links_of(1),
        [(0, true), (480_000, false), (480_000, true)]
    );
}

#[test]
fn nothing_is_durable_on_a_full_disk_until_there_is_room() {
    let office = bench(Vec::new()).office(0);
    let mut bench = bench(vec![fault((5, 8), FaultKind::DiskFull { office })]);
    bench.pass(Span::minutes(6));
    bench.engine.append(0, 1, Some("{}".to_owned()));
    bench.pass(Span::minutes(7));
    bench.engine.append(0, 2, Some("{}".to_owned()));
    bench.pass(Span::minutes(10));
    let durable = (480_000, Cue::Durable { ticket: 2 });
    assert_eq!(bench.cues_of(0)[1..], [durable]);
}

#[test]
fn a_disk_that_gives_nothing_back_ends_who_reads_it_and_lets_no_office_boot() {
    let office = bench(Vec::new()).office(0);
    let unreadable = FaultKind::DiskUnreadable { office };
    let mut bench = bench(vec![fault((5, 8), unreadable)]);
    bench.pass(Span::minutes(5) + Span::seconds(1));
    assert!(bench.engine.desks[0].runs && bench.engine.struck().is_empty());
    let turn = bench.engine.turn(0, Hears::Wake);
    bench.engine.done(&turn, vec![Deed::Load(9)]);
    bench.pass(Span::minutes(5) + Span::seconds(30));
    assert!(!bench.engine.desks[0].runs);
    assert_eq!(bench.engine.struck()[FaultKind::UNREADABLE], 1);
    bench
        .engine
        .calendar
        .enter(bench.engine.now(), Event::Boot(0));
    bench.pass(Span::minutes(7));
    assert!(!bench.engine.desks[0].runs);
    bench.pass(Span::minutes(9));
    assert!(bench.engine.desks[0].runs);
    let loaded = bench.cues_of(0);
    assert!(
        !loaded
            .iter()
            .any(|(_, cue)| matches!(cue, Cue::Loaded { .. }))
    );
}

#[test]
fn a_broker_that_lost_its_memory_keeps_nothing_for_those_who_come_back() {
    for (memory, kept) in [(Memory::Keep, 1), (Memory::Lost, 0)] {
        let mut bench = bench(vec![fault(
            (5, 6),
            FaultKind::BrokerCrash {
                office: None,
                memory,
            },
        )]);
        bench.pass(Span::minutes(4));
        bench.present(0);
        bench.pass(Span::minutes(5) + Span::seconds(30));
        let before = bench.frames_of(1);
        bench.present(0);
        bench.pass(Span::minutes(7));
        assert_eq!(bench.frames_of(1) - before, kept, "{memory:?}");
        assert_eq!(bench.links_of(1).len(), 3);
    }
}

#[test]
fn a_wrong_clock_shows_the_wrong_time_and_the_right_one_afterwards() {
    let office = bench(Vec::new()).office(0);
    let wrong = FaultKind::OfficeClock {
        office,
        offset: -30_000_000,
        drift_ppm: 1_000,
    };
    let mut bench = bench(vec![fault((5, 20), wrong)]);
    let mut off = |minutes| {
        bench.pass(Span::minutes(minutes));
        let turn = bench.engine.turn(0, Hears::Wake);
        let (wall, right) = (bench.engine.wall(&turn).0, Wall::at(turn.at).0);
        i64::try_from(wall).unwrap() - i64::try_from(right).unwrap()
    };
    // Late by thirty seconds, and faster by 60 ms a minute.
    assert_eq!([off(4), off(6), off(15), off(21)], [0, -29_940, -29_400, 0]);
}

#[test]
fn a_relay_can_repeat_and_hold_back_and_nothing_that_it_forges_is_believed() {
    let office = bench(Vec::new()).office(0);
    let heard = |lie: Option<Lie>| {
        let faults = lie.map(|lie| fault((1, 50), FaultKind::LyingRelay { office, lie }));
        let mut bench = bench(faults.into_iter().collect());
        bench.pass(Span::minutes(2));
        for minute in 3..43 {
            bench.present(0);
            bench.pass(Span::minutes(minute));
        }
        bench.frames_of(1)
    };
    assert_eq!(heard(None), 40);
    assert!((45..60).contains(&heard(Some(Lie::Replay))));
    assert_eq!(heard(Some(Lie::Forge)), 40);
    assert_eq!(heard(Some(Lie::Withhold)), 40, "only logs are held back");
}
