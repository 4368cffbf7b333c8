//! What a dispatcher would come to who knew every call from the beginning: the ratio to it says how much
//! better any dispatcher could have done.
//!
//! Every unit that a call takes is reached by somebody who comes from a station, once for each unit, or
//! from another call's work, once for each unit that works there. Who goes on to whom is one assignment
//! problem, and its least harm is what no dispatcher who sends free units alone can undercut, as long as
//! crews take the times that are typical of them: nobody sets out before the call comes, and a crew that
//! has done its work is at best on its way home to the station that suits best. It is loose where there
//! is much to do, for ways home and rests are hardly counted, and chains that close in a ring are not
//! ruled out. A dispatcher who turns units on their way out can come below it, for those move before the
//! call does. Roads are as they usually are, which no storm makes quicker.

use protocol::{Deciseconds, Form, Kind, Moment, Point, Severity, Span};

use agents::planner::{
    ARCS_FIRST, Assignment, Candidates, Cost, Effort, HORIZON, HarmCurve, Reach, SlotIx, UnitIx,
    Wanted,
};

use super::Drill;
use crate::world::SET_UP;

/// Weighted tenths of a second in a weighted minute.
const PARTS_OF_A_MINUTE: i64 = 600;

/// One unit's work that a call asks for.
#[derive(Clone, Copy, Debug)]
struct Wish {
    at: Moment,
    point: Point,
    kind: Kind,
    severity: Severity,
    /// From arriving to being free.
    stay: Span,
}

/// Units of one make at one station.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Station {
    point: Point,
    kinds: Vec<Kind>,
    turnout: Deciseconds,
    /// How many units stand there.
    units: u32,
}

/// All that could be sent, to all that is asked for.
struct Foresight<'d> {
    drill: &'d Drill,
    wishes: Vec<Wish>,
    stations: Vec<Station>,
    /// When the first unit could be free that serves a wish; `None` if no road leads there.
    free: Vec<Option<Moment>>,
    /// From each wish home to each station that does such work.
    home: Vec<Vec<Option<Deciseconds>>>,
}

impl Drill {
    /// The least harm in weighted minutes, counted as [`Tally::harm_min`](crate::Tally::harm_min), of a
    /// dispatcher who knew all calls and sent free units alone. The same for every policy.
    /// Calls count until the scenario's end, or until `until` if that comes first.
    pub fn foreseen_harm_min(&self, until: Option<Moment>) -> i64 {
        let mut foresight = Foresight::of(self, until);
        let mut plan = Assignment::default();
        let stationed: u32 = foresight.stations.iter().map(|it| it.units).sum();
        for _ in 0..stationed as usize + foresight.wishes.len() {
            plan.add_unit()
                .expect("a region has fewer units and calls than a plan may have");
        }
        let slots: Vec<SlotIx> = foresight
            .wishes
            .iter()
            .map(|wish| {
                let unmet = HarmCurve::of(wish.severity).unmet(Deciseconds(0));
                let slot = plan.add_slot(unmet, &[]);
                slot.expect("a drill has fewer calls than a plan may have slots")
            })
            .collect();
        let mut candidates = Candidates::new(ARCS_FIRST, Wanted::ACheapest);
        let effort = &mut Effort::unbounded();
        candidates.settle(&mut plan, &slots, &mut foresight, effort);
        plan.total() / PARTS_OF_A_MINUTE
    }
}

impl<'d> Foresight<'d> {
    fn of(drill: &'d Drill, until: Option<Moment>) -> Self {
        let mut foresight = Self {
            drill,
            wishes: wishes(drill, drill.scenario.window_until(until).until),
            stations: stations(drill),
            free: Vec::new(),
            home: Vec::new(),
        };
        foresight.free = foresight
            .wishes
            .iter()
            .map(|it| foresight.first_free(it))
            .collect();
        foresight.home = foresight.ways_home();
        foresight
    }

    fn time(&self, kinds: &[Kind], from: Point, to: Point) -> Option<Deciseconds> {
        // A unit drives as its main kind does.
        let drill = self.drill;
        drill.travel.time_of(kinds[0], &drill.usual, from, to)
    }

    fn first_free(&self, wish: &Wish) -> Option<Moment> {
        let kinds = [wish.kind];
        let there = self.serving(&kinds).filter_map(|(_, station)| {
            let way = self.time(&station.kinds, station.point, wish.point)?;
            Some(station.turnout.0 + way.0)
        });
        there
            .min()
            .map(|least| wish.at + Span::from(Deciseconds(least)) + wish.stay)
    }

    fn ways_home(&self) -> Vec<Vec<Option<Deciseconds>>> {
        let mut home = vec![vec![None; self.stations.len()]; self.wishes.len()];
        // By station outside: times to one place are worked out together.
        for (place, station) in self.stations.iter().enumerate() {
            for (wish, home) in self.wishes.iter().zip(&mut home) {
                if station.kinds.contains(&wish.kind) {
                    home[place] = self.time(&station.kinds, wish.point, station.point);
                }
            }
        }
        home
    }

    /// The stations whose units do work of all of these kinds.
    fn serving(&self, kinds: &[Kind]) -> impl Iterator<Item = (usize, &Station)> {
        let able = move |it: &&Station| kinds.iter().all(|kind| it.kinds.contains(kind));
        let all = self.stations.iter().enumerate();
        all.filter(move |(_, station)| able(station))
    }

    /// How long after a call each unit is there at the soonest, by number: those of the stations, one
    /// after the other, then one for each wish that was served before.
    fn row(&self, to: usize) -> Vec<(u32, Deciseconds)> {
        let wish = &self.wishes[to];
        let out: Vec<Option<Deciseconds>> = self
            .stations
            .iter()
            .map(|station| {
                let able = station.kinds.contains(&wish.kind);
                able.then(|| self.time(&station.kinds, station.point, wish.point))?
            })
            .collect();
        let mut row = Vec::new();
        let mut number = 0;
        for (station, way) in self.stations.iter().zip(&out) {
            let units = number..number + station.units;
            number = units.end;
            if let Some(way) = way {
                let after = Deciseconds(station.turnout.0 + way.0);
                row.extend(units.map(|unit| (unit, after)));
            }
        }
        for (from, unit) in (0..self.wishes.len()).zip(number..) {
            if from != to
                && let Some(after) = self.goes_on(from, to, &out)
            {
                row.push((unit, after));
            }
        }
        row.retain(|(_, after)| *after < HORIZON);
        row
    }

    /// How long after a call a crew is there at the soonest that has served another; `out` has the ways
    /// from the stations.
    fn goes_on(&self, from: usize, to: usize, out: &[Option<Deciseconds>]) -> Option<Deciseconds> {
        let (before, wish) = (&self.wishes[from], &self.wishes[to]);
        let free = self.free[from]?;
        let on = |station: &Station| self.time(&station.kinds, before.point, wish.point);
        let both = [before.kind, wish.kind];
        if free >= wish.at {
            let way = self
                .serving(&both)
                .filter_map(|(_, station)| on(station))
                .min()?;
            let waits = free.since(wish.at).deciseconds();
            return Some(Deciseconds(waits.0.saturating_add(way.0)));
        }
        let gone = wish.at.since(free).deciseconds().0;
        // A way of each make of unit is asked for once; stations of one make stand together.
        let mut of_make: Option<(&[Kind], Option<Deciseconds>)> = None;
        let after = self.serving(&both).filter_map(|(place, station)| {
            let (home, out) = (self.home[from][place]?, out[place]?);
            if home.0 <= gone {
                return Some(station.turnout.0 + out.0);
            }
            let way = match of_make {
                Some((kinds, way)) if kinds == station.kinds => way,
                _ => on(station),
            };
            of_make = Some((&station.kinds, way));
            // Wherever it is on its way home, both ends are no nearer than what it has driven allows.
            let by_start = way?.0.saturating_sub(gone);
            let by_home = out.0.saturating_sub(home.0 - gone);
            Some(by_start.max(by_home))
        });
        after.min().map(Deciseconds)
    }
}

impl Reach for Foresight<'_> {
    fn cheapest(
        &mut self,
        slot: SlotIx,
        count: usize,
        arcs: &mut Vec<(UnitIx, Cost)>,
    ) -> Option<Cost> {
        let curve = HarmCurve::of(self.wishes[slot.place()].severity);
        let mut row = self.row(slot.place());
        row.sort_unstable_by_key(|(unit, after)| (*after, *unit));
        let cost = |after| {
            curve
                .harm(Deciseconds(0), after)
                .expect("a row ends at the horizon")
        };
        let rest = row.get(count).map(|(_, after)| cost(*after));
        let near = row.iter().take(count);
        arcs.extend(near.map(|(unit, after)| (UnitIx(*unit), cost(*after))));
        rest
    }
}

/// Every unit's work of every call that comes before the end, what is asked for later included: it is
/// harmed from the call on.
fn wishes(drill: &Drill, end: Moment) -> Vec<Wish> {
    let calls = drill.scenario.incidents(&drill.region, drill.seed);
    let calls = calls.iter().filter(|call| call.received_at < end);
    let of_call = calls.flat_map(|call| {
        let later = call.news.iter().flat_map(|news| &news.requires);
        let crewed = call
            .requires
            .iter()
            .chain(later)
            .filter(|need| need.kind.form() == Form::Unit);
        crewed.flat_map(|need| {
            let wish = Wish {
                at: call.received_at,
                point: call.point,
                kind: need.kind,
                severity: call.severity,
                stay: SET_UP + need.duration,
            };
            (0..need.quantity).map(move |_| wish)
        })
    });
    of_call.collect()
}

fn stations(drill: &Drill) -> Vec<Station> {
    let crewed = drill
        .fleet
        .iter()
        .map(|(_, unit)| unit)
        .filter(|it| it.kind.form() == Form::Unit);
    let mut units: Vec<(Vec<Kind>, Point, Deciseconds)> = crewed
        .map(|unit| {
            let kinds = std::iter::once(unit.kind).chain(unit.also.iter().copied());
            let crews = &drill.scenario.crews;
            let own = crews.own_readiness(unit.kind, unit.readiness);
            let turnout = own.unwrap_or_else(|| crews.turnout(unit.kind).typical());
            let turnout = turnout.deciseconds().min(HORIZON);
            (kinds.collect(), unit.point, turnout)
        })
        .collect();
    units.sort();
    let alike = units.chunk_by(|one, other| one == other);
    let stations = alike.map(|units| Station {
        kinds: units[0].0.clone(),
        point: units[0].1,
        turnout: units[0].2,
        units: u32::try_from(units.len()).unwrap_or(u32::MAX),
    });
    stations.collect()
}

#[cfg(test)]
mod tests {
    use protocol::Suite;

    use super::*;
    use crate::cast::Cast;
    use crate::scenario::Scenario;

    const CALL: &str = r#"
schema = "liandong-scenario/1"
id = "calls"
title = { zh = "演练·虚构：报警", en = "Calls, fictional" }
region = "trio"
start = 2026-07-01T08:00:00+08:00
duration = "3h"
seed = 1

[[incident]]
id = "first"
at = "10m"
area = 990301
event = "building-fire"
category = "accident"
severity = "moderate"
text = "一处建筑起火"
needs = [ { kind = "fire-rescue", quantity = 1, minutes = 30 } ]
"#;

    fn drill(text: &str) -> Drill {
        let (scenario, region) = Scenario::parse("test.toml", text, &|_| None).unwrap();
        let cast = Cast::of_seed(&region, 1, Suite::Virtual, scenario.start);
        Drill::new(scenario, region, 1, cast)
    }

    /// A second call from where the first came from, so many minutes after it.
    fn and_again(drill: &Drill, minutes: u64) -> String {
        let calls = drill.scenario.incidents(&drill.region, drill.seed);
        let point = serde_json::to_string(&calls[0].point).unwrap();
        let point: [i64; 2] = serde_json::from_str(&point).unwrap();
        let [x, y] = point.map(|part| format!("{}.{:06}", part / 1_000_000, part % 1_000_000));
        let placed = format!("area = 990301\npoint = [{x}, {y}]");
        let first = CALL.replace("area = 990301", &placed);
        let second = first.split_once("[[incident]]").unwrap().1;
        let second = { second }.replace("\"first\"", "\"second\"");
        let second = { second }.replace("10m", &format!("{}m", 10 + minutes));
        format!("{first}\n[[incident]]{second}")
    }

    #[test]
    fn who_knew_all_calls_sends_the_nearest_and_sends_it_on_to_what_it_knows_to_come() {
        let one = drill(CALL);
        let call = &one.scenario.incidents(&one.region, one.seed)[0];
        let nearest = one.fleet.iter().filter_map(|(_, unit)| {
            let able = unit.kind == Kind::FireRescue;
            let way = one
                .travel
                .time_of(unit.kind, &one.usual, unit.point, call.point);
            able.then(|| Some(unit.readiness.0 / 100_000 + u64::from(way?.0)))?
        });
        let nearest = Deciseconds(u32::try_from(nearest.min().unwrap()).unwrap());
        let harm = HarmCurve::of(Severity::Moderate).harm(Deciseconds(0), nearest);
        let alone = harm.unwrap().value() / PARTS_OF_A_MINUTE;
        assert_eq!(one.foreseen_harm_min(None), alone);
        // A crew that has just done its work there is there already.
        let soon = drill(&and_again(&one, 40)).foreseen_harm_min(None);
        assert!((alone..2 * alone).contains(&soon), "{soon} of {alone}");
        // Of what ends before it comes nothing is foreseen.
        let early = one.scenario.start + Span::minutes(5);
        assert_eq!(one.foreseen_harm_min(Some(early)), 0);
    }
}
