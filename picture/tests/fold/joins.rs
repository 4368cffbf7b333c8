//! What follows from several authors together: coverage, lead, roads, warnings, the same event.

use std::collections::BTreeMap;
use std::sync::Arc;

use picture::{Coverage, Leading, Picture, reaches};
use protocol::{
    AidOfferEnd, AidPass, Audience, Body, Envelope, Kind, Lead, LeadAct, Link, Moment, Relation,
    RoadState, UnitState, WarningLift,
};

use crate::bodies::{
    accept, advisory, aid_id, commit, incident, incident_id, need_id, offer, offer_id, report,
    request, resource, resource_id, road, status, warning, warning_id,
};
use crate::cast::{FIRST, Holder, MET, PROVINCE, SECOND, Scribe, THIRD, party};

/// All authors, each with a pen.
struct Region {
    scribes: BTreeMap<&'static str, Scribe>,
    holder: Holder,
}

impl Region {
    fn new() -> Self {
        let mut region = Self {
            scribes: BTreeMap::new(),
            holder: Holder::informed(),
        };
        for name in [FIRST, SECOND, THIRD, PROVINCE, MET] {
            let scribe = Scribe::first_life(name);
            region.holder.hear(&scribe.entries[0]);
            region.scribes.insert(name, scribe);
        }
        region
    }

    fn says(&mut self, name: &str, body: Body) -> Arc<Envelope> {
        let kind = body.kind();
        let envelope = self.scribes.get_mut(name).unwrap().write(body);
        assert_eq!(self.holder.verdict(&envelope), None, "{kind}");
        envelope
    }

    fn picture(&self) -> &Picture {
        &self.holder.picture
    }

    /// The first city asks for two pumps; the second has one and offers it.
    fn asked_and_offered() -> Self {
        let mut region = Self::new();
        region.says(FIRST, incident(report(FIRST, 1)));
        region.says(FIRST, Body::AidRequest(request(FIRST, 1, 1)));
        let pump = resource_id(SECOND, "pump", 1);
        region.says(SECOND, Body::Resource(resource(pump, Kind::Pump, 1)));
        let lines = [(pump, 1)];
        region.says(
            SECOND,
            Body::AidOffer(offer(offer_id(SECOND, 1), need_id(FIRST, 1), &lines)),
        );
        region
    }

    fn accepts(&mut self) {
        let pump = [resource_id(SECOND, "pump", 1)];
        let it = accept(need_id(FIRST, 1), offer_id(SECOND, 1), &pump);
        self.says(FIRST, Body::AidAccept(it));
    }

    fn commits(&mut self) {
        let pump = resource_id(SECOND, "pump", 1);
        let mut it = commit(aid_id(SECOND, 2), pump, need_id(FIRST, 1), 1);
        it.offer = Some(offer_id(SECOND, 1));
        self.says(SECOND, Body::AidCommit(it.into()));
    }

    fn coverage(&self) -> Coverage {
        self.picture().coverage(need_id(FIRST, 1))
    }
}

fn covered(covered: u32, delivered: u32, accepted: u32) -> Coverage {
    Coverage {
        quantity: 2,
        covered,
        delivered,
        accepted,
    }
}

#[test]
fn a_need_is_covered_by_commitments_delivered_by_arrivals_and_spoken_for_by_accepts() {
    let mut region = Region::asked_and_offered();
    assert_eq!(region.coverage(), covered(0, 0, 0));
    assert_eq!(region.coverage().open(), 2, "an offer alone covers nothing");
    region.accepts();
    assert_eq!(region.coverage(), covered(0, 0, 1));
    region.commits();
    assert_eq!(region.coverage(), covered(1, 0, 0));
    let pump = resource_id(SECOND, "pump", 1);
    let there = status(pump, UnitState::Staged, Some(aid_id(SECOND, 2)));
    region.says(SECOND, Body::UnitStatus(there));
    assert_eq!(region.coverage(), covered(1, 1, 0));
    assert_eq!(region.coverage().open(), 1);
}

#[test]
fn an_accept_of_an_offer_that_lapsed_is_spoken_for_no_more() {
    let mut region = Region::asked_and_offered();
    region.accepts();
    region.says(
        SECOND,
        Body::AidOfferEnd(AidOfferEnd {
            offer: offer_id(SECOND, 1),
            at: Moment(1_000),
        }),
    );
    assert_eq!(region.coverage(), covered(0, 0, 0));
}

#[test]
fn an_accept_of_an_offer_not_yet_heard_speaks_for_one() {
    let mut region = Region::new();
    region.says(FIRST, incident(report(FIRST, 1)));
    region.says(FIRST, Body::AidRequest(request(FIRST, 1, 1)));
    region.accepts();
    assert_eq!(region.coverage(), covered(0, 0, 1));
}

#[test]
fn what_comes_of_an_offer_that_was_given_up_does_not_cover_the_need() {
    let mut region = Region::asked_and_offered();
    region.accepts();
    region.says(
        FIRST,
        Body::AidPass(AidPass {
            need: need_id(FIRST, 1),
            offer: offer_id(SECOND, 1),
            at: Moment(2_000),
        }),
    );
    assert_eq!(region.coverage(), covered(0, 0, 0));
    region.commits();
    assert_eq!(region.coverage(), covered(0, 0, 0));
    assert_eq!(region.picture().aids_for(need_id(FIRST, 1)).count(), 1);
    region.accepts();
    assert_eq!(
        region.coverage(),
        covered(1, 0, 0),
        "it was taken after all"
    );
}

#[test]
fn a_need_that_nobody_knows_is_covered_by_nothing() {
    let region = Region::new();
    assert_eq!(region.coverage(), Coverage::default());
    assert!(region.picture().need(need_id(FIRST, 1)).is_none());
}

#[test]
fn enormous_numbers_do_not_overflow_a_coverage() {
    let mut region = Region::new();
    region.says(FIRST, incident(report(FIRST, 1)));
    region.says(FIRST, Body::AidRequest(request(FIRST, 1, 1)));
    for number in [1, 2] {
        let sand = resource_id(SECOND, "sand", number);
        region.says(
            SECOND,
            Body::Resource(resource(sand, Kind::Sandbag, u32::MAX)),
        );
        let mut it = commit(aid_id(SECOND, number), sand, need_id(FIRST, 1), 1);
        it.quantity = u32::MAX;
        region.says(SECOND, Body::AidCommit(it.into()));
    }
    assert_eq!(region.coverage().covered, u32::MAX);
    assert_eq!(region.coverage().open(), 0);
}

fn lead(lead: &str, act: LeadAct, at: u64) -> Body {
    Body::Lead(Lead {
        incident: incident_id(FIRST, 1),
        lead: party(lead),
        act,
        at: Moment(at),
    })
}

#[test]
fn the_opener_leads_until_two_agree_or_the_province_declares() {
    let mut region = Region::new();
    let leading = |region: &Region| region.picture().leading(incident_id(FIRST, 1));
    assert_eq!(leading(&region), Leading::Opener(party(FIRST)));
    region.says(SECOND, lead(SECOND, LeadAct::Offer, 1));
    assert_eq!(leading(&region), Leading::Unsettled(vec![party(SECOND)]));
    region.says(FIRST, lead(SECOND, LeadAct::Accept, 2));
    assert_eq!(leading(&region), Leading::Settled(party(SECOND)));
    region.says(THIRD, lead(THIRD, LeadAct::Offer, 3));
    let both = vec![party(SECOND), party(THIRD)];
    assert_eq!(leading(&region), Leading::Unsettled(both));
    region.says(PROVINCE, lead(FIRST, LeadAct::Declare, 4));
    assert_eq!(leading(&region), Leading::Settled(party(FIRST)));
}

#[test]
fn nobody_takes_the_lead_by_its_own_word_alone() {
    for act in [LeadAct::Accept, LeadAct::Declare] {
        let mut region = Region::new();
        region.says(SECOND, lead(SECOND, act, 1));
        assert_eq!(
            region.picture().leading(incident_id(FIRST, 1)),
            Leading::Unsettled(vec![party(SECOND)]),
            "{act:?}"
        );
    }
}

#[test]
fn of_two_words_about_a_road_the_later_counts_and_the_worse_if_both_are_as_late() {
    let mut region = Region::new();
    let state = |region: &Region| region.picture().roads()[&"r-1".parse().unwrap()].state;
    region.says(FIRST, Body::RoadStatus(road("r-1", RoadState::Closed, 10)));
    assert_eq!(state(&region), RoadState::Closed);
    region.says(SECOND, Body::RoadStatus(road("r-1", RoadState::Open, 20)));
    assert_eq!(state(&region), RoadState::Open, "later");
    region.says(MET, Body::RoadStatus(road("r-1", RoadState::Slow, 20)));
    assert_eq!(state(&region), RoadState::Slow, "as late and worse");
    region.says(SECOND, Body::RoadStatus(road("r-1", RoadState::Closed, 15)));
    assert_eq!(
        state(&region),
        RoadState::Slow,
        "an old word that came late"
    );
    assert_eq!(region.picture().closed_roads().count(), 0);
}

#[test]
fn an_old_notice_of_a_hazard_never_overwrites_a_newer_one() {
    let mut region = Region::new();
    region.says(MET, Body::Advisory(advisory(MET, 1, 20)));
    region.says(MET, Body::Advisory(advisory(MET, 1, 10)));
    let times: Vec<Moment> = region.picture().advisories().map(|it| it.as_of).collect();
    assert_eq!(times, [Moment(20)]);
    let mut over = advisory(MET, 1, 30);
    over.over = true;
    region.says(MET, Body::Advisory(over));
    assert_eq!(region.picture().advisories().count(), 0);
}

#[test]
fn a_warning_is_in_force_until_it_is_lifted_or_runs_out() {
    let mut region = Region::new();
    region.says(MET, Body::Warning(warning(MET, 1, 0)));
    let active = |region: &Region, now| region.picture().warnings(Moment(now)).count();
    assert_eq!((active(&region, 499), active(&region, 500)), (1, 0));
    let warning = warning_id(MET, 1);
    let at = Moment(100);
    region.says(MET, Body::WarningLift(WarningLift { warning, at }));
    assert_eq!(active(&region, 200), 0);
}

#[test]
fn an_incident_opened_twice_is_one_as_long_as_either_author_says_so() {
    let mut region = Region::new();
    let link = Link {
        relation: Relation::SameAs,
        incident: incident_id(FIRST, 1),
    };
    region.says(FIRST, incident(report(FIRST, 1)));
    let mut theirs = report(SECOND, 1);
    theirs.links = vec![link];
    region.says(SECOND, incident(theirs.clone()));
    let [ours, other] = [incident_id(FIRST, 1), incident_id(SECOND, 1)];
    assert_eq!(region.picture().same_as(ours), [other]);
    assert_eq!(region.picture().same_as(other), [ours]);
    theirs.links.clear();
    (theirs.report_no, theirs.kind) = (1, protocol::ReportKind::FollowUp);
    region.says(SECOND, incident(theirs));
    assert_eq!(region.picture().same_as(ours), [], "taken back");
}

#[test]
fn a_ring_reaches_its_offices_and_no_further() {
    use Audience::{Circle, Own, Region};
    assert!(reaches(Own, true, true) && !reaches(Own, false, true));
    assert!(reaches(Circle, false, true) && !reaches(Circle, false, false));
    assert!(reaches(Region, false, false));
}
