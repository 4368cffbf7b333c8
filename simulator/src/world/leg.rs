//! What crews do from leg to leg: orders obeyed, roads driven, work done, reports sent.

use protocol::{
    Deciseconds, FieldReport, IncidentId, Kind, Moment, PartyId, Point, Span, Task, Truth,
    UnitOrder,
};

use super::crew::{Doing, Leg, Service, Trip, Verdict};
use super::terrain::metres;
use super::{Due, Obeyed, World, WorldOutput};
use crate::stream::{Spread, Stream};

/// From arriving to being at work: reporting in, a place to stand, a task (model).
pub(crate) const SET_UP: Span = Span::minutes(1);

/// How long a crew stays that finds nothing left to do, before it says so (model).
const LOOK_AROUND: Span = Span::minutes(5);

/// How long a crew waits before it tries again to find a road.
const ROAD_AGAIN: Span = Span::minutes(10);

/// How long a terminal waits before it repeats a report that its office has not taken in.
const REPORT_AGAIN: Span = Span::minutes(5);

/// How far from an incident a crew still finds it by itself, if it was never told of a call.
const FINDS_WITHIN_M: u64 = 2_000;

impl World {
    /// A terminal hears an order on its office's topic.
    pub(super) fn order(&mut self, now: Moment, from: PartyId, order: &UnitOrder) {
        let Some(number) = self.by_unit.get(&order.unit).copied() else {
            return;
        };
        let crew = &mut self.crews[number as usize];
        if crew.owner != from {
            return;
        }
        let (before, was) = (crew.fence, crew.state());
        let verdict = crew.verdict(order);
        if verdict == Verdict::Answer {
            crew.asked(order);
        } else {
            self.out.push(WorldOutput::Obeyed(Obeyed {
                unit: crew.unit,
                before,
                fence: order.fence,
                served: crew.bound(),
                aid: order.aid,
                turned_from: match &order.task {
                    Task::Turn { from, .. } | Task::Stand { from, .. } => from.clone(),
                    _ => Vec::new(),
                },
            }));
            crew.obeyed(order);
        }
        match verdict {
            Verdict::Answer => return self.answer(now, number),
            Verdict::Carry => {}
            Verdict::Go(to) => self.set_out(now, number, order, to),
            Verdict::Home => self.turn_home(now, number),
        }
        self.moved(number, was);
        self.say(now, number);
    }

    fn set_out(&mut self, now: Moment, number: u32, order: &UnitOrder, to: Point) {
        self.leave_scene(now, number);
        let scene = match order.task {
            Task::Go { incident, .. } | Task::Turn { incident, .. } => {
                self.find_scene(incident, to)
            }
            Task::Stand { .. } => None,
            Task::Home | Task::Report { .. } => return,
        };
        self.by_aid.insert(order.aid, number);
        let crew = &mut self.crews[number as usize];
        crew.trips += 1;
        crew.last = Some(order.aid);
        let leg = crew.service().map(|service| service.leg);
        crew.doing = Doing::Serving(Service {
            aid: order.aid,
            to,
            scene,
            slot: None,
            stands_by: matches!(order.task, Task::Stand { .. }),
            leg: Leg::Mobilising,
        });
        let rolls_at = match leg {
            None => now + self.turnout(number),
            Some(Leg::Rehab { until }) => until + self.turnout(number),
            Some(_) => now,
        };
        self.next_leg(number, rolls_at);
    }

    /// The time from order to wheels rolling: the unit's own readiness, spread as crews are, or
    /// what the scenario says of its kind.
    fn turnout(&self, number: u32) -> Span {
        let crew = &self.crews[number as usize];
        let spread = self.plan.turnout(crew.kind);
        let trip = format!("{}/{}", crew.unit, crew.trips);
        let drawn = spread.draw(&mut Stream::Turnout.draws(self.seed, &trip));
        match self.plan.own_readiness(crew.kind, crew.readiness) {
            Some(readiness) => scaled(readiness, drawn, spread),
            None => drawn,
        }
    }

    fn turn_home(&mut self, now: Moment, number: u32) {
        self.leave_scene(now, number);
        let crew = &mut self.crews[number as usize];
        let Some(service) = crew.service_mut() else {
            return;
        };
        if service.leg == Leg::Mobilising && crew.point == crew.home {
            crew.doing = Doing::Idle;
            crew.turn += 1;
        } else {
            self.head_home(now, number);
        }
    }

    /// Takes a crew off the road or away from its scene; work that it leaves is open again.
    fn leave_scene(&mut self, now: Moment, number: u32) {
        let crew = &mut self.crews[number as usize];
        crew.point = crew.place(now);
        self.driven_m += crew.driven(now);
        let Some(service) = crew.service_mut() else {
            return;
        };
        let Some(scene) = service.scene else {
            return;
        };
        let scene = &mut self.scenes[scene as usize];
        scene.present.retain(|present| *present != number);
        if service.leg != Leg::Done
            && let Some(slot) = service.slot.take()
        {
            scene.leave_slot(slot);
        }
    }

    /// The scene of an incident: by its call, or the nearest open one to where the crew is sent.
    fn find_scene(&self, incident: IncidentId, to: Point) -> Option<u32> {
        if let Some(scene) = self.by_incident.get(&incident) {
            return Some(*scene);
        }
        let open = super::numbered(&self.scenes)
            .filter(|(_, scene)| scene.begun && scene.served.is_none());
        open.map(|(number, scene)| (metres(scene.plan.point, to), number))
            .min()
            .filter(|(distance, _)| *distance <= FINDS_WITHIN_M)
            .map(|(_, number)| number)
    }

    /// A leg has come to its end.
    pub(super) fn end_leg(&mut self, now: Moment, number: u32, turn: u32) {
        let crew = &mut self.crews[number as usize];
        let Some(service) = crew.service().filter(|_| crew.turn == turn) else {
            return;
        };
        let was = crew.state();
        match service.leg {
            Leg::Mobilising => self.depart(now, number),
            Leg::Out(trip) => {
                self.driven_m += trip.metres;
                self.arrive(now, number);
            }
            Leg::Staged => self.begin_work(now, number),
            Leg::Working => self.finish_work(now, number),
            Leg::Done => {}
            Leg::Stranded => self.head_home(now, number),
            Leg::Home(trip) => {
                self.driven_m += trip.metres;
                crew.point = trip.to;
                let name = format!("rehab {}/{}", crew.unit, crew.trips);
                let rest = self
                    .plan
                    .rehab
                    .draw(&mut Stream::Service.draws(self.seed, &name));
                let until = now + rest;
                self.enter(number, Leg::Rehab { until });
                self.next_leg(number, until);
            }
            Leg::Rehab { .. } => crew.doing = Doing::Idle,
        }
        self.moved(number, was);
        self.say(now, number);
    }

    fn depart(&mut self, now: Moment, number: u32) {
        let crew = &self.crews[number as usize];
        let Some(to) = crew.service().map(|service| service.to) else {
            return;
        };
        let (kind, from) = (crew.kind, crew.point);
        let Some(time) = self.terrain.time(kind, from, to) else {
            return self.next_leg(number, now + ROAD_AGAIN);
        };
        let trip = self.trip((kind, from, to), now, time);
        self.enter(number, Leg::Out(trip));
        self.next_leg(number, trip.arrives);
    }

    /// A journey that begins now.
    fn trip(
        &mut self,
        (kind, from, to): (Kind, Point, Point),
        left: Moment,
        time: Deciseconds,
    ) -> Trip {
        Trip {
            to,
            left,
            arrives: left + Span::from(time),
            metres: self.terrain.length(kind, from, to),
        }
    }

    fn head_home(&mut self, now: Moment, number: u32) {
        let crew = &self.crews[number as usize];
        let (kind, from, to) = (crew.kind, crew.point, crew.home);
        let Some(time) = self.terrain.time(kind, from, to) else {
            self.enter(number, Leg::Stranded);
            return self.next_leg(number, now + ROAD_AGAIN);
        };
        let trip = self.trip((kind, from, to), now, time);
        self.enter(number, Leg::Home(trip));
        self.next_leg(number, trip.arrives);
    }

    fn arrive(&mut self, now: Moment, number: u32) {
        self.enter(number, Leg::Staged);
        let crew = &mut self.crews[number as usize];
        let Some(service) = crew.service() else {
            return;
        };
        let (to, scene) = (service.to, service.scene);
        if !service.stands_by {
            self.next_leg(number, now + SET_UP);
        }
        let crew = &mut self.crews[number as usize];
        crew.point = to;
        let Some(scene) = scene.map(|scene| &mut self.scenes[scene as usize]) else {
            return;
        };
        scene.present.push(number);
        let reached = Truth::Reached {
            call: scene.plan.call,
            unit: crew.unit,
            kind: crew.kind,
            owner: crew.owner,
            office: scene.plan.office,
            severity: scene.plan.severity,
            after: now.since(scene.plan.received_at),
            first: scene.reached.is_none(),
        };
        scene.reached.get_or_insert(now);
        self.happened(now, reached);
    }

    fn begin_work(&mut self, now: Moment, number: u32) {
        let crew = &mut self.crews[number as usize];
        let kinds = crew.kinds();
        let name = format!("{}/{}", crew.unit, crew.trips);
        let Some(service) = crew.service_mut() else {
            return;
        };
        service.leg = Leg::Working;
        let scene = service.scene.map(|scene| &mut self.scenes[scene as usize]);
        let work = scene.and_then(|scene| {
            let slot = scene.take_slot(kinds)?;
            service.slot = Some(slot);
            let draws =
                &mut Stream::Service.draws(self.seed, &format!("{name} {}", scene.plan.call));
            let spread = self.plan.work;
            Some(scaled(
                scene.slots[slot].duration,
                spread.draw(draws),
                spread,
            ))
        });
        self.next_leg(number, now + work.unwrap_or(LOOK_AROUND));
    }

    fn finish_work(&mut self, now: Moment, number: u32) {
        self.enter(number, Leg::Done);
        let service = self.crews[number as usize].service();
        let Some((scene, slot)) = service.and_then(|it| Some((it.scene?, it.slot))) else {
            return;
        };
        if self.scenes[scene as usize].finish(slot, now) {
            self.tell_served(now, scene);
        }
    }

    /// New work at a scene for crews that stand there with nothing to do.
    pub(super) fn put_to_work(&mut self, now: Moment, scene: u32) {
        for number in self.scenes[scene as usize].present.clone() {
            let crew = &self.crews[number as usize];
            let free = crew.service().is_some_and(|it| it.leg == Leg::Done);
            let open = |kind: Kind| self.scenes[scene as usize].has_open(kind);
            if free && crew.kinds().any(open) {
                self.begin_work(now, number);
                self.say(now, number);
            }
        }
    }

    fn enter(&mut self, number: u32, leg: Leg) {
        if let Some(service) = self.crews[number as usize].service_mut() {
            service.leg = leg;
        }
    }

    fn next_leg(&mut self, number: u32, at: Moment) {
        let crew = &mut self.crews[number as usize];
        crew.turn += 1;
        self.due.enter(at, Due::Leg(number, crew.turn));
    }

    fn moved(&mut self, number: u32, was: protocol::UnitState) {
        let crew = &self.crews[number as usize];
        let state = crew.state();
        if state != was {
            self.out.push(WorldOutput::Moved(crew.unit, was, state));
        }
    }

    /// A terminal reports to its office what is new.
    fn say(&mut self, now: Moment, number: u32) {
        self.crews[number as usize].has_news(now);
        self.answer(now, number);
    }

    /// A terminal says what its crew does. If that is nothing new it is said once: whoever asks, or gives
    /// an order that is not obeyed, does so again until it is heard.
    fn answer(&mut self, now: Moment, number: u32) {
        let crew = &mut self.crews[number as usize];
        let (owner, report) = (crew.owner, crew.report(now));
        let again = Due::Repeat(number, crew.reports);
        if crew.is_unheard() {
            self.due.enter(now + REPORT_AGAIN, again);
        }
        self.tell(now, owner, FieldReport::Unit(report));
    }

    /// A terminal says again what its office has not taken in.
    pub(super) fn repeat(&mut self, now: Moment, number: u32, report: u32) {
        let crew = &self.crews[number as usize];
        if crew.reports == report && crew.is_unheard() {
            self.answer(now, number);
        }
    }
}

/// A time as long against the expected one as the draw is against the typical draw.
fn scaled(expected: Span, drawn: Span, spread: Spread) -> Span {
    let typical = u128::from(spread.typical().0.max(1));
    let scaled = u128::from(expected.0) * u128::from(drawn.0) / typical;
    Span(u64::try_from(scaled).unwrap_or(u64::MAX))
}
