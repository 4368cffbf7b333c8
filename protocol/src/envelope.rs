//! Envelopes: the entries of an author's log, signed and chained.
//!
//! One line of three fields, tab-separated: header, body, signature. It is signed and stored as it
//! stands and never re-encoded. The signature covers the header and the header holds the hash of
//! the body, so a body may be withheld or redacted without breaking the chain.

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::blemish::{Blemish, blemishes};
use crate::body::Body;
use crate::gist::Gist;
use crate::hash::{Digits, Hash, unhex};
use crate::id::{NetId, PartyId, RequestId};
use crate::label::{Label, split_first};
use crate::limit;
use crate::line::{Fields, Line, LineError, reason};
use crate::quantity::Wall;
use crate::signing::{KeyId, Signer, Suite};
use crate::text::sanitise;
use crate::words::{Mode, Sensitivity};

/// What an envelope's signature is over, before the header: no other signed thing begins so.
pub(crate) const DOMAIN: &[u8] = b"liandong/1 envelope\n";

/// One life of a log's author: a new one begins at every boot.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Incarnation {
    /// One more than any known, self-issued at boot.
    pub epoch: u32,
    /// Drawn at boot; tells two machines apart that chose the same epoch.
    pub nonce: u64,
}

/// A log: one author in one incarnation, entries numbered from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogKey {
    /// Who writes it.
    pub author: PartyId,
    /// In which life.
    pub incarnation: Incarnation,
}

/// The first entry of a log: what it follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// The predecessor, up to here; what lies beyond is orphaned. `None` for an author's first log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predecessor: Option<Predecessor>,
}

/// Where the predecessor of a log ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Predecessor {
    /// The log that is closed.
    pub log: LogKey,
    /// Its last entry that counts.
    pub seq: u64,
    /// That entry's hash.
    pub head: Hash,
}

/// What every envelope says of itself; admission looks at nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Version of the line's shape: 1.
    pub v: u8,
    /// How it is signed.
    pub alg: Suite,
    /// Which key signed it.
    pub key: KeyId,
    /// The network that it belongs to.
    pub net: NetId,
    /// What that network is for.
    pub mode: Mode,
    /// The log.
    pub log: LogKey,
    /// Its number in the log, from 1.
    pub seq: u64,
    /// Hash of the entry before it; zeros for the first.
    pub prev: Hash,
    /// Hybrid logical time for display order: 48 bits of milliseconds, 16 of counter.
    pub hlc: u64,
    /// The author's wall clock. Shown, never trusted.
    pub sent: Wall,
    /// Hash of the body.
    pub body: Hash,
    /// The command or call that asked for it, so that it is not done again when it is heard again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestId>,
    /// What that command asked: something else under the same id is known by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gist: Option<Gist>,
    /// How far it may be shown.
    #[serde(default = "internal", skip_serializing_if = "is_internal")]
    pub sensitivity: Sensitivity,
    /// Fields that a reader must understand; one that it does not know refuses the envelope (R07).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub must: Vec<String>,
}

/// What an envelope's body turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A body that this version knows.
    Known(Body),
    /// Not given out, or redacted: the chain holds, the content is not known here.
    Withheld,
    /// Validly signed and not readable by this version; void in the fold, with this reason.
    Unreadable(String),
}

/// An entry of a log, decoded once and shared.
#[derive(Clone, Debug)]
pub struct Envelope {
    line: Line,
    header: Header,
    hash: Hash,
    content: Content,
    /// What is the matter with its texts, once somebody has asked: every office of a process does.
    blemishes: OnceLock<Vec<Blemish>>,
}

/// Everything of a header that the author chooses; the rest follows.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The network.
    pub net: NetId,
    /// What it is for.
    pub mode: Mode,
    /// The log.
    pub log: LogKey,
    /// The number.
    pub seq: u64,
    /// The hash before it.
    pub prev: Hash,
    /// Hybrid logical time.
    pub hlc: u64,
    /// The author's wall clock.
    pub sent: Wall,
    /// The command that asked for it, and what that asked.
    pub request: Option<(RequestId, Gist)>,
}

impl Envelope {
    /// Signs a body into its place in the log.
    pub fn seal(draft: &Draft, body: Body, signer: &Signer) -> Arc<Self> {
        let body_json = body.to_json();
        let header = Header {
            v: 1,
            alg: signer.suite(),
            key: signer.key(),
            net: draft.net,
            mode: draft.mode,
            log: draft.log,
            seq: draft.seq,
            prev: draft.prev,
            hlc: draft.hlc,
            sent: draft.sent,
            body: Hash::of(body_json.as_bytes()),
            request: draft.request.map(|(request, _)| request),
            gist: draft.request.map(|(_, gist)| gist),
            sensitivity: Sensitivity::Internal,
            must: Vec::new(),
        };
        let line = Line::seal(DOMAIN, &header, &body_json, signer);
        let hash = Hash::of(line.fields().header_text().as_bytes());
        Arc::new(Self {
            line,
            header,
            hash,
            content: Content::Known(body),
            blemishes: OnceLock::new(),
        })
    }

    /// Reads a line without looking at its signature: for a store that verified it on the way in.
    ///
    /// The body's hash is checked, so that a damaged store is noticed.
    pub fn read(line: &str) -> Result<Self, LineError> {
        let fields = Fields::parse(line, limit::LINE_BYTES)?;
        let header: Header = fields.header()?;
        if let Some(unknown) = header.must.first() {
            return Err(LineError::MustUnderstand {
                field: sanitise(unknown, 40),
            });
        }
        if header.seq == 0 || i64::try_from(header.seq).is_err() {
            return Err(LineError::Unnumbered { found: header.seq });
        }
        let content = read_body(&fields, header.body)?;
        let hash = Hash::of(fields.header_text().as_bytes());
        Ok(Self {
            line: fields.keep(),
            header,
            hash,
            content,
            blemishes: OnceLock::new(),
        })
    }

    /// What the envelope says of itself.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The hash that the next entry of the log names: over the header, so over everything.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// The body.
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// The body, if it is known.
    pub fn body(&self) -> Option<&Body> {
        match &self.content {
            Content::Known(body) => Some(body),
            Content::Withheld | Content::Unreadable(_) => None,
        }
    }

    /// The line as it travels and is stored.
    pub fn line(&self) -> &str {
        self.line.text()
    }

    /// The same entry without its body: the chain holds, the content is gone.
    pub fn withhold(&self) -> Arc<Self> {
        let line = self.line.without_body();
        let header = self.header.clone();
        Arc::new(Self {
            line,
            header,
            hash: self.hash,
            content: Content::Withheld,
            blemishes: OnceLock::new(),
        })
    }

    /// What is the matter with the texts of its body, each once.
    pub fn blemishes(&self) -> &[Blemish] {
        let body = || self.fields().body().map(blemishes).unwrap_or_default();
        self.blemishes.get_or_init(body)
    }

    pub(crate) fn fields(&self) -> Fields<'_> {
        self.line.fields()
    }
}

fn read_body(line: &Fields<'_>, expected: Hash) -> Result<Content, LineError> {
    let Some(text) = line.body() else {
        return Ok(Content::Withheld);
    };
    if Hash::of(text.as_bytes()) != expected {
        return Err(LineError::BodyHash);
    }
    Ok(match serde_json::from_str(text) {
        Ok(body) => Content::Known(body),
        Err(error) => Content::Unreadable(reason(&error)),
    })
}

fn internal() -> Sensitivity {
    Sensitivity::Internal
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_internal(sensitivity: &Sensitivity) -> bool {
    *sensitivity == Sensitivity::Internal
}

/// Why a text names no log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" names no log; a log is AUTHOR/EPOCH-NONCE, as in 440400/1-9f86d081884c7d65")]
pub struct LogKeyError(String);

impl Incarnation {
    fn behind(self, label: Label) -> Label {
        let nonce = Digits::of(&self.nonce.to_be_bytes());
        label.number(self.epoch).then("-").then(nonce.as_str())
    }

    fn label(self) -> Label {
        self.behind(Label::of(""))
    }
}

impl LogKey {
    pub(crate) fn label(self) -> Label {
        let author = Label::of(self.author.as_str());
        self.incarnation.behind(author.then("/"))
    }
}

impl FromStr for Incarnation {
    type Err = LogKeyError;
    fn from_str(text: &str) -> Result<Self, LogKeyError> {
        let wrong = || LogKeyError(sanitise(text, 60));
        let (epoch, nonce) = split_first(text, b'-').ok_or_else(wrong)?;
        let nonce = unhex(nonce).map_err(|_| wrong())?;
        Ok(Self {
            epoch: epoch.parse().map_err(|_| wrong())?,
            nonce: u64::from_be_bytes(nonce),
        })
    }
}

impl FromStr for LogKey {
    type Err = LogKeyError;
    fn from_str(text: &str) -> Result<Self, LogKeyError> {
        let wrong = || LogKeyError(sanitise(text, 60));
        let (author, incarnation) = split_first(text, b'/').ok_or_else(wrong)?;
        let author = author.parse().map_err(|_| wrong())?;
        Ok(Self {
            author,
            incarnation: incarnation.parse().map_err(|_| wrong())?,
        })
    }
}

macro_rules! as_text {
    ($($name:ident)*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.label().as_str())
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{self}")
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.label().as_str())
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::text::read(deserializer)
            }
        }
    )*};
}

as_text! { Incarnation LogKey }
