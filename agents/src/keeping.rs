//! Keeping every log whole: what is durable here, who holds what, what is missing and who is asked.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use picture::Words;
use protocol::{
    BusId, Direct, Envelope, Frame, Hash, Head, Incarnation, LogKey, Moment, PartyId, Span, Topic,
    batches, limit,
};

use crate::digest::Settled;
use crate::door::{LinkChange, Now, Output, Range, Ticket};
use crate::fills::Fills;
use crate::holders::Holders;
use crate::inquiry::Inquiry;
use crate::office::{Office, Turn};

/// Why an office takes nothing more, and what to do.
pub(crate) const DISK_BEHIND: &str = "the disk is so far behind that this office takes nothing new until it \
                                      has caught up; look whether the disk hangs";

/// The state of keeping.
#[derive(Debug, Default)]
pub struct Keeping {
    pub(crate) tickets: u64,
    pending: VecDeque<Pending>,
    /// Bytes of those.
    pending_bytes: usize,
    /// Whether its operators know that the disk is too far behind.
    is_behind: bool,
    pub(crate) durable: BTreeMap<LogKey, (u64, Hash)>,
    pub(crate) loads: BTreeMap<Ticket, Loading>,
    pub(crate) holders: Holders,
    /// Which digests count.
    pub(crate) words: Words,
    pub(crate) heard: BTreeMap<PartyId, Now>,
    /// In which life each party was last said to be there.
    lives: BTreeMap<PartyId, Incarnation>,
    pub(crate) wants: BTreeMap<LogKey, Asked>,
    /// Logs that may have a gap: those that something was heard of since they were last looked at,
    /// and those that do have one.
    pub(crate) suspects: BTreeSet<LogKey>,
    pub(crate) digest_at: Option<Moment>,
    /// When it was last said, link time.
    pub(crate) digest_said: Option<Moment>,
    /// How long after what was said before it is said, link time.
    pub(crate) digest_pause: Span,
    /// Where among the older logs the next digest goes on, if there are too many for one.
    pub(crate) named_from: usize,
    /// When entries of its own name came last from elsewhere, link time.
    pub(crate) own_came: Moment,
    /// How far this office's own log had come when everybody should have it by now.
    pub(crate) settled: Settled,
    /// The first entry on the disk of logs that begin there with a snapshot.
    pub(crate) begins: BTreeMap<LogKey, u64>,
    /// Logs on the disk that a snapshot stands for: nobody is told of them, and they are read again when
    /// the snapshot turns out to be of a life that was passed over.
    pub(crate) behind: BTreeSet<LogKey>,
    /// How much of each author had been read when its state was last put on the disk.
    pub(crate) marked: BTreeMap<PartyId, u64>,
    /// When much was asked for that has not come, link time.
    pub(crate) awaited: BTreeMap<LogKey, Moment>,
    /// States that were asked for, by author.
    pub(crate) inquiries: BTreeMap<PartyId, Inquiry>,
    /// Who sent a state of an author that is not the one its snapshot names: others are asked first.
    pub(crate) liars: BTreeSet<(PartyId, PartyId)>,
    /// The state of each author that was last handed out, packed, by its snapshot's hash: the asker will
    /// ask on.
    pub(crate) said_states: BTreeMap<PartyId, (Hash, String)>,
    pub(crate) fills: Fills,
}

#[derive(Debug)]
struct Pending {
    ticket: Ticket,
    /// The bus that it came from; `None` if it is this office's own.
    from: Option<BusId>,
    /// The buses that have brought it since.
    also: BTreeSet<BusId>,
    envelope: Arc<Envelope>,
    place: Place,
}

/// Where a stored entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In its log.
    Log,
    /// Beside it: another entry has its number, and it is kept as evidence.
    Evidence,
    /// At the beginning of what is here of its author: a snapshot, with its state.
    Base,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Loading {
    Fill {
        asker: PartyId,
        bus: BusId,
        range: Range,
    },
    Refold {
        log: LogKey,
    },
    /// Entries that a snapshot was to stand for, and does not.
    Recall {
        log: LogKey,
    },
}

impl Loading {
    /// Whether an author's fold waits for it.
    pub(crate) fn refolds(&self, author: PartyId) -> bool {
        matches!(self, Self::Refold { log } if log.author == author)
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) again: Moment,
    pub(crate) pause: Span,
    pub(crate) tries: u32,
    /// When entries of the log last came from its author, link time.
    pub(crate) heard: Moment,
}

impl Keeping {
    /// For every log, the last entry on this office's disk and its hash.
    pub fn durable(&self) -> &BTreeMap<LogKey, (u64, Hash)> {
        &self.durable
    }

    /// When each party was last heard.
    pub fn heard(&self) -> &BTreeMap<PartyId, Now> {
        &self.heard
    }

    /// Whether a party says for the first time that it is there in this life.
    pub(crate) fn is_new_life(&mut self, party: PartyId, life: Incarnation) -> bool {
        self.lives.insert(party, life) != Some(life)
    }

    /// In which life each party was last said to be there.
    pub(crate) fn lives(&self) -> impl Iterator<Item = (PartyId, Incarnation)> {
        self.lives.iter().map(|(party, life)| (*party, *life))
    }

    /// An entry is on the disk; entries of one log come in their order.
    pub(crate) fn recalled(&mut self, envelope: &Envelope) {
        let header = envelope.header();
        let held = self.durable.entry(header.log).or_default();
        if header.seq == held.0 + 1 {
            *held = (header.seq, envelope.hash());
        }
    }

    /// The ticket of the last entry of one's own that may not be on the disk yet.
    pub(crate) fn last_own_pending(&self) -> Option<Ticket> {
        let own = self.pending.iter().filter(|pending| pending.from.is_none());
        own.map(|pending| pending.ticket).next_back()
    }

    /// Entries of a log that were handed to the disk and may not be on it.
    pub(crate) fn pending_of(&self, log: LogKey) -> impl Iterator<Item = &Arc<Envelope>> {
        let pending = self.pending.iter().map(|pending| &pending.envelope);
        pending.filter(move |envelope| envelope.header().log == log)
    }

    pub(crate) fn append(
        &mut self,
        turn: &mut Turn,
        from: Option<BusId>,
        (envelope, place): (&Arc<Envelope>, Place),
    ) -> Ticket {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.pend(ticket, from, (envelope, place));
        turn.out.push(Output::Append(ticket, Arc::clone(envelope)));
        ticket
    }

    pub(crate) fn pend(
        &mut self,
        ticket: Ticket,
        from: Option<BusId>,
        (envelope, place): (&Arc<Envelope>, Place),
    ) {
        self.pending_bytes += envelope.line().len();
        self.pending.push_back(Pending {
            ticket,
            from,
            also: BTreeSet::new(),
            envelope: Arc::clone(envelope),
            place,
        });
    }

    /// An entry came again, over another bus: nobody need say it there.
    pub(crate) fn came_again(&mut self, bus: BusId, envelope: &Envelope) {
        let mut pending = self.pending.iter_mut().rev();
        let same = pending.find(|pending| pending.envelope.hash() == envelope.hash());
        if let Some(pending) = same {
            pending.also.insert(bus);
        }
    }

    /// Bytes of entries that were handed to the disk and are not on it yet.
    pub fn pending_bytes(&self) -> usize {
        self.pending_bytes
    }

    /// Whether so much waits for the disk that nothing more may be handed to it.
    pub(crate) fn is_full(&self) -> bool {
        self.pending_bytes > limit::UNDURABLE_BYTES
    }

    /// When keeping next has something to do, link time.
    pub(crate) fn next(&self) -> Option<Moment> {
        let wants = self.wants.values().map(|asked| asked.again);
        wants.chain(self.digest_at).min()
    }
}

impl Office {
    /// Peers that say to hold an entry on their disks: the second answer to 'is it safe'. Its author
    /// is no peer, for with its disk would go what only it holds; nor is who only looks on.
    pub fn held_by(&self, log: LogKey, seq: u64) -> Vec<PartyId> {
        let is_office = |party| {
            let member = self.picture.roster().member(party);
            member.is_some_and(|it| it.role.is_author())
        };
        let holding = self.keeping.holders.holding(log, seq);
        let peers = holding.filter(|holder| *holder != log.author && is_office(*holder));
        peers.collect()
    }

    /// Whether nothing that others say may be taken, for the disk is too far behind: whoever said it says it
    /// again, or is asked for it. What says who this office is, its own log and the region's, is taken still.
    pub(crate) fn has_no_room(&mut self, turn: &mut Turn) -> bool {
        if !self.keeping.is_full() {
            return false;
        }
        self.hearing.refuse("disk");
        if !std::mem::replace(&mut self.keeping.is_behind, true) {
            turn.alarm("disk-behind", DISK_BEHIND);
        }
        true
    }

    /// Puts entries that entered their log on the disk.
    pub(crate) fn store(&mut self, turn: &mut Turn, bus: BusId, envelopes: &[Arc<Envelope>]) {
        for envelope in envelopes {
            self.keeping.append(turn, Some(bus), (envelope, Place::Log));
        }
    }

    pub(crate) fn durable(&mut self, turn: &mut Turn, upto: Ticket) {
        let mut own = Vec::new();
        let mut relay: BTreeMap<(BTreeSet<BusId>, LogKey), Vec<Arc<Envelope>>> = BTreeMap::new();
        let bridges = self.bridges();
        while self
            .keeping
            .pending
            .front()
            .is_some_and(|pending| pending.ticket <= upto)
        {
            let Some(pending) = self.keeping.pending.pop_front() else {
                break;
            };
            let envelope = pending.envelope;
            self.keeping.pending_bytes -= envelope.line().len();
            match pending.place {
                Place::Log => self.keeping.recalled(&envelope),
                Place::Base => {
                    let header = envelope.header();
                    self.keeping.begins.insert(header.log, header.seq);
                    self.keeping.begins_at(&envelope);
                }
                Place::Evidence => {}
            }
            let log = envelope.header().log;
            match pending.from {
                None => own.push(envelope),
                Some(bus) if bridges => {
                    let mut known = pending.also;
                    known.insert(bus);
                    relay.entry((known, log)).or_default().push(envelope);
                }
                Some(_) => {}
            }
        }
        if self.keeping.pending_bytes < limit::UNDURABLE_BYTES / 2
            && std::mem::take(&mut self.keeping.is_behind)
        {
            turn.alarm(
                "disk-behind",
                "the disk has caught up; this office takes what is new again",
            );
        }
        if let Some(last) = own.last() {
            self.keeping.settled.note(last.header().seq, turn.now.link);
        }
        self.publish_log(turn, &BTreeSet::new(), own);
        for ((known, _), envelopes) in relay {
            self.publish_log(turn, &known, envelopes);
        }
        let after = std::mem::take(&mut self.agenda.after);
        let (ready, later) = after.into_iter().partition(|(ticket, _)| *ticket <= upto);
        self.agenda.after = later;
        let ready: Vec<(Ticket, Arc<Frame>)> = ready;
        for (_, frame) in ready {
            self.publish(turn, &frame);
        }
    }

    /// Whether an entry is its log's own, not one that contradicts it and is kept as evidence.
    pub(crate) fn is_in_its_log(&self, envelope: &Envelope) -> bool {
        let header = envelope.header();
        let known = self.picture.log(header.log);
        known.is_some_and(|log| log.hash_at(header.seq) == Some(envelope.hash()))
    }

    /// Publishes entries of one log on every bus but those that brought them.
    fn publish_log(&self, turn: &mut Turn, known: &BTreeSet<BusId>, envelopes: Vec<Arc<Envelope>>) {
        let Some(log) = envelopes.first().map(|envelope| envelope.header().log) else {
            return;
        };
        let others: Vec<BusId> = self.up().filter(|bus| !known.contains(bus)).collect();
        if others.is_empty() {
            return;
        }
        let Some((seq, hash)) = self.keeping.durable.get(&log).copied() else {
            return;
        };
        for batch in batches(envelopes) {
            let head = Head { log, seq, hash };
            let frame = Arc::new(Frame::append(self.config.network.id, head, batch));
            for bus in &others {
                turn.out.push(Output::Publish(*bus, Arc::clone(&frame)));
            }
        }
    }

    /// Whether it stands between buses, and relays from one to the others.
    pub(crate) fn bridges(&self) -> bool {
        self.buses.len() > 1
    }

    fn up(&self) -> impl Iterator<Item = BusId> + '_ {
        self.buses
            .iter()
            .filter(|(_, change)| **change == LinkChange::Up)
            .map(|(bus, _)| *bus)
    }

    pub(crate) fn is_linked(&self) -> bool {
        self.up().next().is_some()
    }

    pub(crate) fn publish(&self, turn: &mut Turn, frame: &Arc<Frame>) {
        for bus in self.up() {
            turn.out.push(Output::Publish(bus, Arc::clone(frame)));
        }
    }

    /// Says something once, on every bus.
    pub(crate) fn say(&mut self, turn: &mut Turn, topic: Topic, body: Direct, life: Span) {
        let frame = self.spoken(turn, topic, body, life);
        self.publish(turn, &frame);
    }

    pub(crate) fn spoken(
        &mut self,
        turn: &Turn,
        topic: Topic,
        body: Direct,
        life: Span,
    ) -> Arc<Frame> {
        let times = (turn.now.wall, life);
        Arc::new(Frame::direct(
            &mut self.speaker,
            self.config.network.id,
            topic,
            body,
            times,
        ))
    }
}
