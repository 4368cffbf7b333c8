//! The ports of a trial's offices, chosen once and written into their settings.

use std::net::{Ipv4Addr, TcpListener};

use crate::failure::{Code, Failure};
use crate::live::stage::random;

/// Ports are looked for from here: above those that services have by name.
const FIRST: u16 = 20_000;

/// And below here, where systems begin to take ports for outgoing connections, which would be in the way
/// of an office that starts (`net.ipv4.ip_local_port_range`).
const BEYOND: u16 = 32_000;

/// How many places are tried before nothing is found.
const TRIES: u32 = 64;

/// So many ports in a row, from the one that was said or from where they are free now.
pub(super) fn of(count: usize, said: Option<u16>) -> Result<Vec<u16>, Failure> {
    let count = u16::try_from(count).unwrap_or(u16::MAX);
    if let Some(first) = said {
        let Some(beyond) = first.checked_add(count) else {
            let what =
                format!("{count} ports from {first} do not end below 65536; pass a lower --port");
            return Err(Failure::new(Code::Config, what));
        };
        return Ok((first..beyond).collect());
    }
    for _ in 0..TRIES {
        let first = FIRST + u16::from_be_bytes(random()?) % (BEYOND - FIRST - count);
        let ports = first..first + count;
        if ports.clone().all(is_free) {
            return Ok(ports.collect());
        }
    }
    let what = format!("no {count} free ports in a row between {FIRST} and {BEYOND}; pass --port");
    Err(Failure::new(Code::Unavailable, what))
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}
