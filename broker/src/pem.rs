//! Files of certificates, keys and revocations: however much a path gives, no more of it is read than such a
//! file may have.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;

use crate::limit::PEM_BYTES;

/// Reads such a file whole.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(PEM_BYTES + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > PEM_BYTES {
        let what = format!("it has more than the {PEM_BYTES} bytes that such a file may have");
        return Err(Error::new(ErrorKind::FileTooLarge, what));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_end_is_refused() {
        let endless = read(Path::new("/dev/zero")).unwrap_err();
        assert_eq!(endless.kind(), ErrorKind::FileTooLarge);
    }
}
