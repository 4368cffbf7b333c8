//! What `operator.toml` means: an operator's shell on a machine of its own.

use std::path::Path;

use broker::{BusUrl, TlsFiles};
use protocol::{Network, PartyId, Roster, Signer};

use super::sheet::{member_of, of_our_version, region_of, signer_of};
use super::way::url_of;
use super::written::WrittenOperator;
use crate::failure::Code;
use crate::finding::Finding;
use crate::network;
use crate::roster::RosterFile;
use crate::secret::SecretPlace;
use crate::settings::Settings;

/// An operator with a key, an office and the way to it.
pub(crate) struct OperatorSheet {
    pub(crate) network: Network,
    pub(crate) roster: Roster,
    pub(crate) office: PartyId,
    pub(crate) signer: Signer,
    pub(crate) bus: BusUrl,
    /// What it shows there and whom it believes, if its settings name files.
    pub(crate) shown: Option<TlsFiles>,
    /// Minutes east of UTC, as the region's clocks show.
    pub(crate) offset_min: i16,
}

impl OperatorSheet {
    /// Reads the file and what it names.
    pub(crate) fn read(path: &Path) -> Result<Self, Finding> {
        let (settings, said): (_, WrittenOperator) = Settings::read(path)?;
        of_our_version(&settings, &said.version)?;
        let network = network::read(&settings.beside(&said.network))?;
        let file = RosterFile::read(&settings.beside(&said.roster), &network)?;
        let roster = file.roster().clone();
        let (operator, office) = (*said.operator.get_ref(), *said.office.get_ref());
        let member = member_of(&settings, said.operator.span(), operator, &roster)?;
        if member.office != office {
            let what = format!("\"{operator}\" belongs to office {}", member.office);
            let remedy = "name that office";
            let place = Some(said.office.span());
            return Err(settings.finding("operator-office", place, &what, remedy));
        }
        let place = SecretPlace::named(&said.key, |name| settings.beside(name));
        let signer = signer_of(&place, (operator, &network), &roster);
        // To whoever commands, a key that counts no more is a permission that is gone.
        let signer = signer.map_err(|finding| match finding.code {
            "key-revoked" | "key-expired" => finding.ends_with(Code::NoPermission),
            _ => finding,
        })?;
        Ok(Self {
            signer,
            offset_min: region_of(&settings, &said.region)?.timezone_minutes(),
            bus: url_of(&settings, &said.bus, None)?,
            shown: said.bus.shown(&settings),
            network,
            roster,
            office,
        })
    }
}
