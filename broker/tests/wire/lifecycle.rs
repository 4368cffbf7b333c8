//! Starting, stopping and refusing.

use std::net::{SocketAddr, TcpListener, TcpStream};

use broker::{BrokerError, Embedded};

use crate::station::{anywhere, bus, config, up};

#[tokio::test]
async fn a_bus_starts_and_stops_five_times_on_one_port() {
    let (first, _events) = bus();
    let addr = first.local_addr();
    first.stop();
    for round in 0..5 {
        let (bus, _events) = Embedded::start(addr).unwrap();
        assert_eq!(bus.local_addr(), addr);
        let (link, _events) = up(config(bus.url(), &format!("round-{round}"))).await;
        bus.stop();
        assert!(TcpStream::connect(addr).is_err());
        link.cut();
    }
}

#[test]
fn a_port_in_use_is_reported_with_the_remedy() {
    let other = TcpListener::bind(anywhere()).unwrap();
    let addr = other.local_addr().unwrap();
    let error = Embedded::start(addr).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "port {} is in use; stop what listens there, or choose another port",
            addr.port()
        )
    );
}

#[test]
fn an_address_of_the_network_is_refused_to_clients_without_a_name() {
    let addr: SocketAddr = "0.0.0.0:0".parse().unwrap();
    let error = Embedded::start(addr).unwrap_err();
    assert!(matches!(error, BrokerError::NotLoopback(refused) if refused == addr));
    assert!(error.to_string().contains("loopback"));
}

#[test]
fn a_bus_stops_when_it_is_dropped() {
    let (bus, _events) = bus();
    let addr = bus.local_addr();
    drop(bus);
    assert!(TcpListener::bind(addr).is_ok());
}
