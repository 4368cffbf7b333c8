//! One bus of several nodes: a link goes to the next when one refuses, dies, stands still or denies.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};

use broker::{BusUrl, Embedded, Link, LinkEvent, Post};

use crate::station::{bus, config, next, payloads, up, wait_down, wait_for};

/// An address of several nodes.
fn nodes(addrs: &[SocketAddr]) -> BusUrl {
    let addrs: Vec<String> = addrs.iter().map(ToString::to_string).collect();
    format!("mqtt://{}", addrs.join(",")).parse().unwrap()
}

/// A port on which nobody listens.
fn nobody() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap()
}

#[tokio::test]
async fn a_node_that_refuses_is_passed_over_and_one_that_dies_is_left() {
    let ((first, _events), later) = (bus(), nobody());
    let url = nodes(&[nobody(), first.local_addr(), later]);
    let (link, mut events) = up(config(url, "gz")).await;
    let (_second, _events) = Embedded::start(later).unwrap();
    first.stop();
    wait_down(&mut events).await;
    wait_for(&mut events, &LinkEvent::Up).await;
    link.publish(Post::new("town/1", "from the other node"))
        .unwrap();
    assert_eq!(payloads(&mut events, 1).await, ["from the other node"]);
}

#[tokio::test]
async fn a_node_that_takes_connections_and_says_nothing_holds_no_link() {
    // Like a process that was stopped: the system connects for it.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let (alive, _events) = bus();
    let url = nodes(&[silent.local_addr().unwrap(), alive.local_addr()]);
    for seed in 0..4 {
        let mut config = config(url.clone(), &format!("gz{seed}"));
        config.seed = seed;
        up(config).await;
    }
}

#[tokio::test]
async fn what_a_node_denies_while_it_elects_is_asked_again_and_nobody_is_told() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let addr = listener.local_addr().unwrap();
    let node = std::thread::spawn(move || elects(&listener));
    let (_link, mut events) = Link::open(config(nodes(&[addr, addr]), "gz")).unwrap();
    assert_eq!(next(&mut events).await, LinkEvent::Up);
    drop(node.join().unwrap());
}

/// A node that denies the first subscription and grants the second; its connection stays open.
fn elects(listener: &TcpListener) -> TcpStream {
    let (mut client, _) = listener.accept().unwrap();
    assert_eq!(packet(&mut client).0, 0x10);
    client.write_all(&[0x20, 2, 0, 0]).unwrap();
    for code in [0x80, 1] {
        let (kind, body) = packet(&mut client);
        assert_eq!(kind, 0x82);
        client
            .write_all(&[0x90, 3, body[0], body[1], code])
            .unwrap();
    }
    client
}

/// The next packet, of less than 128 bytes.
fn packet(client: &mut TcpStream) -> (u8, Vec<u8>) {
    let mut head = [0; 2];
    client.read_exact(&mut head).unwrap();
    let mut body = vec![0; usize::from(head[1])];
    client.read_exact(&mut body).unwrap();
    (head[0], body)
}
