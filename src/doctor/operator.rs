//! Whether an operator's shell would be let in to its office, and finds it.

use super::{Visit, bus, certificate, kept, key, papers};
use crate::finding::Finding;
use crate::live::wires::Plug;
use crate::office::OperatorSheet;

impl Visit {
    pub(super) fn operator(&self, sheet: &OperatorSheet, findings: &mut Vec<Finding>) {
        let (network, roster) = papers(sheet, findings);
        let is_known = sheet.knows("operator");
        if let (Some(network), Some(roster), true) = (&network, &roster, is_known) {
            let roster = roster.roster();
            kept(sheet.member(roster), findings);
            let place = (sheet.settings.path(), sheet.line_of_operator());
            let party = sheet.operator();
            findings.extend(key::keeps_out(place, party, roster, self.now));
            if sheet.knows_key()
                && let Some(signer) = kept(sheet.signer(network, roster), findings)
            {
                let signs = (party, signer.key());
                findings.extend(key::ends_soon(&sheet.key_place(), signs, roster, self.now));
            }
        }
        if sheet.knows("region") {
            kept(sheet.region(), findings);
        }
        let party = is_known.then(|| sheet.operator());
        if let Some(shown) = sheet.shown() {
            findings.extend(certificate::of_client(party, &shown, self.now));
        }
        if sheet.knows("bus.url") {
            let line = Some(sheet.line_of_bus());
            let plug = kept(plug(sheet), findings);
            let plugs: Vec<_> = plug.into_iter().map(|plug| (plug, line)).collect();
            findings.extend(bus::in_clear(sheet.settings.path(), &plugs));
        }
    }
}

/// The office's bus, as the operator joins it.
pub(super) fn plug(sheet: &OperatorSheet) -> Result<Plug, Finding> {
    Ok(Plug {
        id: "own".parse().expect("a short name is one"),
        url: sheet.bus()?,
        host: sheet.knows("office").then(|| sheet.office()),
    })
}
