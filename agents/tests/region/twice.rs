//! What operators ask a second time, or beside what stands already: they are told how it stands.

use protocol::{
    Action, AidId, Audience, Autonomy, DeclineReason, FieldReport, Kind, NeedId, Outcome, Span,
};

use crate::bus::Region;
use crate::cast::{FIRST, GROUND, SECOND, Setting, party, unit_id};
use crate::command::busy;
use crate::outlived::note;
use crate::people::call;

/// Two cities whose planners advise; the first has an incident that asks for one fire crew.
fn advised() -> (Region, NeedId) {
    let mut region = Region::up(Setting {
        autonomy: Autonomy::Advise,
        ..Setting::crews(0, 2, 0)
    });
    region.call(FIRST, "call-1", 1);
    region.run(Span::seconds(10));
    let need = region.needs(FIRST)[0];
    (region, need)
}

fn update(need: NeedId, quantity: Option<u32>, audience: Option<Audience>) -> Action {
    Action::UpdateNeed {
        need,
        quantity,
        audience,
    }
}

#[test]
fn an_offer_is_answered_with_its_id_and_accepted_once() {
    let (mut region, need) = advised();
    let crew = unit_id(SECOND, Kind::FireRescue, 1);
    // Without a crew that answers, the unit stays on its way home.
    region.crews.remove(&crew);
    let offer = Action::Offer {
        need,
        resource: crew,
        quantity: 1,
    };
    let offer = region.done(SECOND, "r-1", offer).parse().unwrap();
    region.run(Span::seconds(5));
    region.done(FIRST, "r-2", Action::Accept { offer });
    let told = region.already(FIRST, "r-3", Action::Accept { offer });
    assert!(told.contains("accepted already"), "{told}");
    region.run_until("the commitment", |region| {
        region.count(SECOND, "aid-commit") == 1
    });
    region.run(Span::seconds(5));
    let state = region.office(FIRST).picture().state(party(SECOND)).unwrap();
    let aid: AidId = *state.aids.keys().next().unwrap();
    let told = region.already(FIRST, "r-4", Action::Accept { offer });
    assert!(told.contains(&format!("committed as {aid}")), "{told}");
    region.done(FIRST, "r-5", Action::Release { aid });
    let told = region.already(FIRST, "r-6", Action::Release { aid });
    assert!(told.contains("released already"), "{told}");
    region.is_sound();
}

#[test]
fn a_need_declined_twice_is_declined_once_unless_the_reason_changes() {
    let (mut region, need) = advised();
    let decline = |reason| Action::Decline { need, reason };
    region.done(SECOND, "r-1", decline(DeclineReason::ByOperator));
    let told = region.already(SECOND, "r-2", decline(DeclineReason::ByOperator));
    assert!(told.contains("declined already"), "{told}");
    region.done(SECOND, "r-3", decline(DeclineReason::Busy));
    region.done(FIRST, "r-4", Action::WithdrawNeed { need });
    region.run(Span::seconds(5));
    let told = region.refused(SECOND, "r-5", decline(DeclineReason::ByOperator));
    assert!(told.contains("withdrawn"), "{told}");
    region.is_sound();
}

#[test]
fn a_need_is_withdrawn_by_its_asker_and_once() {
    let (mut region, need) = advised();
    let withdraw = Action::WithdrawNeed { need };
    let foreign = region.refused(SECOND, "r-1", withdraw.clone());
    assert!(foreign.contains("was asked by 990100"), "{foreign}");
    assert!(foreign.starts_with("需求"), "{foreign}");
    region.done(FIRST, "r-2", withdraw.clone());
    let told = region.already(FIRST, "r-3", withdraw);
    assert!(told.contains("ended already (withdrawn)"), "{told}");
    let told = region.refused(FIRST, "r-4", update(need, Some(2), None));
    assert!(told.contains("ended already"), "{told}");
    region.is_sound();
}

#[test]
fn a_need_asks_for_more_and_of_a_wider_ring_and_never_of_a_narrower() {
    let (mut region, need) = advised();
    let asked = |region: &Region| {
        let asked = &region.office(SECOND).picture().need(need).unwrap().request;
        (asked.quantity, asked.audience)
    };
    region.done(FIRST, "r-1", update(need, Some(2), Some(Audience::Circle)));
    region.run(Span::seconds(5));
    assert_eq!(asked(&region), (2, Audience::Circle));
    let told = region.already(FIRST, "r-2", update(need, Some(2), None));
    assert!(told.contains("already"), "{told}");
    for (name, change, words) in [
        (
            "r-3",
            update(need, None, Some(Audience::Own)),
            "only widens",
        ),
        ("r-4", update(need, Some(0), None), "1 to 10000"),
    ] {
        let told = region.refused(FIRST, name, change);
        assert!(told.contains(words), "{told}");
    }
    let told = region.refused(SECOND, "r-5", update(need, Some(3), None));
    assert!(told.contains("was asked by 990100"), "{told}");
    region.is_sound();
}

#[test]
fn a_need_that_grows_by_hand_is_served_and_never_shrinks_below_what_is_committed() {
    let mut region = Region::up(Setting::crews(2, 0, 0));
    region.call(FIRST, "call-1", 1);
    region.run(Span::seconds(5));
    let need = region.needs(FIRST)[0];
    assert_eq!(region.coverage(FIRST, need).covered, 1);
    region.done(FIRST, "r-1", update(need, Some(2), None));
    assert_eq!(region.coverage(FIRST, need).covered, 2);
    let told = region.refused(FIRST, "r-2", update(need, Some(1), None));
    assert!(told.contains("2 of need"), "{told}");
    region.is_sound();
}

#[test]
fn a_request_beside_a_need_of_its_kind_names_that_need() {
    let mut region = busy();
    let incident = region.incident(FIRST, "call-1");
    let need = region.needs(FIRST)[0];
    let request = |kind| Action::Request {
        stands_by: false,
        incident,
        kind,
        quantity: 1,
        audience: Audience::Region,
        duration: Span::hours(1),
    };
    let mut asked = |name, kind| match region.act(FIRST, name, request(kind)) {
        Outcome::Done { about, remark, .. } => (about, remark.map(|it| it.to_string())),
        other => unreachable!("{other:?}"),
    };
    assert_eq!(asked("r-1", Kind::Ladder).1, None);
    let (another, told) = asked("r-2", Kind::FireRescue);
    assert_ne!(another, need.to_string());
    let told = told.unwrap();
    assert!(told.contains(&format!("had need {need} already")), "{told}");
}

#[test]
fn an_entry_is_acknowledged_once_and_never_by_its_own_author() {
    let (mut region, _) = advised();
    region.run(Span::seconds(5));
    let durable = region.office(SECOND).keeping().durable().clone();
    let log = |name| {
        *durable
            .keys()
            .find(|log| log.author == party(name))
            .unwrap()
    };
    let read = |log| Action::Acknowledge { log, seq: 1 };
    region.done(SECOND, "r-1", read(log(FIRST)));
    let told = region.already(SECOND, "r-2", read(log(FIRST)));
    assert!(told.contains("was acknowledged already"), "{told}");
    assert_eq!(region.count(SECOND, "acknowledge"), 1);
    let told = region.refused(SECOND, "r-3", read(log(SECOND)));
    assert!(told.contains("this office's own log"), "{told}");
}

#[test]
fn another_command_under_an_id_that_was_used_before_a_boot_is_not_said_to_be_done() {
    let mut region = Region::up(Setting::default());
    region.done(FIRST, "n-1", note("first words"));
    let refused = region.act(FIRST, "n-1", note("other words"));
    assert!(matches!(refused, Outcome::Refused { .. }), "{refused:?}");
    region.run(Span::seconds(5));
    let first = Region::index(FIRST);
    region.crash(first);
    region.boot(first);
    region.run(Span::seconds(10));
    let said = region.act(FIRST, "n-1", note("other words"));
    region.run(Span::seconds(5));
    let own = region.office(FIRST).picture().state(party(FIRST)).unwrap();
    let stands = own.notes.iter().any(|it| it.text == "other words");
    assert!(
        stands || !matches!(said, Outcome::Done { .. }),
        "{said:?}, and it stands nowhere"
    );
    let Outcome::Refused { reason } = said else {
        panic!("{said:?}");
    };
    assert!(reason.contains("an id of its own"), "{reason}");
    // What was asked is answered again, as ever.
    region.done(FIRST, "n-1", note("first words"));
    assert_eq!(region.count(FIRST, "duty-note"), 1);
}

#[test]
fn another_call_under_an_id_that_was_used_before_a_boot_is_not_said_to_be_done() {
    let mut region = busy();
    let first = Region::index(FIRST);
    region.crash(first);
    region.boot(first);
    region.run(Span::seconds(10));
    let opened = region.count(FIRST, "incident");
    let mut again = |place: Option<&str>| {
        let mut call = call(FIRST, "call-1", 1, region.now);
        call.place = place.map_or(call.place, str::to_owned);
        region.replies.clear();
        region.report(GROUND, FIRST, FieldReport::Call(Box::new(call)));
        region.run(Span::seconds(5));
        region.replies[0].outcome.clone()
    };
    let other = again(Some("Mill Lane 9"));
    assert!(matches!(other, Outcome::Refused { .. }), "{other:?}");
    let same = again(None);
    assert!(!matches!(same, Outcome::Refused { .. }), "{same:?}");
    assert_eq!(region.count(FIRST, "incident"), opened);
}
