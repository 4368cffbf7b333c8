//! Units, stock, offers that hold and units that are lent: own ones one by one, others' by city.

use std::collections::BTreeMap;

use maud::{Markup, html};
use picture::{Aid, Holding, OfferState, Standing};
use protocol::{PartyId, ResourceId, UnitState};

use super::super::speech::{t, word};
use super::{Head, said, table};
use crate::paper::Paper;

/// The office's units, each with room for what it does next.
pub(super) fn units(paper: &Paper) -> Markup {
    let heads = [
        Head("本单位队伍", "own units"),
        Head("类别", "kind"),
        Head("状态", "state"),
        Head("任务", "serves"),
        Head("截至", "as of"),
        Head("变化（手写）", "changes, by hand"),
    ];
    let row = |(id, holding): (&ResourceId, &Holding)| {
        let unit = holding.unit()?;
        let serves = unit.aid.and_then(|aid| paper.picture.aid(aid));
        Some(vec![
            html! { (said(&holding.resource.name)) br; span class="id" { (id) } },
            word(holding.resource.kind.label()),
            word(unit.state.label()),
            html! { @if let Some(aid) = serves { (paper.names.name(aid.commit.incident.author)) " " span class="id" { (aid.commit.incident) } } @else { "–" } },
            when(paper, holding),
            html! {},
        ])
    };
    let rows = own(paper).filter_map(row).collect();
    table(paper, ("本单位队伍", "Units of this office"), &heads, rows)
}

/// The office's stock and room.
pub(super) fn stock(paper: &Paper) -> Markup {
    let heads = [
        Head("物资与容量", "stock and room"),
        Head("类别", "kind"),
        Head("现有", "on hand"),
        Head("可用", "free"),
        Head("截至", "as of"),
        Head("清点（手写）", "count, by hand"),
    ];
    let row = |(id, holding): (&ResourceId, &Holding)| {
        let Standing::Stock(stock) = &holding.standing else {
            return None;
        };
        Some(vec![
            html! { (said(&holding.resource.name)) br; span class="id" { (id) } },
            word(holding.resource.kind.label()),
            html! { (stock.on_hand) " " (said(&holding.resource.measure)) },
            html! { (stock.free()) },
            when(paper, holding),
            html! {},
        ])
    };
    let rows = own(paper).filter_map(row).collect();
    table(paper, ("本单位物资", "Stock of this office"), &heads, rows)
}

/// Offers of the office that hold.
pub(super) fn offers(paper: &Paper) -> Markup {
    let heads = [
        Head("答复", "offer"),
        Head("对方", "to"),
        Head("资源", "what"),
        Head("预留至", "held until"),
    ];
    let state = paper.picture.state(paper.order.office);
    let offers = state.into_iter().flat_map(|state| state.offers.values());
    let open = offers.filter(|offer| offer.state == OfferState::Open);
    let rows = open.map(|offer| {
        let offer = &offer.offer;
        vec![
            html! { span class="id" { (offer.offer) } },
            html! { (paper.names.name(offer.need.author)) " " span class="id" { (offer.need) } },
            html! { @for line in &offer.lines { span class="id" { (line.resource) } " x" (line.quantity) " " } },
            html! { (paper.clock(offer.hold_until)) },
        ]
    });
    table(
        paper,
        ("本单位预留中的答复", "Offers of this office that hold"),
        &heads,
        rows.collect(),
    )
}

/// What crosses a border: lent by the office, and lent to it.
pub(super) fn lent(paper: &Paper) -> Markup {
    let heads = [
        Head("出借方", "owner"),
        Head("借用方", "to"),
        Head("资源", "what"),
        Head("调派", "committed"),
        Head("到场", "arrived"),
        Head("归建（手写）", "back, by hand"),
    ];
    let us = paper.order.office;
    let ours = |(owner, aid): &(PartyId, &Aid)| {
        let to = aid.commit.incident.author;
        aid.binds() && *owner != to && (*owner == us || to == us)
    };
    let authors = paper.picture.authors().iter();
    let aids = authors.flat_map(|(owner, it)| it.state.aids.values().map(move |aid| (*owner, aid)));
    let rows = aids.filter(ours).map(|(owner, aid)| {
        vec![
            html! { (paper.names.name(owner)) },
            html! { (paper.names.name(aid.commit.incident.author)) " " span class="id" { (aid.commit.incident) } },
            html! { span class="id" { (aid.commit.resource) } " x" (aid.commit.quantity) },
            html! { (paper.clock(aid.commit.at)) },
            html! { (aid.arrived_at.map_or_else(|| "–".to_owned(), |at| paper.clock(at))) },
            html! {},
        ]
    });
    let title = ("本单位借出与借入", "Lent by this office and to it");
    table(paper, title, &heads, rows.collect())
}

/// Units of every city by what they do.
pub(super) fn region(paper: &Paper) -> Markup {
    const GROUPS: [(&str, &str); 6] = [
        ("可用", "available"),
        ("预留", "held"),
        ("出动", "on the way"),
        ("在场", "at work"),
        ("返回", "coming home"),
        ("停用", "out"),
    ];
    let mut heads = vec![Head("城市", "city")];
    heads.extend(GROUPS.map(|(zh, en)| Head(zh, en)));
    heads.push(Head("合计", "in all"));
    let mut cities: BTreeMap<PartyId, [u64; 6]> = BTreeMap::new();
    for (author, known) in paper.picture.authors() {
        for unit in known.state.holdings.values().filter_map(Holding::unit) {
            cities.entry(*author).or_default()[group(unit.state)] += 1;
        }
    }
    let rows = cities.into_iter().map(|(city, counts)| {
        let mut row = vec![html! { (paper.names.name(city)) }];
        row.extend(counts.map(|count| html! { @if count == 0 { "–" } @else { (count) } }));
        row.push(html! { (counts.iter().sum::<u64>()) });
        row
    });
    let title = ("各市队伍", "Units by city and state");
    table(paper, title, &heads, rows.collect())
}

const fn group(state: UnitState) -> usize {
    match state {
        UnitState::Available => 0,
        UnitState::Held | UnitState::AwaitingAuthority => 1,
        UnitState::Committed | UnitState::Mobilising | UnitState::EnRouteOut => 2,
        UnitState::Staged | UnitState::Working => 3,
        UnitState::Released | UnitState::Recalled | UnitState::EnRouteHome | UnitState::Rehab => 4,
        UnitState::OutOfService | UnitState::Damaged | UnitState::Lost => 5,
    }
}

fn own(paper: &Paper) -> impl Iterator<Item = (&ResourceId, &Holding)> {
    let state = paper.picture.state(paper.order.office);
    state.into_iter().flat_map(|state| &state.holdings)
}

/// When a holding was last heard of; what never was stands as its inventory said.
fn when(paper: &Paper, holding: &Holding) -> Markup {
    html! {
        @if holding.as_of == protocol::Moment::default() { (t("台账", "as listed")) }
        @else { (paper.clock(holding.as_of)) }
    }
}
