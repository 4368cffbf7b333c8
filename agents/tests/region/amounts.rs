//! Stocks and room under a plan for the region: who gives how much, what is kept, and what people are told.

use protocol::{
    Action, Autonomy, Because, Body, Cover, Decision, DeclineReason, FieldReport, Kind, Outcome,
    Planning, Proposal, Severity, Span, StockCount,
};

use crate::bus::Region;
use crate::cast::{FIRST, GROUND, SECOND, Setting, THIRD, party, unit_id};
use crate::people::{call, request};

fn stocks(planning: Planning, stocks: &[(&'static str, Kind, u32)]) -> Setting {
    Setting {
        planning,
        stocks: stocks.to_vec(),
        ..Setting::crews(0, 0, 0)
    }
}

/// A city calls for so much of something.
fn asks(region: &mut Region, city: &str, name: &str, (kind, quantity): (Kind, u32)) {
    let mut flood = call(city, name, 1, region.now);
    flood.requires[0].kind = kind;
    flood.requires[0].quantity = quantity;
    flood.severity = Severity::Serious;
    region.report(GROUND, city, FieldReport::Call(Box::new(flood)));
}

/// What an office committed to whose needs, in order.
fn committed(region: &Region, office: &str) -> Vec<(String, u32)> {
    let entries = region.own(office);
    let bodies = entries.iter().filter_map(|entry| entry.body());
    let commits = bodies.filter_map(|body| match body {
        Body::AidCommit(it) => Some((it.need.author.to_string(), it.quantity)),
        _ => None,
    });
    commits.collect()
}

fn proposals(region: &mut Region, office: &str, request: &str) -> Vec<Proposal> {
    match region.act(office, request, Action::Proposals { incident: None }) {
        Outcome::Proposals { proposals, .. } => proposals,
        other => unreachable!("{other:?}"),
    }
}

#[test]
fn offices_divide_what_there_is_as_harms_least_and_each_commits_its_own() {
    for planning in [Planning::Batch, Planning::LookAhead, Planning::Replan] {
        let mut region = Region::up(stocks(
            planning,
            &[
                (FIRST, Kind::Sandbag, 300),
                (SECOND, Kind::Sandbag, 900),
                (THIRD, Kind::Sandbag, 900),
            ],
        ));
        asks(&mut region, FIRST, "call-1", (Kind::Sandbag, 1_000));
        region.run(Span::minutes(2));
        assert_eq!(committed(&region, FIRST), [(FIRST.to_owned(), 300)]);
        assert_eq!(
            committed(&region, SECOND),
            [(FIRST.to_owned(), 700)],
            "{planning}: twenty kilometres"
        );
        assert_eq!(committed(&region, THIRD), [], "{planning}: forty");
        // What the second has left is nearer to it than all that the third has.
        asks(&mut region, SECOND, "call-2", (Kind::Sandbag, 500));
        region.run(Span::minutes(2));
        assert_eq!(committed(&region, SECOND)[1], (SECOND.to_owned(), 200));
        assert_eq!(committed(&region, THIRD), [(SECOND.to_owned(), 300)]);
        for need in [region.needs(FIRST)[0], region.needs(SECOND)[0]] {
            let coverage = region.coverage(FIRST, need);
            assert_eq!(coverage.covered, coverage.quantity, "{planning}");
        }
        region.is_sound();
    }
}

#[test]
fn a_floor_holds_under_a_plan_for_the_region_and_who_keeps_says_so() {
    let mut setting = stocks(
        Planning::Batch,
        &[(SECOND, Kind::Bed, 100), (THIRD, Kind::Bed, 40)],
    );
    setting.floors = vec![(SECOND, Kind::Bed, 60), (THIRD, Kind::Bed, 40)];
    let mut region = Region::up(setting);
    asks(&mut region, FIRST, "call-1", (Kind::Bed, 90));
    region.run(Span::minutes(3));
    assert_eq!(committed(&region, SECOND), [(FIRST.to_owned(), 40)]);
    assert_eq!(committed(&region, THIRD), []);
    let need = region.needs(FIRST)[0];
    assert_eq!(region.coverage(FIRST, need).covered, 40);
    let said = |office| {
        let state = region.office(FIRST).picture().state(party(office));
        state.unwrap().declined.get(&need).copied()
    };
    assert_eq!(said(SECOND), Some(DeclineReason::KeepHome));
    assert_eq!(said(THIRD), Some(DeclineReason::KeepHome));
    region.is_sound();
}

#[test]
fn a_stock_that_nobody_owns_is_declined_by_all_and_still_asked_for() {
    let mut region = Region::up(stocks(Planning::Replan, &[]));
    asks(&mut region, FIRST, "call-1", (Kind::Foam, 5));
    region.run(Span::minutes(3));
    let need = region.needs(FIRST)[0];
    for office in [SECOND, THIRD] {
        let state = region.office(FIRST).picture().state(party(office)).unwrap();
        assert_eq!(state.declined.get(&need), Some(&DeclineReason::None));
    }
    assert_eq!(region.coverage(FIRST, need).open(), 5);
    region.is_sound();
}

#[test]
fn what_is_delivered_serves_the_need_that_waited_though_its_owner_declined() {
    let mut region = Region::up(stocks(Planning::Batch, &[(SECOND, Kind::Foam, 1)]));
    asks(&mut region, FIRST, "call-1", (Kind::Foam, 5));
    region.run(Span::minutes(3));
    let need = region.needs(FIRST)[0];
    assert_eq!(region.coverage(FIRST, need).covered, 1);
    let delivered = Action::Stock(StockCount {
        request: request("ignored"),
        resource: unit_id(SECOND, Kind::Foam, 1),
        on_hand: 9,
        at: region.now,
        reason: "delivered".into(),
    });
    region.done(SECOND, "r-1", delivered);
    region.run(Span::minutes(2));
    assert_eq!(region.coverage(FIRST, need).covered, 5);
    region.is_sound();
}

/// A city that advises asks for a thousand sandbags, of which it has three hundred.
fn advised() -> Region {
    let mut setting = stocks(
        Planning::Batch,
        &[(FIRST, Kind::Sandbag, 300), (SECOND, Kind::Sandbag, 900)],
    );
    setting.autonomy = Autonomy::Advise;
    setting.floors = vec![(SECOND, Kind::Sandbag, 100)];
    let mut region = Region::up(setting);
    asks(&mut region, FIRST, "call-1", (Kind::Sandbag, 1_000));
    region.run(Span::seconds(10));
    region
}

/// Decides about a proposal of an office.
fn decide(proposal: &Proposal, decision: Decision) -> Action {
    Action::Decide {
        proposal: proposal.id,
        decision,
    }
}

#[test]
fn a_share_is_proposed_with_its_reasons_and_done_once_people_accept_it() {
    let mut region = advised();
    let steps = proposals(&mut region, FIRST, "p-1");
    let told: Vec<String> = steps.iter().map(|it| it.step.told().en).collect();
    let need = region.needs(FIRST)[0];
    let sends = format!("dispatch 990100-sandbag-1 x300 to {need}");
    assert_eq!(told, [sends, format!("ask the region for {need}")]);
    let why = steps[0].why.clone().expect("it says why");
    assert_eq!(why.leaves, Cover { left: 0, floor: 0 });
    assert!(why.nearer.is_empty() && why.next.is_none(), "{why:?}");
    assert!(why.told().en.ends_with("no stock is nearer"), "{why:?}");
    for (number, step) in steps.iter().enumerate() {
        let accept = decide(step, Decision::Accept);
        region.done(FIRST, &format!("d-{number}"), accept);
    }
    assert_eq!(committed(&region, FIRST), [(FIRST.to_owned(), 300)]);
    region.is_sound();
}

#[test]
fn a_lender_s_share_says_what_stays_and_which_nearer_stock_has_nothing_left() {
    let mut region = advised();
    for (number, step) in proposals(&mut region, FIRST, "p-1").iter().enumerate() {
        let accept = decide(step, Decision::Accept);
        region.done(FIRST, &format!("d-{number}"), accept);
    }
    region.run(Span::seconds(5));
    let need = region.needs(FIRST)[0];
    let share = proposals(&mut region, SECOND, "p-2").remove(0);
    let why = share.why.clone().expect("it says why");
    let offers = format!("offer 990200-sandbag-1 x700 to {need}");
    assert_eq!(share.step.told().en, offers);
    let (left, floor) = (200, 100);
    assert_eq!(why.leaves, Cover { left, floor });
    let spent = (unit_id(FIRST, Kind::Sandbag, 1), Because::Spent);
    let nearer = why.nearer.iter().map(|it| (it.resource, it.because));
    assert_eq!(nearer.collect::<Vec<_>>(), [spent]);
    let told = why.told();
    assert!(told.zh.contains("已无余量"), "{told}");
    let leaves = "leaves 200 sandbags at home, home floor 100";
    assert!(told.en.contains(leaves), "{told}");
    region.done(SECOND, "d-9", decide(&share, Decision::Accept));
    region.run(Span::seconds(5));
    let told = proposals(&mut region, FIRST, "p-3")[0].step.told().en;
    assert!(told.starts_with("accept offer"), "{told}");
    region.is_sound();
}

#[test]
fn who_is_told_the_same_has_one_plan_of_stocks_too() {
    let mut region = Region::up(stocks(
        Planning::Batch,
        &[(FIRST, Kind::Tent, 50), (SECOND, Kind::Tent, 50)],
    ));
    for number in 0..4 {
        asks(
            &mut region,
            FIRST,
            &format!("call-{number}"),
            (Kind::Tent, 40),
        );
        asks(
            &mut region,
            THIRD,
            &format!("call-3{number}"),
            (Kind::Tent, 40),
        );
    }
    region.run(Span::minutes(5));
    let figures = [FIRST, SECOND, THIRD].map(|office| region.office(office).plan_figures());
    let compared: u64 = figures.iter().map(|it| it.compared).sum();
    let alike: u64 = figures.iter().map(|it| it.alike).sum();
    assert!(compared > 0 && alike * 2 > compared, "{figures:?}");
    assert!(figures.iter().all(|it| it.overruns == 0), "{figures:?}");
    region.is_sound();
}

#[test]
fn a_need_takes_no_more_of_a_stock_than_is_open_and_is_offered_what_is() {
    for planning in [Planning::OwnFirst, Planning::Nearest] {
        let both = [(FIRST, Kind::Sandbag, 70), (SECOND, Kind::Sandbag, 70)];
        let mut region = Region::up(stocks(planning, &both));
        asks(&mut region, THIRD, "call-1", (Kind::Sandbag, 100));
        region.run(Span::minutes(8));
        let need = region.needs(THIRD)[0];
        assert_eq!(region.coverage(THIRD, need).covered, 100, "{planning}");
        // Which of them is heard first the bus decides.
        let mut given = [committed(&region, FIRST), committed(&region, SECOND)].concat();
        given.sort();
        let third = || THIRD.to_owned();
        assert_eq!(given, [(third(), 30), (third(), 70)], "{planning}");
        region.is_sound();
    }
}

#[test]
fn a_call_that_asks_for_more_than_anybody_could_mean_asks_for_the_most_that_one_could() {
    let mut region = Region::up(stocks(Planning::Batch, &[(FIRST, Kind::Sandbag, 300)]));
    asks(&mut region, FIRST, "call-1", (Kind::Sandbag, u32::MAX));
    asks(&mut region, FIRST, "call-2", (Kind::Sandbag, 0));
    region.run(Span::seconds(10));
    let needs = region.needs(FIRST);
    let quantity = |need| region.coverage(FIRST, need).quantity;
    assert_eq!((quantity(needs[0]), quantity(needs[1])), (10_000, 1));
    region.is_sound();
}
