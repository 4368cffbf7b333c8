//! Changes of the roster as the region's log says them, one a line: who belongs follows from those
//! that can be read, and from nothing else.

use protocol::{Body, Decoder, PartyId, Roster, RosterChange};
use simulator::Judge;

use super::Verdict;
use super::cast::{Pen, START, cast};
use super::line::assert_reads_again;
use super::terms::assert_refusal;

/// Changes that are read of one input, lest it takes long.
const CHANGES: usize = 64;

/// Signs each line as an entry of the region's log.
pub fn roster(bytes: &[u8]) -> Verdict {
    let Ok(text) = str::from_utf8(bytes) else {
        return Verdict::Refused;
    };
    let network = &cast().network;
    let mut pen = Pen::of(network.region).expect("the region has its key");
    let mut decoder = Decoder::new(network.clone());
    let mut judge = Judge::new(network.clone());
    let mut expected = Roster::new(network);
    let mut last = Vec::new();
    for line in text.lines().take(CHANGES) {
        let line = pen.line(line);
        let envelope = match decoder.envelope(&line, &expected) {
            Ok(envelope) => envelope,
            Err(refusal) => {
                assert_refusal(&refusal);
                continue;
            }
        };
        assert_reads_again(&envelope, &line);
        pen.wrote(&envelope);
        judge.admit(START, &envelope);
        if let Some(Body::RosterChange(change)) = envelope.body() {
            expected.apply(change);
            last.push(change.clone());
        }
        if revoked(&expected, network.region) {
            break;
        }
    }
    let found = judge.picture().roster();
    assert_eq!(found, &expected, "the roster is not what its log says");
    for member in found.members() {
        let known = found.standing(member.party, member.key.id());
        assert!(known.is_some(), "a member without a key: {member:?}");
    }
    if let Some(RosterChange::Revoke { party, key }) = last.last() {
        let known = found.standing(*party, *key);
        let valid = known.is_some_and(|standing| !standing.is_revoked());
        assert!(!valid, "a key that counts after it was revoked");
    }
    if last.is_empty() {
        Verdict::Refused
    } else {
        Verdict::Accepted
    }
}

fn revoked(roster: &Roster, region: PartyId) -> bool {
    let key = roster.standing(region, cast().network.root.id());
    key.is_none_or(protocol::Standing::is_revoked)
}
