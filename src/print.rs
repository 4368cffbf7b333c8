//! What a command answers, on standard output. Whoever reads it may have seen enough and gone: that is no
//! failure, and the command ends with the verdict that it would have had.

use std::fmt;
use std::io::{self, ErrorKind, Write, stdout};

use crate::failure::{Code, Failure};

/// Prints a line.
pub(crate) fn line(line: impl fmt::Display) -> Result<(), Failure> {
    said(writeln!(stdout(), "{line}"))
}

/// Prints a text that has its own line ends.
pub(crate) fn text(text: impl fmt::Display) -> Result<(), Failure> {
    said(write!(stdout(), "{text}"))
}

fn said(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            let what =
                format!("standard output: {error}; make room where it goes, or send it elsewhere");
            Err(Failure::new(Code::TryLater, what))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Error;

    use super::*;

    #[test]
    fn a_reader_that_has_gone_is_no_failure_and_a_full_disk_is_one() {
        assert!(said(Err(Error::from(ErrorKind::BrokenPipe))).is_ok());
        let full = said(Err(Error::from(ErrorKind::StorageFull))).unwrap_err();
        assert_eq!(full.code, Code::TryLater);
    }
}
