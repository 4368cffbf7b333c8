//! What follows from several authors together. Derived on reading, never stored.

use std::collections::BTreeMap;

use protocol::{
    Advisory, AidId, Body, IncidentId, Lead, LeadAct, Moment, NeedId, OfferId, PartyId, Relation,
    RoadId, RoadState, RoadStatus, Role,
};

use crate::aid::{Aid, Offer, OfferState};
use crate::incident::Incident;
use crate::need::Need;
use crate::notice::WarningState;
use crate::picture::Picture;
use crate::unit;

/// How far a need is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Coverage {
    /// What is asked.
    pub quantity: u32,
    /// What owners have committed.
    pub covered: u32,
    /// What has arrived.
    pub delivered: u32,
    /// What is accepted and not yet committed.
    pub accepted: u32,
}

impl Coverage {
    /// What nobody has committed or been asked to commit.
    pub fn open(&self) -> u32 {
        self.quantity
            .saturating_sub(self.covered)
            .saturating_sub(self.accepted)
    }
}

/// Who leads an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leading {
    /// The office that opened it, for nobody said otherwise.
    Opener(PartyId),
    /// Agreed by both, or declared by the province.
    Settled(PartyId),
    /// 指挥主体待明确: said differently by several.
    Unsettled(Vec<PartyId>),
}

impl Picture {
    /// A need by its id.
    pub fn need(&self, need: NeedId) -> Option<&Need> {
        self.state(need.author)?.needs.get(&need)
    }

    /// An incident by its id.
    pub fn incident(&self, incident: IncidentId) -> Option<&Incident> {
        self.state(incident.author)?.incidents.get(&incident)
    }

    /// An offer by its id.
    pub fn offer(&self, offer: OfferId) -> Option<&Offer> {
        self.state(offer.author)?.offers.get(&offer)
    }

    /// A commitment by its id.
    pub fn aid(&self, aid: AidId) -> Option<&Aid> {
        self.state(aid.author)?.aids.get(&aid)
    }

    /// Every incident of the region.
    pub fn incidents(&self) -> impl Iterator<Item = (&IncidentId, &Incident)> {
        self.authors()
            .values()
            .flat_map(|author| &author.state.incidents)
    }

    /// Every need of the region.
    pub fn needs(&self) -> impl Iterator<Item = (&NeedId, &Need)> {
        self.authors()
            .values()
            .flat_map(|author| &author.state.needs)
    }

    /// Offers that answer a need.
    pub fn offers_for(&self, need: NeedId) -> impl Iterator<Item = &Offer> {
        self.index()
            .offers(need)
            .filter_map(|offer| self.offer(offer))
    }

    /// Offers that answer a need and still hold, each by its owner's word.
    pub fn open_offers(&self, need: NeedId) -> impl Iterator<Item = &Offer> {
        self.index()
            .open_offers(need)
            .filter_map(|offer| self.offer(offer))
    }

    /// The needs that an entry concerns: the one that it names, and the one that its unit is turned
    /// away from or was lost on. Asked before the entry is noted in the index.
    pub(crate) fn concerned(&self, body: &Body) -> [Option<NeedId>; 2] {
        let by_offer = |offer| self.offer(offer).map(|known| known.offer.need);
        let by_aid = |aid| self.aid(aid).map(|known| known.commit.need);
        let by_unit = |unit| self.index().serving(unit);
        let one = match body {
            Body::AidRequest(ask) => Some(ask.need),
            Body::AidRequestUpdate(change) => Some(change.need),
            Body::AidWithdraw(end) => Some(end.need),
            Body::AidAccept(accept) => Some(accept.need),
            Body::AidPass(pass) => Some(pass.need),
            Body::AuthorityAsked(asked) => Some(asked.need),
            Body::AuthorityAnswered(said) => Some(said.need),
            Body::ProposalDecision(said) => said.proposed.need(),
            Body::AidOffer(offer) => Some(offer.need),
            Body::AidOfferEnd(end) => by_offer(end.offer),
            Body::AidCommitRefused(refused) => by_offer(refused.offer),
            Body::AidCommit(commit) => return [Some(commit.need), by_unit(commit.resource)],
            Body::Release(release) => by_aid(release.aid),
            Body::Recall(recall) => by_aid(recall.aid),
            Body::ReturnOrdered(order) => by_aid(order.aid),
            Body::Returned(returned) => by_aid(returned.aid),
            Body::UnitStatus(status) if unit::frees_or_ends(status) => by_unit(status.unit),
            _ => None,
        };
        [one, None]
    }

    /// Commitments that serve a need.
    pub fn aids_for(&self, need: NeedId) -> impl Iterator<Item = &Aid> {
        self.index().aids(need).filter_map(|aid| self.aid(aid))
    }

    /// Commitments of one owner that serve a need.
    pub fn aids_of(&self, owner: PartyId, need: NeedId) -> impl Iterator<Item = &Aid> {
        let aids = self.index().aids(need);
        let own = aids.filter(move |aid| aid.author == owner);
        own.filter_map(|aid| self.aid(aid))
    }

    /// How far a need is served (I5), from every owner's own word. A commitment out of an offer that
    /// the asker does not stand by does not count: the asker releases it.
    pub fn coverage(&self, need: NeedId) -> Coverage {
        let Some(asked) = self.need(need) else {
            return Coverage::default();
        };
        let mut coverage = Coverage {
            quantity: asked.request.quantity,
            ..Coverage::default()
        };
        for aid in self.aids_for(need).filter(|aid| aid.covers()) {
            if aid
                .commit
                .offer
                .is_some_and(|offer| !asked.stands_by(offer))
            {
                continue;
            }
            let quantity = aid.commit.quantity;
            coverage.covered = coverage.covered.saturating_add(quantity);
            if aid.arrived_at.is_some() {
                coverage.delivered = coverage.delivered.saturating_add(quantity);
            }
        }
        let pending = |offer: &&OfferId| {
            self.offer(**offer)
                .is_none_or(|offer| offer.state == OfferState::Open)
        };
        for offer in asked.accepted.keys().filter(pending) {
            let lines = self.offer(*offer).map(|offer| &offer.offer.lines);
            let lines = lines.into_iter().flatten();
            let wanted = lines.fold(0_u32, |sum, line| sum.saturating_add(line.quantity));
            coverage.accepted = coverage.accepted.saturating_add(wanted.max(1));
        }
        coverage
    }

    /// The state of every road that anybody told of: the latest word of an author who would know,
    /// the worse one if two are equally late.
    pub fn roads(&self) -> BTreeMap<RoadId, &RoadStatus> {
        let mut latest: BTreeMap<RoadId, &RoadStatus> = BTreeMap::new();
        for (author, known) in self.authors() {
            let role = self.roster().member(*author).map(|member| member.role);
            if !role.is_some_and(Role::knows_the_ground) {
                continue;
            }
            for (road, status) in &known.state.roads {
                let worse =
                    |known: &&RoadStatus| (status.as_of, status.state) > (known.as_of, known.state);
                if latest.get(road).is_none_or(worse) {
                    latest.insert(*road, status);
                }
            }
        }
        latest
    }

    /// Roads that are closed as far as told.
    pub fn closed_roads(&self) -> impl Iterator<Item = (RoadId, &RoadStatus)> {
        self.roads()
            .into_iter()
            .filter(|(_, status)| status.state == RoadState::Closed)
    }

    /// Hazards as announced and not over.
    pub fn advisories(&self) -> impl Iterator<Item = &Advisory> {
        self.authors()
            .values()
            .flat_map(|author| author.state.advisories.values())
            .filter(|advisory| !advisory.over)
    }

    /// Warnings in force at a drill time (I18).
    pub fn warnings(&self, now: Moment) -> impl Iterator<Item = &WarningState> {
        self.authors()
            .values()
            .flat_map(|author| author.state.warnings.values())
            .filter(move |warning| warning.is_active(now))
    }

    /// Incidents that an author asserts to be the same as this one, directly.
    pub fn same_as(&self, incident: IncidentId) -> Vec<IncidentId> {
        let mut same = Vec::new();
        for (other, known) in self.incidents() {
            for link in known
                .report
                .links
                .iter()
                .filter(|link| link.relation == Relation::SameAs)
            {
                if *other == incident {
                    same.push(link.incident);
                } else if link.incident == incident {
                    same.push(*other);
                }
            }
        }
        same.sort_unstable();
        same.dedup();
        same
    }

    /// Who leads an incident: as declared by the province, else as agreed, else its opener.
    pub fn leading(&self, incident: IncidentId) -> Leading {
        let said: Vec<(PartyId, &Lead)> = self
            .authors()
            .iter()
            .filter_map(|(author, known)| Some((*author, known.state.leads.get(&incident)?)))
            .collect();
        let declared = said.iter().filter(|(author, lead)| {
            let role = self.roster().member(*author).map(|member| member.role);
            lead.act == LeadAct::Declare && role == Some(Role::Province)
        });
        if let Some((_, lead)) = declared.max_by_key(|(author, lead)| (lead.at, *author)) {
            return Leading::Settled(lead.lead);
        }
        let mut named: Vec<PartyId> = said.iter().map(|(_, lead)| lead.lead).collect();
        named.sort_unstable();
        named.dedup();
        // It takes two to agree: nobody takes the lead by its own word alone.
        let agreed = said.len() > 1 && said.iter().any(|(_, lead)| lead.act == LeadAct::Accept);
        match named.as_slice() {
            [] => Leading::Opener(incident.author),
            [one] if agreed => Leading::Settled(*one),
            _ => Leading::Unsettled(named),
        }
    }
}
