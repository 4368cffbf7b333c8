//! Bodies that stand, for tests to change one thing of.

use std::sync::Arc;

use protocol::{
    Advisory, AdvisoryId, AidAccept, AidCommit, AidId, AidOffer, AidRequest, AreaCode, Audience,
    Body, Category, Colour, Counts, Datum, Deciseconds, DutyNote, Fence, HazardShape, Incarnation,
    IncidentId, IncidentReport, Kind, Level, Moment, NeedId, OfferId, OfferLine, Point, ReportKind,
    Resource, ResourceId, Response, ResponseId, ResponseLevel, RoadState, RoadStatus, Severity,
    Span, Stage, StatusSource, Trend, UnitState, UnitStatus, Warning, WarningId,
};

use crate::cast::party;

pub(crate) const PLACE: Point = Point(113_500_000, 22_500_000);

macro_rules! ids {
    ($($function:ident -> $name:ident;)*) => {$(
        pub(crate) fn $function(author: &str, number: u32) -> $name {
            $name { author: party(author), epoch: 1, number }
        }
    )*};
}

ids! {
    incident_id -> IncidentId;
    need_id -> NeedId;
    offer_id -> OfferId;
    aid_id -> AidId;
    warning_id -> WarningId;
    response_id -> ResponseId;
    advisory_id -> AdvisoryId;
}

pub(crate) fn resource_id(author: &str, name: &str, number: u32) -> ResourceId {
    format!("{author}-{name}-{number}").parse().unwrap()
}

pub(crate) fn report(author: &str, number: u32) -> IncidentReport {
    IncidentReport {
        incident: incident_id(author, number),
        report_no: 0,
        kind: ReportKind::First,
        stage: Stage::Confirmed,
        category: Category::Accident,
        event: "fire".into(),
        level: Level::Four,
        level_reason: None,
        severity: Severity::Serious,
        occurred_at: Moment(1),
        known_at: Moment(2),
        reported_at: Moment(3),
        as_of: None,
        place: "somewhere".into(),
        area: AreaCode(990_100),
        point: Some(PLACE),
        datum: Datum::Wgs84,
        about_neighbour: false,
        source: "call".into(),
        summary: "smoke".into(),
        cause: None,
        counts: Counts::default(),
        loss_cny: None,
        measures: Vec::new(),
        trend: Trend::Stable,
        threatens: Vec::new(),
        links: Vec::new(),
        signed_off_by: None,
        request: None,
    }
}

pub(crate) fn incident(report: IncidentReport) -> Body {
    Body::Incident(Arc::new(report))
}

pub(crate) fn follow_up(author: &str, number: u32, no: u32, kind: ReportKind) -> IncidentReport {
    IncidentReport {
        report_no: no,
        kind,
        ..report(author, number)
    }
}

pub(crate) fn resource(resource: ResourceId, kind: Kind, quantity: u32) -> Resource {
    Resource {
        resource,
        kind,
        name: "one".into(),
        also: Vec::new(),
        grade: 2,
        home: "station-1".parse().unwrap(),
        point: PLACE,
        readiness: Span::minutes(1),
        shift: None,
        quantity,
        measure: String::new(),
        command_authority: protocol::CommandAuthority::CityBureau,
        demo: true,
    }
}

pub(crate) fn request(author: &str, number: u32, incident: u32) -> AidRequest {
    AidRequest {
        stands_by: false,
        need: need_id(author, number),
        incident: incident_id(author, incident),
        kind: Kind::Pump,
        quantity: 2,
        severity: Severity::Serious,
        report_to: PLACE,
        duration: Span::hours(1),
        audience: Audience::Own,
        asked_at: Moment(5),
        authority: "desk".into(),
        request: None,
    }
}

pub(crate) fn offer(offer: OfferId, need: NeedId, lines: &[(ResourceId, u32)]) -> AidOffer {
    let line = |(resource, quantity): &(ResourceId, u32)| OfferLine {
        resource: *resource,
        quantity: *quantity,
        eta: Deciseconds(600),
    };
    AidOffer {
        ordered: None,
        offer,
        need,
        lines: lines.iter().map(line).collect(),
        hold_until: Moment(1_000),
        at: Moment(10),
    }
}

pub(crate) fn accept(need: NeedId, offer: OfferId, resources: &[ResourceId]) -> AidAccept {
    AidAccept {
        need,
        offer,
        resources: resources.to_vec(),
        at: Moment(20),
    }
}

pub(crate) fn fence(command: u32) -> Fence {
    Fence {
        incarnation: Incarnation { epoch: 1, nonce: 7 },
        command,
    }
}

pub(crate) fn commit(aid: AidId, resource: ResourceId, need: NeedId, command: u32) -> AidCommit {
    AidCommit {
        stands_by: false,
        ordered: None,
        aid,
        resource,
        quantity: 1,
        need,
        incident: incident_id(need.author.as_str(), 1),
        offer: None,
        fence: fence(command),
        lead: need.author,
        to: PLACE,
        eta: Deciseconds(600),
        at: Moment(30),
        decided_by: "desk".into(),
        override_by: None,
        request: None,
        turned_from: None,
    }
}

pub(crate) fn status(unit: ResourceId, state: UnitState, aid: Option<AidId>) -> UnitStatus {
    UnitStatus {
        unit,
        state,
        as_of: Moment(40),
        aid,
        point: None,
        eta: None,
        work_done: false,
        source: StatusSource::Terminal { last_command: 1 },
    }
}

pub(crate) fn warning(author: &str, number: u32, revision: u32) -> Warning {
    Warning {
        warning: warning_id(author, number),
        revision,
        hazard: "typhoon".into(),
        colour: Colour::Orange,
        from: Moment(1),
        until: Some(Moment(500)),
        areas: vec![AreaCode(990_100)],
        matters: "stay inside".into(),
        measures: "close schools".into(),
        issuer: "met".into(),
        issued_at: Moment(1),
    }
}

pub(crate) fn response(author: &str, number: u32, revision: u32) -> Response {
    Response {
        response: response_id(author, number),
        revision,
        matter: "flood".into(),
        level: Some(ResponseLevel::Three),
        expected: Span::hours(6),
        measures: "duty doubled".into(),
        at: Moment(9),
    }
}

pub(crate) fn road(name: &str, state: RoadState, as_of: u64) -> RoadStatus {
    RoadStatus {
        roads: vec![name.parse().unwrap()],
        state,
        travel_percent: (state == RoadState::Slow).then_some(150),
        as_of: Moment(as_of),
        reason: "wind".into(),
    }
}

pub(crate) fn advisory(author: &str, number: u32, as_of: u64) -> Advisory {
    Advisory {
        advisory: advisory_id(author, number),
        hazard: "typhoon".into(),
        name: "No. 22".into(),
        as_of: Moment(as_of),
        shape: HazardShape::Polygon(vec![
            PLACE,
            Point(113_600_000, 22_500_000),
            Point(113_600_000, 22_600_000),
            PLACE,
        ]),
        over: false,
    }
}

pub(crate) fn note(number: u32) -> Body {
    Body::DutyNote(DutyNote {
        incident: None,
        by: "desk".into(),
        text: format!("note {number}"),
        at: Moment(1),
    })
}
