//! `keys admit`, `rotate`, `revoke` and `expire`: the region's offline key signs one more entry of its log.
//!
//! It is done in the region's own folder, which holds the network, the roster and the key, and lies on no
//! machine that is on a bus. What comes of it is the roster file, which is handed to one office or to all.

use std::path::{Path, PathBuf};

use protocol::{
    Body, Civil, KeyId, Member, Moment, Network, PartyId, RosterChange, Signer, Span, Standing,
    Wall,
};

use super::{KeyFile, PublicHalf, Turn};
use crate::cli::{Admit, EndKey, ExpireKey, RegionFolder, RotateKey};
use crate::failure::{Code, Failure};
use crate::live::time::wall_us;
use crate::network;
use crate::print;
use crate::roster::RosterFile;
use crate::secret::SecretPlace;

/// The files of the region's folder.
pub(crate) const NETWORK: &str = "network.toml";
pub(crate) const ROSTER: &str = "roster.log";
pub(crate) const REGION_KEY: &str = "region.key";

/// The region's folder, open to sign, and to no other command meanwhile.
pub(crate) struct Region {
    pub(crate) network: Network,
    pub(crate) signer: Signer,
    pub(crate) roster: RosterFile,
    file: PathBuf,
    _turn: Turn,
}

impl Region {
    /// Opens the folder, with the key that lies in it or where that is said to lie.
    pub(crate) fn open(folder: &RegionFolder) -> Result<Self, Failure> {
        let path = &folder.region;
        let network = network::read(&path.join(NETWORK))?;
        // Before the roster is read: what it says then is what the change is made to.
        let turn = Turn::take(path)?;
        let file = path.join(ROSTER);
        let roster = RosterFile::read(&file, &network)?;
        let named = folder.key.clone().unwrap_or_else(|| REGION_KEY.to_owned());
        let place = SecretPlace::named(&named, |name| path.join(name));
        let signer = KeyFile::read(&place)?.signer((network.region, &network), &place)?;
        if signer.public() != network.root {
            let what = format!(
                "{place} is not the key whose public half {} names as root; take the region's own",
                path.join(NETWORK).display()
            );
            return Err(Failure::new(Code::Config, what));
        }
        Ok(Self {
            network,
            signer,
            roster,
            file,
            _turn: turn,
        })
    }

    fn sign(&mut self, changes: Vec<RosterChange>, told: &str) -> Result<(), Failure> {
        let now = Wall(wall_us() / 1_000);
        for change in changes {
            self.roster.append(change, &self.signer, now);
        }
        self.roster.keep()?;
        let told = format!(
            "{told}; {} now has {} entries: put it in place of an office's roster file and send that \
             office SIGHUP, and the others hear of it from there",
            self.file.display(),
            self.roster.log().len()
        );
        self.say(&told)
    }

    fn say(&self, line: &str) -> Result<(), Failure> {
        print::line(self.network.mode.marked(line))
    }

    /// A half that was made for this network, and whose key was not given up before.
    fn half(&self, path: &Path) -> Result<Member, Failure> {
        let half = PublicHalf::read(path)?;
        if (half.network, half.mode) != (self.network.id, self.network.mode) {
            let what = format!(
                "{}: the key was made for network \"{}\", which is {}; this one is \"{}\", which is {}: make \
                 another key",
                path.display(),
                half.network,
                half.mode.code(),
                self.network.id,
                self.network.mode.code()
            );
            return Err(Failure::new(Code::Data, what));
        }
        let member = half.member;
        if member.party == self.network.region {
            let what = "the region itself is no member; its key is the root of the network file";
            return Err(Failure::new(Code::Data, what));
        }
        let known = self.roster.roster().standing(member.party, member.key.id());
        if known.is_some() {
            let what = format!(
                "key {} of \"{}\" was admitted before; make another key",
                member.key.id(),
                member.party
            );
            return Err(Failure::new(Code::Data, what));
        }
        Ok(member)
    }

    /// A party as it was admitted last, whether or not a key of it counts.
    fn known(&self, party: PartyId) -> Option<&Member> {
        let entries = self.roster.log().iter().rev();
        { entries }.find_map(|entry| match entry.body() {
            Some(Body::RosterChange(RosterChange::Admit(member))) if member.party == party => {
                Some(&**member)
            }
            _ => None,
        })
    }

    /// A new key makes nobody another: whose half it is wrote it itself.
    fn is_the_same(&self, half: &Path, new: &Member) -> Result<(), Failure> {
        let Some(known) = self.known(new.party) else {
            return Ok(());
        };
        let place = |it: &Member| (it.role, it.office, it.area, it.circle.clone(), it.unit);
        if place(known) == place(new) {
            return Ok(());
        }
        let what = format!(
            "{}: it is of {}, and \"{}\" is {} by the roster; make the key anew with `{}`, or admit \
             another party",
            half.display(),
            what_it_is(new),
            known.party,
            what_it_is(known),
            made_by(known)
        );
        Err(Failure::new(Code::Data, what))
    }

    /// Whether a key counts no longer than this already: what ends it so would bring it back, or have it
    /// count for longer.
    fn ends_by(&self, (party, key): (PartyId, KeyId), after: Wall) -> bool {
        self.end_of(party, key).is_some_and(|until| until <= after)
    }

    /// When a key ends, if it does.
    fn end_of(&self, party: PartyId, key: KeyId) -> Option<Wall> {
        let standing = self.roster.roster().standing(party, key);
        standing.and_then(Standing::until)
    }

    /// The keys of a party that are not revoked, those that have ended among them: what they signed before
    /// their end is believed.
    fn keys_in_force(&self, party: PartyId) -> Vec<KeyId> {
        let all = self.roster.roster().keys().filter(|(of, _)| *of == party);
        let counting = all.filter(|(_, standing)| !standing.is_revoked());
        counting.map(|(_, standing)| standing.key().id()).collect()
    }

    /// The keys of a party that count, or the one that is named.
    fn keys_of(&self, party: PartyId, named: Option<KeyId>) -> Result<Vec<KeyId>, Failure> {
        if party == self.network.region {
            let what = format!(
                "\"{party}\" is the region itself, whose key is the root of {}: no entry revokes or ends it; if \
                 it was lost or stolen, make the region anew with `liandong init` and hand out its folders",
                self.file.with_file_name(NETWORK).display()
            );
            return Err(Failure::new(Code::Data, what));
        }
        let mut found = self.keys_in_force(party);
        found.retain(|id| named.is_none_or(|one| one == *id));
        if found.is_empty() {
            let what = match named {
                Some(key) => format!("\"{party}\" has no key {key} that counts"),
                None => format!("\"{party}\" has no key that counts"),
            };
            let what = format!("{what}; see `liandong keys show {}`", self.file.display());
            return Err(Failure::new(Code::Data, what));
        }
        Ok(found)
    }
}

/// What a party is, for whoever signs for it: the half of its key is its own file.
fn what_it_is(member: &Member) -> String {
    let (role, office, area) = (member.role.code(), member.office, member.area);
    let circle = match &*member.circle {
        "" => String::new(),
        circle => format!(" in circle {}", protocol::sanitise(circle, 40)),
    };
    let unit = member
        .unit
        .map_or_else(String::new, |unit| format!(" for unit {unit}"));
    format!("{role} of {office}, area {area}{circle}{unit}")
}

/// The command that makes a key for a party as it is known.
fn made_by(member: &Member) -> String {
    let (party, role, area) = (member.party, member.role.code(), member.area);
    let office = (member.office != party).then(|| format!(" --office {}", member.office));
    let circle = protocol::sanitise(&member.circle, 40);
    let circle = (!circle.is_empty()).then(|| format!(" --circle {circle}"));
    let unit = member.unit.map(|unit| format!(" --unit {unit}"));
    let rest: String = [office, circle, unit].into_iter().flatten().collect();
    format!("liandong keys make {party} --role {role} --area {area}{rest} --network network.toml")
}

/// Admits a party by the public half of its key.
pub(super) fn admit(args: &Admit) -> Result<(), Failure> {
    let mut region = Region::open(&args.folder)?;
    let member = region.half(&args.half)?;
    if region.roster.roster().member(member.party).is_some() {
        let what = format!(
            "\"{}\" belongs already; give it this key with `liandong keys rotate`",
            member.party
        );
        return Err(Failure::new(Code::Data, what));
    }
    let (party, key, what) = (member.party, member.key.id(), what_it_is(&member));
    let told = format!("admitted {party} as {what}, with key {key}");
    region.sign(vec![RosterChange::Admit(Box::new(member))], &told)
}

/// How long keys count beside a new one unless told otherwise. A key that ends before its party knows signs
/// on, and who was away refuses what others have taken in.
const BESIDE: Span = Span::hours(24);

/// Admits a party's new key and ends those before it.
pub(super) fn rotate(args: &RotateKey) -> Result<(), Failure> {
    let mut region = Region::open(&args.folder)?;
    let member = region.half(&args.half)?;
    region.is_the_same(&args.half, &member)?;
    let (party, new, role) = (member.party, member.key.id(), member.role);
    // Whose last key was revoked or has ended comes back with another.
    let mut old = match region.roster.roster().member(party) {
        Some(_) => region.keys_in_force(party),
        None => region.keys_of(party, None)?,
    };
    let until = args.until.unwrap_or_else(|| EndTime::within(BESIDE));
    let (now, after) = (EndTime::within(Span(0)), Wall::at(until.0));
    // What the party still signs with may end sooner than all of this.
    let ends = old
        .iter()
        .map(|key| region.end_of(party, *key).unwrap_or(after).min(after));
    let soonest = ends.filter(|end| *end > Wall::at(now.0)).min();
    let soonest = soonest.filter(|_| !args.revoke);
    if !args.revoke {
        old.retain(|key| !region.ends_by((party, *key), after));
    }
    let end = |key| {
        if args.revoke {
            RosterChange::Revoke { party, key }
        } else {
            RosterChange::Expire { party, key, after }
        }
    };
    let told = if old.is_empty() {
        format!("{party} belongs with key {new}; none before it counts, or for longer than it did")
    } else if args.revoke {
        format!("{party} has key {new}; those before it are revoked")
    } else {
        format!("{party} has key {new}; those before it count until {until}")
    };
    let mut changes = vec![RosterChange::Admit(Box::new(member))];
    changes.extend(old.into_iter().map(end));
    region.sign(changes, &told)?;
    let when = soonest.map_or_else(
        || "at once".to_owned(),
        |end| format!("before {}", EndTime(Moment(end.0 * 1_000))),
    );
    let rest = if role.is_author() {
        format!(
            "then, {when}, put the new {party}.key in place of the key that its settings name and start \
             {party} again: it signs with the key that it was started with, and ends when that counts no more"
        )
    } else {
        format!("then, {when}, put the new {party}.key in place of the key that its settings name")
    };
    region.say(&rest)
}

/// Revokes a party's key, or all of them.
pub(super) fn revoke(args: &EndKey) -> Result<(), Failure> {
    let mut region = Region::open(&args.folder)?;
    let party = args.party;
    let keys = region.keys_of(party, args.key_id)?;
    let told = format!("revoked {} of {party}", listed(&keys));
    let changes = keys
        .into_iter()
        .map(|key| RosterChange::Revoke { party, key });
    region.sign(changes.collect(), &told)
}

/// Lets a party's key, or all of them, end at a time.
pub(super) fn expire(args: &ExpireKey) -> Result<(), Failure> {
    let mut region = Region::open(&args.folder)?;
    let party = args.party;
    let mut keys = region.keys_of(party, args.key_id)?;
    let after = Wall::at(args.at.0);
    if args.key_id.is_none() {
        keys.retain(|key| !region.ends_by((party, *key), after));
    }
    if keys.is_empty() {
        let what = format!(
            "no key of \"{party}\" counts beyond {}; to put an end later, name its key: see `liandong keys \
             show {}`",
            args.at,
            region.file.display()
        );
        return Err(Failure::new(Code::Data, what));
    }
    let told = format!("{} of {party} counts until {}", listed(&keys), args.at);
    let changes = keys
        .into_iter()
        .map(|key| RosterChange::Expire { party, key, after });
    region.sign(changes.collect(), &told)
}

fn listed(keys: &[KeyId]) -> String {
    let ids: Vec<String> = keys.iter().map(|key| format!("key {key}")).collect();
    ids.join(", ")
}

/// A time with its date and zone, as it is typed for the end of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EndTime(Moment);

impl EndTime {
    /// So long from now, by this machine's clock, to the second.
    fn within(span: Span) -> Self {
        let second = Span::seconds(1).0;
        Self(Moment((wall_us() + span.0) / second * second))
    }
}

impl std::str::FromStr for EndTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let at = Civil::parse(text).ok().and_then(Civil::moment);
        at.map(Self).ok_or_else(|| {
            let text = protocol::sanitise(text, 40);
            format!("\"{text}\" is no time; write it as 2027-01-01T00:00:00+08:00")
        })
    }
}

impl std::fmt::Display for EndTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&Civil::at(self.0, 480).rfc3339())
    }
}
