//! Attackers beside nine offices that keep their pace: how late these hear each other while an office
//! that was taken over floods, and strangers send noise, open connections without end, guess passwords
//! and shake hands for ever, at every door.
//!
//! Attackers share the two processors with everybody else, so each has a pace, which is printed.

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use crate::churn::goes_on;
use crate::compare::{LOADS, Length, median};
use crate::contender::Kind;
use crate::load::{Figures, PAYLOAD_BYTES, Player, play};
use crate::members::{ROOT, from};
use crate::noise::Noise;
use crate::region::{self, Doors, ODD, OFFICES, Papers, hello};
use crate::wire::{Client, Connect, Publication, Qos, Reply, dial_from};

/// Addresses that strangers come from, so that no limit of one of them is what helps.
const ADDRESSES: u64 = 250;

/// Connections of strangers that never finish what they begin.
const SLOW: usize = 1_000;

/// How often somebody comes in anew, by certificate and by password.
const KNOCK: Duration = Duration::from_millis(200);

/// Messages of the flooding office that are under way at once.
const BATCH: u16 = 1_000;

/// A way to attack: its name, how often each of its turns comes at most, and one turn.
struct Attack {
    name: &'static str,
    rest: Duration,
    turn: fn(&mut Attacker<'_>),
}

const FLOOD: Attack = Attack {
    name: "an office floods",
    rest: Duration::ZERO,
    turn: flooding,
};
const AGAIN: Attack = Attack {
    name: "it floods and comes anew",
    rest: Duration::ZERO,
    turn: flooding_anew,
};
const NOISE: Attack = Attack {
    name: "noise, 500/s",
    rest: Duration::from_millis(2),
    turn: noise,
};
const BOMBS: Attack = Attack {
    name: "connections, 1,000/s",
    rest: Duration::from_millis(1),
    turn: bomb,
};
const GUESSES: Attack = Attack {
    name: "passwords, 100/s",
    rest: Duration::from_millis(10),
    turn: guess,
};
const LORIS: Attack = Attack {
    name: "1,000 handshakes for ever",
    rest: Duration::from_millis(500),
    turn: loris,
};

/// What is measured: each alone, and all together.
const TRIALS: [(&str, &[Attack]); 8] = [
    ("nobody attacks", &[]),
    (FLOOD.name, &[FLOOD]),
    (AGAIN.name, &[AGAIN]),
    (NOISE.name, &[NOISE]),
    (BOMBS.name, &[BOMBS]),
    (GUESSES.name, &[GUESSES]),
    (LORIS.name, &[LORIS]),
    ("all of these", &[AGAIN, NOISE, BOMBS, GUESSES, LORIS]),
];

/// One attacker and what it holds from turn to turn.
struct Attacker<'a> {
    /// The doors that ask who comes.
    doors: &'a [SocketAddr],
    papers: &'a Papers,
    random: Noise,
    office: Option<Client>,
    held: Vec<TcpStream>,
}

/// What came of a trial.
struct Trial {
    paced: Figures,
    /// How long it took to come in by certificate and by password, in milliseconds.
    certified_ms: f64,
    named_ms: f64,
}

/// Measures and prints the trials whose name has these words, beside the first.
pub(crate) fn flood(length: &Length, only: &str) {
    let papers = Papers::make();
    let chosen = |place: &usize| *place == 0 || TRIALS[*place].0.contains(only);
    let chosen: Vec<usize> = (0..TRIALS.len()).filter(chosen).collect();
    let mut found: Vec<Vec<Trial>> = TRIALS.iter().map(|_| Vec::new()).collect();
    for round in 1..=length.rounds {
        for place in &chosen {
            found[*place].push(trial(TRIALS[*place].1, &papers, length.measured));
        }
        println!("round {round} of {}", length.rounds);
    }
    println!(
        "{:28}{:>13}{:>9}{:>9}{:>8}{:>8}{:>7}{:>7}{:>10}{:>10}",
        "attack",
        "delivered/s",
        "p50 ms",
        "p99 ms",
        "p50 x",
        "p99 x",
        "lost",
        "ended",
        "cert ms",
        "name ms"
    );
    for place in &chosen {
        print(TRIALS[*place].0, &found[*place], &found[0]);
    }
    let harm = found.iter().flatten();
    let harm = harm.map(|it| it.paced.lost + it.paced.ended);
    assert_eq!(harm.sum::<u64>(), 0, "an attack takes something of others");
}

fn print(name: &str, found: &[Trial], calm: &[Trial]) {
    let middle = |figure: fn(&Trial) -> f64| median(found.iter().map(figure));
    let beside = |figure: fn(&Trial) -> f64| {
        let pairs = found.iter().zip(calm);
        median(pairs.map(|(it, calm)| figure(it) / figure(calm)))
    };
    println!(
        "{name:28}{:13.0}{:9.2}{:9.2}{:8.2}{:8.2}{:7}{:7}{:10.0}{:10.0}",
        middle(|it| it.paced.delivered_per_s),
        middle(|it| it.paced.p50_ms),
        middle(|it| it.paced.p99_ms),
        beside(|it| it.paced.p50_ms),
        beside(|it| it.paced.p99_ms),
        found.iter().map(|it| it.paced.lost).sum::<u64>(),
        found.iter().map(|it| it.paced.ended).sum::<u64>(),
        middle(|it| it.certified_ms),
        middle(|it| it.named_ms),
    );
}

/// Nine offices at their pace, and attackers from when these are in until they have gone.
fn trial(attacks: &[Attack], papers: &Papers, measured: Duration) -> Trial {
    let broker = region::start(Kind::Gate, Doors::Limited, papers).expect("it is ours");
    let doors = &broker.addrs()[1..];
    std::thread::scope(|scope| {
        let mut starts: Vec<Sender<()>> = Vec::new();
        let mut begins = || {
            let (start, started) = channel();
            starts.push(start);
            started
        };
        for (seed, attack) in (1..).zip(attacks) {
            let (attacker, started) = (Attacker::new(doors, papers, seed), begins());
            scope.spawn(move || attacker.attack(attack, &started));
        }
        let (by_certificate, by_name) = (begins(), begins());
        let certified = scope.spawn(move || {
            let enter = || Client::over(papers.dial(Doors::Limited, doors[1]));
            knock(
                enter,
                &Connect::new(&format!("{ODD}-knock")),
                &by_certificate,
            )
        });
        let named = scope.spawn(move || {
            let hello = hello(OFFICES[0], "knock");
            knock(|| Client::open(doors[0]), &hello, &by_name)
        });
        let [.., paced] = LOADS;
        let paced = play(&paced, offices(), (&broker, doors[0]), measured, || {
            for start in &starts {
                // Whoever is gone already will not begin.
                let _ = start.send(());
            }
        });
        // Who attacks or knocks stops when this is gone.
        drop(starts);
        Trial {
            paced,
            certified_ms: certified.join().unwrap(),
            named_ms: named.join().unwrap(),
        }
    })
}

/// Comes in again and again; gives how many milliseconds that took in the middle. Who is not let in took
/// for ever.
fn knock(open: impl Fn() -> Client, hello: &Connect, started: &Receiver<()>) -> f64 {
    let mut took = Vec::new();
    if started.recv().is_ok() {
        while goes_on(started, KNOCK) {
            let began = Instant::now();
            let (_, reply) = open().greeting(hello);
            took.push(match reply {
                Reply::ConnAck { code: 0, .. } => began.elapsed().as_secs_f64() * 1e3,
                _ => f64::INFINITY,
            });
        }
    }
    median(took.into_iter())
}

/// The paced offices: each asks for what it lacks, and hears what all ask for.
fn offices() -> Vec<Player> {
    let paced = OFFICES.iter().filter(|office| **office != ODD);
    let player = |office: &&str| Player {
        hello: hello(office, "paced"),
        hears: Some(format!("{ROOT}/want/+")),
        says: Some((format!("{ROOT}/want/{office}"), from(office))),
    };
    paced.map(player).collect()
}

impl<'a> Attacker<'a> {
    fn new(doors: &'a [SocketAddr], papers: &'a Papers, seed: u64) -> Self {
        Self {
            doors,
            papers,
            random: Noise::new(seed),
            office: None,
            held: Vec::new(),
        }
    }

    fn attack(mut self, attack: &Attack, started: &Receiver<()>) {
        if started.recv().is_ok() {
            while goes_on(started, attack.rest) {
                (attack.turn)(&mut self);
            }
        }
    }

    /// A connection from one of many addresses of this machine.
    fn dial(&mut self, door: usize) -> io::Result<TcpStream> {
        let last = u8::try_from(1 + self.random.below(ADDRESSES)).expect("there are not so many");
        dial_from(Ipv4Addr::new(127, 0, 1, last), self.doors[door])
    }

    fn any_door(&mut self) -> usize {
        usize::try_from(self.random.below(self.doors.len() as u64)).expect("there are few doors")
    }
}

/// Writes a batch as quickly as the gate reads it, on one connection.
fn flooding(attacker: &mut Attacker<'_>) {
    let office = match &mut attacker.office {
        Some(office) => office,
        none => {
            let line = attacker.papers.dial(Doors::Limited, attacker.doors[1]);
            let hello = Connect::new(&format!("{ODD}-flood"));
            let (client, _) = Client::over(line).greeting(&hello);
            none.insert(client)
        }
    };
    let batch = (1..=BATCH).flat_map(|id| {
        let post = Publication::new(&format!("{ROOT}/want/{ODD}"), shout());
        post.qos(Qos::AtLeastOnce(id)).bytes()
    });
    office.send(&batch.collect::<Vec<u8>>());
    let last = Reply::PubAck(BATCH);
    if office.await_reply(|reply| *reply == last) != last {
        attacker.office = None;
    }
}

/// Writes a batch on a connection of its own: whatever one connection has left, a new one may have more.
fn flooding_anew(attacker: &mut Attacker<'_>) {
    attacker.office = None;
    flooding(attacker);
}

/// A payload of another length than those that are measured.
fn shout() -> Vec<u8> {
    let mut payload = from(ODD).into_bytes();
    payload.resize(PAYLOAD_BYTES - 1, 0x5a);
    payload
}

fn noise(attacker: &mut Attacker<'_>) {
    let door = attacker.any_door();
    let count = 1 + attacker.random.below(500);
    let bytes = attacker.random.bytes(count);
    if let Ok(mut stream) = attacker.dial(door) {
        // Whether it was read is the gate's affair.
        drop(stream.write_all(&bytes));
    }
}

fn bomb(attacker: &mut Attacker<'_>) {
    let door = attacker.any_door();
    drop(attacker.dial(door));
}

/// Names an office, shows a wrong password and does not wait for the answer.
fn guess(attacker: &mut Attacker<'_>) {
    let guess = Connect::new(&format!("{ODD}-guess")).login(ODD, "sesame");
    if let Ok(mut stream) = attacker.dial(0)
        && stream.write_all(&guess.bytes()).is_ok()
    {
        attacker.held.push(stream);
    }
    if attacker.held.len() > SLOW {
        attacker.held.clear();
    }
}

/// Holds connections at every door and gives each one more byte, which finishes nothing.
fn loris(attacker: &mut Attacker<'_>) {
    attacker
        .held
        .retain_mut(|stream| stream.write_all(b"a").is_ok());
    for _ in attacker.held.len()..SLOW {
        let door = attacker.any_door();
        // A CONNECT, a request or a TLS record that goes on.
        let opening: &[u8] = match door {
            0 => &[0x10, 0x7f],
            2 => b"GET /",
            _ => &[0x16, 0x03, 0x01, 0x7f],
        };
        if let Ok(mut stream) = attacker.dial(door)
            && stream.write_all(opening).is_ok()
        {
            attacker.held.push(stream);
        }
    }
}
