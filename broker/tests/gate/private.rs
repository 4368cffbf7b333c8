//! TLS and WebSocket: who shows which certificate, and who takes its time.

use std::io::Write;
use std::time::{Duration, Instant};

use broker::{Embedded, GateConfig, Passwords, TlsFiles, Wire};
use tokio_rustls::rustls::version::TLS12;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, HandshakeError, client};

use crate::authority::{Authority, Certified};
use crate::members::{Folder, ROOT, from, list};
use crate::target::Broker;
use crate::wire::line::{Frames, Line};
use crate::wire::{Client, Connect, PATIENCE, Publication, Qos, Reply, dial};

/// Longer than a gate waits for a handshake.
const HANDSHAKE: Duration = Duration::from_secs(8);

fn code(reply: &Reply) -> Option<u8> {
    match reply {
        Reply::ConnAck { code, .. } => Some(*code),
        _ => None,
    }
}

#[test]
fn a_certificate_of_the_region_lets_in_the_party_that_it_names() {
    let (mut authority, folder) = (Authority::new(), Folder::new());
    let bus = Broker::private(&mut authority, &folder, None);
    let addr = bus.addr();
    let office = authority.certify("440400");
    let enter = |client_id: &str, authority: &Authority| {
        let client = Client::over(authority.dial(addr, Some(&office)));
        client.greeting(&Connect::new(client_id))
    };
    let (mut client, reply) = enter("440400-1", &authority);
    assert_eq!(code(&reply), Some(0));
    let topic = format!("{ROOT}/want/440100");
    let post = Publication::new(&topic, from("440400")).qos(Qos::AtLeastOnce(7));
    client.send(&post.bytes());
    assert_eq!(client.reply(), Reply::PubAck(7));
    assert_eq!(code(&enter("440100-1", &authority).1), Some(2), "another's");
    let other = Connect::new("440400-2").login("440100", "pw-440100");
    let client = Client::over(authority.dial(addr, Some(&office)));
    assert_eq!(code(&client.greeting(&other).1), Some(5), "two names");
}

#[test]
fn a_wrong_password_lets_nobody_in_whatever_certificate_stands_beside_it() {
    let (mut authority, folder) = (Authority::new(), Folder::new());
    let bus = Broker::private_to(&["440400"], (&mut authority, &folder), None);
    let addr = bus.addr();
    let offices = ["440400", "440100"].map(|name| authority.certify(name));
    let login = |office: &Certified, name: &str, password: &str| {
        let login = Connect::new(&format!("{name}-2")).login(name, password);
        let client = Client::over(authority.dial(addr, Some(office)));
        code(&client.greeting(&login).1)
    };
    let [one, other] = &offices;
    assert_eq!(login(one, "440400", "pw-440400"), Some(0), "both agree");
    assert_eq!(login(one, "440400", "pw-440100"), Some(4), "a wrong one");
    assert_eq!(login(one, "440100", "pw-440100"), Some(5), "two names");
    assert_eq!(
        login(other, "440100", "any"),
        Some(0),
        "the gate knows none"
    );
}

#[test]
fn a_certificate_that_is_foreign_old_revoked_or_missing_lets_nobody_in() {
    let (mut authority, folder) = (Authority::new(), Folder::new());
    let revoked = authority.certify("440400");
    let bus = Broker::private(&mut authority, &folder, Some(&revoked));
    let addr = bus.addr();
    let foreign = Authority::new().certify("440400");
    let old = authority.certify_until("440400", 2001);
    let stranger = authority.certify("990000");
    let nobody = authority.certify("not a party at all");
    let good = authority.certify("440400");
    let answer = |shown| {
        let client = Client::over(authority.dial(addr, shown));
        client.greeting(&Connect::new("440400-1")).1
    };
    for (shown, why) in [
        (Some(&foreign), "another authority's"),
        (Some(&old), "expired"),
        (Some(&revoked), "revoked"),
        (None, "none"),
    ] {
        assert_eq!(answer(shown), Reply::Closed, "{why}");
    }
    assert_eq!(code(&answer(Some(&stranger))), Some(5), "not in the roster");
    assert_eq!(code(&answer(Some(&nobody))), Some(4), "it names no party");
    assert_eq!(code(&answer(Some(&good))), Some(0), "the gate serves on");
}

#[test]
fn every_authority_of_the_file_is_believed_and_not_the_first_alone() {
    let mut first = Authority::new();
    let (mut second, folder) = (Authority::new().after(&first), Folder::new());
    let bus = Broker::private(&mut second, &folder, None);
    for shown in [first.certify("440400"), second.certify("440400")] {
        let client = Client::over(second.dial(bus.addr(), Some(&shown)));
        let (_, reply) = client.greeting(&Connect::new("440400-1"));
        assert_eq!(code(&reply), Some(0));
    }
}

#[test]
fn a_certificate_that_is_revoked_meanwhile_is_off_and_does_not_come_back() {
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
    let addr = bus.local_addr();
    let (one, other) = (authority.certify("440400"), authority.certify("440100"));
    let enter = |shown, id: &str| {
        let client = Client::over(authority.dial(addr, Some(shown)));
        client.greeting(&Connect::new(id))
    };
    let (mut client, reply) = enter(&one, "440400-1");
    assert_eq!(code(&reply), Some(0));
    let revoked = folder.path().join("revoked.crl");
    std::fs::write(&revoked, "no list").unwrap();
    let files = TlsFiles {
        revoked: Some(revoked.clone()),
        ..files
    };
    assert!(bus.renew(Some(&files), Passwords::default()).is_err());
    assert_eq!(client.ping(), Reply::PingResp, "nothing is changed by it");
    std::fs::write(&revoked, authority.revoke(&one)).unwrap();
    bus.renew(Some(&files), Passwords::default()).unwrap();
    assert!(client.is_closed_within(PATIENCE));
    assert_eq!(enter(&one, "440400-1").1, Reply::Closed);
    assert_eq!(code(&enter(&other, "440100-1").1), Some(0));
    // Nothing else to judge by: nobody is asked anew.
    let (mut client, _) = enter(&other, "440100-2");
    bus.renew(Some(&files), Passwords::default()).unwrap();
    assert_eq!(client.ping(), Reply::PingResp);
}

#[test]
fn the_old_version_of_tls_is_not_spoken() {
    let (mut authority, folder) = (Authority::new(), Folder::new());
    let bus = Broker::private(&mut authority, &folder, None);
    let office = authority.certify("440400");
    let socket = dial(bus.addr());
    let mut line = authority.line_with(socket, Some(&office), &TLS12);
    let hello = line.write_all(&Connect::new("440400-1").bytes());
    assert!(hello.and_then(|()| line.flush()).is_err());
}

#[test]
fn a_handshake_that_is_not_finished_holds_up_nobody_and_is_ended() {
    let (mut authority, folder) = (Authority::new(), Folder::new());
    let bus = Broker::private(&mut authority, &folder, None);
    let office = authority.certify("440400");
    // K6: a bare rumqttd's listener shakes hands with one client after the other.
    let doors = [Wire::Tls, Wire::SecureWebSocket].into_iter();
    let stuck = doors.filter_map(|wire| bus.at(wire)).map(|addr| {
        let mut client = Client::open(addr);
        client.send(&[0x16, 0x03, 0x01]);
        client
    });
    let stuck: Vec<Client> = stuck.collect();
    let client = Client::over(authority.dial(bus.addr(), Some(&office)));
    let (mut client, reply) = client.greeting(&Connect::new("440400-1"));
    assert_eq!(code(&reply), Some(0));
    for mut stuck in stuck {
        assert!(stuck.is_closed_within(HANDSHAKE));
    }
    assert_eq!(client.ping(), Reply::PingResp);
}

#[test]
fn mqtt_goes_through_websocket_whatever_the_frames() {
    let listeners = vec!["ws://127.0.0.1:0".parse().unwrap()];
    let (bus, _) = Embedded::open(GateConfig::open_to_all(listeners)).unwrap();
    let addr = bus.local_addr();
    let url = format!("ws://{addr}/mqtt");
    let refused = client(&url, dial(addr)).is_err();
    assert!(refused, "the subprotocol has to be asked for");
    let client = Client::over(Line::Frames(Box::new(Frames::over(&url, dial(addr)))));
    let (mut client, reply) = client.greeting(&Connect::new("screen"));
    assert_eq!(code(&reply), Some(0));
    client.subscribed("a/+", 1);
    client.publish("a/b", "over frames");
    assert_eq!(client.hear().unwrap().text(), "over frames");
}

#[test]
fn who_pings_without_end_over_websocket_is_cut_off_and_nothing_waits_for_it() {
    let listeners = vec!["ws://127.0.0.1:0".parse().unwrap()];
    let (bus, _) = Embedded::open(GateConfig::open_to_all(listeners)).unwrap();
    let addr = bus.local_addr();
    let url = format!("ws://{addr}/mqtt");
    let mut stranger = Frames::over(&url, dial(addr));
    let pings = (0..100_000).take_while(|_| stranger.ping(&[b'x'; 125]).is_ok());
    assert!(pings.count() < 100_000, "as many as it likes");
    let screen = Client::over(Line::Frames(Box::new(Frames::over(&url, dial(addr)))));
    let (mut screen, reply) = screen.greeting(&Connect::new("screen"));
    assert_eq!(code(&reply), Some(0));
    assert_eq!(screen.ping(), Reply::PingResp);
}

#[test]
fn who_sends_empty_messages_over_websocket_is_cut_off() {
    let listeners = vec!["ws://127.0.0.1:0".parse().unwrap()];
    let (bus, _) = Embedded::open(GateConfig::open_to_all(listeners)).unwrap();
    let addr = bus.local_addr();
    let mut stranger = Frames::over(&format!("ws://{addr}/mqtt"), dial(addr));
    let empty = (0..1_000).take_while(|_| stranger.say_nothing().is_ok());
    assert!(empty.count() > 100, "as many as a line needs");
    let mut stranger = Client::over(Line::Frames(Box::new(stranger)));
    assert!(stranger.is_closed_within(PATIENCE), "as many as it likes");
}

#[test]
fn what_comes_in_small_frames_comes_slowly_and_whole() {
    let listeners = vec!["ws://127.0.0.1:0".parse().unwrap()];
    let (bus, _) = Embedded::open(GateConfig::open_to_all(listeners)).unwrap();
    let addr = bus.local_addr();
    let frames = Frames::over(&format!("ws://{addr}/mqtt"), dial(addr));
    let client = Client::over(Line::Frames(Box::new(frames)));
    let (mut client, _) = client.greeting(&Connect::new("screen"));
    let begun = Instant::now();
    // A frame for each of its bytes. What was read at once with others is taken, and the next waits for it.
    client.publish("a/b", &"x".repeat(700));
    client.publish("a/b", "next");
    let after = begun.elapsed();
    assert!(after > Duration::from_secs(2), "{after:?}");
}

#[test]
fn a_page_from_elsewhere_does_not_come_in_over_websocket() {
    let listeners = vec!["ws://127.0.0.1:0".parse().unwrap()];
    let config = GateConfig {
        origins: vec!["https://screens.example".to_owned()],
        ..GateConfig::open_to_all(listeners)
    };
    let (bus, _) = Embedded::open(config).unwrap();
    let addr = bus.local_addr();
    let answer = |origin: Option<&'static str>| {
        let url = format!("ws://{addr}/mqtt");
        let mut request = url.into_client_request().unwrap();
        let mqtt = HeaderValue::from_static("mqtt");
        request.headers_mut().insert("Sec-WebSocket-Protocol", mqtt);
        if let Some(origin) = origin {
            let origin = HeaderValue::from_static(origin);
            request.headers_mut().insert("Origin", origin);
        }
        match client(request, dial(addr)) {
            Ok(_) => 101,
            Err(HandshakeError::Failure(Error::Http(answer))) => answer.status().as_u16(),
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!(answer(None), 101, "no browser");
    assert_eq!(answer(Some("https://screens.example")), 101);
    for elsewhere in [
        "https://elsewhere.example",
        "null",
        "http://screens.example",
    ] {
        assert_eq!(answer(Some(elsewhere)), 403, "{elsewhere}");
    }
}

#[test]
fn a_party_comes_in_over_websocket_and_tls() {
    let (mut authority, folder) = (Authority::new(), Folder::new());
    let bus = Broker::private(&mut authority, &folder, None);
    let addr = bus.at(Wire::SecureWebSocket).unwrap();
    let watcher = authority.certify("watcher");
    let line = authority.line(dial(addr), Some(&watcher));
    let frames = Frames::over("wss://localhost/", line);
    let client = Client::over(Line::PrivateFrames(Box::new(frames)));
    let (mut client, reply) = client.greeting(&Connect::new("watcher-1"));
    assert_eq!(code(&reply), Some(0));
    client.subscribed(&format!("{ROOT}/log/+"), 1);
}

#[test]
fn every_authority_is_believed_whose_revocations_the_gate_has_not() {
    let mut first = Authority::new();
    let (mut second, folder) = (Authority::new().after(&first), Folder::new());
    let revoked = second.certify("440100");
    let bus = Broker::private(&mut second, &folder, Some(&revoked));
    for shown in [second.certify("440400"), first.certify("440400")] {
        let client = Client::over(second.dial(bus.addr(), Some(&shown)));
        let (_, reply) = client.greeting(&Connect::new("440400-1"));
        assert_eq!(code(&reply), Some(0));
    }
    let client = Client::over(second.dial(bus.addr(), Some(&revoked)));
    let (_, reply) = client.greeting(&Connect::new("440100-1"));
    assert_eq!(reply, Reply::Closed, "its own list has it");
}
