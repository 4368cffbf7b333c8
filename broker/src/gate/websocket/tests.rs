//! A client over WebSocket without a socket.

use std::pin::pin;

use tokio::runtime::Builder;
use tokio::time::sleep;

use super::*;
use crate::config::{Access, Limits};
use crate::gate::Asking;
use crate::gate::client::{Peer, serve};
use crate::gate::hall::Stay;
use crate::gate::hub::Hub;
use crate::gate::keeper::Keeper;

/// What asks for WebSocket, with the key of RFC 6455, 1.3.
const HANDS: &[u8] =
    b"GET /mqtt HTTP/1.1\r\nHost: gate\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Protocol: mqtt\r\n\r\n";

/// A masked frame with a CONNECT of the client `a`, clean, with a keepalive of 1 s.
const CONNECT: &[u8] = b"\x82\x8f\0\0\0\0\x10\x0d\x00\x04MQTT\x04\x02\x00\x01\x00\x01a";

/// One with a PINGREQ.
const PING: &[u8] = b"\x82\x82\0\0\0\0\xc0\0";

fn hub() -> Hub {
    let everybody = Access::Anyone {
        withheld: Vec::new(),
    };
    let (events, _) = tokio::sync::mpsc::channel(1);
    let keeper = Keeper::new(everybody, 100);
    Hub::new(std::sync::Arc::default(), (keeper, Limits::OWN), events)
}

/// The client's side of shaking hands.
async fn shake(client: &mut DuplexStream) {
    client.write_all(HANDS).await.unwrap();
    let mut answer = BytesMut::new();
    while !answer.ends_with(b"\r\n\r\n") {
        client.read_buf(&mut answer).await.unwrap();
    }
}

/// Serves who shakes hands at the other end, until it is off.
async fn serve_frames(stream: DuplexStream, hub: &Hub) {
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
    let visit = hub.guard.enter(address.ip()).unwrap();
    let (stream, pump) = open(stream, &[]).await.unwrap();
    let peer = Peer {
        address,
        asking: Asking::Nothing,
        edition: hub.edition(),
        shown: None,
        visit: &visit,
        stay: &Stay::default(),
        resting: pump.resting(),
        letting_in: pump.letting_in(),
    };
    tokio::join!(serve(stream, peer, hub), pump.run());
}

#[test]
fn who_pings_in_time_stays_while_it_rests_for_its_small_frames() {
    let hub = hub();
    // Its clock goes on by itself when all wait.
    let mut builder = Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let (mut client, gate) = duplex(64 * 1024);
        let mut served = pin!(serve_frames(gate, &hub));
        let pings = async {
            shake(&mut client).await;
            // Of these it rests for two seconds, and after one and a half it would be silent.
            client.write_all(CONNECT).await.unwrap();
            client.write_all(&PING.repeat(600)).await.unwrap();
            for _ in 0..3 {
                sleep(Duration::from_secs(1)).await;
                client.write_all(PING).await.unwrap();
            }
        };
        tokio::select! {
            () = &mut served => panic!("it is ended"),
            () = pings => {}
        }
        let soon = Duration::from_secs(2);
        assert!(
            timeout(soon, served).await.is_ok(),
            "it says nothing, and stays"
        );
    });
}

#[test]
fn of_who_is_not_let_in_yet_no_frame_is_kept_that_is_larger_than_a_connect() {
    let hub = hub();
    let mut builder = Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let (mut client, gate) = duplex(1024);
        let served = serve_frames(gate, &hub);
        let mut taken = 0;
        let sends = async {
            shake(&mut client).await;
            // The head of a frame of 256 KiB, and what follows of it.
            client
                .write_all(b"\x82\xff\0\0\0\0\0\x04\0\0\0\0\0\0")
                .await
                .unwrap();
            while let Ok(count) = client.write(&[0; 1024]).await {
                taken += count;
            }
        };
        tokio::join!(served, sends);
        assert!(taken < 64 * 1024, "{taken} bytes are kept of a stranger");
    });
}
