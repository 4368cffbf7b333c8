//! What an operator finds when looking around: the ids that the next command takes.

use protocol::{
    Action, AidListing, IncidentId, NeedId, NeedListing, OfferListing, Outcome, ResourceListing,
    limit,
};

use picture::{Aid, Holding, Need, Offer};

use crate::lending::promised;
use crate::office::{Office, Turn};

impl Office {
    /// The answer to a question that changes nothing; `None` if the action is none.
    pub(crate) fn look_around(&mut self, turn: &Turn, action: &Action) -> Option<Outcome> {
        match action {
            Action::Proposals { incident } => Some(self.proposals_listed(turn, *incident)),
            Action::Needs => Some(self.needs_listed(turn)),
            Action::Resources => Some(self.resources_listed(turn)),
            _ => None,
        }
    }

    fn proposals_listed(&mut self, turn: &Turn, incident: Option<IncidentId>) -> Outcome {
        let (proposals, more) = self.proposals(turn, incident);
        Outcome::Proposals {
            proposals,
            more: u32::try_from(more).unwrap_or(u32::MAX),
        }
    }

    /// Needs that have not ended: this office's own first, then those that ask it, the most urgent
    /// and oldest of each first.
    fn needs_listed(&self, turn: &Turn) -> Outcome {
        let own = self.agenda.own_needs.iter();
        let known = own.chain(&self.agenda.asked);
        let known = known.filter_map(|id| Some((*id, self.picture.need(*id)?)));
        let open = known.filter(|(_, need)| need.ended.is_none());
        let mut needs: Vec<(NeedId, &Need)> = open.collect();
        let us = self.party();
        needs.sort_by_key(|(id, need)| {
            let asked = &need.request;
            (id.author != us, asked.severity, asked.asked_at, *id)
        });
        let more = needs.len().saturating_sub(limit::LISTED);
        needs.truncate(limit::LISTED);
        Outcome::Needs {
            needs: needs.iter().map(|(_, need)| self.listed(need)).collect(),
            more: u32::try_from(more).unwrap_or(u32::MAX),
            now: turn.now.drill,
        }
    }

    fn listed(&self, need: &Need) -> NeedListing {
        let asked = &need.request;
        let incident = self.picture.incident(asked.incident);
        let aids = self.picture.aids_for(asked.need);
        let aids = aids.filter(|aid| aid.binds()).take(limit::LISTED);
        let offers = self.offers_to_answer(need).take(limit::LISTED);
        NeedListing {
            need: asked.need,
            kind: asked.kind,
            quantity: asked.quantity,
            open: self.picture.coverage(asked.need).open(),
            stands_by: asked.stands_by,
            severity: asked.severity,
            audience: asked.audience,
            place: incident.map_or_else(String::new, |it| it.report.place.clone()),
            asked_at: asked.asked_at,
            offers: offers.filter_map(offered).collect(),
            aids: aids.map(|aid| self.bound(aid)).collect(),
        }
    }

    fn bound(&self, aid: &Aid) -> AidListing {
        AidListing {
            aid: aid.commit.aid,
            resource: aid.commit.resource,
            quantity: aid.commit.quantity,
            arrived_at: aid.arrived_at,
            asked_until: self.asked_until(aid.commit.aid),
            until: aid.until,
            refused: aid.kept_short,
        }
    }

    fn resources_listed(&self, turn: &Turn) -> Outcome {
        let holdings = self.own().map(|own| &own.holdings).into_iter().flatten();
        let all: Vec<ResourceListing> = holdings.map(|(_, holding)| held(holding)).collect();
        let more = all.len().saturating_sub(limit::LISTED_RESOURCES);
        Outcome::Resources {
            resources: all.into_iter().take(limit::LISTED_RESOURCES).collect(),
            more: u32::try_from(more).unwrap_or(u32::MAX),
            now: turn.now.drill,
        }
    }
}

fn offered(offer: &Offer) -> Option<OfferListing> {
    let lines = &offer.offer.lines;
    Some(OfferListing {
        offer: offer.offer.offer,
        resource: lines.first()?.resource,
        quantity: promised(offer),
        eta: lines.iter().map(|line| line.eta).max()?,
        hold_until: offer.offer.hold_until,
    })
}

fn held(holding: &Holding) -> ResourceListing {
    let unit = holding.unit();
    ResourceListing {
        resource: holding.resource.resource,
        kind: holding.resource.kind,
        state: unit.map(|unit| unit.state),
        free: holding.free(),
        aid: unit.and_then(|unit| unit.aid),
        as_of: holding.as_of,
    }
}
