//! What a run puts down for those who act from outside: its network, its roster, its operators' keys.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use protocol::{Body, Decoder, Envelope, Network, PartyId, Roster, Signer, unhex};
use serde_json::Value;

/// The papers of a run.
#[derive(Clone)]
pub(crate) struct Papers {
    run: PathBuf,
    pub(crate) network: Network,
    pub(crate) roster: Roster,
}

impl Papers {
    /// Reads `stage.json` and the keys beside it.
    pub(crate) fn read(run: &Path) -> Self {
        let stage = std::fs::read_to_string(run.join("stage.json")).unwrap();
        let stage: Value = serde_json::from_str(&stage).unwrap();
        let network: Network = serde_json::from_value(stage["network"].clone()).unwrap();
        let bare = Roster::new(&network);
        let mut roster = Roster::new(&network);
        let mut decoder = Decoder::new(network.clone());
        for line in stage["roster"].as_array().unwrap() {
            let envelope = decoder.envelope(line.as_str().unwrap(), &bare).unwrap();
            enrol(&mut roster, &envelope);
        }
        Self {
            run: run.to_owned(),
            network,
            roster,
        }
    }

    /// The operator of an office.
    pub(crate) fn operator(&self, office: PartyId) -> Signer {
        let operator = format!("op-{office}").parse().unwrap();
        self.signer(operator).expect("every office has an operator")
    }

    /// Whoever's key the run put down.
    pub(crate) fn signer(&self, party: PartyId) -> Option<Signer> {
        let key = self.run.join("keys").join(format!("{party}.key"));
        let secret = std::fs::read_to_string(key).ok()?;
        let secret = unhex(secret.trim()).unwrap();
        Some(Signer::new(party, self.network.suite, secret))
    }

    /// The journal of an office.
    pub(crate) fn journal(&self, office: PartyId) -> PathBuf {
        let journals = self.run.join("journals");
        journals.join(format!("{office}.journal"))
    }

    /// Every journal of the run, by the office that keeps it.
    pub(crate) fn journals(&self) -> Vec<(PartyId, PathBuf)> {
        let entries = std::fs::read_dir(self.run.join("journals")).unwrap();
        let mut journals: Vec<_> = entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "journal"))
            .map(|path| {
                let office = path.file_stem().unwrap().to_str().unwrap();
                (office.parse().unwrap(), path)
            })
            .collect();
        journals.sort();
        journals
    }
}

/// Lets in whom an entry of the region lets in.
pub(crate) fn enrol(roster: &mut Roster, envelope: &Arc<Envelope>) {
    if let Some(Body::RosterChange(change)) = envelope.body() {
        roster.apply(change);
    }
}
