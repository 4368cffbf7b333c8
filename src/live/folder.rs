//! The folder of a run: held while a drill starts, and left as it was found by a start that fails.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::failure::{Code, Failure};
use crate::files;
use crate::outcome::RECORDING;

/// Where the journals of a run lie.
const JOURNALS: &str = "journals";

/// The file that tells `liandong command` how to reach a running drill.
pub(crate) const STAGE: &str = "stage.json";

/// What a start puts down.
const PUT_DOWN: [&str; 5] = [JOURNALS, "keys", "offices", STAGE, RECORDING];

/// The folder of a run.
#[derive(Debug)]
pub(crate) struct RunFolder {
    path: PathBuf,
    /// What a failed start takes away again.
    ours: BTreeSet<PathBuf>,
    /// Whether there is a run in it.
    begun: AtomicBool,
}

impl RunFolder {
    /// Makes the folder; one that holds a run is refused.
    pub(crate) fn make(path: PathBuf) -> Result<Self, Failure> {
        let journals = path.join(JOURNALS);
        if fs::read_dir(&journals).is_ok_and(|mut entries| entries.next().is_some()) {
            let what = format!("{} holds a run already; pass another --out", path.display());
            return Err(Failure::new(Code::NoPermission, what));
        }
        let below = PUT_DOWN.iter().map(|name| path.join(name));
        let ours = if path.exists() {
            // Journals that were there are none, as was just seen.
            below.filter(|it| *it == journals || !it.exists()).collect()
        } else {
            BTreeSet::from([path.clone()])
        };
        let folder = Self {
            path,
            ours,
            begun: AtomicBool::new(false),
        };
        files::make_folder(&journals)?;
        Ok(folder)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The folder of the journals.
    pub(crate) fn journals(&self) -> PathBuf {
        self.path.join(JOURNALS)
    }

    /// The drill has begun: from now on a run lies here, however it ends.
    pub(crate) fn begin(&self) {
        self.begun.store(true, Ordering::Relaxed);
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        if self.begun.load(Ordering::Relaxed) {
            return;
        }
        for path in &self.ours {
            // What cannot be taken away is told by the next start.
            drop(if path.is_dir() {
                fs::remove_dir_all(path)
            } else {
                fs::remove_file(path)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_that_fails_takes_away_what_it_put_down_and_nothing_else() {
        let place = std::env::temp_dir().join(format!("liandong-{}-start", std::process::id()));
        drop(fs::remove_dir_all(&place));
        drop(RunFolder::make(place.clone()).unwrap());
        assert!(!place.exists());

        fs::create_dir_all(&place).unwrap();
        fs::write(place.join("scenario.toml"), "").unwrap();
        fs::write(place.join(STAGE), "of somebody else").unwrap();
        let folder = RunFolder::make(place.clone()).unwrap();
        fs::write(folder.journals().join("990100.journal"), "").unwrap();
        fs::write(place.join(RECORDING), "").unwrap();
        drop(folder);
        let mut left: Vec<_> = fs::read_dir(&place).unwrap().collect();
        left.sort_by_key(|it| it.as_ref().unwrap().file_name());
        let names = left.into_iter().map(|it| it.unwrap().file_name());
        assert!(names.eq(["scenario.toml", STAGE]));

        let folder = RunFolder::make(place.clone()).unwrap();
        fs::write(folder.journals().join("990100.journal"), "").unwrap();
        folder.begin();
        drop(folder);
        let again = RunFolder::make(place.clone()).unwrap_err();
        assert_eq!(again.code, Code::NoPermission);
        assert!(place.join(JOURNALS).join("990100.journal").exists());
        fs::remove_dir_all(&place).unwrap();
    }
}
