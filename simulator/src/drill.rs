//! A drill made ready: from a scenario, a region, a seed and a cast to offices, world and engine.
//!
//! Virtual time, lock-step and free-running drills are all made here, so that they are the same.

mod foresight;

use std::collections::BTreeMap;
use std::sync::Arc;

use agents::{AidTerms, BelievedRoads, Office, OfficeConfig, StockTerms};
use protocol::{
    FORMAT, Form, HomeFloor, Moment, PartyId, RecordingHeader, Resource, ResourceId, Span,
};
use region::{Region, RoadConditions, SharedTravel, demo_fleet, home_floors};

use crate::cast::Cast;
use crate::engine::{Engine, EngineSetup};
use crate::recorder::Recorder;
use crate::scenario::Scenario;
use crate::world::{RegionTerrain, Voices, World, WorldPlan};

/// How often a live office publishes its views for foreign readers, link time.
const VIEWS_EVERY: Span = Span::seconds(2);

/// A drill that could begin.
#[derive(Debug)]
pub struct Drill {
    scenario: Scenario,
    region: Arc<Region>,
    seed: u64,
    cast: Cast,
    fleet: Vec<(PartyId, Resource)>,
    floors: BTreeMap<PartyId, Vec<HomeFloor>>,
    usual: RoadConditions,
    travel: SharedTravel,
}

impl Drill {
    /// Makes a drill ready.
    pub fn new(scenario: Scenario, region: Arc<Region>, seed: u64, cast: Cast) -> Self {
        let fleet = scaled(&scenario, demo_fleet(&region));
        Self {
            usual: usual_roads(&scenario, &region),
            travel: SharedTravel::new(region.travel()),
            floors: home_floors(&fleet),
            fleet,
            scenario,
            region,
            seed,
            cast,
        }
    }

    /// The same drill with some offices' real inventories instead of their demo fleets.
    #[must_use]
    pub fn with_inventories(mut self, inventories: BTreeMap<PartyId, Vec<Resource>>) -> Self {
        self.fleet
            .retain(|(owner, _)| !inventories.contains_key(owner));
        for (owner, resources) in inventories {
            self.fleet
                .extend(resources.into_iter().map(|resource| (owner, resource)));
        }
        self.floors = home_floors(&self.fleet);
        self
    }

    /// The scenario.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// Who takes part.
    pub fn cast(&self) -> &Cast {
        &self.cast
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// When the scenario ends.
    pub fn end(&self) -> Moment {
        self.scenario.start + self.scenario.duration
    }

    /// What an office is told about itself; `None` if nobody of that name keeps a log.
    pub fn config(&self, party: PartyId) -> Option<OfficeConfig> {
        let player = self.cast.offices.get(&party)?;
        let policy = self.scenario.offices.policy(party);
        let (usual, stock) = (AidTerms::default(), StockTerms::default());
        let own = self.fleet.iter().filter(|(owner, _)| *owner == party);
        Some(OfficeConfig {
            network: self.cast.network.clone(),
            member: player.member.clone(),
            signer: player.signer.clone(),
            seat: self.region.office(party)?.seat,
            extent: self.region.extent(),
            inventory: own.map(|(_, resource)| resource.clone()).collect(),
            floors: self.floors.get(&party).cloned().unwrap_or_default(),
            stand_by: self.scenario.offices.stand_by.clone(),
            seats: self.region.seats(),
            autonomy: policy.autonomy,
            planning: policy.planning,
            aid: AidTerms {
                window: policy.aid_window.unwrap_or(usual.window),
                hold: policy.hold.unwrap_or(usual.hold),
            },
            templates: Vec::new(),
            stock: StockTerms {
                every: policy.snapshot_every.unwrap_or(stock.every),
                gap: policy.snapshot_gap.unwrap_or(stock.gap),
                ..stock
            },
            views_every: None,
        })
    }

    /// An office that has not booted; `None` if nobody of that name keeps a log.
    ///
    /// Offices of one drill share a calculator of travel times.
    pub fn office(&self, party: PartyId) -> Option<Office> {
        self.config(party).map(|config| self.office_of(config))
    }

    /// The same for a live bus, where views are published for foreign readers.
    pub fn live_office(&self, party: PartyId) -> Option<Office> {
        let config = self.config(party)?;
        Some(self.office_of(OfficeConfig {
            views_every: Some(VIEWS_EVERY),
            ..config
        }))
    }

    /// The observer that holds copies of all logs for a screen.
    pub fn observer(&self) -> Office {
        let player = &self.cast.observer;
        self.office_of(OfficeConfig {
            network: self.cast.network.clone(),
            member: player.member.clone(),
            signer: player.signer.clone(),
            seat: self.region.frame().middle(),
            extent: self.region.extent(),
            inventory: Vec::new(),
            floors: Vec::new(),
            stand_by: Vec::new(),
            seats: BTreeMap::new(),
            autonomy: protocol::Autonomy::Advise,
            planning: protocol::Planning::OwnFirst,
            aid: AidTerms::default(),
            templates: Vec::new(),
            stock: StockTerms::default(),
            views_every: None,
        })
    }

    fn office_of(&self, config: OfficeConfig) -> Office {
        let roads = Arc::clone(self.region.roads());
        let ground = BelievedRoads::new(self.travel.clone(), roads, self.usual.clone());
        let office = Office::new(config, Box::new(ground));
        office.expect("a cast's offices keep logs, each with its own key, on an exercise")
    }

    /// The world, in which nothing new begins after the scenario's end, or after `until` if that comes
    /// first; `boot` must be new with every start of the process.
    pub fn world(&self, boot: u64, until: Option<Moment>) -> World {
        let network = &self.cast.network;
        let operators = &self.cast.operators;
        let operators = operators.iter().map(|(at, it)| (*at, it.signer.clone()));
        let voices = Voices::new(
            (network.id, network.mode),
            self.cast.world.signer.clone(),
            operators.collect(),
            boot,
        );
        let plan = WorldPlan {
            seed: self.seed,
            end: self.scenario.window_until(until).until,
            incidents: self.scenario.incidents(&self.region, self.seed),
            schedule: self.scenario.schedule(&self.region),
            phases: self.scenario.phases.clone(),
            injects: self.scenario.injects.clone(),
            objectives: (
                self.scenario.objectives.clone(),
                self.scenario.scale.clone(),
            ),
            crews: self.scenario.crews.clone(),
            fleet: self.fleet.clone(),
        };
        let terrain = RegionTerrain::new(
            Arc::clone(&self.region),
            self.travel.clone(),
            self.usual.clone(),
        )
        .with_zones(&plan.schedule.rings);
        World::new(plan, voices, Box::new(terrain))
    }

    /// The engine, with the world inside. After the scenario's end, or after `until` if that comes
    /// first, everything heals and goes on for the drain.
    pub fn engine(&self, until: Option<Moment>, drain: Span, recorder: Option<Recorder>) -> Engine {
        let offices: Vec<PartyId> = self.cast.offices.keys().copied().collect();
        let setup = EngineSetup {
            seed: self.seed,
            network: self.cast.network.clone(),
            roster: self.cast.roster.clone(),
            buses: self.scenario.buses(&offices, &self.region),
            offices,
            links: self.scenario.network,
            faults: self.scenario.faults.clone(),
            start: self.scenario.start,
            end: self.scenario.window_until(until).until,
            drain,
        };
        let mut engine = Engine::new(setup, self.world(1, until), recorder);
        for envelope in &self.cast.roster_log {
            engine.judge().admit(self.scenario.start, envelope);
        }
        engine
    }

    /// The beginning of a recording of this drill.
    pub fn recorder(&self, version: &str) -> Recorder {
        let header = RecordingHeader {
            format: FORMAT.to_owned(),
            scenario: self.scenario.id.clone(),
            title_zh: self.scenario.title_zh.clone(),
            title_en: self.scenario.title_en.clone(),
            region: self.scenario.region.clone(),
            seed: self.seed,
            version: version.to_owned(),
            scenario_digest: self.scenario.digest,
            network: self.cast.network.clone(),
            start: self.scenario.start,
            offset_min: self.scenario.offset_min,
        };
        Recorder::new(&header, &self.cast.roster_log)
    }
}

fn usual_roads(scenario: &Scenario, region: &Region) -> RoadConditions {
    let month = scenario
        .roads_as_of
        .and_then(|(year, month)| format!("{year:04}-{month:02}").parse().ok());
    match month {
        Some(month) => region.roads().usual_in(month),
        None => region.roads().usual(),
    }
}

/// The demo fleet at the scenario's scale: of each office and kind so many per cent, rounded up, the
/// first ones of the list; beyond a hundred they come again under ids of their own.
fn scaled(scenario: &Scenario, fleet: Vec<(PartyId, Resource)>) -> Vec<(PartyId, Resource)> {
    let mut groups: BTreeMap<_, Vec<Resource>> = BTreeMap::new();
    for (owner, resource) in fleet {
        let group = groups.entry((owner, resource.kind)).or_default();
        group.push(resource);
    }
    let mut all = Vec::new();
    for ((owner, _), group) in groups {
        let percent = scenario.fleet.scale(owner) as usize;
        let count = (group.len() * percent).div_ceil(100);
        for place in 0..count {
            let copy = place / group.len();
            let mut resource = group[place % group.len()].clone();
            resource.shift = scenario
                .crews
                .shift
                .filter(|_| resource.form() == Form::Unit);
            let under = scenario.fleet.under.get(&resource.kind);
            resource.command_authority = under.copied().unwrap_or(resource.command_authority);
            if copy > 0 {
                match renamed(resource.resource, copy) {
                    Some(id) => resource.resource = id,
                    None => continue,
                }
            }
            all.push((owner, resource));
        }
    }
    all
}

fn renamed(id: ResourceId, copy: usize) -> Option<ResourceId> {
    format!("{id}-x{copy}").parse().ok()
}
