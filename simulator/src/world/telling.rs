//! What people on the ground and exercise controllers tell the offices, again until it is heard.

use protocol::{
    Action, Call, FieldReport, Mode, Moment, PartyId, Phrase, RequestId, SceneReport, Span, Trend,
    Truth,
};

use super::scene::{Letter, Scene};
use super::{Due, World, WorldOutput};
use crate::scenario::{Channel, Given, Inject};

/// How long a caller waits before calling again if the desk has not opened the incident.
///
/// A minute at first, then twice as long each time up to [`CALL_AGAIN_MAX`]: an office that is down
/// hears of everything within ten minutes of being back.
const CALL_AGAIN: Span = Span::minutes(1);
const CALL_AGAIN_MAX: Span = Span::minutes(10);

/// How often a caller calls at most: about eight hours of ten minutes each.
const CALLS: u8 = 50;

/// How long a scene waits before it repeats its news, twice as long each time.
const LETTER_AGAIN: Span = Span::minutes(5);

/// How often a scene tells the same news: over the last wait this is more than five hours.
const LETTERS: u8 = 7;

/// How long a controller waits for an incident to be opened before an inject that needs it.
const INJECT_AGAIN: Span = Span::minutes(1);

/// How often a controller tries.
const INJECTS: u8 = 30;

impl World {
    /// Tells an office something through the systems of its ground.
    pub(super) fn tell(&mut self, now: Moment, to: PartyId, report: FieldReport) {
        let frame = self.voices.report(now, to, report);
        self.out.push(WorldOutput::Publish(frame));
    }

    /// Somebody calls an office about a scene.
    pub(super) fn call(&mut self, now: Moment, (number, told): (u32, u8), tries: u8) {
        let scene = &mut self.scenes[number as usize];
        let plan = &scene.plan;
        if !scene.begun {
            scene.begun = true;
            self.out.push(WorldOutput::Truth(Truth::Began {
                call: plan.call,
                office: plan.office,
                area: plan.area,
                event: plan.event.clone(),
                severity: plan.severity,
                point: plan.point,
                units: plan.units(),
            }));
        }
        let desk = &mut scene.told[usize::from(told)];
        if desk.opened {
            return;
        }
        desk.called = true;
        let (to, call) = (desk.office, scene.plan.as_call());
        self.tell(now, to, FieldReport::Call(Box::new(call)));
        if tries < CALLS {
            let wait = Span(CALL_AGAIN.0 << tries.min(8)).min(CALL_AGAIN_MAX);
            self.due
                .enter(now + wait, Due::Call(number, told, tries + 1));
        }
    }

    /// A scene grows, shrinks, or people there count again.
    pub(super) fn news(&mut self, now: Moment, number: u32, n: u8) {
        let scene = &mut self.scenes[number as usize];
        if scene.served.is_some() {
            return;
        }
        let news = scene.plan.news[usize::from(n)].clone();
        scene.open_slots(&news.requires);
        let mut report = scene.report(now, news.trend, &news.summary);
        report.counts = news.counts;
        report.requires = news.requires;
        self.write(now, number, &report);
        self.put_to_work(now, number);
    }

    /// The last crew has finished its work: everybody who was called is told.
    pub(super) fn tell_served(&mut self, now: Moment, number: u32) {
        let scene = &mut self.scenes[number as usize];
        let (call, after) = (scene.plan.call, now.since(scene.plan.received_at));
        let done = Phrase::WorkDone.say(Mode::Exercise, &[]);
        let mut report = scene.report(now, Trend::Improving, &done);
        report.done = true;
        self.out
            .push(WorldOutput::Truth(Truth::Served { call, after }));
        self.write(now, number, &report);
    }

    fn write(&mut self, now: Moment, scene: u32, report: &SceneReport) {
        for told in 0..self.scenes[scene as usize].told.len() {
            let number = u32::try_from(self.letters.len()).expect("a drill has few letters");
            self.letters.push(Letter {
                scene,
                told,
                report: report.clone(),
            });
            self.post(now, number, 0);
        }
    }

    /// Sends a letter unless its office has reported since; sends it again later.
    pub(super) fn post(&mut self, now: Moment, number: u32, tries: u8) {
        let letter = &self.letters[number as usize];
        let desk = &self.scenes[letter.scene as usize].told[letter.told];
        if !desk.called || (desk.opened && desk.reported_at >= letter.report.at) {
            return;
        }
        let (to, report) = (desk.office, letter.report.clone());
        self.tell(now, to, FieldReport::Scene(report));
        if tries + 1 < LETTERS {
            let wait = Span(LETTER_AGAIN.0 << tries);
            self.due.enter(now + wait, Due::Letter(number, tries + 1));
        }
    }

    /// Exercise controllers give an inject to everybody that it is for.
    pub(super) fn inject(&mut self, now: Moment, number: u32, tries: u8) {
        let inject = self.injects[number as usize].clone();
        if tries == 0 {
            self.out.push(WorldOutput::Truth(Truth::Inject {
                number: inject.number.clone(),
                title: inject.title.clone(),
            }));
        }
        let mut waiting = false;
        for (n, to) in inject.to.iter().enumerate() {
            let request = inject_id(&inject.number, n);
            match self.given(&inject, *to) {
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

    /// A call that no plan knows: what it tells of is there from now on.
    fn adopt(&mut self, now: Moment, office: PartyId, call: &Call) {
        let known = self.by_call.get(&call.request).copied();
        let Some(number) = known.or_else(|| self.raise(office, call)) else {
            return self.tell(now, office, FieldReport::Call(Box::new(call.clone())));
        };
        let scene = &mut self.scenes[number as usize];
        let told = scene.desk(office);
        self.due.enter(now, Due::Call(number, told, 0));
    }

    /// Makes a scene of a call; `None` if it does not say where.
    fn raise(&mut self, office: PartyId, call: &Call) -> Option<u32> {
        let scene = Scene::of_call(office, call)?;
        let number = u32::try_from(self.scenes.len()).expect("a drill has few scenes");
        self.by_call.insert(call.request, number);
        self.scenes.push(scene);
        Some(number)
    }

    fn given(&self, inject: &Inject, to: PartyId) -> Gift {
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
            Given::AidRequest {
                call,
                requirement,
                audience,
            } => {
                let scene = self.by_call.get(call);
                let opened = self
                    .by_incident
                    .iter()
                    .find(|(incident, known)| incident.author == to && Some(*known) == scene);
                opened.map_or(Gift::Later, |(incident, _)| {
                    Gift::Action(Action::Request {
                        stands_by: false,
                        incident: *incident,
                        kind: requirement.kind,
                        quantity: requirement.quantity,
                        audience: *audience,
                        duration: requirement.duration,
                    })
                })
            }
        }
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
