//! The storm: operators speak, and at drawn moments processes die, stand still, forget or fill up.

mod calm;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use protocol::{CommandReply, PartyId};

use super::disk::{self, Heads, Tear};
use super::faults::{Fault, MIX, bad_line};
use super::operators::{Operators, Saying};
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

/// Those of them that an entry's time shows, however long it took from its office to the storm.
pub(super) const FAR: [i64; 2] = [-3_600, 8_000_000];

/// The pause between two looks at a journal that is being written.
const PAUSE: Duration = Duration::from_millis(50);

/// What ends a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Remedy {
    StartOffice(PartyId, Room),
    StartBroker,
    WakeOffice(PartyId),
    WakeBroker,
    /// The line of an office, and how often any bad line of it had met something before.
    Heal(PartyId, u64),
}

/// A storm over a region of processes.
pub(crate) struct Storm {
    run: PathBuf,
    pub(crate) region: Region,
    operators: Operators,
    replies: Receiver<CommandReply>,
    draws: Draws,
    remedies: Vec<(Instant, Remedy)>,
    /// Offices on a disk without room that have not met its end yet.
    full: BTreeSet<PartyId>,
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
            full: BTreeSet::new(),
            record: Record::default(),
        }
    }

    /// Rages until so many processes were killed and each kind of fault has struck.
    pub(crate) fn rage(&mut self, kills: usize) {
        let mut speak = Instant::now();
        let mut fail = speak + Duration::from_secs(3);
        let mut deadline = None;
        loop {
            let unseen = MIX.iter().find(|(fault, _)| self.record.count(*fault) == 0);
            if self.record.kills() >= kills {
                let Some((fault, _)) = unseen else { return };
                let deadline = deadline.get_or_insert_with(patience);
                assert!(Instant::now() < *deadline, "{fault:?} meets nothing");
            }
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
        let (record, remedies) = (&self.record, &self.remedies);
        let is_healing = |(_, it): &(Instant, Remedy)| matches!(it, Remedy::Heal(..));
        let under_way = |fault| match fault {
            Fault::Full => !self.full.is_empty(),
            Fault::BadLine => remedies.iter().any(is_healing),
            _ => false,
        };
        let happened = |it| record.count(it) > 0 || under_way(it);
        let fault = Fault::draw(&mut self.draws, happened);
        let office = self.draws.of(&self.region.parties());
        let soon = now + self.draws.between_ms(50, 1_200);
        let later = now + self.draws.between_ms(500, 6_000);
        let ends = match fault {
            Fault::KillOffice | Fault::KillAndTear(_) | Fault::Full => {
                if !self.is_up(office) || !self.region.kill_office(office) {
                    return;
                }
                let room = self.strike_dead(office, fault);
                (soon, Remedy::StartOffice(office, room))
            }
            Fault::KillBroker => {
                if !self.broker_is_up() || !self.region.kill_broker() {
                    return;
                }
                self.record.strike(fault);
                (soon, Remedy::StartBroker)
            }
            Fault::StopOffice => {
                if !self.is_up(office) {
                    return;
                }
                let process = self.region.process(office).as_ref();
                process.expect("it is up").signal("STOP");
                self.record.strike(fault);
                (later, Remedy::WakeOffice(office))
            }
            Fault::StopBroker => {
                if !self.broker_is_up() {
                    return;
                }
                self.region.broker().expect("it is up").signal("STOP");
                self.record.strike(fault);
                (later, Remedy::WakeBroker)
            }
            Fault::BadLine => {
                let line = bad_line(&mut self.draws);
                let proxy = &self.region.seat(office).proxy;
                let before = proxy.spoiled();
                proxy.suffer(line);
                (later, Remedy::Heal(office, before))
            }
        };
        self.remedies.push(ends);
    }

    /// What else befalls an office that was killed; gives the room that its disk has from now on.
    fn strike_dead(&mut self, office: PartyId, fault: Fault) -> Room {
        let struck = match fault {
            // It counts when the office meets the end of its disk.
            Fault::Full => {
                self.full.insert(office);
                return Room::None;
            }
            Fault::KillAndTear(kind) if self.tear(office, kind) => fault,
            // Where nothing was there to be torn, a kill is all that it was.
            _ => Fault::KillOffice,
        };
        self.record.strike(struck);
        Room::Enough
    }

    /// Whether an office runs and does not stand still. One whose disk is full is left to meet its end.
    fn is_up(&mut self, office: PartyId) -> bool {
        self.look(office);
        let stopped = |(_, it): &(Instant, Remedy)| *it == Remedy::WakeOffice(office);
        let is_left = self.full.contains(&office) || self.remedies.iter().any(stopped);
        !is_left && self.region.process(office).is_some()
    }

    fn broker_is_up(&self) -> bool {
        let stopped = |(_, it): &(Instant, Remedy)| *it == Remedy::WakeBroker;
        !self.remedies.iter().any(stopped) && self.region.broker().is_some()
    }

    /// Tears a journal; whether that is what it was to be: half a write stands there, or entries are gone.
    fn tear(&mut self, office: PartyId, kind: Tear) -> bool {
        let journal = self.region.papers.journal(office);
        let net = self.region.papers.network.id;
        let before = disk::heads(&journal, net);
        let before = before.expect("what a killed office leaves is sound");
        let is_torn = disk::tear(&journal, kind, &mut self.draws);
        if kind == Tear::HalfWritten {
            assert_eq!(disk::heads(&journal, net), Some(before), "{office}");
            return is_torn;
        }
        let forgotten = Forgotten {
            office,
            before,
            after: disk::heads(&journal, net).unwrap_or_default(),
            elsewhere: self.held_elsewhere(office),
        };
        let forgot = forgotten.entries() > 0;
        if is_torn {
            self.record.forgotten.push(forgotten);
        }
        forgot
    }

    /// What every other journal holds, the drill's own too. A copy of one that is being written may be
    /// torn and is taken again: whoever passed it over would say of an entry that only the disk that
    /// forgot it had it.
    fn held_elsewhere(&mut self, office: PartyId) -> Vec<Heads> {
        let net = self.region.papers.network.id;
        let journals = self.region.papers.journals().into_iter();
        let others = journals.filter(|(it, _)| *it != office);
        let mut held = Vec::new();
        for (other, journal) in others {
            let deadline = patience();
            let heads = loop {
                if let Some(heads) = disk::heads(&journal, net) {
                    break heads;
                }
                if self.is_damaged_and_down(other) {
                    break Heads::new();
                }
                assert!(
                    Instant::now() < deadline,
                    "the journal of {other} cannot be read"
                );
                let now = Instant::now();
                self.listen_until(now + PAUSE);
                self.remedy(now);
            };
            held.push(heads);
        }
        held
    }

    /// Whether an office is down whose disk forgot so much that its journal is damaged: it will be moved
    /// away, and nobody writes it meanwhile.
    fn is_damaged_and_down(&mut self, office: PartyId) -> bool {
        if !self.region.parties().contains(&office) {
            return false;
        }
        let last = self.record.forgotten.iter().rev();
        let last = { last }.find(|it| it.office == office);
        let is_damaged = last.is_some_and(|it| it.after.is_empty());
        is_damaged && self.region.process(office).is_none()
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
                Remedy::Heal(office, before) => {
                    let proxy = &self.region.seat(office).proxy;
                    let struck = proxy.spoiled() > before;
                    proxy.suffer(Line::Sound);
                    if struck {
                        self.record.strike(Fault::BadLine);
                    }
                }
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
        let is_full = self.full.remove(&office);
        if said.contains("no space is left for") {
            assert!(is_full, "{office} has room: {said}");
            assert_eq!(status.code(), Some(75), "{said}");
            self.record.strike(Fault::Full);
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
}
