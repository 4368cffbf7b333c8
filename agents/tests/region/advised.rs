//! An office that advises: its plan is a ranked proposal, and what people make of it is in its log.

use protocol::{
    Action, Audience, Autonomy, Body, Decision, Kind, Outcome, Planning, Proposal,
    ProposalDecision, ProposedStep, ResourceId, Span, UnitState,
};

use crate::bus::Region;
use crate::cast::{FIRST, SECOND, Setting, unit_id};

fn advised(first: u32, second: u32, planning: Planning) -> Region {
    let mut region = Region::up(Setting {
        autonomy: Autonomy::Advise,
        planning,
        ..Setting::crews(first, second, 0)
    });
    region.call(FIRST, "call-1", 1);
    region.run(Span::seconds(10));
    region
}

fn proposals(region: &mut Region, office: &str, request: &str) -> Vec<Proposal> {
    match region.act(office, request, Action::Proposals { incident: None }) {
        Outcome::Proposals { proposals, .. } => proposals,
        other => unreachable!("{other:?}"),
    }
}

fn first_step(region: &mut Region, office: &str, request: &str) -> (Proposal, String) {
    let proposed = proposals(region, office, request).remove(0);
    let told = proposed.step.told().en;
    (proposed, told)
}

fn decide(proposed: &Proposal, decision: Decision) -> Action {
    Action::Decide {
        proposal: proposed.id,
        decision,
    }
}

fn decisions(region: &Region, office: &str) -> Vec<ProposalDecision> {
    let entries = region.own(office);
    let bodies = entries.iter().filter_map(|entry| entry.body());
    let said = bodies.filter_map(|body| match body {
        Body::ProposalDecision(said) => Some(said.clone()),
        _ => None,
    });
    said.collect()
}

#[test]
fn a_proposal_that_is_accepted_is_done_and_the_log_says_who_accepted_it() {
    let mut region = advised(1, 0, Planning::OwnFirst);
    let (proposed, told) = first_step(&mut region, FIRST, "r-1");
    assert!(told.starts_with("dispatch 990100-fire-rescue-1"), "{told}");
    assert_eq!(region.count(FIRST, "aid-commit"), 0, "people decide");
    let about = region.done(FIRST, "r-2", decide(&proposed, Decision::Accept));
    assert_eq!(about, "990100-fire-rescue-1");
    assert_eq!(region.count(FIRST, "aid-commit"), 1);
    let said = decisions(&region, FIRST);
    assert_eq!((said.len(), &said[0].decision), (1, &Decision::Accept));
    assert_eq!(said[0].proposed, proposed.step);
    assert!(!said[0].by.is_empty());
    // Asked again it is answered again, and under another name it was decided before.
    region.done(FIRST, "r-2", decide(&proposed, Decision::Accept));
    let told = region.already(FIRST, "r-3", decide(&proposed, Decision::Accept));
    assert!(told.contains("decided before by"), "{told}");
    assert_eq!(region.count(FIRST, "aid-commit"), 1);
    region.is_sound();
}

#[test]
fn a_change_sends_the_other_unit_and_the_log_says_both() {
    let mut region = advised(2, 0, Planning::Batch);
    let (proposed, told) = first_step(&mut region, FIRST, "r-1");
    assert!(told.starts_with("dispatch 990100-fire-rescue-1"), "{told}");
    let instead = unit_id(FIRST, Kind::FireRescue, 2);
    let foreign = Decision::Change {
        instead: unit_id(SECOND, Kind::FireRescue, 1),
    };
    let told = region.refused(FIRST, "r-2", decide(&proposed, foreign));
    assert!(told.contains("is no resource of this office"), "{told}");
    region.done(
        FIRST,
        "r-3",
        decide(&proposed, Decision::Change { instead }),
    );
    let said = decisions(&region, FIRST);
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].decision, Decision::Change { instead });
    let state = region
        .office(FIRST)
        .picture()
        .state(crate::cast::party(FIRST));
    let sent: Vec<_> = state
        .unwrap()
        .aids
        .values()
        .map(|aid| aid.commit.resource)
        .collect();
    assert_eq!(sent, [instead]);
    region.is_sound();
}

#[test]
fn a_unit_that_was_declined_is_proposed_no_more_by_nobody_and_after_no_boot() {
    for planning in [Planning::OwnFirst, Planning::Batch] {
        let mut region = advised(2, 0, planning);
        let (proposed, told) = first_step(&mut region, FIRST, "r-1");
        assert!(told.starts_with("dispatch 990100-fire-rescue-1"), "{told}");
        let silent = Decision::Decline { reason: " ".into() };
        let told = region.refused(FIRST, "r-2", decide(&proposed, silent));
        assert!(told.contains("why it is declined is missing"), "{told}");
        let reason = "its crew has worked all night".to_owned();
        region.done(
            FIRST,
            "r-3",
            decide(&proposed, Decision::Decline { reason }),
        );
        assert_eq!(region.count(FIRST, "aid-commit"), 0);
        region.crash(Region::index(FIRST));
        region.run(Span::seconds(1));
        region.boot(Region::index(FIRST));
        region.run(Span::minutes(2));
        let (_, told) = first_step(&mut region, FIRST, "r-4");
        assert!(
            told.starts_with("dispatch 990100-fire-rescue-2"),
            "{planning}: {told}"
        );
        region.is_sound();
    }
}

#[test]
fn aid_comes_about_by_proposals_that_people_accept_on_either_side() {
    for planning in [Planning::OwnFirst, Planning::Batch] {
        let mut region = advised(0, 1, planning);
        region.run(Span::minutes(1));
        let steps = [
            (FIRST, "ask the"),
            (SECOND, "offer 990200-fire-rescue-1 x1"),
            (FIRST, "accept offer"),
        ];
        accepted(&mut region, "aid", &steps);
        region.run_until("the commitment", |region| {
            region.count(SECOND, "aid-commit") == 1
        });
        assert_eq!(proposals(&mut region, FIRST, "p-9"), []);
        assert_eq!(decisions(&region, FIRST).len(), 2);
        assert_eq!(decisions(&region, SECOND).len(), 1);
        region.is_sound();
    }
}

/// The unit that stands by is proposed for what happens there, and turned to it by the acceptance.
#[test]
fn a_unit_stands_by_and_then_works_because_people_accept_what_is_proposed() {
    for planning in [Planning::OwnFirst, Planning::Batch] {
        let mut region = Region::up(Setting {
            autonomy: Autonomy::Advise,
            planning,
            ..Setting::crews(0, 2, 0)
        });
        region.call(FIRST, "watch", 1);
        region.run(Span::seconds(5));
        let request = Action::Request {
            incident: region.incident(FIRST, "watch"),
            kind: Kind::FireRescue,
            quantity: 1,
            audience: Audience::Region,
            duration: Span::hours(12),
            stands_by: true,
        };
        region.done(FIRST, "ask", request);
        region.run(Span::minutes(1));
        let stand = [(SECOND, "offer"), (FIRST, "accept offer")];
        accepted(&mut region, "stand", &stand);
        region.run(Span::hours(1));
        let stands = commits(&region)[0].0;
        assert_eq!(region.crews[&stands].state, UnitState::Staged, "{planning}");

        let work = [
            (FIRST, "ask the"),
            (SECOND, "offer"),
            (FIRST, "accept offer"),
        ];
        accepted(&mut region, "work", &work);
        region.run(Span::minutes(5));
        let expected = [(stands, false), (stands, true)];
        assert_eq!(commits(&region), expected, "{planning}");
        assert_eq!(
            region.crews[&stands].state,
            UnitState::Working,
            "{planning}"
        );
        region.is_sound();
    }
}

/// What the second city has committed, and whether it was turned from something.
fn commits(region: &Region) -> Vec<(ResourceId, bool)> {
    let entries = region.own(SECOND).into_iter();
    let commits = entries.filter_map(|it| match it.body() {
        Some(Body::AidCommit(commit)) => Some((commit.resource, commit.turned_from.is_some())),
        _ => None,
    });
    commits.collect()
}

/// People accept what is proposed, office by office.
fn accepted(region: &mut Region, name: &str, steps: &[(&str, &str)]) {
    for (number, (office, expected)) in steps.iter().enumerate() {
        let proposed = proposals(region, office, &format!("{name}-p{number}"));
        let told = |it: &&Proposal| it.step.told().en.starts_with(expected);
        let wanted = proposed.iter().find(told);
        assert!(
            wanted.is_some(),
            "{name}: {office} {expected}: {proposed:?}"
        );
        let accept = decide(wanted.unwrap(), Decision::Accept);
        region.done(office, &format!("{name}-d{number}"), accept);
        region.run(Span::seconds(5));
    }
}

#[test]
fn what_is_proposed_no_longer_is_refused_with_what_to_do() {
    let mut region = advised(1, 0, Planning::OwnFirst);
    let (proposed, _) = first_step(&mut region, FIRST, "r-1");
    let need = region.needs(FIRST)[0];
    region.done(FIRST, "r-2", Action::WithdrawNeed { need });
    let told = region.refused(FIRST, "r-3", decide(&proposed, Decision::Accept));
    assert!(told.contains("list `proposals` again"), "{told}");
    assert!(told.starts_with("现已无建议"), "{told}");
    assert_eq!(decisions(&region, FIRST), []);
}

#[test]
fn declining_is_not_proposed_before_the_crews_that_could_serve_were_heard() {
    let mut setting = Setting::crews(0, 1, 0);
    setting.autonomy = Autonomy::Advise;
    let mut region = Region::up(setting);
    let second = Region::index(SECOND);
    region.crash(second);
    let crews = std::mem::take(&mut region.crews);
    region.boot(second);
    region.run(Span::seconds(20));
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(1));
    let asks = proposals(&mut region, FIRST, "p-1").remove(0);
    region.done(FIRST, "d-1", decide(&asks, Decision::Accept));
    region.run(Span::seconds(5));
    assert_eq!(proposals(&mut region, SECOND, "p-2"), []);
    region.crews = crews;
    region.run(Span::minutes(40));
    let told = proposals(&mut region, SECOND, "p-3");
    let offers = |it: &Proposal| matches!(it.step, ProposedStep::Offer { .. });
    assert!(told.iter().any(offers), "its crew was heard: {told:?}");
}

#[test]
fn an_office_that_advises_sleeps_while_the_plan_waits_for_somebody_who_is_down() {
    let mut setting = Setting::crews(0, 1, 0);
    setting.autonomy = Autonomy::Advise;
    setting.planning = Planning::Batch;
    let mut region = Region::up(setting);
    region.crash(Region::index(SECOND));
    region.call(FIRST, "call-1", 1);
    region.run(Span::seconds(5));
    let asks = proposals(&mut region, FIRST, "p-1").remove(0);
    region.done(FIRST, "d-1", decide(&asks, Decision::Accept));
    region.run(Span::seconds(5));
    proposals(&mut region, FIRST, "p-2");
    let turns = region.turns;
    region.run(Span::minutes(10));
    let busy = region.turns - turns;
    assert!(busy < 400, "{busy} turns in ten quiet minutes");
}
