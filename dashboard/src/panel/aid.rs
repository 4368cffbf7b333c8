//! Pane 6, aid: needs that neighbours are asked for, and what is lent over borders.

use picture::{Aid, Need};
use protocol::{Audience, NeedId, PartyId};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{Row, framed, list};
use crate::pane::Pane;
use crate::view::View;
use crate::wording as say;

/// ```text
/// ┌ [6] 增援 2/5 ────────────────────────┐
/// │珠 请求增援 排涝车 1/3 (本圈) 答复 2  │
/// │深⇨惠 无人机 x1 在途 12m              │
/// └──────────────────────────────────────┘
/// ```
pub(super) fn draw_aid(frame: &mut Frame<'_>, view: &View, area: Rect) {
    let asked: Vec<(&NeedId, &Need)> = view
        .picture
        .needs()
        .filter(|(_, need)| need.ended.is_none() && need.request.audience > Audience::Own)
        .collect();
    let lent: Vec<(PartyId, &Aid)> = lent(view).collect();
    let more = format!("{}/{}", asked.len(), lent.len());
    let inner = framed(frame, view, (Pane::Aid, area), &more);
    let first = view.scroll.get(&Pane::Aid).copied().unwrap_or(0);
    let total = asked.len() + lent.len();
    let first = first.min(total.saturating_sub(usize::from(inner.height)));
    let asked = asked.into_iter().map(Ok);
    let rows = asked.chain(lent.into_iter().map(Err)).skip(first);
    // Thousands may be lent at once: only what fits is put into words, and one more to show that
    // there is more.
    let shown = usize::from(inner.height) + 1;
    let lines = rows.take(shown).map(|row| match row {
        Ok((id, need)) => asked_line(view, *id, need),
        Err((owner, aid)) => lent_line(view, owner, aid),
    });
    let lines = lines.collect();
    list(frame, view, inner, (lines, 0));
}

/// What is bound over a border, by its owner.
fn lent(view: &View) -> impl Iterator<Item = (PartyId, &Aid)> {
    let authors = view.picture.authors().iter();
    authors
        .flat_map(|(owner, author)| author.state.aids.values().map(move |aid| (*owner, aid)))
        .filter(|(owner, aid)| aid.binds() && aid.commit.incident.author != *owner)
}

fn asked_line(view: &View, id: NeedId, need: &Need) -> Line<'static> {
    let coverage = view.picture.coverage(id);
    let colours = view.colours();
    let style = if coverage.open() > 0 {
        colours.attention()
    } else {
        colours.text()
    };
    let offers = view.picture.offers_for(id).count();
    let text = format!(
        "{} {} {}/{} ({}) {} {offers}",
        view.word(say::ASKED).trim_end_matches(':'),
        view.word(need.request.kind.label()),
        coverage.covered,
        coverage.quantity,
        ring(view, need),
        view.word(say::OFFERS),
    );
    Row::new()
        .left(&view.ground.short(view.lang(), id.author), 2, style)
        .rest(&text, style)
        .line()
}

/// Who is asked, and that units are to stand by, if they are.
pub(super) fn ring(view: &View, need: &Need) -> String {
    let ring = view.word(need.request.audience.label());
    if need.request.stands_by {
        format!("{ring}, {}", view.word(say::TO_STAND_BY))
    } else {
        ring.to_owned()
    }
}

fn lent_line(view: &View, owner: PartyId, aid: &Aid) -> Line<'static> {
    let colours = view.colours();
    let office = |party| view.ground.short(view.lang(), party);
    let holding = view
        .picture
        .state(owner)
        .and_then(|state| state.holdings.get(&aid.commit.resource));
    let name = holding.map_or_else(
        || aid.commit.resource.to_string(),
        |holding| view.word(holding.resource.kind.label()).to_owned(),
    );
    let unit = holding.and_then(|holding| holding.unit());
    let state = unit.map_or("", |unit| view.word(unit.state.label()));
    let eta = holding
        .zip(unit.and_then(|unit| unit.eta))
        .map(|(holding, eta)| {
            let due = holding.as_of + eta.into();
            due.since(view.now()).to_string()
        });
    let text = format!(
        "{name} x{} {state} {}",
        aid.commit.quantity,
        eta.unwrap_or_default()
    );
    let mark = if view.is_stale(owner) { "?" } else { "" };
    Row::new()
        .left(
            &format!(
                "{}{}{}",
                office(owner),
                view.glyphs().arrow(),
                office(aid.commit.incident.author)
            ),
            5,
            colours.aid(),
        )
        .rest(&format!("{}{mark}", text.trim_end()), colours.text())
        .line()
}
