//! A connection without a socket.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use tokio::runtime::Builder;
use tokio::task::yield_now;

use super::*;
use crate::config::{Access, Limits};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A CONNECT of the client `a`, clean and without a keepalive.
const CONNECT: &[u8] = b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01a";

const PING: [u8; 2] = [0xC0, 0];

fn hub() -> Hub {
    let everybody = Access::Anyone {
        withheld: Vec::new(),
    };
    let (events, _) = tokio::sync::mpsc::channel(1);
    Hub::new(Arc::default(), (everybody, Limits::OWN), events)
}

#[test]
fn who_takes_no_answers_is_read_no_further() {
    let hub = hub();
    let visit = hub.guard.enter(HERE).unwrap();
    let peer = Peer {
        address: (HERE, 1).into(),
        asking: Asking::Nothing,
        edition: hub.edition(),
        shown: None,
        visit: &visit,
    };
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let (mut client, gate) = tokio::io::duplex(64 * 1024);
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
