//! The verb `broker`: the embedded bus as a process of its own, until Ctrl-C or SIGTERM.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};

use broker::{Access, BrokerEvent, Embedded, GateConfig, Listener, TlsFiles, Wire};
use protocol::AccessList;

use crate::cli::BrokerArgs;
use crate::failure::{Code, Failure};
use crate::network;
use crate::office::passwords;
use crate::roster::RosterFile;
use crate::stop::{self, Stop};

/// Runs a bus; what happens to it is told on standard error.
pub(crate) fn broker(args: &BrokerArgs) -> Result<(), Failure> {
    let (bus, mut events) = Embedded::open(config(args)?)?;
    for listener in bus.listeners() {
        tell(&format!("the bus listens at {listener}"));
    }
    stop::runtime()?.block_on(async {
        let stop = Stop::listen()?;
        let mut told = stop.told();
        let mut hang_up = stop::hang_up()?;
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => tell(&happened(&event)),
                    None => return Err(Failure::bug("the supervisor of the bus ended by itself")),
                },
                _ = hang_up.recv() => match list(args) {
                    Ok(Some(list)) => {
                        bus.admit(list);
                        tell("the roster is read again");
                    }
                    Ok(None) => {}
                    // What was read before still counts.
                    Err(failure) => tell(&format!("the roster stays as it was: {failure}")),
                },
                // An ended channel is a stop as well: nobody is left to give the signal.
                _ = told.wait_for(|stop| *stop) => break,
            }
        }
        stop.verdict("the bus")
    })
}

/// Who belongs, if a roster says so.
fn list(args: &BrokerArgs) -> Result<Option<AccessList>, Failure> {
    let Some((network, roster)) = args.network.as_deref().zip(args.roster.as_deref()) else {
        return Ok(None);
    };
    let network = network::read(network)?;
    let roster = RosterFile::read(roster, &network)?;
    Ok(Some(AccessList::new(network, roster.roster().clone())))
}

fn config(args: &BrokerArgs) -> Result<GateConfig, Failure> {
    let of = |wire: Wire, places: &[SocketAddr]| {
        let places = places.iter();
        let listeners = places.map(move |addr| Listener { wire, addr: *addr });
        listeners.collect::<Vec<Listener>>()
    };
    let mut listeners = [
        of(Wire::Tcp, &args.listen),
        of(Wire::Tls, &args.tls_listen),
        of(Wire::WebSocket, &args.ws_listen),
        of(Wire::SecureWebSocket, &args.wss_listen),
    ]
    .concat();
    if listeners.is_empty() {
        listeners.push(Listener::tcp((Ipv4Addr::LOCALHOST, 0).into()));
    }
    let files = args.cert.clone().zip(args.key.clone());
    let tls = files.map(|(cert, key)| TlsFiles {
        cert,
        key,
        client_ca: args.client_ca.clone(),
        revoked: args.revoked.clone(),
    });
    let Some(list) = list(args)? else {
        return Ok(GateConfig {
            tls,
            access: Access::Anyone {
                withheld: args.withhold.clone(),
            },
            ..GateConfig::open_to_all(listeners)
        });
    };
    let passwords = args.passwords.as_deref().map(passwords).transpose()?;
    if passwords.is_none() && args.client_ca.is_none() {
        let what =
            "a roster lets in nobody who cannot show who he is; pass --client-ca or --passwords";
        return Err(Failure::new(Code::Config, what));
    }
    Ok(GateConfig {
        tls,
        ..GateConfig::listed(listeners, list, passwords.unwrap_or_default())
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
        BrokerEvent::Guessed { address, times } => format!(
            "passwords are guessed from {address}: {times} wrong ones so far; its answers are slowed"
        ),
    }
}

/// A bus belongs to no network, so its lines are marked as no drill's.
fn tell(line: &str) {
    // A closed standard error is no reason to end a bus.
    drop(writeln!(std::io::stderr(), "{line}"));
}
