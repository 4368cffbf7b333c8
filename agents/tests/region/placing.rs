//! Where a call says that it happened: in the region, or somebody is told.

use protocol::{Action, AreaCode, Call, FieldReport, Kind, Outcome, Point, Span, StockCount};

use crate::bus::Region;
use crate::cast::{FIRST, GROUND, Setting, party, unit_id};
use crate::people::{call, request};

#[test]
fn an_operator_who_names_a_place_outside_the_region_is_refused_and_told_its_bounds() {
    let mut region = Region::up(Setting::crews(1, 0, 0));
    let plain = call(FIRST, "call-1", 1, region.now);
    let far = Call {
        point: Some(Point::degrees(116.4, 39.9)),
        ..plain.clone()
    };
    let unknown = Call {
        area: AreaCode(110_101),
        ..plain.clone()
    };
    let long = Call {
        place: "长".repeat(2_001),
        ..plain
    };
    for (name, told, words) in [
        ("r-1", far, "112.9000, 22.0000 to 114.0000, 23.0000"),
        ("r-2", unknown, "990100, 990200, 990300"),
        ("r-3", long, "the place has 2001 characters"),
    ] {
        let said = region.refused(FIRST, name, Action::Report(Box::new(told)));
        assert!(said.contains(words), "{name}: {said}");
    }
    assert_eq!(region.count(FIRST, "incident"), 0);
    region.is_sound();
}

#[test]
fn a_report_about_a_neighbour_s_ground_is_taken_and_said_to_be_one() {
    let mut region = Region::up(Setting::crews(1, 0, 0));
    let mut remark = |name: &str, area| {
        let told = Call {
            area: AreaCode(area),
            ..call(FIRST, name, 1, region.now)
        };
        match region.act(FIRST, name, Action::Report(Box::new(told))) {
            Outcome::Done { remark, .. } => remark.map(|it| it.to_string()),
            other => unreachable!("{other:?}"),
        }
    };
    assert_eq!(remark("r-1", 990_101), None);
    let told = remark("r-2", 990_200).unwrap();
    assert!(told.contains("about a neighbour"), "{told}");
}

#[test]
fn what_a_call_system_passes_on_is_taken_without_its_impossible_point() {
    let mut region = Region::up(Setting::crews(1, 0, 0));
    let told = Call {
        point: Some(Point::degrees(22.5, 113.0)),
        ..call(FIRST, "call-1", 1, region.now)
    };
    region.report(GROUND, FIRST, FieldReport::Call(Box::new(told)));
    region.run(Span::seconds(2));
    let incident = region.incident(FIRST, "call-1");
    let office = region.office(FIRST);
    let report = &office.picture().incident(incident).unwrap().report;
    assert_eq!(
        (report.point, report.place.as_str()),
        (None, "Harbour Road 1")
    );
    assert_eq!(office.hearing().refused().get("R14"), Some(&1));
    let outcome = &region.replies.last().unwrap().outcome;
    let Outcome::Done {
        remark: Some(remark),
        ..
    } = outcome
    else {
        unreachable!("{outcome:?}")
    };
    assert!(remark.en.contains("left out"), "{remark}");
    region.is_sound();
}

#[test]
fn a_count_that_cannot_be_meant_or_has_no_reason_is_refused() {
    let mut setting = Setting::crews(1, 0, 0);
    setting.stocks.push((FIRST, Kind::Sandbag, 100));
    let mut region = Region::up(setting);
    let count = |on_hand, reason: &str| {
        Action::Stock(StockCount {
            request: request("ignored"),
            resource: unit_id(FIRST, Kind::Sandbag, 1),
            on_hand,
            at: region.now,
            reason: reason.into(),
        })
    };
    let refused = [
        (count(u32::MAX, "counted"), "0 to 10000000"),
        (count(70, "  "), "why the count changed is missing"),
    ];
    for (number, (action, words)) in refused.into_iter().enumerate() {
        let said = region.refused(FIRST, &format!("r-{number}"), action);
        assert!(said.contains(words), "{said}");
    }
    let own = region.office(FIRST).picture().state(party(FIRST)).unwrap();
    let sand = &own.holdings[&unit_id(FIRST, Kind::Sandbag, 1)];
    assert_eq!(sand.free(), 100);
}
