//! The problem of a region's stocks and room. It is small, and made from nothing each time.

use std::collections::BTreeMap;

use protocol::Point;

use super::Refused;
use super::standing::demand;
use crate::board::{Ways, Whole};
use crate::planner::{Allotted, Effort, Stock, Stocks};

/// The most that a plan may look at, in arcs: a thousand needs for what a hundred stocks have take less.
const EFFORT: u64 = 20_000_000;

/// How much of which stock serves which need at the least harm in all.
pub(super) fn allot(whole: &Whole<'_>, refused: &Refused, ways: &mut dyn Ways) -> Allotted {
    let mut stocks = Stocks {
        floors: whole.floors.clone(),
        forbidden: refused.clone(),
        ..Stocks::default()
    };
    for slot in &whole.amounts {
        stocks.demands.insert(slot.need, demand(slot, whole));
    }
    let mut piles = BTreeMap::new();
    for store in &whole.stores {
        let resource = store.stock.resource;
        let stock = Stock {
            resource: resource.resource,
            owner: store.owner,
            kind: resource.kind,
            also: resource.also.clone(),
            free: store.stock.quantity,
        };
        piles.insert(resource.resource, store.stock);
        stocks.stocks.insert(resource.resource, stock);
    }
    let mut eta = |stock: &Stock, to: Point| ways.eta(&piles[&stock.resource], to);
    stocks.allot(&mut eta, &mut Effort::arcs(EFFORT))
}
