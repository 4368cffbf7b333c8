//! The edge: bytes from a bus become verified frames, or are refused with a code.
//!
//! Decoding decides R01, R02 and R07 alone: network, signature, size. Whether an envelope's content
//! makes sense is the fold's business. A decoder remembers what it verified, so that a process
//! decodes and verifies each line once however many of its offices hear it.

use std::sync::Arc;

use crate::direct::{self, Direct, DirectHeader};
use crate::envelope::{self, Content, Envelope};
use crate::frame::{Batch, Frame, Head, Said};
use crate::hash::Hash;
use crate::id::{NetId, PartyId};
use crate::limit;
use crate::line::{Fields, LineError, reason};
use crate::memory::Memory;
use crate::quantity::Wall;
use crate::roster::{Network, Roster};
use crate::signing::{KeyId, Suite};
use crate::topic::Topic;
use crate::words::Mode;

/// Something whose signature and shape were checked. Only a [`Decoder`] makes one.
#[derive(Debug)]
pub struct Verified<T>(Arc<T>);

impl<T> Verified<T> {
    /// What was verified.
    pub fn get(&self) -> &Arc<T> {
        &self.0
    }
}

impl<T> Clone for Verified<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// Why bytes from outside are not believed. Counted by [`Refusal::code`], never fatal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// R01: another network, or none of ours.
    #[error("the message belongs to network \"{found}\"; this is \"{expected}\"")]
    Network {
        /// Network or topic found.
        found: String,
        /// This network.
        expected: NetId,
    },
    /// R01: a drill's message on an actual network or the other way round.
    #[error("the message is marked {found}; this network is {expected}")]
    Mode {
        /// Mode found.
        found: Mode,
        /// Mode of this network.
        expected: Mode,
    },
    /// R02: nobody of that name and key was ever admitted.
    #[error("key {key} of \"{party}\" is not in the roster")]
    UnknownKey {
        /// The alleged sender.
        party: PartyId,
        /// The alleged key.
        key: KeyId,
    },
    /// R02: the key was revoked.
    #[error("key {key} of \"{party}\" is revoked")]
    RevokedKey {
        /// The sender.
        party: PartyId,
        /// The key.
        key: KeyId,
    },
    /// R02: the message says that it was signed after the key had ended.
    #[error("key {key} of \"{party}\" had expired when this was signed")]
    ExpiredKey {
        /// The sender.
        party: PartyId,
        /// The key.
        key: KeyId,
    },
    /// R02: signed in a way that this network does not take.
    #[error("signed with {found:?}; this network takes {expected:?}")]
    Suite {
        /// Suite found.
        found: Suite,
        /// Suite of this network.
        expected: Suite,
    },
    /// R02: the signature does not hold.
    #[error("the signature of \"{party}\" does not hold")]
    Signature {
        /// The alleged sender.
        party: PartyId,
    },
    /// R02: signed for another topic than it came on.
    #[error("signed for topic \"{signed}\" and published on \"{found}\"")]
    Topic {
        /// The topic inside the signature.
        signed: String,
        /// The topic that it came on.
        found: String,
    },
    /// R07: a line that cannot be read.
    #[error(transparent)]
    Line(#[from] LineError),
    /// R07: more bytes than a payload may have.
    #[error("the payload has {found} bytes; at most {limit} are accepted")]
    Payload {
        /// Bytes found.
        found: usize,
        /// Bytes accepted.
        limit: usize,
    },
    /// R07: bytes that are no text.
    #[error("the payload is not UTF-8")]
    NotText,
    /// R07: the line of an entry without its body, of which nobody can say what it tells.
    #[error("an entry of \"{party}\" comes without its body")]
    Bodyless {
        /// The author.
        party: PartyId,
    },
    /// R07: a message of a kind that does not belong on its topic.
    #[error("a message of this kind does not belong on \"{topic}\"")]
    Misplaced {
        /// The topic.
        topic: String,
    },
}

impl Refusal {
    /// The code of the rule that refused, for counters and screens.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Network { .. } | Self::Mode { .. } => "R01",
            Self::UnknownKey { .. }
            | Self::RevokedKey { .. }
            | Self::ExpiredKey { .. }
            | Self::Suite { .. }
            | Self::Signature { .. }
            | Self::Topic { .. } => "R02",
            Self::Line(_)
            | Self::Payload { .. }
            | Self::NotText
            | Self::Bodyless { .. }
            | Self::Misplaced { .. } => "R07",
        }
    }
}

/// Turns bytes into verified frames and remembers what it verified.
#[derive(Debug)]
pub struct Decoder {
    network: Network,
    lines: Memory<Envelope>,
    frames: Memory<Frame>,
}

/// Frames that a decoder remembers; each office of a process hears a frame within moments.
const FRAMES: usize = 1_024;

impl Decoder {
    /// A decoder for one network.
    pub fn new(network: Network) -> Self {
        Self {
            network,
            lines: Memory::new(limit::VERIFIED_LINES),
            frames: Memory::new(FRAMES),
        }
    }

    /// The same, for a process in which each frame is decoded once: it remembers none.
    #[must_use]
    pub fn of_each_frame_once(mut self) -> Self {
        self.frames = Memory::new(0);
        self
    }

    /// The network that it decodes for.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Decodes one message of a bus.
    ///
    /// A frame of several envelopes is accepted with those that hold; the others are listed in its
    /// [`Batch::refused`].
    pub fn frame(
        &mut self,
        topic: &str,
        payload: &[u8],
        roster: &Roster,
    ) -> Result<Verified<Frame>, Refusal> {
        let limit = limit::PAYLOAD_BYTES;
        if payload.len() > limit {
            return Err(Refusal::Payload {
                found: payload.len(),
                limit,
            });
        }
        let text = str::from_utf8(payload).map_err(|_| Refusal::NotText)?;
        let expected = self.network.id;
        let place = Topic::parse(expected, topic).ok_or_else(|| Refusal::Network {
            found: shorten(topic),
            expected,
        })?;
        let is_same = |known: &Frame| known.topic() == place && **known.text() == *text;
        if let Some(frame) = self.frames.recall(text, is_same) {
            return Ok(Verified(frame));
        }
        let said = match place {
            Topic::Log(author) => self.append(author, text, roster)?,
            Topic::View(..) => Said::View,
            _ => self.direct(place, text, roster)?,
        };
        let frame = Arc::new(Frame::new(expected, place, text.into(), said));
        self.frames.remember(text, Arc::clone(&frame));
        Ok(Verified(frame))
    }

    /// Decodes one envelope's line, as from a bundle or a foreign journal.
    pub fn envelope(&mut self, text: &str, roster: &Roster) -> Result<Arc<Envelope>, Refusal> {
        let is_same = |known: &Envelope| known.line() == text;
        if let Some(envelope) = self.lines.recall(text, is_same) {
            return Ok(envelope);
        }
        let envelope = Envelope::read(text)?;
        let header = envelope.header();
        self.belongs(header.net, header.mode, header.alg)?;
        let party = header.log.author;
        // Whoever carries an entry can take its body away and its signature holds. Taken in, it would stand
        // in the place of the whole one for ever; refused, it is missing and is asked for again.
        if *envelope.content() == Content::Withheld {
            return Err(Refusal::Bodyless { party });
        }
        self.signed(
            &envelope.fields(),
            (party, header.key),
            envelope::DOMAIN,
            roster,
        )?;
        let envelope = Arc::new(envelope);
        self.lines.remember(text, Arc::clone(&envelope));
        Ok(envelope)
    }

    fn append(&mut self, author: PartyId, text: &str, roster: &Roster) -> Result<Said, Refusal> {
        let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
        if first.len() > limit::LINE_BYTES {
            let (found, limit) = (first.len(), limit::LINE_BYTES);
            return Err(LineError::TooLong { found, limit }.into());
        }
        let head: Head = serde_json::from_str(first)
            .map_err(|error| Refusal::Line(LineError::Header(reason(&error))))?;
        if head.log.author != author {
            return Err(Refusal::Misplaced {
                topic: format!("log/{author}"),
            });
        }
        Ok(Said::Append {
            head,
            batch: self.batch(rest, roster),
        })
    }

    fn direct(&mut self, place: Topic, text: &str, roster: &Roster) -> Result<Said, Refusal> {
        let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
        let line = Fields::parse(first, limit::PAYLOAD_BYTES)?;
        let header: DirectHeader<'_> = line.header()?;
        self.belongs(header.net, header.mode, header.alg)?;
        counts(roster, (header.from, header.key), header.sent)?;
        self.signed(&line, (header.from, header.key), direct::DOMAIN, roster)?;
        let found = place.to_string();
        if header.topic != found {
            return Err(Refusal::Topic {
                signed: shorten(&header.topic),
                found,
            });
        }
        let body = line.body().unwrap_or_default();
        if Hash::of(body.as_bytes()) != header.body {
            return Err(LineError::BodyHash.into());
        }
        let body: Direct = serde_json::from_str(body)
            .map_err(|error| Refusal::Line(LineError::Header(reason(&error))))?;
        if !belongs_on(&body, place, header.from) {
            return Err(Refusal::Misplaced { topic: found });
        }
        let batch = self.batch(rest, roster);
        let DirectHeader {
            from,
            boot,
            n,
            life,
            ..
        } = header;
        Ok(Said::Direct {
            from,
            boot,
            n,
            life,
            body,
            batch,
        })
    }

    fn batch(&mut self, rest: &str, roster: &Roster) -> Batch {
        let mut batch = Batch::default();
        for line in rest.lines().take(limit::BATCH_ENVELOPES) {
            match self.envelope(line, roster) {
                Ok(envelope) => batch.envelopes.push(envelope),
                Err(refusal) => batch.refused.push(refusal),
            }
        }
        batch
    }

    fn belongs(&self, net: NetId, mode: Mode, suite: Suite) -> Result<(), Refusal> {
        let ours = &self.network;
        if net != ours.id {
            return Err(Refusal::Network {
                found: net.to_string(),
                expected: ours.id,
            });
        }
        if mode != ours.mode {
            return Err(Refusal::Mode {
                found: mode,
                expected: ours.mode,
            });
        }
        if suite != ours.suite {
            return Err(Refusal::Suite {
                found: suite,
                expected: ours.suite,
            });
        }
        Ok(())
    }

    fn signed(
        &self,
        line: &Fields<'_>,
        (party, key): (PartyId, KeyId),
        domain: &[u8],
        roster: &Roster,
    ) -> Result<(), Refusal> {
        let standing = roster
            .standing(party, key)
            .ok_or(Refusal::UnknownKey { party, key })?;
        if line.is_signed_by(&standing.key(), self.network.suite, domain) {
            Ok(())
        } else {
            Err(Refusal::Signature { party })
        }
    }
}

/// Whether a key counts for a direct message. Envelopes of a key that no longer counts stay in the logs
/// that hold them, so that the fold judges those; a direct message means nothing from then on.
fn counts(roster: &Roster, (party, key): (PartyId, KeyId), sent: Wall) -> Result<(), Refusal> {
    let unknown = Refusal::UnknownKey { party, key };
    let standing = roster.standing(party, key).ok_or(unknown)?;
    if standing.is_revoked() {
        return Err(Refusal::RevokedKey { party, key });
    }
    match standing.until() {
        Some(until) if sent > until => Err(Refusal::ExpiredKey { party, key }),
        _ => Ok(()),
    }
}

/// Whether a message of this kind, from this sender, may stand on the topic.
fn belongs_on(body: &Direct, place: Topic, from: PartyId) -> bool {
    match (body, place) {
        (Direct::Digest(_), Topic::Digest(party))
        | (Direct::Presence(_), Topic::Presence(party))
        | (Direct::Order(_), Topic::Order(party))
        | (Direct::Done(_), Topic::Done(party)) => party == from,
        (Direct::Want(_), Topic::Want(_))
        | (Direct::Fill(_) | Direct::State(_), Topic::Fill(_))
        | (Direct::Field(_), Topic::Field(_))
        | (Direct::Command(_), Topic::Command(_))
        | (Direct::Reply(_), Topic::Reply(_))
        | (Direct::Clock(_), Topic::Clock)
        | (Direct::Step(_), Topic::Step(_)) => true,
        _ => false,
    }
}

fn shorten(text: &str) -> String {
    crate::text::sanitise(text, 80)
}
