//! Clients of every kind come and go at the gate for as long as one likes: what must stay flat is its
//! memory, and what must be gone at the end is every session and task.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use crate::contender::Kind;
use crate::load::float;
use crate::members::{ROOT, from};
use crate::noise::Noise;
use crate::region::{self, Doors, ODD, Papers, hello};
use crate::wire::line::Frames;
use crate::wire::{
    Client, Connect, Ended, Line, PATIENCE, Publication, Qos, Reply, dial, disconnect, pubrel,
    subscribe,
};

/// How often memory is looked at.
pub(crate) const EVERY: Duration = Duration::from_secs(10);

/// How long a client of each kind rests before it comes again.
const REST: Duration = Duration::from_millis(5);

/// How long a slow reader does not read.
const STALL: Duration = Duration::from_millis(500);

/// How long a gate may take to tell what is left: it tells each ten seconds.
const TOLD: Duration = Duration::from_secs(25);

/// How long a guess may wait: for those of its address before it, and for its own answer, on a machine
/// that does much besides.
const GUESSED: Duration = Duration::from_secs(30);

/// Tasks of a gate with one client: it, one at each door that lets clients in, and two
/// that look after it.
const TASKS: u64 = 8;

/// Retained topics that are written and erased.
const TOPICS: u64 = 500;

/// A kind of client: its name, and one of its lives.
struct Sort(&'static str, fn(&mut Life<'_>));

const KINDS: [Sort; 14] = [
    Sort("goodbye", goodbye),
    Sort("cut", cut),
    Sort("takeover", takeover),
    Sort("lasting", lasting),
    Sort("retained", retained),
    Sort("traffic", traffic),
    Sort("once", once),
    Sort("slow", slow),
    Sort("noise", noise),
    Sort("changed", changed),
    Sort("certified", certified),
    Sort("framed", framed),
    Sort("unfinished", unfinished),
    Sort("guessing", guessing),
];

/// What a kind of client remembers from life to life.
struct Life<'a> {
    /// The door where nothing is asked.
    addr: SocketAddr,
    /// Those that ask: plain, private, with frames, and both.
    doors: &'a [SocketAddr],
    papers: &'a Papers,
    name: &'static str,
    lived: u64,
    random: Noise,
}

impl Life<'_> {
    fn connect(&self) -> Connect {
        Connect::new(&format!("churn-{}-{}", self.name, self.lived % 100))
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.random.below(bound)
    }
}

/// Lets clients come and go for a time; prints memory now and then, and what is left at the end.
pub(crate) fn churn(time: Duration, every: Duration) {
    let papers = Papers::make();
    let broker = region::start(Kind::Gate, Doors::Generous, &papers).expect("it is ours");
    let (addr, doors) = (broker.addr(), &broker.addrs()[1..]);
    println!("{:>9}{:>12}{:>10}{:>9}", "s", "lives", "KiB", "threads");
    let lives = AtomicU64::new(0);
    let mut seen = Vec::new();
    std::thread::scope(|scope| {
        let mut stops = Vec::new();
        for (seed, Sort(name, live)) in (1..).zip(KINDS) {
            let (stop, stopped) = channel::<()>();
            stops.push(stop);
            let (lives, papers) = (&lives, &papers);
            scope.spawn(move || {
                let mut life = Life {
                    addr,
                    doors,
                    papers,
                    name,
                    lived: 0,
                    random: Noise::new(seed),
                };
                while goes_on(&stopped, REST) {
                    live(&mut life);
                    life.lived += 1;
                    lives.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let began = Instant::now();
        let (_ticking, ticks) = channel::<()>();
        while began.elapsed() < time {
            goes_on(&ticks, every);
            let at = began.elapsed().as_secs_f64();
            let kilobytes = broker.resident_kb();
            let count = lives.load(Ordering::Relaxed);
            println!("{at:9.0}{count:12}{kilobytes:10}{:9}", broker.threads());
            seen.push((at / 60.0, float(kilobytes)));
        }
    });
    let later = &seen[seen.len() / 2..];
    println!("memory, second half: {:+.1} KiB/min", slope(later));
    let is_empty = |it: &BTreeMap<String, u64>| {
        let left = |name: &str| it.get(name).copied();
        left("clients/total") == Some(1) && left("tasks") == Some(TASKS)
    };
    erase(addr);
    let after = told(addr, is_empty);
    // What it tells of itself is retained too.
    let kept = [
        ("clients/total", 1),
        ("tasks", TASKS),
        ("router/rebuilt", 0),
    ];
    let all = [("retained messages/count", after.len() as u64)];
    for (name, kept) in kept.into_iter().chain(all) {
        let count = after.get(name).copied().unwrap_or(u64::MAX);
        println!("{name:24} left: {}", count.saturating_sub(kept));
        assert!(count <= kept, "something of clients that are gone is left");
    }
}

/// Erases whatever is retained: a changed byte may have asked for it.
fn erase(addr: SocketAddr) {
    let mut client = Client::connect(addr, &Connect::new("churn-eraser"));
    client.subscribed("#", 0);
    client.publish("churn/last", "");
    while let Ok(heard) = client.hear() {
        if heard.topic == "churn/last" {
            break;
        }
        client.publish_retained(&heard.topic, "");
    }
    client.leave();
}

/// Waits, unless whoever has the other end lets go of it.
pub(crate) fn goes_on(stopped: &Receiver<()>, time: Duration) -> bool {
    stopped.recv_timeout(time) == Err(RecvTimeoutError::Timeout)
}

/// What the gate tells of itself as soon as it is as wanted, or at the end of patience.
fn told(
    addr: SocketAddr,
    is_wanted: impl Fn(&BTreeMap<String, u64>) -> bool,
) -> BTreeMap<String, u64> {
    let mut watcher = Client::connect(addr, &Connect::new("churn-watcher"));
    watcher.subscribed("$SYS/#", 0);
    let deadline = Instant::now() + TOLD;
    let mut told = BTreeMap::new();
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let Ok(heard) = watcher.hear_within(left) else {
            return told;
        };
        let name = heard.topic.trim_start_matches("$SYS/broker/").to_owned();
        told.insert(name, heard.text().parse().unwrap_or_default());
        // The last of a round.
        if heard.topic.ends_with("router/rebuilt") && is_wanted(&told) {
            return told;
        }
    }
}

/// KiB a minute, by least squares.
fn slope(seen: &[(f64, f64)]) -> f64 {
    let count = float(seen.len() as u64);
    let mean = |value: fn(&(f64, f64)) -> f64| seen.iter().map(value).sum::<f64>() / count;
    let (x, y) = (mean(|it| it.0), mean(|it| it.1));
    let above: f64 = seen.iter().map(|it| (it.0 - x) * (it.1 - y)).sum();
    let below: f64 = seen.iter().map(|it| (it.0 - x) * (it.0 - x)).sum();
    above / below
}

fn goodbye(life: &mut Life<'_>) {
    let mut client = Client::connect(life.addr, &life.connect().will("churn/will", "never"));
    client.subscribed(&format!("churn/{}/+", life.lived), 1);
    client.publish(&format!("churn/{}/report", life.lived), "here");
    assert!(client.hear().is_ok(), "a client hears itself");
    client.leave();
}

fn cut(life: &mut Life<'_>) {
    let mut client = Client::connect(life.addr, &life.connect().will("churn/will", "cut"));
    client.subscribed("churn/will", 1);
    client.vanish();
}

fn takeover(life: &mut Life<'_>) {
    let connect = life.connect().will("churn/will", "taken over");
    let mut old = Client::connect(life.addr, &connect);
    old.subscribed("churn/flow", 1);
    let new = Client::connect(life.addr, &connect);
    assert!(old.is_closed_within(PATIENCE), "the old one stays open");
    match life.below(2) {
        0 => new.vanish(),
        _ => new.leave(),
    }
}

/// Goes without a word, misses something, hears it on return, and leaves no session.
fn lasting(life: &mut Life<'_>) {
    let connect = life.connect().lasting();
    let mut client = Client::connect(life.addr, &connect);
    let topic = format!("churn/lasting/{}", life.lived);
    client.subscribed(&topic, 1);
    client.vanish();
    let mut other = Client::connect(life.addr, &Connect::new("churn-lasting-other"));
    other.publish(&topic, "missed");
    other.leave();
    let mut back = Client::connect(life.addr, &connect);
    assert!(
        back.hear().is_ok(),
        "a lasting session hears what it missed"
    );
    back.leave();
    Client::connect(life.addr, &life.connect()).leave();
}

fn retained(life: &mut Life<'_>) {
    let mut client = Client::connect(life.addr, &life.connect());
    for _ in 0..10 {
        let topic = format!("churn/kept/{}", life.below(TOPICS));
        let payload = vec![b'k'; usize::try_from(life.below(2_000)).unwrap()];
        client.publish_retained(&topic, &String::from_utf8(payload).unwrap());
        client.publish_retained(&topic, "");
    }
    client.subscribed("churn/kept/#", 0);
    client.leave();
}

fn traffic(life: &mut Life<'_>) {
    let mut client = Client::connect(life.addr, &life.connect());
    let flow = (1..=20).flat_map(|id| {
        let publication = Publication::new("churn/flow", vec![b'f'; 1_024]);
        publication.qos(Qos::AtLeastOnce(id)).bytes()
    });
    let flow: Vec<u8> = flow.collect();
    assert_eq!(client.flood(&flow, 20), 20, "messages are acknowledged");
    client.leave();
}

/// QoS 2, of which every third message is never released.
fn once(life: &mut Life<'_>) {
    let mut client = Client::connect(life.addr, &life.connect());
    client.subscribed("churn/once", 2);
    let publication = Publication::new("churn/once", "once");
    client.send(&publication.qos(Qos::ExactlyOnce(7)).bytes());
    client.await_reply(|reply| *reply == Reply::PubRec(7));
    if life.below(3) > 0 {
        client.send(&pubrel(7));
        client.await_reply(|reply| *reply == Reply::PubComp(7));
        assert_ne!(client.hear().err(), Some(Ended::Silent), "QoS 2 arrives");
    }
    client.vanish();
}

fn slow(life: &mut Life<'_>) {
    let mut client = Client::connect(life.addr, &life.connect());
    let qos = u8::try_from(life.below(2)).unwrap();
    client.subscribed("churn/flow", qos);
    // It answers nothing and reads nothing, until it vanishes.
    let (_kept, stall) = channel::<()>();
    goes_on(&stall, STALL);
    client.vanish();
}

fn noise(life: &mut Life<'_>) {
    let mut client = Client::open(life.addr);
    let count = 1 + life.below(500);
    client.send(&life.random.bytes(count));
    client.finish();
    assert!(client.is_closed_within(PATIENCE), "noise is listened to");
}

fn changed(life: &mut Life<'_>) {
    let connect = life.connect().will("churn/will", "changed").bytes();
    let publication = Publication::new("churn/flow", "text").qos(Qos::ExactlyOnce(1));
    let parts = [
        connect,
        subscribe(2, "churn/+", 1),
        publication.bytes(),
        disconnect(),
    ];
    // A changed CONNECT could ask for a session that lasts, and by rights would leave it.
    let whole = parts[0].len();
    let mut session = parts.concat();
    let at = whole + usize::try_from(life.below((session.len() - whole) as u64)).unwrap();
    session[at] ^= life.random.bytes(1)[0];
    let mut client = Client::open(life.addr);
    client.send(&session);
    client.finish();
    assert!(client.is_closed_within(PATIENCE), "an end is overlooked");
}

/// The odd office over TLS, with its certificate, to its own goodbye or without a word.
fn certified(life: &mut Life<'_>) {
    let client = Client::over(life.papers.dial(Doors::Generous, life.doors[1]));
    belong(life, client);
}

/// The same through the frames of WebSocket.
fn framed(life: &mut Life<'_>) {
    let private = life.papers.shake(dial(life.doors[3]));
    let frames = Frames::over("wss://localhost/", private);
    belong(life, Client::over(Line::PrivateFrames(Box::new(frames))));
}

fn belong(life: &mut Life<'_>, client: Client) {
    let hello = Connect::new(&format!("{ODD}-{}-{}", life.name, life.lived % 100));
    let (mut client, reply) = client.greeting(&hello);
    assert!(matches!(reply, Reply::ConnAck { code: 0, .. }), "{reply:?}");
    client.subscribed(&format!("{ROOT}/want/{}", life.lived), 1);
    client.publish(&format!("{ROOT}/want/{ODD}"), &from(ODD));
    match life.below(2) {
        0 => client.vanish(),
        _ => client.leave(),
    }
}

/// Begins a handshake at any door and goes in the middle of it.
fn unfinished(life: &mut Life<'_>) {
    let door = usize::try_from(life.below(4)).unwrap();
    let mut client = Client::open(life.doors[door]);
    client.send(&[0x16, 0x03, 0x01]);
    client.vanish();
}

/// Shows a wrong password; every other time it does not wait for the answer.
fn guessing(life: &mut Life<'_>) {
    let mut client = Client::open(life.doors[0]);
    client.send(&hello(ODD, life.name).login(ODD, "sesame").bytes());
    match life.below(2) {
        0 => client.vanish(),
        _ => assert!(client.is_closed_within(GUESSED), "a guess is not answered"),
    }
}
