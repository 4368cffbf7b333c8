//! What a journal promises, tried on real files.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod aside;
mod author;
mod damage;
mod disk;
mod keeping;
mod killed;
mod resumed;
