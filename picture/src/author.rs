//! The fold of one author's log: a state machine that reads its entries in order and nothing else.
//!
//! No rule here reads a clock, another author's log or the receiver: equal logs give equal states.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{
    AdvisoryId, AidId, Body, Content, Envelope, Hash, HomeFloor, IncidentId, Kind, Lead, LogKey,
    Moment, NeedId, OfferId, PartyId, ProposalDecision, RequestId, ResourceId, Response,
    ResponseId, RoadId, RoadStatus, SituationReport, StatusSource, UnitState, UnitStatus, Warning,
    WarningId,
};
use serde::{Deserialize, Serialize};

use crate::aid::{self, Aid, AidState, Offer, OfferState};
use crate::authority::{self, Authority};
use crate::holding::{self, Holding, Standing};
use crate::incident::{self, Incident};
use crate::need::{self, Need};
use crate::notice;
use crate::proposal;
use crate::stock_taking::LastSnapshot;
use crate::void::{Void, VoidEntry};

/// How many void entries and duty notes of an author are kept for looking into; older ones stay in
/// the log. Part of the state, so equal everywhere.
pub(crate) const REMEMBERED: usize = 256;

/// What one author's log says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorState {
    /// Incidents that it opened.
    pub incidents: BTreeMap<IncidentId, Incident>,
    /// Its resources.
    pub holdings: BTreeMap<ResourceId, Holding>,
    /// The least that it keeps of each kind.
    pub floors: BTreeMap<Kind, u32>,
    /// Needs that it asked.
    pub needs: BTreeMap<NeedId, Need>,
    /// Offers that it made.
    pub offers: BTreeMap<OfferId, Offer>,
    /// Commitments that it made.
    pub aids: BTreeMap<AidId, Aid>,
    /// Entries of others that people here have taken note of.
    pub acknowledged: BTreeMap<LogKey, BTreeSet<u64>>,
    /// Commitments of others that it released, and when.
    pub released: BTreeMap<AidId, Moment>,
    /// Commitments that it asked to extend, and until when.
    pub extensions: BTreeMap<AidId, Moment>,
    /// Needs of others that it declined.
    pub declined: BTreeMap<NeedId, protocol::DeclineReason>,
    /// Warnings that it issued.
    pub warnings: BTreeMap<WarningId, notice::WarningState>,
    /// Responses that it activated.
    pub responses: BTreeMap<ResponseId, Response>,
    /// What it said about who leads.
    pub leads: BTreeMap<IncidentId, Lead>,
    /// The state of roads as it told it.
    pub roads: BTreeMap<RoadId, RoadStatus>,
    /// Hazards as it announced them.
    pub advisories: BTreeMap<AdvisoryId, protocol::Advisory>,
    /// Its last situation report.
    pub situation: Option<SituationReport>,
    /// Its latest duty notes.
    pub notes: Vec<protocol::DutyNote>,
    /// What the authorities of its units were asked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub authorities: BTreeMap<ResourceId, Authority>,
    /// What its people made of its planner's latest proposals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<ProposalDecision>,
    /// Calls and commands that it acted upon, with the entry that says so.
    pub requests: BTreeMap<RequestId, (u32, u64)>,
    /// The greatest number that it gave to a thing, by epoch.
    pub numbers: BTreeMap<u32, u32>,
    /// Its latest void entries.
    pub voids: Vec<VoidEntry>,
    /// How many of its entries are void.
    pub void_count: u64,
    /// How many entries were folded.
    pub folded: u64,
    /// Its last snapshot.
    pub last_snapshot: LastSnapshot,
    /// Whether what is over stays all the same: for who looks back, and not part of the state.
    #[serde(skip)]
    pub(crate) forgets_nothing: bool,
}

impl AuthorState {
    /// The digest of the state: equal for equal logs.
    pub fn hash(&self) -> Hash {
        Hash::of_json(self)
    }

    /// Its units of a kind that are free.
    pub fn free_units(&self, kind: Kind) -> impl Iterator<Item = (&ResourceId, &Holding)> {
        self.holdings
            .iter()
            .filter(move |(_, holding)| holding.resource.serves(kind) && holding.free() > 0)
    }

    /// How much of a main kind is free at home, and the floor that it is not to fall below.
    pub fn cover(&self, kind: Kind) -> (u32, u32) {
        let alike = self.holdings.values().filter(|it| it.resource.kind == kind);
        let at_home = alike.filter(|it| !it.is_standing_by());
        let free = at_home.fold(0_u32, |sum, it| sum.saturating_add(it.free()));
        (free, self.floors.get(&kind).copied().unwrap_or(0))
    }

    /// Reads the next entry of the log; a void one changes nothing but the list of void entries.
    pub(crate) fn fold(&mut self, author: PartyId, envelope: &Envelope) -> Option<Void> {
        self.folded += 1;
        let header = envelope.header();
        let entry = (header.log.incarnation.epoch, header.seq);
        let outcome = match envelope.content() {
            Content::Known(body) => self.body(author, body, entry),
            Content::Withheld => Ok(()),
            Content::Unreadable(_) => Err(Void::Unreadable),
        };
        let Err(void) = outcome else {
            self.request(header.request, entry);
            return None;
        };
        self.void_count += 1;
        if self.voids.len() == REMEMBERED {
            self.voids.remove(0);
        }
        let (code, reason) = (void.code().into(), void.to_string());
        self.voids.push(VoidEntry {
            log: header.log,
            seq: header.seq,
            code,
            reason,
        });
        Some(void)
    }

    /// Reads the next entry of the log, which an equal state has read before and found not void: what it
    /// cost to prove, the hash of a whole state, is not spent again.
    pub(crate) fn fold_proven(&mut self, author: PartyId, envelope: &Envelope) {
        let Content::Known(Body::Snapshot(snapshot)) = envelope.content() else {
            let void = self.fold(author, envelope);
            debug_assert!(void.is_none(), "equal states read the same");
            return;
        };
        self.folded += 1;
        let header = envelope.header();
        let entry = (header.log.incarnation.epoch, header.seq);
        let stands = self.let_go(author, &snapshot.over, entry);
        debug_assert!(stands.is_ok(), "equal states let go of the same");
        self.request(header.request, entry);
    }

    pub(crate) fn body(
        &mut self,
        author: PartyId,
        body: &Body,
        entry: (u32, u64),
    ) -> Result<(), Void> {
        match body {
            Body::Seal(_) | Body::RosterChange(_) | Body::AssignTask(_) => Ok(()),
            Body::Acknowledge(read) => {
                let known = self.acknowledged.entry(read.log).or_default();
                known.insert(read.seq);
                Ok(())
            }
            Body::Incident(report) => {
                incident::report(&mut self.incidents, author, report)?;
                self.number(report.incident.epoch, report.incident.number);
                self.request(report.request, entry);
                Ok(())
            }
            Body::Resource(_) | Body::HomeFloor(_) | Body::UnitStatus(_) | Body::StockStatus(_) => {
                self.inventory(body, entry)
            }
            Body::Warning(warning) => {
                self.warning(author, warning)?;
                self.number(warning.warning.epoch, warning.warning.number);
                Ok(())
            }
            Body::WarningLift(lift) => notice::lift(&mut self.warnings, author, lift),
            Body::Response(response) => {
                notice::respond(&mut self.responses, author, response)?;
                self.number(response.response.epoch, response.response.number);
                Ok(())
            }
            Body::Snapshot(snapshot) => self.take_stock(author, snapshot, entry),
            Body::Lead(lead) => {
                self.leads.insert(lead.incident, lead.clone());
                Ok(())
            }
            Body::SituationReport(report) => {
                self.situation = Some(report.clone());
                Ok(())
            }
            Body::RoadStatus(status) => notice::roads(&mut self.roads, status),
            Body::Advisory(advisory) => {
                notice::advise(&mut self.advisories, author, advisory)?;
                self.number(advisory.advisory.epoch, advisory.advisory.number);
                Ok(())
            }
            Body::DutyNote(note) => {
                if self.notes.len() == REMEMBERED {
                    self.notes.remove(0);
                }
                self.notes.push(note.clone());
                Ok(())
            }
            Body::AuthorityAsked(asked) => authority::ask(self, asked),
            Body::AuthorityAnswered(said) => authority::answer(self, said),
            Body::ProposalDecision(said) => proposal::decide(self, author, said),
            _ => self.aid(author, body, entry),
        }
    }

    fn inventory(&mut self, body: &Body, entry: (u32, u64)) -> Result<(), Void> {
        match body {
            Body::Resource(resource) => {
                if !resource.point.is_on_earth() {
                    return Err(Void::Place {
                        why: "the home is not on the earth",
                    });
                }
                match self.holdings.get_mut(&resource.resource) {
                    Some(known) if known.resource.form() == resource.form() => {
                        known.resource = resource.clone();
                    }
                    Some(known) => {
                        return Err(Void::Step {
                            what: resource.resource.to_string(),
                            from: known.resource.kind.to_string(),
                            to: resource.kind.to_string(),
                        });
                    }
                    None => {
                        let holding = Holding::new(resource.clone(), Moment::default());
                        self.holdings.insert(resource.resource, holding);
                    }
                }
                Ok(())
            }
            Body::HomeFloor(HomeFloor { kind, keep }) => {
                self.floors.insert(*kind, *keep);
                Ok(())
            }
            Body::UnitStatus(status) => {
                self.unit_status(status)?;
                if let StatusSource::Proxy { request, .. } = status.source {
                    self.request(Some(request), entry);
                }
                Ok(())
            }
            Body::StockStatus(status) => {
                let holding = holding::of_owner(&mut self.holdings, status.resource)?;
                holding::stock_status(holding, status)?;
                self.request(status.request, entry);
                Ok(())
            }
            _ => Err(Void::Unreadable),
        }
    }

    fn aid(&mut self, author: PartyId, body: &Body, entry: (u32, u64)) -> Result<(), Void> {
        match body {
            Body::AidRequest(ask) => {
                need::ask(self, author, ask)?;
                self.number(ask.need.epoch, ask.need.number);
                self.request(ask.request, entry);
                Ok(())
            }
            Body::AidRequestUpdate(change) => need::update(self, change),
            Body::AidWithdraw(end) => need::withdraw(self, end),
            Body::AidAccept(accept) => need::accept(self, accept),
            Body::AidPass(pass) => need::pass(self, pass),
            Body::AidOffer(offer) => {
                aid::offer(self, author, offer)?;
                self.number(offer.offer.epoch, offer.offer.number);
                Ok(())
            }
            Body::AidOfferEnd(end) => aid::end_offer(self, end.offer, OfferState::Ended),
            Body::AidCommitRefused(no) => aid::end_offer(self, no.offer, OfferState::Refused),
            Body::AidDecline(decline) => {
                self.declined.insert(decline.need, decline.reason);
                Ok(())
            }
            Body::AidCommit(commit) => {
                aid::commit(self, author, commit)?;
                self.number(commit.aid.epoch, commit.aid.number);
                self.request(commit.request, entry);
                Ok(())
            }
            Body::Extend(extend) => {
                self.extensions.insert(extend.aid, extend.until);
                Ok(())
            }
            Body::ExtendReply(reply) => {
                let aid = aid::live_aid(self, reply.aid)?;
                (aid.until, aid.kept_short) = (reply.until, reply.until.is_none());
                Ok(())
            }
            Body::Release(release) => {
                self.released.entry(release.aid).or_insert(release.at);
                Ok(())
            }
            _ => self.way_home(body),
        }
    }

    fn unit_status(&mut self, status: &UnitStatus) -> Result<(), Void> {
        let holding = holding::of_owner(&mut self.holdings, status.unit)?;
        let before = holding.unit().and_then(|unit| unit.aid);
        holding::unit_status(holding, status)?;
        let there = matches!(status.state, UnitState::Staged | UnitState::Working);
        let gone = matches!(status.state, UnitState::Lost | UnitState::Damaged);
        if gone && let Standing::Unit(unit) = &mut holding.standing {
            unit.aid = None;
            self.authorities.remove(&status.unit);
        }
        if let Some(aid) = before.and_then(|aid| self.aids.get_mut(&aid)) {
            if there && aid.arrived_at.is_none() {
                aid.arrived_at = Some(status.as_of);
            }
            if status.work_done && aid.done_at.is_none() {
                aid.done_at = Some(status.as_of);
            }
            if gone && aid.binds() {
                aid.state = AidState::Lost;
            }
        }
        Ok(())
    }

    fn warning(&mut self, author: PartyId, warning: &Warning) -> Result<(), Void> {
        notice::warn(&mut self.warnings, author, warning)
    }

    fn number(&mut self, epoch: u32, number: u32) {
        let greatest = self.numbers.entry(epoch).or_default();
        *greatest = number.max(*greatest);
    }

    fn request(&mut self, request: Option<RequestId>, entry: (u32, u64)) {
        if let Some(request) = request {
            self.requests.entry(request).or_insert(entry);
        }
    }
}
