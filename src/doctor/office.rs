//! Whether all that an office needs is there and fits together.
//!
//! What could not be read of its settings is passed over, with what depends on it and nothing else.

use broker::Files;
use protocol::Network;

use super::{Visit, bus, certificate, clock, files, journal, kept, key, origin, papers, password};
use crate::finding::Finding;
use crate::office::{GatePlan, Sheet};
use crate::roster::RosterFile;

impl Visit {
    pub(super) fn office(&self, sheet: &Sheet, findings: &mut Vec<Finding>) {
        let (network, roster) = papers(sheet, findings);
        if let (Some(network), Some(roster)) = (&network, &roster) {
            self.party(sheet, (network, roster), findings);
            findings.extend(bus::unknown_offices(sheet, roster.roster()));
        }
        if sheet.knows("region")
            && let Some(region) = kept(sheet.region(), findings)
            && sheet.knows("office")
        {
            findings.extend(sheet.inventory(&region).err().unwrap_or_default());
        }
        kept(sheet.aid(), findings);
        let mut runs = false;
        if self.sees_machine() {
            findings.extend(clock::files_of_tomorrow(sheet, self.now));
            findings.extend(
                roster
                    .as_ref()
                    .and_then(|it| clock::signed_tomorrow(sheet, it, self.now)),
            );
            let known = (network.as_ref(), roster.as_ref());
            runs = journal::look(sheet, known, self.now, findings);
        }
        if let Some((gate, faults)) = sheet.gate_on() {
            findings.extend(faults);
            let known = roster.as_ref().map(RosterFile::roster);
            password::examine(&gate, known, findings);
            self.gate(sheet, &gate, runs, findings);
        }
        let (plugs, faults) = sheet.buses_on();
        findings.extend(faults);
        let lines = plugs.iter().map(|plug| sheet.line_of_bus(plug.id));
        let plugs: Vec<_> = plugs.iter().cloned().zip(lines).collect();
        let settings = sheet.settings.path();
        findings.extend(bus::in_clear(settings, &plugs));
    }

    /// Whether the office's name, key and powers are what the roster says.
    fn party(
        &self,
        sheet: &Sheet,
        (network, roster): (&Network, &RosterFile),
        findings: &mut Vec<Finding>,
    ) {
        kept(sheet.autonomy(network), findings);
        let known = roster.roster();
        if !sheet.knows("office") {
            return;
        }
        kept(sheet.member(known), findings);
        let place = (sheet.settings.path(), sheet.line_of_office());
        findings.extend(key::keeps_out(place, sheet.office(), known, self.now));
        if !sheet.knows_key() {
            return;
        }
        let Some(signer) = kept(sheet.signer(network, known), findings) else {
            return;
        };
        let signs = (sheet.office(), signer.key());
        let ends = key::ends_soon(&sheet.key_place(), signs, known, self.now);
        findings.extend(ends);
    }

    fn gate(&self, sheet: &Sheet, gate: &GatePlan, runs: bool, findings: &mut Vec<Finding>) {
        findings.extend(origin::never_said(sheet));
        if let Some(tls) = &gate.tls {
            let party = sheet.knows("office").then(|| sheet.office());
            findings.extend(certificate::of_gate(party, gate, tls, self.now));
            if tls.client_ca.is_none() && sheet.knows("gate.client_ca") {
                findings.push(gate.asks_for_no_certificate());
            }
        }
        if self.sees_machine() {
            findings.extend(files::too_few(sheet.settings.path(), Files::raised()));
        }
        // An office that runs has its ports itself.
        if !runs && self.sees_machine() {
            findings.extend(bus::ports_in_use(sheet, gate));
        }
    }
}
