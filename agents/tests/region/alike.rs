//! Offices say which plan they came to, and see whether others came to the same.

use std::collections::BTreeSet;

use protocol::{Direct, PlanMark, Planning, Said, Span};

use crate::bus::Region;
use crate::cast::{FIRST, SECOND, Setting, THIRD};

fn planned(planning: Planning) -> Region {
    let mut region = Region::up(Setting {
        planning,
        ..Setting::crews(1, 1, 1)
    });
    for number in 0..4 {
        region.call(FIRST, &format!("call-{number}"), 1);
    }
    region.run(Span::minutes(5));
    region
}

fn marks(region: &Region) -> BTreeSet<PlanMark> {
    let said = region.said.iter().map(|(_, _, frame)| frame.said());
    let plans = said.filter_map(|said| match said {
        Said::Direct {
            body: Direct::Digest(digest),
            ..
        } => digest.plan,
        _ => None,
    });
    plans.collect()
}

#[test]
fn equal_views_are_seen_by_equal_plans_in_the_digests() {
    let region = planned(Planning::Batch);
    assert!(!marks(&region).is_empty(), "plans are told");
    let figures = [FIRST, SECOND, THIRD].map(|office| region.office(office).plan_figures());
    let compared: u64 = figures.iter().map(|it| it.compared).sum();
    let alike: u64 = figures.iter().map(|it| it.alike).sum();
    assert!(compared > 0, "{figures:?}");
    // An office that nothing concerns does not plan anew within the minute; the others do.
    assert!(alike * 2 > compared && alike <= compared, "{figures:?}");
    assert!(figures.iter().all(|it| it.overruns == 0), "{figures:?}");
}

#[test]
fn who_plans_for_its_own_city_says_nothing_of_it() {
    assert_eq!(marks(&planned(Planning::OwnFirst)), BTreeSet::new());
}
