//! When units that are out will be free again, as far as an office can tell from the logs.
//!
//! How long work takes is learned: from every commitment of the region whose arrival and end are known,
//! as a share of what its need expected. What the world will do is known to nobody here.

use std::collections::BTreeMap;

use picture::{Aid, Holding, Picture, UnitStanding};
use protocol::{AidId, Kind, Moment, Point, Span, UnitState};

use crate::board::{Drive, When};
use crate::ground::Ground;

/// Shares are counted in steps of so many percent.
const STEP_PERCENT: u64 = 10;

/// Longer work than this many steps counts as so long.
const STEPS: usize = 60;

/// What is believed before anything was seen, as percentages of what was expected: some work is over
/// early, some takes twice as long (ours, estimated).
const BELIEVED: [u64; 5] = [60, 80, 100, 130, 200];

/// How long a crew rests at home, if its office has not heard that it is free (ours, estimated).
const REST: Span = Span::minutes(10);

/// How long work took of what was expected, by kind of unit: how often each share was seen.
#[derive(Debug, Default)]
pub(crate) struct Learned {
    shares: BTreeMap<Kind, [u32; STEPS]>,
    /// What each commitment taught, in the order of the logs: its need is looked up once.
    lessons: Vec<Lesson>,
}

/// What one commitment whose work is done teaches.
#[derive(Debug, Clone, Copy)]
struct Lesson {
    aid: AidId,
    took: Span,
    kind: Kind,
    expected: Span,
}

impl Learned {
    /// What the logs say of work that is done. Logs only grow, so what was learned from a commitment
    /// stands; whoever reads logs again begins with nothing.
    pub(crate) fn again(self, picture: &Picture) -> Self {
        let mut before = self.lessons.iter().peekable();
        let mut lessons = Vec::with_capacity(self.lessons.len());
        let aids = picture.authors().values();
        for aid in aids.flat_map(|author| author.state.aids.values()) {
            let lasted = aid.arrived_at.zip(aid.done_at);
            let Some((arrived, done)) = lasted.filter(|_| !aid.commit.stands_by) else {
                continue;
            };
            let (id, took) = (aid.commit.aid, done.since(arrived));
            while before.next_if(|lesson| lesson.aid < id).is_some() {}
            let same = before.next_if(|lesson| lesson.aid == id && lesson.took == took);
            let asked = || picture.need(aid.commit.need).map(|need| &need.request);
            let lesson = same.copied().or_else(|| {
                let (kind, expected) = asked().map(|request| (request.kind, request.duration))?;
                Some(Lesson {
                    aid: id,
                    took,
                    kind,
                    expected,
                })
            });
            lessons.extend(lesson);
        }
        let mut learned = Self::default();
        for lesson in &lessons {
            learned.note(lesson.kind, lesson.took, lesson.expected);
        }
        Self { lessons, ..learned }
    }

    fn note(&mut self, kind: Kind, took: Span, expected: Span) {
        let percent = took.0.saturating_mul(100) / expected.0.max(1);
        let step = usize::try_from(percent / STEP_PERCENT).unwrap_or(usize::MAX);
        let seen = self.shares.entry(kind).or_insert([0; STEPS]);
        seen[step.min(STEPS - 1)] += 1;
    }

    /// How much longer work lasts on average that was expected to take so long and has lasted so long:
    /// over all that was seen to last longer. A fifth of what was expected if nothing ever did.
    pub(crate) fn left(&self, kind: Kind, expected: Span, elapsed: Span) -> Span {
        let believed = BELIEVED.iter().map(|percent| (*percent, 1));
        let seen = self.shares.get(&kind).into_iter().flatten();
        let seen = (0..).zip(seen).map(|(step, count)| {
            let middle = step * STEP_PERCENT + STEP_PERCENT / 2;
            (middle, u64::from(*count))
        });
        let (mut count, mut left) = (0_u64, 0_u64);
        for (percent, times) in believed.chain(seen) {
            let lasts = expected.0 / 100 * percent;
            if lasts > elapsed.0 {
                count += times;
                left = left.saturating_add((lasts - elapsed.0).saturating_mul(times));
            }
        }
        left.checked_div(count).map_or(Span(expected.0 / 5), Span)
    }
}

/// What the expectation of a unit rests on.
pub(crate) struct Expecting<'a> {
    pub(crate) picture: &'a Picture,
    pub(crate) learned: &'a Learned,
    /// The moment that is planned for.
    pub(crate) as_of: Moment,
    /// Whether units that drive can be turned.
    pub(crate) turning: bool,
}

impl Expecting<'_> {
    /// From where and when a unit could set out; `None` if it cannot be told, or if it never will.
    pub(crate) fn of(&self, holding: &Holding, ground: &mut dyn Ground) -> Option<(Point, When)> {
        use UnitState::{
            Committed, EnRouteHome, EnRouteOut, Mobilising, Recalled, Rehab, Released, Staged,
            Working,
        };
        let unit = holding.unit()?;
        let home = holding.resource.point;
        match unit.state {
            _ if unit.is_free() => Some((unit.point, When::Now)),
            Staged if unit.is_standing_by() => None,
            Rehab => Some((home, When::Later(self.as_of + REST))),
            Committed | Mobilising | EnRouteOut => self.going(holding, unit, ground),
            Staged | Working => {
                let aid = self.aid(unit)?;
                let begun = aid.arrived_at.unwrap_or(holding.as_of);
                let free = self.work_ends(aid, begun)?;
                back(holding, (aid.commit.to, free), ground)
            }
            Released | Recalled | EnRouteHome => self.returning(holding, unit, ground),
            _ => None,
        }
    }

    fn aid(&self, unit: &UnitStanding) -> Option<&Aid> {
        self.picture.aid(unit.aid?)
    }

    fn going(
        &self,
        holding: &Holding,
        unit: &UnitStanding,
        ground: &mut dyn Ground,
    ) -> Option<(Point, When)> {
        let aid = self.aid(unit)?;
        let commit = &aid.commit;
        let eta = unit.eta.unwrap_or(commit.eta);
        let there = (holding.as_of + eta.into()).max(self.as_of);
        let need = self.picture.need(commit.need)?;
        // Whoever was given up or called off is about to hear that it goes home.
        let given_up = commit.offer.is_some_and(|offer| !need.stands_by(offer));
        if given_up || need.ended.is_some() || !aid.covers() {
            return None;
        }
        if self.may_turn(holding, unit) {
            let rolls = unit.state == UnitState::EnRouteOut;
            let point = if rolls {
                self.along(holding, unit, commit.to)
            } else {
                unit.point
            };
            let drive = Drive {
                aid: commit.aid,
                need: Some(commit.need),
                offer: commit.offer,
                to: commit.to,
                there,
            };
            return Some((point, When::Turned(drive)));
        }
        if commit.stands_by {
            return Some((commit.to, When::Later(there)));
        }
        let free = self.work_ends(aid, there)?;
        back(holding, (commit.to, free), ground)
    }

    fn returning(
        &self,
        holding: &Holding,
        unit: &UnitStanding,
        ground: &mut dyn Ground,
    ) -> Option<(Point, When)> {
        let home = holding.resource.point;
        let way = match unit.eta.filter(|_| unit.state == UnitState::EnRouteHome) {
            Some(eta) => eta,
            None => ground.travel_home(holding.resource.kind, unit.point, home)?,
        };
        let there = (holding.as_of + way.into()).max(self.as_of);
        if self.may_turn(holding, unit) && unit.state == UnitState::EnRouteHome {
            let drive = Drive {
                aid: unit.aid?,
                need: None,
                offer: None,
                to: home,
                there,
            };
            let point = self.along(holding, unit, home);
            return Some((point, When::Turned(drive)));
        }
        Some((home, When::Later(there)))
    }

    /// Whether its crew has obeyed the last order: it can be told to turn from there.
    fn may_turn(&self, holding: &Holding, unit: &UnitStanding) -> bool {
        self.turning
            && picture::may_divert(unit.state)
            && unit.confirmed_command >= holding.command()
    }

    /// When work is over that begins then.
    fn work_ends(&self, aid: &Aid, begun: Moment) -> Option<Moment> {
        let request = &self.picture.need(aid.commit.need)?.request;
        let elapsed = self.as_of.since(begun);
        let left = if aid.done_at.is_some() {
            Span::ZERO
        } else {
            self.learned.left(request.kind, request.duration, elapsed)
        };
        Some(begun.max(self.as_of) + left)
    }

    /// Where a unit is by now that drives: on the straight line, as far as time has passed.
    fn along(&self, holding: &Holding, unit: &UnitStanding, to: Point) -> Point {
        let whole = i64::try_from(Span::from(unit.eta.unwrap_or_default()).0.max(1));
        let gone = i64::try_from(self.as_of.since(holding.as_of).0);
        let (Ok(whole), Ok(gone)) = (whole, gone) else {
            return to;
        };
        let gone = gone.min(whole);
        let between = |from: i32, to: i32| {
            let way = (i128::from(to) - i128::from(from)) * i128::from(gone) / i128::from(whole);
            i32::try_from(i128::from(from) + way).unwrap_or(to)
        };
        Point(between(unit.point.0, to.0), between(unit.point.1, to.1))
    }
}

/// Home again after what ends then and there.
fn back(
    holding: &Holding,
    (from, free): (Point, Moment),
    ground: &mut dyn Ground,
) -> Option<(Point, When)> {
    let home = holding.resource.point;
    let way = ground.travel_home(holding.resource.kind, from, home)?;
    Some((home, When::Later(free + way.into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_lasts_is_expected_to_last_longer_and_what_was_seen_counts() {
        let mut learned = Learned::default();
        let hour = Span::minutes(60);
        let believed = learned.left(Kind::Pump, hour, Span::ZERO);
        assert_eq!(believed, Span::seconds(60 * 60 * 114 / 100));
        assert_eq!(
            learned.left(Kind::Pump, hour, Span::minutes(70)),
            Span::minutes(29),
            "of what may last 78 and 120 minutes"
        );
        for _ in 0..95 {
            learned.note(Kind::Pump, Span::minutes(28), hour);
        }
        let seen = learned.left(Kind::Pump, hour, Span::ZERO);
        assert!(seen < Span::minutes(31), "{seen}");
        let other = learned.left(Kind::Medical, hour, Span::ZERO);
        assert_eq!(other, believed, "another kind's work says nothing");
    }

    #[test]
    fn what_never_lasted_so_long_is_expected_to_end_soon() {
        let learned = Learned::default();
        let left = learned.left(Kind::Pump, Span::minutes(50), Span::minutes(600));
        assert_eq!(left, Span::minutes(10));
    }
}
