//! How old what is shown may be: who was heard when, what is missing since when, what was refused.

use std::collections::BTreeMap;

use picture::Author;
use protocol::{BusId, Moment, PartyId, Span};

/// After this long without a word an author's data counts as old.
///
/// An office speaks every 60 s by its digest if by nothing else; three of them lost in a row are
/// no accident.
pub(crate) const STALE_AFTER: Span = Span::minutes(3);

/// What is known of how well an author is heard.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hearing {
    /// When anything of it was last heard, link time.
    pub(crate) heard_at: Option<Moment>,
    /// What its presence says.
    pub(crate) presence: Contact,
    /// Since when entries of it are missing, drill time.
    pub(crate) gap_since: Option<Moment>,
    /// How many are missing.
    pub(crate) missing: u64,
}

/// What an office's presence says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Contact {
    /// Nothing was said.
    #[default]
    Unknown,
    Online,
    Offline,
}

/// The state of an attachment to a bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// Connected.
    Up,
    /// Not connected.
    Down,
}

/// How well everybody is heard.
#[derive(Clone, Debug, Default)]
pub(crate) struct Freshness {
    authors: BTreeMap<PartyId, Hearing>,
    buses: BTreeMap<BusId, (LinkState, Moment)>,
    refusals: BTreeMap<&'static str, u64>,
}

impl Freshness {
    /// Something that an author said reached this screen.
    pub(crate) fn heard(&mut self, author: PartyId, link: Moment) {
        self.authors.entry(author).or_default().heard_at = Some(link);
    }

    /// An office said that it is there, or the broker that it is not.
    pub(crate) fn presence(&mut self, office: PartyId, contact: Contact) -> Contact {
        let hearing = self.authors.entry(office).or_default();
        std::mem::replace(&mut hearing.presence, contact)
    }

    /// A bus came or went; tells how it was before.
    pub(crate) fn link(&mut self, bus: BusId, state: LinkState, link: Moment) -> Option<LinkState> {
        let before = self.buses.get(&bus).map(|(state, _)| *state);
        if before != Some(state) {
            self.buses.insert(bus, (state, link));
        }
        before
    }

    /// Something was refused at the edge.
    pub(crate) fn refused(&mut self, code: &'static str) {
        *self.refusals.entry(code).or_default() += 1;
    }

    /// Looks how much of an author's logs is missing.
    pub(crate) fn look_for_gaps(&mut self, author: PartyId, known: &Author, drill: Moment) {
        let logs = known.lineage.logs().values();
        let missing = logs.map(picture::LogStatus::missing).sum();
        let hearing = self.authors.entry(author).or_default();
        hearing.missing = missing;
        hearing.gap_since = match (missing, hearing.gap_since) {
            (0, _) => None,
            (_, Some(since)) => Some(since),
            (_, None) => Some(drill),
        };
    }

    pub(crate) fn of(&self, author: PartyId) -> Hearing {
        self.authors.get(&author).copied().unwrap_or_default()
    }

    pub(crate) fn buses(&self) -> &BTreeMap<BusId, (LinkState, Moment)> {
        &self.buses
    }

    pub(crate) fn refusals(&self) -> &BTreeMap<&'static str, u64> {
        &self.refusals
    }

    /// Whether this screen is cut off: it has buses, and all of them are down.
    pub(crate) fn is_cut_off(&self) -> bool {
        !self.buses.is_empty()
            && self
                .buses
                .values()
                .all(|(state, _)| *state == LinkState::Down)
    }
}

impl Hearing {
    /// How long ago the author was heard.
    pub(crate) fn age(&self, link: Moment) -> Option<Span> {
        self.heard_at.map(|heard| link.since(heard))
    }

    /// Whether what is shown of the author may be old.
    pub(crate) fn is_stale(&self, link: Moment) -> bool {
        self.presence == Contact::Offline || self.age(link).is_none_or(|age| age > STALE_AFTER)
    }
}
