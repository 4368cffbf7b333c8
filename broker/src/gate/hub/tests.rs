//! Sessions come, go, and make room.

use std::time::{Duration, Instant};

use bytes::BytesMut;
use futures_util::FutureExt;
use protocol::{
    AccessList, AreaCode, Member, Mode, Network, Role, Roster, RosterChange, Signer, Suite, Wall,
};

use super::upkeep::EXPIRY;
use super::*;
use crate::codec::packet::{Connect, LEVEL};
use crate::config::{Access, Passwords};
use crate::gate::keeper::{Denial, Who};
use crate::gate::rates::Rates;
use crate::gate::table::SESSIONS;

const OFFICES: [&str; 2] = ["440400", "440100"];

fn connect(client: &str) -> Connect {
    Connect {
        client: client.to_owned(),
        clean: true,
        ..Connect::of_level(LEVEL)
    }
}

fn lasting(client: &str) -> Connect {
    Connect {
        clean: false,
        ..connect(client)
    }
}

fn enter(hub: &Hub, connect: Connect, who: Who) -> Result<Seat, Denial> {
    let pass = Pass {
        who,
        edition: hub.edition(),
        until: None,
    };
    hub.enter(connect, pass)
}

fn hub() -> Hub {
    let everybody = Access::Anyone {
        withheld: Vec::new(),
    };
    hub_of(everybody, Limits::OWN)
}

fn hub_of(access: Access, limits: Limits) -> Hub {
    let (events, _) = tokio::sync::mpsc::channel(1);
    Hub::new(Arc::default(), (Keeper::new(access, 100), limits), events)
}

fn signer(name: &str) -> Signer {
    Signer::new(name.parse().unwrap(), Suite::Ed25519, [9; 32])
}

/// The members of a network: two offices, after these changes.
fn members(changes: &[RosterChange]) -> AccessList {
    let network = Network {
        id: "net-1".parse().unwrap(),
        mode: Mode::Exercise,
        region: "region".parse().unwrap(),
        root: signer("region").public(),
        suite: Suite::Ed25519,
    };
    let mut roster = Roster::new(&network);
    for name in OFFICES {
        roster.apply(&RosterChange::Admit(Box::new(Member {
            party: name.parse().unwrap(),
            role: Role::City,
            area: AreaCode(440_400),
            office: name.parse().unwrap(),
            circle: String::new(),
            unit: None,
            name_zh: name.to_owned(),
            name_en: name.to_owned(),
            key: signer(name).public(),
        })));
    }
    for change in changes {
        roster.apply(change);
    }
    AccessList::new(network, roster)
}

/// A gate for them, and who they are.
fn hub_of_members(limits: Limits) -> (Hub, [Who; 2]) {
    let access = Access::Listed {
        list: Arc::new(members(&[])),
        passwords: Passwords::default(),
    };
    let offices = OFFICES.map(|name| Who::Party(name.parse().unwrap()));
    (hub_of(access, limits), offices)
}

#[test]
fn who_finds_no_room_again_and_again_is_let_in_when_another_has_left() {
    let hub = hub();
    let crowd = |number| enter(&hub, connect(&format!("crowd-{number}")), Who::Own).ok();
    let mut seats: Vec<Seat> = (0..SESSIONS).filter_map(crowd).collect();
    assert_eq!(seats.len(), SESSIONS);
    for _ in 0..3 {
        assert!(enter(&hub, connect("one more"), Who::Own).is_err());
    }
    hub.leave(&seats.pop().unwrap(), true);
    assert!(enter(&hub, connect("one more"), Who::Own).is_ok());
}

#[test]
fn who_is_away_the_longest_makes_room_for_who_is_there() {
    let hub = hub();
    for number in 0..SESSIONS {
        let seat = enter(&hub, lasting(&number.to_string()), Who::Own).unwrap();
        hub.leave(&seat, true);
    }
    assert!(enter(&hub, connect("one more"), Who::Own).is_ok());
    assert!(
        !enter(&hub, lasting("0"), Who::Own).unwrap().present,
        "the first made room"
    );
    assert!(
        enter(&hub, lasting("5"), Who::Own).unwrap().present,
        "the others did not"
    );
}

#[test]
fn a_party_pushes_out_no_session_but_its_own_oldest() {
    let (hub, [office, other]) = hub_of_members(Limits {
        sessions: 3,
        ..Limits::NETWORK
    });
    let come_and_go = |client: &str, who| {
        let seat = enter(&hub, lasting(client), who).unwrap();
        hub.leave(&seat, true);
        seat.present
    };
    come_and_go("440100-1", other);
    for client in ["440400-1", "440400-2", "440400-3", "440400-4"] {
        come_and_go(client, office);
    }
    assert!(come_and_go("440100-1", other), "another's waits");
    assert!(come_and_go("440400-2", office));
    assert!(!come_and_go("440400-1", office), "the oldest made room");
    let come = |number: u32| enter(&hub, connect(&format!("440100-{number}")), other).ok();
    let there: Vec<Seat> = (0..3).filter_map(come).collect();
    assert_eq!(there.len(), 3);
    assert!(come(4).is_none(), "all that it may have are there");
    assert!(enter(&hub, connect("440400-5"), office).is_ok());
}

#[test]
fn who_was_judged_by_what_counts_no_more_does_not_enter() {
    let (hub, [office, other]) = hub_of_members(Limits::NETWORK);
    let pass = Pass {
        who: office,
        edition: hub.edition(),
        until: None,
    };
    let lines = Passwords::line("440400".parse().unwrap(), b"new").unwrap();
    hub.renew(Passwords::parse(&lines).unwrap(), Judged::AsBefore);
    let outcome = hub.enter(connect("440400-1"), pass);
    assert_eq!(outcome.err(), Some(Denial::Overtaken));
    assert!(enter(&hub, connect("440400-1"), office).is_ok(), "anew");
    let ended = RosterChange::Expire {
        party: "440100".parse().unwrap(),
        key: signer("440100").public().id(),
        after: Wall(1),
    };
    hub.admit(members(&[ended]));
    let outcome = enter(&hub, connect("440100-1"), other);
    assert!(matches!(outcome, Err(Denial::Stranger(_))), "its key ended");
}

#[test]
fn a_session_whose_client_stays_away_for_a_day_ends_and_nothing_of_it_is_left() {
    let hub = hub();
    let seat = enter(&hub, lasting("away"), Who::Own).unwrap();
    let filters = vec![("a/+".to_owned(), Qos::AtLeastOnce)];
    hub.subscribe(&seat, 1, filters).unwrap();
    hub.leave(&seat, true);
    let now = Instant::now();
    assert_eq!(hub.sweep(now).sessions, 1);
    assert_eq!(hub.sweep(now + EXPIRY + Duration::from_secs(1)).sessions, 0);
    assert!(unpoisoned(&hub.table).filters.is_empty());
    assert!(!enter(&hub, lasting("away"), Who::Own).unwrap().present);
}

/// Has so many mebibytes wait for whoever asked for all of the gate's own topics.
fn tell(hub: &Hub, mib: usize) {
    let large = vec![b'x'; 4 << 20];
    for _ in 0..mib / 4 {
        let message = Message::new("$SYS/large", &large, Qos::AtLeastOnce, false);
        hub.tell(message.unwrap());
    }
}

fn of_the_gate() -> Vec<(String, Qos)> {
    vec![("$SYS/#".to_owned(), Qos::AtLeastOnce)]
}

#[test]
fn a_party_that_leaves_much_waiting_for_many_sessions_has_the_oldest_of_them_ended() {
    let (hub, [office, other]) = hub_of_members(Limits::NETWORK);
    let clients = ["440400-1", "440400-2", "440400-3"];
    let seats = clients.map(|client| enter(&hub, lasting(client), office).unwrap());
    let others = enter(&hub, lasting("440100-1"), other).unwrap();
    for seat in seats.iter().chain([&others]) {
        hub.subscribe(seat, 1, of_the_gate()).unwrap();
    }
    tell(&hub, 60);
    for seat in &seats {
        hub.leave(seat, true);
    }
    hub.unburden();
    let is_present = |client: &str| enter(&hub, lasting(client), office).unwrap().present;
    assert!(!is_present("440400-1"), "the oldest made room");
    assert!(is_present("440400-2") && is_present("440400-3"));
    assert!(!unpoisoned(&others.outbox).is_told(), "another's waits");
}

#[test]
fn of_a_session_that_ended_nothing_waits_for_the_connection_that_it_had() {
    let hub = hub();
    let seat = enter(&hub, connect("stuck"), Who::Own).unwrap();
    hub.subscribe(&seat, 1, of_the_gate()).unwrap();
    tell(&hub, 4);
    assert!(unpoisoned(&seat.outbox).weight() > 4 << 20);
    hub.evict(&mut unpoisoned(&hub.table), seat.session);
    assert_eq!(unpoisoned(&seat.outbox).weight(), 0);
    assert!(seat.bells.off.notified().now_or_never().is_some());
}

#[test]
fn a_message_of_qos_2_whose_connection_ends_while_it_waits_is_taken_when_it_comes_again() {
    let hub = hub();
    let publish = |seat: &Seat| {
        let message = Message::new("once", b"only", Qos::ExactlyOnce, false).unwrap();
        // A connection that ends drops what it waits for.
        hub.publish(seat, message, 7).now_or_never()
    };
    let before = enter(&hub, lasting("cut"), Who::Own).unwrap();
    let all = hub
        .room
        .try_acquire_many(u32::try_from(ROOM).unwrap())
        .unwrap();
    assert!(publish(&before).is_none(), "there is no room on the way");
    drop(all);
    let seat = enter(&hub, lasting("cut"), Who::Own).unwrap();
    assert!(matches!(publish(&before), Some(Err(End::Replaced))));
    assert_eq!(hub.tally.counts().received, 0, "it has another connection");
    assert!(matches!(publish(&seat), Some(Ok(()))));
    assert_eq!(hub.tally.counts().received, 1);
    assert!(matches!(publish(&seat), Some(Ok(()))));
    assert_eq!(hub.tally.counts().received, 1, "it came again");
}

#[test]
fn a_filter_that_is_asked_for_again_and_again_fills_no_outbox() {
    let hub = hub();
    for number in 0..100 {
        let message = Message::new(&format!("r/{number}"), b"kept", Qos::AtMostOnce, true);
        hub.tell(message.unwrap());
    }
    let seat = enter(&hub, connect("again"), Who::Own).unwrap();
    for _ in 0..3 {
        let filters = ["r/#", "r/+"].into_iter().cycle().take(1_024);
        let filters = filters.map(|filter| (filter.to_owned(), Qos::AtLeastOnce));
        let charge = hub.subscribe(&seat, 1, filters.collect()).unwrap();
        assert!(charge.messages > 1_024, "what is told counts as well");
    }
    let mut told = BytesMut::new();
    unpoisoned(&seat.outbox).take(seat.connection, &mut told);
    assert_eq!(told.windows(4).filter(|it| it == b"kept").count(), 100);
    assert!(unpoisoned(&seat.outbox).is_told());
}

#[test]
fn a_message_of_qos_2_beyond_the_unreleased_is_taken_when_it_comes_again() {
    let hub = hub();
    let publish = |seat: &Seat, id: u16| {
        let message = Message::new("once", b"only", Qos::ExactlyOnce, false).unwrap();
        hub.publish(seat, message, id).now_or_never().unwrap()
    };
    let seat = enter(&hub, lasting("many"), Who::Own).unwrap();
    let most = u16::try_from(UNRELEASED).unwrap();
    for id in 1..=most {
        publish(&seat, id).unwrap();
    }
    assert!(publish(&seat, most + 1).is_err(), "it leaves too many");
    hub.leave(&seat, false);
    let seat = enter(&hub, lasting("many"), Who::Own).unwrap();
    unpoisoned(&seat.outbox).release(seat.connection, 1);
    publish(&seat, most + 1).unwrap();
    let received = hub.tally.counts().received;
    assert_eq!(received, u64::from(most) + 1, "answered, and on its way");
    // Another under an id of these is none beyond them.
    let another = Message::new("once", b"another", Qos::ExactlyOnce, false).unwrap();
    let taken = hub.publish(&seat, another, 2).now_or_never();
    assert!(matches!(taken, Some(Ok(()))));
    assert_eq!(hub.tally.counts().received, received + 1);
}

#[test]
fn what_is_told_of_who_writes_what_is_not_its_own_is_no_longer_than_a_line() {
    let hub = hub();
    let seat = enter(&hub, connect("liar"), Who::Own).unwrap();
    for filling in ["\u{1}", "\u{202e}", "x"] {
        let topic = format!("$SYS/{}", filling.repeat(20_000));
        let message = Message::new(&topic, b"", Qos::AtMostOnce, false).unwrap();
        let end = hub.publish(&seat, message, 0).now_or_never().unwrap();
        let told = end.unwrap_err().to_string();
        assert!(told.contains("$SYS/") && told.len() < 160, "{told}");
        assert!(!told.contains(protocol::is_hostile));
    }
}

/// An observer, whose reading nobody waits for.
fn observer() -> RosterChange {
    RosterChange::Admit(Box::new(Member {
        party: "watch".parse().unwrap(),
        role: Role::Observer,
        area: AreaCode(0),
        office: "region".parse().unwrap(),
        circle: String::new(),
        unit: None,
        name_zh: "观察员".to_owned(),
        name_en: "observer".to_owned(),
        key: signer("watch").public(),
    }))
}

#[test]
fn an_office_that_is_behind_holds_back_who_floods_it_and_an_observer_holds_back_nobody() {
    for (reader, holds_back) in [("440100", true), ("watch", false)] {
        let (hub, [office, _]) = hub_of_members(Limits::NETWORK);
        hub.admit(members(&[observer()]));
        let reader_of = Who::Party(reader.parse().unwrap());
        let reading = enter(&hub, lasting(&format!("{reader}-1")), reader_of).unwrap();
        let filter = "liandong/1/net-1/digest/+".to_owned();
        hub.subscribe(&reading, 1, vec![(filter, Qos::AtLeastOnce)])
            .unwrap();
        let writing = enter(&hub, connect("440400-1"), office).unwrap();
        let large = vec![b'x'; 1 << 20];
        for id in 1..=9 {
            let message = Message::new(
                "liandong/1/net-1/digest/440400",
                &large,
                Qos::AtLeastOnce,
                false,
            );
            hub.route(vec![Carried {
                message: Arc::new(message.unwrap()),
                origin: Some(Origin {
                    session: writing.session,
                    connection: writing.connection,
                    id,
                }),
            }]);
        }
        let held_back = unpoisoned(&writing.outbox).is_held_back();
        assert_eq!(held_back, holds_back, "{reader}");
    }
}

#[test]
fn who_is_held_back_goes_on_at_the_pace_of_an_office_in_a_storm() {
    let mut rates = Rates::new(HELD_BACK_TO);
    let small = |messages| Charge {
        messages,
        bytes: 512,
    };
    let second: Duration = (0..450).map(|_| rates.rest_after(small(1))).sum();
    assert_eq!(
        second,
        Duration::ZERO,
        "what a storm says in a second goes out at once"
    );
    let flood = rates.rest_after(small(10_000));
    assert!(flood > Duration::from_secs(8), "{flood:?}");
}
