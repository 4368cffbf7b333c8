//! Supplies beside units: stock is committed too, and no unit's time is bound by it.

use std::sync::Arc;

use protocol::{Body, Kind, Mode, Point, Resource, Span};
use report::Language;

use super::stage::{Stage, minute};
use super::storm;
use crate::{case, small, told};

/// Zhongshan commits forty of its sandbags to an incident of its own.
fn with_sandbags() -> Stage {
    let mut stage = small(Mode::Exercise);
    let end = stage.lines.pop().unwrap();
    let sandbags: protocol::ResourceId = "442000-sandbag-1".parse().unwrap();
    let stock = Resource {
        resource: sandbags,
        kind: Kind::Sandbag,
        name: "沙袋".into(),
        also: Vec::new(),
        grade: 1,
        home: "442000-s1".parse().unwrap(),
        point: Point::degrees(113.4, 22.5),
        readiness: Span::minutes(2),
        shift: None,
        quantity: 100,
        measure: "袋".into(),
        command_authority: protocol::CommandAuthority::CityBureau,
        demo: true,
    };
    stage.say("442000", minute(1), Body::Resource(stock));
    let own = case(4, "442000", 130);
    let Body::AidCommit(mut commit) = storm::committed(&own, 1, 900) else {
        unreachable!("a commit was made")
    };
    Arc::make_mut(&mut commit).resource = sandbags;
    Arc::make_mut(&mut commit).quantity = 40;
    stage.say("442000", own.began, Body::AidCommit(commit));
    stage.lines.push(end);
    stage
}

#[test]
fn commitments_are_those_of_units_and_those_of_stock_and_none_else() {
    let report = told(&with_sandbags());
    let of_units: u64 = report.usage.iter().map(|row| row.commits).sum();
    let flows: u64 = report.aid.flows.iter().map(|flow| flow.commits).sum();
    assert_eq!((of_units, report.aid.stock, flows), (2, 1, 3));
    assert_eq!(flows, report.aid.own + report.aid.lent);
}

#[test]
fn the_page_says_what_its_table_of_units_does_not_count() {
    let html = told(&with_sandbags()).to_html(Language::Both);
    assert!(html.contains("另有 1 次调派为物资或容量"));
    assert!(html.contains("Commitments of stock or room, not in this table: 1."));
    let without = told(&small(Mode::Exercise)).to_html(Language::Both);
    assert!(!without.contains("stock or room"));
}
