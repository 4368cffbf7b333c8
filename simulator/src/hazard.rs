//! Hazards: fields over space and time that change travel and incidents.
//!
//! The world knows them; offices and screens only hear what authors announce ([`schedule`]).
//! Of three kinds: a wind field that moves along a best track, and on a piece of ground water and gas.

mod flood;
mod level;
mod plume;
mod schedule;
mod track;
mod wind;
mod zone;

use protocol::{AreaCode, Moment, PartyId, Point, RoadId, Span};
use serde::Serialize;

pub use flood::Flood;
pub use level::{CONSTITUENTS, Constituent, Levels};
pub use plume::{Drift, Plume, Stability};
pub use schedule::schedule;
pub use track::{Agency, Fix, KNOT_MS, read_table};
pub use wind::{Wind, WindField};
pub use zone::{Step, Zone};

/// Metres in a degree of latitude: mean radius 6,371,008.8 m (IUGG).
const METERS_PER_DEGREE: f64 = 111_195.08;

/// A point that lies so many metres east and north of another, on a flat sheet at the latitude of that.
pub(crate) fn moved(from: Point, (east_m, north_m): (f64, f64)) -> Point {
    let latitude = from.latitude() + north_m / METERS_PER_DEGREE;
    let shrink = libm::cos(from.latitude().to_radians()).max(0.01);
    let longitude = from.longitude() + east_m / METERS_PER_DEGREE / shrink;
    Point::degrees(longitude, latitude)
}

/// A moving wind field with what it does and who tells of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hazard {
    /// What the scenario calls it.
    pub id: String,
    /// The word for it in announcements, `typhoon`.
    pub hazard: String,
    /// What announcements call it.
    pub name: String,
    /// The wind.
    pub field: WindField,
    /// Wind over land as a percentage of wind over water.
    pub land_percent: u32,
    /// How often wind is looked at for effects.
    pub sample_every: Span,
    /// Who announces the track.
    pub announced_by: PartyId,
    /// How often.
    pub announce_every: Span,
    /// What the wind does.
    pub effects: Vec<Effect>,
}

impl Hazard {
    /// Wind over land at a point.
    pub fn land_wind(&self, point: Point, at: Moment) -> Wind {
        self.field.wind_at(point, at).percent(self.land_percent)
    }
}

/// What wind above a threshold does to one piece of the ground.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// It begins at this wind.
    pub from: Wind,
    /// It ends below this wind.
    pub until_below: Wind,
    /// What happens.
    pub does: Doing,
    /// Where the wind is looked at.
    pub point: Point,
    /// Who tells of it.
    pub told_by: PartyId,
    /// How long after it is true.
    pub told_after: Span,
}

/// What wind does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Doing {
    /// Closes a crossing; the wind over water counts.
    Close(RoadId),
    /// Slows the roads of an area to this percentage of the free time; the wind over land counts.
    Slow(AreaCode, u16),
}
