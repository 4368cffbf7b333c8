//! How well the objectives of a drill were reached 评估, when it is over.

use std::collections::BTreeMap;

use protocol::{
    Audience, Body, Figure, Graded, IncidentId, Measure, Moment, NeedId, PartyId, Severity, Span,
    Truth,
};

use super::World;
use super::controller::Charge;
use super::scene::Scene;
use crate::scenario::{Objective, Which};

/// How long needs waited for a promise.
#[derive(Debug, Default)]
pub(super) struct AidTimes {
    asked: BTreeMap<NeedId, Asked>,
    /// How urgent every need is, and what for.
    own: BTreeMap<NeedId, (Severity, IncidentId)>,
}

/// A need that was asked beyond its own city.
#[derive(Debug)]
struct Asked {
    at: Moment,
    severity: Severity,
    incident: IncidentId,
    /// Until when it waited; `None` if it waits still.
    until: Option<Moment>,
}

impl AidTimes {
    /// An office has said something new.
    pub(super) fn hear(&mut self, now: Moment, author: PartyId, body: &Body) {
        match body {
            Body::AidRequest(ask) => {
                let (severity, incident) = (ask.severity, ask.incident);
                self.own.insert(ask.need, (severity, incident));
                self.ask(now, ask.need, ask.audience);
            }
            Body::AidRequestUpdate(change) => self.ask(now, change.need, change.audience),
            Body::AidWithdraw(end) => {
                // Nobody waits any more for what was taken back.
                let waits = self
                    .asked
                    .get(&end.need)
                    .is_some_and(|it| it.until.is_none());
                if waits {
                    self.asked.remove(&end.need);
                }
            }
            Body::AidCommit(commit) if commit.need.author != author => {
                if let Some(asked) = self.asked.get_mut(&commit.need) {
                    asked.until.get_or_insert(now);
                }
            }
            _ => {}
        }
    }

    fn ask(&mut self, now: Moment, need: NeedId, audience: Audience) {
        if let Some((severity, incident)) = self.own.get(&need)
            && audience != Audience::Own
        {
            self.asked.entry(need).or_insert(Asked {
                at: now,
                severity: *severity,
                incident: *incident,
                until: None,
            });
        }
    }
}

impl World {
    /// The drill is over: every objective is graded.
    pub(super) fn grade(&mut self, now: Moment) {
        let graded: Vec<Graded> = self
            .objectives
            .iter()
            .map(|objective| objective.graded(self.figure(now, objective), &self.scale))
            .collect();
        for graded in graded {
            self.happened(now, Truth::Graded(graded));
        }
    }

    /// How long needs of such incidents waited for the first unit of another office.
    fn aid_waits(&self, now: Moment, which: &Which) -> Vec<Span> {
        let counts = |asked: &&Asked| {
            let scene = self.by_incident.get(&asked.incident);
            let area = scene.map(|n| self.scenes[*n as usize].plan.area);
            area.is_some_and(|area| which.holds(asked.severity, area))
        };
        let asked = self.aid_times.asked.values().filter(counts);
        asked
            .map(|it| it.until.unwrap_or(now).since(it.at))
            .collect()
    }

    /// What an objective comes to; `None` if people judge it, or if there was nothing to measure.
    fn figure(&self, now: Moment, objective: &Objective) -> Option<Figure> {
        let measured = objective.measured.as_ref()?;
        let counts = |scene: &&Scene| {
            let plan = &scene.plan;
            scene.begun && measured.which.holds(plan.severity, plan.area)
        };
        let scenes = self.scenes.iter().filter(counts);
        let since_call = |scene: &Scene, until: Option<Moment>| {
            until.unwrap_or(now).since(scene.plan.received_at)
        };
        match measured.measure {
            Measure::ResponseP50 | Measure::ResponseP90 => {
                let times = scenes.map(|it| since_call(it, it.reached)).collect();
                percentile(times, measured.measure == Measure::ResponseP50)
            }
            Measure::IntakeP50 | Measure::IntakeP90 => {
                let times = scenes.map(|it| since_call(it, it.opened_at())).collect();
                percentile(times, measured.measure == Measure::IntakeP50)
            }
            Measure::AidP50 | Measure::AidP90 => {
                let times = self.aid_waits(now, &measured.which);
                percentile(times, measured.measure == Measure::AidP50)
            }
            Measure::ServedPercent => {
                let served = scenes.clone().filter(|it| it.served.is_some()).count();
                share(served, scenes.count())
            }
            Measure::ExpectedPercent => {
                let serves =
                    |charge: &&Charge| charge.inject.objective.as_ref() == Some(&objective.id);
                let expected = self.charges.iter().filter(serves);
                let expected = expected.filter_map(|charge| charge.expected.as_ref());
                let in_time = expected
                    .clone()
                    .filter(|(lookout, by)| lookout.met.is_some_and(|met| met <= *by));
                share(in_time.count(), expected.count())
            }
        }
    }
}

/// The median, or what nine of ten do not exceed, by nearest rank.
fn percentile(mut times: Vec<Span>, is_median: bool) -> Option<Figure> {
    times.sort_unstable();
    let percent = if is_median { 50 } else { 90 };
    let place = (times.len() * percent).div_ceil(100).checked_sub(1)?;
    times.get(place).copied().map(Figure::Time)
}

/// A share in whole per cent, rounded down: all is a hundred and nothing less is.
fn share(part: usize, whole: usize) -> Option<Figure> {
    let percent = (part * 100).checked_div(whole)?;
    u32::try_from(percent).ok().map(Figure::Percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_taken_by_nearest_rank_and_of_nothing_there_is_none() {
        let times: Vec<Span> = (1..=10).rev().map(Span::seconds).collect();
        assert_eq!(
            percentile(times.clone(), true),
            Some(Figure::Time(Span::seconds(5)))
        );
        assert_eq!(
            percentile(times, false),
            Some(Figure::Time(Span::seconds(9)))
        );
        assert_eq!(percentile(Vec::new(), false), None);
    }

    #[test]
    fn only_all_is_a_hundred_per_cent() {
        assert_eq!(share(999, 1_000), Some(Figure::Percent(99)));
        assert_eq!(share(7, 7), Some(Figure::Percent(100)));
        assert_eq!(share(0, 0), None);
    }
}
