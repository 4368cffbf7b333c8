//! Files of certificates, keys and revocations: however much a path gives, no more of it is read than such a
//! file may have.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result};
use std::path::{Path, PathBuf};

use crate::limit::PEM_BYTES;

/// Where systemd puts the credentials of a service (systemd.exec, LoadCredential).
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

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

/// Whether others than its owner can use a file. Of a credential systemd itself sees to that, by an ACL that
/// a mode does not show.
pub(crate) fn is_open(path: &Path) -> Result<bool> {
    let credentials = std::env::var_os(CREDENTIALS).map(PathBuf::from);
    is_open_beyond(path, credentials.as_deref())
}

#[cfg(unix)]
fn is_open_beyond(path: &Path, credentials: Option<&Path>) -> Result<bool> {
    use std::os::unix::fs::PermissionsExt;

    /// The bits of everybody but the owner.
    const OTHERS: u32 = 0o077;
    let is_credential = credentials.is_some_and(|folder| path.starts_with(folder));
    let mode = std::fs::metadata(path)?.permissions().mode();
    Ok(!is_credential && mode & OTHERS != 0)
}

#[cfg(not(unix))]
fn is_open_beyond(_: &Path, _: Option<&Path>) -> Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_that_its_owner_s_group_can_read_is_open_unless_it_is_a_credential() {
        let folder = std::env::temp_dir().join(format!("liandong-pem-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let key = folder.join("own.key");
        std::fs::write(&key, "secret").unwrap();
        let is_open = |mode, credentials| {
            std::fs::set_permissions(&key, PermissionsExt::from_mode(mode)).unwrap();
            is_open_beyond(&key, credentials).unwrap()
        };
        assert!(!is_open(0o600, None));
        assert!(is_open(0o640, None) && is_open(0o604, Some(Path::new("/run/credentials"))));
        assert!(!is_open(0o440, Some(&folder)));
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_file_without_end_is_refused() {
        let endless = read(Path::new("/dev/zero")).unwrap_err();
        assert_eq!(endless.kind(), ErrorKind::FileTooLarge);
    }
}
