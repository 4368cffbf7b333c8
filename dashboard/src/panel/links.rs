//! Pane 4, links: which buses carry, who was heard when, what is missing, what was refused.

use std::collections::BTreeMap;

use protocol::{PartyId, missing_from};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{Row, column, framed, list};
use crate::freshness::{Contact, LinkState};
use crate::lang::Lang;
use crate::pane::Pane;
use crate::view::View;
use crate::width::{cut, wrap};
use crate::wording as say;

/// Below this width the number of entries gives way to what is missing.
const ENTRIES_FROM_CELLS: usize = 34;

/// ```text
/// ┌ [4] 链路 12/13 ───────────────────────┐
/// │历时为实时                             │
/// │总线 hub 通 15s                        │
/// │方案一致 14:05 7/9 另案 珠 江           │
/// │珠   在线  12s    #482   完整          │
/// │江   断链  4m     #103   缺3           │
/// │ 缺江门市 3 条消息，自 14:05 起        │
/// │拒收 R02 x3  作废 R11 x2               │
/// └───────────────────────────────────────┘
/// ```
pub(super) fn draw_links(frame: &mut Frame<'_>, view: &View, area: Rect) {
    let (fresh, all) = view.nodes();
    let inner = framed(frame, view, (Pane::Links, area), &format!("{fresh}/{all}"));
    let inner = tell_ages(frame, view, inner);
    let mut lines = Vec::new();
    for (bus, (state, since)) in view.freshness.buses() {
        let (word, style) = match state {
            LinkState::Up => (say::UP, view.colours().text()),
            LinkState::Down => (say::DOWN, view.colours().lost()),
        };
        let age = view.link.since(*since);
        let text = format!("{} {bus} {} {age}", view.word(say::BUS), view.word(word));
        lines.push(Line::styled(text, style));
    }
    if let Some(line) = refusals(view) {
        lines.push(line);
    }
    let cells = usize::from(inner.width);
    lines.extend(plans(view, cells));
    let parties = view.parties().into_iter();
    for party in parties {
        lines.push(line(view, party, cells));
        lines.extend(gap(view, party, cells));
    }
    let first = view.scroll.get(&Pane::Links).copied().unwrap_or(0);
    list(frame, view, inner, (lines, first));
}

/// Says above the rows that links age in real time, where drill time runs at another speed.
fn tell_ages(frame: &mut Frame<'_>, view: &View, inner: Rect) -> Rect {
    let differs = view.clock.as_ref().is_some_and(|it| !it.is_real_time());
    if !differs || inner.height < 2 {
        return inner;
    }
    let text = cut(view.word(say::AGES_ARE_REAL), usize::from(inner.width));
    let first = Rect { height: 1, ..inner };
    frame.render_widget(Line::styled(text, view.colours().dim()), first);
    Rect {
        y: inner.y + 1,
        height: inner.height - 1,
        ..inner
    }
}

fn line(view: &View, party: PartyId, cells: usize) -> Line<'static> {
    let colours = view.colours();
    let hearing = view.freshness.of(party);
    let stale = hearing.is_stale(view.link);
    let (presence, presence_style) = match hearing.presence {
        Contact::Online => (view.word(say::ONLINE), colours.text()),
        Contact::Offline => (view.word(say::OFFLINE), colours.lost()),
        Contact::Unknown => ("-", colours.dim()),
    };
    let age = hearing.age(view.link).map_or_else(
        || view.word(say::NEVER_HEARD).to_owned(),
        |age| {
            if stale {
                format!("{age}?")
            } else {
                age.to_string()
            }
        },
    );
    let entries: u64 = view.picture.authors().get(&party).map_or(0, |author| {
        author.lineage.logs().values().map(|log| log.prefix).sum()
    });
    let words = [say::ONLINE, say::OFFLINE].map(|label| view.word(label));
    let mut row = Row::new()
        .left(&view.ground.short(view.lang(), party), 2, colours.text())
        .left(presence, column(words.into_iter()), presence_style)
        .right(
            &age,
            5,
            if stale {
                colours.attention()
            } else {
                colours.text()
            },
        );
    if cells >= ENTRIES_FROM_CELLS {
        row = row.right(&format!("#{entries}"), 6, colours.dim());
    }
    match hearing.gap_since {
        None if entries == 0 => row.line(),
        None => row.rest(view.word(say::COMPLETE), colours.dim()).line(),
        Some(_) => {
            let text = format!("{}{}", view.word(say::GAP), hearing.missing);
            row.rest(&text, colours.attention()).line()
        }
    }
}

/// What of an author's log is missing and since when, in the words in which it is always told.
fn gap(view: &View, party: PartyId, cells: usize) -> Vec<Line<'static>> {
    let hearing = view.freshness.of(party);
    let Some(since) = hearing.gap_since else {
        return Vec::new();
    };
    let name = view.ground.name(view.lang(), party);
    let since = view.clock_at(since);
    let told = missing_from((&name, &name), hearing.missing, Some(&since));
    let told = match view.lang() {
        Lang::Zh => told.zh,
        Lang::En => told.en,
    };
    let lines = wrap(&told, cells.saturating_sub(1).max(2)).into_iter();
    let style = view.colours().attention();
    lines
        .map(|line| Line::styled(format!(" {line}"), style))
        .collect()
}

/// How many of those who plan for the region came to one plan for one minute, and who did not.
fn plans(view: &View, cells: usize) -> Option<Line<'static>> {
    let alike = view.plans.alike()?;
    let (at, said, others) = (view.clock_at(alike.at), alike.said, &alike.others);
    let same = said - others.len();
    let mut text = format!("{} {at} {same}/{said}", view.word(say::PLANS_ALIKE));
    if others.is_empty() {
        return Some(Line::styled(cut(&text, cells), view.colours().dim()));
    }
    let names = others
        .iter()
        .map(|party| view.ground.short(view.lang(), *party));
    let names: Vec<String> = names.collect();
    text = format!(
        "{text} {} {}",
        view.word(say::PLANS_OTHERWISE),
        names.join(" ")
    );
    Some(Line::styled(cut(&text, cells), view.colours().attention()))
}

/// What was refused at the edge and what was void in the fold, by rule.
fn refusals(view: &View) -> Option<Line<'static>> {
    let mut voids = BTreeMap::<&'static str, u64>::new();
    for author in view.picture.authors().values() {
        for void in &author.state.voids {
            *voids.entry(&*void.code).or_default() += 1;
        }
    }
    let told = |counts: &BTreeMap<&str, u64>| {
        let parts: Vec<String> = counts
            .iter()
            .map(|(code, n)| format!("{code} x{n}"))
            .collect();
        parts.join(" ")
    };
    let mut parts = Vec::new();
    if !view.freshness.refusals().is_empty() {
        parts.push(format!(
            "{} {}",
            view.word(say::REFUSED_COUNT),
            told(view.freshness.refusals())
        ));
    }
    if !voids.is_empty() {
        parts.push(format!("{} {}", view.word(say::VOID_COUNT), told(&voids)));
    }
    (!parts.is_empty()).then(|| Line::styled(parts.join("  "), view.colours().attention()))
}
