//! Who takes part in a drill: offices, their operators, the world and the director, with their keys
//! and the roster that admits them.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::{
    AreaCode, Body, Draft, Envelope, Hash, Incarnation, LogKey, Member, Mode, Moment, NetId,
    Network, PartyId, Role, Roster, RosterChange, Seal, Signer, Suite, Wall,
};
use region::{Name, Region};

use crate::stream::Stream;

/// The network of a run in virtual time.
const VIRTUAL_NET: &str = "virtual";

/// The pseudo-author of the roster.
const REGION: &str = "region";

/// The party that plays call intake and all crew terminals.
const WORLD: &str = "world";

/// The exercise director 导调.
const DIRECTOR: &str = "director";

/// Whoever watches 观察员.
const OBSERVER: &str = "observer";

/// Everybody of a drill.
#[derive(Clone, Debug)]
pub struct Cast {
    /// The network that they share.
    pub network: Network,
    /// The roster that admits them.
    pub roster: Roster,
    /// The same as the region's log, which every office finds on its disk at its first boot.
    pub roster_log: Vec<Arc<Envelope>>,
    /// Offices and authors, in the order of their ids.
    pub offices: BTreeMap<PartyId, Player>,
    /// One operator for each office, `op-{office}`, by office.
    pub operators: BTreeMap<PartyId, Player>,
    /// The world.
    pub world: Player,
    /// The director.
    pub director: Player,
    /// Whoever watches: keeps copies of all logs and writes none.
    pub observer: Player,
}

/// A party with its key.
#[derive(Clone, Debug)]
pub struct Player {
    /// As the roster has it.
    pub member: Member,
    /// Its key.
    pub signer: Signer,
}

impl Cast {
    /// The cast of a run in virtual time: all keys come from the seed.
    pub fn of_seed(region: &Region, seed: u64, suite: Suite, start: Moment) -> Self {
        let net = VIRTUAL_NET.parse().expect("the name is short and plain");
        let secret = |party: PartyId| Stream::Keys.draws(seed, party.as_str()).bytes();
        Self::new(region, (net, suite), start, secret)
    }

    /// A cast whose secret keys are drawn by the caller, for a live drill on this network.
    pub fn new(
        region: &Region,
        (net, suite): (NetId, Suite),
        start: Moment,
        mut secret: impl FnMut(PartyId) -> [u8; 32],
    ) -> Self {
        let mut signer = |party: PartyId| Signer::new(party, suite, secret(party));
        let root = signer(plain(REGION));
        let network = Network {
            id: net,
            mode: Mode::Exercise,
            region: root.party(),
            root: root.public(),
            suite,
        };
        let mut offices = BTreeMap::new();
        let mut operators = BTreeMap::new();
        for office in region.offices().iter().filter(|it| it.role.is_author()) {
            let ground = (office.area, office.party);
            let circle = office.circle.as_deref().unwrap_or_default();
            let key = signer(office.party);
            let mut player = Player::new(key, office.role, ground, &office.name);
            circle.clone_into(&mut player.member.circle);
            offices.insert(office.party, player);
            let desk = plain(&format!("op-{}", office.party));
            let player = Player::new(signer(desk), Role::Operator, ground, &office.name);
            operators.insert(office.party, player);
        }
        let whole = |party: PartyId| (AreaCode::default(), party);
        let mut extra = |name: &str, role, zh: &str, en: &str| {
            let party = plain(name);
            let name = Name {
                zh: zh.to_owned(),
                en: en.to_owned(),
            };
            Player::new(signer(party), role, whole(party), &name)
        };
        let world = extra(WORLD, Role::Terminal, "现场", "the ground");
        let director = extra(DIRECTOR, Role::Director, "导调", "exercise director");
        let observer = extra(OBSERVER, Role::Observer, "观察员", "observer");
        let all = offices.values().chain(operators.values());
        let members = all
            .chain([&world, &director, &observer])
            .map(|player| &player.member);
        let changes: Vec<RosterChange> = members
            .map(|member| RosterChange::Admit(Box::new(member.clone())))
            .collect();
        let mut roster = Roster::new(&network);
        for change in &changes {
            roster.apply(change);
        }
        Self {
            roster_log: write_roster(&network, &root, start, changes),
            network,
            roster,
            offices,
            operators,
            world,
            director,
            observer,
        }
    }
}

impl Player {
    fn new(signer: Signer, role: Role, (area, office): (AreaCode, PartyId), name: &Name) -> Self {
        let member = Member {
            party: signer.party(),
            role,
            area,
            office,
            circle: String::new(),
            unit: None,
            name_zh: name.zh.clone(),
            name_en: name.en.clone(),
            key: signer.public(),
        };
        Self { member, signer }
    }
}

fn plain(name: &str) -> PartyId {
    name.parse()
        .expect("party ids of a region are short enough for an operator's prefix")
}

/// The region's log: its seal, then one entry for each member.
fn write_roster(
    network: &Network,
    root: &Signer,
    start: Moment,
    changes: Vec<RosterChange>,
) -> Vec<Arc<Envelope>> {
    let log = LogKey {
        author: network.region,
        incarnation: Incarnation { epoch: 1, nonce: 1 },
    };
    let sent = Wall::at(start);
    let seal = Body::Seal(Seal { predecessor: None });
    let bodies = std::iter::once(seal).chain(changes.into_iter().map(Body::RosterChange));
    let mut prev = Hash::default();
    (1..)
        .zip(bodies)
        .map(|(seq, body)| {
            let draft = Draft {
                net: network.id,
                mode: network.mode,
                log,
                seq,
                prev,
                hlc: (sent.0 << 16) + seq,
                sent,
                request: None,
            };
            let envelope = Envelope::seal(&draft, body, root);
            prev = envelope.hash();
            envelope
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roster_s_log_admits_everybody_and_holds_under_both_suites() {
        let region = Region::built_in("trio").unwrap();
        for suite in [Suite::Virtual, Suite::Ed25519] {
            let cast = Cast::of_seed(&region, 7, suite, Moment(0));
            let mut picture = picture::Picture::new(cast.network.clone());
            for envelope in &cast.roster_log {
                picture.admit(envelope);
            }
            assert_eq!(picture.roster(), &cast.roster);
            let parties = cast.offices.len() + cast.operators.len() + 3;
            assert_eq!(cast.roster.members().count(), parties);
        }
    }

    #[test]
    fn keys_come_from_the_seed_alone() {
        let region = Region::built_in("trio").unwrap();
        let cast = |seed| Cast::of_seed(&region, seed, Suite::Virtual, Moment(0));
        assert_eq!(cast(1).network, cast(1).network);
        assert_ne!(cast(1).network.root, cast(2).network.root);
    }
}
