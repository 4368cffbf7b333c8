//! A city office comes back with an empty disk, over a line of the simulator's network model: 10 Mbit/s
//! each way, 20 ms as a rule. All that it is told by is one holder.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use agents::{Input, LinkChange, Seed};
use protocol::{Frame, Hash, Moment, PartyId, Span, Topic};
use serde_json::{Map, Value, json};
use simulator::{NetworkProfile, Stream, Way};

use super::machine::{Machine, bus};
use super::million::{Ground, as_map};
use super::process::{peak_mb, resident_mb};
use super::rounded;
use crate::failure::{Code, Failure};
use crate::files;

/// What the line carries in a second, each way.
const BITS_PER_S: u64 = 10_000_000;

/// How long a commit of the disk takes: a slow one.
const COMMIT: Span = Span::millis(10);

/// When it is given up.
const PATIENCE: Span = Span::minutes(10);

/// Whose disk is empty: the first office of the region.
const PLACE: usize = 0;

/// The two ends of the line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Holder,
    Joiner,
}

enum Event {
    Arrives(End, Arc<Frame>),
    Commits(End),
    Wakes(End),
}

struct Line {
    holder: Machine,
    joiner: Machine,
    up: Way,
    down: Way,
    profile: NetworkProfile,
    events: BTreeMap<(Moment, u64), Event>,
    count: u64,
    /// Bytes that the line carried, to the joiner and from it.
    carried: (usize, usize),
    frames: usize,
}

/// Measures the rejoin.
pub(super) fn rejoin(ground: &Ground) -> Result<Map<String, Value>, Failure> {
    let cast = ground.drill.cast();
    let party = *cast
        .offices
        .keys()
        .nth(PLACE)
        .ok_or_else(|| Failure::bug("a region without offices"))?;
    let at = ground.end()?;
    let holder = (ground.drill.observer(), ground.journal());
    let seed = Seed(Hash::of(b"holder again"));
    let mut holder = Machine::boot(holder.0, (&holder.1, &cast.roster_log), at, seed)?;
    holder.tell(at, Input::Link(bus(), LinkChange::Up))?;
    let file = ground.dir.join("joiner.journal");
    files::remove_journal(&file)?;
    // The holder has said what it has, and the bus keeps that for whoever comes.
    let at = at + Span::seconds(10);
    holder.tell(at, Input::Wake)?;
    let retained: VecDeque<Arc<Frame>> = std::mem::take(&mut holder.said).into();
    let office = ground
        .drill
        .office(party)
        .ok_or_else(|| Failure::bug("an office without a config"))?;
    let seed = Seed(Hash::of(b"joiner"));
    let joiner = Machine::boot(office, (&file, &cast.roster_log), at, seed)?;
    let draws = |name: &str| Stream::Network.draws(1, name);
    let mut line = Line {
        holder,
        joiner,
        up: Way::new(draws("up"), draws("up spoils")),
        down: Way::new(draws("down"), draws("down spoils")),
        profile: NetworkProfile {
            bits_per_s: Some(BITS_PER_S),
            ..NetworkProfile::default()
        },
        events: BTreeMap::new(),
        count: 0,
        carried: (0, 0),
        frames: 0,
    };
    line.joiner.tell(at, Input::Link(bus(), LinkChange::Up))?;
    for frame in retained {
        if frame.topic().is_retained() {
            line.send(at, End::Joiner, &frame);
        }
    }
    let took = line.run(at, party)?;
    let entries = line.joiner.journal.stats().envelopes;
    Ok(as_map(json!({
        "rejoin_drill_s": rounded(seconds(took)),
        "rejoin_down_mb": rounded(megabytes(line.carried.0)),
        "rejoin_up_mb": rounded(megabytes(line.carried.1)),
        "rejoin_frames": line.frames,
        "rejoin_entries": entries,
        "rejoin_worked_s": rounded(line.joiner.worked.as_secs_f64()),
        "holder_worked_s": rounded(line.holder.worked.as_secs_f64()),
        "rejoin_resident_mb": resident_mb(),
        "rejoin_peak_mb": peak_mb(),
    })))
}

impl Line {
    /// Runs until the joiner has everything on its disk that the holder had.
    fn run(&mut self, from: Moment, us: PartyId) -> Result<Span, Failure> {
        let goal: Vec<_> = self.goal();
        self.settle(from, End::Joiner);
        self.settle(from, End::Holder);
        while let Some(((at, _), event)) = self.events.pop_first() {
            if at.since(from) > PATIENCE {
                break;
            }
            let end = match event {
                Event::Arrives(end, frame) => {
                    if end == End::Joiner || !matches!(frame.topic(), Topic::View(..)) {
                        self.machine(end).hear(at, frame.topic(), frame.text())?;
                    }
                    end
                }
                Event::Commits(end) => {
                    self.machine(end).flush(at)?;
                    end
                }
                Event::Wakes(end) => {
                    self.machine(end).tell(at, Input::Wake)?;
                    end
                }
            };
            self.settle(at, end);
            let held = self.joiner.office.keeping().durable();
            let has = |(log, seq): &(protocol::LogKey, u64)| {
                held.get(log).is_some_and(|held| held.0 >= *seq)
            };
            if goal.iter().all(has) {
                return Ok(at.since(from));
            }
        }
        let lacks = goal.iter().filter(|(log, seq)| {
            let held = self.joiner.office.keeping().durable().get(log);
            held.is_none_or(|held| held.0 < *seq)
        });
        let lacks: Vec<String> = lacks
            .map(|(log, seq)| format!("{log} up to {seq}"))
            .collect();
        let what = format!(
            "{us} did not come back in {PATIENCE:?}: it lacks {}",
            lacks.join(", ")
        );
        Err(Failure::new(Code::Bug, what))
    }

    /// The last life of every author, as far as the holder has it.
    fn goal(&self) -> Vec<(protocol::LogKey, u64)> {
        let mut last: BTreeMap<PartyId, (protocol::LogKey, u64)> = BTreeMap::new();
        for (log, (seq, _)) in self.holder.office.keeping().durable() {
            last.insert(log.author, (*log, *seq));
        }
        last.into_values().collect()
    }

    fn machine(&mut self, end: End) -> &mut Machine {
        match end {
            End::Holder => &mut self.holder,
            End::Joiner => &mut self.joiner,
        }
    }

    /// Carries what an end said, and notes when it is to be told something next.
    fn settle(&mut self, at: Moment, end: End) {
        let said = std::mem::take(&mut self.machine(end).said);
        let other = match end {
            End::Holder => End::Joiner,
            End::Joiner => End::Holder,
        };
        for frame in said {
            self.send(at, other, &frame);
        }
        if self.machine(end).waits() {
            self.enter(at + COMMIT, Event::Commits(end));
        }
        if let Some(wake) = self.machine(end).wake.take() {
            self.enter(wake.drill.min(wake.link).max(at), Event::Wakes(end));
        }
    }

    fn send(&mut self, at: Moment, to: End, frame: &Arc<Frame>) {
        let bytes = frame.text().len() + frame.topic().to_string().len();
        let way = match to {
            End::Joiner => {
                self.carried.0 += bytes;
                self.frames += 1;
                &mut self.down
            }
            End::Holder => {
                self.carried.1 += bytes;
                &mut self.up
            }
        };
        let arrivals = way.carry(&self.profile, at, bytes);
        for arrives in arrivals.times() {
            self.enter(arrives, Event::Arrives(to, Arc::clone(frame)));
        }
    }

    fn enter(&mut self, at: Moment, event: Event) {
        self.count += 1;
        self.events.insert((at, self.count), event);
    }
}

fn seconds(span: Span) -> f64 {
    Duration::from_micros(span.0).as_secs_f64()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a figure of bytes is printed in thousandths"
)]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1_000_000.0
}
