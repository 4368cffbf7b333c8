//! The verb `journal`: looks into an office's memory without changing it.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use protocol::{Body, Civil, Decoder, Envelope, Network, PartyId, Refusal, Roster, RosterChange};

use crate::cli::{JournalArgs, JournalVerb};
use crate::failure::{Code, Failure};
use crate::keys::NETWORK;
use crate::live::folder::STAGE;
use crate::live::stage::Directions;
use crate::network;
use crate::office::Sheet;

/// Minutes east of UTC in which entries are shown.
const OFFSET_MIN: i16 = 480;

/// The verb.
pub(crate) fn journal(args: &JournalArgs) -> Result<(), Failure> {
    match &args.verb {
        JournalVerb::Verify { files, config } => verify_asked(files, config.as_deref()),
        JournalVerb::Show { file, author } => show(file, *author),
    }
}

fn verify_asked(paths: &[PathBuf], config: Option<&Path>) -> Result<(), Failure> {
    let Some(config) = config else {
        return verify_all(paths, None);
    };
    let sheet = Sheet::read(config)?;
    let network = sheet.network()?;
    match paths {
        [] => verify_all(&[sheet.journal()], Some(&network)),
        paths => verify_all(paths, Some(&network)),
    }
}

/// Verifies journals of this network, or else each of the one that is named beside it.
fn verify_all(paths: &[PathBuf], network: Option<&Network>) -> Result<(), Failure> {
    let mut wrong = Vec::new();
    let mut journals = 0;
    for path in paths {
        for file in journals_in(path)? {
            journals += 1;
            let line = match verify(&file, network) {
                Ok(line) => line,
                Err(failure) => {
                    wrong.push(failure.code);
                    match failure.code {
                        Code::TryLater => format!("{}: in use, not checked", file.display()),
                        Code::Config => failure.to_string(),
                        _ => format!("{}: BAD: {failure}", file.display()),
                    }
                }
            };
            say(&line)?;
        }
    }
    if wrong.is_empty() {
        return say(&format!("{journals} journals, all sound"));
    }
    Err(verdict(&wrong, journals))
}

/// Why journals are not all sound. What is not there is another matter than what is damaged, and
/// damage weighs more; what somebody else has open, or is of an unknown network, is neither.
fn verdict(wrong: &[Code], journals: usize) -> Failure {
    let count = |code: Code| wrong.iter().filter(|wrong| **wrong == code).count();
    let (missing, busy) = (count(Code::NoInput), count(Code::TryLater));
    let half = count(Code::Config);
    let bad = wrong.len() - busy - half;
    if bad == 0 && half > 0 {
        let what = format!(
            "no signature of {half} of {journals} journals was checked; see the lines above"
        );
        return Failure::new(Code::Config, what);
    }
    if bad == 0 {
        let what = format!(
            "{busy} of {journals} journals are in use; verify them again when their drill or \
             office has ended"
        );
        return Failure::new(Code::TryLater, what);
    }
    let (code, what) = if missing == bad {
        (Code::NoInput, "are not there")
    } else {
        (Code::Data, "are not sound")
    };
    let what = format!("{bad} of {journals} journals {what}; see the lines above");
    Failure::new(code, what)
}

fn journals_in(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let entries = std::fs::read_dir(path).map_err(|error| Failure::file(path, &error))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| file.extension().is_some_and(|ending| ending == "journal"))
        .collect();
    files.sort();
    if files.is_empty() {
        let what = format!("{} holds no .journal file", path.display());
        return Err(Failure::new(Code::NoInput, what));
    }
    Ok(files)
}

/// Chains and hashes by the journal itself; signatures by the roster inside.
fn verify(file: &Path, network: Option<&Network>) -> Result<String, Failure> {
    let verification = journal::verify(file)?;
    if let Some(fault) = &verification.fault {
        return Err(Failure::new(Code::Data, fault));
    }
    let found = match network {
        Some(network) => Some(network.clone()),
        None => network_beside(file)?,
    };
    let (envelopes, shown) = (verification.envelopes, file.display());
    let signatures = match found {
        Some(network) => signatures(file, &network)?,
        // Of nothing there is nothing to sign.
        None if envelopes == 0 => "0 signatures".to_owned(),
        None => {
            let what = format!(
                "{shown}: {envelopes} envelopes in their chains, signatures not checked: neither {STAGE} nor \
                 {NETWORK} says of which network it is; pass --config with the office's settings"
            );
            return Err(Failure::new(Code::Config, what));
        }
    };
    Ok(format!(
        "{shown}: sound: {envelopes} envelopes in {} logs, {} bytes, {signatures}",
        verification.logs.len(),
        verification.file_bytes
    ))
}

/// The network that the folder above the journals' is of: a drill's run, or an office's that was made by
/// `liandong init`.
fn network_beside(file: &Path) -> Result<Option<Network>, Failure> {
    let journals = file.parent().unwrap_or_else(|| Path::new(""));
    let above = journals.join("..");
    if above.join(STAGE).exists() {
        return Ok(Some(Directions::read(&above)?.network));
    }
    let named = above.join(NETWORK);
    if named.exists() {
        return Ok(Some(network::read(&named)?));
    }
    Ok(None)
}

/// Checks every signature, and tells how many hold. What was signed before its key was revoked is history:
/// it is checked against that key.
fn signatures(file: &Path, network: &Network) -> Result<String, Failure> {
    let (journal, opened) = journal::Journal::open(file, network.id)?;
    drop(journal);
    let mut decoder = Decoder::new(network.clone());
    let (mut roster, mut ever) = (Roster::new(network), Roster::new(network));
    let (roster_log, others): (Vec<_>, Vec<_>) = opened
        .envelopes
        .iter()
        .partition(|it| it.header().log.author == network.region);
    let mut of_revoked = 0_usize;
    for envelope in roster_log.iter().chain(&others) {
        let mut read = decoder.envelope(envelope.line(), &roster);
        if matches!(read, Err(Refusal::RevokedKey { .. })) {
            of_revoked += 1;
            read = decoder.envelope(envelope.line(), &ever);
        }
        read.map_err(|refusal| {
            let header = envelope.header();
            let what = format!("entry {} of {}: {refusal}", header.seq, header.log);
            Failure::new(Code::Data, what)
        })?;
        if let Some(Body::RosterChange(change)) = envelope.body()
            && envelope.header().log.author == network.region
        {
            roster.apply(change);
            if let RosterChange::Admit(_) = change {
                ever.apply(change);
            }
        }
    }
    let count = opened.envelopes.len();
    Ok(match of_revoked {
        0 => format!("{count} signatures hold"),
        old => format!("{count} signatures hold, {old} of them by keys that were revoked since"),
    })
}

fn show(file: &Path, author: Option<PartyId>) -> Result<(), Failure> {
    let verification = journal::verify(file)?;
    let (_journal, opened) = journal::Journal::open(file, verification.network)?;
    let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
    for envelope in &opened.envelopes {
        let header = envelope.header();
        if author.is_none_or(|author| author == header.log.author) {
            let kind = envelope.body().map_or("unreadable", Body::kind);
            *counts.entry(kind).or_default() += 1;
            say(&line(envelope, kind))?;
        }
    }
    for (kind, count) in counts {
        say(&format!("{count:>8} {kind}"))?;
    }
    Ok(())
}

fn line(envelope: &Envelope, kind: &str) -> String {
    let header = envelope.header();
    let sent = Civil::at(protocol::Moment(header.sent.0 * 1_000), OFFSET_MIN).rfc3339();
    let body = envelope.body().map(Body::to_json).unwrap_or_default();
    format!("{} {:>6} {sent} {kind} {body}", header.log, header.seq)
}

fn say(line: &str) -> Result<(), Failure> {
    match writeln!(std::io::stdout(), "{line}") {
        // Whoever reads may have seen enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        other => other.map_err(Failure::bug),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_in_use_is_not_bad_and_damage_weighs_more() {
        let code = |wrong: &[Code]| verdict(wrong, 3).code;
        assert_eq!(code(&[Code::TryLater, Code::TryLater]), Code::TryLater);
        assert_eq!(code(&[Code::TryLater, Code::NoInput]), Code::NoInput);
        assert_eq!(code(&[Code::TryLater, Code::Data]), Code::Data);
        assert_eq!(code(&[Code::NoInput, Code::Data]), Code::Data);
        assert_eq!(code(&[Code::Config, Code::TryLater]), Code::Config);
        assert_eq!(code(&[Code::Config, Code::Data]), Code::Data);
        let said = verdict(&[Code::TryLater, Code::Data], 3).to_string();
        assert!(said.starts_with("1 of 3 journals are not sound"), "{said}");
    }

    #[test]
    fn a_journal_that_is_open_is_to_be_verified_later() {
        let place = std::env::temp_dir().join(format!("liandong-{}-open", std::process::id()));
        drop(std::fs::remove_dir_all(&place));
        std::fs::create_dir_all(&place).unwrap();
        let file = place.join("990100.journal");
        let open = journal::Journal::open(&file, "drill-0".parse().unwrap()).unwrap();
        let paths = [place.clone()];
        assert_eq!(verify_all(&paths, None).unwrap_err().code, Code::TryLater);
        drop(open);
        assert!(verify_all(&paths, None).is_ok());
        std::fs::remove_dir_all(&place).unwrap();
    }
}
