//! An office of the first town at work: it boots, serves, hears what it is told and keeps a disk.

use std::sync::Arc;

use agents::{Extent, Input, LinkChange, Now, Office, Origin, Output, Range, Seed, Stored};
use picture::StateAt;
use protocol::{BusId, Decoder, Envelope, Hash, Head, Moment, PartyId, Said, Span, Wall};
use simulator::{Drill, Judge, Scenario};

use super::cast::{START, cast, trio};
use super::terms::assert_shows;

/// Answers to answers: an office that is told what it asked for comes to rest long before.
const TURNS: usize = 64;

/// A quiet day in the three towns.
const DAY: &str = "schema = \"liandong-scenario/1\"\nid = \"fuzz\"\nregion = \"trio\"\n\
    title = { zh = \"演练·虚构\", en = \"fictional\" }\nseed = 1\n\
    start = 2026-07-01T08:00:00+08:00\nduration = \"1h\"\n\
    assumptions = [\"(model) all of it is invented\"]\n";

/// An office with its disk, and what it wrote and said.
pub(super) struct Desk {
    office: Office,
    pub(super) decoder: Decoder,
    now: Moment,
    stored: Vec<Arc<Envelope>>,
}

impl Desk {
    /// An office that has booted, hears nobody and serves.
    pub(super) fn up() -> Self {
        Self::holding(None)
    }

    /// One that begins with another author's state on its disk, if there is one.
    pub(super) fn holding(at: Option<StateAt>) -> Self {
        let office: PartyId = "990100".parse().expect("it is one of the towns");
        let mut desk = Self {
            office: drill().office(office).expect("it keeps a log"),
            decoder: Decoder::new(cast().network.clone()),
            now: START,
            stored: cast().roster_log.clone(),
        };
        desk.stored
            .extend(at.iter().map(|at| Arc::clone(&at.entry)));
        let envelopes = desk.stored.clone();
        let logs = at.iter().map(extent).collect();
        let seed = Seed(Hash::of(b"boot"));
        desk.told(Input::Boot(
            Stored {
                snapshots: at.into_iter().collect(),
                envelopes,
                logs,
                origin: Origin::Founded,
            },
            seed,
        ));
        desk.told(Input::Link(bus(), LinkChange::Up));
        for _ in 0..6 {
            desk.later(Span::minutes(1));
        }
        desk
    }

    pub(super) fn later(&mut self, span: Span) {
        self.now += span;
        self.told(Input::Wake);
    }

    pub(super) fn told(&mut self, input: Input) {
        let mut inputs = vec![input];
        for _ in 0..TURNS {
            let Some(input) = inputs.pop() else { return };
            let now = Now {
                drill: self.now,
                link: self.now,
                wall: Wall::at(self.now),
            };
            for output in self.office.handle(now, input) {
                inputs.extend(self.done(output));
            }
        }
        assert!(inputs.is_empty(), "an office that does not come to rest");
    }

    /// Does what the office wants; gives what it is told in answer.
    fn done(&mut self, output: Output) -> Option<Input> {
        match output {
            Output::Append(ticket, envelope) => {
                self.stored.push(envelope);
                Some(Input::Durable(ticket))
            }
            Output::Keep(ticket, at) => {
                self.stored.push(at.entry);
                Some(Input::Durable(ticket))
            }
            Output::Load(range, ticket) => Some(Input::Loaded(ticket, self.loaded(range))),
            Output::Publish(_, frame) => {
                let topic = frame.topic().on(cast().network.id);
                let heard = self
                    .decoder
                    .frame(&topic, frame.text().as_bytes(), &cast().roster);
                let heard = heard.expect("what an office says is believed");
                if let Said::Append { batch, .. } | Said::Direct { batch, .. } = heard.get().said()
                {
                    assert_eq!(batch.refused, []);
                }
                None
            }
            Output::Alarm(alarm) => {
                assert_shows(&alarm.text);
                None
            }
            Output::Mark(_) | Output::WakeAt(_) => None,
        }
    }

    fn loaded(&self, range: Range) -> Vec<Arc<Envelope>> {
        let all = self.stored.iter().filter(|envelope| {
            let header = envelope.header();
            header.log == range.log && (range.from..=range.to).contains(&header.seq)
        });
        all.cloned().collect()
    }

    /// Asserts that all that the office wrote counts, by its own word.
    pub(super) fn assert_counts(&self) {
        let own = self.office.picture().state(self.office.party());
        let own = own.expect("it wrote its inventory");
        assert_eq!(own.voids, [], "an office wrote what is void");
    }

    /// Asserts that all that the office wrote counts, and that the judge finds nothing wrong.
    pub(super) fn assert_sound(&self) {
        let mut judge = Judge::new(cast().network.clone());
        for envelope in &self.stored {
            judge.admit(self.now, envelope);
        }
        judge.inspect(self.now);
        let party = self.office.party();
        let state = judge
            .picture()
            .state(party)
            .expect("it wrote its inventory");
        assert_eq!(state.voids, [], "an office wrote what is void");
        assert_eq!(judge.violations(), []);
        assert_eq!(judge.picture().hash(), self.office.picture().hash());
    }
}

/// How far a log is on the disk that begins with a state.
fn extent(at: &StateAt) -> Extent {
    let header = at.entry.header();
    Extent {
        first: header.seq,
        head: Head {
            log: header.log,
            seq: header.seq,
            hash: at.entry.hash(),
        },
    }
}

/// The only bus there is.
pub(super) fn bus() -> BusId {
    "one".parse().expect("the name is short and plain")
}

fn drill() -> &'static Drill {
    static DRILL: std::sync::LazyLock<Drill> = std::sync::LazyLock::new(|| {
        let read = Scenario::parse("fuzz.toml", DAY, &|_| None);
        let (scenario, region) = read.expect("the day is plain");
        assert_eq!(region.id(), trio().id());
        Drill::new(scenario, region, 1, cast().clone())
    });
    &DRILL
}
