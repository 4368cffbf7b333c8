//! The question after every attack: is somebody else still served?

use std::net::SocketAddr;

use crate::wire::{Client, Connect, Publication, Qos, Reply};

/// Fails unless a newcomer can connect, subscribe, publish and hear its own message.
#[track_caller]
pub(crate) fn assert_served(addr: SocketAddr) {
    let connect = Connect::new("bystander");
    let (mut client, reply) = Client::greet(addr, &connect);
    assert!(
        matches!(reply, Reply::ConnAck { code: 0, .. }),
        "the broker serves nobody any more: a newcomer's CONNECT is answered by {reply:?}"
    );
    let reply = client.subscribe("bystander/echo", 1);
    assert!(
        matches!(reply, Reply::SubAck { .. }),
        "the broker serves nobody any more: a newcomer's SUBSCRIBE is answered by {reply:?}"
    );
    let echo = Publication::new("bystander/echo", "echo").qos(Qos::AtLeastOnce(1));
    client.send(&echo.bytes());
    let heard = client.hear();
    assert!(
        heard.as_ref().is_ok_and(|heard| heard.text() == "echo"),
        "the broker serves nobody any more: a newcomer hears {heard:?} of its own message"
    );
    client.leave();
}
