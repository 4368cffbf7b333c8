//! Whether the passwords of a gate let somebody in.

use protocol::Roster;

use super::kept;
use crate::finding::Finding;
use crate::office::GatePlan;

/// What is wrong with the file of passwords, and those of parties that the roster does not have: to them the
/// gate says that their password is right, and that they do not belong.
pub(super) fn examine(gate: &GatePlan, roster: Option<&Roster>, findings: &mut Vec<Finding>) {
    let passwords = kept(gate.passwords(), findings).flatten();
    let (Some(file), Some(passwords), Some(roster)) = (&gate.passwords, passwords, roster) else {
        return;
    };
    let strangers = passwords
        .parties()
        .filter(|party| roster.member(*party).is_none());
    findings.extend(strangers.map(|party| {
        let what =
            format!("has a password of \"{party}\", which is not in the roster and is not let in");
        let remedy = "let the region admit it with `liandong keys admit`, or take the line out";
        Finding::new("password-party", file, what, remedy)
    }));
}
