//! The round figures that demo fleets are made by. All of them are invented.

use protocol::{Kind, Span};

use super::StationKind;

/// People for each fire station: a round figure that gives a region of 78 million some 650.
pub(super) const PEOPLE_PER_FIRE_STATION: u32 = 120_000;

/// People for each hospital bed that can be cleared for casualties within hours.
pub(super) const PEOPLE_PER_BED: u32 = 40_000;
/// The least that a hospital clears.
pub(super) const BEDS_MIN: u32 = 20;
/// The most that a hospital clears.
pub(super) const BEDS_MAX: u32 = 200;

/// People of a district for each place in its shelter.
pub(super) const PEOPLE_PER_SHELTER_PLACE: u32 = 200;
/// The least room of a shelter.
pub(super) const SHELTER_PLACES_MIN: u32 = 300;

/// The share of a kind that a city keeps unless [`FLOORS`] says otherwise, in per cent.
pub(super) const FLOOR_PERCENT: u32 = 25;

/// A kind of which a city keeps another share.
pub(super) struct Floor {
    pub(super) kind: Kind,
    pub(super) percent: u32,
}

/// Kinds that a city's own calls need daily.
pub(super) const FLOORS: &[Floor] = &[
    Floor {
        kind: Kind::FireRescue,
        percent: 40,
    },
    Floor {
        kind: Kind::Ambulance,
        percent: 40,
    },
];

/// How many units of a kind a city has.
pub(super) struct Ratio {
    pub(super) kind: Kind,
    /// People for each unit; [`EACH_BASE`] for one at every base.
    people: u32,
    /// Where they stand; a city without such a base has none of the kind.
    pub(super) base: StationKind,
    /// From order to wheels rolling.
    pub(super) readiness: Span,
    /// Further kinds whose work they do.
    pub(super) also: &'static [Kind],
}

/// Stands for "one at every base" among the people for each unit.
const EACH_BASE: u32 = 0;

impl Ratio {
    /// Units for so many people with so many bases: at least one if there is a base.
    pub(super) fn count(&self, people: u32, bases: usize) -> usize {
        if bases == 0 || self.people == EACH_BASE {
            return bases;
        }
        ((people + self.people / 2) / self.people).max(1) as usize
    }
}

const fn units(kind: Kind, people: u32, readiness_minutes: u64) -> Ratio {
    let readiness = Span::minutes(readiness_minutes);
    Ratio {
        kind,
        people,
        base: StationKind::Fire,
        readiness,
        also: &[],
    }
}

/// Every kind of unit. Crews that sit at their vehicles roll within a minute or two, teams that are
/// called together within a quarter of an hour or more.
pub(super) const UNITS: &[Ratio] = &[
    units(Kind::FireRescue, EACH_BASE, 1),
    units(Kind::Ladder, 1_500_000, 1),
    Ratio {
        also: &[Kind::Boat],
        ..units(Kind::WaterRescue, 1_500_000, 5)
    },
    Ratio {
        also: &[Kind::FireRescue],
        ..units(Kind::HeavyChemical, 5_000_000, 10)
    },
    Ratio {
        also: &[Kind::FireRescue],
        ..units(Kind::Collapse, 3_000_000, 10)
    },
    units(Kind::ForestFire, 3_000_000, 15),
    Ratio {
        base: StationKind::Depot,
        ..units(Kind::Pump, 1_500_000, 15)
    },
    units(Kind::WaterSupply, 4_000_000, 10),
    Ratio {
        base: StationKind::Hospital,
        ..units(Kind::Medical, 2_500_000, 20)
    },
    units(Kind::Ambulance, 400_000, 2),
    Ratio {
        base: StationKind::Depot,
        ..units(Kind::Engineering, 2_000_000, 30)
    },
    units(Kind::Power, 2_000_000, 20),
    units(Kind::Telecom, 4_000_000, 20),
    units(Kind::Monitoring, 5_000_000, 20),
    units(Kind::StopLeak, 4_000_000, 10),
    units(Kind::Uav, 4_000_000, 5),
    Ratio {
        base: StationKind::Airport,
        ..units(Kind::Helicopter, 6_000_000, 20)
    },
    Ratio {
        base: StationKind::Port,
        ..units(Kind::Ship, 6_000_000, 20)
    },
    units(Kind::Boat, 1_000_000, 10),
    Ratio {
        base: StationKind::Depot,
        ..units(Kind::Experts, 6_000_000, 60)
    },
];

/// A number with its first two digits and zeros, so that no invented figure looks counted.
pub(super) const fn round_figure(number: u32) -> u32 {
    let mut unit = 1;
    while number / unit >= 100 {
        unit *= 10;
    }
    number / unit * unit
}

/// How much of a stock a city has.
pub(super) struct StockRatio {
    pub(super) kind: Kind,
    /// People for each piece.
    pub(super) people: u32,
    /// What every city has beside that.
    pub(super) least: u32,
    /// What is counted.
    pub(super) measure: &'static str,
}

/// Every kind of stock, kept at the city's depot.
pub(super) const STOCKS: &[StockRatio] = &[
    StockRatio {
        kind: Kind::Foam,
        people: 250_000,
        least: 20,
        measure: "吨",
    },
    StockRatio {
        kind: Kind::Sandbag,
        people: 100,
        least: 10_000,
        measure: "袋",
    },
    StockRatio {
        kind: Kind::Tent,
        people: 2_000,
        least: 200,
        measure: "顶",
    },
    StockRatio {
        kind: Kind::Generator,
        people: 50_000,
        least: 10,
        measure: "台",
    },
    StockRatio {
        kind: Kind::Lifejacket,
        people: 500,
        least: 500,
        measure: "件",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invented_figure_never_looks_counted() {
        assert_eq!(round_figure(114_666), 110_000);
        assert_eq!(round_figure(87), 87);
        assert_eq!(round_figure(0), 0);
    }
}
