//! Lines to draw: the ground of each office, the coast, rivers and what lies around the region.
//!
//! Every map that uses them prints the region's disclaimer beside them.

use protocol::{AreaCode, PartyId, Point, known_words};

use crate::fault::{At, Faults};
use crate::manifest::{Office, read_area};
use crate::name::Name;
use crate::shape::Shape;

/// How fine a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// For a terminal: some hundred points an office.
    Coarse,
    /// For a page: some thousand. Falls back to coarse if the pack has nothing finer.
    Fine,
}

/// The ground of one office as rings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// The office.
    pub party: PartyId,
    /// Outer rings and holes alike; each ends where it began.
    pub rings: Vec<Vec<Point>>,
}

/// What a line or an area of the background is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BackgroundKind {
    /// Land of any owner.
    Land,
    /// A special administrative region, which has no office here.
    Sar,
    /// A neighbour without an office here.
    Neighbour,
    /// A lake.
    Lake,
    /// The line between land and sea.
    Coast,
    /// A river's line.
    River,
}

impl BackgroundKind {
    const ALL: [Self; 6] = [
        Self::Land,
        Self::Sar,
        Self::Neighbour,
        Self::Lake,
        Self::Coast,
        Self::River,
    ];

    /// The kind as files write it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Land => "land",
            Self::Sar => "sar",
            Self::Neighbour => "neighbour",
            Self::Lake => "lake",
            Self::Coast => "coast",
            Self::River => "river",
        }
    }
}

/// Something of the background.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Background {
    /// What it is.
    pub kind: BackgroundKind,
    /// What it is called, where it has a name in both languages.
    pub name: Option<Name>,
    /// Its rings (land, sar, neighbour, lake) or lines (coast, river), clipped to the frame.
    pub lines: Vec<Vec<Point>>,
}

/// The outlines of offices from the features of a file; each city must have one.
pub(crate) fn read_outlines(
    file: &str,
    shapes: Vec<Shape>,
    offices: &[Office],
    faults: &mut Faults,
) -> Vec<Outline> {
    let mut outlines: Vec<Outline> = Vec::new();
    for shape in shapes {
        let Some(code) = read_code(file, &shape, faults) else {
            continue;
        };
        let at = At::place(file, &shape.place);
        let Some(office) = offices
            .iter()
            .find(|office| office.is_city() && office.area == code)
        else {
            let cities = offices.iter().filter(|office| office.is_city());
            let known: Vec<String> = cities.map(|office| office.area.to_string()).collect();
            let remedy = known_words(&code.to_string(), known.iter().map(String::as_str));
            faults.add(at, format!("no city office has the area {code}"), remedy);
            continue;
        };
        if outlines.iter().any(|outline| outline.party == office.party) {
            faults.add(
                at,
                format!("area {code} stands twice"),
                "merge the two into one MultiPolygon",
            );
            continue;
        }
        let rings = shape.polygons.into_iter().flatten().collect();
        outlines.push(Outline {
            party: office.party,
            rings,
        });
    }
    for office in offices.iter().filter(|office| office.is_city()) {
        if !outlines.iter().any(|outline| outline.party == office.party) {
            let reason = format!("city {} {} has no outline", office.party, office.name.en);
            faults.add(At::file(file), reason, "add its feature");
        }
    }
    outlines.sort_by_key(|outline| outline.party);
    outlines
}

fn read_code(file: &str, shape: &Shape, faults: &mut Faults) -> Option<AreaCode> {
    let mut object = shape.object(file, faults)?;
    let code = read_area(&mut object, "code", faults);
    object.finish(faults);
    code
}

/// The background from the features of a file.
pub(crate) fn read_background(
    file: &str,
    shapes: Vec<Shape>,
    faults: &mut Faults,
) -> Vec<Background> {
    shapes
        .into_iter()
        .filter_map(|shape| read_backdrop(file, shape, faults))
        .collect()
}

fn read_backdrop(file: &str, shape: Shape, faults: &mut Faults) -> Option<Background> {
    let mut object = shape.object(file, faults)?;
    let text = object.text("kind", faults);
    let zh = object.optional_text("name_zh", faults);
    let en = object.optional_text("name_en", faults);
    let _ = object.optional_text("code", faults);
    object.finish(faults);
    let text = text?;
    let kind = BackgroundKind::ALL
        .into_iter()
        .find(|kind| kind.code() == text);
    if kind.is_none() {
        let remedy = known_words(&text, BackgroundKind::ALL.iter().map(|kind| kind.code()));
        faults.add(
            At::place(file, &shape.place),
            format!("unknown kind \"{text}\""),
            remedy,
        );
    }
    let name = zh.zip(en).map(|(zh, en)| Name { zh, en });
    let lines = shape
        .polygons
        .into_iter()
        .flatten()
        .chain(shape.lines)
        .collect();
    Some(Background {
        kind: kind?,
        name,
        lines,
    })
}
