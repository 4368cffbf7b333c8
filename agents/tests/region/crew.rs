//! Crews with simple terminals: they obey rising fences, travel, work, and say what they do.

use protocol::{
    AidId, Fence, Moment, PartyId, Point, Resource, ResourceId, Span, Task, UnitOrder, UnitReport,
    UnitState,
};

use crate::cast::way;

/// How long a crew works at a scene.
pub(crate) const WORK: Span = Span::minutes(20);

/// How often a terminal says again what it said last.
const AGAIN: Span = Span::seconds(45);

#[derive(Debug)]
pub(crate) struct Crew {
    pub(crate) unit: ResourceId,
    pub(crate) owner: PartyId,
    pub(crate) state: UnitState,
    pub(crate) aid: Option<AidId>,
    pub(crate) fence: Option<Fence>,
    pub(crate) work_done: bool,
    /// When its state changes by itself.
    until: Option<Moment>,
    /// When it speaks next.
    speaks_at: Moment,
    home: Point,
    point: Point,
    to: Point,
    /// Whether it is to stand by there.
    stands_by: bool,
    /// Every commitment that it ever went out for.
    pub(crate) served: Vec<AidId>,
    /// The question of its office that it heard last.
    asked: Option<u64>,
    /// Orders that reached it, obeyed or not.
    pub(crate) orders: usize,
    /// When it is looked at next.
    pub(crate) planned: Moment,
}

impl Crew {
    pub(crate) fn new(owner: PartyId, resource: &Resource) -> Self {
        Self {
            unit: resource.resource,
            owner,
            state: UnitState::Available,
            aid: None,
            fence: None,
            work_done: false,
            until: None,
            speaks_at: Moment(u64::MAX),
            home: resource.point,
            point: resource.point,
            to: resource.point,
            stands_by: false,
            asked: None,
            served: Vec::new(),
            orders: 0,
            planned: Moment(u64::MAX),
        }
    }

    /// Hears an order; obeys it if its fence is greater than all before and it is idle or the order
    /// is about what it serves.
    pub(crate) fn hear(&mut self, order: &UnitOrder, now: Moment) {
        self.orders += 1;
        self.speaks_at = now;
        let newer = self.fence.is_none_or(|seen| order.fence > seen);
        let concerned = self.aid.is_none_or(|aid| aid == order.aid);
        if let Task::Report { asked } = order.task {
            self.asked = Some(asked);
            return;
        }
        let turned = matches!(&order.task, Task::Turn { from, .. } | Task::Stand { from, .. }
            if self.state != UnitState::Working && self.aid.is_some_and(|aid| from.contains(&aid)));
        if !newer || !(concerned || turned) {
            return;
        }
        self.fence = Some(order.fence);
        match order.task {
            Task::Go { to, .. } | Task::Turn { to, .. } | Task::Stand { to, .. } => {
                if self.aid != Some(order.aid) {
                    self.served.push(order.aid);
                }
                (self.aid, self.to) = (Some(order.aid), to);
                self.stands_by = matches!(order.task, Task::Stand { .. });
                self.work_done = false;
                self.enter(UnitState::Mobilising, now, Span::seconds(60));
            }
            Task::Home if self.aid.is_some() => {
                self.work_done = false;
                let back = way(self.point, self.home);
                self.enter(UnitState::EnRouteHome, now, back.into());
            }
            Task::Home | Task::Report { .. } => {}
        }
    }

    fn enter(&mut self, state: UnitState, now: Moment, lasts: Span) {
        self.state = state;
        self.until = Some(now + lasts);
        self.speaks_at = now;
    }

    /// Where it was when its leg began.
    pub(crate) fn place(&self) -> Point {
        self.point
    }

    /// When something happens to it next.
    pub(crate) fn next(&self) -> Moment {
        self.until.unwrap_or(Moment(u64::MAX)).min(self.speaks_at)
    }

    /// Time passes; what the terminal says, if it speaks.
    pub(crate) fn pass(&mut self, now: Moment) -> Option<UnitReport> {
        if self.until.is_some_and(|until| until <= now) {
            self.until = None;
            self.speaks_at = now;
            match self.state {
                UnitState::Mobilising => {
                    let out = way(self.point, self.to);
                    self.enter(UnitState::EnRouteOut, now, out.into());
                }
                UnitState::EnRouteOut => {
                    self.point = self.to;
                    if self.stands_by {
                        self.state = UnitState::Staged;
                    } else {
                        self.enter(UnitState::Working, now, WORK);
                    }
                }
                UnitState::Working => self.work_done = true,
                _ => {
                    self.point = self.home;
                    self.state = UnitState::Available;
                    self.aid = None;
                }
            }
        }
        if self.speaks_at > now {
            return None;
        }
        self.speaks_at = now + AGAIN;
        Some(UnitReport {
            unit: self.unit,
            state: self.state,
            aid: self.aid,
            fence: self.fence,
            at: now,
            asked: self.asked,
            point: self.point,
            eta: None,
            work_done: self.work_done,
        })
    }
}
