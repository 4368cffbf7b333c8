//! The files of a trial region: all of them are written, or none.

use std::path::{Path, PathBuf};

use super::Plan;
use crate::failure::Failure;
use crate::files;

/// A file of the trial.
pub(super) struct Planned {
    path: PathBuf,
    text: String,
    secrecy: Secrecy,
}

/// Who may read it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Secrecy {
    /// Its owner alone.
    Secret,
    /// Whoever may read the folder.
    Open,
}

pub(super) fn open(path: impl Into<PathBuf>, text: String) -> Planned {
    Planned {
        path: path.into(),
        text,
        secrecy: Secrecy::Open,
    }
}

pub(super) fn secret(path: impl Into<PathBuf>, text: String) -> Planned {
    Planned {
        path: path.into(),
        text,
        secrecy: Secrecy::Secret,
    }
}

/// Writes all of these or nothing: what is there is found before anything is written.
pub(super) fn write(folder: &Path, plan: &Plan, all: &[Planned]) -> Result<(), Failure> {
    for file in all {
        files::is_free(&folder.join(&file.path))?;
    }
    let journals = plan.journals(folder);
    for journal in &journals {
        files::is_free(journal)?;
    }
    for file in all {
        let path = folder.join(&file.path);
        match file.secrecy {
            Secrecy::Secret => files::write_secret(&path, &file.text)?,
            Secrecy::Open => files::write_new(&path, &file.text)?,
        }
    }
    for journal in &journals {
        if let Some(folder) = journal.parent() {
            files::make_folder(folder)?;
        }
        journal::found(journal, plan.network.id)?;
    }
    Ok(())
}
