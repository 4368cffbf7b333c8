//! An office after a million entries: what it has in memory, how large its journal is, how it boots, and
//! how soon one with an empty disk is back.
//!
//! The entries are those of the offices of a month in virtual time. Who hears them is an observer, which
//! holds, folds and records as every office does and writes nothing. Each part has a process of its own.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use agents::Seed;
use protocol::{Hash, Moment, Record, Span, Suite, Topic};
use region::Region;
use serde_json::{Map, Value, json};
use simulator::{Cast, Drill, Recording, Scenario, SimulateOptions, simulate};

use super::machine::Machine;
use super::process::{peak_mb, resident_mb};
use super::{progress, rejoin, rounded, tell};
use crate::cli::{MillionArgs, MillionPart, Output};
use crate::failure::{Code, Failure};
use crate::files;
use crate::live::stage::random;

/// The month, and the name that faults in it would be told under.
const MONTH: (&str, &str) = ("src/bench/month.toml", include_str!("month.toml"));

/// Entries that the month's offices write in a day, rounded down: how much of it is played.
const ENTRIES_A_DAY: u64 = 35_000;

/// The journal of who has heard all of them, in the folder.
const HEARD: &str = "holder.journal";

/// After how many entries it is said how many there are.
const SAY_EVERY: u64 = 100_000;

/// The seed of the month, and so of the keys of its cast.
const SEED: u64 = 1;

/// What the parts have in common: the drill and the folder.
pub(super) struct Ground {
    pub(super) drill: Drill,
    pub(super) dir: PathBuf,
}

impl Ground {
    /// Where the entries are, one frame of them a line.
    fn entries(&self) -> PathBuf {
        self.dir.join("entries.mlog")
    }

    /// The journal of who has heard all of them.
    pub(super) fn journal(&self) -> PathBuf {
        self.dir.join(HEARD)
    }

    /// The end of what was written, drill time.
    pub(super) fn end(&self) -> Result<Moment, Failure> {
        let text = files::read(&self.dir.join("end"))?;
        let end: u64 = text.trim().parse().map_err(Failure::bug)?;
        Ok(Moment(end))
    }
}

/// Measures all parts, or does one.
pub(crate) fn million(args: &MillionArgs) -> Result<(), Failure> {
    match (&args.dir, args.part) {
        (Some(dir), Some(part)) => {
            let figures = part_of(part, args.entries, dir)?;
            tell(&figures, Output::Json)
        }
        (Some(dir), None) => measure(args, dir),
        (None, _) => {
            let name = format!("liandong-million-{:016x}", u64::from_be_bytes(random()?));
            let dir = std::env::temp_dir().join(name);
            let outcome = measure(args, &dir);
            // What it could not remove, the system does.
            drop(std::fs::remove_dir_all(&dir));
            outcome
        }
    }
}

fn measure(args: &MillionArgs, dir: &Path) -> Result<(), Failure> {
    files::make_folder(dir)?;
    is_of_this(args.entries, dir)?;
    let mut figures = Map::new();
    figures.insert("suite".into(), "virtual-blake3".into());
    figures.insert("promised_heard_resident_mb".into(), 200.into());
    figures.insert("promised_journal_over_carried_percent".into(), 150.into());
    figures.insert("promised_rejoin_drill_s".into(), 10.into());
    // What takes long is kept, with what it printed, once it is whole.
    for part in ["write", "hear"] {
        let done = dir.join(format!("{part}.json"));
        if !done.exists() {
            if part == "hear" {
                // What it left when it did not end.
                files::remove_journal(&dir.join(HEARD))?;
            }
            progress(&format!("part \"{part}\" …"));
            let found = apart(args, dir, part)?;
            let text = serde_json::to_string(&found).map_err(Failure::bug)?;
            files::write(&done, &text)?;
        }
        let found: Map<String, Value> =
            serde_json::from_str(&files::read(&done)?).map_err(Failure::bug)?;
        figures.extend(found);
    }
    for part in ["boot", "verify", "rejoin"] {
        progress(&format!("part \"{part}\" …"));
        figures.extend(apart(args, dir, part)?);
    }
    let of = |name: &str| figures.get(name).and_then(Value::as_u64);
    if let (Some(journal), Some(carried)) = (of("journal_mb"), of("carried_mb")) {
        let percent = journal * 100 / carried.max(1);
        figures.insert("journal_over_carried_percent".into(), percent.into());
    }
    tell(&figures, args.output)
}

/// Refuses a folder that holds another number of entries than is asked for.
fn is_of_this(entries: u64, dir: &Path) -> Result<(), Failure> {
    let asked = dir.join("asked");
    if !asked.exists() {
        return files::write(&asked, &entries.to_string());
    }
    let before = files::read(&asked)?;
    if before.trim() == entries.to_string() {
        return Ok(());
    }
    let what = format!(
        "{} holds {} entries, not {entries}; pass another --dir, or --entries {}",
        dir.display(),
        before.trim(),
        before.trim()
    );
    Err(Failure::new(Code::Data, what))
}

/// Does a part in a process of its own.
fn apart(args: &MillionArgs, dir: &Path, part: &str) -> Result<Map<String, Value>, Failure> {
    let program = std::env::current_exe().map_err(Failure::bug)?;
    let entries = args.entries.to_string();
    let done = Command::new(program)
        .args(["bench", "million", "--part", part, "--entries", &entries])
        .arg("--dir")
        .arg(dir)
        .stderr(Stdio::inherit())
        .output()
        .map_err(Failure::bug)?;
    if !done.status.success() {
        let what = format!("the part \"{part}\" failed; see the lines above");
        return Err(Failure::new(Code::TryLater, what));
    }
    serde_json::from_slice(&done.stdout).map_err(Failure::bug)
}

fn part_of(part: MillionPart, entries: u64, dir: &Path) -> Result<Map<String, Value>, Failure> {
    let (scenario, region) = month()?;
    if part == MillionPart::Write {
        return write(&scenario, &region, (entries, dir));
    }
    let cast = Cast::of_seed(&region, SEED, Suite::Virtual, scenario.start);
    let ground = Ground {
        drill: Drill::new(scenario, region, SEED, cast),
        dir: dir.to_owned(),
    };
    match part {
        MillionPart::Hear => hear(&ground),
        MillionPart::Boot => boot(&ground),
        MillionPart::Verify => verify(&ground),
        MillionPart::Rejoin | MillionPart::Write => rejoin::rejoin(&ground),
    }
}

fn month() -> Result<(Scenario, Arc<Region>), Failure> {
    Scenario::parse(MONTH.0, MONTH.1, &|_| None).map_err(Failure::bug)
}

/// Plays the month until so many entries were published, and keeps them.
fn write(
    scenario: &Scenario,
    region: &Arc<Region>,
    (entries, dir): (u64, &Path),
) -> Result<Map<String, Value>, Failure> {
    let began = Instant::now();
    let minutes = entries * 24 * 60 / ENTRIES_A_DAY + 60;
    let options = SimulateOptions {
        seed: Some(SEED),
        until: Some(scenario.start + Span::minutes(minutes)),
        recording: Recording::On,
        drain: Span::ZERO,
        ..SimulateOptions::default()
    };
    let path = dir.join("entries.mlog");
    let file = File::create(&path).map_err(|error| Failure::file(&path, &error))?;
    let mut file = BufWriter::new(file);
    let (mut written, mut end, mut failed) = (0, scenario.start, None);
    simulate(scenario, region, &options, |told| {
        for line in &told.lines {
            if written >= entries || !line.contains("\"topic\":\"log/") {
                continue;
            }
            let Ok(Record::Frame { at, text, .. }) = serde_json::from_str(line) else {
                continue;
            };
            let before = written;
            written += text.lines().count() as u64 - 1;
            if before / SAY_EVERY < written / SAY_EVERY {
                progress(&format!("{written} of {entries} entries written"));
            }
            end = at;
            if let Err(error) = writeln!(file, "{line}") {
                failed.get_or_insert(error);
            }
        }
    });
    let flushed = file.flush();
    if let Some(error) = failed.or_else(|| flushed.err()) {
        return Err(Failure::file(&path, &error));
    }
    files::write(&dir.join("end"), &end.0.to_string())?;
    let mut figures = Map::new();
    figures.insert("written".into(), written.into());
    let hours = end.since(scenario.start).whole_seconds() / 3_600;
    figures.insert("written_drill_h".into(), hours.into());
    figures.insert(
        "write_wall_s".into(),
        rounded(began.elapsed().as_secs_f64()),
    );
    Ok(figures)
}

/// The observer hears every entry as it was published.
fn hear(ground: &Ground) -> Result<Map<String, Value>, Failure> {
    let roster = &ground.drill.cast().roster_log;
    let start = ground.drill.scenario().start;
    let office = ground.drill.observer();
    let seed = Seed(Hash::of(b"holder"));
    let mut machine = Machine::boot(office, (&ground.journal(), roster), start, seed)?;
    let began = Instant::now();
    let path = ground.entries();
    let file = File::open(&path).map_err(|error| Failure::file(&path, &error))?;
    let mut carried = 0;
    let mut at = start;
    for line in BufReader::new(file).lines() {
        let line = line.map_err(|error| Failure::file(&path, &error))?;
        let Ok(Record::Frame {
            at: when,
            topic,
            text,
        }) = serde_json::from_str(&line)
        else {
            return Err(Failure::bug("a line that was written here cannot be read"));
        };
        let author = topic.strip_prefix("log/").unwrap_or_default();
        let author = author.parse().map_err(Failure::bug)?;
        carried += text.len();
        at = when;
        machine.hear(at, Topic::Log(author), &text)?;
        machine.said.clear();
        if machine.is_full() {
            machine.flush(at)?;
        }
    }
    machine.flush(at)?;
    let wall = began.elapsed();
    let figures = json!({
        "entries": machine.journal.stats().envelopes,
        "hear_wall_s": rounded(wall.as_secs_f64()),
        "heard_resident_mb": resident_mb(),
        "heard_peak_mb": peak_mb(),
        "carried_mb": carried / 1_000_000,
    });
    drop(machine);
    Ok(as_map(figures))
}

/// The same office boots again, on what it has recorded.
fn boot(ground: &Ground) -> Result<Map<String, Value>, Failure> {
    let roster = &ground.drill.cast().roster_log;
    let (at, seed) = (ground.end()?, Seed(Hash::of(b"again")));
    let began = Instant::now();
    let office = ground.drill.observer();
    let machine = Machine::boot(office, (&ground.journal(), roster), at, seed)?;
    let wall = began.elapsed();
    let (resident, peak) = (resident_mb(), peak_mb());
    let disk = machine.journal.stats();
    let authors = machine.office.picture().authors().values();
    let states: usize = authors.map(|author| author.state.text().len()).sum();
    let lines = disk.line_bytes.max(1);
    let per_cent = disk.file_bytes.saturating_mul(100) / lines;
    Ok(as_map(json!({
        "boot_wall_s": rounded(wall.as_secs_f64()),
        "booted_resident_mb": resident,
        "booted_peak_mb": peak,
        "states_mb": states / 1_000_000,
        "lines_mb": lines / 1_000_000,
        "journal_mb": disk.file_bytes / 1_000_000,
        "journal_over_lines_percent": per_cent,
    })))
}

fn verify(ground: &Ground) -> Result<Map<String, Value>, Failure> {
    let began = Instant::now();
    let found = journal::verify(&ground.journal())?;
    if let Some(fault) = found.fault {
        return Err(Failure::new(Code::Data, fault));
    }
    Ok(as_map(json!({
        "verify_wall_s": rounded(began.elapsed().as_secs_f64()),
    })))
}

pub(super) fn as_map(figures: Value) -> Map<String, Value> {
    match figures {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
