//! Frames: what one MQTT message carries, decoded once and shared.

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use crate::codec::Refusal;
use crate::direct::{Direct, Fill, Speaker};
use crate::envelope::{Envelope, LogKey};
use crate::hash::Hash;
use crate::id::{NetId, PartyId};
use crate::limit;
use crate::quantity::{Span, Wall};
use crate::snapshot::StatePart;
use crate::topic::Topic;

/// One message of the bus: its topic, its bytes and what they say.
#[derive(Clone, Debug)]
pub struct Frame {
    net: NetId,
    topic: Topic,
    text: Arc<str>,
    /// Made when somebody first asks: most frames are published or heard without it.
    digest: OnceLock<Hash>,
    said: Said,
}

/// What a frame says.
#[expect(
    clippy::large_enum_variant,
    reason = "a frame lives in an Arc, and a box more helps nobody"
)]
#[derive(Clone, Debug)]
pub enum Said {
    /// Envelopes of a log, by their author or a relay.
    Append {
        /// How far the author's log goes by now, so that a gap shows at once.
        head: Head,
        /// The envelopes.
        batch: Batch,
    },
    /// A direct message; a fill is followed by envelopes.
    Direct {
        /// Who sent it.
        from: PartyId,
        /// In which boot.
        boot: u64,
        /// Its number in that boot.
        n: u64,
        /// How long it means anything; see [`crate::DirectHeader::life`].
        life: Span,
        /// What it says.
        body: Direct,
        /// The envelopes that follow a fill.
        batch: Batch,
    },
    /// A view for foreign readers; offices do not read it.
    View,
}

/// The end of a log as its author knew it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The log.
    pub log: LogKey,
    /// Its last durable entry.
    pub seq: u64,
    /// That entry's hash.
    pub hash: Hash,
}

/// Envelopes that came together. One that is refused does not hold up the others.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Those that were verified, in their order.
    pub envelopes: Vec<Arc<Envelope>>,
    /// Why others were not.
    pub refused: Vec<Refusal>,
}

impl Frame {
    /// Envelopes of one log for everybody.
    pub fn append(net: NetId, head: Head, envelopes: Vec<Arc<Envelope>>) -> Self {
        let mut text = serde_json::to_string(&head).expect("a head is plain data");
        follow(&mut text, &envelopes);
        let batch = Batch {
            envelopes,
            refused: Vec::new(),
        };
        Self::new(
            net,
            Topic::Log(head.log.author),
            text.into(),
            Said::Append { head, batch },
        )
    }

    /// The answer to a want: envelopes of one log in a row.
    pub fn fill(
        speaker: &mut Speaker,
        net: NetId,
        asker: PartyId,
        envelopes: Vec<Arc<Envelope>>,
        sent: Wall,
    ) -> Option<Self> {
        let first = envelopes.first()?.header();
        let fill = Fill {
            log: first.log,
            from: first.seq,
            count: u32::try_from(envelopes.len()).expect("a batch is bounded"),
        };
        let body = Direct::Fill(fill);
        Some(Self::answer(speaker, (net, asker), body, envelopes, sent))
    }

    /// The answer to a want of a state: a part of it, the first with the snapshot's envelope.
    pub fn state(
        speaker: &mut Speaker,
        net: NetId,
        asker: PartyId,
        (part, snapshot): (StatePart, &Arc<Envelope>),
        sent: Wall,
    ) -> Self {
        let first = (part.part == 0).then(|| Arc::clone(snapshot));
        let body = Direct::State(part);
        let envelopes = first.into_iter().collect();
        Self::answer(speaker, (net, asker), body, envelopes, sent)
    }

    fn answer(
        speaker: &mut Speaker,
        (net, asker): (NetId, PartyId),
        body: Direct,
        envelopes: Vec<Arc<Envelope>>,
        sent: Wall,
    ) -> Self {
        let topic = Topic::Fill(asker);
        let life = Span::minutes(1);
        let mut text = speaker
            .speak(&topic.to_string(), &body, (sent, life))
            .text()
            .to_string();
        follow(&mut text, &envelopes);
        let batch = Batch {
            envelopes,
            refused: Vec::new(),
        };
        let said = speaker.said(life, body, batch);
        Self::new(net, topic, text.into(), said)
    }

    /// A direct message to a topic.
    pub fn direct(
        speaker: &mut Speaker,
        net: NetId,
        topic: Topic,
        body: Direct,
        times: (Wall, Span),
    ) -> Self {
        let line = speaker.speak(&topic.to_string(), &body, times);
        let said = speaker.said(times.1, body, Batch::default());
        Self::new(net, topic, Arc::clone(line.text()), said)
    }

    /// A view for foreign readers: plain GeoJSON.
    pub fn view(net: NetId, topic: Topic, geojson: &str) -> Self {
        Self::new(net, topic, geojson.into(), Said::View)
    }

    pub(crate) fn new(net: NetId, topic: Topic, text: Arc<str>, said: Said) -> Self {
        Self {
            net,
            topic,
            text,
            digest: OnceLock::new(),
            said,
        }
    }

    /// Where it is published.
    pub fn topic(&self) -> Topic {
        self.topic
    }

    /// Its bytes, which are UTF-8.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Names the frame in a process and in a lock-step cue: over topic and bytes.
    pub fn digest(&self) -> Hash {
        *self
            .digest
            .get_or_init(|| digest_of(&self.topic.on(self.net), &self.text))
    }

    /// What it says.
    pub fn said(&self) -> &Said {
        &self.said
    }
}

/// The digest of a frame's topic and bytes.
fn digest_of(topic: &str, text: &str) -> Hash {
    let mut hasher = blake3::Hasher::new();
    hasher
        .update(topic.as_bytes())
        .update(b"\n")
        .update(text.as_bytes());
    Hash(*hasher.finalize().as_bytes())
}

fn follow(text: &mut String, envelopes: &[Arc<Envelope>]) {
    text.reserve(envelopes.iter().map(|one| 1 + one.line().len()).sum());
    for envelope in envelopes {
        text.push('\n');
        text.push_str(envelope.line());
    }
}

/// Cuts envelopes into batches that stay within [`limit::BATCH_BYTES`] and [`limit::BATCH_ENVELOPES`].
pub fn batches(envelopes: Vec<Arc<Envelope>>) -> Vec<Vec<Arc<Envelope>>> {
    let mut all: Vec<Vec<Arc<Envelope>>> = Vec::new();
    let mut room = 0;
    for envelope in envelopes {
        let size = envelope.line().len() + 1;
        match all.last_mut() {
            Some(batch) if size <= room && batch.len() < limit::BATCH_ENVELOPES => {
                room -= size;
                batch.push(envelope);
            }
            _ => {
                room = limit::BATCH_BYTES.saturating_sub(size);
                all.push(vec![envelope]);
            }
        }
    }
    all
}

impl Speaker {
    /// What a frame just spoken by this sender says.
    fn said(&self, life: Span, body: Direct, batch: Batch) -> Said {
        let (boot, n) = self.last();
        Said::Direct {
            from: self.party(),
            boot,
            n,
            life,
            body,
            batch,
        }
    }
}
