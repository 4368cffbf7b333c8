//! The fold: a thousand entries of one log taken into a picture, and the digest of what they say.

use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use picture::Picture;
use protocol::{
    AreaCode, Body, Draft, Envelope, Hash, Incarnation, Kind, LogKey, Member, Mode, Moment,
    Network, PartyId, Point, Resource, ResourceId, Role, RosterChange, Seal, Signer, Span,
    StatusSource, Suite, UnitState, UnitStatus, Wall,
};

/// Units of the office.
const UNITS: u32 = 150;

/// Entries of its log.
const ENTRIES: u32 = 1_000;

const PLACE: Point = Point(113_500_000, 22_300_000);

fn signer(name: &str) -> Signer {
    let party: PartyId = name.parse().expect("names here are short");
    Signer::new(party, Suite::Virtual, Hash::of(name.as_bytes()).0)
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

/// Chains bodies into an author's log.
fn log(name: &str, bodies: impl Iterator<Item = Body>) -> Vec<Arc<Envelope>> {
    let signer = signer(name);
    let mut prev = Hash::default();
    (1..)
        .zip(bodies)
        .map(|(seq, body)| {
            let draft = Draft {
                net: network().id,
                mode: Mode::Test,
                log: LogKey {
                    author: signer.party(),
                    incarnation: Incarnation { epoch: 1, nonce: 5 },
                },
                seq,
                prev,
                hlc: seq,
                sent: Wall(1),
                request: None,
            };
            let envelope = Envelope::seal(&draft, body, &signer);
            prev = envelope.hash();
            envelope
        })
        .collect()
}

fn unit(number: u32) -> ResourceId {
    let id = format!("440400-s01-fire-{number}").parse();
    id.expect("a short name")
}

fn inventory(number: u32) -> Body {
    Body::Resource(Resource {
        resource: unit(number),
        kind: Kind::FireRescue,
        also: Vec::new(),
        name: format!("fire engine {number}"),
        home: "440400-s01".parse().expect("a short name"),
        point: PLACE,
        readiness: Span::seconds(60),
        shift: None,
        quantity: 1,
        grade: 1,
        measure: "辆".into(),
        command_authority: protocol::CommandAuthority::CityBureau,
        demo: true,
    })
}

/// A unit goes out of service and comes back, in turn.
fn status(entry: u32) -> Body {
    let state = if (entry / UNITS).is_multiple_of(2) {
        UnitState::OutOfService
    } else {
        UnitState::Available
    };
    Body::UnitStatus(UnitStatus {
        unit: unit(entry % UNITS),
        state,
        as_of: Moment(u64::from(entry)),
        aid: None,
        point: Some(PLACE),
        eta: None,
        work_done: false,
        source: StatusSource::Office,
    })
}

/// A picture that knows the office, and the office's log.
fn scene() -> (Picture, Vec<Arc<Envelope>>) {
    let office = signer("440400");
    let admitted = RosterChange::Admit(Box::new(Member {
        party: office.party(),
        role: Role::City,
        area: AreaCode(440_400),
        office: office.party(),
        circle: String::new(),
        unit: None,
        name_zh: "珠海".into(),
        name_en: "Zhuhai".into(),
        key: office.public(),
    }));
    let mut picture = Picture::new(network());
    for envelope in log("region", [Body::RosterChange(admitted)].into_iter()) {
        picture.admit(&envelope);
    }
    let seal = Body::Seal(Seal { predecessor: None });
    let bodies = std::iter::once(seal)
        .chain((0..UNITS).map(inventory))
        .chain((0..).map(status))
        .take(ENTRIES as usize);
    (picture, log("440400", bodies))
}

fn fold(criterion: &mut Criterion) {
    let (picture, entries) = scene();
    let mut group = criterion.benchmark_group("fold");
    group.throughput(Throughput::Elements(u64::from(ENTRIES)));
    group.bench_function("admit and fold 1,000 entries", |bench| {
        bench.iter_batched(
            || picture.clone(),
            |mut picture| {
                for envelope in &entries {
                    picture.admit(envelope);
                }
                picture
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
    let mut whole = picture;
    for envelope in &entries {
        whole.admit(envelope);
    }
    let office = whole.state(signer("440400").party());
    assert!(office.is_some_and(|state| state.void_count == 0));
    criterion.bench_function("the digest of a picture with 150 units", |bench| {
        bench.iter(|| whole.hash());
    });
}

criterion_group!(benches, fold);
criterion_main!(benches);
