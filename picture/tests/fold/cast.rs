//! A small region of three cities, a province and a weather office, and those who write their logs.

use std::collections::BTreeMap;
use std::sync::Arc;

use picture::{Admission, Entry, Folded, Picture, Reading, SharedFolds, Void};
use protocol::{
    AreaCode, Body, Draft, Envelope, Hash, Incarnation, LogKey, Member, Mode, Network, PartyId,
    Predecessor, Role, RosterChange, Seal, Signer, Suite, Wall,
};

/// The region's pseudo-author.
pub(crate) const REGION: &str = "990000";

/// Everybody of the roster: name, role and circle.
pub(crate) const MEMBERS: [(&str, Role, &str); 7] = [
    ("990100", Role::City, "east"),
    ("990200", Role::City, "east"),
    ("990300", Role::City, "west"),
    ("990001", Role::Province, ""),
    ("990000-met", Role::Met, ""),
    ("watcher", Role::Observer, ""),
    ("van-1", Role::Terminal, ""),
];

/// The first city; most directed tests play in its log.
pub(crate) const FIRST: &str = "990100";

/// The second city.
pub(crate) const SECOND: &str = "990200";

/// The third city.
pub(crate) const THIRD: &str = "990300";

/// The province.
pub(crate) const PROVINCE: &str = "990001";

/// The weather office.
pub(crate) const MET: &str = "990000-met";

pub(crate) fn party(name: &str) -> PartyId {
    name.parse().unwrap()
}

pub(crate) fn signer(name: &str) -> Signer {
    Signer::new(party(name), Suite::Virtual, Hash::of(name.as_bytes()).0)
}

pub(crate) fn network() -> Network {
    Network {
        id: "test".parse().unwrap(),
        mode: Mode::Test,
        region: party(REGION),
        root: signer(REGION).public(),
        suite: Suite::Virtual,
    }
}

pub(crate) fn member((name, role, circle): (&str, Role, &str)) -> Member {
    Member {
        party: party(name),
        role,
        area: AreaCode(990_000),
        office: party(name),
        circle: circle.to_owned(),
        unit: None,
        name_zh: name.to_owned(),
        name_en: name.to_owned(),
        key: signer(name).public(),
    }
}

/// The region's log, which admits everybody.
pub(crate) fn roster() -> Scribe {
    let mut region = Scribe::first_life(REGION);
    for one in MEMBERS {
        region.write(Body::RosterChange(RosterChange::Admit(Box::new(member(
            one,
        )))));
    }
    region
}

/// A picture that knows the roster and nothing else.
pub(crate) fn picture() -> Picture {
    let mut picture = Picture::new(network());
    for envelope in &roster().entries {
        picture.admit(envelope);
    }
    picture
}

/// Who writes one log.
#[derive(Clone, Debug)]
pub(crate) struct Scribe {
    pub(crate) log: LogKey,
    pub(crate) entries: Vec<Arc<Envelope>>,
    signer: Signer,
}

impl Scribe {
    /// An author's first life; its seal is written.
    pub(crate) fn first_life(name: &str) -> Self {
        let incarnation = Incarnation { epoch: 1, nonce: 7 };
        Self::begin(name, incarnation, None)
    }

    /// The next life, which seals this one after so many of its entries.
    pub(crate) fn next_life(&self, keep: usize) -> Self {
        self.life_behind(7, keep)
    }

    /// Another life of the next epoch, which seals this one after so many of its entries.
    pub(crate) fn life_behind(&self, nonce: u64, keep: usize) -> Self {
        let predecessor = Predecessor {
            log: self.log,
            seq: keep as u64,
            head: self.entries[keep - 1].hash(),
        };
        let incarnation = Incarnation {
            epoch: self.log.incarnation.epoch + 1,
            nonce,
        };
        Self::begin(self.log.author.as_str(), incarnation, Some(predecessor))
    }

    pub(crate) fn begin(
        name: &str,
        incarnation: Incarnation,
        predecessor: Option<Predecessor>,
    ) -> Self {
        let log = LogKey {
            author: party(name),
            incarnation,
        };
        let mut scribe = Self {
            log,
            entries: Vec::new(),
            signer: signer(name),
        };
        scribe.write(Body::Seal(Seal { predecessor }));
        scribe
    }

    /// Signs with another key from now on.
    pub(crate) fn with_key(mut self, signer: Signer) -> Self {
        self.signer = signer;
        self
    }

    pub(crate) fn write(&mut self, body: Body) -> Arc<Envelope> {
        let envelope = self.draft(body);
        self.entries.push(Arc::clone(&envelope));
        envelope
    }

    /// What the next entry would be; the log is left as it is.
    pub(crate) fn draft(&self, body: Body) -> Arc<Envelope> {
        let network = network();
        let seq = self.entries.len() as u64 + 1;
        let draft = Draft {
            net: network.id,
            mode: network.mode,
            log: self.log,
            seq,
            prev: self
                .entries
                .last()
                .map(|last| last.hash())
                .unwrap_or_default(),
            hlc: seq,
            sent: Wall(seq),
            request: None,
        };
        Envelope::seal(&draft, body, &self.signer)
    }
}

/// A holder: a picture and the disk that it is read again from.
#[derive(Clone, Debug)]
pub(crate) struct Holder {
    pub(crate) picture: Picture,
    disk: BTreeMap<LogKey, Vec<Arc<Envelope>>>,
    /// How often an author's log was read again.
    pub(crate) refolds: u32,
}

impl Holder {
    pub(crate) fn new() -> Self {
        Self {
            picture: Picture::new(network()),
            disk: BTreeMap::new(),
            refolds: 0,
        }
    }

    /// A holder that shares its folds with others.
    pub(crate) fn sharing(folds: &SharedFolds) -> Self {
        Self {
            picture: Picture::sharing(network(), folds.clone()),
            ..Self::new()
        }
    }

    /// A holder that knows the roster.
    pub(crate) fn informed() -> Self {
        let mut holder = Self::new();
        for envelope in &roster().entries {
            holder.hear(envelope);
        }
        holder
    }

    /// Hears an envelope; what the fold read by it, with what was void.
    pub(crate) fn hear(&mut self, envelope: &Arc<Envelope>) -> Vec<Folded> {
        match self.picture.admit(envelope) {
            Admission::Admitted { folded, stored, .. } => {
                self.keep(stored);
                folded
            }
            Admission::Refold { stored } => {
                self.keep(stored);
                self.read_again(envelope.header().log.author);
                Vec::new()
            }
            Admission::Duplicate
            | Admission::Parked
            | Admission::Equivocates
            | Admission::Refused(_) => Vec::new(),
        }
    }

    /// Hears envelopes that came together: those of one author are read in one go.
    pub(crate) fn hear_run(&mut self, envelopes: &[Arc<Envelope>]) -> Vec<Folded> {
        let mut folded = Vec::new();
        let author = |envelope: &Arc<Envelope>| envelope.header().log.author;
        for run in envelopes.chunk_by(|one, next| author(one) == author(next)) {
            for envelope in run {
                if let Entry::Entered { stored, .. } = self.picture.enter(envelope) {
                    self.keep(stored);
                }
            }
            match self.picture.read_on(author(&run[0])) {
                Reading::Folded(read) => folded.extend(read),
                Reading::Again => self.read_again(author(&run[0])),
            }
        }
        folded
    }

    fn read_again(&mut self, author: PartyId) {
        for (log, entries) in &self.disk {
            if log.author == author {
                self.picture.recollect(author, entries.clone());
            }
        }
        self.picture.refold(author);
        self.refolds += 1;
    }

    fn keep(&mut self, stored: Vec<Arc<Envelope>>) {
        for envelope in stored {
            self.disk
                .entry(envelope.header().log)
                .or_default()
                .push(envelope);
        }
    }

    /// Hears an author's entry and says which rule made it void.
    pub(crate) fn verdict(&mut self, envelope: &Arc<Envelope>) -> Option<&'static str> {
        let folded = self.hear(envelope);
        let last = folded.last().expect("it follows what was heard before");
        last.void.as_ref().map(Void::code)
    }
}
