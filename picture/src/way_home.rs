//! Recall, order home and return: how a commitment ends, by its owner's word.

use protocol::{AidId, Body, Fence, Moment, UnitState};

use crate::aid::{self, AidState};
use crate::author::AuthorState;
use crate::holding::{self, Standing};
use crate::unit;
use crate::void::Void;

impl AuthorState {
    /// Recall, order home and return: the owner's own decisions about its own commitment.
    pub(crate) fn way_home(&mut self, body: &Body) -> Result<(), Void> {
        match body {
            Body::Recall(it) => self.order_home((it.aid, it.fence, it.at), UnitState::Recalled),
            Body::ReturnOrdered(it) => {
                self.order_home((it.aid, it.fence, it.at), UnitState::Released)
            }
            Body::Returned(it) => {
                let aid = aid::live_aid(self, it.aid)?;
                let what = it.aid.to_string();
                if !aid.binds() {
                    let (from, to) = (format!("{:?}", aid.state), "Returned".into());
                    return Err(Void::Step { what, from, to });
                }
                let (wanted, there) =
                    (it.quantity.saturating_add(it.consumed), aid.commit.quantity);
                if wanted > there {
                    return Err(Void::Quantity {
                        what,
                        wanted,
                        there,
                    });
                }
                aid.state = AidState::Returned;
                let resource = aid.commit.resource;
                let holding = holding::of_owner(&mut self.holdings, resource)?;
                match &mut holding.standing {
                    Standing::Unit(unit) => {
                        unit.state = UnitState::Available;
                        unit.aid = None;
                        unit.held = None;
                        unit.eta = None;
                        unit.point = holding.resource.point;
                    }
                    Standing::Stock(stock) => {
                        stock.committed.remove(&it.aid);
                        stock.on_hand = stock.on_hand.saturating_sub(there - it.quantity);
                    }
                }
                holding.as_of = it.at;
                Ok(())
            }
            _ => Err(Void::Unreadable),
        }
    }

    fn order_home(
        &mut self,
        (aid_id, fence, at): (AidId, Fence, Moment),
        to: UnitState,
    ) -> Result<(), Void> {
        let aid = aid::live_aid(self, aid_id)?;
        let what = aid.commit.resource.to_string();
        if aid.state != AidState::Live {
            let (from, to) = (format!("{:?}", aid.state), to.to_string());
            return Err(Void::Step { what, from, to });
        }
        let resource = aid.commit.resource;
        let holding = holding::of_owner(&mut self.holdings, resource)?;
        if holding.fence.is_some_and(|known| fence <= known) {
            return Err(Void::Fence { what });
        }
        let Standing::Unit(unit) = &mut holding.standing else {
            return Err(Void::Step {
                what,
                from: "stock".into(),
                to: to.to_string(),
            });
        };
        if !unit::may_order_home(unit.state) {
            return Err(Void::Step {
                what,
                from: unit.state.to_string(),
                to: to.to_string(),
            });
        }
        unit.state = to;
        unit.held = None;
        unit.eta = None;
        holding.fence = Some(fence);
        holding.as_of = at;
        let aid = aid::live_aid(self, aid_id)?;
        if to == UnitState::Recalled {
            aid.recalled_at = Some(at);
            aid.state = AidState::Recalled;
        } else {
            aid.state = AidState::Released;
        }
        Ok(())
    }
}
