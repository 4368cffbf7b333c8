//! What happens when the bus goes away, or is killed from the network.

use broker::{Embedded, LinkEvent, Post};

use crate::station::{PATIENCE, bus, config, message, next, payloads, up, wait_down, wait_for};
use crate::stranger::Stranger;

#[tokio::test]
async fn a_link_survives_a_restart_and_what_waited_arrives_in_order() {
    let (bus, _events) = bus();
    let addr = bus.local_addr();
    let (east, mut at_east) = up(config(bus.url(), "east-1")).await;
    let (_west, mut at_west) = up(config(bus.url(), "west-1")).await;
    east.publish(Post::new("town/east", "before")).unwrap();
    assert_eq!(next(&mut at_west).await, message("town/east", "before"));
    bus.stop();
    wait_down(&mut at_east).await;
    wait_down(&mut at_west).await;
    let sent: Vec<String> = (0..1_000).map(|n: u32| n.to_string()).collect();
    // The sender listens too: it is sure to be subscribed before it publishes.
    for text in &sent {
        east.publish(Post::new("town/east", text.clone())).unwrap();
    }
    assert_eq!(east.unacknowledged(), sent.len());
    let (_bus, _events) = Embedded::start(addr).unwrap();
    assert!(payloads(&mut at_east, sent.len()).await == sent);
    wait_for(&mut at_west, &LinkEvent::Up).await;
    east.drain(PATIENCE).await.unwrap();
    east.publish(Post::new("town/east", "after")).unwrap();
    wait_for(&mut at_west, &message("town/east", "after")).await;
    assert_eq!(east.counters().reconnects, 1);
    assert_eq!(east.counters().dropped, 0);
}

#[tokio::test]
async fn what_was_in_flight_at_a_cut_is_sent_again() {
    let (bus, _events) = bus();
    let addr = bus.local_addr();
    let (east, mut at_east) = up(config(bus.url(), "east-1")).await;
    let sent: Vec<String> = (0..900).map(|n: u32| n.to_string()).collect();
    for text in &sent {
        east.publish(Post::new("town/east", text.clone())).unwrap();
    }
    // The bus dies with its hands full: what it acknowledged and did not deliver is gone with it.
    payloads(&mut at_east, 100).await;
    bus.stop();
    wait_down(&mut at_east).await;
    let acknowledged = sent.len() - east.unacknowledged();
    east.publish(Post::new("town/east", "end")).unwrap();
    let (_bus, _events) = Embedded::start(addr).unwrap();
    let heard = payloads(&mut at_east, sent.len() - acknowledged + 1).await;
    assert_eq!(heard[..heard.len() - 1], sent[acknowledged..]);
    assert_eq!(heard.last().unwrap(), "end");
    east.drain(PATIENCE).await.unwrap();
    assert_eq!(east.counters().acknowledged, 901);
}

#[tokio::test]
async fn a_topic_that_kills_a_bare_rumqttd_is_carried_like_any_other() {
    let (bus, _fate) = bus();
    let (east, _at_east) = up(config(bus.url(), "east-1")).await;
    let (_west, mut at_west) = up(config(bus.url(), "west-1")).await;
    let (mut stranger, accepted) = Stranger::connect(bus.local_addr(), "stranger");
    assert!(accepted);
    stranger.publish("应急/广州", "x");
    east.publish(Post::new("town/east", "still here")).unwrap();
    wait_for(&mut at_west, &message("town/east", "still here")).await;
    assert_eq!(bus.rebuilds(), 0);
}

#[tokio::test]
async fn a_client_id_that_ends_a_bare_rumqttd_s_listener_is_a_name_like_any_other() {
    let (bus, _fate) = bus();
    for _ in 0..3 {
        let (_stranger, accepted) = Stranger::connect(bus.local_addr(), "gz/agent");
        assert!(accepted);
    }
    let (_east, _at_east) = up(config(bus.url(), "east-1")).await;
    assert_eq!(bus.rebuilds(), 0);
}
