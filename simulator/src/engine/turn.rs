//! What passes between the engine and whoever runs the offices: an office hears something, and does
//! something.

use protocol::{Body, BusId, Cue, Envelope, Frame, Hash, Moment, PartyId, Step, Topic, Verified};

/// One office hears one thing at one instant.
#[derive(Clone, Debug)]
pub struct Turn {
    /// The office.
    pub office: PartyId,
    /// Its place among the offices of the setup.
    pub(crate) seat: u16,
    /// Counts the turns of the office, from 1.
    pub number: u64,
    /// Drill time.
    pub at: Moment,
    /// What it hears.
    pub hears: Hears,
}

/// What an office hears.
#[derive(Clone, Debug)]
pub enum Hears {
    /// A frame that came over a bus.
    Frame(BusId, Verified<Frame>),
    /// What it appended up to this ticket is durable.
    Durable(u64),
    /// What it asked to load under this ticket.
    Loaded(u64),
    /// A bus came, or went.
    Link(BusId, bool),
    /// The time that it asked to be woken at.
    Wake,
    /// It starts from its journal, with this seed.
    Boot(Hash),
}

impl Turn {
    /// Whether another than this party says in it what it holds.
    pub(crate) fn tells_what_is_held(&self, party: PartyId) -> bool {
        let Hears::Frame(_, frame) = &self.hears else {
            return false;
        };
        matches!(frame.get().topic(), Topic::Digest(from) if from != party)
    }

    /// The turn as a step of a lock-step drill, which names a frame by its digest.
    pub fn step(&self) -> Step {
        let cue = match &self.hears {
            Hears::Frame(bus, frame) => Cue::Frame {
                bus: *bus,
                frame: frame.get().digest(),
            },
            Hears::Durable(ticket) => Cue::Durable { ticket: *ticket },
            Hears::Loaded(ticket) => Cue::Loaded { ticket: *ticket },
            Hears::Link(bus, up) => Cue::Link { bus: *bus, up: *up },
            Hears::Wake => Cue::Wake,
            Hears::Boot(seed) => Cue::Boot { seed: *seed },
        };
        Step {
            number: self.number,
            at: self.at,
            cue,
        }
    }

    /// Whether the office starts.
    pub fn is_boot(&self) -> bool {
        matches!(self.hears, Hears::Boot(_))
    }
}

/// One thing that an office does in its turn.
#[derive(Clone, Debug)]
pub enum Deed {
    /// It publishes a frame on a bus.
    Publish(BusId, Verified<Frame>),
    /// It publishes the same frame on another bus.
    Also(BusId),
    /// It appends an envelope under a ticket, with what it decided if the envelope is its own.
    Append(u64, Option<String>),
    /// It asks for old entries under a ticket.
    Load(u64),
    /// It leaves with the bus what is to be said of it when it dies.
    Will(String),
    /// It tells its people of another machine under its name.
    AlarmOfTwin,
    /// It wants to be woken.
    WakeAt(Moment),
}

/// What an office decided by an envelope, if it is its own: what the digest of a run is made of.
pub fn decision_of(party: PartyId, envelope: &Envelope) -> Option<String> {
    let own = envelope.header().log.author == party;
    let body = envelope.body().filter(|_| own);
    body.map(Body::decision_json)
}
