//! Places: towns and quarters with their people, the weights by which stations and calls are spread.

use std::collections::BTreeMap;

use protocol::{AreaCode, Point, known_words};

use crate::fault::Faults;
use crate::frame::Frame;
use crate::ground::Ground;
use crate::manifest::area_code;
use crate::name::Name;
use crate::table::{Heading, Row, Table};

/// The file of places inside a pack.
pub(crate) const PLACES: &str = "places.csv";

static HEADINGS: &[Heading] = &[
    Heading::required("geonameid"),
    Heading::required("name_zh"),
    Heading::required("name_en"),
    Heading::required("lat"),
    Heading::required("lon"),
    Heading::required("population_geonames"),
    Heading::required("district"),
];

/// A town or a quarter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its number in the gazetteer.
    pub geoname: u32,
    /// What it is called.
    pub name: Name,
    /// Where it is.
    pub point: Point,
    /// People, as the gazetteer has it: uneven, 0 for unknown, a whole city counted at its seat.
    /// Fit for weighting, never for showing.
    pub population: u32,
    /// The district that it lies in.
    pub district: AreaCode,
}

/// Reads the places; each must lie on the ground of its district.
pub(crate) fn read_places(
    text: &str,
    frame: Frame,
    ground: &Ground,
    faults: &mut Faults,
) -> Vec<Place> {
    let Some(table) = Table::read(PLACES, text, HEADINGS, faults) else {
        return Vec::new();
    };
    let mut seen = BTreeMap::new();
    let mut places = Vec::new();
    for row in table.rows() {
        let Some(place) = read_place(row, frame, ground, faults) else {
            continue;
        };
        if let Some(first) = seen.insert(place.geoname, row.line) {
            let reason = format!("place {} stands in line {first} already", place.geoname);
            faults.add(row.at("geonameid"), reason, "give each place once");
            continue;
        }
        places.push(place);
    }
    places
}

fn read_place(row: Row<'_>, frame: Frame, ground: &Ground, faults: &mut Faults) -> Option<Place> {
    let geoname = row.value("geonameid", "a whole number", faults);
    let name = read_name(row, faults);
    let point = read_point(row, frame, faults);
    let population = row.value("population_geonames", "a whole number", faults);
    let district = read_district_code(row, ground, faults);
    let place = Place {
        geoname: geoname?,
        name: name?,
        point: point?,
        population: population?,
        district: district?,
    };
    if !ground.district(place.district)?.contains(place.point) {
        let reason = format!("{} lies outside district {}", place.name.en, place.district);
        let remedy = match ground.district_at(place.point) {
            Some(other) => format!("it lies in {} {}", other.code, other.name.en),
            None => "it lies in no district; correct the point or drop the row".to_owned(),
        };
        faults.add(row.at("district"), reason, remedy);
        return None;
    }
    Some(place)
}

/// The name of a row in both languages.
pub(crate) fn read_name(row: Row<'_>, faults: &mut Faults) -> Option<Name> {
    let (zh, en) = (row.filled("name_zh", faults), row.filled("name_en", faults));
    Some(Name { zh: zh?, en: en? })
}

/// The point of a row, which must lie in the frame.
pub(crate) fn read_point(row: Row<'_>, frame: Frame, faults: &mut Faults) -> Option<Point> {
    let point = row.point(faults)?;
    if frame.contains(point) {
        return Some(point);
    }
    let reason = format!("{point} lies outside the frame");
    faults.add(
        row.at("lat"),
        reason,
        "correct the point, drop the row or widen the frame",
    );
    None
}

/// The district that a row names.
pub(crate) fn read_district_code(
    row: Row<'_>,
    ground: &Ground,
    faults: &mut Faults,
) -> Option<AreaCode> {
    let text = row.text("district");
    let code = area_code(text).filter(|code| ground.district(*code).is_some());
    if code.is_none() {
        let known: Vec<String> = ground
            .districts()
            .map(|district| district.code.to_string())
            .collect();
        let remedy = known_words(text, known.iter().map(String::as_str));
        faults.add(
            row.at("district"),
            format!("unknown district \"{text}\""),
            remedy,
        );
    }
    code
}
