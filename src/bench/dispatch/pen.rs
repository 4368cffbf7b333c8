//! The log of an office that is not there: its fleet, and what it asks for.

use std::sync::Arc;

use agents::OfficeConfig;
use protocol::{
    AidRequest, AreaCode, Audience, Body, Category, Counts, Datum, Draft, Envelope, Incarnation,
    IncidentId, IncidentReport, Kind, Level, LogKey, Moment, NeedId, Network, Point, ReportKind,
    Seal, Severity, Signer, Span, Stage, Trend, Wall,
};

/// Writes one log.
pub(super) struct Pen {
    network: Network,
    signer: Signer,
    log: LogKey,
    at: Moment,
    pub(super) entries: Vec<Arc<Envelope>>,
}

impl Pen {
    /// A first life.
    pub(super) fn new(signer: Signer, network: &Network, at: Moment) -> Self {
        let log = LogKey {
            author: signer.party(),
            incarnation: Incarnation { epoch: 1, nonce: 1 },
        };
        let mut pen = Self {
            network: network.clone(),
            signer,
            log,
            at,
            entries: Vec::new(),
        };
        pen.write(Body::Seal(Seal { predecessor: None }));
        pen
    }

    /// Its inventory and floors; how many units it has.
    pub(super) fn fleet(&mut self, config: OfficeConfig) -> u32 {
        let units = config.inventory.iter();
        let units = units.filter(|it| it.form() == protocol::Form::Unit).count();
        for resource in config.inventory {
            self.write(Body::Resource(resource));
        }
        for floor in config.floors {
            self.write(Body::HomeFloor(floor));
        }
        u32::try_from(units).unwrap_or(u32::MAX)
    }

    /// An incident at a place, and what it asks of the region.
    pub(super) fn need(
        &mut self,
        number: u32,
        (to, area): (Point, AreaCode),
        (kind, quantity, severity): (Kind, u32, Severity),
    ) {
        let (author, epoch) = (self.log.author, 1);
        let incident = IncidentId {
            author,
            epoch,
            number,
        };
        let report = self.report(incident, (to, area), severity);
        self.write(Body::Incident(Arc::new(report)));
        self.write(Body::AidRequest(AidRequest {
            need: NeedId {
                author,
                epoch,
                number,
            },
            incident,
            kind,
            quantity,
            severity,
            report_to: to,
            duration: Span::minutes(30),
            stands_by: false,
            audience: Audience::Region,
            asked_at: self.at,
            authority: "bench".to_owned(),
            request: None,
        }));
    }

    fn report(
        &self,
        incident: IncidentId,
        (point, area): (Point, AreaCode),
        severity: Severity,
    ) -> IncidentReport {
        IncidentReport {
            incident,
            report_no: 0,
            kind: ReportKind::First,
            stage: Stage::Confirmed,
            category: Category::Accident,
            event: "traffic-accident".to_owned(),
            level: Level::Four,
            level_reason: None,
            severity,
            occurred_at: self.at,
            known_at: self.at,
            reported_at: self.at,
            as_of: None,
            place: "演示地点".to_owned(),
            area,
            point: Some(point),
            datum: Datum::Wgs84,
            about_neighbour: false,
            source: "bench".to_owned(),
            summary: "演示".to_owned(),
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

    fn write(&mut self, body: Body) {
        let sent = Wall::at(self.at);
        let seq = self.entries.len() as u64 + 1;
        let prev = self.entries.last().map(|last| last.hash());
        let draft = Draft {
            net: self.network.id,
            mode: self.network.mode,
            log: self.log,
            seq,
            prev: prev.unwrap_or_default(),
            hlc: (sent.0 << 16) + seq,
            sent,
            request: None,
        };
        let envelope = Envelope::seal(&draft, body, &self.signer);
        self.entries.push(envelope);
    }
}
