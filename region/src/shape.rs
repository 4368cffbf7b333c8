//! Shapes of a GeoJSON file: features with their properties, rings and lines in integer points.

use std::collections::BTreeMap;

use geojson::{Feature, GeometryValue, Position};
use protocol::{Point, known_words};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::fault::{At, Faults};
use crate::frame::Frame;
use crate::manifest::Object;

/// Keys that a collection may have beside those of the format.
const TOP_KEYS: [&str; 3] = ["name", "source", "note"];

/// A feature as read: what it says and where it lies.
pub(crate) struct Shape {
    /// Where the feature stands in its file.
    pub(crate) place: String,
    /// What it says of itself.
    properties: Value,
    /// Its polygons, each an outer ring and its holes; empty for lines.
    pub(crate) polygons: Vec<Vec<Vec<Point>>>,
    /// Its lines; empty for polygons.
    pub(crate) lines: Vec<Vec<Point>>,
}

impl Shape {
    /// What it says of itself, to be read key by key.
    pub(crate) fn object<'a>(&'a self, file: &'a str, faults: &mut Faults) -> Option<Object<'a>> {
        let place = format!("{}.properties", self.place);
        Object::of(file, place, &self.properties, faults)
    }
}

/// Reads every feature of a file; those with faults are left out, each fault noted. `None` if the file
/// is no collection of features.
pub(crate) fn read_shapes(
    file: &str,
    text: &str,
    frame: Frame,
    faults: &mut Faults,
) -> Option<Vec<Shape>> {
    let mut collection: BTreeMap<String, &RawValue> = match serde_json::from_str(text) {
        Ok(collection) => collection,
        Err(error) => {
            faults.add(
                At::json(file, &error),
                error.to_string(),
                "correct the GeoJSON",
            );
            return None;
        }
    };
    let kind = collection.remove("type");
    let features = collection.remove("features");
    for key in collection
        .keys()
        .filter(|key| !TOP_KEYS.contains(&key.as_str()))
    {
        let remedy = known_words(key, TOP_KEYS.into_iter());
        faults.add(
            At::place(file, key),
            format!("unknown key \"{key}\""),
            remedy,
        );
    }
    let features: Option<Vec<&RawValue>> = features
        .filter(|_| kind.is_some_and(|kind| kind.get() == "\"FeatureCollection\""))
        .and_then(|features| serde_json::from_str(features.get()).ok());
    let Some(features) = features else {
        let reason = "this is no FeatureCollection".to_owned();
        faults.add(At::file(file), reason, "wrap the features in one");
        return None;
    };
    let mut shapes = Vec::with_capacity(features.len());
    for (count, raw) in features.into_iter().enumerate() {
        let place = format!("features[{count}]");
        match raw.get().parse::<Feature>() {
            Ok(feature) => shapes.extend(read_shape(file, place, feature, frame, faults)),
            Err(error) => {
                let at = At::place(file, &place);
                faults.add(at, error.to_string(), "correct the feature");
            }
        }
    }
    Some(shapes)
}

fn read_shape(
    file: &str,
    place: String,
    feature: Feature,
    frame: Frame,
    faults: &mut Faults,
) -> Option<Shape> {
    let at = At::place(file, &place);
    for key in feature
        .foreign_members
        .iter()
        .flat_map(Map::keys)
        .filter(|key| *key != "type")
    {
        faults.add(
            at,
            format!("unknown key \"{key}\""),
            "move it into \"properties\" or drop it",
        );
    }
    let Some(geometry) = feature.geometry else {
        faults.add(
            at,
            "the feature has no geometry".to_owned(),
            "add one or drop the feature",
        );
        return None;
    };
    let (polygons, lines) = match geometry.value {
        GeometryValue::Polygon { coordinates } => (vec![coordinates], Vec::new()),
        GeometryValue::MultiPolygon { coordinates } => (coordinates, Vec::new()),
        GeometryValue::LineString { coordinates } => (Vec::new(), vec![coordinates]),
        GeometryValue::MultiLineString { coordinates } => (Vec::new(), coordinates),
        other => {
            let reason = format!("a {} draws no ground and no line", other.type_name());
            faults.add(
                at,
                reason,
                "write a Polygon, MultiPolygon, LineString or MultiLineString",
            );
            return None;
        }
    };
    let line =
        |positions: Vec<Position>, faults: &mut Faults| read_line(at, &positions, frame, faults);
    let polygons: Option<Vec<Vec<Vec<Point>>>> = polygons
        .into_iter()
        .map(|rings| {
            let rings: Option<Vec<Vec<Point>>> =
                rings.into_iter().map(|ring| line(ring, faults)).collect();
            rings.filter(|rings| rings.iter().all(|ring| is_ring(at, ring, faults)))
        })
        .collect();
    let lines: Option<Vec<Vec<Point>>> = lines.into_iter().map(|one| line(one, faults)).collect();
    let properties = Value::Object(feature.properties.unwrap_or_default());
    Some(Shape {
        polygons: polygons?,
        lines: lines?,
        properties,
        place,
    })
}

fn read_line(
    at: At<'_>,
    positions: &[Position],
    frame: Frame,
    faults: &mut Faults,
) -> Option<Vec<Point>> {
    let mut line = Vec::with_capacity(positions.len());
    for position in positions {
        let numbers = position.as_slice();
        let point = match numbers {
            [longitude, latitude, ..] if longitude.abs() <= 180.0 && latitude.abs() <= 90.0 => {
                Point::degrees(*longitude, *latitude)
            }
            _ => {
                let reason = format!("{numbers:?} is not on the earth");
                faults.add(
                    at,
                    reason,
                    "write [longitude, latitude] in degrees of WGS 84",
                );
                return None;
            }
        };
        if !frame.contains(point) {
            let reason = format!("{point} lies outside the frame");
            faults.add(at, reason, "clip the shape to the frame or widen the frame");
            return None;
        }
        line.push(point);
    }
    if line.len() < 2 {
        faults.add(
            at,
            format!("a line of {} points", line.len()),
            "give two points or more",
        );
        return None;
    }
    Some(line)
}

fn is_ring(at: At<'_>, ring: &[Point], faults: &mut Faults) -> bool {
    let closed = ring.len() >= 4 && ring.first() == ring.last();
    if !closed {
        let reason = format!(
            "a ring of {} points that does not end where it began",
            ring.len()
        );
        faults.add(
            at,
            reason,
            "give four points or more and repeat the first as the last",
        );
    }
    closed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(geometry: &str) -> (Vec<Shape>, Vec<String>) {
        let text = format!(
            r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"code":"1"}},"geometry":{geometry}}}]}}"#
        );
        let mut faults = Faults::default();
        let shapes = read_shapes(
            "s.geojson",
            &text,
            Frame::degrees(0.0, 0.0, 10.0, 10.0),
            &mut faults,
        );
        (
            shapes.unwrap_or_default(),
            faults
                .into_sorted(|_| None)
                .iter()
                .map(ToString::to_string)
                .collect(),
        )
    }

    #[test]
    fn a_polygon_with_a_hole_keeps_both_rings() {
        let (shapes, faults) = read(
            r#"{"type":"Polygon","coordinates":[[[1,1],[9,1],[9,9],[1,1]],[[3,2],[5,2],[5,3],[3,2]]]}"#,
        );
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!(shapes[0].polygons[0].len(), 2);
        assert_eq!(shapes[0].polygons[0][1][1], Point::degrees(5.0, 2.0));
    }

    #[test]
    fn a_ring_that_is_open_or_outside_the_frame_is_refused() {
        let (_, faults) = read(r#"{"type":"Polygon","coordinates":[[[1,1],[9,1],[9,9],[1,2]]]}"#);
        assert!(
            faults[0].contains("does not end where it began"),
            "{faults:?}"
        );
        let (_, faults) = read(r#"{"type":"Polygon","coordinates":[[[1,1],[19,1],[9,9],[1,1]]]}"#);
        assert!(faults[0].contains("outside the frame"), "{faults:?}");
        let (_, faults) = read(r#"{"type":"Point","coordinates":[1,1]}"#);
        assert!(faults[0].contains("a Point draws no ground"), "{faults:?}");
    }
}
