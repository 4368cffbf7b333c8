//! Reading a journal that somebody else has open, from a copy of its files.
//!
//! The holder's lock keeps other connections out, and it is right so: there is one writer. A copy that
//! was taken between two of its writes may be torn, so it is believed as little as any other file: what
//! is given back is whole from the first row on, and may lack what was recorded meanwhile.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use protocol::NetId;

use crate::base;
use crate::error::JournalError;
use crate::file::{self, Found};
use crate::owner;
use crate::store::Opened;
use crate::verify::walk;

/// Reads every envelope of a journal and the last state of each author, whether an office has it open
/// or not, and leaves it as it is.
///
/// `scratch` is where the copy stands meanwhile; it is removed. A torn copy is told as damage, and
/// reading again may help. Not for the process that has the journal open: where locks are POSIX's,
/// closing the file that was copied would release its own.
pub fn read_aside(path: &Path, net: NetId, scratch: &Path) -> Result<Opened, JournalError> {
    if !path.exists() {
        return Err(JournalError::Missing {
            path: path.to_owned(),
        });
    }
    // Whoever is told of a fault knows the journal and not its copy.
    let read = copy(path, scratch)
        .and_then(|()| read(path, net, scratch).map_err(|error| error.about(path)));
    for file in [
        scratch.to_owned(),
        beside(scratch, "-wal"),
        beside(scratch, "-shm"),
    ] {
        // What is not there need not be removed; what cannot be is in nobody's way.
        drop(fs::remove_file(file));
    }
    read
}

/// The write-ahead log comes first: what is taken from it into the file meanwhile is then in both.
fn copy(path: &Path, scratch: &Path) -> Result<(), JournalError> {
    let ahead = beside(path, "-wal");
    if ahead.exists() {
        copy_file(&ahead, &beside(scratch, "-wal"))?;
    }
    copy_file(path, scratch)
}

/// Journals name people: a copy is its owner's alone, too.
fn copy_file(from: &Path, to: &Path) -> Result<(), JournalError> {
    let mut read = fs::File::open(from).map_err(|error| file::unreachable(from, &error))?;
    drop(fs::remove_file(to));
    file::make(to)?;
    let copied = fs::OpenOptions::new()
        .write(true)
        .open(to)
        .and_then(|mut copy| io::copy(&mut read, &mut copy));
    copied
        .map(|_| ())
        .map_err(|error| file::unreachable(to, &error))
}

fn read(path: &Path, net: NetId, scratch: &Path) -> Result<Opened, JournalError> {
    let path = path.to_owned();
    let connection = file::connect(scratch)?;
    let Found::Journal(found) = file::identify(&connection, scratch)? else {
        return Err(JournalError::Missing { path });
    };
    if found != net {
        let expected = net;
        return Err(JournalError::Network {
            path,
            found,
            expected,
        });
    }
    let mut envelopes = Vec::new();
    let fault = match walk(&connection, net, |envelope| envelopes.push(envelope)) {
        (_, None) => match base::read(&connection) {
            Ok(bases) => {
                // A file of an earlier version does not say where it comes from.
                let origin = file::origin(&connection, scratch).unwrap_or_default();
                return Ok(Opened {
                    bases,
                    envelopes,
                    origin,
                    owner: owner::read(&connection, scratch)?,
                });
            }
            Err(fault) => fault,
        },
        (_, Some(fault)) => fault,
    };
    Err(JournalError::Damaged { path, fault })
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
