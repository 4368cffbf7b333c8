//! Asking for what an author's log has come to, and taking it in: of whom it is asked, and what each
//! of them has sent.

use std::sync::Arc;

use picture::{LogStatus, StateAt};
use protocol::{
    BusId, Direct, Envelope, LogKey, Moment, PartyId, Span, StatePart, Topic, Want, limit, unpack,
};

use crate::office::{Office, Turn};
use crate::stock::PARTS;

/// Missing entries of one log that take a line of ten Mbit/s a tenth of a second.
const MUCH: u64 = 128;

/// Logs of which much is asked for at once.
const AT_ONCE: usize = 2;

/// How long much of a log is waited for before others have their turn, link time: what two answers take
/// over a line of four Mbit/s.
const AWAITED: Span = Span::seconds(1);

/// Every so often that nothing came of asking for a state, entries are asked for: there may be no
/// state, or no such gap.
const VAIN: u32 = 2;

/// How long a want of a state means anything, link time.
const WANT_LIFE: Span = Span::seconds(30);

/// A state that comes in parts.
#[derive(Debug)]
pub(crate) struct Arriving {
    log: LogKey,
    seq: u64,
    entry: Option<Arc<Envelope>>,
    parts: Vec<Option<String>>,
}

/// What a part of a state came to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Brought {
    /// It was here.
    Nothing,
    /// It is of another snapshot than those before. That is no reason to go on asking this holder: who
    /// speaks of one snapshot after the other would be asked for ever.
    Another,
    /// It goes with those that are here, or is the first.
    More,
}

/// What was asked about an author's state, and what of it came.
#[derive(Debug, Default)]
pub(crate) struct Inquiry {
    /// Who was asked last, for the state or for entries: who has these no more answers with a state.
    holder: Option<PartyId>,
    /// When the state was asked for last, link time.
    asked_at: Option<Moment>,
    /// How often it was asked for since anything of it came.
    vain: u32,
    /// What the holder has sent of it.
    arriving: Option<Arriving>,
}

impl Office {
    /// Whether so much of an author is missing that its state is asked for.
    pub(crate) fn lacks_much_of(&self, author: PartyId) -> bool {
        let Some(known) = self.picture.authors().get(&author) else {
            return false;
        };
        let lineage = &known.lineage;
        // Once all that counts of them is read, no state can stand for earlier lives.
        let from = lineage.in_force().filter(|_| lineage.is_read());
        let logs = lineage.logs().iter();
        let logs = logs.filter(|(life, _)| from.is_none_or(|from| **life >= from));
        // What others say that they hold may be any number.
        let missing = logs.fold(0_u64, |sum, (_, log)| sum.saturating_add(log.missing()));
        author != self.config.network.region && missing > self.config.stock.gap
    }

    /// Asks for the state of a log's author, from the first part that is not here, unless it was asked
    /// for in vain: then its entries are asked for, and the state again the next time. `false` if
    /// entries are to be asked for.
    ///
    /// How much is missing is what others say; one that says too much must not keep the rest from us.
    pub(crate) fn ask_for_state(&mut self, turn: &mut Turn, log: LogKey, tries: u32) -> bool {
        let inquiry = self.keeping.inquiries.entry(log.author).or_default();
        if inquiry.asked_at == Some(turn.now.link) {
            // One of several logs of its author; a state stands for all of them.
            return true;
        }
        if inquiry.vain == VAIN {
            inquiry.vain = 0;
            return false;
        }
        inquiry.vain += 1;
        inquiry.asked_at = Some(turn.now.link);
        let (from, to) = self
            .picture
            .log(log)
            .and_then(LogStatus::gap)
            .unwrap_or((1, 1));
        let us = self.party();
        let Some(holder) = self.keeping.source(log, from, tries, us) else {
            return false;
        };
        self.want_state(turn, (log, from, to), holder);
        true
    }

    /// Whether a log may be asked for now. Where much is missing of many, all of it at once would come so
    /// late over a slow line that each would be asked for again before it is here.
    pub(crate) fn may_ask_for(&mut self, log: LogKey, link: Moment) -> bool {
        let missing = self.picture.log(log).map_or(0, LogStatus::missing);
        // An office that boots waits for its own log, and serves when it has waited long enough.
        if missing < MUCH || log.author == self.party() {
            return true;
        }
        let awaited = &mut self.keeping.awaited;
        awaited.retain(|_, at| link.since(*at) < AWAITED);
        if awaited.len() >= AT_ONCE && !awaited.contains_key(&log) {
            return false;
        }
        awaited.insert(log, link);
        true
    }

    fn want_state(
        &mut self,
        turn: &mut Turn,
        (log, from, to): (LogKey, u64, u64),
        holder: PartyId,
    ) {
        let inquiry = self.keeping.inquiries.entry(log.author).or_default();
        inquiry.turn_to(holder);
        let state = Some(inquiry.next().unwrap_or(0));
        let want = Direct::Want(Want {
            log,
            from,
            to,
            state,
        });
        self.say(turn, Topic::Want(holder), want, WANT_LIFE);
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
        if author != self.party() && self.has_no_room(turn) {
            return;
        }
        let sound = part.part < part.parts
            && part.parts <= limit::STATE_PARTS
            && part.text.len() <= limit::STATE_PART_BYTES;
        let writes = self.pen.is_some() && author == self.party();
        let inquiry = self.keeping.inquiries.get_mut(&author);
        // From whom it was asked alone: what others say cannot spoil what is on its way.
        let asked = inquiry.filter(|inquiry| inquiry.holder == Some(from));
        let Some(inquiry) = asked.filter(|_| sound && !writes) else {
            return;
        };
        let brought = inquiry.take(part, envelopes);
        if brought == Brought::Nothing {
            return;
        }
        let (next, log) = (inquiry.next(), part.log);
        if brought == Brought::More {
            inquiry.vain = 0;
            let wants = self.keeping.wants.keys().filter(|it| it.author == author);
            for log in wants.copied().collect::<Vec<_>>() {
                self.fill_heard(log, turn.now);
            }
        }
        match next {
            None => self.begin_at(turn, bus, from, author),
            // The last part that one want brings: the next may be asked for.
            Some(next) if (part.part + 1).is_multiple_of(PARTS) && next == part.part + 1 => {
                let gap = self.picture.log(log).and_then(LogStatus::gap);
                let (first, last) = gap.unwrap_or((1, 1));
                self.want_state(turn, (log, first, last), from);
            }
            Some(_) => {}
        }
    }

    /// All parts are here: the author's fold begins with them, if they are what the author signed.
    fn begin_at(&mut self, turn: &mut Turn, bus: BusId, from: PartyId, author: PartyId) {
        let inquiry = self.keeping.inquiries.get_mut(&author);
        let Some(arrived) = inquiry.and_then(|it| it.arriving.take()) else {
            return;
        };
        let text: String = arrived.parts.into_iter().flatten().collect();
        let text = unpack(&text);
        let at = arrived.entry.zip(text);
        let at = at.and_then(|(entry, text)| StateAt::read(entry, &text));
        // What was asked for came and did not serve: its entries are asked for next.
        let refused = |office: &mut Self| {
            let inquiry = office.keeping.inquiries.entry(author).or_default();
            inquiry.vain = VAIN;
        };
        let Some(at) = at else {
            refused(self);
            self.keeping.liars.insert((author, from));
            self.alarm_once(turn, ("R04", from), arrived.log, || {
                format!(
                    "{from} sent a state of {author} that is not the one its snapshot names; \
                     it is dropped, and others are asked"
                )
            });
            return;
        };
        let Some(waited) = self.picture.begin_at(at.clone()) else {
            return refused(self);
        };
        let log = at.entry.header().log;
        self.keeping.inquiries.remove(&author);
        self.hear_hybrid(turn, &at.entry);
        self.keeping.keep(turn, bus, &at);
        if author == self.party() {
            self.keeping.own_came = turn.now.link;
        }
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

    /// Whether the part is one of these.
    fn agrees(&self, part: &StatePart) -> bool {
        (self.log, self.seq, self.parts.len()) == (part.log, part.seq, part.parts as usize)
    }

    fn first_missing(&self) -> Option<u32> {
        let missing = self.parts.iter().position(Option::is_none);
        missing.and_then(|part| u32::try_from(part).ok())
    }
}

impl Inquiry {
    /// Puts a part to those of the holder, which begin again if it now speaks of another snapshot.
    fn take(&mut self, part: &StatePart, envelopes: &[Arc<Envelope>]) -> Brought {
        let arriving = self.arriving.get_or_insert_with(|| Arriving::of(part));
        let again = !arriving.agrees(part);
        if again {
            *arriving = Arriving::of(part);
        }
        let is_it =
            |it: &&Arc<Envelope>| (it.header().log, it.header().seq) == (part.log, part.seq);
        if let Some(entry) = envelopes.iter().find(is_it) {
            arriving.entry = Some(Arc::clone(entry));
        }
        let place = &mut arriving.parts[part.part as usize];
        let is_news = place.is_none();
        *place = Some(part.text.clone());
        match (is_news, again) {
            (false, _) => Brought::Nothing,
            (true, true) => Brought::Another,
            (true, false) => Brought::More,
        }
    }

    /// Who is asked from now on. What another has sent in part is let go of: a state may be large.
    pub(crate) fn turn_to(&mut self, holder: PartyId) {
        if self.holder != Some(holder) {
            self.arriving = None;
        }
        self.holder = Some(holder);
    }

    /// The first part that has not come.
    fn next(&self) -> Option<u32> {
        self.arriving.as_ref().and_then(Arriving::first_missing)
    }
}
