//! The stage of a live drill: its folder, its bus, its cast with fresh keys.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use agents::Seed;
use broker::{BusUrl, Listener};
use protocol::{Body, Decoder, Envelope, Hash, Network, PartyId, Roster, Suite, hex};
use region::{Region, RoadConditions};
use serde::{Deserialize, Serialize};
use simulator::{Cast, Drill, Scenario};

use crate::failure::{Code, Failure};
use crate::files;
use crate::keys;
use crate::live::buses::{BusDirections, Buses};
use crate::live::folder::{RunFolder, STAGE};
use crate::live::guests::{Guests, invitation};
use crate::live::shell::SharedDecoder;
use crate::live::wires::Plug;
use crate::office::Orders;

/// Everything that a live drill stands on.
pub(crate) struct Stage {
    /// Where journals, recording and report go.
    pub(crate) folder: RunFolder,
    /// The drill.
    pub(crate) drill: Arc<Drill>,
    /// The region.
    pub(crate) region: Arc<Region>,
    /// The buses.
    pub(crate) buses: Buses,
    /// The process's decoder.
    pub(crate) decoder: SharedDecoder,
    guests: Option<Guests>,
    /// The secret keys of everybody, to be written for those who act from other processes.
    secrets: BTreeMap<PartyId, [u8; 32]>,
}

/// How an operator's shell reaches a running drill.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Directions {
    /// The buses, and who is on which.
    pub(crate) buses: Vec<BusDirections>,
    /// The network.
    pub(crate) network: Network,
    /// The roster's log, a line an entry.
    pub(crate) roster: Vec<String>,
    /// Minutes east of UTC.
    pub(crate) offset_min: i16,
    /// The region pack.
    pub(crate) region: String,
    /// Year and month of the roads, if not today's.
    pub(crate) roads_as_of: Option<(u16, u8)>,
}

/// What the stage is set for.
pub(crate) struct Setting {
    pub(crate) scenario: Scenario,
    pub(crate) region: Arc<Region>,
    pub(crate) seed: u64,
    pub(crate) folder: PathBuf,
    pub(crate) bus: Option<BusUrl>,
    pub(crate) port: u16,
    pub(crate) inventories: BTreeMap<PartyId, Vec<protocol::Resource>>,
    pub(crate) guests: Option<Guests>,
}

impl Stage {
    /// Sets the stage: draws keys, starts the bus, writes the directions.
    pub(crate) fn set(setting: Setting) -> Result<Self, Failure> {
        let Setting {
            scenario,
            region,
            seed,
            folder,
            bus,
            port,
            inventories,
            guests,
        } = setting;
        let folder = RunFolder::make(folder)?;
        let net = format!("drill-{}", hex(&random::<6>()?));
        let net = net.parse().map_err(Failure::bug)?;
        let mut drawn = BTreeMap::new();
        let mut missing = None;
        let cast = Cast::new(&region, (net, Suite::Ed25519), scenario.start, |party| {
            let secret = random().unwrap_or_else(|failure| {
                missing = Some(failure);
                [0; 32]
            });
            drawn.insert(party, secret);
            secret
        });
        if let Some(failure) = missing {
            return Err(failure);
        }
        let offices: Vec<PartyId> = cast.offices.keys().copied().collect();
        let own = Listener::tcp((Ipv4Addr::LOCALHOST, port).into());
        let gate = guests.as_ref().map(|guests| guests.gate(&cast, own));
        let gate = gate.transpose()?;
        let plans = scenario.buses(&offices, &region);
        let buses = Buses::start(plans, bus.as_ref(), port, gate.as_ref())?;
        let decoder = Arc::new(Mutex::new(Decoder::new(cast.network.clone())));
        let drill =
            Drill::new(scenario, Arc::clone(&region), seed, cast).with_inventories(inventories);
        let stage = Self {
            folder,
            drill: Arc::new(drill),
            region,
            buses,
            decoder,
            guests,
            secrets: drawn,
        };
        // Offices that run apart begin as soon as they find the directions.
        let net = stage.drill.cast().network.id;
        let is_guest = |office: &PartyId| {
            let guests = stage.guests.as_ref();
            guests.is_some_and(|guests| guests.parties().any(|guest| guest == *office))
        };
        for office in offices.into_iter().filter(|office| !is_guest(office)) {
            journal::found(&stage.journal(office), net)?;
        }
        stage.write_directions(stage.folder.path(), stage.buses.directions())?;
        Ok(stage)
    }

    /// Puts down the keys of all operators, and key and orders of offices that run apart.
    pub(crate) fn hand_out(&self, apart: &[PartyId]) -> Result<(), Failure> {
        for office in self.drill.cast().operators.keys() {
            self.hand_to_people(*office, self.folder.path())?;
        }
        for office in apart {
            self.hand_to(*office, self.folder.path())?;
        }
        Ok(())
    }

    /// Puts down the guests' invitations.
    pub(crate) fn invite(&self) -> Result<Vec<(PartyId, PathBuf)>, Failure> {
        let mut invitations = Vec::new();
        let door = self.guests.as_ref().zip(self.buses.guests_door());
        let Some((guests, door)) = door else {
            return Ok(invitations);
        };
        let mut directions = self.buses.directions();
        for bus in &mut directions {
            bus.url = guests.url(&door);
        }
        for guest in guests.parties() {
            let folder = invitation(self.folder.path(), guest);
            let journals = folder.join("journals");
            files::make_folder(&journals)?;
            let journal = journals.join(format!("{guest}.journal"));
            journal::found(&journal, self.drill.cast().network.id)?;
            self.write_directions(&folder, directions.clone())?;
            self.hand_to(guest, &folder)?;
            self.hand_to_people(guest, &folder)?;
            guests.put_passwords(&folder, guest)?;
            invitations.push((guest, folder));
        }
        Ok(invitations)
    }

    /// Puts down the key of an office's people.
    fn hand_to_people(&self, office: PartyId, folder: &Path) -> Result<(), Failure> {
        let operator = self.drill.cast().operators.get(&office);
        let secret = operator.and_then(|it| self.secrets.get(&it.member.party));
        match secret {
            Some(secret) => keys::write(&keys::operator_key(folder, office), secret),
            None => Ok(()),
        }
    }

    /// Puts down what an office needs that runs as a process of its own: its key and its orders.
    fn hand_to(&self, office: PartyId, folder: &Path) -> Result<(), Failure> {
        let unknown = || {
            let offices = self.drill.cast().offices.keys();
            let known: Vec<&str> = offices.map(PartyId::as_str).collect();
            let what = format!(
                "no office {office} to be apart; known are {}",
                known.join(", ")
            );
            Failure::new(Code::Config, what)
        };
        let config = self.drill.config(office).ok_or_else(unknown)?;
        let secret = self.secrets.get(&office).ok_or_else(unknown)?;
        keys::write(&keys::office_key(folder, office), secret)?;
        Orders::write(folder, &config)
    }

    /// The journal of an office.
    pub(crate) fn journal(&self, office: PartyId) -> PathBuf {
        let journals = self.folder.journals();
        journals.join(format!("{office}.journal"))
    }

    fn write_directions(&self, folder: &Path, buses: Vec<BusDirections>) -> Result<(), Failure> {
        let cast = self.drill.cast();
        let directions = Directions {
            buses,
            network: cast.network.clone(),
            roster: cast
                .roster_log
                .iter()
                .map(|envelope| envelope.line().to_owned())
                .collect(),
            offset_min: self.drill.scenario().offset_min,
            region: self.drill.scenario().region.clone(),
            roads_as_of: self.drill.scenario().roads_as_of,
        };
        let json = serde_json::to_string_pretty(&directions).map_err(Failure::bug)?;
        files::write(&folder.join(STAGE), &json)
    }
}

impl Directions {
    /// Reads the directions of a run.
    pub(crate) fn read(run: &Path) -> Result<Self, Failure> {
        let path = run.join(STAGE);
        let text = files::read(&path)?;
        serde_json::from_str(&text).map_err(|error| {
            Failure::new(
                Code::Data,
                format!("{}: {error}; is it the folder of a drill?", path.display()),
            )
        })
    }

    /// An office's own bus: as somebody said who knows its password, else as it is put down here,
    /// without one.
    pub(crate) fn bus_of(&self, office: PartyId, said: Option<&str>) -> Result<BusUrl, Failure> {
        Ok(said.unwrap_or_else(|| self.own_bus(office)).parse()?)
    }

    /// Where an office's own bus is put down to be: the one at the office, or the one for all.
    pub(crate) fn own_bus(&self, office: PartyId) -> &str {
        let hosted = self.buses.iter().find(|bus| bus.host == Some(office));
        let own = hosted.or_else(|| self.buses.first());
        own.map_or("", |bus| &bus.url)
    }

    /// The buses that an office joins; the only one may be where somebody said.
    pub(crate) fn plugs(&self, office: PartyId, said: Option<&str>) -> Result<Vec<Plug>, Failure> {
        let on = self
            .buses
            .iter()
            .filter(|bus| bus.members.contains(&office));
        let plugs = on.map(|bus| {
            let one = said.filter(|_| self.buses.len() == 1);
            Ok(Plug {
                id: bus.id,
                url: one.unwrap_or(&bus.url).parse()?,
                host: bus.host,
            })
        });
        plugs.collect()
    }

    /// The roster's log, verified.
    pub(crate) fn roster_log(&self, decoder: &mut Decoder) -> Result<Vec<Arc<Envelope>>, Failure> {
        let bare = Roster::new(&self.network);
        let read = |line: &String| {
            decoder
                .envelope(line, &bare)
                .map_err(|error| Failure::new(Code::Data, format!("the run's roster: {error}")))
        };
        self.roster.iter().map(read).collect()
    }

    /// The roster after its log.
    pub(crate) fn roster_after(&self, log: &[Arc<Envelope>]) -> Roster {
        let mut roster = Roster::new(&self.network);
        for envelope in log {
            if let Some(Body::RosterChange(change)) = envelope.body() {
                roster.apply(change);
            }
        }
        roster
    }

    /// How the roads usually are.
    pub(crate) fn usual_roads(&self, region: &Region) -> RoadConditions {
        let month = self
            .roads_as_of
            .and_then(|(y, m)| format!("{y:04}-{m:02}").parse().ok());
        match month {
            Some(month) => region.roads().usual_in(month),
            None => region.roads().usual(),
        }
    }
}

/// Bytes from the system's generator.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        Failure::new(
            Code::TryLater,
            format!("the system gives no random bytes: {error}"),
        )
    })?;
    Ok(bytes)
}

/// A seed for one boot.
pub(crate) fn boot_seed() -> Result<Seed, Failure> {
    Ok(Seed(Hash(random()?)))
}
