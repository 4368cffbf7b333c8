//! What a run leaves behind: its recording and the account of it.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::cli::{Lang, ReportArgs};
use crate::failure::{Code, Failure};
use crate::files;

/// The name of a recording in a run's folder.
pub(crate) const RECORDING: &str = "recording.mlog";

/// A recording as it is written.
pub(crate) struct RecordingFile {
    path: PathBuf,
    file: BufWriter<std::fs::File>,
}

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
        })
    }

    /// Adds lines.
    pub(crate) fn write(&mut self, lines: &[String]) -> Result<(), Failure> {
        for line in lines {
            writeln!(self.file, "{line}").map_err(|error| Failure::file(&self.path, &error))?;
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
    let recording = if args.run.is_dir() {
        args.run.join(RECORDING)
    } else {
        args.run.clone()
    };
    let folder = args
        .out
        .clone()
        .or_else(|| recording.parent().map(Path::to_path_buf))
        .unwrap_or_else(|| PathBuf::from("."));
    let pages = account(&recording, &folder, args.lang.unwrap_or(Lang::Zh))?;
    for page in pages {
        drop(writeln!(std::io::stdout(), "{}", page.display()));
    }
    Ok(())
}

/// Makes the account of a recording in a folder, and names what it wrote.
pub(crate) fn account(
    recording: &Path,
    folder: &Path,
    lang: Lang,
) -> Result<Vec<PathBuf>, Failure> {
    let file = std::fs::File::open(recording).map_err(|error| Failure::file(recording, &error))?;
    let lines = BufReader::new(file).lines().map_while(Result::ok);
    let ground = ground_of(recording)?;
    let report = report::from_recording(lines, &ground)
        .map_err(|error| Failure::new(Code::Data, format!("{}: {error}", recording.display())))?;
    let lang = match lang {
        Lang::Zh => report::Language::Chinese,
        Lang::En => report::Language::English,
    };
    let pages = [
        ("report.html", report.to_html(lang)),
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
    Ok(written)
}

/// The ground of the region that a recording names.
fn ground_of(recording: &Path) -> Result<report::Ground, Failure> {
    let file = std::fs::File::open(recording).map_err(|error| Failure::file(recording, &error))?;
    let first = BufReader::new(file)
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
