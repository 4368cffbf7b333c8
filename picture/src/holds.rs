//! What a holder has of what counts.

use std::collections::BTreeMap;

use protocol::{Hash, LogKey};

use crate::picture::Picture;

impl Picture {
    /// For every log that counts, the last entry without a gap and its hash: of each author the log in
    /// force and later ones, and all logs as long as what counts of them is not read.
    ///
    /// Holders of the same have the same picture, for seals chain everything before a log in force that
    /// counts. They may differ in orphans, and in entries that a snapshot stands for.
    pub fn holds(&self) -> BTreeMap<LogKey, (u64, Hash)> {
        let mut holds = self.version();
        holds.retain(|log, _| {
            let lineage = &self.authors()[&log.author].lineage;
            let from = lineage.in_force().filter(|_| lineage.is_read());
            from.is_none_or(|from| log.incarnation >= from)
        });
        holds
    }
}
