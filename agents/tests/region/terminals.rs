//! Who says what of the ground: a crew's terminal of its unit, other systems of what they see.

use protocol::{
    Fence, FieldReport, Incarnation, Kind, ResourceId, ResponseLevel, ResponseOrder, Span,
    UnitReport, UnitState,
};

use crate::bus::Region;
use crate::cast::{CREW, FIRST, GROUND, SECOND, Setting, VAN, party, unit_id};
use crate::people::call;

fn says(region: &Region, unit: ResourceId, fence: Option<Fence>) -> FieldReport {
    FieldReport::Unit(UnitReport {
        unit,
        state: UnitState::OutOfService,
        aid: None,
        fence,
        at: region.now,
        asked: None,
        point: crate::cast::seat(SECOND),
        eta: None,
        work_done: false,
    })
}

fn refused(region: &Region, office: &str, code: &str) -> u64 {
    let refused = region.office(office).hearing().refused();
    refused.get(code).copied().unwrap_or(0)
}

#[test]
fn a_crew_s_terminal_speaks_of_its_unit_alone() {
    let mut region = Region::up(Setting::crews(0, 2, 0));
    let [own, other] = [1, 2].map(|number| unit_id(SECOND, Kind::FireRescue, number));
    let before = region.count(SECOND, "unit-status");
    region.report(CREW, SECOND, says(&region, other, None));
    let it = call(SECOND, "call-1", 1, region.now);
    region.report(CREW, SECOND, FieldReport::Call(Box::new(it)));
    region.run(Span::seconds(2));
    assert_eq!(refused(&region, SECOND, "role"), 2);
    assert_eq!(region.count(SECOND, "unit-status"), before);
    assert_eq!(region.count(SECOND, "incident"), 0);
    region.report(CREW, SECOND, says(&region, own, None));
    region.run(Span::seconds(2));
    assert_eq!(region.count(SECOND, "unit-status"), before + 1);
}

#[test]
fn a_system_says_nothing_of_units_and_orders_nothing() {
    let mut region = Region::up(Setting::crews(0, 1, 0));
    let before = region.count(SECOND, "unit-status");
    let unit = unit_id(SECOND, Kind::FireRescue, 1);
    region.report(VAN, SECOND, says(&region, unit, None));
    let response = ResponseOrder {
        matter: "flood".into(),
        level: Some(ResponseLevel::One),
        expected: Span::hours(6),
        measures: "leave".into(),
    };
    region.report(VAN, SECOND, FieldReport::Response(response));
    region.run(Span::seconds(2));
    assert_eq!(refused(&region, SECOND, "role"), 2);
    assert_eq!(region.count(SECOND, "unit-status"), before);
    assert_eq!(region.count(SECOND, "response"), 0);
}

/// What lies so far ahead that no order of ours could follow it would be in the log for good.
#[test]
fn a_number_out_of_the_air_leaves_one_for_the_next_order_and_no_void_commitment_is_written() {
    let mut region = Region::up(Setting::crews(1, 0, 0));
    let unit = unit_id(FIRST, Kind::FireRescue, 1);
    let invented = Fence {
        incarnation: region.office(FIRST).incarnation(),
        command: u32::MAX,
    };
    region.report(GROUND, FIRST, says(&region, unit, Some(invented)));
    region.run(Span::seconds(2));
    assert_eq!(refused(&region, FIRST, "R03"), 1);
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(2));
    assert_eq!(region.count(FIRST, "aid-commit"), 1);
    assert_eq!(region.alarms_of("own-void"), 0);
}

/// The order that follows the last number that is believed is the office's own, and what obeys it is heard.
#[test]
fn whoever_obeys_an_order_of_the_log_is_believed_however_great_its_number() {
    let mut region = Region::up(Setting::crews(1, 0, 0));
    let unit = unit_id(FIRST, Kind::FireRescue, 1);
    let fence = |region: &Region, command| Fence {
        incarnation: region.office(FIRST).incarnation(),
        command,
    };
    let last_believed = fence(&region, 1 << 20);
    let FieldReport::Unit(mut report) = says(&region, unit, Some(last_believed)) else {
        unreachable!("it is a unit's report");
    };
    report.state = UnitState::Available;
    region.report(GROUND, FIRST, FieldReport::Unit(report));
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(2));
    let own = region.office(FIRST).picture().state(party(FIRST)).unwrap();
    let holding = &own.holdings[&unit];
    assert_eq!(holding.fence, Some(fence(&region, (1 << 20) + 1)));
    let state = holding.unit().unwrap().state;
    assert!(state != UnitState::Available && refused(&region, FIRST, "R03") == 0);
    // An order home may stand in no log; what lies beyond the next that can be given is invented.
    for (next, made_up) in [(2, 0), (4, 1)] {
        let told = fence(&region, (1 << 20) + next);
        region.report(GROUND, FIRST, says(&region, unit, Some(told)));
        region.run(Span::seconds(2));
        assert_eq!(refused(&region, FIRST, "R03"), made_up);
    }
}

#[test]
fn a_life_out_of_the_air_makes_nobody_take_over_and_keeps_no_unit_from_service() {
    let mut region = Region::up(Setting::crews(1, 0, 0));
    let unit = unit_id(FIRST, Kind::FireRescue, 1);
    let invented = Fence {
        incarnation: Incarnation {
            epoch: u32::MAX,
            nonce: u64::MAX,
        },
        command: 1,
    };
    region.report(GROUND, FIRST, says(&region, unit, Some(invented)));
    region.run(Span::seconds(2));
    assert_eq!(refused(&region, FIRST, "R03"), 1);
    assert_eq!(region.alarms_of("twin"), 0);
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(2));
    assert_eq!(region.count(FIRST, "aid-commit"), 1);
}
