//! The verb `broker`: the embedded bus as a process of its own, until Ctrl-C or SIGTERM.

use std::io::Write;
use std::net::SocketAddr;

use broker::{BrokerEvent, Embedded};

use crate::cli::BrokerArgs;
use crate::failure::Failure;
use crate::stop::{self, Stop};

/// Runs a bus; what happens to it is told on standard error.
pub(crate) fn broker(args: &BrokerArgs) -> Result<(), Failure> {
    let (bus, mut events) = Embedded::start(SocketAddr::new(args.listen, args.port))?;
    tell(&format!("the bus listens at {}", bus.url()));
    stop::runtime()?.block_on(async {
        let stop = Stop::listen()?;
        let mut told = stop.told();
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => tell(&happened(&event)),
                    None => return Err(Failure::bug("the supervisor of the bus ended by itself")),
                },
                // An ended channel is a stop as well: nobody is left to give the signal.
                _ = told.wait_for(|stop| *stop) => break,
            }
        }
        stop.verdict("the bus")
    })
}

pub(crate) fn happened(event: &BrokerEvent) -> String {
    match event {
        BrokerEvent::Died { reason } => format!("the bus died: {reason}; it is built anew"),
        BrokerEvent::Rebuilt { times, outage } => format!(
            "the bus is back after {:.1} s, built anew {times} times so far",
            outage.as_secs_f64()
        ),
        BrokerEvent::Stuck { reason } => format!("the bus cannot be built anew yet: {reason}"),
    }
}

/// A bus belongs to no network, so its lines are marked as no drill's.
fn tell(line: &str) {
    // A closed standard error is no reason to end a bus.
    drop(writeln!(std::io::stderr(), "{line}"));
}
