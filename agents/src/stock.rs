//! Snapshots: an office takes stock of its own log from time to time, and hands out and takes in what
//! others' logs have come to.

use protocol::{
    Body, Direct, Frame, Hash, LogKey, Moment, NeedId, Over, PartyId, Span, StatePart, Topic, Want,
    limit,
};
use std::collections::BTreeSet;
use std::sync::Arc;

use picture::{AuthorState, Offer, OfferState, StateAt};
use protocol::{BusId, Envelope};

use crate::door::{Output, Ticket};
use crate::keeping::Place;
use crate::office::{Office, Turn};

/// How long what is over stays in an office's state, drill time: a shift of three days can still
/// correct it (replication.md keeps entries as long in memory).
const RETAINED: Span = Span::hours(72);

/// Parts that one want of a state is answered with; the asker asks on.
const PARTS: u32 = 4;

/// How long a want of a state means anything, link time.
const WANT_LIFE: Span = Span::seconds(30);

/// When an office takes stock, and when it asks for somebody else's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StockTerms {
    /// Entries of its own after which it writes a snapshot.
    pub every: u64,
    /// Missing entries of one author beyond which it asks for the author's state rather than for them.
    pub gap: u64,
}

impl Default for StockTerms {
    /// Never: the chaos campaign is not clean yet where offices begin with others' snapshots, and a log
    /// that is read from its first entry is slower and surely right. replication.md asks for 4,096 and
    /// 5,000; a scenario's `snapshot_every` and `snapshot_gap` turn it on.
    fn default() -> Self {
        Self {
            every: u64::MAX,
            gap: u64::MAX,
        }
    }
}

/// A state that comes in parts.
#[derive(Debug)]
pub(crate) struct Arriving {
    log: LogKey,
    seq: u64,
    entry: Option<Arc<Envelope>>,
    parts: Vec<Option<String>>,
}

impl Arriving {
    fn first_missing(&self) -> Option<u32> {
        let missing = self.parts.iter().position(Option::is_none);
        missing.and_then(|part| u32::try_from(part).ok())
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
        let Ok(snapshot) = own.snapshot(over, entry) else {
            return;
        };
        self.write(turn, Body::Snapshot(snapshot));
        self.let_go();
    }

    /// What of its own is over, and was so long ago that nobody works on it.
    fn over(&self, own: &AuthorState, now: Moment) -> Over {
        let old = |at: Moment| now.since(at) >= RETAINED;
        let gone = |need: NeedId| {
            let known = self.picture.need(need);
            known.is_none_or(|need| need.ended.is_some_and(|(_, at)| old(at)))
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
        let answered = answered.into_iter().filter(|aid| {
            let known = self.picture.aid(**aid);
            known.is_none_or(|aid| !aid.binds() && gone(aid.commit.need))
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
    }

    /// Whether so much of an author is missing that its state is asked for.
    pub(crate) fn lacks_much_of(&self, author: PartyId) -> bool {
        let Some(known) = self.picture.authors().get(&author) else {
            return false;
        };
        let missing = known
            .lineage
            .logs()
            .values()
            .map(picture::LogStatus::missing);
        author != self.config.network.region && missing.sum::<u64>() > self.config.stock.gap
    }

    /// Asks for an author's state, from the first part that is not here.
    pub(crate) fn ask_for_state(&mut self, turn: &mut Turn, log: LogKey, holder: PartyId) {
        let arriving = self.keeping.arriving.get(&log.author);
        let part = arriving.and_then(Arriving::first_missing).unwrap_or(0);
        let (from, to) = self
            .picture
            .log(log)
            .and_then(picture::LogStatus::gap)
            .unwrap_or((1, 1));
        let state = Some(part);
        let want = Direct::Want(Want {
            log,
            from,
            to,
            state,
        });
        self.say(turn, Topic::Want(holder), want, WANT_LIFE);
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
        let said = self.keeping.said_state.take();
        let text = said.filter(|(hash, _)| *hash == entry.hash());
        let (hash, text) = text.unwrap_or_else(|| (entry.hash(), at.text()));
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
            turn.out.push(Output::Publish(bus, Arc::new(frame)));
        }
        self.keeping.said_state = Some((hash, text));
        true
    }

    /// A part of an author's state came.
    pub(crate) fn state_heard(
        &mut self,
        turn: &mut Turn,
        (bus, from): (BusId, PartyId),
        part: &StatePart,
        envelopes: &[Arc<Envelope>],
    ) {
        let author = part.log.author;
        let sound = part.part < part.parts
            && part.parts <= limit::STATE_PARTS
            && part.text.len() <= limit::STATE_PART_BYTES;
        let writes = self.pen.is_some() && author == self.party();
        if !sound || writes || !self.lacks_much_of(author) {
            return;
        }
        let asked = self.keeping.wants.keys().filter(|log| log.author == author);
        for log in asked.copied().collect::<Vec<_>>() {
            self.fill_heard(log, turn.now);
        }
        let arriving = self
            .keeping
            .arriving
            .entry(author)
            .or_insert_with(|| Arriving::of(part));
        if (arriving.log, arriving.seq) < (part.log, part.seq) || !arriving.agrees(part) {
            *arriving = Arriving::of(part);
        }
        if (arriving.log, arriving.seq) != (part.log, part.seq) {
            return;
        }
        let is_it =
            |it: &&Arc<Envelope>| (it.header().log, it.header().seq) == (part.log, part.seq);
        if let Some(entry) = envelopes.iter().find(is_it) {
            arriving.entry = Some(Arc::clone(entry));
        }
        arriving.parts[part.part as usize] = Some(part.text.clone());
        match arriving.first_missing() {
            None => self.begin_at(turn, bus, from, author),
            // The last part that one want brings: the next may be asked for.
            Some(next) if (part.part + 1).is_multiple_of(PARTS) && next == part.part + 1 => {
                self.ask_for_state(turn, part.log, from);
            }
            Some(_) => {}
        }
    }

    /// All parts are here: the author's fold begins with them, if they are what the author signed.
    fn begin_at(&mut self, turn: &mut Turn, bus: BusId, from: PartyId, author: PartyId) {
        let Some(arrived) = self.keeping.arriving.remove(&author) else {
            return;
        };
        let text: String = arrived.parts.into_iter().flatten().collect();
        let at = arrived.entry.and_then(|entry| StateAt::read(entry, &text));
        let Some(at) = at else {
            self.alarm_once(turn, "R04", arrived.log, || {
                format!(
                    "{from} sent a state of {author} that is not the one its snapshot names; \
                     it is dropped, and others are asked"
                )
            });
            return;
        };
        let Some(waited) = self.picture.begin_at(at.clone()) else {
            return;
        };
        let log = at.entry.header().log;
        self.hear_hybrid(turn, &at.entry);
        self.keeping.keep(turn, bus, &at);
        self.store(turn, bus, &waited);
        self.began_at(log);
        if !waited.is_empty() {
            self.read_on(turn, log);
        }
    }

    /// What is known of an author came at once: all that is derived from it is found anew.
    pub(crate) fn began_at(&mut self, log: LogKey) {
        self.rebuild();
        self.agenda.plan = true;
        self.agenda.roads = true;
        self.agenda.views = true;
        self.news_of(log.author);
    }
}

impl Arriving {
    fn of(part: &StatePart) -> Self {
        Self {
            log: part.log,
            seq: part.seq,
            entry: None,
            parts: vec![None; part.parts as usize],
        }
    }

    /// Whether the part is one of these: equal in number, since all who read the log say the same.
    fn agrees(&self, part: &StatePart) -> bool {
        self.parts.len() == part.parts as usize
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

    /// A snapshot is on the disk, and stands for all before it.
    pub(crate) fn begins_at(&mut self, envelope: &Envelope) {
        let header = envelope.header();
        let end: (u64, Hash) = (header.seq, envelope.hash());
        self.durable.retain(|log, _| {
            log.author != header.log.author || log.incarnation >= header.log.incarnation
        });
        let held = self.durable.entry(header.log).or_default();
        if held.0 < end.0 {
            *held = end;
        }
    }
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
