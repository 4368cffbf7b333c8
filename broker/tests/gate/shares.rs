//! What one party may take of the gate, whatever it asks for.

use std::time::{Duration, Instant};

use broker::Limits;

use crate::members::ROOT;
use crate::target::Broker;
use crate::wire::{Client, Connect, PATIENCE, Reply, ping, subscribe};

fn hello(party: &str) -> Connect {
    Connect::new(&format!("{party}-1")).login(party, &format!("pw-{party}"))
}

#[test]
fn pings_and_subscriptions_count_like_messages() {
    let limits = Limits {
        messages_per_s: 100,
        ..Limits::NETWORK
    };
    let bus = Broker::of_members(&["440400"], limits);
    let mut office = Client::connect(bus.addr(), &hello("440400"));
    let began = Instant::now();
    let filter = format!("{ROOT}/log/+");
    office.send(&subscribe(7, &filter, 1).repeat(200));
    office.send(&ping().repeat(100));
    for _ in 0..100 {
        let reply = office.await_reply(|reply| *reply == Reply::PingResp);
        assert_eq!(reply, Reply::PingResp);
    }
    // 100 at once, and 200 at 100 a second.
    assert!(began.elapsed() > Duration::from_millis(1_800));
}

#[test]
fn guesses_that_hang_up_give_their_places_back_at_once() {
    let limits = Limits {
        connections: 6,
        ..Limits::NETWORK
    };
    let bus = Broker::of_members(&["440400"], limits);
    let guess = Connect::new("440400-1").login("440400", "sesame").bytes();
    for _ in 0..6 {
        let mut client = Client::open(bus.addr());
        client.send(&guess);
        client.vanish();
    }
    let began = Instant::now();
    let mut there = Vec::new();
    while there.len() < 5 {
        assert!(began.elapsed() < PATIENCE / 2, "{} places", there.len());
        let mut client = Client::open(bus.addr());
        // Who finds no place is told so by the end of its connection, at once.
        if !client.is_closed_within(PATIENCE / 100) {
            there.push(client);
        }
    }
}
