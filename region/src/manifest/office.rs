//! An office in the manifest: who it is, where it sits, which circle it is in.

use protocol::{AreaCode, PartyId, Point, Role, known_words};

use super::{Object, parsed, read_area};
use crate::fault::Faults;
use crate::frame::Frame;
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

/// An office from its object. Once its party and area are known, what is wrong with the rest is noted
/// and stands in, so that shapes and districts of it are not called strangers as well.
pub(super) fn read_office(
    mut object: Object<'_>,
    frame: Option<Frame>,
    faults: &mut Faults,
) -> Option<Office> {
    let party = parsed(&mut object, "party", faults);
    let area = read_area(&mut object, "area", faults);
    // Only a city has people, so that one of a mistyped role is known by them.
    let peopled = object.optional("population").is_some();
    let meant = if peopled { Role::City } else { Role::Province };
    let role = read_role(&mut object, faults).unwrap_or(meant);
    let name = object.name("name", faults);
    let short = object.name("short", faults);
    let circle = object.optional_text("circle", faults);
    let seat = read_seat(&mut object, frame, faults);
    let (population, area_km2) = if role == Role::City {
        let population = object.whole("population", 1..=100_000_000, faults);
        (population, object.positive("area_km2", faults))
    } else {
        (None, None)
    };
    object.finish(faults);
    Some(Office {
        party: party?,
        area: area?,
        role,
        name: name.unwrap_or_default(),
        short: short.unwrap_or_default(),
        circle,
        seat: seat.unwrap_or_default(),
        population: u32::try_from(population.unwrap_or_default()).ok()?,
        area_km2: area_km2.unwrap_or_default(),
    })
}

fn read_seat(object: &mut Object<'_>, frame: Option<Frame>, faults: &mut Faults) -> Option<Point> {
    let seat = object.point("seat", faults)?;
    if frame.is_some_and(|frame| !frame.contains(seat)) {
        faults.add(
            object.at(),
            format!("seat {seat} lies outside the frame"),
            "correct the seat or widen the frame",
        );
    }
    Some(seat)
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
