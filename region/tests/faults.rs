//! What a pack with mistakes in it is told: all of them, each with its place and its remedy.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its pack has failed"
)]

use region::{Pack, Region};

fn faults_with(file: &str, change: impl Fn(&str) -> String) -> Vec<String> {
    let mut pack = Pack::built_in("trio").unwrap();
    let text = change(pack.text(file).unwrap());
    pack.put(file, text);
    Region::load(&pack)
        .unwrap_err()
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn a_pack_with_an_unknown_key_is_refused_and_the_key_named() {
    let faults = faults_with("region.json", |text| {
        text.replace("\"disclaimer\"", "\"disclamer\"")
    });
    let shown = faults.join("\n");
    assert!(shown.contains("key \"disclaimer\" is missing"), "{shown}");
    assert!(
        shown.contains("unknown key \"disclamer\"; did you mean \"disclaimer\"?"),
        "{shown}"
    );
}

#[test]
fn a_pack_lists_all_its_faults_at_once() {
    let faults = faults_with("places.csv", |text| {
        text.replace("10.62,150.6", "10.62,15x")
            .replace("990202", "990209")
            .replace("12,南屿", "11,南屿")
    });
    let shown = faults.join("\n");
    assert!(
        shown.contains("places.csv:2:5: lon \"15x\" is not a longitude"),
        "{shown}"
    );
    assert_eq!(
        shown.matches("unknown district \"990209\"").count(),
        2,
        "{shown}"
    );
    assert!(
        shown.contains("place 11 stands in line 12 already"),
        "{shown}"
    );
}

#[test]
fn a_graph_in_pieces_a_crossing_without_edges_and_unknown_nodes_are_faults() {
    let faults = faults_with("roads_edges.csv", |text| {
        text.lines()
            .filter(|line| !line.contains("Longbay") && !line.contains("road"))
            .fold(String::new(), |kept, line| kept + line + "\n")
            + "0,777,1.0,motorwy,45,invented,,,\n"
    });
    let shown = faults.join("\n");
    assert!(
        shown.contains("crossing \"longbay\" has no edge"),
        "{shown}"
    );
    assert!(shown.contains("the graph is in pieces"), "{shown}");
    assert!(shown.contains("unknown node 777"), "{shown}");
    assert!(
        shown.contains("unknown class \"motorwy\"; did you mean \"motorway\"?"),
        "{shown}"
    );
}

#[test]
fn a_node_outside_the_frame_and_a_missing_file_are_faults() {
    let faults = faults_with("roads_nodes.csv", |text| {
        text.replace("27,10.6,", "27,20.6,")
    });
    assert!(
        faults
            .iter()
            .any(|fault| fault.contains("outside the frame")),
        "{faults:?}"
    );
    let pack = Pack::from_files(|name| {
        Pack::built_in("trio")
            .unwrap()
            .text(name)
            .filter(|_| name != "places.csv")
            .map(str::to_owned)
    });
    let faults = Region::load(&pack).unwrap_err();
    assert_eq!(
        faults[0].to_string(),
        "places.csv: the file is missing; add it to the pack"
    );
}

#[test]
fn a_node_that_stands_twice_is_a_fault_and_the_first_of_it_counts() {
    let faults = faults_with("roads_nodes.csv", |text| {
        let again = text.lines().nth(1).unwrap();
        format!("{text}{again}\n")
    });
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains("stands twice"), "{faults:?}");
}

#[test]
fn a_fault_in_a_nested_file_names_its_line_and_column() {
    let shown = faults_with("region.json", |text| {
        text.replace("\"population\": ", "\"population\": -")
            .replace("\"id\": \"trio\"", "\"id\": \"<script>\"")
    })
    .join("\n");
    assert!(
        shown.contains("region.json:3:9: id: \"<script>\" is not an id"),
        "{shown}"
    );
    let text = Pack::built_in("trio").unwrap();
    let line = text.text("region.json").unwrap().lines();
    let line = line
        .clone()
        .position(|line| line.contains("\"population\""))
        .unwrap()
        + 1;
    let found = shown.lines().any(|fault| {
        fault.starts_with(&format!("region.json:{line}:")) && fault.contains(".population: -")
    });
    assert!(found, "{shown}");

    let shown = faults_with("districts.geojson", |text| {
        text.replacen("\"code\"", "\"cod\"", 1)
    });
    assert!(
        shown
            .iter()
            .any(|fault| fault.contains("features[0].properties.cod: unknown key \"cod\"")),
        "{shown:?}"
    );
}

#[test]
fn every_feature_that_is_wrong_is_named_and_broken_json_says_where() {
    let shown = faults_with("cities.geojson", |text| {
        text.replace("\"Polygon\"", "\"Polygone\"")
    });
    assert!(shown.len() >= 3, "{shown:?}");
    let broken = faults_with("cities.geojson", |text| text.replacen('{', "{,", 1)).join("\n");
    assert_eq!(broken.lines().count(), 1, "{broken}");
    assert!(broken.starts_with("cities.geojson:1:2: "), "{broken}");
}

#[test]
fn a_file_in_another_encoding_says_in_which_line() {
    let shown = faults_with("places.csv", |text| text.replacen("南屿", "\u{fffd}", 1)).join("\n");
    assert!(
        shown.contains("a character is not UTF-8; save the file as UTF-8"),
        "{shown}"
    );
}

#[test]
fn offices_of_mistyped_roles_are_told_so_and_nothing_that_is_not_so() {
    let faults = faults_with("region.json", |text| {
        text.replace("\"city\"", "\"ctiy\"")
            .replace("\"circle\": \"south-bay\"", "\"circle\": \"south\"")
    });
    let shown = faults.join("\n");
    assert_eq!(faults.len(), 4, "{shown}");
    assert_eq!(
        shown
            .matches("unknown role \"ctiy\"; did you mean \"city\"?")
            .count(),
        3,
        "{shown}"
    );
    assert!(shown.contains("unknown circle \"south\""), "{shown}");
}

#[test]
fn an_office_a_circle_and_a_crossing_with_faults_are_known_all_the_same() {
    let faults = faults_with("region.json", |text| {
        text.replace("\"en\": \"Southbay\"", "\"en\": 3")
            .replace("\"en\": \"North Bay\"", "\"en\": 3")
            .replace("\"en\": \"Longbay Bridge\"", "\"en\": 3")
    });
    assert_eq!(faults.len(), 3, "{}", faults.join("\n"));
}

#[test]
fn a_bad_longitude_is_told_beside_a_bad_latitude() {
    let faults = faults_with("places.csv", |text| text.replace("10.62,150.6", "95,250.6"));
    let shown = faults.join("\n");
    assert!(
        shown.contains("places.csv:2:4: latitude 95 is not on the earth"),
        "{shown}"
    );
    assert!(
        shown.contains("places.csv:2:5: longitude 250.6 is not on the earth"),
        "{shown}"
    );
}
