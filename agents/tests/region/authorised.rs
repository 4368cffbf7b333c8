//! Units under another authority await its answer, and what people ordered names who ordered it.

use protocol::{
    Action, AuthorityAnswer, Autonomy, Body, CommandAuthority, Decision, Kind, NeedId, Ordered,
    Outcome, Planning, ResourceId, Span, UnitState,
};

use crate::bus::Region;
use crate::cast::{FIRST, SECOND, Setting, party, unit_id};

/// Cities that advise, whose fire crews obey the fire detachment; the first has a call for one.
fn called(first: u32, second: u32) -> (Region, NeedId) {
    let mut region = Region::up(Setting {
        autonomy: Autonomy::Advise,
        under: vec![(Kind::FireRescue, CommandAuthority::FireDetachment)],
        ..Setting::crews(first, second, 0)
    });
    region.call(FIRST, "call-1", 1);
    region.run(Span::seconds(10));
    let need = region.needs(FIRST)[0];
    (region, need)
}

fn dispatch(need: NeedId, resource: ResourceId) -> Action {
    let override_by = None;
    Action::Dispatch {
        need,
        resource,
        override_by,
    }
}

fn answered(unit: ResourceId, answer: AuthorityAnswer) -> Action {
    let post = "detachment duty desk".into();
    Action::Authority { unit, answer, post }
}

fn state(region: &Region, office: &str, unit: ResourceId) -> UnitState {
    let own = region.office(office).picture().state(party(office));
    own.unwrap().holdings[&unit].unit().unwrap().state
}

fn remark(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Done {
            remark: Some(remark),
            ..
        } => &remark.en,
        other => unreachable!("{other:?}"),
    }
}

/// Everything that people ordered in an office's log.
fn ordered(region: &Region, office: &str) -> Vec<(&'static str, Option<Ordered>)> {
    let entries = region.own(office);
    let bodies = entries.iter().filter_map(|entry| entry.body());
    let said = bodies.filter_map(|body| match body {
        Body::AidOffer(it) => Some((body.kind(), it.ordered.clone())),
        Body::AidCommit(it) => Some((body.kind(), it.ordered.clone())),
        Body::Release(it) => Some((body.kind(), it.ordered.clone())),
        Body::Recall(it) => Some((body.kind(), it.ordered.clone())),
        _ => None,
    });
    said.collect()
}

#[test]
fn a_unit_under_another_authority_waits_until_its_answer_is_entered() {
    let (mut region, need) = called(1, 0);
    let crew = unit_id(FIRST, Kind::FireRescue, 1);
    let outcome = region.act(FIRST, "r-1", dispatch(need, crew));
    assert!(
        remark(&outcome).contains("awaits its authority"),
        "{outcome:?}"
    );
    assert_eq!(region.count(FIRST, "aid-commit"), 0);
    assert_eq!(state(&region, FIRST, crew), UnitState::AwaitingAuthority);
    let told = region.refused(FIRST, "r-2", dispatch(need, crew));
    assert!(told.contains("awaiting-authority"), "{told}");
    // What waits is planned for nothing else, and waits through a boot.
    region.crash(Region::index(FIRST));
    region.run(Span::seconds(1));
    region.boot(Region::index(FIRST));
    region.run(Span::minutes(2));
    assert_eq!(state(&region, FIRST, crew), UnitState::AwaitingAuthority);
    region.done(FIRST, "r-3", answered(crew, AuthorityAnswer::Granted));
    assert_eq!(region.count(FIRST, "aid-commit"), 1);
    let said = ordered(&region, FIRST);
    let expected = Ordered {
        by: "duty officer".into(),
        command_authority: CommandAuthority::FireDetachment,
        granted_by: Some("detachment duty desk".into()),
    };
    assert_eq!(said, [("aid-commit", Some(expected))]);
    let told = region.refused(FIRST, "r-4", answered(crew, AuthorityAnswer::Granted));
    assert!(told.contains("awaits no authority"), "{told}");
    region.is_sound();
}

#[test]
fn what_is_refused_is_free_again_and_asked_anew() {
    let (mut region, need) = called(1, 0);
    let crew = unit_id(FIRST, Kind::FireRescue, 1);
    region.act(FIRST, "r-1", dispatch(need, crew));
    region.done(FIRST, "r-2", answered(crew, AuthorityAnswer::Refused));
    assert_eq!(state(&region, FIRST, crew), UnitState::Available);
    assert_eq!(region.count(FIRST, "aid-commit"), 0);
    region.act(FIRST, "r-3", dispatch(need, crew));
    assert_eq!(region.count(FIRST, "authority-asked"), 2);
    // A need that ends while its unit waits takes nothing from the answer.
    region.done(FIRST, "r-4", Action::WithdrawNeed { need });
    let outcome = region.act(FIRST, "r-5", answered(crew, AuthorityAnswer::Granted));
    assert!(remark(&outcome).contains("does not go"), "{outcome:?}");
    assert_eq!(region.count(FIRST, "aid-commit"), 0);
    assert_eq!(state(&region, FIRST, crew), UnitState::Available);
    region.is_sound();
}

#[test]
fn a_unit_is_granted_before_it_is_offered_and_every_step_says_who_ordered_it() {
    let (mut region, need) = called(0, 1);
    let resource = unit_id(SECOND, Kind::FireRescue, 1);
    region.crews.remove(&resource);
    let offer = Action::Offer {
        need,
        resource,
        quantity: 1,
    };
    let outcome = region.act(SECOND, "r-1", offer);
    assert!(
        remark(&outcome).contains("awaits its authority"),
        "{outcome:?}"
    );
    assert_eq!(region.count(SECOND, "aid-offer"), 0);
    let about = region.done(SECOND, "r-2", answered(resource, AuthorityAnswer::Granted));
    region.run(Span::seconds(5));
    let offer = about.parse().unwrap();
    region.done(FIRST, "r-3", Action::Accept { offer });
    region.run_until("the commitment", |region| {
        region.count(SECOND, "aid-commit") == 1
    });
    region.run(Span::seconds(5));
    let own = region
        .office(SECOND)
        .picture()
        .state(party(SECOND))
        .unwrap();
    let (aid, known) = own.aids.iter().next().unwrap();
    assert_eq!(known.commit.decided_by, "duty officer");
    let aid = *aid;
    let reason = "a fire at home".to_owned();
    region.done(SECOND, "r-4", Action::Recall { aid, reason });
    let said = [ordered(&region, FIRST), ordered(&region, SECOND)].concat();
    assert_eq!(said.len(), 3, "{said:?}");
    for (kind, ordered) in said {
        let ordered = ordered.unwrap_or_else(|| panic!("nobody ordered {kind}"));
        assert_eq!(ordered.by, "duty officer", "{kind}");
        assert_eq!(ordered.command_authority, CommandAuthority::FireDetachment);
        assert_eq!(ordered.granted_by.as_deref(), Some("detachment duty desk"));
    }
    region.is_sound();
}

#[test]
fn an_accepted_proposal_asks_for_authority_as_an_order_by_hand_does() {
    let (mut region, _) = called(1, 0);
    let Outcome::Proposals { proposals, .. } =
        region.act(FIRST, "r-1", Action::Proposals { incident: None })
    else {
        unreachable!("proposals are listed")
    };
    let accept = Action::Decide {
        proposal: proposals[0].id,
        decision: Decision::Accept,
    };
    let outcome = region.act(FIRST, "r-2", accept);
    assert!(
        remark(&outcome).contains("awaits its authority"),
        "{outcome:?}"
    );
    assert_eq!(region.count(FIRST, "proposal-decision"), 1);
    assert_eq!(region.count(FIRST, "aid-commit"), 0);
}

#[test]
fn who_advises_proposes_the_release_of_whoever_is_done_and_releases_nobody() {
    let (mut region, need) = called(1, 0);
    let crew = unit_id(FIRST, Kind::FireRescue, 1);
    region.act(FIRST, "r-1", dispatch(need, crew));
    region.done(FIRST, "r-2", answered(crew, AuthorityAnswer::Granted));
    region.run(Span::hours(2));
    assert_eq!(region.count(FIRST, "release"), 0, "people release");
    let Outcome::Proposals { proposals, .. } =
        region.act(FIRST, "r-3", Action::Proposals { incident: None })
    else {
        unreachable!("proposals are listed")
    };
    let told = proposals[0].step.told().en;
    assert!(told.starts_with("release "), "{told}");
    let accept = Action::Decide {
        proposal: proposals[0].id,
        decision: Decision::Accept,
    };
    region.done(FIRST, "r-4", accept);
    assert_eq!(region.count(FIRST, "release"), 1);
    region.run_until("the return", |region| region.count(FIRST, "returned") == 1);
    region.is_sound();
}

#[test]
fn a_planner_that_acts_commands_the_whole_fleet_of_its_exercise() {
    let mut region = Region::up(Setting {
        under: vec![(Kind::FireRescue, CommandAuthority::FireDetachment)],
        planning: Planning::OwnFirst,
        ..Setting::crews(1, 0, 0)
    });
    region.call(FIRST, "call-1", 1);
    region.run(Span::seconds(10));
    assert_eq!(region.count(FIRST, "aid-commit"), 1);
    assert_eq!(region.count(FIRST, "authority-asked"), 0);
    assert_eq!(ordered(&region, FIRST), [("aid-commit", None)]);
}
