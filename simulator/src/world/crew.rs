//! One crew and its terminal: what it does, which fence it has seen, whether an order is obeyed.

use protocol::{
    AidId, Deciseconds, Fence, Kind, Moment, PartyId, Point, Resource, ResourceId, Span, Task,
    UnitOrder, UnitReport, UnitState,
};

/// A unit as it truly is.
#[derive(Debug)]
pub(crate) struct Crew {
    pub(crate) unit: ResourceId,
    pub(crate) owner: PartyId,
    pub(crate) kind: Kind,
    pub(crate) also: Vec<Kind>,
    pub(crate) home: Point,
    pub(crate) readiness: Span,
    pub(crate) doing: Doing,
    /// Where it was when its leg began.
    pub(crate) point: Point,
    /// The greatest fence that the terminal has obeyed.
    pub(crate) fence: Option<Fence>,
    /// Counts legs, so that the end of one that was broken off means nothing.
    pub(crate) turn: u32,
    /// Counts trips: part of the name of what is drawn for one.
    pub(crate) trips: u32,
    /// Counts reports, so that only the last is repeated.
    pub(crate) reports: u32,
    /// The question of its office that it heard last.
    pub(crate) asked: Option<u64>,
    /// The commitment that it last set out for.
    pub(crate) last: Option<AidId>,
    reported_at: Moment,
    taken_in: bool,
    /// Whether its office's log says that it is back, and no order was obeyed since: that it is free has
    /// been said already.
    known_home: bool,
}

/// What a crew does.
#[derive(Debug)]
pub(crate) enum Doing {
    /// At home, free.
    Idle,
    /// On a commitment, until it is home and rested.
    Serving(Service),
}

/// A commitment as its crew sees it.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) aid: AidId,
    pub(crate) to: Point,
    /// The scene that it was sent to, as far as there is one.
    pub(crate) scene: Option<u32>,
    /// The work that it took up there.
    pub(crate) slot: Option<usize>,
    /// Whether it is to stand by there.
    pub(crate) stands_by: bool,
    pub(crate) leg: Leg,
}

/// One leg of a commitment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leg {
    /// Getting ready, or waiting for a road to open.
    Mobilising,
    /// On the way out.
    Out(Trip),
    /// There, taking its place, or standing by.
    Staged,
    /// At work.
    Working,
    /// There, with nothing left to do.
    Done,
    /// Ordered home and waiting for a road to open.
    Stranded,
    /// On the way home.
    Home(Trip),
    /// Home, resting and restocking until then. Its commitment is over, so an order of another is
    /// obeyed; the crew rolls when it has rested.
    Rehab { until: Moment },
}

/// A journey from the crew's point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trip {
    pub(crate) to: Point,
    pub(crate) left: Moment,
    pub(crate) arrives: Moment,
    /// How long the way is.
    pub(crate) metres: u64,
}

/// What an order makes a crew do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Not obeyed, or nothing to do: the terminal answers with its state.
    Answer,
    /// Obeyed, and the crew is doing so already.
    Carry,
    /// Obeyed: go there.
    Go(Point),
    /// Obeyed: go home.
    Home,
}

impl Crew {
    pub(crate) fn new(owner: PartyId, resource: Resource) -> Self {
        Self {
            unit: resource.resource,
            owner,
            kind: resource.kind,
            also: resource.also,
            home: resource.point,
            readiness: resource.readiness,
            doing: Doing::Idle,
            point: resource.point,
            fence: None,
            turn: 0,
            trips: 0,
            reports: 0,
            asked: None,
            last: None,
            reported_at: Moment(0),
            taken_in: true,
            known_home: false,
        }
    }

    /// Whether the terminal obeys an order of its own office, and what follows.
    ///
    /// The rule of `UnitOrder`: a fence greater than the greatest seen, and idle or the order names
    /// the commitment that is served. An order that is not obeyed leaves the fence alone, so that
    /// two orders which overtook each other are obeyed in their right order when sent again.
    pub(crate) fn verdict(&self, order: &UnitOrder) -> Verdict {
        let newer = self.fence.is_none_or(|seen| order.fence > seen);
        let concerned = self
            .bound()
            .is_none_or(|aid| aid == order.aid || self.may_turn(aid, order));
        match order.task {
            Task::Report { .. } => Verdict::Answer,
            _ if !newer || !concerned => Verdict::Answer,
            Task::Go { to, .. } | Task::Turn { to, .. } | Task::Stand { to, .. } => {
                match &self.doing {
                    Doing::Serving(service)
                        if service.aid == order.aid
                            && service.to == to
                            && !service.leg.is_homeward() =>
                    {
                        Verdict::Carry
                    }
                    _ => Verdict::Go(to),
                }
            }
            Task::Home => match &self.doing {
                Doing::Serving(service) if !service.leg.is_homeward() => Verdict::Home,
                _ => Verdict::Carry,
            },
        }
    }

    /// Whether an order turns it away from what it serves, and it is not at work.
    fn may_turn(&self, serves: AidId, order: &UnitOrder) -> bool {
        let (Task::Turn { from, .. } | Task::Stand { from, .. }) = &order.task else {
            return false;
        };
        let works = self.service().is_some_and(|it| it.leg == Leg::Working);
        from.contains(&serves) && !works
    }

    /// The commitment that keeps it from obeying orders of another: none once it is home.
    pub(crate) fn bound(&self) -> Option<AidId> {
        let service = self.service()?;
        (!matches!(service.leg, Leg::Rehab { .. })).then_some(service.aid)
    }

    /// The commitment that it serves.
    pub(crate) fn aid(&self) -> Option<AidId> {
        self.service().map(|service| service.aid)
    }

    pub(crate) fn service(&self) -> Option<&Service> {
        match &self.doing {
            Doing::Idle => None,
            Doing::Serving(service) => Some(service),
        }
    }

    pub(crate) fn service_mut(&mut self) -> Option<&mut Service> {
        match &mut self.doing {
            Doing::Idle => None,
            Doing::Serving(service) => Some(service),
        }
    }

    /// Its state in the words of the bus.
    pub(crate) fn state(&self) -> UnitState {
        self.service()
            .map_or(UnitState::Available, |service| service.leg.state())
    }

    /// What it can work as, its own kind first.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = Kind> + use<> {
        std::iter::once(self.kind).chain(self.also.clone())
    }

    /// Metres of its trip that are driven by then; none where it stands.
    pub(crate) fn driven(&self, now: Moment) -> u64 {
        match self.service().map(|service| service.leg) {
            Some(Leg::Out(trip) | Leg::Home(trip)) => trip.driven(now),
            _ => 0,
        }
    }

    /// Where it is: on the straight line of its trip as far as time has passed.
    pub(crate) fn place(&self, now: Moment) -> Point {
        match self.service().map(|service| service.leg) {
            Some(Leg::Out(trip) | Leg::Home(trip)) => trip.place(self.point, now),
            _ => self.point,
        }
    }

    /// It does something that its office is to take in, but for coming home if that is known there.
    pub(crate) fn has_news(&mut self, now: Moment) {
        self.reported_at = now;
        self.taken_in = self.known_home && self.aid().is_none();
    }

    /// What its terminal says, once more or for the first time.
    pub(crate) fn report(&mut self, now: Moment) -> UnitReport {
        self.reports += 1;
        let leg = self.service().map(|service| service.leg);
        let eta = match leg {
            Some(Leg::Out(trip) | Leg::Home(trip)) => Some(trip.eta(now)),
            _ => None,
        };
        UnitReport {
            unit: self.unit,
            state: self.state(),
            aid: self.aid(),
            fence: self.fence,
            at: now,
            asked: self.asked,
            point: self.place(now),
            eta,
            work_done: leg == Some(Leg::Done),
        }
    }

    /// Its office's log shows what was true at that time.
    pub(crate) fn taken_in(&mut self, as_of: Moment) {
        self.taken_in |= as_of >= self.reported_at;
    }

    /// Its office's log shows that a commitment has ended with its homecoming. That of an earlier one,
    /// which somebody else relays late, says nothing of this one.
    pub(crate) fn returned(&mut self, aid: AidId, at: Moment) {
        self.taken_in(at);
        self.known_home |= self.last == Some(aid);
    }

    /// An order came that it obeys.
    pub(crate) fn obeyed(&mut self, order: &UnitOrder) {
        self.known_home = false;
        self.fence = Some(order.fence);
    }

    /// An order came that changes nothing; a question is remembered, for the answer to name it.
    pub(crate) fn asked(&mut self, order: &UnitOrder) {
        if let Task::Report { asked } = order.task {
            self.asked = Some(asked);
        }
    }

    /// Whether its last report is still to be repeated.
    pub(crate) fn is_unheard(&self) -> bool {
        !self.taken_in
    }
}

impl Leg {
    fn state(self) -> UnitState {
        match self {
            Self::Mobilising => UnitState::Mobilising,
            Self::Out(_) => UnitState::EnRouteOut,
            Self::Staged => UnitState::Staged,
            Self::Working | Self::Done => UnitState::Working,
            Self::Stranded | Self::Home(_) => UnitState::EnRouteHome,
            Self::Rehab { .. } => UnitState::Rehab,
        }
    }

    pub(crate) fn is_homeward(self) -> bool {
        matches!(self, Self::Stranded | Self::Home(_) | Self::Rehab { .. })
    }
}

impl Trip {
    /// Metres of it that are driven by then.
    pub(crate) fn driven(self, now: Moment) -> u64 {
        let whole = u128::from(self.arrives.since(self.left).0.max(1));
        let gone = u128::from(now.since(self.left).0).min(whole);
        let driven = u128::from(self.metres) * gone / whole;
        u64::try_from(driven).expect("a part of a way is no longer than it")
    }

    fn eta(self, now: Moment) -> Deciseconds {
        self.arrives.since(now).deciseconds()
    }

    fn place(self, from: Point, now: Moment) -> Point {
        let whole = i128::from(self.arrives.since(self.left).0.max(1));
        let gone = i128::from(now.since(self.left).0).min(whole);
        let between = |from: i32, to: i32| {
            let way = (i128::from(to) - i128::from(from)) * gone / whole;
            i32::try_from(i128::from(from) + way).expect("it lies between two that fit")
        };
        Point(between(from.0, self.to.0), between(from.1, self.to.1))
    }
}
