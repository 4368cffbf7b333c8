//! The incident desk: calls become reports and needs; what is known of the ground is passed on.

use std::sync::Arc;

use protocol::{
    AidRequest, AidWithdraw, Audience, Body, Call, Counts, Datum, FieldReport, IncidentId,
    IncidentReport, Level, Moment, NeedEnd, NeedId, PartyId, Point, ReportKind, RequestId,
    Requirement, SceneReport, Severity, Span, Stage, StockCount, StockStatus, Trend, grade, limit,
    sanitise,
};

use crate::answer::{NOT_SERVING, Question, Recorded, Undone, remark};
use crate::door::Ticket;
use crate::office::{Office, Turn};

/// What a need is asked for.
#[derive(Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) incident: IncidentId,
    pub(crate) severity: Severity,
    /// Where to report to.
    pub(crate) to: Point,
    /// 前置: whether units are to stand by there.
    pub(crate) stands_by: bool,
    pub(crate) audience: Audience,
    /// The command that asks, if an operator does.
    pub(crate) request: Option<RequestId>,
}

impl Office {
    /// A report from the ground, other than a terminal's. Calls are answered when durable.
    pub(crate) fn desk(&mut self, turn: &mut Turn, from: PartyId, report: &FieldReport) {
        match report {
            FieldReport::Call(call) => {
                let outcome = self.call(turn, call);
                self.answer(turn, Question::of_call(from, call), outcome);
            }
            FieldReport::Scene(scene) => {
                let outcome = self.scene(turn, scene).map_err(Undone::from);
                self.answer(turn, Question::of_news(from, scene.request), outcome);
            }
            FieldReport::Count(count) => {
                let outcome = self.count(turn, count).map_err(Undone::from);
                self.answer(turn, Question::of_news(from, count.request), outcome);
            }
            FieldReport::Road(status) => {
                let known = self
                    .own()
                    .and_then(|own| own.roads.get(status.roads.first()?));
                let told = known.is_some_and(|known| {
                    (known.state, known.travel_percent) == (status.state, status.travel_percent)
                });
                if !told && self.config.member.role.knows_the_ground() {
                    self.write(turn, Body::RoadStatus(status.clone()));
                }
            }
            FieldReport::Hazard(hazard) => {
                if self.config.member.role.knows_the_ground() {
                    self.hazard(turn, hazard);
                }
            }
            FieldReport::Warning(order) => {
                if self.warn(turn, order).is_err() {
                    self.hearing.refuse("R15");
                }
            }
            FieldReport::Response(order) => {
                if self.respond(turn, order).is_err() {
                    self.hearing.refuse("R15");
                }
            }
            FieldReport::Unit(_) => {}
        }
    }

    /// 接报: a call opens an incident, once.
    pub(crate) fn call(&mut self, turn: &mut Turn, call: &Call) -> Result<Recorded, Undone> {
        // Thousands of requests on nothing says any more where it was recorded, but that it was.
        if let Some(incident) = self.agenda.calls.get(&call.request) {
            return Err(Undone::Already(remark(
                format!("该报警已记为事件 {incident}"),
                format!("the call is recorded as incident {incident}"),
            )));
        }
        if call.occurred_at > turn.now.drill + Span::minutes(5) {
            let ahead = call.occurred_at.since(turn.now.drill);
            let why = format!(
                "the call tells of the future, {ahead} ahead of this office's clock; check it, and the clock that \
                 wrote occurred_at"
            );
            return Err(why.into());
        }
        let (point, remark) = self.placed(call);
        let party = self.party();
        let pen = self.pen.as_mut().ok_or(NOT_SERVING)?;
        let number = pen.number();
        let incident = IncidentId {
            author: party,
            epoch: pen.log().incarnation.epoch,
            number,
        };
        let report = self.first_report(turn.now.drill, incident, (call, point));
        let written = self.write_checked(turn, Body::Incident(Arc::new(report)))?;
        let requires = if call.requires.is_empty() {
            self.config.requires(&call.event)
        } else {
            call.requires.clone()
        };
        let asked = Asked {
            incident,
            severity: call.severity,
            to: point.unwrap_or_else(|| self.seat()),
            stands_by: false,
            audience: Audience::Own,
            request: None,
        };
        for requirement in requires.iter().take(limit::LIST_ITEMS) {
            self.ask(turn, asked, *requirement);
        }
        Ok(Recorded {
            ticket: written.0,
            seq: written.1,
            about: incident.to_string(),
            remark,
        })
    }

    fn first_report(
        &self,
        now: Moment,
        incident: IncidentId,
        (call, point): (&Call, Option<Point>),
    ) -> IncidentReport {
        let graded = level_of(&call.counts, None);
        IncidentReport {
            incident,
            report_no: 0,
            kind: ReportKind::First,
            stage: Stage::Confirmed,
            category: call.category,
            event: sanitise(&call.event, limit::EVENT_CHARS),
            level: graded,
            level_reason: None,
            severity: call.severity,
            occurred_at: call.occurred_at.min(call.received_at).min(now),
            known_at: call.received_at.min(now),
            reported_at: now,
            as_of: None,
            place: sanitise(&call.place, limit::TEXT_CHARS),
            area: call.area,
            point,
            datum: Datum::Wgs84,
            about_neighbour: self.is_elsewhere(call.area),
            source: sanitise(&call.source, limit::TEXT_CHARS),
            summary: sanitise(&call.summary, limit::SUMMARY_CHARS),
            cause: None,
            counts: call.counts,
            loss_cny: None,
            measures: Vec::new(),
            trend: Trend::Stable,
            threatens: Vec::new(),
            links: Vec::new(),
            signed_off_by: signed_off(graded),
            request: Some(call.request),
        }
    }

    /// States a need of an incident of ours.
    pub(crate) fn ask(
        &mut self,
        turn: &mut Turn,
        asked: Asked,
        requirement: Requirement,
    ) -> Option<(Ticket, u64, NeedId)> {
        let party = self.party();
        let pen = self.pen.as_mut()?;
        let number = pen.number();
        let need = NeedId {
            author: party,
            epoch: pen.log().incarnation.epoch,
            number,
        };
        let ask = AidRequest {
            need,
            incident: asked.incident,
            kind: requirement.kind,
            // A call that a system passes on is taken however absurd; it asks for what one could mean.
            quantity: requirement.quantity.clamp(1, limit::NEED_QUANTITY),
            severity: asked.severity,
            report_to: asked.to,
            duration: requirement.duration,
            stands_by: asked.stands_by,
            audience: asked.audience,
            asked_at: turn.now.drill,
            authority: "值班室".into(),
            request: asked.request,
        };
        let (ticket, seq) = self.write(turn, Body::AidRequest(ask))?;
        Some((ticket, seq, need))
    }

    /// News from a scene: the next report of the chain; the last one ends the needs.
    fn scene(&mut self, turn: &mut Turn, scene: &SceneReport) -> Result<Recorded, String> {
        let known = self
            .own()
            .is_some_and(|own| own.requests.contains_key(&scene.request));
        if known {
            return Err("this news is known".into());
        }
        let incident = *self
            .agenda
            .calls
            .get(&scene.call)
            .ok_or_else(|| format!("no incident was opened by call {}", scene.call))?;
        let latest = self
            .picture
            .incident(incident)
            .ok_or("the incident is gone")?
            .report
            .clone();
        let counts = if scene.counts.is_empty() {
            latest.counts
        } else {
            scene.counts
        };
        let graded = level_of(&counts, latest.loss_cny);
        let report = IncidentReport {
            report_no: latest.report_no + 1,
            kind: if scene.done {
                ReportKind::Final
            } else {
                ReportKind::FollowUp
            },
            stage: if scene.done {
                Stage::Closed
            } else {
                latest.stage
            },
            level: graded,
            level_reason: None,
            reported_at: turn.now.drill,
            as_of: None,
            summary: sanitise(&scene.summary, limit::SUMMARY_CHARS),
            counts,
            trend: scene.trend,
            signed_off_by: signed_off(graded),
            request: Some(scene.request),
            ..IncidentReport::clone(&latest)
        };
        let asked = Asked {
            incident,
            severity: report.severity,
            to: report.point.unwrap_or_else(|| self.seat()),
            stands_by: false,
            audience: Audience::Own,
            request: None,
        };
        let written = self.write_checked(turn, Body::Incident(Arc::new(report)))?;
        for requirement in scene.requires.iter().take(limit::LIST_ITEMS) {
            self.ask(turn, asked, *requirement);
        }
        if scene.done {
            self.end_needs(turn, incident, NeedEnd::Served);
        }
        Ok(Recorded {
            ticket: written.0,
            seq: written.1,
            about: incident.to_string(),
            remark: None,
        })
    }

    /// Ends what an incident still asks; its units are released by that.
    pub(crate) fn end_needs(&mut self, turn: &mut Turn, incident: IncidentId, reason: NeedEnd) {
        let open: Vec<NeedId> = self
            .agenda
            .own_needs
            .iter()
            .filter(|need| {
                self.picture
                    .need(**need)
                    .is_some_and(|known| known.request.incident == incident)
            })
            .copied()
            .collect();
        for need in open {
            self.write(
                turn,
                Body::AidWithdraw(AidWithdraw {
                    need,
                    reason,
                    at: turn.now.drill,
                }),
            );
        }
    }

    pub(crate) fn count(
        &mut self,
        turn: &mut Turn,
        count: &StockCount,
    ) -> Result<Recorded, String> {
        let most = limit::STOCK_QUANTITY;
        if count.on_hand > most {
            return Err(remark(
                format!("数量 {} 过大；最多 {most}", count.on_hand),
                format!("{} is out of range; count 0 to {most}", count.on_hand),
            )
            .to_string());
        }
        let status = StockStatus {
            resource: count.resource,
            on_hand: count.on_hand,
            as_of: count.at,
            reason: sanitise(&count.reason, limit::TEXT_CHARS),
            request: Some(count.request),
        };
        let written = self.write_checked(turn, Body::StockStatus(status))?;
        let about = format!("{} = {}", count.resource, count.on_hand);
        Ok(Recorded {
            ticket: written.0,
            seq: written.1,
            about,
            remark: None,
        })
    }

    /// Where units report to when only words are known of a place.
    pub(crate) fn seat(&self) -> Point {
        self.config.seat
    }
}

/// The level that people harmed and loss give.
pub(crate) fn level_of(counts: &Counts, loss_cny: Option<u64>) -> Level {
    let people = |count: Option<protocol::Count>| count.map_or(0, |count| count.0);
    let loss = loss_cny.unwrap_or(0);
    grade(people(counts.deaths), people(counts.serious), loss)
}

/// From level III up a report carries who signed it off 审签.
fn signed_off(level: Level) -> Option<String> {
    (level <= Level::Three).then(|| "带班领导".to_owned())
}
