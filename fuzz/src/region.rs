//! A region pack, given as the files that differ from those of the smallest one: a pack that is
//! accepted answers whatever is asked of it, and one that is not is told with its file and line.

use protocol::{Kind, Point};
use region::{Detail, Pack, PackFault, Region};

use super::Verdict;
use super::cast::trio;
use super::files::{assert_line_of, split};
use super::terms::assert_shows;

/// Points of a kind that are asked about, lest a large pack takes long.
const ASKED: usize = 6;

/// Reads the bytes as files of a pack.
pub fn region(bytes: &[u8]) -> Verdict {
    let Ok(text) = str::from_utf8(bytes) else {
        return Verdict::Refused;
    };
    let mut pack = Pack::built_in("trio").expect("the binary has it");
    for (name, text) in split(text).1 {
        pack.put(&name, text);
    }
    match Region::load(&pack) {
        Ok(region) => {
            assert_answers(&region);
            Verdict::Accepted
        }
        Err(faults) => {
            assert!(!faults.is_empty(), "refused without a fault");
            for fault in &faults {
                assert_placed(&pack, fault);
            }
            Verdict::Refused
        }
    }
}

fn assert_placed(pack: &Pack, fault: &PackFault) {
    let words = fault.to_string();
    assert_shows(&words);
    if let (Some(text), Some(line)) = (pack.text(&fault.file), fault.line) {
        assert_line_of(text, line, &words);
    }
}

fn assert_answers(region: &Region) {
    let mut points: Vec<Point> = region
        .offices()
        .iter()
        .map(|it| it.seat)
        .take(ASKED)
        .collect();
    points.extend(region.places().iter().map(|it| it.point).take(ASKED));
    points.extend(region.facilities().iter().map(|it| it.point).take(ASKED));
    points.extend(region.roads().nodes().map(|(_, it)| it.point).take(ASKED));
    let districts = region.districts().take(ASKED);
    points.extend(districts.flat_map(|it| [it.middle, region.heart(it), region.spot_in(it, 7)]));
    for point in &points {
        if let Some((city, district)) = region.locate(*point) {
            let ground = region.ground().district(district);
            assert!(ground.is_some_and(|it| it.city == city && it.contains(*point)));
        }
        region.office_for(*point);
    }
    let mut travel = region.travel();
    let usual = region.roads().usual();
    for from in points.iter().step_by(3) {
        for to in points.iter().step_by(2) {
            let time = travel.time_of(Kind::FireRescue, &usual, *from, *to);
            let again = region
                .travel()
                .time_of(Kind::FireRescue, &usual, *from, *to);
            assert_eq!(time, again, "what is kept changes an answer");
            let route = travel.route(&usual, *from, *to);
            assert!(
                route.is_none() || time.is_some(),
                "a route that takes no time"
            );
            assert!(travel.time_of(Kind::Boat, &usual, *from, *to).is_some());
        }
    }
    for draw in [0, 1, u64::MAX] {
        region.district_by_people(None, draw);
    }
    region.extent();
    assert!(region.outline(Detail::Coarse).len() <= region.outline(Detail::Fine).len());
    region::demo_fleet(region);
    region::demo_stations(region);
    trio().distance(points[0], points[points.len() - 1]);
}
