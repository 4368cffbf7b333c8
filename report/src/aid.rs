//! Mutual aid given and received: the ledger, the flows between cities, and double commitments.

mod ledger;
mod promise;

use std::collections::BTreeMap;

use protocol::{
    AidId, Audience, Body, IncidentId, Kind, Moment, NeedId, OfferId, PartyId, ResourceId,
};
use serde::Serialize;

use crate::evidence::Evidence;

pub use promise::DoubleCommit;
pub(crate) use promise::{Promise, promises};

/// Mutual aid of the whole account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AidAccount {
    /// Needs stated, those of a city for itself included.
    pub needs: u64,
    /// Needs that were asked of others.
    pub asked: u64,
    /// Commitments of a city to its own incidents.
    pub own: u64,
    /// Commitments to another city's incidents.
    pub lent: u64,
    /// Of these, arrived at the scene.
    pub arrived: u64,
    /// Of these, back home and counted.
    pub returned: u64,
    /// Commitments of stock or room, at home and to others: [`crate::Usage`] counts those of units.
    pub stock: u64,
    /// Answers that lent nothing.
    pub declined: u64,
    /// Accepted offers that were not committed.
    pub refused: u64,
    /// A resource bound to two commitments at one time: must be empty.
    pub double_commits: Vec<DoubleCommit>,
    /// Commitments by who lent to whom; a city's own are those to itself.
    pub flows: Vec<Flow>,
    /// Every need that was asked of others or served by others, with what came of it.
    pub ledger: Vec<LedgerRow>,
}

/// What one city lent to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Flow {
    /// Who lent.
    pub from: PartyId,
    /// Who asked.
    pub to: PartyId,
    /// Commitments.
    pub commits: u64,
    /// Of these, arrived.
    pub arrived: u64,
}

/// One line of the ledger: a need, and at most one offered resource with its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LedgerRow {
    /// The need.
    pub need: NeedId,
    /// The incident.
    pub incident: IncidentId,
    /// What was asked.
    pub kind: Kind,
    /// How much.
    pub quantity: u32,
    /// The widest ring that was asked.
    pub audience: Audience,
    /// When it was asked, drill time.
    pub asked_at: Moment,
    /// Who answered.
    pub owner: Option<PartyId>,
    /// With which offer.
    pub offer: Option<OfferId>,
    /// Of which resource.
    pub resource: Option<ResourceId>,
    /// When it was offered.
    pub offered_at: Option<Moment>,
    /// When it was accepted.
    pub accepted_at: Option<Moment>,
    /// The commitment.
    pub aid: Option<AidId>,
    /// When the owner committed it.
    pub committed_at: Option<Moment>,
    /// When it first arrived.
    pub arrived_at: Option<Moment>,
    /// When it was released by the asker or recalled by the owner.
    pub released_at: Option<Moment>,
    /// When it was home and counted.
    pub returned_at: Option<Moment>,
    /// Where it ended.
    pub outcome: Outcome,
}

/// How far a line of the ledger came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Nobody offered.
    Unanswered,
    /// Offered and still held.
    Offered,
    /// Offered, and lapsed, passed over or taken back.
    Lapsed,
    /// Accepted, and not committed by its owner.
    Refused,
    /// Committed, and not there within the record.
    Committed,
    /// Arrived, and not home within the record.
    Arrived,
    /// Home and counted.
    Returned,
    /// Turned to another commitment.
    Redirected,
    /// Recalled by its owner.
    Recalled,
    /// Lost or damaged on it.
    Lost,
}

impl Outcome {
    /// Chinese and English, for a table.
    pub const fn label(self) -> (&'static str, &'static str) {
        match self {
            Self::Unanswered => ("无答复", "unanswered"),
            Self::Offered => ("已答复", "offered"),
            Self::Lapsed => ("未采用", "not taken"),
            Self::Refused => ("未调派", "not committed"),
            Self::Committed => ("已调派", "committed"),
            Self::Arrived => ("已到场", "arrived"),
            Self::Returned => ("已归建", "returned"),
            Self::Redirected => ("已改派", "redirected"),
            Self::Recalled => ("已抽回", "recalled"),
            Self::Lost => ("失去", "lost"),
        }
    }
}

impl AidAccount {
    pub(crate) fn of(evidence: &Evidence) -> Self {
        let picture = &evidence.picture;
        let marks = Marks::of(evidence);
        let mut account = Self {
            double_commits: promise::doubled(evidence, &marks),
            ledger: ledger::rows(evidence, &marks),
            declined: marks.declined,
            refused: marks.refused,
            ..Self::default()
        };
        for (_, need) in picture.needs() {
            account.needs += 1;
            account.asked += u64::from(need.request.audience != Audience::Own);
        }
        let mut flows: BTreeMap<(PartyId, PartyId), (u64, u64)> = BTreeMap::new();
        for aid in picture
            .authors()
            .values()
            .flat_map(|a| a.state.aids.values())
        {
            let (from, to) = (aid.commit.aid.author, aid.commit.need.author);
            let arrived = u64::from(aid.arrived_at.is_some());
            let flow = flows.entry((from, to)).or_default();
            flow.0 += 1;
            flow.1 += arrived;
            account.stock += u64::from(!promise::is_unit(evidence, from, aid.commit.resource));
            if from == to {
                account.own += 1;
            } else {
                account.lent += 1;
                account.arrived += arrived;
                account.returned += u64::from(marks.returned.contains_key(&aid.commit.aid));
            }
        }
        let flow = |((from, to), (commits, arrived))| Flow {
            from,
            to,
            commits,
            arrived,
        };
        account.flows = flows.into_iter().map(flow).collect();
        account
    }

    /// Flows between different cities.
    pub fn between(&self) -> impl Iterator<Item = &Flow> {
        self.flows.iter().filter(|flow| flow.from != flow.to)
    }
}

/// When the messages about a commitment were said, which a fold keeps only in part.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    accepted: BTreeMap<OfferId, Moment>,
    released: BTreeMap<AidId, Moment>,
    returned: BTreeMap<AidId, Moment>,
    declined: u64,
    refused: u64,
}

impl Marks {
    pub(crate) fn of(evidence: &Evidence) -> Self {
        let mut marks = Self::default();
        for body in evidence.entries.iter().filter_map(|entry| entry.body()) {
            match body {
                Body::AidAccept(accept) => {
                    marks.accepted.entry(accept.offer).or_insert(accept.at);
                }
                Body::Release(release) => {
                    marks.released.entry(release.aid).or_insert(release.at);
                }
                Body::Recall(recall) => {
                    marks.released.entry(recall.aid).or_insert(recall.at);
                }
                Body::Returned(returned) => {
                    marks.returned.entry(returned.aid).or_insert(returned.at);
                }
                Body::AidDecline(_) => marks.declined += 1,
                Body::AidCommitRefused(_) => marks.refused += 1,
                _ => {}
            }
        }
        marks
    }

    /// When a commitment came home, if it did.
    pub(crate) fn returned(&self, aid: AidId) -> Option<Moment> {
        self.returned.get(&aid).copied()
    }
}
