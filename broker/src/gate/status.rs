//! What a gate says of itself, retained below `$SYS`, and the housekeeping that comes with it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use super::hub::Hub;
use super::router::Router;
use crate::codec::packet::{Message, Qos};

/// How often it is said. Tools that show it expect ten seconds.
const EVERY: Duration = Duration::from_secs(10);

/// Says what there is to say again and again, for as long as the gate runs.
pub(super) async fn tell_status(hub: Arc<Hub>, router: Arc<Router>, began: Instant) {
    let mut rounds = tokio::time::interval(EVERY);
    loop {
        rounds.tick().await;
        say(&hub, &router, began);
    }
}

/// Says what there is to say once: before the first client comes, too.
pub(super) fn say(hub: &Hub, router: &Router, began: Instant) {
    let census = hub.sweep(Instant::now());
    let counts = hub.tally.counts();
    let lines = [
        (
            "version",
            concat!("liandong ", env!("CARGO_PKG_VERSION")).to_owned(),
        ),
        ("uptime", format!("{} seconds", began.elapsed().as_secs())),
        ("clients/connected", census.clients.to_string()),
        ("clients/total", census.sessions.to_string()),
        ("retained messages/count", census.retained.to_string()),
        ("publish/messages/received", counts.received.to_string()),
        ("publish/messages/sent", counts.told.to_string()),
        ("clients/too slow", counts.slow.to_string()),
        ("clients/refused", counts.refused.to_string()),
        (
            "publish/messages/not retained",
            counts.unretained.to_string(),
        ),
        ("tasks", tasks().to_string()),
        ("router/rebuilt", router.rebuilds().to_string()),
    ];
    for (name, value) in lines {
        let topic = format!("$SYS/broker/{name}");
        let message = Message::new(&topic, value.as_bytes(), Qos::AtMostOnce, true);
        if let Some(message) = message {
            hub.tell(message);
        }
    }
}

/// Tasks that run in the gate: two of its own, one for each listener, and one for each connection. More
/// would be a leak.
fn tasks() -> usize {
    Handle::try_current().map_or(0, |runtime| runtime.metrics().num_alive_tasks())
}
