//! The gate, rumqttd alone and mosquitto in turns: medians over the rounds, and the gate beside the goals.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::contender::{Contender, Kind};
use crate::load::{Clients, Figures, Load, run};

/// In turns, so that what the machine does besides hits all alike.
const TURNS: [Kind; 3] = [Kind::Gate, Kind::Bare, Kind::Mosquitto];

/// Windows and rates as the peers were measured with; the pace is that of nine offices in a storm.
pub(crate) const LOADS: [Load; 5] = [
    Load {
        name: "9 to 9, QoS 1",
        clients: Clients::Mesh(9),
        qos: 1,
        window: 32,
        pace: None,
    },
    Load {
        name: "9 to 9, QoS 1, one at a time",
        clients: Clients::Mesh(9),
        qos: 1,
        window: 1,
        pace: None,
    },
    Load {
        name: "1 to 1, QoS 0",
        clients: Clients::Pair,
        qos: 0,
        window: 0,
        pace: None,
    },
    Load {
        name: "1 to 1, QoS 1",
        clients: Clients::Pair,
        qos: 1,
        window: 32,
        pace: None,
    },
    Load {
        name: "paced, 4,050/s to 9",
        clients: Clients::Mesh(9),
        qos: 1,
        window: 32,
        pace: Some(450),
    },
];

/// The gate delivers as much as mosquitto, at least.
const THROUGHPUT_GOAL: f64 = 1.0;

/// What is late at the gate is so by this much more than at rumqttd alone, at most.
const DELAY_GOAL: f64 = 1.5;

/// How long it is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Length {
    pub(crate) rounds: u64,
    pub(crate) measured: Duration,
}

/// Measures and prints the loads whose name has these words.
pub(crate) fn compare(length: &Length, only: &str) {
    let mut found: BTreeMap<(usize, Kind), Vec<Figures>> = BTreeMap::new();
    let loads = || {
        let all = LOADS.iter().enumerate();
        all.filter(|(_, load)| load.name.contains(only))
    };
    for round in 1..=length.rounds {
        for (number, load) in loads() {
            for kind in TURNS {
                match Contender::start(kind) {
                    Some(broker) => {
                        let figures = run(load, &broker, length.measured);
                        found.entry((number, kind)).or_default().push(figures);
                    }
                    None => println!("no mosquitto here; install the package mosquitto"),
                }
            }
        }
        println!("round {round} of {}", length.rounds);
    }
    println!(
        "{:30}{:10}{:>13}{:>9}{:>9}{:>9}{:>10}{:>7}",
        "load", "broker", "delivered/s", "p50 ms", "p99 ms", "cpu µs", "lost", "ended"
    );
    for (number, load) in loads() {
        for kind in TURNS {
            if let Some(all) = found.get(&(number, kind)) {
                print(load.name, kind, all);
            }
        }
    }
    let lost = loads().map(|(number, load)| {
        let all = |kind| found.get(&(number, kind)).map_or(&[][..], Vec::as_slice);
        judge(
            load,
            all(Kind::Gate),
            [all(Kind::Bare), all(Kind::Mosquitto)],
        )
    });
    assert_eq!(lost.sum::<u64>(), 0, "messages are lost at the gate");
}

fn print(load: &str, kind: Kind, all: &[Figures]) {
    println!(
        "{load:30}{:10}{:13.0}{:9.2}{:9.2}{:9.2}{:10}{:7}",
        kind.name(),
        median(all.iter().map(|it| it.delivered_per_s)),
        median(all.iter().map(|it| it.p50_ms)),
        median(all.iter().map(|it| it.p99_ms)),
        median(all.iter().map(|it| it.cpu_us)),
        all.iter().map(|it| it.lost).sum::<u64>(),
        all.iter().map(|it| it.ended).sum::<u64>(),
    );
}

/// The gate beside the others, round by round, and beside the goals; gives what it lost.
fn judge(load: &Load, gate: &[Figures], [bare, mosquitto]: [&[Figures]; 2]) -> u64 {
    let beside = |others: &[Figures], figure: fn(&Figures) -> f64| {
        let pairs = gate.iter().zip(others);
        median(pairs.map(|(ours, theirs)| figure(ours) / figure(theirs)))
    };
    let throughput = |it: &Figures| it.delivered_per_s;
    let delay = |it: &Figures| it.p99_ms;
    let (to_mosquitto, to_bare) = (beside(mosquitto, throughput), beside(bare, throughput));
    let (late, later) = (beside(bare, delay), beside(mosquitto, delay));
    let lost: u64 = gate.iter().map(|it| it.lost).sum();
    println!(
        "{:30}delivered {to_mosquitto:.2} of mosquitto's, {to_bare:.2} of bare's; \
         p99 {later:.2} of mosquitto's, {late:.2} of bare's",
        load.name
    );
    if load.pace.is_some() {
        // Whoever keeps a pace delivers what is sent; what counts is when.
        goal("p99 of bare's, at most", DELAY_GOAL, late <= DELAY_GOAL);
    } else {
        let met = to_mosquitto >= THROUGHPUT_GOAL;
        goal("of mosquitto's deliveries, at least", THROUGHPUT_GOAL, met);
    }
    goal("lost, exactly", 0.0, lost == 0);
    lost
}

fn goal(what: &str, value: f64, is_met: bool) {
    let word = if is_met { "met" } else { "MISSED" };
    println!("{:30}goal {value:.1} {what}: {word}", "");
}

/// The median; not a number without any.
pub(crate) fn median(all: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = all.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
