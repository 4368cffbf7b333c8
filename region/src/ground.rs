//! The ground: districts as polygons, and whose ground a point lies on.

use std::collections::BTreeMap;

use geo::{BoundingRect, Coord, InteriorPoint, Intersects, LineString, MultiPolygon, Polygon};
use protocol::{AreaCode, Point};
use rstar::RTree;
use rstar::primitives::{GeomWithData, Rectangle};

use crate::fault::{At, Faults};
use crate::manifest::read_area;
use crate::name::Name;
use crate::shape::Shape;

/// A district 区县: the smallest ground that has people counted.
#[derive(Clone, Debug)]
pub struct District {
    /// Its area code.
    pub code: AreaCode,
    /// The city that it belongs to.
    pub city: AreaCode,
    /// What it is called.
    pub name: Name,
    /// People, by the census of 2020.
    pub population: u32,
    /// What a reader should know about its data.
    pub note: Option<String>,
    /// A point on its ground, for want of a better one.
    pub middle: Point,
    ground: MultiPolygon<f64>,
}

impl District {
    /// Whether a point lies on its ground, edge included.
    pub fn contains(&self, point: Point) -> bool {
        // The whole would first be measured around, at every question; the index has done so.
        let here = coordinate(point);
        self.ground.iter().any(|polygon| polygon.intersects(&here))
    }

    /// The smallest rectangle around it: south-west and north-east corner.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the coordinates were made from i32"
    )]
    pub fn corners(&self) -> (Point, Point) {
        let rectangle = self
            .ground
            .bounding_rect()
            .expect("a district has a ring, checked when read");
        let (low, high) = (rectangle.min(), rectangle.max());
        (
            Point(low.x as i32, low.y as i32),
            Point(high.x as i32, high.y as i32),
        )
    }
}

/// Every district, and the index that finds the one under a point.
#[derive(Debug)]
pub struct Ground {
    districts: BTreeMap<AreaCode, District>,
    index: RTree<GeomWithData<Rectangle<[i64; 2]>, AreaCode>>,
}

impl Ground {
    pub(crate) fn new(districts: BTreeMap<AreaCode, District>) -> Self {
        let boxes = districts.values().flat_map(|district| {
            district.ground.iter().filter_map(|polygon| {
                let rectangle = polygon.bounding_rect()?;
                let corners =
                    Rectangle::from_corners(whole(rectangle.min()), whole(rectangle.max()));
                Some(GeomWithData::new(corners, district.code))
            })
        });
        let index = RTree::bulk_load(boxes.collect());
        Self { districts, index }
    }

    /// The district under a point; of two that share an edge, the one with the lower code.
    pub fn district_at(&self, point: Point) -> Option<&District> {
        let under = self
            .index
            .locate_all_at_point([i64::from(point.0), i64::from(point.1)]);
        let mut codes: Vec<AreaCode> = under.map(|found| found.data).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
            .iter()
            .map(|code| &self.districts[code])
            .find(|district| district.contains(point))
    }

    /// The city and the district under a point; `None` at sea and beyond the region.
    pub fn locate(&self, point: Point) -> Option<(AreaCode, AreaCode)> {
        self.district_at(point)
            .map(|district| (district.city, district.code))
    }

    /// A district by its code.
    pub fn district(&self, code: AreaCode) -> Option<&District> {
        self.districts.get(&code)
    }

    /// Every district, by code.
    pub fn districts(&self) -> impl Iterator<Item = &District> {
        self.districts.values()
    }
}

/// A district from its feature.
pub(crate) fn read_district(file: &str, shape: &Shape, faults: &mut Faults) -> Option<District> {
    let mut object = shape.object(file, faults)?;
    let code = read_area(&mut object, "code", faults);
    let city = read_area(&mut object, "city", faults);
    let zh = object.text("name_zh", faults);
    let en = object.text("name_en", faults);
    let population = object.whole("population_2020", 0..=100_000_000, faults);
    let note = object.optional_text("note", faults);
    object.finish(faults);
    let ground = multi_polygon(&shape.polygons);
    let Some(middle) = ground.interior_point() else {
        faults.add(
            At::place(file, &shape.place),
            "the district has no ground".to_owned(),
            "draw a Polygon",
        );
        return None;
    };
    Some(District {
        code: code?,
        city: city?,
        name: Name { zh: zh?, en: en? },
        population: u32::try_from(population?).ok()?,
        note,
        middle: rounded(middle.0),
        ground,
    })
}

fn multi_polygon(polygons: &[Vec<Vec<Point>>]) -> MultiPolygon<f64> {
    let ring = |line: &Vec<Point>| LineString(line.iter().copied().map(coordinate).collect());
    let polygons = polygons.iter().filter_map(|rings| {
        let (outer, holes) = rings.split_first()?;
        Some(Polygon::new(ring(outer), holes.iter().map(ring).collect()))
    });
    MultiPolygon(polygons.collect())
}

/// A point as coordinates: whole numbers, which f64 holds exactly.
fn coordinate(point: Point) -> Coord<f64> {
    Coord {
        x: f64::from(point.0),
        y: f64::from(point.1),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the coordinates were made from i32"
)]
fn whole(corner: Coord<f64>) -> [i64; 2] {
    [corner.x as i64, corner.y as i64]
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the point lies between points made from i32"
)]
fn rounded(at: Coord<f64>) -> Point {
    Point(at.x.round() as i32, at.y.round() as i32)
}
