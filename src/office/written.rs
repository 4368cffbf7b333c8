//! `office.toml` and `operator.toml` as people write them. What they mean is in `sheet.rs`.

use std::collections::BTreeMap;

use protocol::{Autonomy, Kind, PartyId, Planning};
use serde::Deserialize;
use toml::Spanned;

/// The only version that there is.
pub(crate) const VERSION: u32 = 1;

/// What an office's file must say, as it usually does: what stands in for what cannot be read of one.
pub(crate) const USUAL_OFFICE: &str = "version = 1\noffice = \"unread\"\nnetwork = \"network.toml\"\n\
    roster = \"roster.log\"\nregion = \"unread\"\nkey = \"office.key\"\njournal = \"journal\"\n\
    autonomy = \"advise\"\n[gate]\nlisten = []\n";

/// The same for an operator's.
pub(crate) const USUAL_OPERATOR: &str = "version = 1\noperator = \"unread\"\noffice = \"unread\"\n\
    network = \"network.toml\"\nroster = \"roster.log\"\nregion = \"unread\"\nkey = \"operator.key\"\n\
    [bus]\nurl = \"unread\"\n";

/// An office's file of settings.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenOffice {
    pub(crate) version: Spanned<u32>,
    pub(crate) office: Spanned<PartyId>,
    pub(crate) network: String,
    pub(crate) roster: String,
    pub(crate) region: Spanned<String>,
    pub(crate) key: String,
    pub(crate) journal: String,
    pub(crate) inventory: Option<String>,
    pub(crate) autonomy: Spanned<Autonomy>,
    pub(crate) planning: Option<Planning>,
    pub(crate) aid_window_s: Option<Spanned<u64>>,
    #[serde(default)]
    pub(crate) floors: BTreeMap<Kind, u32>,
    #[serde(default)]
    pub(crate) stand_by: Vec<Spanned<String>>,
    pub(crate) gate: Option<WrittenGate>,
    #[serde(default)]
    pub(crate) bus: Vec<WrittenBus>,
}

/// Where others come in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenGate {
    pub(crate) listen: Spanned<Vec<Spanned<String>>>,
    pub(crate) cert: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) client_ca: Option<String>,
    pub(crate) revoked: Option<String>,
    pub(crate) passwords: Option<String>,
    #[serde(default)]
    pub(crate) origins: Vec<Spanned<String>>,
}

/// A bus to join.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenBus {
    pub(crate) url: Spanned<String>,
    pub(crate) office: Option<PartyId>,
    pub(crate) ca: Option<String>,
    pub(crate) cert: Option<String>,
    pub(crate) key: Option<String>,
}

/// An operator's file of settings.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenOperator {
    pub(crate) version: Spanned<u32>,
    pub(crate) operator: Spanned<PartyId>,
    pub(crate) office: Spanned<PartyId>,
    pub(crate) network: String,
    pub(crate) roster: String,
    pub(crate) region: Spanned<String>,
    pub(crate) key: String,
    pub(crate) bus: WrittenBus,
}
