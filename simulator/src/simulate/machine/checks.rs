//! What is held against an office as it writes and speaks: what it binds, what it says that it holds.

use agents::{Office, Origin};
use protocol::{
    Action, Body, CommandReply, Direct, Envelope, Frame, LogKey, Moment, Outcome, PartyId,
    Predecessor, ResourceId, Said, Seal, Span, Task, Topic,
};

use super::Machine;
use crate::drill::Drill;
use crate::engine::{Hears, Turn};
use crate::judge::invariant::{self, Durable};
use crate::judge::{Judge, i3_seals_what_it_follows, r20_clock_is_not_dragged};
use crate::scenario;

/// How long an office listens at least before it begins to write.
const LISTENS: Span = Span::seconds(2);

/// Within what time everybody has said what it holds: so long listens whoever has lost its disk.
const ROUND: Span = Span::seconds(70);

/// How long it waits for others (replication.md, Boot).
const ALONE: Span = Span::seconds(30);

impl Machine {
    /// What an office writes: R20; I3, for it knows what it lived before; R8, for what binds is dated in
    /// drill time; and R3 by the amnesia guard, for whoever may have lived before commits no unit that has
    /// not spoken to it in this life.
    pub(super) fn check_written(
        &mut self,
        now: Moment,
        it: &Envelope,
        (drill, judge): (&Drill, &mut Judge),
    ) {
        let log = it.header().log;
        let writes = self.office.as_ref().map(Office::incarnation);
        // What an earlier life wrote and others gave back is no word of this one.
        if log.author != self.party || writes != Some(log.incarnation) {
            return;
        }
        if let Err(text) = r20_clock_is_not_dragged(it, self.latest) {
            judge.violate(now, "R20", text);
        }
        if let Some(Body::Seal(seal)) = it.body() {
            self.follows = seal.predecessor.map(|before| before.log);
            self.check_sealed(now, seal, judge);
            // A second machine may have no memory and nobody to ask, and who hears nobody says so.
            let sealed = i3_seals_what_it_follows(judge.picture(), it);
            if let Err(text) = sealed
                && !is_duplicated(drill, self.party)
                && !self.is_alone
            {
                judge.violate(now, "I3", text);
            }
        }
        let Some(Body::AidCommit(commit)) = it.body() else {
            return;
        };
        if commit.at != now {
            let text = format!("{} is dated by another clock than the drill's", commit.aid);
            judge.violate(now, "R8", text);
        }
        let unit = commit.resource;
        // Only an office that was founded on this disk has nothing that its crews may be at, if nobody
        // knows better.
        let is_founded = self.follows.is_none() && self.disk.origin() == Origin::Founded;
        let has_past = !is_founded || self.is_alone;
        if has_past && self.is_unit(unit) && !self.spoke.contains(&unit) {
            let text = format!("{unit} is committed and has not spoken since its office booted");
            judge.violate(now, "R3", text);
        }
    }

    /// I3: what a new life leaves behind its seal is void for everybody. So it seals nothing before it has
    /// listened for what others hold of its log, and nothing short of what is on its own disk.
    fn check_sealed(&self, now: Moment, seal: &Seal, judge: &mut Judge) {
        let party = self.party;
        if now < self.listens_until {
            let early = self.listens_until.since(now);
            let text = format!("{party} begins a life {early} before it has listened");
            judge.violate(now, "I3", text);
        }
        let Some(Predecessor { log, seq, .. }) = seal.predecessor else {
            return;
        };
        let held = self.disk.logs().find(|(held, _)| *held == log);
        if let Some((_, (_, last))) = held.filter(|(_, (_, last))| *last > seq) {
            let text = format!("{party} seals {log} at {seq} and has it up to {last} on its disk");
            judge.violate(now, "I3", text);
        }
    }

    /// Notes when it has a bus, and until when it is to listen.
    pub(super) fn note_listening(&mut self, turn: &Turn) {
        if let Hears::Boot(_) | Hears::Link(_, true) = &turn.hears {
            self.linked = turn.at;
        }
        self.listens_until = self.listens_until(turn);
    }

    /// When the office may begin to write, once it has heard this. Who has a past listens from when another
    /// has said what it holds; who has lost it, until all have; and who is new, until another has and
    /// for as long as a bus takes to give what it keeps.
    fn listens_until(&self, turn: &Turn) -> Moment {
        let is_lost = !self.is_kept && self.disk.origin() == Origin::Unknown;
        let is_new = !self.is_kept && !is_lost;
        match &turn.hears {
            Hears::Boot(_) if is_lost => Moment(u64::MAX),
            Hears::Boot(_) => turn.at + ALONE,
            Hears::Frame(_, frame) if is_take_over(frame.get()) => turn.at,
            Hears::Frame(..) if turn.tells_what_is_held(self.party) => {
                let until = match is_new {
                    true => turn.at.max(self.linked + LISTENS),
                    false if is_lost => turn.at + ROUND,
                    false => turn.at + LISTENS,
                };
                self.listens_until.min(until)
            }
            _ => self.listens_until,
        }
    }

    fn is_unit(&self, resource: ResourceId) -> bool {
        let office = self.office.as_ref();
        let own = office.and_then(|office| office.picture().state(self.party));
        let holding = own.and_then(|own| own.holdings.get(&resource));
        holding.is_some_and(|holding| holding.unit().is_some())
    }

    /// Whether the snapshot with which an author's fold begins here stands for an entry.
    fn stands_for(&self, log: LogKey, seq: u64) -> bool {
        let Some(picture) = self.office.as_ref().map(Office::picture) else {
            return false;
        };
        let known = picture.authors().get(&log.author);
        let begins = known.and_then(picture::Author::begins);
        let base = picture.log(log).map_or(0, picture::LogStatus::base);
        begins.is_some_and(|life| log.incarnation < life) || seq < base
    }

    /// J9: what an office says that it holds, in a digest or an answer, is on its disk.
    fn check_promised(&self, now: Moment, body: &Direct, judge: &mut Judge) {
        let said = match body {
            Direct::Digest(digest) => digest
                .logs
                .iter()
                .map(|held| (held.log, held.seq))
                .collect(),
            Direct::Reply(CommandReply {
                outcome: Outcome::Done { log, seq, .. },
                ..
            }) => vec![(*log, *seq)],
            _ => Vec::new(),
        };
        // What was done before a disk was lost may have come back as part of a state.
        let stood_for = |log, seq| matches!(body, Direct::Reply(_)) && self.stands_for(log, seq);
        for (log, seq) in said {
            if !self.disk.holds(log, seq) && !stood_for(log, seq) {
                let party = self.party;
                let text = format!("{party} says that it holds {log} up to {seq}, and does not");
                judge.violate(now, "J9", text);
            }
        }
    }

    /// J9: every entry that is published is on this disk. Its own entries are swapped for the ones
    /// that everybody else holds, so that memory has each but once.
    pub(super) fn check_published(&mut self, now: Moment, frame: &Frame, judge: &mut Judge) {
        if let Said::Direct {
            body: Direct::Order(order),
            ..
        } = frame.said()
            && matches!(
                order.task,
                Task::Go { .. } | Task::Turn { .. } | Task::Stand { .. }
            )
            && !self.committed.contains(&order.aid)
        {
            let text = format!(
                "{}: {} is ordered before it is durable",
                self.party, order.aid
            );
            judge.violate(now, "J9", text);
        }
        if let Said::Direct { body, .. } = frame.said() {
            self.check_promised(now, body, judge);
        }
        if !matches!(frame.topic(), Topic::Log(_) | Topic::Fill(_)) {
            return;
        }
        let (Said::Append { batch, .. } | Said::Direct { batch, .. }) = frame.said() else {
            return;
        };
        for envelope in &batch.envelopes {
            let header = envelope.header();
            let durable = if self.disk.share(envelope) {
                Durable::Yes
            } else {
                Durable::No
            };
            let checked = invariant::j9_published_is_durable(header.log, header.seq, durable);
            if let Err(text) = checked {
                judge.violate(now, "J9", format!("{}: {text}", self.party));
            }
        }
    }
}

/// Whether an operator tells a machine to write whatever it has heard.
fn is_take_over(frame: &Frame) -> bool {
    let Said::Direct {
        body: Direct::Command(command),
        ..
    } = frame.said()
    else {
        return false;
    };
    matches!(command.action, Action::TakeOver { .. })
}

/// Whether a second machine runs under an office's name at some time of the drill.
pub(crate) fn is_duplicated(drill: &Drill, party: PartyId) -> bool {
    let mut faults = drill.scenario().faults.faults.iter();
    faults.any(|fault| {
        matches!(fault.what, scenario::FaultKind::OfficeDuplicate { office, .. } if office == party)
    })
}
