//! An office as the engine sees it: whether it runs, what it waits for.

use agents::FOREIGN_SYNC;
use protocol::{Frame, Hash, Moment, PartyId, Verified};

use super::{Engine, Event, Hears, SYNC, Turn, WAKE_LEAST};
use crate::stream::Stream;

/// What the engine keeps of one office.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) party: PartyId,
    /// Whether its process runs.
    pub(super) runs: bool,
    /// Whether it was last told that its bus is there.
    pub(super) linked: bool,
    /// Counts its lives; what was due in an earlier one means nothing.
    pub(super) life: u32,
    pub(super) steps: u64,
    /// What the broker says of it when it dies.
    pub(super) will: Option<Verified<Frame>>,
    /// How many faults keep it down.
    pub(super) down: u32,
    /// The last ticket appended, and when the flush that covers it ends.
    appended: u64,
    sync_at: Option<Moment>,
    /// When it wishes to be woken, and when it will be asked next.
    wish: Option<Moment>,
    asked: Option<Moment>,
}

impl Desk {
    pub(super) fn new(party: PartyId) -> Self {
        Self {
            party,
            runs: false,
            linked: false,
            life: 0,
            steps: 0,
            will: None,
            down: 0,
            appended: 0,
            sync_at: None,
            wish: None,
            asked: None,
        }
    }

    /// If a flush ends now, everything appended so far is on the disk. One that an earlier flush
    /// made needless does not take place.
    pub(super) fn flush(&mut self, now: Moment) -> Option<u64> {
        self.sync_at.take_if(|at| *at == now)?;
        Some(self.appended)
    }

    /// The process dies.
    pub(super) fn die(&mut self) {
        self.runs = false;
        self.linked = false;
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
        desk.runs = true;
        desk.life += 1;
        let name = format!("{}/{}", desk.party, desk.life);
        let seed = Hash(Stream::Boot.draws(self.setup.seed, &name).bytes());
        Some(self.turn(number, Hears::Boot(seed)))
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
