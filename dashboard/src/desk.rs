//! Who sits at the screen, and what leaves it: the screen asks, and shows only what came of it.

use protocol::{ClockCommand, Label, Moment, OperatorCommand, PartyId, RequestId};

use crate::wording as say;

/// Who sits at the screen.
#[derive(Clone, Debug)]
pub enum Desk {
    /// Anybody: looks and changes nothing.
    Observer,
    /// A signed operator.
    Operator(Signed),
}

/// An operator whose commands the command signs.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The operator's own id.
    pub operator: PartyId,
    /// The post that acts, as the duty roster names it.
    pub post: String,
    /// Offices that take commands from this operator.
    pub offices: Vec<PartyId>,
    /// The exercise director, if this operator may control the drill clock.
    pub director: Option<PartyId>,
    /// Drawn at start, so that no request id is ever given twice.
    pub boot: u32,
}

/// What the screen asks of the command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Sign this and send it to the party.
    Command(PartyId, Box<OperatorCommand>),
    /// Control the playback of a recording.
    Playback(ClockCommand),
}

/// What the screen shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A bus.
    Bus,
    /// A recording: nothing can be changed.
    Recording,
}

/// What becomes of the drill when the operator leaves the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    /// It ends: the command that shows the screen conducts it.
    EndsDrill,
    /// It goes on: the screen only watches.
    LeavesDrill,
}

/// A command that was sent and not yet answered.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    pub(crate) request: RequestId,
    /// What it was, for the row of its outcome.
    pub(crate) what: String,
    /// When it was sent, link time.
    pub(crate) sent_at: Moment,
}

impl Signed {
    /// The id of the operator's next request.
    ///
    /// `None` only if the operator's id leaves no room, which its limit of 20 characters excludes.
    pub(crate) fn request(&self, number: u32) -> Option<RequestId> {
        format!("{}-{:08x}-{number}", self.operator, self.boot)
            .parse()
            .ok()
    }
}

impl Desk {
    /// The operator, or why there is none.
    pub(crate) fn writes(&self, source: Source) -> Result<&Signed, Label> {
        match (self, source) {
            (_, Source::Recording) => Err(say::IN_REPLAY),
            (Self::Operator(signed), Source::Bus) if !signed.offices.is_empty() => Ok(signed),
            _ => Err(say::MAY_NOT_WRITE),
        }
    }

    /// The operator and the director whose clock it controls, or why it does not.
    pub(crate) fn directs(&self) -> Result<(&Signed, PartyId), Label> {
        match self {
            Self::Operator(signed) => signed
                .director
                .map(|director| (signed, director))
                .ok_or(say::MAY_NOT_DIRECT),
            Self::Observer => Err(say::MAY_NOT_DIRECT),
        }
    }
}
