//! What an address may take, and what it is told.

use super::*;

const FEW: Limits = Limits {
    connections: 2,
    connections_per_s: 1,
    ..Limits::NETWORK
};

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

#[test]
fn an_address_has_so_many_connections_and_another_its_own() {
    let guard = Guard::new(FEW);
    let (first, second) = (guard.enter(HERE), guard.enter(HERE));
    assert!(first.is_some() && second.is_some());
    assert!(guard.enter(HERE).is_none());
    assert!(guard.enter(THERE).is_some());
    drop(first);
    assert!(guard.enter(HERE).is_some());
}

#[test]
fn connections_that_come_and_go_too_quickly_are_refused() {
    let guard = Guard::new(FEW);
    let came = (0..100).filter(|_| guard.enter(HERE).is_some()).count();
    assert!((10..=12).contains(&came), "{came}");
}

#[test]
fn each_wrong_password_takes_longer_and_their_number_is_told_when_it_doubles() {
    let guard = Guard::new(Limits::OWN);
    let visit = guard.enter(HERE).unwrap();
    let wrong: Vec<Wrong> = (0..20).map(|_| visit.wrong_password()).collect();
    assert!(wrong.windows(2).all(|pair| pair[0].delay <= pair[1].delay));
    assert_eq!(wrong[0].delay, DELAY);
    assert_eq!(wrong[19].delay, DELAY_MAX);
    let told: Vec<u32> = wrong.iter().filter_map(|it| it.told).collect();
    assert_eq!(told, [5, 10, 20]);
    assert_eq!(guard.enter(THERE).unwrap().wrong_password().delay, DELAY);
}

#[test]
fn a_line_of_ipv6_is_one_address_and_so_is_one_of_ipv4_inside_it() {
    let guard = Guard::new(FEW);
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
    let guard = Guard::new(Limits::OWN);
    let wrong = guard.enter(HERE).unwrap().wrong_password();
    let next = guard.enter(HERE).unwrap();
    assert!(!next.rest().is_zero() && next.rest() <= wrong.delay);
    assert!(guard.enter(THERE).unwrap().rest().is_zero());
}
