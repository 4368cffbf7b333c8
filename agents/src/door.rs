//! The one door of an office: what comes in, what goes out, and what time it is.
//!
//! Reports from the ground, commands, orders and replies are signed frames like everything else on
//! the bus, so they come in as [`Input::Heard`] and go out as [`Output::Publish`], and one check of
//! sender, topic and life serves them all.

use std::sync::Arc;

use picture::StateAt;
use protocol::{BusId, Envelope, Frame, Hash, Head, LogKey, Moment, Span, Verified, Wall};

/// How long an entry of somebody else may wait for the disk, link time, so that one commit serves
/// many: its author holds it on a disk already, and here it counts as held only once it is durable.
/// An entry of one's own never waits, and takes along all that came before it.
pub const FOREIGN_SYNC: Span = Span::seconds(1);

/// What time it is, thrice.
///
/// Holds, deadlines and policies run in drill time; digests, repair and back-off in link time; only
/// display and statutory clocks read the wall. All three agree in virtual time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Drill time.
    pub drill: Moment,
    /// Link time: monotonic, from an arbitrary start.
    pub link: Moment,
    /// The wall clock.
    pub wall: Wall,
}

/// Numbers what was handed to the disk, counting up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// Entries of one log, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The log.
    pub log: LogKey,
    /// The first entry.
    pub from: u64,
    /// The last entry.
    pub to: u64,
}

/// What an office's journal held when it booted, in the order of appending.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// What authors' logs had come to where they begin here, for those that do not begin with their
    /// first entry. The snapshots themselves are among the envelopes.
    pub snapshots: Vec<StateAt>,
    /// Own and foreign envelopes, the roster's log among them. Those that a snapshot stands for may be
    /// left out.
    pub envelopes: Vec<Arc<Envelope>>,
    /// How far the disk holds each log, so that what is left out here can be given to others.
    pub logs: Vec<Extent>,
    /// What it means if there is nothing of the office's own.
    pub origin: Origin,
}

/// What is known of an office's past when its disk has nothing that it wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// It has none: the disk was made for an office that is new.
    Founded,
    /// Nobody said: what it wrote may be with others, and its disk lost.
    #[default]
    Unknown,
}

/// A log as a disk holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Its first entry without a gap behind it.
    pub first: u64,
    /// Its last entry.
    pub head: Head,
}

/// The only randomness that an office gets: fresh for each boot, drawn outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(pub Hash);

impl Seed {
    /// The nonce of the boot: by it this machine is told from any other under the same name.
    pub fn nonce(self) -> u64 {
        let (first, _) = self.0.0.split_at(8);
        let number = first
            .iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte));
        number.max(1)
    }
}

/// What an office is told.
#[derive(Clone, Debug)]
pub enum Input {
    /// It starts, with what its journal holds. Always the first input.
    Boot(Stored, Seed),
    /// A frame came over a bus.
    Heard(BusId, Verified<Frame>),
    /// Everything appended up to this ticket is on the disk.
    Durable(Ticket),
    /// What it asked to load; shorter than asked if the journal holds less.
    Loaded(Ticket, Vec<Arc<Envelope>>),
    /// A bus came or went.
    Link(BusId, LinkChange),
    /// The time that it asked to be woken at has come.
    Wake,
}

/// Whether a bus is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkChange {
    /// Connected and subscribed.
    Up,
    /// Lost.
    Down,
}

/// What an office does. Executed in order.
#[derive(Clone, Debug)]
pub enum Output {
    /// Put this envelope on the disk, at once if it is one's own, within [`FOREIGN_SYNC`] if it is
    /// not; say [`Input::Durable`] when it is.
    Append(Ticket, Arc<Envelope>),
    /// Put this snapshot with its state on the disk, in the order of appending: it stands for all
    /// entries of its author before it, and entries behind it follow. Say [`Input::Durable`] when it is.
    Keep(Ticket, StateAt),
    /// Put the state at a snapshot that was read here on the disk, behind the snapshot: a boot begins
    /// with it instead of with all entries before. Lost without harm, and nobody waits for it.
    Mark(StateAt),
    /// Read these entries back; answer with [`Input::Loaded`].
    Load(Range, Ticket),
    /// Publish on a bus. Lost without harm if the bus is not there.
    Publish(BusId, Arc<Frame>),
    /// Tell the people in the room.
    Alarm(Alarm),
    /// Say [`Input::Wake`] at this moment of drill or of link time, whichever comes first; replaces
    /// the wish before it.
    WakeAt(WakeAt),
}

/// When an office wants to be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WakeAt {
    /// In drill time.
    pub drill: Moment,
    /// In link time.
    pub link: Moment,
}

/// Something that people must know of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// The rule or invariant that it comes from, such as `R03`.
    pub code: &'static str,
    /// What happened and what to do, in English; a screen words it in its own language by the code.
    pub text: String,
}
