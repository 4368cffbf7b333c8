//! The fleet: the only place that commits, and the only one that orders units.

use std::sync::Arc;

use protocol::{
    AidCommit, AidCommitRefused, AidId, Body, Deciseconds, Direct, Fence, Frame, Moment, NeedId,
    OfferId, Recall, RefusalReason, RequestId, ResourceId, ReturnOrdered, Returned, Span,
    StatusSource, Task, Topic, UnitOrder, UnitReport, UnitState, UnitStatus,
};

use picture::{AidState, OfferState};

use crate::door::Ticket;
use crate::office::{Office, Turn};

/// How often an order is repeated until its terminal echoes it, drill time.
const REPEAT: Span = Span::seconds(60);

/// How long an order means anything, link time.
const ORDER_LIFE: Span = Span::minutes(10);

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
}

impl Office {
    /// Commits a resource to a need, durably, and orders it there once that is on the disk.
    pub(crate) fn commit(
        &mut self,
        turn: &mut Turn,
        (need, resource, eta): (NeedId, ResourceId, Deciseconds),
        decided: Decided,
    ) -> Option<(Ticket, u64)> {
        let asked = self.picture.need(need)?.request.clone();
        let fence = self.next_fence(resource)?;
        let quantity = self.offered_quantity(decided.offer, resource);
        let party = self.party();
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
            eta,
            at: turn.now.drill,
            decided_by: decided.by,
            override_by: decided.override_by,
            request: decided.request,
        };
        let written = self.write(turn, Body::AidCommit(commit))?;
        self.order(turn, resource, written.0);
        Some(written)
    }

    fn offered_quantity(&self, offer: Option<OfferId>, resource: ResourceId) -> u32 {
        let known = offer.and_then(|offer| self.picture.offer(offer));
        let line = known.and_then(|known| {
            known
                .offer
                .lines
                .iter()
                .find(|line| line.resource == resource)
        });
        line.map_or(1, |line| line.quantity)
    }

    fn next_fence(&self, resource: ResourceId) -> Option<Fence> {
        let holding = self.own()?.holdings.get(&resource)?;
        Some(Fence {
            incarnation: self.incarnation(),
            command: holding.command() + 1,
        })
    }

    /// The order that a unit's log says it should have obeyed last.
    fn standing_order(&self, unit: ResourceId, at: Moment) -> Option<UnitOrder> {
        let own = self.own()?;
        let holding = own.holdings.get(&unit)?;
        let aid = own.aids.get(&holding.unit()?.aid?)?;
        let task = match aid.state {
            AidState::Live => Task::Go {
                incident: aid.commit.incident,
                to: aid.commit.to,
            },
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
            } else if let Some(frame) = self.order_frame(turn, unit) {
                self.agenda.ordered.insert(unit, turn.now.drill);
                self.publish(turn, &frame);
            }
        }
    }

    /// When the next order is repeated, drill time.
    pub(crate) fn repeats_at(&self) -> Option<Moment> {
        self.agenda.ordered.values().min().map(|at| *at + REPEAT)
    }

    /// A crew terminal speaks.
    pub(crate) fn unit_reported(&mut self, turn: &mut Turn, report: &UnitReport) {
        let Some(holding) = self.own().and_then(|own| own.holdings.get(&report.unit)) else {
            self.hearing.refuse("R10");
            return;
        };
        let Some(unit) = holding.unit() else {
            self.hearing.refuse("R11");
            return;
        };
        let command = report.fence.map_or(0, |fence| fence.command);
        // A report made before the last command reached the terminal says nothing about now.
        if report.fence < holding.fence {
            return;
        }
        let home = matches!(report.state, UnitState::Available | UnitState::Rehab);
        if let Some(aid) = unit.aid
            && home
        {
            self.unit_home(turn, report, aid);
            return;
        }
        let news = unit.state != report.state
            || unit.confirmed_command < command
            || (report.work_done && self.work_not_known_done(unit.aid));
        let fits = unit.aid == report.aid && picture::may_report(unit.state, report.state);
        if !news || !fits {
            return;
        }
        let status = UnitStatus {
            unit: report.unit,
            state: report.state,
            as_of: report.at,
            aid: report.aid,
            point: Some(report.point),
            eta: report.eta,
            work_done: report.work_done,
            source: StatusSource::Terminal {
                last_command: command,
            },
        };
        self.write(turn, Body::UnitStatus(status));
        self.agenda.plan = true;
    }

    fn work_not_known_done(&self, aid: Option<AidId>) -> bool {
        aid.and_then(|aid| self.picture.aid(aid))
            .is_some_and(|aid| aid.done_at.is_none())
    }

    /// A unit is home: its commitment ends, and it may serve again.
    fn unit_home(&mut self, turn: &mut Turn, report: &UnitReport, aid: AidId) {
        let ordered_home = self
            .picture
            .aid(aid)
            .is_some_and(|aid| matches!(aid.state, AidState::Released | AidState::Recalled));
        if !ordered_home {
            return;
        }
        let returned = Returned {
            aid,
            quantity: 1,
            consumed: 0,
            at: report.at,
        };
        if self.write(turn, Body::Returned(returned)).is_some() {
            self.agenda.ordered.remove(&report.unit);
            self.agenda.freed.insert(report.unit);
        }
    }

    /// Orders home what was released or whose need has ended; answers what was accepted.
    pub(crate) fn settle(&mut self, turn: &mut Turn) {
        self.release_what_is_done(turn);
        self.answer_accepts(turn);
        let released: Vec<AidId> = self
            .agenda
            .aids
            .iter()
            .filter_map(|aid| self.picture.aid(*aid))
            .filter(|aid| aid.state == AidState::Live)
            .filter(|aid| self.is_released(aid.commit.aid, aid.commit.need))
            .map(|aid| aid.commit.aid)
            .collect();
        for aid in released {
            self.order_home(turn, aid, None);
        }
    }

    fn is_released(&self, aid: AidId, need: NeedId) -> bool {
        let asker = self.picture.state(need.author);
        let said = asker.is_some_and(|asker| asker.released.contains_key(&aid));
        said || asker
            .and_then(|asker| asker.needs.get(&need))
            .is_some_and(|need| need.ended.is_some())
    }

    /// Orders a unit home, released or recalled; stock is counted back at once.
    pub(crate) fn order_home(
        &mut self,
        turn: &mut Turn,
        aid: AidId,
        recall: Option<String>,
    ) -> Option<(Ticket, u64)> {
        let resource = self.picture.aid(aid)?.commit.resource;
        let at = turn.now.drill;
        let holding = self.own()?.holdings.get(&resource)?;
        if holding.unit().is_none() {
            let quantity = self.picture.aid(aid)?.commit.quantity;
            let back = Returned {
                aid,
                quantity: 0,
                consumed: quantity,
                at,
            };
            return self.write(turn, Body::Returned(back));
        }
        let fence = self.next_fence(resource)?;
        let body = match recall {
            Some(reason) => Body::Recall(Recall {
                aid,
                fence,
                reason,
                at,
            }),
            None => Body::ReturnOrdered(ReturnOrdered { aid, fence, at }),
        };
        let written = self.write(turn, body)?;
        self.order(turn, resource, written.0);
        Some(written)
    }

    /// Commits what others accepted of our offers, or says why not. The hold runs on our clock.
    fn answer_accepts(&mut self, turn: &mut Turn) {
        let mut accepted = Vec::new();
        for id in std::mem::take(&mut self.agenda.accepted) {
            let Some(offer) = self.picture.offer(id) else {
                continue;
            };
            let need = self.picture.need(offer.offer.need);
            let resources = need.and_then(|need| need.accepted.get(&id));
            if let (OfferState::Open | OfferState::Ended, Some(resources)) =
                (offer.state, resources)
            {
                accepted.push((offer.offer.clone(), offer.state, resources.clone()));
            }
        }
        for (offer, state, resources) in accepted {
            let ended = self
                .picture
                .need(offer.need)
                .is_none_or(|need| need.ended.is_some());
            let refusal = if state == OfferState::Ended || offer.hold_until <= turn.now.drill {
                Some(RefusalReason::HoldExpired)
            } else if ended {
                Some(RefusalReason::Withdrawn)
            } else {
                None
            };
            if let Some(reason) = refusal {
                let (offer, need, at) = (offer.offer, offer.need, turn.now.drill);
                let refused = AidCommitRefused {
                    offer,
                    need,
                    reason,
                    at,
                };
                self.write(turn, Body::AidCommitRefused(refused));
                continue;
            }
            for line in offer
                .lines
                .iter()
                .filter(|line| resources.contains(&line.resource))
            {
                let by = "aid desk".to_owned();
                let decided = Decided {
                    by,
                    offer: Some(offer.offer),
                    ..Decided::default()
                };
                self.commit(turn, (offer.need, line.resource, line.eta), decided);
            }
        }
    }
}
