//! Where an author's log begins here: a snapshot with the state that stands for all before it.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::{Envelope, Hash, Incarnation, LogKey};
use rusqlite::{Connection, Transaction, params};

use crate::error::{Fault, words};
use crate::row;

/// A snapshot and the state that it names, as its author's peers hand it to a late joiner.
#[derive(Clone, Debug)]
pub struct Base {
    /// The snapshot's envelope, which is recorded like any other.
    pub entry: Arc<Envelope>,
    /// The state as it was sent: what the envelope's hash is over.
    pub state: String,
}

/// Writes the state of a snapshot whose envelope has a row. The states before it are let go of: a
/// boot begins with the last. That a log begins with them stays.
pub(crate) fn insert(to: &Transaction<'_>, base: &Base) -> rusqlite::Result<()> {
    let header = base.entry.header();
    let (author, life) = (header.log.author.as_str(), header.log.incarnation);
    let (epoch, nonce) = (life.epoch, life.nonce.cast_signed());
    let (seq, hash) = (header.seq.cast_signed(), base.entry.hash().0);
    let sum = sum(base.entry.hash(), &base.state);
    let values = params![author, epoch, nonce, seq, hash];
    let sql = "INSERT INTO bases (author, epoch, nonce, seq, hash)
               VALUES (?1, ?2, ?3, ?4, ?5)
               ON CONFLICT (author, epoch, nonce, seq) DO NOTHING";
    if to.execute(sql, values)? > 0 {
        let last = to.last_insert_rowid();
        let sql = "DELETE FROM states WHERE base IN (SELECT id FROM bases WHERE author = ?1)";
        to.execute(sql, params![author])?;
        let sql = "INSERT INTO states (base, sum, state) VALUES (?1, ?2, ?3)";
        to.execute(sql, params![last, sum, base.state])?;
    }
    Ok(())
}

/// Which entries are bases: a gap before them is none. A file of an earlier version has none.
pub(crate) fn ends(connection: &Connection) -> Result<BTreeMap<(LogKey, u64), Hash>, Fault> {
    let wrong = |error: rusqlite::Error| file(words(&error));
    let mut ends = BTreeMap::new();
    if !exist(connection).map_err(wrong)? {
        return Ok(ends);
    }
    let sql = "SELECT author, epoch, nonce, seq, hash FROM bases";
    let mut statement = connection.prepare(sql).map_err(wrong)?;
    let mut rows = statement.query([]).map_err(wrong)?;
    while let Some(row) = rows.next().map_err(wrong)? {
        let author: String = row.get(0).map_err(wrong)?;
        let author = author.parse().map_err(|error| file(format!("{error}")))?;
        let (epoch, nonce): (u32, i64) = (row.get(1).map_err(wrong)?, row.get(2).map_err(wrong)?);
        let incarnation = Incarnation {
            epoch,
            nonce: nonce.cast_unsigned(),
        };
        let log = LogKey {
            author,
            incarnation,
        };
        let (seq, hash): (i64, [u8; 32]) = (row.get(3).map_err(wrong)?, row.get(4).map_err(wrong)?);
        ends.insert((log, seq.cast_unsigned()), Hash(hash));
    }
    Ok(ends)
}

/// The last base of each author with its state, in the order of recording.
pub(crate) fn read(connection: &Connection) -> Result<Vec<Base>, Fault> {
    let wrong = |error: rusqlite::Error| file(words(&error));
    if !exist(connection).map_err(wrong)? {
        return Ok(Vec::new());
    }
    let columns = row::COLUMNS
        .split(", ")
        .map(|name| format!("envelopes.{name}"))
        .collect::<Vec<_>>()
        .join(", ");
    let sql = format!(
        "SELECT {columns}, states.sum, states.state FROM states JOIN bases ON bases.id = states.base
         JOIN envelopes USING (author, epoch, nonce, seq, hash) ORDER BY bases.id"
    );
    let mut statement = connection.prepare(&sql).map_err(wrong)?;
    let mut rows = statement.query([]).map_err(wrong)?;
    let mut bases = Vec::new();
    while let Some(found) = rows.next().map_err(wrong)? {
        let entry = row::read(found).map_err(|error| file(error.to_string()))?;
        let (written, state): (i64, String) =
            (found.get(8).map_err(wrong)?, found.get(9).map_err(wrong)?);
        if sum(entry.hash(), &state) != written {
            let log = entry.header().log;
            return Err(file(format!(
                "the state of {log} is not the one that was written"
            )));
        }
        bases.push(Base { entry, state });
    }
    Ok(bases)
}

fn exist(connection: &Connection) -> rusqlite::Result<bool> {
    let sql = "SELECT count(*) FROM sqlite_schema WHERE name = 'bases'";
    let tables: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(tables > 0)
}

fn file(reason: String) -> Fault {
    Fault::File { reason }
}

/// Eight bytes over the entry's hash and the state.
fn sum(hash: Hash, state: &str) -> i64 {
    row::sum_of(&[&hash.0, state.as_bytes()])
}
