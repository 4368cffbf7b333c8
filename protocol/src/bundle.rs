//! Bundles: entries of logs in a file, carried by hand where no bus goes.
//!
//! A line says what the file is, entries follow as they travel, and a closing line counts and hashes
//! all before it, signed if a key was at hand. What an entry is worth is its author's signature alone:
//! the closing line proves that the file is whole, and whose hand wrote it.

use serde::{Deserialize, Serialize};

use crate::codec::Refusal;
use crate::envelope::{Envelope, LogKey};
use crate::hash::Hash;
use crate::id::{NetId, PartyId};
use crate::limit;
use crate::line::{Fields, Line, LineError, reason};
use crate::quantity::Wall;
use crate::roster::{Network, Roster};
use crate::signing::{KeyId, Signer, Suite};
use crate::words::Mode;

/// The name of the format that this version writes.
pub const BUNDLE: &str = "liandong-bundle/1";

/// What the signature of a closing line is over, before the line.
const DOMAIN: &[u8] = b"liandong/1 bundle\n";

/// How a closing line begins, and no entry does.
const CLOSING: &[u8] = b"{\"closes\":";

/// The first line: what the file is, for whoever finds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleHeader {
    /// [`BUNDLE`].
    pub format: String,
    /// What begins every line that is not about an actual event; for people, and never read.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub mark: String,
    /// The network.
    pub net: NetId,
    /// What it is for.
    pub mode: Mode,
    /// The office whose journal was copied.
    pub office: PartyId,
    /// When, by that office's wall clock. Shown, never trusted.
    pub written: Wall,
    /// What was asked for began then; left out if all was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Wall>,
    /// Lines of entries that follow.
    pub entries: u64,
    /// Which entries of which logs, at most [`limit::DIGEST_LOGS`] stretches: so a file that was cut short
    /// still says what it should bring. A log has several where a snapshot stands for what is between.
    #[serde(default)]
    pub stretches: Vec<Stretch>,
}

/// Entries of one log in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// The log.
    pub log: LogKey,
    /// The first entry.
    pub from: u64,
    /// The last entry.
    pub to: u64,
}

/// The closing line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct End {
    /// [`BUNDLE`].
    closes: String,
    /// Lines of entries before it.
    entries: u64,
    /// Hash of all lines before it, each with its line break.
    hash: Hash,
    /// Who signed, if anybody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<Seal>,
}

/// Whose hand closed a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Seal {
    party: PartyId,
    alg: Suite,
    key: KeyId,
}

/// Why a file is taken for no bundle of this network. Nothing of it is read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// R07: another kind of file, or a first line that is damaged.
    #[error("the first line is not that of a bundle: {0}")]
    Header(String),
    /// R07: another version's.
    #[error("the file is \"{found}\"; this version reads \"{BUNDLE}\"")]
    Format {
        /// What it calls itself.
        found: String,
    },
    /// R01: another network's, or one of another mode.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl BundleHeader {
    /// Whether its stretches together are no longer than the entries that it counts.
    fn adds_up(&self) -> bool {
        let mut left = self.entries;
        self.stretches.iter().all(|stretch| {
            let count = stretch
                .to
                .checked_sub(stretch.from)
                .filter(|_| stretch.from > 0);
            let rest = count.and_then(|more| left.checked_sub(more.checked_add(1)?));
            left = rest.unwrap_or(left);
            rest.is_some()
        })
    }
}

impl BundleError {
    /// The code of the rule that refused.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Header(_) | Self::Format { .. } => "R07",
            Self::Refused(refusal) => refusal.code(),
        }
    }
}

/// Writes a bundle, line by line.
#[derive(Debug)]
pub struct BundleWriter {
    hasher: blake3::Hasher,
    entries: u64,
}

impl BundleWriter {
    /// Begins a bundle; gives its first line, without a line break as every line here.
    pub fn begin(header: &BundleHeader) -> (Self, String) {
        let line = serde_json::to_string(header).expect("a header is plain data");
        let mut writer = Self {
            hasher: blake3::Hasher::new(),
            entries: 0,
        };
        writer.count(&line);
        (writer, line)
    }

    /// Adds an entry, whose line is to be written next.
    pub fn entry(&mut self, envelope: &Envelope) {
        self.entries += 1;
        self.count(envelope.line());
    }

    /// The closing line, signed by whoever is there to sign.
    pub fn end(self, signer: Option<&Signer>) -> String {
        let end = End {
            closes: BUNDLE.to_owned(),
            entries: self.entries,
            hash: Hash(*self.hasher.finalize().as_bytes()),
            by: signer.map(|signer| Seal {
                party: signer.party(),
                alg: signer.suite(),
                key: signer.key(),
            }),
        };
        match signer {
            Some(signer) => Line::seal(DOMAIN, &end, "-", signer).text().to_string(),
            None => serde_json::to_string(&end).expect("a closing line is plain data"),
        }
    }

    fn count(&mut self, line: &str) {
        self.hasher.update(line.as_bytes()).update(b"\n");
    }
}

/// How a bundle ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closing {
    /// It is as this party wrote it.
    Signed(PartyId),
    /// It is as it was written; nobody says by whom.
    Unsigned,
    /// The closing line is not there, or cannot be read, and so many lines of entries before it.
    Cut {
        /// Lines that the first line promised and nobody read.
        missing: u64,
    },
    /// The lines are not those that the closing line counts and hashes.
    Altered {
        /// Lines that it counts and nobody read.
        missing: u64,
    },
    /// The lines are those that it hashes, and its signature is not believed.
    Disowned(Refusal),
}

/// What a line of a bundle turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BundleLine<'a> {
    /// An entry, to be decoded like any other.
    Entry(&'a str),
    /// The closing line.
    Closing,
}

/// Reads a bundle, line by line, and believes nothing of it.
#[derive(Debug)]
pub struct BundleReader {
    header: BundleHeader,
    hasher: blake3::Hasher,
    entries: u64,
    state: State,
}

/// How far a file was read.
#[derive(Debug)]
enum State {
    Open,
    Closed {
        end: Box<End>,
        line: String,
    },
    /// Something follows the closing line.
    Beyond,
}

impl BundleReader {
    /// Reads the first line and refuses what is of another network.
    pub fn open(line: &[u8], network: &Network) -> Result<Self, BundleError> {
        let wrong = |error: serde_json::Error| BundleError::Header(reason(&error));
        if line.len() > limit::LINE_BYTES {
            return Err(BundleError::Header(too_long(line.len()).to_string()));
        }
        let named: Named = serde_json::from_slice(line).map_err(wrong)?;
        if named.format != BUNDLE {
            let found = crate::text::sanitise(&named.format, 80);
            return Err(BundleError::Format { found });
        }
        let header: BundleHeader = serde_json::from_slice(line).map_err(wrong)?;
        if !header.adds_up() {
            let why = "it names more entries than it counts";
            return Err(BundleError::Header(why.to_owned()));
        }
        let expected = network.id;
        if header.net != expected {
            let found = header.net.to_string();
            return Err(Refusal::Network { found, expected }.into());
        }
        let (found, expected) = (header.mode, network.mode);
        if found != expected {
            return Err(Refusal::Mode { found, expected }.into());
        }
        let mut hasher = blake3::Hasher::new();
        hasher.update(line).update(b"\n");
        Ok(Self {
            header,
            hasher,
            entries: 0,
            state: State::Open,
        })
    }

    /// What its first line says. Nothing vouches for it before the closing line was read.
    pub fn header(&self) -> &BundleHeader {
        &self.header
    }

    /// Reads the next line, without its line break. A line that cannot be read holds up none.
    pub fn line<'a>(&mut self, line: &'a [u8]) -> Result<BundleLine<'a>, LineError> {
        if line.starts_with(CLOSING)
            && let Some(end) = read_end(line)
        {
            let line = String::from_utf8_lossy(line).into_owned();
            self.state = match self.state {
                State::Open => State::Closed {
                    end: Box::new(end),
                    line,
                },
                State::Closed { .. } | State::Beyond => State::Beyond,
            };
            return Ok(BundleLine::Closing);
        }
        if !matches!(self.state, State::Open) {
            self.state = State::Beyond;
        }
        self.entries += 1;
        self.hasher.update(line).update(b"\n");
        if line.len() > limit::LINE_BYTES {
            return Err(too_long(line.len()));
        }
        let text = str::from_utf8(line).map_err(|_| LineError::Shape)?;
        Ok(BundleLine::Entry(text))
    }

    /// Reads what stands at the end of the file without a line break: a whole line, or the beginning
    /// of one that was cut off, which is `None` and counts as missing.
    pub fn last_line<'a>(&mut self, line: &'a [u8]) -> Option<BundleLine<'a>> {
        let text = str::from_utf8(line).ok();
        let is_entry = text.is_some_and(|text| Fields::parse(text, limit::LINE_BYTES).is_ok());
        if is_entry || read_end(line).is_some() {
            return self.line(line).ok();
        }
        if !matches!(self.state, State::Open) {
            self.state = State::Beyond;
        }
        None
    }

    /// How the file ended, seen by this roster.
    pub fn close(self, roster: &Roster, network: &Network) -> Closing {
        let (end, line) = match &self.state {
            State::Closed { end, line } => (end, line),
            State::Open => {
                let missing = self.header.entries.saturating_sub(self.entries);
                return Closing::Cut { missing };
            }
            State::Beyond => return Closing::Altered { missing: 0 },
        };
        let hash = Hash(*self.hasher.finalize().as_bytes());
        if (end.entries, end.hash) != (self.entries, hash) {
            let missing = end.entries.saturating_sub(self.entries);
            return Closing::Altered { missing };
        }
        match &end.by {
            None => Closing::Unsigned,
            Some(seal) => match self.vouched(line, seal, roster, network) {
                Ok(()) => Closing::Signed(seal.party),
                Err(refusal) => Closing::Disowned(refusal),
            },
        }
    }

    /// Whether the closing line was signed by the office that the first line names, or by somebody of
    /// that office.
    fn vouched(
        &self,
        line: &str,
        seal: &Seal,
        roster: &Roster,
        network: &Network,
    ) -> Result<(), Refusal> {
        let (party, key) = (seal.party, seal.key);
        let member = roster.member(party);
        let of_office = member.is_some_and(|member| member.office == self.header.office);
        let known = roster.standing(party, key).filter(|_| of_office);
        let standing = known.ok_or(Refusal::UnknownKey { party, key })?;
        if standing.is_revoked() {
            return Err(Refusal::RevokedKey { party, key });
        }
        if !standing.counts_at(self.header.written) {
            return Err(Refusal::ExpiredKey { party, key });
        }
        if seal.alg != network.suite {
            let (found, expected) = (seal.alg, network.suite);
            return Err(Refusal::Suite { found, expected });
        }
        let fields = Fields::parse(line, limit::LINE_BYTES)?;
        if fields.is_signed_by(&standing.key(), network.suite, DOMAIN) {
            Ok(())
        } else {
            Err(Refusal::Signature { party })
        }
    }
}

/// The one field that tells a bundle of any version from another file.
#[derive(Deserialize)]
struct Named {
    format: String,
}

fn too_long(found: usize) -> LineError {
    let limit = limit::LINE_BYTES;
    LineError::TooLong { found, limit }
}

/// A closing line, signed or not; `None` if it cannot be read.
fn read_end(line: &[u8]) -> Option<End> {
    let text = str::from_utf8(line).ok()?;
    let end: End = if text.contains('\t') {
        let fields = Fields::parse(text, limit::LINE_BYTES).ok()?;
        // Its signature covers no body, so that there may be none.
        if fields.body().is_some() {
            return None;
        }
        fields.header().ok()?
    } else {
        serde_json::from_str(text).ok()?
    };
    // A signature that the line does not announce, or the other way round, is no closing line of ours.
    (end.closes == BUNDLE && end.by.is_some() == text.contains('\t')).then_some(end)
}
