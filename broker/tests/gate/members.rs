//! A network of a test: who belongs to it, with keys and passwords.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use broker::Passwords;
use protocol::{
    AccessList, AreaCode, Member, Mode, Network, PartyId, Role, Roster, RosterChange, Signer,
    Suite, Wall,
};

/// The topics of the network begin so.
pub(crate) const ROOT: &str = "liandong/1/net-1";

/// A folder that ends with the test.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        let name = format!("liandong-gate-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

pub(crate) fn party(name: &str) -> PartyId {
    name.parse().unwrap()
}

fn signer(name: &str) -> Signer {
    let mut secret = [9; 32];
    secret[..name.len()].copy_from_slice(name.as_bytes());
    Signer::new(party(name), Suite::Ed25519, secret)
}

pub(crate) fn network() -> Network {
    Network {
        id: "net-1".parse().unwrap(),
        mode: Mode::Exercise,
        region: party("region"),
        root: signer("region").public(),
        suite: Suite::Ed25519,
    }
}

/// That a party joins, with a key of its own.
pub(crate) fn admit(name: &str, role: Role, office: &str) -> RosterChange {
    RosterChange::Admit(Box::new(Member {
        party: party(name),
        role,
        area: AreaCode(440_400),
        office: party(office),
        circle: String::new(),
        unit: None,
        name_zh: name.to_owned(),
        name_en: name.to_owned(),
        key: signer(name).public(),
    }))
}

/// Two offices, an operator of each, of whom one's name begins the other's, a terminal and an observer,
/// without those whose keys are revoked.
pub(crate) fn list(revoked: &[&str]) -> AccessList {
    let revoke = |name: &&str| RosterChange::Revoke {
        party: party(name),
        key: signer(name).public().id(),
    };
    listed(revoked.iter().map(revoke))
}

/// The same, of whom one's key ends.
pub(crate) fn list_until(name: &str, after: Wall) -> AccessList {
    let (party, key) = (party(name), signer(name).public().id());
    listed([RosterChange::Expire { party, key, after }])
}

fn listed(changes: impl IntoIterator<Item = RosterChange>) -> AccessList {
    let network = network();
    let mut roster = Roster::new(&network);
    for (name, role, office) in [
        ("440100", Role::City, "440100"),
        ("440400", Role::City, "440400"),
        ("op-1", Role::Operator, "440400"),
        ("op-1-2", Role::Operator, "440100"),
        ("van-1", Role::Terminal, "440400"),
        ("watcher", Role::Observer, "watcher"),
    ] {
        roster.apply(&admit(name, role, office));
    }
    for change in changes {
        roster.apply(&change);
    }
    AccessList::new(network, roster)
}

/// Everybody's password is `pw-` and the name.
pub(crate) fn passwords(names: &[&str]) -> Passwords {
    let lines = names.iter().map(|name| {
        let password = format!("pw-{name}");
        Passwords::line(party(name), password.as_bytes()).unwrap()
    });
    let lines: Vec<String> = lines.collect();
    Passwords::parse(&lines.join("\n")).unwrap()
}

/// A message that says it is from a party, as far as the gate reads it.
pub(crate) fn from(party: &str) -> String {
    format!("{{\"from\":\"{party}\"}}\t{{}}\t00")
}
