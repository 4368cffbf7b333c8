//! What an office's journal holds, read whether the office runs or not.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use journal::{JournalError, Opened};
use picture::StateAt;
use protocol::{Envelope, NetId};

use crate::failure::{Code, Failure};

/// How often a journal that is being written is copied again before it is left alone.
const COPIES: usize = 20;

/// The pause between two copies: a commit of the disk takes less.
const PAUSE: Duration = Duration::from_millis(100);

/// What an office holds.
pub(super) struct Shelf {
    /// What authors' logs had come to at their last snapshots, as far as this build reads it.
    pub(super) states: Vec<StateAt>,
    /// Every entry, in the order of recording.
    pub(super) entries: Vec<Arc<Envelope>>,
}

impl Shelf {
    /// What a journal was found to hold.
    pub(super) fn of(opened: Opened) -> Self {
        let bases = opened.bases.into_iter();
        let states = bases.filter_map(|base| StateAt::read(base.entry, &base.state));
        Self {
            states: states.collect(),
            entries: opened.envelopes,
        }
    }
}

/// Reads a journal from a copy, and again if the office wrote while it was copied.
pub(super) fn read(path: &Path, net: NetId) -> Result<Shelf, Failure> {
    let scratch = scratch(path);
    let bar = super::reading(path);
    let held = copies(path, net, &scratch);
    bar.finish_and_clear();
    held.map(Shelf::of).map_err(|error| why(path, error))
}

fn copies(path: &Path, net: NetId, scratch: &Path) -> Result<Opened, JournalError> {
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
        // Of the copy, which is gone by now.
        JournalError::Damaged { fault, .. } => {
            let path = path.to_owned();
            JournalError::Damaged { path, fault }.into()
        }
        error => error.into(),
    }
}

/// Where a copy stands meanwhile: on the journal's own disk, under no journal's name.
fn scratch(path: &Path) -> PathBuf {
    path.with_extension(format!("aside-{}", std::process::id()))
}
