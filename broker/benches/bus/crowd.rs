//! Many connections, plain and over TLS: how soon they are let in and what each weighs; and many retained
//! topics, of which a latecomer is to get every one.

use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::contender::{Contender, Kind};
use crate::load::float;
use crate::members::ROOT;
use crate::region::{self, Doors, ODD, Papers};
use crate::wire::{Client, Connect, Publication, Qos, Reply};

/// Connections, unless somebody says otherwise.
pub(crate) const CLIENTS: u64 = 5_000;

/// Topics with a retained message.
const TOPICS: usize = 10_000;

/// Files that a process has open besides its connections.
const BESIDES: u64 = 200;

/// Set for the process that was started anew with more files.
const RAISED: &str = "LIANDONG_FILES_RAISED";

/// How long the last of the retained messages may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Measures and prints each broker in its turn.
pub(crate) fn crowd(clients: u64) {
    if !raise_files(clients + BESIDES) {
        return;
    }
    println!(
        "{:22}{:>8}{:>8}{:>13}{:>13}{:>13}{:>15}{:>9}",
        "broker", "asked", "served", "connects/s", "KiB each", "KiB after", "retained", "ms"
    );
    for kind in [Kind::Gate, Kind::Bare, Kind::Mosquitto] {
        if let Some(broker) = Contender::start(kind) {
            let addr = broker.addr();
            let figures = gather(&broker, clients, || Client::open(addr));
            let (retained, late) = latecomer(&broker);
            println!(
                "{}{:>15}{late:9.0}",
                line(kind, "", clients, &figures),
                format!("{retained} of {TOPICS}")
            );
        }
    }
    let papers = Papers::make();
    for (doors, name) in [(Doors::Private, ", TLS"), (Doors::Certified, ", certified")] {
        for kind in [Kind::Gate, Kind::Mosquitto] {
            if let Some(broker) = region::start(kind, doors, &papers) {
                let addr = broker.addr();
                let open = || Client::over(papers.dial(doors, addr));
                let figures = gather(&broker, clients, open);
                println!("{}", line(kind, name, clients, &figures));
            }
        }
    }
}

/// What came of a crowd.
struct Figures {
    served: u64,
    connects_per_s: f64,
    each_kb: f64,
    after_kb: u64,
}

fn line(kind: Kind, doors: &str, clients: u64, it: &Figures) -> String {
    format!(
        "{:22}{clients:8}{:8}{:13.0}{:13.1}{:13}",
        format!("{}{doors}", kind.name()),
        it.served,
        it.connects_per_s,
        it.each_kb,
        it.after_kb
    )
}

/// Has so many clients come in one after the other, each with a filter of its own, and go again.
fn gather(broker: &Contender, clients: u64, open: impl Fn() -> Client) -> Figures {
    let before = broker.resident_kb();
    let began = Instant::now();
    let mut all = Vec::new();
    for number in 0..clients {
        let connect = Connect::new(&format!("{ODD}-{number}")).keep_alive_s(600);
        let (mut client, reply) = open().greeting(&connect);
        if matches!(reply, Reply::ConnAck { code: 0, .. }) {
            client.subscribe(&format!("{ROOT}/want/{number}"), 1);
            all.push(client);
        }
    }
    let took = began.elapsed().as_secs_f64();
    // All are still there, the first as the last.
    let served = all.iter_mut().filter_map(|client| {
        let is_there = client.ping() == Reply::PingResp;
        is_there.then_some(())
    });
    let served = served.count() as u64;
    let during = broker.resident_kb();
    drop(all);
    Figures {
        served,
        connects_per_s: float(clients) / took,
        each_kb: float(during.saturating_sub(before)) / float(served.max(1)),
        after_kb: broker.resident_kb(),
    }
}

/// How many retained messages somebody hears who comes after them, and within how many milliseconds.
fn latecomer(broker: &Contender) -> (usize, f64) {
    let mut sender = Client::connect(broker.addr(), &Connect::new("crowd-sender"));
    let kept = (0..TOPICS).flat_map(|number| {
        let publication = Publication::new(&format!("kept/{number}"), [b'k'; 64]).retained();
        let id = u16::try_from(number + 1).expect("there are fewer topics than ids");
        publication.qos(Qos::AtLeastOnce(id)).bytes()
    });
    sender.flood(&kept.collect::<Vec<u8>>(), TOPICS);
    let mut late = Client::connect(broker.addr(), &Connect::new("crowd-late"));
    let began = Instant::now();
    late.subscribed("kept/#", 1);
    let heard = std::iter::from_fn(|| late.hear_within(PATIENCE).ok());
    let heard = heard.take(TOPICS).count();
    (heard, began.elapsed().as_secs_f64() * 1e3)
}

/// Has this process, and those that it starts, so many files open at once: as it is, or by starting it
/// anew. `false` if that is done, or cannot be.
fn raise_files(needed: u64) -> bool {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find(|it| it.starts_with("Max open files"));
    let mut words = line.unwrap_or_default().split_whitespace().skip(3);
    let mut limit = || {
        words
            .next()
            .and_then(|it| it.parse().ok())
            .unwrap_or(u64::MAX)
    };
    let (soft, hard) = (limit(), limit());
    if soft >= needed {
        return true;
    }
    if hard >= needed && std::env::var_os(RAISED).is_none() {
        // Only a shell can do it without unsafe code; it becomes this program again.
        let error = Command::new("sh")
            .arg("-c")
            .arg(format!("ulimit -n {needed} && exec \"$0\" \"$@\""))
            .arg(std::env::current_exe().unwrap())
            .args(std::env::args_os().skip(1))
            .env(RAISED, "yes")
            .exec();
        println!("the limit of open files was not raised: {error}");
    }
    println!(
        "{needed} open files are needed and {soft} allowed, {hard} at most; \
         raise the limit (ulimit -n {needed}, as root if need be) or pass --clients {}",
        soft.saturating_sub(BESIDES)
    );
    false
}
