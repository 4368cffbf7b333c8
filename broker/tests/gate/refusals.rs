//! Sections 5 to 7: who is refused is told why, by a CONNACK.

use crate::served::assert_served;
use crate::target::Broker;
use crate::wire::{Client, Connect, Reply};

/// Codes of CONNACK: two of 3.1.1 and one of 5.
const BAD_PROTOCOL: u8 = 1;
const BAD_ID: u8 = 2;
const BAD_PROTOCOL_5: u8 = 0x84;

/// Fails unless a client is refused with this code.
#[track_caller]
fn assert_refused(connect: &Connect, code: u8) {
    let broker = Broker::start();
    let (_client, reply) = Client::greet(broker.addr(), connect);
    assert_eq!(
        reply,
        Reply::ConnAck {
            is_present: false,
            code
        }
    );
}

/// Fails unless the protocol is either spoken or refused in words.
#[track_caller]
fn assert_answered(name: &'static str, level: u8) {
    let broker = Broker::start();
    let connect = Connect::new("dialect").protocol(name, level);
    let (_client, reply) = Client::greet(broker.addr(), &connect);
    assert!(
        matches!(
            reply,
            Reply::ConnAck {
                is_present: false,
                code: 0 | BAD_PROTOCOL | BAD_PROTOCOL_5
            }
        ),
        "{name} {level} is answered by {reply:?}, not by a CONNACK that accepts or says why not"
    );
    assert_served(broker.addr());
}

#[test]
fn a_client_of_mqtt_3_1_is_told_what_is_spoken() {
    assert_answered("MQIsdp", 3);
}

#[test]
fn a_client_of_mqtt_5_is_told_what_is_spoken() {
    assert_answered("MQTT", 5);
}

#[test]
fn a_protocol_level_that_nobody_speaks_is_refused_with_code_1() {
    assert_refused(&Connect::new("future").protocol("MQTT", 9), BAD_PROTOCOL);
}

#[test]
fn an_empty_id_with_a_lasting_session_is_refused_with_code_2() {
    assert_refused(&Connect::new("").lasting(), BAD_ID);
}

#[test]
fn empty_ids_with_clean_sessions_are_accepted_side_by_side() {
    let broker = Broker::start();
    let mut one = Client::connect(broker.addr(), &Connect::new(""));
    let mut two = Client::connect(broker.addr(), &Connect::new(""));
    assert_eq!(one.ping(), Reply::PingResp);
    assert_eq!(two.ping(), Reply::PingResp);
}
