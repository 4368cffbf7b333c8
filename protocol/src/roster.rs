//! Who belongs to the network: a log of the region's pseudo-author, signed by its offline key.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{AreaCode, NetId, PartyId, ResourceId};
use crate::quantity::Wall;
use crate::signing::{KeyId, PublicKey, Suite};
use crate::words::{Mode, Role};

/// What a process must know before it can believe anything: its network and the region's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// The network.
    pub id: NetId,
    /// What it is for.
    pub mode: Mode,
    /// The pseudo-author of the roster's log.
    pub region: PartyId,
    /// The public half of the region's offline key.
    pub root: PublicKey,
    /// The suite that is accepted. A live network never takes [`Suite::Virtual`].
    pub suite: Suite,
}

/// A party that belongs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its id.
    pub party: PartyId,
    /// What it is.
    pub role: Role,
    /// Its ground, or the ground of the office it belongs to.
    pub area: AreaCode,
    /// The office that an operator or terminal belongs to; for offices itself.
    pub office: PartyId,
    /// The circle that a city belongs to; empty for others.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub circle: String,
    /// The unit that a terminal is the crew's of: it says what that unit does, and nothing else. A terminal
    /// without one speaks for systems of its office's ground, such as a call intake or a gauge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<ResourceId>,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Its public key.
    pub key: PublicKey,
}

/// One change of the roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum RosterChange {
    /// A party joins, or gets a new key or role.
    Admit(Box<Member>),
    /// A key is worth nothing from now on.
    Revoke {
        /// The party.
        party: PartyId,
        /// Its key.
        key: KeyId,
    },
    /// A key ends: what its owner signed after this time is worth nothing. A later change may move it.
    ///
    /// The time is held against the one that the signed message itself states, never against the
    /// reader's clock, so that all who hold the same judge alike whenever they read it. It ends a key that
    /// its owner gives up; against somebody who stole one, and would state another time, there is
    /// [`RosterChange::Revoke`].
    Expire {
        /// The party.
        party: PartyId,
        /// Its key.
        key: KeyId,
        /// The last time at which it counts, milliseconds since 1970.
        after: Wall,
    },
}

/// The roster after a prefix of its log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    members: BTreeMap<PartyId, Member>,
    keys: BTreeMap<(PartyId, KeyId), Standing>,
    revision: u64,
}

/// What a key of a party is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    key: PublicKey,
    revoked: bool,
    until: Option<Wall>,
}

impl Standing {
    fn of(key: PublicKey) -> Self {
        Self {
            key,
            revoked: false,
            until: None,
        }
    }

    /// The key.
    pub fn key(&self) -> PublicKey {
        self.key
    }

    /// Whether it was revoked.
    pub fn is_revoked(&self) -> bool {
        self.revoked
    }

    /// The last time at which it counts, if it ends.
    pub fn until(&self) -> Option<Wall> {
        self.until
    }

    /// Whether it counts for what states this time of signing.
    pub fn counts_at(&self, stated: Wall) -> bool {
        !self.revoked && self.until.is_none_or(|until| stated <= until)
    }
}

impl Roster {
    /// The roster before its first change: the region itself, by its root key.
    pub fn new(network: &Network) -> Self {
        let mut roster = Self::default();
        let root = (network.region, network.root.id());
        roster.keys.insert(root, Standing::of(network.root));
        roster
    }

    /// The roster after one more change.
    pub fn apply(&mut self, change: &RosterChange) {
        self.revision += 1;
        match change {
            RosterChange::Admit(member) => {
                let key = (member.party, member.key.id());
                self.keys.insert(key, Standing::of(member.key));
                self.members.insert(member.party, (**member).clone());
            }
            RosterChange::Revoke { party, key } => {
                if let Some(standing) = self.keys.get_mut(&(*party, *key)) {
                    standing.revoked = true;
                }
            }
            RosterChange::Expire { party, key, after } => {
                if let Some(standing) = self.keys.get_mut(&(*party, *key)) {
                    standing.until = Some(*after);
                }
            }
        }
    }

    /// Counts the changes; two rosters of one log with equal revisions are equal.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// What a party's key is worth, by the key's name; `None` if it was never admitted.
    pub fn standing(&self, party: PartyId, key: KeyId) -> Option<&Standing> {
        self.keys.get(&(party, key))
    }

    /// Every key that was ever admitted, in the order of parties.
    pub fn keys(&self) -> impl Iterator<Item = (PartyId, &Standing)> {
        let keys = self.keys.iter();
        keys.map(|((party, _), standing)| (*party, standing))
    }

    /// Every key that a party was ever admitted with. It may have several that count, until all but one end.
    pub fn keys_of(&self, party: PartyId) -> impl Iterator<Item = &Standing> {
        let from = (party, KeyId([0; 8]));
        let to = (party, KeyId([u8::MAX; 8]));
        self.keys.range(from..=to).map(|(_, standing)| standing)
    }

    /// Whether a party belongs at a time: it is a member, and one of its keys counts. Which of them was
    /// admitted last says what it is, and not whether it belongs: that one may be revoked while the one
    /// before it is to count for some time yet.
    pub fn belongs_at(&self, party: PartyId, now: Wall) -> bool {
        let mut keys = self.keys_of(party);
        self.member(party).is_some() && keys.any(|standing| standing.counts_at(now))
    }

    /// A member by its id.
    pub fn member(&self, party: PartyId) -> Option<&Member> {
        self.members.get(&party)
    }

    /// All members in the order of their ids.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    /// Members that keep a log of their own: offices and authors.
    pub fn authors(&self) -> impl Iterator<Item = &Member> {
        self.members().filter(|member| member.role.is_author())
    }
}

impl Role {
    /// Whether a party of this role keeps a log.
    pub const fn is_author(self) -> bool {
        matches!(
            self,
            Self::City | Self::Province | Self::District | Self::Met | Self::Grid | Self::Maritime
        )
    }

    /// Whether a party of this role holds logs: authors do, and who only looks on.
    pub const fn holds_logs(self) -> bool {
        self.is_author() || matches!(self, Self::Observer)
    }

    /// Whether its word on the state of roads and hazards counts beyond its own ground.
    pub const fn knows_the_ground(self) -> bool {
        matches!(
            self,
            Self::City | Self::Province | Self::Met | Self::Grid | Self::Maritime
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::Signer;

    fn key(party: &str) -> Signer {
        Signer::new(party.parse().unwrap(), Suite::Ed25519, [7; 32])
    }

    fn network() -> Network {
        let root = key("region");
        Network {
            id: "test-1".parse().unwrap(),
            mode: Mode::Test,
            region: root.party(),
            root: root.public(),
            suite: Suite::Ed25519,
        }
    }

    #[test]
    fn a_key_counts_for_what_was_signed_up_to_its_end_and_no_longer() {
        let root = key("region");
        let (party, id) = (root.party(), root.key());
        let mut roster = Roster::new(&network());
        let until = |ms| RosterChange::Expire {
            party,
            key: id,
            after: Wall(ms),
        };
        roster.apply(&until(1_000));
        let counts = |roster: &Roster, ms| roster.standing(party, id).unwrap().counts_at(Wall(ms));
        assert!(counts(&roster, 1_000) && !counts(&roster, 1_001));
        roster.apply(&until(2_000));
        assert!(counts(&roster, 2_000), "a later change moves the end");
        roster.apply(&RosterChange::Revoke { party, key: id });
        assert!(!counts(&roster, 0), "a revoked key counts at no time");
    }

    #[test]
    fn changes_are_written_as_logs_have_them() {
        let old = r#"{"change":"revoke","party":"op-990100","key":"0001020304050607"}"#;
        let new = r#"{"change":"expire","party":"op-990100","key":"0001020304050607","after":5}"#;
        for text in [old, new] {
            let change: RosterChange = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&change).unwrap(), text);
        }
    }
}
