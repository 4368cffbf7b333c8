//! The fleet: the only place that commits, and the only one that orders units.

use std::sync::Arc;

use protocol::{
    AidCommit, AidCommitRefused, AidId, Body, Deciseconds, Direct, Fence, Frame, Moment, NeedId,
    OfferId, OfferLine, Ordered, Recall, RefusalReason, RequestId, ResourceId, ReturnOrdered,
    Returned, Said, Span, Task, Topic, UnitOrder,
};

use picture::{Aid, AidState, AuthorState, OfferState, Standing};

use crate::door::Ticket;
use crate::office::{Office, Turn};

/// How often an order is repeated until its terminal echoes it, drill time.
pub(crate) const REPEAT: Span = Span::seconds(60);

/// How long an order means anything, link time.
pub(crate) const ORDER_LIFE: Span = Span::minutes(10);

/// Commitments that an order to turn names: a crew that has missed more of them than that is asked home.
const TURNS: usize = 8;

/// Who decided a commitment, and on which command.
#[derive(Default)]
pub(crate) struct Decided {
    /// The post.
    pub(crate) by: String,
    /// Why the home floor was broken, if it was.
    pub(crate) override_by: Option<String>,
    /// The command.
    pub(crate) request: Option<RequestId>,
    /// The offer that was accepted.
    pub(crate) offer: Option<OfferId>,
    /// Who ordered it, if not who speaks now: whoever offered what others accepted.
    pub(crate) ordered: Option<Ordered>,
}

impl Office {
    /// Commits a resource to a need, durably, and orders it there once that is on the disk.
    pub(crate) fn commit(
        &mut self,
        turn: &mut Turn,
        need: NeedId,
        (resource, quantity, eta): (ResourceId, u32, Deciseconds),
        decided: Decided,
    ) -> Option<(Ticket, u64)> {
        let asked = self.picture.need(need)?.request.clone();
        let fence = self.next_fence(resource)?;
        let party = self.party();
        let ordered = self.ordered(turn, resource);
        let holding = self.own()?.holdings.get(&resource)?;
        let turned_from = holding.unit().and_then(|unit| unit.aid);
        let pen = self.pen.as_mut()?;
        let number = pen.number();
        let aid = AidId {
            author: party,
            epoch: pen.log().incarnation.epoch,
            number,
        };
        let commit = AidCommit {
            aid,
            resource,
            quantity,
            need,
            incident: asked.incident,
            offer: decided.offer,
            fence,
            lead: need.author,
            to: asked.report_to,
            stands_by: asked.stands_by,
            eta,
            at: turn.now.drill,
            decided_by: decided.by,
            override_by: decided.override_by,
            request: decided.request,
            turned_from,
            ordered: decided.ordered.or(ordered),
        };
        // An entry of ours that means nothing would be written again with every plan. That one was to be
        // written is a fault of ours all the same, and people learn of it.
        match self.write_checked(turn, Body::AidCommit(Arc::new(commit))) {
            Ok(written) => {
                self.order(turn, resource, written.0);
                Some(written)
            }
            Err(why) => {
                let log = self.pen.as_ref()?.log();
                self.alarm_once(turn, ("own-void", party), log, || {
                    format!("{aid} would be void and is not made: {why}")
                });
                None
            }
        }
    }

    pub(crate) fn next_fence(&self, resource: ResourceId) -> Option<Fence> {
        let holding = self.own()?.holdings.get(&resource)?;
        let incarnation = self.incarnation();
        // A terminal may have obeyed more in this life than the log remembers.
        let seen = self.agenda.seen.get(&resource);
        let seen = seen.filter(|seen| seen.incarnation == incarnation);
        let seen = seen.map_or(0, |seen| seen.command);
        // A crew may have confirmed more in a life whose commands are lost. What is not above that would
        // count as confirmed too, and its order, if lost on the way, would never be said again.
        let confirmed = holding.unit().map_or(0, |unit| unit.confirmed_command);
        let command = seen.max(holding.command()).max(confirmed).checked_add(1)?;
        Some(Fence {
            incarnation,
            command,
        })
    }

    /// The order that a unit's log says it should have obeyed last.
    fn standing_order(&self, unit: ResourceId, at: Moment) -> Option<UnitOrder> {
        let own = self.own()?;
        let holding = own.holdings.get(&unit)?;
        let aid = own.aids.get(&holding.unit()?.aid?)?;
        let task = match aid.state {
            AidState::Live => {
                let (incident, to) = (aid.commit.incident, aid.commit.to);
                match turned_from(own, aid) {
                    from if aid.commit.stands_by => Task::Stand { from, to },
                    from if from.is_empty() => Task::Go { incident, to },
                    from => Task::Turn { from, incident, to },
                }
            }
            AidState::Released | AidState::Recalled => Task::Home,
            AidState::Returned | AidState::Redirected | AidState::Lost => return None,
        };
        Some(UnitOrder {
            unit,
            fence: holding.fence?,
            aid: aid.commit.aid,
            task,
            at,
        })
    }

    /// Sends a unit its standing order as soon as the entry behind it is durable.
    fn order(&mut self, turn: &mut Turn, unit: ResourceId, ticket: Ticket) {
        if let Some(frame) = self.order_frame(turn, unit) {
            self.agenda.ordered.insert(unit, turn.now.drill);
            self.agenda.after.push((ticket, frame));
        }
    }

    fn order_frame(&mut self, turn: &Turn, unit: ResourceId) -> Option<Arc<Frame>> {
        let order = self.standing_order(unit, turn.now.drill)?;
        let topic = Topic::Order(self.party());
        Some(self.spoken(turn, topic, Direct::Order(order), ORDER_LIFE))
    }

    /// Repeats orders that no terminal has echoed: one of them may be lost, or this office rebooted.
    pub(crate) fn repeat_orders(&mut self, turn: &mut Turn) {
        let due = |at: &Moment| turn.now.drill.since(*at) >= REPEAT;
        let late: Vec<ResourceId> = self
            .agenda
            .ordered
            .iter()
            .filter(|(_, at)| due(at))
            .map(|(unit, _)| *unit)
            .collect();
        for unit in late {
            let confirmed = self
                .own()
                .and_then(|own| own.holdings.get(&unit))
                .is_none_or(|known| {
                    known.unit().is_none_or(|it| {
                        it.aid.is_none() || it.confirmed_command >= known.command()
                    })
                });
            if confirmed {
                self.agenda.ordered.remove(&unit);
            } else if self.waits_for_the_disk(unit) {
                self.agenda.ordered.insert(unit, turn.now.drill);
            } else if let Some(frame) = self.order_frame(turn, unit) {
                self.agenda.ordered.insert(unit, turn.now.drill);
                // What the order rests on may be younger than the one before, and not durable yet.
                match self.keeping.last_own_pending() {
                    Some(ticket) => self.agenda.after.push((ticket, frame)),
                    None => self.publish(turn, &frame),
                }
            } else {
                self.agenda.ordered.remove(&unit);
            }
        }
    }

    /// Whether an order to the unit waits until the entry behind it is durable.
    fn waits_for_the_disk(&self, unit: ResourceId) -> bool {
        let mut waiting = self.agenda.after.iter().map(|(_, frame)| frame.said());
        waiting.any(|said| {
            matches!(said, Said::Direct { body: Direct::Order(order), .. } if order.unit == unit)
        })
    }

    /// When the next order is repeated, drill time.
    pub(crate) fn repeats_at(&self) -> Option<Moment> {
        self.agenda.ordered.values().min().map(|at| *at + REPEAT)
    }

    /// Orders home what was released or whose need has ended; answers what was accepted.
    pub(crate) fn settle(&mut self, turn: &mut Turn) {
        self.release_what_is_done(turn);
        self.answer_accepts(turn);
        self.look(turn.now.drill);
        for aid in std::mem::take(&mut self.watch.over) {
            if let Err(reason) = self.order_home(turn, aid, None) {
                turn.alarm("own-void", &format!("{aid} cannot be ended: {reason}"));
            }
        }
    }

    /// Orders a unit home, released or recalled. A stock comes back by hand: when it is released it
    /// counts as used up, when it is recalled as brought back.
    pub(crate) fn order_home(
        &mut self,
        turn: &mut Turn,
        aid: AidId,
        recall: Option<String>,
    ) -> Result<(Ticket, u64), String> {
        let known = self.own().and_then(|own| own.aids.get(&aid));
        let known = known.ok_or_else(|| format!("{aid} is no commitment of this office"))?;
        let (resource, quantity) = (known.commit.resource, known.commit.quantity);
        let at = turn.now.drill;
        let holding = self.own().and_then(|own| own.holdings.get(&resource));
        if holding.is_some_and(|holding| holding.unit().is_none()) {
            let used = if recall.is_some() { 0 } else { quantity };
            let back = Returned {
                aid,
                quantity: quantity - used,
                consumed: used,
                at,
            };
            return self.write_checked(turn, Body::Returned(back));
        }
        let fence = self
            .next_fence(resource)
            .ok_or_else(|| format!("{resource} is no resource of this office"))?;
        let body = match recall {
            Some(reason) => Body::Recall(Recall {
                aid,
                fence,
                reason,
                at,
                ordered: self.ordered_of(turn, aid),
            }),
            None => Body::ReturnOrdered(ReturnOrdered { aid, fence, at }),
        };
        let written = self.write_checked(turn, body)?;
        self.order(turn, resource, written.0);
        Ok(written)
    }

    /// Commits what others accepted of our offers, or says why not. The hold runs on our clock.
    fn answer_accepts(&mut self, turn: &mut Turn) {
        for id in std::mem::take(&mut self.agenda.accepted) {
            let Some(known) = self.picture.offer(id) else {
                continue;
            };
            let (offer, state) = (known.offer.clone(), known.state);
            let asked = self.picture.need(offer.need);
            let Some(resources) = asked.and_then(|asked| asked.accepted.get(&id)) else {
                continue;
            };
            let lines: Vec<OfferLine> = offer
                .lines
                .iter()
                .filter(|line| resources.contains(&line.resource))
                .filter(|line| self.is_held_for(line.resource, id))
                .cloned()
                .collect();
            let reason = match state {
                OfferState::Committed | OfferState::Refused => continue,
                OfferState::Ended => RefusalReason::HoldExpired,
                OfferState::Open if offer.hold_until <= turn.now.drill => {
                    RefusalReason::HoldExpired
                }
                OfferState::Open if asked.is_none_or(|asked| asked.ended.is_some()) => {
                    RefusalReason::Withdrawn
                }
                OfferState::Open if lines.is_empty() => RefusalReason::AlreadyCommitted,
                OfferState::Open if !lines.iter().all(|line| self.is_sure_of(line.resource)) => {
                    self.agenda.accepted.insert(id);
                    continue;
                }
                OfferState::Open => {
                    self.lend(turn, offer.need, id, &lines);
                    continue;
                }
            };
            let refused = AidCommitRefused {
                offer: id,
                need: offer.need,
                reason,
                at: turn.now.drill,
            };
            self.write(turn, Body::AidCommitRefused(refused));
        }
    }

    fn is_held_for(&self, resource: ResourceId, offer: OfferId) -> bool {
        let holding = self.own().and_then(|own| own.holdings.get(&resource));
        holding.is_some_and(|holding| match &holding.standing {
            Standing::Unit(unit) => unit.held.is_some_and(|(held, _)| held == offer),
            Standing::Stock(stock) => stock.held.contains_key(&offer),
        })
    }

    fn lend(&mut self, turn: &mut Turn, need: NeedId, offer: OfferId, lines: &[OfferLine]) {
        let known = self.picture.offer(offer);
        let ordered = known.and_then(|known| known.offer.ordered.clone());
        for line in lines {
            let by = ordered.as_ref().map(|ordered| ordered.by.clone());
            let decided = Decided {
                by: by.unwrap_or_else(|| "aid desk".to_owned()),
                offer: Some(offer),
                ordered: ordered.clone(),
                ..Decided::default()
            };
            let what = (line.resource, line.quantity, line.eta);
            self.commit(turn, need, what, decided);
        }
    }
}

/// What a unit was turned away from, the last first, as far as its crew may not have heard of it.
fn turned_from(own: &AuthorState, aid: &Aid) -> Vec<AidId> {
    let before = |id: &AidId| own.aids.get(id).and_then(|aid| aid.commit.turned_from);
    let first = aid.commit.turned_from;
    let chain = std::iter::successors(first, before);
    chain.take(TURNS).collect()
}
