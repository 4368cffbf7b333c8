//! Hazards as written: a wind field along a track, and what it does.

use protocol::{AreaCode, PartyId, Point, RoadId, Span};
use toml::Spanned;
use toml::de::DeValue;

use super::tables;
use crate::scenario::page::{At, Page};
use crate::scenario::shape::Shape;
use crate::scenario::value::{Written, wrong_form};

tables! {
    /// A hazard: so far a moving wind field.
    HazardTable in "[[hazard]]" {
        /// What it is called in this file.
        id = "id": String, must;
        /// `wind-field`.
        kind = "kind": String, must;
        /// What announcements call it, for example 台风“山竹”.
        name = "name": String, must;
        /// The word for the hazard in announcements and warnings; `typhoon` by default.
        hazard = "hazard": String, may;
        /// A best track: the path of an IBTrACS table beside this file, or a list of fixes.
        track = "track": Track, must;
        /// Which agency's wind and pressure of the table: `wmo` (default, 10-minute means) or `jtwc` (1-minute means, brought to 10 minutes).
        agency = "agency": String, may;
        /// Kilometres east and north by which the whole track is moved; `[0, 0]` by default.
        shift_km = "shift_km": Vec<f64>, may;
        /// Hours by which the whole track is put off; may be negative; 0 by default.
        shift_h = "shift_h": f64, may;
        /// Radius of maximum wind in kilometres, where the track gives none, 5 to 300; otherwise it is estimated from pressure and latitude.
        rmax_km = "rmax_km": f64, may;
        /// Pressure far from the storm in hectopascals, 950 to 1050; 1010 by default.
        ambient_hpa = "ambient_hpa": f64, may;
        /// Wind over land as a percentage of wind over water, at most 100; 75 by default (model).
        land_percent = "land_percent": u32, may;
        /// How often wind is looked at for effects; 10 minutes by default.
        sample_every = "sample_every": Span, may;
        /// Who announces the track; the region's meteorology by default.
        announced_by = "announced_by": PartyId, may;
        /// How often; every hour by default.
        announce_every = "announce_every": Span, may;
        /// What the wind does.
        effects = "effect": Vec<EffectTable>, may;
    }

    /// One fix of a track that is written in the file.
    FixTable in "a fix of the track" {
        /// When, from the start of the drill; may lie before it if `shift_h` moves it.
        at = "at": Span, must;
        /// Where the centre is.
        point = "point": Point, must;
        /// Greatest wind, metres a second, 10-minute mean, 0 to 120.
        wind_ms = "wind_ms": f64, must;
        /// Pressure at the centre in hectopascals, 850 to 1050.
        pressure_hpa = "pressure_hpa": f64, must;
        /// Radius of maximum wind in kilometres, 5 to 300; estimated from pressure and latitude by default.
        rmax_km = "rmax_km": f64, may;
    }

    /// What wind does above a threshold: closes crossings, or slows the roads of areas.
    EffectTable in "[[hazard.effect]]" {
        /// From this wind upwards, metres a second, 1 to 100; over water for crossings, over land for areas.
        wind_ms = "wind_ms": f64, must;
        /// It ends below this wind; four fifths of the threshold by default.
        until_below_ms = "until_below_ms": f64, may;
        /// Crossings that are closed.
        close = "close": Vec<At<RoadId>>, may;
        /// Travel time as a percentage of the free one, 101 to 1000.
        slow_percent = "slow_percent": u32, may;
        /// Cities or districts whose roads are slow; all cities by default.
        areas = "areas": Vec<At<AreaCode>>, may;
        /// Who tells of it; the office of the ground by default, for crossings the maritime author.
        told_by = "told_by": PartyId, may;
        /// How long after it is true it is told; 3 minutes by default.
        told_after = "told_after": Span, may;
    }
}

/// A track: a table beside the file, or fixes in it.
#[derive(Clone, Debug)]
pub enum Track {
    /// The path of a table.
    File(String),
    /// The fixes.
    Fixes(Vec<FixTable>),
}

impl Written for Track {
    const FORM: &'static str = "the path of an IBTrACS table, or a list of fixes";
    fn shape() -> Shape {
        Shape::Either(vec![Shape::Text, Vec::<FixTable>::shape()])
    }
    fn read(raw: &Spanned<DeValue<'_>>, page: &mut Page<'_>) -> Option<Self> {
        match raw.get_ref() {
            DeValue::String(_) => String::read(raw, page).map(Self::File),
            DeValue::Array(_) => Vec::read(raw, page).map(Self::Fixes),
            _ => wrong_form(raw, page),
        }
    }
}
