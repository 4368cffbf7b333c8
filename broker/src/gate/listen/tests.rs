//! Who comes in, who makes room for another, and what the log gets of those who do not come in.

use std::future::ready;
use std::io;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Builder;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::*;
use crate::config::{Access, Limits, Passwords};
use crate::gate::keeper::Keeper;
use crate::gate::telling::LINES;

/// Counts lines, and knows the longest of what they tell.
#[derive(Default)]
struct Lines {
    count: AtomicU32,
    longest: AtomicUsize,
}

impl Visit for &Lines {
    fn record_debug(&mut self, _: &Field, value: &dyn std::fmt::Debug) {
        let bytes = format!("{value:?}").len();
        self.longest.fetch_max(bytes, Ordering::Relaxed);
    }
}

impl Subscriber for Lines {
    fn enabled(&self, about: &Metadata<'_>) -> bool {
        *about.level() <= tracing::Level::WARN
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.count.fetch_add(1, Ordering::Relaxed);
        event.record(&mut &*self);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn hub() -> Hub {
    let everybody = Access::Anyone {
        withheld: Vec::new(),
    };
    let (events, _) = tokio::sync::mpsc::channel(1);
    let keeper = Keeper::new(everybody, 100);
    Hub::new(Arc::default(), (keeper, Limits::OWN), events)
}

/// A CONNECT of the client `a`, clean and without a keepalive, and its CONNACK.
const CONNECT: &[u8] = b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01a";
const CONNACK: [u8; 4] = [0x20, 2, 0, 0];

fn entrance(listener: TcpListener, hall: &Arc<Hall>) -> Entrance {
    Entrance {
        listener,
        wire: Wire::Tcp,
        asking: Asking::AsTold,
        acceptor: None,
        room: Arc::new(Semaphore::new(20)),
        hall: Arc::clone(hall),
        origins: Arc::new([]),
    }
}

async fn comes_in(stream: &mut TcpStream) {
    let mut answer = [0; 4];
    stream.write_all(CONNECT).await.unwrap();
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, CONNACK);
}

#[test]
fn a_newcomer_comes_in_while_strangers_say_nothing_and_then_its_address_has_room() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        // Two strangers at a time.
        let entrance = entrance(listener, &Hall::before(4));
        tokio::spawn(accept(entrance, Arc::new(hub())));
        let mut silent = Vec::new();
        for _ in 0..6 {
            silent.push(TcpStream::connect(address).await.unwrap());
        }
        let mut newcomer = TcpStream::connect(address).await.unwrap();
        comes_in(&mut newcomer).await;
        for gone in &mut silent[..5] {
            assert_eq!(gone.read(&mut [0]).await.ok(), Some(0), "it made room");
        }
        for _ in 0..3 {
            silent.push(TcpStream::connect(address).await.unwrap());
        }
        // Served behind all of these, whose address is known by now.
        comes_in(&mut TcpStream::connect(address).await.unwrap()).await;
        comes_in(&mut silent[5]).await;
    });
}

#[test]
fn what_is_told_of_a_handshake_is_no_longer_than_a_line() {
    let hub = hub();
    let address = SocketAddr::from(([192, 0, 2, 1], 1));
    let lines = Arc::new(Lines::default());
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    tracing::subscriber::with_default(Arc::clone(&lines), || {
        let quotes = "all that a stranger sent\n".repeat(2_000);
        let fails = ready(Err::<(), _>(io::Error::other(quotes)));
        assert!(runtime.block_on(shaken(fails, address, &hub)).is_none());
    });
    let longest = lines.longest.load(Ordering::Relaxed);
    assert!(
        (ERROR_CHARS..2 * ERROR_CHARS).contains(&longest),
        "{longest}"
    );
}

#[test]
fn nine_hundred_handshakes_that_fail_get_as_many_lines_as_a_minute_has() {
    let hub = hub();
    let address = SocketAddr::from(([192, 0, 2, 1], 1));
    let lines = Arc::new(Lines::default());
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    tracing::subscriber::with_default(Arc::clone(&lines), || {
        runtime.block_on(async {
            for _ in 0..900 {
                let fails = ready(Err::<(), _>(io::Error::other("no hand of ours")));
                assert!(shaken(fails, address, &hub).await.is_none());
            }
        });
    });
    assert_eq!(lines.count.load(Ordering::Relaxed), LINES);
    assert_eq!(hub.tally.counts().refused, 900, "all are counted");
}

/// A gate at which one office has a password.
fn hub_that_asks() -> Hub {
    use protocol::{AccessList, Mode, Network, Roster, Signer, Suite};
    let root = Signer::new("region".parse().unwrap(), Suite::Ed25519, [9; 32]);
    let network = Network {
        id: "net-1".parse().unwrap(),
        mode: Mode::Exercise,
        region: root.party(),
        root: root.public(),
        suite: Suite::Ed25519,
    };
    let roster = Roster::new(&network);
    let line = Passwords::line("440400".parse().unwrap(), b"sesame").unwrap();
    let access = Access::Listed {
        list: Arc::new(AccessList::new(network, roster)),
        passwords: Passwords::parse(&line).unwrap(),
    };
    let (events, _) = tokio::sync::mpsc::channel(1);
    let keeper = Keeper::new(access, 100);
    Hub::new(Arc::default(), (keeper, Limits::NETWORK), events)
}

/// A CONNECT of 440400 with a wrong password.
const GUESS: &[u8] = b"\x10\x1f\x00\x04MQTT\x04\xc2\x00\x00\x00\x06440400\x00\x06440400\x00\x03bad";

/// A stranger with an address of its own of this machine who guesses a password.
async fn guesser(host: u8, at: SocketAddr) -> TcpStream {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(from(host)).unwrap();
    let mut stream = socket.connect(at).await.unwrap();
    stream.write_all(GUESS).await.unwrap();
    stream
}

fn from(host: u8) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, host], 0))
}

/// Lets others go on until something is so.
async fn until(is_so: impl Fn() -> bool) {
    let waits = async {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(30), waits).await.unwrap();
}

#[test]
fn strangers_that_make_room_leave_no_second_password_to_be_looked_at_beside_the_first() {
    let mut builder = Builder::new_current_thread();
    let runtime = builder
        .enable_all()
        .max_blocking_threads(1)
        .build()
        .unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let hub = Arc::new(hub_that_asks());
        // One stranger at a time.
        let entrance = entrance(listener, &Hall::before(2));
        tokio::spawn(accept(entrance, Arc::clone(&hub)));
        // What is looked at takes as long as the test wishes: the thread that does so has something to do.
        let (ends, busy) = std::sync::mpsc::channel::<()>();
        let other = tokio::task::spawn_blocking(move || busy.recv().is_ok());
        let mut first = guesser(2, address).await;
        until(|| hub.keeper.looks_at_strangers()).await;
        let mut second = guesser(3, address).await;
        assert_eq!(first.read(&mut [0]).await.ok(), Some(0), "it made room");
        assert!(hub.keeper.looks_at_strangers(), "it is looked at");
        ends.send(()).unwrap();
        assert!(other.await.unwrap());
        let mut answer = [0; 4];
        second.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, [0x20, 2, 0, 4], "its turn came");
        let wrong = |host| hub.guard.enter(from(host).ip()).unwrap().wrong();
        assert_eq!((wrong(2), wrong(3)), (1, 1), "whoever waits for the answer");
    });
}

#[test]
fn a_client_without_a_keepalive_whose_machine_is_gone_is_noticed_within_five_minutes() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let _client = TcpStream::connect(address).await.unwrap();
        let (accepted, _) = listener.accept().await.unwrap();
        prepare(&accepted).unwrap();
        assert!(sockopt::socket_keepalive(&accepted).unwrap());
        let quiet = sockopt::tcp_keepidle(&accepted).unwrap();
        let probe = sockopt::tcp_keepintvl(&accepted).unwrap();
        let probes = sockopt::tcp_keepcnt(&accepted).unwrap();
        assert_eq!(quiet + probe * probes, Duration::from_secs(300));
    });
}

#[test]
fn an_own_door_and_the_others_take_nothing_of_each_other_though_they_have_one_address() {
    let everybody = Access::Anyone {
        withheld: Vec::new(),
    };
    let few = Limits {
        connections: 2,
        ..Limits::OWN
    };
    let (events, _) = tokio::sync::mpsc::channel(1);
    let hub = Hub::new(Arc::default(), (Keeper::new(everybody, 100), few), events);
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let door = |asking| {
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        Entrance {
            asking,
            ..entrance(listener, &Hall::before(4))
        }
    };
    let (own, other) = (door(Asking::Nothing), door(Asking::AsTold));
    let comes = |door: &Entrance| door.meet(from(1).ip(), &hub);
    let inside: Vec<_> = (0..100).filter_map(|_| comes(&own)).collect();
    assert_eq!(inside.len(), 100);
    inside[0].let_in();
    let others = [comes(&other), comes(&other), comes(&other)];
    assert_eq!(others.each_ref().map(Option::is_some), [true, true, false]);
    let is_expected = others.iter().flatten().any(|it| it.is_expected());
    assert!(!is_expected, "who is let in there is another");
}
