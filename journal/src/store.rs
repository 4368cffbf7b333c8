//! The journal itself: opened once, appended to in groups, read back by range.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use protocol::{Envelope, Head, LogKey, NetId, PartyId};
use rusqlite::{Connection, params};

use crate::base::{self, Base};
use crate::chain::{Contents, Log};
use crate::error::{Fault, JournalError};
use crate::file::{self, Origin};
use crate::owner;
use crate::row::{self, Inserted, Inserter};
use crate::verify::{file_bytes, walk};

/// The durable log of one office. Whoever has it open has it alone.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    net: NetId,
    connection: Connection,
    contents: Contents,
    state: State,
}

/// Whether what stands on the disk is known.
#[derive(Debug, PartialEq, Eq)]
enum State {
    Sound,
    /// The disk failed: a later commit could succeed over pages that were never written.
    InDoubt,
}

/// What a journal held when it was opened.
#[derive(Clone, Debug, Default)]
pub struct Opened {
    /// Where logs begin that do not begin with their first entry.
    pub bases: Vec<Base>,
    /// Every envelope, in the order of appending.
    pub envelopes: Vec<Arc<Envelope>>,
    /// What is known of the office's past if it has written nothing here.
    pub origin: Origin,
    /// The office that claimed it, if any did.
    pub owner: Option<PartyId>,
}

/// How large a journal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Envelopes held.
    pub envelopes: u64,
    /// Logs that they belong to.
    pub logs: u64,
    /// Bytes of their lines.
    pub line_bytes: u64,
    /// Bytes on the disk, its write-ahead log included.
    pub file_bytes: u64,
}

impl Journal {
    /// Opens the journal of this network, or makes it if there is none, and reads it whole.
    ///
    /// A file that another process has open, that belongs to another network or to a later version,
    /// or in which anything is damaged is refused. A write-ahead log that was torn by a crash is not
    /// damage: it is cut back to the last whole commit.
    pub fn open(path: &Path, net: NetId) -> Result<(Self, Opened), JournalError> {
        let connection = file::open(path, net)?;
        let mut opened = Opened::default();
        let (contents, fault) = walk(&connection, net, |envelope| opened.envelopes.push(envelope));
        let damaged = |fault| JournalError::Damaged {
            path: path.to_owned(),
            fault,
        };
        if let Some(fault) = fault {
            return Err(damaged(fault));
        }
        opened.bases = base::read(&connection).map_err(damaged)?;
        opened.origin = file::origin(&connection, path)?;
        opened.owner = owner::read(&connection, path)?;
        Ok((Self::holding(path, net, (connection, contents)), opened))
    }

    /// Marks it as this office's, the only one that writes in it from now on. One that is marked as another's
    /// is refused.
    pub fn claim(&mut self, office: PartyId) -> Result<(), JournalError> {
        owner::claim(&mut self.connection, &self.path, office)
    }

    pub(crate) fn holding(
        path: &Path,
        net: NetId,
        (connection, contents): (Connection, Contents),
    ) -> Self {
        Self {
            path: path.to_owned(),
            net,
            connection,
            contents,
            state: State::Sound,
        }
    }

    /// Records all of them or, after an error, none of them. They are on the disk when it returns.
    ///
    /// One that is held already is passed over, one that was held without its body gets it. Entries
    /// of a log come in their order; a second entry at a number already held is kept beside the first.
    pub fn append_all(
        &mut self,
        envelopes: impl IntoIterator<Item = Arc<Envelope>>,
    ) -> Result<(), JournalError> {
        if self.state == State::InDoubt {
            return Err(JournalError::Closed {
                path: self.path.clone(),
            });
        }
        let outcome = self.commit(envelopes, None);
        if outcome.as_ref().is_err_and(JournalError::leaves_doubt) {
            self.state = State::InDoubt;
        }
        outcome
    }

    /// Records a snapshot with the state that stands for all entries before it: those that follow it
    /// are next in its log, whatever of it was held. Whether the state is the one that the snapshot
    /// names is for the caller to know.
    pub fn begin_at(&mut self, base: &Base) -> Result<(), JournalError> {
        if self.state == State::InDoubt {
            return Err(JournalError::Closed {
                path: self.path.clone(),
            });
        }
        let outcome = self.commit([Arc::clone(&base.entry)], Some(base));
        if outcome.as_ref().is_err_and(JournalError::leaves_doubt) {
            self.state = State::InDoubt;
        }
        outcome
    }

    fn commit(
        &mut self,
        envelopes: impl IntoIterator<Item = Arc<Envelope>>,
        base: Option<&Base>,
    ) -> Result<(), JournalError> {
        let path = &self.path;
        let wrong = |error: rusqlite::Error| JournalError::of(path, &error);
        let transaction = self.connection.transaction().map_err(wrong)?;
        let mut inserter = Inserter::new(&transaction).map_err(wrong)?;
        let mut draft = self.contents.draft();
        for envelope in envelopes {
            let header = envelope.header();
            if header.net != self.net {
                return Err(JournalError::Foreign {
                    path: path.clone(),
                    found: header.net,
                    expected: self.net,
                });
            }
            let row = draft.rows + 1;
            let log = draft.log(&self.contents, header.log);
            if base.is_some() {
                log.begin_with(header);
            }
            log.check(header).map_err(|fault| JournalError::Chain {
                path: path.clone(),
                fault,
            })?;
            let bytes = envelope.line().len() as u64;
            match inserter.insert(row, &envelope).map_err(wrong)? {
                Inserted::New => {
                    log.record(header.seq, envelope.hash());
                    draft.rows = row;
                    draft.carry(bytes);
                }
                Inserted::Held => {}
                // The line without its body had a dash in its place.
                Inserted::Filled => {
                    draft.carry(bytes - envelope.withhold().line().len() as u64);
                }
            }
        }
        drop(inserter);
        if let Some(base) = base {
            base::insert(&transaction, base).map_err(wrong)?;
        }
        transaction.commit().map_err(wrong)?;
        self.contents.adopt(draft);
        Ok(())
    }

    /// Entries of a log from one number to another, both included, in their order.
    ///
    /// Stops before `max_bytes` of lines are passed, but gives at least one entry, lest a large one
    /// could never be read. Where the log forks, every entry of a number is given.
    pub fn load(
        &self,
        log: LogKey,
        from: u64,
        to: u64,
        max_bytes: usize,
    ) -> Result<Vec<Arc<Envelope>>, JournalError> {
        let wrong = |error: rusqlite::Error| JournalError::of(&self.path, &error);
        let sql = format!(
            "SELECT {} FROM envelopes
             WHERE author = ?1 AND epoch = ?2 AND nonce = ?3 AND seq BETWEEN ?4 AND ?5
             ORDER BY seq, id",
            row::COLUMNS
        );
        let stored = |seq: u64| i64::try_from(seq).unwrap_or(i64::MAX);
        let LogKey {
            author,
            incarnation,
        } = log;
        let mut statement = self.connection.prepare(&sql).map_err(wrong)?;
        let mut rows = statement
            .query(params![
                author.as_str(),
                incarnation.epoch,
                incarnation.nonce.cast_signed(),
                stored(from),
                stored(to)
            ])
            .map_err(wrong)?;
        let mut envelopes = Vec::new();
        let mut bytes = 0;
        while let Some(found) = rows.next().map_err(wrong)? {
            let envelope = row::read(found).map_err(|reason| JournalError::Damaged {
                path: self.path.clone(),
                fault: Fault::Row {
                    row: found.get::<_, i64>(0).map_or(0, i64::cast_unsigned),
                    reason,
                },
            })?;
            bytes += envelope.line().len();
            if bytes > max_bytes && !envelopes.is_empty() {
                break;
            }
            envelopes.push(envelope);
        }
        Ok(envelopes)
    }

    /// The end of every log, in the order of their keys.
    pub fn heads(&self) -> Vec<Head> {
        let logs = self.contents.logs.iter();
        logs.map(|(key, log)| log.head(*key)).collect()
    }

    /// Every log: its head, its length, whether it forks.
    pub fn logs(&self) -> &BTreeMap<LogKey, Log> {
        &self.contents.logs
    }

    /// How large it is.
    pub fn stats(&self) -> Stats {
        Stats {
            envelopes: self.contents.rows,
            logs: self.contents.logs.len() as u64,
            line_bytes: self.line_bytes(),
            file_bytes: file_bytes(&self.path),
        }
    }

    /// Bytes of all lines; asked of the disk if they were not all read.
    fn line_bytes(&self) -> u64 {
        let sql = "SELECT coalesce(sum(octet_length(line)), 0) FROM envelopes";
        let ask = || self.connection.query_row(sql, [], |row| row.get(0));
        self.contents.line_bytes.unwrap_or_else(|| {
            let bytes: i64 = ask().unwrap_or(0);
            bytes.cast_unsigned()
        })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The network that it belongs to.
    pub fn network(&self) -> NetId {
        self.net
    }

    /// Copies everything that is recorded into a new file, which is a journal like this one.
    ///
    /// The file appears under its name when it is whole and on the disk, and is never overwritten.
    /// Appending waits meanwhile.
    pub fn backup(&self, to: &Path) -> Result<(), JournalError> {
        if to.exists() {
            return Err(JournalError::Exists {
                path: to.to_owned(),
            });
        }
        let mut partial = to.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let copied = self.copy(&partial, to);
        if copied.is_err() {
            // Half a copy is worth nothing and may stand on the disk that has no space left.
            drop(fs::remove_file(&partial));
        }
        copied
    }

    fn copy(&self, partial: &Path, to: &Path) -> Result<(), JournalError> {
        let system = |error: std::io::Error| file::unreachable(to, &error);
        if partial.exists() {
            fs::remove_file(partial).map_err(system)?;
        }
        let name = partial.to_str().ok_or_else(|| JournalError::Unreachable {
            path: to.to_owned(),
            reason: "the name is not Unicode".to_owned(),
        })?;
        file::make(partial)?;
        self.connection
            .execute("VACUUM INTO ?1", [name])
            .map_err(|error| JournalError::of(to, &error))?;
        File::open(partial)
            .and_then(|file| file.sync_all())
            .and_then(|()| fs::rename(partial, to))
            .and_then(|()| sync_directory(to))
            .map_err(system)
    }

    /// Lets the file grow to this many pages of 4 KiB and no further; tells the limit in force.
    ///
    /// It keeps a disk from being filled to its last byte, and lets a test fill one.
    pub fn set_page_limit(&mut self, pages: u32) -> Result<u32, JournalError> {
        self.connection
            .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |row| {
                row.get(0)
            })
            .map_err(|error| JournalError::of(&self.path, &error))
    }
}

/// Makes a new name last; only needed, and only possible, where directories are files.
fn sync_directory(of: &Path) -> std::io::Result<()> {
    if cfg!(unix) {
        let directory = of.parent().filter(|path| !path.as_os_str().is_empty());
        File::open(directory.unwrap_or_else(|| Path::new(".")))?.sync_all()?;
    }
    Ok(())
}
