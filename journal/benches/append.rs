//! How long an envelope waits for the disk, alone and in company, and how long a journal is read.
//!
//! The first two figures are the disk's answer to one flush; `open` and `load` are ours.

use std::hint::black_box;
use std::path::PathBuf;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use journal::{Journal, verify};
use protocol::{
    Body, Draft, DutyNote, Envelope, Hash, Incarnation, LogKey, Mode, Moment, NetId, Signer, Suite,
    Wall,
};

/// Envelopes in the journal that is opened and verified.
const STORED: usize = 20_000;

struct Author {
    signer: Signer,
    draft: Draft,
}

impl Author {
    fn new() -> Self {
        let author = "440400".parse().expect("a city's code is a party");
        Self {
            signer: Signer::new(author, Suite::Virtual, [7; 32]),
            draft: Draft {
                net: net(),
                mode: Mode::Test,
                log: LogKey {
                    author,
                    incarnation: Incarnation { epoch: 1, nonce: 7 },
                },
                seq: 0,
                prev: Hash::default(),
                hlc: 0,
                sent: Wall(1_780_000_000_000),
                request: None,
            },
        }
    }

    fn says(&mut self, count: usize) -> Vec<Arc<Envelope>> {
        let says = |_| {
            self.draft.seq += 1;
            let note = DutyNote {
                incident: None,
                by: "duty officer".to_owned(),
                text: "water at the gate 3.2 m and rising, two pumps asked for".to_owned(),
                at: Moment(self.draft.seq),
            };
            let envelope = Envelope::seal(&self.draft, Body::DutyNote(note), &self.signer);
            self.draft.prev = envelope.hash();
            envelope
        };
        (0..count).map(says).collect()
    }
}

fn net() -> NetId {
    "bench".parse().expect("a short word names a network")
}

fn path(name: &str) -> PathBuf {
    let name = format!("liandong-journal-bench-{}-{name}", std::process::id());
    std::env::temp_dir().join(name)
}

fn append(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("append");
    for count in [1, 50] {
        let path = path(&count.to_string());
        let (mut journal, _) = Journal::open(&path, net()).expect("a new file opens");
        let mut author = Author::new();
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(count.to_string(), |bencher| {
            bencher.iter_batched(
                || author.says(count),
                |said| journal.append_all(said).expect("the disk has space"),
                BatchSize::PerIteration,
            );
        });
        drop(journal);
        drop(std::fs::remove_file(path));
    }
    group.finish();
}

fn read(criterion: &mut Criterion) {
    let path = path("read");
    let mut author = Author::new();
    let (mut journal, _) = Journal::open(&path, net()).expect("a new file opens");
    journal
        .append_all(author.says(STORED))
        .expect("the disk has space");
    let log = author.draft.log;

    let mut group = criterion.benchmark_group("read");
    group.sample_size(20);
    group.bench_function("load 32 KiB", |bencher| {
        bencher.iter(|| journal.load(log, 9_000, u64::MAX, 32 * 1024));
    });
    drop(journal);
    group.throughput(Throughput::Elements(STORED as u64));
    group.bench_function("open 20000", |bencher| {
        bencher.iter(|| black_box(Journal::open(&path, net()).expect("it is sound")));
    });
    group.bench_function("verify 20000", |bencher| {
        bencher.iter(|| black_box(verify(&path).expect("it is sound")));
    });
    group.finish();
    drop(std::fs::remove_file(path));
}

criterion_group!(benches, append, read);
criterion_main!(benches);
