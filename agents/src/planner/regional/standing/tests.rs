//! Minutes that pass over units that stand, drive and work.

use std::cell::Cell;

use protocol::{AidId, Audience, Resource, Severity, Span};

use super::*;
use crate::board::{Drive, Idle};

const OWNERS: [&str; 2] = ["440100", "440300"];

/// A line on which a degree takes a minute, and how often it was asked about.
#[derive(Default)]
struct Line {
    asked: Cell<usize>,
}

impl Ways for Line {
    fn eta(&mut self, unit: &Idle<'_>, to: Point) -> Option<Deciseconds> {
        self.asked.set(self.asked.get() + 1);
        // An island that no road leads to.
        (to.0 < 900).then(|| Deciseconds(unit.point.0.abs_diff(to.0) * 600 + 7))
    }

    fn least(&self, unit: &Idle<'_>, to: Point) -> Deciseconds {
        Deciseconds(unit.point.0.abs_diff(to.0) * 500)
    }
}

/// Draws that are the same each time.
struct Draws(u64);

impl Draws {
    fn below(&mut self, count: u64) -> u64 {
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % count
    }

    fn place(&mut self) -> Point {
        Point(i32::try_from(self.below(200)).unwrap(), 0)
    }
}

fn crew(number: usize) -> Resource {
    let owner = OWNERS[number % 2];
    let id = format!("{owner}-fire-rescue-{number}");
    let body = serde_json::json!({
        "resource": id, "kind": Kind::FireRescue, "name": id, "also": [], "grade": 2,
        "readiness": 60, "home": "station-1", "point": Point(0, 0), "quantity": 1,
    });
    serde_json::from_value(body).unwrap()
}

fn slot(number: usize, to: Point) -> Slot {
    let owner = OWNERS[number / 2 % 2];
    Slot {
        need: format!("{owner}-1-{number}").parse().unwrap(),
        kind: Kind::FireRescue,
        open: 1 + u32::from(number.is_multiple_of(3)),
        severity: [Severity::Critical, Severity::Moderate][number % 2],
        asked_at: Moment(0),
        to,
        stands_by: false,
        audience: Audience::Region,
        widened_at: Moment(0),
    }
}

fn whole<'a>(units: &[(&'a Resource, Point, When)], slots: &[Slot], minute: u64) -> Whole<'a> {
    let units = units.iter().enumerate();
    let units = units.map(|(number, (resource, point, when))| Reserve {
        owner: OWNERS[number % 2].parse().unwrap(),
        when: *when,
        unit: Idle {
            resource,
            point: *point,
            quantity: 1,
            freed: false,
            stands_by: false,
        },
    });
    let floor = |owner: &str| ((owner.parse().unwrap(), Kind::FireRescue), 2);
    Whole {
        us: OWNERS[0].parse().unwrap(),
        as_of: Moment(0) + Span::minutes(minute),
        slots: slots.to_vec(),
        amounts: Vec::new(),
        units: units.collect(),
        stores: Vec::new(),
        floors: OWNERS.map(floor).into(),
        roads: 0,
    }
}

#[test]
fn a_way_is_asked_about_once_while_both_ends_stand_and_roads_stay() {
    let crews: Vec<Resource> = (0..6).map(crew).collect();
    let mut units: Vec<_> = (0..)
        .zip(&crews)
        .map(|(at, crew)| (crew, Point(10 * at, 0), When::Now))
        .collect();
    let slots = [slot(1, Point(5, 0)), slot(2, Point(40, 0))];
    let (mut standing, mut line) = (Standing::default(), Line::default());
    let mut asked = |told: &Whole<'_>| {
        line.asked.set(0);
        standing.cheapest(told, &Refused::new(), &mut line);
        line.asked.get()
    };
    assert!(asked(&whole(&units, &slots, 1)) > 0);
    assert_eq!(asked(&whole(&units, &slots, 1)), 0, "the same again");
    assert_eq!(asked(&whole(&units, &slots, 2)), 0, "a minute later");
    units[5].1 = Point(6, 0);
    let moved = asked(&whole(&units, &slots, 3));
    assert!((1..=2).contains(&moved), "{moved}: one unit is elsewhere");
    let mut flooded = whole(&units, &slots, 3);
    flooded.roads = 1;
    assert!(asked(&flooded) > 2, "every way is another");
}

#[test]
fn whoever_planned_a_minute_ago_plans_as_one_who_is_told_for_the_first_time() {
    for seed in 0..40 {
        let mut draws = Draws(seed);
        let crews: Vec<Resource> = (0..9).map(crew).collect();
        let mut slots: Vec<Slot> = (1..9).map(|number| slot(number, draws.place())).collect();
        slots[7].to = Point(950, 0);
        let mut units: Vec<_> = crews
            .iter()
            .map(|crew| (crew, draws.place(), When::Now))
            .collect();
        let mut standing = Standing::default();
        for step in 0..60_u64 {
            let minute = step / 2;
            let changed = usize::try_from(draws.below(9)).unwrap();
            units[changed].1 = draws.place();
            units[changed].2 = when(&mut draws, &slots, minute);
            // Who drives is elsewhere with every minute.
            if step.is_multiple_of(2) {
                for (_, point, when) in &mut units {
                    point.0 += i32::from(matches!(when, When::Turned(_)));
                }
            }
            let open = usize::try_from(4 + draws.below(5)).unwrap();
            let told = whole(&units, &slots[..open], minute);
            let first = Standing::default().cheapest(&told, &Refused::new(), &mut Line::default());
            let again = standing.cheapest(&told, &Refused::new(), &mut Line::default());
            assert_eq!(again, first, "seed {seed}, step {step}");
        }
        assert_eq!(standing.overruns(), 0);
    }
}

fn when(draws: &mut Draws, slots: &[Slot], minute: u64) -> When {
    let later = Moment(0) + Span::minutes(minute + draws.below(40));
    let aid: AidId = "440100-1-77".parse().unwrap();
    match draws.below(4) {
        0 => When::Later(later),
        1 => {
            let slot = &slots[usize::try_from(draws.below(8)).unwrap()];
            When::Turned(Drive {
                aid,
                need: Some(slot.need),
                offer: None,
                to: slot.to,
                there: later,
            })
        }
        2 => When::Turned(Drive {
            aid,
            need: None,
            offer: None,
            to: Point(0, 0),
            there: later,
        }),
        _ => When::Now,
    }
}
