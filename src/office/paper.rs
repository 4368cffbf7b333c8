//! What `office.toml` and `operator.toml` have alike: a version, the network, the roster, a region and a key.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use protocol::Network;
use region::Region;
use serde::de::DeserializeOwned;
use toml::Spanned;

use super::written::{USUAL_OFFICE, USUAL_OPERATOR, VERSION, WrittenOffice, WrittenOperator};
use crate::files;
use crate::finding::Finding;
use crate::network;
use crate::roster::RosterFile;
use crate::secret::SecretPlace;
use crate::settings::{Settings, Unread};

/// A file of settings, read.
pub(crate) struct Paper<T> {
    pub(crate) settings: Settings,
    pub(super) said: T,
    pub(super) unread: Unread,
}

/// What both files say.
pub(crate) trait Says: DeserializeOwned {
    /// What such a file must say, as it usually does.
    const USUAL: &'static str;

    fn version(&self) -> &Spanned<u32>;
    fn network(&self) -> &str;
    fn roster(&self) -> &str;
    fn region(&self) -> &Spanned<String>;
    fn key(&self) -> &str;
}

macro_rules! says {
    ($written:ty, $usual:expr) => {
        impl Says for $written {
            const USUAL: &'static str = $usual;

            fn version(&self) -> &Spanned<u32> {
                &self.version
            }

            fn network(&self) -> &str {
                &self.network
            }

            fn roster(&self) -> &str {
                &self.roster
            }

            fn region(&self) -> &Spanned<String> {
                &self.region
            }

            fn key(&self) -> &str {
                &self.key
            }
        }
    };
}

says! { WrittenOffice, USUAL_OFFICE }
says! { WrittenOperator, USUAL_OPERATOR }

impl<T: Says> Paper<T> {
    /// Reads the file.
    pub(crate) fn read(path: &Path) -> Result<Self, Finding> {
        let (settings, said) = Settings::read(path)?;
        let paper = Self {
            settings,
            said,
            unread: Unread::default(),
        };
        paper.is_of_our_version()?;
        Ok(paper)
    }

    /// Reads the file as far as it can be read, and tells what is wrong with it.
    pub(crate) fn read_on(path: &Path) -> (Vec<Finding>, Option<Self>) {
        let (mut findings, read, unread) = Settings::read_on(path, T::USUAL);
        let paper = read.map(|(settings, said)| Self {
            settings,
            said,
            unread,
        });
        let version = paper.as_ref().map(Self::is_of_our_version);
        findings.extend(version.and_then(Result::err));
        (findings, paper)
    }

    fn is_of_our_version(&self) -> Result<(), Finding> {
        let said = self.said.version();
        let version = *said.get_ref();
        if version == VERSION {
            return Ok(());
        }
        let what = format!("version {version} is not known here; this program reads {VERSION}");
        let remedy = "take the program of that version, or write the file anew";
        let place = Some(said.span());
        Err(self
            .settings
            .finding("settings-version", place, &what, remedy))
    }

    /// Whether the file says this; what it does not say stands here as it usually is.
    pub(crate) fn knows(&self, key: &str) -> bool {
        !self.unread.has(key)
    }

    /// Whether a file that it names can be looked at: it is named, or lies where it usually does.
    pub(crate) fn knows_file(&self, key: &str, file: &Path) -> bool {
        self.knows(key) || file.exists()
    }

    /// Whether the key can be looked at.
    pub(crate) fn knows_key(&self) -> bool {
        let file = self.key_place();
        self.knows("key") || file.file().is_some_and(|it| it.exists())
    }

    /// The network.
    pub(crate) fn network(&self) -> Result<Network, Finding> {
        network::read(&self.network_path())
    }

    /// Where the network file lies.
    pub(crate) fn network_path(&self) -> PathBuf {
        self.settings.beside(self.said.network())
    }

    /// The roster file.
    pub(crate) fn roster(&self, network: &Network) -> Result<RosterFile, Finding> {
        RosterFile::read(&self.roster_path(), network)
    }

    /// Where the roster file lies.
    pub(crate) fn roster_path(&self) -> PathBuf {
        self.settings.beside(self.said.roster())
    }

    /// Where the key lies.
    pub(crate) fn key_place(&self) -> SecretPlace {
        SecretPlace::named(self.said.key(), |name| self.settings.beside(name))
    }

    /// The region pack.
    pub(crate) fn region(&self) -> Result<Arc<Region>, Finding> {
        let said = self.said.region();
        files::region(said.get_ref(), &self.settings.beside(".")).map_err(|failure| {
            let what = failure.to_string().lines().collect::<Vec<_>>().join(", ");
            let remedy =
                "name a built-in region, or the folder of a pack that `liandong check` finds sound";
            let place = Some(said.span());
            self.settings.finding("region", place, &what, remedy)
        })
    }
}
