//! What the log gets of those who do not come in.

use std::future::ready;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Builder;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::*;
use crate::config::{Access, Limits};
use crate::gate::keeper::Keeper;
use crate::gate::telling::LINES;

/// Counts lines.
#[derive(Default)]
struct Lines(AtomicU32);

impl Subscriber for Lines {
    fn enabled(&self, about: &Metadata<'_>) -> bool {
        *about.level() <= tracing::Level::WARN
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
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
        let entrance = Entrance {
            listener,
            wire: Wire::Tcp,
            asking: Asking::AsTold,
            acceptor: None,
            room: Arc::new(Semaphore::new(20)),
            // Two strangers at a time.
            hall: Hall::before(4),
            origins: Arc::new([]),
        };
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
    assert_eq!(lines.0.load(Ordering::Relaxed), LINES);
    assert_eq!(hub.tally.counts().refused, 900, "all are counted");
}
