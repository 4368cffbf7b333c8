//! A drill as it is meant: who, where, when, what happens, what fails, and what people are given.
//!
//! `scenario/file.rs` is the drill as written; [`Scenario::parse`] turns one into the other and
//! lists every fault of the text at once. Past that edge nobody checks again. All times here are
//! moments of drill time, all references are resolved, all quantities carry their unit.

mod brokers;
mod conduct;
mod fault;
pub mod file;
mod generate;
mod incident;
mod inject;
mod meaning;
mod measure;
mod network;
mod objective;
mod page;
mod schedule;
mod shape;
mod sign;
mod value;
mod written;

use std::sync::Arc;

use protocol::{Hash, Moment, PartyId, Span};
use region::Region;
use serde::Serialize;

pub use brokers::{Brokers, BusPlan};
pub use conduct::{CrewPlan, FleetPlan, OfficePlan, OfficePolicy};
pub use fault::{Disk, FaultKind, FaultPlan, Lie, Links, Memory, PlannedFault, Ways};
pub use incident::{IncidentStream, PlannedIncident, PlannedNews, StreamNeed, WrittenIncident};
pub use inject::{Channel, Cue, Expected, Given, Inject};
pub use network::NetworkProfile;
pub use objective::{Measured, Objective, SCALE};
pub use page::{At, Fault, Faults};
pub use schedule::{Ground, PlannedReport, Schedule, TravelChange};
pub use shape::Shape;
pub use sign::{Sign, Which};

use crate::hazard::{self, Hazard, Zone};

/// A drill as meant, read from one file and the files that it names.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scenario {
    /// Names the drill in recordings and reports.
    pub id: String,
    /// Its Chinese title, which begins 演练·虚构.
    pub title_zh: String,
    /// Its English title.
    pub title_en: String,
    /// The region pack: `prd`, `trio`, or a path.
    pub region: String,
    /// Drill time at which it begins.
    pub start: Moment,
    /// Minutes east of UTC of the clocks in the drill.
    pub offset_min: i16,
    /// How long it lasts.
    pub duration: Span,
    /// The seed, if none is given on the command line.
    pub seed: u64,
    /// Year and month whose road network is used; `None` is today's, with every road of the pack.
    pub roads_as_of: Option<(u16, u8)>,
    /// Named windows, in order of time.
    pub phases: Vec<Phase>,
    /// Winds with their effects.
    pub hazards: Vec<Hazard>,
    /// Hazards that lie on pieces of ground: water, gas.
    pub zones: Vec<Zone>,
    /// Incidents that are written one by one.
    pub written: Vec<WrittenIncident>,
    /// Sources of incidents at random.
    pub streams: Vec<IncidentStream>,
    /// What the exercise controllers give, in order of time.
    pub injects: Vec<Inject>,
    /// What fails in the coordination system, in order of time.
    pub faults: FaultPlan,
    /// What every link is like while no fault touches it.
    pub network: NetworkProfile,
    /// Whose brokers carry what offices say to each other.
    pub brokers: Brokers,
    /// How the offices decide.
    pub offices: OfficePlan,
    /// How crews behave.
    pub crews: CrewPlan,
    /// How large the demo fleet is.
    pub fleet: FleetPlan,
    /// What is to be exercised, by the ids that injects name.
    pub objectives: Vec<Objective>,
    /// The grades, best first.
    pub scale: Vec<String>,
    /// Real figures that the drill rests on, each with its date and source.
    pub sources: Vec<String>,
    /// What is assumed (model), so that nobody takes it for a fact.
    pub assumptions: Vec<String>,
    /// Digest of the text and of every file that it names, as they were read.
    pub digest: Hash,
}

impl Scenario {
    /// Reads a scenario and the region that it plays in.
    ///
    /// `file` is its name as messages show it; `load` gives the files that it names, by their path
    /// relative to it, `/` between the parts.
    ///
    /// # Errors
    /// Every fault of the scenario and of the files that it names.
    pub fn parse(
        file: &str,
        text: &str,
        load: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(Self, Arc<Region>), Faults> {
        meaning::read(file, text, load)
    }

    /// The buses of these offices, and who is on which.
    pub fn buses(&self, offices: &[PartyId], region: &Region) -> Vec<BusPlan> {
        match &self.brokers {
            Brokers::One => vec![BusPlan::of_all(offices)],
            Brokers::Each { lines } if lines.is_empty() => {
                let neighbours = region.neighbours().into_iter().collect();
                BusPlan::of_each(offices, &neighbours)
            }
            Brokers::Each { lines } => BusPlan::of_each(offices, lines),
        }
    }

    /// The drill's window of time.
    pub fn window(&self) -> Window {
        Window {
            from: self.start,
            until: self.start + self.duration,
        }
    }

    /// The window of a run that may end early.
    pub fn window_until(&self, until: Option<Moment>) -> Window {
        let whole = self.window();
        let end = until.map_or(whole.until, |until| until.min(whole.until));
        Window {
            until: end,
            ..whole
        }
    }

    /// Every incident that will happen, in order of time.
    ///
    /// Each is drawn from streams named by the scenario's stream, the district and its number, so
    /// that nothing but its own source moves it.
    pub fn incidents(&self, region: &Region, seed: u64) -> Vec<PlannedIncident> {
        generate::incidents(self, region, seed)
    }

    /// What the hazards do to roads, and what authors are told of them.
    pub fn schedule(&self, region: &Region) -> Schedule {
        hazard::schedule((&self.hazards, &self.zones), region, self.window())
    }

    /// The drill as JSON, for a card or another program.
    pub fn describe(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("a scenario holds nothing that JSON cannot say")
    }
}

/// A named window of the drill; it lasts until the next one begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Phase {
    /// What other parts of the scenario call it.
    pub id: String,
    /// What the screen says.
    pub title: String,
    /// When it begins.
    pub at: Moment,
}

/// A window of drill time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Window {
    /// Its first moment.
    pub from: Moment,
    /// The first moment after it.
    pub until: Moment,
}

impl Window {
    /// Whether the moment lies in it.
    pub fn holds(&self, at: Moment) -> bool {
        self.from <= at && at < self.until
    }
}
