//! One load on one broker: publishers as fast as their window or pace lets them, subscribers that hear all.
//!
//! All clients share one thread, so that the broker has the other processor. Each message ends with when
//! it was sent; whoever hears counts what is missing at the end.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{interval, sleep_until};

use crate::contender::Contender;
use crate::stream::{Out, Said, Stream};
use crate::wire::{Connect, Publication, Qos, puback};

/// Bytes of a payload. What has another length is none of a load's.
pub(crate) const PAYLOAD_BYTES: usize = 512;

/// Bytes at the end of a payload that say when it was sent.
const TIME_BYTES: usize = 8;

/// How long clients publish before it is measured.
const WARM_UP: Duration = Duration::from_secs(1);

/// How long nothing may come before what is missing counts as lost.
const QUIET: Duration = Duration::from_secs(2);

/// Messages with QoS 0 that are sent before others have their turn.
const TURN: u64 = 64;

/// Who publishes, who hears, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    /// How a table names it.
    pub(crate) name: &'static str,
    /// Clients; the only one that hears all of one publisher is apart from it.
    pub(crate) clients: Clients,
    /// 0 or 1.
    pub(crate) qos: u8,
    /// Messages of a publisher under way at once, with QoS 1.
    pub(crate) window: usize,
    /// Messages a second of each publisher; none is as fast as it can.
    pub(crate) pace: Option<u32>,
}

/// Who is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clients {
    /// So many, of which each publishes and hears all.
    Mesh(usize),
    /// One publishes and one hears.
    Pair,
}

/// One client of a load.
#[derive(Clone, Debug)]
pub(crate) struct Player {
    /// How it comes in.
    pub(crate) hello: Connect,
    /// What it hears, if it hears anything.
    pub(crate) hears: Option<String>,
    /// The topic to which it publishes and what its payloads begin with, if it publishes.
    pub(crate) says: Option<(String, String)>,
}

/// What was measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    pub(crate) delivered_per_s: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// The broker's processor time for one delivery.
    pub(crate) cpu_us: f64,
    /// Messages that somebody was to hear and nobody told.
    pub(crate) lost: u64,
    /// Connections that the broker ended.
    pub(crate) ended: u64,
}

/// What all clients share.
#[derive(Debug)]
struct Stage {
    began: Instant,
    sends: Cell<bool>,
    measures: Cell<bool>,
    sent: Cell<u64>,
    heard: Cell<u64>,
    measured: Cell<u64>,
    delays_us: RefCell<Vec<u32>>,
    ended: Cell<u64>,
}

/// Runs a load and gives what was measured.
pub(crate) fn run(load: &Load, broker: &Contender, measured: Duration) -> Figures {
    let players = load.clients.players();
    play(load, players, (broker, broker.addr()), measured, || ())
}

/// Runs a load with these players at a door of a broker; `begun` hears when all are in.
pub(crate) fn play(
    load: &Load,
    players: Vec<Player>,
    at: (&Contender, SocketAddr),
    measured: Duration,
    begun: impl FnOnce(),
) -> Figures {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    LocalSet::new().block_on(&runtime, measure(load, players, at, measured, begun))
}

impl Clients {
    fn players(self) -> Vec<Player> {
        let player = |id: &str, hears: bool, says: Option<usize>| Player {
            hello: Connect::new(id),
            hears: hears.then(|| "city/+/out".to_owned()),
            says: says.map(|number| (format!("city/{number}/out"), String::new())),
        };
        match self {
            Self::Mesh(count) => {
                let all = 0..count;
                all.map(|number| player(&format!("mesh-{number}"), true, Some(number)))
                    .collect()
            }
            Self::Pair => vec![
                player("hearer", true, None),
                player("sender", false, Some(0)),
            ],
        }
    }
}

async fn measure(
    load: &Load,
    players: Vec<Player>,
    (broker, door): (&Contender, SocketAddr),
    measured: Duration,
    begun: impl FnOnce(),
) -> Figures {
    let hearers = players.iter().filter(|it| it.hears.is_some()).count() as u64;
    let stage = Rc::new(Stage {
        began: Instant::now(),
        sends: Cell::new(true),
        measures: Cell::new(false),
        sent: Cell::new(0),
        heard: Cell::new(0),
        measured: Cell::new(0),
        delays_us: RefCell::default(),
        ended: Cell::new(0),
    });
    enter(load, players, door, &stage).await;
    begun();
    pause(WARM_UP).await;
    let (busy, since) = (broker.busy(), Instant::now());
    stage.measures.set(true);
    pause(measured).await;
    stage.measures.set(false);
    let (busy, took) = (broker.busy().saturating_sub(busy), since.elapsed());
    stage.sends.set(false);
    let missing = || stage.sent.get() * hearers - stage.heard.get();
    let mut before = u64::MAX;
    while missing() > 0 && missing() < before {
        before = missing();
        pause(QUIET).await;
    }
    let mut delays = stage.delays_us.take();
    delays.sort_unstable();
    let at = |percent: usize| {
        let rank = (delays.len() * percent).div_ceil(100).saturating_sub(1);
        delays.get(rank).map_or(f64::NAN, |us| f64::from(*us) / 1e3)
    };
    let delivered = float(stage.measured.get());
    Figures {
        delivered_per_s: delivered / took.as_secs_f64(),
        p50_ms: at(50),
        p99_ms: at(99),
        cpu_us: busy.as_secs_f64() * 1e6 / delivered,
        lost: missing(),
        ended: stage.ended.get(),
    }
}

/// Lets all clients in, and then begin.
async fn enter(load: &Load, players: Vec<Player>, addr: SocketAddr, stage: &Rc<Stage>) {
    let mut streams = Vec::new();
    for player in players {
        let filter = player.hears.as_deref().map(|filter| (filter, load.qos));
        let stream = Stream::open(addr, &player.hello, filter).await.unwrap();
        streams.push((stream, player.says));
    }
    for (stream, says) in streams {
        let under_way = Rc::new(UnderWay::default());
        if let Some(says) = says {
            let (stage, out) = (Rc::clone(stage), Rc::clone(&stream.out));
            let (load, under_way) = (*load, Rc::clone(&under_way));
            spawn_local(async move { publish(&load, &stage, &out, says, &under_way).await });
        }
        spawn_local(listen(Rc::clone(stage), stream, under_way));
    }
}

/// What a publisher has sent and no acknowledgement of.
#[derive(Debug, Default)]
struct UnderWay {
    ids: RefCell<BTreeSet<u16>>,
    less: Notify,
}

async fn publish(
    load: &Load,
    stage: &Stage,
    out: &Out,
    (topic, head): (String, String),
    under_way: &UnderWay,
) {
    let qos = match load.qos {
        0 => Qos::AtMostOnce,
        _ => Qos::AtLeastOnce(1),
    };
    let mut payload = head.into_bytes();
    payload.resize(PAYLOAD_BYTES, 0x5a);
    let publication = Publication::new(&topic, payload);
    let mut packet = publication.qos(qos).bytes();
    let payload_at = packet.len() - PAYLOAD_BYTES;
    let time_at = packet.len() - TIME_BYTES;
    let began = tokio::time::Instant::now();
    let (mut count, mut id) = (0_u64, 0_u16);
    while stage.sends.get() && !out.ended.get() {
        if let Some(pace) = load.pace {
            let due = Duration::from_nanos(count * 1_000_000_000 / u64::from(pace));
            sleep_until(began + due).await;
        }
        if load.qos > 0 {
            while under_way.ids.borrow().len() >= load.window {
                under_way.less.notified().await;
            }
            id = if id == u16::MAX { 1 } else { id + 1 };
            under_way.ids.borrow_mut().insert(id);
            packet[payload_at - 2..payload_at].copy_from_slice(&id.to_be_bytes());
        }
        out.room().await;
        let now = nanos(stage.began);
        packet[time_at..].copy_from_slice(&now.to_le_bytes());
        out.say(&packet);
        count += 1;
        stage.sent.set(stage.sent.get() + 1);
        if load.qos == 0 && count % TURN == 0 {
            tokio::task::yield_now().await;
        }
    }
}

async fn listen(stage: Rc<Stage>, mut stream: Stream, under_way: Rc<UnderWay>) {
    let out = Rc::clone(&stream.out);
    loop {
        if stream.more().await.is_err() {
            stage.ended.set(stage.ended.get() + 1);
            out.ended.set(true);
            return;
        }
        let now = nanos(stage.began);
        let mut delays = stage.delays_us.borrow_mut();
        let before = delays.len();
        let mut heard = 0;
        let is_measured = stage.measures.get();
        stream.hear(|said| match said {
            Said::Publish { id, payload } => {
                if let Some(id) = id {
                    out.say(&puback(id));
                }
                if payload.len() != PAYLOAD_BYTES {
                    return;
                }
                heard += 1;
                if is_measured {
                    let sent = payload.last_chunk().expect("a payload says when");
                    let took = now.saturating_sub(u64::from_le_bytes(*sent));
                    delays.push(u32::try_from(took / 1_000).unwrap_or(u32::MAX));
                }
            }
            Said::PubAck(id) => {
                under_way.ids.borrow_mut().remove(&id);
                under_way.less.notify_one();
            }
            Said::Other => {}
        });
        stage.heard.set(stage.heard.get() + heard);
        let new = (delays.len() - before) as u64;
        stage.measured.set(stage.measured.get() + new);
    }
}

/// Lets a time pass.
async fn pause(time: Duration) {
    let mut ticks = interval(time);
    // The first comes at once.
    ticks.tick().await;
    ticks.tick().await;
}

fn nanos(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "a rate is printed whole")]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}
