//! The storm: operators speak, and at drawn moments processes die, stand still, forget or fill up.

use std::path::PathBuf;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use protocol::{CommandReply, PartyId};

use super::disk::{self, Tear};
use super::faults::{Fault, bad_line};
use super::ledger::Answer;
use super::operators::{Operators, Saying};
use super::papers::Papers;
use super::record::{Forgotten, Record};
use super::region::{Region, Room, patience};
use crate::draws::Draws;
use crate::proxy::Line;

/// Needs that calls have: kinds that every town of the region has crews of, and more than one town has.
const NEEDS: [&str; 4] = [
    "ambulance=1x20m",
    "fire-rescue=2x30m",
    "pump=2x40m",
    "fire-rescue=6x30m",
];

/// How wrong the wall clocks are of machines that come back, seconds: half of them are right, others
/// an hour behind or three months ahead.
const CLOCKS: [i64; 6] = [0, 0, 0, 5, -3_600, 8_000_000];

/// What ends a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Remedy {
    StartOffice(PartyId, Room),
    StartBroker,
    WakeOffice(PartyId),
    WakeBroker,
    Heal(PartyId),
}

/// A storm over a region of processes.
pub(crate) struct Storm {
    run: PathBuf,
    pub(crate) region: Region,
    operators: Operators,
    replies: Receiver<CommandReply>,
    draws: Draws,
    remedies: Vec<(Instant, Remedy)>,
    pub(crate) record: Record,
}

impl Storm {
    pub(crate) fn start(folder: &std::path::Path, seed: u64) -> Self {
        let region = Region::start(folder, seed);
        let (papers, bus) = (&region.papers, region.clear.url());
        let (operators, replies) = Operators::start(papers, &region.parties(), &bus);
        Self {
            run: folder.join("run"),
            region,
            operators,
            replies,
            draws: Draws::new(seed),
            remedies: Vec::new(),
            record: Record::default(),
        }
    }

    /// Rages until so many processes were killed.
    pub(crate) fn rage(&mut self, kills: usize) {
        let mut speak = Instant::now();
        let mut fail = speak + Duration::from_secs(3);
        while self.record.kills() < kills {
            let remedy = self.remedies.iter().map(|(at, _)| *at).min();
            let next = remedy.into_iter().chain([speak, fail]).min().unwrap();
            self.listen_until(next);
            let now = Instant::now();
            self.remedy(now);
            if now >= speak {
                self.speak();
                speak = now + self.draws.between_ms(5, 60);
            }
            if now >= fail {
                self.fail(now);
                fail = now + self.draws.between_ms(300, 1_600);
            }
        }
    }

    fn listen_until(&mut self, until: Instant) {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let Ok(reply) = self.replies.recv_timeout(left) else {
                return;
            };
            self.record.ledger.hear(&reply);
        }
    }

    fn speak(&mut self) {
        let (draws, ledger) = (&mut self.draws, &mut self.record.ledger);
        let parties = self.region.parties();
        let again = if draws.one_in(4) {
            ledger.unanswered(draws.below(1_000))
        } else {
            None
        };
        let order = again.unwrap_or_else(|| {
            let saying = if draws.one_in(3) {
                Saying::Call(draws.of(&NEEDS))
            } else {
                Saying::Note
            };
            ledger.attempt(draws.of(&parties), saying)
        });
        self.operators.send(order);
    }

    fn fail(&mut self, now: Instant) {
        let record = &self.record;
        let fault = Fault::draw(&mut self.draws, |it| record.count(it) > 0);
        let office = self.draws.of(&self.region.parties());
        let soon = now + self.draws.between_ms(50, 1_200);
        let later = now + self.draws.between_ms(500, 6_000);
        let ends = match fault {
            Fault::KillOffice | Fault::KillAndTear(_) | Fault::Full => {
                if !self.is_up(office) || !self.region.kill_office(office) {
                    return;
                }
                if let Fault::KillAndTear(kind) = fault {
                    self.tear(office, kind);
                }
                let room = if fault == Fault::Full {
                    Room::None
                } else {
                    Room::Enough
                };
                (soon, Remedy::StartOffice(office, room))
            }
            Fault::KillBroker => {
                if !self.broker_is_up() || !self.region.kill_broker() {
                    return;
                }
                (soon, Remedy::StartBroker)
            }
            Fault::StopOffice => {
                if !self.is_up(office) {
                    return;
                }
                let process = self.region.process(office).as_ref();
                process.expect("it is up").signal("STOP");
                (later, Remedy::WakeOffice(office))
            }
            Fault::StopBroker => {
                if !self.broker_is_up() {
                    return;
                }
                self.region.broker().expect("it is up").signal("STOP");
                (later, Remedy::WakeBroker)
            }
            Fault::BadLine => {
                let line = bad_line(&mut self.draws);
                self.region.seat(office).proxy.suffer(line);
                (later, Remedy::Heal(office))
            }
        };
        *self.record.faults.entry(fault).or_default() += 1;
        self.remedies.push(ends);
    }

    /// Whether an office runs and does not stand still.
    fn is_up(&mut self, office: PartyId) -> bool {
        self.look(office);
        let stopped = |(_, it): &(Instant, Remedy)| *it == Remedy::WakeOffice(office);
        !self.remedies.iter().any(stopped) && self.region.process(office).is_some()
    }

    fn broker_is_up(&self) -> bool {
        let stopped = |(_, it): &(Instant, Remedy)| *it == Remedy::WakeBroker;
        !self.remedies.iter().any(stopped) && self.region.broker().is_some()
    }

    fn tear(&mut self, office: PartyId, kind: Tear) {
        let journal = self.region.papers.journal(office);
        let net = self.region.papers.network.id;
        let before = disk::heads(&journal, net);
        let before = before.expect("what a killed office leaves is sound");
        disk::tear(&journal, kind, &mut self.draws);
        if kind == Tear::HalfWritten {
            assert_eq!(disk::heads(&journal, net), Some(before), "{office}");
            return;
        }
        let parties = self.region.parties();
        let others = parties.iter().filter(|it| **it != office);
        let elsewhere = others.filter_map(|it| disk::heads(&self.region.papers.journal(*it), net));
        self.record.forgotten.push(Forgotten {
            office,
            before,
            after: disk::heads(&journal, net).unwrap_or_default(),
            elsewhere: elsewhere.collect(),
        });
    }

    /// Ends faults whose time is over.
    fn remedy(&mut self, now: Instant) {
        let (due, later) = self.remedies.iter().partition(|(at, _)| *at <= now);
        self.remedies = later;
        let due: Vec<(Instant, Remedy)> = due;
        for (_, remedy) in due {
            match remedy {
                Remedy::StartOffice(office, room) => self.start_office(office, room),
                Remedy::StartBroker => self.region.start_broker(),
                Remedy::WakeOffice(office) => {
                    let process = self.region.process(office).as_ref();
                    process
                        .expect("what stands still is not killed")
                        .signal("CONT");
                }
                Remedy::WakeBroker => {
                    let broker = self.region.broker();
                    broker
                        .expect("what stands still is not killed")
                        .signal("CONT");
                }
                Remedy::Heal(office) => self.region.seat(office).proxy.suffer(Line::Sound),
            }
        }
        for office in self.region.parties() {
            self.look(office);
        }
    }

    fn start_office(&mut self, office: PartyId, room: Room) {
        let journal = self.region.papers.journal(office);
        let heads = disk::heads(&journal, self.region.papers.network.id);
        let heads = heads.unwrap_or_default();
        let recorded = self.record.ledger.recorded();
        let missed = recorded.filter(|(_, log, seq)| heads.get(log).is_none_or(|head| head < seq));
        let missed = missed.map(|(_, log, seq)| (log, seq));
        let known = self.record.missed.entry(office).or_default();
        known.extend(missed);
        let clock = self.draws.of(&CLOCKS);
        self.record.wrong_clocks += usize::from(clock != 0);
        self.region.start_office(&self.run, office, (room, clock));
    }

    /// Does what an operator does about an office that has ended by itself.
    fn look(&mut self, office: PartyId) {
        let process = self.region.process(office);
        if !process.as_mut().is_some_and(crate::run::Running::has_ended) {
            return;
        }
        let (status, said) = process.take().expect("it was just seen").end();
        let forgot = |it: &Forgotten| it.office == office;
        if said.contains("no space is left for") {
            assert_eq!(status.code(), Some(75), "{said}");
            self.record.filled += 1;
        } else {
            let excused = self.record.forgotten.iter().any(forgot);
            assert!(excused && said.contains("is damaged"), "{office}: {said}");
            self.record.moved_away += 1;
            disk::move_away(&self.region.papers.journal(office), self.record.moved_away);
            let last = self.record.forgotten.iter_mut().rev().find(|it| forgot(it));
            last.expect("one was found").after.clear();
        }
        self.start_office(office, Room::Enough);
    }

    /// Heals everything and waits until each office has recorded one more word. An office that finds a later
    /// life of its own, which its disk forgot and no machine lives any more, serves when it is told to.
    pub(crate) fn heal(&mut self) {
        let now = Instant::now();
        for (at, _) in &mut self.remedies {
            *at = now;
        }
        self.remedy(now);
        let deadline = patience();
        for office in self.region.parties() {
            self.region.seat(office).proxy.suffer(Line::Sound);
            loop {
                assert!(Instant::now() < deadline, "{office} does not serve again");
                self.look(office);
                let order = self.record.ledger.next_word(office);
                self.operators.send(order);
                self.listen_until(Instant::now() + Duration::from_millis(500));
                let answer = self.record.ledger.answer(order.request);
                if matches!(answer, Answer::Recorded(..)) {
                    break;
                }
            }
        }
        // Calls that nobody has answered yet are made again, and are done once all the same.
        let mut number = 0;
        while let Some(order) = self.record.ledger.unanswered(number) {
            assert!(Instant::now() < deadline, "{order:?} is not answered");
            self.operators.send(order);
            self.listen_until(Instant::now() + Duration::from_millis(50));
            number += 1;
        }
    }

    /// Ends the drill once every journal holds the same.
    pub(crate) fn settle(self) -> (Papers, Record) {
        let Self {
            region,
            operators,
            replies,
            record,
            ..
        } = self;
        let papers = region.end_drill(|region| {
            let deadline = patience();
            let net = region.papers.network.id;
            let journals = region.papers.journals();
            loop {
                let mut held = journals
                    .iter()
                    .map(|(_, journal)| disk::heads(journal, net));
                let first = held.next().expect("there are journals");
                if first.is_some() && held.all(|heads| heads == first) {
                    break;
                }
                assert!(Instant::now() < deadline, "the journals differ still");
                // Nobody answers any more: this is the pause between two looks.
                drop(replies.recv_timeout(Duration::from_millis(200)));
            }
            // Whoever is linked anew says soon what it holds, which the director waits for.
            for seat in region.offices.values() {
                seat.proxy.blink();
            }
        });
        drop(operators);
        (papers, record)
    }
}
