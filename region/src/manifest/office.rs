//! An office in the manifest: who it is, where it sits, which circle it is in.

use protocol::{AreaCode, PartyId, Point, Role};

use super::{Object, parsed, read_area};
use crate::fault::{Faults, known_words};
use crate::name::Name;

/// A party of the region's roster that has a name on the map.
#[derive(Clone, Debug, PartialEq)]
pub struct Office {
    /// The party.
    pub party: PartyId,
    /// Its ground; authors without ground of their own carry the province's.
    pub area: AreaCode,
    /// What it may write.
    pub role: Role,
    /// What it is called.
    pub name: Name,
    /// One Chinese character and two Latin letters, for narrow columns.
    pub short: Name,
    /// Its circle; only offices of cities have one.
    pub circle: Option<String>,
    /// Where it sits.
    pub seat: Point,
    /// People on its ground, by census; 0 for parties without ground of their own.
    pub population: u32,
    /// Its ground in square kilometres, as published; 0 for parties without ground of their own.
    pub area_km2: f64,
}

impl Office {
    /// Whether this is the office of a city: it has ground, crews and an inventory.
    pub fn is_city(&self) -> bool {
        self.role == Role::City
    }
}

/// An office from its object.
pub(super) fn read_office(mut object: Object<'_>, faults: &mut Faults) -> Option<Office> {
    let party = parsed(&mut object, "party", faults);
    let area = read_area(&mut object, "area", faults);
    let role = read_role(&mut object, faults);
    let name = object.name("name", faults);
    let short = object.name("short", faults);
    let circle = object.optional_text("circle", faults);
    let seat = object.point("seat", faults);
    let city = role == Some(Role::City);
    let population = if city {
        object.whole("population", 1..=100_000_000, faults)
    } else {
        Some(0)
    };
    let area_km2 = if city {
        object.positive("area_km2", faults)
    } else {
        Some(0.0)
    };
    object.finish(faults);
    Some(Office {
        party: party?,
        area: area?,
        role: role?,
        name: name?,
        short: short?,
        circle,
        seat: seat?,
        population: u32::try_from(population?).ok()?,
        area_km2: area_km2?,
    })
}

fn read_role(object: &mut Object<'_>, faults: &mut Faults) -> Option<Role> {
    let text = object.text("role", faults)?;
    let role = Role::from_code(&text);
    if role.is_none() {
        let remedy = known_words(&text, Role::ALL.iter().map(|role| role.code()));
        faults.add(object.at(), format!("unknown role \"{text}\""), remedy);
    }
    role
}
