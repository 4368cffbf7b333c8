//! What is wrong with an office's files: where it stands, what it is, what to do about it.
//!
//! An office that starts stops at the first; `liandong doctor` lists all.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::failure::{Code, Failure};

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Names the kind of fault, for other programs.
    pub(crate) code: &'static str,
    /// The file that is wrong, or whose words are.
    pub(crate) file: PathBuf,
    /// The line in it, from 1.
    pub(crate) line: Option<usize>,
    /// What is wrong.
    pub(crate) what: String,
    /// What to do.
    pub(crate) remedy: String,
    /// How a command ends that cannot go on.
    exit: Code,
}

impl Finding {
    pub(crate) fn new(
        code: &'static str,
        file: &Path,
        what: impl fmt::Display,
        remedy: impl fmt::Display,
    ) -> Self {
        Self {
            code,
            file: file.to_path_buf(),
            line: None,
            what: what.to_string(),
            remedy: remedy.to_string(),
            exit: Code::Config,
        }
    }

    /// The same in a line of the file.
    pub(crate) fn at(self, line: Option<usize>) -> Self {
        Self { line, ..self }
    }

    /// The same, with which a command ends otherwise than as with a bad configuration.
    pub(crate) fn ends_with(self, exit: Code) -> Self {
        Self { exit, ..self }
    }

    /// A file that cannot be read or written.
    pub(crate) fn file(code: &'static str, path: &Path, error: &std::io::Error) -> Self {
        let failure = Failure::file(path, error);
        let exit = failure.code;
        let said = failure.to_string();
        let said = said.strip_prefix(&format!("{}: ", path.display()));
        let said = said.map_or_else(|| failure.to_string(), str::to_owned);
        let (what, remedy) = what_and_remedy(&said, "check the path");
        Self::new(code, path, what, remedy).ends_with(exit)
    }
}

/// The two halves of an error's text: what is wrong, and what to do; the usual remedy if it says none.
pub(crate) fn what_and_remedy<'a>(told: &'a str, usual: &'a str) -> (&'a str, &'a str) {
    told.split_once("; ").unwrap_or((told, usual))
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, "{line}:")?;
        }
        write!(f, " {}; {}", self.what, self.remedy)
    }
}

impl From<Vec<Finding>> for Failure {
    fn from(findings: Vec<Finding>) -> Self {
        let code = findings.first().map_or(Code::Config, |it| it.exit);
        let lines: Vec<String> = findings.iter().map(Finding::to_string).collect();
        Self::new(code, lines.join("\n"))
    }
}

impl From<Finding> for Failure {
    fn from(finding: Finding) -> Self {
        Self::new(finding.exit, finding)
    }
}
