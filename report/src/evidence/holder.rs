//! One more holder of the logs: it hears what a recording holds, in its order, as an office would.

use std::collections::BTreeMap;
use std::sync::Arc;

use picture::{Admission, Custody, Picture, StateAt};
use protocol::{
    Body, Decoder, Direct, Envelope, Frame, Hash, Moment, Network, PartyId, Prefix, Refusal,
    RosterChange, Said,
};

use crate::delivery::Traffic;

/// How many times a holder must have spoken to be judged.
const WORDS: usize = 3;

/// Hears frames, or reads envelopes, and folds them.
#[derive(Debug)]
pub(super) struct Holder {
    network: Network,
    decoder: Decoder,
    picture: Picture,
    stored: BTreeMap<PartyId, Vec<Arc<Envelope>>>,
    /// Came before an earlier entry, or before its author was admitted.
    early: Vec<Arc<Envelope>>,
    /// Were signed by a key that the roster did not hold yet.
    strange: Vec<(String, String)>,
    refused: BTreeMap<String, u64>,
    traffic: BTreeMap<String, Traffic>,
    custody: Custody,
    /// When each holder last spoke, the latest three times.
    words: BTreeMap<PartyId, Vec<Moment>>,
}

/// What the holder has in the end.
pub(super) struct Held {
    pub(super) picture: Picture,
    pub(super) entries: Vec<Arc<Envelope>>,
    pub(super) refused: BTreeMap<String, u64>,
    pub(super) traffic: BTreeMap<String, Traffic>,
    pub(super) custody: Custody,
    pub(super) words: BTreeMap<PartyId, Moment>,
}

impl Holder {
    pub(super) fn new(network: Network) -> Self {
        Self {
            decoder: Decoder::new(network.clone()),
            picture: Picture::looking_back(network.clone()),
            network,
            stored: BTreeMap::new(),
            early: Vec::new(),
            strange: Vec::new(),
            refused: BTreeMap::new(),
            traffic: BTreeMap::new(),
            custody: Custody::default(),
            words: BTreeMap::new(),
        }
    }

    /// Hears a frame as recorded: its topic in full or below the network's root.
    pub(super) fn hear(&mut self, topic: &str, text: String) {
        let root = format!("liandong/1/{}/", self.network.id);
        let topic = match topic.strip_prefix(&root) {
            Some(_) => topic.to_owned(),
            None => format!("{root}{topic}"),
        };
        let level = topic[root.len()..].split('/').next().unwrap_or_default();
        let level = crate::bilingual::clean(level);
        let known = self.traffic.len() < 64 || self.traffic.contains_key(&level);
        let level = if known { level } else { "…".to_owned() };
        let traffic = self.traffic.entry(level).or_default();
        traffic.frames += 1;
        traffic.bytes += text.len() as u64;
        self.decode(topic, text, true);
    }

    fn decode(&mut self, topic: String, text: String, may_wait: bool) {
        let heard = self
            .decoder
            .frame(&topic, text.as_bytes(), self.picture.roster());
        match heard {
            Ok(frame) => {
                let strange =
                    batch_of(frame.get()).is_some_and(|refused| refused.iter().any(is_strange));
                self.take(frame.get(), strange && may_wait);
                if strange && may_wait {
                    self.strange.push((topic, text));
                }
            }
            Err(refusal) if may_wait && is_strange(&refusal) => self.strange.push((topic, text)),
            Err(refusal) => self.refuse(refusal.code()),
        }
    }

    /// Takes what a frame brought; strangers' lines are judged later if they may wait.
    fn take(&mut self, frame: &Frame, strangers_wait: bool) {
        let batch = match frame.said() {
            // Nobody signs the head: what the entries say counts.
            Said::Append { batch, .. } => batch,
            Said::Direct {
                from,
                boot,
                n,
                body,
                batch,
                ..
            } => {
                self.told(*from, (*boot, *n), body);
                for envelope in &batch.envelopes {
                    self.came_by_hand_of(*from, envelope);
                }
                batch
            }
            Said::View => return,
        };
        for refusal in &batch.refused {
            if !(strangers_wait && is_strange(refusal)) {
                self.refuse(refusal.code());
            }
        }
        for envelope in &batch.envelopes {
            self.admit(envelope, true);
        }
    }

    /// What a holder says to have on its disk. What was said before, or by whom no logs are kept, counts
    /// nothing.
    fn told(&mut self, holder: PartyId, place: (u64, u64), body: &Direct) {
        let Direct::Digest(digest) = body else {
            return;
        };
        let roster = self.picture.roster();
        let is_another = |held: &Prefix| self.picture.is_another(held);
        if !self
            .custody
            .said(roster, (holder, place), digest, is_another)
        {
            return;
        }
        self.picture.told(holder, digest);
        let words = self.words.entry(holder).or_default();
        words.push(digest.drill);
        if words.len() > WORDS {
            words.remove(0);
        }
    }

    /// Notes over whom an entry came that the record did not hold yet.
    fn came_by_hand_of(&mut self, from: PartyId, envelope: &Envelope) {
        let header = envelope.header();
        let known = self.picture.log(header.log);
        let is_here = known.is_some_and(|log| log.prefix >= header.seq);
        if !is_here && from != header.log.author {
            self.custody.handed_on((header.log, header.seq), from);
        }
    }

    /// Reads entries of journals: the region's admissions first, its revocations last, because the
    /// journals' own office believed what it stored at the time. Their states stand for entries that are
    /// in none of them.
    pub(super) fn read(
        &mut self,
        states: Vec<StateAt>,
        envelopes: impl IntoIterator<Item = Arc<Envelope>>,
    ) -> u64 {
        let (mut roster, mut others) = (Vec::new(), Vec::new());
        let mut lines = 0;
        for envelope in envelopes {
            lines += 1;
            let header = envelope.header();
            if header.net != self.network.id || header.mode != self.network.mode {
                self.refuse("R01");
            } else if header.log.author == self.network.region {
                roster.push(envelope);
            } else {
                others.push(envelope);
            }
        }
        let place = |envelope: &Arc<Envelope>| {
            let header = envelope.header();
            (header.log, header.seq)
        };
        roster.sort_by_key(place);
        others.sort_by_key(place);
        let revokes = |envelope: &Arc<Envelope>| {
            matches!(
                envelope.body(),
                Some(Body::RosterChange(RosterChange::Revoke { .. }))
            )
        };
        let late = roster.iter().position(revokes).unwrap_or(roster.len());
        let late = roster.split_off(late);
        for envelope in &roster {
            self.admit(envelope, true);
        }
        let states = states.into_iter();
        let states: BTreeMap<Hash, StateAt> = states.map(|at| (at.entry.hash(), at)).collect();
        for envelope in others.iter().chain(&late) {
            let state = states.get(&envelope.hash());
            if state.is_some_and(|at| self.picture.bridge(at)) {
                let stored = self.stored.entry(envelope.header().log.author);
                stored.or_default().push(Arc::clone(envelope));
            } else {
                self.admit(envelope, true);
            }
        }
        lines
    }

    fn admit(&mut self, envelope: &Arc<Envelope>, may_wait: bool) {
        let author = envelope.header().log.author;
        match self.picture.admit(envelope) {
            Admission::Admitted { stored, .. } => {
                self.stored.entry(author).or_default().extend(stored);
            }
            Admission::Refold { stored } => {
                let entries = self.stored.entry(author).or_default();
                entries.extend(stored);
                entries.sort_by_key(|entry| (entry.header().log, entry.header().seq));
                for log in entries.chunk_by(|a, b| a.header().log == b.header().log) {
                    self.picture.recollect(author, log.to_vec());
                }
                self.picture.refold(author);
            }
            Admission::Parked if may_wait => self.early.push(Arc::clone(envelope)),
            Admission::Refused(_) if may_wait && self.picture.roster().member(author).is_none() => {
                self.early.push(Arc::clone(envelope));
            }
            Admission::Refused(_) => self.refuse("R02"),
            Admission::Equivocates => self.refuse("R04"),
            Admission::Duplicate | Admission::Parked => {}
        }
    }

    fn refuse(&mut self, code: &str) {
        *self.refused.entry(code.to_owned()).or_default() += 1;
    }

    pub(super) fn finish(mut self) -> Held {
        // A fresh decoder, because the old one remembers its refusals with the frame.
        self.decoder = Decoder::new(self.network.clone());
        for (topic, text) in std::mem::take(&mut self.strange) {
            self.decode(topic, text, false);
        }
        let mut early = std::mem::take(&mut self.early);
        early.sort_by_key(|entry| (entry.header().log, entry.header().seq));
        for envelope in &early {
            self.admit(envelope, false);
        }
        for entries in self.stored.values_mut() {
            entries.sort_by_key(|entry| (entry.header().log, entry.header().seq));
        }
        Held {
            picture: self.picture,
            entries: self.stored.into_values().flatten().collect(),
            refused: self.refused,
            traffic: self.traffic,
            custody: self.custody,
            words: self.words.iter().filter_map(judged_until).collect(),
        }
    }
}

/// A holder is judged by what was written when it spoke the last time but two: it speaks every minute,
/// sooner where it looks for something, so that what is under way for a moment is nobody's loss.
fn judged_until((holder, words): (&PartyId, &Vec<Moment>)) -> Option<(PartyId, Moment)> {
    (words.len() == WORDS).then(|| (*holder, words[0]))
}

fn is_strange(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::UnknownKey { .. })
}

fn batch_of(frame: &Frame) -> Option<&[Refusal]> {
    match frame.said() {
        Said::Append { batch, .. } | Said::Direct { batch, .. } => Some(&batch.refused),
        Said::View => None,
    }
}
