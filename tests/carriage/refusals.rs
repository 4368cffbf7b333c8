//! What is wrong with a bundle or in it is refused with its code, counted, and disturbs nothing else.

use std::path::PathBuf;
use std::sync::Arc;

use protocol::{Body, Envelope, Hash, Mode, Network, ResourceId, RosterChange, StockStatus, limit};
use serde_json::{Value, json};

use super::place::{
    Author, EAST, Machine, WEST, bundle, by_author, network, note, party, roster, signer,
    write_bundle,
};

/// An office that knows the roster, itself and some of the east's log, and the east's whole log.
fn west(known: usize) -> (Machine, Author) {
    let east = Author::of_office(EAST, 9);
    let west = Author::of_office(WEST, 3);
    let held = [&roster().entries[..], &west.entries, &east.entries[..known]].concat();
    (Machine::new(WEST, &held), east)
}

/// Imports these entries and reads the account.
fn import(west: &Machine, entries: &[Arc<Envelope>]) -> (Option<i32>, Value, String) {
    let stick = west.file("stick.bundle");
    bundle(&stick, entries);
    west.account(WEST, &stick)
}

/// How many of the east's entries stand in the west's journal.
fn held(west: &Machine) -> usize {
    let held = by_author(&west.held(WEST));
    held.get(&party(EAST)).map_or(0, Vec::len)
}

/// The lines of a bundle are changed; what is imported then.
fn tampered(
    west: &Machine,
    entries: &[Arc<Envelope>],
    change: impl Fn(&mut Vec<String>),
) -> (Option<i32>, Value, String) {
    let stick = west.file("stick.bundle");
    bundle(&stick, entries);
    let text = std::fs::read_to_string(&stick).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    change(&mut lines);
    std::fs::write(&stick, lines.join("\n") + "\n").unwrap();
    west.account(WEST, &stick)
}

#[test]
fn of_a_bundle_cut_short_what_verifies_is_taken_and_the_rest_is_counted() {
    let (west, east) = west(0);
    let (code, account, said) = tampered(&west, &east.entries, |lines| lines.truncate(7));
    assert_eq!(code, Some(65), "{said}");
    assert!(
        said.contains("by its first line, which nobody signed, 4 lines of entries are missing"),
        "{said}"
    );
    assert_eq!(
        (&account["new"], &account["lines_missing"]),
        (&json!(6), &json!(4))
    );
    assert_eq!(account["closing"], "cut");
    assert_eq!(held(&west), 6);
}

/// A machine of the west, its stick with nine entries of the east, and what stands on that.
fn carried_west() -> (Machine, PathBuf, String) {
    let office = Author::of_office(EAST, 9);
    let east = Machine::new(EAST, &[roster().entries, office.entries].concat());
    let (west, _) = west(0);
    let stick = west.file("stick.bundle");
    assert!(east.export(EAST, &stick, &[]).status.success());
    let text = std::fs::read_to_string(&stick).unwrap();
    (west, stick, text)
}

#[test]
fn a_cut_bundle_that_says_what_it_carried_names_the_gap() {
    let (west, stick, text) = carried_west();
    let lines: Vec<&str> = text.lines().take(12).collect();
    std::fs::write(&stick, lines.join("\n") + "\n").unwrap();
    let told = west.import(WEST, &stick, &["--lang", "en"]);
    assert_eq!(told.status.code(), Some(65));
    let said = super::place::text(&told);
    let gap = "【演练】by the first line of the bundle, which nobody signed: 3 messages missing from \
               Eastport since 14:06";
    assert!(said.contains(gap), "{said}");
    let told = super::place::text(&west.import(WEST, &stick, &["--lang", "zh"]));
    let gap = "【演练】据首行所称（无人签名）：缺东港 3 条消息，自 14:06 起";
    assert!(told.contains(gap), "{told}");
}

#[test]
fn what_nobody_signed_of_a_bundle_is_told_as_what_it_says() {
    let (west, stick, text) = carried_west();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut first: Value = serde_json::from_str(&lines[0]).unwrap();
    first["entries"] = json!(u64::MAX);
    for stretch in first["stretches"].as_array_mut().unwrap() {
        if stretch["log"].to_string().contains(EAST) {
            stretch["to"] = json!(5_000_000_000_u64);
        }
    }
    lines[0] = first.to_string();
    let closed = lines.join("\n") + "\n";
    lines.pop();
    for text in [closed, lines.join("\n") + "\n"] {
        std::fs::write(&stick, text).unwrap();
        let told = west.import(WEST, &stick, &["--lang", "en"]);
        assert_eq!(told.status.code(), Some(65));
        let said = super::place::text(&told);
        for line in said.lines().filter(|line| line.contains("missing")) {
            let is_claim = line.contains("by its first line, which nobody signed")
                || line.contains("by the first line of the bundle, which nobody signed");
            assert!(is_claim, "{line}");
        }
        assert!(said.contains("49999999"), "{said}");
    }
}

#[test]
fn a_bundle_that_lacks_its_closing_line_alone_is_told_so() {
    let (west, east) = west(0);
    let (code, account, said) = tampered(&west, &east.entries, |lines| drop(lines.pop()));
    assert_eq!((code, &account["lines_missing"]), (Some(65), &json!(0)));
    let told = "it was cut short: only its closing line is missing";
    assert!(said.contains(told), "{said}");
}

#[test]
fn a_forged_author_is_refused_and_the_others_are_taken() {
    let (west, east) = west(0);
    let (code, account, said) = tampered(&west, &east.entries, |lines| {
        lines[10] = lines[10].replace("990100/1-", "990200/1-");
    });
    assert_eq!(code, Some(65), "{said}");
    assert!(said.contains("stick.bundle:11: R02: "), "{said}");
    assert_eq!(account["refused"], json!({"R02": 1}));
    assert_eq!((held(&west), &account["new"]), (9, &json!(9)));
}

#[test]
fn another_network_and_another_mode_are_refused_whole() {
    let (west, east) = west(0);
    let stick = west.file("stick.bundle");
    let other = Network {
        id: "drill-2".parse().unwrap(),
        ..network()
    };
    let actual = Network {
        mode: Mode::Actual,
        ..network()
    };
    for foreign in [other, actual] {
        write_bundle(&stick, &foreign, &east.entries);
        let (code, account, said) = west.account(WEST, &stick);
        assert_eq!((code, account), (Some(65), Value::Null), "{said}");
        assert!(said.contains("stick.bundle:1: R01: "), "{said}");
        assert!(said.contains("nothing was imported"), "{said}");
    }
    assert_eq!(held(&west), 0);
}

#[test]
fn a_drill_s_bundle_never_enters_an_actual_network() {
    let (_, east) = west(0);
    let actual = Network {
        mode: Mode::Actual,
        ..network()
    };
    let machine = Machine::of(&actual, WEST, &[]);
    let stick = machine.file("stick.bundle");
    bundle(&stick, &east.entries);
    let (code, _, said) = machine.account(WEST, &stick);
    assert_eq!(code, Some(65), "{said}");
    assert!(
        said.contains("stick.bundle:1: R01: the message is marked exercise"),
        "{said}"
    );
    // An entry's own header says so too, whatever the first line of its bundle claims.
    let text = std::fs::read_to_string(&stick).unwrap();
    let disguised = text.replacen("\"mode\":\"exercise\"", "\"mode\":\"actual\"", 1);
    std::fs::write(&stick, disguised).unwrap();
    let (code, account, said) = machine.account(WEST, &stick);
    assert_eq!((code, &account["new"]), (Some(65), &json!(0)), "{said}");
    assert_eq!(account["refused"], json!({"R01": 10}), "{said}");
}

#[test]
fn a_revoked_key_s_new_entries_are_refused_and_its_old_ones_stay() {
    let (west, east) = west(4);
    let mut region = roster();
    region.write(Body::RosterChange(RosterChange::Revoke {
        party: party(EAST),
        key: signer(EAST).key(),
    }));
    let (code, account, said) = import(&west, &[region.entries, east.entries].concat());
    assert_eq!(code, Some(65), "{said}");
    assert_eq!(account["refused"], json!({"R02": 6}), "{said}");
    assert!(said.contains("the key is revoked"), "{said}");
    assert_eq!((&account["new"], &account["held"]), (&json!(1), &json!(8)));
    assert_eq!(held(&west), 4);
}

#[test]
fn what_was_recorded_before_its_key_was_revoked_is_held_at_every_import() {
    let (west, east) = west(4);
    let mut region = roster();
    region.write(Body::RosterChange(RosterChange::Revoke {
        party: party(EAST),
        key: signer(EAST).key(),
    }));
    let stick = [&region.entries[..], &east.entries[..4]].concat();
    for new in [1, 0] {
        let (code, account, said) = import(&west, &stick);
        assert_eq!(code, Some(0), "{said}");
        assert_eq!(account["new"], new, "{account}");
        assert_eq!(account["held"], 9 - new, "{account}");
    }
}

#[test]
fn one_number_with_another_hash_is_kept_as_evidence_once() {
    let (west, east) = west(6);
    let prev = east.entries[3].hash();
    let rival = east.draft(note("另一份第五条"), 5, prev);
    for evidence in [1, 0] {
        let (code, account, said) = import(&west, &[Arc::clone(&rival)]);
        assert_eq!(account["evidence"], evidence, "{said}");
        assert_eq!(code, Some(if evidence == 1 { 65 } else { 0 }), "{said}");
        assert!(evidence == 0 || said.contains("R04"), "{said}");
        assert_eq!(held(&west), 7);
    }
}

#[test]
fn an_entry_that_does_not_follow_what_is_there_is_refused_and_not_recorded() {
    let (west, east) = west(6);
    let stray = east.draft(note("旁支"), 7, Hash::of(b"elsewhere"));
    let (code, account, said) = import(&west, &[stray, Arc::clone(&east.entries[6])]);
    assert_eq!(code, Some(65), "{said}");
    assert_eq!(account["refused"], json!({"R04": 1}), "{said}");
    assert_eq!((&account["new"], held(&west)), (&json!(1), 7), "{said}");
}

#[test]
fn entries_behind_a_gap_wait_and_are_told_with_what_is_missing() {
    let (west, east) = west(3);
    let (code, account, said) = import(&west, &east.entries[5..]);
    assert_eq!(code, Some(75), "{said}");
    assert_eq!(
        (&account["waiting"], &account["new"]),
        (&json!(5), &json!(0))
    );
    let gap = &account["gaps"][0];
    assert_eq!(
        (&gap["missing"], &gap["from"], &gap["to"]),
        (&json!(2), &json!(4), &json!(5))
    );
    assert_eq!(gap["name_en"], "Eastport");
    assert!(
        gap["since"].as_str().unwrap().contains("T14:02:00"),
        "{gap}"
    );
    assert_eq!(held(&west), 3);
    let (code, account, said) = import(&west, &east.entries[3..]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!((&account["new"], held(&west)), (&json!(7), 10));
}

#[test]
fn an_oversized_or_deeply_nested_body_is_refused_and_the_others_are_taken() {
    let (west, east) = west(0);
    let nested = "[".repeat(limit::BODY_DEPTH + 1);
    let (code, account, said) = tampered(&west, &east.entries, |lines| {
        let line = lines[9].clone();
        let (header, rest) = line.split_once('\t').unwrap();
        let signature = rest.rsplit('\t').next().unwrap();
        lines[9] = format!("{header}\t{nested}\t{signature}");
        lines[10] = format!(
            "{header}\t\"{}\"\t{signature}",
            "x".repeat(limit::LINE_BYTES)
        );
    });
    assert_eq!(code, Some(65), "{said}");
    assert_eq!(account["refused"], json!({"R07": 2}), "{said}");
    assert!(
        said.contains("nests 13 deep") && said.contains("at most 65536"),
        "{said}"
    );
    assert_eq!(held(&west), 8);
}

#[test]
fn an_entry_that_breaks_a_rule_is_recorded_and_counted_as_void() {
    let (west, mut east) = west(0);
    let resource: ResourceId = "990200-sandbag-1".parse().unwrap();
    let status = StockStatus {
        resource,
        on_hand: 1,
        as_of: protocol::Moment(1),
        request: None,
        reason: "清点".into(),
    };
    east.write(Body::StockStatus(status));
    let (code, account, said) = import(&west, &east.entries);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(account["void"], json!({"R10": 1}), "{account}");
    assert_eq!((&account["new"], held(&west)), (&json!(11), 11));
}

#[test]
fn a_stranger_s_closing_line_leaves_the_entries_what_they_are() {
    let (west, east) = west(0);
    let (code, account, said) = tampered(&west, &east.entries, |lines| {
        let last = lines.last_mut().unwrap();
        *last = last.replace("op-990100", "op-990200");
    });
    assert_eq!(code, Some(65), "{said}");
    assert!(said.contains("closing line is not believed: R02"), "{said}");
    assert_eq!((&account["closing"], held(&west)), (&json!("disowned"), 10));
}

#[test]
fn what_is_no_bundle_is_refused_whole_and_never_ends_in_a_panic() {
    let (west, _) = west(2);
    let stick = west.file("stick.bundle");
    let journal = std::fs::read(west.journal(WEST)).unwrap();
    let long = vec![b'x'; 3 * limit::LINE_BYTES];
    for bytes in [
        Vec::new(),
        b"\n\n\n".to_vec(),
        journal,
        long,
        b"\xff\xfe{}".to_vec(),
    ] {
        std::fs::write(&stick, bytes).unwrap();
        let (code, account, said) = west.account(WEST, &stick);
        assert_eq!((code, account), (Some(65), Value::Null), "{said}");
        assert!(said.contains("stick.bundle:1: R07: "), "{said}");
    }
    assert_eq!(held(&west), 2);
}
