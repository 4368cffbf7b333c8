//! Mending gaps: who is asked for what is missing, and how others are answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::{
    Batch, BusId, Direct, Envelope, Frame, Head, LogKey, PartyId, Span, Topic, Want, batches,
};

use picture::LogStatus;

use crate::door::{Now, Output, Range, Ticket};
use crate::fills::estimate;
use crate::keeping::{Asked, Keeping, Loading};
use crate::office::{Office, Turn};

/// How long a gap may close by itself before it is asked for, link time: reordering settles sooner.
const WANT_AFTER: Span = Span::millis(400);

/// The longest pause between two requests for the same gap, link time.
const WANT_PAUSE: Span = Span::seconds(60);

/// After a want, how long no digest brings on the next, link time.
const WANT_REST: Span = Span::seconds(5);

/// How long a want means anything, link time.
const WANT_LIFE: Span = Span::seconds(30);

/// Entries of one log that are asked for at a time.
pub(crate) const WANT_ENTRIES: u64 = 512;

/// Ranges of one log that are asked for at a time. A bad line leaves many holes; closing one a round
/// takes longer than the line takes to make the next.
const WANT_RANGES: usize = 8;

/// Entries between two holes that are sent again with them: they take no more room than another want
/// and another fill would.
const WANT_ACROSS: u64 = 2;

/// Batches that one want is answered with; the asker asks on.
const FILL_BATCHES: usize = 8;

impl Keeping {
    /// Who could send a log up to an entry: its author first, else any holder, each in its turn. Whoever
    /// is only heard of, on other buses than ours, would not hear the question; if only such are known to
    /// hold the entry, those who do hear it may hold it by now.
    pub(crate) fn source(&self, log: LogKey, seq: u64, tries: u32, us: PartyId) -> Option<PartyId> {
        let mut able: Vec<PartyId> = self.holders.holding(log, seq).collect();
        let speakers: Vec<PartyId> = self.holders.speakers().collect();
        if able.iter().any(|party| speakers.contains(party)) {
            able.retain(|party| speakers.contains(party));
        } else if !speakers.is_empty() {
            able = speakers;
        }
        able.retain(|party| *party != us);
        let lied = |party: &PartyId| self.liars.contains(&(log.author, *party));
        if !able.iter().all(lied) {
            able.retain(|party| !lied(party));
        }
        able.sort_by_key(|party| (*party != log.author, *party));
        let turn = usize::try_from(tries).unwrap_or(0) % able.len().max(1);
        able.get(turn).copied()
    }

    /// Asks the disk for all that it holds of an author, so that its fold can begin again.
    pub(crate) fn refold(&mut self, turn: &mut Turn, logs: Vec<LogKey>) {
        for log in logs {
            self.tickets += 1;
            let ticket = Ticket(self.tickets);
            self.loads.insert(ticket, Loading::Refold { log });
            turn.out.push(Output::Load(
                Range {
                    log,
                    from: 1,
                    to: u64::MAX,
                },
                ticket,
            ));
        }
    }

    /// Nothing of a log is missing any more.
    fn end_want(&mut self, log: LogKey) {
        self.wants.remove(&log);
        if !self.wants.keys().any(|it| it.author == log.author) {
            self.inquiries.remove(&log.author);
        }
    }

    /// Whether the disk is still to give back logs of an author, so that its fold can begin again.
    pub(crate) fn is_refolding(&self, author: PartyId) -> bool {
        self.loads.values().any(|load| load.refolds(author))
    }

    /// Whether the disk is still to give back logs of an author, for whatever reason.
    pub(crate) fn is_rereading(&self, author: PartyId) -> bool {
        let of = |load: &Loading| matches!(load, Loading::Recall { log } if log.author == author);
        self.is_refolding(author) || self.loads.values().any(of)
    }

    /// What the disk gives back of an author is not wanted any more: its logs begin elsewhere.
    pub(crate) fn end_refolding(&mut self, author: PartyId) {
        self.loads.retain(|_, load| !load.refolds(author));
    }

    /// New entries of a log come. If its author was silent for as long as the pause took to grow, the
    /// line was cut and is so no more: what is missing is asked for soon.
    pub(crate) fn entries_heard(&mut self, log: LogKey, now: Now) {
        let Some(asked) = self.wants.get_mut(&log) else {
            return;
        };
        let silence = now.link.since(asked.heard);
        asked.heard = now.link;
        if asked.pause > WANT_AFTER && asked.pause.0 <= silence.0.saturating_mul(2) {
            asked.again = asked.again.min(now.link + WANT_AFTER);
            asked.pause = WANT_AFTER;
        }
    }
}

/// A holder says that it has what is missing of a log: it is there to be asked, however long the pause has
/// grown in which nobody was.
pub(crate) fn holder_told(wants: &mut BTreeMap<LogKey, Asked>, log: LogKey, now: Now) {
    if let Some(asked) = wants.get_mut(&log)
        && asked.again.since(now.link) + WANT_REST <= asked.pause
    {
        asked.again = asked.again.min(now.link + WANT_AFTER);
    }
}

impl Office {
    pub(crate) fn want_heard(&mut self, turn: &mut Turn, bus: BusId, asker: PartyId, want: &Want) {
        if !self.keeping.fills.may_have(asker, turn.now.link) {
            self.hearing.refuse("R21");
            return;
        }
        if let Some(part) = want.state
            && self.state_wanted(turn, (bus, asker), (want, part))
        {
            return;
        }
        let begins = self.keeping.begins.get(&want.log);
        if begins.is_some_and(|begins| want.from < *begins) {
            // Not here: a snapshot stands for it.
            self.state_wanted(turn, (bus, asker), (want, 0));
            return;
        }
        let held = self.keeping.durable.get(&want.log).map_or(0, |held| held.0);
        let to = want
            .to
            .min(held)
            .min(want.from.saturating_add(WANT_ENTRIES - 1));
        if want.from == 0 || want.from > to {
            return;
        }
        let (log, from) = (want.log, want.from);
        let range = Range { log, from, to };
        let mut loads = self.keeping.loads.values();
        if loads.any(|load| load.fills((bus, asker), range)) {
            self.hearing.refuse("R21");
            return;
        }
        let fills = &mut self.keeping.fills;
        fills.sent(asker, estimate(range), turn.now.link);
        self.keeping.tickets += 1;
        let ticket = Ticket(self.keeping.tickets);
        let load = Loading::Fill { asker, bus, range };
        self.keeping.loads.insert(ticket, load);
        turn.out.push(Output::Load(range, ticket));
    }

    pub(crate) fn loaded(
        &mut self,
        turn: &mut Turn,
        ticket: Ticket,
        envelopes: Vec<Arc<Envelope>>,
    ) {
        match self.keeping.loads.remove(&ticket) {
            Some(Loading::Fill { asker, bus, range }) => {
                let mut bytes = 0;
                for batch in batches(envelopes).into_iter().take(FILL_BATCHES) {
                    let net = self.config.network.id;
                    let wall = turn.now.wall;
                    if let Some(frame) = Frame::fill(&mut self.speaker, net, asker, batch, wall) {
                        bytes += frame.text().len() as u64;
                        turn.out.push(Output::Publish(bus, Arc::new(frame)));
                    }
                }
                let beyond = bytes.saturating_sub(estimate(range));
                self.keeping.fills.sent(asker, beyond, turn.now.link);
            }
            Some(Loading::Refold { log }) => self.refolded(log, &envelopes),
            Some(Loading::Recall { .. }) => self.recall_all(turn, &envelopes),
            None => {}
        }
    }

    /// Reads an author's logs again, because its life in force changed.
    pub(crate) fn fold_again(&mut self, turn: &mut Turn, author: PartyId) {
        let Some(known) = self.picture.authors().get(&author) else {
            return;
        };
        let lives = known.lineage.logs().iter();
        let logs = lives
            .filter(|(_, log)| log.prefix > 0)
            .map(|(incarnation, _)| LogKey {
                author,
                incarnation: *incarnation,
            });
        let logs = logs.collect();
        self.keeping.refold(turn, logs);
    }

    /// One of an author's logs was read back; the fold begins again when all are. What the disk does
    /// not hold yet is still in hand.
    fn refolded(&mut self, log: LogKey, envelopes: &[Arc<Envelope>]) {
        let base = self.picture.log(log).map_or(0, LogStatus::base);
        let mut whole: Vec<Arc<Envelope>> = Vec::with_capacity(envelopes.len());
        for envelope in envelopes.iter().chain(self.keeping.pending_of(log)) {
            let next = base + whole.len() as u64 + 1;
            if envelope.header().seq == next && self.is_in_its_log(envelope) {
                whole.push(Arc::clone(envelope));
            }
        }
        self.picture.recollect(log.author, whole);
        if !self.keeping.is_refolding(log.author) {
            self.picture.refold(log.author);
            self.rebuild();
        }
    }

    /// Asks for what is missing, of one holder a range, with growing pauses.
    pub(crate) fn ask_for_gaps(&mut self, turn: &mut Turn) {
        let link = turn.now.link;
        for log in std::mem::take(&mut self.keeping.suspects) {
            if self.log_with_gaps(log).is_none() {
                self.keeping.end_want(log);
                continue;
            }
            self.keeping.suspects.insert(log);
            let first = Asked {
                again: link + WANT_AFTER,
                pause: WANT_AFTER,
                tries: 0,
                heard: link,
            };
            let asked = *self.keeping.wants.entry(log).or_insert(first);
            if asked.again > link {
                continue;
            }
            if !self.may_ask_for(log, link) {
                let again = link + WANT_AFTER;
                self.keeping.wants.insert(log, Asked { again, ..asked });
                continue;
            }
            let pause = Span((asked.pause.0 * 2).min(WANT_PAUSE.0));
            let next = Asked {
                again: link + pause,
                pause,
                tries: asked.tries + 1,
                heard: asked.heard,
            };
            self.keeping.wants.insert(log, next);
            // Who has no snapshot of it answers with entries.
            if self.lacks_much_of(log.author) && self.ask_for_state(turn, log, asked.tries) {
                continue;
            }
            let ranges = self.log_with_gaps(log).map(to_ask_for);
            for (from, to) in ranges.unwrap_or_default() {
                let source = self.keeping.source(log, from, asked.tries, self.party());
                if let Some(holder) = source {
                    let inquiry = self.keeping.inquiries.entry(log.author).or_default();
                    inquiry.turn_to(holder);
                    let want = Direct::Want(Want {
                        log,
                        from,
                        to,
                        state: None,
                    });
                    self.say(turn, Topic::Want(holder), want, WANT_LIFE);
                }
            }
        }
    }

    fn log_with_gaps(&self, log: LogKey) -> Option<&LogStatus> {
        let known = self.picture.log(log)?;
        known.wanted().next().map(|_| known)
    }

    /// Entries were published. The head is not signed, so it counts for nothing: what the entries say is.
    pub(crate) fn append_heard(&mut self, turn: &mut Turn, bus: BusId, head: &Head, batch: &Batch) {
        let log = head.log;
        self.hearing.refuse_all(&batch.refused);
        let before = self.count_of(log);
        self.take(turn, bus, &batch.envelopes);
        let signed = batch.envelopes.iter().map(|envelope| envelope.header());
        let signed = signed.filter(|header| header.log == log);
        if let Some(last) = signed.map(|header| header.seq).max()
            && log.author != self.party()
        {
            self.keeping.holders.note(log.author, log, last);
        }
        // Whoever has an old entry may say it again: only a new one tells that its author lives.
        if self.count_of(log) > before {
            self.keeping.entries_heard(log, turn.now);
            self.keeping.heard_from(log.author, turn.now);
        }
    }

    /// How many entries of a log are here, those included that wait for earlier ones.
    pub(crate) fn count_of(&self, log: LogKey) -> u64 {
        self.picture.log(log).map_or(0, LogStatus::count)
    }

    /// A fill brought entries: what is still missing may be asked for soon, once the batches that follow it on
    /// the same want are here too. Asking at once would bring each of them again.
    pub(crate) fn fill_heard(&mut self, log: LogKey, now: Now) {
        self.keeping.awaited.remove(&log);
        if let Some(asked) = self.keeping.wants.get_mut(&log) {
            *asked = Asked {
                again: now.link + WANT_AFTER,
                pause: WANT_AFTER,
                tries: 0,
                heard: asked.heard,
            };
        }
    }
}

/// The ranges of a log to ask for now, its first first.
fn to_ask_for(log: &LogStatus) -> Vec<(u64, u64)> {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    let mut left = WANT_ENTRIES;
    for (from, to) in log.wanted() {
        let across = ranges.last().map(|(_, before)| from - before - 1);
        let near = across.filter(|between| *between <= WANT_ACROSS);
        let before = near.unwrap_or(0);
        if left <= before || (near.is_none() && ranges.len() == WANT_RANGES) {
            break;
        }
        let count = (to - from + 1).min(left - before);
        left -= before + count;
        let to = from + count - 1;
        match ranges.last_mut().filter(|_| near.is_some()) {
            Some(last) => last.1 = to,
            None => ranges.push((from, to)),
        }
    }
    ranges
}
