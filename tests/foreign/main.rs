//! Other people's brokers carry a region: clusters of NATS and of RabbitMQ, and a lone mosquitto, on
//! loopback. Nodes are killed and stand still under a drill; the checker of the kills judges what is left.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what it expects by failing"
)]

#[path = "../live/certificates.rs"]
mod certificates;
#[path = "../live/draws.rs"]
mod draws;
#[path = "../live/lent.rs"]
mod lent;
#[path = "../live/proxy.rs"]
#[expect(
    dead_code,
    reason = "what the checker reads of a storm names its lines"
)]
mod proxy;
#[path = "../live/run.rs"]
#[expect(dead_code, reason = "the live tests start more than a drill")]
mod run;
#[path = "../live/towns.rs"]
mod towns;

mod kills;
mod node;
mod trial;

mod mosquitto;
mod nats;
mod rabbitmq;
