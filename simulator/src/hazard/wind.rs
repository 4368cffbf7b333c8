//! A moving wind field: the profile of Holland (1980) around the centre of a best track.
//!
//! **Formula.** Gradient wind at the distance *r* from the centre, with Δp = pₙ − p꜀ the fall of
//! pressure, ρ = 1.15 kg/m³ the density of moist air, *f* = 2 Ω sin φ the Coriolis parameter, *R* the
//! radius of maximum wind and *B* the shape:
//!
//! > V(r) = √( (B/ρ) (R/r)^B Δp e^(−(R/r)^B) + (r f / 2)² ) − r f / 2,  B = V² ρ e / Δp
//!
//! *B* is fitted so that the greatest wind is the track's surface wind, hence V(r) is a surface wind
//! over water, a 10-minute mean. *B* is kept within 1.0 and 2.5, the range that Holland found.
//! Source: G. J. Holland, An analytic model of the wind and pressure profiles in hurricanes, Monthly
//! Weather Review 108 (1980), 1212–1218.
//!
//! **Radius.** As given by the track or the scenario; otherwise ln R = 3.015 − 6.291·10⁻⁵ Δp² +
//! 0.0337 φ, km, hPa, degrees (Vickery and Wadhera, J. Appl. Meteor. Climatol. 47, 2008), whose
//! scatter is about ±40 %: large old storms such as the one of September 2018 are wider.
//!
//! **Asymmetry.** 55 % of the speed of translation, turned 20° to the left (northern hemisphere),
//! is added as a vector to the wind of the storm, which blows along the circle turned 20° inward
//! (Lin and Chavas, J. Geophys. Res. 117, 2012). It fades with V(r)/V so that it ends with the storm,
//! and its size is taken off V before the profile is fitted, so that the greatest wind stays the track's.
//!
//! **Limits.** Means, not gusts (gusts are 1.3 to 1.7 times more over land). No hills, no rain bands,
//! no second eyewall, no decay over land but the track's own. Beyond 800 km the wind is zero. Good
//! for deciding when things close in a drill, not for engineering or forecasting.

use protocol::{Meters, Moment, Point};
use serde::Serialize;

use super::track::{Fix, short_way};

const AIR_DENSITY: f64 = 1.15;
/// Rotation of the earth, radians a second.
const OMEGA: f64 = 7.292_115e-5;
/// Metres in a millionth of a degree of latitude: mean radius 6,371,008.8 m (IUGG).
const METERS_PER_MICRODEGREE: f64 = 0.111_195_08;
const SHAPE_LEAST: f64 = 1.0;
const SHAPE_MOST: f64 = 2.5;
const TRANSLATION_SHARE: f64 = 0.55;
/// Turn of the translation to the left, and of the wind inward, degrees.
const TURN_DEG: f64 = 20.0;
const REACH_M: f64 = 800_000.0;
/// Below this fall of pressure there is no storm left to fit, hectopascals.
const FALL_LEAST_HPA: f64 = 2.0;

/// A wind in tenths of a metre a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Wind(pub u32);

impl Wind {
    /// A wind from metres a second, rounded to the nearest tenth.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "no wind is negative or above a few hundred metres a second"
    )]
    pub fn meters_per_second(value: f64) -> Self {
        Self((value.clamp(0.0, 1_000.0) * 10.0).round() as u32)
    }

    /// This wind as a percentage of itself, rounded down.
    #[must_use]
    pub fn percent(self, percent: u32) -> Self {
        Self(self.0 * percent / 100)
    }
}

/// A wind field that moves along a track.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WindField {
    fixes: Vec<Fix>,
    /// Pressure far from the storm, hectopascals.
    ambient_hpa: f64,
    /// Radius of maximum wind where a fix has none, kilometres.
    rmax_km: Option<f64>,
}

/// The storm at one moment, everything that the profile needs.
#[derive(Clone, Copy, Debug)]
struct Storm {
    centre: Point,
    wind_ms: f64,
    fall_pa: f64,
    rmax_m: f64,
    coriolis: f64,
    /// Metres a second east and north.
    drift: (f64, f64),
}

impl WindField {
    /// A field along these fixes, at least two and in order of time.
    pub fn new(fixes: Vec<Fix>, ambient_hpa: f64, rmax_km: Option<f64>) -> Self {
        Self {
            fixes,
            ambient_hpa,
            rmax_km,
        }
    }

    /// The fixes.
    pub fn fixes(&self) -> &[Fix] {
        &self.fixes
    }

    /// Where the centre is; `None` before the first and after the last fix.
    pub fn centre(&self, at: Moment) -> Option<Point> {
        self.storm(at).map(|storm| storm.centre)
    }

    /// The greatest wind near the centre; none before the first and after the last fix.
    pub fn greatest(&self, at: Moment) -> Wind {
        let storm = self.storm(at);
        Wind::meters_per_second(storm.map_or(0.0, |storm| storm.wind_ms))
    }

    /// Wind over water at a point: a 10-minute mean.
    pub fn wind_at(&self, point: Point, at: Moment) -> Wind {
        Wind::meters_per_second(self.storm(at).map_or(0.0, |storm| storm.wind(point)))
    }

    /// How far from the centre the wind still reaches this strength, on average over all sides.
    pub fn radius(&self, wind_ms: f64, at: Moment) -> Option<Meters> {
        let storm = self.storm(at)?;
        let step = 1_000.0;
        let mut reach = None;
        let mut distance = step;
        while distance <= REACH_M {
            if storm.profile(distance) >= wind_ms {
                reach = Some(distance);
            }
            distance += step;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the distance is a whole number of kilometres below the reach"
        )]
        reach.map(|meters| Meters(meters as u32))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a share needs no more than 53 bits"
    )]
    fn storm(&self, at: Moment) -> Option<Storm> {
        let pair = self
            .fixes
            .windows(2)
            .find(|pair| pair[0].at <= at && at <= pair[1].at)?;
        let (a, b) = (pair[0], pair[1]);
        let span_us = b.at.since(a.at).0.max(1) as f64;
        let share = at.since(a.at).0 as f64 / span_us;
        let between = |x: f64, y: f64| x + (y - x) * share;
        let centre = a.centre_towards(&b, share);
        let (east, north) = meters_between(a.centre, b.centre);
        let seconds = span_us / 1e6;
        let fall_hpa = self.ambient_hpa - between(a.pressure_hpa, b.pressure_hpa);
        if fall_hpa < FALL_LEAST_HPA {
            return None;
        }
        let estimate = estimated_rmax_km(fall_hpa, centre.latitude());
        let rmax = |fix: Fix| fix.rmax_km.or(self.rmax_km).unwrap_or(estimate);
        Some(Storm {
            centre,
            wind_ms: between(a.wind_ms, b.wind_ms),
            fall_pa: fall_hpa * 100.0,
            rmax_m: between(rmax(a), rmax(b)) * 1_000.0,
            coriolis: 2.0 * OMEGA * libm::sin(centre.latitude().to_radians()),
            drift: (east / seconds, north / seconds),
        })
    }
}

impl Storm {
    /// What the motion of the storm adds on its strong side, metres a second.
    fn push(&self) -> f64 {
        let speed = libm::sqrt(self.drift.0 * self.drift.0 + self.drift.1 * self.drift.1);
        (TRANSLATION_SHARE * speed).min(self.wind_ms / 2.0)
    }

    /// The symmetric part of the wind at a distance from the centre.
    fn profile(&self, distance_m: f64) -> f64 {
        let top = self.wind_ms - self.push();
        let shape = top * top * AIR_DENSITY * core::f64::consts::E / self.fall_pa;
        let shape = shape.clamp(SHAPE_LEAST, SHAPE_MOST);
        // With the shape at a bound the fall of pressure no longer gives the track's wind; the
        // wind is what is known better, so the fall is made to fit it.
        let fall = top * top * AIR_DENSITY * core::f64::consts::E / shape;
        let ratio = libm::pow(self.rmax_m / distance_m.max(1.0), shape);
        let turn = distance_m * self.coriolis.abs() / 2.0;
        let square = shape / AIR_DENSITY * ratio * fall * libm::exp(-ratio) + turn * turn;
        (libm::sqrt(square) - turn).max(0.0)
    }

    /// The wind at a point, symmetric part and push of the motion together.
    fn wind(&self, point: Point) -> f64 {
        let (east, north) = meters_between(self.centre, point);
        let distance = libm::sqrt(east * east + north * north);
        if distance > REACH_M {
            return 0.0;
        }
        let symmetric = self.profile(distance);
        if distance < 1.0 {
            return symmetric;
        }
        let side = if self.centre.latitude() < 0.0 {
            -1.0
        } else {
            1.0
        };
        let along = (-north / distance * side, east / distance * side);
        let blowing = turned(along, TURN_DEG * side);
        let top = (self.wind_ms - self.push()).max(1.0);
        let push = self.push() * (symmetric / top).min(1.0);
        let speed = libm::sqrt(self.drift.0 * self.drift.0 + self.drift.1 * self.drift.1).max(1e-9);
        let heading = (self.drift.0 / speed, self.drift.1 / speed);
        let pushed = turned(heading, TURN_DEG * side);
        let sum = (
            blowing.0 * symmetric + pushed.0 * push,
            blowing.1 * symmetric + pushed.1 * push,
        );
        libm::sqrt(sum.0 * sum.0 + sum.1 * sum.1)
    }
}

/// Vickery and Wadhera (2008), kilometres.
fn estimated_rmax_km(fall_hpa: f64, latitude: f64) -> f64 {
    libm::exp(3.015 - 6.291e-5 * fall_hpa * fall_hpa + 0.0337 * latitude.abs())
}

/// A vector turned to the left.
fn turned(vector: (f64, f64), degrees: f64) -> (f64, f64) {
    let (sin, cos) = libm::sincos(degrees.to_radians());
    (
        vector.0 * cos - vector.1 * sin,
        vector.0 * sin + vector.1 * cos,
    )
}

/// Metres east and north from one point to another, on a flat sheet at their middle latitude.
fn meters_between(from: Point, to: Point) -> (f64, f64) {
    let middle = from.latitude().midpoint(to.latitude());
    let east = short_way(f64::from(to.0) - f64::from(from.0), 360e6) * METERS_PER_MICRODEGREE;
    let north = (f64::from(to.1) - f64::from(from.1)) * METERS_PER_MICRODEGREE;
    (east * libm::cos(middle.to_radians()), north)
}

#[cfg(test)]
mod tests {
    use protocol::Span;

    use super::*;

    /// A storm of 40 m/s that moves due west along 22° N, one degree in six hours.
    fn westward() -> WindField {
        let fix = |hours: u64, longitude: f64| Fix {
            at: Moment(0) + Span::hours(hours),
            centre: Point::degrees(longitude, 22.0),
            wind_ms: 40.0,
            pressure_hpa: 955.0,
            rmax_km: Some(50.0),
        };
        WindField::new(
            vec![fix(0, 116.0), fix(6, 115.0), fix(12, 114.0)],
            1010.0,
            None,
        )
    }

    fn noon() -> Moment {
        Moment(0) + Span::hours(6)
    }

    #[test]
    fn the_greatest_wind_is_the_tracks_and_stands_right_of_the_motion() {
        let field = westward();
        let ring = (0..360).step_by(5).map(|degrees| {
            let (sin, cos) = libm::sincos(f64::from(degrees).to_radians());
            let point = Point::degrees(115.0 + 0.4849 * cos, 22.0 + 0.4497 * sin);
            (field.wind_at(point, noon()), degrees)
        });
        let (greatest, bearing) = ring.max().unwrap();
        assert!((380..=402).contains(&greatest.0), "{greatest:?}");
        assert!(
            (45..=135).contains(&bearing),
            "the storm moves west, its right is north: {bearing}"
        );
    }

    #[test]
    fn the_eye_is_calm_and_the_wind_falls_off_outside() {
        let field = westward();
        let at = |latitude: f64| field.wind_at(Point::degrees(115.0, latitude), noon());
        assert!(at(22.0) < Wind(10));
        assert!(at(22.1) < at(22.45));
        assert!(at(22.45) > at(23.0) && at(23.0) > at(24.0) && at(24.0) > at(26.0));
        assert_eq!(at(35.0), Wind(0));
    }

    #[test]
    fn half_way_between_two_fixes_the_centre_is_half_way() {
        let at = Moment(0) + Span::hours(3);
        assert_eq!(westward().centre(at), Some(Point::degrees(115.5, 22.0)));
        assert_eq!(westward().centre(Moment(0) + Span::hours(13)), None);
        assert_eq!(westward().greatest(at), Wind(400));
    }

    #[test]
    fn weaker_winds_reach_farther() {
        let field = westward();
        let reach = |wind: f64| field.radius(wind, noon());
        assert!(reach(17.2) > reach(24.5) && reach(24.5) > reach(32.7));
        assert!(reach(60.0).is_none());
    }

    #[test]
    fn a_lower_pressure_makes_a_smaller_estimated_radius() {
        let wide = estimated_rmax_km(30.0, 22.0);
        let narrow = estimated_rmax_km(90.0, 22.0);
        assert!(
            (35.0..45.0).contains(&wide) && narrow < wide,
            "{wide} {narrow}"
        );
    }
}
