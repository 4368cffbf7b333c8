//! The verb `broker`: the embedded bus as a process of its own, until Ctrl-C or SIGTERM.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};

use broker::{Access, BrokerEvent, Embedded, GateConfig, Listener, Passwords, TlsFiles, Wire};
use protocol::AccessList;

use crate::cli::BrokerArgs;
use crate::failure::{Code, Failure};
use crate::network;
use crate::office::passwords;
use crate::roster::RosterFile;
use crate::stop::{self, Stop};

/// Runs a bus; what happens to it is told on standard error.
pub(crate) fn broker(args: &BrokerArgs) -> Result<(), Failure> {
    stop::runtime()?.block_on(async {
        // Before anything is read: what is sent meanwhile waits until it listens, and does not end it.
        let stop = Stop::listen()?;
        let mut told = stop.told();
        let mut hang_up = stop::hang_up()?;
        let (bus, mut events) = Embedded::open(config(args)?)
            .map_err(|error| Failure::bus(error, "--listen, or that of its wire"))?;
        for listener in bus.listeners() {
            tell(&format!("the bus listens at {listener}"));
        }
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => tell(&happened(&event)),
                    None => return Err(Failure::bug("the supervisor of the bus ended by itself")),
                },
                _ = hang_up.recv() => match reread(args, &bus) {
                    Ok(()) => tell("the roster, certificates and passwords are read again"),
                    // What was read before still counts.
                    Err(failure) => tell(&format!("nothing is changed: {failure}")),
                },
                // An ended channel is a stop as well: nobody is left to give the signal.
                _ = told.wait_for(|stop| *stop) => break,
            }
        }
        stop.verdict("the bus")
    })
}

/// Reads again whatever files were named. All or nothing.
fn reread(args: &BrokerArgs, bus: &Embedded) -> Result<(), Failure> {
    let (list, passwords) = (list(args)?, passwords_of(args)?);
    bus.renew(tls(args).as_ref(), passwords.unwrap_or_default())
        .map_err(broker::BrokerError::from)?;
    if let Some(list) = list {
        bus.admit(list);
    }
    Ok(())
}

fn tls(args: &BrokerArgs) -> Option<TlsFiles> {
    Some(TlsFiles {
        client_ca: args.client_ca.clone(),
        revoked: args.revoked.clone(),
        ..TlsFiles::named(args.cert.clone(), args.key.clone())?
    })
}

fn passwords_of(args: &BrokerArgs) -> Result<Option<Passwords>, Failure> {
    Ok(args.passwords.as_deref().map(passwords).transpose()?)
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
    let tls = tls(args);
    let Some(list) = list(args)? else {
        return Ok(GateConfig {
            tls,
            access: Access::Anyone {
                withheld: args.withhold.clone(),
            },
            origins: args.origin.clone(),
            ..GateConfig::open_to_all(listeners)
        });
    };
    let passwords = passwords_of(args)?;
    if passwords.is_none() && args.client_ca.is_none() {
        let what =
            "a roster lets in nobody who cannot show who he is; pass --client-ca or --passwords";
        return Err(Failure::new(Code::Config, what));
    }
    Ok(GateConfig {
        tls,
        origins: args.origin.clone(),
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
