//! The ground that a report draws on: outlines, seats, crossings, and whose data they are.
//!
//! Plain data, so that a report of a region pack that has changed since can still be drawn.

use protocol::{PartyId, Point, RoadId};
use region::{BackgroundKind, Detail, Region};

use crate::bilingual::Bilingual;

/// What the maps are drawn on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    /// What the region is called.
    pub name: Bilingual,
    /// South-west and north-east corner of the map's frame; everything is clipped to it.
    pub frame: (Point, Point),
    /// Cities, in the order in which tables list them.
    pub cities: Vec<CityGround>,
    /// Crossings that road messages name.
    pub crossings: Vec<Crossing>,
    /// Land around the cities, as rings: drawn pale and without a name.
    pub land: Vec<Vec<Point>>,
    /// Coast and rivers, drawn thin.
    pub water: Vec<Vec<Point>>,
    /// What stands on every map.
    pub disclaimer: Bilingual,
    /// Whose data the ground is and under which licence, a line each.
    pub attribution: Vec<String>,
}

/// A city as a map shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CityGround {
    /// Its office.
    pub office: PartyId,
    /// What it is called.
    pub name: Bilingual,
    /// Where its name stands and aid flows begin and end.
    pub seat: Point,
    /// Its outline: rings, each ending where it began.
    pub rings: Vec<Vec<Point>>,
}

/// A crossing that can be closed by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// The name that road messages use.
    pub road: RoadId,
    /// What it is called.
    pub name: Bilingual,
    /// Where it runs; a point is enough.
    pub line: Vec<Point>,
}

impl Default for Ground {
    /// No ground at all: a report without a map.
    fn default() -> Self {
        Self {
            name: Bilingual::default(),
            frame: (Point(0, 0), Point(0, 0)),
            cities: Vec::new(),
            crossings: Vec::new(),
            land: Vec::new(),
            water: Vec::new(),
            disclaimer: Bilingual::new(
                "示意图，无审图号，不作定位和划界依据",
                "Schematic, no map approval number; not for location or boundaries",
            ),
            attribution: Vec::new(),
        }
    }
}

impl From<&region::Name> for Bilingual {
    fn from(name: &region::Name) -> Self {
        Self::outside(&name.zh, &name.en)
    }
}

impl From<&Region> for Ground {
    /// The ground of a region pack: fine outlines, crossings where their edges run.
    fn from(region: &Region) -> Self {
        let frame = region.frame();
        let outlines = region.outline(Detail::Fine);
        let city = |office: &region::Office| CityGround {
            office: office.party,
            name: Bilingual::from(&office.name),
            seat: office.seat,
            rings: outlines
                .iter()
                .filter(|outline| outline.party == office.party)
                .flat_map(|outline| outline.rings.clone())
                .collect(),
        };
        let crossing = |crossing: &region::Crossing| Crossing {
            road: crossing.slug,
            name: Bilingual::from(&crossing.name),
            line: road_points(region, crossing.slug),
        };
        let lines = |kinds: &[BackgroundKind]| {
            let of_kind = region.background().iter();
            let of_kind = of_kind.filter(|background| kinds.contains(&background.kind));
            of_kind
                .flat_map(|background| background.lines.clone())
                .collect()
        };
        Self {
            name: Bilingual::from(region.name()),
            frame: (
                Point(frame.west, frame.south),
                Point(frame.east, frame.north),
            ),
            cities: region.cities().map(city).collect(),
            crossings: region.crossings().iter().map(crossing).collect(),
            land: lines(&[
                BackgroundKind::Land,
                BackgroundKind::Neighbour,
                BackgroundKind::Sar,
            ]),
            water: lines(&[BackgroundKind::Coast, BackgroundKind::River]),
            disclaimer: Bilingual::from(region.disclaimer()),
            attribution: region.attribution().to_vec(),
        }
    }
}

/// Where a road runs: the ends of its edges.
fn road_points(region: &Region, road: RoadId) -> Vec<Point> {
    let roads = region.roads();
    let edges = roads.edges_of(road).unwrap_or_default();
    let ends = edges.into_iter().flat_map(|edge| {
        let edge = roads.edge(edge);
        [edge.from, edge.to]
    });
    ends.map(|node| roads.node(node).point).collect()
}

impl Ground {
    /// Whether there is anything to draw on.
    pub fn is_drawn(&self) -> bool {
        let (low, high) = self.frame;
        low.0 < high.0 && low.1 < high.1
    }

    pub(crate) fn city(&self, office: PartyId) -> Option<&CityGround> {
        self.cities.iter().find(|city| city.office == office)
    }

    pub(crate) fn crossing(&self, road: RoadId) -> Option<&Crossing> {
        self.crossings.iter().find(|crossing| crossing.road == road)
    }
}
