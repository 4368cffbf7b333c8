//! What `operator.toml` means, a part at a time: an operator's shell on a machine of its own.

use std::path::Path;

use broker::{BusUrl, TlsFiles};
use protocol::{Member, Network, PartyId, Roster, Signer};

use super::paper::Paper;
use super::sheet::{member_of, signer_of};
use super::way::url_of;
use super::written::WrittenOperator;
use crate::failure::Code;
use crate::finding::Finding;

/// An operator's file of settings, read.
pub(crate) type OperatorSheet = Paper<WrittenOperator>;

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
        let sheet = OperatorSheet::read(path)?;
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
    /// Who the operator is.
    pub(crate) fn operator(&self) -> PartyId {
        *self.said.operator.get_ref()
    }

    /// Whose operator it is.
    pub(crate) fn office(&self) -> PartyId {
        *self.said.office.get_ref()
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

    /// The operator's key, which must be one that the roster admitted and that counts now.
    pub(crate) fn signer(&self, network: &Network, roster: &Roster) -> Result<Signer, Finding> {
        let signer = signer_of(&self.key_place(), (self.operator(), network), roster);
        // To whoever commands, a key that counts no more is a permission that is gone.
        signer.map_err(|finding| match finding.code {
            "key-revoked" | "key-expired" => finding.ends_with(Code::NoPermission),
            _ => finding,
        })
    }

    /// The office's bus.
    pub(crate) fn bus(&self) -> Result<BusUrl, Finding> {
        url_of(&self.settings, &self.said.bus, None)
    }

    /// The line of the operator's name.
    pub(crate) fn line_of_operator(&self) -> usize {
        self.settings.line_of(self.said.operator.span().start)
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
