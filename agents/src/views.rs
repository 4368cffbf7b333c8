//! Views for foreign readers: one plain GeoJSON FeatureCollection each, retained.

use std::sync::Arc;

use protocol::{Frame, Moment, Point, Topic, View};
use serde_json::{Value, json};

use picture::AuthorState;

use crate::boot::Phase;
use crate::office::{Office, Turn};

impl Office {
    /// When views are next due, link time.
    pub(crate) fn views_due(&self) -> Option<Moment> {
        let every = self
            .config
            .views_every
            .filter(|_| self.phase == Phase::Serving)?;
        let last = self.agenda.views_at.unwrap_or_default();
        self.agenda.views.then(|| last + every)
    }

    pub(crate) fn publish_views(&mut self, turn: &mut Turn) {
        if !self.is_linked() || self.views_due().is_none_or(|at| at > turn.now.link) {
            return;
        }
        self.agenda.views = false;
        self.agenda.views_at = Some(turn.now.link);
        let Some(own) = self.own() else { return };
        let as_of = turn.now.drill;
        let frames = View::ALL.map(|view| {
            let features = match view {
                View::Incidents => incidents(own),
                View::Units => units(own),
                View::Needs => needs(own),
                View::Warnings => warnings(own, as_of),
            };
            let collection = json!({
                "type": "FeatureCollection",
                "office": self.party(),
                "mode": self.config.network.mode,
                "as_of": as_of,
                "features": features,
            });
            let topic = Topic::View(self.party(), view);
            Arc::new(Frame::view(
                self.config.network.id,
                topic,
                &collection.to_string(),
            ))
        });
        for frame in &frames {
            self.publish(turn, frame);
        }
    }
}

fn incidents(own: &AuthorState) -> Vec<Value> {
    let open = own.incidents.values().filter(|incident| incident.is_open());
    open.map(|incident| {
        let report = &incident.report;
        feature(
            report.point,
            &json!({
                "id": report.incident, "event": report.event, "category": report.category,
                "level": report.level, "severity": report.severity, "stage": report.stage,
                "place": report.place, "summary": report.summary, "report_no": report.report_no,
                "as_of": report.reported_at,
            }),
        )
    })
    .collect()
}

fn units(own: &AuthorState) -> Vec<Value> {
    let units = own
        .holdings
        .values()
        .filter_map(|holding| Some((holding, holding.unit()?)));
    units
        .map(|(holding, unit)| {
            let resource = &holding.resource;
            feature(
                Some(unit.point),
                &json!({
                    "id": resource.resource, "kind": resource.kind, "name": resource.name,
                    "state": unit.state, "aid": unit.aid, "demo": resource.demo,
                    "as_of": holding.as_of,
                }),
            )
        })
        .collect()
}

fn needs(own: &AuthorState) -> Vec<Value> {
    let open = own.needs.values().filter(|need| need.ended.is_none());
    open.map(|need| {
        let ask = &need.request;
        feature(
            Some(ask.report_to),
            &json!({
                "id": ask.need, "incident": ask.incident, "kind": ask.kind,
                "quantity": ask.quantity, "severity": ask.severity, "audience": ask.audience,
                "as_of": ask.asked_at,
            }),
        )
    })
    .collect()
}

fn warnings(own: &AuthorState, now: Moment) -> Vec<Value> {
    let active = own
        .warnings
        .values()
        .filter(|warning| warning.is_active(now));
    active
        .map(|state| {
            let warning = &state.warning;
            feature(None, &json!({
                "id": warning.warning, "hazard": warning.hazard, "colour": warning.colour,
                "areas": warning.areas, "matters": warning.matters, "measures": warning.measures,
                "issuer": warning.issuer, "as_of": warning.issued_at,
            }))
        })
        .collect()
}

fn feature(point: Option<Point>, properties: &Value) -> Value {
    let geometry = point.map(
        |point| json!({ "type": "Point", "coordinates": [point.longitude(), point.latitude()] }),
    );
    json!({ "type": "Feature", "geometry": geometry, "properties": properties })
}
