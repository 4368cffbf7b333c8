//! Who is put off is off, whatever it does with its socket meanwhile.

use std::time::Duration;

use broker::{Embedded, GateConfig, Passwords, TlsFiles};

use crate::authority::Authority;
use crate::members::{Folder, ROOT, from, list, passwords};
use crate::target::Broker;
use crate::wire::{Client, Connect, Line, PATIENCE, Publication, Reply, dial};

/// What the gate has to read of who is put off, it reads within that; nothing is heard of it meanwhile.
const WHILE: Duration = Duration::from_secs(3);

/// A CONNECT with the party's own password.
fn hello(party: &str) -> Connect {
    Connect::new(&format!("{party}-1")).login(party, &format!("pw-{party}"))
}

/// Has the gate owe a client more than the socket takes, none of which it reads.
fn fill(client: &mut Client, party: &str) {
    client.subscribed(&format!("{ROOT}/want/440400"), 0);
    let long = format!("{}{}", from(party), "x".repeat(200 * 1024));
    let post = Publication::new(&format!("{ROOT}/want/440400"), long).bytes();
    for _ in 0..100 {
        client.send(&post);
    }
}

/// Whether something that a client says now reaches another.
fn is_heard(client: &mut Client, party: &str, by: &mut Client) -> bool {
    let post = Publication::new(&format!("{ROOT}/want/440100"), from(party)).bytes();
    client.send(&post);
    by.hear_within(PATIENCE).is_ok()
}

fn bus() -> Embedded {
    let listener = "mqtt://127.0.0.1:0".parse().unwrap();
    let names = ["440400", "440100"];
    let config = GateConfig::listed(vec![listener], list(&[]), passwords(&names));
    Embedded::open(config).unwrap().0
}

#[test]
fn who_reads_nothing_is_off_all_the_same_when_its_password_is_taken_back() {
    let bus = bus();
    let mut thief = Client::connect(bus.local_addr(), &hello("440400"));
    fill(&mut thief, "440400");
    bus.renew(None, passwords(&["440100"])).unwrap();
    let mut other = Client::connect(bus.local_addr(), &hello("440100"));
    other.subscribed(&format!("{ROOT}/want/440100"), 0);
    assert_eq!(other.reply_within(WHILE), Reply::Silence);
    assert!(!is_heard(&mut thief, "440400", &mut other));
}

#[test]
fn who_reads_nothing_is_off_all_the_same_when_another_takes_over() {
    let bus = bus();
    let mut before = Client::connect(bus.local_addr(), &hello("440400"));
    fill(&mut before, "440400");
    let _after = Client::connect(bus.local_addr(), &hello("440400"));
    let mut other = Client::connect(bus.local_addr(), &hello("440100"));
    other.subscribed(&format!("{ROOT}/want/440100"), 0);
    assert_eq!(other.reply_within(WHILE), Reply::Silence);
    assert!(!is_heard(&mut before, "440400", &mut other));
}

#[test]
fn who_is_put_off_by_a_renewal_leaves_no_will() {
    let [own, told] = ["mqtt://127.0.0.1:0"; 2].map(|it| it.parse().unwrap());
    let config = GateConfig {
        own: vec![own],
        ..GateConfig::listed(vec![told], list(&[]), passwords(&["440400"]))
    };
    let (bus, _) = Embedded::open(config).unwrap();
    let [own, told] = [0, 1].map(|place| bus.listeners()[place].addr);
    let mut watcher = Client::connect(own, &Connect::new("watcher"));
    let topic = format!("{ROOT}/want/440100");
    watcher.subscribed(&topic, 1);
    let will = hello("440400").will(&topic, &from("440400"));
    let mut office = Client::connect(told, &will);
    bus.renew(None, passwords(&["440400", "440100"])).unwrap();
    assert!(office.is_closed_within(PATIENCE));
    assert_eq!(watcher.reply_within(WHILE), Reply::Silence);
    // Whoever is cut off otherwise leaves its will as ever.
    Client::connect(told, &will).vanish();
    assert_eq!(watcher.hear().unwrap().text(), from("440400"));
}

#[test]
fn who_shook_hands_before_its_certificate_was_revoked_does_not_come_in_by_it() {
    let (mut authority, folder) = (Authority::new(), Folder::new());
    let files = authority.files(folder.path(), None);
    let config = GateConfig {
        tls: Some(files.clone()),
        ..GateConfig::listed(
            vec!["mqtts://127.0.0.1:0".parse().unwrap()],
            list(&[]),
            Passwords::default(),
        )
    };
    let (bus, _) = Embedded::open(config).unwrap();
    let one = authority.certify("440400");
    let mut early = authority.line(dial(bus.local_addr()), Some(&one));
    while early.conn.is_handshaking() {
        early.conn.complete_io(&mut early.sock).unwrap();
    }
    // By what hands are shaken with it is settled now: the gate has answered.
    let revoked = folder.path().join("revoked.crl");
    std::fs::write(&revoked, authority.revoke(&one)).unwrap();
    let files = TlsFiles {
        revoked: Some(revoked),
        ..files
    };
    bus.renew(Some(&files), Passwords::default()).unwrap();
    let client = Client::over(Line::Private(Box::new(early)));
    let (_client, reply) = client.greeting(&Connect::new("440400-1"));
    let is_in = matches!(reply, Reply::ConnAck { code: 0, .. });
    assert!(!is_in, "{reply:?}");
}

#[test]
fn a_session_that_comes_again_and_again_has_no_more_filters_for_it() {
    let bus = Embedded::open(GateConfig::open_to_all(vec![
        "mqtt://127.0.0.1:0".parse().unwrap(),
    ]))
    .unwrap()
    .0;
    let lasting = Connect::new("c").lasting();
    let filter = |number: u32| format!("a{number}");
    let mut client = Client::connect(bus.local_addr(), &lasting);
    for number in 0..256 {
        client.subscribed(&filter(number), 0);
    }
    for number in 256..400 {
        client.subscribe(&filter(number), 0);
        client = Client::connect(bus.local_addr(), &lasting);
    }
    let mut other = Client::connect(bus.local_addr(), &Connect::new("other"));
    other.publish(&filter(399), "beyond all that it may have");
    assert!(client.hear_within(Duration::from_secs(2)).is_err());
}

#[test]
fn a_certificate_that_has_expired_lets_nobody_in_by_an_earlier_handshake() {
    let (mut authority, folder) = (Authority::new(), Folder::new());
    let bus = Broker::private(&mut authority, &folder, None);
    let short = authority.certify_for("440400", Duration::from_secs(3));
    let hands = authority.hands_that_resume(&short);
    let enter = || {
        let line = Line::Private(Box::new(hands.shake(dial(bus.addr()))));
        Client::over(line).greeting(&Connect::new("440400-1"))
    };
    let (mut client, reply) = enter();
    assert!(matches!(reply, Reply::ConnAck { code: 0, .. }));
    assert!(client.is_closed_within(2 * PATIENCE), "it has expired");
    assert_eq!(enter().1, Reply::Closed);
}

#[test]
fn who_is_in_by_a_certificate_is_off_when_it_ends_and_the_others_stay() {
    let (mut authority, folder) = (Authority::new(), Folder::new());
    let bus = Broker::private(&mut authority, &folder, None);
    let short = authority.certify_for("440400", Duration::from_secs(3));
    let long = authority.certify("440100");
    let [mut short, mut long] = [(&short, "440400-1"), (&long, "440100-1")].map(|(shown, id)| {
        let client = Client::over(authority.dial(bus.addr(), Some(shown)));
        client.greeting(&Connect::new(id).lasting()).0
    });
    assert_eq!(short.ping(), Reply::PingResp, "it has not ended yet");
    assert!(short.is_closed_within(2 * PATIENCE));
    assert_eq!(long.ping(), Reply::PingResp);
}

#[test]
fn who_waits_to_be_let_in_while_its_password_is_taken_back_does_not_come_in() {
    let bus = bus();
    let wrong = Connect::new("440400-1").login("440400", "sesame");
    for _ in 0..3 {
        Client::greet(bus.local_addr(), &wrong);
    }
    // The fourth holds up the next of this address for two seconds.
    let mut guess = Client::open(bus.local_addr());
    guess.send(&wrong.bytes());
    assert_eq!(guess.reply_within(PATIENCE / 10), Reply::Silence);
    let mut thief = Client::open(bus.local_addr());
    thief.send(&hello("440400").bytes());
    assert_eq!(thief.reply_within(PATIENCE / 10), Reply::Silence);
    bus.renew(None, passwords(&["440100"])).unwrap();
    let reply = thief.reply_within(2 * PATIENCE);
    assert!(matches!(reply, Reply::ConnAck { code: 3, .. }), "{reply:?}");
}
