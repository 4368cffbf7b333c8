//! The screen from outside: what was heard goes in, a frame comes out, and keys leave as requests.

mod asked;
mod believed;
mod custody;
mod dump;
mod ground;
mod keyboard;
mod over;
mod shown;
mod stage;
