//! Writing one's own log: numbers and chain.

use std::sync::Arc;

use protocol::{
    Body, Draft, Envelope, Gist, Hash, Incarnation, LogKey, Network, PartyId, RequestId, Signer,
};

use crate::door::Now;
use crate::hybrid;

/// The end of one's own log in this life.
#[derive(Debug, Clone)]
pub(crate) struct Pen {
    log: LogKey,
    seq: u64,
    head: Hash,
    numbers: u32,
}

impl Pen {
    pub(crate) fn new(author: PartyId, incarnation: Incarnation) -> Self {
        let log = LogKey {
            author,
            incarnation,
        };
        Self {
            log,
            seq: 0,
            head: Hash::default(),
            numbers: 0,
        }
    }

    pub(crate) fn log(&self) -> LogKey {
        self.log
    }

    /// The number that the next entry will have.
    pub(crate) fn next(&self) -> u64 {
        self.seq + 1
    }

    /// The next number for a thing that this office makes, counted from 1 in each life.
    pub(crate) fn number(&mut self) -> u32 {
        self.numbers += 1;
        self.numbers
    }

    /// Writes an entry that follows one of this hybrid time.
    pub(crate) fn write(
        &mut self,
        (network, signer): (&Network, &Signer),
        (now, before): (Now, u64),
        (request, body): (Option<(RequestId, Gist)>, Body),
    ) -> Arc<Envelope> {
        self.seq += 1;
        let draft = Draft {
            net: network.id,
            mode: network.mode,
            log: self.log,
            seq: self.seq,
            prev: self.head,
            // Never goes back, whatever the wall clock does.
            hlc: hybrid::of_wall(now.wall).max(before + 1),
            sent: now.wall,
            request,
        };
        let envelope = Envelope::seal(&draft, body, signer);
        self.head = envelope.hash();
        envelope
    }
}
