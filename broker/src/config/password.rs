//! Passwords for the hop, kept as hashes: a line a party, `440400:$argon2id$…`.

use std::collections::BTreeMap;
use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use protocol::PartyId;

/// The hashes of parties' passwords.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Passwords(Arc<BTreeMap<PartyId, String>>);

/// Why passwords cannot be read or hashed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// A line is none.
    #[error(
        "line {line} is not PARTY:HASH, a hash beginning with $argon2id$; write it anew with liandong keys password"
    )]
    Line {
        /// Its number, from 1.
        line: usize,
    },
    /// A party has two.
    #[error("line {line} gives {party} a second password; keep one")]
    Twice {
        /// Its number, from 1.
        line: usize,
        /// Whose.
        party: PartyId,
    },
    /// The system gives no random salt.
    #[error("the password cannot be hashed: {0}; the system may have no random numbers yet")]
    Hash(String),
}

impl Passwords {
    /// Reads the lines of a file; empty ones and those that begin with `#` say nothing.
    pub fn parse(text: &str) -> Result<Self, PasswordError> {
        let mut hashes = BTreeMap::new();
        for (index, written) in text.lines().enumerate() {
            let (line, written) = (index + 1, written.trim());
            if written.is_empty() || written.starts_with('#') {
                continue;
            }
            let read = written.split_once(':').and_then(|(party, hash)| {
                PasswordHash::new(hash).ok()?;
                let is_ours = hash.starts_with("$argon2id$");
                is_ours.then_some((party.parse().ok()?, hash.to_owned()))
            });
            let (party, hash): (PartyId, String) = read.ok_or(PasswordError::Line { line })?;
            if hashes.insert(party, hash).is_some() {
                return Err(PasswordError::Twice { line, party });
            }
        }
        Ok(Self(Arc::new(hashes)))
    }

    /// The line of a party with this password.
    pub fn line(party: PartyId, password: &[u8]) -> Result<String, PasswordError> {
        let hash = Argon2::default().hash_password(password);
        let hash = hash.map_err(|error| PasswordError::Hash(error.to_string()))?;
        Ok(format!("{party}:{hash}"))
    }

    /// Whether nobody has one.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Who has one.
    pub fn parties(&self) -> impl Iterator<Item = PartyId> {
        self.0.keys().copied()
    }

    /// Whether a party has one.
    pub(crate) fn has(&self, party: PartyId) -> bool {
        self.0.contains_key(&party)
    }

    /// Whether it is the party's. Takes as long for a party that has none, some tens of milliseconds.
    pub(crate) fn admit(&self, party: PartyId, password: &[u8]) -> bool {
        let known = self.0.get(&party);
        let Some(hash) = known.or_else(|| self.0.values().next()) else {
            return false;
        };
        let fits = PasswordHash::new(hash)
            .is_ok_and(|hash| Argon2::default().verify_password(password, &hash).is_ok());
        known.is_some() && fits
    }
}

/// Names the parties and nothing of their passwords, not even the hashes.
impl std::fmt::Debug for Passwords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(name: &str) -> PartyId {
        name.parse().unwrap()
    }

    #[test]
    fn a_password_is_known_by_its_hash_and_nobody_else_s_is_taken() {
        let line = Passwords::line(party("440400"), b"sesame").unwrap();
        assert!(!line.contains("sesame"));
        let passwords = Passwords::parse(&format!("# hop\n\n{line}\n")).unwrap();
        assert!(passwords.admit(party("440400"), b"sesame"));
        assert!(!passwords.admit(party("440400"), b"Sesame"));
        assert!(!passwords.admit(party("440100"), b"sesame"));
        assert!(!Passwords::default().admit(party("440400"), b""));
        assert_eq!(format!("{passwords:?}"), "{440400}");
        assert!(passwords.parties().eq([party("440400")]));
    }

    #[test]
    fn a_file_with_a_password_in_clear_is_refused_by_its_line() {
        let wrong = Passwords::parse("# hop\n440400:sesame").unwrap_err();
        assert_eq!(wrong, PasswordError::Line { line: 2 });
        let line = Passwords::line(party("440400"), b"sesame").unwrap();
        let twice = Passwords::parse(&format!("{line}\n{line}")).unwrap_err();
        assert!(matches!(twice, PasswordError::Twice { line: 2, .. }));
    }
}
