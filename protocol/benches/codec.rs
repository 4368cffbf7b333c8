//! What an envelope costs on its way: signing, verifying, decoding, and meeting it a second time.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use protocol::{
    AreaCode, Body, Decoder, Draft, DutyNote, Envelope, Frame, Hash, Head, Incarnation, LogKey,
    Member, Mode, Moment, Network, Role, Roster, RosterChange, Signer, Suite, Topic, Wall,
};

/// What a signature covers: about as long as a header.
const MESSAGE: &[u8] = &[7; 400];

fn office(suite: Suite) -> Signer {
    let party = "440400".parse().expect("a city's code is a party");
    Signer::new(party, suite, [7; 32])
}

fn network(suite: Suite) -> Network {
    let region = "440000-region".parse().expect("a short name");
    Network {
        id: "bench".parse().expect("a short name"),
        mode: Mode::Test,
        region,
        root: Signer::new(region, suite, [1; 32]).public(),
        suite,
    }
}

fn roster(network: &Network, signer: &Signer) -> Roster {
    let mut roster = Roster::new(network);
    roster.apply(&RosterChange::Admit(Box::new(Member {
        party: signer.party(),
        role: Role::City,
        area: AreaCode(440_400),
        office: signer.party(),
        circle: String::new(),
        unit: None,
        name_zh: "珠海".into(),
        name_en: "Zhuhai".into(),
        key: signer.public(),
    })));
    roster
}

fn draft(network: &Network, signer: &Signer) -> Draft {
    Draft {
        net: network.id,
        mode: network.mode,
        log: LogKey {
            author: signer.party(),
            incarnation: Incarnation { epoch: 1, nonce: 7 },
        },
        seq: 1,
        prev: Hash::default(),
        hlc: 1,
        sent: Wall(1_780_000_000_000),
        request: None,
    }
}

fn note() -> Body {
    Body::DutyNote(DutyNote {
        incident: None,
        by: "duty officer".to_owned(),
        text: "water at the gate 3.2 m and rising, two pumps asked for".to_owned(),
        at: Moment(1),
    })
}

/// A frame with one envelope, as its topic and its bytes.
fn frame(network: &Network, signer: &Signer) -> (String, Arc<str>) {
    let envelope = Envelope::seal(&draft(network, signer), note(), signer);
    let head = Head {
        log: envelope.header().log,
        seq: 1,
        hash: envelope.hash(),
    };
    let frame = Frame::append(network.id, head, vec![envelope]);
    let topic = Topic::Log(signer.party()).on(network.id);
    (topic, Arc::clone(frame.text()))
}

fn signing(criterion: &mut Criterion) {
    let signer = office(Suite::Ed25519);
    criterion.bench_function("sign with Ed25519", |bench| {
        bench.iter(|| signer.sign(black_box(MESSAGE)));
    });
    let signature = signer.sign(MESSAGE);
    criterion.bench_function("verify with Ed25519", |bench| {
        bench.iter(|| {
            signer
                .public()
                .verifies(Suite::Ed25519, [black_box(MESSAGE), &[]], &signature)
        });
    });
    let network = network(Suite::Ed25519);
    let draft = draft(&network, &signer);
    criterion.bench_function("seal an envelope", |bench| {
        bench.iter(|| Envelope::seal(&draft, note(), &signer));
    });
}

fn decoding(criterion: &mut Criterion) {
    for (suite, name) in [
        (Suite::Ed25519, "decode and verify a frame (Ed25519)"),
        (Suite::Virtual, "decode and verify a frame (virtual suite)"),
    ] {
        let signer = office(suite);
        let network = network(suite);
        let roster = roster(&network, &signer);
        let (topic, text) = frame(&network, &signer);
        let mut group = criterion.benchmark_group("codec");
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |bench| {
            bench.iter_batched(
                || Decoder::new(network.clone()),
                |mut decoder| decoder.frame(&topic, text.as_bytes(), &roster),
                BatchSize::SmallInput,
            );
        });
        group.finish();
    }
}

fn meeting_again(criterion: &mut Criterion) {
    let signer = office(Suite::Ed25519);
    let network = network(Suite::Ed25519);
    let roster = roster(&network, &signer);
    let (topic, text) = frame(&network, &signer);
    let mut decoder = Decoder::new(network);
    criterion.bench_function("a frame that was decoded before", |bench| {
        bench.iter(|| decoder.frame(&topic, text.as_bytes(), &roster));
    });
}

criterion_group!(benches, signing, decoding, meeting_again);
criterion_main!(benches);
