//! Every step of a unit's life, allowed and refused, as a table; and a life from call to home.

use protocol::{
    Body, Kind, Moment, Recall, ResourceId, ReturnOrdered, Returned, StatusSource, UnitState,
    UnitStatus,
};

use picture::{AidState, Standing, is_deployed, may_divert, may_order_home, may_report};

use crate::bodies::{
    aid_id, commit, fence, incident, need_id, offer, offer_id, report, request, resource,
    resource_id, status,
};
use crate::cast::{FIRST, Holder, SECOND, Scribe, party};

/// What each state may report next; whatever is not listed is refused.
const STEPS: [(UnitState, &str); 15] = {
    use UnitState::{
        Available, AwaitingAuthority, Committed, Damaged, EnRouteHome, EnRouteOut, Held, Lost,
        Mobilising, OutOfService, Recalled, Rehab, Released, Staged, Working,
    };
    [
        (OutOfService, "out-of-service available lost damaged"),
        (Available, "out-of-service available lost damaged"),
        (AwaitingAuthority, "lost damaged"),
        (Held, "lost damaged"),
        (
            Committed,
            "mobilising en-route-out staged working lost damaged",
        ),
        (
            Mobilising,
            "mobilising en-route-out staged working lost damaged",
        ),
        (EnRouteOut, "en-route-out staged working lost damaged"),
        (Staged, "staged working lost damaged"),
        (Working, "staged working lost damaged"),
        (Released, "en-route-home rehab lost damaged"),
        (Recalled, "en-route-home rehab lost damaged"),
        (EnRouteHome, "en-route-home rehab lost damaged"),
        (Rehab, "rehab lost damaged"),
        (Lost, "out-of-service available"),
        (Damaged, "out-of-service available"),
    ]
};

#[test]
fn each_state_reports_exactly_the_steps_of_the_table() {
    assert_eq!(STEPS.len(), UnitState::ALL.len());
    for (from, allowed) in STEPS {
        for to in UnitState::ALL {
            let expected = allowed.split(' ').any(|code| code == to.code());
            assert_eq!(may_report(from, *to), expected, "{from} to {to}");
        }
    }
}

#[test]
fn a_unit_serves_somebody_from_the_commitment_until_it_has_rested() {
    for state in UnitState::ALL {
        let code = state.code();
        let deployed = "committed mobilising en-route-out staged working released recalled \
                        en-route-home rehab";
        assert_eq!(
            is_deployed(*state),
            deployed.split_whitespace().any(|it| it == code),
            "{code}"
        );
        let outward = "committed mobilising en-route-out staged working";
        let is_outward = outward.split(' ').any(|it| it == code);
        assert_eq!(may_order_home(*state), is_outward, "{code}");
        assert_eq!(
            may_divert(*state),
            is_deployed(*state) && !matches!(code, "working" | "rehab"),
            "{code}"
        );
    }
}

/// A log with one pump and one need, and who reads it.
pub(crate) struct Fleet {
    scribe: Scribe,
    pub(crate) holder: Holder,
    pub(crate) unit: ResourceId,
}

impl Fleet {
    pub(crate) fn new() -> Self {
        let mut fleet = Self {
            scribe: Scribe::first_life(FIRST),
            holder: Holder::informed(),
            unit: resource_id(FIRST, "pump", 1),
        };
        fleet.holder.hear(&fleet.scribe.entries[0]);
        fleet.stands(Body::Resource(resource(fleet.unit, Kind::Pump, 1)));
        fleet.stands(incident(report(FIRST, 1)));
        fleet.stands(Body::AidRequest(request(FIRST, 1, 1)));
        fleet
    }

    pub(crate) fn says(&mut self, body: Body) -> Option<&'static str> {
        let envelope = self.scribe.write(body);
        self.holder.verdict(&envelope)
    }

    pub(crate) fn stands(&mut self, body: Body) {
        let kind = body.kind();
        assert_eq!(self.says(body), None, "{kind}");
    }

    fn commits(&mut self, number: u32, command: u32) {
        let it = commit(aid_id(FIRST, number), self.unit, need_id(FIRST, 1), command);
        self.stands(Body::AidCommit(it.into()));
    }

    pub(crate) fn reports(&mut self, state: UnitState, aid: u32) {
        let it = status(self.unit, state, Some(aid_id(FIRST, aid)));
        self.stands(Body::UnitStatus(it));
    }

    pub(crate) fn state(&self) -> UnitState {
        let own = self.holder.picture.state(party(FIRST)).unwrap();
        own.holdings[&self.unit].unit().unwrap().state
    }

    pub(crate) fn aid(&self, number: u32) -> AidState {
        self.holder
            .picture
            .aid(aid_id(FIRST, number))
            .unwrap()
            .state
    }
}

fn home(number: u32, command: u32) -> Body {
    Body::ReturnOrdered(ReturnOrdered {
        aid: aid_id(FIRST, number),
        fence: fence(command),
        at: Moment(70),
    })
}

fn returned(number: u32) -> Body {
    Body::Returned(Returned {
        aid: aid_id(FIRST, number),
        quantity: 1,
        consumed: 0,
        at: Moment(90),
    })
}

#[test]
fn a_unit_goes_out_works_comes_home_and_may_go_again() {
    let mut fleet = Fleet::new();
    fleet.commits(1, 1);
    for state in [UnitState::EnRouteOut, UnitState::Staged, UnitState::Working] {
        fleet.reports(state, 1);
    }
    let picture = &fleet.holder.picture;
    assert_eq!(
        picture.aid(aid_id(FIRST, 1)).unwrap().arrived_at,
        Some(Moment(40))
    );
    assert_eq!(picture.coverage(need_id(FIRST, 1)).delivered, 1);
    fleet.stands(home(1, 2));
    assert_eq!(
        (fleet.state(), fleet.aid(1)),
        (UnitState::Released, AidState::Released)
    );
    fleet.reports(UnitState::EnRouteHome, 1);
    fleet.stands(returned(1));
    assert_eq!(
        (fleet.state(), fleet.aid(1)),
        (UnitState::Available, AidState::Returned)
    );
    assert_eq!(fleet.says(returned(1)), Some("R11"), "it returns once");
    fleet.commits(2, 3);
    assert_eq!(fleet.state(), UnitState::Committed);
}

#[test]
fn a_unit_on_its_way_is_turned_only_by_a_greater_fence() {
    let mut fleet = Fleet::new();
    fleet.commits(1, 1);
    fleet.reports(UnitState::EnRouteOut, 1);
    let mut second = commit(aid_id(FIRST, 2), fleet.unit, need_id(FIRST, 1), 2);
    for wrong in [None, Some(aid_id(FIRST, 9))] {
        second.turned_from = wrong;
        let said = Body::AidCommit(second.clone().into());
        assert_eq!(fleet.says(said), Some("R11"), "turned from {wrong:?}");
    }
    second.turned_from = Some(aid_id(FIRST, 1));
    fleet.stands(Body::AidCommit(second.into()));
    assert_eq!(fleet.aid(1), AidState::Redirected);
    assert_eq!(fleet.aid(2), AidState::Live);
    let coverage = fleet.holder.picture.coverage(need_id(FIRST, 1));
    assert_eq!(
        coverage.covered, 1,
        "the one that it was turned from does not count"
    );
    fleet.reports(UnitState::Working, 2);
    let third = commit(aid_id(FIRST, 3), fleet.unit, need_id(FIRST, 1), 3);
    assert_eq!(
        fleet.says(Body::AidCommit(third.into())),
        Some("R11"),
        "at work it stays"
    );
}

#[test]
fn a_recalled_unit_no_longer_covers_its_need() {
    let mut fleet = Fleet::new();
    fleet.commits(1, 1);
    assert_eq!(fleet.holder.picture.coverage(need_id(FIRST, 1)).open(), 1);
    fleet.stands(Body::Recall(Recall {
        ordered: None,
        aid: aid_id(FIRST, 1),
        fence: fence(2),
        reason: "fire at home".into(),
        at: Moment(60),
    }));
    assert_eq!(
        (fleet.state(), fleet.aid(1)),
        (UnitState::Recalled, AidState::Recalled)
    );
    assert_eq!(fleet.holder.picture.coverage(need_id(FIRST, 1)).open(), 2);
    assert_eq!(
        fleet.says(home(1, 3)),
        Some("R11"),
        "it is on its way home already"
    );
    fleet.stands(returned(1));
    let coverage = fleet.holder.picture.coverage(need_id(FIRST, 1));
    assert_eq!(coverage.open(), 2, "back home it covers nothing either");
}

#[test]
fn what_was_done_counts_even_if_the_unit_is_recalled_or_lost_afterwards() {
    for lost in [false, true] {
        let mut fleet = Fleet::new();
        fleet.commits(1, 1);
        let mut done = status(fleet.unit, UnitState::Working, Some(aid_id(FIRST, 1)));
        done.work_done = true;
        fleet.stands(Body::UnitStatus(done));
        if lost {
            fleet.reports(UnitState::Lost, 1);
        } else {
            fleet.stands(Body::Recall(Recall {
                ordered: None,
                aid: aid_id(FIRST, 1),
                fence: fence(2),
                reason: "fire at home".into(),
                at: Moment(60),
            }));
        }
        assert_eq!(fleet.holder.picture.coverage(need_id(FIRST, 1)).covered, 1);
    }
}

#[test]
fn a_lost_unit_serves_nobody_until_it_is_found() {
    let mut fleet = Fleet::new();
    fleet.commits(1, 1);
    fleet.reports(UnitState::Lost, 1);
    assert_eq!(fleet.aid(1), AidState::Lost);
    assert_eq!(fleet.holder.picture.coverage(need_id(FIRST, 1)).covered, 0);
    let found = status(fleet.unit, UnitState::Available, None);
    fleet.stands(Body::UnitStatus(found));
    fleet.commits(2, 2);
}

#[test]
fn a_held_unit_is_free_again_when_its_offer_ends_and_never_after_it_was_committed() {
    let mut fleet = Fleet::new();
    let need = need_id(SECOND, 1);
    let unit = fleet.unit;
    fleet.stands(Body::AidOffer(offer(
        offer_id(FIRST, 5),
        need,
        &[(unit, 1)],
    )));
    assert_eq!(fleet.state(), UnitState::Held);
    let end = |number| {
        Body::AidOfferEnd(protocol::AidOfferEnd {
            offer: offer_id(FIRST, number),
            at: Moment(80),
        })
    };
    fleet.stands(end(5));
    assert_eq!(fleet.state(), UnitState::Available);
    fleet.stands(Body::AidOffer(offer(
        offer_id(FIRST, 6),
        need,
        &[(unit, 1)],
    )));
    let mut taken = commit(aid_id(FIRST, 7), unit, need, 1);
    taken.offer = Some(offer_id(FIRST, 6));
    fleet.stands(Body::AidCommit(taken.into()));
    assert_eq!(fleet.says(end(6)), Some("R11"));
    assert_eq!(fleet.state(), UnitState::Committed);
}

#[test]
fn what_an_offer_does_not_lend_of_its_lines_is_free_again() {
    let mut fleet = Fleet::new();
    let other = resource_id(FIRST, "pump", 2);
    fleet.stands(Body::Resource(resource(other, Kind::Pump, 1)));
    let (unit, need) = (fleet.unit, need_id(SECOND, 1));
    let both = offer(offer_id(FIRST, 5), need, &[(unit, 1), (other, 1)]);
    fleet.stands(Body::AidOffer(both));
    let mut first = commit(aid_id(FIRST, 6), unit, need, 1);
    first.offer = Some(offer_id(FIRST, 5));
    fleet.stands(Body::AidCommit(first.into()));
    let state = |fleet: &Fleet| {
        let own = fleet.holder.picture.state(party(FIRST)).unwrap();
        own.holdings[&other].unit().unwrap().state
    };
    assert_eq!(state(&fleet), UnitState::Available);
    let mut second = commit(aid_id(FIRST, 7), other, need, 1);
    second.offer = Some(offer_id(FIRST, 5));
    fleet.stands(Body::AidCommit(second.into()));
    assert_eq!(state(&fleet), UnitState::Committed);
}

#[test]
fn a_stock_is_counted_out_and_what_was_used_is_gone() {
    let mut fleet = Fleet::new();
    let sand = resource_id(FIRST, "sand", 1);
    fleet.stands(Body::Resource(resource(sand, Kind::Sandbag, 100)));
    let mut out = commit(aid_id(FIRST, 5), sand, need_id(FIRST, 1), 1);
    out.quantity = 60;
    fleet.stands(Body::AidCommit(out.into()));
    let stock = |fleet: &Fleet| {
        let own = fleet.holder.picture.state(party(FIRST)).unwrap();
        match &own.holdings[&sand].standing {
            Standing::Stock(stock) => (stock.on_hand, stock.free()),
            Standing::Unit(_) => (0, 0),
        }
    };
    assert_eq!(stock(&fleet), (100, 40));
    let count = |on_hand| {
        Body::StockStatus(protocol::StockStatus {
            resource: sand,
            on_hand,
            as_of: Moment(50),
            reason: "counted".into(),
            request: None,
        })
    };
    assert_eq!(fleet.says(count(59)), Some("R12"), "sixty are committed");
    fleet.stands(Body::Returned(Returned {
        aid: aid_id(FIRST, 5),
        quantity: 10,
        consumed: 50,
        at: Moment(90),
    }));
    assert_eq!(stock(&fleet), (50, 50));
}

#[test]
fn a_dispatcher_s_read_back_confirms_an_order_as_a_terminal_does() {
    let mut fleet = Fleet::new();
    fleet.commits(1, 4);
    let proxy = UnitStatus {
        source: StatusSource::Proxy {
            caller: "crew".into(),
            called_at: Moment(39),
            dispatcher: "desk".into(),
            request: "r-1".parse().unwrap(),
        },
        ..status(fleet.unit, UnitState::EnRouteOut, Some(aid_id(FIRST, 1)))
    };
    fleet.stands(Body::UnitStatus(proxy));
    let own = fleet.holder.picture.state(party(FIRST)).unwrap();
    assert_eq!(
        own.holdings[&fleet.unit].unit().unwrap().confirmed_command,
        4
    );
    assert!(own.requests.contains_key(&"r-1".parse().unwrap()));
}
