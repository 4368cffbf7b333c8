//! Who belongs to the network: a log of the region's pseudo-author, signed by its offline key.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{AreaCode, NetId, PartyId};
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
}

/// The roster after a prefix of its log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    members: BTreeMap<PartyId, Member>,
    keys: BTreeMap<(PartyId, KeyId), Standing>,
    revision: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Standing {
    key: PublicKey,
    revoked: bool,
}

impl Roster {
    /// The roster before its first change: the region itself, by its root key.
    pub fn new(network: &Network) -> Self {
        let mut roster = Self::default();
        let standing = Standing {
            key: network.root,
            revoked: false,
        };
        roster
            .keys
            .insert((network.region, network.root.id()), standing);
        roster
    }

    /// The roster after one more change.
    pub fn apply(&mut self, change: &RosterChange) {
        self.revision += 1;
        match change {
            RosterChange::Admit(member) => {
                let standing = Standing {
                    key: member.key,
                    revoked: false,
                };
                self.keys.insert((member.party, member.key.id()), standing);
                self.members.insert(member.party, (**member).clone());
            }
            RosterChange::Revoke { party, key } => {
                if let Some(standing) = self.keys.get_mut(&(*party, *key)) {
                    standing.revoked = true;
                }
            }
        }
    }

    /// Counts the changes; two rosters of one log with equal revisions are equal.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The key of a party by its name, if it was ever admitted, and whether it still counts.
    pub fn key(&self, party: PartyId, key: KeyId) -> Option<(PublicKey, bool)> {
        self.keys
            .get(&(party, key))
            .map(|standing| (standing.key, !standing.revoked))
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

    /// Whether its word on the state of roads and hazards counts beyond its own ground.
    pub const fn knows_the_ground(self) -> bool {
        matches!(
            self,
            Self::City | Self::Province | Self::Met | Self::Grid | Self::Maritime
        )
    }
}
