//! Why a command ends without having done what it was asked, and with which exit code.

use std::fmt;
use std::path::Path;

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

    /// A file that cannot be read or written.
    pub(crate) fn file(path: &Path, error: &std::io::Error) -> Self {
        let code = match error.kind() {
            std::io::ErrorKind::NotFound => Code::NoInput,
            std::io::ErrorKind::PermissionDenied => Code::NoPermission,
            _ => Code::TryLater,
        };
        Self::new(code, format!("{}: {error}", path.display()))
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

impl From<broker::BrokerError> for Failure {
    fn from(error: broker::BrokerError) -> Self {
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
