//! A row of the table: an envelope's line, the columns to find it by, and a sum over both.

use std::sync::Arc;

use protocol::{Content, Envelope, Hash, LogKey};
use rusqlite::{Connection, OptionalExtension as _, Row, Statement, params};

use crate::error::{RowFault, words};

/// Columns in the order in which [`read`] takes them.
pub(crate) const COLUMNS: &str = "id, author, epoch, nonce, seq, hash, sum, line";

/// Puts envelopes into the table, inside a transaction.
pub(crate) struct Inserter<'c> {
    insert: Statement<'c>,
    withheld: Statement<'c>,
    fill: Statement<'c>,
}

/// What became of an envelope.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inserted {
    /// It has a row of its own.
    New,
    /// It is held already.
    Held,
    /// It was held without its body, and now has it.
    Filled,
}

impl<'c> Inserter<'c> {
    pub(crate) fn new(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            insert: connection.prepare(
                "INSERT INTO envelopes (id, author, epoch, nonce, seq, hash, sum, line)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (author, epoch, nonce, seq, hash) DO NOTHING",
            )?,
            // A tab stands between the fields of a line and nowhere else, and a withheld body is "-".
            withheld: connection.prepare(
                "SELECT id FROM envelopes
                 WHERE author = ?1 AND epoch = ?2 AND nonce = ?3 AND seq = ?4 AND hash = ?5
                   AND instr(line, char(9) || '-' || char(9)) > 0",
            )?,
            fill: connection.prepare("UPDATE envelopes SET sum = ?2, line = ?3 WHERE id = ?1")?,
        })
    }

    /// Writes the envelope under this row number, unless it is held already.
    pub(crate) fn insert(&mut self, row: u64, envelope: &Envelope) -> rusqlite::Result<Inserted> {
        let header = envelope.header();
        let (author, incarnation) = (header.log.author.as_str(), header.log.incarnation);
        let (epoch, nonce) = (incarnation.epoch, incarnation.nonce.cast_signed());
        let (seq, hash) = (header.seq.cast_signed(), envelope.hash().0);
        let id = row.cast_signed();
        let line = envelope.line();
        let added = self.insert.execute(params![
            id,
            author,
            epoch,
            nonce,
            seq,
            hash,
            sum(id, line),
            line
        ])?;
        if added > 0 {
            return Ok(Inserted::New);
        }
        if *envelope.content() == Content::Withheld {
            return Ok(Inserted::Held);
        }
        let bare: Option<i64> = self
            .withheld
            .query_row(params![author, epoch, nonce, seq, hash], |row| row.get(0))
            .optional()?;
        let Some(id) = bare else {
            return Ok(Inserted::Held);
        };
        self.fill.execute(params![id, sum(id, line), line])?;
        Ok(Inserted::Filled)
    }
}

/// Reads a row of [`COLUMNS`] and refuses it unless all its columns agree.
pub(crate) fn read(row: &Row<'_>) -> Result<Arc<Envelope>, RowFault> {
    let unreadable = |error: rusqlite::Error| RowFault::Unreadable(words(&error));
    let id: i64 = row.get(0).map_err(unreadable)?;
    let author = row.get_ref(1).map_err(unreadable)?;
    let epoch: i64 = row.get(2).map_err(unreadable)?;
    let nonce: i64 = row.get(3).map_err(unreadable)?;
    let seq: i64 = row.get(4).map_err(unreadable)?;
    let hash: [u8; 32] = row.get(5).map_err(unreadable)?;
    let written: i64 = row.get(6).map_err(unreadable)?;
    let line = row.get_ref(7).map_err(unreadable)?;
    let line = line
        .as_str()
        .map_err(|error| RowFault::Unreadable(error.to_string()))?;
    if sum(id, line) != written {
        return Err(RowFault::Sum);
    }
    let envelope = Envelope::read(line).map_err(RowFault::Line)?;
    let LogKey {
        author: expected,
        incarnation,
    } = envelope.header().log;
    let agrees = author.as_str() == Ok(expected.as_str())
        && epoch == i64::from(incarnation.epoch)
        && nonce == incarnation.nonce.cast_signed()
        && seq == envelope.header().seq.cast_signed()
        && Hash(hash) == envelope.hash();
    if agrees {
        Ok(Arc::new(envelope))
    } else {
        Err(RowFault::Columns)
    }
}

/// Eight bytes over the row's number and line, to notice what the hash of the header cannot: a
/// damaged signature, and a line that stands in another's row.
fn sum(id: i64, line: &str) -> i64 {
    sum_of(&[&id.to_be_bytes(), line.as_bytes()])
}

/// The first eight bytes of the hash over the parts in a row.
pub(crate) fn sum_of(parts: &[&[u8]]) -> i64 {
    let Hash(digest) = Hash::of(&parts.concat());
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(first)
}
