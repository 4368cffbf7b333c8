//! What the wind stops is sent nowhere before it drops.

use protocol::{DeclineReason, FieldReport, Kind, NeedId, Planning, Span};

use crate::bus::Region;
use crate::cast::{FIRST, GROUND, SECOND, Setting, party};
use crate::people::call;
use crate::standing::announce;

/// A storm so wide that the first city has the wind at once, and then a call there for a ladder truck.
fn a_tower_in_the_wind(region: &mut Region) -> NeedId {
    announce(region, 80, false);
    region.run(Span::seconds(10));
    let mut call = call(FIRST, "tower", 1, region.now);
    call.requires[0].kind = Kind::Ladder;
    region.report(GROUND, FIRST, FieldReport::Call(Box::new(call)));
    region.run(Span::minutes(5));
    region.needs(FIRST)[0]
}

#[test]
fn no_ladder_truck_is_sent_into_the_wind_before_it_drops() {
    for planning in [Planning::OwnFirst, Planning::Batch] {
        let mut region = Region::up(Setting {
            units: [FIRST, SECOND]
                .map(|office| (office, Kind::Ladder, 1))
                .to_vec(),
            planning,
            ..Setting::default()
        });
        let need = a_tower_in_the_wind(&mut region);
        assert_eq!(region.coverage(FIRST, need).covered, 0, "{planning}");
        announce(&mut region, 80, true);
        region.run(Span::seconds(30));
        assert_eq!(region.coverage(FIRST, need).covered, 1, "{planning}");
        region.is_sound();
    }
}

#[test]
fn a_neighbour_who_declined_for_the_wind_offers_when_it_drops() {
    let mut region = Region::up(Setting {
        units: [(SECOND, Kind::Ladder, 1)].to_vec(),
        ..Setting::default()
    });
    let need = a_tower_in_the_wind(&mut region);
    let picture = region.office(FIRST).picture();
    let said = picture
        .state(party(SECOND))
        .unwrap()
        .declined
        .get(&need)
        .copied();
    assert_eq!(said, Some(DeclineReason::Weather));
    announce(&mut region, 80, true);
    region.run(Span::minutes(2));
    assert_eq!(region.coverage(FIRST, need).covered, 1);
}
