//! The verb `doctor`: names what is wrong with an office's files and machine, and what to do about it.
//!
//! It reads as the office would, but goes on after each fault; it changes nothing.

mod bus;
mod certificate;
mod clock;
mod disk;
mod journal;

use std::path::{Path, PathBuf};
use std::time::Duration;

use protocol::{Network, Wall};
use serde_json::json;

use crate::cli::{DoctorArgs, Output};
use crate::failure::{Code, Failure};
use crate::finding::Finding;
use crate::keys::REGION_KEY;
use crate::live::time::wall_us;
use crate::office::{GatePlan, OperatorSheet, Sheet};
use crate::print;
use crate::roster::RosterFile;
use crate::secret::{Holds, is_its_owners_alone};

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
    sorted(visit.settings(settings))
}

/// The verb.
pub(crate) fn doctor(args: &DoctorArgs) -> Result<(), Failure> {
    let mut sheets = args.config.clone();
    for folder in &args.folders {
        sheets.extend(settings_in(folder)?);
    }
    let visit = Visit {
        reach: if args.offline {
            Reach::Machine
        } else {
            Reach::Buses(Duration::from_secs(args.wait_s))
        },
        now: Wall(wall_us() / 1_000),
    };
    let findings = sheets.iter().flat_map(|path| visit.settings(path));
    let regions = args.folders.iter().flat_map(|it| region_in(it));
    let findings = sorted(findings.chain(regions).collect());
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
    findings.sort_by(|a, b| (&a.file, a.line, a.code).cmp(&(&b.file, b.line, b.code)));
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
    fn settings(&self, path: &Path) -> Vec<Finding> {
        if path.file_name().is_some_and(|name| name == OPERATOR) {
            return self.operator(path);
        }
        let (mut findings, sheet) = Sheet::read_on(path);
        if let Some(sheet) = sheet {
            self.office(&sheet, &mut findings);
        }
        findings
    }

    fn operator(&self, path: &Path) -> Vec<Finding> {
        let mut findings = Vec::new();
        let sheet = kept(OperatorSheet::read(path), &mut findings);
        if let Some((sheet, shown)) = sheet.and_then(|it| Some((it.signer.party(), it.shown?))) {
            findings.extend(certificate::of_client(sheet, &shown, self.now));
        }
        findings
    }

    fn office(&self, sheet: &Sheet, findings: &mut Vec<Finding>) {
        let sees_machine = self.reach != Reach::Files;
        if sees_machine {
            findings.extend(secrets_beside(sheet.settings.path()));
            findings.extend(clock::files_of_tomorrow(sheet, self.now));
        }
        let network = kept(sheet.network(), findings);
        let roster = network
            .as_ref()
            .and_then(|it| kept(sheet.roster(it), findings));
        if let (Some(network), Some(roster)) = (&network, &roster) {
            self.party(sheet, (network, roster), findings);
            if sees_machine {
                findings.extend(clock::signed_tomorrow(sheet, roster, self.now));
            }
        }
        if let Some(region) = kept(sheet.region(), findings) {
            findings.extend(sheet.inventory(&region).err().unwrap_or_default());
        }
        kept(sheet.aid(), findings);
        let runs = match &network {
            Some(network) if sees_machine => {
                journal::look(sheet, network, roster.as_ref(), self.now, findings)
            }
            _ => false,
        };
        match sheet.gate() {
            Ok(Some(gate)) => self.gate(sheet, &gate, runs, findings),
            Ok(None) => {}
            Err(faults) => findings.extend(faults),
        }
        match (sheet.buses(), self.reach) {
            (Ok(buses), Reach::Buses(patience)) => {
                findings.extend(bus::unreachable(sheet, &buses, patience));
            }
            (Ok(_), _) => {}
            (Err(faults), _) => findings.extend(faults),
        }
    }

    /// Whether the office's name, key and powers are what the roster says.
    fn party(
        &self,
        sheet: &Sheet,
        (network, roster): (&Network, &RosterFile),
        findings: &mut Vec<Finding>,
    ) {
        kept(sheet.autonomy(network), findings);
        let known = roster.roster();
        if kept(sheet.member(known), findings).is_none() {
            return;
        }
        let Some(signer) = kept(sheet.signer(network, known), findings) else {
            return;
        };
        let standing = known.standing(sheet.office(), signer.key());
        let until = standing.and_then(protocol::Standing::until);
        if until.is_some_and(|until| until.0 < self.now.0.saturating_add(SOON_MS)) {
            let what = format!(
                "key {} of \"{}\" ends within 30 days",
                signer.key(),
                sheet.office()
            );
            let remedy =
                "make another with `liandong keys make` and have it admitted by `keys rotate`";
            let place = PathBuf::from(sheet.key_place().to_string());
            findings.push(Finding::new("key-ends-soon", &place, what, remedy));
        }
    }

    fn gate(&self, sheet: &Sheet, gate: &GatePlan, runs: bool, findings: &mut Vec<Finding>) {
        kept(gate.passwords(), findings);
        if let Some(tls) = &gate.tls {
            findings.extend(certificate::examine(sheet, gate, tls, self.now));
        }
        // An office that runs has its ports itself.
        if !runs && self.reach != Reach::Files {
            findings.extend(bus::ports_in_use(sheet, gate));
        }
    }
}

/// What was read; what is wrong with it is noted.
fn kept<T>(read: Result<T, Finding>, findings: &mut Vec<Finding>) -> Option<T> {
    read.map_err(|finding| findings.push(finding)).ok()
}

/// The region's own secrets that others can read, in a folder or one folder below it.
fn region_in(folder: &Path) -> Vec<Finding> {
    let below = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let places = below.map(|it| it.path()).chain([folder.to_path_buf()]);
    let keys = places.map(|it| it.join(REGION_KEY));
    keys.filter(|it| it.is_file())
        .flat_map(|it| secrets_beside(&it))
        .collect()
}

/// Secrets in the folder of a file that others can read, whoever names them.
fn secrets_beside(file: &Path) -> Vec<Finding> {
    let folder = file.parent().unwrap_or_else(|| Path::new("."));
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let keys = files.filter(|file| file.extension().is_some_and(|ending| ending == "key"));
    keys.filter_map(|file| is_its_owners_alone(&file, Holds::Key).err())
        .collect()
}
