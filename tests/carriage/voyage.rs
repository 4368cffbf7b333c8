//! The whole way: from one journal onto a stick, from the stick into another.

use super::place::{Author, EAST, Machine, WEST, by_author, roster, text};

/// Two offices, each of which knows the roster and itself alone.
fn strangers() -> (Machine, Machine) {
    let office = |name: &str, notes| {
        let held = [roster().entries, Author::of_office(name, notes).entries].concat();
        Machine::new(name, &held)
    };
    (office(EAST, 30), office(WEST, 12))
}

#[test]
fn two_offices_that_never_shared_a_bus_know_the_same_after_two_sticks() {
    let (east, west) = strangers();
    assert_ne!(east.picture(EAST), west.picture(WEST));
    let (there, back) = (east.file("east.bundle"), west.file("west.bundle"));

    let exported = east.export(EAST, &there, &["--lang", "en"]);
    assert!(exported.status.success(), "{}", text(&exported));
    let said = text(&exported);
    assert!(
        said.contains("【演练】wrote 35 entries of 2 authors"),
        "{said}"
    );
    assert!(said.contains("signed by op-990100"), "{said}");

    let (code, account, said) = west.account(WEST, &there);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(account["new"], 31, "{account}");
    assert_eq!(account["held"], 4, "the roster was there: {account}");
    assert_eq!(account["closing"], "signed", "{account}");
    assert_eq!(account["gaps"], serde_json::json!([]), "{account}");
    assert_eq!(account["mark"], "【演练】", "{account}");

    let exported = west.export(WEST, &back, &["--author", WEST]);
    assert!(exported.status.success(), "{}", text(&exported));
    let (code, account, said) = east.account(EAST, &back);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(account["new"], 13, "{account}");

    let picture = east.picture(EAST);
    assert_eq!(picture, west.picture(WEST));
    assert_eq!(account["picture"], picture.to_string(), "{account}");
    assert_eq!(by_author(&east.held(EAST)), by_author(&west.held(WEST)));
}

#[test]
fn a_second_import_of_the_same_stick_records_nothing() {
    let (east, west) = strangers();
    let stick = east.file("east.bundle");
    assert!(east.export(EAST, &stick, &[]).status.success());
    assert_eq!(west.account(WEST, &stick).0, Some(0));
    let before = by_author(&west.held(WEST));
    let (code, account, said) = west.account(WEST, &stick);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!((&account["new"], &account["held"]), (&0.into(), &35.into()));
    assert_eq!(by_author(&west.held(WEST)), before);
}

#[test]
fn a_log_comes_home_to_an_office_that_lost_its_disk() {
    let (east, west) = strangers();
    let stick = east.file("east.bundle");
    assert!(east.export(EAST, &stick, &[]).status.success());
    assert_eq!(west.account(WEST, &stick).0, Some(0));
    let copy = west.file("back.bundle");
    assert!(
        west.export(WEST, &copy, &["--author", EAST])
            .status
            .success()
    );
    let picture = east.picture(EAST);
    std::fs::remove_file(east.journal(EAST)).unwrap();
    let (code, account, said) = east.account(EAST, &copy);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(account["new"], 31, "{account}");
    assert_eq!(east.picture(EAST), picture);
}

#[test]
fn an_office_that_runs_is_exported_from_and_its_bus_is_asked_on_import() {
    let (east, west) = strangers();
    // Whoever holds the lock runs, as far as anybody else can tell.
    let office = |machine: &Machine, name: &str| {
        let net = super::place::network().id;
        journal::Journal::open(&machine.journal(name), net).unwrap()
    };
    let running = office(&east, EAST);
    let stick = east.file("east.bundle");
    let exported = east.export(EAST, &stick, &[]);
    assert!(exported.status.success(), "{}", text(&exported));
    drop(running);
    let running = office(&west, WEST);
    let refused = west.import(WEST, &stick, &["--wait-s", "1"]);
    let said = text(&refused);
    assert_eq!(refused.status.code(), Some(69), "{said}");
    assert!(
        said.contains("stop the office and import into its journal"),
        "{said}"
    );
    drop(running);
    assert_eq!(west.account(WEST, &stick).0, Some(0));
}

#[test]
fn the_summary_is_told_in_both_languages_and_marked_as_a_drill_s() {
    let (east, west) = strangers();
    let stick = east.file("east.bundle");
    assert!(east.export(EAST, &stick, &[]).status.success());
    for (lang, words) in [
        (
            "zh",
            ["东港于", "新增 31 条", "没有缺少的消息", "态势校验码"],
        ),
        (
            "en",
            [
                "exported by Eastport",
                "31 new",
                "no messages are missing",
                "picture ",
            ],
        ),
    ] {
        let west = Machine::new(WEST, &west.held(WEST));
        let imported = west.import(WEST, &stick, &["--lang", lang]);
        let said = text(&imported);
        assert!(imported.status.success(), "{said}");
        for word in words {
            assert!(said.contains(word), "{word}: {said}");
        }
        assert!(
            said.lines().all(|line| line.starts_with("【演练】")),
            "{said}"
        );
    }
}

#[test]
fn a_bundle_that_is_there_is_not_overwritten_and_an_unknown_office_is_told_the_known() {
    let (east, _) = strangers();
    let stick = east.file("east.bundle");
    std::fs::write(&stick, "precious").unwrap();
    let refused = east.export(EAST, &stick, &[]);
    assert_eq!(refused.status.code(), Some(77), "{}", text(&refused));
    assert_eq!(std::fs::read_to_string(&stick).unwrap(), "precious");
    let unknown = east.export("990300", &east.file("x"), &[]);
    assert_eq!(unknown.status.code(), Some(78), "{}", text(&unknown));
    assert!(
        text(&unknown).contains("990100, 990200"),
        "{}",
        text(&unknown)
    );
    let author = east.export(EAST, &east.file("x"), &["--author", "990300"]);
    assert_eq!(author.status.code(), Some(78), "{}", text(&author));
    let without = east.export(WEST, &east.file("x"), &[]);
    assert_eq!(without.status.code(), Some(66), "{}", text(&without));
    let nothing = east.import(EAST, &east.file("nothing"), &[]);
    assert_eq!(nothing.status.code(), Some(66), "{}", text(&nothing));
}
