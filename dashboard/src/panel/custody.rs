//! Whether an entry is safe and what came of it: received here, held by whom, over whom it came, acted
//! upon. Two answers, because what is at this desk alone is lost with it. A screen hears of an entry before
//! the disk has it, and one without an office has no disk: it never says that an entry is recorded.

use picture::Aid;
use protocol::{IncidentId, Label, PartyId, Role};
use ratatui::style::Style;
use ratatui::text::Line;

use crate::view::{Place, View};
use crate::width::wrap;
use crate::wording as say;

/// ```text
/// │留存与办理                                    │
/// │ 第 482 条 本席已收；他方留存 7/9：东 西 …   │
/// │ 来路：其日志主题                             │
/// │ 据此办理：需求 2、调派 3、已受令 2、到场 1   │
/// ```
pub(super) fn custody_lines(view: &View, incident: IncidentId, cells: usize) -> Vec<Line<'static>> {
    let Some(place) = view.trace.incident(incident) else {
        return Vec::new();
    };
    let colours = view.colours();
    let (held, style) = held(view, place);
    let mut lines = vec![Line::styled(view.word(say::CUSTODY), colours.heading())];
    let mut tell = |text: &str, style: Style| {
        let told = wrap(text, cells.max(2)).into_iter();
        lines.extend(told.map(|line| Line::styled(line, style)));
    };
    tell(&held, style);
    tell(&way(view, place), colours.text());
    tell(&acted_upon(view, incident), colours.text());
    lines
}

/// How many others hold an entry, in few cells; nothing where no holder has spoken yet.
pub(super) fn held_briefly(view: &View, place: Option<Place>) -> String {
    let Some(place) = place.filter(|_| view.custody.holders().next().is_some()) else {
        return String::new();
    };
    let (holders, others) = holders(view, place);
    let word = view.word(say::HELD_BRIEFLY);
    format!("  {word} {}/{others}", holders.len())
}

/// Whether a commitment's crew said that it obeyed the order of it.
pub(super) fn is_obeyed(view: &View, aid: &Aid) -> bool {
    let owner = view.picture.state(aid.commit.aid.author);
    let unit = owner
        .and_then(|state| state.holdings.get(&aid.commit.resource))
        .and_then(|holding| holding.unit());
    let serves = unit.filter(|unit| unit.aid == Some(aid.commit.aid));
    aid.arrived_at.is_some()
        || serves.is_some_and(|unit| unit.confirmed_command >= aid.commit.fence.command)
}

/// Who else holds an entry, and how many others keep logs.
fn holders(view: &View, place: Place) -> (Vec<PartyId>, usize) {
    let mut others = view.parties();
    others.retain(|party| *party != place.log.author);
    let holding: Vec<PartyId> = view.custody.holding(place.log, place.seq).collect();
    let count = others.len();
    others.retain(|party| holding.contains(party));
    (others, count)
}

fn held(view: &View, place: Place) -> (String, Style) {
    let known = view.picture.log(place.log);
    let here = if known.is_some_and(|log| log.prefix >= place.seq) {
        say::RECEIVED_HERE
    } else {
        say::NOT_HERE
    };
    let (holders, others) = holders(view, place);
    let names: Vec<String> = holders
        .iter()
        .map(|party| view.ground.short(view.lang(), *party))
        .collect();
    let style = if holders.is_empty() {
        view.colours().attention()
    } else {
        view.colours().text()
    };
    let names = if names.is_empty() {
        String::new()
    } else {
        format!(": {}", names.join(" "))
    };
    let text = format!(
        " #{} {}  {} {}/{others}{names}",
        place.seq,
        view.word(here),
        view.word(say::HELD_BY),
        holders.len(),
    );
    (text, style)
}

fn way(view: &View, place: Place) -> String {
    let over = match view.custody.by_hand_of(place.log, place.seq) {
        None => view.word(say::OWN_TOPIC).to_owned(),
        Some(party) => {
            let member = view.picture.roster().member(party);
            let carried = member.filter(|member| member.role == Role::Operator);
            match carried {
                Some(member) => {
                    let office = view.ground.name(view.lang(), member.office);
                    format!("{} {office}", view.word(say::BY_STICK))
                }
                None => view.ground.name(view.lang(), party),
            }
        }
    };
    format!(" {} {over}", view.word(say::CAME_VIA))
}

/// What came of a report: needs asked, what was bound to them, and how far that went.
fn acted_upon(view: &View, incident: IncidentId) -> String {
    let needs = view.picture.needs();
    let needs = needs.filter(|(_, need)| need.request.incident == incident);
    let needs: Vec<_> = needs.map(|(id, _)| *id).collect();
    let offers: usize = needs
        .iter()
        .map(|need| view.picture.offers_for(*need).count())
        .sum();
    let aids: Vec<&Aid> = needs
        .iter()
        .flat_map(|need| view.picture.aids_for(*need))
        .collect();
    let obeyed = aids.iter().filter(|aid| is_obeyed(view, aid)).count();
    let arrived = aids.iter().filter(|aid| aid.arrived_at.is_some()).count();
    let counted = |label: Label, count: usize| format!("{} {count}", view.word(label));
    let told = [
        (say::NEEDS, needs.len()),
        (say::OFFERS, offers),
        (say::COMMITS, aids.len()),
        (say::OBEYED, obeyed),
        (say::ARRIVED, arrived),
    ];
    let parts: Vec<String> = told
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(label, count)| counted(label, count))
        .collect();
    let parts = if parts.is_empty() {
        view.word(say::NOTHING_YET).to_owned()
    } else {
        parts.join("  ")
    };
    format!(" {}  {parts}", view.word(say::ACTED_UPON))
}
