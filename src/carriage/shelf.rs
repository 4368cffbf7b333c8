//! What an office's journal holds, read whether the office runs or not.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use journal::JournalError;
use protocol::{Envelope, NetId};

use crate::failure::{Code, Failure};

/// How often a journal that is being written is copied again before it is left alone.
const COPIES: usize = 20;

/// The pause between two copies: a commit of the disk takes less.
const PAUSE: Duration = Duration::from_millis(100);

/// Reads a journal from a copy, and again if the office wrote while it was copied.
pub(super) fn read(path: &Path, net: NetId) -> Result<Vec<Arc<Envelope>>, Failure> {
    let scratch = scratch(path);
    let bar = super::reading(path);
    let held = copies(path, net, &scratch);
    bar.finish_and_clear();
    held.map_err(|error| why(path, error))
}

fn copies(path: &Path, net: NetId, scratch: &Path) -> Result<Vec<Arc<Envelope>>, JournalError> {
    for _ in 1..COPIES {
        match journal::read_aside(path, net, scratch) {
            // Torn between two writes, or between two of the files: the next copy may be whole.
            Err(
                JournalError::Damaged { .. }
                | JournalError::NotOurs { .. }
                | JournalError::Disk { .. },
            ) => std::thread::sleep(PAUSE),
            read => return read,
        }
    }
    journal::read_aside(path, net, scratch)
}

fn why(path: &Path, error: JournalError) -> Failure {
    match error {
        JournalError::Missing { .. } => Failure::new(
            Code::NoInput,
            format!(
                "{} holds no journal; check --run and --office",
                path.display()
            ),
        ),
        error => error.into(),
    }
}

/// Where a copy stands meanwhile: on the journal's own disk, under no journal's name.
fn scratch(path: &Path) -> PathBuf {
    path.with_extension(format!("aside-{}", std::process::id()))
}
