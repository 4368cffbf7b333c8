//! Where demo fleets stand: fire stations, hospitals, depots, shelters, ports, airports.

use std::cmp::Reverse;

use protocol::{AreaCode, FacilityId, PartyId, Point};

use super::ratio::PEOPLE_PER_FIRE_STATION;
use crate::facility::FacilityKind;
use crate::ground::District;
use crate::manifest::Office;
use crate::mix::mix;
use crate::name::Name;
use crate::region::Region;

/// How many spots are weighed against each other for a fire station.
const CANDIDATES: u64 = 8;

/// What a station is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StationKind {
    /// 消防救援站, invented.
    Fire,
    /// 医院: a real one where the pack knows it.
    Hospital,
    /// 物资储备库, invented, at the city's seat.
    Depot,
    /// 应急避难场所, invented, one a district.
    Shelter,
    /// 港口, a real one.
    Port,
    /// 机场, a real one.
    Airport,
}

/// A place where units and stocks are at home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Station {
    /// Its id.
    pub id: FacilityId,
    /// What it is.
    pub kind: StationKind,
    /// What it is called.
    pub name: Name,
    /// The office that it belongs to.
    pub office: PartyId,
    /// The district that it lies in.
    pub district: AreaCode,
    /// Where it is.
    pub point: Point,
    /// The people it is meant for; 0 where that says nothing.
    pub people: u32,
}

/// Every station of the demo fleets, by office and kind; always the same for the same region.
pub fn demo_stations(region: &Region) -> Vec<Station> {
    let mut stations = Vec::new();
    for office in region.cities() {
        fire_stations(region, office, &mut stations);
        real_stations(region, office, &mut stations);
        stations.push(depot(region, office));
        shelters(region, office, &mut stations);
    }
    stations
}

fn fire_stations(region: &Region, office: &Office, stations: &mut Vec<Station>) {
    let mut number = 0;
    for district in region
        .districts()
        .filter(|district| district.city == office.area)
    {
        let count = (district.population + PEOPLE_PER_FIRE_STATION / 2) / PEOPLE_PER_FIRE_STATION;
        let mut points: Vec<Point> = vec![region.heart(district)];
        for station in 1..count.max(1) {
            points.push(far_spot(region, district, station, &points));
        }
        for (within, point) in (1..).zip(points) {
            number += 1;
            let zh = format!("{}{within}号站", district.name.zh);
            let en = format!("{} Station {within}", district.name.en);
            stations.push(Station {
                id: facility_id(office, 's', number),
                kind: StationKind::Fire,
                name: Name { zh, en },
                office: office.party,
                district: district.code,
                point,
                people: district.population / count.max(1),
            });
        }
    }
}

/// Of some spots that a road reaches the one farthest from the stations that there are, so that they
/// spread out; the first station's if no road reaches any.
fn far_spot(region: &Region, district: &District, station: u32, taken: &[Point]) -> Point {
    let seed = u64::from(district.code.0) << 32 | u64::from(station) << 8;
    let spots = (0..CANDIDATES)
        .map(|candidate| region.spot_in(district, mix(seed | candidate)))
        .filter(|spot| region.roads().access(*spot, region.ground()).is_some());
    let room = |spot: &Point| {
        let distances = taken.iter().map(|other| region.distance(*spot, *other));
        distances.min()
    };
    spots
        .min_by_key(|spot| Reverse(room(spot)))
        .unwrap_or(taken[0])
}

/// Hospitals, ports and airports that the pack knows; a city without a hospital gets one at its seat.
fn real_stations(region: &Region, office: &Office, stations: &mut Vec<Station>) {
    let pairs = [
        (FacilityKind::Hospital, StationKind::Hospital),
        (FacilityKind::Port, StationKind::Port),
        (FacilityKind::Airport, StationKind::Airport),
    ];
    for (real, kind) in pairs {
        for facility in region.facilities_of(office.area, real) {
            stations.push(Station {
                id: facility.id,
                kind,
                name: facility.name.clone(),
                office: office.party,
                district: facility.district,
                point: facility.point,
                people: 0,
            });
        }
    }
    if region
        .facilities_of(office.area, FacilityKind::Hospital)
        .next()
        .is_none()
    {
        let name = Name::new(
            format!("{}医院", office.name.zh),
            format!("{} Hospital", office.name.en),
        );
        stations.push(at_seat(region, office, StationKind::Hospital, name));
    }
}

fn depot(region: &Region, office: &Office) -> Station {
    let zh = format!("{}应急物资库", office.name.zh);
    at_seat(
        region,
        office,
        StationKind::Depot,
        Name::new(zh, format!("{} Depot", office.name.en)),
    )
}

fn at_seat(region: &Region, office: &Office, kind: StationKind, name: Name) -> Station {
    let letter = if kind == StationKind::Depot { 'd' } else { 'i' };
    Station {
        id: facility_id(office, letter, 1),
        kind,
        name,
        office: office.party,
        district: region
            .locate(office.seat)
            .map_or(office.area, |(_, district)| district),
        point: office.seat,
        people: office.population,
    }
}

fn shelters(region: &Region, office: &Office, stations: &mut Vec<Station>) {
    let districts = region
        .districts()
        .filter(|district| district.city == office.area);
    for (number, district) in (1..).zip(districts) {
        let zh = format!("{}避难场所", district.name.zh);
        stations.push(Station {
            id: facility_id(office, 'x', number),
            kind: StationKind::Shelter,
            name: Name::new(zh, format!("{} Shelter", district.name.en)),
            office: office.party,
            district: district.code,
            point: region.heart(district),
            people: district.population,
        });
    }
}

fn facility_id(office: &Office, letter: char, number: u32) -> FacilityId {
    let text = format!("{}-{letter}{number:02}", office.area);
    text.parse()
        .expect("an area code, a letter and a number make a facility id")
}
