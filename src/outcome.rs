//! What a run leaves behind: its recording and the account of it.

use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::campaign;
use crate::cli::{Lang, ReportArgs, ReportVerb};
use crate::failure::{Code, Failure};
use crate::files;
use crate::whole;

/// The name of a recording in a run's folder.
pub(crate) const RECORDING: &str = "recording.mlog";

/// A recording as it is written.
pub(crate) struct RecordingFile {
    path: PathBuf,
    file: BufWriter<std::fs::File>,
    /// When its lines last went to the system, where they outlive the process.
    flushed: Option<Instant>,
}

/// How much of a recording a killed process may take with it.
const FLUSH: Duration = Duration::from_secs(1);

impl RecordingFile {
    /// Begins a recording in a run's folder; an old one is not overwritten.
    pub(crate) fn begin(folder: &Path) -> Result<Self, Failure> {
        files::make_folder(folder)?;
        let path = folder.join(RECORDING);
        let file = std::fs::File::create_new(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => Failure::new(
                Code::NoPermission,
                format!(
                    "{} exists; pass another --out, for a recording is never overwritten",
                    path.display()
                ),
            ),
            _ => Failure::file(&path, &error),
        })?;
        Ok(Self {
            path,
            file: BufWriter::new(file),
            flushed: None,
        })
    }

    /// Adds lines.
    pub(crate) fn write(&mut self, lines: &[String]) -> Result<(), Failure> {
        for line in lines {
            writeln!(self.file, "{line}").map_err(|error| Failure::file(&self.path, &error))?;
        }
        if self.flushed.is_none_or(|at| at.elapsed() >= FLUSH) && !lines.is_empty() {
            self.flushed = Some(Instant::now());
            self.file
                .flush()
                .map_err(|error| Failure::file(&self.path, &error))?;
        }
        Ok(())
    }

    /// Ends the recording.
    pub(crate) fn end(mut self) -> Result<PathBuf, Failure> {
        self.file
            .flush()
            .map_err(|error| Failure::file(&self.path, &error))?;
        Ok(self.path)
    }
}

/// The verb `report`.
pub(crate) fn report(args: &ReportArgs) -> Result<(), Failure> {
    if let Some(ReportVerb::Merge(args)) = &args.verb {
        return campaign::merge(args);
    }
    let Some(run) = &args.run else {
        return Err(Failure::new(Code::NoInput, "name a run's folder"));
    };
    let recording = if run.is_dir() {
        run.join(RECORDING)
    } else {
        run.clone()
    };
    let folder = args
        .out
        .clone()
        .or_else(|| recording.parent().map(Path::to_path_buf))
        .unwrap_or_else(|| PathBuf::from("."));
    let account = account(&recording, &folder, args.lang.unwrap_or(Lang::Zh))?;
    for page in account.pages {
        drop(writeln!(std::io::stdout(), "{}", page.display()));
    }
    let recording = recording.display();
    account.doubt.map_or(Ok(()), |doubt| {
        let what = format!("{recording}: {doubt}; the report was made of the rest and says so");
        Err(Failure::new(Code::Data, what))
    })
}

/// What was made of a recording.
pub(crate) struct Account {
    /// The files written.
    pub(crate) pages: Vec<PathBuf>,
    /// What of the recording could not be read or believed, if anything.
    pub(crate) doubt: Option<String>,
}

/// Makes the account of a recording in a folder.
pub(crate) fn account(recording: &Path, folder: &Path, lang: Lang) -> Result<Account, Failure> {
    let file = std::fs::File::open(recording).map_err(|error| Failure::file(recording, &error))?;
    let mut broken = None;
    // Bytes, not text: one damaged line must not hide those behind it.
    let lines = BufReader::new(file)
        .split(b'\n')
        .map_while(|line| line.map_err(|error| broken = Some(error)).ok());
    let ground = ground_of(recording)?;
    let report = report::from_recording(lines, &ground)
        .map_err(|error| Failure::new(Code::Data, format!("{}: {error}", recording.display())))?;
    if let Some(error) = broken {
        return Err(Failure::file(recording, &error));
    }
    let pages = [
        ("report.html", report.to_html(lang.into())),
        ("report.json", report.to_json()),
        ("response.csv", report.response_csv()),
        ("aid.csv", report.aid_csv()),
    ];
    let mut written = Vec::new();
    for (name, text) in pages {
        let path = folder.join(name);
        files::write(&path, &text)?;
        written.push(path);
    }
    Ok(Account {
        pages: written,
        doubt: doubt(&report.reading),
    })
}

/// What of a record is missing or was not believed, in one line.
fn doubt(reading: &report::Reading) -> Option<String> {
    let refused: u64 = reading.refused.values().sum();
    let unreadable = reading.unreadable + u64::from(reading.torn);
    let mut parts = Vec::new();
    if unreadable > 0 {
        parts.push(format!("{unreadable} lines cannot be read"));
    }
    if refused > 0 {
        parts.push(format!("{refused} messages do not verify"));
    }
    if !reading.ended {
        parts.push("its end is missing".to_owned());
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The ground of the region that a recording names.
fn ground_of(recording: &Path) -> Result<report::Ground, Failure> {
    let file = std::fs::File::open(recording).map_err(|error| Failure::file(recording, &error))?;
    let first = BufReader::new(file.take(whole::SETTINGS_BYTES))
        .lines()
        .next()
        .and_then(Result::ok)
        .unwrap_or_default();
    let header: protocol::RecordingHeader = serde_json::from_str(&first).map_err(|error| {
        let what = format!("{}:1: no recording of a run: {error}", recording.display());
        Failure::new(Code::Data, what)
    })?;
    let beside = recording.parent().unwrap_or_else(|| Path::new("."));
    let region = files::region(&header.region, beside)?;
    Ok(report::Ground::from(&*region))
}
