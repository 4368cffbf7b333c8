//! Reading a whole file and believing none of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use protocol::{Envelope, LogKey, NetId, limit, sanitise};
use rusqlite::Connection;

use crate::base;
use crate::chain::{Contents, Log};
use crate::error::{Fault, JournalError, RowFault, words};
use crate::file::{self, Found};
use crate::row;

/// What a file holds, up to its first fault.
#[derive(Clone, Debug)]
pub struct Verification {
    /// The network that it belongs to.
    pub network: NetId,
    /// Envelopes that are sound.
    pub envelopes: u64,
    /// Bytes of their lines.
    pub line_bytes: u64,
    /// Bytes on the disk, its write-ahead log included.
    pub file_bytes: u64,
    /// Each log: its head, its length, whether it forks.
    pub logs: BTreeMap<LogKey, Log>,
    /// The first fault, if any. What is counted lies before it.
    pub fault: Option<Fault>,
}

/// Reads a journal that no office has open and tells what is in it, damaged or not.
///
/// Signatures are not looked at: that takes a roster, and each was verified before it was recorded.
pub fn verify(path: &Path) -> Result<Verification, JournalError> {
    let missing = || JournalError::Missing {
        path: path.to_owned(),
    };
    if !path.exists() {
        return Err(missing());
    }
    let connection = file::connect(path)?;
    let Found::Journal(network) = file::identify(&connection, path)? else {
        return Err(missing());
    };
    let (contents, fault) = walk(&connection, network, |_| ());
    Ok(Verification {
        network,
        envelopes: contents.rows,
        line_bytes: contents.line_bytes.unwrap_or_default(),
        file_bytes: file_bytes(path),
        logs: contents.logs,
        fault,
    })
}

/// Reads every row in the order of appending, hands on what is sound, stops at the first fault.
pub(crate) fn walk(
    connection: &Connection,
    net: NetId,
    mut each: impl FnMut(Arc<Envelope>),
) -> (Contents, Option<Fault>) {
    let mut contents = Contents {
        line_bytes: Some(0),
        ..Contents::default()
    };
    let ends = match base::ends(connection) {
        Ok(ends) => ends,
        Err(fault) => return (contents, Some(fault)),
    };
    let mut take = || -> Result<(), RowFault> {
        let unreadable = |error: rusqlite::Error| RowFault::Unreadable(words(&error));
        let sql = format!("SELECT {} FROM envelopes ORDER BY id", row::COLUMNS);
        let mut statement = connection.prepare(&sql).map_err(unreadable)?;
        let mut rows = statement.query([]).map_err(unreadable)?;
        while let Some(row) = rows.next().map_err(unreadable)? {
            let id: i64 = row.get(0).map_err(unreadable)?;
            if id.cast_unsigned() != contents.rows + 1 {
                return Err(RowFault::Missing);
            }
            let envelope = row::read(row)?;
            let header = envelope.header();
            if header.net != net {
                return Err(RowFault::Network(header.net));
            }
            let log = contents.logs.entry(header.log).or_default();
            if ends.get(&(header.log, header.seq)) == Some(&envelope.hash()) {
                log.begin_with(header);
            }
            log.check(header).map_err(RowFault::Chain)?;
            log.record(header.seq, envelope.hash());
            contents.rows += 1;
            contents.carry(envelope.line().len() as u64);
            each(envelope);
        }
        Ok(())
    };
    if let Err(reason) = take() {
        let row = contents.rows + 1;
        return (contents, Some(Fault::Row { row, reason }));
    }
    let states = base::read(connection).map(|_| ());
    let fault = states.and_then(|()| structure(connection)).err();
    (contents, fault)
}

/// Lets SQLite check its pages, and that its index holds exactly the rows that were just read.
fn structure(connection: &Connection) -> Result<(), Fault> {
    let verdict: String = connection
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(|error| Fault::File {
            reason: words(&error),
        })?;
    if verdict == "ok" {
        Ok(())
    } else {
        let reason = sanitise(&verdict, limit::TEXT_CHARS);
        Err(Fault::File { reason })
    }
}

/// Bytes of the file and its write-ahead log; zero for what is not there.
pub(crate) fn file_bytes(path: &Path) -> u64 {
    let mut ahead = path.as_os_str().to_owned();
    ahead.push("-wal");
    [path.to_owned(), PathBuf::from(ahead)]
        .iter()
        .filter_map(|file| file.metadata().ok())
        .map(|data| data.len())
        .sum()
}
