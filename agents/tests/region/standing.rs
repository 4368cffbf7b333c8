//! 前置: units stand by where a storm is to strike, serve there at once, and go home behind it.

use picture::AidState;
use protocol::{
    Action, AidId, AidRequest, Audience, Autonomy, FieldReport, HazardReport, HazardShape, Kind,
    Meters, NeedId, Planning, Point, Requirement, ResourceId, Span, UnitState,
};

use crate::bus::Region;
use crate::cast::{FIRST, GROUND, PROVINCE, SECOND, Setting, THIRD, party, seat, unit_id};

/// Crews in each city; each asks for two to stand by when a storm is to strike it.
fn setting(crews: (u32, u32, u32)) -> Setting {
    Setting {
        stand_by: vec![Requirement {
            kind: Kind::FireRescue,
            quantity: 2,
            duration: Span::hours(12),
        }],
        ..Setting::crews(crews.0, crews.1, crews.2)
    }
}

/// The province announces a storm that drives north past the first city, which it is to strike in some
/// four hours with winds of ten kilometres more than so many; it is felt twenty farther.
pub(crate) fn announce(region: &mut Region, more_km: u32, over: bool) {
    announce_from(region, (more_km, 21_600_000), over);
}

/// The same of a storm that is now at a latitude, in millionths of a degree.
fn announce_from(region: &mut Region, (more_km, latitude): (u32, i32), over: bool) {
    let now = region.now;
    let north = |hours: u64| {
        let driven = i32::try_from(hours).unwrap() * 180_000;
        Point(112_900_000, latitude + driven)
    };
    let report = HazardReport {
        hazard: "typhoon".into(),
        name: "storm".into(),
        as_of: now,
        shape: HazardShape::Track {
            centre: north(0),
            wind_ms: 30,
            radii: [(25, 15), (14, 35)]
                .map(|(wind, km)| (wind, Meters((km + more_km) * 1_000)))
                .into(),
            forecast: [3, 6, 9, 12]
                .map(|hours| (now + Span::hours(hours), north(hours)))
                .into(),
        },
        over,
    };
    region.report(GROUND, PROVINCE, FieldReport::Hazard(report));
}

/// A region in which a storm was announced three quarters of an hour ago.
fn before_the_storm(setting: Setting) -> Region {
    let mut region = Region::up(setting);
    announce(&mut region, 0, false);
    region.run(Span::minutes(45));
    region
}

/// The first city's need for units that stand by.
fn standing_need(region: &Region) -> Option<(NeedId, AidRequest)> {
    let state = region.office(FIRST).picture().state(party(FIRST)).unwrap();
    let mut needs = state.needs.iter();
    needs
        .find(|(_, need)| need.request.stands_by)
        .map(|(id, need)| (*id, need.request.clone()))
}

/// Who ever came for a need, with what became of it.
fn came(region: &Region, need: NeedId) -> Vec<(ResourceId, AidState, Option<AidId>)> {
    let picture = region.office(FIRST).picture();
    let aids = picture.aids_for(need);
    let mut came: Vec<_> = aids
        .map(|aid| (aid.commit.resource, aid.state, aid.commit.turned_from))
        .collect();
    came.sort_by_key(|(unit, ..)| *unit);
    came
}

fn unit(office: &str, number: u32) -> ResourceId {
    unit_id(office, Kind::FireRescue, number)
}

#[test]
fn units_of_cities_that_a_storm_comes_less_near_to_stand_by_where_it_is_to_strike() {
    for planning in [
        Planning::OwnFirst,
        Planning::Nearest,
        Planning::Batch,
        Planning::Replan,
    ] {
        let region = before_the_storm(Setting {
            planning,
            ..setting((2, 1, 2))
        });
        let (need, asked) = standing_need(&region).unwrap();
        assert_eq!(asked.quantity, 2, "{planning}");
        let coverage = region.coverage(FIRST, need);
        assert_eq!(
            (coverage.covered, coverage.delivered),
            (2, 2),
            "{planning}\n{}",
            region.story()
        );
        let came = came(&region, need);
        assert!(
            came.iter()
                .all(|(unit, ..)| !unit.to_string().starts_with(FIRST)),
            "{came:?}"
        );
        for (unit, ..) in &came {
            let crew = &region.crews[unit];
            assert_eq!(crew.state, UnitState::Staged, "{planning}: {unit}");
        }
        region.is_sound();
    }
}

#[test]
fn who_stands_by_serves_what_happens_there_and_nobody_is_asked_in_its_place() {
    for planning in [
        Planning::OwnFirst,
        Planning::Nearest,
        Planning::Batch,
        Planning::Replan,
    ] {
        let mut region = before_the_storm(Setting {
            planning,
            ..setting((1, 1, 1))
        });
        let (standing, _) = standing_need(&region).unwrap();
        region.call(FIRST, "roof", 3);
        region.run(Span::minutes(4));
        let call = region
            .needs(FIRST)
            .into_iter()
            .find(|need| *need != standing)
            .unwrap();
        let served = came(&region, call);
        let turned = served.iter().filter(|(_, _, from)| from.is_some()).count();
        assert_eq!(
            (served.len(), turned),
            (3, 2),
            "{planning}: {served:?}\n{}",
            region.story()
        );
        for (unit, ..) in &served {
            let state = region.crews[unit].state;
            assert_eq!(state, UnitState::Working, "{planning}: {unit}");
        }
        assert_eq!(region.coverage(FIRST, standing).open(), 0, "{planning}");
        region.is_sound();
        region.over(FIRST, "roof");
        region.run(Span::hours(2));
        let home = [unit(SECOND, 1), unit(THIRD, 1)].map(|unit| region.crews[&unit].state);
        assert_eq!(home, [UnitState::Available; 2], "{planning}");
    }
}

#[test]
fn behind_the_storm_who_still_stands_by_goes_home() {
    let mut region = before_the_storm(setting((1, 1, 1)));
    let (need, _) = standing_need(&region).unwrap();
    announce(&mut region, 0, true);
    region.run(Span::hours(1));
    let ended: Vec<_> = came(&region, need)
        .into_iter()
        .map(|(_, state, _)| state)
        .collect();
    assert_eq!(ended, [AidState::Returned; 2], "{}", region.story());
    let state = region.office(FIRST).picture().state(party(FIRST)).unwrap();
    assert!(state.incidents.values().all(|incident| !incident.is_open()));
    assert!(state.needs[&need].ended.is_some());
    region.is_sound();
}

#[test]
fn nobody_leaves_a_city_that_the_storm_comes_as_near_to() {
    let mut region = Region::up(setting((1, 2, 0)));
    // Twenty kilometres more: the second city, too, is struck, and asks for itself.
    announce(&mut region, 20, false);
    region.run(Span::minutes(45));
    let (need, asked) = standing_need(&region).unwrap();
    assert_eq!(asked.audience, Audience::Region);
    assert_eq!(region.coverage(FIRST, need).covered, 0);
    assert_eq!(
        region.believed(SECOND, Kind::FireRescue, 1),
        UnitState::Available
    );
    region.is_sound();
}

#[test]
fn a_reboot_asks_for_nothing_twice_and_forgets_nobody_who_stands_by() {
    let mut region = before_the_storm(setting((1, 1, 1)));
    for office in [FIRST, SECOND] {
        let index = Region::index(office);
        region.crash(index);
        region.run(Span::seconds(20));
        region.boot(index);
        region.run(Span::minutes(10));
    }
    announce(&mut region, 0, false);
    region.run(Span::minutes(10));
    assert_eq!(region.needs(FIRST).len(), 1, "{}", region.story());
    region.call(FIRST, "roof", 3);
    region.run(Span::minutes(6));
    assert_eq!(region.crews[&unit(SECOND, 1)].state, UnitState::Working);
    region.is_sound();
}

#[test]
fn under_advise_people_are_told_to_ask_and_nobody_is_sent() {
    let region = before_the_storm(Setting {
        autonomy: Autonomy::Advise,
        ..setting((1, 1, 1))
    });
    assert!(standing_need(&region).is_none());
    assert_eq!(region.alarms_of("stand-by"), 1);
    let told = region
        .alarms
        .iter()
        .find(|(_, alarm)| alarm.code == "stand-by");
    assert!(told.unwrap().1.text.contains("--stand-by"), "{told:?}");
}

/// The first city's operator asks the region for a unit to stand by.
fn asked_by_hand(region: &mut Region) -> NeedId {
    region.call(FIRST, "watch", 1);
    region.run(Span::seconds(5));
    let request = Action::Request {
        incident: region.incident(FIRST, "watch"),
        kind: Kind::FireRescue,
        quantity: 1,
        audience: Audience::Region,
        duration: Span::hours(12),
        stands_by: true,
    };
    region.done(FIRST, "ask", request);
    region.run(Span::seconds(5));
    standing_need(region).unwrap().0
}

#[test]
fn an_operator_asks_for_units_to_stand_by_and_sends_one_by_hand() {
    let mut region = Region::up(Setting {
        autonomy: Autonomy::Advise,
        ..Setting::crews(1, 1, 0)
    });
    let need = asked_by_hand(&mut region);
    let resource = unit(SECOND, 1);
    let offer = Action::Offer {
        need,
        resource,
        quantity: 1,
    };
    region.done(SECOND, "offer", offer);
    region.run(Span::seconds(5));
    let offer = region
        .office(FIRST)
        .picture()
        .open_offers(need)
        .next()
        .unwrap()
        .offer
        .offer;
    region.done(FIRST, "accept", Action::Accept { offer });
    region.run(Span::hours(1));
    let crew = &region.crews[&resource];
    assert_eq!((crew.state, crew.place()), (UnitState::Staged, seat(FIRST)));
    region.is_sound();
}

#[test]
fn a_unit_covers_a_need_to_stand_by_once_and_the_rest_stays_asked_for() {
    for planning in [Planning::OwnFirst, Planning::Batch, Planning::Replan] {
        let mut region = before_the_storm(Setting {
            planning,
            ..setting((1, 0, 1))
        });
        region.run(Span::hours(1));
        let (need, _) = standing_need(&region).unwrap();
        let came = came(&region, need);
        assert_eq!(came.len(), 1, "{planning}: {came:?}");
        assert_eq!(region.coverage(FIRST, need).open(), 1, "{planning}");
        region.is_sound();
    }
}

#[test]
fn who_is_asked_when_follows_from_the_last_bulletin_and_the_time() {
    let mut region = Region::up(setting((1, 1, 1)));
    // The storm is to strike in some ten hours, and nobody says anything more of it.
    announce_from(&mut region, (0, 20_600_000), false);
    region.run(Span::minutes(10));
    assert!(standing_need(&region).is_none());
    region.run(Span::hours(2));
    let (need, _) = standing_need(&region).unwrap();
    assert_eq!(
        region.coverage(FIRST, need).delivered,
        2,
        "{}",
        region.story()
    );
    // Nor that it is over: the time has come and gone in which it was to strike.
    region.run(Span::hours(11));
    let state = region.office(FIRST).picture().state(party(FIRST)).unwrap();
    assert!(state.needs[&need].ended.is_some(), "{}", region.story());
    let home = [unit(SECOND, 1), unit(THIRD, 1)].map(|unit| region.crews[&unit].state);
    assert_eq!(home, [UnitState::Available; 2]);
}

#[test]
fn one_bulletin_that_sees_the_storm_elsewhere_sends_nobody_home() {
    let mut region = before_the_storm(setting((1, 1, 1)));
    let (need, _) = standing_need(&region).unwrap();
    announce_from(&mut region, (0, 24_600_000), false);
    region.run(Span::hours(1));
    assert_eq!(region.coverage(FIRST, need).delivered, 2);
    announce(&mut region, 0, false);
    region.run(Span::minutes(10));
    assert_eq!(region.needs(FIRST), [need]);
}

#[test]
fn a_unit_that_stands_by_is_offered_by_hand_whatever_the_floor_keeps_at_home() {
    let mut region = Region::up(Setting {
        autonomy: Autonomy::Advise,
        planning: Planning::Batch,
        floors: vec![(SECOND, Kind::FireRescue, 1)],
        ..Setting::crews(0, 2, 0)
    });
    let need = asked_by_hand(&mut region);
    let resource = unit(SECOND, 1);
    let offer = |need| Action::Offer {
        need,
        resource,
        quantity: 1,
    };
    let accept = |region: &mut Region, need, name: &str| {
        region.run(Span::seconds(5));
        let picture = region.office(FIRST).picture();
        let offer = picture.open_offers(need).next().unwrap().offer.offer;
        region.done(FIRST, name, Action::Accept { offer });
    };
    region.done(SECOND, "offer", offer(need));
    accept(&mut region, need, "accept");
    region.run(Span::hours(1));
    let told = region.refused(SECOND, "again", offer(need));
    assert!(told.contains("stands by already"), "{told}");
    // Its home floor counts who is at home: this unit is offered whatever that keeps.
    let call = region.needs(FIRST)[0];
    region.done(
        FIRST,
        "widen",
        Action::UpdateNeed {
            need: call,
            quantity: None,
            audience: Some(Audience::Region),
        },
    );
    region.run(Span::seconds(5));
    region.done(SECOND, "turn", offer(call));
    accept(&mut region, call, "turned");
    region.run(Span::minutes(4));
    assert_eq!(region.crews[&resource].state, UnitState::Working);
    region.is_sound();
}

#[test]
fn the_shift_of_who_stands_by_does_not_run_out_before_the_storm() {
    let mut region = before_the_storm(Setting {
        shift: Some(Span::hours(2)),
        ..setting((0, 1, 1))
    });
    region.run(Span::hours(3));
    region.call(FIRST, "roof", 2);
    region.run(Span::minutes(4));
    let there = [unit(SECOND, 1), unit(THIRD, 1)].map(|unit| region.crews[&unit].state);
    assert_eq!(there, [UnitState::Working; 2], "{}", region.story());
}
