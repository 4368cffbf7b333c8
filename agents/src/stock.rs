//! Snapshots: an office takes stock of its own log from time to time, and hands out and takes in what
//! others' logs have come to.

use std::collections::BTreeSet;
use std::sync::Arc;

use picture::{AuthorState, Offer, OfferState, StateAt};
use protocol::{
    Body, BusId, Envelope, Frame, Hash, Incarnation, LogKey, Moment, NeedId, Over, PartyId, Span,
    StatePart, Want, limit, pack,
};

use crate::door::{Output, Range, Ticket};
use crate::keeping::{Loading, Place};
use crate::office::{Office, Turn};

/// How long what is over stays in an office's state, drill time: a shift of three days can still
/// correct it (replication.md keeps entries as long in memory).
const RETAINED: Span = Span::hours(72);

/// Entries of an author after which its state is put on the disk again: reading as many takes a boot a
/// twentieth of a second.
const MARK_EVERY: u64 = 4_096;

/// Parts that one want of a state is answered with; the asker asks on.
pub(crate) const PARTS: u32 = 4;

/// When an office takes stock, and when it asks for somebody else's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StockTerms {
    /// Entries of its own after which it writes a snapshot.
    pub every: u64,
    /// Missing entries of one author beyond which it asks for the author's state rather than for them.
    pub gap: u64,
    /// Calls and commands, the latest, of which it knows over its snapshots that they were acted upon.
    pub requests: usize,
}

impl Default for StockTerms {
    /// A quarter of what replication.md proposes (4,096 and 5,000): thirteen authors' last thousand entries
    /// are what a line of 10 Mbit/s carries in ten seconds, and a snapshot costs its author a hundred
    /// bytes. Of requests as many are known as answers are remembered in one life; each is some forty bytes
    /// of a state, a hundred and fifty thousand in all beside the seven hundred thousand of a large office.
    fn default() -> Self {
        Self {
            every: 1_024,
            gap: 2_048,
            requests: 4_096,
        }
    }
}

impl Office {
    /// Writes a snapshot if enough was written since the last.
    pub(crate) fn take_stock(&mut self, turn: &mut Turn) {
        let (Some(pen), Some(own)) = (&self.pen, self.own()) else {
            return;
        };
        let since = own.folded.saturating_sub(own.last_snapshot.folded);
        // While its log is read again the state stands still: a snapshot of it would be void, and so
        // would the next turn's, and the next.
        if since < self.config.stock.every || !self.is_current(self.party()) {
            return;
        }
        let over = self.over(own, turn.now.drill);
        let entry = (pen.log().incarnation.epoch, pen.next());
        let Ok(snapshot) = own.snapshot(self.party(), over, entry) else {
            return;
        };
        self.write(turn, Body::Snapshot(snapshot));
        self.mark(turn, self.party());
        self.let_go();
    }

    /// Has the state at an author's last snapshot put on the disk, if enough was read since it was there
    /// last: it is as large as thousands of entries.
    pub(crate) fn mark(&mut self, turn: &mut Turn, author: PartyId) {
        let known = self.picture.authors().get(&author);
        let Some(at) = known.and_then(picture::Author::stock) else {
            return;
        };
        let marked = self.keeping.marked.entry(author).or_default();
        if at.state.folded
            < marked.saturating_add(MARK_EVERY.min(self.config.stock.every.saturating_mul(4)))
        {
            return;
        }
        *marked = at.state.folded;
        turn.out.push(Output::Mark(at.clone()));
    }

    /// What of its own is over, and was so long ago that nobody works on it.
    fn over(&self, own: &AuthorState, now: Moment) -> Over {
        let old = |at: Moment| now.since(at) >= RETAINED;
        // What is not known may be on its way, unless all of its author is here.
        let gone = |need: NeedId| match self.picture.need(need) {
            Some(need) => need.ended.is_some_and(|(_, at)| old(at)),
            None => self.has_all_of(need.author),
        };
        let bound: BTreeSet<NeedId> = own
            .aids
            .values()
            .filter(|aid| aid.binds())
            .map(|aid| aid.commit.need)
            .collect();
        let idle = |need: NeedId| gone(need) && !bound.contains(&need);
        let served = |need: &NeedId| !self.picture.aids_for(*need).any(picture::Aid::binds);
        let mut room = limit::OVER_ITEMS;
        let busy: BTreeSet<_> = own
            .needs
            .iter()
            .filter(|(id, _)| !gone(**id) || !served(id))
            .map(|(_, need)| need.request.incident)
            .collect();
        let incidents = own.incidents.iter().filter(|(id, incident)| {
            let ended = incident.ended_at.unwrap_or(incident.report.reported_at);
            !incident.is_open() && old(ended) && !busy.contains(id)
        });
        let incidents = some(incidents.map(|(id, _)| *id), &mut room);
        let ended = |offer: &Offer| offer.state != OfferState::Open && idle(offer.offer.need);
        let offers = own.offers.iter().filter(|(_, offer)| ended(offer));
        let offers = some(offers.map(|(id, _)| *id), &mut room);
        let aids = own.aids.iter().filter(|(_, aid)| idle(aid.commit.need));
        let aids = some(aids.map(|(id, _)| *id), &mut room);
        let answered: BTreeSet<_> = own.released.keys().chain(own.extensions.keys()).collect();
        let answered = answered
            .into_iter()
            .filter(|aid| match self.picture.aid(**aid) {
                Some(aid) => !aid.binds() && gone(aid.commit.need),
                None => self.has_all_of(aid.author),
            });
        let answered = some(answered.copied(), &mut room);
        let declined = own.declined.keys().filter(|need| gone(**need));
        let declined = some(declined.copied(), &mut room);
        Over {
            incidents,
            offers,
            aids,
            answered,
            declined,
            requests: Some(oldest_known(own, self.config.stock.requests)),
        }
    }

    /// The working lists follow the state.
    fn let_go(&mut self) {
        let Some(own) = self.picture.state(self.config.member.party) else {
            return;
        };
        let agenda = &mut self.agenda;
        agenda.calls.retain(|_, id| own.incidents.contains_key(id));
        agenda.lent = own.aids.values().map(|aid| aid.commit.need).collect();
        let oldest = own.requests.values().min().copied().unwrap_or_default();
        let known = |(life, seq): &(Incarnation, u64)| (life.epoch, *seq) >= oldest;
        agenda.gists.retain(|entry, _| known(entry));
    }

    fn is_current(&self, author: PartyId) -> bool {
        let known = self.picture.authors().get(&author);
        known.is_none_or(picture::Author::is_current)
    }

    /// Hands out an author's state from a part on. `false` if none is here that would spare the asker
    /// anything; one that is not on the disk yet is none (R5).
    pub(crate) fn state_wanted(
        &mut self,
        turn: &mut Turn,
        (bus, asker): (BusId, PartyId),
        (want, from): (&Want, u32),
    ) -> bool {
        let known = self.picture.authors().get(&want.log.author);
        let Some(at) = known.and_then(|known| known.stock()) else {
            return false;
        };
        let (log, seq) = (at.entry.header().log, at.entry.header().seq);
        let held = self.keeping.durable.get(&log).map_or(0, |held| held.0);
        let further = (log.incarnation, seq) > (want.log.incarnation, want.from);
        if held < seq || !further {
            return false;
        }
        let entry = Arc::clone(&at.entry);
        let said = self.keeping.said_states.remove(&log.author);
        let text = said.filter(|(hash, _)| *hash == entry.hash());
        let (hash, text) = text.unwrap_or_else(|| (entry.hash(), pack(&at.text())));
        let pieces = pieces(&text);
        let Ok(parts) = u32::try_from(pieces.len()) else {
            return false;
        };
        if parts > limit::STATE_PARTS {
            return false;
        }
        for part in from..parts.min(from.saturating_add(PARTS)) {
            let part = StatePart {
                log,
                seq,
                part,
                parts,
                text: pieces[part as usize].to_owned(),
            };
            let net = self.config.network.id;
            let frame = Frame::state(&mut self.speaker, net, asker, (part, &entry), turn.now.wall);
            let bytes = frame.text().len() as u64;
            self.keeping.fills.sent(asker, bytes, turn.now.link);
            turn.out.push(Output::Publish(bus, Arc::new(frame)));
        }
        self.keeping.said_states.insert(log.author, (hash, text));
        true
    }
}

impl crate::keeping::Keeping {
    /// Puts a snapshot that stands for what is before it on the disk.
    pub(crate) fn keep(&mut self, turn: &mut Turn, bus: BusId, at: &StateAt) -> Ticket {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.pend(ticket, Some(bus), (&at.entry, Place::Base));
        turn.out.push(Output::Keep(ticket, at.clone()));
        ticket
    }

    /// Asks the disk for all that it holds of a log.
    pub(crate) fn recall_log(&mut self, turn: &mut Turn, log: LogKey) {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.loads.insert(ticket, Loading::Recall { log });
        let (from, to) = (1, u64::MAX);
        turn.out.push(Output::Load(Range { log, from, to }, ticket));
    }

    /// A snapshot is on the disk, and stands for all before it.
    pub(crate) fn begins_at(&mut self, envelope: &Envelope) {
        let header = envelope.header();
        let end: (u64, Hash) = (header.seq, envelope.hash());
        let earlier = |log: &LogKey| {
            log.author == header.log.author && log.incarnation < header.log.incarnation
        };
        self.behind
            .extend(self.durable.keys().copied().filter(earlier));
        self.durable.retain(|log, _| !earlier(log));
        let held = self.durable.entry(header.log).or_default();
        if held.0 < end.0 {
            *held = end;
        }
    }
}

/// The entry of the oldest of so many requests, the latest.
fn oldest_known(own: &AuthorState, most: usize) -> (u32, u64) {
    let mut entries: Vec<(u32, u64)> = own.requests.values().copied().collect();
    entries.sort_unstable();
    let older = entries.len().saturating_sub(most);
    entries.get(older).copied().unwrap_or_default()
}

fn some<T>(all: impl Iterator<Item = T>, room: &mut usize) -> Vec<T> {
    let taken: Vec<T> = all.take(*room).collect();
    *room -= taken.len();
    taken
}

/// A text in pieces of at most [`limit::STATE_PART_BYTES`].
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut end = limit::STATE_PART_BYTES.min(rest.len());
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (piece, behind) = rest.split_at(end);
        pieces.push(piece);
        rest = behind;
    }
    pieces
}
