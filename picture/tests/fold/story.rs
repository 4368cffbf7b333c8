//! Random logs that mean something: several authors act on what all of them know, mostly as they
//! may, now and then as they may not, and now and then one of them boots and forgets its tail.

use std::collections::BTreeMap;
use std::sync::Arc;

use picture::AuthorState;
use protocol::{
    AidOfferEnd, AidRequestUpdate, AidWithdraw, Audience, Body, DutyNote, Envelope, Fence,
    HomeFloor, Kind, Lead, LeadAct, Moment, NeedEnd, Recall, ReportKind, ResourceId, ReturnOrdered,
    Returned, RoadState, StockStatus, UnitState, WarningLift,
};

use crate::bodies;
use crate::cast::{FIRST, Holder, MET, SECOND, Scribe, THIRD};

/// One step of a script: who acts, what kind of act, and two numbers that choose the rest.
pub(crate) type Step = (u8, u8, u16, u16);

const ACTORS: [&str; 4] = [FIRST, SECOND, THIRD, MET];

/// Logs as they were written, and what a holder that missed nothing made of them.
pub(crate) struct Story {
    scribes: Vec<Scribe>,
    /// Everything ever written, in the order of writing, the roster first.
    pub(crate) entries: Vec<Arc<Envelope>>,
    /// Who heard all of it at once.
    pub(crate) witness: Holder,
    numbers: u32,
}

impl Story {
    /// Plays a script; looks at the witness after each step.
    pub(crate) fn play(script: &[Step], mut look: impl FnMut(&Holder)) -> Self {
        let mut story = Self {
            scribes: Vec::new(),
            entries: crate::cast::roster().entries,
            witness: Holder::informed(),
            numbers: 0,
        };
        for name in ACTORS {
            let scribe = Scribe::first_life(name);
            story.publish(&scribe.entries[0]);
            story.scribes.push(scribe);
        }
        for step in script {
            story.step(*step);
            look(&story.witness);
        }
        story
    }

    fn publish(&mut self, envelope: &Arc<Envelope>) {
        self.witness.hear(envelope);
        self.entries.push(Arc::clone(envelope));
    }

    fn step(&mut self, (who, what, a, b): Step) {
        let who = usize::from(who) % ACTORS.len();
        if what % 26 == 25 {
            return self.boot(who, usize::from(a));
        }
        self.numbers += 1;
        let act = Act {
            story: self,
            author: ACTORS[who],
            who,
            number: self.numbers,
            a: usize::from(a),
            b: u32::from(b),
        };
        let body = match what % 26 {
            0..=4 => act.inventory(what % 26),
            5..=8 => act.incident(what % 26),
            9..=13 => act.asking(what % 26),
            14..=20 => act.lending(what % 26),
            _ => act.notice(what % 26),
        };
        if let Some(body) = body {
            let envelope = self.scribes[who].write(body);
            self.publish(&envelope);
        }
    }

    /// The author boots: usually it seals all it wrote, else it has forgotten some of it.
    fn boot(&mut self, who: usize, a: usize) {
        let scribe = &self.scribes[who];
        let forgotten = if a.is_multiple_of(3) { a / 3 % 4 } else { 0 };
        let keep = scribe.entries.len().saturating_sub(forgotten).max(1);
        let next = scribe.next_life(keep);
        let seal = Arc::clone(&next.entries[0]);
        self.scribes[who] = next;
        self.publish(&seal);
    }
}

/// One act being made up.
struct Act<'a> {
    story: &'a Story,
    author: &'static str,
    who: usize,
    number: u32,
    a: usize,
    b: u32,
}

fn pick<K: Copy, V>(map: &BTreeMap<K, V>, index: usize) -> Option<(K, &V)> {
    let index = index.checked_rem(map.len())?;
    map.iter().nth(index).map(|(key, value)| (*key, value))
}

impl Act<'_> {
    fn own(&self) -> &AuthorState {
        let picture = &self.story.witness.picture;
        picture.state(crate::cast::party(self.author)).unwrap()
    }

    /// One time in six things are not as they may be.
    fn errs(&self) -> bool {
        self.b.is_multiple_of(6)
    }

    fn inventory(&self, what: u8) -> Option<Body> {
        let own = self.own();
        Some(match what {
            0 | 1 => Body::Resource(bodies::resource(self.new_id("pump"), Kind::Pump, 1)),
            2 => Body::Resource(bodies::resource(
                self.new_id("sand"),
                Kind::Sandbag,
                self.b % 50,
            )),
            3 => Body::StockStatus(StockStatus {
                resource: pick(&own.holdings, self.a)?.0,
                on_hand: self.b % 60,
                as_of: Moment(u64::from(self.b)),
                reason: "count".into(),
                request: None,
            }),
            _ => Body::HomeFloor(HomeFloor {
                kind: Kind::Pump,
                keep: self.b % 3,
            }),
        })
    }

    fn new_id(&self, name: &str) -> ResourceId {
        bodies::resource_id(self.author, name, self.number)
    }

    fn incident(&self, what: u8) -> Option<Body> {
        if what < 7 {
            let mut report = bodies::report(self.author, self.number);
            if self.errs() {
                report.occurred_at = Moment(9);
            }
            return Some(bodies::incident(report));
        }
        let (id, known) = pick(&self.own().incidents, self.a)?;
        let kinds = [
            ReportKind::FollowUp,
            ReportKind::FollowUp,
            ReportKind::Correction,
            ReportKind::Final,
        ];
        let no = known.report.report_no + if self.errs() { 2 } else { 1 };
        let kind = kinds[self.a % kinds.len()];
        let mut report = bodies::follow_up(self.author, id.number, no, kind);
        report.summary = format!("news {}", self.b);
        Some(bodies::incident(report))
    }

    fn asking(&self, what: u8) -> Option<Body> {
        let own = self.own();
        if what == 9 {
            let (incident, _) = pick(&own.incidents, self.a)?;
            let mut ask = bodies::request(self.author, self.number, incident.number);
            ask.quantity = self.b % 4;
            ask.audience = Audience::ALL[self.a % 3];
            return Some(Body::AidRequest(ask));
        }
        let (need, known) = pick(&own.needs, self.a)?;
        let at = Moment(u64::from(self.b));
        let picture = &self.story.witness.picture;
        let answer = picture.offers_for(need).last();
        Some(match what {
            10 => Body::AidRequestUpdate(AidRequestUpdate {
                need,
                quantity: known.request.quantity + self.b % 2,
                audience: Audience::ALL[(self.b % 3) as usize],
                at,
            }),
            11 if self.errs() => Body::AidWithdraw(AidWithdraw {
                need,
                reason: NeedEnd::Served,
                at,
            }),
            13 => Body::AidPass(protocol::AidPass {
                need,
                offer: answer?.offer.offer,
                at,
            }),
            _ => {
                let offer = &answer?.offer;
                let all: Vec<_> = offer.lines.iter().map(|line| line.resource).collect();
                Body::AidAccept(bodies::accept(need, offer.offer, &all))
            }
        })
    }

    fn lending(&self, what: u8) -> Option<Body> {
        let own = self.own();
        let picture = &self.story.witness.picture;
        let (resource, holding) = pick(&own.holdings, self.a)?;
        let needs: Vec<_> = picture.needs().map(|(need, _)| *need).collect();
        match what {
            14 => {
                let need = *needs.get((self.b as usize).checked_rem(needs.len())?)?;
                let quantity = holding.free() + u32::from(self.errs());
                let mut lines = vec![(resource, quantity)];
                if self.b.is_multiple_of(7) {
                    lines.push((pick(&own.holdings, self.a + 1)?.0, 1));
                }
                let id = bodies::offer_id(self.author, self.number);
                Some(Body::AidOffer(bodies::offer(id, need, &lines)))
            }
            15 => {
                let (id, offer) = pick(&own.offers, self.b as usize)?;
                let line = offer.offer.lines.first()?;
                let mut commit = self.commit(line.resource, offer.offer.need)?;
                (commit.offer, commit.quantity) = (Some(id), line.quantity);
                Some(Body::AidCommit(commit.into()))
            }
            16 => {
                let need = *needs.get((self.b as usize).checked_rem(needs.len())?)?;
                self.commit(resource, need)
                    .map(|it| Body::AidCommit(it.into()))
            }
            17 => {
                let (offer, _) = pick(&own.offers, self.b as usize)?;
                let at = Moment(u64::from(self.b));
                Some(Body::AidOfferEnd(AidOfferEnd { offer, at }))
            }
            18 => {
                let aid = holding.unit()?.aid;
                let state = UnitState::ALL[self.b as usize % UnitState::ALL.len()];
                Some(Body::UnitStatus(bodies::status(resource, state, aid)))
            }
            _ => self.way_home(what),
        }
    }

    fn commit(&self, resource: ResourceId, need: protocol::NeedId) -> Option<protocol::AidCommit> {
        let aid = bodies::aid_id(self.author, self.number);
        let mut commit = bodies::commit(aid, resource, need, 1);
        commit.fence = self.fence(resource)?;
        Some(commit)
    }

    fn fence(&self, resource: ResourceId) -> Option<Fence> {
        let holding = self.own().holdings.get(&resource)?;
        Some(Fence {
            incarnation: self.story.scribes[self.who].log.incarnation,
            command: holding.command() + u32::from(!self.errs()),
        })
    }

    fn way_home(&self, what: u8) -> Option<Body> {
        let live: BTreeMap<_, _> = self
            .own()
            .aids
            .iter()
            .filter(|(_, aid)| aid.binds())
            .collect();
        let (aid, known) = pick(&live, self.a)?;
        let (aid, at) = (*aid, Moment(u64::from(self.b)));
        let fence = self.fence(known.commit.resource)?;
        Some(match (what, self.b % 2) {
            (19, 0) => Body::Recall(Recall {
                ordered: None,
                aid,
                fence,
                reason: "needed at home".into(),
                at,
            }),
            (19, _) => Body::ReturnOrdered(ReturnOrdered { aid, fence, at }),
            _ => Body::Returned(Returned {
                aid,
                quantity: self.b % (known.commit.quantity + 2),
                consumed: 0,
                at,
            }),
        })
    }

    fn notice(&self, what: u8) -> Option<Body> {
        let own = self.own();
        let at = Moment(u64::from(self.b));
        Some(match what {
            21 if self.a.is_multiple_of(2) => {
                Body::Warning(bodies::warning(self.author, self.number, self.b % 2))
            }
            21 => {
                let (warning, known) = pick(&own.warnings, self.a)?;
                let revision = known.warning.revision + u32::from(!self.errs());
                Body::Warning(bodies::warning(self.author, warning.number, revision))
            }
            22 => {
                let (warning, _) = pick(&own.warnings, self.a)?;
                Body::WarningLift(WarningLift { warning, at })
            }
            23 => {
                let state = RoadState::ALL[self.a % RoadState::ALL.len()];
                Body::RoadStatus(bodies::road("r-1", state, u64::from(self.b)))
            }
            _ if self.errs() => {
                // Somebody else's unit.
                let other = bodies::resource_id("990900", "pump", self.b);
                Body::UnitStatus(bodies::status(other, UnitState::Working, None))
            }
            _ if self.a.is_multiple_of(2) => Body::Lead(Lead {
                incident: bodies::incident_id(FIRST, 1),
                lead: crate::cast::party(self.author),
                act: LeadAct::Offer,
                at,
            }),
            _ => Body::DutyNote(DutyNote {
                incident: None,
                by: "desk".into(),
                text: format!("note {}", self.b),
                at,
            }),
        })
    }
}
