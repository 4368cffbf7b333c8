//! Stocks of a region: where they go, what their owners keep, and what needs are told that get nothing.

use std::collections::BTreeMap;

use agents::planner::{Allotted, Demand, Effort, Reason, Stock, Stocks};
use protocol::{Deciseconds, Kind, Point, ResourceId, Severity};

use crate::drawn::Draw;
use crate::world::office;

/// Sandbags on a line on which a degree takes a tenth of a second.
#[derive(Default)]
struct Line {
    stocks: Stocks,
    places: BTreeMap<ResourceId, i32>,
}

impl Line {
    fn stock(mut self, owner: u64, number: u64, (at, free): (i32, u32)) -> Self {
        let owner = office(owner);
        let resource = format!("{owner}-sandbag-{number}").parse().unwrap();
        self.places.insert(resource, at);
        let stock = Stock {
            resource,
            owner,
            kind: Kind::Sandbag,
            also: Vec::new(),
            free,
        };
        self.stocks.stocks.insert(resource, stock);
        self
    }

    fn need(
        mut self,
        of: u64,
        number: u64,
        (at, quantity): (i32, u32),
        severity: Severity,
    ) -> Self {
        let office = office(of);
        let need = format!("{office}-1-{number}").parse().unwrap();
        let demand = Demand {
            need,
            office,
            kind: Kind::Sandbag,
            quantity,
            severity,
            waited: Deciseconds(0),
            to: Point(at, 0),
        };
        self.stocks.demands.insert(need, demand);
        self
    }

    fn keep(mut self, owner: u64, keep: u32) -> Self {
        self.stocks
            .floors
            .insert((office(owner), Kind::Sandbag), keep);
        self
    }

    fn allot(&self) -> Allotted {
        let mut eta = |stock: &Stock, to: Point| {
            let from = self.places[&stock.resource];
            (from >= 0).then(|| Deciseconds(from.abs_diff(to.0)))
        };
        let allotted = self.stocks.allot(&mut eta, &mut Effort::unbounded());
        let (stated, proof) = &allotted.proof;
        assert_eq!(proof.check(stated), Ok(()));
        allotted
    }

    /// Who gives how much, in short, and what is lacking.
    fn told(&self) -> (Vec<String>, Vec<(u32, Reason)>) {
        let allotted = self.allot();
        let shares = allotted
            .shares
            .iter()
            .map(|((need, stock), share)| format!("{} of {stock} to {need}", share.quantity));
        let unserved = allotted.unserved.iter().map(|it| (it.quantity, it.reason));
        (shares.collect(), unserved.collect())
    }
}

#[test]
fn a_stock_goes_where_it_spares_the_most_harm_and_not_where_it_is_nearest() {
    // The first need is nearer to both, and only the second has no other way to be served soon.
    let line = Line::default()
        .stock(1, 1, (1_000, 500))
        .stock(2, 1, (0, 500))
        .need(1, 1, (900, 500), Severity::Serious)
        .need(2, 1, (9_000, 500), Severity::Serious);
    let (shares, lacks) = line.told();
    assert_eq!(
        shares,
        [
            "500 of 440200-sandbag-1 to 440100-1-1",
            "500 of 440100-sandbag-1 to 440200-1-1"
        ]
    );
    assert_eq!(lacks, []);
}

#[test]
fn what_an_owner_keeps_serves_its_own_needs_alone_and_the_floor_holds_whatever_they_take() {
    let line = Line::default()
        .stock(1, 1, (0, 900))
        .need(1, 1, (10, 100), Severity::Minor)
        .need(2, 1, (0, 1_000), Severity::Critical)
        .keep(1, 500);
    let (shares, lacks) = line.told();
    assert_eq!(
        shares,
        [
            "100 of 440100-sandbag-1 to 440100-1-1",
            "300 of 440100-sandbag-1 to 440200-1-1"
        ]
    );
    assert_eq!(
        lacks,
        [
            (100, Reason::TooFew { owned: 900 }),
            (600, Reason::KeptHome)
        ]
    );
    let at_home = Line::default()
        .stock(1, 1, (0, 900))
        .need(1, 1, (10, 800), Severity::Minor)
        .keep(1, 500);
    assert_eq!(at_home.told().0, ["800 of 440100-sandbag-1 to 440100-1-1"]);
}

#[test]
fn floors_hold_in_drawn_regions_and_each_need_gets_no_more_than_it_asks_for() {
    for seed in 0..300 {
        let mut draw = Draw(seed);
        let mut line = Line::default();
        let at = |draw: &mut Draw| i32::try_from(draw.below(20_000)).unwrap();
        let some = |draw: &mut Draw| u32::try_from(1 + draw.below(1_000)).unwrap();
        for number in 0..draw.below(8) {
            line = line.stock(1 + draw.below(4), number, (at(&mut draw), some(&mut draw)));
        }
        for number in 0..draw.below(8) {
            let severity = [Severity::Critical, Severity::Minor][usize::from(draw.below(2) == 0)];
            line = line.need(
                1 + draw.below(4),
                number,
                (at(&mut draw), some(&mut draw)),
                severity,
            );
        }
        for owner in 1..5 {
            line = line.keep(owner, u32::try_from(draw.below(800)).unwrap());
        }
        let allotted = line.allot();
        for owner in (1..5).map(office) {
            let of_owner = line.stocks.stocks.values().filter(|it| it.owner == owner);
            let free: u32 = of_owner.map(|it| it.free).sum();
            let shares = allotted.shares.iter().map(|((need, stock), it)| {
                (need.author, line.stocks.stocks[stock].owner, it.quantity)
            });
            let given = shares.filter(|(_, of, _)| *of == owner);
            let (mut own, mut lent) = (0, 0);
            for (to, _, quantity) in given {
                *(if to == owner { &mut own } else { &mut lent }) += quantity;
            }
            let keep = line.stocks.floors[&(owner, Kind::Sandbag)];
            assert!(own + lent <= free, "Draw({seed})");
            assert!(
                lent == 0 || own + lent + keep <= free,
                "Draw({seed}): {keep} of {free}"
            );
        }
        for demand in line.stocks.demands.values() {
            let shares = allotted.shares.iter().filter(|it| it.0.0 == demand.need);
            let got: u32 = shares.map(|it| it.1.quantity).sum();
            let lacks = allotted.unserved.iter().filter(|it| it.need == demand.need);
            let lacks: u32 = lacks.map(|it| it.quantity).sum();
            assert_eq!(
                got + lacks,
                demand.quantity,
                "Draw({seed}): nothing is dropped"
            );
        }
    }
}

#[test]
fn what_nobody_gives_is_told_with_the_reason_however_absurd() {
    let need = |line: Line| line.need(2, 1, (0, 50), Severity::Minor);
    let nobody = need(Line::default());
    assert_eq!(nobody.told().1, [(50, Reason::NobodyHas)]);
    let island = need(Line::default().stock(1, 1, (-1, 80)));
    assert_eq!(island.told().1, [(50, Reason::NoWay)]);
    let mut declined = need(Line::default().stock(1, 1, (0, 80)));
    let pair = (
        "440200-1-1".parse().unwrap(),
        "440100-sandbag-1".parse().unwrap(),
    );
    declined.stocks.forbidden.insert(pair);
    assert_eq!(declined.told(), (Vec::new(), vec![(50, Reason::Forbidden)]));
    let graver = need(Line::default().stock(1, 1, (0, 80))).need(3, 1, (0, 60), Severity::Critical);
    assert_eq!(graver.told().1, [(30, Reason::Elsewhere)]);
    let mut absurd = Line::default().stock(1, 1, (0, u32::MAX)).keep(1, u32::MAX);
    for number in 0..20 {
        absurd = absurd.need(2, number, (0, u32::MAX), Severity::Critical);
    }
    let (shares, lacks) = absurd.need(1, 1, (0, u32::MAX), Severity::Minor).told();
    assert_eq!(
        shares,
        [format!("{} of 440100-sandbag-1 to 440100-1-1", u32::MAX)]
    );
    assert_eq!(lacks.len(), 20);
    assert!(lacks.iter().all(|it| *it == (u32::MAX, Reason::KeptHome)));
    let nothing = Line::default()
        .stock(1, 1, (0, 0))
        .need(2, 1, (0, 0), Severity::Minor);
    assert_eq!(nothing.told(), (Vec::new(), Vec::new()));
}
