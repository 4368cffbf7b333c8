//! Opening a journal where its authors last took stock, without reading what is before.
//!
//! What stands behind the last snapshots is checked as in any opening; of the rest only the index is
//! read, and its rows as they are asked for. [`verify`](crate::verify) checks all of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use protocol::{Envelope, Hash, Incarnation, LogKey, NetId, PartyId};
use rusqlite::{Connection, params};

use crate::base::{self, Base};
use crate::chain::{Contents, Log};
use crate::error::{Fault, JournalError, RowFault, words};
use crate::file;
use crate::owner;
use crate::row;
use crate::store::{Journal, Opened};

impl Journal {
    /// Opens the journal as [`Journal::open`] does, and reads of each author what follows the last
    /// snapshot that was recorded with its state. Without any it reads all.
    pub fn resume(path: &Path, net: NetId) -> Result<(Self, Opened), JournalError> {
        let connection = file::open(path, net)?;
        let damaged = |fault| JournalError::Damaged {
            path: path.to_owned(),
            fault,
        };
        let bases = base::read(&connection).map_err(damaged)?;
        if bases.is_empty() {
            // The lock of this process goes with the connection.
            drop(connection);
            return Self::open(path, net);
        }
        let ends = base::ends(&connection).map_err(damaged)?;
        let contents = recount(&connection, &ends).map_err(damaged)?;
        let envelopes = since(&connection, &contents, (&bases, &ends)).map_err(damaged)?;
        let origin = file::origin(&connection, path)?;
        let owner = owner::read(&connection, path)?;
        let journal = Self::holding(path, net, (connection, contents));
        let opened = Opened {
            bases,
            envelopes,
            origin,
            owner,
        };
        Ok((journal, opened))
    }
}

/// Which entries are bases, by log and number.
type Ends = BTreeMap<(LogKey, u64), Hash>;

/// What the index says of every log. Rows are numbered without a gap, since nothing is ever deleted.
fn recount(connection: &Connection, ends: &Ends) -> Result<Contents, Fault> {
    let wrong = |error: rusqlite::Error| Fault::File {
        reason: words(&error),
    };
    let mut contents = Contents::default();
    let sql = "SELECT author, epoch, nonce, seq, hash, id FROM envelopes
               ORDER BY author, epoch, nonce, seq, id";
    let mut statement = connection.prepare(sql).map_err(wrong)?;
    let mut rows = statement.query([]).map_err(wrong)?;
    let mut last = 0;
    while let Some(found) = rows.next().map_err(wrong)? {
        let key = key(found).map_err(wrong)?;
        let seq: i64 = found.get(3).map_err(wrong)?;
        let hash: [u8; 32] = found.get(4).map_err(wrong)?;
        let row: i64 = found.get(5).map_err(wrong)?;
        let (seq, row) = (seq.cast_unsigned(), row.cast_unsigned());
        let author = author(found).map_err(|reason| Fault::File { reason })?;
        let place = LogKey {
            author,
            incarnation: key,
        };
        let stands = ends.range((place, seq)..=(place, u64::MAX)).next();
        let held = contents.logs.entry(place).or_default();
        held.recount(place, (seq, Hash(hash)), stands.is_some())
            .map_err(|fault| Fault::Row {
                row,
                reason: RowFault::Chain(fault),
            })?;
        contents.rows += 1;
        last = last.max(row);
    }
    if last != contents.rows {
        let (row, reason) = (contents.rows + 1, RowFault::Missing);
        return Err(Fault::Row { row, reason });
    }
    Ok(contents)
}

fn key(found: &rusqlite::Row<'_>) -> rusqlite::Result<Incarnation> {
    let (epoch, nonce): (u32, i64) = (found.get(1)?, found.get(2)?);
    Ok(Incarnation {
        epoch,
        nonce: nonce.cast_unsigned(),
    })
}

fn author(found: &rusqlite::Row<'_>) -> Result<PartyId, String> {
    let text = found.get_ref(0).map_err(|error| words(&error))?;
    let text = text.as_str().map_err(|error| error.to_string())?;
    text.parse().map_err(|error| format!("{error}"))
}

/// The entries that no base stands for, in the order of recording.
fn since(
    connection: &Connection,
    contents: &Contents,
    (bases, ends): (&[Base], &Ends),
) -> Result<Vec<Arc<Envelope>>, Fault> {
    let begins: BTreeMap<PartyId, &Base> = bases
        .iter()
        .map(|base| (base.entry.header().log.author, base))
        .collect();
    let mut found = Vec::new();
    for log in contents.logs.keys() {
        let base = begins.get(&log.author).map(|base| base.entry.header());
        let life = base.map(|header| header.log.incarnation);
        if life.is_some_and(|life| log.incarnation < life) {
            continue;
        }
        let base = base.filter(|header| header.log == *log);
        let mut held = Log::default();
        let from = base.map_or(1, |header| header.seq);
        read(connection, (*log, from, ends), &mut held, &mut found)?;
    }
    found.sort_by_key(|(row, _)| *row);
    Ok(found.into_iter().map(|(_, envelope)| envelope).collect())
}

/// Reads a log from an entry on and checks that each follows the one before.
fn read(
    connection: &Connection,
    (log, from, ends): (LogKey, u64, &Ends),
    held: &mut Log,
    to: &mut Vec<(u64, Arc<Envelope>)>,
) -> Result<(), Fault> {
    let wrong = |error: rusqlite::Error| Fault::File {
        reason: words(&error),
    };
    let sql = format!(
        "SELECT {} FROM envelopes WHERE author = ?1 AND epoch = ?2 AND nonce = ?3 AND seq >= ?4
         ORDER BY seq, id",
        row::COLUMNS
    );
    let (author, life) = (log.author.as_str(), log.incarnation);
    let values = params![
        author,
        life.epoch,
        life.nonce.cast_signed(),
        from.cast_signed()
    ];
    let mut statement = connection.prepare(&sql).map_err(wrong)?;
    let mut rows = statement.query(values).map_err(wrong)?;
    while let Some(found) = rows.next().map_err(wrong)? {
        let number: i64 = found.get(0).map_err(wrong)?;
        let number = number.cast_unsigned();
        let fault = |reason| Fault::Row {
            row: number,
            reason,
        };
        let envelope = row::read(found).map_err(fault)?;
        let header = envelope.header();
        // A snapshot stands for what may be missing before it, whether a boot begins with it or not; of a
        // forked log its rival may come first.
        let stands = ends.get(&(log, header.seq)) == Some(&envelope.hash());
        if stands || header.seq == from {
            held.begin_with(header);
        }
        held.check(header)
            .map_err(|wrong| fault(RowFault::Chain(wrong)))?;
        held.record(header.seq, envelope.hash());
        to.push((number, envelope));
    }
    Ok(())
}
