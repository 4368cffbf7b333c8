//! Other people's clients read the traffic: Debian's mosquitto_sub.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::run::{Folder, Running, quiet_day};

#[test]
fn mosquitto_sub_reads_the_views_and_they_are_geojson() {
    let folder = Folder::new("foreign");
    let mut drill = Running::start(quiet_day(folder.path()).args(["--speed", "120"]));
    drill.wait_for("running");
    let stage = std::fs::read_to_string(folder.path().join("stage.json")).unwrap();
    let stage: Value = serde_json::from_str(&stage).unwrap();
    let (host, port) = stage["buses"][0]["url"]
        .as_str()
        .unwrap()
        .strip_prefix("mqtt://")
        .unwrap()
        .rsplit_once(':')
        .unwrap();
    let net = stage["network"]["id"].as_str().unwrap();
    let topic = format!("liandong/1/{net}/view/+/units");
    let mut reader = Command::new("mosquitto_sub")
        .args(["-h", host, "-p", port, "-t", &topic, "-q", "1", "-W", "60"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("mosquitto_sub is installed (Debian package mosquitto-clients)");
    let views = BufReader::new(reader.stdout.take().unwrap()).lines();
    let mut views = views.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    // An author without a fleet has an empty view, which is a view all the same.
    let units = views
        .find_map(|view| {
            assert_eq!(view["type"], "FeatureCollection");
            let units = view["features"].as_array().unwrap().clone();
            (!units.is_empty()).then_some(units)
        })
        .expect("an office with a fleet shows it before mosquitto_sub gives up");
    reader.kill().unwrap();
    reader.wait().unwrap();
    for unit in &units {
        assert_eq!(unit["type"], "Feature");
        assert_eq!(unit["geometry"]["type"], "Point");
        assert_eq!(unit["geometry"]["coordinates"].as_array().unwrap().len(), 2);
        assert_eq!(unit["properties"]["demo"], true, "a demo unit says so");
    }
    drill.signal("TERM");
    let (status, said) = drill.end();
    assert_eq!(status.code(), Some(143), "{said}");
}
