//! Whoever has the nearest unit may be away: the region is planned with what somebody can send.

use protocol::{FieldReport, Kind, Planning, Point, Severity, Span};

use crate::bus::Region;
use crate::cast::{FIRST, GROUND, SECOND, Setting, THIRD, seat, unit_id};
use crate::people::call;

fn call_to(region: &mut Region, office: &str, name: &str, at: Point) {
    let mut call = call(office, name, 1, region.now);
    (call.point, call.severity) = (Some(at), Severity::Critical);
    region.report(GROUND, office, FieldReport::Call(Box::new(call)));
}

fn near_the_second() -> Point {
    let Point(lon, lat) = seat(SECOND);
    Point(lon - 20_000, lat)
}

/// The second office, which has the nearest unit, is away; somebody else has one too.
fn is_served_by(planning: Planning, setting: Setting, helper: &str, unheard: bool) {
    let mut region = Region::up(Setting {
        planning,
        ..setting
    });
    let second = Region::index(SECOND);
    region.crash(second);
    if unheard {
        region.crews.remove(&unit_id(SECOND, Kind::FireRescue, 1));
        region.boot(second);
    }
    region.run(Span::minutes(5));
    call_to(&mut region, FIRST, "call-1", near_the_second());
    region.run(Span::minutes(120));
    assert_eq!(
        region.count(helper, "aid-commit"),
        1,
        "{planning}: {}",
        region.story()
    );
}

const FAR: [Planning; 4] = [
    Planning::Nearest,
    Planning::Batch,
    Planning::LookAhead,
    Planning::Replan,
];

#[test]
fn a_city_sends_its_own_crew_though_a_nearer_office_that_is_down_has_one() {
    for planning in FAR {
        is_served_by(planning, Setting::crews(1, 1, 0), FIRST, false);
    }
}

#[test]
fn a_third_city_helps_though_a_nearer_office_that_is_down_has_a_crew() {
    for planning in FAR {
        is_served_by(planning, Setting::crews(0, 1, 1), THIRD, false);
    }
}

#[test]
fn a_third_city_helps_though_a_nearer_office_has_a_crew_of_which_it_has_not_heard() {
    for planning in FAR {
        is_served_by(planning, Setting::crews(0, 1, 1), THIRD, true);
    }
}
