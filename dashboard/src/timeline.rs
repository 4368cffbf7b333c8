//! What happened, row by row: told from envelopes, links and answers, bounded, in drill time.

mod notice;
mod sentence;
pub(crate) use notice::Noticer;
pub(crate) use sentence::{Speech, sentence};

use std::collections::VecDeque;

use protocol::{
    Audience, BusId, Colour, IncidentId, Kind, Level, Moment, PartyId, ResourceId, ResponseLevel,
    RoadId, RoadState, Stage,
};

use crate::freshness::{Contact, LinkState};

/// Rows that are kept; older ones stay in the journals.
const ROWS_MAX: usize = 500;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// When, drill time.
    pub(crate) at: Moment,
    /// What.
    pub(crate) what: Happening,
}

/// A notable event. Texts of others are clean already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Happening {
    Opened {
        incident: IncidentId,
        event: String,
        place: String,
    },
    Levelled {
        incident: IncidentId,
        from: Level,
        to: Level,
    },
    Staged {
        incident: IncidentId,
        stage: Stage,
    },
    Asked {
        by: PartyId,
        kind: Kind,
        quantity: u32,
        audience: Audience,
    },
    Offered {
        by: PartyId,
        to: PartyId,
        count: usize,
    },
    Committed {
        by: PartyId,
        to: PartyId,
        what: Lent,
    },
    NotCommitted {
        by: PartyId,
        to: PartyId,
    },
    Arrived {
        by: PartyId,
        to: PartyId,
        what: Lent,
    },
    Recalled {
        by: PartyId,
        from: PartyId,
        what: Lent,
    },
    Returned {
        by: PartyId,
        from: PartyId,
        what: Lent,
    },
    Warned {
        by: PartyId,
        hazard: String,
        colour: Colour,
    },
    Lifted {
        by: PartyId,
        hazard: String,
    },
    Responds {
        by: PartyId,
        matter: String,
        level: Option<ResponseLevel>,
    },
    Roads {
        by: PartyId,
        roads: Vec<RoadId>,
        state: RoadState,
    },
    Hazard {
        by: PartyId,
        name: String,
        over: Over,
    },
    Link {
        bus: BusId,
        state: LinkState,
    },
    Office {
        office: PartyId,
        contact: Contact,
    },
    Answered {
        text: String,
    },
}

/// What was lent: its kind if the inventory is known, else its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lent {
    pub(crate) resource: ResourceId,
    pub(crate) kind: Option<Kind>,
    pub(crate) quantity: u32,
}

/// Whether a hazard has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    Not,
    Yes,
}

/// The rows, latest first on the screen, oldest dropped.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timeline {
    rows: VecDeque<Entry>,
}

impl Timeline {
    /// Puts a row where its time belongs: news that comes late stands where it happened.
    pub(crate) fn add(&mut self, entry: Entry) {
        let later = self.rows.iter().rev().take_while(|row| row.at > entry.at);
        let place = self.rows.len() - later.count();
        self.rows.insert(place, entry);
        if self.rows.len() > ROWS_MAX {
            self.rows.pop_front();
        }
    }

    /// The rows, latest first.
    pub(crate) fn latest(&self) -> impl DoubleEndedIterator<Item = &Entry> + ExactSizeIterator {
        self.rows.iter().rev()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(at: u64) -> Entry {
        Entry {
            at: Moment(at),
            what: Happening::Answered {
                text: at.to_string(),
            },
        }
    }

    #[test]
    fn late_news_stands_where_it_happened() {
        let mut timeline = Timeline::default();
        for at in [10, 30, 20] {
            timeline.add(row(at));
        }
        let order: Vec<u64> = timeline.latest().map(|entry| entry.at.0).collect();
        assert_eq!(order, [30, 20, 10]);
    }

    #[test]
    fn the_oldest_rows_go_first() {
        let mut timeline = Timeline::default();
        for at in 0..2_000 {
            timeline.add(row(at));
        }
        assert_eq!(timeline.latest().len(), ROWS_MAX);
        assert_eq!(timeline.latest().next_back().unwrap().at, Moment(1_500));
    }
}
