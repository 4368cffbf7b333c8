//! Two offices on two machines that never met: run folders, keys, journals, and the binary.

use std::collections::BTreeMap;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use journal::Journal;
use picture::{Admission, Picture};
use protocol::{
    AreaCode, Body, BundleHeader, BundleWriter, Draft, DutyNote, Envelope, Hash, Incarnation,
    LogKey, Member, Mode, Moment, Network, PartyId, Role, RosterChange, Seal, Signer, Suite, Wall,
    hex,
};
use serde_json::{Value, json};

pub(crate) const EAST: &str = "990100";
pub(crate) const WEST: &str = "990200";
const REGION: &str = "990000";

/// 2018-09-16 14:00 in the region's time, as milliseconds.
const TWO_O_CLOCK_MS: u64 = 1_537_077_600_000;

pub(crate) fn signer(name: &str) -> Signer {
    Signer::new(name.parse().unwrap(), Suite::Ed25519, secret(name))
}

fn secret(name: &str) -> [u8; 32] {
    Hash::of(name.as_bytes()).0
}

pub(crate) fn network() -> Network {
    Network {
        id: "drill-1".parse().unwrap(),
        mode: Mode::Exercise,
        region: REGION.parse().unwrap(),
        root: signer(REGION).public(),
        suite: Suite::Ed25519,
    }
}

/// Who writes one log; an entry a minute from 14:00 on.
pub(crate) struct Author {
    pub(crate) log: LogKey,
    pub(crate) entries: Vec<Arc<Envelope>>,
    network: Network,
    signer: Signer,
}

impl Author {
    fn new(name: &str, network: Network) -> Self {
        let log = LogKey {
            author: name.parse().unwrap(),
            incarnation: Incarnation { epoch: 1, nonce: 7 },
        };
        Self {
            log,
            entries: Vec::new(),
            network,
            signer: signer(name),
        }
    }

    /// An office's log: its seal and so many notes.
    pub(crate) fn of_office(name: &str, notes: u64) -> Self {
        let mut author = Self::new(name, network());
        author.write(Body::Seal(Seal { predecessor: None }));
        author.notes(notes);
        author
    }

    pub(crate) fn notes(&mut self, count: u64) {
        for _ in 0..count {
            self.write(note(&format!("第 {} 条", self.entries.len())));
        }
    }

    pub(crate) fn write(&mut self, body: Body) -> Arc<Envelope> {
        let prev = self.entries.last().map(|it| it.hash());
        let envelope = self.draft(
            body,
            self.entries.len() as u64 + 1,
            prev.unwrap_or_default(),
        );
        self.entries.push(Arc::clone(&envelope));
        envelope
    }

    /// What an entry at this place would be; the log is left as it is.
    pub(crate) fn draft(&self, body: Body, seq: u64, prev: Hash) -> Arc<Envelope> {
        let at = TWO_O_CLOCK_MS + (seq - 1) * 60_000;
        let network = &self.network;
        let draft = Draft {
            net: network.id,
            mode: network.mode,
            log: self.log,
            seq,
            prev,
            hlc: at << 16,
            sent: Wall(at),
            request: None,
        };
        Envelope::seal(&draft, body, &self.signer)
    }
}

pub(crate) fn note(text: &str) -> Body {
    Body::DutyNote(DutyNote {
        incident: None,
        by: "值班员".into(),
        text: text.into(),
        at: Moment(1),
    })
}

/// The region's log, which admits both offices and their operators.
pub(crate) fn roster() -> Author {
    roster_of(network())
}

fn roster_of(network: Network) -> Author {
    let mut region = Author::new(REGION, network);
    for (party, office, name_zh, name_en) in [
        (EAST, EAST, "东港", "Eastport"),
        (WEST, WEST, "西城", "Westville"),
        ("op-990100", EAST, "", ""),
        ("op-990200", WEST, "", ""),
    ] {
        region.write(Body::RosterChange(RosterChange::Admit(Box::new(Member {
            party: party.parse().unwrap(),
            role: if party == office {
                Role::City
            } else {
                Role::Operator
            },
            area: AreaCode(990_000),
            office: office.parse().unwrap(),
            circle: String::new(),
            unit: None,
            name_zh: name_zh.into(),
            name_en: name_en.into(),
            key: signer(party).public(),
        }))));
    }
    region
}

/// A machine: the folder of a run on it.
pub(crate) struct Machine {
    pub(crate) path: PathBuf,
}

impl Machine {
    /// A machine of the network whose office has recorded these entries.
    pub(crate) fn new(office: &str, entries: &[Arc<Envelope>]) -> Self {
        Self::of(&network(), office, entries)
    }

    pub(crate) fn of(network: &Network, office: &str, entries: &[Arc<Envelope>]) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("liandong-carriage-{}-{number}", std::process::id());
        let machine = Self {
            path: std::env::temp_dir().join(name),
        };
        drop(std::fs::remove_dir_all(&machine.path));
        std::fs::create_dir_all(machine.path.join("journals")).unwrap();
        std::fs::create_dir_all(machine.path.join("keys")).unwrap();
        let log: Vec<String> = roster_of(network.clone())
            .entries
            .iter()
            .map(|it| it.line().to_owned())
            .collect();
        let stage = json!({
            "buses": [
                {"id": "drill", "url": "mqtt://127.0.0.1:1", "host": null, "members": []}
            ],
            "network": network,
            "roster": log,
            "offset_min": 480,
            "region": "trio",
            "roads_as_of": null,
        });
        std::fs::write(machine.path.join("stage.json"), stage.to_string()).unwrap();
        machine.key(&format!("op-{office}"));
        if !entries.is_empty() {
            let (mut journal, _) = Journal::open(&machine.journal(office), network.id).unwrap();
            journal.append_all(entries.to_vec()).unwrap();
        }
        machine
    }

    /// Puts down a party's key.
    fn key(&self, party: &str) {
        use std::io::Write;
        let path = self.path.join("keys").join(format!("{party}.key"));
        let mut options = std::fs::OpenOptions::new();
        let mut file = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)
            .unwrap();
        file.write_all(hex(&secret(party)).as_bytes()).unwrap();
    }

    pub(crate) fn journal(&self, office: &str) -> PathBuf {
        self.path.join("journals").join(format!("{office}.journal"))
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// What an office's journal holds.
    pub(crate) fn held(&self, office: &str) -> Vec<Arc<Envelope>> {
        let opened = Journal::open(&self.journal(office), network().id).unwrap();
        opened.1.envelopes
    }

    /// The state hash of what an office knows.
    pub(crate) fn picture(&self, office: &str) -> Hash {
        let mut picture = Picture::new(network());
        for envelope in self.held(office) {
            let admission = picture.admit(&envelope);
            assert!(!matches!(admission, Admission::Refused(_)), "{admission:?}");
        }
        picture.hash()
    }

    pub(crate) fn export(&self, office: &str, file: &Path, more: &[&str]) -> Output {
        self.run("export", office, file, more)
    }

    pub(crate) fn import(&self, office: &str, file: &Path, more: &[&str]) -> Output {
        self.run("import", office, file, more)
    }

    /// Imports and reads the account, with the exit code and what was said beside it.
    pub(crate) fn account(&self, office: &str, file: &Path) -> (Option<i32>, Value, String) {
        let output = self.import(office, file, &["--output", "json"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let account = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        (output.status.code(), account, said)
    }

    fn run(&self, verb: &str, office: &str, file: &Path, more: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_liandong"));
        command
            .args([verb, "log", "--run"])
            .arg(&self.path)
            .args(["--office", office])
            .args(more)
            .arg(file)
            .env_remove("LIANDONG_BUS")
            .stdin(Stdio::null());
        command.output().unwrap()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.path));
    }
}

/// A bundle of these entries as somebody may write one who holds the key of east's operator.
pub(crate) fn bundle(path: &Path, entries: &[Arc<Envelope>]) {
    write_bundle(path, &network(), entries);
}

pub(crate) fn write_bundle(path: &Path, network: &Network, entries: &[Arc<Envelope>]) {
    let header = BundleHeader {
        format: protocol::BUNDLE.to_owned(),
        mark: String::new(),
        net: network.id,
        mode: network.mode,
        office: party(EAST),
        written: Wall(TWO_O_CLOCK_MS),
        since: None,
        entries: entries.len() as u64,
        stretches: Vec::new(),
    };
    let (mut writer, first) = BundleWriter::begin(&header);
    let mut lines = vec![first];
    for entry in entries {
        writer.entry(entry);
        lines.push(entry.line().to_owned());
    }
    lines.push(writer.end(Some(&signer("op-990100"))));
    std::fs::write(path, lines.join("\n") + "\n").unwrap();
}

pub(crate) fn party(name: &str) -> PartyId {
    name.parse().unwrap()
}

/// Standard output and standard error.
pub(crate) fn text(output: &Output) -> String {
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&both).into_owned()
}

/// The entries of an office's journal by author, to compare two journals.
pub(crate) fn by_author(held: &[Arc<Envelope>]) -> BTreeMap<PartyId, Vec<String>> {
    let mut lines: BTreeMap<PartyId, Vec<String>> = BTreeMap::new();
    for envelope in held {
        let author = envelope.header().log.author;
        lines
            .entry(author)
            .or_default()
            .push(envelope.line().to_owned());
    }
    lines
}
