//! What an office knows of the whole region when it plans: every office's open needs, the units that
//! could serve them, now or later, and the stocks of which something is free.

use std::collections::BTreeMap;

use picture::{AuthorState, Picture};
use protocol::{Form, Kind, Moment, PartyId, Resource, ResourceId};

use crate::board::{Idle, Reserve, Slot, Store, When, Whole};
use crate::expecting::{Expecting, Learned};
use crate::ground::Ground;
use crate::planner::Sees;

/// What an outlook rests on.
pub(crate) struct Outlook<'a, 'b> {
    pub(crate) us: PartyId,
    pub(crate) picture: &'a Picture,
    pub(crate) learned: &'b Learned,
    /// The moment that is planned for.
    pub(crate) as_of: Moment,
    pub(crate) sees: Sees,
    /// Kinds of which anything is open.
    pub(crate) wanted: &'b [Kind],
    /// Units of this office of which nothing was heard in this life.
    pub(crate) doubted: &'b dyn Fn(ResourceId) -> bool,
    /// Owners that are away.
    pub(crate) away: &'b dyn Fn(PartyId) -> bool,
}

impl<'a> Outlook<'a, '_> {
    /// The whole region; of one's own units that wait those that are sure.
    pub(crate) fn whole(
        &self,
        idle: &[Idle<'a>],
        slots: Vec<Slot>,
        ground: &mut dyn Ground,
    ) -> Whole<'a> {
        let (mut units, mut stores) = (Vec::new(), Vec::new());
        let mut floors = BTreeMap::new();
        for (owner, author) in self.picture.authors() {
            let state = &author.state;
            let kept = state.floors.iter();
            floors.extend(kept.map(|(kind, keep)| ((*owner, *kind), *keep)));
            if *owner == self.us {
                let own = idle.iter().filter(|it| it.resource.form() == Form::Unit);
                units.extend(own.map(|unit| Reserve {
                    owner: *owner,
                    unit: *unit,
                    when: When::Now,
                }));
            }
            if (self.away)(*owner) {
                continue;
            }
            self.reserves(*owner, state, ground, &mut units);
            stores.extend(self.stores(*owner, state));
        }
        let is_for_units = |slot: &Slot| slot.kind.form() == Form::Unit;
        let (slots, amounts) = slots.into_iter().partition(is_for_units);
        let mut whole = Whole {
            us: self.us,
            as_of: self.as_of,
            slots,
            amounts,
            units,
            stores,
            floors,
            roads: 0,
        };
        self.reopen(&mut whole);
        whole
    }

    fn reserves(
        &self,
        owner: PartyId,
        state: &'a AuthorState,
        ground: &mut dyn Ground,
        units: &mut Vec<Reserve<'a>>,
    ) {
        let expecting = Expecting {
            picture: self.picture,
            learned: self.learned,
            as_of: self.as_of,
            turning: self.sees == Sees::Turning,
        };
        for holding in state.holdings.values() {
            let resource = &holding.resource;
            let waits = holding.free() > 0;
            let serves = resource.form() == Form::Unit && self.serves(resource);
            let is_weary = holding.is_weary(self.as_of);
            if !serves || is_weary || (!waits && self.sees < Sees::Ahead) {
                continue;
            }
            if owner == self.us && (waits || (self.doubted)(resource.resource)) {
                continue;
            }
            let Some((point, when)) = expecting.of(holding, ground) else {
                continue;
            };
            let unit = Idle {
                resource,
                point,
                quantity: 1,
                freed: false,
                stands_by: holding.is_standing_by(),
            };
            units.push(Reserve { owner, unit, when });
        }
    }

    /// Whether a resource serves something that is wanted and is counted as it is.
    fn serves(&self, resource: &Resource) -> bool {
        let amount = resource.form() != Form::Unit;
        let alike = |kind: &&Kind| (kind.form() != Form::Unit) == amount;
        let mut wanted = self.wanted.iter().filter(alike);
        wanted.any(|kind| resource.serves(*kind))
    }

    /// An owner's stocks and room of which something is free.
    fn stores(&self, owner: PartyId, state: &'a AuthorState) -> impl Iterator<Item = Store<'a>> {
        let free = state.holdings.values().filter(|it| it.free() > 0);
        let stocks = free.filter(|it| it.resource.form() != Form::Unit);
        let wanted = stocks.filter(|it| self.serves(&it.resource));
        wanted.map(move |holding| Store {
            owner,
            stock: Idle {
                resource: &holding.resource,
                point: holding.point(),
                quantity: holding.free(),
                freed: false,
                stands_by: false,
            },
        })
    }

    /// The part of a unit that drives and could be turned is to be planned too.
    fn reopen(&self, whole: &mut Whole<'_>) {
        let mut driven: BTreeMap<_, u32> = BTreeMap::new();
        for reserve in &whole.units {
            if let When::Turned(drive) = reserve.when
                && let Some(need) = drive.need
            {
                *driven.entry(need).or_default() += 1;
            }
        }
        for slot in &mut whole.slots {
            slot.open += driven.remove(&slot.need).unwrap_or(0);
        }
        for (need, count) in driven {
            if let Some(asked) = self.picture.need(need) {
                whole.slots.push(Slot::of(asked, count));
            }
        }
        whole.slots.sort_by_key(|slot| slot.need);
    }
}
