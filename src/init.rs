//! The verb `init`: a trial region that works at once, and overwrites nothing.
//!
//! What it makes are files that people can read and change; no other verb needs them to come from here.
//! With the region's own folder it adds offices to a region that is there.

mod certificates;
mod joining;
mod pages;
mod planned;
mod ports;
mod renewal;
mod uncertify;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use protocol::{
    Member, Mode, Moment, Network, PartyId, Role, RosterChange, Signer, Suite, Wall, hex,
};
use region::{Region, TemplateLanguage, demo_fleet, home_floors, write_inventory};

use crate::cli::InitArgs;
use crate::failure::{Code, Failure};
use crate::files;
use crate::keys::{self, KeyFile, NETWORK, REGION_KEY, ROSTER};
use crate::live::stage::random;
use crate::live::time::wall_us;
use crate::network;
use crate::print;
use crate::roster::RosterFile;
use certificates::{Authority, Certified};
use pages::{OfficePage, OperatorPage};
use planned::{Planned, open, secret, write};
pub(crate) use renewal::certify;
pub(crate) use uncertify::uncertify;

/// The pseudo-author of the roster.
const REGION: &str = "region";

/// The folder of what belongs on no machine of an office.
const OFFLINE: &str = "region-offline";

/// The authority of the region's certificates, in that folder.
const AUTHORITY: &str = "ca.pem";
pub(crate) const AUTHORITY_KEY: &str = "ca.key";

/// The list of what the authority has taken back, in that folder, and the number of the first, which is
/// empty. It is there from the beginning, so that one that was lost is told from one that never was.
const REVOKED: &str = "revoked.pem";
const FIRST_LIST: u64 = 1;

/// By these names every office of a trial is known on its own machine.
const OWN_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// The verb.
pub(crate) fn init(args: &InitArgs) -> Result<(), Failure> {
    let region = files::region(&args.region, Path::new("."))?;
    if let Some(offline) = &args.into {
        return joining::join(args, offline, region);
    }
    let beginning = Beginning::of(args, region)?;
    write(&args.folder, &beginning.plan, &beginning.files()?)?;
    tell(&beginning.told(&args.folder), args.mode)
}

fn tell(lines: &[String], mode: Mode) -> Result<(), Failure> {
    for line in lines {
        print::line(mode.marked(line))?;
    }
    Ok(())
}

/// A party with the key that was drawn for it.
struct Party {
    member: Member,
    key: KeyFile,
}

/// An office of the trial.
struct Place {
    office: Party,
    operator: Party,
    port: u16,
    names: Vec<String>,
}

/// What is to be made.
struct Plan {
    network: Network,
    region: Arc<Region>,
    /// As the settings name it.
    region_named: String,
    places: Vec<Place>,
    /// The buses of offices that were there before.
    others: Vec<(PartyId, String)>,
    now: Moment,
}

impl Plan {
    /// Offices of a network, old or new.
    fn on(network: Network, args: &InitArgs, region: Arc<Region>) -> Result<Self, Failure> {
        let mut names = host_names(&args.host)?;
        let chosen = chosen(&region, &args.offices)?;
        if let Some(other) = names.keys().find(|it| !chosen.contains(it)) {
            let what = format!("--host names {other}, which is no office of this trial");
            return Err(Failure::new(Code::Config, what));
        }
        let ports = ports::of(chosen.len(), args.port)?;
        let mut places = Vec::with_capacity(chosen.len());
        for (office, port) in chosen.into_iter().zip(ports) {
            let own = OWN_NAMES.map(str::to_owned).into_iter();
            let names = own
                .chain(names.remove(&office).unwrap_or_default())
                .collect();
            places.push(Place::of(&region, &network, office, (port, names))?);
        }
        Ok(Self {
            network,
            region_named: named(&args.region)?,
            region,
            places,
            others: Vec::new(),
            now: Moment(wall_us()),
        })
    }

    /// The offices' journals: by them an office knows that it is new.
    fn journals(&self, folder: &Path) -> Vec<PathBuf> {
        let offices = self.places.iter().map(|it| it.office.member.party);
        let below = |office: PartyId| {
            let journals = folder.join(office.as_str()).join(pages::JOURNALS);
            journals.join(format!("{office}.journal"))
        };
        offices.map(below).collect()
    }

    /// What lies in the offices' folders, by an authority's certificates and with this roster.
    fn folders(&self, authority: &Authority, roster: &str) -> Result<Vec<Planned>, Failure> {
        let ca = authority.certified().cert;
        let network = network::text(&self.network);
        let fleet = demo_fleet(&self.region);
        let mut floors = home_floors(&fleet);
        let mut all = Vec::new();
        for place in &self.places {
            let (office, operator) = (place.office.member.party, place.operator.member.party);
            let own = fleet.iter().filter(|(owner, _)| *owner == office);
            let own: Vec<_> = match self.network.mode {
                Mode::Actual => Vec::new(),
                Mode::Exercise | Mode::Test => own.map(|(_, it)| it.clone()).collect(),
            };
            let page = OfficePage {
                plan: self,
                place,
                floors: match self.network.mode {
                    Mode::Actual => Vec::new(),
                    Mode::Exercise | Mode::Test => floors.remove(&office).unwrap_or_default(),
                },
            };
            let at = |name: &str| Path::new(office.as_str()).join(name);
            let tls = authority.certify(office, &place.names)?;
            let operator_tls = authority.certify(operator, &[])?;
            all.extend([
                open(at("office.toml"), page.text()),
                open(
                    at("operator.toml"),
                    OperatorPage { plan: self, place }.text(),
                ),
                open(at(NETWORK), network.clone()),
                open(at(ROSTER), roster.to_owned()),
                open(
                    at("inventory.csv"),
                    write_inventory(&own, TemplateLanguage::Chinese),
                ),
                secret(at("office.key"), place.office.key.text()),
                secret(at("operator.key"), place.operator.key.text()),
                open(at("ca.pem"), ca.clone()),
                open(at("tls.pem"), tls.cert),
                secret(at("tls.key"), tls.key),
                open(at("operator.tls.pem"), operator_tls.cert),
                secret(at("operator.tls.key"), operator_tls.key),
            ]);
        }
        Ok(all)
    }

    /// How its offices are started.
    fn starts(&self, folder: &impl std::fmt::Display) -> Vec<String> {
        let offices = self.places.iter().map(|place| place.office.member.party);
        let lines = offices
            .map(|office| format!("  liandong office --config {folder}/{office}/office.toml"));
        lines.collect()
    }

    /// That its offices and their operators belong.
    fn admissions(&self) -> Vec<RosterChange> {
        let offices = self.places.iter().map(|place| &place.office);
        let operators = self.places.iter().map(|place| &place.operator);
        let members = offices.chain(operators).map(|party| party.member.clone());
        let changes = members.map(|member| RosterChange::Admit(Box::new(member)));
        changes.collect()
    }
}

/// A region that is made anew.
struct Beginning {
    plan: Plan,
    root: KeyFile,
}

impl Beginning {
    fn of(args: &InitArgs, region: Arc<Region>) -> Result<Self, Failure> {
        let party: PartyId = REGION.parse().map_err(Failure::bug)?;
        let secret = random()?;
        let net = format!("{}-{}", word_of(args.mode), hex(&random::<6>()?));
        let network = Network {
            id: net.parse().map_err(Failure::bug)?,
            mode: args.mode,
            region: party,
            root: Signer::new(party, Suite::Ed25519, secret).public(),
            suite: Suite::Ed25519,
        };
        Ok(Self {
            root: KeyFile::new(party, &network, secret),
            plan: Plan::on(network, args, region)?,
        })
    }

    fn files(&self) -> Result<Vec<Planned>, Failure> {
        let (plan, roster) = (&self.plan, self.roster()?);
        let authority = Authority::make(&authority_of(&plan.network), plan.now)?;
        let Certified { cert: ca, key } = authority.certified();
        let at = |name: &str| Path::new(OFFLINE).join(name);
        let mut all = vec![
            open("README.txt", pages::readme(plan)),
            open(at("NOTE.txt"), pages::note()),
            open(at(NETWORK), network::text(&plan.network)),
            open(at(ROSTER), roster.clone()),
            secret(at(REGION_KEY), self.root.text()),
            open(at(AUTHORITY), ca),
            secret(at(AUTHORITY_KEY), key),
            open(at(REVOKED), authority.takes_back(&[], FIRST_LIST)?),
        ];
        all.extend(plan.folders(&authority, &roster)?);
        Ok(all)
    }

    fn roster(&self) -> Result<String, Failure> {
        let (plan, network) = (&self.plan, &self.plan.network);
        let place = crate::secret::SecretPlace::File(PathBuf::from(REGION_KEY));
        let signer = self.root.signer((network.region, network), &place)?;
        let nonce = u64::from_be_bytes(random()?);
        let with = (&signer, nonce, Wall::at(plan.now));
        let changes = plan.admissions();
        let roster = RosterFile::begin(Path::new(ROSTER), network, with, changes);
        Ok(roster.text())
    }

    /// What was made and what comes next.
    fn told(&self, folder: &Path) -> Vec<String> {
        let folder = folder.display();
        let mut lines = vec![format!(
            "made region {} with {} offices in {folder}; certificates hold for {} years",
            self.plan.network.id,
            self.plan.places.len(),
            certificates::PARTY_YEARS
        )];
        lines.push(format!(
            "next: take {folder}/{OFFLINE} to a machine that is on no bus (see NOTE.txt in it), then"
        ));
        lines.extend(self.plan.starts(&folder));
        lines
    }
}

impl Place {
    fn of(
        region: &Region,
        network: &Network,
        office: PartyId,
        (port, names): (u16, Vec<String>),
    ) -> Result<Self, Failure> {
        let known = region
            .office(office)
            .expect("the offices were chosen from the region's");
        let party = |party: PartyId, role: Role, circle: String| {
            let key = KeyFile::new(party, network, random()?);
            let member = Member {
                party,
                role,
                area: known.area,
                office,
                circle,
                unit: None,
                name_zh: known.name.zh.clone(),
                name_en: known.name.en.clone(),
                key: key.public(),
            };
            Ok::<_, Failure>(Party { member, key })
        };
        let circle = known.circle.clone().unwrap_or_default();
        let operator = keys::operator_of(office)?;
        Ok(Self {
            office: party(office, known.role, circle)?,
            operator: party(operator, Role::Operator, String::new())?,
            port,
            names,
        })
    }
}

/// What the authority of a network's certificates is called.
fn authority_of(network: &Network) -> String {
    format!("liandong {}", network.id)
}

/// What a network's id begins with, so that people tell a trial's from an actual one at a glance.
fn word_of(mode: Mode) -> &'static str {
    match mode {
        Mode::Actual => "actual",
        Mode::Exercise => "drill",
        Mode::Test => "trial",
    }
}

/// A region as settings in another folder name it: a built-in one by its name, a folder by its whole path.
fn named(said: &str) -> Result<String, Failure> {
    if region::BUILT_IN.contains(&said) {
        return Ok(said.to_owned());
    }
    let path = Path::new(said);
    let whole = std::fs::canonicalize(path).map_err(|error| Failure::file(path, &error))?;
    Ok(whole.display().to_string())
}

/// The offices that are to be: those that are named, or those of all cities.
fn chosen(region: &Region, said: &[PartyId]) -> Result<Vec<PartyId>, Failure> {
    let known = region
        .offices()
        .iter()
        .filter(|office| office.role.is_author());
    let known: Vec<PartyId> = known.map(|office| office.party).collect();
    if let Some(unknown) = said.iter().find(|office| !known.contains(office)) {
        let known: Vec<&str> = known.iter().map(PartyId::as_str).collect();
        let what = format!(
            "no office {unknown} in region {}; known are {}",
            region.id(),
            known.join(", ")
        );
        return Err(Failure::new(Code::Config, what));
    }
    let mut chosen: Vec<PartyId> = match said {
        [] => region.cities().map(|city| city.party).collect(),
        said => said.to_vec(),
    };
    chosen.sort_unstable();
    chosen.dedup();
    Ok(chosen)
}

/// `990100=east.example.org`, once or more.
fn host_names(said: &[String]) -> Result<BTreeMap<PartyId, Vec<String>>, Failure> {
    let mut names: BTreeMap<PartyId, Vec<String>> = BTreeMap::new();
    for text in said {
        let wrong = || {
            let what = format!("\"{text}\" names no machine; write it as 990100=east.example.org");
            Failure::new(Code::Config, what)
        };
        let (office, name) = text.split_once('=').ok_or_else(wrong)?;
        let office = office.parse().map_err(|_| wrong())?;
        names.entry(office).or_default().push(name.to_owned());
    }
    Ok(names)
}
