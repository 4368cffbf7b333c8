//! `import log`: what a bundle brings is verified, and recorded by the office or for it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use journal::{Journal, JournalError};
use protocol::{BundleLine, BundleReader, Closing, LineError, Network};

use super::home::Home;
use super::judge::{Entry, Judge, Refused, Word};
use super::offer::Running;
use super::shelf::Shelf;
use super::stick::{Found, next_line};
use super::{bar, reading, shelf, telling};
use crate::cli::LogImport;
use crate::failure::{Code, Failure};

/// Entries that one commit of the disk takes.
const COMMIT: usize = 512;

/// Refused lines that are told one by one; the rest are counted.
const TOLD: usize = 20;

/// What reading a bundle came to.
pub(super) struct Imported {
    /// What the office knows now.
    pub(super) judge: Judge,
    /// How the file ended.
    pub(super) closing: Closing,
    /// The first line of the file.
    pub(super) header: protocol::BundleHeader,
    /// What was refused, by the code of the rule.
    pub(super) refused: BTreeMap<&'static str, u64>,
    /// The first refused lines: number, code, reason.
    pub(super) told: Vec<(u64, &'static str, String)>,
    /// Whether the office runs.
    pub(super) into: Into,
}

/// How the entries got to the office.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Into {
    /// It runs, and was handed them over its bus.
    Office,
    /// It does not, and they were put into its journal.
    Journal,
}

/// The verb.
pub(super) fn log(args: &LogImport) -> Result<(), Failure> {
    let home = Home::of(&args.home)?;
    let network = &home.network;
    let stick = Stick::open(&args.file, network)?;
    let shown = reading(&home.journal);
    let open = Journal::open(&home.journal, network.id);
    shown.finish_and_clear();
    let imported = match open {
        Ok((mut journal, opened)) => {
            let mut held = Shelf::of(opened);
            if held.entries.is_empty() {
                journal.append_all(home.roster_log.iter().map(Arc::clone))?;
                held.entries.clone_from(&home.roster_log);
            }
            let imported = stick.read(Judge::new(network, &held), network, Into::Journal)?;
            let (record, _) = imported.judge.to_offer();
            let bar = bar(record.len());
            for group in record.chunks(COMMIT) {
                journal.append_all(group.iter().map(Arc::clone))?;
                bar.inc(group.len() as u64);
            }
            bar.finish_and_clear();
            imported
        }
        Err(JournalError::Locked { .. }) => to_running(args, &home, stick)?,
        Err(error) => return Err(error.into()),
    };
    telling::imported(args, &imported, &home)?;
    verdict(args, &imported)
}

/// Hands what is new to the office that has the journal open.
fn to_running(args: &LogImport, home: &Home, stick: Stick) -> Result<Imported, Failure> {
    let network = &home.network;
    let held = shelf::read(&home.journal, network.id)?;
    let imported = stick.read(Judge::new(network, &held), network, Into::Office)?;
    let (record, waiting) = imported.judge.to_offer();
    let waiting: Vec<Entry> = waiting.map(Arc::clone).collect();
    if record.is_empty() && waiting.is_empty() {
        return Ok(imported);
    }
    let bringer = home.bringer()?;
    let running = Running { args, home };
    let bar = bar(record.len());
    running.hand_over(bringer, (record, &waiting), |more| bar.inc(more as u64))?;
    bar.finish_and_clear();
    Ok(imported)
}

/// A bundle that is being read.
struct Stick {
    name: String,
    file: BufReader<File>,
    bytes: u64,
    reader: BundleReader,
}

impl Stick {
    /// Opens a file and reads its first line: what is no bundle of this network is refused whole.
    fn open(path: &Path, network: &Network) -> Result<Self, Failure> {
        let wrong = |error: std::io::Error| Failure::file(path, &error);
        let file = File::open(path).map_err(wrong)?;
        let about = file.metadata().map_err(wrong)?;
        if about.is_dir() {
            return Err(wrong(std::io::ErrorKind::IsADirectory.into()));
        }
        let mut file = BufReader::new(file);
        let mut line = Vec::new();
        next_line(&mut file, &mut line).map_err(wrong)?;
        let name = path.display().to_string();
        let reader = BundleReader::open(&line, network).map_err(|error| {
            let what = format!(
                "{name}:1: {}: {error}; nothing was imported: check that this is a bundle of this network, \
                 and export it again if it is damaged",
                error.code()
            );
            Failure::new(Code::Data, what)
        })?;
        Ok(Self {
            name,
            file,
            bytes: about.len(),
            reader,
        })
    }

    /// Reads all that follows; a line that is refused holds up none.
    fn read(
        mut self,
        mut judge: Judge,
        network: &Network,
        into: Into,
    ) -> Result<Imported, Failure> {
        let bar = bar(usize::try_from(self.bytes).unwrap_or(usize::MAX));
        let (mut refused, mut told) = (BTreeMap::<_, u64>::new(), Vec::new());
        let (mut line, mut number) = (Vec::new(), 1);
        loop {
            let found = next_line(&mut self.file, &mut line)
                .map_err(|error| Failure::file(Path::new(&self.name), &error))?;
            number += 1;
            bar.inc(line.len() as u64 + 1);
            let read = match found {
                Found::End => break,
                Found::Line => self.reader.line(&line).map(Some),
                Found::Torn => Ok(self.reader.last_line(&line)),
            };
            if let Err(why) = take(&mut judge, read) {
                *refused.entry(why.code).or_default() += 1;
                if told.len() < TOLD {
                    told.push((number, why.code, why.why));
                }
            }
        }
        bar.finish_and_clear();
        let header = self.reader.header().clone();
        let closing = self.reader.close(judge.roster(), network);
        let word = match closing {
            Closing::Signed(_) => Word::Signed,
            _ => Word::Claimed,
        };
        judge.expect(&header.stretches, word);
        Ok(Imported {
            judge,
            closing,
            header,
            refused,
            told,
            into,
        })
    }
}

/// Lets an entry in that was read.
fn take(judge: &mut Judge, read: Result<Option<BundleLine<'_>>, LineError>) -> Result<(), Refused> {
    match read {
        Ok(Some(BundleLine::Entry(line))) => judge.hear(line),
        Ok(Some(BundleLine::Closing) | None) => Ok(()),
        Err(error) => Err(Refused {
            code: "R07",
            why: error.to_string(),
        }),
    }
}

/// How the command ends: what the file lacks weighs more than what has to wait.
fn verdict(args: &LogImport, imported: &Imported) -> Result<(), Failure> {
    let (file, mode) = (args.file.display(), imported.header.mode);
    let refused: u64 = imported.refused.values().sum();
    let lacks = match &imported.closing {
        Closing::Signed(_) | Closing::Unsigned => None,
        Closing::Cut { missing: 0 } => {
            Some("it was cut short: only its closing line is missing".to_owned())
        }
        Closing::Cut { missing } => Some(format!(
            "it was cut short: its closing line is missing, and by its first line, which nobody signed, \
             {} missing",
            match missing {
                1 => "1 line of entries is".to_owned(),
                _ => format!("{missing} lines of entries are"),
            }
        )),
        Closing::Altered { missing: 0 } => {
            Some("its lines are not those that were written".to_owned())
        }
        Closing::Altered { missing } => Some(format!(
            "its lines are not those that were written, and by its closing line, which is not believed, \
             {missing} of them are missing"
        )),
        Closing::Disowned(refusal) => Some(format!(
            "its closing line is not believed: {}: {refusal}",
            refusal.code()
        )),
    };
    let refused = (refused > 0).then(|| format!("{refused} lines are refused, as told above"));
    let parts: Vec<String> = [refused, lacks].into_iter().flatten().collect();
    if !parts.is_empty() {
        let what = format!(
            "{file}: {}; what verifies was taken: export again, or bring the file that the rest is in",
            parts.join("; ")
        );
        return Err(Failure::new(Code::Data, mode.marked(&what)));
    }
    let waiting = imported.judge.verdict().waiting;
    if waiting > 0 {
        let what = format!(
            "{file}: {waiting} entries wait for earlier ones and are not recorded (R06); import what is \
             missing first (export it with an earlier --since), then this file again"
        );
        return Err(Failure::new(Code::TryLater, mode.marked(&what)));
    }
    Ok(())
}
