//! Exercise controllers 导调: what they give, when, and what they see come of it.

use protocol::{
    Action, Body, Expects, FieldReport, FollowUp, IncidentId, LogKey, Moment, PartyId, RequestId,
    Saying, Span, Truth,
};

use super::lookout::{Lookout, View};
use super::{Due, World, WorldOutput};
use crate::scenario::{Channel, Cue, Given, Inject};

/// How long a controller waits for an incident to be opened before an inject that needs it.
const INJECT_AGAIN: Span = Span::minutes(1);

/// How often a controller tries.
const INJECTS: u8 = 30;

/// One inject with what is known of it so far.
#[derive(Debug)]
pub(super) struct Charge {
    pub(super) inject: Inject,
    /// When it was given.
    pub(super) given: Option<Moment>,
    /// Whether it was found not to be needed.
    spared: bool,
    /// What it waits for, and what would spare it.
    when: Option<Lookout>,
    unless: Option<Lookout>,
    /// What is expected, once it was given; until when that is in time.
    pub(super) expected: Option<(Lookout, Moment)>,
}

impl Charge {
    pub(super) fn new(inject: Inject) -> Self {
        let when = match &inject.cue {
            Cue::Sign { sign } => Some(Lookout::new(sign.clone())),
            Cue::Time | Cue::Inject { .. } => None,
        };
        Self {
            given: None,
            spared: false,
            when,
            unless: inject.unless.clone().map(Lookout::new),
            expected: None,
            inject,
        }
    }

    /// When controllers first look at it; `None` if another inject brings it up.
    pub(super) fn begins(&self) -> Option<Moment> {
        match self.inject.cue {
            Cue::Time | Cue::Sign { .. } => Some(self.inject.at),
            Cue::Inject { .. } => None,
        }
    }

    fn lookouts(&mut self) -> impl Iterator<Item = &mut Lookout> {
        let expected = self.expected.as_mut().map(|(lookout, _)| lookout);
        self.when.iter_mut().chain(&mut self.unless).chain(expected)
    }

    /// Looks for all that is not seen yet. What was said or has happened before its time counts as seen by
    /// then. How things stand counts from its time on; where it spares the inject, only as it is due.
    fn look(&mut self, now: Moment, view: &View<'_>) {
        let early = now < self.inject.at;
        if let Some(lookout) = &mut self.when
            && !(early && lookout.is_of_a_state())
        {
            lookout.look(now, view);
        }
        if let Some(lookout) = &mut self.unless
            && !lookout.is_of_a_state()
        {
            lookout.look(now, view);
        }
        if let Some((lookout, _)) = &mut self.expected {
            lookout.look(now, view);
        }
    }

    /// Whether it was given, or found not to be needed.
    fn is_settled(&self) -> bool {
        self.given.is_some() || self.spared
    }

    /// Whether what would spare it was seen by now, or stands so.
    fn is_spared(&self, view: &View<'_>) -> bool {
        let spares = |it: &Lookout| it.met.is_some() || (it.is_of_a_state() && it.sees(view));
        self.unless.as_ref().is_some_and(spares)
    }

    /// Whether what is expected after it was seen.
    fn is_observed(&self) -> bool {
        self.expected
            .as_ref()
            .is_some_and(|(it, _)| it.met.is_some())
    }
}

impl World {
    /// Exercise controllers give an inject to everybody that it is for.
    pub(super) fn inject(&mut self, now: Moment, number: u32, tries: u8) {
        if tries == 0 {
            // Things may stand since long as one waits for them.
            self.look(now);
        }
        let Some(inject) = self.taken_up(now, number, tries) else {
            return;
        };
        let mut waiting = false;
        for (n, to) in inject.to.iter().enumerate() {
            let request = inject_id(&inject.number, n);
            match self.given(now, &inject, *to) {
                Gift::Report(FieldReport::Call(call)) => self.adopt(now, *to, &call),
                Gift::Report(report) => self.tell(now, *to, report),
                Gift::Action(action) => {
                    let frame = self.voices.command(now, *to, (request, action));
                    self.out.extend(frame.map(WorldOutput::Publish));
                }
                Gift::Later => waiting = true,
            }
        }
        if waiting && tries < INJECTS {
            let again = Due::Inject(number, tries + 1);
            self.due.enter(now + INJECT_AGAIN, again);
        }
    }

    /// The inject as it is given now; `None` if it is not, or not yet.
    fn taken_up(&mut self, now: Moment, number: u32, tries: u8) -> Option<Inject> {
        let charge = &self.charges[number as usize];
        if tries > 0 {
            return Some(charge.inject.clone());
        }
        let waits = charge.when.as_ref().is_some_and(|it| it.met.is_none());
        if charge.is_settled() || waits || now >= self.end {
            return None;
        }
        let is_spared = charge.is_spared(&self.view());
        let charge = &mut self.charges[number as usize];
        if is_spared {
            charge.spared = true;
            let (number, title) = (charge.inject.number.clone(), charge.inject.title.clone());
            self.happened(now, Truth::Spared { number, title });
            return None;
        }
        charge.given = Some(now);
        let inject = &mut charge.inject;
        if inject.cue != Cue::Time {
            inject.gives = inject.gives.clone().later(now.since(inject.at));
        }
        let inject = inject.clone();
        let expects = inject.expected.as_ref().map(|it| Expects {
            action: it.action.clone(),
            within: it.within,
            watched: it.seen.is_some(),
            objective: inject.objective.clone(),
        });
        let seen = inject.expected.as_ref().and_then(|it| it.seen.clone());
        charge.expected = seen.zip(expects.as_ref()).map(|(sign, expects)| {
            let lookout = Lookout::new(sign);
            (lookout, now + expects.within)
        });
        self.bring_up(now, &inject.number);
        let (number, title) = (inject.number.clone(), inject.title.clone());
        let given = Truth::Inject {
            number,
            title,
            expects,
        };
        self.happened(now, given);
        Some(inject)
    }

    /// What follows an inject is due that long after it.
    fn bring_up(&mut self, now: Moment, given: &str) {
        for (n, charge) in (0_u32..).zip(&self.charges) {
            if let Cue::Inject { number, delay } = &charge.inject.cue
                && number == given
            {
                self.due.enter(now + *delay, Due::Inject(n, 0));
            }
        }
    }

    /// Something truly happened: it is told, and whoever looks for it sees it.
    pub(super) fn happened(&mut self, now: Moment, truth: Truth) {
        let counts = matches!(
            truth,
            Truth::Began { .. }
                | Truth::Reached { .. }
                | Truth::Served { .. }
                | Truth::Inject { .. }
        );
        self.out.push(WorldOutput::Truth(truth));
        if counts {
            self.look(now);
        }
    }

    /// An office has said something new.
    pub(super) fn overheard(&mut self, now: Moment, (log, seq): (LogKey, u64), body: &Body) {
        let Some(saying) = Saying::of(body) else {
            return;
        };
        let about = Saying::about(body);
        // Of a need that is heard of late it shows only now what an offer was for.
        let mut heard = matches!(body, Body::AidRequest(_));
        for lookout in self.charges.iter_mut().flat_map(Charge::lookouts) {
            heard |= lookout.hears(log.author, (log, seq), (saying, about));
        }
        if heard {
            self.look(now);
        }
    }

    /// The injects after which the expected was seen.
    fn observed(&self) -> Vec<String> {
        let observed = self.charges.iter().filter(|charge| charge.is_observed());
        observed.map(|it| it.inject.number.clone()).collect()
    }

    fn view(&self) -> View<'_> {
        View {
            scenes: &self.scenes,
            by_call: &self.by_call,
            by_incident: &self.by_incident,
            needs: &self.aid_times,
            observed: self.observed(),
        }
    }

    /// Controllers look whether what they wait for is there.
    fn look(&mut self, now: Moment) {
        let observed = self.observed();
        let mut charges = std::mem::take(&mut self.charges);
        let view = View {
            observed,
            ..self.view()
        };
        let (mut seen, mut due) = (Vec::new(), Vec::new());
        for (n, charge) in (0_u32..).zip(&mut charges) {
            let was_observed = charge.is_observed();
            charge.look(now, &view);
            if charge.is_observed() && !was_observed {
                seen.push((charge.inject.number.clone(), charge.given));
            }
            // One that is settled, or whose drill is over, would be taken up for ever.
            let is_due = !charge.is_settled() && now < self.end;
            if is_due && charge.when.as_ref().is_some_and(|it| it.met == Some(now)) {
                due.push((now.max(charge.inject.at), Due::Inject(n, 0)));
            }
        }
        self.charges = charges;
        for (at, inject) in due {
            self.due.enter(at, inject);
        }
        let any = !seen.is_empty();
        for (number, given) in seen {
            let after = now.since(given.unwrap_or(now));
            self.happened(now, Truth::Observed { number, after });
        }
        if any {
            // Others may have waited for just that.
            self.look(now);
        }
    }

    /// What one receiver gets.
    fn given(&self, now: Moment, inject: &Inject, to: PartyId) -> Gift {
        match &inject.gives {
            Given::Report { report } if inject.channel == Channel::Operator => {
                as_action(report).map_or_else(|| Gift::Report((**report).clone()), Gift::Action)
            }
            Given::Report { report } => Gift::Report((**report).clone()),
            Given::Note { text } => Gift::Action(Action::Note {
                incident: None,
                text: text.clone(),
                at: None,
            }),
            Given::FollowUp {
                call,
                kind,
                counts,
                text,
            } => self.on_incident(*call, to, |incident| {
                let counts = Some(*counts).filter(|it| !it.is_empty());
                Action::FollowUp(FollowUp {
                    incident,
                    kind: *kind,
                    stage: None,
                    level: None,
                    severity: None,
                    counts: counts.map(|it| it.as_of(now)),
                    summary: text.clone(),
                    at: None,
                })
            }),
            Given::AidRequest {
                call,
                requirement,
                audience,
            } => self.on_incident(*call, to, |incident| Action::Request {
                stands_by: false,
                incident,
                kind: requirement.kind,
                quantity: requirement.quantity,
                audience: *audience,
                duration: requirement.duration,
            }),
        }
    }

    /// What an operator does about an incident, once it is open there.
    fn on_incident(
        &self,
        call: RequestId,
        to: PartyId,
        does: impl FnOnce(IncidentId) -> Action,
    ) -> Gift {
        let scene = self.by_call.get(&call);
        let mut known = self.by_incident.iter();
        let opened = known.find(|(incident, n)| incident.author == to && Some(*n) == scene);
        opened.map_or(Gift::Later, |(incident, _)| Gift::Action(does(*incident)))
    }
}

/// What one receiver of an inject gets.
enum Gift {
    Report(FieldReport),
    Action(Action),
    /// The incident that it is about has not been opened there yet.
    Later,
}

/// What an operator enters at the desk for a report; `None` if only a system can give it.
fn as_action(report: &FieldReport) -> Option<Action> {
    Some(match report {
        FieldReport::Call(call) => Action::Report(call.clone()),
        FieldReport::Count(count) => Action::Stock(count.clone()),
        FieldReport::Warning(order) => Action::Warning(order.clone()),
        FieldReport::Response(order) => Action::Response(order.clone()),
        FieldReport::Scene(_)
        | FieldReport::Unit(_)
        | FieldReport::Road(_)
        | FieldReport::Hazard(_) => return None,
    })
}

/// The request id of an inject for its nth receiver.
fn inject_id(number: &str, receiver: usize) -> RequestId {
    let plain = format!("inject-{number}-{receiver}").parse();
    plain.unwrap_or_else(|_| {
        let digest = protocol::Hash::of(number.as_bytes()).short();
        let short = format!("inject-{digest}-{receiver}");
        short.parse().expect("a short digest makes a short id")
    })
}
