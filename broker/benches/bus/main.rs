//! The bus under load: `cargo bench -p liandong-broker --bench bus -- VERB`.
//!
//! ```text
//! compare [--rounds N] [--seconds N] [--load WORDS]
//!                                     the gate, rumqttd alone and mosquitto, in turns (the default)
//! crowd [--clients N]                 many connections, plain and over TLS, and many retained topics
//! flood [--rounds N] [--seconds N] [--load WORDS]
//!                                     how late offices are told what is said while others attack
//! churn [--minutes N]                 clients of every kind come and go; memory, sessions, tasks
//! ways [--rounds N]                   ways through rumqttd: one link for all, or one for each
//! ```
//!
//! Without `--bench`, as tests run it, each verb runs through once in short.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::unwrap_used, reason = "a bench ends when something is wrong")]

mod churn;
mod compare;
mod contender;
mod crowd;
mod flood;
mod load;
mod noise;
mod region;
mod stream;
mod ways;

#[path = "../../tests/gate"]
#[expect(dead_code, reason = "the tests of the gate say more than a bench")]
mod tests {
    pub(crate) mod authority;
    pub(crate) mod members;
    pub(crate) mod target;
    pub(crate) mod wire;
}
use tests::{authority, members, target, wire};

use std::time::Duration;

use compare::Length;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let verb = args.iter().find(|it| !it.starts_with('-'));
    let value = |name: &str| {
        let at = args.iter().position(|it| it == name)?;
        args.get(at + 1)
    };
    let number = |name: &str, usual: u64| {
        value(name).map_or(usual, |it| it.parse().expect("a whole number"))
    };
    let only = value("--load").map_or("", String::as_str);
    let rounds = number("--rounds", 3);
    let minutes = Duration::from_secs(60 * number("--minutes", 10));
    let length = Length {
        rounds,
        measured: Duration::from_secs(number("--seconds", 3)),
    };
    match verb.map(String::as_str) {
        Some("serve") => contender::serve(),
        Some("region") => region::serve(&args[1], args[2].as_ref()),
        Some("crowd") => crowd::crowd(number("--clients", crowd::CLIENTS)),
        Some("flood") => flood::flood(&length, only),
        Some("churn") => churn::churn(minutes, churn::EVERY),
        Some("ways") => ways::ways(rounds, ways::MESSAGES),
        Some("compare") => compare::compare(&length, only),
        None if args.iter().any(|it| it == "--bench") => compare::compare(&length, only),
        _ => everything_in_short(),
    }
}

/// Shows that every verb still runs; its figures mean nothing.
fn everything_in_short() {
    let length = Length {
        rounds: 1,
        measured: Duration::from_millis(200),
    };
    compare::compare(&length, "");
    crowd::crowd(100);
    flood::flood(&length, "");
    churn::churn(Duration::from_secs(8), Duration::from_secs(1));
    ways::ways(1, 1_000);
}
