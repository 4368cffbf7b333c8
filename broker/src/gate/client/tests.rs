//! A connection without a socket.

use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{DuplexStream, ReadBuf, duplex};
use tokio::runtime::{Builder, Runtime};
use tokio::task::yield_now;

use super::greeting::BAD_LOGIN;
use super::*;
use crate::config::{Access, Limits};
use crate::gate::hall::Hall;
use crate::gate::keeper::Keeper;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A CONNECT of the client `a`, clean and without a keepalive.
const CONNECT: &[u8] = b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01a";

const PING: [u8; 2] = [0xC0, 0];

fn hub() -> Hub {
    let everybody = Access::Anyone {
        withheld: Vec::new(),
    };
    let (events, _) = tokio::sync::mpsc::channel(1);
    Hub::new(
        Arc::default(),
        (Keeper::new(everybody, 100), Limits::OWN),
        events,
    )
}

/// The same with a keepalive of 1 s.
const ALIVE: &[u8] = b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x01\x00\x01a";

/// Its clock goes on by itself when all wait.
fn runtime() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().unwrap()
}

/// A process of this machine.
fn peer<'a>(hub: &Hub, visit: &'a Arc<Visit>, stay: &'a Stay) -> Peer<'a> {
    Peer {
        address: (HERE, 1).into(),
        asking: Asking::Nothing,
        edition: hub.edition(),
        shown: None,
        visit,
        stay,
        resting: Resting::default(),
        letting_in: LettingIn::default(),
    }
}

/// What takes all that is written and hands none of it on, as TLS does over a socket that is full.
struct Full(DuplexStream);

impl AsyncRead for Full {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, to)
    }
}

impl AsyncWrite for Full {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(from.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

#[test]
fn who_takes_nothing_over_tls_is_off_after_a_minute() {
    let hub = hub();
    let (visit, stay) = (hub.guard.enter(HERE).unwrap(), Stay::default());
    runtime().block_on(async {
        let (mut client, gate) = duplex(64 * 1024);
        client.write_all(CONNECT).await.unwrap();
        let served = serve(Full(gate), peer(&hub, &visit, &stay), &hub);
        assert!(timeout(WRITING * 2, served).await.is_ok(), "it stays");
    });
}

#[test]
fn who_takes_no_answers_is_off_after_one_and_a_half_keepalives() {
    let hub = hub();
    let (visit, stay) = (hub.guard.enter(HERE).unwrap(), Stay::default());
    runtime().block_on(async {
        let (mut client, gate) = duplex(64 * 1024);
        let asks = async {
            client.write_all(ALIVE).await.unwrap();
            // More than is read of who takes no answers.
            let pings = PING.repeat(512 * 1024);
            assert!(client.write_all(&pings).await.is_err(), "all are read");
        };
        let served = serve(gate, peer(&hub, &visit, &stay), &hub);
        let both = async { tokio::join!(served, asks) };
        let soon = Duration::from_secs(2);
        assert!(timeout(soon, both).await.is_ok(), "it stays");
    });
}

#[test]
fn who_takes_no_answers_is_read_no_further() {
    let hub = hub();
    let (visit, stay) = (hub.guard.enter(HERE).unwrap(), Stay::default());
    let peer = peer(&hub, &visit, &stay);
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let (mut client, gate) = duplex(64 * 1024);
        let pings = PING.repeat(512 * 1024);
        let asks = async {
            client.write_all(CONNECT).await.unwrap();
            client.write_all(&pings).await.unwrap();
        };
        let turns = async {
            // Far more than all of it takes: each turn moves as much as fits between the two.
            for _ in 0..10_000 {
                yield_now().await;
            }
        };
        tokio::select! {
            () = serve(gate, peer, &hub) => panic!("it is ended"),
            () = asks => panic!("a mebibyte of pings is read without an answer that is taken"),
            () = turns => {}
        }
    });
}

/// What a CONNECT is answered with whose will's topic and payload, user and password have so many bytes.
async fn answer_to(lengths: [u16; 4]) -> Option<u8> {
    let hub = hub();
    let (visit, stay) = (hub.guard.enter(HERE).unwrap(), Stay::default());
    let (mut client, gate) = duplex(64 * 1024);
    let mut connect = b"\x00\x04MQTT\x04\xc6\x00\x00\x00\x01a".to_vec();
    for length in lengths {
        connect.extend(length.to_be_bytes());
        connect.extend(vec![b'x'; usize::from(length)]);
    }
    let mut packet = vec![0x10];
    let mut rest = connect.len();
    while rest > 0 {
        let digit = u8::try_from(rest % 128).unwrap();
        rest /= 128;
        packet.push(if rest > 0 { digit | 0x80 } else { digit });
    }
    packet.extend(connect);
    client.write_all(&packet).await.unwrap();
    let mut answer = [0; 4];
    let asks = async {
        let answered = client.read_exact(&mut answer).await;
        answered.ok().map(|_| answer[3])
    };
    tokio::select! {
        answer = asks => answer,
        () = async {
            serve(gate, peer(&hub, &visit, &stay), &hub).await;
            std::future::pending::<()>().await;
        } => None,
    }
}

#[test]
fn of_who_is_not_let_in_yet_no_more_is_kept_than_a_connect_has() {
    runtime().block_on(async {
        let of_user = |user, password| answer_to([4, 4, user, password]);
        assert_eq!(of_user(128, 1_024).await, Some(ACCEPTED));
        assert_eq!(of_user(129, 4).await, Some(BAD_LOGIN));
        assert_eq!(of_user(4, 1_025).await, Some(BAD_LOGIN));
        assert_eq!(answer_to([4, 15_000, 4, 4]).await, Some(ACCEPTED));
        assert_eq!(
            answer_to([4, 17_000, 4, 4]).await,
            None,
            "its will is too large"
        );
        let mut buffer = BytesMut::new();
        let (mut client, mut gate) = duplex(64 * 1024);
        client.write_all(CONNECT).await.unwrap();
        client.write_all(&PING.repeat(20_000)).await.unwrap();
        greet(&mut gate, &mut buffer).await.unwrap();
        assert!(buffer.capacity() <= 4 * 1024, "{}", buffer.capacity());
        let gone = hung_up(&mut gate, &mut buffer);
        assert!(
            timeout(Duration::from_secs(1), gone).await.is_err(),
            "it is there"
        );
        assert!(buffer.capacity() <= 4 * 1024, "{}", buffer.capacity());
    });
}

#[test]
fn who_makes_room_as_it_comes_in_leaves_nobody_there() {
    let hub = hub();
    // One stranger at a time.
    let hall = Hall::before(2);
    let (visit, (stay, off)) = (hub.guard.enter(HERE).unwrap(), hall.wait());
    runtime().block_on(async {
        let (mut client, gate) = duplex(64 * 1024);
        client.write_all(CONNECT).await.unwrap();
        let _another = hall.wait();
        // Its CONNECT is read before anybody looks whether it is to go.
        tokio::select! {
            biased;
            () = serve(gate, peer(&hub, &visit, &stay), &hub) => {}
            () = off.told() => {}
        }
        let mut heard = Vec::new();
        client.read_to_end(&mut heard).await.unwrap();
        assert!(heard.is_empty(), "it is not told that it is in");
    });
    let there = hub.sweep(Instant::now());
    assert_eq!((there.clients, there.sessions), (0, 0));
}
