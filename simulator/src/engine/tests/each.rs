//! A broker at each office: who hears what over whose, and what goes with a machine.

use super::*;
use crate::scenario::{Disk, Memory};
use crate::stream::Spread;

/// The last of the offices has a line to the first alone.
fn line(faults: Vec<PlannedFault>) -> Bench {
    let mut bench = bench(faults);
    let offices = bench.engine.setup.offices.clone();
    let (first, others) = offices.split_first().unwrap();
    let lines = others.iter().map(|other| (*first, *other)).collect();
    let plans = BusPlan::of_each(&offices, &lines);
    bench.engine.buses = Bus::all(&plans, &bench.engine.by_party);
    bench
}

impl Bench {
    /// What an office was told of its buses, with the minute.
    fn buses_of(&self, n: usize) -> Vec<(u64, String, bool)> {
        let office = self.office(n);
        let heard = self.heard.iter().filter(|(_, party, _)| *party == office);
        let links = heard.filter_map(|(at, _, cue)| match cue {
            Cue::Link { bus, up } => {
                Some((at.since(START).whole_seconds() / 60, bus.to_string(), *up))
            }
            _ => None,
        });
        links.collect()
    }

    fn present_on(&mut self, n: usize, place: Place) {
        let presence = Presence {
            incarnation: Incarnation { epoch: 1, nonce: 7 },
            online: true,
            answers: None,
        };
        let topic = Topic::Presence(self.office(n));
        self.publish_on(n, place, topic, Direct::Presence(presence));
    }
}

#[test]
fn an_office_joins_its_own_broker_and_those_that_it_has_a_line_to() {
    let mut bench = line(Vec::new());
    bench.pass(Span::minutes(1));
    let count = bench.engine.setup.offices.len();
    assert_eq!(bench.buses_of(0).len(), count);
    let names: Vec<String> = bench
        .buses_of(1)
        .into_iter()
        .map(|(_, bus, _)| bus)
        .collect();
    assert_eq!(
        names,
        [bench.office(0).to_string(), bench.office(1).to_string()]
    );
}

#[test]
fn what_is_said_on_a_broker_reaches_those_who_are_on_it_and_takes_two_ways() {
    let mut bench = line(Vec::new());
    bench.pass(Span::minutes(1));
    bench.present_on(1, 0);
    bench.pass(Span::minutes(2));
    assert_eq!([0, 1, 2].map(|n| bench.frames_of(n)), [1, 0, 1]);
    bench.present_on(1, 1);
    bench.pass(Span::minutes(3));
    assert_eq!([0, 1, 2].map(|n| bench.frames_of(n)), [2, 0, 1]);
    let heard = |n: usize| {
        let office = bench.office(n);
        let frames = bench.heard.iter();
        let mut frames =
            frames.filter(|(_, party, cue)| *party == office && matches!(cue, Cue::Frame { .. }));
        frames.next().unwrap().0
    };
    assert!(heard(2) > heard(0), "the host hears it first");
}

#[test]
fn a_frame_that_is_slow_to_reach_a_broker_holds_up_nothing_behind_it() {
    let all = line(Vec::new()).engine.setup.offices.clone();
    let slow = FaultKind::LinkDegrade {
        links: Links {
            from: [all[1]].into(),
            to: [all[0]].into(),
            ways: Ways::OneWay,
        },
        profile: NetworkProfile {
            latency: Spread::Fixed {
                time: Span::minutes(20),
            },
            ..NetworkProfile::default()
        },
    };
    let mut bench = line(vec![fault((2, 50), slow)]);
    bench.pass(Span::minutes(5));
    bench.present_on(1, 0);
    bench.pass(Span::minutes(6));
    bench.present_on(0, 0);
    bench.pass(Span::minutes(7));
    assert_eq!(bench.frames_of(2), 1, "the host's own did not wait");
    bench.pass(Span::minutes(30));
    assert_eq!(bench.frames_of(2), 2);
}

#[test]
fn a_broker_comes_and_goes_with_the_machine_that_it_is_on() {
    let office = line(Vec::new()).office(0);
    let disk = Disk::Keep;
    let crash = FaultKind::OfficeCrash { office, disk };
    let mut bench = line(vec![fault((5, 9), crash)]);
    bench.pass(Span::minutes(30));
    let of_first: Vec<(u64, bool)> = bench
        .buses_of(1)
        .into_iter()
        .filter_map(|(at, bus, up)| (bus == office.as_str()).then_some((at, up)))
        .collect();
    assert_eq!(of_first, [(0, true), (5, false), (9, true)]);
    let of_own = bench.buses_of(1).len() - of_first.len();
    assert_eq!(of_own, 1, "its own broker stands");
}

#[test]
fn a_broker_that_crashes_alone_takes_nobody_else_s_with_it() {
    let host = Some(line(Vec::new()).office(1));
    let memory = Memory::Lost;
    let crash = FaultKind::BrokerCrash {
        office: host,
        memory,
    };
    let mut bench = line(vec![fault((5, 6), crash)]);
    bench.pass(Span::minutes(1));
    bench.present_on(1, 1);
    bench.pass(Span::minutes(30));
    assert_eq!(bench.buses_of(2).len(), 2, "the third is not on it");
    assert_eq!(bench.buses_of(1).len(), 4);
    assert_eq!(bench.frames_of(0), 1, "what it kept is gone");
}

#[test]
fn a_line_that_is_cut_parts_an_office_from_the_other_s_broker_alone() {
    let all = line(Vec::new()).engine.setup.offices.clone();
    let cut = FaultKind::LinkCut {
        links: Links {
            from: [all[0]].into(),
            to: [all[1]].into(),
            ways: Ways::Both,
        },
    };
    let mut bench = line(vec![fault((5, 6), cut)]);
    bench.pass(Span::minutes(30));
    let lost = |n: usize| {
        let links = bench.buses_of(n).into_iter();
        links
            .filter(|(_, _, up)| !up)
            .map(|(_, bus, _)| bus)
            .collect::<Vec<_>>()
    };
    assert_eq!(lost(0), [all[1].to_string()]);
    assert_eq!(lost(1), [all[0].to_string()]);
    assert!(lost(2).is_empty());
}
