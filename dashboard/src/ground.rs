//! The ground as the screen needs it: plain data that the command fills from the region's pack.

use std::collections::BTreeMap;

use protocol::{AreaCode, Category, EventKind, PartyId, Point, RoadId};

use crate::lang::{Lang, Term};
use crate::width::clean;

/// What the map and the tables know of the region.
#[derive(Clone, Debug, Default)]
pub struct Ground {
    /// What the region is called.
    pub name: Term,
    /// South-west and north-east corner of what the map shows at first.
    pub frame: (Point, Point),
    /// Borders of the areas, rings that end where they began.
    pub outlines: Vec<Vec<Point>>,
    /// Coast lines.
    pub coast: Vec<Vec<Point>>,
    /// Offices and authors that have a seat, in the order in which tables show them.
    pub offices: Vec<Seat>,
    /// What areas are called: cities and districts.
    pub areas: BTreeMap<AreaCode, Term>,
    /// Roads and crossings that can be told to be closed.
    pub roads: BTreeMap<RoadId, Road>,
    /// Kinds of events and hazards by their code; if empty, the usual ones are used.
    pub events: BTreeMap<String, Event>,
    /// What every map must say of itself.
    pub disclaimer: Term,
    /// The region's offset from UTC in minutes.
    pub offset_min: i16,
}

/// An office or author on the map.
#[derive(Clone, Debug)]
pub struct Seat {
    /// The party.
    pub party: PartyId,
    /// What it is called.
    pub name: Term,
    /// One Chinese character or two Latin letters, for narrow columns.
    pub short: Term,
    /// Where it sits.
    pub point: Point,
    /// Its ground.
    pub area: AreaCode,
    /// Whether it stands on the map and in the table of resources.
    pub standing: Standing,
}

/// What an author has to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Ground, crews and an inventory: a city.
    City,
    /// A log alone: the province, the weather service and the like.
    Author,
}

/// A road or crossing by its name in messages.
#[derive(Clone, Debug)]
pub struct Road {
    /// What it is called; empty for a plain edge of the graph.
    pub name: Term,
    /// Its course.
    pub line: Vec<Point>,
}

/// A kind of event or hazard.
#[derive(Clone, Debug)]
pub struct Event {
    /// What it is called.
    pub name: Term,
    /// Which of the four kinds of the law it usually is.
    pub category: Category,
}

impl Event {
    /// The usual kinds by their codes, for a region whose pack brings no table of its own.
    pub(crate) fn usual() -> BTreeMap<String, Self> {
        let event = |kind: &EventKind| {
            let event = Self {
                name: Term::new(kind.label.zh, kind.label.en),
                category: kind.category,
            };
            (kind.code.to_owned(), event)
        };
        EventKind::ALL.iter().map(event).collect()
    }
}

impl Ground {
    /// The seat of a party.
    pub(crate) fn seat(&self, party: PartyId) -> Option<&Seat> {
        self.offices.iter().find(|seat| seat.party == party)
    }

    /// The offices of cities.
    pub(crate) fn cities(&self) -> impl Iterator<Item = &Seat> {
        self.offices
            .iter()
            .filter(|seat| seat.standing == Standing::City)
    }

    /// What a party is called; its id if it has no seat.
    pub(crate) fn name(&self, lang: Lang, party: PartyId) -> String {
        self.seat(party)
            .map_or_else(|| party.to_string(), |seat| clean(lang.term(&seat.name)))
    }

    /// The short name of a party; its id if it has no seat.
    pub(crate) fn short(&self, lang: Lang, party: PartyId) -> String {
        self.seat(party)
            .map_or_else(|| party.to_string(), |seat| clean(lang.term(&seat.short)))
    }

    /// What an area is called; its code if the pack does not name it.
    pub(crate) fn area(&self, lang: Lang, area: AreaCode) -> String {
        self.areas
            .get(&area)
            .map_or_else(|| area.to_string(), |term| clean(lang.term(term)))
    }

    /// What an event or hazard is called; its code if the table does not hold it.
    pub(crate) fn event(&self, lang: Lang, code: &str) -> String {
        self.events
            .get(code)
            .map_or_else(|| clean(code), |event| clean(lang.term(&event.name)))
    }

    /// What a road is called; its id if it has no name.
    pub(crate) fn road(&self, lang: Lang, road: RoadId) -> String {
        self.roads
            .get(&road)
            .map(|road| clean(lang.term(&road.name)))
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| road.to_string())
    }
}
