//! Keys and signatures. The suite has an id in every header, so that another one (SM2, for one) can
//! join without breaking a log.

use std::fmt;
use std::sync::Arc;

use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::hash::{Digits, HexVisitor, hex};
use crate::id::PartyId;

/// A way of signing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Suite {
    /// Ed25519 over the message (RFC 8032), verified strictly.
    #[serde(rename = "ed25519")]
    Ed25519,
    /// A keyed BLAKE3 tag whose key is public: worth nothing against an enemy, quick for virtual
    /// time, and refused by every network that is not virtual.
    #[serde(rename = "virtual-blake3")]
    Virtual,
}

/// The public half of a key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey(pub [u8; 32]);

/// The first eight bytes of a public key's digest: names the key in a header.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 8]);

/// A signature.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub [u8; 64]);

/// Signs for one party. Its secret never leaves it: there is no way to print or to serialise it.
#[derive(Clone)]
pub struct Signer {
    party: PartyId,
    key: KeyId,
    public: PublicKey,
    secret: Secret,
}

#[derive(Clone)]
enum Secret {
    Ed25519(Arc<SigningKey>),
    Virtual(PublicKey),
}

impl Signer {
    /// A signer of the suite from 32 secret bytes.
    pub fn new(party: PartyId, suite: Suite, secret: [u8; 32]) -> Self {
        let (public, secret) = match suite {
            Suite::Ed25519 => {
                let key = SigningKey::from_bytes(&secret);
                (
                    PublicKey(key.verifying_key().to_bytes()),
                    Secret::Ed25519(Arc::new(key)),
                )
            }
            Suite::Virtual => {
                let public = PublicKey(*blake3::hash(&secret).as_bytes());
                (public, Secret::Virtual(public))
            }
        };
        Self {
            party,
            key: public.id(),
            public,
            secret,
        }
    }

    /// Who signs.
    pub fn party(&self) -> PartyId {
        self.party
    }

    /// The key's name.
    pub fn key(&self) -> KeyId {
        self.key
    }

    /// The key's public half.
    pub fn public(&self) -> PublicKey {
        self.public
    }

    /// How it signs.
    pub fn suite(&self) -> Suite {
        match self.secret {
            Secret::Ed25519(_) => Suite::Ed25519,
            Secret::Virtual(_) => Suite::Virtual,
        }
    }

    /// Signs the message.
    pub fn sign(&self, message: &[u8]) -> Signature {
        match &self.secret {
            Secret::Ed25519(key) => Signature(key.sign(message).to_bytes()),
            Secret::Virtual(public) => virtual_tag(*public, [message, &[]]),
        }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("party", &self.party)
            .finish_non_exhaustive()
    }
}

impl PublicKey {
    /// The name of the key.
    pub fn id(&self) -> KeyId {
        let mut id = [0; 8];
        id.copy_from_slice(&blake3::hash(&self.0).as_bytes()[..8]);
        KeyId(id)
    }

    /// Whether there can be a signature by it: not by any 32 bytes.
    pub fn can_verify(&self, suite: Suite) -> bool {
        match suite {
            Suite::Ed25519 => VerifyingKey::from_bytes(&self.0).is_ok_and(|key| !key.is_weak()),
            Suite::Virtual => true,
        }
    }

    /// Whether the signature is this key's over the message, which comes in two parts.
    pub fn verifies(&self, suite: Suite, message: [&[u8]; 2], signature: &Signature) -> bool {
        match suite {
            Suite::Ed25519 => VerifyingKey::from_bytes(&self.0).is_ok_and(|key| {
                let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
                key.verify_strict(&message.concat(), &signature).is_ok()
            }),
            Suite::Virtual => virtual_tag(*self, message) == *signature,
        }
    }
}

fn virtual_tag(public: PublicKey, message: [&[u8]; 2]) -> Signature {
    let mut hasher = blake3::Hasher::new_keyed(&public.0);
    hasher.update(message[0]).update(message[1]);
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(hasher.finalize().as_bytes());
    Signature(bytes)
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.id())
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Digits::of(&self.0).as_str())
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0[..4]))
    }
}

macro_rules! hexadecimal {
    ($($name:ident($bytes:literal);)*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(Digits::of(&self.0).as_str())
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer
                    .deserialize_str(HexVisitor::<$bytes>)
                    .map(Self)
                    .map_err(D::Error::custom)
            }
        }
    )*};
}

hexadecimal! {
    PublicKey(32);
    KeyId(8);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(suite: Suite, secret: u8) -> Signer {
        Signer::new("440400".parse().unwrap(), suite, [secret; 32])
    }

    #[test]
    fn a_signature_holds_for_its_message_its_key_and_its_suite_alone() {
        for suite in [Suite::Ed25519, Suite::Virtual] {
            let ours = signer(suite, 1);
            let other = signer(suite, 2);
            let signature = ours.sign(b"commit");
            assert!(ours.public().verifies(suite, [b"com", b"mit"], &signature));
            assert!(!ours.public().verifies(suite, [b"commit", b"!"], &signature));
            assert!(!other.public().verifies(suite, [b"commit", b""], &signature));
        }
        let tag = signer(Suite::Virtual, 1).sign(b"commit");
        assert!(!signer(Suite::Ed25519, 1).public().verifies(
            Suite::Ed25519,
            [b"commit", b""],
            &tag
        ));
    }

    #[test]
    fn bytes_that_no_signature_can_fit_are_no_key() {
        assert!(
            signer(Suite::Ed25519, 1)
                .public()
                .can_verify(Suite::Ed25519)
        );
        // The neutral point, one of small order, and what is no point at all.
        let mut neutral = [0; 32];
        neutral[0] = 1;
        for bytes in [neutral, [0; 32], [2; 32]] {
            assert!(!PublicKey(bytes).can_verify(Suite::Ed25519), "{bytes:?}");
        }
    }

    #[test]
    fn a_signer_never_prints_its_secret() {
        let text = format!("{:?}", signer(Suite::Ed25519, 0xab));
        assert!(!text.contains("abab"), "{text}");
    }
}
