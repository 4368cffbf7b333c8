//! Whether the gates of the offices whose settings lie here take the certificates that are shown to them.
//!
//! What is wrong with a certificate or a list alone is told of whoever has it.

use broker::TlsFiles;
use protocol::{PartyId, Wall};

use super::{Read, certificate};
use crate::finding::Finding;

/// A certificate that is taken back by the gate of an office to which its party comes.
pub(super) fn taken_back(read: &[Read], now: Wall) -> Vec<Finding> {
    let gates: Vec<(PartyId, TlsFiles)> = read.iter().filter_map(gate_of).collect();
    let mut findings = Vec::new();
    for (office, shown) in read.iter().flat_map(shown_by) {
        let gates = gates.iter().filter(|(of, _)| *of == office);
        findings.extend(gates.filter_map(|(_, gate)| {
            let file = gate.revoked.as_deref()?;
            certificate::in_list(&shown.cert, (gate, file), now)
        }));
    }
    findings
}

/// An office's gate, and the files by which it judges.
fn gate_of(read: &Read) -> Option<(PartyId, TlsFiles)> {
    match read {
        Read::Office(sheet) if sheet.knows("office") => {
            let (plan, _) = sheet.gate_on()?;
            Some((sheet.office(), plan.tls?))
        }
        Read::Office(_) | Read::Operator(_) => None,
    }
}

/// What somebody shows at the buses of which offices.
fn shown_by(read: &Read) -> Vec<(PartyId, TlsFiles)> {
    match read {
        Read::Office(sheet) => sheet.shown(),
        Read::Operator(sheet) if sheet.knows("office") => {
            let shown = sheet.shown().map(|shown| (sheet.office(), shown));
            shown.into_iter().collect()
        }
        Read::Operator(_) => Vec::new(),
    }
}
