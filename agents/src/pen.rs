//! Writing one's own log: numbers, chain and hybrid time.

use std::sync::Arc;

use protocol::{Body, Draft, Envelope, Hash, Incarnation, LogKey, Network, PartyId, Signer};

use crate::door::Now;

/// The end of one's own log in this life.
#[derive(Debug, Clone)]
pub(crate) struct Pen {
    log: LogKey,
    seq: u64,
    head: Hash,
    hlc: u64,
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
            hlc: 0,
            numbers: 0,
        }
    }

    pub(crate) fn log(&self) -> LogKey {
        self.log
    }

    /// The next number for a thing that this office makes, counted from 1 in each life.
    pub(crate) fn number(&mut self) -> u32 {
        self.numbers += 1;
        self.numbers
    }

    pub(crate) fn write(
        &mut self,
        network: &Network,
        signer: &Signer,
        now: Now,
        body: Body,
    ) -> Arc<Envelope> {
        self.seq += 1;
        // 48 bits of milliseconds, 16 of counter; never goes back, whatever the wall clock does.
        self.hlc = (now.wall.0 << 16).max(self.hlc + 1);
        let draft = Draft {
            net: network.id,
            mode: network.mode,
            log: self.log,
            seq: self.seq,
            prev: self.head,
            hlc: self.hlc,
            sent: now.wall,
        };
        let envelope = Envelope::seal(&draft, body, signer);
        self.head = envelope.hash();
        envelope
    }
}
