//! Whose journal a file is: the office that writes in it, marked once, so that no other writes in a copy.
//!
//! A file of an earlier program has no mark, and an earlier program passes over it.

use std::path::Path;

use protocol::PartyId;
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::JournalError;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS owner (office TEXT NOT NULL) STRICT;";

/// The office that is marked, if any is.
pub(crate) fn read(connection: &Connection, path: &Path) -> Result<Option<PartyId>, JournalError> {
    let wrong = |error: rusqlite::Error| JournalError::of(path, &error);
    let is_there = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'owner'";
    let tables: i64 = connection
        .query_row(is_there, [], |row| row.get(0))
        .map_err(wrong)?;
    if tables == 0 {
        return Ok(None);
    }
    let marked: Option<String> = connection
        .query_row("SELECT office FROM owner", [], |row| row.get(0))
        .optional()
        .map_err(wrong)?;
    // A mark that names no party is one that nobody made: it keeps nobody out.
    Ok(marked.and_then(|it| it.parse().ok()))
}

/// Marks the file as this office's, unless it is another's.
pub(crate) fn claim(
    connection: &mut Connection,
    path: &Path,
    office: PartyId,
) -> Result<(), JournalError> {
    match read(connection, path)? {
        Some(found) if found == office => return Ok(()),
        Some(found) => {
            return Err(JournalError::Office {
                path: path.to_owned(),
                found,
                expected: office,
            });
        }
        None => {}
    }
    let mark = |connection: &mut Connection| -> rusqlite::Result<()> {
        let transaction = connection.transaction()?;
        transaction.execute_batch(TABLE)?;
        transaction.execute("DELETE FROM owner", [])?;
        let mark = "INSERT INTO owner (office) VALUES (?1)";
        transaction.execute(mark, params![office.as_str()])?;
        transaction.commit()
    };
    mark(connection).map_err(|error| JournalError::of(path, &error))
}
