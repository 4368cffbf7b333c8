//! The file: how it is opened, made and told from other files.
//!
//! One process holds it, by SQLite's own exclusive lock, so that two incarnations of an office
//! cannot write one journal; the lock ends with the process, however that ends.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use protocol::NetId;
use rusqlite::{Connection, MAIN_DB, OpenFlags, params};

use crate::error::{Fault, JournalError};

/// Marks the file as ours: the letters LDJL.
const APPLICATION_ID: i64 = 0x4c44_4a4c;

/// The shape of the tables that this version writes.
const SCHEMA: i64 = 3;

/// `id` counts from 1 without a gap in the order of appending. `nonce` holds the bits of an
/// unsigned number, and `hash` is the one that the log's next entry names. Two entries of one
/// number in one log differ in their hash, and both are kept.
const TABLES: &str = "
    CREATE TABLE network (id TEXT NOT NULL) STRICT;
    CREATE TABLE envelopes (
        id     INTEGER PRIMARY KEY,
        author TEXT NOT NULL,
        epoch  INTEGER NOT NULL,
        nonce  INTEGER NOT NULL,
        seq    INTEGER NOT NULL,
        hash   BLOB NOT NULL,
        sum    INTEGER NOT NULL,
        line   TEXT NOT NULL,
        UNIQUE (author, epoch, nonce, seq, hash)
    ) STRICT;";

/// Since version 2: snapshots that stand for the rows before them, whether those are here or not, and
/// the author's state at the last of them.
const BASES: &str = "
    CREATE TABLE bases (
        id     INTEGER PRIMARY KEY,
        author TEXT NOT NULL,
        epoch  INTEGER NOT NULL,
        nonce  INTEGER NOT NULL,
        seq    INTEGER NOT NULL,
        hash   BLOB NOT NULL,
        UNIQUE (author, epoch, nonce, seq)
    ) STRICT;
    CREATE TABLE states (
        base  INTEGER PRIMARY KEY,
        sum   INTEGER NOT NULL,
        state TEXT NOT NULL
    ) STRICT;";

/// Since version 3: whether the office was new when the journal was made, so that an empty one is told
/// from one that takes a lost one's place. Of a file of an earlier version nobody knows.
const FOUNDED: &str = "ALTER TABLE network ADD COLUMN founded INTEGER NOT NULL DEFAULT 0;";

/// How a connection behaves, before it has touched the file.
///
/// The exclusive mode has to come before anything is read: the journal then needs no shared memory
/// and holds its lock. Full synchrony makes a commit wait for the disk; `fullfsync` makes it wait
/// for the disk's own cache where the system tells the two apart.
const MANNERS: &str = "
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON;
    PRAGMA checkpoint_fullfsync = ON;
    PRAGMA cell_size_check = ON;
    PRAGMA trusted_schema = OFF;";

/// What is known of the past of an office when its journal was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// It had none: the office was new.
    Founded,
    /// Nobody said: an earlier journal may have been lost.
    #[default]
    Unknown,
}

/// What a file turned out to be.
pub(crate) enum Found {
    /// Nothing was ever written to it.
    Blank,
    /// A journal of this network.
    Journal(NetId),
}

/// Opens the journal of this network, or makes it if there is none.
pub(crate) fn open(path: &Path, net: NetId) -> Result<Connection, JournalError> {
    make(path)?;
    let mut connection = connect(path)?;
    match identify(&connection, path)? {
        Found::Blank => {
            write_ahead(&connection, path)?;
            establish(&mut connection, (path, net), Origin::Unknown)?;
        }
        Found::Journal(found) if found != net => {
            return Err(JournalError::Network {
                path: path.to_owned(),
                found,
                expected: net,
            });
        }
        Found::Journal(_) => {
            write_ahead(&connection, path)?;
            renew(&mut connection, path)?;
        }
    }
    Ok(connection)
}

/// Makes the journal of an office that is new: it has no past that others could know.
///
/// By it an office that begins is told from one whose disk was lost, which finds no journal and must not
/// take itself for new. A journal that is there stays as it is.
pub fn found(path: &Path, net: NetId) -> Result<(), JournalError> {
    if path.exists() {
        return Ok(());
    }
    make(path)?;
    let mut connection = connect(path)?;
    write_ahead(&connection, path)?;
    establish(&mut connection, (path, net), Origin::Founded)
}

/// Where an open journal comes from.
pub(crate) fn origin(connection: &Connection, path: &Path) -> Result<Origin, JournalError> {
    let founded: bool = connection
        .query_row("SELECT founded FROM network", [], |row| row.get(0))
        .map_err(|error| JournalError::of(path, &error))?;
    Ok(if founded {
        Origin::Founded
    } else {
        Origin::Unknown
    })
}

/// Connects to an existing file and takes its lock.
pub(crate) fn connect(path: &Path) -> Result<Connection, JournalError> {
    let wrong = |error: rusqlite::Error| JournalError::of(path, &error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(wrong)?;
    if connection.is_readonly(MAIN_DB).map_err(wrong)? {
        return Err(JournalError::ReadOnly {
            path: path.to_owned(),
        });
    }
    // A second office must learn at once that it is the second.
    connection.busy_timeout(Duration::ZERO).map_err(wrong)?;
    connection.execute_batch(MANNERS).map_err(wrong)?;
    Ok(connection)
}

/// Makes an empty file that its owner alone may read, if there is none: journals name people.
pub(crate) fn make(path: &Path) -> Result<(), JournalError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        // An existing file is not opened here: closing it would release the lock of a journal that
        // this process already has open.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(unreachable(path, &error)),
    }
}

/// Tells what the file is, and refuses what is no journal of this version. Writes nothing.
pub(crate) fn identify(connection: &Connection, path: &Path) -> Result<Found, JournalError> {
    let wrong = |error: rusqlite::Error| JournalError::of(path, &error);
    let number = |sql: &str| -> Result<i64, JournalError> {
        connection
            .query_row(sql, [], |row| row.get(0))
            .map_err(wrong)
    };
    let application = number("PRAGMA application_id")?;
    let schema = number("PRAGMA user_version")?;
    let tables = number("SELECT count(*) FROM sqlite_schema")?;
    // SQLite takes a file of a few bytes for an empty one and would write over it.
    let scrap = number("PRAGMA page_count")? == 0 && path.metadata().is_ok_and(|m| m.len() > 0);
    if (application, schema, tables) == (0, 0, 0) && !scrap {
        return Ok(Found::Blank);
    }
    let path = path.to_owned();
    if application != APPLICATION_ID {
        return Err(JournalError::NotOurs { path });
    }
    if schema > SCHEMA {
        return Err(JournalError::Newer {
            path,
            found: schema,
            known: SCHEMA,
        });
    }
    network(connection).map(Found::Journal).map_err(|reason| {
        let fault = Fault::File { reason };
        JournalError::Damaged { path, fault }
    })
}

fn network(connection: &Connection) -> Result<NetId, String> {
    let text: String = connection
        .query_row("SELECT id FROM network", [], |row| row.get(0))
        .map_err(|error| format!("its network cannot be read: {error}"))?;
    text.parse()
        .map_err(|error| format!("its network cannot be read: {error}"))
}

/// Has commits go to a write-ahead log.
pub(crate) fn write_ahead(connection: &Connection, path: &Path) -> Result<(), JournalError> {
    let mode: String = connection
        .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
        .map_err(|error| JournalError::of(path, &error))?;
    if mode == "wal" {
        Ok(())
    } else {
        Err(JournalError::Disk {
            path: path.to_owned(),
            reason: format!("its file system takes no write-ahead log (mode \"{mode}\")"),
        })
    }
}

/// Writes the tables into a blank file.
pub(crate) fn establish(
    connection: &mut Connection,
    (path, net): (&Path, NetId),
    origin: Origin,
) -> Result<(), JournalError> {
    let founded = origin == Origin::Founded;
    let write = |connection: &mut Connection| -> rusqlite::Result<()> {
        let transaction = connection.transaction()?;
        transaction.execute_batch(TABLES)?;
        transaction.execute_batch(BASES)?;
        transaction.execute_batch(FOUNDED)?;
        transaction.execute(
            "INSERT INTO network (id, founded) VALUES (?1, ?2)",
            params![net.as_str(), founded],
        )?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", SCHEMA)?;
        transaction.commit()
    };
    write(connection).map_err(|error| JournalError::of(path, &error))
}

/// Brings a file of an earlier version to this one. Its rows stay as they are.
pub(crate) fn renew(connection: &mut Connection, path: &Path) -> Result<(), JournalError> {
    let renew = |connection: &mut Connection| -> rusqlite::Result<()> {
        let schema: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if schema == SCHEMA {
            return Ok(());
        }
        let transaction = connection.transaction()?;
        if schema < 2 {
            transaction.execute_batch(BASES)?;
        }
        transaction.execute_batch(FOUNDED)?;
        transaction.pragma_update(None, "user_version", SCHEMA)?;
        transaction.commit()
    };
    renew(connection).map_err(|error| JournalError::of(path, &error))
}

/// The error of a file that the system does not let us have.
pub(crate) fn unreachable(path: &Path, error: &std::io::Error) -> JournalError {
    let path = path.to_owned();
    match error.kind() {
        std::io::ErrorKind::StorageFull => JournalError::Full { path },
        std::io::ErrorKind::ReadOnlyFilesystem => JournalError::ReadOnly { path },
        _ => JournalError::Unreachable {
            path,
            reason: error.to_string(),
        },
    }
}
