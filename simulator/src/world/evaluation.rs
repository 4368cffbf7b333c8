//! How well the objectives of a drill were reached 评估, when it is over.

use std::collections::BTreeMap;

use protocol::{
    AidId, Audience, Body, Figure, Graded, IncidentId, Measure, Moment, NeedId, PartyId, Severity,
    Span, Truth,
};

use super::World;
use super::controller::Charge;
use super::scene::Scene;
use crate::rank::nearest_rank;
use crate::scenario::{Objective, Which};

/// How long needs waited for a promise.
#[derive(Debug, Default)]
pub(super) struct AidTimes {
    needs: BTreeMap<NeedId, Asked>,
    /// The need that each promise of its own city is for.
    own: BTreeMap<AidId, NeedId>,
}

/// A need: how urgent, and what for.
#[derive(Debug)]
struct Asked {
    severity: Severity,
    incident: IncidentId,
    /// How much is asked for, and what of it the asker's own city has promised.
    wanted: u32,
    own: BTreeMap<AidId, u32>,
    /// Since when it waits for others; `None` if nobody beyond its own city is asked.
    since: Option<Moment>,
    /// Until when it waited, for help or in vain; `None` if it waits still.
    until: Option<Moment>,
    /// Whether another city promised something, or the need was given up: it waits no more whatever comes.
    is_over: bool,
}

impl AidTimes {
    /// An office has said something new.
    pub(super) fn hear(&mut self, now: Moment, author: PartyId, body: &Body) {
        match body {
            Body::AidRequest(ask) => {
                let need = self.needs.entry(ask.need).or_insert(Asked {
                    severity: ask.severity,
                    incident: ask.incident,
                    wanted: ask.quantity,
                    own: BTreeMap::new(),
                    since: None,
                    until: None,
                    is_over: false,
                });
                need.ask(now, ask.audience);
            }
            Body::AidRequestUpdate(change) => {
                if let Some(need) = self.needs.get_mut(&change.need) {
                    need.wanted = change.quantity;
                    need.ask(now, change.audience);
                }
            }
            Body::AidWithdraw(end) => {
                // Whoever gave up waiting has waited until then.
                if let Some(need) = self.needs.get_mut(&end.need) {
                    need.end(now);
                }
            }
            Body::AidCommit(commit) => {
                if let Some(before) = commit.turned_from {
                    self.taken_away(now, before);
                }
                let Some(need) = self.needs.get_mut(&commit.need) else {
                    return;
                };
                if author == commit.need.author {
                    self.own.insert(commit.aid, commit.need);
                    need.own.insert(commit.aid, commit.quantity);
                    need.weigh(now);
                } else {
                    need.end(now);
                }
            }
            Body::Recall(recall) => self.taken_away(now, recall.aid),
            _ => {}
        }
    }

    /// What its own city had promised to a need goes elsewhere.
    fn taken_away(&mut self, now: Moment, aid: AidId) {
        let need = self.own.remove(&aid);
        if let Some(need) = need.and_then(|need| self.needs.get_mut(&need)) {
            need.own.remove(&aid);
            need.weigh(now);
        }
    }

    /// What a need is for, if it was heard of.
    pub(super) fn incident_of(&self, need: NeedId) -> Option<IncidentId> {
        self.needs.get(&need).map(|it| it.incident)
    }
}

impl Asked {
    fn ask(&mut self, now: Moment, audience: Audience) {
        if audience != Audience::Own && self.since.is_none() {
            self.since = Some(now);
            if !self.is_over {
                self.until = None;
            }
        }
        self.weigh(now);
    }

    /// Nobody waits for others while one's own are enough.
    fn weigh(&mut self, now: Moment) {
        if self.is_over {
            return;
        }
        let own = self
            .own
            .values()
            .fold(0_u32, |sum, it| sum.saturating_add(*it));
        self.until = (own >= self.wanted).then(|| self.until.unwrap_or(now));
    }

    /// Another city promises something, or the need is given up.
    fn end(&mut self, now: Moment) {
        self.is_over = true;
        self.until.get_or_insert(now);
    }

    /// How long it has waited for others by now; `None` if it does not ask them.
    fn waited(&self, now: Moment) -> Option<Span> {
        Some(self.until.unwrap_or(now).since(self.since?))
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
        let asked = self.aid_times.needs.values().filter(counts);
        asked.filter_map(|it| it.waited(now)).collect()
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
        let percent = match measured.measure {
            Measure::ResponseP50 | Measure::IntakeP50 | Measure::AidP50 => 50,
            _ => 90,
        };
        match measured.measure {
            Measure::ResponseP50 | Measure::ResponseP90 => {
                let times = scenes.map(|it| since_call(it, it.reached)).collect();
                percentile(times, percent)
            }
            Measure::IntakeP50 | Measure::IntakeP90 => {
                let times = scenes.map(|it| since_call(it, it.opened_at())).collect();
                percentile(times, percent)
            }
            Measure::AidP50 | Measure::AidP90 => {
                let times = self.aid_waits(now, &measured.which);
                percentile(times, percent)
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
                // Of what could still come in time nobody can say that it did not.
                let known = expected.filter(|(lookout, by)| lookout.met.is_some() || *by <= now);
                let in_time = known
                    .clone()
                    .filter(|(lookout, by)| lookout.met.is_some_and(|met| met <= *by));
                share(in_time.count(), known.count())
            }
        }
    }
}

/// What so many per cent do not exceed.
fn percentile(mut times: Vec<Span>, percent: usize) -> Option<Figure> {
    times.sort_unstable();
    nearest_rank(&times, percent).map(Figure::Time)
}

/// A share in whole per cent, rounded down: all is a hundred and nothing less is.
fn share(part: usize, whole: usize) -> Option<Figure> {
    let percent = (part * 100).checked_div(whole)?;
    u32::try_from(percent).ok().map(Figure::Percent)
}

#[cfg(test)]
mod tests {
    use protocol::{AidRequest, AidWithdraw, NeedEnd};

    use super::*;

    /// Else a need would look the better served the longer it waits, once its incident ends without help.
    #[test]
    fn a_need_that_is_taken_back_has_waited_until_then() {
        let need: NeedId = "440100-1-1".parse().unwrap();
        let asked = AidRequest {
            need,
            incident: "440100-1-1".parse().unwrap(),
            kind: protocol::Kind::Pump,
            quantity: 1,
            severity: Severity::Serious,
            report_to: protocol::Point(0, 0),
            duration: Span::hours(1),
            audience: Audience::Region,
            asked_at: Moment(0),
            authority: String::new(),
            request: None,
            stands_by: false,
        };
        let back = AidWithdraw {
            need,
            reason: NeedEnd::Served,
            at: Moment(0),
        };
        let minutes = |n| Moment(0) + Span::minutes(n);
        let mut times = AidTimes::default();
        times.hear(minutes(10), need.author, &Body::AidRequest(asked));
        times.hear(minutes(60), need.author, &Body::AidWithdraw(back));
        assert_eq!(
            times.needs[&need].waited(minutes(90)),
            Some(Span::minutes(50))
        );
    }

    #[test]
    fn nobody_waits_for_others_while_one_s_own_are_enough_or_once_another_comes() {
        let minutes = |n| Moment(0) + Span::minutes(n);
        let mut need = Asked {
            severity: Severity::Serious,
            incident: "440100-1-1".parse().unwrap(),
            wanted: 2,
            own: BTreeMap::new(),
            since: None,
            until: None,
            is_over: false,
        };
        need.ask(minutes(10), Audience::Region);
        let aid = |number: u32| format!("440100-1-{number}").parse::<AidId>().unwrap();
        let waited = |need: &Asked| need.waited(minutes(60)).unwrap();
        need.own.insert(aid(1), 1);
        need.weigh(minutes(20));
        assert_eq!(waited(&need), Span::minutes(50), "one is missing");
        need.own.insert(aid(2), 1);
        need.weigh(minutes(30));
        assert_eq!(waited(&need), Span::minutes(20));
        need.own.remove(&aid(1));
        need.weigh(minutes(40));
        assert_eq!(waited(&need), Span::minutes(50), "it was turned away");
        need.wanted = 1;
        need.ask(minutes(45), Audience::Region);
        assert_eq!(waited(&need), Span::minutes(35), "fewer will do");
        need.wanted = 3;
        need.ask(minutes(46), Audience::Region);
        need.end(minutes(50));
        need.weigh(minutes(55));
        assert_eq!(waited(&need), Span::minutes(40), "another city's comes");
    }

    #[test]
    fn a_percentile_is_taken_by_nearest_rank_and_of_nothing_there_is_none() {
        let times: Vec<Span> = (1..=10).rev().map(Span::seconds).collect();
        assert_eq!(
            percentile(times.clone(), 50),
            Some(Figure::Time(Span::seconds(5)))
        );
        assert_eq!(percentile(times, 90), Some(Figure::Time(Span::seconds(9))));
        assert_eq!(percentile(Vec::new(), 90), None);
    }

    #[test]
    fn only_all_is_a_hundred_per_cent() {
        assert_eq!(share(999, 1_000), Some(Figure::Percent(99)));
        assert_eq!(share(7, 7), Some(Figure::Percent(100)));
        assert_eq!(share(0, 0), None);
    }
}
