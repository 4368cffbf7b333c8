//! Sections 1, 2 and 8: crowds, noise and giants harm whoever sends them and nobody else.

use std::time::Duration;

use crate::served::assert_served;
use crate::target::Broker;
use crate::wire::{Client, Connect, PATIENCE, Publication, Qos, Reply, disconnect, subscribe};

/// Sessions of noise, and the longest of them in bytes.
const NOISES: u64 = 256;
const NOISE_BYTES: u64 = 512;

/// Clients that leave while as many others come, and how often. rumqttd kicks 2 to 25 in all.
const GUESTS: usize = 100;
const ROUNDS: usize = 20;

/// How long a stranger may say nothing: ten seconds, and some for a loaded machine.
const IDLE: Duration = Duration::from_secs(12);

/// Numbers that look random and are the same in each run.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        // A linear congruential generator with Knuth's MMIX constants; its high bits are the good ones.
        let step = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = step.wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn bytes(&mut self, count: u64) -> Vec<u8> {
        (0..count).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}

#[test]
fn clients_that_leave_as_others_come_kick_none_of_them() {
    let broker = Broker::start();
    let mut leaving: Vec<Client> = Vec::new();
    let mut kicked = 0;
    for round in 0..ROUNDS {
        let mut coming: Vec<Client> = (0..GUESTS).map(|_| Client::open(broker.addr())).collect();
        // All goodbyes, then all greetings, then all ends: so they overlap in the broker.
        for client in &mut leaving {
            client.send(&disconnect());
        }
        for (guest, client) in coming.iter_mut().enumerate() {
            client.send(&Connect::new(&format!("guest-{round}-{guest}")).bytes());
        }
        leaving.clear();
        for client in &mut coming {
            client.reply();
        }
        let report = Publication::new("guests/report", "here").qos(Qos::AtLeastOnce(1));
        coming.retain_mut(|client| {
            client.send(&report.bytes());
            let stays = client.reply() == Reply::PubAck(1) && client.ping() == Reply::PingResp;
            kicked += usize::from(!stays);
            stays
        });
        leaving = coming;
    }
    let all = GUESTS * ROUNDS;
    assert_eq!(kicked, 0, "of {all} well-behaved clients are kicked");
    assert_served(broker.addr());
}

#[test]
fn sessions_of_random_bytes_leave_others_served() {
    let broker = Broker::start();
    let mut bystander = Client::connect(broker.addr(), &Connect::new("noise-bystander"));
    let mut noise = Noise(20_260_901);
    for _ in 0..NOISES {
        let length = 1 + noise.next() % NOISE_BYTES;
        let mut client = Client::open(broker.addr());
        client.send(&noise.bytes(length));
        client.finish();
        assert!(client.is_closed_within(PATIENCE), "noise is listened to");
    }
    assert_eq!(bystander.ping(), Reply::PingResp);
    assert_served(broker.addr());
}

#[test]
fn sessions_with_a_changed_byte_leave_others_served() {
    let broker = Broker::start();
    let mut bystander = Client::connect(broker.addr(), &Connect::new("change-bystander"));
    let connect = Connect::new("changed").will("change/will", "gone").bytes();
    let publication = Publication::new("change/topic", "text").qos(Qos::ExactlyOnce(1));
    let subscription = subscribe(2, "change/+", 1);
    let session = [connect, subscription, publication.bytes()].concat();
    let mut noise = Noise(20_260_902);
    for _ in 0..NOISES {
        let mut changed = session.clone();
        let at = usize::try_from(noise.next()).unwrap() % changed.len();
        changed[at] ^= noise.bytes(1)[0];
        let mut client = Client::open(broker.addr());
        client.send(&changed);
        client.finish();
        assert!(client.is_closed_within(PATIENCE), "an end is overlooked");
    }
    assert_eq!(bystander.ping(), Reply::PingResp);
    assert_served(broker.addr());
}

#[test]
fn a_connection_that_says_nothing_is_closed_within_twelve_seconds() {
    let broker = Broker::start();
    let mut idle = Client::open(broker.addr());
    assert!(idle.is_closed_within(IDLE), "a silent stranger stays");
    assert_served(broker.addr());
}

#[test]
fn an_oversize_packet_closes_only_its_sender() {
    let broker = Broker::start();
    let mut subscriber = Client::connect(broker.addr(), &Connect::new("oversize-subscriber"));
    subscriber.subscribed("oversize/topic", 1);
    let mut giant = Client::connect(broker.addr(), &Connect::new("giant"));
    let publication = Publication::new("oversize/topic", vec![0; 2 << 20]);
    giant.send(&publication.qos(Qos::AtLeastOnce(1)).bytes());
    assert!(giant.is_closed_within(PATIENCE), "2 MiB are taken");
    let mut publisher = Client::connect(broker.addr(), &Connect::new("oversize-publisher"));
    publisher.publish("oversize/topic", "of a usual size");
    let before = subscriber.hear_until("of a usual size");
    assert_eq!(before, Ok(Vec::new()));
}

#[test]
fn a_packet_whose_length_never_ends_closes_only_its_sender() {
    let broker = Broker::start();
    let mut endless = Client::connect(broker.addr(), &Connect::new("endless"));
    endless.send(&[0x30, 0xff, 0xff, 0xff, 0xff, 0xff]);
    assert!(endless.is_closed_within(PATIENCE));
    assert_served(broker.addr());
}

#[test]
fn a_payload_of_200_kib_arrives_whole() {
    let broker = Broker::start();
    let mut client = Client::connect(broker.addr(), &Connect::new("large"));
    client.subscribed("large/topic", 1);
    let payload: Vec<u8> = Noise(1).bytes(200 * 1_024);
    let publication = Publication::new("large/topic", payload.clone());
    client.send(&publication.qos(Qos::AtLeastOnce(1)).bytes());
    let heard = client.hear().unwrap();
    assert!(heard.payload == payload, "it is not what was sent");
}
