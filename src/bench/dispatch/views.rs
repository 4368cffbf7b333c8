//! What it costs that offices miss some of what others recorded: each plans over its own view, does its
//! own part, and what is left is planned for again.
//!
//! A model of the rules of aid and not the offices themselves: a unit's owner commits it to its own need
//! or offers it, a need's owner fills what its own units leave open with the offers that harm least, and
//! nobody knows more than its view. Every round takes no time, and every view is drawn anew for it.

use std::collections::BTreeMap;

use agents::planner::{Demand, HarmCurve, Posting};
use protocol::{NeedId, PartyId, ResourceId};
use region::Region;
use serde_json::{Map, Value};
use simulator::nearest_rank;

use super::road_search::{RoadSearch, Stands};
use super::town::Town;
use super::{SMALL_NEEDS, SMALL_UNITS};
use crate::bench::draws::Draws;
use crate::bench::rounded;
use crate::cli::DispatchArgs;
use crate::failure::Failure;

/// What is missing of the records of each other office, per cent.
const MISSING: [u32; 3] = [0, 1, 10];

/// How many rounds there are (dispatch.md: refused and unfilled slots go to the next, at most four).
const ROUNDS: usize = 4;

/// How many needs there are at once, of 1 to 5 units each: what a region serves with ease, and nearly as
/// many as it has units.
const NEEDS: [u32; 2] = [SMALL_NEEDS, 3 * SMALL_NEEDS];

/// Measures the gap to the least harm, per cent of it, after each round.
pub(super) fn views(region: &Region, args: &DispatchArgs) -> Result<Map<String, Value>, Failure> {
    let roads = RoadSearch::over(region);
    let offices: Vec<PartyId> = region.cities().map(|city| city.party).collect();
    let ground = (&roads, offices.as_slice());
    let mut figures = Map::new();
    for (needs, missing) in NEEDS
        .iter()
        .flat_map(|it| MISSING.map(|missing| (*it, missing)))
    {
        let mut gaps: [Vec<f64>; ROUNDS] = Default::default();
        for draw in 0..args.large_rounds {
            let seed = args.seed + u64::from(draw);
            for (all, gap) in gaps.iter_mut().zip(gaps_of(ground, needs, missing, seed)?) {
                all.push(gap);
            }
        }
        if missing == 0 && gaps.iter().flatten().any(|gap| *gap > 0.0) {
            return Err(Failure::bug(
                "offices with equal views did not come to the plan of the least harm",
            ));
        }
        for (round, all) in (1..).zip(&mut gaps) {
            all.sort_by(f64::total_cmp);
            let name = format!("gap_percent_{needs}_needs_{missing}_missing_round_{round}");
            for (which, percent) in [("p50", 50), ("max", 100)] {
                let value = nearest_rank(all, percent).map(rounded);
                figures.insert(format!("{name}_{which}"), value.into());
            }
        }
    }
    Ok(figures)
}

/// The gap of one drawn burst after each round.
fn gaps_of(
    (roads, offices): (&RoadSearch, &[PartyId]),
    needs: u32,
    missing: u32,
    seed: u64,
) -> Result<[f64; ROUNDS], Failure> {
    let mut whole = Town::on(roads.clone(), offices.to_vec(), seed);
    whole.mobilise(SMALL_UNITS)?;
    whole.burst(needs, 1..=5);
    let least = whole.plan()?.total;
    whole.proven()?;
    let mut burst = Burst::of(&whole, roads, offices, seed);
    let mut gaps = [0.0; ROUNDS];
    for gap in &mut gaps {
        burst.round(missing)?;
        *gap = gap_percent(burst.harm(), least)?;
    }
    Ok(gaps)
}

/// How far above the least harm, per cent of it.
fn gap_percent(harm: i64, least: i64) -> Result<f64, Failure> {
    if harm < least {
        return Err(Failure::bug("a plan harms less than the least"));
    }
    #[expect(clippy::cast_precision_loss, reason = "a share of a hundred is told")]
    let gap = (harm - least) as f64 * 100.0 / least as f64;
    Ok(gap)
}

/// A burst that all offices plan for, each by itself.
struct Burst<'a> {
    roads: &'a RoadSearch,
    offices: &'a [PartyId],
    draws: Draws,
    /// Units that are free still.
    free: BTreeMap<ResourceId, Stands>,
    /// Needs, with how many units each lacks still.
    open: BTreeMap<NeedId, Demand>,
    /// The harm of what is served.
    served: i64,
}

impl<'a> Burst<'a> {
    fn of(whole: &Town, roads: &'a RoadSearch, offices: &'a [PartyId], seed: u64) -> Self {
        let free = whole.supplies().iter();
        let open = whole.needs().iter();
        Self {
            roads,
            offices,
            draws: Draws(!seed),
            free: free
                .map(|stands| (stands.supply.resource, stands.clone()))
                .collect(),
            open: open.map(|need| (need.need, need.clone())).collect(),
            served: 0,
        }
    }

    /// The harm of all, if nobody else is sent.
    fn harm(&self) -> i64 {
        let unmet = self.open.values().map(|need| {
            let curve = HarmCurve::of(need.severity);
            i64::from(need.quantity) * curve.unmet(need.waited).value()
        });
        self.served + unmet.sum::<i64>()
    }

    /// Every office plans and does its part.
    fn round(&mut self, missing: u32) -> Result<(), Failure> {
        let (mut own, mut offered) = (Vec::new(), Vec::new());
        for office in self.offices {
            let planned = self.view_of(*office, missing)?.plan()?;
            for posting in planned.postings {
                if self.free[&posting.resource].supply.owner != *office {
                    continue;
                }
                if posting.need.author == *office {
                    own.push(posting);
                } else {
                    offered.push(posting);
                }
            }
        }
        offered.sort_unstable_by_key(|offer| (offer.harm, offer.resource));
        // An owner's own units are sent before anybody's offer comes.
        for posting in own.into_iter().chain(offered) {
            self.send(&posting);
        }
        Ok(())
    }

    /// What an office knows: all of its own, and of each other record that it is there or not.
    fn view_of(&mut self, office: PartyId, missing: u32) -> Result<Town, Failure> {
        let mut view = Town::on(self.roads.clone(), self.offices.to_vec(), 0);
        let mut is_known = |owner| owner == office || self.draws.below(100) >= missing;
        for stands in self.free.values() {
            if is_known(stands.supply.owner) {
                view.stand(stands)?;
            }
        }
        for need in self.open.values() {
            if is_known(need.office) {
                view.ask(need.clone());
            }
        }
        Ok(view)
    }

    /// Sends a unit, if its need lacks one.
    fn send(&mut self, posting: &Posting) {
        let Some(need) = self.open.get_mut(&posting.need) else {
            return;
        };
        self.free.remove(&posting.resource);
        self.served += posting.harm.value();
        need.quantity -= 1;
        if need.quantity == 0 {
            self.open.remove(&posting.need);
        }
    }
}
