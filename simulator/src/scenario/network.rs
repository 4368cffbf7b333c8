//! What links are like.

use protocol::Span;
use serde::Serialize;

use crate::stream::{Chance, Spread};

/// What links are like. All of it is drawn for each frame from [`crate::Stream::Network`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct NetworkProfile {
    /// How long a frame travels.
    pub latency: Spread,
    /// How likely a frame is lost.
    pub loss: Chance,
    /// How likely a frame arrives a second time.
    pub duplicate: Chance,
    /// How likely a frame is held back so that later ones overtake it.
    pub reorder: Chance,
    /// How much longer a frame travels that is held back.
    pub reorder_by: Span,
    /// How likely bytes of a frame are changed on the way.
    pub corrupt: Chance,
    /// Bits that the link carries in a second; `None` if the link is never the bottleneck.
    pub bits_per_s: Option<u64>,
}

impl Default for NetworkProfile {
    /// A wired government extranet inside one province (model): 20 ms, nothing lost.
    fn default() -> Self {
        Self {
            latency: Spread::Lognormal {
                median: Span::millis(20),
                p90: Span::millis(60),
            },
            loss: Chance::NEVER,
            duplicate: Chance::NEVER,
            reorder: Chance::NEVER,
            reorder_by: Span::seconds(2),
            corrupt: Chance::NEVER,
            bits_per_s: None,
        }
    }
}

impl NetworkProfile {
    /// In what it is worse than a wired extranet.
    pub(crate) fn worse_in(&self) -> Vec<&'static str> {
        let usual = Self::default();
        let ways = [
            ("delay", self.latency != usual.latency),
            ("loss", self.loss != usual.loss),
            ("duplication", self.duplicate != usual.duplicate),
            ("reordering", self.reorder != usual.reorder),
            ("corruption", self.corrupt != usual.corrupt),
            ("bandwidth", self.bits_per_s.is_some()),
        ];
        let worse = ways.into_iter().filter(|(_, worse)| *worse);
        worse.map(|(way, _)| way).collect()
    }
}
