//! The ground of the invented region: nine seats, two outlines, a coast and a bridge.

use std::collections::BTreeMap;

use dashboard::{Event, Ground, Road, Seat, Standing, Term};
use protocol::{AreaCode, Category, Point, RoadId};

use super::stage::{CITIES, party, seat};

pub(crate) fn ground() -> Ground {
    Ground {
        name: Term::new("九湾", "Nine Bays"),
        frame: (Point::degrees(112.0, 21.6), Point::degrees(115.0, 24.0)),
        outlines: vec![
            rectangle((112.1, 22.2), (113.2, 23.9)),
            rectangle((113.2, 22.1), (114.9, 23.9)),
        ],
        coast: vec![line(&[(112.0, 22.2), (113.5, 22.0), (115.0, 22.5)])],
        offices: seats(),
        areas: CITIES
            .iter()
            .map(|city| (AreaCode(city.0), Term::new(city.3, city.4)))
            .collect(),
        roads: bridge(),
        events: BTreeMap::from([
            event("dyke", "堤防险情", "dyke in danger"),
            event("typhoon", "台风", "typhoon"),
        ]),
        disclaimer: Term::new(
            "示意图，无审图号，不作定位和划界依据",
            "Schematic, no map approval number; not for location or boundaries",
        ),
        offset_min: 480,
    }
}

fn seats() -> Vec<Seat> {
    let offices = CITIES
        .iter()
        .map(|(code, short_zh, short_en, zh, en, lon, lat)| Seat {
            party: party(&code.to_string()),
            name: Term::new(*zh, *en),
            short: Term::new(*short_zh, *short_en),
            point: Point::degrees(*lon, *lat),
            area: AreaCode(*code),
            standing: Standing::City,
        });
    let met = Seat {
        party: party("990000-met"),
        name: Term::new("气象台", "Met office"),
        short: Term::new("气", "MT"),
        point: seat(4),
        area: AreaCode(990_000),
        standing: Standing::Author,
    };
    offices.chain(std::iter::once(met)).collect()
}

fn line(places: &[(f64, f64)]) -> Vec<Point> {
    let points = places.iter().map(|(x, y)| Point::degrees(*x, *y));
    points.collect()
}

fn rectangle((west, south): (f64, f64), (east, north): (f64, f64)) -> Vec<Point> {
    line(&[
        (west, south),
        (east, south),
        (east, north),
        (west, north),
        (west, south),
    ])
}

fn bridge() -> BTreeMap<RoadId, Road> {
    let road = Road {
        name: Term::new("大湾桥", "Great Bay Bridge"),
        line: line(&[(113.4, 22.6), (113.7, 22.65), (114.0, 22.7)]),
    };
    let id = "bridge".parse().expect("a name in a test is well formed");
    BTreeMap::from([(id, road)])
}

fn event(code: &str, zh: &str, en: &str) -> (String, Event) {
    let event = Event {
        name: Term::new(zh, en),
        category: Category::Natural,
    };
    (code.to_owned(), event)
}
