//! One command at a time in the region's own folder: what it reads there it changes and writes anew, and of
//! two that do so at once one would be told that its change is made, and it would not be.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::failure::{Code, Failure};

/// The file by whose lock commands know of each other. It holds nothing.
///
/// A file of its own: the others are put in place of the old as a whole, and a lock goes with the old.
const TURN: &str = "region.lock";

/// The right to change what lies in the folder, until it is dropped or the process ends, however it ends.
pub(crate) struct Turn {
    _held: File,
}

impl Turn {
    /// Takes it, or says at once that another has it: whoever waits here may be a person.
    pub(crate) fn take(folder: &Path) -> Result<Self, Failure> {
        let file = folder.join(TURN);
        let failed = |error| Failure::file(&file, &error);
        let held = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&file)
            .map_err(failed)?;
        match held.try_lock() {
            Ok(()) => Ok(Self { _held: held }),
            Err(TryLockError::WouldBlock) => {
                let what = format!(
                    "{}: another command changes keys or certificates in this folder, and nothing was changed \
                     by this one; wait until that has ended and say it again",
                    folder.display()
                );
                Err(Failure::new(Code::TryLater, what))
            }
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_one_command_s_at_a_time_and_free_when_that_has_ended() {
        let folder = std::env::temp_dir().join(format!("liandong-{}-turn", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let first = Turn::take(&folder).unwrap();
        let refused = Turn::take(&folder).err().unwrap();
        assert_eq!(refused.code, Code::TryLater);
        assert!(refused.to_string().contains("say it again"), "{refused}");
        drop(first);
        assert!(Turn::take(&folder).is_ok());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
