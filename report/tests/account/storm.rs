//! Parts of a storm: incidents with their help, units, a track, closed roads, phases and faults.

use std::sync::Arc;

use protocol::{
    Advisory, AdvisoryId, AidAccept, AidCommit, AidId, AidOffer, AidRequest, AreaCode, Audience,
    Body, Category, Counts, Datum, Deciseconds, Fence, HazardShape, Incarnation, IncidentReport,
    Kind, Level, Moment, NeedId, OfferId, OfferLine, Point, ReportKind, RequestId, Resource,
    ResourceId, ReturnOrdered, Returned, RoadState, RoadStatus, Role, Severity, Span, Stage as At,
    StatusSource, Trend, Truth, UnitState, UnitStatus,
};

use super::stage::{Stage, incident, minute, party};

/// The offices of the built-in region that the storms play in.
pub(crate) const OFFICES: [(&str, Role, &str, &str); 10] = [
    ("440100", Role::City, "广州市", "Guangzhou"),
    ("440300", Role::City, "深圳市", "Shenzhen"),
    ("440400", Role::City, "珠海市", "Zhuhai"),
    ("440600", Role::City, "佛山市", "Foshan"),
    ("440700", Role::City, "江门市", "Jiangmen"),
    ("441200", Role::City, "肇庆市", "Zhaoqing"),
    ("441300", Role::City, "惠州市", "Huizhou"),
    ("441900", Role::City, "东莞市", "Dongguan"),
    ("442000", Role::City, "中山市", "Zhongshan"),
    (
        "440000-met",
        Role::Met,
        "广东省气象局",
        "Guangdong Meteorology",
    ),
];

pub(crate) fn unit(owner: &str, number: u32) -> ResourceId {
    format!("{owner}-pump-{number}").parse().unwrap()
}

pub(crate) fn call(number: u32) -> RequestId {
    format!("call-{number}").parse().unwrap()
}

fn resource(owner: &str, number: u32) -> Body {
    Body::Resource(Resource {
        resource: unit(owner, number),
        kind: Kind::Pump,
        name: "排涝车".into(),
        also: Vec::new(),
        grade: 2,
        home: format!("{owner}-s1").parse().unwrap(),
        point: Point::degrees(113.5, 22.3),
        readiness: Span::minutes(2),
        shift: None,
        quantity: 1,
        measure: String::new(),
        command_authority: protocol::CommandAuthority::CityBureau,
        demo: true,
    })
}

pub(crate) struct Case {
    pub(crate) number: u32,
    pub(crate) office: &'static str,
    pub(crate) began: Moment,
    pub(crate) severity: Severity,
    pub(crate) point: Point,
    pub(crate) summary: String,
}

pub(crate) fn first_report(case: &Case) -> Body {
    Body::Incident(Arc::new(IncidentReport {
        incident: incident(case.office, case.number),
        report_no: 0,
        kind: ReportKind::First,
        stage: At::Confirmed,
        category: Category::Natural,
        event: "waterlogging".into(),
        level: Level::Undecided,
        level_reason: None,
        severity: case.severity,
        occurred_at: case.began,
        known_at: case.began,
        reported_at: case.began + Span::minutes(1),
        as_of: None,
        place: "人民路".into(),
        area: AreaCode(case.office.parse().unwrap()),
        point: Some(case.point),
        datum: Datum::Wgs84,
        about_neighbour: false,
        source: "119".into(),
        summary: case.summary.clone(),
        cause: None,
        counts: Counts::default(),
        loss_cny: None,
        measures: Vec::new(),
        trend: Trend::Stable,
        threatens: Vec::new(),
        links: Vec::new(),
        signed_off_by: None,
        request: Some(call(case.number)),
    }))
}

fn status(owner: &str, number: u32, state: UnitState, aid: AidId, at: Moment) -> Body {
    Body::UnitStatus(UnitStatus {
        unit: unit(owner, number),
        state,
        as_of: at,
        aid: Some(aid),
        point: None,
        eta: None,
        work_done: false,
        source: StatusSource::Terminal { last_command: 1 },
    })
}

/// An incident opened, and a unit of some owner sent, arrived, done and home.
///
/// `commands` counts the commands of the unit. Nine entries beside the first report.
pub(crate) fn helped(stage: &mut Stage, case: &Case, owner: &str, unit_no: u32, wait: Span) {
    opened(stage, case);
    let (asker, number) = (party(case.office), case.number);
    let need = NeedId {
        author: asker,
        epoch: 1,
        number: number + 100_000,
    };
    let offer = OfferId {
        author: party(owner),
        epoch: 1,
        number: number + 200_000,
    };
    let aid = AidId {
        author: party(owner),
        epoch: 1,
        number: number + 300_000,
    };
    let own = case.office == owner;
    let at = case.began + Span::minutes(2);
    let ask = AidRequest {
        stands_by: false,
        need,
        incident: incident(case.office, number),
        kind: Kind::Pump,
        quantity: 1,
        severity: case.severity,
        report_to: case.point,
        duration: Span::hours(1),
        audience: if own { Audience::Own } else { Audience::Region },
        asked_at: at,
        authority: "值班长".into(),
        request: None,
    };
    stage.say(case.office, at, Body::AidRequest(ask));
    if !own {
        let lines = vec![OfferLine {
            resource: unit(owner, unit_no),
            quantity: 1,
            eta: Deciseconds(6_000),
        }];
        let hold_until = at + Span::minutes(10);
        let made = AidOffer {
            ordered: None,
            offer,
            need,
            lines,
            hold_until,
            at,
        };
        stage.say(owner, at, Body::AidOffer(made));
        let resources = vec![unit(owner, unit_no)];
        let accept = AidAccept {
            need,
            offer,
            resources,
            at,
        };
        stage.say(case.office, at, Body::AidAccept(accept));
    }
    stage.say(
        owner,
        at,
        commit(case, (aid, need), (!own).then_some(offer), (unit_no, at)),
    );
    work(stage, case, aid, (owner, unit_no), wait);
}

/// A commitment of a unit to an incident of the owner's own, in the life of that epoch.
pub(crate) fn committed(case: &Case, epoch: u32, number: u32) -> Body {
    let author = party(case.office);
    let aid = AidId {
        author,
        epoch,
        number,
    };
    let need = NeedId {
        author,
        epoch: 1,
        number: 1,
    };
    let body = commit(case, (aid, need), None, (1, case.began));
    let Body::AidCommit(mut commit) = body else {
        unreachable!("a commit was made")
    };
    Arc::make_mut(&mut commit).fence.incarnation.epoch = epoch;
    Body::AidCommit(commit)
}

fn commit(
    case: &Case,
    (aid, need): (AidId, NeedId),
    offer: Option<OfferId>,
    (unit_no, at): (u32, Moment),
) -> Body {
    let commit = AidCommit {
        stands_by: false,
        ordered: None,
        aid,
        resource: unit(aid.author.as_str(), unit_no),
        quantity: 1,
        need,
        incident: incident(case.office, case.number),
        offer,
        fence: fence(case.number * 2),
        lead: need.author,
        to: case.point,
        eta: Deciseconds(6_000),
        at,
        decided_by: "planner".into(),
        override_by: None,
        request: None,
        turned_from: None,
    };
    Body::AidCommit(commit.into())
}

fn fence(command: u32) -> Fence {
    let incarnation = Incarnation { epoch: 1, nonce: 7 };
    Fence {
        incarnation,
        command,
    }
}

/// A first report, and the truth behind it.
/// An operator enters a case that nothing in the scenario tells of.
pub(crate) fn by_hand(stage: &mut Stage, case: &Case) {
    stage.say(case.office, case.began, first_report(case));
}

pub(crate) fn opened(stage: &mut Stage, case: &Case) {
    let began = Truth::Began {
        call: call(case.number),
        office: party(case.office),
        area: AreaCode(case.office.parse().unwrap()),
        event: "waterlogging".into(),
        severity: case.severity,
        point: case.point,
        units: 1,
    };
    stage.truth(case.began, began);
    stage.say(
        case.office,
        case.began + Span::minutes(1),
        first_report(case),
    );
}

fn work(stage: &mut Stage, case: &Case, aid: AidId, (owner, unit_no): (&str, u32), wait: Span) {
    let there = case.began + wait;
    let moves = [
        (UnitState::EnRouteOut, case.began + Span::minutes(3)),
        (UnitState::Working, there),
    ];
    for (state, at) in moves {
        stage.say(owner, at, status(owner, unit_no, state, aid, at));
    }
    let reached = Truth::Reached {
        call: call(case.number),
        unit: unit(owner, unit_no),
        kind: Kind::Pump,
        owner: party(owner),
        office: party(case.office),
        severity: case.severity,
        after: wait,
        first: true,
    };
    stage.truth(there, reached);
    let done = there + Span::minutes(30);
    let after = done.since(case.began);
    stage.truth(
        done,
        Truth::Served {
            call: call(case.number),
            after,
        },
    );
    let fence = fence(case.number * 2 + 1);
    stage.say(
        owner,
        done,
        Body::ReturnOrdered(ReturnOrdered {
            aid,
            fence,
            at: done,
        }),
    );
    let at = done + Span::minutes(20);
    stage.say(
        owner,
        at,
        status(owner, unit_no, UnitState::EnRouteHome, aid, done),
    );
    stage.say(
        owner,
        at,
        Body::Returned(Returned {
            aid,
            quantity: 1,
            consumed: 0,
            at,
        }),
    );
}

pub(crate) fn fleet(stage: &mut Stage, owner: &str, units: u32) {
    for number in 1..=units {
        stage.say(owner, minute(0), resource(owner, number));
    }
}

/// A storm's centre as announced.
pub(crate) fn centre(stage: &mut Stage, number: u64) {
    #[expect(clippy::cast_precision_loss, reason = "a handful of hours")]
    let shift = number as f64 * 0.35;
    let at = minute(number * 60);
    let advisory = AdvisoryId {
        author: party("440000-met"),
        epoch: 1,
        number: 1,
    };
    let shape = HazardShape::Track {
        centre: Point::degrees(114.9 - shift, 21.5 + shift * 0.5),
        wind_ms: 45,
        radii: Vec::new(),
        forecast: vec![(
            at + Span::hours(3),
            Point::degrees(113.8 - shift, 22.0 + shift * 0.5),
        )],
    };
    let (hazard, name) = ("typhoon".into(), "台风 Typhoon".into());
    let told = Advisory {
        advisory,
        hazard,
        name,
        as_of: at,
        shape,
        over: false,
    };
    stage.say("440000-met", at, Body::Advisory(told));
}

pub(crate) fn close(stage: &mut Stage, road: &str, from: u64, to: u64) {
    for (state, at) in [(RoadState::Closed, from), (RoadState::Open, to)] {
        let told = RoadStatus {
            roads: vec![road.parse().unwrap()],
            state,
            travel_percent: None,
            as_of: minute(at),
            reason: "大风 high wind".into(),
        };
        stage.say("440000-met", minute(at), Body::RoadStatus(told));
    }
}

/// Phases, injects and faults of a drill.
pub(crate) fn staged(stage: &mut Stage) {
    let title = |title: &str| Truth::Phase {
        title: title.into(),
    };
    stage.truth(minute(0), title("预警 warning"));
    stage.truth(minute(120), title("登陆 landfall"));
    let inject = Truth::Inject {
        number: "3".into(),
        title: "大桥封闭 bridge closes".into(),
        expects: None,
    };
    stage.truth(minute(130), inject);
    for (begins, at) in [(true, 140), (false, 200)] {
        let detail = "珠海断链 Zhuhai cut off".into();
        let breakdown = None;
        let fault = Truth::Fault {
            detail,
            begins,
            breakdown,
        };
        stage.truth(minute(at), fault);
    }
}
