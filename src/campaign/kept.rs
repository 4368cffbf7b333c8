//! The file of a campaign: every run as it ended, so that what was run is not run again, and what several
//! machines ran becomes one account.
//!
//! The first line says of what campaign the runs are; each other line is a run. A line that was not
//! finished, for its process or its disk was, counts for nothing and is written over.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use protocol::Hash;
use serde::{Deserialize, Serialize};
use simulator::Scenario;

use super::run::Run;
use crate::cli::SimulateArgs;
use crate::failure::{Code, Failure};
use crate::simulate::replay;
use crate::whole;

/// The form of the file.
const SCHEMA: &str = "liandong-campaign/1";

/// The most that such a file may have: some 400,000 runs.
const FILE_BYTES: u64 = 1 << 30;

/// Stands for the seed in the command of a campaign.
const SEED: &str = "SEED";

/// Of what campaign runs are: runs of two that differ in any of this are not put together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Campaign {
    schema: String,
    /// The version of the program, for another may decide otherwise.
    version: String,
    /// The command that shows a seed again.
    command: String,
    /// The digest of the scenario and of every file that it names.
    digest: Hash,
    /// How, but for the seeds.
    options: BTreeMap<String, String>,
}

impl Campaign {
    pub(super) fn of(args: &SimulateArgs, scenario: &Scenario, inventories: Hash) -> Self {
        let flag = |is_on: bool| is_on.to_string();
        let policy = |policy: Option<protocol::Planning>| {
            policy.map_or_else(|| "as written".to_owned(), |it| it.to_string())
        };
        let brokers = args.brokers.map_or("as written", |it| it.word());
        let until = args
            .until
            .map_or_else(|| "the end".to_owned(), |it| it.to_string());
        let options = [
            ("chaos", flag(args.chaos)),
            ("brokers", brokers.to_owned()),
            ("policy", policy(args.policy)),
            (
                "compare",
                args.compare
                    .map_or_else(|| "none".to_owned(), |it| it.to_string()),
            ),
            ("foresight", flag(args.foresight)),
            ("until", until),
            ("ed25519", flag(args.ed25519)),
            ("inventory", inventories.to_string()),
        ];
        Self {
            schema: SCHEMA.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            command: replay(args, SEED),
            digest: scenario.digest,
            options: options.map(|(key, value)| (key.to_owned(), value)).into(),
        }
    }

    /// The first thing in which two differ, as each has it.
    fn differs(&self, other: &Self) -> Option<(String, String, String)> {
        let own = |it: &Self| {
            let mut all = it.options.clone();
            all.insert("schema".to_owned(), it.schema.clone());
            all.insert("version".to_owned(), it.version.clone());
            all.insert("scenario's digest".to_owned(), it.digest.to_string());
            all
        };
        let (ours, others) = (own(self), own(other));
        ours.into_iter().find_map(|(key, value)| {
            let there = others.get(&key).cloned().unwrap_or_default();
            (there != value).then_some((key, value, there))
        })
    }

    /// Whether its storms draw faults.
    pub(super) fn has_chaos(&self) -> bool {
        self.options.get("chaos").is_some_and(|it| it == "true")
    }

    /// The command that shows a seed again.
    pub(super) fn replay(&self, seed: u64) -> String {
        self.command.replacen(SEED, &seed.to_string(), 1)
    }

    /// Refuses what is of another campaign.
    pub(super) fn is_that_of(&self, path: &Path, other: &Self) -> Result<(), Failure> {
        let Some((what, ours, there)) = self.differs(other) else {
            return Ok(());
        };
        let path = path.display();
        let what = format!(
            "{path}: its runs are of another campaign: {what} is \"{there}\" there and \"{ours}\" \
             here; name another file"
        );
        Err(Failure::new(Code::Data, what))
    }
}

/// A run as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Line {
    /// Whether it is of the policy that is compared with.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) beside: bool,
    #[serde(flatten)]
    pub(super) run: Run,
}

/// Runs by seed: of the policy itself, and of the one beside it.
pub(super) fn sorted(lines: Vec<Line>) -> (Vec<Run>, Vec<Run>) {
    let (others, ours): (Vec<Line>, Vec<Line>) = lines.into_iter().partition(|it| it.beside);
    let runs = |lines: Vec<Line>| {
        let mut runs: Vec<Run> = lines.into_iter().map(|line| line.run).collect();
        runs.sort_by_key(|run| run.summary.seed);
        runs
    };
    (runs(ours), runs(others))
}

/// What a file has.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) campaign: Campaign,
    pub(super) lines: Vec<Line>,
    /// Where the last whole line ends.
    end: u64,
}

/// Reads a file of runs.
pub(super) fn read(path: &Path) -> Result<Kept, Failure> {
    let text = whole::text(path, FILE_BYTES).map_err(|error| Failure::file(path, &error))?;
    parsed(path, &text)?.ok_or_else(|| {
        let what = format!(
            "{}: it has no run; name a file that simulate --keep wrote",
            path.display()
        );
        Failure::new(Code::Data, what)
    })
}

/// The whole lines of a file; `None` if not even the first is whole.
fn parsed(path: &Path, text: &str) -> Result<Option<Kept>, Failure> {
    let whole = text
        .split_inclusive('\n')
        .take_while(|line| line.ends_with('\n'));
    let mut kept: Option<Kept> = None;
    for (number, line) in whole.enumerate() {
        let wrong = |error: serde_json::Error| {
            let place = format!("{}:{}", path.display(), number + 1);
            let what = format!(
                "{place}: this is no line of a campaign ({error}); name a file that simulate --keep wrote"
            );
            Failure::new(Code::Data, what)
        };
        if let Some(kept) = &mut kept {
            kept.lines.push(serde_json::from_str(line).map_err(wrong)?);
            kept.end += line.len() as u64;
        } else {
            kept = Some(Kept {
                campaign: serde_json::from_str(line).map_err(wrong)?,
                lines: Vec::new(),
                end: line.len() as u64,
            });
        }
    }
    Ok(kept)
}

/// A file to which runs are added as they end.
#[derive(Debug)]
pub(super) struct Keeper {
    path: PathBuf,
    file: File,
}

impl Keeper {
    /// Opens the file of a campaign for this process alone, and gives what was run before.
    pub(super) fn open(path: &Path, campaign: &Campaign) -> Result<(Self, Vec<Line>), Failure> {
        let failed = |error: std::io::Error| Failure::file(path, &error);
        let mut options = OpenOptions::new();
        let options = options.create(true).read(true).write(true).truncate(false);
        let file = options.open(path).map_err(failed)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::Error(error) => failed(error),
            TryLockError::WouldBlock => {
                let what = format!(
                    "{}: another campaign is writing it; name another file, and put both together with \
                     liandong report merge",
                    path.display()
                );
                Failure::new(Code::TryLater, what)
            }
        })?;
        let text = whole::text(path, FILE_BYTES).map_err(failed)?;
        let head = line_of(campaign)?;
        let before = parsed(path, &text)?;
        match &before {
            Some(before) => campaign.is_that_of(path, &before.campaign)?,
            // A first line that was not finished is ours; anything else is somebody's file.
            None if head.starts_with(&text) => {}
            None => {
                let what = format!(
                    "{}: it is no file of a campaign; name another",
                    path.display()
                );
                return Err(Failure::new(Code::Data, what));
            }
        }
        let mut keeper = Self {
            path: path.to_owned(),
            file,
        };
        let end = before.as_ref().map_or(0, |before| before.end);
        let cut = keeper.file.set_len(end);
        let cut = cut.and_then(|()| keeper.file.seek(SeekFrom::Start(end)));
        cut.map_err(failed)?;
        let Some(before) = before else {
            keeper.write(&head)?;
            return Ok((keeper, Vec::new()));
        };
        Ok((keeper, before.lines))
    }

    /// Adds a run.
    pub(super) fn keep(&mut self, line: &Line) -> Result<(), Failure> {
        self.write(&line_of(line)?)
    }

    fn write(&mut self, line: &str) -> Result<(), Failure> {
        let written = self.file.write_all(line.as_bytes());
        written.map_err(|error| Failure::file(&self.path, &error))
    }
}

fn line_of(value: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string(value).map_err(Failure::bug)?;
    Ok(format!("{text}\n"))
}
