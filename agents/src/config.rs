//! What an office is told about itself before it boots.

use std::collections::BTreeMap;

use protocol::{
    Autonomy, HomeFloor, Kind, Member, Mode, Network, PartyId, Planning, Point, Requirement,
    Resource, Role, Signer, Span,
};
use region::Extent;

use crate::stock::StockTerms;

/// An office's standing orders.
#[derive(Debug, Clone)]
pub struct OfficeConfig {
    /// The network.
    pub network: Network,
    /// Who it is, as the roster will say.
    pub member: Member,
    /// Its key.
    pub signer: Signer,
    /// Where units report to when only words are known of a place.
    pub seat: Point,
    /// How far the region reaches; a place elsewhere is refused.
    pub extent: Extent,
    /// Its inventory; entries that its log does not hold yet are written at boot.
    pub inventory: Vec<Resource>,
    /// What it never lends.
    pub floors: Vec<HomeFloor>,
    /// 前置: units that it asks to stand by in its city when a storm is forecast to strike it; none if it
    /// never asks. What is counted by amount is left out.
    pub stand_by: Vec<Requirement>,
    /// Where each office of the region sits: the place that a storm's rings are told for.
    pub seats: BTreeMap<PartyId, Point>,
    /// Whether its planner acts or advises.
    pub autonomy: Autonomy,
    /// How its planner plans.
    pub planning: Planning,
    /// How it helps and asks for help.
    pub aid: AidTerms,
    /// What an event takes if the call does not say.
    pub templates: Vec<Template>,
    /// When it takes stock of its log, and when it asks for somebody else's.
    pub stock: StockTerms,
    /// How often views for foreign readers are published, in link time; `None` for never.
    pub views_every: Option<Span>,
}

/// How an office helps and asks for help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AidTerms {
    /// How long it waits for offers after asking a ring before it takes the best one, drill time.
    ///
    /// Long enough for an office at the far end of a satellite link to answer (two retransmissions
    /// of some seconds), short beside a response of ten minutes.
    pub window: Span,
    /// How long an offer of its own holds, drill time. Three windows: the asker may wait for its own
    /// window, and its accept must travel back. An asker that is heard and never in time gets more.
    pub hold: Span,
}

impl Default for AidTerms {
    fn default() -> Self {
        Self {
            window: Span::seconds(30),
            hold: Span::seconds(180),
        }
    }
}

/// What an event takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The event's code.
    pub event: String,
    /// What it takes.
    pub requires: Vec<Requirement>,
}

/// Why an office does not start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Acting on its own is for exercises and tests alone.
    #[error(
        "autonomy is \"act\" and the network is actual; set autonomy to \"advise\", for on an actual network people decide"
    )]
    ActOnActual,
    /// A party of this role keeps no log.
    #[error(
        "role \"{0}\" keeps no log; an office is a city, province, district, met, grid, maritime or observer"
    )]
    Role(Role),
    /// The key is another party's.
    #[error("the key belongs to \"{key}\" and the office is \"{office}\"")]
    Key {
        /// Whose key it is.
        key: PartyId,
        /// The office.
        office: PartyId,
    },
}

impl OfficeConfig {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if self.network.mode == Mode::Actual && self.autonomy == Autonomy::Act {
            return Err(ConfigError::ActOnActual);
        }
        let role = self.member.role;
        if !role.holds_logs() {
            return Err(ConfigError::Role(role));
        }
        if self.signer.party() != self.member.party {
            let (key, office) = (self.signer.party(), self.member.party);
            return Err(ConfigError::Key { key, office });
        }
        Ok(())
    }

    /// What an event takes: as its template says, else one fire crew.
    pub(crate) fn requires(&self, event: &str) -> Vec<Requirement> {
        let known = self
            .templates
            .iter()
            .find(|template| template.event == event);
        known.map_or_else(
            || {
                vec![Requirement {
                    kind: Kind::FireRescue,
                    quantity: 1,
                    duration: Span::minutes(40),
                }]
            },
            |template| template.requires.clone(),
        )
    }
}
