//! A key as a file has it: the secret half, which its owner keeps, and the public half, which the region
//! admits.
//!
//! Both name the network that the key was made for and what that network is for. A drill's key is
//! therefore refused where an actual network is meant, before anything is signed with it.

use std::path::Path;

use protocol::{Member, Mode, NetId, Network, PartyId, PublicKey, Signer, Suite, hex, unhex};
use serde::{Deserialize, Serialize};

use crate::finding::Finding;
use crate::secret::SecretPlace;
use crate::settings::Settings;
use crate::whole;

/// A secret key with its party and network. There is no way to print it but into its file.
pub(crate) struct KeyFile {
    pub(crate) party: PartyId,
    pub(crate) net: NetId,
    pub(crate) mode: Mode,
    secret: [u8; 32],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenKey {
    party: PartyId,
    network: NetId,
    mode: Mode,
    secret: String,
}

/// The public half of a key with who is to have it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PublicHalf {
    /// The network that the key was made for.
    pub(crate) network: NetId,
    /// What that network is for.
    pub(crate) mode: Mode,
    /// Whom the region is to admit.
    pub(crate) member: Member,
}

impl KeyFile {
    /// A key that was drawn for a party of a network.
    pub(crate) fn new(party: PartyId, network: &Network, secret: [u8; 32]) -> Self {
        Self {
            party,
            net: network.id,
            mode: network.mode,
            secret,
        }
    }

    /// Reads a key from where it lies.
    pub(crate) fn read(place: &SecretPlace) -> Result<Self, Finding> {
        let text = place.read()?;
        // No word of the file or of what its reader says of it is repeated: it holds a secret.
        let wrong = |what| {
            let file = Path::new(&place.to_string()).to_path_buf();
            let remedy = "make one with `liandong keys make`";
            Finding::new("key-misread", &file, what, remedy)
        };
        if unhex::<32>(text.trim()).is_ok() {
            return Err(wrong(
                "is a key of a drill, which names no network; it opens nothing outside its drill",
            ));
        }
        let written: WrittenKey =
            toml::from_str(&text).map_err(|_| wrong("is no key file that can be read"))?;
        let secret = unhex(written.secret.trim());
        Ok(Self {
            party: written.party,
            net: written.network,
            mode: written.mode,
            secret: secret.map_err(|_| wrong("holds no secret of 64 hexadecimal digits"))?,
        })
    }

    /// The file's text.
    pub(crate) fn text(&self) -> String {
        format!(
            "# Secret. Whoever reads this signs as {party}. Mode 0600, no copy, no mail.\n\
             party = \"{party}\"\nnetwork = \"{net}\"\nmode = \"{mode}\"\nsecret = \"{secret}\"\n",
            party = self.party,
            net = self.net,
            mode = self.mode.code(),
            secret = hex(&self.secret),
        )
    }

    /// The public half of the key.
    pub(crate) fn public(&self) -> PublicKey {
        self.sign_as_it_says().public()
    }

    /// Signs for the party on the network, if the key was made for both.
    pub(crate) fn signer(
        &self,
        (party, network): (PartyId, &Network),
        place: &SecretPlace,
    ) -> Result<Signer, Finding> {
        let file = Path::new(&place.to_string()).to_path_buf();
        let wrong = |code, what: String| {
            let remedy = "name the right key, or make one with `liandong keys make`";
            Err(Finding::new(code, &file, what, remedy))
        };
        if (self.net, self.mode) != (network.id, network.mode) {
            let (net, mode) = (self.net, self.mode.code());
            let what = format!(
                "was made for network \"{net}\", which is {mode}; this one is \"{}\", which is {}",
                network.id,
                network.mode.code()
            );
            return wrong("key-network", what);
        }
        if self.party != party {
            let what = format!("is the key of \"{}\", not of \"{party}\"", self.party);
            return wrong("key-party", what);
        }
        Ok(self.sign_as_it_says())
    }

    fn sign_as_it_says(&self) -> Signer {
        Signer::new(self.party, Suite::Ed25519, self.secret)
    }
}

impl PublicHalf {
    /// Reads a public half.
    pub(crate) fn read(path: &Path) -> Result<Self, Finding> {
        let anew = "name PARTY.pub as `liandong keys make` wrote it";
        let half: Self = match Settings::read(path) {
            Ok((_, half)) => half,
            // No word of a secret half is repeated, nor what its reader says of it.
            Err(_) if is_secret(path) => {
                let what = "is the secret half of a key, which its owner keeps";
                let remedy = "name the public half, PARTY.pub, which was made beside it";
                return Err(Finding::new("key-secret", path, what, remedy));
            }
            Err(finding) if finding.code == "settings-unreadable" => return Err(finding),
            Err(finding) => {
                let what = format!("is no public half of a key: {}", finding.what);
                let finding = Finding::new("key-misread", path, what, anew).at(finding.line);
                return Err(finding);
            }
        };
        if !half.member.key.can_verify(Suite::Ed25519) {
            let what = "holds a key by which nothing can be signed";
            return Err(Finding::new("key-misread", path, what, anew));
        }
        Ok(half)
    }

    /// The file's text.
    pub(crate) fn text(&self) -> String {
        let said = toml::to_string(self).expect("a public half is plain data");
        format!("# The public half of a key, for the region to admit. No secret.\n{said}")
    }
}

/// Whether a file holds a secret: a key of ours, a drill's, or a certificate's.
fn is_secret(path: &Path) -> bool {
    let text = whole::text(path, whole::SETTINGS_BYTES).unwrap_or_default();
    toml::from_str::<WrittenKey>(&text).is_ok()
        || unhex::<32>(text.trim()).is_ok()
        || text.contains("PRIVATE KEY-----")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(id: &str, mode: Mode) -> Network {
        Network {
            id: id.parse().unwrap(),
            mode,
            region: "region".parse().unwrap(),
            root: PublicKey([1; 32]),
            suite: Suite::Ed25519,
        }
    }

    fn place(name: &str, text: &str) -> SecretPlace {
        let path = std::env::temp_dir().join(format!("liandong-{}-{name}", std::process::id()));
        drop(std::fs::remove_file(&path));
        crate::files::write_secret(&path, text).unwrap();
        SecretPlace::File(path)
    }

    #[test]
    fn a_drill_s_key_signs_nothing_on_an_actual_network() {
        let party: PartyId = "990100".parse().unwrap();
        let drill = network("drill-0a1b", Mode::Exercise);
        let actual = network("actual-1", Mode::Actual);
        let key = KeyFile::new(party, &drill, [7; 32]);
        let place = place("drill-key", &key.text());
        let read = KeyFile::read(&place).unwrap();
        assert!(read.signer((party, &drill), &place).is_ok());
        let refused = read.signer((party, &actual), &place).unwrap_err();
        assert_eq!(refused.code, "key-network", "{refused}");
        // The same name on another network is not enough: what it is for counts as well.
        let same = network("drill-0a1b", Mode::Actual);
        let refused = read.signer((party, &same), &place).unwrap_err();
        assert_eq!(refused.code, "key-network", "{refused}");
        std::fs::remove_file(place.file().unwrap()).unwrap();
    }

    #[test]
    fn a_key_out_of_a_drill_s_folder_is_no_key_elsewhere() {
        let place = place("bare-key", &hex(&[7; 32]));
        let refused = KeyFile::read(&place).err().unwrap().to_string();
        assert!(refused.contains("is a key of a drill"), "{refused}");
        std::fs::remove_file(place.file().unwrap()).unwrap();
    }

    #[test]
    fn an_error_about_a_key_never_tells_the_secret() {
        let secret = "0707".repeat(16);
        for text in [
            format!("secret = {secret}"),
            format!("secret = \"{secret}0\"\n"),
            format!(
                "party = \"990100\"\nnetwork = \"n\"\nmode = \"test\"\nsecret = \"{secret}zz\""
            ),
        ] {
            let place = place("torn-key", &text);
            let told = KeyFile::read(&place).err().unwrap().to_string();
            assert!(!told.contains("0707"), "{told}");
            std::fs::remove_file(place.file().unwrap()).unwrap();
        }
    }

    #[test]
    fn a_secret_half_and_what_is_no_key_are_refused_for_a_public_half_and_never_repeated() {
        let network = network("drill-0a1b", Mode::Exercise);
        let key = KeyFile::new("990100".parse().unwrap(), &network, [7; 32]);
        let named = "name the public half, PARTY.pub";
        for (text, told) in [
            (key.text(), named),
            (hex(&[7; 32]), named),
            ("-----BEGIN PRIVATE KEY-----\n0707".to_owned(), named),
            ("hello".to_owned(), "is no public half of a key"),
        ] {
            let place = place("half", &text);
            let refused = PublicHalf::read(&place.file().unwrap()).unwrap_err();
            let refused = refused.to_string();
            assert!(refused.contains(told), "{refused}");
            assert!(!refused.contains("0707"), "{refused}");
            std::fs::remove_file(place.file().unwrap()).unwrap();
        }
    }
}
