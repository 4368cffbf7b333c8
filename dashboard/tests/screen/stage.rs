//! An invented region of nine cities in the middle of a typhoon, as its offices would tell of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use dashboard::{Colours, Departure, Desk, Glyphs, Heard, Lang, Setting, Signed, Source, View};
use protocol::{
    Advisory, AdvisoryId, AidCommit, AidId, AidRequest, AreaCode, Audience, Body, Category,
    ClockState, Colour, Deciseconds, Draft, DrillClock, Envelope, Fence, Hash, HazardShape,
    Incarnation, IncidentId, IncidentReport, Kind, Level, LogKey, Member, Meters, Mode, Moment,
    NeedId, Network, PartyId, Point, ReportKind, Resource, RoadState, RoadStatus, Role,
    RosterChange, Severity, Signer, Span, Stage, StatusSource, Suite, Trend, UnitState, UnitStatus,
    Wall, Warning, WarningId,
};

use super::ground::ground;

/// 2018-09-16T14:00:00+08:00.
pub(crate) const NOON: Moment = Moment(1_537_077_600_000_000);

/// Code, short and full names, seat.
pub(crate) const CITIES: [(u32, &str, &str, &str, &str, f64, f64); 9] = [
    (990_100, "东", "EP", "东港市", "Eastport", 114.4, 23.1),
    (990_200, "西", "WH", "西陵市", "Westhill", 112.5, 23.0),
    (990_300, "南", "SB", "南浦市", "Southbay", 113.6, 22.3),
    (990_400, "北", "NF", "北川市", "Northford", 113.3, 23.6),
    (990_500, "中", "MC", "中洲市", "Midchester", 113.4, 22.9),
    (990_600, "河", "RM", "河口市", "Rivermouth", 113.8, 22.8),
    (990_700, "山", "HG", "山阳市", "Hillgate", 113.0, 22.5),
    (990_800, "湖", "LK", "湖滨市", "Lakeside", 114.0, 22.6),
    (990_900, "林", "WD", "林州市", "Woodbury", 113.1, 23.1),
];

struct Pen {
    signer: Signer,
    seq: u64,
    prev: Hash,
}

/// The region, and what its authors have written so far.
pub(crate) struct Stage9 {
    pub(crate) network: Network,
    pens: BTreeMap<PartyId, Pen>,
    pub(crate) envelopes: Vec<Arc<Envelope>>,
}

pub(crate) fn party(text: &str) -> PartyId {
    text.parse().expect("a name in a test is well formed")
}

pub(crate) fn city(at: usize) -> PartyId {
    party(&CITIES[at].0.to_string())
}

pub(crate) fn seat(at: usize) -> Point {
    Point::degrees(CITIES[at].5, CITIES[at].6)
}

impl Stage9 {
    pub(crate) fn new(mode: Mode) -> Self {
        let root = Signer::new(party("region"), Suite::Virtual, [1; 32]);
        let network = Network {
            id: "stage".parse().expect("a name in a test is well formed"),
            mode,
            region: root.party(),
            root: root.public(),
            suite: Suite::Virtual,
        };
        let mut stage = Self {
            network,
            pens: BTreeMap::new(),
            envelopes: Vec::new(),
        };
        stage.admit(root);
        (0..9).for_each(|at| stage.join(city(at), Role::City, AreaCode(CITIES[at].0)));
        stage.join(party("990000-met"), Role::Met, AreaCode(990_000));
        stage
    }

    fn admit(&mut self, signer: Signer) {
        let pen = Pen {
            seq: 0,
            prev: Hash::default(),
            signer,
        };
        self.pens.insert(pen.signer.party(), pen);
    }

    pub(crate) fn join(&mut self, office: PartyId, role: Role, area: AreaCode) {
        let signer = Signer::new(office, Suite::Virtual, [2; 32]);
        let change = RosterChange::Admit(Box::new(Member {
            party: office,
            role,
            area,
            office,
            circle: String::new(),
            unit: None,
            name_zh: office.to_string(),
            name_en: office.to_string(),
            key: signer.public(),
        }));
        self.admit(signer);
        self.write(party("region"), Body::RosterChange(change));
    }

    /// Writes the next entry of an author's log.
    pub(crate) fn write(&mut self, author: PartyId, body: Body) -> Arc<Envelope> {
        let pen = self.pens.get_mut(&author).expect("the author joined");
        pen.seq += 1;
        let draft = Draft {
            net: self.network.id,
            mode: self.network.mode,
            log: log(author),
            seq: pen.seq,
            prev: pen.prev,
            hlc: 0,
            sent: Wall(0),
            request: None,
        };
        let envelope = Envelope::seal(&draft, body, &pen.signer);
        pen.prev = envelope.hash();
        self.envelopes.push(Arc::clone(&envelope));
        envelope
    }

    /// A unit at home in a city.
    pub(crate) fn unit(&mut self, at: usize, number: u32, kind: Kind) -> protocol::ResourceId {
        let id = format!("{}-u-{number}", CITIES[at].0);
        let resource = id.parse().expect("a name in a test is well formed");
        let unit = Resource {
            resource,
            kind,
            name: id,
            also: Vec::new(),
            grade: 2,
            home: "depot".parse().expect("a name in a test is well formed"),
            point: seat(at),
            readiness: Span::seconds(90),
            shift: None,
            quantity: 1,
            measure: String::new(),
            command_authority: protocol::CommandAuthority::CityBureau,
            demo: true,
        };
        self.write(city(at), Body::Resource(unit));
        resource
    }

    /// An incident in a city, some minutes before noon.
    pub(crate) fn incident(&mut self, at: usize, number: u32, severity: Severity) -> IncidentId {
        let incident = IncidentId {
            author: city(at),
            epoch: 1,
            number,
        };
        let before = NOON - Span::minutes(u64::from(number) * 3);
        let mut report = report(incident, severity, before);
        let shift = i32::try_from(number).expect("small") * 9_000;
        report.point = Some(Point(seat(at).0 + shift, seat(at).1 - shift));
        self.write(city(at), Body::Incident(Arc::new(report)));
        incident
    }

    /// A need of an incident.
    pub(crate) fn need(&mut self, incident: IncidentId, number: u32, quantity: u32) -> NeedId {
        let need = NeedId {
            number,
            ..need_of(incident)
        };
        let ask = AidRequest {
            stands_by: false,
            need,
            incident,
            kind: Kind::Pump,
            quantity,
            severity: Severity::Serious,
            report_to: Point::degrees(113.6, 22.4),
            duration: Span::hours(2),
            audience: Audience::Circle,
            asked_at: NOON - Span::minutes(5),
            authority: "值班长".into(),
            request: None,
        };
        self.write(incident.author, Body::AidRequest(ask));
        need
    }

    /// A unit of a city committed to a need, on its way.
    pub(crate) fn commit(
        &mut self,
        at: usize,
        unit: protocol::ResourceId,
        (incident, need): (IncidentId, NeedId),
        number: u32,
    ) {
        let aid = AidId {
            author: city(at),
            epoch: 1,
            number,
        };
        let commit = AidCommit {
            stands_by: false,
            ordered: None,
            aid,
            resource: unit,
            quantity: 1,
            need,
            incident,
            offer: None,
            fence: Fence {
                incarnation: life(),
                command: 1,
            },
            lead: incident.author,
            to: Point::degrees(113.6, 22.4),
            eta: Deciseconds(18_000),
            at: NOON - Span::minutes(4),
            decided_by: "值班长".into(),
            override_by: None,
            request: None,
            turned_from: None,
        };
        self.write(city(at), Body::AidCommit(commit.into()));
        let status = UnitStatus {
            unit,
            state: UnitState::EnRouteOut,
            as_of: NOON - Span::minutes(2),
            aid: Some(aid),
            point: Some(seat(at)),
            eta: Some(Deciseconds(16_000)),
            source: StatusSource::Office,
            work_done: false,
        };
        self.write(city(at), Body::UnitStatus(status));
    }

    /// The typhoon, its warning and a closed bridge.
    pub(crate) fn weather(&mut self) {
        let met = party("990000-met");
        let shape = HazardShape::Track {
            centre: Point::degrees(113.9, 21.9),
            wind_ms: 42,
            radii: vec![(17, Meters(90_000)), (26, Meters(45_000))],
            forecast: vec![(NOON + Span::hours(3), Point::degrees(113.0, 22.4))],
        };
        let advisory = Advisory {
            advisory: AdvisoryId {
                author: met,
                epoch: 1,
                number: 1,
            },
            hazard: "typhoon".into(),
            name: "台风山竹".into(),
            as_of: NOON - Span::minutes(30),
            shape,
            over: false,
        };
        self.write(met, Body::Advisory(advisory));
        let warning = Warning {
            warning: WarningId {
                author: met,
                epoch: 1,
                number: 2,
            },
            revision: 0,
            hazard: "typhoon".into(),
            colour: Colour::Red,
            from: NOON - Span::hours(1),
            until: None,
            areas: vec![AreaCode(990_300)],
            matters: "大风".into(),
            measures: "停工".into(),
            issuer: "气象台".into(),
            issued_at: NOON - Span::hours(1),
        };
        self.write(met, Body::Warning(warning));
        let closed = RoadStatus {
            roads: vec!["bridge".parse().expect("a name in a test is well formed")],
            state: RoadState::Closed,
            travel_percent: None,
            as_of: NOON - Span::minutes(20),
            reason: "大风".into(),
        };
        self.write(city(2), Body::RoadStatus(closed));
    }
}

pub(crate) fn log(author: PartyId) -> LogKey {
    LogKey {
        author,
        incarnation: life(),
    }
}

fn life() -> Incarnation {
    Incarnation { epoch: 1, nonce: 7 }
}

fn need_of(incident: IncidentId) -> NeedId {
    NeedId {
        author: incident.author,
        epoch: 1,
        number: 1,
    }
}

pub(crate) fn report(incident: IncidentId, severity: Severity, at: Moment) -> IncidentReport {
    IncidentReport {
        incident,
        report_no: 0,
        kind: ReportKind::First,
        stage: Stage::Confirmed,
        category: Category::Natural,
        event: "dyke".into(),
        level: Level::Two,
        level_reason: Some("可能溃堤".into()),
        severity,
        occurred_at: at,
        known_at: at,
        reported_at: at,
        as_of: None,
        place: "井岸镇新堤".into(),
        area: AreaCode(990_300),
        point: None,
        datum: protocol::Datum::Wgs84,
        about_neighbour: false,
        source: "群众来电".into(),
        summary: "堤围两处管涌，水位仍在上涨".into(),
        cause: None,
        counts: protocol::Counts::default(),
        loss_cny: None,
        measures: Vec::new(),
        trend: Trend::Worsening,
        threatens: Vec::new(),
        links: Vec::new(),
        signed_off_by: Some("值班长".into()),
        request: None,
    }
}

/// The whole stage with something in every pane.
pub(crate) fn busy() -> Stage9 {
    let mut stage = Stage9::new(Mode::Exercise);
    let kinds = [Kind::Pump, Kind::FireRescue, Kind::Medical, Kind::Boat];
    let mut units = Vec::new();
    for at in 0..CITIES.len() {
        for (number, kind) in (1..).zip(kinds) {
            units.push((at, stage.unit(at, number, kind)));
        }
    }
    let incidents: Vec<IncidentId> = (1..)
        .zip([(2, 0), (2, 1), (0, 1), (4, 2), (7, 3), (8, 3)])
        .map(|(number, (at, step))| stage.incident(at, number, Severity::ALL[step]))
        .collect();
    let need = stage.need(incidents[0], 50, 3);
    stage.commit(0, units[0].1, (incidents[0], need), 60);
    stage.commit(1, units[4].1, (incidents[0], need), 61);
    stage.weather();
    stage
}

pub(crate) fn setting(lang: Lang) -> Setting {
    Setting {
        lang,
        colours: Colours::Indexed,
        glyphs: Glyphs::Full,
        source: Source::Bus,
        desk: Desk::Operator(Signed {
            operator: party("990300-op-1"),
            post: "值班员".into(),
            offices: vec![city(2), city(0)],
            director: Some(party("director")),
            boot: 0xbeef,
        }),
        title: None,
        departure: Departure::LeavesDrill,
    }
}

pub(crate) fn clock(state: ClockState) -> DrillClock {
    DrillClock {
        state,
        now: NOON,
        speed_permille: 4_000,
        revision: 1,
        title: "台风桌面推演".into(),
    }
}

/// A screen that has heard all of a stage.
pub(crate) fn screen(stage: &Stage9, setting: Setting) -> View {
    let mut view = View::new(stage.network.clone(), ground(), setting);
    view.tick(Moment(1_000_000));
    view.hear(Heard::Clock(clock(ClockState::Started)));
    for envelope in &stage.envelopes {
        view.hear(Heard::Envelope(Arc::clone(envelope)));
    }
    view
}
