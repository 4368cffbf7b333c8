//! 前置: units that stand by where a storm is forecast to strike, asked for while roads are open.
//!
//! What an office asks for is in its standing orders; when, follows from the storm's bulletins alone, so
//! that a reboot changes nothing. Under 'advise' it tells its people to ask.

use std::sync::Arc;

use protocol::{
    Audience, Autonomy, Body, Category, Datum, HazardShape, IncidentId, IncidentReport, Level,
    Moment, NeedEnd, NeedId, PartyId, Phrase, Point, ReportKind, Requirement, ResourceId, Severity,
    Span, Stage, Trend,
};
use region::Projection;

use crate::barred::{able, is_bound_to_stand_by};
use crate::desk::Asked;
use crate::office::{Office, Turn};
use crate::ring::{Passage, Ring, here, passage};

/// The event that incidents of standing by are filed under.
pub(crate) const EVENT: &str = "pre-positioning";

/// So long before a storm strikes units are asked to stand by (ours): time to drive across a region
/// twice while roads are open, and no longer than a crew stands by in good order.
const LEAD: Span = Span::hours(9);

/// How often it is looked at what a storm asks for while one is to strike or has.
const LOOK: Span = Span::minutes(10);

impl Office {
    /// Asks for units to stand by before a storm, and lets them go behind it: whenever a bulletin comes, and
    /// every few minutes while one is to strike or has.
    pub(crate) fn prepare(&mut self, turn: &mut Turn) {
        let now = turn.now.drill;
        let is_due = self.agenda.prepare_at.is_some_and(|at| at <= now);
        let is_news = std::mem::take(&mut self.agenda.storms);
        if self.config.stand_by.is_empty() || !(is_news || is_due) {
            return;
        }
        let coming = self.passage_of(self.party(), now);
        let asked = self.standing_incident(now);
        match (asked, coming) {
            (None, Some(coming)) if coming.ring == Ring::Core && is_near(coming, now) => {
                self.ask_to_stand_by(turn, coming);
            }
            (Some((incident, opened)), _) if self.has_passed((coming, opened), now) => {
                self.stand_down(turn, incident);
            }
            _ => {}
        }
        let waits = asked.is_some() || coming.is_some_and(|it| it.ring == Ring::Core);
        self.agenda.prepare_at = waits.then(|| now + LOOK);
        self.agenda.due = None;
    }

    /// Whether the storm that units stand by for has passed: no bulletin has any come near from now on, and
    /// one said that it is over, or the time has come and gone in which it was to strike. That nothing is
    /// known here, as after a lost disk, says nothing before that.
    fn has_passed(&self, (coming, opened): (Option<Passage>, Moment), now: Moment) -> bool {
        let owners = self.picture.authors().values();
        let mut told = owners.flat_map(|owner| owner.state.advisories.values());
        let is_clear = coming.is_none_or(|it| it.ring == Ring::Support);
        let is_over = told.any(|it| {
            it.over && it.as_of >= opened && matches!(it.shape, HazardShape::Track { .. })
        });
        is_clear && (is_over || now.since(opened) >= LEAD)
    }

    /// How an announced storm is forecast to pass an office.
    fn passage_of(&self, office: PartyId, now: Moment) -> Option<Passage> {
        let seat = *self.config.seats.get(&office)?;
        let sheet = Projection::over(self.config.extent.frame());
        passage(self.picture.advisories(), (&sheet, seat), now)
    }

    /// Whether an announced wind of Beaufort 7 blows at a place.
    pub(crate) fn is_windy(&self, place: Point, now: Moment) -> bool {
        let sheet = Projection::over(self.config.extent.frame());
        let storms = self.picture.advisories();
        here(storms, (&sheet, place), now).is_some_and(|ring| ring < Ring::Support)
    }

    /// The incident that units stand by for, and since when. One that people ended a short while ago was
    /// ended for this storm, and none is opened in its place.
    fn standing_incident(&self, now: Moment) -> Option<(IncidentId, Moment)> {
        let incidents = self.own()?.incidents.iter();
        let ours = incidents.filter(|(_, it)| it.report.event == EVENT);
        let stands = ours.filter(|(_, it)| {
            let by_people = it.report.request.is_some();
            it.is_open() || (by_people && now.since(it.opened_at) < LEAD)
        });
        stands
            .max_by_key(|(id, it)| (it.is_open(), **id))
            .map(|(id, it)| (*id, it.opened_at))
    }

    fn ask_to_stand_by(&mut self, turn: &mut Turn, coming: Passage) {
        let hours = coming.from.since(turn.now.drill).whole_seconds() / 3_600;
        if self.config.autonomy == Autonomy::Advise {
            let wanted = self
                .wanted_to_stand_by()
                .map(|it| format!("{}={}", it.kind, it.quantity));
            let wanted: Vec<String> = wanted.collect();
            let text = format!(
                "the storm is forecast to strike within {hours} h; report it as event {EVENT} and ask for \
                 units to stand by: request INCIDENT {} --stand-by",
                wanted.join(" ")
            );
            self.tell_people(turn, &text);
            return;
        }
        let Some(report) = self.standing_report(turn.now.drill, hours) else {
            return;
        };
        let incident = report.incident;
        if self.write(turn, Body::Incident(Arc::new(report))).is_none() {
            return;
        }
        let asked = Asked {
            incident,
            severity: Severity::Minor,
            to: self.seat(),
            stands_by: true,
            audience: Audience::Region,
            request: None,
        };
        for requirement in self.wanted_to_stand_by().collect::<Vec<_>>() {
            self.ask(turn, asked, requirement);
        }
    }

    fn wanted_to_stand_by(&self) -> impl Iterator<Item = Requirement> {
        let wanted = self.config.stand_by.iter().copied();
        wanted.filter(|it| it.kind.form() == protocol::Form::Unit)
    }

    fn standing_report(&mut self, now: Moment, hours: u64) -> Option<IncidentReport> {
        let (author, mode) = (self.party(), self.config.network.mode);
        let pen = self.pen.as_mut()?;
        let incident = IncidentId {
            author,
            epoch: pen.log().incarnation.epoch,
            number: pen.number(),
        };
        Some(IncidentReport {
            incident,
            report_no: 0,
            kind: ReportKind::First,
            stage: Stage::Suspected,
            category: Category::Natural,
            event: EVENT.to_owned(),
            level: Level::Four,
            level_reason: None,
            severity: Severity::Minor,
            occurred_at: now,
            known_at: now,
            reported_at: now,
            as_of: None,
            place: self.config.member.name_zh.clone(),
            area: self.config.member.area,
            point: Some(self.seat()),
            datum: Datum::Wgs84,
            about_neighbour: false,
            source: "台风通报".to_owned(),
            summary: Phrase::StormNears.say(mode, &[hours.to_string()]),
            cause: None,
            counts: protocol::Counts::default(),
            loss_cny: None,
            measures: Vec::new(),
            trend: Trend::Worsening,
            threatens: Vec::new(),
            links: Vec::new(),
            signed_off_by: None,
            request: None,
        })
    }

    /// Tells people what to do about a storm, once in a while.
    fn tell_people(&mut self, turn: &mut Turn, text: &str) {
        let now = turn.now.drill;
        if self
            .agenda
            .told_to_ask
            .is_none_or(|at| now.since(at) >= LEAD)
        {
            self.agenda.told_to_ask = Some(now);
            turn.alarm("stand-by", text);
        }
    }

    /// The storm has passed: who still stands by may go home.
    fn stand_down(&mut self, turn: &mut Turn, incident: IncidentId) {
        let known = self.own().and_then(|own| own.incidents.get(&incident));
        let Some(latest) = known.filter(|it| it.is_open()).map(|it| it.report.clone()) else {
            return;
        };
        if self.config.autonomy == Autonomy::Advise {
            let text = format!(
                "the storm has passed; end {incident} with a final report, and who stands by goes home"
            );
            return self.tell_people(turn, &text);
        }
        let report = IncidentReport {
            report_no: latest.report_no + 1,
            kind: ReportKind::Final,
            stage: Stage::Closed,
            reported_at: turn.now.drill,
            as_of: None,
            summary: Phrase::StormPassed.say(self.config.network.mode, &[]),
            trend: Trend::Improving,
            ..IncidentReport::clone(&latest)
        };
        if self.write(turn, Body::Incident(Arc::new(report))).is_some() {
            self.end_needs(turn, incident, NeedEnd::Served);
        }
    }

    /// Which units are not to stand by where: those of the city itself, which are there anyway, those of
    /// cities that the same storm comes as near to, and who stands by already.
    pub(crate) fn kept_from_standing_by(&self, now: Moment) -> Vec<(NeedId, ResourceId)> {
        let slots = self.looked_at().filter(|slot| slot.stands_by);
        let mut needs: Vec<_> = slots.map(|slot| (slot.need, slot.kind)).collect();
        needs.sort_unstable();
        needs.dedup();
        if needs.is_empty() {
            return Vec::new();
        }
        let ring = |office: PartyId| self.passage_of(office, now).map(|passage| passage.ring);
        let owners = self.picture.authors().iter();
        let owners = owners.filter(|(_, it)| !it.state.holdings.is_empty());
        let owners: Vec<_> = owners
            .map(|(owner, it)| (*owner, ring(*owner), &it.state))
            .collect();
        let mut kept = Vec::new();
        for (need, kind) in needs {
            let theirs = ring(need.author);
            for (owner, ours, state) in &owners {
                let as_near = ours.is_some_and(|ours| theirs.is_some_and(|theirs| ours <= theirs));
                let none_goes = *owner == need.author || as_near;
                let stays =
                    |unit: &ResourceId| none_goes || is_bound_to_stand_by(&state.holdings[unit]);
                let able = able(Some(state), Some(kind)).filter(stays);
                kept.extend(able.map(|unit| (need, unit)));
            }
        }
        kept
    }
}

/// Whether it is time to ask: the storm is not here yet, and near enough.
fn is_near(coming: Passage, now: Moment) -> bool {
    coming.from > now && coming.from.since(now) <= LEAD
}
