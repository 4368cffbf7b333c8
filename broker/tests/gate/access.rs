//! Who comes in by name, and what each may do there.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use broker::{BrokerError, BrokerEvent, Embedded, GateConfig, Limits, Passwords};
use protocol::Wall;

use crate::members::{ROOT, from, list, list_until, passwords};
use crate::target::Broker;
use crate::wire::{Client, Connect, Line, PATIENCE, Publication, Qos, Reply, dial_from};

/// A CONNECT with the party's own password.
fn hello(party: &str) -> Connect {
    Connect::new(&format!("{party}-1")).login(party, &format!("pw-{party}"))
}

fn code(reply: &Reply) -> Option<u8> {
    match reply {
        Reply::ConnAck { code, .. } => Some(*code),
        _ => None,
    }
}

#[test]
fn who_shows_its_own_password_comes_in_and_nobody_else() {
    let bus = Broker::of_members(&["440400", "440100"], Limits::NETWORK);
    let answer = |connect: Connect| code(&Client::greet(bus.addr(), &connect).1);
    assert_eq!(answer(hello("440400")), Some(0));
    assert_eq!(answer(Connect::new("440400-1")), Some(4), "no name");
    let wrong = Connect::new("440400-1").login("440400", "pw-440100");
    assert_eq!(answer(wrong), Some(4), "another's password");
    assert_eq!(answer(hello("990000")), Some(4), "a stranger");
    let foreign = Connect::new("440100-1").login("440400", "pw-440400");
    assert_eq!(answer(foreign), Some(2), "another's client id");
    let will = hello("440400").will(&format!("{ROOT}/presence/440100"), &from("440100"));
    assert_eq!(answer(will), Some(5), "a will in another's name");
}

#[test]
fn a_party_whose_name_begins_another_s_neither_ends_nor_inherits_its_session() {
    let bus = Broker::of_members(&["op-1", "op-1-2"], Limits::NETWORK);
    let login = |party: &str| {
        let client = Connect::new("op-1-2-7").lasting();
        client.login(party, &format!("pw-{party}"))
    };
    let mut longer = Client::connect(bus.addr(), &login("op-1-2"));
    let (_shorter, reply) = Client::greet(bus.addr(), &login("op-1"));
    let is_present = false;
    assert_eq!(
        reply,
        Reply::ConnAck {
            is_present,
            code: 0
        }
    );
    assert_eq!(longer.ping(), Reply::PingResp);
}

#[test]
fn each_writes_what_is_its_own_and_one_who_tries_more_is_off_without_an_acknowledgement() {
    let names = ["440400", "440100", "op-1", "van-1", "watcher"];
    let bus = Broker::of_members(&names, Limits::NETWORK);
    let mut office = Client::connect(bus.addr(), &hello("440400"));
    office.subscribed(&format!("{ROOT}/command/440400"), 1);
    let try_it = |who: &str, topic: &str, said_by: &str| {
        let mut client = Client::connect(bus.addr(), &hello(who));
        let topic = format!("{ROOT}/{topic}");
        let post = Publication::new(&topic, from(said_by)).qos(Qos::AtLeastOnce(7));
        client.send(&post.bytes());
        client.reply()
    };
    let taken = Reply::PubAck(7);
    assert_eq!(try_it("op-1", "command/440400", "op-1"), taken);
    assert_eq!(office.hear().unwrap().text(), from("op-1"));
    assert_eq!(try_it("van-1", "field/440400", "van-1"), taken);
    assert_eq!(try_it("440100", "want/440400", "440100"), taken);
    for (who, topic, said_by) in [
        ("440100", "want/nobody", "440100"),
        ("op-1", "command/440100", "op-1"),
        ("op-1", "command/440400", "440400"),
        ("op-1", "log/440400", "op-1"),
        ("van-1", "field/440100", "van-1"),
        ("watcher", "want/440400", "watcher"),
        ("440100", "presence/440400", "440100"),
        ("440100", "order/440400", "440100"),
        ("440100", "want/440400", "440400"),
    ] {
        assert_eq!(try_it(who, topic, said_by), Reply::Closed, "{who} {topic}");
    }
    assert_eq!(office.ping(), Reply::PingResp, "others are not disturbed");
}

#[test]
fn what_is_not_to_be_retained_stays_nowhere() {
    let bus = Broker::of_members(&["440400", "440100"], Limits::NETWORK);
    let mut keeper = Client::connect(bus.addr(), &hello("440100"));
    let topic = format!("{ROOT}/want/440400");
    let post = Publication::new(&topic, from("440100")).qos(Qos::AtLeastOnce(7));
    keeper.send(&post.retained().bytes());
    assert_eq!(keeper.reply(), Reply::Closed);
    let mut owner = Client::connect(bus.addr(), &hello("440100"));
    owner.publish_retained(&format!("{ROOT}/presence/440100"), &from("440100"));
    let mut late = Client::connect(bus.addr(), &hello("440400"));
    late.subscribed(&format!("{ROOT}/want/+"), 1);
    late.subscribed(&format!("{ROOT}/presence/+"), 1);
    assert_eq!(late.hear().unwrap().text(), from("440100"));
}

#[test]
fn a_filter_is_granted_to_who_may_read_it() {
    let bus = Broker::of_members(&["440400", "watcher"], Limits::NETWORK);
    let granted = |who: &str, filter: &str| {
        let mut client = Client::connect(bus.addr(), &hello(who));
        let reply = client.subscribe(filter, 1);
        matches!(reply, Reply::SubAck { codes, .. } if codes == [1])
    };
    let shared = format!("{ROOT}/log/+");
    assert!(granted("440400", &shared) && granted("watcher", &shared));
    assert!(granted("440400", &format!("{ROOT}/command/440400")));
    let odd = format!("{ROOT}/log/{}", "a".repeat(200));
    let of_none = format!("{ROOT}/log/440400/more");
    let root = format!("{ROOT}/#");
    for filter in ["#", "+/#", "liandong/1/net-2/log/+", &root, &of_none, &odd] {
        assert!(!granted("440400", filter), "{filter}");
    }
    assert!(!granted("watcher", &format!("{ROOT}/command/440400")));
    assert!(granted("watcher", "$SYS/#"));
}

#[test]
fn who_is_revoked_is_off_at_once_and_does_not_come_back() {
    let bus = Broker::of_members(&["440400", "op-1"], Limits::NETWORK);
    let mut operator = Client::connect(bus.addr(), &hello("op-1").lasting());
    let mut office = Client::connect(bus.addr(), &hello("440400"));
    assert_eq!(operator.ping(), Reply::PingResp);
    bus.admit(list(&["op-1"]));
    assert!(operator.is_closed_within(PATIENCE));
    let (_, again) = Client::greet(bus.addr(), &hello("op-1").lasting());
    assert_eq!(code(&again), Some(5));
    assert_eq!(office.ping(), Reply::PingResp);
}

#[test]
fn who_has_a_key_that_ends_is_off_when_it_ends_and_does_not_come_back() {
    let bus = Broker::of_members(&["440400", "op-1"], Limits::NETWORK);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = u64::try_from(now.as_millis()).unwrap();
    bus.admit(list_until("op-1", Wall(now + 1_500)));
    let mut operator = Client::connect(bus.addr(), &hello("op-1").lasting());
    let mut office = Client::connect(bus.addr(), &hello("440400"));
    assert_eq!(operator.ping(), Reply::PingResp, "it has not ended yet");
    assert!(operator.is_closed_within(PATIENCE));
    let (_, again) = Client::greet(bus.addr(), &hello("op-1").lasting());
    assert_eq!(code(&again), Some(5));
    assert_eq!(office.ping(), Reply::PingResp);
}

#[test]
fn a_password_that_is_taken_back_lets_nobody_stay() {
    let listener = "mqtt://127.0.0.1:0".parse().unwrap();
    let names = ["440400", "440100"];
    let config = GateConfig::listed(vec![listener], list(&[]), passwords(&names));
    let (bus, _) = Embedded::open(config).unwrap();
    let mut office = Client::connect(bus.local_addr(), &hello("440400"));
    bus.renew(None, passwords(&["440100"])).unwrap();
    assert!(office.is_closed_within(PATIENCE));
    let answer = |party: &str| code(&Client::greet(bus.local_addr(), &hello(party)).1);
    assert_eq!(answer("440400"), Some(4));
    assert_eq!(answer("440100"), Some(0));
}

#[test]
fn who_shows_its_own_password_comes_in_while_many_addresses_guess() {
    let bus = Broker::of_members(&["440400"], Limits::NETWORK);
    let came_in = || code(&Client::greet(bus.addr(), &hello("440400")).1) == Some(0);
    assert!(came_in(), "nobody guesses yet");
    let guess = Connect::new("440400-1").login("440400", "sesame").bytes();
    // Fifty from each.
    let guesses = (0..50).flat_map(|_| 1..=8).map(|address| {
        let source = Ipv4Addr::new(127, 0, 1, address);
        let mut client = Client::over(Line::Plain(dial_from(source, bus.addr()).unwrap()));
        client.send(&guess);
        client
    });
    let _guesses: Vec<Client> = guesses.collect();
    assert!(came_in());
}

#[test]
fn who_guesses_is_answered_ever_more_slowly_and_the_operators_are_told() {
    let listener = "mqtt://127.0.0.1:0".parse().unwrap();
    let config = GateConfig::listed(vec![listener], list(&[]), passwords(&["440400"]));
    let (bus, mut events) = Embedded::open(config).unwrap();
    let guess = Connect::new("440400-1").login("440400", "sesame");
    let mut delays = Vec::new();
    for _ in 0..5 {
        let began = Instant::now();
        let (_, reply) = Client::greet(bus.local_addr(), &guess);
        // The later ones may take longer than a test waits for its answer.
        assert!(matches!(code(&reply), Some(4) | None), "{reply:?}");
        delays.push(began.elapsed());
    }
    assert!(delays[4] > delays[0] + Duration::from_secs(2), "{delays:?}");
    let told = events.blocking_recv();
    let is_told = matches!(told, Some(BrokerEvent::Guessed { times: 5, .. }));
    assert!(is_told, "{told:?}");
}

#[test]
fn who_floods_is_read_more_slowly_and_the_others_are_served_meanwhile() {
    let limits = Limits {
        messages_per_s: 100,
        ..Limits::NETWORK
    };
    let bus = Broker::of_members(&["440400", "440100"], limits);
    let mut flooder = Client::connect(bus.addr(), &hello("440100"));
    let mut office = Client::connect(bus.addr(), &hello("440400"));
    let topic = format!("{ROOT}/want/440400");
    let flood: Vec<u8> = (1..=300_u16)
        .flat_map(|id| {
            let post = Publication::new(&topic, from("440100"));
            post.qos(Qos::AtLeastOnce(id)).bytes()
        })
        .collect();
    let began = Instant::now();
    flooder.send(&flood);
    assert_eq!(office.ping(), Reply::PingResp);
    assert!(began.elapsed() < Duration::from_secs(1), "{began:?}");
    for id in 1..=300 {
        assert_eq!(flooder.reply(), Reply::PubAck(id), "nothing is lost of it");
    }
    // 100 at once, and 200 at 100 a second.
    assert!(began.elapsed() > Duration::from_millis(1_800));
}

#[test]
fn a_party_that_floods_gains_nothing_by_coming_again() {
    let limits = Limits {
        messages_per_s: 100,
        ..Limits::NETWORK
    };
    let bus = Broker::of_members(&["440400", "440100"], limits);
    let topic = format!("{ROOT}/want/440400");
    let began = Instant::now();
    for (client, count) in [("440100-1", 100), ("440100-2", 200)] {
        let hello = Connect::new(client).login("440100", "pw-440100");
        let mut flooder = Client::connect(bus.addr(), &hello);
        let flood = (1..=count).flat_map(|id| {
            let post = Publication::new(&topic, from("440100"));
            post.qos(Qos::AtLeastOnce(id)).bytes()
        });
        flooder.send(&flood.collect::<Vec<u8>>());
        for id in 1..=count {
            assert_eq!(flooder.reply(), Reply::PubAck(id), "nothing is lost of it");
        }
    }
    // 100 at once, and 200 at 100 a second.
    assert!(began.elapsed() > Duration::from_millis(1_800));
}

#[test]
fn an_address_that_opens_too_many_connections_is_cut_off_at_the_door() {
    let limits = Limits {
        connections: 3,
        ..Limits::NETWORK
    };
    let bus = Broker::of_members(&["440400"], limits);
    let came_in = |client: &str| {
        let hello = Connect::new(client).login("440400", "pw-440400");
        let (client, reply) = Client::greet(bus.addr(), &hello);
        (code(&reply) == Some(0)).then_some(client)
    };
    let names = ["440400-1", "440400-2", "440400-3"];
    let there: Vec<Client> = names.into_iter().filter_map(came_in).collect();
    assert_eq!(there.len(), 3);
    assert!(came_in("440400-4").is_none(), "the door is open");
    there.into_iter().for_each(Client::vanish);
    // The places are free as soon as the gate has seen that.
    let deadline = Instant::now() + PATIENCE;
    while came_in("440400-4").is_none() {
        assert!(Instant::now() < deadline);
        std::thread::yield_now();
    }
}

#[test]
fn who_tries_again_and_again_while_there_is_no_room_is_let_in_when_another_has_left() {
    let bus = Broker::with_room(2);
    let mut there: Vec<Client> = ["k3-one", "k3-two"]
        .iter()
        .map(|id| Client::connect(bus.addr(), &Connect::new(id)))
        .collect();
    let comes_in = || code(&Client::greet(bus.addr(), &Connect::new("k3-more")).1) == Some(0);
    for _ in 0..3 {
        assert!(!comes_in(), "there is room for two");
    }
    there.remove(0).leave();
    // Its place is free as soon as the broker has seen that.
    let deadline = Instant::now() + PATIENCE;
    while !comes_in() {
        assert!(Instant::now() < deadline, "it is never let in");
        std::thread::yield_now();
    }
    assert_eq!(there[0].ping(), Reply::PingResp);
}

#[test]
fn a_process_of_this_machine_has_a_door_of_its_own_and_a_stranger_does_not() {
    let [own, told] = ["mqtt://127.0.0.1:0"; 2].map(|it| it.parse().unwrap());
    let config = GateConfig {
        own: vec![own],
        ..GateConfig::listed(vec![told], list(&[]), passwords(&["440400"]))
    };
    let (bus, _) = Embedded::open(config).unwrap();
    let [own, told] = [0, 1].map(|place| bus.listeners()[place].addr);
    let mut office = Client::connect(told, &hello("440400"));
    office.subscribed(&format!("{ROOT}/command/440400"), 1);
    let mut world = Client::connect(own, &Connect::new("world"));
    world.publish(&format!("{ROOT}/command/440400"), &from("op-1"));
    assert_eq!(office.hear().unwrap().text(), from("op-1"));
    let (_, refused) = Client::greet(told, &Connect::new("world"));
    assert_eq!(code(&refused), Some(4));
    bus.admit(list(&["440400"]));
    assert!(office.is_closed_within(PATIENCE));
    assert_eq!(world.ping(), Reply::PingResp);
}

#[test]
fn how_the_gate_is_nobody_says_but_the_gate() {
    let bus = Broker::start();
    let mut liar = Client::connect(bus.addr(), &Connect::new("liar"));
    let topic = "$SYS/broker/clients/connected";
    let lie = Publication::new(topic, "9999").qos(Qos::AtLeastOnce(7));
    liar.send(&lie.bytes());
    assert_eq!(liar.reply(), Reply::Closed);
    let will = Connect::new("liar").will(topic, "9999");
    assert_eq!(code(&Client::greet(bus.addr(), &will).1), Some(5));
}

#[test]
fn an_address_of_the_network_takes_a_roster_and_a_private_wire() {
    let outside = |scheme: &str| format!("{scheme}://192.0.2.1:0").parse().unwrap();
    let anyone = Embedded::open(GateConfig::open_to_all(vec![outside("mqtt")]));
    assert!(matches!(anyone.unwrap_err(), BrokerError::NotLoopback(_)));
    let named = |scheme| {
        let config = GateConfig::listed(vec![outside(scheme)], list(&[]), Passwords::default());
        Embedded::open(config).unwrap_err()
    };
    assert!(matches!(named("mqtt"), BrokerError::InClear(_)));
    assert!(matches!(named("ws"), BrokerError::InClear(_)));
    assert!(
        matches!(named("mqtts"), BrokerError::Tls(_)),
        "no certificate"
    );
}
