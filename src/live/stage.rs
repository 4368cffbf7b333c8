//! The stage of a live drill: its folder, its bus, its cast with fresh keys.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use agents::Seed;
use broker::{BrokerEvent, BusUrl, Embedded};
use protocol::{Decoder, Hash, Network, PartyId, Suite, hex};
use region::Region;
use serde::{Deserialize, Serialize};
use simulator::{Cast, Drill, Scenario};
use tokio::sync::mpsc;

use crate::failure::{Code, Failure};
use crate::files;
use crate::live::shell::SharedDecoder;

/// The file that tells `liandong command` how to reach a running drill.
const STAGE: &str = "stage.json";

/// Everything that a live drill stands on.
pub(crate) struct Stage {
    /// Where journals, recording and report go.
    pub(crate) folder: PathBuf,
    /// The drill.
    pub(crate) drill: Arc<Drill>,
    /// The region.
    pub(crate) region: Arc<Region>,
    /// The bus.
    pub(crate) bus: BusUrl,
    /// The process's decoder.
    pub(crate) decoder: SharedDecoder,
    /// The secret keys of the offices' operators, to be written for them.
    operators: BTreeMap<PartyId, [u8; 32]>,
    /// The embedded bus, if it is ours; it stops with the stage.
    _embedded: Option<(Embedded, mpsc::Receiver<BrokerEvent>)>,
}

/// How an operator's shell reaches a running drill.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Directions {
    /// The bus.
    pub(crate) bus: String,
    /// The network.
    pub(crate) network: Network,
    /// The roster's log, a line an entry.
    pub(crate) roster: Vec<String>,
    /// Minutes east of UTC.
    pub(crate) offset_min: i16,
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
        } = setting;
        let journals = folder.join("journals");
        files::make_folder(&journals)?;
        if std::fs::read_dir(&journals).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(Failure::new(
                Code::NoPermission,
                format!(
                    "{} holds a run already; pass another --out",
                    folder.display()
                ),
            ));
        }
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
        let secret_of = |(office, player): (&PartyId, &simulator::Player)| {
            Some((*office, *drawn.get(&player.member.party)?))
        };
        let operators = cast.operators.iter().filter_map(secret_of).collect();
        let embedded = match bus {
            Some(_) => None,
            None => Some(Embedded::start(SocketAddr::from((
                Ipv4Addr::LOCALHOST,
                port,
            )))?),
        };
        let bus = bus
            .or_else(|| embedded.as_ref().map(|(embedded, _)| embedded.url()))
            .ok_or_else(|| Failure::bug("a drill has a bus of its own or another's"))?;
        let decoder = Arc::new(Mutex::new(Decoder::new(cast.network.clone())));
        let drill =
            Drill::new(scenario, Arc::clone(&region), seed, cast).with_inventories(inventories);
        let stage = Self {
            folder,
            drill: Arc::new(drill),
            region,
            bus,
            decoder,
            operators,
            _embedded: embedded,
        };
        stage.write_directions()?;
        Ok(stage)
    }

    /// The secret keys of the offices' operators.
    pub(crate) fn operator_secrets(&self) -> &BTreeMap<PartyId, [u8; 32]> {
        &self.operators
    }

    /// The journal of an office.
    pub(crate) fn journal(&self, office: PartyId) -> PathBuf {
        self.folder
            .join("journals")
            .join(format!("{office}.journal"))
    }

    fn write_directions(&self) -> Result<(), Failure> {
        let cast = self.drill.cast();
        let directions = Directions {
            bus: self.bus.to_string(),
            network: cast.network.clone(),
            roster: cast
                .roster_log
                .iter()
                .map(|envelope| envelope.line().to_owned())
                .collect(),
            offset_min: self.drill.scenario().offset_min,
        };
        let json = serde_json::to_string_pretty(&directions).map_err(Failure::bug)?;
        files::write(&self.folder.join(STAGE), &json)
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
