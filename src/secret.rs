//! Where secrets come from: a file that nobody else can read, a credential of systemd, the environment.
//!
//! Never an argument, which every process of the machine can see. What is read is handed on and never
//! printed; errors tell the place alone.

use std::fmt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::failure::Code;
use crate::finding::Finding;
use crate::whole;

/// Where systemd puts the credentials of a service (systemd.exec, LoadCredential).
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// Bits by which others than a file's owner can use it.
const OTHERS: u32 = 0o077;

/// Where a secret lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SecretPlace {
    /// A file.
    File(PathBuf),
    /// A credential of the service, by its name.
    Credential(String),
    /// A variable of the environment.
    Variable(String),
}

impl SecretPlace {
    /// `office.key`, `credential:office.key` or `env:LIANDONG_KEY`; a file lies beside the settings.
    pub(crate) fn named(text: &str, beside: impl FnOnce(&str) -> PathBuf) -> Self {
        match text.split_once(':') {
            Some(("credential", name)) => Self::Credential(name.to_owned()),
            Some(("env", name)) => Self::Variable(name.to_owned()),
            _ => Self::File(beside(text)),
        }
    }

    /// The file that it is read from; `None` if it comes from the environment.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        match self {
            Self::File(path) => Some(path.clone()),
            Self::Credential(name) => {
                Some(PathBuf::from(std::env::var_os(CREDENTIALS)?).join(name))
            }
            Self::Variable(_) => None,
        }
    }

    /// Reads the secret.
    pub(crate) fn read(&self) -> Result<String, Finding> {
        let shown = PathBuf::from(self.to_string());
        match self {
            Self::File(path) => {
                is_its_owners_alone(path, Holds::Key)?;
                whole::text(path, whole::SETTINGS_BYTES)
                    .map_err(|error| Finding::file("secret-unreadable", path, &error))
            }
            Self::Credential(name) => {
                let Some(file) = self.file() else {
                    let what = format!("no service manager handed over credential \"{name}\"");
                    let remedy = format!(
                        "start it as a service with LoadCredential={name}:FILE, or name a file"
                    );
                    return Err(Finding::new("secret-unreadable", &shown, what, remedy));
                };
                // systemd itself sees to who can read it, by an ACL that a mode does not show.
                whole::text(&file, whole::SETTINGS_BYTES)
                    .map_err(|error| Finding::file("secret-unreadable", &file, &error))
            }
            Self::Variable(name) => std::env::var(name).map_err(|_| {
                let what = format!("the environment has no variable {name}");
                let remedy = "set it for this process, or name a file";
                Finding::new("secret-unreadable", &shown, what, remedy)
            }),
        }
    }
}

/// Whether an argument of a command holds a password, as the address of a bus may: every process of the
/// machine could read it. A text may hold addresses too: one that is a host and its port ends there.
pub(crate) fn is_shown_in(argument: &str) -> bool {
    argument.match_indices("://").any(|(at, mark)| {
        let of_a_bus = ["mqtt", "mqtts", "ws", "wss"]
            .iter()
            .any(|scheme| argument[..at].ends_with(scheme));
        let rest = &argument[at + mark.len()..];
        let place = rest.split(['/', '?']).next().unwrap_or_default();
        let breaks = |c: char| c.is_whitespace() || !c.is_ascii();
        let (head, _) = place.split_at(place.find(breaks).unwrap_or(place.len()));
        let place = if is_host(head) { head } else { place };
        let login = place.rsplit_once('@');
        of_a_bus && login.is_some_and(|(login, _)| login.contains(':'))
    })
}

/// Whether this is a host, with its port or without: no password stands in it.
fn is_host(text: &str) -> bool {
    let (host, port) = text.split_once(':').unwrap_or((text, "1883"));
    let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    !host.is_empty() && host.chars().all(named) && port.parse::<u16>().is_ok()
}

impl fmt::Display for SecretPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Credential(name) => write!(f, "credential:{name}"),
            Self::Variable(name) => write!(f, "env:{name}"),
        }
    }
}

/// What a secret file holds, and with it what is made anew when others may have read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// A key that signs, or a certificate's.
    Key,
    /// Passwords, or their hashes.
    Passwords,
}

/// Refuses a secret that others can read.
pub(crate) fn is_its_owners_alone(path: &Path, holds: Holds) -> Result<(), Finding> {
    let about = std::fs::metadata(path)
        .map_err(|error| Finding::file("secret-unreadable", path, &error))?;
    let mode = about.permissions().mode() & 0o777;
    if mode & OTHERS == 0 {
        return Ok(());
    }
    let what = format!("can be used by others (mode {mode:03o})");
    let remedy = match holds {
        Holds::Key => "run chmod 600 on it, and make a new key if in doubt",
        Holds::Passwords => {
            "run chmod 600 on it, and give each party in it a new password if in doubt (`liandong keys password`)"
        }
    };
    Err(Finding::new("secret-mode", path, what, remedy).ends_with(Code::NoPermission))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_leaves_passwords_to_others_is_told_to_make_passwords_and_no_key() {
        let path = std::env::temp_dir().join(format!("liandong-{}-holds", std::process::id()));
        std::fs::write(&path, "").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let told = |holds| is_its_owners_alone(&path, holds).unwrap_err().to_string();
        assert!(told(Holds::Passwords).contains("(mode 640); run chmod 600 on it, and give each"));
        assert!(told(Holds::Key).contains("make a new key if in doubt"));
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn a_password_in_an_address_among_the_arguments_is_seen() {
        for shown in [
            "mqtt://u:p@h:1883,h2",
            "--bus=mqtts://u:p@h?ca=ca.pem",
            "mqtt://:p@h",
            "see http://h and mqtt://u:p@h",
            "mqtt://guangzhou:密码123@10.0.0.1",
            "mqtt://u:my pass@h",
            "mqtt://珠海:pw@h",
        ] {
            assert!(is_shown_in(shown), "{shown}");
        }
        for open in [
            "mqtt://h:1883",
            "mqtts://h?ca=a:b@c",
            "mqtt://u@h:1",
            "a:b@c",
            "note: see http://u:p@h",
            "mqtt://10.0.0.5:8883 断线，请联系 duty@zhuhai",
            "mqtt://10.0.0.5:8883，请联系 duty@zhuhai",
            "mqtt://zhuhai 断线: 找 duty@zhuhai",
        ] {
            assert!(!is_shown_in(open), "{open}");
        }
    }
}
