//! The verb `check`: every fault of what people write, with file, line, reason and remedy.

use std::io::Write;
use std::path::Path;

use crate::cli::CheckArgs;
use crate::doctor;
use crate::failure::{Code, Failure};
use crate::files;
use crate::finding::Finding;
use crate::print;
use crate::whole;

/// Checks each file; silent where nothing is wrong, exit code 65 where something is.
pub(crate) fn check(args: &CheckArgs) -> Result<(), Failure> {
    let mut findings = Vec::new();
    for file in &args.files {
        if let Err(failure) = one(file, args) {
            if failure.code != Code::Data {
                return Err(failure);
            }
            findings.push(failure.to_string());
        }
    }
    if findings.is_empty() {
        return Ok(());
    }
    print::line(findings.join("\n"))?;
    let count: usize = findings.iter().map(|text| text.lines().count()).sum();
    let what = if count == 1 { "finding" } else { "findings" };
    Err(Failure::new(Code::Data, format!("{count} {what}")))
}

fn one(file: &Path, args: &CheckArgs) -> Result<(), Failure> {
    if file.is_dir() {
        let name = file.display().to_string();
        return files::region(&name, Path::new("")).map(drop);
    }
    match file.extension().and_then(|ending| ending.to_str()) {
        Some("toml") if is_settings(file) => {
            let findings = doctor::faults_of(file).into_iter();
            let findings: Vec<Finding> = findings.map(|it| it.ends_with(Code::Data)).collect();
            if findings.is_empty() {
                Ok(())
            } else {
                Err(findings.into())
            }
        }
        Some("toml") => files::scenario(file).map(drop),
        Some("csv") => inventory(file, args),
        _ => {
            // A file that is not there is told as such before its ending is.
            files::read(file)?;
            Err(Failure::new(
                Code::Config,
                format!(
                    "{}: neither a scenario or settings (.toml), nor an inventory (.csv), nor a pack's folder",
                    file.display()
                ),
            ))
        }
    }
}

/// Whether a file is an office's settings or an operator's: by its name, or because it says whose.
fn is_settings(file: &Path) -> bool {
    let names = [doctor::OFFICE, doctor::OPERATOR];
    let is_named = file
        .file_name()
        .is_some_and(|name| names.iter().any(|it| name == *it));
    let text = whole::text(file, whole::SETTINGS_BYTES).unwrap_or_default();
    let says = text
        .parse::<toml::Table>()
        .is_ok_and(|said| said.get("office").is_some_and(toml::Value::is_str));
    file.exists() && (is_named || says)
}

/// Checks an inventory for the office that was named, or else for the one that its first id names.
fn inventory(file: &Path, args: &CheckArgs) -> Result<(), Failure> {
    let region = files::region(&args.region, Path::new("."))?;
    let office = if let Some(office) = args.office {
        files::city(&region, office)?
    } else {
        let office = files::owner(&region, file)?;
        let file = file.display();
        let what =
            format!("{file}: checked as the inventory of {office}, with which its first id begins");
        writeln!(std::io::stderr(), "{what}").map_err(Failure::bug)?;
        office
    };
    files::inventory(&region, office, file).map(drop)
}
