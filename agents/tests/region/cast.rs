//! Three cities of two circles, a province, an observer, their operators, and the ground.

use std::collections::BTreeMap;
use std::sync::Arc;

use agents::{AidTerms, Ground, OfficeConfig, StockTerms, Template};
use protocol::{
    AreaCode, Autonomy, Body, CommandAuthority, Deciseconds, Draft, Envelope, Form, Hash,
    HomeFloor, Incarnation, Kind, LogKey, Member, Mode, Network, PartyId, Planning, Point,
    Requirement, Resource, ResourceId, RoadId, RoadStatus, Role, Roster, RosterChange, Seal,
    Signer, Span, Suite, Wall,
};
use region::{Extent, Frame as RegionFrame};

pub(crate) const FIRST: &str = "990100";
pub(crate) const SECOND: &str = "990200";
pub(crate) const THIRD: &str = "990300";
pub(crate) const PROVINCE: &str = "990001";
pub(crate) const WATCHER: &str = "watcher";

/// The terminal that speaks for the ground of all offices.
pub(crate) const GROUND: &str = "ground";

/// The exercise director.
pub(crate) const DIRECTOR: &str = "director";

/// A terminal that belongs to the second city alone.
pub(crate) const VAN: &str = "van-990200";

/// The terminal of the second city's first fire engine.
pub(crate) const CREW: &str = "crew-990200";

pub(crate) const REGION: &str = "990000";

/// Machines in their order: the offices, then an observer.
pub(crate) const MACHINES: [(&str, Role, &str); 5] = [
    (FIRST, Role::City, "east"),
    (SECOND, Role::City, "east"),
    (THIRD, Role::City, "west"),
    (PROVINCE, Role::Province, ""),
    (WATCHER, Role::Observer, ""),
];

pub(crate) fn party(name: &str) -> PartyId {
    name.parse().unwrap()
}

pub(crate) fn operator(office: &str) -> String {
    format!("op-{office}")
}

pub(crate) fn signer(name: &str) -> Signer {
    Signer::new(party(name), Suite::Virtual, Hash::of(name.as_bytes()).0)
}

pub(crate) fn network() -> Network {
    Network {
        id: "drill-1".parse().unwrap(),
        mode: Mode::Exercise,
        region: party(REGION),
        root: signer(REGION).public(),
        suite: Suite::Virtual,
    }
}

fn member(name: &str, role: Role, office: &str, circle: &str) -> Member {
    Member {
        party: party(name),
        role,
        area: AreaCode(office.parse().unwrap_or(990_000)),
        office: party(office),
        circle: circle.to_owned(),
        unit: None,
        name_zh: name.to_owned(),
        name_en: name.to_owned(),
        key: signer(name).public(),
    }
}

fn members() -> Vec<Member> {
    let machines = MACHINES.map(|(name, role, circle)| member(name, role, name, circle));
    let mut all = machines.to_vec();
    for office in [FIRST, SECOND, THIRD, PROVINCE] {
        all.push(member(&operator(office), Role::Operator, office, ""));
    }
    all.push(member(GROUND, Role::Terminal, GROUND, ""));
    all.push(member(DIRECTOR, Role::Director, DIRECTOR, ""));
    all.push(member(VAN, Role::Terminal, SECOND, ""));
    all.push(Member {
        unit: Some(unit_id(SECOND, Kind::FireRescue, 1)),
        ..member(CREW, Role::Terminal, SECOND, "")
    });
    all
}

/// The roster and the log that it comes from.
pub(crate) fn roster() -> (Roster, Vec<Arc<Envelope>>) {
    let network = network();
    let mut roster = Roster::new(&network);
    let mut bodies = vec![Body::Seal(Seal { predecessor: None })];
    for member in members() {
        let change = RosterChange::Admit(Box::new(member));
        roster.apply(&change);
        bodies.push(Body::RosterChange(change));
    }
    let incarnation = Incarnation { epoch: 1, nonce: 1 };
    (roster, chain(REGION, incarnation, bodies))
}

/// The next entry of the region's log, which revokes a party's key.
pub(crate) fn revoking(name: &str) -> Arc<Envelope> {
    let bodies = roster().1;
    let mut bodies: Vec<Body> = bodies.iter().filter_map(|it| it.body().cloned()).collect();
    bodies.push(Body::RosterChange(RosterChange::Revoke {
        party: party(name),
        key: signer(name).key(),
    }));
    let life = Incarnation { epoch: 1, nonce: 1 };
    chain(REGION, life, bodies).pop().unwrap()
}

/// A log that somebody writes outside of any office.
pub(crate) fn chain(name: &str, life: Incarnation, bodies: Vec<Body>) -> Vec<Arc<Envelope>> {
    chain_at(name, life, 0, bodies)
}

/// The same by a hybrid clock that starts there.
pub(crate) fn chain_at(
    name: &str,
    life: Incarnation,
    hybrid: u64,
    bodies: Vec<Body>,
) -> Vec<Arc<Envelope>> {
    let network = network();
    let mut entries: Vec<Arc<Envelope>> = Vec::new();
    for (seq, body) in (1..).zip(bodies) {
        let draft = Draft {
            net: network.id,
            mode: network.mode,
            log: LogKey {
                author: party(name),
                incarnation: life,
            },
            seq,
            prev: entries.last().map(|last| last.hash()).unwrap_or_default(),
            hlc: hybrid + seq,
            sent: Wall(seq),
            request: None,
        };
        entries.push(Envelope::seal(&draft, body, &signer(name)));
    }
    entries
}

/// Where an office is: twenty kilometres apart along one road.
pub(crate) fn seat(name: &str) -> Point {
    let index = MACHINES.iter().position(|(other, ..)| *other == name);
    let index = i32::try_from(index.unwrap()).unwrap();
    Point(113_000_000 + index * 200_000, 22_500_000)
}

pub(crate) fn unit_id(office: &str, kind: Kind, number: u32) -> ResourceId {
    format!("{office}-{kind}-{number}").parse().unwrap()
}

pub(crate) fn resource(office: &str, kind: Kind, number: u32, quantity: u32) -> Resource {
    Resource {
        resource: unit_id(office, kind, number),
        kind,
        name: format!("{kind} {number}"),
        also: Vec::new(),
        grade: 2,
        home: "station-1".parse().unwrap(),
        point: seat(office),
        readiness: Span::seconds(60),
        shift: None,
        quantity,
        measure: String::new(),
        command_authority: CommandAuthority::CityBureau,
        demo: true,
    }
}

/// The region: around all offices, with a district in the first city.
fn extent() -> Extent {
    let areas = [990_000, 990_100, 990_101, 990_200, 990_300];
    let frame = RegionFrame::degrees(112.9, 22.0, 114.0, 23.0);
    Extent::new(frame, areas.map(AreaCode))
}

/// What each office of a test has and how it acts.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    /// Units by office, kind and number.
    pub(crate) units: Vec<(&'static str, Kind, u32)>,
    /// Stocks by office, kind and amount.
    pub(crate) stocks: Vec<(&'static str, Kind, u32)>,
    /// What is never lent.
    pub(crate) floors: Vec<(&'static str, Kind, u32)>,
    /// Kinds that another authority commands.
    pub(crate) under: Vec<(Kind, CommandAuthority)>,
    /// What every city asks to stand by before a storm.
    pub(crate) stand_by: Vec<Requirement>,
    /// How long crews may be out at a stretch.
    pub(crate) shift: Option<Span>,
    pub(crate) autonomy: Autonomy,
    pub(crate) planning: Planning,
    pub(crate) stock: StockTerms,
    pub(crate) views_every: Option<Span>,
}

impl Default for Setting {
    fn default() -> Self {
        let offices = [FIRST, SECOND, THIRD];
        Self {
            units: offices.map(|office| (office, Kind::FireRescue, 2)).to_vec(),
            stocks: Vec::new(),
            floors: Vec::new(),
            under: Vec::new(),
            stand_by: Vec::new(),
            shift: None,
            autonomy: Autonomy::Act,
            planning: Planning::OwnFirst,
            stock: StockTerms::default(),
            views_every: None,
        }
    }
}

impl Setting {
    /// Fire crews alone, so many in each city.
    pub(crate) fn crews(first: u32, second: u32, third: u32) -> Self {
        let counts = [(FIRST, first), (SECOND, second), (THIRD, third)];
        Self {
            units: counts
                .map(|(office, count)| (office, Kind::FireRescue, count))
                .to_vec(),
            ..Self::default()
        }
    }

    pub(crate) fn inventory(&self, office: &str) -> Vec<Resource> {
        let units = self.units.iter().filter(|(owner, ..)| *owner == office);
        let units = units.flat_map(|(_, kind, count)| {
            (1..=*count).map(|number| resource(office, *kind, number, 1))
        });
        let stocks = self.stocks.iter().filter(|(owner, ..)| *owner == office);
        let stocks = stocks.map(|(_, kind, amount)| resource(office, *kind, 1, *amount));
        let mut all: Vec<Resource> = units.chain(stocks).collect();
        for resource in &mut all {
            resource.shift = self.shift.filter(|_| resource.form() == Form::Unit);
            let under = self.under.iter().find(|(kind, _)| *kind == resource.kind);
            if let Some((_, authority)) = under {
                resource.command_authority = *authority;
            }
        }
        all
    }

    pub(crate) fn config(&self, name: &str) -> OfficeConfig {
        let member = members().into_iter().find(|it| it.party == party(name));
        let floors = self.floors.iter().filter(|(owner, ..)| *owner == name);
        OfficeConfig {
            network: network(),
            member: member.unwrap(),
            signer: signer(name),
            seat: seat(name),
            extent: extent(),
            inventory: self.inventory(name),
            floors: floors
                .map(|(_, kind, keep)| HomeFloor {
                    kind: *kind,
                    keep: *keep,
                })
                .collect(),
            stand_by: self.stand_by.clone(),
            seats: MACHINES.map(|(name, ..)| (party(name), seat(name))).into(),
            autonomy: self.autonomy,
            planning: self.planning,
            aid: AidTerms::default(),
            templates: vec![Template {
                event: "fire".into(),
                requires: vec![Requirement {
                    kind: Kind::FireRescue,
                    quantity: 1,
                    duration: Span::minutes(20),
                }],
            }],
            stock: self.stock,
            views_every: self.views_every,
        }
    }
}

/// Straight roads at sixty kilometres an hour.
#[derive(Debug)]
pub(crate) struct Straight;

/// A tenth of a second takes sixteen millionths of a degree.
pub(crate) fn way(from: Point, to: Point) -> Deciseconds {
    Deciseconds((from.0.abs_diff(to.0) + from.1.abs_diff(to.1)) / 16)
}

impl Ground for Straight {
    fn travel(&mut self, _: Kind, from: Point, to: Point) -> Option<Deciseconds> {
        Some(way(from, to))
    }

    fn least(&self, _: Kind, from: Point, to: Point) -> Deciseconds {
        way(from, to)
    }

    fn roads(&mut self, _: Kind, _: Point, _: Point) -> Vec<String> {
        vec!["S1".to_owned()]
    }

    fn hear_roads(&mut self, _: &BTreeMap<RoadId, &RoadStatus>) {}
}
