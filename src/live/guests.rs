//! Guests of a live drill: offices that take part from other machines, each by an invitation.
//!
//! An invitation is all that a guest gets: the roster, the name of the region pack, its key, its
//! inventory, and how to come in. Of the scenario there is nothing in it, so that a guest can be surprised.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use broker::{BusUrl, GateConfig, Listener, Passwords, TlsFiles};
use protocol::{AccessList, PartyId, hex};
use simulator::Cast;

use crate::cli::GuestArgs;
use crate::failure::{Code, Failure};
use crate::files;
use crate::keys;
use crate::live::stage::random;
use crate::secret::Holds;

/// Where a guest's password lies in its invitation, and that of its people.
const PASSWORD: &str = "password";
const PASSWORD_OF_PEOPLE: &str = "operator.password";

/// Bytes of a password, which nobody has to remember.
const PASSWORD_BYTES: usize = 16;

/// The guests of a drill, and the door that they come in by.
#[derive(Clone)]
pub(crate) struct Guests {
    listener: Listener,
    /// What they dial.
    dial: Option<String>,
    tls: Option<TlsFiles>,
    /// Drawn for this drill, of each office and of its people.
    passwords: BTreeMap<PartyId, [String; 2]>,
}

impl Guests {
    /// Draws a password for each guest; `None` if there are none.
    pub(crate) fn draw(args: &GuestArgs) -> Result<Option<Self>, Failure> {
        if args.guest.is_empty() {
            return Ok(None);
        }
        let listens = args.guests_listen;
        if listens.addr.ip().is_unspecified() && args.guests_dial.is_none() {
            let what = format!(
                "--guests-listen {listens} is every address of this machine and none that a guest can dial; \
                 pass --guests-dial HOST:PORT with the name or address that guests know"
            );
            return Err(Failure::new(Code::Config, what));
        }
        let draw = || Ok::<_, Failure>(hex(&random::<PASSWORD_BYTES>()?));
        let passwords = args
            .guest
            .iter()
            .map(|guest| Ok((*guest, [draw()?, draw()?])));
        Ok(Some(Self {
            listener: args.guests_listen,
            dial: args.guests_dial.clone(),
            tls: TlsFiles::named(args.cert.clone(), args.key.clone()).map(|files| TlsFiles {
                client_ca: args.client_ca.clone(),
                ..files
            }),
            passwords: passwords.collect::<Result<_, Failure>>()?,
        }))
    }

    /// The gate of the drill's bus: a door for the drill's own processes, and one for guests.
    pub(crate) fn gate(&self, cast: &Cast, own: Listener) -> Result<GateConfig, Failure> {
        let mut lines = Vec::new();
        for (guest, [own, people]) in &self.passwords {
            for (party, password) in [(*guest, own), (keys::operator_of(*guest)?, people)] {
                let line = Passwords::line(party, password.as_bytes());
                lines.push(line.map_err(|error| Failure::new(Code::TryLater, error))?);
            }
        }
        let passwords = Passwords::parse(&lines.join("\n"));
        let passwords = passwords.map_err(|error| Failure::new(Code::TryLater, error))?;
        let list = AccessList::new(cast.network.clone(), cast.roster.clone());
        Ok(GateConfig {
            own: vec![own],
            tls: self.tls.clone(),
            ..GateConfig::listed(vec![self.listener], list, passwords)
        })
    }

    /// Who they are.
    pub(crate) fn parties(&self) -> impl Iterator<Item = PartyId> {
        self.passwords.keys().copied()
    }

    /// What they dial, where the gate listens as it now does.
    pub(crate) fn url(&self, listens: &Listener) -> String {
        let place = self
            .dial
            .clone()
            .unwrap_or_else(|| listens.addr.to_string());
        format!("{}://{place}", listens.wire.scheme())
    }

    /// Puts a guest's passwords into its invitation.
    pub(crate) fn put_passwords(&self, folder: &Path, guest: PartyId) -> Result<(), Failure> {
        if let Some([own, people]) = self.passwords.get(&guest) {
            files::write_secret(&folder.join(PASSWORD), own)?;
            files::write_secret(&folder.join(PASSWORD_OF_PEOPLE), people)?;
        }
        Ok(())
    }
}

/// Where a guest's invitation lies in a run's folder.
pub(crate) fn invitation(run: &Path, guest: PartyId) -> PathBuf {
    run.join("guests").join(guest.as_str())
}

/// A bus as the holder of an invitation joins it: by the party's name and the password that came with it,
/// unless the address says who logs in.
pub(crate) fn joined(folder: &Path, office: PartyId, bus: BusUrl) -> Result<BusUrl, Failure> {
    logged_in(&folder.join(PASSWORD), office, bus)
}

/// The same for the office's people.
pub(crate) fn joined_by_people(
    folder: &Path,
    office: PartyId,
    bus: BusUrl,
) -> Result<BusUrl, Failure> {
    let path = folder.join(PASSWORD_OF_PEOPLE);
    logged_in(&path, keys::operator_of(office)?, bus)
}

fn logged_in(path: &Path, party: PartyId, bus: BusUrl) -> Result<BusUrl, Failure> {
    if bus.has_login() || !path.exists() {
        return Ok(bus);
    }
    let password = keys::read_text(path, Holds::Passwords)?;
    Ok(bus.with_login(party.as_str(), password))
}
