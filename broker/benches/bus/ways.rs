//! The question that the gate began with: what does a way through rumqttd cost? Nine clients that each
//! hear all, inside one process and without sockets: with one link and one topic for all of them, who
//! wants what being known outside, or with a link for each and rumqttd's own filters. In the same turns
//! the gate that came of it, and mosquitto, both over sockets.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rumqttd::local::{LinkBuilder, LinkRx, LinkTx};
use rumqttd::{Notification, Router, RouterConfig};

use crate::compare::{LOADS, median};
use crate::contender::{Contender, Kind};
use crate::load::{float, run};

/// Clients, of which each hears all.
const CLIENTS: usize = 9;

/// Messages of each client.
pub(crate) const MESSAGES: usize = 20_000;

/// Messages that a client is ahead of what it has heard: about as many as rumqttd hands out at a time.
const WINDOW: usize = 32;

/// How long what goes over sockets is measured.
const MEASURED: Duration = Duration::from_secs(3);

const PAYLOAD: [u8; 512] = [0x5a; 512];

/// Measures all in turns and prints the medians.
pub(crate) fn ways(rounds: u64, messages: usize) {
    let mut found: [Vec<f64>; 4] = Default::default();
    for _ in 0..rounds {
        found[0].push(one_for_all(messages));
        found[1].push(one_for_each(messages));
        for (kind, found) in [Kind::Gate, Kind::Mosquitto]
            .into_iter()
            .zip(&mut found[2..])
        {
            if let Some(broker) = Contender::start(kind) {
                found.push(run(&LOADS[0], &broker, MEASURED).delivered_per_s);
            }
        }
    }
    let names = [
        "one link, one topic; no sockets",
        "a link for each; no sockets",
        "the gate, over sockets",
        "mosquitto, over sockets",
    ];
    println!("{:36}{:>15}", "way", "deliveries/s");
    for (name, found) in names.iter().zip(found) {
        println!("{name:36}{:15.0}", median(found.into_iter()));
    }
}

/// One link for all: who takes what comes out puts it into each client's outbox.
fn one_for_all(messages: usize) -> f64 {
    let (link, mut receive) = router()("gate", "gate");
    let link = Mutex::new(link);
    let outboxes: [Mutex<Vec<Bytes>>; CLIENTS] = Default::default();
    let all = messages * CLIENTS;
    let began = Instant::now();
    std::thread::scope(|scope| {
        let client = |outbox: &Mutex<Vec<Bytes>>| {
            let (mut sent, mut heard) = (0, 0);
            while heard < all {
                while sent < messages && sent * CLIENTS < heard + WINDOW * CLIENTS {
                    publish(&mut link.lock().unwrap(), &Bytes::from_static(b"gate"));
                    sent += 1;
                }
                let taken = std::mem::take(&mut *outbox.lock().unwrap());
                if taken.is_empty() {
                    std::thread::park();
                }
                heard += taken.len();
            }
        };
        let clients: Vec<_> = outboxes
            .iter()
            .map(|outbox| scope.spawn(move || client(outbox)))
            .collect();
        let mut came = 0;
        while came < all {
            let messages = take(&mut receive);
            came += messages.len();
            for (outbox, client) in outboxes.iter().zip(&clients) {
                outbox.lock().unwrap().extend(messages.iter().cloned());
                client.thread().unpark();
            }
        }
    });
    float((all * CLIENTS) as u64) / began.elapsed().as_secs_f64()
}

/// A link for each client.
fn one_for_each(messages: usize) -> f64 {
    let link = router();
    let links: Vec<_> = (0..CLIENTS)
        .map(|number| link(&format!("client-{number}"), "city/+/out"))
        .collect();
    let all = messages * CLIENTS;
    let began = Instant::now();
    std::thread::scope(|scope| {
        for (number, (mut send, mut receive)) in links.into_iter().enumerate() {
            scope.spawn(move || {
                let topic = Bytes::from(format!("city/{number}/out"));
                let (mut sent, mut heard) = (0, 0);
                while heard < all {
                    while sent < messages && sent * CLIENTS < heard + WINDOW * CLIENTS {
                        publish(&mut send, &topic);
                        sent += 1;
                    }
                    heard += take(&mut receive).len();
                }
            });
        }
    });
    float((all * CLIENTS) as u64) / began.elapsed().as_secs_f64()
}

/// A router, as what links to it under a name and hears a filter.
fn router() -> impl Fn(&str, &str) -> (LinkTx, LinkRx) {
    let config = RouterConfig {
        max_connections: 16,
        max_outgoing_packet_count: 200,
        max_segment_size: 64 << 20,
        max_segment_count: 4,
        ..RouterConfig::default()
    };
    let requests = Router::new(0, config).spawn();
    move |name, filter| {
        let link = LinkBuilder::new(name, requests.clone());
        let (mut send, receive, _) = link.build().unwrap();
        send.subscribe(filter).unwrap();
        (send, receive)
    }
}

fn publish(send: &mut LinkTx, topic: &Bytes) {
    // A full queue means that the router has been told to look already.
    let _ = send.try_publish(topic.clone(), Bytes::from_static(&PAYLOAD));
}

/// Waits for messages, and takes all that are there.
fn take(receive: &mut LinkRx) -> Vec<Bytes> {
    let mut taken = Vec::new();
    let mut next = receive.recv().unwrap();
    while let Some(notification) = next {
        match notification {
            Notification::Forward(forward) => taken.push(forward.publish.payload),
            Notification::Unschedule => receive.ready().unwrap(),
            _ => {}
        }
        next = receive.recv_deadline(Instant::now()).ok().flatten();
    }
    taken
}
