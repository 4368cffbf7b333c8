//! Direct messages: what is said once and not kept in a log.
//!
//! They have the shape of an envelope, but their signature covers the topic too, so that nobody
//! re-publishes one elsewhere, and the sender's boot, counter and life, so that nobody replays one.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::clock::DrillClock;
use crate::command::{CommandReply, OperatorCommand};
use crate::envelope::{Incarnation, LogKey};
use crate::field::FieldReport;
use crate::hash::Hash;
use crate::id::{NetId, PartyId};
use crate::limit;
use crate::line::Line;
use crate::order::UnitOrder;
use crate::plan_mark::PlanMark;
use crate::prefix::Prefix;
use crate::quantity::{Moment, Span, Wall};
use crate::signing::{KeyId, Signer, Suite};
use crate::snapshot::StatePart;
use crate::step::{Done, Step};
use crate::tagged::tagged;
use crate::words::Mode;

/// What a direct message's signature is over, before the header.
pub(crate) const DOMAIN: &[u8] = b"liandong/1 direct\n";

/// What every direct message says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectHeader<'a> {
    /// Version of the line's shape: 1.
    pub v: u8,
    /// How it is signed.
    pub alg: Suite,
    /// Which key signed it.
    pub key: KeyId,
    /// The network.
    pub net: NetId,
    /// What it is for.
    pub mode: Mode,
    /// The topic below the network's root.
    #[serde(borrow)]
    pub topic: Cow<'a, str>,
    /// Who sends it.
    pub from: PartyId,
    /// Drawn by the sender when it booted.
    pub boot: u64,
    /// Counts the sender's direct messages within the boot.
    pub n: u64,
    /// The sender's wall clock; shown, never trusted.
    pub sent: Wall,
    /// How long its sender takes it to mean anything. For readers: no office refuses what comes later, for
    /// it would have to trust the clocks of two machines.
    pub life: Span,
    /// Hash of the body.
    pub body: Hash,
}

/// What a direct message says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", remote = "Self")]
#[expect(
    missing_docs,
    reason = "each variant is named for the message that it holds"
)]
pub enum Direct {
    Digest(Digest),
    Want(Want),
    Fill(Fill),
    State(StatePart),
    Presence(Presence),
    Field(FieldMessage),
    Order(UnitOrder),
    Command(OperatorCommand),
    Reply(CommandReply),
    Clock(DrillClock),
    Step(Step),
    Done(Done),
}

tagged! { Direct { Digest Want Fill State Presence Field Order Command Reply Clock Step Done } }

/// A field report in its message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldMessage {
    /// The report.
    pub report: FieldReport,
}

/// Which durable prefix of which log its sender holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// The sender's own incarnation.
    pub incarnation: Incarnation,
    /// How far it has each log.
    pub logs: Vec<Prefix>,
    /// The sender's drill time, to see how clocks differ.
    pub drill: Moment,
    /// The plan for the region that it came to last, if it makes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanMark>,
    /// Boots of offices that it has heard of and holds no entry of, at most [`limit::DIGEST_BOOTS`]: what
    /// it says here was so after each of them, and is no word that a bus has kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub boots: Vec<u64>,
}

impl Digest {
    /// Whether it names all that its sender holds: one that is full may leave logs out.
    pub fn names_all(&self) -> bool {
        self.logs.len() < limit::DIGEST_LOGS
    }
}

/// A request for a range of a log that its receiver advertised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Want {
    /// The log.
    pub log: LogKey,
    /// The first entry wanted.
    pub from: u64,
    /// The last entry wanted.
    pub to: u64,
    /// Rather the state at the author's last snapshot, from this part on, if the receiver has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<u32>,
}

/// The answer to a want; the envelopes follow the line, one a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fill {
    /// The log.
    pub log: LogKey,
    /// The first entry that follows.
    pub from: u64,
    /// How many follow.
    pub count: u32,
}

/// That an office is there, in which incarnation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// The incarnation in force.
    pub incarnation: Incarnation,
    /// False in the will that the broker publishes for a lost office.
    pub online: bool,
    /// The boot that this answers: proof that the sender lives, which a retained presence is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<u64>,
}

/// Makes the direct messages of one sender in one boot.
#[derive(Clone, Debug)]
pub struct Speaker {
    net: NetId,
    mode: Mode,
    signer: Signer,
    boot: u64,
    spoken: u64,
}

impl Speaker {
    /// A sender that has just booted with this nonce.
    pub fn new(net: NetId, mode: Mode, signer: Signer, boot: u64) -> Self {
        Self {
            net,
            mode,
            signer,
            boot,
            spoken: 0,
        }
    }

    /// Who speaks.
    pub fn party(&self) -> PartyId {
        self.signer.party()
    }

    /// The boot, and the number of the last message spoken in it.
    pub(crate) fn last(&self) -> (u64, u64) {
        (self.boot, self.spoken)
    }

    /// Signs a message for a topic.
    pub(crate) fn speak(&mut self, topic: &str, body: &Direct, times: (Wall, Span)) -> Line {
        self.spoken += 1;
        let body_json = serde_json::to_string(body).expect("a message is plain data");
        let header = DirectHeader {
            v: 1,
            alg: self.signer.suite(),
            key: self.signer.key(),
            net: self.net,
            mode: self.mode,
            topic: topic.into(),
            from: self.signer.party(),
            boot: self.boot,
            n: self.spoken,
            sent: times.0,
            life: times.1,
            body: Hash::of(body_json.as_bytes()),
        };
        Line::seal(DOMAIN, &header, &body_json, &self.signer)
    }
}
