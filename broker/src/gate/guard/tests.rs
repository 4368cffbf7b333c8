//! What an address may take, and what it is told.

use tokio::sync::mpsc::channel;

use super::*;
use crate::gate::telling::LINES;

impl Guard {
    /// Whom nobody listens to.
    pub(in crate::gate) fn unheard(limits: Limits) -> Self {
        Self::new(limits, channel(1).0)
    }
}

impl Visit {
    /// How many wrong passwords its address has shown.
    pub(in crate::gate) fn wrong(&self) -> u32 {
        self.of_address(|it, _| it.wrong).unwrap()
    }
}

const FEW: Limits = Limits {
    connections: 2,
    connections_per_s: 1,
    ..Limits::NETWORK
};

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

#[test]
fn an_address_has_so_many_connections_and_another_its_own() {
    let guard = Guard::unheard(FEW);
    let (first, second) = (guard.enter(HERE), guard.enter(HERE));
    assert!(first.is_some() && second.is_some());
    assert!(guard.enter(HERE).is_none());
    assert!(guard.enter(THERE).is_some());
    drop(first);
    assert!(guard.enter(HERE).is_some());
}

#[test]
fn connections_that_come_and_go_too_quickly_are_refused() {
    let guard = Guard::unheard(FEW);
    let came = (0..100).filter(|_| guard.enter(HERE).is_some()).count();
    assert!((10..=12).contains(&came), "{came}");
}

#[test]
fn each_wrong_password_takes_longer_and_their_number_is_told_when_it_doubles() {
    let (events, mut told) = channel(20);
    let guard = Guard::new(Limits::OWN, events);
    let visit = guard.enter(HERE).unwrap();
    let delays: Vec<Duration> = (0..20).map(|_| visit.wrong_password()).collect();
    assert!(delays.is_sorted());
    assert_eq!((delays[0], delays[19]), (DELAY, DELAY_MAX));
    for times in [5, 10, 20] {
        let address = HERE;
        assert_eq!(told.try_recv(), Ok(BrokerEvent::Guessed { address, times }));
    }
    assert!(told.try_recv().is_err());
    assert_eq!(guard.enter(THERE).unwrap().wrong_password(), DELAY);
}

#[test]
fn a_line_of_ipv6_is_one_address_and_so_is_one_of_ipv4_inside_it() {
    let guard = Guard::unheard(FEW);
    let enter = |address: &str| guard.enter(address.parse().unwrap());
    let there = [enter("2001:db8:0:1::1"), enter("2001:db8:0:1:ffff::2")];
    assert!(there.iter().all(Option::is_some));
    assert!(enter("2001:db8:0:1::3").is_none());
    assert!(enter("2001:db8:0:2::1").is_some(), "another's");
    let there = [enter("192.0.2.7"), enter("::ffff:192.0.2.7")];
    assert!(there.iter().all(Option::is_some));
    assert!(enter("::ffff:192.0.2.7").is_none());
    assert!(enter("::ffff:192.0.2.8").is_some());
}

#[test]
fn a_wrong_password_holds_up_the_next_of_its_address_whether_or_not_anybody_waits() {
    let guard = Guard::unheard(Limits::OWN);
    let wrong = guard.enter(HERE).unwrap().wrong_password();
    let next = guard.enter(HERE).unwrap();
    assert!(!next.rest().is_zero() && next.rest() <= wrong);
    assert!(guard.enter(THERE).unwrap().rest().is_zero());
}

#[test]
fn machines_on_the_gate_s_own_line_have_an_address_each() {
    let guard = Guard::unheard(FEW);
    let enter = |address: &str| guard.enter(address.parse().unwrap());
    let there = [enter("fe80::1"), enter("fe80::1")];
    assert!(there.iter().all(Option::is_some) && enter("fe80::1").is_none());
    assert!(enter("fe80::2").is_some());
}

#[test]
fn of_an_address_from_which_somebody_came_in_only_a_few_more_are_expected() {
    let guard = Guard::unheard(Limits::OWN);
    let inside = guard.enter(HERE).unwrap();
    assert!(!inside.is_expected(), "nobody knows it yet");
    inside.let_in();
    let silent: Vec<_> = (0..EXPECTED + 5)
        .map(|_| guard.enter(HERE).unwrap())
        .collect();
    assert!(
        !silent[EXPECTED].is_expected(),
        "the others wait like strangers"
    );
    for visit in &silent {
        visit.let_in();
    }
    assert!(
        guard.enter(HERE).unwrap().is_expected(),
        "who is in waits no more"
    );
}

#[test]
fn who_guesses_from_ever_new_addresses_fills_no_log() {
    let (events, mut told) = channel(1_000);
    let guard = Guard::new(Limits::OWN, events);
    for number in 0..200_u32 {
        let address = IpAddr::V4(std::net::Ipv4Addr::from_bits(0x0a00_0000 + number));
        let visit = guard.enter(address).unwrap();
        for _ in 0..TOLD_FROM {
            visit.wrong_password();
        }
    }
    let mut alarms = 0;
    while told.try_recv().is_ok() {
        alarms += 1;
    }
    assert_eq!(alarms, LINES);
}
