//! Which resource is not to serve which need, and why.

use std::collections::{BTreeMap, BTreeSet};

use picture::{AuthorState, Holding};
use protocol::{DeclineReason, Kind, Moment, NeedId, ResourceId};

use crate::board::{Slot, Whole};
use crate::office::Office;

/// Kinds that do not work where the wind is of Beaufort 7: what stands high or flies. Each machine has a
/// limit of its own in its manual; this is one for all, for a plan alone (ours, estimated). People who know
/// better send it by hand.
const NOT_IN_WIND: [Kind; 3] = [Kind::Ladder, Kind::Uav, Kind::Helicopter];

/// What no plan brings together.
#[derive(Debug, Clone, Default)]
pub struct Barred {
    /// Pairs.
    pairs: BTreeMap<(NeedId, ResourceId), Bar>,
    /// Needs that nothing serves: a storm bars them to whole fleets, too many to list.
    needs: BTreeMap<NeedId, Bar>,
}

/// Why a resource is not to serve a need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bar {
    /// Its owner does not answer that need.
    Unanswered,
    /// It is to stand by in a storm that comes as near to where it is.
    AsNear,
    /// The wind is too strong there for what it does.
    Wind,
    /// People declined to send it.
    Declined,
}

impl Bar {
    /// What an owner says that has nothing else.
    pub(crate) const fn reason(self) -> DeclineReason {
        match self {
            Self::Unanswered => DeclineReason::Busy,
            Self::AsNear => DeclineReason::KeepHome,
            Self::Wind => DeclineReason::Weather,
            Self::Declined => DeclineReason::ByOperator,
        }
    }
}

impl Barred {
    /// A need that a resource is not to serve.
    pub fn pair(&mut self, need: NeedId, resource: ResourceId, bar: Bar) {
        self.pairs.insert((need, resource), bar);
    }

    /// Why a resource is not to serve a need; `None` if it may.
    pub fn get(&self, need: NeedId, resource: ResourceId) -> Option<Bar> {
        let pair = self.pairs.get(&(need, resource));
        pair.max(self.needs.get(&need)).copied()
    }

    /// The pairs that are barred among what is known of the region.
    pub(crate) fn among(&self, whole: &Whole<'_>) -> BTreeSet<(NeedId, ResourceId)> {
        let mut pairs: BTreeSet<_> = self.pairs.keys().copied().collect();
        for slot in whole
            .slots
            .iter()
            .filter(|slot| self.needs.contains_key(&slot.need))
        {
            let able = whole
                .units
                .iter()
                .filter(|it| it.unit.resource.serves(slot.kind));
            pairs.extend(able.map(|it| (slot.need, it.unit.resource.resource)));
        }
        pairs
    }
}

impl Office {
    /// What is not to serve what.
    pub(crate) fn barred(&self, now: Moment) -> Barred {
        let mut barred = Barred::default();
        for (need, owner) in self.unanswered() {
            let kind = self.picture.need(need).map(|asked| asked.request.kind);
            let able = able(self.picture.state(owner), kind);
            let pairs = able.map(|resource| ((need, resource), Bar::Unanswered));
            barred.pairs.extend(pairs);
        }
        let kept = self.kept_from_standing_by(now);
        let kept = kept.into_iter().map(|pair| (pair, Bar::AsNear));
        barred.pairs.extend(kept);
        let high = |slot: &&Slot| NOT_IN_WIND.contains(&slot.kind);
        for slot in self.looked_at().filter(high) {
            if self.is_windy(slot.to, now) {
                barred.needs.insert(slot.need, Bar::Wind);
            }
        }
        let declined = self.picture.refused_pairs().into_iter();
        let declined = declined.map(|pair| (pair, Bar::Declined));
        barred.pairs.extend(declined);
        barred
    }

    /// Needs that this office plans for.
    pub(crate) fn looked_at(&self) -> impl Iterator<Item = &Slot> {
        let watch = &self.watch;
        let near = watch.own.values().chain(watch.asked.values());
        near.chain(watch.region.values())
    }
}

/// Whether a unit stands by, or is on its way to.
pub(crate) fn is_bound_to_stand_by(holding: &Holding) -> bool {
    let unit = holding.unit();
    unit.is_some_and(|unit| unit.stands_by && unit.aid.is_some())
}

/// An owner's resources that serve a kind.
pub(crate) fn able(
    owner: Option<&AuthorState>,
    kind: Option<Kind>,
) -> impl Iterator<Item = ResourceId> {
    let holdings = owner.into_iter().flat_map(|owner| &owner.holdings);
    let able = holdings.filter(move |(_, it)| kind.is_some_and(|kind| it.resource.serves(kind)));
    able.map(|(resource, _)| *resource)
}
