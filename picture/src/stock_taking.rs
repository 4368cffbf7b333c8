//! Taking stock: at a snapshot the author's state lets go of what is over, and comes to what it names.
//!
//! Without it a state grows as long as its log. What an author calls over must be over by its own log;
//! whether others still need it only the author can see.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use protocol::{AidId, Body, Envelope, Hash, IncidentId, OfferId, Over, PartyId, Snapshot, limit};

use crate::aid::{Aid, OfferState};
use crate::author::AuthorState;
use crate::need::Need;
use crate::void::Void;

/// Where an author's last snapshot stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastSnapshot {
    /// The epoch of its log, and its number there.
    pub entry: (u32, u64),
    /// How many entries had been folded with it.
    pub folded: u64,
}

/// What an author's logs had come to at one of its snapshots.
#[derive(Debug, Clone)]
pub struct StateAt {
    /// The snapshot's envelope.
    pub entry: Arc<Envelope>,
    /// The state with it.
    pub state: Arc<AuthorState>,
}

impl StateAt {
    /// A state that came from elsewhere; `None` unless it is the one that the envelope names, written
    /// as we write it, and one that entries of its author can lead to.
    ///
    /// The hash alone would let an author sign a text that reads as a state and is written again as
    /// another one, and a state that no rule of the fold allows.
    pub fn read(entry: Arc<Envelope>, text: &str) -> Option<Self> {
        let Some(Body::Snapshot(snapshot)) = entry.body() else {
            return None;
        };
        if Hash::of(text.as_bytes()) != snapshot.state {
            return None;
        }
        let state: AuthorState = serde_json::from_str(text).ok()?;
        let header = entry.header();
        let stands = state.last_snapshot.entry == (header.log.incarnation.epoch, header.seq)
            && state.last_snapshot.folded == state.folded
            && header.seq <= state.folded
            && state.is_sound(header.log.author)
            && state.text() == text;
        stands.then(|| Self {
            entry,
            state: Arc::new(state),
        })
    }

    /// The state as it travels and as it is hashed.
    pub fn text(&self) -> String {
        self.state.text()
    }
}

impl AuthorState {
    /// The state as JSON: what its hash is over.
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("a state is plain data with textual keys")
    }

    /// The snapshot that would stand if its author wrote it next, as this entry, and let go of these.
    pub fn snapshot(
        &self,
        author: PartyId,
        over: Over,
        entry: (u32, u64),
    ) -> Result<Snapshot, Void> {
        let mut next = self.clone();
        next.folded += 1;
        next.let_go(author, &over, entry)?;
        Ok(Snapshot {
            state: next.hash(),
            over,
        })
    }

    /// A snapshot was read; this entry is counted already.
    pub(crate) fn take_stock(
        &mut self,
        author: PartyId,
        snapshot: &Snapshot,
        entry: (u32, u64),
    ) -> Result<(), Void> {
        well_formed(author, &snapshot.over)?;
        if self.forgets_nothing {
            self.last_snapshot = LastSnapshot {
                entry,
                folded: self.folded,
            };
            return Ok(());
        }
        let mut next = self.clone();
        next.let_go(author, &snapshot.over, entry)?;
        if next.hash() != snapshot.state {
            return Err(Void::State);
        }
        *self = next;
        Ok(())
    }

    /// What becomes of the state by a snapshot that says of it what is so; an equal state never refuses it.
    pub(crate) fn let_go(
        &mut self,
        author: PartyId,
        over: &Over,
        entry: (u32, u64),
    ) -> Result<(), Void> {
        well_formed(author, over)?;
        for incident in &over.incidents {
            self.let_incident_go(*incident)?;
        }
        for offer in &over.offers {
            self.let_offer_go(*offer)?;
        }
        for aid in &over.aids {
            self.let_aid_go(*aid)?;
        }
        for aid in &over.answered {
            self.released.remove(aid);
            self.extensions.remove(aid);
        }
        for need in &over.declined {
            self.declined.remove(need);
        }
        // A call or a command that comes again by itself does so soon. How long somebody who kept one has
        // to wait until it is done once more, the author says.
        let since = over.requests.unwrap_or(self.last_snapshot.entry);
        self.requests.retain(|_, written| *written >= since);
        self.last_snapshot = LastSnapshot {
            entry,
            folded: self.folded,
        };
        Ok(())
    }

    fn let_incident_go(&mut self, id: IncidentId) -> Result<(), Void> {
        let Some(incident) = self.incidents.get(&id) else {
            return Ok(());
        };
        let its_own = |need: &Need| need.request.incident == id;
        let mut needs = self.needs.values().filter(|need| its_own(need));
        if incident.is_open() || needs.any(|need| need.ended.is_none()) {
            return Err(still(id.to_string(), "open"));
        }
        self.incidents.remove(&id);
        self.leads.remove(&id);
        self.needs.retain(|_, need| !its_own(need));
        Ok(())
    }

    fn let_offer_go(&mut self, id: OfferId) -> Result<(), Void> {
        let known = self.offers.get(&id);
        if known.is_some_and(|offer| offer.state == OfferState::Open) {
            return Err(still(id.to_string(), "open"));
        }
        self.offers.remove(&id);
        Ok(())
    }

    fn let_aid_go(&mut self, id: AidId) -> Result<(), Void> {
        if self.aids.get(&id).is_some_and(Aid::binds) {
            return Err(still(id.to_string(), "live"));
        }
        self.aids.remove(&id);
        Ok(())
    }
}

/// What is over is named once each, in order, and is the author's own where only its own log can say
/// so: whoever reads it looks things up in these lists, and what others promised is not the author's
/// to forget.
fn well_formed(author: PartyId, over: &Over) -> Result<(), Void> {
    if over.len() > limit::OVER_ITEMS {
        return Err(Void::TooLong { field: "over" });
    }
    let sorted = over.incidents.is_sorted_by(|one, next| one < next)
        && over.offers.is_sorted_by(|one, next| one < next)
        && over.aids.is_sorted_by(|one, next| one < next)
        && over.answered.is_sorted_by(|one, next| one < next)
        && over.declined.is_sorted_by(|one, next| one < next);
    if !sorted {
        return Err(still("what is over".into(), "named twice or out of order"));
    }
    let incidents = over.incidents.iter().map(|id| (id.author, id.to_string()));
    let offers = over.offers.iter().map(|id| (id.author, id.to_string()));
    let aids = over.aids.iter().map(|id| (id.author, id.to_string()));
    match incidents
        .chain(offers)
        .chain(aids)
        .find(|(it, _)| *it != author)
    {
        Some((_, what)) => Err(Void::NotTheAuthor { what }),
        None => Ok(()),
    }
}

fn still(what: String, from: &str) -> Void {
    Void::Step {
        what,
        from: from.into(),
        to: "over".into(),
    }
}
