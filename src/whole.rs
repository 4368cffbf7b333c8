//! Files that are read whole: however much a path gives, no more of it is read than such a file may have.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;

/// The most that a file of settings, a key or passwords may have: far more than anybody writes by hand.
pub(crate) const SETTINGS_BYTES: u64 = 1 << 20;

/// The most that a scenario, a file of a region pack, an inventory or what a drill puts down may have: the
/// largest that is shipped has a hundredth.
pub(crate) const WRITTEN_BYTES: u64 = 16 << 20;

/// The most that a roster file may have: some 50,000 changes, a region's for many years.
pub(crate) const ROSTER_BYTES: u64 = 64 << 20;

/// Reads a file of at most so many bytes.
pub(crate) fn bytes(path: &Path, most: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        let what = format!("it has more than the {most} bytes that such a file may have");
        return Err(Error::new(ErrorKind::FileTooLarge, what));
    }
    Ok(bytes)
}

/// Reads a text of at most so many bytes.
pub(crate) fn text(path: &Path, most: u64) -> Result<String> {
    String::from_utf8(bytes(path, most)?).map_err(|error| Error::new(ErrorKind::InvalidData, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_at_its_limit_is_read_and_one_without_end_is_refused() {
        let path = std::env::temp_dir().join(format!("liandong-{}-whole", std::process::id()));
        std::fs::write(&path, "潮位").unwrap();
        assert_eq!(text(&path, 6).unwrap(), "潮位");
        assert_eq!(text(&path, 5).unwrap_err().kind(), ErrorKind::FileTooLarge);
        std::fs::remove_file(&path).unwrap();
        let endless = bytes(Path::new("/dev/zero"), 1 << 10).unwrap_err();
        assert_eq!(endless.kind(), ErrorKind::FileTooLarge);
    }
}
