//! Who may write and read what, by role, and what a changed roster takes away.

use super::*;
use crate::id::AreaCode;
use crate::roster::RosterChange;
use crate::signing::{Signer, Suite};

const OFFICE: &str = "440400";
const OTHER: &str = "440100";

fn party(name: &str) -> PartyId {
    name.parse().unwrap()
}

fn signer(name: &str) -> Signer {
    let mut secret = [7; 32];
    secret[..name.len().min(32)].copy_from_slice(&name.as_bytes()[..name.len().min(32)]);
    Signer::new(party(name), Suite::Ed25519, secret)
}

fn member(name: &str, role: Role, office: &str) -> Member {
    Member {
        party: party(name),
        role,
        area: AreaCode(440_400),
        office: party(office),
        circle: String::new(),
        unit: None,
        name_zh: name.to_owned(),
        name_en: name.to_owned(),
        key: signer(name).public(),
    }
}

fn list(mode: Mode) -> AccessList {
    let network = Network {
        id: "net-1".parse().unwrap(),
        mode,
        region: party("region"),
        root: signer("region").public(),
        suite: Suite::Ed25519,
    };
    let mut roster = Roster::new(&network);
    for (name, role, office) in [
        (OFFICE, Role::City, OFFICE),
        (OTHER, Role::City, OTHER),
        ("met", Role::Met, "met"),
        ("op-1", Role::Operator, OFFICE),
        ("op-2", Role::Operator, OTHER),
        ("van-1", Role::Terminal, OFFICE),
        ("watcher", Role::Observer, "watcher"),
        ("director", Role::Director, "director"),
    ] {
        let change = RosterChange::Admit(Box::new(member(name, role, office)));
        roster.apply(&change);
    }
    AccessList::new(network, roster)
}

/// A topic of the network, as it is written below its root.
fn topic_of(list: &AccessList, below: &str) -> Topic {
    Topic::parse(list.net(), &format!("liandong/1/net-1/{below}")).unwrap()
}

/// Which of these topics a party may write.
fn written<'a>(list: &AccessList, who: &str, topics: &[&'a str]) -> Vec<&'a str> {
    let may = |topic: &&&str| list.may_write(party(who), topic_of(list, topic));
    topics.iter().filter(may).copied().collect()
}

/// Which of these filters a party may read.
fn read<'a>(list: &AccessList, who: &str, filters: &[&'a str]) -> Vec<&'a str> {
    let may = |filter: &&&str| list.may_read(party(who), &format!("liandong/1/net-1/{filter}"));
    filters.iter().filter(may).copied().collect()
}

#[test]
fn everybody_writes_what_is_theirs_and_nothing_else() {
    let list = list(Mode::Actual);
    let topics = [
        "log/440400",
        "log/440100",
        "log/region",
        "log/op-1",
        "digest/440400",
        "digest/440100",
        "want/440100",
        "fill/440100",
        "presence/440100",
        "order/440400",
        "order/440100",
        "view/440400/units",
        "view/440100/units",
        "reply/op-1",
        "reply/op-2",
        "field/440400",
        "field/440100",
        "command/440400",
        "command/440100",
        "clock",
        "step/440400",
        "done/440400",
    ];
    assert_eq!(
        written(&list, OFFICE, &topics),
        [
            "log/440400",
            "log/440100",
            "log/region",
            "digest/440400",
            "want/440100",
            "fill/440100",
            "order/440400",
            "view/440400/units",
            "reply/op-1",
            "done/440400",
        ]
    );
    assert_eq!(written(&list, "op-1", &topics), ["command/440400"]);
    assert_eq!(written(&list, "van-1", &topics), ["field/440400"]);
    for nothing in ["watcher", "director", "stranger"] {
        assert_eq!(written(&list, nothing, &topics), [""; 0], "{nothing}");
    }
}

#[test]
fn a_director_leads_an_exercise_and_nothing_actual() {
    let topics = [
        "clock",
        "step/440400",
        "field/440400",
        "command/440400",
        "log/440400",
    ];
    let exercise = written(&list(Mode::Exercise), "director", &topics);
    assert_eq!(exercise, &topics[..4]);
    assert_eq!(written(&list(Mode::Actual), "director", &topics), [""; 0]);
}

#[test]
fn who_belongs_reads_what_is_shared_and_only_its_own_of_the_rest() {
    let list = list(Mode::Actual);
    let filters = [
        "log/+",
        "view/+/+",
        "clock",
        "field/+",
        "field/440400",
        "command/440400",
        "command/440100",
        "order/440400",
        "reply/+",
        "reply/op-1",
        "+/440400",
        "#",
    ];
    let shared = ["log/+", "view/+/+", "clock"];
    let with = |more: &[&'static str]| [&shared, more].concat();
    assert_eq!(read(&list, "watcher", &filters), shared);
    assert_eq!(
        read(&list, OFFICE, &filters),
        with(&["field/440400", "command/440400"])
    );
    assert_eq!(read(&list, "op-1", &filters), with(&["reply/op-1"]));
    assert_eq!(read(&list, "van-1", &filters), ["clock", "order/440400"]);
    assert_eq!(read(&list, "director", &filters), filters);
    assert_eq!(read(&list, "stranger", &filters), [""; 0]);
    assert!(!list.may_read(party(OFFICE), "liandong/1/net-2/log/+"));
    assert!(!list.may_read(party(OFFICE), "#"));
}

#[test]
fn a_filter_that_matches_nothing_of_the_network_is_nobody_s() {
    let list = list(Mode::Actual);
    let filters = [
        "log/none such",
        "log/440400/more",
        "view/+/roads",
        "clock/more",
        "lies/+",
    ];
    for party in [OFFICE, "watcher", "director"] {
        assert_eq!(read(&list, party, &filters), [""; 0], "{party}");
    }
}

#[test]
fn wants_and_fills_go_to_who_belongs_and_are_not_retained() {
    let mut list = list(Mode::Actual);
    let topics = ["want/440100", "fill/440100", "want/anybody", "fill/anybody"];
    assert_eq!(written(&list, OFFICE, &topics), &topics[..2]);
    list.roster.apply(&RosterChange::Revoke {
        party: party(OTHER),
        key: signer(OTHER).public().id(),
    });
    assert_eq!(written(&list, OFFICE, &topics), &topics[..2]);
    assert!(!list.retains("liandong/1/net-1/want/440100"));
}

#[test]
fn an_office_has_six_topics_that_are_retained() {
    let list = list(Mode::Actual);
    let kinds = ["log", "digest", "want", "fill", "presence", "order", "done"];
    let mut topics = Vec::new();
    for whose in [OFFICE, OTHER, "op-1", "anybody"] {
        topics.extend(kinds.map(|kind| format!("{kind}/{whose}")));
        let views = ["incidents", "units", "needs", "warnings"];
        topics.extend(views.map(|view| format!("view/{whose}/{view}")));
    }
    let retained = topics.iter().map(String::as_str);
    let retained = retained.filter(|topic| list.retains(&format!("liandong/1/net-1/{topic}")));
    assert_eq!(
        written(&list, OFFICE, &retained.collect::<Vec<_>>()),
        [
            "digest/440400",
            "presence/440400",
            "view/440400/incidents",
            "view/440400/units",
            "view/440400/needs",
            "view/440400/warnings",
        ]
    );
}

#[test]
fn a_party_whose_key_was_revoked_is_a_stranger() {
    let mut list = list(Mode::Actual);
    assert!(list.admits(party("op-1"), Wall(0)));
    list.roster.apply(&RosterChange::Revoke {
        party: party("op-1"),
        key: signer("op-1").public().id(),
    });
    assert!(!list.admits(party("op-1"), Wall(0)));
    assert!(!list.may_write(party("op-1"), topic_of(&list, "command/440400")));
}

#[test]
fn a_party_whose_key_has_ended_is_a_stranger_from_then_on_unless_it_has_another() {
    let mut list = list(Mode::Actual);
    let operator = party("op-1");
    list.roster.apply(&RosterChange::Expire {
        party: operator,
        key: signer("op-1").public().id(),
        after: Wall(1_000),
    });
    assert!(list.admits(operator, Wall(1_000)));
    assert!(!list.admits(operator, Wall(1_001)));
    assert!(list.has_end_between(Wall(1_000), Wall(1_001)));
    assert!(!list.has_end_between(Wall(0), Wall(1_000)));
    assert!(!list.has_end_between(Wall(1_001), Wall(2_000)));
    let renewed = Member {
        key: Signer::new(operator, Suite::Ed25519, [8; 32]).public(),
        ..member("op-1", Role::Operator, OFFICE)
    };
    let change = RosterChange::Admit(Box::new(renewed));
    list.roster.apply(&change);
    assert!(list.admits(operator, Wall(1_001)));
}

#[test]
fn whose_new_key_is_revoked_while_its_old_one_counts_still_belongs() {
    let mut list = list(Mode::Actual);
    let (office, old) = (party(OFFICE), signer(OFFICE).public().id());
    let new = Signer::new(office, Suite::Ed25519, [8; 32]).public();
    let renewed = Member {
        key: new,
        ..member(OFFICE, Role::City, OFFICE)
    };
    let revoke = |key| RosterChange::Revoke { party: office, key };
    for change in [
        RosterChange::Admit(Box::new(renewed)),
        RosterChange::Expire {
            party: office,
            key: old,
            after: Wall(1_000),
        },
        revoke(new.id()),
    ] {
        list.roster.apply(&change);
    }
    // What it signs is believed until then, and until then it is let in to say it.
    assert!(list.admits(office, Wall(1_000)) && !list.admits(office, Wall(1_001)));
    assert!(list.has_end_between(Wall(1_000), Wall(1_001)));
    let log = topic_of(&list, "log/440400");
    assert!(list.may_write(office, log));
    assert!(list.may_read(office, "liandong/1/net-1/log/+"));
    list.roster.apply(&revoke(old));
    assert!(!list.admits(office, Wall(0)));
    assert!(!list.may_write(office, topic_of(&list, "log/440400")));
}

#[test]
fn the_region_itself_comes_in_nowhere_though_its_key_counts() {
    let list = list(Mode::Actual);
    assert!(!list.admits(party("region"), Wall(0)));
    assert!(!list.may_write(party("region"), topic_of(&list, "log/region")));
}

#[test]
fn a_message_is_from_who_brought_it_or_of_the_log_s_author() {
    let list = list(Mode::Actual);
    let said = |who: &str, topic: &str, text: &str| {
        AccessList::is_said_by(party(who), topic_of(&list, topic), text.as_bytes())
    };
    let direct = r#"{"v":1,"from":"440400","n":3}	{"type":"want"}	00"#;
    assert!(said(OFFICE, "want/440100", direct));
    assert!(!said(OTHER, "want/440100", direct));
    assert!(!said(OFFICE, "want/440100", "no line at all"));
    let head = r#"{"log":"440100/1-000000000000000a","seq":4,"hash":"HASH"}"#;
    let head = head.replace("HASH", &"ab".repeat(32));
    assert!(said(OFFICE, "log/440100", &head), "a relay carries it");
    assert!(!said(OFFICE, "log/440400", &head), "it is another's");
    assert!(said(OFFICE, "presence/440400", ""));
    assert!(!said(OFFICE, "want/440100", ""));
}
