//! The quick start: slots bid for units, which settles most of them before any search.

use super::{Assignment, Effort, NOBODY};

/// With fewer slots than this that look for a unit, searches are as quick and move less.
const BIDDERS_MIN: usize = 16;

/// Bids for each slot that looks for a unit. Whoever is outbid again and again is served by a search.
const BIDS_EACH: usize = 4;

/// What a slot would bid for.
struct Bid {
    unit: u32,
    /// What the unit costs it, price included.
    cost: i64,
    /// What its next best costs it.
    next: i64,
}

impl Assignment {
    /// Lets slots bid until most are served. What is not stays looking.
    ///
    /// A slot takes its cheapest unit and raises that unit's price to where its next best, or staying
    /// unserved, would be as good; whoever had the unit bids again. Worths and prices stay such that
    /// whatever serves costs just what it is worth.
    pub(super) fn bid(&mut self, effort: &mut Effort) -> Option<()> {
        if self.looking.len() < BIDDERS_MIN {
            return Some(());
        }
        let mut bidders: Vec<u32> = self.looking.iter().copied().collect();
        let mut bids = bidders.len() * BIDS_EACH;
        self.looking.clear();
        bidders.reverse();
        while let Some(slot) = bidders.pop() {
            if bids == 0 {
                self.looking.insert(slot);
                continue;
            }
            bids -= 1;
            let Some(bid) = self.best(slot, effort) else {
                self.looking.insert(slot);
                self.looking.extend(bidders);
                return None;
            };
            if let Some(outbid) = self.take(slot, &bid) {
                bidders.push(outbid);
            }
        }
        Some(())
    }

    /// The cheapest for a slot and what its next best costs; arcs stand cheapest first and prices only add.
    fn best(&self, number: u32, effort: &mut Effort) -> Option<Bid> {
        let slot = &self.slots[number as usize];
        let mut bid = Bid {
            unit: NOBODY,
            cost: slot.unmet,
            next: slot.unmet,
        };
        for (looked, arc) in slot.arcs.iter().enumerate() {
            if arc.cost >= bid.next {
                effort.spend(looked)?;
                return Some(bid);
            }
            let cost = arc.cost + self.prices[arc.unit as usize];
            // Of equals one that nobody has, for a bid that raises nothing takes nothing away.
            let idle = cost == bid.cost && self.serves[arc.unit as usize] == NOBODY;
            if cost < bid.cost || (idle && bid.unit != NOBODY) {
                bid = Bid {
                    unit: arc.unit,
                    cost,
                    next: bid.cost,
                };
            } else if cost < bid.next {
                bid.next = cost;
            }
        }
        effort.spend(slot.arcs.len())?;
        Some(bid)
    }

    /// Takes what was bid for; says who is without now.
    fn take(&mut self, number: u32, bid: &Bid) -> Option<u32> {
        let slot = &mut self.slots[number as usize];
        if bid.unit == NOBODY {
            slot.worth = slot.unmet;
            return None;
        }
        let place = bid.unit as usize;
        let before = self.serves[place];
        if before != NOBODY && bid.next == bid.cost {
            // A bid that raises nothing would go back and forth.
            slot.worth = bid.cost;
            self.looking.insert(number);
            return None;
        }
        // What nobody else wants stays free of a price.
        slot.worth = if before == NOBODY { bid.cost } else { bid.next };
        slot.unit = bid.unit;
        self.prices[place] += slot.worth - bid.cost;
        self.serves[place] = number;
        if before == NOBODY {
            return None;
        }
        self.slots[before as usize].unit = NOBODY;
        Some(before)
    }
}
