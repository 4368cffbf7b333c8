//! Views for foreign readers: plain GeoJSON, retained, and no more often than asked for.

use protocol::{Frame, Span, Topic, View};
use serde_json::Value;

use crate::bus::Region;
use crate::cast::{FIRST, SECOND, Setting, party};

fn with_views() -> Region {
    Region::up(Setting {
        views_every: Some(Span::seconds(10)),
        ..Setting::default()
    })
}

fn latest(region: &Region, view: View) -> Value {
    let topic = Topic::View(party(FIRST), view);
    let mut said = region.said.iter().rev();
    let (.., frame) = said.find(|(.., frame)| frame.topic() == topic).unwrap();
    serde_json::from_str(frame.text()).unwrap()
}

fn features(collection: &Value) -> &Vec<Value> {
    assert_eq!(collection["type"], "FeatureCollection");
    assert_eq!(collection["office"], FIRST);
    assert_eq!(collection["mode"], "exercise");
    let features = collection["features"].as_array().unwrap();
    for feature in features {
        assert_eq!(feature["type"], "Feature");
        assert!(feature["properties"]["id"].is_string(), "{feature}");
        let geometry = &feature["geometry"];
        if geometry.is_null() {
            continue;
        }
        assert_eq!(geometry["type"], "Point");
        let place: Vec<f64> = serde_json::from_value(geometry["coordinates"].clone()).unwrap();
        assert!(
            (112.0..115.0).contains(&place[0]),
            "longitude first: {place:?}"
        );
        assert!((22.0..23.0).contains(&place[1]), "{place:?}");
    }
    features
}

#[test]
fn a_view_is_a_collection_of_what_is_open_now() {
    let mut region = with_views();
    region.call(FIRST, "call-1", 3);
    region.run(Span::seconds(25));
    assert_eq!(features(&latest(&region, View::Incidents)).len(), 1);
    assert_eq!(features(&latest(&region, View::Needs)).len(), 1);
    assert_eq!(features(&latest(&region, View::Warnings)).len(), 0);
    let units = latest(&region, View::Units);
    let states: Vec<&str> = features(&units)
        .iter()
        .map(|unit| unit["properties"]["state"].as_str().unwrap())
        .collect();
    assert_eq!(states.len(), 2);
    assert!(
        states.iter().all(|state| *state != "available"),
        "{states:?}"
    );
    region.over(FIRST, "call-1");
    region.run(Span::seconds(25));
    assert_eq!(features(&latest(&region, View::Incidents)).len(), 0);
    assert_eq!(features(&latest(&region, View::Needs)).len(), 0);
}

#[test]
fn views_are_published_no_more_often_than_asked_and_only_when_something_changed() {
    let views = |region: &Region| {
        let is_view = |frame: &Frame| frame.topic() == Topic::View(party(FIRST), View::Units);
        region
            .said
            .iter()
            .filter(|(.., frame)| is_view(frame))
            .count()
    };
    let mut region = with_views();
    region.run(Span::minutes(1));
    let quiet = views(&region);
    region.run(Span::minutes(5));
    assert_eq!(views(&region), quiet, "nothing changed");
    for number in 0..30 {
        region.call(FIRST, &format!("call-{number}"), 1);
        region.run(Span::seconds(1));
    }
    let busy = views(&region) - quiet;
    assert!((2..=4).contains(&busy), "{busy} in half a minute");
}

#[test]
fn an_office_that_nobody_asked_for_views_publishes_none() {
    let mut region = Region::up(Setting::default());
    region.call(SECOND, "call-1", 1);
    region.run(Span::minutes(1));
    let is_view = |frame: &Frame| matches!(frame.topic(), Topic::View(..));
    assert!(!region.said.iter().any(|(.., frame)| is_view(frame)));
    assert_eq!(region.count(SECOND, "aid-commit"), 1);
}
