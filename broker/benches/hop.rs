//! One hop over the embedded bus: meshed clients at QoS 1, deliveries a second and their delay.
//!
//! Paced rounds show the delay at the rates of a drill; floods show the bound. Each round has a
//! fixed number of messages and ends after [`PATIENCE`] at the latest.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::unwrap_used, reason = "a bench ends when something is wrong")]

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use broker::{Embedded, Link, LinkConfig, LinkEvent, Post};
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinSet;

/// When a round is given up; what is missing then is printed as missing.
const PATIENCE: Duration = Duration::from_secs(20);

/// How far a flooding publisher runs ahead of the acknowledgements.
const AHEAD: usize = 200;

struct Round {
    name: &'static str,
    clients: usize,
    bytes: usize,
    messages: usize,
    /// Messages a second of each client; `None` floods.
    pace: Option<u32>,
}

const ROUNDS: [Round; 5] = [
    Round {
        name: "paced 512 B",
        clients: 9,
        bytes: 512,
        messages: 1_000,
        pace: Some(200),
    },
    Round {
        name: "paced 4 KiB",
        clients: 11,
        bytes: 4 * 1024,
        messages: 1_000,
        pace: Some(200),
    },
    Round {
        name: "paced 30 KiB",
        clients: 11,
        bytes: 30 * 1024,
        messages: 100,
        pace: Some(20),
    },
    Round {
        name: "flood 512 B",
        clients: 9,
        bytes: 512,
        messages: 5_000,
        pace: None,
    },
    Round {
        name: "flood 16 KiB",
        clients: 9,
        bytes: 16 * 1024,
        messages: 250,
        pace: None,
    },
];

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    println!(
        "round          clients  published/s  delivered/s   p50 ms   p99 ms   max ms  missing"
    );
    for round in ROUNDS {
        runtime.block_on(run(&round));
    }
}

async fn run(round: &Round) {
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let (bus, _events) = Embedded::start(listen).unwrap();
    let mut links = Vec::new();
    for client in 0..round.clients {
        let mut config = LinkConfig::new(bus.url(), format!("hop-{client}"));
        config.filters = vec!["bench/+".to_owned()];
        config.seed = u64::try_from(client).unwrap();
        let (link, mut events) = Link::open(config).unwrap();
        while events.recv().await.unwrap() != LinkEvent::Up {}
        links.push((link, events));
    }
    let began = Instant::now();
    let expected = round.clients * round.messages;
    let mut readers = JoinSet::new();
    let mut writers = JoinSet::new();
    for (client, (link, events)) in links.into_iter().enumerate() {
        readers.spawn(read(events, began, expected));
        let topic = format!("bench/{client}");
        let (bytes, messages, pace) = (round.bytes, round.messages, round.pace);
        writers.spawn(async move {
            write(&link, &topic, began, (bytes, messages, pace)).await;
            link
        });
    }
    let links = writers.join_all().await;
    let published = began.elapsed();
    let mut delays: Vec<Duration> = readers.join_all().await.concat();
    let delivered = began.elapsed();
    delays.sort_unstable();
    let at = |part: usize| millis(delays[(delays.len() - 1) * part / 1_000]);
    println!(
        "{:14} {:7} {:12.0} {:12.0} {:8.2} {:8.2} {:8.2} {:8}",
        round.name,
        round.clients,
        rate(expected, published),
        rate(delays.len(), delivered),
        at(500),
        at(990),
        at(1_000),
        expected * round.clients - delays.len(),
    );
    for link in links {
        link.close(Duration::from_secs(2)).await.unwrap();
    }
    bus.stop();
}

async fn write(
    link: &Link,
    topic: &str,
    began: Instant,
    (bytes, messages, pace): (usize, usize, Option<u32>),
) {
    let mut ticks = pace.map(|pace| tokio::time::interval(Duration::from_secs(1) / pace));
    for _ in 0..messages {
        match &mut ticks {
            Some(ticks) => drop(ticks.tick().await),
            None => {
                while link.unacknowledged() >= AHEAD {
                    tokio::task::yield_now().await;
                }
            }
        }
        let mut payload = vec![0; bytes];
        let now = u64::try_from(began.elapsed().as_nanos()).unwrap();
        payload[..8].copy_from_slice(&now.to_le_bytes());
        link.publish(Post::new(topic, payload)).unwrap();
    }
    link.drain(PATIENCE).await.unwrap();
}

async fn read(mut events: Receiver<LinkEvent>, began: Instant, expected: usize) -> Vec<Duration> {
    let deadline = tokio::time::Instant::from_std(began + PATIENCE);
    let mut delays = Vec::with_capacity(expected);
    while delays.len() < expected {
        let Ok(Some(event)) = tokio::time::timeout_at(deadline, events.recv()).await else {
            break;
        };
        if let LinkEvent::Message { payload, .. } = event {
            let sent = u64::from_le_bytes(payload[..8].try_into().unwrap());
            delays.push(began.elapsed().saturating_sub(Duration::from_nanos(sent)));
        }
    }
    delays
}

fn millis(delay: Duration) -> f64 {
    delay.as_secs_f64() * 1_000.0
}

#[expect(clippy::cast_precision_loss, reason = "a rate is printed whole")]
fn rate(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}
