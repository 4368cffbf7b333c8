//! What waits for an office's attention. Derived from the logs: a reboot rebuilds all of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use protocol::{
    AidId, Body, Fence, Frame, Gist, Incarnation, IncidentId, LogKey, Moment, NeedId, OfferId,
    PartyId, RequestId, ResourceId, UnitState,
};

use picture::{Folded, OfferState};

use crate::answer::Answered;
use crate::door::Ticket;
use crate::office::Office;
use crate::planner::Sees;
use crate::poll::Doubt;
use crate::rest::Rest;
use crate::watch::Watch;

/// The office's working lists.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says of one thing that it waits, and they wait for each other in no way"
)]
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    /// Something changed that planning looks at.
    pub(crate) plan: bool,
    /// Roads changed as told.
    pub(crate) roads: bool,
    /// A storm was announced anew.
    pub(crate) storms: bool,
    /// How often roads have changed in this life.
    pub(crate) roads_heard: u64,
    /// A view for foreign readers changed.
    pub(crate) views: bool,
    /// When views were last published, link time.
    pub(crate) views_at: Option<Moment>,
    /// Own needs that have not ended.
    pub(crate) own_needs: BTreeSet<NeedId>,
    /// Needs of others that ask this office.
    pub(crate) asked: BTreeSet<NeedId>,
    /// Needs of others that it declined, until something frees up.
    pub(crate) declined: BTreeSet<NeedId>,
    /// Needs of others that this office offered to in vain and leaves alone for a while. A reboot
    /// forgets them, and tries each once more.
    pub(crate) resting: BTreeMap<NeedId, Rest>,
    /// Needs of others that a commitment of this office ever served.
    pub(crate) lent: BTreeSet<NeedId>,
    /// Own offers whose hold has not ended.
    pub(crate) offers: BTreeSet<OfferId>,
    /// Own offers that an asker accepted and that are not answered yet.
    pub(crate) accepted: BTreeSet<OfferId>,
    /// Units that came free since the last plan.
    pub(crate) freed: BTreeSet<ResourceId>,
    /// The incident that a call opened.
    pub(crate) calls: BTreeMap<RequestId, IncidentId>,
    /// When it last planned, drill time: what was due by then is dealt with.
    pub(crate) planned_at: Moment,
    /// When something of its own falls due next, drill time; `None` if that is to be found anew.
    pub(crate) due: Option<Moment>,
    /// Units of which nothing was heard in this life, if it is not the office's first.
    pub(crate) doubts: BTreeMap<ResourceId, Doubt>,
    /// The greatest fence that each terminal was heard to have obeyed.
    pub(crate) seen: BTreeMap<ResourceId, Fence>,
    /// What was answered in this life, so that it is not done again.
    pub(crate) answered: Answered,
    /// What entries of this office's were written for, as far as that is known: each is of a command.
    pub(crate) gists: BTreeMap<(Incarnation, u64), Gist>,
    /// Logs about which alarms were raised, by who gave reason and the kind, so that each is raised once.
    pub(crate) alarmed: BTreeMap<(PartyId, &'static str), BTreeSet<LogKey>>,
    /// When each unit's unconfirmed order was last sent, drill time.
    pub(crate) ordered: BTreeMap<ResourceId, Moment>,
    /// When each unit that serves what this office's log has lost was last called home, drill time.
    pub(crate) called_home: BTreeMap<ResourceId, Moment>,
    /// Since when each unit that serves what this office's log has lost has said that it is there and does
    /// nothing, drill time.
    pub(crate) staged: BTreeMap<ResourceId, Moment>,
    /// Own units whose crews have shifts.
    pub(crate) shifts: BTreeSet<ResourceId>,
    /// How many units waited for their crews to be relieved when it last planned.
    pub(crate) weary: usize,
    /// When it is looked next at what storms ask for, drill time.
    pub(crate) prepare_at: Option<Moment>,
    /// When people were last told to ask for units to stand by, drill time.
    pub(crate) told_to_ask: Option<Moment>,
    /// What waits for its own entry to be durable: orders and replies.
    pub(crate) after: Vec<(Ticket, Arc<Frame>)>,
}

impl Office {
    /// Looks at a folded entry for what concerns this office. Reading only; acting is for `work`.
    pub(crate) fn noticed(&mut self, author: PartyId, entry: &Folded) {
        if let Some(void) = &entry.void {
            self.hearing.refuse(void.code());
        }
        let Some(body) = entry.envelope.body().filter(|_| entry.void.is_none()) else {
            return;
        };
        let ours = author == self.party();
        if ours {
            if let Body::Resource(it) = body {
                self.agenda.shifts.extend(it.shift.map(|_| it.resource));
            }
            self.noticed_own(body);
        } else {
            self.noticed_foreign(body, entry.needs[0]);
        }
        let looks_far = self.policy.sees() >= Sees::Region;
        for need in entry.needs.iter().flatten().copied() {
            if ours || looks_far || self.concerns(need) || self.agenda.lent.contains(&need) {
                self.watch.touch(need);
            }
        }
    }

    fn noticed_own(&mut self, body: &Body) {
        let agenda = &mut self.agenda;
        agenda.views = true;
        agenda.due = None;
        match body {
            Body::AidRequest(ask) => {
                agenda.own_needs.insert(ask.need);
            }
            Body::AidWithdraw(end) => {
                agenda.own_needs.remove(&end.need);
                agenda.declined.clear();
            }
            Body::Incident(report) => {
                if report.report_no == 0
                    && let Some(call) = report.request
                {
                    agenda.calls.insert(call, report.incident);
                }
                return;
            }
            Body::AidOffer(offer) => {
                agenda.offers.insert(offer.offer);
                return;
            }
            Body::AidCommit(commit) => {
                agenda.lent.insert(commit.need);
                if let Some(offer) = commit.offer {
                    agenda.offers.remove(&offer);
                    agenda.accepted.remove(&offer);
                }
                return;
            }
            Body::AidOfferEnd(end) => {
                agenda.offers.remove(&end.offer);
                agenda.declined.clear();
                self.rest_after_lapse(end.offer, end.at);
            }
            Body::AidCommitRefused(refused) => {
                agenda.offers.remove(&refused.offer);
                agenda.accepted.remove(&refused.offer);
                agenda.declined.clear();
            }
            Body::UnitStatus(status) => {
                let turns = self.policy.sees() == Sees::Turning;
                let may_turn = turns && status.state == UnitState::EnRouteHome;
                let stands_by = status.state == UnitState::Staged && self.is_free(status.unit);
                if !picture::frees_or_ends(status) && !may_turn && !stands_by {
                    return;
                }
                let agenda = &mut self.agenda;
                if status.state == UnitState::Available || stands_by {
                    agenda.declined.clear();
                }
            }
            Body::Resource(_)
            | Body::HomeFloor(_)
            | Body::StockStatus(_)
            | Body::Returned(_)
            | Body::AuthorityAsked(_)
            | Body::AuthorityAnswered(_) => agenda.declined.clear(),
            Body::RoadStatus(_) | Body::Advisory(_) => {
                let is_storm = matches!(body, Body::Advisory(_));
                agenda.storms |= is_storm;
                agenda.roads |= !is_storm;
                agenda.declined.clear();
            }
            Body::Recall(_) | Body::Release(_) | Body::ProposalDecision(_) => {}
            _ => return,
        }
        self.agenda.plan = true;
    }

    fn noticed_foreign(&mut self, body: &Body, need: Option<NeedId>) {
        let us = self.party();
        self.reopened(body, need);
        let concerned = match body {
            Body::AidRequest(ask) => return self.consider(ask.need),
            Body::AidRequestUpdate(change) => return self.consider(change.need),
            Body::AidAccept(accept) if accept.offer.author == us => {
                self.agenda.resting.remove(&accept.need);
                self.agenda.accepted.insert(accept.offer)
            }
            Body::AidAccept(accept) => self.concerns(accept.need),
            Body::RoadStatus(_) => {
                self.agenda.roads = true;
                self.agenda.declined.clear();
                true
            }
            Body::Advisory(_) => {
                self.agenda.storms = true;
                self.agenda.declined.clear();
                true
            }
            Body::AidOffer(offer) => offer.need.author == us,
            Body::AidCommit(commit) => {
                if commit.need.author == us {
                    self.agenda.declined.clear();
                }
                self.concerns(commit.need)
            }
            Body::AidCommitRefused(refused) => self.concerns(refused.need),
            Body::AidOfferEnd(_) | Body::Recall(_) => need.is_some_and(|it| self.concerns(it)),
            Body::AidPass(pass) if pass.offer.author == us => {
                self.rest_after_pass(pass);
                true
            }
            Body::AidPass(pass) => self.concerns(pass.need),
            Body::AidWithdraw(end) => self.concerns(end.need) || self.serves(end.need),
            Body::Release(release) => release.aid.author == us,
            Body::ProposalDecision(said) => {
                said.refuses().is_some() && self.policy.sees() >= Sees::Region
            }
            Body::UnitStatus(status) => match status.state {
                UnitState::Lost | UnitState::Damaged => true,
                _ => status.work_done && status.aid.is_some_and(|aid| self.aid_concerns(aid)),
            },
            _ => false,
        };
        if concerned {
            self.agenda.plan = true;
            self.agenda.due = None;
        }
    }

    fn is_free(&self, unit: ResourceId) -> bool {
        let holding = self.own().and_then(|own| own.holdings.get(&unit));
        holding.is_some_and(|holding| holding.free() > 0)
    }

    /// Whether a need is ours, or one that asks us.
    fn concerns(&self, need: NeedId) -> bool {
        need.author == self.party() || self.agenda.asked.contains(&need)
    }

    /// Whether something of ours is bound by a need or held for it.
    fn serves(&self, need: NeedId) -> bool {
        let us = self.party();
        let mut aids = self.picture.aids_for(need);
        let mut offers = self.picture.open_offers(need);
        aids.any(|aid| aid.commit.aid.author == us)
            || offers.any(|offer| offer.offer.offer.author == us)
    }

    fn aid_concerns(&self, aid: AidId) -> bool {
        let need = self.picture.aid(aid).map(|known| known.commit.need);
        need.is_some_and(|need| self.concerns(need))
    }

    /// Puts a need of somebody else on the agenda if its ring reaches this office.
    fn consider(&mut self, need: NeedId) {
        if self.picture.need(need).is_none() {
            return;
        }
        if self.policy.sees() == Sees::Turning && !self.watch.borrowed.is_empty() {
            self.agenda.plan = true;
            self.agenda.due = None;
        }
        if self.asks(need, self.party()) {
            self.agenda.asked.insert(need);
            self.agenda.plan = true;
            self.agenda.due = None;
        }
    }

    /// Whether a need of somebody else asks a party: its ring reaches it.
    pub(crate) fn asks(&self, need: NeedId, party: PartyId) -> bool {
        let Some(asked) = self.picture.need(need) else {
            return false;
        };
        let roster = self.picture.roster();
        let circle = |party: PartyId| roster.member(party).map(|member| member.circle.as_str());
        let theirs = circle(party).filter(|circle| !circle.is_empty());
        let same_circle = theirs.is_some() && circle(need.author) == theirs;
        picture::reaches(asked.request.audience, false, same_circle)
    }

    /// Makes the lists anew from the picture: at boot, and after a log was read again.
    pub(crate) fn rebuild(&mut self) {
        let us = self.party();
        let foreign: Vec<NeedId> = self
            .picture
            .needs()
            .filter(|(need, known)| need.author != us && known.ended.is_none())
            .map(|(need, _)| *need)
            .collect();
        self.agenda.asked.clear();
        self.agenda.declined.clear();
        self.agenda.resting.clear();
        for need in foreign {
            self.consider(need);
        }
        for (author, known) in self.picture.authors() {
            self.keeping.suspects.extend(known.lineage.keys(*author));
        }
        self.watch = Watch::default();
        self.absent.forget_given();
        let known: Vec<NeedId> = self.picture.needs().map(|(need, _)| *need).collect();
        for need in known {
            self.watch.touch(need);
        }
        self.agenda.roads = true;
        self.agenda.storms = true;
        self.agenda.plan = true;
        self.agenda.due = None;
        self.rebuild_own();
    }

    /// The lists that follow from this office's own log.
    fn rebuild_own(&mut self) {
        let Some(own) = self.picture.state(self.config.member.party) else {
            return;
        };
        let agenda = &mut self.agenda;
        agenda.own_needs = own
            .needs
            .iter()
            .filter(|(_, need)| need.ended.is_none())
            .map(|(id, _)| *id)
            .collect();
        agenda.lent = own.aids.values().map(|aid| aid.commit.need).collect();
        agenda.offers = own
            .offers
            .iter()
            .filter(|(_, offer)| offer.state == OfferState::Open)
            .map(|(id, _)| *id)
            .collect();
        agenda.accepted = own
            .offers
            .values()
            .filter(|offer| matches!(offer.state, OfferState::Open | OfferState::Ended))
            .filter(|offer| {
                let need = self.picture.need(offer.offer.need);
                need.is_some_and(|need| need.accepted.contains_key(&offer.offer.offer))
            })
            .map(|offer| offer.offer.offer)
            .collect();
        let holdings = own.holdings.iter();
        let shifts = holdings.filter(|(_, holding)| holding.resource.shift.is_some());
        agenda.shifts = shifts.map(|(id, _)| *id).collect();
        agenda.calls = own
            .incidents
            .iter()
            .filter_map(|(id, incident)| Some((incident.call?, *id)))
            .collect();
        // Every order that no terminal has echoed is said again at once.
        agenda.ordered = own
            .holdings
            .iter()
            .filter(|(_, holding)| {
                let command = holding.command();
                holding
                    .unit()
                    .is_some_and(|it| it.aid.is_some() && it.confirmed_command < command)
            })
            .map(|(id, _)| (*id, Moment::default()))
            .collect();
    }
}
