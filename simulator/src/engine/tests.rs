//! The engine with offices that do only what a test says.

use agents::FOREIGN_SYNC;
use protocol::{Cue, Direct, Frame, Incarnation, Presence, Signer, Speaker, Task, Topic, Wall};

use super::*;
use crate::cast::Cast;
use crate::scenario::{BusPlan, CrewPlan, FaultKind, Links, PlannedFault, Schedule, Ways};
use crate::world::{StraightLines, Voices, WorldPlan};

mod each;
mod faults;

const START: Moment = Moment(1_000_000_000);

struct Bench {
    engine: Engine,
    speakers: BTreeMap<PartyId, Speaker>,
    heard: Vec<(Moment, PartyId, Cue)>,
}

fn bench(faults: Vec<PlannedFault>) -> Bench {
    let region = region::Region::built_in("trio").unwrap();
    let cast = Cast::of_seed(&region, 7, protocol::Suite::Virtual, START);
    let network = cast.network.clone();
    let voice = |signer: &Signer| Speaker::new(network.id, network.mode, signer.clone(), 1);
    let plan = WorldPlan {
        seed: 7,
        end: START + Span::hours(2),
        incidents: Vec::new(),
        schedule: Schedule::default(),
        phases: Vec::new(),
        injects: Vec::new(),
        objectives: Default::default(),
        crews: CrewPlan::default(),
        fleet: Vec::new(),
    };
    let voices = Voices::new(
        (network.id, network.mode),
        cast.world.signer.clone(),
        BTreeMap::new(),
        1,
    );
    let world = World::new(plan, voices, Box::new(StraightLines { speed_ms: 15 }));
    let offices: Vec<PartyId> = cast.offices.keys().copied().collect();
    let setup = EngineSetup {
        seed: 7,
        roster: cast.roster.clone(),
        buses: vec![BusPlan::of_all(&offices)],
        offices,
        links: NetworkProfile::default(),
        faults: FaultPlan { faults },
        start: START,
        end: START + Span::hours(1),
        drain: Span::ZERO,
        network: cast.network.clone(),
    };
    let speakers = cast
        .offices
        .iter()
        .map(|(party, it)| (*party, voice(&it.signer)));
    Bench {
        speakers: speakers.collect(),
        engine: Engine::new(setup, world, None),
        heard: Vec::new(),
    }
}

/// A fault from one minute to another, counted from the start.
fn fault(minutes: (u64, u64), what: FaultKind) -> PlannedFault {
    PlannedFault {
        id: "fault".to_owned(),
        from: START + Span::minutes(minutes.0),
        until: START + Span::minutes(minutes.1),
        what,
    }
}

impl Bench {
    fn office(&self, n: usize) -> PartyId {
        self.engine.setup.offices[n]
    }

    /// Lets everything happen that is due before the time, with nothing done but booting.
    fn pass(&mut self, span: Span) {
        let until = START + span;
        while let Some((at, event)) = self.engine.calendar.take_due(Moment(until.0 - 1)) {
            self.engine.now = self.engine.now.max(at);
            let Some(turn) = self.engine.meet(event) else {
                continue;
            };
            self.heard.push((turn.at, turn.office, turn.step().cue));
            self.engine.done(&turn, Vec::new());
        }
        self.engine.now = self.engine.now.max(until);
    }

    fn publish(&mut self, n: usize, topic: Topic, body: Direct) {
        self.publish_on(n, 0, topic, body);
    }

    fn publish_on(&mut self, n: usize, place: Place, topic: Topic, body: Direct) {
        let office = self.office(n);
        let net = self.engine.setup.network.id;
        let speaker = self.speakers.get_mut(&office).unwrap();
        let times = (Wall(0), Span::minutes(5));
        let frame = Frame::direct(speaker, net, topic, body, times);
        let full = topic.on(net);
        let verified = self.engine.verify(&full, frame.text().as_bytes()).unwrap();
        let number = u16::try_from(n).unwrap();
        self.engine.publish(number, place, &verified);
    }

    fn present(&mut self, n: usize) {
        let presence = Presence {
            incarnation: Incarnation { epoch: 1, nonce: 7 },
            online: true,
            answers: None,
        };
        let topic = Topic::Presence(self.office(n));
        self.publish(n, topic, Direct::Presence(presence));
    }

    fn frames_of(&self, n: usize) -> usize {
        let office = self.office(n);
        let frame = |cue: &Cue| matches!(cue, Cue::Frame { .. });
        let heard = self.heard.iter();
        heard
            .filter(|(_, party, cue)| *party == office && frame(cue))
            .count()
    }
}

fn isolation(office: PartyId, others: &[PartyId], minutes: (u64, u64)) -> PlannedFault {
    PlannedFault {
        id: "alone".to_owned(),
        from: START + Span::minutes(minutes.0),
        until: START + Span::minutes(minutes.1),
        what: FaultKind::LinkCut {
            links: Links {
                from: [office].into(),
                to: others.iter().copied().collect(),
                ways: Ways::Both,
            },
        },
    }
}

#[test]
fn every_office_boots_and_is_linked_before_anything_else() {
    let mut bench = bench(Vec::new());
    bench.pass(Span::minutes(1));
    let offices = bench.engine.setup.offices.len();
    assert_eq!(bench.heard.len(), 2 * offices);
    assert!(
        bench.heard[..offices]
            .iter()
            .all(|(_, _, cue)| matches!(cue, Cue::Boot { .. }))
    );
    assert!(
        bench.heard[offices..]
            .iter()
            .all(|(_, _, cue)| matches!(cue, Cue::Link { up: true, .. }))
    );
}

#[test]
fn a_retained_presence_reaches_an_office_that_was_away() {
    let probe = bench(Vec::new());
    let all = probe.engine.setup.offices.clone();
    let mut bench = bench(vec![isolation(all[1], &all, (5, 10))]);
    bench.pass(Span::minutes(6));
    bench.present(0);
    bench.pass(Span::minutes(9));
    assert_eq!(bench.frames_of(1), 0, "it is cut off");
    assert_eq!(bench.frames_of(2), 1);
    bench.pass(Span::minutes(11));
    assert_eq!(bench.frames_of(1), 1, "the broker kept it");
    let links: Vec<_> = bench
        .heard
        .iter()
        .filter_map(|(_, party, cue)| match cue {
            Cue::Link { up, .. } if *party == all[1] => Some(*up),
            _ => None,
        })
        .collect();
    assert_eq!(links, [true, false, true]);
}

/// When what was appended became durable: after the appends of the list, each own or foreign.
fn durable_after(appends: &[Option<&str>]) -> Vec<(Moment, u64)> {
    let mut bench = bench(Vec::new());
    bench.pass(Span::minutes(1));
    for (ticket, decision) in (1..).zip(appends) {
        bench
            .engine
            .append(0, ticket, decision.map(ToOwned::to_owned));
    }
    bench.pass(Span::minutes(2));
    let durable = bench.heard.iter().filter_map(|(at, _, cue)| match cue {
        Cue::Durable { ticket } => Some((*at, *ticket)),
        _ => None,
    });
    durable.collect()
}

#[test]
fn what_others_wrote_waits_for_a_while_and_is_durable_together() {
    let flushed = START + Span::minutes(1) + FOREIGN_SYNC;
    assert_eq!(durable_after(&[None, None, None]), [(flushed, 3)]);
}

#[test]
fn an_entry_of_one_s_own_is_durable_at_once_with_all_before_it() {
    let flushed = START + Span::minutes(1) + SYNC;
    assert_eq!(durable_after(&[None, Some("{}"), None]), [(flushed, 3)]);
    assert_eq!(durable_after(&[Some("{}")]), [(flushed, 1)]);
}

#[test]
fn a_later_wish_to_be_woken_replaces_the_one_before() {
    let mut bench = bench(Vec::new());
    bench.pass(Span::minutes(1));
    let at = |minutes| START + Span::minutes(minutes);
    for minutes in [5, 3, 8, 4] {
        bench.engine.wish(0, at(minutes));
    }
    bench.pass(Span::minutes(30));
    let woken: Vec<Moment> = bench
        .heard
        .iter()
        .filter(|(_, _, cue)| *cue == Cue::Wake)
        .map(|(at, _, _)| *at)
        .collect();
    assert_eq!(woken, [at(4)]);
}

#[test]
fn a_crashed_office_forgets_what_was_due_and_boots_anew_with_another_seed() {
    let office = bench(Vec::new()).office(0);
    let mut bench = bench(vec![PlannedFault {
        id: "down".to_owned(),
        from: START + Span::minutes(2),
        until: START + Span::minutes(4),
        what: FaultKind::OfficeCrash {
            office,
            disk: crate::scenario::Disk::Keep,
        },
    }]);
    bench.pass(Span::minutes(1));
    bench.engine.wish(0, START + Span::minutes(3));
    bench.pass(Span::minutes(30));
    assert!(!bench.heard.iter().any(|(_, _, cue)| *cue == Cue::Wake));
    let seeds: Vec<Hash> = bench
        .heard
        .iter()
        .filter_map(|(_, party, cue)| match cue {
            Cue::Boot { seed } if *party == office => Some(*seed),
            _ => None,
        })
        .collect();
    assert_eq!(seeds.len(), 2);
    assert_ne!(seeds[0], seeds[1]);
}

#[test]
fn a_frame_signed_by_nobody_of_the_roster_reaches_nobody() {
    let mut bench = bench(Vec::new());
    bench.pass(Span::minutes(1));
    let net = bench.engine.setup.network.clone();
    let stranger = crate::probe::signer("stranger");
    let mut speaker = Speaker::new(net.id, net.mode, stranger, 1);
    let order = protocol::UnitOrder {
        unit: "990100-fire-rescue-1".parse().unwrap(),
        fence: protocol::Fence {
            incarnation: Incarnation { epoch: 9, nonce: 9 },
            command: 9,
        },
        aid: protocol::AidId {
            author: bench.office(0),
            epoch: 9,
            number: 9,
        },
        task: Task::Home,
        at: START,
    };
    let topic = Topic::Order(bench.office(0));
    let times = (Wall(0), Span::minutes(5));
    let frame = Frame::direct(&mut speaker, net.id, topic, Direct::Order(order), times);
    let text = frame.text().as_bytes();
    assert!(bench.engine.verify(&topic.on(net.id), text).is_err());
    assert_eq!(bench.engine.refused(), 1);
}
