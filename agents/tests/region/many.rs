//! Several buses: entries find their way over any graph of them that hangs together.

use protocol::{Said, Span, Topic};

use crate::bus::Region;
use crate::buses::{Buses, On};
use crate::cast::{FIRST, MACHINES, SECOND, Setting, THIRD, party};

/// A region whose machines are on these buses.
fn region(buses: &[&[usize]], seed: u64) -> Region {
    let mut region = Region::dark(Setting::default(), seed);
    region.buses = Buses::new(buses.iter().map(|machines| On::Machines(machines.to_vec())));
    for index in 0..MACHINES.len() {
        region.boot(index);
    }
    region.run(Span::seconds(10));
    region
}

/// How often entries were published by others than their author.
fn relayed(region: &Region) -> usize {
    let said = region.said.iter();
    said.filter(|(_, sender, frame)| match frame.said() {
        Said::Append { head, .. } => head.log.author != *sender,
        _ => false,
    })
    .count()
}

fn appends(region: &Region) -> usize {
    let logs = region
        .said
        .iter()
        .filter(|(_, _, frame)| matches!(frame.topic(), Topic::Log(_)));
    logs.count()
}

const CHAIN: [&[usize]; 4] = [&[0, 1], &[1, 2], &[2, 3], &[3, 4]];

#[test]
fn an_entry_goes_along_a_chain_of_buses() {
    let mut region = region(&CHAIN, 7);
    region.call(FIRST, "call-1", 1);
    region.run(Span::seconds(2));
    assert_eq!(region.count(FIRST, "incident"), 1);
    region.run_until("the same picture everywhere", Region::all_are_equal);
    assert!(relayed(&region) > 0);
}

#[test]
fn offices_that_share_no_bus_help_each_other() {
    let mut region = region(&[&[0, 1], &[1, 2], &[1, 3], &[3, 4]], 7);
    // More than the first city has itself.
    region.call(FIRST, "call-1", 6);
    region.run_until("help", |region| {
        region.count(SECOND, "aid-commit") + region.count(THIRD, "aid-commit") > 0
    });
    region.run(Span::minutes(5));
    assert!(region.all_are_equal());
}

#[test]
fn any_graph_of_buses_that_hangs_together_converges_whatever_the_weather() {
    let graphs: [&[&[usize]]; 6] = [
        &CHAIN,
        &[&[0, 1], &[1, 2], &[2, 3], &[3, 4], &[4, 0]],
        &[&[0, 1], &[0, 2], &[0, 3], &[0, 4]],
        &[&[0, 1, 2], &[2, 3, 4]],
        &[&[0, 1], &[0, 1, 2], &[2, 3, 4], &[1, 4]],
        &[&[0, 1, 2, 3, 4], &[0, 1, 2, 3, 4], &[3, 4]],
    ];
    for (seed, graph) in (1..).zip(graphs) {
        let mut region = region(graph, seed);
        region.weather.loss = 20;
        region.weather.twice = 10;
        region.weather.jitter = Span::millis(900);
        for (number, office) in [FIRST, SECOND, THIRD, FIRST, THIRD].iter().enumerate() {
            region.call(office, &format!("call-{number}"), 2);
            region.run(Span::seconds(40));
        }
        region.crash(2);
        region.run(Span::minutes(2));
        region.boot(2);
        region.weather = crate::bus::Weather::default();
        region.run_until("the same picture everywhere", Region::all_are_equal);
    }
}

#[test]
fn where_everybody_hears_everything_nobody_relays() {
    let everybody: &[usize] = &[0, 1, 2, 3, 4];
    let mut region = region(&[everybody, everybody, everybody], 7);
    let before = relayed(&region);
    for number in 0..10 {
        region.call(FIRST, &format!("call-{number}"), 1);
        region.run(Span::seconds(5));
    }
    let (relays, all) = (relayed(&region) - before, appends(&region));
    assert!(relays * 10 < all, "{relays} of {all}");
}

#[test]
fn a_bus_that_was_cut_off_is_healed_from_another() {
    let mut region = region(&[&[0, 1, 2], &[2, 3, 4], &[1, 4]], 7);
    // The third machine stood between the two halves.
    region.crash(2);
    region.call(FIRST, "call-1", 1);
    region.run_until("the way around", |region| {
        let version = region.office("watcher").picture().version();
        let own = region.office(FIRST).picture().version();
        let of_first =
            |(log, _): &(&protocol::LogKey, &(u64, protocol::Hash))| log.author == party(FIRST);
        version
            .iter()
            .filter(of_first)
            .eq(own.iter().filter(of_first))
    });
}

#[test]
fn who_is_on_no_bus_of_ours_is_asked_last() {
    let mut region = region(&CHAIN, 7);
    region.call(FIRST, "call-1", 1);
    region.run_until("the same picture everywhere", Region::all_are_equal);
    region.weather.loss = 60;
    for number in 0..12 {
        region.call(FIRST, &format!("more-{number}"), 1);
        region.run(Span::seconds(3));
    }
    region.weather.loss = 0;
    region.run_until("the same picture everywhere", Region::all_are_equal);
    let place = |party| {
        MACHINES
            .iter()
            .position(|(name, ..)| crate::cast::party(name) == party)
    };
    let asked = region
        .said
        .iter()
        .filter_map(|(_, sender, frame)| match frame.topic() {
            Topic::Want(holder) => place(*sender)?.checked_signed_diff(place(holder)?),
            _ => None,
        });
    let asked: Vec<isize> = asked.collect();
    let in_vain = asked.iter().filter(|apart| apart.abs() > 1).count();
    assert!(asked.len() > 5 && in_vain * 4 < asked.len(), "{asked:?}");
}
