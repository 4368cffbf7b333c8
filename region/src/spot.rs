//! Spots: a point where people are, made from a number that someone else has drawn.

use std::collections::BTreeMap;

use protocol::{AreaCode, Point};

use crate::ground::{District, Ground};
use crate::mix::mix;
use crate::place::Place;
use crate::projection::Projection;

/// How far from a place a spot may lie, east and north: the size of a town.
const JITTER_M: i32 = 2_500;

/// How often a spot that falls outside its district is drawn again before the place itself is taken.
const TRIES_MAX: u64 = 16;

/// A place's weight has these limits: the gazetteer counts a village as nobody and a whole city at
/// its seat.
const WEIGHT_MIN: u64 = 2_000;
/// See [`WEIGHT_MIN`].
const WEIGHT_MAX: u64 = 200_000;

/// The weighted places of every district.
#[derive(Debug)]
pub(crate) struct Spots {
    /// Places with the sum of the weights up to and with them.
    places: BTreeMap<AreaCode, Vec<(u64, Point)>>,
    projection: Projection,
}

impl Spots {
    pub(crate) fn new(places: &[Place], projection: Projection) -> Self {
        let mut sums = BTreeMap::<AreaCode, Vec<(u64, Point)>>::new();
        for place in places {
            let list = sums.entry(place.district).or_default();
            let before = list.last().map_or(0, |(sum, _)| *sum);
            let weight = u64::from(place.population).clamp(WEIGHT_MIN, WEIGHT_MAX);
            list.push((before + weight, place.point));
        }
        Self {
            places: sums,
            projection,
        }
    }

    /// A spot in a district: near one of its places, else anywhere on its ground.
    pub(crate) fn spot(&self, district: &District, draw: u64) -> Point {
        let list = self
            .places
            .get(&district.code)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let total = list.last().map_or(0, |(sum, _)| *sum);
        if total == 0 {
            return anywhere(district, draw);
        }
        let chosen = mix(draw) % total;
        let place = list[list.partition_point(|(sum, _)| *sum <= chosen)].1;
        (1..=TRIES_MAX)
            .map(|attempt| self.jittered(place, mix(draw.wrapping_add(mix(attempt)))))
            .find(|spot| district.contains(*spot))
            .unwrap_or(place)
    }

    /// Where most people of a district are: its weightiest place, else its middle.
    pub(crate) fn heart(&self, district: &District) -> Point {
        let list = self
            .places
            .get(&district.code)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let mut before = 0;
        let mut heart = (0, district.middle);
        for (sum, point) in list {
            if sum - before > heart.0 {
                heart = (sum - before, *point);
            }
            before = *sum;
        }
        heart.1
    }

    /// Near a place: nearer more often than farther.
    fn jittered(&self, place: Point, draw: u64) -> Point {
        let side = |bits: u64| {
            let (one, other) = (bits & 0xffff, bits >> 16 & 0xffff);
            let sum = i64::try_from(one + other).expect("two times 16 bits") - 0xffff;
            i32::try_from(sum * i64::from(JITTER_M) / 0xffff).expect("within the jitter")
        };
        self.projection.shifted(place, side(draw), side(draw >> 32))
    }
}

/// A point on the ground of a district that has no place.
fn anywhere(district: &District, draw: u64) -> Point {
    let (low, high) = district.corners();
    let between = |low: i32, high: i32, draw: u64| {
        let width = u64::from(high.abs_diff(low)) + 1;
        let shift = i64::try_from(draw % width).expect("a rectangle is narrower than i32");
        i32::try_from(i64::from(low) + shift).expect("it lies in the rectangle")
    };
    (1..=4 * TRIES_MAX)
        .map(|attempt| mix(draw.wrapping_add(mix(attempt))))
        .map(|bits| {
            Point(
                between(low.0, high.0, bits >> 32),
                between(low.1, high.1, bits & 0xffff_ffff),
            )
        })
        .find(|spot| district.contains(*spot))
        .unwrap_or(district.middle)
}

/// A district by a drawn number, more often where more people live.
pub(crate) fn district_of(ground: &Ground, city: Option<AreaCode>, draw: u64) -> Option<&District> {
    let within = |district: &&District| city.is_none_or(|city| district.city == city);
    let people = |district: &District| u64::from(district.population).max(1);
    let total: u64 = ground.districts().filter(within).map(people).sum();
    let mut left = mix(draw).checked_rem(total)?;
    ground.districts().filter(within).find(|district| {
        let here = people(district);
        let found = left < here;
        left = left.saturating_sub(here);
        found
    })
}
