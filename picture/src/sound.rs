//! Whether a state that came whole could have come of its author's entries.
//!
//! Entries are judged one by one as they are read; a state that is taken for all of them was judged by
//! nobody here. An author that signs a false one harms what is said of itself alone, as long as these
//! hold: they are what the rest of the fold and the joins rely on without looking again.

use protocol::{Form, PartyId};

use crate::author::{AuthorState, REMEMBERED};
use crate::holding::{Holding, Standing, StockStanding};

/// Entries of one author, far above what it could write in a lifetime and far below where counting
/// ends.
const ENTRIES_MOST: u64 = 1 << 48;

impl AuthorState {
    /// Whether everything in it is the author's own, stands under its own name and adds up.
    pub(crate) fn is_sound(&self, author: PartyId) -> bool {
        self.counts_add_up()
            && self.is_all_of(author)
            && self.holdings_are_sound()
            && self.authorities_are_sound()
    }

    fn counts_add_up(&self) -> bool {
        self.folded <= ENTRIES_MOST
            && self.void_count <= self.folded
            && self.voids.len() <= REMEMBERED
            && self.notes.len() <= REMEMBERED
            && self.decisions.len() <= REMEMBERED
    }

    fn is_all_of(&self, author: PartyId) -> bool {
        let own = |it: PartyId, stands: bool| it == author && stands;
        self.incidents
            .iter()
            .all(|(id, it)| own(id.author, *id == it.report.incident))
            && self
                .needs
                .iter()
                .all(|(id, it)| own(id.author, *id == it.request.need && it.request.quantity > 0))
            && self
                .offers
                .iter()
                .all(|(id, it)| own(id.author, *id == it.offer.offer))
            && self
                .aids
                .iter()
                .all(|(id, it)| own(id.author, *id == it.commit.aid))
            && self
                .warnings
                .iter()
                .all(|(id, it)| own(id.author, *id == it.warning.warning))
            && self
                .responses
                .iter()
                .all(|(id, it)| own(id.author, *id == it.response))
            && self
                .advisories
                .iter()
                .all(|(id, it)| own(id.author, *id == it.advisory))
    }

    fn holdings_are_sound(&self) -> bool {
        let mut holdings = self.holdings.iter();
        holdings.all(|(id, it)| *id == it.resource.resource && it.is_sound())
    }
}

impl Holding {
    fn is_sound(&self) -> bool {
        match (&self.standing, self.resource.form()) {
            (Standing::Unit(_), Form::Unit) => true,
            (Standing::Stock(stock), Form::Stock | Form::Capacity) => stock.adds_up(),
            _ => false,
        }
    }
}

impl StockStanding {
    /// I4.
    fn adds_up(&self) -> bool {
        let held = self.held.values().map(|(quantity, _)| u64::from(*quantity));
        let committed = self.committed.values().map(|quantity| u64::from(*quantity));
        held.chain(committed).sum::<u64>() <= u64::from(self.on_hand)
    }
}
