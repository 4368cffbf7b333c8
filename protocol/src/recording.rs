//! The recording of a run: what was said on the bus and what truly happened, a line each.
//!
//! The first line is a [`RecordingHeader`], every other a [`Record`], all JSON. A report and a
//! replay need nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::evaluation::{Expects, Graded};
use crate::hash::Hash;
use crate::id::{AreaCode, PartyId, RequestId, ResourceId};
use crate::quantity::{Moment, Point, Span};
use crate::roster::Network;
use crate::words::{Kind, Severity};

/// The name of the format that this version writes.
pub const FORMAT: &str = "liandong-recording/1";

/// What a recording is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingHeader {
    /// [`FORMAT`].
    pub format: String,
    /// The scenario's id.
    pub scenario: String,
    /// Its title in Chinese.
    pub title_zh: String,
    /// Its title in English.
    pub title_en: String,
    /// The region pack's id.
    pub region: String,
    /// The seed.
    pub seed: u64,
    /// The version of the program.
    pub version: String,
    /// Digest of the scenario as it was read.
    pub scenario_digest: Hash,
    /// The network, so that a reader can verify every envelope.
    pub network: Network,
    /// Drill time at which the run began.
    pub start: Moment,
    /// The region's offset from UTC in minutes.
    pub offset_min: i16,
}

/// One line of a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Record {
    /// A frame was published.
    Frame {
        /// When, drill time.
        at: Moment,
        /// Its topic below the network's root.
        topic: String,
        /// Its bytes.
        text: String,
    },
    /// Something truly happened, whoever knows of it.
    Truth {
        /// When, drill time.
        at: Moment,
        /// What.
        event: Truth,
    },
    /// What a live bus carried and nobody took, told once at the end; a recording of virtual time
    /// or of an earlier version has none.
    Refused {
        /// When it was counted, drill time.
        at: Moment,
        /// How many messages of each kind, by [`RefusedKind`](crate::RefusedKind)'s code.
        counts: BTreeMap<String, u64>,
    },
    /// The run ended.
    End {
        /// When, drill time.
        at: Moment,
        /// The digest of its decisions.
        digest: Hash,
    },
}

/// What truly happened in the simulated world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Truth {
    /// An incident began.
    Began {
        /// The call that will tell of it.
        call: RequestId,
        /// Whose ground.
        office: PartyId,
        /// The district or city.
        area: AreaCode,
        /// What it is.
        event: String,
        /// How grave.
        severity: Severity,
        /// Where.
        point: Point,
        /// How many units it takes.
        units: u32,
    },
    /// A unit arrived at an incident.
    Reached {
        /// The incident's call.
        call: RequestId,
        /// The unit.
        unit: ResourceId,
        /// What it is.
        kind: Kind,
        /// The unit's home office.
        owner: PartyId,
        /// Whose ground.
        office: PartyId,
        /// How grave.
        severity: Severity,
        /// Time since the call.
        after: Span,
        /// Whether it is the first unit there.
        first: bool,
    },
    /// The work at an incident is done.
    Served {
        /// The incident's call.
        call: RequestId,
        /// Time since the call.
        after: Span,
    },
    /// A named window of the drill began.
    Phase {
        /// Its title.
        title: String,
    },
    /// An inject was given.
    Inject {
        /// Its number.
        number: String,
        /// What it says.
        title: String,
        /// What is expected then; absent in recordings of earlier versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expects: Option<Expects>,
    },
    /// An inject was not given, for what it is to make up for was seen.
    Spared {
        /// Its number.
        number: String,
        /// What it would have said.
        title: String,
    },
    /// What is expected after an inject was seen.
    Observed {
        /// The inject's number.
        number: String,
        /// Time since it was given.
        after: Span,
    },
    /// The drill is over: how well an objective was reached.
    Graded(Graded),
    /// A fault of the coordination system began or ended.
    Fault {
        /// What it is called.
        detail: String,
        /// True when it begins.
        begins: bool,
        /// What fails; absent in recordings of earlier versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        breakdown: Option<Breakdown>,
    },
}

/// What a fault of the coordination system breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Breakdown {
    /// Nothing passes on these links.
    LinkCut {
        /// One end.
        from: BTreeSet<PartyId>,
        /// The other end.
        to: BTreeSet<PartyId>,
        /// Whether nothing passes back either.
        symmetric: bool,
    },
    /// These links are worse than usual.
    LinkDegrade {
        /// One end.
        from: BTreeSet<PartyId>,
        /// The other end.
        to: BTreeSet<PartyId>,
        /// Whether the way back is worse too.
        symmetric: bool,
    },
    /// A broker is gone.
    BrokerCrash {
        /// Whose broker; `None` if it is everybody's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        office: Option<PartyId>,
    },
    /// Whoever carries an office's frames lies about it.
    LyingRelay {
        /// The office.
        office: PartyId,
    },
    /// An office's process dies.
    OfficeCrash {
        /// The office.
        office: PartyId,
    },
    /// An office's process stands still.
    OfficePause {
        /// The office.
        office: PartyId,
    },
    /// A second machine runs under an office's name.
    OfficeDuplicate {
        /// The office.
        office: PartyId,
    },
    /// An office's wall clock is wrong.
    OfficeClock {
        /// The office.
        office: PartyId,
    },
    /// An office's disk is full.
    DiskFull {
        /// The office.
        office: PartyId,
    },
    /// An office's disk gives nothing back.
    DiskUnreadable {
        /// The office.
        office: PartyId,
    },
    /// The region says an entry that breaks a rule.
    VoidEntry,
}
