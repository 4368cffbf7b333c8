//! The ledger: what was asked of others, who answered, and how far it came.

use picture::{Aid, AidState, Need, Offer, OfferState};
use protocol::{Audience, OfferLine};

use crate::aid::{LedgerRow, Marks, Outcome};
use crate::evidence::Evidence;

/// A row for each commitment of others, each offer that came to nothing, and each need that nobody
/// answered; in the order of asking.
pub(super) fn rows(evidence: &Evidence, marks: &Marks) -> Vec<LedgerRow> {
    let picture = &evidence.picture;
    let mut rows = Vec::new();
    for (id, need) in picture.needs() {
        let before = rows.len();
        for aid in picture.aids_for(*id) {
            if aid.commit.aid.author != id.author {
                let offer = aid.commit.offer.and_then(|offer| picture.offer(offer));
                rows.push(committed(need, aid, offer, marks));
            }
        }
        for offer in picture.offers_for(*id) {
            let others = offer.offer.offer.author != id.author;
            if others && offer.state != OfferState::Committed {
                let lines = offer.offer.lines.iter();
                rows.extend(lines.map(|line| offered(need, offer, line, marks)));
            }
        }
        if rows.len() == before && need.request.audience != Audience::Own {
            rows.push(blank(need));
        }
    }
    rows.sort_by_key(|row| (row.asked_at, row.need, row.committed_at, row.offer));
    rows
}

fn blank(need: &Need) -> LedgerRow {
    let request = &need.request;
    LedgerRow {
        need: request.need,
        incident: request.incident,
        kind: request.kind,
        quantity: request.quantity,
        audience: request.audience,
        asked_at: request.asked_at,
        owner: None,
        offer: None,
        resource: None,
        offered_at: None,
        accepted_at: None,
        aid: None,
        committed_at: None,
        arrived_at: None,
        released_at: None,
        returned_at: None,
        outcome: Outcome::Unanswered,
    }
}

fn offered(need: &Need, offer: &Offer, line: &OfferLine, marks: &Marks) -> LedgerRow {
    let id = offer.offer.offer;
    LedgerRow {
        owner: Some(id.author),
        offer: Some(id),
        resource: Some(line.resource),
        offered_at: Some(offer.offer.at),
        accepted_at: marks.accepted.get(&id).copied(),
        outcome: match offer.state {
            OfferState::Open => Outcome::Offered,
            OfferState::Refused => Outcome::Refused,
            OfferState::Ended | OfferState::Committed => Outcome::Lapsed,
        },
        ..blank(need)
    }
}

fn committed(need: &Need, aid: &Aid, offer: Option<&Offer>, marks: &Marks) -> LedgerRow {
    let commit = &aid.commit;
    let returned_at = marks.returned(commit.aid);
    LedgerRow {
        owner: Some(commit.aid.author),
        offer: commit.offer,
        resource: Some(commit.resource),
        offered_at: offer.map(|offer| offer.offer.at),
        accepted_at: commit
            .offer
            .and_then(|offer| marks.accepted.get(&offer).copied()),
        aid: Some(commit.aid),
        committed_at: Some(commit.at),
        arrived_at: aid.arrived_at,
        released_at: marks.released.get(&commit.aid).copied(),
        returned_at,
        outcome: match aid.state {
            _ if returned_at.is_some() => Outcome::Returned,
            AidState::Redirected => Outcome::Redirected,
            AidState::Recalled => Outcome::Recalled,
            AidState::Lost => Outcome::Lost,
            _ if aid.arrived_at.is_some() => Outcome::Arrived,
            _ => Outcome::Committed,
        },
        ..blank(need)
    }
}
