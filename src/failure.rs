//! Why a command ends without having done what it was asked, and with which exit code.

use std::fmt;
use std::io::ErrorKind;
use std::path::Path;

use broker::BrokerError;
use journal::JournalError;

/// Exit codes as architecture.md lists them (sysexits).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// Bad data, or findings of a check.
    Data = 65,
    /// An input is missing.
    NoInput = 66,
    /// A broker cannot be reached, or a port is in use.
    Unavailable = 69,
    /// A bug of ours.
    Bug = 70,
    /// The same may work later.
    TryLater = 75,
    /// Not permitted.
    NoPermission = 77,
    /// Bad configuration.
    Config = 78,
    /// Ended in order by SIGINT, as a shell counts signals.
    Interrupted = 130,
    /// Ended in order by SIGTERM.
    Terminated = 143,
}

/// A failure with its exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: Code,
    pub(crate) error: anyhow::Error,
}

impl Failure {
    /// A failure with its words.
    pub(crate) fn new(code: Code, error: impl fmt::Display) -> Self {
        Self {
            code,
            error: anyhow::anyhow!("{error}"),
        }
    }

    /// Something that only a bug of ours can cause.
    pub(crate) fn bug(error: impl fmt::Display) -> Self {
        Self::new(Code::Bug, error)
    }

    /// A bus that cannot be opened, with the option by which it listens elsewhere.
    pub(crate) fn bus(error: BrokerError, option: &str) -> Self {
        match &error {
            BrokerError::InUse(_) | BrokerError::Listen { .. } => {
                Self::new(Code::Unavailable, format!("{error} with {option}"))
            }
            _ => error.into(),
        }
    }

    /// A file that cannot be read or written.
    pub(crate) fn file(path: &Path, error: &std::io::Error) -> Self {
        let plain = |code, remedy: &str| (code, format!("{error}; {remedy}"));
        let (code, why) = match error.kind() {
            ErrorKind::NotFound => plain(Code::NoInput, "check the path"),
            ErrorKind::PermissionDenied => plain(
                Code::NoPermission,
                "ask its owner for the right, or name another path",
            ),
            ErrorKind::InvalidData => (
                Code::Data,
                "it is not UTF-8 text; save the file as UTF-8, or name another one".to_owned(),
            ),
            ErrorKind::FileTooLarge => plain(Code::Data, "name another one"),
            ErrorKind::IsADirectory => (
                Code::NoInput,
                "a folder stands where a file is expected; name a file".to_owned(),
            ),
            ErrorKind::NotADirectory | ErrorKind::AlreadyExists => (
                Code::NoPermission,
                "a file stands in the way and is not overwritten; name another path".to_owned(),
            ),
            ErrorKind::StorageFull => plain(Code::TryLater, "make room on the disk"),
            _ => plain(Code::TryLater, "try again"),
        };
        Self::new(code, format!("{}: {why}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error)
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        let code = match &error {
            JournalError::Missing { .. } => Code::NoInput,
            JournalError::Locked { .. } | JournalError::Full { .. } => Code::TryLater,
            JournalError::ReadOnly { .. } => Code::NoPermission,
            _ => Code::Data,
        };
        Self {
            code,
            error: error.into(),
        }
    }
}

impl From<broker::LinkError> for Failure {
    fn from(error: broker::LinkError) -> Self {
        Self {
            code: Code::Config,
            error: error.into(),
        }
    }
}

impl From<BrokerError> for Failure {
    fn from(error: BrokerError) -> Self {
        Self {
            code: Code::Unavailable,
            error: error.into(),
        }
    }
}

impl From<broker::UrlError> for Failure {
    fn from(error: broker::UrlError) -> Self {
        Self {
            code: Code::Config,
            error: error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Error;

    use super::*;

    #[test]
    fn a_file_s_failure_says_what_to_do_and_only_a_passing_one_says_try_later() {
        for (kind, code, remedy) in [
            (ErrorKind::NotFound, Code::NoInput, "check the path"),
            (ErrorKind::InvalidData, Code::Data, "save the file as UTF-8"),
            (ErrorKind::IsADirectory, Code::NoInput, "name a file"),
            (
                ErrorKind::NotADirectory,
                Code::NoPermission,
                "name another path",
            ),
            (ErrorKind::Interrupted, Code::TryLater, "try again"),
        ] {
            let failure = Failure::file(Path::new("run/x"), &Error::from(kind));
            assert_eq!(failure.code, code, "{failure}");
            let said = failure.to_string();
            assert!(
                said.starts_with("run/x: ") && said.contains(remedy),
                "{said}"
            );
        }
    }
}
