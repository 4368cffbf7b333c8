//! What hazards do to the world and what is told of it, computed before the run.

use protocol::{AreaCode, FieldReport, Moment, PartyId, Point, RoadId};
use serde::Serialize;

/// What hazards do to the world and what is told of it, computed before the run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Schedule {
    /// What field reports authors are given, in order of time.
    pub reports: Vec<PlannedReport>,
    /// How travel truly changes, in order of time.
    pub travel: Vec<TravelChange>,
    /// The pieces of ground that [`Ground::Zone`] numbers.
    pub rings: Vec<Vec<Point>>,
}

/// A field report for one author at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedReport {
    /// When.
    pub at: Moment,
    /// Who is told.
    pub to: PartyId,
    /// What.
    pub report: FieldReport,
}

/// A true change of what roads are like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TravelChange {
    /// When.
    pub at: Moment,
    /// Which roads.
    pub roads: Ground,
    /// Travel time as a percentage of the free one; `None` closes the roads. 100 is free.
    pub percent: Option<u16>,
}

/// Which roads a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// A crossing, by the region pack's slug.
    Crossing(RoadId),
    /// Every road of a city or district.
    Area(AreaCode),
    /// Every road on a piece of ground, by its place in [`Schedule::rings`]; no crossings.
    Zone(u16),
}
