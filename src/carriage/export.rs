//! `export log`: a journal's recent entries as a signed bundle.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use protocol::{
    BUNDLE, BundleHeader, BundleWriter, Envelope, Head, LogKey, Network, PartyId, Signer, Stretch,
    Wall, limit,
};
use serde::{Deserialize, Serialize};

use super::home::Home;
use super::{bar, shelf, since, telling};
use crate::carriage::Since;
use crate::cli::LogExport;
use crate::failure::{Code, Failure};
use crate::files;

/// What an export came to.
pub(super) struct Exported {
    /// What the first line says.
    pub(super) header: BundleHeader,
    /// Who signed.
    pub(super) signed: Option<PartyId>,
    /// How large the file is.
    pub(super) bytes: u64,
}

/// How far the logs of a journal were exported, put down beside it for `--since last`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Carried {
    /// The last entry of each log that a bundle carried.
    heads: Vec<Head>,
}

/// The verb.
pub(super) fn log(args: &LogExport) -> Result<(), Failure> {
    if args.file.exists() {
        let what = format!(
            "{} exists; name another file, for a bundle is never overwritten",
            args.file.display()
        );
        return Err(Failure::new(Code::NoPermission, what));
    }
    let home = Home::of(&args.home)?;
    for author in &args.author {
        home.keeps_log(*author)?;
    }
    let network = &home.network;
    let held = shelf::read(&home.journal, network.id)?.entries;
    let note = home.journal.with_extension("carried");
    let newest = since::newest(&held, home.office);
    let start = args
        .since
        .and_then(|since| since.wall(newest, home.offset_min));
    let first = match args.since {
        None => since::beyond(&held, &[]),
        Some(Since::Last) => since::beyond(&held, &carried(&note)?.heads),
        Some(_) => since::from_time(&held, start.unwrap_or_default()),
    };
    let chosen = chosen(&held, network, &first, &args.author);
    let signer = home.signer()?;
    let exported = Exported {
        header: header(&home, &chosen, start),
        signed: signer.as_ref().map(Signer::party),
        bytes: 0,
    };
    let bytes = write(&args.file, &exported.header, &chosen, signer.as_ref())?;
    put_down(&note, &chosen)?;
    let exported = Exported { bytes, ..exported };
    telling::exported(args, &exported, &home)
}

/// The entries to carry, in the journal's order; the roster's log always, first and whole, so that the
/// reader can verify the others.
fn chosen(
    held: &[Arc<Envelope>],
    network: &Network,
    first: &BTreeMap<LogKey, u64>,
    authors: &[PartyId],
) -> Vec<Arc<Envelope>> {
    let author = |it: &Envelope| it.header().log.author;
    let (roster, others): (Vec<_>, Vec<_>) =
        held.iter().partition(|it| author(it) == network.region);
    let wanted = others.into_iter().filter(|it| {
        let header = it.header();
        let recent = first
            .get(&header.log)
            .is_some_and(|from| *from <= header.seq);
        recent && (authors.is_empty() || authors.contains(&header.log.author))
    });
    roster.into_iter().chain(wanted).map(Arc::clone).collect()
}

fn header(home: &Home, chosen: &[Arc<Envelope>], since: Option<Wall>) -> BundleHeader {
    let network = &home.network;
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now_ms = since_epoch.map_or(0, |past| past.as_millis());
    BundleHeader {
        format: BUNDLE.to_owned(),
        mark: network.mode.mark().unwrap_or_default().to_owned(),
        net: network.id,
        mode: network.mode,
        office: home.office,
        written: Wall(u64::try_from(now_ms).unwrap_or_default()),
        since,
        entries: chosen.len() as u64,
        stretches: stretches(chosen),
    }
}

/// Where a snapshot stands for entries in the midst of a log, those before them are one stretch and those
/// behind them another: nothing is named that is not carried.
fn stretches(chosen: &[Arc<Envelope>]) -> Vec<Stretch> {
    let places = chosen.iter().map(|it| (it.header().log, it.header().seq));
    let places: BTreeSet<(LogKey, u64)> = places.collect();
    let mut stretches: Vec<Stretch> = Vec::new();
    for (log, seq) in places {
        match stretches.last_mut() {
            Some(last) if last.log == log && last.to + 1 == seq => last.to = seq,
            _ => stretches.push(Stretch {
                log,
                from: seq,
                to: seq,
            }),
        }
    }
    stretches.truncate(limit::DIGEST_LOGS);
    stretches
}

/// Writes the bundle under another name and gives it its own once it is on the disk: a stick may be
/// pulled out at any moment.
fn write(
    path: &Path,
    header: &BundleHeader,
    chosen: &[Arc<Envelope>],
    signer: Option<&Signer>,
) -> Result<u64, Failure> {
    if let Some(folder) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
        files::make_folder(folder)?;
    }
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    let written = write_lines(&partial, header, chosen, signer)
        .and_then(|bytes| std::fs::rename(&partial, path).map(|()| bytes));
    written.map_err(|error| {
        // Half a bundle is worth little and may stand on the stick that has no room left.
        drop(std::fs::remove_file(&partial));
        Failure::file(path, &error)
    })
}

fn write_lines(
    path: &Path,
    header: &BundleHeader,
    chosen: &[Arc<Envelope>],
    signer: Option<&Signer>,
) -> std::io::Result<u64> {
    let mut file = BufWriter::new(std::fs::File::create(path)?);
    let (mut bundle, first) = BundleWriter::begin(header);
    writeln!(file, "{first}")?;
    let bar = bar(chosen.len());
    for envelope in chosen {
        bundle.entry(envelope);
        writeln!(file, "{}", envelope.line())?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    writeln!(file, "{}", bundle.end(signer))?;
    let file = file
        .into_inner()
        .map_err(std::io::IntoInnerError::into_error)?;
    file.sync_all()?;
    Ok(file.metadata()?.len())
}

/// What the last export carried.
fn carried(note: &Path) -> Result<Carried, Failure> {
    if !note.exists() {
        let what = format!(
            "nothing was exported from here yet ({} is not there); leave --since out, or say a time",
            note.display()
        );
        return Err(Failure::new(Code::NoInput, what));
    }
    let text = files::read(note)?;
    serde_json::from_str(&text).map_err(|error| {
        let what = format!(
            "{}: {error}; remove it and export without --since last",
            note.display()
        );
        Failure::new(Code::Data, what)
    })
}

/// Puts down how far the logs were carried. What was not carried this time stands as before, and so does
/// a log of which something between was left out: it is on no stick yet.
fn put_down(note: &Path, chosen: &[Arc<Envelope>]) -> Result<(), Failure> {
    let before = carried(note).unwrap_or_default();
    let mut heads: BTreeMap<LogKey, Head> =
        before.heads.iter().map(|head| (head.log, *head)).collect();
    // Entries of a log come in their order.
    for envelope in chosen {
        let (log, seq) = (envelope.header().log, envelope.header().seq);
        let hash = envelope.hash();
        let reached = heads.get(&log).map_or(0, |head| head.seq);
        if seq <= reached + 1 {
            heads.insert(log, Head { log, seq, hash });
        }
    }
    let heads = heads.into_values().collect();
    let text = serde_json::to_string(&Carried { heads }).map_err(Failure::bug)?;
    files::write(note, &text)
}
