//! Messages that parties of the roster did sign and that say anything: each a topic, its sender and a
//! body, heard by an office that serves. What it then writes and says is sound.

use std::sync::Arc;

use agents::{Input, LinkChange, Now, Office, Origin, Output, Range, Seed, Stored};
use protocol::{BusId, Decoder, Envelope, Hash, Moment, PartyId, Said, Span, Wall};
use simulator::{Drill, Judge, Scenario};

use super::Verdict;
use super::cast::{START, cast, signer, spoken, trio};
use super::terms::{assert_refusal, assert_shows};

/// Messages that are heard of one input, lest it takes long.
const MESSAGES: usize = 16;

/// Answers to answers: an office that is told what it asked for comes to rest long before.
const TURNS: usize = 64;

/// A quiet day in the three towns.
const DAY: &str = "schema = \"liandong-scenario/1\"\nid = \"fuzz\"\nregion = \"trio\"\n\
    title = { zh = \"演练·虚构\", en = \"fictional\" }\nseed = 1\n\
    start = 2026-07-01T08:00:00+08:00\nduration = \"1h\"\n\
    assumptions = [\"(model) all of it is invented\"]\n";

/// Says each line to the first town's office.
pub fn direct(bytes: &[u8]) -> Verdict {
    let Ok(text) = str::from_utf8(bytes) else {
        return Verdict::Refused;
    };
    let net = cast().network.id;
    let mut desk = Desk::up();
    let mut verdict = Verdict::Refused;
    for (line, number) in text.lines().take(MESSAGES).zip(1..) {
        let mut parts = line.splitn(3, ' ');
        let (Some(topic), Some(from), Some(body)) = (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let from = from.parse().ok();
        let Some(signer) = from.and_then(signer) else {
            continue;
        };
        let line = spoken(topic, number, body, signer);
        let topic = format!("liandong/1/{net}/{topic}");
        match desk.decoder.frame(&topic, line.as_bytes(), &cast().roster) {
            Ok(frame) => {
                desk.told(Input::Heard(bus(), frame));
                desk.later(Span::seconds(2));
                verdict = Verdict::Accepted;
            }
            Err(refusal) => assert_refusal(&refusal),
        }
    }
    desk.later(Span::minutes(2));
    desk.assert_sound();
    verdict
}

/// An office with its disk, and what it wrote and said.
struct Desk {
    office: Office,
    decoder: Decoder,
    now: Moment,
    stored: Vec<Arc<Envelope>>,
}

impl Desk {
    /// An office that has booted, hears nobody and serves.
    fn up() -> Self {
        let office: PartyId = "990100".parse().expect("it is one of the towns");
        let mut desk = Self {
            office: drill().office(office).expect("it keeps a log"),
            decoder: Decoder::new(cast().network.clone()),
            now: START,
            stored: cast().roster_log.clone(),
        };
        let envelopes = desk.stored.clone();
        let seed = Seed(Hash::of(b"boot"));
        desk.told(Input::Boot(
            Stored {
                snapshots: Vec::new(),
                envelopes,
                logs: Vec::new(),
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

    fn later(&mut self, span: Span) {
        self.now += span;
        self.told(Input::Wake);
    }

    fn told(&mut self, input: Input) {
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

    /// Asserts that all that the office wrote counts, and that the judge finds nothing wrong.
    fn assert_sound(&self) {
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

fn bus() -> BusId {
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
