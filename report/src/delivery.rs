//! Delivery: what was said on the bus, what of it is missing, and what was not believed.

use std::collections::BTreeMap;

use protocol::PartyId;
use serde::Serialize;

use crate::evidence::Evidence;

/// What was said, and what became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// Envelopes by author.
    pub authors: Vec<AuthorDelivery>,
    /// Frames by the first level of their topic.
    pub traffic: BTreeMap<String, Traffic>,
    /// Void entries by the rule that they broke.
    pub voids: BTreeMap<String, u64>,
    /// Messages that the offices of a drill refused on its bus, by kind; what the record itself
    /// holds and was not believed is in [`crate::Reading::refused`].
    pub refused: BTreeMap<String, u64>,
}

/// Envelopes of one author.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct AuthorDelivery {
    /// The author.
    pub author: PartyId,
    /// Entries that the record holds.
    pub entries: u64,
    /// Lives of the author: one more with each start.
    pub lives: u64,
    /// Entries that are known to exist and are not in the record.
    pub missing: u64,
    /// Entries beyond a seal or of a life that is not in force.
    pub orphans: u64,
    /// Entries that broke a rule of content.
    pub voids: u64,
    /// Whether two entries of one number were seen (R04).
    pub equivocates: bool,
}

/// Frames of one kind of topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Traffic {
    /// How many.
    pub frames: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Delivery {
    pub(crate) fn of(evidence: &Evidence) -> Self {
        let mut voids: BTreeMap<String, u64> = BTreeMap::new();
        let mut authors = Vec::new();
        for (id, author) in evidence.picture.authors() {
            let state = &author.state;
            for void in &state.voids {
                *voids.entry(void.code.to_string()).or_default() += 1;
            }
            let beyond = state.void_count - state.voids.len() as u64;
            if beyond > 0 {
                // The fold keeps the reasons of the latest alone.
                *voids.entry("…".to_owned()).or_default() += beyond;
            }
            let logs = author.lineage.logs();
            let is_here = |log: &&picture::LogStatus| log.count() > 0;
            let orphans = author.lineage.orphans(*id);
            authors.push(AuthorDelivery {
                author: *id,
                entries: logs.values().map(picture::LogStatus::count).sum(),
                // Of a life that somebody merely tells of nothing is known.
                lives: logs.values().filter(is_here).count() as u64,
                missing: logs.values().map(picture::LogStatus::missing).sum(),
                orphans: orphans.iter().map(|(_, count)| count).sum(),
                voids: state.void_count,
                equivocates: logs.values().any(|log| log.equivocates),
            });
        }
        Self {
            authors,
            traffic: evidence.traffic.clone(),
            voids,
            refused: evidence.refused.clone(),
        }
    }

    /// Entries of all authors that the record holds.
    pub fn entries(&self) -> u64 {
        self.authors.iter().map(|author| author.entries).sum()
    }

    /// Entries of all authors that are known to exist and are not in the record.
    pub fn missing(&self) -> u64 {
        self.authors.iter().map(|author| author.missing).sum()
    }
}
