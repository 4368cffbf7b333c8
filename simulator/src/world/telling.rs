//! What people on the ground tell the offices, again until it is heard.

use protocol::{Call, FieldReport, Mode, Moment, PartyId, Phrase, SceneReport, Span, Trend, Truth};

use super::scene::{Letter, Scene};
use super::{Due, World, WorldOutput};

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
            let began = Truth::Began {
                call: plan.call,
                office: plan.office,
                area: plan.area,
                event: plan.event.clone(),
                severity: plan.severity,
                point: plan.point,
                units: plan.units(),
            };
            self.happened(now, began);
        }
        let scene = &mut self.scenes[number as usize];
        let desk = &mut scene.told[usize::from(told)];
        if desk.opened.is_some() {
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
        self.happened(now, Truth::Served { call, after });
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
        if !desk.called || (desk.opened.is_some() && desk.reported_at >= letter.report.at) {
            return;
        }
        let (to, report) = (desk.office, letter.report.clone());
        self.tell(now, to, FieldReport::Scene(report));
        if tries + 1 < LETTERS {
            let wait = Span(LETTER_AGAIN.0 << tries);
            self.due.enter(now + wait, Due::Letter(number, tries + 1));
        }
    }

    /// A call that no plan knows: what it tells of is there from now on.
    pub(super) fn adopt(&mut self, now: Moment, office: PartyId, call: &Call) {
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
}
