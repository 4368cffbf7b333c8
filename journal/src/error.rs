//! What can go wrong with a journal, where, and what to do about it.

use std::path::{Path, PathBuf};

use protocol::{LineError, NetId, PartyId, limit, sanitise};
use rusqlite::ErrorCode;

use crate::chain::ChainFault;

/// Why a journal cannot be opened, read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// There is no file, or an empty one.
    #[error("{} holds no journal; check the path", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// Another kind of file, or a journal whose first page is lost.
    #[error(
        "{} is no journal, or its first page is damaged; name another path, restore a backup, or \
         move the file away and start again: the peers refill it",
        path.display()
    )]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// Written by a later version.
    #[error(
        "{} has schema {found} and this version knows {known}; run the version that wrote it, or a \
         later one",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Schema found.
        found: i64,
        /// Schema of this version.
        known: i64,
    },
    /// The journal of another network.
    #[error(
        "{} is the journal of network \"{found}\" and this is \"{expected}\"; name that network, or \
         another path",
        path.display()
    )]
    Network {
        /// The file.
        path: PathBuf,
        /// Its network.
        found: NetId,
        /// The network asked for.
        expected: NetId,
    },
    /// The journal of another office.
    #[error(
        "{} is the journal of office \"{found}\" and this is \"{expected}\"; put this office's own in its \
         place, or move it away and start again: the peers refill it",
        path.display()
    )]
    Office {
        /// The file.
        path: PathBuf,
        /// The office that writes in it.
        found: PartyId,
        /// The office that was to.
        expected: PartyId,
    },
    /// Opened already, here or by another process.
    #[error(
        "{} is in use by another process; stop that one, or name another path: a journal serves one \
         office",
        path.display()
    )]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// What was written is not what is read.
    #[error(
        "{} is damaged: {fault}; restore a backup, or move the file and its -wal away and start \
         again: the peers refill it",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The first fault.
        fault: Fault,
    },
    /// The disk, or the page limit, is reached.
    #[error(
        "no space is left for {}; nothing was written: free space on its disk, then try again",
        path.display()
    )]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// The file or its disk refuses writing.
    #[error(
        "{} cannot be written; give this user the right to write the file and its directory, or copy \
         the file to a disk that is not read-only",
        path.display()
    )]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be opened or made.
    #[error(
        "{} cannot be opened: {reason}; check that its directory exists and that this user may write \
         there",
        path.display()
    )]
    Unreachable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The disk failed in the middle of it.
    #[error(
        "the disk failed under {}: {reason}; what was being written may or may not be there: check \
         the disk, then open the journal again",
        path.display()
    )]
    Disk {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The disk failed earlier, and nothing more is written until the file was read again.
    #[error(
        "{} is closed to writing since its disk failed; check the disk, then open the journal again",
        path.display()
    )]
    Closed {
        /// The file.
        path: PathBuf,
    },
    /// The place for a backup is taken.
    #[error("{} exists already; name another file for the backup", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// An envelope of another network was to be recorded. Nothing of its batch was.
    #[error(
        "{} keeps network \"{expected}\" and was given an envelope of \"{found}\"; nothing was written",
        path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Network of the envelope.
        found: NetId,
        /// Network of the journal.
        expected: NetId,
    },
    /// An envelope without its place was to be recorded. Nothing of its batch was.
    #[error(
        "{} was given {fault}; nothing was written: append the entries before it first",
        path.display()
    )]
    Chain {
        /// The file.
        path: PathBuf,
        /// What is wrong with its place.
        fault: ChainFault,
    },
}

/// The first thing found wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Of the file as a whole.
    #[error("{reason}")]
    File {
        /// What was found.
        reason: String,
    },
    /// Of one row. The rows before it are sound.
    #[error("row {row}: {reason}")]
    Row {
        /// Its number, counted from 1 in the order of appending.
        row: u64,
        /// What was found.
        reason: RowFault,
    },
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    /// Its pages cannot be read, or a column holds another type of value.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// Rows are numbered without a gap, and this one is not there.
    #[error("it is missing")]
    Missing,
    /// The line is not the one that was written.
    #[error("its line is not the one that was written")]
    Sum,
    /// The line is no envelope.
    #[error("{0}")]
    Line(LineError),
    /// The columns that name log, number and hash contradict the line.
    #[error("its columns contradict its line")]
    Columns,
    /// It belongs to another network.
    #[error("it belongs to network \"{0}\"")]
    Network(NetId),
    /// It has no place in its log.
    #[error("{0}")]
    Chain(ChainFault),
}

impl JournalError {
    /// Whether the same call may succeed later, once people have done what the error says.
    ///
    /// After any other error of an append the journal has to be opened again, or the batch is wrong.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Full { .. } | Self::ReadOnly { .. })
    }

    /// The same of another file: the one of which the first is a copy.
    #[must_use]
    pub(crate) fn about(mut self, file: &Path) -> Self {
        let (Self::Missing { path }
        | Self::NotOurs { path }
        | Self::Newer { path, .. }
        | Self::Network { path, .. }
        | Self::Office { path, .. }
        | Self::Locked { path }
        | Self::Damaged { path, .. }
        | Self::Full { path }
        | Self::ReadOnly { path }
        | Self::Unreachable { path, .. }
        | Self::Disk { path, .. }
        | Self::Closed { path }
        | Self::Exists { path }
        | Self::Foreign { path, .. }
        | Self::Chain { path, .. }) = &mut self;
        file.clone_into(path);
        self
    }

    /// Whether it is open what stands on the disk.
    pub(crate) fn leaves_doubt(&self) -> bool {
        matches!(self, Self::Disk { .. } | Self::Damaged { .. })
    }

    /// The error of an operation on this file.
    pub(crate) fn of(path: &Path, error: &rusqlite::Error) -> Self {
        let path = path.to_owned();
        let reason = words(error);
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked { path },
            Some(ErrorCode::DiskFull) => Self::Full { path },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly { path },
            Some(ErrorCode::CannotOpen) => Self::Unreachable { path, reason },
            Some(ErrorCode::NotADatabase) => Self::NotOurs { path },
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged {
                path,
                fault: Fault::File { reason },
            },
            _ => Self::Disk { path, reason },
        }
    }
}

/// What SQLite says, fit to be shown: it quotes the file, which may hold anything (refusal R18).
pub(crate) fn words(error: &rusqlite::Error) -> String {
    sanitise(&error.to_string(), limit::TEXT_CHARS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: i32) -> JournalError {
        let error = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
        JournalError::of(Path::new("office.journal"), &error)
    }

    #[test]
    fn a_full_or_write_protected_disk_may_pass_and_a_failing_one_leaves_doubt() {
        let full = error(rusqlite::ffi::SQLITE_FULL);
        assert!(full.is_passing() && !full.leaves_doubt());
        let protected = error(rusqlite::ffi::SQLITE_READONLY);
        assert!(protected.is_passing() && !protected.leaves_doubt());
        let failing = error(rusqlite::ffi::SQLITE_IOERR_FSYNC);
        assert!(!failing.is_passing() && failing.leaves_doubt());
    }

    #[test]
    fn every_error_of_the_disk_names_the_file() {
        for code in [
            rusqlite::ffi::SQLITE_FULL,
            rusqlite::ffi::SQLITE_BUSY,
            rusqlite::ffi::SQLITE_READONLY,
            rusqlite::ffi::SQLITE_CANTOPEN,
            rusqlite::ffi::SQLITE_NOTADB,
            rusqlite::ffi::SQLITE_CORRUPT,
            rusqlite::ffi::SQLITE_IOERR,
        ] {
            let text = error(code).to_string();
            assert!(text.contains("office.journal"), "{text}");
            assert!(text.contains("; "), "no remedy in: {text}");
        }
    }
}
