//! Every proposal says why: by which road, what it leaves behind, the next best, and why nothing nearer.

use protocol::{
    Action, Autonomy, Because, Call, Cover, Decision, FieldReport, IncidentId, Kind, Outcome,
    Planning, Proposal, Span, Why,
};

use crate::bus::Region;
use crate::cast::{FIRST, GROUND, SECOND, Setting, party, seat, unit_id};
use crate::people::call;

/// Two cities that advise; the first has a call for one crew at the second's seat.
fn called_far_away(setting: Setting) -> Region {
    let mut region = Region::up(Setting {
        autonomy: Autonomy::Advise,
        ..setting
    });
    let far = Call {
        point: Some(seat(SECOND)),
        ..call(FIRST, "call-1", 1, region.now)
    };
    region.report(GROUND, FIRST, FieldReport::Call(Box::new(far)));
    region.run(Span::seconds(10));
    region
}

fn proposals(
    region: &mut Region,
    office: &str,
    request: &str,
    incident: Option<IncidentId>,
) -> Vec<Proposal> {
    match region.act(office, request, Action::Proposals { incident }) {
        Outcome::Proposals { proposals, .. } => proposals,
        other => unreachable!("{other:?}"),
    }
}

fn first(region: &mut Region, request: &str) -> (Proposal, Why) {
    let proposed = proposals(region, FIRST, request, None);
    let sends = proposed.into_iter().find(|it| it.why.is_some());
    let sends = sends.expect("something is sent");
    let why = sends.why.clone().unwrap();
    (sends, why)
}

#[test]
fn a_proposal_says_by_which_road_what_stays_and_what_the_next_best_costs() {
    let mut setting = Setting::crews(3, 1, 0);
    setting.floors.push((FIRST, Kind::FireRescue, 1));
    let mut region = called_far_away(setting);
    let (proposed, why) = first(&mut region, "r-1");
    assert_eq!(why.roads, ["S1"]);
    assert_eq!((why.wanted, why.kind), (Kind::FireRescue, Kind::FireRescue));
    assert_eq!(why.leaves, Cover { left: 2, floor: 1 });
    assert_eq!(Some(why.eta), proposed.eta);
    let next = why.next.expect("two more stand beside it");
    assert_eq!(next.resource, unit_id(FIRST, Kind::FireRescue, 2));
    assert_eq!((next.eta, next.costs_min), (why.eta, 0));
    let told = why.told();
    assert!(told.zh.starts_with("经S1，约 "), "{told}");
    assert!(
        told.en.contains("leaves 2 fire and rescue at home"),
        "{told}"
    );
}

#[test]
fn it_says_of_what_is_nearer_why_it_does_not_go() {
    let near = unit_id(SECOND, Kind::FireRescue, 1);
    let owner = party(SECOND);
    let mut kept = Setting::crews(1, 1, 0);
    kept.floors.push((SECOND, Kind::FireRescue, 1));
    kept.planning = Planning::Batch;
    let own_first = Setting::crews(1, 1, 0);
    for (setting, because) in [
        (own_first, Because::OwnFirst { owner }),
        (kept, Because::KeptHome { owner }),
    ] {
        let mut region = called_far_away(setting);
        let (_, why) = first(&mut region, "r-1");
        assert_eq!(why.next, None);
        let nearer: Vec<_> = why
            .nearer
            .iter()
            .map(|it| (it.resource, it.because))
            .collect();
        assert_eq!(nearer, [(near, because)]);
    }
}

#[test]
fn a_unit_that_people_declined_or_that_is_busy_is_named_among_the_nearer() {
    let mut region = called_far_away(Setting::crews(1, 1, 0));
    region.call(SECOND, "call-2", 1);
    region.run(Span::seconds(5));
    let need = region.needs(SECOND)[0];
    let resource = unit_id(SECOND, Kind::FireRescue, 1);
    let send = Action::Dispatch {
        need,
        resource,
        override_by: None,
    };
    region.done(SECOND, "r-1", send);
    region.run(Span::seconds(5));
    let (_, why) = first(&mut region, "r-2");
    let busy = |it: &protocol::Nearer| matches!(it.because, Because::Busy { .. });
    assert!(
        why.nearer.iter().all(busy) && why.nearer.len() == 1,
        "{why:?}"
    );

    let mut declined = Setting::crews(1, 2, 0);
    declined.planning = Planning::Batch;
    let mut region = called_far_away(declined);
    region.run(Span::minutes(2));
    let proposed = proposals(&mut region, SECOND, "r-3", None);
    assert!(
        proposed.is_empty(),
        "its ring does not reach them: {proposed:?}"
    );
    let asks = proposals(&mut region, FIRST, "r-4", None);
    let widen = Action::Decide {
        proposal: asks[0].id,
        decision: Decision::Accept,
    };
    region.done(FIRST, "r-5", widen);
    region.run(Span::seconds(5));
    for (number, expected) in [(6, 0), (8, 1)] {
        let proposed = proposals(&mut region, SECOND, &format!("r-{number}"), None);
        let why = proposed[0].why.as_ref().expect("it sends a unit");
        let equals = why.nearer.len() + usize::from(why.next.is_some_and(|it| it.eta == why.eta));
        assert_eq!(equals, 1 - expected, "{why:?}");
        let reason = "kept for the harbour".to_owned();
        let decline = Action::Decide {
            proposal: proposed[0].id,
            decision: Decision::Decline { reason },
        };
        region.done(SECOND, &format!("r-{}", number + 1), decline);
    }
    let (_, why) = first(&mut region, "r-10");
    let declined = |it: &protocol::Nearer| it.because == Because::Declined;
    assert!(
        why.nearer.iter().all(declined) && why.nearer.len() == 2,
        "{why:?}"
    );
}

#[test]
fn of_one_incident_what_serves_it_is_proposed_and_what_others_take_from_home_is_counted() {
    let mut region = called_far_away(Setting::crews(3, 1, 0));
    region.call(FIRST, "call-2", 1);
    region.run(Span::seconds(10));
    let second = region.incident(FIRST, "call-2");
    let all = proposals(&mut region, FIRST, "r-1", None);
    assert_eq!(all.len(), 2);
    let of_second = proposals(&mut region, FIRST, "r-2", Some(second));
    assert_eq!(of_second, all[1..], "as it stands among all");
    let why = of_second[0].why.as_ref().expect("it sends a unit");
    assert_eq!(why.leaves.left, 1, "two of three have left: {why:?}");
    let other = IncidentId {
        number: second.number + 90,
        ..second
    };
    assert!(proposals(&mut region, FIRST, "r-3", Some(other)).is_empty());
}
