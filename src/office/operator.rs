//! What `operator.toml` means, a part at a time: an operator's shell on a machine of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use broker::{BusUrl, TlsFiles};
use protocol::{Member, Network, PartyId, Roster, Signer};
use region::Region;

use super::sheet::{member_of, of_our_version, region_of, signer_of};
use super::way::url_of;
use super::written::{USUAL_OPERATOR, WrittenOperator};
use crate::failure::Code;
use crate::finding::Finding;
use crate::network;
use crate::roster::RosterFile;
use crate::secret::SecretPlace;
use crate::settings::{Settings, Unread};

/// An operator's file of settings, read.
pub(crate) struct OperatorSheet {
    pub(crate) settings: Settings,
    said: WrittenOperator,
    unread: Unread,
}

/// An operator with a key, an office and the way to it.
pub(crate) struct Operator {
    pub(crate) network: Network,
    pub(crate) roster: Roster,
    pub(crate) office: PartyId,
    pub(crate) signer: Signer,
    pub(crate) bus: BusUrl,
    /// Minutes east of UTC, as the region's clocks show.
    pub(crate) offset_min: i16,
}

impl Operator {
    /// Reads the file and what it names.
    pub(crate) fn read(path: &Path) -> Result<Self, Finding> {
        let (settings, said): (_, WrittenOperator) = Settings::read(path)?;
        of_our_version(&settings, &said.version)?;
        let unread = Unread::default();
        let sheet = OperatorSheet {
            settings,
            said,
            unread,
        };
        let network = sheet.network()?;
        let roster = sheet.roster(&network)?.roster().clone();
        sheet.member(&roster)?;
        Ok(Self {
            signer: sheet.signer(&network, &roster)?,
            offset_min: sheet.region()?.timezone_minutes(),
            bus: sheet.bus()?,
            office: sheet.office(),
            network,
            roster,
        })
    }
}

impl OperatorSheet {
    /// Reads the file as far as it can be read, and tells what is wrong with it.
    pub(crate) fn read_on(path: &Path) -> (Vec<Finding>, Option<Self>) {
        let (mut findings, read, unread) =
            Settings::read_on::<WrittenOperator>(path, USUAL_OPERATOR);
        let Some((settings, said)) = read else {
            return (findings, None);
        };
        findings.extend(of_our_version(&settings, &said.version).err());
        let sheet = Self {
            settings,
            said,
            unread,
        };
        (findings, Some(sheet))
    }

    /// Whether the file says this; what it does not say stands here as it usually is.
    pub(crate) fn knows(&self, key: &str) -> bool {
        !self.unread.has(key)
    }

    /// Whether a file that it names can be looked at: it is named, or lies where it usually does.
    pub(crate) fn knows_file(&self, key: &str, file: &Path) -> bool {
        self.knows(key) || file.exists()
    }

    /// Who the operator is.
    pub(crate) fn operator(&self) -> PartyId {
        *self.said.operator.get_ref()
    }

    /// Whose operator it is.
    pub(crate) fn office(&self) -> PartyId {
        *self.said.office.get_ref()
    }

    /// Where the network file lies.
    pub(crate) fn network_path(&self) -> PathBuf {
        self.settings.beside(&self.said.network)
    }

    /// The network.
    pub(crate) fn network(&self) -> Result<Network, Finding> {
        network::read(&self.network_path())
    }

    /// Where the roster file lies.
    pub(crate) fn roster_path(&self) -> PathBuf {
        self.settings.beside(&self.said.roster)
    }

    /// The roster file.
    pub(crate) fn roster(&self, network: &Network) -> Result<RosterFile, Finding> {
        RosterFile::read(&self.roster_path(), network)
    }

    /// The operator as the roster has it, who must belong to the office.
    pub(crate) fn member(&self, roster: &Roster) -> Result<Member, Finding> {
        let (settings, office) = (&self.settings, self.office());
        let member = member_of(settings, self.said.operator.span(), self.operator(), roster)?;
        if member.office != office && self.knows("office") {
            let what = format!("\"{}\" belongs to office {}", member.party, member.office);
            let remedy = "name that office";
            let place = Some(self.said.office.span());
            return Err(settings.finding("operator-office", place, &what, remedy));
        }
        Ok(member)
    }

    /// Where the operator's key lies.
    pub(crate) fn key_place(&self) -> SecretPlace {
        SecretPlace::named(&self.said.key, |name| self.settings.beside(name))
    }

    /// The operator's key, which must be one that the roster admitted and that counts now.
    pub(crate) fn signer(&self, network: &Network, roster: &Roster) -> Result<Signer, Finding> {
        let signer = signer_of(&self.key_place(), (self.operator(), network), roster);
        // To whoever commands, a key that counts no more is a permission that is gone.
        signer.map_err(|finding| match finding.code {
            "key-revoked" | "key-expired" => finding.ends_with(Code::NoPermission),
            _ => finding,
        })
    }

    /// The region pack.
    pub(crate) fn region(&self) -> Result<Arc<Region>, Finding> {
        region_of(&self.settings, &self.said.region)
    }

    /// The office's bus.
    pub(crate) fn bus(&self) -> Result<BusUrl, Finding> {
        url_of(&self.settings, &self.said.bus, None)
    }

    /// The line of its address.
    pub(crate) fn line_of_bus(&self) -> usize {
        self.settings.line_of(self.said.bus.url.span().start)
    }

    /// What it shows there and whom it believes, if its settings name files.
    pub(crate) fn shown(&self) -> Option<TlsFiles> {
        self.said.bus.shown(&self.settings)
    }
}
