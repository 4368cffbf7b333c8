//! Drawn units and needs, and a dispatch that is told of them.

use std::ops::RangeInclusive;

use agents::planner::{Certificate, Demand, Dispatch, Effort, Planned, Problem, Settled, Supply};
use protocol::{Deciseconds, Kind, NeedId, PartyId, Severity};
use region::Region;

use super::road_search::{RoadSearch, Stands};
use crate::bench::draws::Draws;
use crate::failure::Failure;

/// Kinds that are drawn.
const KINDS: [Kind; 5] = [
    Kind::FireRescue,
    Kind::Medical,
    Kind::Pump,
    Kind::Engineering,
    Kind::Power,
];

/// What units take to make ready at most, a tenth of a second: two minutes.
const READY_MAX: u32 = 1_200;

/// Severities that are drawn: the grave ones are rare.
const SEVERITIES: [Severity; 6] = [
    Severity::Critical,
    Severity::Serious,
    Severity::Moderate,
    Severity::Moderate,
    Severity::Minor,
    Severity::Minor,
];

/// A dispatch with the ground that it plans over.
pub(super) struct Town {
    dispatch: Dispatch,
    roads: RoadSearch,
    draws: Draws,
    offices: Vec<PartyId>,
    supplies: Vec<Stands>,
    asked: u32,
    /// What the burst asks for.
    needs: Vec<Demand>,
}

impl Town {
    /// Nobody and nothing yet.
    pub(super) fn over(region: &Region, seed: u64) -> Self {
        let offices = region.cities().map(|city| city.party).collect();
        Self::on(RoadSearch::over(region), offices, seed)
    }

    /// The same over roads on which nobody stands.
    pub(super) fn on(roads: RoadSearch, offices: Vec<PartyId>, seed: u64) -> Self {
        Self {
            dispatch: Dispatch::default(),
            roads,
            draws: Draws(seed),
            offices,
            supplies: Vec::new(),
            asked: 0,
            needs: Vec::new(),
        }
    }

    /// Draws units.
    pub(super) fn mobilise(&mut self, count: u32) -> Result<(), Failure> {
        for number in 0..count {
            let node = self.roads.draw(&mut self.draws);
            let (_, owner) = self.roads.place(node);
            let resource = format!("{owner}-u-{number}");
            let supply = Supply {
                resource: resource.parse().map_err(Failure::bug)?,
                owner,
                kind: *self.draws.one(&KINDS),
                also: Vec::new(),
                doing: agents::planner::Doing::default(),
            };
            let ready = self.draws.below(READY_MAX);
            let stands = Stands {
                supply,
                node,
                ready,
            };
            self.stand(&stands)?;
            self.supplies.push(stands);
        }
        Ok(())
    }

    /// A unit is told of.
    pub(super) fn stand(&mut self, stands: &Stands) -> Result<(), Failure> {
        let supply = stands.supply.clone();
        let unit = self.dispatch.offer(supply).map_err(Failure::bug)?;
        self.roads.stand(unit, stands);
        Ok(())
    }

    /// Draws needs of so many units each.
    pub(super) fn draw_needs(&mut self, count: u32, quantity: RangeInclusive<u32>) -> Vec<Demand> {
        let draws = &mut self.draws;
        let needs = (0..count).map(|_| {
            self.asked += 1;
            let node = self.roads.draw(draws);
            let (to, office) = self.roads.place(node);
            let need = format!("{office}-1-{}", self.asked);
            let (least, most) = (*quantity.start(), *quantity.end());
            Demand {
                need: need.parse().expect("an office, a life and a number"),
                office,
                kind: *draws.one(&KINDS),
                quantity: least + draws.below(most - least + 1),
                severity: *draws.one(&SEVERITIES),
                waited: Deciseconds(600 * draws.below(30)),
                to,
            }
        });
        needs.collect()
    }

    /// Asks for drawn needs.
    pub(super) fn burst(&mut self, count: u32, quantity: RangeInclusive<u32>) {
        for need in self.draw_needs(count, quantity) {
            self.needs.push(need.clone());
            self.ask(need);
        }
    }

    /// What the burst asks for.
    pub(super) fn needs(&self) -> &[Demand] {
        &self.needs
    }

    /// The units that were drawn.
    pub(super) fn supplies(&self) -> &[Stands] {
        &self.supplies
    }

    pub(super) fn ask(&mut self, need: Demand) {
        self.dispatch.ask(need);
    }

    pub(super) fn withdraw(&mut self, need: NeedId) {
        self.dispatch.withdraw(need);
    }

    /// One of the units that the plan sends somewhere.
    pub(super) fn one_that_serves(&mut self) -> Stands {
        let (_, proof) = self.dispatch.proof();
        let (_, unit) = *self.draws.one(&proof.pairs);
        let mut supplies = self.supplies.iter();
        let found = supplies.find(|stands| {
            let number = self.dispatch.unit(stands.supply.resource);
            number.is_some_and(|number| number.0 == unit)
        });
        let found = found.expect("a unit that serves is one of those that were drawn");
        found.clone()
    }

    pub(super) fn lose(&mut self, stands: &Stands) {
        if let Some(unit) = self.dispatch.lose(stands.supply.resource) {
            self.roads.leave(unit, stands);
        }
    }

    pub(super) fn bring_back(&mut self, stands: &Stands) {
        let back = self.stand(stands);
        back.expect("there is room for one that was here before");
    }

    /// Closes a drawn road.
    pub(super) fn close_one(&mut self) {
        self.roads.close_one(&mut self.draws);
        self.dispatch.roads_changed();
    }

    /// Opens it again.
    pub(super) fn reopen(&mut self) {
        self.roads.reopen();
        self.dispatch.roads_changed();
    }

    /// Every owner keeps so many of every kind.
    pub(super) fn keep(&mut self, count: u32) {
        for owner in &self.offices {
            for kind in KINDS {
                self.dispatch.keep(*owner, kind, count);
            }
        }
    }

    /// The optimal plan.
    pub(super) fn plan(&mut self) -> Result<Planned, Failure> {
        let planned = self
            .dispatch
            .plan(&mut self.roads, &mut Effort::unbounded());
        if planned.settled == Settled::Optimal {
            return Ok(planned);
        }
        Err(Failure::bug("a plan without a bound ran out of effort"))
    }

    /// The last plan's proof, checked.
    pub(super) fn proven(&self) -> Result<(Problem, Certificate), Failure> {
        let (problem, proof) = self.dispatch.proof();
        proof.check(&problem).map_err(Failure::bug)?;
        Ok((problem, proof))
    }
}
