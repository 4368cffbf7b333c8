//! Resources of one author: where each unit is, and what of each stock is free, held and gone.

use std::collections::BTreeMap;

use protocol::{
    AidId, Deciseconds, Fence, Form, Moment, OfferId, Point, Resource, ResourceId, Span,
    StatusSource, StockStatus, UnitState, UnitStatus,
};
use serde::{Deserialize, Serialize};

use crate::unit;
use crate::void::Void;

/// How long a crew is at home before another has relieved it (ours, estimated).
const RELIEF: Span = Span::minutes(30);

/// A resource and its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// What it is.
    pub resource: Resource,
    /// How it stands.
    pub standing: Standing,
    /// When that was true, drill time.
    pub as_of: Moment,
    /// The last fence that its owner committed or commanded it under.
    pub fence: Option<Fence>,
}

/// How a resource stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// A unit: in exactly one state.
    Unit(UnitStanding),
    /// A stock or a capacity: how much is free, held and committed.
    Stock(StockStanding),
}

/// Where a unit is in its life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitStanding {
    /// Its state.
    pub state: UnitState,
    /// The commitment that it serves; set exactly while it is deployed.
    pub aid: Option<AidId>,
    /// Whether that is to stand by; once it is staged there it is free.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stands_by: bool,
    /// Since when its crew is out and was not relieved at home; only for units whose crews have shifts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out_since: Option<Moment>,
    /// The offer that holds it and until when; set while it is held, and at times while it stands by.
    pub held: Option<(OfferId, Moment)>,
    /// Where it was last seen.
    pub point: Point,
    /// How long it still travelled, at [`Holding::as_of`].
    pub eta: Option<Deciseconds>,
    /// The last command that its terminal or its dispatcher's read-back confirmed.
    pub confirmed_command: u32,
}

/// What there is of a stock: `on_hand = free + held + committed`, always (I4).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StockStanding {
    /// Counted.
    pub on_hand: u32,
    /// Held for offers, by offer, each until a time.
    pub held: BTreeMap<OfferId, (u32, Moment)>,
    /// Committed, by commitment.
    pub committed: BTreeMap<AidId, u32>,
}

impl StockStanding {
    /// What is neither held nor committed.
    pub fn free(&self) -> u32 {
        let held: u32 = self.held.values().map(|(quantity, _)| quantity).sum();
        let committed: u32 = self.committed.values().sum();
        self.on_hand.saturating_sub(held).saturating_sub(committed)
    }
}

impl UnitStanding {
    /// Whether it is where it stands by 前置, away from home and ready to go.
    pub fn is_standing_by(&self) -> bool {
        self.stands_by && self.aid.is_some() && self.state == UnitState::Staged
    }

    /// Whether it could be offered or committed: it waits at home, or stands by, and nothing holds it.
    pub fn is_free(&self) -> bool {
        let waits = self.state == UnitState::Available || self.is_standing_by();
        waits && self.held.is_none()
    }
}

impl Holding {
    pub(crate) fn new(resource: Resource, as_of: Moment) -> Self {
        let standing = match resource.form() {
            Form::Unit => Standing::Unit(UnitStanding {
                state: UnitState::Available,
                aid: None,
                stands_by: false,
                out_since: None,
                held: None,
                point: resource.point,
                eta: None,
                confirmed_command: 0,
            }),
            Form::Stock | Form::Capacity => Standing::Stock(StockStanding {
                on_hand: resource.quantity,
                ..StockStanding::default()
            }),
        };
        Self {
            resource,
            standing,
            as_of,
            fence: None,
        }
    }

    /// The unit's standing, if it is a unit.
    pub fn unit(&self) -> Option<&UnitStanding> {
        match &self.standing {
            Standing::Unit(unit) => Some(unit),
            Standing::Stock(_) => None,
        }
    }

    /// Where it is: where a unit was last seen, and otherwise its home.
    pub fn point(&self) -> Point {
        self.unit().map_or(self.resource.point, |unit| unit.point)
    }

    /// How much of it could be offered or committed now; 1 or 0 for a unit.
    pub fn free(&self) -> u32 {
        match &self.standing {
            Standing::Unit(unit) => u32::from(unit.is_free()),
            Standing::Stock(stock) => stock.free(),
        }
    }

    /// Whether its crew has been out for its shift and was not relieved at home since. Who stands by rests,
    /// and is there for what happens.
    pub fn is_weary(&self, now: Moment) -> bool {
        if self.is_standing_by() {
            return false;
        }
        self.resource
            .shift
            .zip(self.unit().and_then(|unit| unit.out_since))
            .is_some_and(|(shift, since)| now.since(since) >= shift && !self.is_relieved(now))
    }

    /// When its crew is relieved, if it is at home and waits for that.
    pub fn relieved_at(&self) -> Option<Moment> {
        let unit = self.unit()?;
        let at_home = matches!(unit.state, UnitState::Available | UnitState::Held);
        (at_home && unit.out_since.is_some()).then(|| self.as_of + RELIEF)
    }

    pub(crate) fn is_relieved(&self, now: Moment) -> bool {
        self.relieved_at().is_some_and(|at| at <= now)
    }

    /// Its crew sets out, relieved before that or once more.
    pub(crate) fn set_out(&mut self, at: Moment, is_relieved: bool) {
        let has_shifts = self.resource.shift.is_some();
        if let Standing::Unit(unit) = &mut self.standing {
            let since = unit.out_since.filter(|_| !is_relieved);
            unit.out_since = has_shifts.then(|| since.unwrap_or(at));
        }
    }

    /// Whether it is a unit that stands by, away from home and ready to go.
    pub fn is_standing_by(&self) -> bool {
        self.unit().is_some_and(UnitStanding::is_standing_by)
    }

    /// The number of the last command given to it.
    pub fn command(&self) -> u32 {
        self.fence.map_or(0, |fence| fence.command)
    }
}

/// A unit's state, reported.
pub(crate) fn unit_status(holding: &mut Holding, status: &UnitStatus) -> Result<(), Void> {
    let what = || status.unit.to_string();
    let Standing::Unit(unit) = &mut holding.standing else {
        return Err(Void::Step {
            what: what(),
            from: "stock".into(),
            to: "a unit's state".into(),
        });
    };
    let step = || Void::Step {
        what: what(),
        from: unit.state.to_string(),
        to: status.state.to_string(),
    };
    if !unit::may_report(unit.state, status.state) {
        return Err(step());
    }
    if unit::is_deployed(status.state) && status.aid != unit.aid {
        return Err(step());
    }
    unit.state = status.state;
    if !unit.is_standing_by() {
        unit.held = None;
    }
    unit.eta = status.eta;
    if let Some(point) = status.point {
        unit.point = point;
    }
    // A dispatcher who enters a state has read the last order back and heard it confirmed.
    let confirmed = match status.source {
        StatusSource::Terminal { last_command } => last_command,
        StatusSource::Proxy { .. } => holding.fence.map_or(0, |fence| fence.command),
        StatusSource::Office => 0,
    };
    unit.confirmed_command = unit.confirmed_command.max(confirmed);
    holding.as_of = status.as_of;
    Ok(())
}

/// A stock, counted.
pub(crate) fn stock_status(holding: &mut Holding, status: &StockStatus) -> Result<(), Void> {
    let what = status.resource.to_string();
    let Standing::Stock(stock) = &mut holding.standing else {
        return Err(Void::Step {
            what,
            from: "unit".into(),
            to: "a count".into(),
        });
    };
    let bound = stock.on_hand - stock.free();
    if status.on_hand < bound {
        return Err(Void::Quantity {
            what,
            wanted: bound,
            there: status.on_hand,
        });
    }
    stock.on_hand = status.on_hand;
    holding.as_of = status.as_of;
    Ok(())
}

/// Holds a resource for an offer.
pub(crate) fn hold(
    holding: &mut Holding,
    offer: (OfferId, Moment),
    quantity: u32,
) -> Result<(), Void> {
    let there = holding.free();
    if quantity == 0 || quantity > there {
        let what = holding.resource.resource.to_string();
        return Err(Void::Quantity {
            what,
            wanted: quantity,
            there,
        });
    }
    match &mut holding.standing {
        Standing::Unit(unit) => {
            // Who stands by is still there while it is held.
            if unit.state == UnitState::Available {
                unit.state = UnitState::Held;
            }
            unit.held = Some(offer);
        }
        Standing::Stock(stock) => {
            stock.held.insert(offer.0, (quantity, offer.1));
        }
    }
    Ok(())
}

/// Ends the hold of an offer on a resource, if there is one.
pub(crate) fn unhold(holding: &mut Holding, offer: OfferId) {
    match &mut holding.standing {
        Standing::Unit(unit) if unit.held.is_some_and(|(held, _)| held == offer) => {
            if unit.state == UnitState::Held {
                unit.state = UnitState::Available;
            }
            unit.held = None;
        }
        Standing::Unit(_) => {}
        Standing::Stock(stock) => {
            stock.held.remove(&offer);
        }
    }
}

/// Finds a resource of this author.
pub(crate) fn of_owner(
    holdings: &mut BTreeMap<ResourceId, Holding>,
    resource: ResourceId,
) -> Result<&mut Holding, Void> {
    holdings
        .get_mut(&resource)
        .ok_or_else(|| Void::NotTheOwner {
            what: resource.to_string(),
        })
}
