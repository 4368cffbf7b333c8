//! The buses of a live drill: somebody else's, one of its own, or one at each office.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Mutex, MutexGuard};

use broker::{BrokerEvent, BusUrl, Embedded, GateConfig, Listener};
use protocol::{BusId, PartyId};
use serde::{Deserialize, Serialize};
use simulator::scenario::BusPlan;
use tokio::sync::mpsc;

use crate::failure::{Code, Failure};
use crate::live::wires::Plug;

/// The buses of a drill.
pub(crate) struct Buses {
    buses: Vec<Bus>,
    /// Those of them whose brokers are ours and run; they stop with the drill.
    brokers: Mutex<BTreeMap<BusId, Broker>>,
}

type Broker = (Embedded, mpsc::Receiver<BrokerEvent>);

struct Bus {
    plug: Plug,
    members: Vec<PartyId>,
}

/// A bus, as it is put down for those who join from other processes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BusDirections {
    /// Its name.
    pub(crate) id: BusId,
    /// Where it is, without a password.
    pub(crate) url: String,
    /// Whose machine its broker is on, if it is somebody's.
    pub(crate) host: Option<PartyId>,
    /// Who is on it.
    pub(crate) members: Vec<PartyId>,
}

impl Buses {
    /// Starts a broker for each bus that is planned, unless there is one from outside.
    pub(crate) fn start(
        plans: Vec<BusPlan>,
        outside: Option<&BusUrl>,
        port: u16,
        gate: Option<&GateConfig>,
    ) -> Result<Self, Failure> {
        let many = plans.len() > 1;
        if many && gate.is_some() {
            let what = "guests come in at the one broker of a drill; say --brokers one";
            return Err(Failure::new(Code::Config, what));
        }
        if many && (outside.is_some() || port != 0) {
            let what = "with a broker at each office the drill starts them itself, on ports that the \
                        system chooses; leave --bus and --port out, or say --brokers one";
            return Err(Failure::new(Code::Config, what));
        }
        let mut brokers = BTreeMap::new();
        let mut buses = Vec::with_capacity(plans.len());
        for plan in plans {
            let url = if let Some(url) = outside {
                url.clone()
            } else {
                let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
                let broker = match gate {
                    Some(gate) => Embedded::open(gate.clone())
                        .map_err(|error| Failure::bus(error, "--port or --guests-listen"))?,
                    None => {
                        Embedded::start(listen).map_err(|error| Failure::bus(error, "--port"))?
                    }
                };
                let url = broker.0.url();
                brokers.insert(plan.id, broker);
                url
            };
            let plug = Plug {
                id: plan.id,
                url,
                host: plan.host,
            };
            let members = plan.members;
            buses.push(Bus { plug, members });
        }
        Ok(Self {
            buses,
            brokers: Mutex::new(brokers),
        })
    }

    /// Where the only bus is, or the first.
    pub(crate) fn first(&self) -> &BusUrl {
        let first = self
            .buses
            .first()
            .expect("a scenario plans at least one bus");
        &first.plug.url
    }

    /// Where guests come in at the only bus: its last door.
    pub(crate) fn guests_door(&self) -> Option<Listener> {
        let brokers = self.brokers();
        let (broker, _) = brokers.values().next()?;
        broker.listeners().last().copied()
    }

    /// Where a bus is.
    pub(crate) fn url(&self, id: BusId) -> &BusUrl {
        let found = self.buses.iter().find(|bus| bus.plug.id == id);
        found.map_or_else(|| self.first(), |bus| &bus.plug.url)
    }

    /// Whether there is more than one.
    pub(crate) fn are_many(&self) -> bool {
        self.buses.len() > 1
    }

    /// All of them, for those who are no office: the director, the world, a screen.
    pub(crate) fn all(&self) -> Vec<Plug> {
        self.buses.iter().map(|bus| bus.plug.clone()).collect()
    }

    /// Those that an office is on.
    pub(crate) fn of(&self, office: PartyId) -> Vec<Plug> {
        let on = self
            .buses
            .iter()
            .filter(|bus| bus.members.contains(&office));
        on.map(|bus| bus.plug.clone()).collect()
    }

    /// The bus on which its own ground and its own people speak to an office.
    pub(crate) fn own(&self, office: PartyId) -> Option<BusId> {
        let mut plugs = self.buses.iter().map(|bus| &bus.plug);
        let hosted = plugs.clone().find(|plug| plug.host == Some(office));
        hosted.or_else(|| plugs.next()).map(|plug| plug.id)
    }

    /// A machine dies, and with it the broker on it.
    pub(crate) fn fall(&self, host: PartyId) {
        for bus in self.hosted(host) {
            let broker = self.brokers().remove(&bus.plug.id);
            // To stop one takes until its clients are off.
            drop(broker);
        }
    }

    /// A machine is back, and the broker on it where it was.
    pub(crate) fn rise(&self, host: PartyId) -> Result<(), Failure> {
        for bus in self.hosted(host) {
            if let Entry::Vacant(place) = self.brokers().entry(bus.plug.id) {
                let port = bus.plug.url.first().port();
                let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
                place.insert(Embedded::start(listen)?);
            }
        }
        Ok(())
    }

    fn hosted(&self, host: PartyId) -> impl Iterator<Item = &Bus> {
        let buses = self.buses.iter();
        buses.filter(move |bus| bus.plug.host == Some(host))
    }

    fn brokers(&self) -> MutexGuard<'_, BTreeMap<BusId, Broker>> {
        self.brokers
            .lock()
            .expect("to start a broker does not panic")
    }

    /// What is put down for those who join from other processes.
    pub(crate) fn directions(&self) -> Vec<BusDirections> {
        let buses = self.buses.iter().map(|bus| BusDirections {
            id: bus.plug.id,
            url: bus.plug.url.to_string(),
            host: bus.plug.host,
            members: bus.members.clone(),
        });
        buses.collect()
    }
}
