//! A row of the timeline in words of either language.

use picture::Picture;
use protocol::{Kind, PartyId, RoadId, RoadState};

use super::{Happening, Lent, Over};
use crate::freshness::{Contact, LinkState};
use crate::glyphs::Glyphs;
use crate::ground::Ground;
use crate::lang::Lang;
use crate::wording as say;

/// Roads that a row names; of more it tells the number.
const ROADS_NAMED: usize = 2;

/// What a sentence is made with.
#[derive(Clone, Copy)]
pub(crate) struct Speech<'a> {
    pub(crate) lang: Lang,
    pub(crate) glyphs: Glyphs,
    pub(crate) ground: &'a Ground,
    pub(crate) picture: &'a Picture,
}

/// The row in words.
pub(crate) fn sentence(what: &Happening, with: Speech<'_>) -> String {
    let word = |label| with.lang.word(label);
    let office = |party: PartyId| with.ground.short(with.lang, party);
    match what {
        Happening::Opened {
            incident,
            event,
            place,
        } => {
            let event = with.ground.event(with.lang, event);
            format!(
                "{} {} {event} {place}",
                office(incident.author),
                word(say::OPENED)
            )
        }
        Happening::Levelled { incident, from, to } => format!(
            "{} {} {} {}{}{}",
            office(incident.author),
            event_of(*incident, with),
            word(say::LEVEL_FROM),
            with.glyphs.level(*from),
            with.glyphs.arrow(),
            with.glyphs.level(*to),
        ),
        Happening::Staged { incident, stage } => format!(
            "{} {} {}",
            office(incident.author),
            event_of(*incident, with),
            word(stage.label())
        ),
        Happening::Link { bus, state } => {
            let words = match state {
                LinkState::Up => say::HEALED,
                LinkState::Down => say::CUT,
            };
            format!("{} {bus} {}", word(say::BUS), word(words))
        }
        Happening::Office {
            office: party,
            contact,
        } => {
            let words = match contact {
                Contact::Online => say::JOINED,
                Contact::Offline | Contact::Unknown => say::LEFT,
            };
            format!("{} {}", office(*party), word(words))
        }
        Happening::Answered { text } => text.clone(),
        _ => lending(what, with).unwrap_or_else(|| announced(what, with)),
    }
}

/// Rows about aid between offices.
fn lending(what: &Happening, with: Speech<'_>) -> Option<String> {
    let word = |label| with.lang.word(label);
    let office = |party: PartyId| with.ground.short(with.lang, party);
    let over = |from: PartyId, to: PartyId| {
        format!("{}{}{}", office(from), with.glyphs.arrow(), office(to))
    };
    Some(match what {
        Happening::Asked {
            by,
            kind,
            quantity,
            audience,
        } => format!(
            "{} {} {} x{quantity} ({})",
            office(*by),
            word(say::ASKED),
            word(kind.label()),
            word(audience.label()),
        ),
        Happening::Offered { by, to, count } => {
            format!("{} {} x{count}", over(*by, *to), word(say::OFFERED))
        }
        Happening::Committed { by, to, what } => {
            format!(
                "{} {} {}",
                over(*by, *to),
                word(say::COMMITTED),
                lent(what, with)
            )
        }
        Happening::NotCommitted { by, to } => {
            format!(
                "{} {}",
                over(*by, *to),
                word(say::NOT_COMMITTED).trim_end_matches(':')
            )
        }
        Happening::Arrived { by, to, what } => {
            format!(
                "{} {} {}",
                over(*by, *to),
                lent(what, with),
                word(say::ARRIVED)
            )
        }
        Happening::Recalled { by, from, what } => {
            format!(
                "{} {} {}",
                over(*from, *by),
                word(say::RECALLED),
                lent(what, with)
            )
        }
        Happening::Returned { by, from, what } => {
            format!(
                "{} {} {}",
                over(*from, *by),
                word(say::RETURNED),
                lent(what, with)
            )
        }
        _ => return None,
    })
}

/// Rows about warnings, responses, roads and hazards.
fn announced(what: &Happening, with: Speech<'_>) -> String {
    let word = |label| with.lang.word(label);
    let office = |party: PartyId| with.ground.short(with.lang, party);
    match what {
        Happening::Warned { by, hazard, colour } => format!(
            "{} {}{}{}",
            office(*by),
            with.ground.event(with.lang, hazard),
            spaced(with.lang, word(colour.label())),
            word(say::WARNED)
        ),
        Happening::Lifted { by, hazard } => format!(
            "{} {} {}",
            office(*by),
            word(say::LIFTED),
            with.ground.event(with.lang, hazard)
        ),
        Happening::Responds {
            by,
            matter,
            level: Some(level),
        } => format!(
            "{} {} {} {matter}",
            office(*by),
            word(say::RESPONDS),
            word(level.label())
        ),
        Happening::Responds {
            by,
            matter,
            level: None,
        } => {
            format!("{} {} {matter}", office(*by), word(say::ENDS_RESPONSE))
        }
        Happening::Roads { by, roads, state } => {
            format!("{} {}", office(*by), roads_in_words(roads, *state, with))
        }
        Happening::Hazard {
            by,
            name,
            over: Over::Not,
        } => format!("{} {name}", office(*by)),
        Happening::Hazard {
            by,
            name,
            over: Over::Yes,
        } => {
            format!("{} {name} {}", office(*by), word(say::HAZARD_OVER))
        }
        _ => String::new(),
    }
}

fn spaced(lang: Lang, word: &str) -> String {
    match lang {
        Lang::Zh => word.to_owned(),
        Lang::En => format!(" {word} "),
    }
}

fn lent(what: &Lent, with: Speech<'_>) -> String {
    let name = what.kind.map_or_else(
        || what.resource.to_string(),
        |kind: Kind| with.lang.word(kind.label()).to_owned(),
    );
    format!("{name} x{}", what.quantity)
}

fn event_of(incident: protocol::IncidentId, with: Speech<'_>) -> String {
    with.picture.incident(incident).map_or_else(
        || incident.to_string(),
        |known| with.ground.event(with.lang, &known.report.event),
    )
}

fn roads_in_words(roads: &[RoadId], state: RoadState, with: Speech<'_>) -> String {
    let mut names: Vec<String> = roads
        .iter()
        .take(ROADS_NAMED)
        .map(|road| with.ground.road(with.lang, *road))
        .collect();
    if roads.len() > ROADS_NAMED {
        names.push(format!("+{}", roads.len() - ROADS_NAMED));
    }
    format!("{} {}", names.join(", "), with.lang.word(state.label()))
}
