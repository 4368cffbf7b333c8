//! Facilities that are really there: hospitals, ports, airports, bridges, gauges.

use std::collections::BTreeMap;
use std::fmt;

use protocol::{AreaCode, FacilityId, Point, known_words};

use crate::fault::Faults;
use crate::frame::Frame;
use crate::ground::Ground;
use crate::name::Name;
use crate::place::{read_district_code, read_name, read_point};
use crate::table::{Heading, Row, Table};

/// The file of facilities inside a pack.
pub(crate) const FACILITIES: &str = "facilities.csv";

static HEADINGS: &[Heading] = &[
    Heading::required("id"),
    Heading::required("kind"),
    Heading::required("name_zh"),
    Heading::required("name_en"),
    Heading::required("lat"),
    Heading::required("lon"),
    Heading::required("district"),
    Heading::required("source"),
    Heading::required("precision"),
];

/// What a facility is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FacilityKind {
    /// 机场.
    Airport,
    /// 桥梁, or an undersea link.
    Bridge,
    /// 医院.
    Hospital,
    /// 港口.
    Port,
    /// 铁路枢纽.
    RailHub,
    /// 水文站.
    RiverGauge,
    /// 潮位站.
    TideGauge,
}

impl FacilityKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Airport,
        Self::Bridge,
        Self::Hospital,
        Self::Port,
        Self::RailHub,
        Self::RiverGauge,
        Self::TideGauge,
    ];

    /// The kind as files write it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Airport => "airport",
            Self::Bridge => "bridge",
            Self::Hospital => "hospital",
            Self::Port => "port",
            Self::RailHub => "rail-hub",
            Self::RiverGauge => "river-gauge",
            Self::TideGauge => "tide-gauge",
        }
    }
}

impl fmt::Display for FacilityKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// A facility that is really there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facility {
    /// Its id in this pack.
    pub id: FacilityId,
    /// What it is.
    pub kind: FacilityKind,
    /// What it is called.
    pub name: Name,
    /// Where it is, as exactly as `precision` says.
    pub point: Point,
    /// The district that it belongs to.
    pub district: AreaCode,
    /// Whose data this is; `curated` is ours and approximate.
    pub source: String,
    /// How exact the point is.
    pub precision: String,
}

/// Reads the facilities.
pub(crate) fn read_facilities(
    text: &str,
    frame: Frame,
    ground: &Ground,
    faults: &mut Faults,
) -> Vec<Facility> {
    let Some(table) = Table::read(FACILITIES, text, HEADINGS, faults) else {
        return Vec::new();
    };
    let mut seen = BTreeMap::new();
    let mut facilities = Vec::new();
    for row in table.rows() {
        let Some(facility) = read_facility(row, frame, ground, faults) else {
            continue;
        };
        if let Some(first) = seen.insert(facility.id, row.line) {
            let reason = format!("facility {} stands in line {first} already", facility.id);
            faults.add(row.at("id"), reason, "give each facility an id of its own");
            continue;
        }
        facilities.push(facility);
    }
    facilities
}

fn read_facility(
    row: Row<'_>,
    frame: Frame,
    ground: &Ground,
    faults: &mut Faults,
) -> Option<Facility> {
    let id = row.text("id").parse();
    let id = id.map_err(|error: protocol::TagError| {
        faults.add(row.at("id"), error.to_string(), "correct the id");
    });
    let kind = FacilityKind::ALL
        .into_iter()
        .find(|kind| kind.code() == row.text("kind"));
    if kind.is_none() {
        let text = row.text("kind");
        let remedy = known_words(text, FacilityKind::ALL.iter().map(|kind| kind.code()));
        faults.add(row.at("kind"), format!("unknown kind \"{text}\""), remedy);
    }
    let name = read_name(row, faults);
    let point = read_point(row, frame, faults);
    let district = read_district_code(row, ground, faults);
    let source = row.filled("source", faults);
    let precision = row.filled("precision", faults);
    Some(Facility {
        id: id.ok()?,
        kind: kind?,
        name: name?,
        point: point?,
        district: district?,
        source: source?,
        precision: precision?,
    })
}
