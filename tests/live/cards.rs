//! Control cards and evaluators' forms of a shipped drill, as a director prints them.

use crate::run::{Folder, liandong, output, text};

#[test]
fn the_cards_of_a_drill_have_every_inject_and_each_office_its_form() {
    let folder = Folder::new("cards");
    let mut cards = liandong();
    cards.args(["scenario", "cards", "scenarios/prd/petrochemical-fire.toml"]);
    let made = output(cards.arg("--out").arg(folder.path()));
    assert!(made.status.success(), "{}", text(&made));
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let (cards, forms) = (read("control-cards.html"), read("evaluation.html"));
    for number in 1..=11 {
        let inject = format!("INJ-{number:02}");
        assert_eq!(
            cards.matches(&format!("【演练】<b>{inject} ")).count(),
            1,
            "{inject}"
        );
    }
    assert!(cards.contains("备用，届时已见则不给：441300 已发 请求支援（fire） 1 次"));
    assert!(cards.contains("不得交参演单位") && forms.contains("不得交参演单位"));
    // Shenzhen sees what it is expected to do, and Huizhou what it is.
    let (shenzhen, huizhou) = forms.split_once("惠州市").unwrap();
    assert!(shenzhen.contains("INJ-04") && !shenzhen.contains("INJ-07"));
    assert!(huizhou.contains("INJ-07"));
    let table = read("evaluation.csv");
    let mut rows = table.lines();
    assert!(
        rows.next()
            .unwrap()
            .ends_with("seen_at,grade,note,evaluator")
    );
    assert!(rows.clone().count() > 10);
    assert!(rows.all(|row| row.starts_with("【演练】,") && row.ends_with(",,,,")));
}

/// A storm that no record has, past the invented region of three towns.
const STORM: &str = "time,lat,lon,wmo_wind_kt,wmo_pres_hpa
2024-08-01T00:00:00Z,8.6,152.4,55,985
2024-08-01T06:00:00Z,9.2,151.6,65,978
2024-08-01T12:00:00Z,9.8,150.9,70,972
2024-08-01T18:00:00Z,10.3,150.2,60,980
2024-08-02T00:00:00Z,10.9,149.5,40,992
";

#[test]
fn a_drill_made_of_a_track_that_nobody_has_seen_is_sound_and_runs() {
    let folder = Folder::new("from-a-track");
    std::fs::create_dir_all(folder.path()).unwrap();
    let (track, drill) = (
        folder.path().join("storm.csv"),
        folder.path().join("storm.toml"),
    );
    std::fs::write(&track, STORM).unwrap();
    let make = || {
        let mut make = liandong();
        make.args(["scenario", "new", "--region", "trio", "--track"]);
        output(make.arg(&track).arg("--out").arg(&drill))
    };
    let done = make();
    assert!(done.status.success(), "{}", text(&done));
    assert!(
        text(&done).contains("km from the nearest city's seat"),
        "{}",
        text(&done)
    );
    assert_eq!(
        make().status.code(),
        Some(77),
        "what is there is not overwritten"
    );
    let checked = output(liandong().arg("check").arg(&drill));
    assert!(checked.status.success(), "{}", text(&checked));
    let mut run = liandong();
    run.arg("simulate")
        .arg(&drill)
        .args(["--seed", "7", "--output", "json"]);
    let ran = output(&mut run);
    assert!(ran.status.success(), "{}", text(&ran));
    let said: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert!(said["incidents"].as_u64().unwrap() > 0, "{said}");
    assert_eq!(said["objectives"].as_array().unwrap().len(), 4, "{said}");
    std::fs::write(&track, "time,lat\n").unwrap();
    std::fs::remove_file(&drill).unwrap();
    let torn = make();
    assert_eq!(torn.status.code(), Some(65));
    assert!(
        text(&torn).contains("storm.csv:1:1: the table has no column \"lon\""),
        "{}",
        text(&torn)
    );
}
