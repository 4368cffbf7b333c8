//! Crews that have been out for their shift are relieved at home before they go again.

use picture::Aid;
use protocol::{Kind, NeedId, Planning, ResourceId, Span};

use crate::bus::Region;
use crate::cast::{FIRST, SECOND, Setting, unit_id};

/// A region of crews whose shift is half an hour, the first of which has just come home for the second
/// time, three quarters of an hour after it set out.
fn after_a_shift(planning: Planning, second: u32) -> Region {
    let mut region = Region::up(Setting {
        shift: Some(Span::minutes(30)),
        planning,
        ..Setting::crews(1, second, 0)
    });
    for name in ["one", "two"] {
        region.call(FIRST, name, 1);
        region.run(Span::minutes(22));
        region.over(FIRST, name);
        region.run(Span::seconds(30));
    }
    let ours = unit_id(FIRST, Kind::FireRescue, 1);
    assert_eq!(
        region.crews[&ours].served.len(),
        2,
        "it went again within its shift"
    );
    region
}

/// Who serves the last need of the first city.
fn sent(region: &Region) -> Vec<ResourceId> {
    let need: NeedId = *region.needs(FIRST).last().unwrap();
    let aids = region.office(FIRST).picture().aids_for(need);
    aids.map(|aid: &Aid| aid.commit.resource).collect()
}

#[test]
fn a_neighbour_is_asked_instead_of_a_crew_whose_shift_is_over() {
    for planning in [Planning::OwnFirst, Planning::Batch, Planning::Replan] {
        let mut region = after_a_shift(planning, 1);
        region.call(FIRST, "three", 1);
        region.run(Span::minutes(3));
        let theirs = unit_id(SECOND, Kind::FireRescue, 1);
        assert_eq!(sent(&region), [theirs], "{planning}\n{}", region.story());
        region.is_sound();
    }
}

#[test]
fn what_waits_for_a_crew_has_it_when_it_is_relieved() {
    for planning in [Planning::OwnFirst, Planning::Batch, Planning::Replan] {
        let mut region = after_a_shift(planning, 0);
        region.call(FIRST, "three", 1);
        region.run(Span::minutes(25));
        assert_eq!(sent(&region), [], "{planning}");
        region.run(Span::minutes(8));
        let ours = unit_id(FIRST, Kind::FireRescue, 1);
        assert_eq!(sent(&region), [ours], "{planning}\n{}", region.story());
        region.is_sound();
    }
}
