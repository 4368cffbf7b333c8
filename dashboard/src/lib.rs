//! The operators' screen, and the only crate that knows the terminal.
//!
//! - A [`View`] is one more holder of the logs: it hears what a bus or a recording says, and
//!   cannot tell a live region from a simulated one.
//! - [`draw`] makes a frame of it and only reads; keys become actions in one match.
//! - [`Session`] owns the terminal and gives it back; [`run`] is the loop between them.
//! - What an operator asks for leaves as a [`Request`], and shows once its owner has answered.
//!
//! Deliberately absent: sockets, signing, files, and any state of its own about the region.

mod clock;
mod colours;
mod desk;
mod draw;
mod form;
mod freshness;
mod glyphs;
mod ground;
mod keys;
mod lang;
mod map;
mod pane;
mod panel;
mod plans;
mod popup;
mod run;
mod terminal;
mod timeline;
mod typing;
mod view;
mod width;
mod wording;

pub use colours::Colours;
pub use desk::{Departure, Desk, Request, Signed, Source};
pub use draw::draw;
pub use freshness::LinkState;
pub use glyphs::Glyphs;
pub use ground::{Event, Ground, Road, Seat, Standing};
pub use lang::{Lang, Term};
pub use run::{Exit, run};
pub use terminal::{Session, TerminalError, restore};
pub use view::{Heard, Setting, View};
