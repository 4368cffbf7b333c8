//! Demo fleets 演示数据: stations, units, stocks and beds made from census and places by round figures.
//!
//! Nothing here is a count of anything real. Every resource says so (`demo`), and a city that has an
//! inventory of its own replaces its share by a table (see [`crate::read_inventory`]).

mod ratio;
use ratio::{FLOORS, Ratio, STOCKS, StockRatio, UNITS, round_figure};

mod station;
pub use station::{Station, StationKind, demo_stations};

use std::collections::BTreeMap;

use protocol::{Form, HomeFloor, Kind, PartyId, Resource, ResourceId, Span};

use crate::manifest::Office;
use crate::region::Region;

/// The invented inventory of every city, in the order of offices and kinds; always the same for the
/// same region.
pub fn demo_fleet(region: &Region) -> Vec<(PartyId, Resource)> {
    let stations = demo_stations(region);
    region
        .cities()
        .flat_map(|office| city_fleet(office, &stations))
        .collect()
}

/// The least that each city keeps for itself 自保底线, by the units that it has: two fifths of its
/// fire and ambulance crews, which its own calls need daily, and a quarter of every other kind that
/// it has at least two of. Stocks and beds have no floor here. The shares are round figures.
pub fn home_floors(fleet: &[(PartyId, Resource)]) -> BTreeMap<PartyId, Vec<HomeFloor>> {
    let mut counts = BTreeMap::<(PartyId, Kind), u32>::new();
    for (office, resource) in fleet
        .iter()
        .filter(|(_, resource)| resource.form() == Form::Unit)
    {
        *counts.entry((*office, resource.kind)).or_default() += 1;
    }
    let mut floors = BTreeMap::<PartyId, Vec<HomeFloor>>::new();
    for ((office, kind), count) in counts {
        let special = FLOORS.iter().find(|floor| floor.kind == kind);
        let percent = special.map_or(ratio::FLOOR_PERCENT, |floor| floor.percent);
        let keep = if count < 2 {
            0
        } else {
            (count * percent).div_ceil(100)
        };
        floors
            .entry(office)
            .or_default()
            .push(HomeFloor { kind, keep });
    }
    floors
}

fn city_fleet(office: &Office, stations: &[Station]) -> Vec<(PartyId, Resource)> {
    let of = |kind: StationKind| -> Vec<&Station> {
        stations
            .iter()
            .filter(|one| one.office == office.party && one.kind == kind)
            .collect()
    };
    let mut fleet = Vec::new();
    for ratio in UNITS {
        let bases = of(ratio.base);
        let count = ratio.count(office.population, bases.len());
        for number in 0..count {
            // The middles of equal shares of the list, so that the units stand apart.
            let base = bases[(2 * number + 1) * bases.len() / (2 * count)];
            fleet.push((office.party, unit(office, base, ratio, number + 1)));
        }
    }
    for base in of(StationKind::Depot) {
        fleet.extend(
            STOCKS
                .iter()
                .map(|ratio| (office.party, stock(office, base, ratio))),
        );
    }
    let hospitals = of(StationKind::Hospital);
    for (number, base) in (1..).zip(&hospitals) {
        let share = office.population / u32::try_from(hospitals.len()).unwrap_or(u32::MAX);
        let beds = (share / ratio::PEOPLE_PER_BED).clamp(ratio::BEDS_MIN, ratio::BEDS_MAX);
        fleet.push((
            office.party,
            capacity(office, base, Kind::Bed, number, (beds, "床")),
        ));
    }
    for (number, base) in (1..).zip(of(StationKind::Shelter)) {
        let room = (base.people / ratio::PEOPLE_PER_SHELTER_PLACE).max(ratio::SHELTER_PLACES_MIN);
        fleet.push((
            office.party,
            capacity(office, base, Kind::Shelter, number, (room, "人")),
        ));
    }
    fleet
}

fn unit(office: &Office, base: &Station, ratio: &Ratio, number: usize) -> Resource {
    Resource {
        resource: resource_id(office, ratio.kind, number),
        kind: ratio.kind,
        name: format!("{}·{} {number}", base.name.zh, ratio.kind.label().zh),
        also: ratio.also.to_vec(),
        // The first of a kind is the city's best, then types II and III in turn.
        grade: match number {
            1 => 1,
            number if number % 2 == 0 => 2,
            _ => 3,
        },
        home: base.id,
        point: base.point,
        readiness: ratio.readiness,
        shift: None,
        quantity: 1,
        measure: String::new(),
        command_authority: protocol::CommandAuthority::CityBureau,
        demo: true,
    }
}

fn stock(office: &Office, base: &Station, ratio: &StockRatio) -> Resource {
    let quantity = office.population / ratio.people + ratio.least;
    Resource {
        readiness: Span::minutes(30),
        shift: None,
        ..capacity(office, base, ratio.kind, 1, (quantity, ratio.measure))
    }
}

fn capacity(
    office: &Office,
    base: &Station,
    kind: Kind,
    number: usize,
    (quantity, measure): (u32, &str),
) -> Resource {
    Resource {
        resource: resource_id(office, kind, number),
        kind,
        name: format!("{}·{}", base.name.zh, kind.label().zh),
        also: Vec::new(),
        grade: 2,
        home: base.id,
        point: base.point,
        readiness: Span::ZERO,
        shift: None,
        quantity: round_figure(quantity),
        measure: measure.to_owned(),
        command_authority: protocol::CommandAuthority::CityBureau,
        demo: true,
    }
}

fn resource_id(office: &Office, kind: Kind, number: usize) -> ResourceId {
    let text = format!("{}-{kind}-{number}", office.area);
    text.parse()
        .expect("an area code, a kind and a number make a resource id")
}
