//! An office as the engine sees it: whether it runs, what it waits for.

use std::collections::BTreeSet;

use agents::{FOREIGN_SYNC, Seed};
use protocol::{Frame, Hash, Moment, PartyId, Verified, Wall};

use super::fault::PATIENCE;
use super::wiring::Place;
use super::{Engine, Event, Hears, SYNC, Turn, WAKE_LEAST};
use crate::scenario::{Disk, FaultKind};
use crate::stream::Stream;

/// What the engine keeps of one office.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) party: PartyId,
    /// The seat of the machine under whose name it is a second one, if it is.
    pub(super) twin_of: Option<u16>,
    /// By which its machine is told from another under the same name: the nonce of its boot.
    pub(super) nonce: u64,
    /// Whether it has told its people of another machine under its name, and they have not acted yet.
    pub(super) twin_alarm: bool,
    /// Whether its process runs.
    pub(super) runs: bool,
    /// The buses of which it was last told that they are there.
    pub(super) linked: BTreeSet<Place>,
    /// Counts its lives; what was due in an earlier one means nothing.
    pub(super) life: u32,
    pub(super) steps: u64,
    /// What the broker says of it when it dies.
    pub(super) will: Option<Verified<Frame>>,
    /// How many faults keep it down.
    pub(super) down: u32,
    /// What its disk holds since it crashed, and when that was.
    pub(super) crashed: (Disk, Moment),
    /// Since when its process stands still, and until when.
    pub(super) paused: Option<(Moment, Moment)>,
    /// Until when its disk is full.
    pub(super) full: Option<Moment>,
    /// Until when its disk gives nothing back.
    pub(super) unreadable: Option<Moment>,
    /// How its wall clock is wrong: since when, by how many microseconds, and how much faster it runs.
    pub(super) clock: Option<(Moment, i64, i32)>,
    /// The last ticket appended, and when the flush that covers it ends.
    appended: u64,
    sync_at: Option<Moment>,
    /// When it wishes to be woken, and when it will be asked next.
    wish: Option<Moment>,
    asked: Option<Moment>,
}

impl Desk {
    pub(super) fn new(party: PartyId, twin_of: Option<u16>) -> Self {
        Self {
            party,
            twin_of,
            nonce: 0,
            twin_alarm: false,
            runs: false,
            linked: BTreeSet::new(),
            life: 0,
            steps: 0,
            will: None,
            down: 0,
            crashed: (Disk::Keep, Moment(0)),
            paused: None,
            full: None,
            unreadable: None,
            clock: None,
            appended: 0,
            sync_at: None,
            wish: None,
            asked: None,
        }
    }

    /// Whether it is on a bus.
    pub(super) fn is_on(&self, place: Place) -> bool {
        self.linked.contains(&place)
    }

    /// If a flush ends now, everything appended so far is on the disk. One that an earlier flush
    /// made needless does not take place.
    pub(super) fn flush(&mut self, now: Moment) -> Option<u64> {
        self.sync_at.take_if(|at| *at == now)?;
        Some(self.appended)
    }

    /// Whether it stands still for so long that the broker takes it for gone.
    pub(super) fn is_given_up(&self, now: Moment) -> bool {
        self.paused
            .is_some_and(|(since, _)| now.since(since) >= PATIENCE)
    }

    /// Until when what comes to its process must wait.
    pub(super) fn stands_until(&self, now: Moment) -> Option<Moment> {
        let (_, until) = self.paused?;
        (until > now).then_some(until)
    }

    /// The office's wall clock.
    pub(super) fn wall(&self, now: Moment) -> Wall {
        let Some((since, offset, ppm)) = self.clock else {
            return Wall::at(now);
        };
        let ran = i64::try_from(now.since(since).0).unwrap_or(i64::MAX);
        let drifted = ran.saturating_mul(i64::from(ppm)) / 1_000_000;
        let off = offset.saturating_add(drifted);
        Wall::at(Moment(now.0.saturating_add_signed(off)))
    }

    /// A flush that would end now ends later; whether there is one.
    pub(super) fn put_off_flush(&mut self, now: Moment, later: Moment) -> bool {
        let due = self.sync_at.take_if(|at| *at == now);
        self.sync_at = due.map(|_| later).or(self.sync_at);
        due.is_some()
    }

    /// The process dies.
    pub(super) fn die(&mut self) {
        self.paused = None;
        self.runs = false;
        self.linked.clear();
        self.life += 1;
        self.sync_at = None;
        self.appended = 0;
        self.wish = None;
        self.asked = None;
    }
}

impl Engine {
    pub(super) fn boot(&mut self, number: u16) -> Option<Turn> {
        let desk = &mut self.desks[usize::from(number)];
        if desk.runs || desk.down > 0 {
            return None;
        }
        if !self.reads(number) {
            return None;
        }
        let desk = &mut self.desks[usize::from(number)];
        desk.runs = true;
        desk.life += 1;
        let machine = desk.twin_of.map(|_| format!("#{number}"));
        let machine = machine.unwrap_or_default();
        let name = format!("{}{machine}/{}", desk.party, desk.life);
        let seed = Hash(Stream::Boot.draws(self.setup.seed, &name).bytes());
        desk.nonce = Seed(seed).nonce();
        if desk.twin_of.is_some() {
            self.judge.second_machine(desk.nonce);
        }
        Some(self.turn(number, Hears::Boot(seed)))
    }

    /// Whether a machine's disk can be read. If not, its process ends, or does not begin: a journal that
    /// cannot be read is refused, and people try again when it can.
    pub(super) fn reads(&mut self, number: u16) -> bool {
        let now = self.now;
        let desk = &mut self.desks[usize::from(number)];
        let Some(until) = desk.unreadable.filter(|until| *until > now) else {
            return true;
        };
        if desk.runs {
            desk.crashed = (Disk::Keep, now);
        }
        self.strikes(FaultKind::UNREADABLE);
        self.switch_off(number);
        self.calendar.enter(until, Event::Boot(number));
        false
    }

    pub(super) fn append(&mut self, number: u16, ticket: u64, decision: Option<String>) {
        let desk = &mut self.desks[usize::from(number)];
        desk.appended = ticket;
        let due = match decision {
            Some(_) => self.now + SYNC,
            None => self.now + FOREIGN_SYNC,
        };
        if desk.sync_at.is_none_or(|at| due < at) {
            desk.sync_at = Some(due);
            let synced = Event::Synced(number, desk.life);
            self.calendar.enter(due, synced);
        }
        if let Some(decision) = decision
            && self.now <= self.setup.end
        {
            self.digest.note(self.now, desk.party, decision);
        }
    }

    /// A new wish to be woken. It enters the calendar only if the office would be asked too late.
    pub(super) fn wish(&mut self, number: u16, at: Moment) {
        let desk = &mut self.desks[usize::from(number)];
        let at = at.max(self.now + WAKE_LEAST);
        desk.wish = Some(at);
        if desk.asked.is_none_or(|asked| at < asked) {
            desk.asked = Some(at);
            self.calendar.enter(at, Event::Wake(number, desk.life));
        }
    }

    pub(super) fn wake(&mut self, number: u16, life: u32) -> Option<Turn> {
        let now = self.now;
        let desk = self.alive(number, life)?;
        if desk.asked.is_some_and(|asked| asked <= now) {
            desk.asked = None;
        }
        let wish = desk.wish?;
        if wish <= now {
            desk.wish = None;
            return Some(self.turn(number, Hears::Wake));
        }
        if desk.asked.is_none() {
            desk.asked = Some(wish);
            self.calendar.enter(wish, Event::Wake(number, life));
        }
        None
    }
}
