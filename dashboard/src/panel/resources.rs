//! Pane 2, resources: a row a city, a column a kind, each free of all. Nothing here is guessed: a
//! city that is not heard has its age beside its numbers.

use std::collections::BTreeMap;

use picture::{Holding, Standing};
use protocol::{Form, Kind, PartyId};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use super::{Row, column, framed, list};
use crate::pane::Pane;
use crate::view::View;
use crate::width::width;
use crate::wording as say;

/// Least and most cells of a column of `free/all`.
const COUNT_CELLS: (usize, usize) = (7, 12);

/// Cells kept for the age of a city that is not heard.
const AGE_CELLS: usize = 6;

/// Free and all of one kind.
#[derive(Clone, Copy, Default)]
struct Count {
    free: u32,
    all: u32,
}

/// What the cities have, by kind; under no kind all units of a city together.
struct Ledger {
    counts: BTreeMap<(PartyId, Option<Kind>), Count>,
    kinds: Vec<Kind>,
    demo: bool,
}

/// ```text
/// ┌ [2] 资源 演示数据 ───────────────────────────────────┐
/// │城市  队伍    消防救援 排涝车  医疗队  沙袋      +12  │
/// │珠    12/20   4/6      0/3     2/2     900/1000       │
/// └──────────────────────────────────────────────────────┘
/// ```
pub(super) fn draw_resources(frame: &mut Frame<'_>, view: &View, area: Rect) {
    let ledger = ledger(view);
    let more = if ledger.demo {
        view.word(say::DEMO_DATA)
    } else {
        ""
    };
    let inner = framed(frame, view, (Pane::Resources, area), more);
    let first = view.scroll.get(&Pane::Resources).copied().unwrap_or(0);
    let city = column(
        view.ground
            .cities()
            .map(|seat| view.lang().term(&seat.short)),
    )
    .max(column(std::iter::once(view.word(say::COL_OFFICE))))
    .max(4);
    let first = first.min(ledger.kinds.len().saturating_sub(1));
    let room = usize::from(inner.width).saturating_sub(city + 1 + AGE_CELLS);
    let columns = columns(view, &ledger.kinds[first..], room);
    let hidden = ledger.kinds.len() + 1 - columns.len();
    let mut lines = vec![heading(view, city, &columns, hidden)];
    for seat in view.ground.cities() {
        lines.push(line(view, &ledger, seat.party, (city, &columns)));
    }
    list(frame, view, inner, (lines, 0));
}

/// The columns that fit: all units first, then kind by kind, each as wide as its name allows.
fn columns(view: &View, kinds: &[Kind], room: usize) -> Vec<(Option<Kind>, usize)> {
    let mut columns = Vec::new();
    let mut used = 0;
    for kind in std::iter::once(None).chain(kinds.iter().copied().map(Some)) {
        let cells = width(name(view, kind)).clamp(COUNT_CELLS.0, COUNT_CELLS.1);
        used += cells + 1;
        if used > room && columns.len() > 1 {
            break;
        }
        columns.push((kind, cells));
    }
    columns
}

fn name(view: &View, kind: Option<Kind>) -> &'static str {
    view.word(kind.map_or(say::COL_ALL, Kind::label))
}

fn heading(
    view: &View,
    city: usize,
    columns: &[(Option<Kind>, usize)],
    hidden: usize,
) -> Line<'static> {
    let style = view.colours().heading();
    let mut row = Row::new().left(view.word(say::COL_OFFICE), city, style);
    for (kind, cells) in columns {
        row = row.right(name(view, *kind), *cells, style);
    }
    if hidden > 0 {
        row = row.rest(&format!("+{hidden}"), view.colours().dim());
    }
    row.line()
}

fn line(
    view: &View,
    ledger: &Ledger,
    party: PartyId,
    (city, columns): (usize, &[(Option<Kind>, usize)]),
) -> Line<'static> {
    let colours = view.colours();
    let old = view.is_stale(party);
    let plain = if old { colours.dim() } else { colours.text() };
    let mut row = Row::new().left(&view.ground.short(view.lang(), party), city, plain);
    for (kind, cells) in columns {
        let known = ledger.counts.get(&(party, *kind));
        let (text, style) = count(known, plain, colours.attention());
        row = row.right(&text, *cells, style);
    }
    if old {
        let age = view.freshness.of(party).age(view.link);
        let age = age.map_or_else(|| "?".to_owned(), |age| format!("{age}?"));
        row = row.rest(&age, colours.attention());
    }
    row.line()
}

fn count(count: Option<&Count>, plain: Style, none_left: Style) -> (String, Style) {
    match count {
        None => ("-".to_owned(), plain),
        Some(Count { free: 0, all }) if *all > 0 => (format!("0/{all}"), none_left),
        Some(Count { free, all }) => (format!("{free}/{all}"), plain),
    }
}

fn ledger(view: &View) -> Ledger {
    let mut counts = BTreeMap::<(PartyId, Option<Kind>), Count>::new();
    let mut demo = false;
    for (party, author) in view.picture.authors() {
        for holding in author.state.holdings.values() {
            let kind = holding.resource.kind;
            demo |= holding.resource.demo;
            let (free, all) = (holding.free(), whole(holding));
            let units = (kind.form() == Form::Unit).then_some(None);
            for column in std::iter::once(Some(kind)).chain(units) {
                let count = counts.entry((*party, column)).or_default();
                count.free += free;
                count.all += all;
            }
        }
    }
    let mut kinds: Vec<Kind> = counts.keys().filter_map(|(_, kind)| *kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    Ledger {
        counts,
        kinds,
        demo,
    }
}

fn whole(holding: &Holding) -> u32 {
    match &holding.standing {
        Standing::Unit(_) => 1,
        Standing::Stock(stock) => stock.on_hand,
    }
}
