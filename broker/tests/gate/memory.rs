//! Section 10: what nobody wants any more is not kept.

use std::process::Command;

use crate::target::Broker;
use crate::wire::{Client, Connect, Publication};

/// Says that a test has its process to itself: what the others allocate would be measured as well.
const ALONE: &str = "LIANDONG_ALONE";

/// Messages of each filter that was taken back, and how many such filters there are. rumqttd keeps some
/// 500 bytes of each.
const MESSAGES: usize = 30_000;
const FILTERS: usize = 12;

/// Messages that fill what a broker keeps in any case.
const FULL: usize = 120_000;

/// What may be kept of all of them: half of what rumqttd keeps. What the system's allocator does not give
/// back is less than that.
const KEPT_MIB: usize = 100;

/// What this process has in memory.
fn resident_mib() -> usize {
    let told = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = told.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4 / 1_024
}

#[test]
fn of_filters_that_nobody_has_any_more_no_messages_are_kept() {
    let name = "memory::of_filters_that_nobody_has_any_more_no_messages_are_kept";
    if std::env::var_os(ALONE).is_none() {
        let mut alone = Command::new(std::env::current_exe().unwrap());
        let told = alone.args(["--exact", name]).env(ALONE, "1").output();
        let told = told.unwrap();
        let said = String::from_utf8_lossy(&told.stdout).into_owned();
        assert!(told.status.success(), "{said}");
        return;
    }
    let broker = Broker::start();
    let mut client = Client::connect(broker.addr(), &Connect::new("memory"));
    let mut flood = |topic: &str, messages: usize| {
        let message = Publication::new(topic, vec![b'x'; 256]).bytes();
        client.flood(&message.repeat(messages), 0);
        client.publish("memory/last", "all of it has been read");
        let filter = format!("{topic}/next");
        client.subscribed(&filter, 1);
        client.unsubscribe(&filter);
    };
    // What a broker keeps in any case is full then.
    flood("memory/0", FULL);
    let before = resident_mib();
    for number in 0..FILTERS {
        flood(&format!("memory/0{}", "/next".repeat(number + 1)), MESSAGES);
    }
    let kept = resident_mib().saturating_sub(before);
    assert!(kept < KEPT_MIB, "{kept} MiB");
}
