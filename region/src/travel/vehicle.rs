//! How fast those travel that need no road.

use protocol::{Deciseconds, Kind, Meters};

/// Whether a resource of this kind travels by road. Stocks do: they are carried.
pub const fn uses_roads(kind: Kind) -> bool {
    !matches!(kind, Kind::Helicopter | Kind::Ship | Kind::Boat | Kind::Uav)
}

/// The time over a straight distance for a kind that needs no road.
///
/// The speeds are round figures of the model, not of any craft: a rescue helicopter at 200 km/h, a
/// ship at 28 km/h (15 knots), an inflatable boat at 30 km/h, a drone at 60 km/h. Kinds that use
/// roads get the slowest of these, as if they were carried by boat.
pub fn air_or_water_time(kind: Kind, distance: Meters) -> Deciseconds {
    let speed_kmh: u64 = match kind {
        Kind::Helicopter => 200,
        Kind::Uav => 60,
        Kind::Boat => 30,
        _ => 28,
    };
    let time = u64::from(distance.0) * 36 / speed_kmh;
    Deciseconds(u32::try_from(time).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_helicopter_flies_fifty_kilometres_in_a_quarter_of_an_hour() {
        assert_eq!(
            air_or_water_time(Kind::Helicopter, Meters(50_000)),
            Deciseconds(9_000)
        );
        assert!(!uses_roads(Kind::Helicopter));
        assert!(uses_roads(Kind::Sandbag));
    }
}
