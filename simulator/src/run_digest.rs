//! The digest of a run: what was decided, by whom and when, and nothing of how it was signed.

use protocol::{Hash, Moment, PartyId};

/// Hashes decisions in the order of time, office and entry.
///
/// Within one instant the order in which offices had their turn does not count, only what each of
/// them decided.
#[derive(Debug, Default)]
pub(crate) struct RunDigest {
    hasher: blake3::Hasher,
    at: Moment,
    instant: Vec<(PartyId, String)>,
    decisions: u64,
}

impl RunDigest {
    pub(crate) fn note(&mut self, at: Moment, office: PartyId, decision: String) {
        if at != self.at {
            self.close();
            self.at = at;
        }
        self.instant.push((office, decision));
        self.decisions += 1;
    }

    /// The digest so far.
    pub(crate) fn finish(&mut self) -> Hash {
        self.close();
        Hash(*self.hasher.finalize().as_bytes())
    }

    fn close(&mut self) {
        self.instant.sort_by_key(|(office, _)| *office);
        for (office, decision) in self.instant.drain(..) {
            self.hasher.update(&self.at.0.to_le_bytes());
            self.hasher.update(office.as_str().as_bytes());
            self.hasher.update(b"\t");
            self.hasher.update(decision.as_bytes());
            self.hasher.update(b"\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::party;

    fn digest(decisions: &[(u64, &str, &str)]) -> Hash {
        let mut digest = RunDigest::default();
        for (at, office, decision) in decisions {
            digest.note(Moment(*at), party(office), (*decision).to_owned());
        }
        digest.finish()
    }

    #[test]
    fn within_an_instant_only_each_office_s_own_order_counts() {
        let one = digest(&[(1, "a", "x"), (1, "b", "y"), (1, "a", "z")]);
        assert_eq!(one, digest(&[(1, "b", "y"), (1, "a", "x"), (1, "a", "z")]));
        assert_ne!(one, digest(&[(1, "a", "z"), (1, "b", "y"), (1, "a", "x")]));
        assert_ne!(one, digest(&[(2, "a", "x"), (2, "b", "y"), (2, "a", "z")]));
    }
}
