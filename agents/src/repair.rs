//! Mending gaps: who is asked for what is missing, and how others are answered.

use std::sync::Arc;

use protocol::{BusId, Direct, Envelope, Frame, LogKey, PartyId, Span, Topic, Want, batches};

use picture::LogStatus;

use crate::door::{Now, Output, Range, Ticket};
use crate::keeping::{Asked, Keeping, Loading};
use crate::office::{Office, Turn};

/// How long a gap may close by itself before it is asked for, link time: reordering settles sooner.
const WANT_AFTER: Span = Span::millis(400);

/// The longest pause between two requests for the same gap, link time.
const WANT_PAUSE: Span = Span::seconds(60);

/// Entries that one want asks for.
const WANT_ENTRIES: u64 = 512;

/// Batches that one want is answered with; the asker asks on.
const FILL_BATCHES: usize = 8;

impl Keeping {
    /// Who could send a log up to an entry: its author first, else any holder, each in its turn.
    fn source(&self, log: LogKey, seq: u64, tries: u32, us: PartyId) -> Option<PartyId> {
        let able = self.holders.holding(log, seq);
        let mut able: Vec<PartyId> = able.filter(|party| *party != us).collect();
        able.sort_by_key(|party| (*party != log.author, *party));
        let turn = usize::try_from(tries).unwrap_or(0) % able.len().max(1);
        able.get(turn).copied()
    }
}

impl Office {
    pub(crate) fn want_heard(&mut self, turn: &mut Turn, bus: BusId, asker: PartyId, want: &Want) {
        let held = self.keeping.durable.get(&want.log).map_or(0, |held| held.0);
        let to = want
            .to
            .min(held)
            .min(want.from.saturating_add(WANT_ENTRIES - 1));
        if want.from == 0 || want.from > to {
            return;
        }
        self.keeping.tickets += 1;
        let ticket = Ticket(self.keeping.tickets);
        self.keeping
            .loads
            .insert(ticket, Loading::Fill { asker, bus });
        turn.out.push(Output::Load(
            Range {
                log: want.log,
                from: want.from,
                to,
            },
            ticket,
        ));
    }

    pub(crate) fn loaded(
        &mut self,
        turn: &mut Turn,
        ticket: Ticket,
        envelopes: Vec<Arc<Envelope>>,
    ) {
        match self.keeping.loads.remove(&ticket) {
            Some(Loading::Fill { asker, bus }) => {
                for batch in batches(envelopes).into_iter().take(FILL_BATCHES) {
                    let net = self.config.network.id;
                    let wall = turn.now.wall;
                    if let Some(frame) = Frame::fill(&mut self.speaker, net, asker, batch, wall) {
                        turn.out.push(Output::Publish(bus, Arc::new(frame)));
                    }
                }
            }
            Some(Loading::Refold { log }) => self.refolded(log, &envelopes),
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
        let mut whole: Vec<Arc<Envelope>> = Vec::with_capacity(envelopes.len());
        for envelope in envelopes.iter().chain(self.keeping.pending_of(log)) {
            let next = whole.len() as u64 + 1;
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

    /// Asks for what is missing, of one holder a gap, with growing pauses.
    pub(crate) fn ask_for_gaps(&mut self, turn: &mut Turn) {
        let link = turn.now.link;
        let mut gaps = Vec::new();
        for log in std::mem::take(&mut self.keeping.suspects) {
            let author = self.picture.authors().get(&log.author);
            let known = author.and_then(|author| author.lineage.logs().get(&log.incarnation));
            if let Some((from, to)) = known.and_then(LogStatus::gap) {
                gaps.push((log, from, to));
            } else {
                self.keeping.wants.remove(&log);
            }
        }
        for (log, from, to) in gaps {
            self.keeping.suspects.insert(log);
            let first = Asked {
                again: link + WANT_AFTER,
                pause: WANT_AFTER,
                tries: 0,
            };
            let asked = *self.keeping.wants.entry(log).or_insert(first);
            if asked.again > link {
                continue;
            }
            let to = to.min(from.saturating_add(WANT_ENTRIES - 1));
            let source = self.keeping.source(log, from, asked.tries, self.party());
            let pause = Span((asked.pause.0 * 2).min(WANT_PAUSE.0));
            let next = Asked {
                again: link + pause,
                pause,
                tries: asked.tries + 1,
            };
            self.keeping.wants.insert(log, next);
            if let Some(holder) = source {
                let want = Want { log, from, to };
                self.say(
                    turn,
                    Topic::Want(holder),
                    Direct::Want(want),
                    Span::seconds(30),
                );
            }
        }
    }

    /// A fill came: what is still missing may be asked for soon, once the batches that follow it on
    /// the same want are here too. Asking at once would bring each of them again.
    pub(crate) fn fill_heard(&mut self, log: LogKey, now: Now) {
        if let Some(asked) = self.keeping.wants.get_mut(&log) {
            *asked = Asked {
                again: now.link + WANT_AFTER,
                pause: WANT_AFTER,
                tries: 0,
            };
        }
    }
}
