//! One turn of an office that knows 2,000 incidents of 13 offices and has 200 needs of its own that
//! nobody can serve: what it costs when nothing concerns it, and when something does.

use std::collections::BTreeMap;
use std::sync::Arc;

use agents::{
    AidTerms, Ground, Input, LinkChange, Now, Office, OfficeConfig, Origin, Seed, StockTerms,
    Stored,
};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use protocol::{
    AidRequest, AreaCode, Audience, Autonomy, Body, BusId, Call, Category, Counts, Datum,
    Deciseconds, Decoder, Direct, Draft, Envelope, FieldMessage, FieldReport, Frame, Hash, Head,
    Incarnation, IncidentId, IncidentReport, Kind, Level, LogKey, Member, Mode, Moment, NeedId,
    Network, PartyId, Point, ReportKind, RequestId, Requirement, Resource, RoadId, RoadStatus,
    Role, Roster, RosterChange, Seal, Severity, Signer, Span, Speaker, Stage, Suite, Topic, Trend,
    Wall,
};

const PLACE: Point = Point(113_000_000, 22_500_000);

#[derive(Debug)]
struct Near;

impl Ground for Near {
    fn travel(&mut self, _: Kind, _: Point, _: Point) -> Option<Deciseconds> {
        Some(Deciseconds(600))
    }

    fn least(&self, _: Kind, _: Point, _: Point) -> Deciseconds {
        Deciseconds(600)
    }

    fn roads(&mut self, _: Kind, _: Point, _: Point) -> Vec<String> {
        vec!["S1".to_owned()]
    }

    fn hear_roads(&mut self, _: &BTreeMap<RoadId, &RoadStatus>) {}
}

fn signer(name: &str) -> Signer {
    let party = name.parse().expect("names here are short");
    Signer::new(party, Suite::Virtual, Hash::of(name.as_bytes()).0)
}

fn office_name(number: usize) -> String {
    format!("99{number:02}00")
}

fn network() -> Network {
    Network {
        id: "bench".parse().expect("a short name"),
        mode: Mode::Test,
        region: signer("region").party(),
        root: signer("region").public(),
        suite: Suite::Virtual,
    }
}

fn member(name: &str, role: Role) -> Member {
    let key = signer(name);
    Member {
        party: key.party(),
        role,
        area: AreaCode(990_100),
        office: key.party(),
        circle: "one".into(),
        unit: None,
        name_zh: name.into(),
        name_en: name.into(),
        key: key.public(),
    }
}

/// Writes one log.
struct Scribe {
    signer: Signer,
    log: LogKey,
    entries: Vec<Arc<Envelope>>,
}

impl Scribe {
    fn new(name: &str) -> Self {
        let signer = signer(name);
        let log = LogKey {
            author: signer.party(),
            incarnation: Incarnation { epoch: 1, nonce: 5 },
        };
        let entries = Vec::new();
        let mut scribe = Self {
            signer,
            log,
            entries,
        };
        scribe.write(Body::Seal(Seal { predecessor: None }));
        scribe
    }

    fn write(&mut self, body: Body) {
        let draft = Draft {
            net: network().id,
            mode: Mode::Test,
            log: self.log,
            seq: self.entries.len() as u64 + 1,
            prev: self
                .entries
                .last()
                .map(|last| last.hash())
                .unwrap_or_default(),
            hlc: 1,
            sent: Wall(1),
            request: None,
        };
        self.entries
            .push(Envelope::seal(&draft, body, &self.signer));
    }

    fn incident(&mut self, number: u32) {
        let (author, epoch) = (self.log.author, 1);
        let incident = IncidentId {
            author,
            epoch,
            number,
        };
        self.write(Body::Incident(Arc::new(report(incident))));
        let need = NeedId {
            author,
            epoch,
            number,
        };
        self.write(Body::AidRequest(AidRequest {
            stands_by: false,
            need,
            incident,
            kind: Kind::Pump,
            quantity: 1,
            severity: Severity::Serious,
            report_to: PLACE,
            duration: Span::hours(1),
            audience: Audience::Own,
            asked_at: Moment(5),
            authority: "desk".into(),
            request: None,
        }));
    }
}

fn report(incident: IncidentId) -> IncidentReport {
    IncidentReport {
        incident,
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

/// The busy office, and everything that talks to it.
struct Scene {
    office: Office,
    decoder: Decoder,
    roster: Roster,
    ground: Speaker,
    neighbour: Scribe,
    clock: u64,
    calls: u32,
}

fn bus() -> BusId {
    "bus".parse().expect("a short name")
}

impl Scene {
    fn new() -> Self {
        let mut roster = Roster::new(&network());
        let mut region = Scribe::new("region");
        let offices = (1..=13).map(|number| member(&office_name(number), Role::City));
        for one in offices.chain([member("ground", Role::Terminal)]) {
            let change = RosterChange::Admit(Box::new(one));
            roster.apply(&change);
            region.write(Body::RosterChange(change));
        }
        let mut envelopes = region.entries;
        let mut neighbour = Scribe::new(&office_name(2));
        for number in 2..=13 {
            let mut scribe = Scribe::new(&office_name(number));
            for incident in 0..2_000 / 12 {
                scribe.incident(incident + 1);
            }
            envelopes.extend(scribe.entries.iter().cloned());
            if number == 2 {
                neighbour = scribe;
            }
        }
        let office = Office::new(config(), Box::new(Near));
        let ground = Speaker::new(network().id, Mode::Test, signer("ground"), 3);
        let mut scene = Self {
            office: office.expect("the config is sound"),
            decoder: Decoder::new(network()),
            roster,
            ground,
            neighbour,
            clock: 1_000_000_000,
            calls: 0,
        };
        scene.tell(Input::Boot(
            Stored {
                snapshots: Vec::new(),
                envelopes,
                logs: Vec::new(),
                origin: Origin::Founded,
            },
            Seed(Hash::of(b"seed")),
        ));
        scene.tell(Input::Link(bus(), LinkChange::Up));
        scene.clock += 5_000_000;
        scene.tell(Input::Wake);
        for _ in 0..200 {
            let call = scene.call();
            scene.tell(call);
        }
        // Past the last window and the next digest.
        for _ in 0..80 {
            scene.clock += 1_000_000;
            scene.tell(Input::Wake);
        }
        scene
    }

    fn tell(&mut self, input: Input) -> usize {
        self.clock += 1;
        let now = Now {
            drill: Moment(self.clock),
            link: Moment(self.clock),
            wall: Wall(self.clock / 1_000),
        };
        self.office.handle(now, input).len()
    }

    fn heard(&mut self, frame: &Frame) -> Input {
        let topic = frame.topic().on(network().id);
        let heard = self
            .decoder
            .frame(&topic, frame.text().as_bytes(), &self.roster);
        Input::Heard(bus(), heard.expect("it is well signed"))
    }

    fn call(&mut self) -> Input {
        self.calls += 1;
        let request: RequestId = format!("call-{}", self.calls)
            .parse()
            .expect("a short name");
        let call = Call {
            request,
            event: "fire".into(),
            category: Category::Accident,
            severity: Severity::Serious,
            occurred_at: Moment(self.clock),
            received_at: Moment(self.clock),
            place: "somewhere".into(),
            area: AreaCode(990_100),
            point: Some(PLACE),
            source: "119".into(),
            summary: "smoke".into(),
            counts: Counts::default(),
            requires: vec![Requirement {
                kind: Kind::Pump,
                quantity: 1,
                duration: Span::hours(1),
            }],
        };
        let report = FieldReport::Call(Box::new(call));
        let body = Direct::Field(FieldMessage { report });
        let topic = Topic::Field(party());
        let times = (Wall(1), Span::minutes(5));
        let frame = Frame::direct(&mut self.ground, network().id, topic, body, times);
        self.heard(&frame)
    }

    /// The next report of somebody else's incident.
    fn elsewhere(&mut self) -> Input {
        let number = u32::try_from(self.neighbour.entries.len()).expect("a bench is short") + 1_000;
        let incident = IncidentId {
            author: self.neighbour.log.author,
            epoch: 1,
            number,
        };
        self.neighbour
            .write(Body::Incident(Arc::new(report(incident))));
        let last = self.neighbour.entries.last().expect("it was written above");
        let head = Head {
            log: self.neighbour.log,
            seq: last.header().seq,
            hash: last.hash(),
        };
        let frame = Frame::append(network().id, head, vec![Arc::clone(last)]);
        self.heard(&frame)
    }
}

fn party() -> PartyId {
    signer(&office_name(1)).party()
}

fn config() -> OfficeConfig {
    let name = office_name(1);
    let ladder = |number: u32| Resource {
        resource: format!("{name}-ladder-{number}")
            .parse()
            .expect("a short name"),
        kind: Kind::Ladder,
        name: "ladder".into(),
        also: Vec::new(),
        grade: 2,
        home: "station-1".parse().expect("a short name"),
        point: PLACE,
        readiness: Span::minutes(1),
        shift: None,
        quantity: 1,
        measure: String::new(),
        command_authority: protocol::CommandAuthority::CityBureau,
        demo: true,
    };
    OfficeConfig {
        stand_by: Vec::new(),
        seats: BTreeMap::new(),
        network: network(),
        member: member(&name, Role::City),
        signer: signer(&name),
        seat: PLACE,
        extent: region::Extent::new(
            region::Frame::degrees(113.0, 22.0, 114.0, 23.0),
            [AreaCode(990_100)],
        ),
        inventory: (1..=80).map(ladder).collect(),
        floors: Vec::new(),
        autonomy: Autonomy::Act,
        planning: protocol::Planning::OwnFirst,
        aid: AidTerms::default(),
        templates: Vec::new(),
        stock: StockTerms::default(),
        views_every: None,
    }
}

fn turns(criterion: &mut Criterion) {
    let mut scene = Scene::new();
    criterion.bench_function("a turn in which nothing happens", |bench| {
        bench.iter(|| scene.tell(Input::Wake));
    });
    // Setting up and the turn take turns at the scene.
    let scene = std::cell::RefCell::new(scene);
    criterion.bench_function("a turn that hears of somebody else's incident", |bench| {
        let next = || scene.borrow_mut().elsewhere();
        let turn = |input| scene.borrow_mut().tell(input);
        bench.iter_batched(next, turn, BatchSize::PerIteration);
    });
    criterion.bench_function("a turn that takes a call, 200 and more waiting", |bench| {
        let next = || scene.borrow_mut().call();
        let turn = |input| scene.borrow_mut().tell(input);
        bench.iter_batched(next, turn, BatchSize::PerIteration);
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(std::time::Duration::from_millis(500)).warm_up_time(std::time::Duration::from_millis(100));
    targets = turns
}
criterion_main!(benches);
