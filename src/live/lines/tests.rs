//! The lines of an office by themselves.

use protocol::{
    AreaCode, Decoder, Direct, Fill, Hash, Head, Incarnation, LogKey, Member, Mode, NetId, Network,
    Role, Roster, RosterChange, Signer, Span, Speaker, Suite, Wall,
};
use simulator::{Chance, Spread};

use super::*;

fn bus() -> BusId {
    "drill".parse().unwrap()
}

fn party(name: &str) -> PartyId {
    name.parse().unwrap()
}

fn log() -> LogKey {
    LogKey {
        author: party("990100"),
        incarnation: Incarnation { epoch: 1, nonce: 7 },
    }
}

fn signer(name: &str) -> Signer {
    Signer::new(party(name), Suite::Virtual, Hash::of(name.as_bytes()).0)
}

fn out(topic: Topic) -> Parcel {
    let net: NetId = "drill-1".parse().unwrap();
    let log = log();
    let hash = Hash([0; 32]);
    let frame = match topic {
        Topic::Log(_) => Frame::append(net, Head { log, seq: 1, hash }, Vec::new()),
        other => Frame::view(net, other, "{}"),
    };
    Parcel::Out(bus(), Arc::new(frame))
}

fn entry() -> Parcel {
    out(Topic::Log(party("990100")))
}

fn slow() -> NetworkProfile {
    NetworkProfile {
        latency: Spread::Fixed {
            time: Span::seconds(2),
        },
        ..NetworkProfile::default()
    }
}

fn lines(out: NetworkProfile) -> Lines {
    let mut lines = Lines::new(party("990100"), 7, &[]);
    lines.suffer(LineFaults {
        out: Some(out),
        ..LineFaults::default()
    });
    lines
}

#[test]
fn without_a_fault_everything_passes_at_once() {
    let mut lines = Lines::new(party("990100"), 7, &[]);
    assert!(lines.take(Moment(1), entry()).is_some());
    assert_eq!((lines.next(), lines.spoiled()), (None, Spoiled::default()));
}

#[test]
fn a_slow_way_holds_a_frame_until_it_is_due() {
    let mut lines = lines(slow());
    assert!(lines.take(Moment(1), entry()).is_none());
    let due = Moment(1) + Span::seconds(2);
    assert_eq!(lines.next(), Some(due));
    assert_eq!(lines.due(Moment(due.0 - 1)).len(), 0);
    assert_eq!(lines.due(due).len(), 1);
    assert_eq!(lines.spoiled().delayed, 1);
}

#[test]
fn what_waits_is_due_at_once_when_its_way_is_well_again() {
    let mut lines = lines(slow());
    lines.take(Moment(9), entry());
    lines.suffer(LineFaults::default());
    assert_eq!(lines.due(Moment(9)).len(), 1);
    assert!(lines.take(Moment(9), entry()).is_some());
}

#[test]
fn a_lost_frame_is_counted_and_never_comes() {
    let mut lines = lines(NetworkProfile {
        loss: Chance::ALWAYS,
        ..slow()
    });
    assert!(lines.take(Moment(1), entry()).is_none());
    assert_eq!((lines.next(), lines.spoiled().lost), (None, 1));
}

/// A fill that this operator hands to the office.
fn by_hand(operator: &str) -> Parcel {
    let network = Network {
        id: "drill-1".parse().unwrap(),
        mode: Mode::Test,
        region: party("990000"),
        root: signer("990000").public(),
        suite: Suite::Virtual,
    };
    let mut roster = Roster::new(&network);
    roster.apply(&RosterChange::Admit(Box::new(Member {
        party: party(operator),
        role: Role::Operator,
        area: AreaCode(990_100),
        office: party("990100"),
        circle: String::new(),
        unit: None,
        name_zh: String::new(),
        name_en: String::new(),
        key: signer(operator).public(),
    })));
    let mut speaker = Speaker::new(network.id, network.mode, signer(operator), 1);
    let fill = Direct::Fill(Fill {
        log: log(),
        from: 1,
        count: 0,
    });
    let topic = Topic::Fill(party("990100"));
    let times = (Wall::default(), Span::minutes(1));
    let frame = Frame::direct(&mut speaker, network.id, topic, fill, times);
    let mut decoder = Decoder::new(network.clone());
    let topic = topic.on(network.id);
    let frame = decoder.frame(&topic, frame.text().as_bytes(), &roster);
    Parcel::In(bus(), frame.unwrap())
}

#[test]
fn no_fault_touches_what_an_office_s_own_operator_hands_over() {
    let mut lines = lines(slow());
    lines.suffer(LineFaults {
        isolated: true,
        ..LineFaults::default()
    });
    assert!(lines.take(Moment(1), by_hand("op-990200")).is_none());
    assert!(lines.take(Moment(1), by_hand("op-990100")).is_some());
}

#[test]
fn no_fault_touches_what_an_office_says_to_its_own_ground() {
    let mut lines = lines(slow());
    lines.suffer(LineFaults {
        isolated: true,
        ..LineFaults::default()
    });
    assert!(lines.take(Moment(1), entry()).is_none());
    let order = out(Topic::Order(party("990100")));
    assert!(lines.take(Moment(1), order).is_some());
}
