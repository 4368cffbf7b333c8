//! The model: units, incidents, who goes where; metres and microseconds in whole numbers.

use std::collections::VecDeque;

use protocol::Moment;
use simulator::Calendar;

/// Cities, three by three, and the side of each in metres.
const CITIES: u32 = 9;
const SIDE: u64 = 20_000;

/// Beside the nine, draws that mean the city in the middle, which has more incidents.
const WEIGHTS: u64 = 12;
const MIDDLE: u32 = 4;

/// From an alarm in another city to wheels rolling, microseconds.
const AID_DELAY: u64 = 120_000_000;

/// The shortest work at a scene, and by how much it is longer at most, microseconds.
const WORK: u64 = 600_000_000;
const WORK_MORE: u64 = 2_400_000_001;

/// FNV-1a of 64 bits.
const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
struct Draws(u64);

impl Draws {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }

    /// A place in a city.
    fn place(&mut self, city: u32) -> (u64, u64) {
        let city = u64::from(city);
        let x = city % 3 * SIDE + self.below(SIDE);
        (x, city / 3 * SIDE + self.below(SIDE))
    }
}

/// A unit at home.
struct Unit {
    city: u32,
    home: (u64, u64),
    idle: bool,
}

/// What happens once.
struct Incident {
    at: u64,
    city: u32,
    place: (u64, u64),
    work: u64,
}

/// What is due: the unit, and the incident that it serves.
#[derive(Clone, Copy)]
enum Due {
    Arrival(u32),
    OnScene(u32, u32),
    Clear(u32, u32),
    Home(u32),
}

/// A drawn model before it runs.
pub(super) struct Dispatch9 {
    units: Vec<Unit>,
    incidents: Vec<Incident>,
    /// Units of each city, by their numbers.
    of_city: Vec<Vec<u32>>,
    calendar: Calendar<Due>,
    queue: VecDeque<u32>,
    ended: Ended,
}

/// How it went.
#[derive(Default)]
pub(super) struct Ended {
    pub(super) events: u64,
    pub(super) fnv: u64,
    pub(super) responses: Vec<u64>,
    pub(super) aid: u64,
    pub(super) queued: u64,
    /// Consecutive events at one time: with none, their order follows from their times alone.
    pub(super) ties: u64,
    pub(super) makespan: u64,
}

impl Dispatch9 {
    /// Draws so many units and incidents; incidents come a mean of half of `mean2_us` apart.
    pub(super) fn drawn(seed: u64, (units, incidents): (u32, u32), mean2_us: u64) -> Self {
        let mut draws = Draws(seed ^ 1);
        let unit = |number: u32| {
            let city = number % CITIES;
            let home = draws.place(city);
            Unit {
                city,
                home,
                idle: true,
            }
        };
        let units: Vec<Unit> = (0..units).map(unit).collect();
        let (mut draws, mut at) = (Draws(seed ^ 2), 0);
        let incident = |_| {
            at += draws.below(mean2_us);
            let weight = u32::try_from(draws.below(WEIGHTS)).unwrap_or(MIDDLE);
            let city = if weight < CITIES { weight } else { MIDDLE };
            let place = draws.place(city);
            Incident {
                at,
                city,
                place,
                work: WORK + draws.below(WORK_MORE),
            }
        };
        let incidents: Vec<Incident> = (0..incidents).map(incident).collect();
        let arrivals = (0_u32..).zip(&incidents);
        let known = arrivals.map(|(k, it)| (Moment(it.at), Due::Arrival(k)));
        let mut of_city = vec![Vec::new(); 9];
        for (number, unit) in (0_u32..).zip(&units) {
            of_city[unit.city as usize].push(number);
        }
        Self {
            calendar: Calendar::new(known.collect()),
            ended: Ended {
                fnv: BASIS,
                responses: Vec::with_capacity(incidents.len()),
                ..Ended::default()
            },
            queue: VecDeque::new(),
            of_city,
            units,
            incidents,
        }
    }

    /// Runs until nothing is due.
    pub(super) fn run(mut self) -> Ended {
        let mut before = None;
        while let Some((Moment(now), due)) = self.calendar.take() {
            self.ended.events += 1;
            self.ended.ties += u64::from(before == Some(now));
            before = Some(now);
            self.meet(now, due);
        }
        self.ended.makespan = before.unwrap_or_default();
        self.ended
    }

    fn meet(&mut self, now: u64, due: Due) {
        match due {
            Due::Arrival(k) => {
                if let Some((u, delay)) = self.nearest(k) {
                    self.dispatch(now + delay, (u, k));
                } else {
                    self.ended.queued += 1;
                    self.queue.push_back(k);
                }
            }
            Due::OnScene(u, k) => {
                let incident = &self.incidents[k as usize];
                self.ended.responses.push(now - incident.at);
                let clear = Moment(now + incident.work);
                self.calendar.enter(clear, Due::Clear(u, k));
                for value in [u64::from(k), u64::from(u), now] {
                    self.mark(value);
                }
            }
            Due::Clear(u, k) => {
                let way = travel(
                    self.units[u as usize].home,
                    self.incidents[k as usize].place,
                );
                self.calendar.enter(Moment(now + way), Due::Home(u));
            }
            Due::Home(u) => {
                self.units[u as usize].idle = true;
                if let Some(k) = self.queue.pop_front() {
                    let same = self.units[u as usize].city == self.incidents[k as usize].city;
                    let delay = if same { 0 } else { AID_DELAY };
                    self.dispatch(now + delay, (u, k));
                }
            }
        }
    }

    /// The nearest idle unit of the incident's own city, else of all; of equals the one with the lowest number.
    fn nearest(&self, k: u32) -> Option<(u32, u64)> {
        let incident = &self.incidents[k as usize];
        let way = |u: &u32| {
            let unit = &self.units[*u as usize];
            unit.idle.then(|| (travel(unit.home, incident.place), *u))
        };
        let own = self.of_city[incident.city as usize].iter();
        if let Some((_, u)) = own.filter_map(way).min() {
            return Some((u, 0));
        }
        let all = self.of_city.iter().flatten();
        all.filter_map(way).min().map(|(_, u)| (u, AID_DELAY))
    }

    fn dispatch(&mut self, leaves: u64, (u, k): (u32, u32)) {
        let (unit, incident) = (&mut self.units[u as usize], &self.incidents[k as usize]);
        unit.idle = false;
        self.ended.aid += u64::from(unit.city != incident.city);
        let there = leaves + travel(unit.home, incident.place);
        self.calendar.enter(Moment(there), Due::OnScene(u, k));
    }

    /// Takes a number into the mark, byte by byte.
    fn mark(&mut self, value: u64) {
        for byte in value.to_le_bytes() {
            self.ended.fnv = (self.ended.fnv ^ u64::from(byte)).wrapping_mul(PRIME);
        }
    }
}

/// Along streets at 15 m/s, microseconds, rounded down.
fn travel(from: (u64, u64), to: (u64, u64)) -> u64 {
    (from.0.abs_diff(to.0) + from.1.abs_diff(to.1)) * 200_000 / 3
}
