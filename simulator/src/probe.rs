//! What unit tests of this crate are made of: keys, chains of envelopes, a small network.

use std::sync::Arc;

use protocol::{
    Body, Draft, DutyNote, Envelope, Hash, Incarnation, LogKey, Mode, Moment, Network, PartyId,
    Signer, Suite, Wall,
};

pub(crate) fn party(name: &str) -> PartyId {
    name.parse().unwrap()
}

pub(crate) fn signer(name: &str) -> Signer {
    let Hash(secret) = Hash::of(name.as_bytes());
    Signer::new(party(name), Suite::Virtual, secret)
}

pub(crate) fn network() -> Network {
    let root = signer("region");
    Network {
        id: "virtual".parse().unwrap(),
        mode: Mode::Exercise,
        region: root.party(),
        root: root.public(),
        suite: Suite::Virtual,
    }
}

pub(crate) fn log(epoch: u32) -> LogKey {
    LogKey {
        author: party("990100"),
        incarnation: Incarnation { epoch, nonce: 7 },
    }
}

/// The first entries of a log.
pub(crate) fn chain(log: LogKey, count: u64) -> Vec<Arc<Envelope>> {
    log_of(log, (1..=count).map(note))
}

fn note(n: u64) -> Body {
    Body::DutyNote(DutyNote {
        incident: None,
        by: "值班员".to_owned(),
        text: format!("{n}"),
        at: Moment(n),
    })
}

/// The first entries of the region's own log: its seal, then notes.
pub(crate) fn region_log(count: u64) -> Vec<Arc<Envelope>> {
    let log = LogKey {
        author: party("region"),
        incarnation: Incarnation { epoch: 1, nonce: 1 },
    };
    let seal = Body::Seal(protocol::Seal { predecessor: None });
    let notes = (1..count).map(note);
    log_of(log, std::iter::once(seal).chain(notes))
}

/// A log that says this.
pub(crate) fn log_of(log: LogKey, bodies: impl Iterator<Item = Body>) -> Vec<Arc<Envelope>> {
    let signer = signer(log.author.as_str());
    let mut prev = Hash::default();
    (1..)
        .zip(bodies)
        .map(|(seq, body)| {
            let draft = Draft {
                net: network().id,
                mode: Mode::Exercise,
                log,
                seq,
                prev,
                hlc: seq,
                sent: Wall(seq),
                request: None,
            };
            let envelope = Envelope::seal(&draft, body, &signer);
            prev = envelope.hash();
            envelope
        })
        .collect()
}
