//! The verb `doctor`: names what is wrong with an office's files and machine, and what to do about it.
//!
//! It reads as the office would, but goes on after each fault; it changes nothing.

mod bus;
mod callers;
mod certificate;
mod clock;
mod disk;
mod files;
mod folder;
mod journal;
mod key;
mod neighbours;
mod office;
mod operator;
mod origin;
mod password;
mod revocation;
mod rosters;

use std::path::{Path, PathBuf};
use std::time::Duration;

use protocol::{Network, Wall};
use serde_json::json;

use crate::cli::{DoctorArgs, Output};
use crate::failure::{Code, Failure};
use crate::finding::Finding;
use crate::live::time::wall_us;
use crate::office::{OperatorSheet, Paper, Says, Sheet};
use crate::print;
use crate::roster::RosterFile;

/// The names that settings have in a folder made by `liandong init`.
pub(crate) const OFFICE: &str = "office.toml";
pub(crate) const OPERATOR: &str = "operator.toml";

/// How long before its end a key or certificate is spoken of: time enough to make another, have it admitted
/// and hand it out.
const SOON_MS: u64 = 30 * 86_400 * 1_000;

/// A visit.
struct Visit {
    reach: Reach,
    now: Wall,
}

/// Settings that could be read, with what stands in for what could not.
enum Read {
    /// An office's.
    Office(Box<Sheet>),
    /// An operator's.
    Operator(Box<OperatorSheet>),
}

/// How far a visit goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// What is written.
    Files,
    /// And the machine: its clock, its disk, its ports, who can read what.
    Machine,
    /// And the buses of others, with so much patience.
    Buses(Duration),
}

/// Everything that is wrong with settings as they are written, and with the files that they name.
pub(crate) fn faults_of(settings: &Path) -> Vec<Finding> {
    let visit = Visit {
        reach: Reach::Files,
        now: Wall(wall_us() / 1_000),
    };
    sorted(visit.settings(settings).0)
}

/// The verb.
pub(crate) fn doctor(args: &DoctorArgs) -> Result<(), Failure> {
    let mut sheets = args.config.clone();
    for folder in &args.folders {
        sheets.extend(settings_in(folder)?);
    }
    sheets.sort();
    sheets.dedup();
    let visit = Visit {
        reach: if args.offline {
            Reach::Machine
        } else {
            Reach::Buses(Duration::from_secs(args.wait_s))
        },
        now: Wall(wall_us() / 1_000),
    };
    let (mut findings, mut read) = (Vec::new(), Vec::new());
    for path in &sheets {
        let (found, settings) = visit.settings(path);
        findings.extend(found);
        read.extend(settings);
    }
    findings.extend(neighbours::faults_between(&read));
    findings.extend(rosters::behind_others(&read, &args.folders));
    findings.extend(callers::taken_back(&read, visit.now));
    if let Reach::Buses(patience) = visit.reach {
        findings.extend(bus::unreachable(&read, patience));
    }
    findings.extend(args.folders.iter().flat_map(|it| folder::region_in(it)));
    let findings = sorted(findings);
    tell(&findings, args.output)?;
    match (findings.len(), sheets.len()) {
        (0, _) => Ok(()),
        (1, files) => Err(found(&format!("1 finding in {files} files of settings"))),
        (many, files) => Err(found(&format!(
            "{many} findings in {files} files of settings"
        ))),
    }
}

fn sorted(mut findings: Vec<Finding>) -> Vec<Finding> {
    let place = |it: &Finding| (it.file.clone(), it.line, it.code, it.what.clone());
    findings.sort_by_cached_key(place);
    findings.dedup();
    findings
}

fn found(what: &str) -> Failure {
    Failure::new(Code::Data, what)
}

/// Settings in a folder or one folder below it.
fn settings_in(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = std::fs::read_dir(folder).map_err(|error| Failure::file(folder, &error))?;
    let mut places: Vec<PathBuf> = entries.filter_map(|it| Some(it.ok()?.path())).collect();
    places.push(folder.to_path_buf());
    places.sort();
    let named = places
        .iter()
        .flat_map(|it| [it.join(OFFICE), it.join(OPERATOR)]);
    let found: Vec<PathBuf> = named.filter(|it| it.is_file()).collect();
    if found.is_empty() {
        let what = format!(
            "{} holds no {OFFICE}; name the folder that `liandong init` made, or pass --config",
            folder.display()
        );
        return Err(Failure::new(Code::NoInput, what));
    }
    Ok(found)
}

fn tell(findings: &[Finding], output: Output) -> Result<(), Failure> {
    let mut lines = Vec::new();
    match output {
        Output::Json => {
            let all = findings.iter().map(|it| {
                json!({
                    "code": it.code,
                    "file": it.file.display().to_string(),
                    "line": it.line,
                    "what": it.what,
                    "remedy": it.remedy,
                })
            });
            let all: Vec<_> = all.collect();
            lines.push(serde_json::to_string_pretty(&all).map_err(Failure::bug)?);
        }
        Output::Text if findings.is_empty() => lines.push("nothing is wrong".to_owned()),
        Output::Text => lines.extend(findings.iter().map(|it| format!("{}  {it}", it.code))),
    }
    for line in lines {
        print::line(line)?;
    }
    Ok(())
}

impl Visit {
    fn settings(&self, path: &Path) -> (Vec<Finding>, Option<Read>) {
        let is_operator = path.file_name().is_some_and(|name| name == OPERATOR);
        let (mut findings, read) = if is_operator {
            let (findings, sheet) = OperatorSheet::read_on(path);
            (findings, sheet.map(|it| Read::Operator(Box::new(it))))
        } else {
            let (findings, sheet) = Sheet::read_on(path);
            (findings, sheet.map(|it| Read::Office(Box::new(it))))
        };
        if self.sees_machine() {
            let network = match &read {
                Some(Read::Office(sheet)) => sheet.network().ok(),
                Some(Read::Operator(sheet)) => sheet.network().ok(),
                None => None,
            };
            findings.extend(folder::examine(path, network.as_ref()));
        }
        match &read {
            Some(Read::Office(sheet)) => self.office(sheet, &mut findings),
            Some(Read::Operator(sheet)) => self.operator(sheet, &mut findings),
            None => {}
        }
        (findings, read)
    }

    fn sees_machine(&self) -> bool {
        self.reach != Reach::Files
    }
}

/// What was read; what is wrong with it is noted.
fn kept<T>(read: Result<T, Finding>, findings: &mut Vec<Finding>) -> Option<T> {
    read.map_err(|finding| findings.push(finding)).ok()
}

/// The network and the roster that settings name, as far as they can be read.
fn papers<T: Says>(
    sheet: &Paper<T>,
    findings: &mut Vec<Finding>,
) -> (Option<Network>, Option<RosterFile>) {
    let is_named = sheet.knows_file("network", &sheet.network_path());
    let network = is_named.then(|| kept(sheet.network(), findings)).flatten();
    let roster = network
        .as_ref()
        .filter(|_| sheet.knows_file("roster", &sheet.roster_path()))
        .and_then(|it| kept(sheet.roster(it), findings));
    (network, roster)
}
