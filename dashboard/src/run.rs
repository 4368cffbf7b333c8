//! The loop: what arrived goes into the view, keys become requests, and a frame follows a change.

use std::time::{Duration, Instant};

use protocol::{Moment, Span};

use crate::desk::Request;
use crate::terminal::{Session, TerminalError, draw_here, next_event};
use crate::view::{Heard, View};

/// The least time between two frames: ten a second are as many as anybody reads, and what a slow
/// line over SSH carries.
const FRAME: Duration = Duration::from_millis(100);

/// How long keys are waited for before the inbox is looked at again.
const LOOK: Duration = Duration::from_millis(25);

/// Why the screen was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The operator asked for it.
    Quit,
    /// There was nothing more to show.
    Stopped,
}

/// Shows the view until the operator leaves or [`Heard::Stop`] arrives.
///
/// `inbox` gives at once whatever arrived since it was last asked, and never waits; `outbox` takes
/// what is to be signed and sent. Both are called on this thread. Nothing is sent to the terminal
/// while nothing changes.
pub fn run(
    session: &mut Session,
    view: &mut View,
    mut inbox: impl FnMut() -> Vec<Heard>,
    mut outbox: impl FnMut(Request),
) -> Result<Exit, TerminalError> {
    draw_here();
    let start = Instant::now();
    let mut last_frame: Option<Instant> = None;
    loop {
        view.tick(since(start));
        for heard in inbox() {
            if matches!(heard, Heard::Stop) {
                return Ok(Exit::Stopped);
            }
            view.hear(heard);
        }
        let due = last_frame.is_none_or(|frame| frame.elapsed() >= FRAME);
        if due && view.is_changed() {
            let redraw = view.take_changed();
            session.show(view, redraw)?;
            last_frame = Some(Instant::now());
        }
        let mut wait = LOOK;
        while let Some(event) = next_event(wait)? {
            wait = Duration::ZERO;
            if let Some(request) = view.on(&event) {
                outbox(request);
            }
            // A key is answered at once, however young the last frame is.
            last_frame = None;
            if view.is_leaving() {
                return Ok(Exit::Quit);
            }
        }
    }
}

fn since(start: Instant) -> Moment {
    let micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    Moment::default() + Span(micros)
}
