//! Messages both ways, sizes, order, acknowledgements and wills.

use std::time::Duration;

use broker::{Link, LinkConfig, LinkError, LinkEvent, OutboxLimits, Post, PostError, PublishError};
use protocol::limit::PAYLOAD_BYTES;

use crate::station::{PATIENCE, bus, config, message, next, payloads, up, wait_for};
use crate::stranger::Stranger;

#[tokio::test]
async fn messages_flow_both_ways_between_two_links() {
    let (bus, _events) = bus();
    let (east, mut at_east) = up(config(bus.url(), "east-1")).await;
    let (west, mut at_west) = up(config(bus.url(), "west-1")).await;
    east.publish(Post::new("town/east", "a ship")).unwrap();
    for events in [&mut at_east, &mut at_west] {
        assert_eq!(next(events).await, message("town/east", "a ship"));
    }
    // From a plain thread, as an office without a runtime would.
    let thread =
        std::thread::spawn(move || west.publish(Post::new("town/west", "a tug")).map(|()| west));
    let west = thread.join().unwrap().unwrap();
    assert_eq!(next(&mut at_east).await, message("town/west", "a tug"));
    west.drain(PATIENCE).await.unwrap();
    let counters = west.counters();
    assert_eq!((counters.published, counters.acknowledged), (1, 1));
    assert_eq!((counters.dropped, counters.reconnects), (0, 0));
}

#[tokio::test]
async fn a_retained_message_reaches_who_comes_later() {
    let (bus, _events) = bus();
    let (east, _at_east) = up(config(bus.url(), "east-1")).await;
    east.publish(Post::new("town/east", "here").retained())
        .unwrap();
    east.drain(PATIENCE).await.unwrap();
    let (_west, mut at_west) = Link::open(config(bus.url(), "west-1")).unwrap();
    let kept = LinkEvent::Message {
        topic: "town/east".to_owned(),
        payload: "here".into(),
        retained: true,
    };
    wait_for(&mut at_west, &kept).await;
}

#[tokio::test]
async fn thousands_of_messages_arrive_once_and_in_order() {
    let (bus, _events) = bus();
    let (east, _at_east) = up(LinkConfig::new(bus.url(), "east-1")).await;
    let (_west, mut at_west) = up(config(bus.url(), "west-1")).await;
    let sent: Vec<String> = (0..5_000).map(|n: u32| n.to_string()).collect();
    for text in &sent {
        east.publish(Post::new("town/east", text.clone())).unwrap();
    }
    assert!(payloads(&mut at_west, sent.len()).await == sent);
    east.drain(PATIENCE).await.unwrap();
    assert_eq!(east.counters().acknowledged, 5_000);
}

#[tokio::test]
async fn a_reader_that_sleeps_through_two_pings_loses_nothing_and_stays_connected() {
    let (bus, _events) = bus();
    let (east, mut at_east) = up(config(bus.url(), "east-1")).await;
    let (west, _at_west) = up(LinkConfig::new(bus.url(), "west-1")).await;
    let sent: Vec<String> = (0..4_000).map(|n: u32| n.to_string()).collect();
    for text in &sent {
        west.publish(Post::new("town/west", text.clone())).unwrap();
    }
    // The bus has all of it while the reader has taken nothing, and holds back what it owes him.
    west.drain(PATIENCE).await.unwrap();
    east.publish(Post::new("town/east", "me too")).unwrap();
    // The bus goes on for more than two pings while he sleeps.
    let mut second = tokio::time::interval(Duration::from_secs(1));
    for _ in 0..12 {
        second.tick().await;
        west.publish(Post::new("town/north", "elsewhere")).unwrap();
    }
    assert!(payloads(&mut at_east, sent.len()).await == sent);
    // Two publish, and who comes first is the bus's to say.
    let rest = payloads(&mut at_east, 13).await;
    assert_eq!(rest.iter().filter(|text| *text == "me too").count(), 1);
    assert_eq!(rest.iter().filter(|text| *text == "elsewhere").count(), 12);
    east.drain(PATIENCE).await.unwrap();
    assert_eq!(east.counters().reconnects, 0);
}

#[tokio::test]
async fn an_oversized_payload_is_refused_here_and_the_connection_lives_on() {
    let (bus, _events) = bus();
    let (east, mut at_east) = up(config(bus.url(), "east-1")).await;
    let error = east
        .publish(Post::new("town/east", vec![b'x'; PAYLOAD_BYTES + 1]))
        .unwrap_err();
    assert!(matches!(
        error,
        PublishError::Post(PostError::TooLarge { .. })
    ));
    east.publish(Post::new("town/east", vec![b'x'; PAYLOAD_BYTES]))
        .unwrap();
    assert_eq!(payloads(&mut at_east, 1).await[0].len(), PAYLOAD_BYTES);
    assert_eq!(east.counters().reconnects, 0);
}

#[tokio::test]
async fn an_oversized_payload_of_a_stranger_is_told_by_its_size_and_not_handed_on() {
    let (bus, _events) = bus();
    let (east, mut at_east) = up(config(bus.url(), "east-1")).await;
    let (mut stranger, accepted) = Stranger::connect(bus.local_addr(), "stranger-1");
    assert!(accepted);
    stranger.publish("town/west", &"x".repeat(PAYLOAD_BYTES + 1));
    let oversized = LinkEvent::Oversized {
        topic: "town/west".to_owned(),
        bytes: PAYLOAD_BYTES + 1,
    };
    assert_eq!(next(&mut at_east).await, oversized);
    assert_eq!(east.counters().discarded, 1);
    stranger.publish("town/west", "short");
    assert_eq!(next(&mut at_east).await, message("town/west", "short"));
}

#[tokio::test]
async fn a_will_is_published_when_the_connection_is_cut_and_not_after_a_goodbye() {
    let (bus, _events) = bus();
    let (_west, mut at_west) = up(config(bus.url(), "west-1")).await;
    let with_will = |client_id| {
        let mut config = config(bus.url(), client_id);
        config.will = Some(Post::new("town/will", client_id).retained());
        config
    };
    let (polite, _at_polite) = up(with_will("polite-1")).await;
    polite.close(PATIENCE).await.unwrap();
    let (rude, _at_rude) = up(with_will("rude-1")).await;
    rude.cut();
    assert_eq!(next(&mut at_west).await, message("town/will", "rude-1"));
    let (dropped, _at_dropped) = up(with_will("dropped-1")).await;
    drop(dropped);
    assert_eq!(next(&mut at_west).await, message("town/will", "dropped-1"));
}

#[tokio::test]
async fn a_closed_link_takes_nothing_and_an_unreachable_one_says_why() {
    let (bus, _events) = bus();
    let (east, _at_east) = up(config(bus.url(), "east-1")).await;
    east.close(PATIENCE).await.unwrap();
    let error = east.publish(Post::new("town/east", "late")).unwrap_err();
    assert!(matches!(error, PublishError::Closed { .. }));
    let url = bus.url();
    bus.stop();
    let mut lonely = config(url, "lonely-1");
    lonely.outbox = OutboxLimits {
        messages: 1,
        bytes: 100,
    };
    let (lonely, mut events) = Link::open(lonely).unwrap();
    assert!(matches!(next(&mut events).await, LinkEvent::Down { .. }));
    lonely.publish(Post::new("town/a", "1")).unwrap();
    lonely.publish(Post::new("town/b", "2").urgent()).unwrap();
    assert_eq!(lonely.counters().dropped, 1);
    let error = lonely.publish(Post::new("town/c", "3")).unwrap_err();
    assert!(matches!(error, PublishError::Full { waiting: 1, .. }));
    let left = lonely.close(Duration::from_millis(10)).await.unwrap_err();
    assert_eq!(left.left, 1);
}

#[tokio::test]
async fn a_client_id_or_a_filter_that_kills_a_broker_is_refused() {
    let (bus, _events) = bus();
    let error = Link::open(config(bus.url(), "gz/agent")).unwrap_err();
    assert_eq!(error, LinkError::ClientId("gz/agent".to_owned()));
    let mut odd = config(bus.url(), "east-1");
    odd.filters.push("a/#/b".to_owned());
    assert!(matches!(Link::open(odd).unwrap_err(), LinkError::Post(_)));
}
