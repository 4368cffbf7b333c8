//! What a crew terminal and the people on the ground do, seen from an office.

use std::collections::BTreeMap;

use protocol::{
    AidId, Category, Counts, Direct, FieldReport, Frame, IncidentId, Kind, Point, Requirement,
    Resource, Severity, Span, Speaker, Task, Topic, UnitOrder, UnitReport, Wall,
};

mod terminal;

use super::*;
use crate::probe::{network, party, signer};

const START: Moment = Moment(1_000_000_000);
const SCENE: Point = Point(113_500_000, 22_300_000);

struct Ground {
    world: World,
    office: Speaker,
    decoder: protocol::Decoder,
    roster: protocol::Roster,
    now: Moment,
}

fn unit() -> ResourceId {
    "990100-fire-rescue-1".parse().unwrap()
}

fn engine_company() -> Resource {
    Resource {
        resource: unit(),
        kind: Kind::FireRescue,
        name: "一中队".to_owned(),
        also: Vec::new(),
        grade: 2,
        home: "990100-s01".parse().unwrap(),
        point: Point(113_400_000, 22_300_000),
        readiness: Span::seconds(75),
        shift: None,
        quantity: 1,
        measure: String::new(),
        command_authority: protocol::CommandAuthority::CityBureau,
        demo: true,
    }
}

fn incident() -> PlannedIncident {
    PlannedIncident {
        call: "fire-1".parse().unwrap(),
        office: party("990100"),
        also_told: Vec::new(),
        area: protocol::AreaCode(990_101),
        point: SCENE,
        place: "码头".to_owned(),
        event: "building-fire".to_owned(),
        category: Category::Accident,
        severity: Severity::Serious,
        occurred_at: START,
        received_at: START + Span::minutes(1),
        source: "来电".to_owned(),
        summary: "【演练】起火".to_owned(),
        counts: Counts::default(),
        requires: vec![Requirement {
            kind: Kind::FireRescue,
            quantity: 1,
            duration: Span::minutes(30),
        }],
        news: Vec::new(),
    }
}

fn ground() -> Ground {
    let plan = WorldPlan {
        seed: 7,
        end: START + Span::hours(24),
        incidents: vec![incident()],
        schedule: Schedule::default(),
        phases: Vec::new(),
        injects: Vec::new(),
        objectives: Default::default(),
        crews: CrewPlan::default(),
        fleet: vec![(party("990100"), engine_company())],
    };
    let net = network();
    let admit = |name: &str, role| {
        let key = signer(name).public();
        protocol::RosterChange::Admit(Box::new(protocol::Member {
            party: party(name),
            role,
            area: protocol::AreaCode::default(),
            office: party("990100"),
            circle: String::new(),
            unit: None,
            name_zh: String::new(),
            name_en: String::new(),
            key,
        }))
    };
    let mut roster = protocol::Roster::new(&net);
    roster.apply(&admit("990100", protocol::Role::City));
    roster.apply(&admit("990200", protocol::Role::City));
    let voices = Voices::new((net.id, net.mode), signer("world"), BTreeMap::new(), 1);
    let office = Speaker::new(net.id, net.mode, signer("990100"), 1);
    Ground {
        world: World::new(plan, voices, Box::new(StraightLines { speed_ms: 15 })),
        office,
        decoder: protocol::Decoder::new(net),
        roster,
        now: START,
    }
}

impl Ground {
    fn order(&mut self, command: u32, aid: u32, task: Task) -> Vec<WorldOutput> {
        let incarnation = Incarnation { epoch: 1, nonce: 7 };
        let order = UnitOrder {
            unit: unit(),
            fence: Fence {
                incarnation,
                command,
            },
            aid: aid_id(aid),
            task,
            at: self.now,
        };
        let topic = Topic::Order(self.office.party());
        let times = (Wall::at(self.now), Span::minutes(5));
        let net = network().id;
        let frame = Frame::direct(&mut self.office, net, topic, Direct::Order(order), times);
        let text = frame.text().as_bytes();
        let heard = self.decoder.frame(&topic.on(net), text, &self.roster);
        self.world
            .handle(self.now, WorldInput::Heard(heard.unwrap()))
    }

    fn pass(&mut self, span: Span) -> Vec<WorldOutput> {
        let until = self.now + span;
        let mut all = Vec::new();
        while let Some(due) = self.world.due().filter(|due| *due <= until) {
            self.now = due;
            all.extend(self.world.handle(due, WorldInput::Wake));
        }
        self.now = until;
        all
    }

    fn state(&self) -> UnitState {
        self.world.unit(unit()).unwrap().0
    }
}

fn aid_id(number: u32) -> AidId {
    AidId {
        author: party("990100"),
        epoch: 1,
        number,
    }
}

fn go() -> Task {
    let author = party("990100");
    Task::Go {
        incident: IncidentId {
            author,
            epoch: 1,
            number: 1,
        },
        to: SCENE,
    }
}

fn reports(outputs: &[WorldOutput]) -> Vec<UnitReport> {
    let said = outputs.iter().filter_map(|output| match output {
        WorldOutput::Publish(frame) => match frame.said() {
            Said::Direct {
                body: Direct::Field(field),
                ..
            } => Some(&field.report),
            _ => None,
        },
        _ => None,
    });
    said.filter_map(|report| match report {
        FieldReport::Unit(report) => Some(report.clone()),
        _ => None,
    })
    .collect()
}

fn truths(outputs: &[WorldOutput]) -> Vec<&Truth> {
    let truths = outputs.iter().filter_map(|output| match output {
        WorldOutput::Truth(truth) => Some(truth),
        _ => None,
    });
    truths.collect()
}

fn calls(outputs: &[WorldOutput]) -> usize {
    let is_call = |output: &&WorldOutput| {
        let WorldOutput::Publish(frame) = output else {
            return false;
        };
        frame.text().contains("\"type\":\"call\"")
    };
    outputs.iter().filter(is_call).count()
}

#[test]
fn a_caller_calls_again_until_the_desk_has_opened_the_incident() {
    let mut ground = ground();
    assert_eq!(calls(&ground.pass(Span::minutes(1))), 1);
    assert!(calls(&ground.pass(Span::minutes(10))) >= 3);
}

#[test]
fn a_crew_goes_works_waits_for_the_order_home_and_is_free_again() {
    let mut ground = ground();
    ground.pass(Span::minutes(2));
    let first = ground.order(1, 1, go());
    assert_eq!(reports(&first)[0].state, UnitState::Mobilising);
    let outputs = ground.pass(Span::hours(2));
    let mut states: Vec<UnitState> = reports(&outputs).iter().map(|it| it.state).collect();
    states.dedup();
    let expected = [
        UnitState::Mobilising,
        UnitState::EnRouteOut,
        UnitState::Staged,
        UnitState::Working,
    ];
    assert!(
        expected.ends_with(&states) || states == expected,
        "{states:?}"
    );
    let last = reports(&outputs).pop().unwrap();
    assert!(last.work_done && ground.state() == UnitState::Working);
    let served = |truth: &&&Truth| matches!(truth, Truth::Served { .. });
    assert_eq!(truths(&outputs).iter().filter(served).count(), 1);
    ground.order(2, 1, Task::Home);
    assert_eq!(ground.state(), UnitState::EnRouteHome);
    ground.pass(Span::hours(2));
    assert_eq!(ground.world.unit(unit()).unwrap().1, None);
    assert_eq!(ground.state(), UnitState::Available);
}

#[test]
fn an_old_fence_a_foreign_commitment_and_another_office_change_nothing() {
    let mut ground = ground();
    ground.pass(Span::minutes(2));
    ground.order(5, 1, go());
    for (command, aid) in [(5, 1), (4, 1), (6, 2)] {
        let outputs = ground.order(command, aid, Task::Home);
        assert_eq!(ground.state(), UnitState::Mobilising, "{command} {aid}");
        assert_eq!(reports(&outputs).len(), 1, "it answers with its state");
    }
    let net = network();
    ground.office = Speaker::new(net.id, net.mode, signer("990200"), 1);
    assert!(reports(&ground.order(9, 1, Task::Home)).is_empty());
    assert_eq!(ground.state(), UnitState::Mobilising);
}

#[test]
fn a_crew_that_is_asked_reports_and_goes_on() {
    let mut ground = ground();
    ground.pass(Span::minutes(2));
    ground.order(5, 1, go());
    let outputs = ground.order(1, 1, Task::Report { asked: 7 });
    let report = &reports(&outputs)[0];
    assert_eq!(report.fence.unwrap().command, 5);
    assert_eq!(report.state, UnitState::Mobilising);
}

#[test]
fn a_crew_called_back_before_it_rolled_is_free_at_once() {
    let mut ground = ground();
    ground.pass(Span::minutes(2));
    ground.order(1, 1, go());
    ground.order(2, 1, Task::Home);
    assert_eq!(ground.state(), UnitState::Available);
    assert_eq!(reports(&ground.order(3, 2, go())).len(), 1);
    assert_eq!(ground.state(), UnitState::Mobilising);
}

#[test]
fn work_that_a_crew_leaves_undone_waits_for_another() {
    let mut ground = ground();
    ground.pass(Span::minutes(2));
    ground.order(1, 1, go());
    while ground.state() != UnitState::Working {
        ground.pass(Span::seconds(30));
    }
    ground.order(2, 1, Task::Home);
    ground.pass(Span::hours(4));
    assert_eq!(ground.world.served(), (0, 1));
    ground.order(3, 2, go());
    ground.pass(Span::hours(2));
    assert_eq!(ground.world.served(), (1, 1));
}

#[test]
fn a_crew_that_is_free_says_so_again_only_while_its_office_does_not_know_it() {
    let free_again = |known: bool| {
        let mut ground = ground();
        ground.pass(Span::minutes(2));
        ground.order(1, 1, go());
        while ground.state() != UnitState::Working {
            ground.pass(Span::seconds(30));
        }
        ground.order(2, 1, Task::Home);
        while ground.state() != UnitState::Rehab {
            ground.pass(Span::seconds(30));
        }
        if known {
            let returned = protocol::Returned {
                aid: aid_id(1),
                quantity: 1,
                consumed: 0,
                at: ground.now,
            };
            let office = party("990100");
            let now = ground.now;
            ground.world.learn(now, office, &Body::Returned(returned));
        }
        let said = reports(&ground.pass(Span::hours(4)));
        let free = said.iter().filter(|it| it.state == UnitState::Available);
        free.count()
    };
    assert_eq!(free_again(true), 1);
    assert!(free_again(false) >= 4);
}

#[test]
fn a_crew_that_is_asked_twice_answers_twice_and_not_for_ever() {
    let mut ground = ground();
    let asked = |ground: &mut Ground| {
        let said = reports(&ground.order(0, 0, Task::Report { asked: 7 }));
        said.iter().filter(|it| it.asked == Some(7)).count()
    };
    assert_eq!((asked(&mut ground), asked(&mut ground)), (1, 1));
    assert!(reports(&ground.pass(Span::hours(4))).is_empty());
}

#[test]
fn a_report_that_was_taken_in_is_not_said_again_however_late_the_crew_learns_of_it() {
    let mut ground = ground();
    ground.pass(Span::minutes(2));
    let first = reports(&ground.order(1, 1, go()))[0].clone();
    while ground.state() != UnitState::Working {
        ground.pass(Span::seconds(30));
    }
    let working = ground.pass(Span::minutes(6));
    let again = reports(&working).pop().expect("nobody has heard it yet");
    let status = protocol::UnitStatus {
        unit: unit(),
        state: UnitState::Working,
        as_of: Moment(again.at.0 - Span::minutes(5).0),
        aid: first.aid,
        point: None,
        eta: None,
        work_done: false,
        source: protocol::StatusSource::Terminal { last_command: 1 },
    };
    let now = ground.now;
    let heard = Body::UnitStatus(status);
    ground.world.learn(now, party("990100"), &heard);
    assert!(reports(&ground.pass(Span::minutes(6))).is_empty());
}

#[test]
fn a_crew_has_driven_its_way_out_and_home_and_of_a_way_that_it_left_what_it_drove() {
    let mut ground = ground();
    ground.pass(Span::minutes(2));
    ground.order(1, 1, go());
    while ground.state() != UnitState::Working {
        ground.pass(Span::seconds(30));
    }
    let out = ground.world.driven_m(ground.now);
    assert!(out > 0);
    ground.order(2, 1, Task::Home);
    while ground.state() != UnitState::Rehab {
        ground.pass(Span::seconds(30));
    }
    assert_eq!(ground.world.driven_m(ground.now), 2 * out);
    ground.pass(Span::hours(4));
    ground.order(3, 2, go());
    while ground.state() != UnitState::EnRouteOut {
        ground.pass(Span::seconds(1));
    }
    ground.pass(Span::seconds(5));
    ground.order(4, 2, Task::Home);
    while ground.state() == UnitState::EnRouteHome {
        ground.pass(Span::seconds(1));
    }
    let turned_back = ground.world.driven_m(ground.now) - 2 * out;
    assert!(
        turned_back > 0 && turned_back < 2 * out,
        "{turned_back} of {out}"
    );
}
