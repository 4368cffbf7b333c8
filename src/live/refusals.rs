//! What came over the bus and was refused, by its kind, each message counted once however many hear it.
//!
//! A replay of a log's frame is harmless and a replay of a direct message is passed over, so neither
//! is a refusal of any rule: they are told here by their bytes, within a bounded memory. A bus that
//! repeats a publish, as QoS 1 may, is counted with them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use protocol::{Frame, Hash, LineError, Refusal, RefusedKind, Said, limit};

/// Frames whose bytes are remembered: some minutes of a region in uproar, a megabyte of digests.
const REMEMBERED: usize = 16_384;

/// What was refused so far.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    counts: BTreeMap<RefusedKind, u64>,
    heard: BTreeSet<Hash>,
    order: VecDeque<Hash>,
}

impl Refusals {
    /// A message that could not be taken.
    pub(crate) fn refused(&mut self, refusal: &Refusal) {
        *self.counts.entry(kind(refusal)).or_default() += 1;
    }

    /// A message that was taken, perhaps without some of its entries; `retained` if the bus kept it
    /// from before and gives it again by right.
    pub(crate) fn heard(&mut self, frame: &Frame, retained: bool) {
        let (Said::Append { batch, .. } | Said::Direct { batch, .. }) = frame.said() else {
            return;
        };
        for refusal in &batch.refused {
            self.refused(refusal);
        }
        if retained {
            return;
        }
        if self.heard.insert(frame.digest()) {
            self.order.push_back(frame.digest());
        } else {
            *self.counts.entry(RefusedKind::Replayed).or_default() += 1;
        }
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.heard.remove(&oldest);
        }
    }

    /// How many of each kind.
    pub(crate) fn counts(&self) -> &BTreeMap<RefusedKind, u64> {
        &self.counts
    }

    /// The counts in words; `None` if nothing was refused.
    pub(crate) fn told(&self) -> Option<String> {
        let counts = self.counts.iter();
        let counts: Vec<String> = counts
            .map(|(kind, count)| format!("{kind} {count}"))
            .collect();
        (!counts.is_empty()).then(|| format!("refused: {}", counts.join(", ")))
    }
}

/// A payload that the link did not even hand on.
pub(crate) fn oversized(bytes: usize) -> Refusal {
    Refusal::Payload {
        found: bytes,
        limit: limit::PAYLOAD_BYTES,
    }
}

/// What an operator would call it; the rule's code is coarser.
fn kind(refusal: &Refusal) -> RefusedKind {
    match refusal {
        Refusal::Network { .. } | Refusal::Mode { .. } => RefusedKind::Foreign,
        Refusal::UnknownKey { .. } => RefusedKind::UnknownKey,
        Refusal::RevokedKey { .. } => RefusedKind::RevokedKey,
        Refusal::ExpiredKey { .. } => RefusedKind::ExpiredKey,
        Refusal::Suite { .. }
        | Refusal::Signature { .. }
        | Refusal::Topic { .. }
        | Refusal::Bodyless { .. }
        | Refusal::Line(LineError::BodyHash) => RefusedKind::WronglySigned,
        Refusal::Line(LineError::Signature) => RefusedKind::Unsigned,
        Refusal::Payload { .. } | Refusal::Line(LineError::TooLong { .. }) => {
            RefusedKind::Oversized
        }
        Refusal::Line(_) | Refusal::NotText => RefusedKind::Malformed,
        Refusal::Misplaced { .. } => RefusedKind::Misplaced,
    }
}

#[cfg(test)]
mod tests {
    use protocol::{Head, Incarnation, LogKey, NetId, PartyId};

    use super::*;

    fn frame(seq: u64) -> Frame {
        let net: NetId = "drill-1".parse().unwrap();
        let author: PartyId = "990100".parse().unwrap();
        let incarnation = Incarnation { epoch: 1, nonce: 7 };
        let log = LogKey {
            author,
            incarnation,
        };
        let hash = Hash([0; 32]);
        Frame::append(net, Head { log, seq, hash }, Vec::new())
    }

    #[test]
    fn a_frame_that_comes_again_is_counted_unless_the_bus_kept_it() {
        let mut refusals = Refusals::default();
        refusals.heard(&frame(1), false);
        refusals.heard(&frame(1), true);
        refusals.heard(&frame(2), false);
        assert_eq!(refusals.told(), None);
        refusals.heard(&frame(1), false);
        assert_eq!(refusals.told().as_deref(), Some("refused: replayed 1"));
    }

    #[test]
    fn each_kind_is_counted_under_its_own_name() {
        let mut refusals = Refusals::default();
        refusals.refused(&Refusal::NotText);
        refusals.refused(&Refusal::Payload { found: 2, limit: 1 });
        refusals.refused(&Refusal::Line(LineError::Signature));
        refusals.refused(&Refusal::Line(LineError::Shape));
        assert_eq!(
            refusals.told().as_deref(),
            Some("refused: malformed 2, oversized 1, unsigned 1")
        );
    }

    #[test]
    fn the_memory_of_frames_is_bounded() {
        let mut refusals = Refusals::default();
        for seq in 0..REMEMBERED as u64 + 10 {
            refusals.heard(&frame(seq), false);
        }
        assert_eq!(refusals.heard.len(), REMEMBERED);
        assert_eq!(refusals.order.len(), REMEMBERED);
    }
}
