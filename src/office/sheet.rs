//! What `office.toml` means, a part at a time, so that an office that starts stops at the first fault and
//! `liandong doctor` finds all of them.

use std::ops::Range;
use std::path::PathBuf;

use agents::AidTerms;
use protocol::{
    Autonomy, Form, HomeFloor, Member, Mode, Network, PartyId, Planning, Requirement,
    RequirementError, Resource, Roster, Signer, Span, Wall,
};
use region::Region;

use super::gate::GatePlan;
use super::paper::Paper;
use super::written::WrittenOffice;
use crate::finding::Finding;
use crate::keys::KeyFile;
use crate::live::time::wall_us;
use crate::secret::SecretPlace;
use crate::settings::Settings;
use crate::whole;

/// The longest that an office waits for offers: an hour, when whoever waits has long gone to others.
pub(crate) const AID_WINDOW_S_MAX: u64 = 3_600;

/// For how many windows an offer holds; see [`AidTerms`].
const HOLD_WINDOWS: u64 = 6;

/// An office's file of settings, read.
pub(crate) type Sheet = Paper<WrittenOffice>;

impl Sheet {
    /// The line of the gate's addresses.
    pub(crate) fn line_of_listen(&self) -> Option<usize> {
        let gate = self.said.gate.as_ref()?;
        Some(self.settings.line_of(gate.listen.span().start))
    }

    /// The line of the office's name.
    pub(crate) fn line_of_office(&self) -> usize {
        self.settings.line_of(self.said.office.span().start)
    }

    /// The origins whose pages its gate lets in, and their lines.
    pub(crate) fn origins(&self) -> Vec<(&str, usize)> {
        let origins = self.said.gate.iter().flat_map(|gate| &gate.origins);
        let said = origins.map(|it| {
            let line = self.settings.line_of(it.span().start);
            (it.get_ref().as_str(), line)
        });
        said.collect()
    }

    /// Whose office it is.
    pub(crate) fn office(&self) -> PartyId {
        *self.said.office.get_ref()
    }

    /// The office as the roster has it.
    pub(crate) fn member(&self, roster: &Roster) -> Result<Member, Finding> {
        let place = self.said.office.span();
        let member = member_of(&self.settings, place.clone(), self.office(), roster)?;
        if member.role.holds_logs() {
            return Ok(member);
        }
        let what = format!(
            "\"{}\" is {} by the roster, which keeps no log",
            member.party,
            member.role.code()
        );
        let remedy = "name an office, a city's for one";
        Err(self
            .settings
            .finding("office-role", Some(place), &what, remedy))
    }

    /// The office's key, which must be one that the roster admitted and that counts now.
    pub(crate) fn signer(&self, network: &Network, roster: &Roster) -> Result<Signer, Finding> {
        signer_of(&self.key_place(), (self.office(), network), roster)
    }

    /// The folder of the journal.
    pub(crate) fn journals(&self) -> PathBuf {
        self.settings.beside(&self.said.journal)
    }

    /// The journal.
    pub(crate) fn journal(&self) -> PathBuf {
        self.journals().join(format!("{}.journal", self.office()))
    }

    /// The inventory's file, if there is one.
    pub(crate) fn inventory_path(&self) -> Option<PathBuf> {
        let named = self.said.inventory.as_ref()?;
        Some(self.settings.beside(named))
    }

    /// The inventory; faults of its file are listed with their lines.
    pub(crate) fn inventory(&self, region: &Region) -> Result<Vec<Resource>, Vec<Finding>> {
        let Some(path) = self.inventory_path() else {
            return Ok(Vec::new());
        };
        let text = whole::text(&path, whole::WRITTEN_BYTES)
            .map_err(|error| vec![Finding::file("inventory-unreadable", &path, &error)])?;
        let shown = path.display().to_string();
        region::read_inventory(region, self.office(), &shown, &text).map_err(|faults| {
            let told = faults.iter().map(|fault| {
                let line = fault.line.and_then(|line| usize::try_from(line).ok());
                Finding::new("inventory", &path, &fault.reason, &fault.remedy).at(line)
            });
            told.collect()
        })
    }

    /// What it never lends.
    pub(crate) fn floors(&self) -> Vec<HomeFloor> {
        let floors = self.said.floors.iter();
        let floors = floors.map(|(kind, keep)| HomeFloor {
            kind: *kind,
            keep: *keep,
        });
        floors.collect()
    }

    /// What it asks to stand by in its city before a storm.
    pub(crate) fn stand_by(&self) -> Result<Vec<Requirement>, Finding> {
        let wanted = self.said.stand_by.iter();
        let wanted = wanted.map(|said| {
            let faulty = |what: &str| {
                let remedy = "write units as \"pump=3x12h\", or leave it out";
                self.settings
                    .finding("stand-by", Some(said.span()), what, remedy)
            };
            let read: Requirement = said
                .get_ref()
                .parse()
                .map_err(|error: RequirementError| faulty(&error.to_string()))?;
            match read.kind.form() {
                Form::Unit => Ok(read),
                Form::Stock | Form::Capacity => Err(faulty("only units stand by")),
            }
        });
        wanted.collect()
    }

    /// Whether its planner acts or advises.
    pub(crate) fn autonomy(&self, network: &Network) -> Result<Autonomy, Finding> {
        let autonomy = *self.said.autonomy.get_ref();
        if network.mode == Mode::Actual && autonomy == Autonomy::Act {
            let what = "autonomy is \"act\" and the network is actual";
            let remedy = "write \"advise\", for on an actual network people decide";
            let place = Some(self.said.autonomy.span());
            return Err(self.settings.finding("autonomy", place, what, remedy));
        }
        Ok(autonomy)
    }

    /// How its planner plans: own city first, unless it says otherwise.
    pub(crate) fn planning(&self) -> Planning {
        self.said.planning.unwrap_or(Planning::OwnFirst)
    }

    /// How it helps and asks for help.
    pub(crate) fn aid(&self) -> Result<AidTerms, Finding> {
        let Some(said) = &self.said.aid_window_s else {
            return Ok(AidTerms::default());
        };
        let window = *said.get_ref();
        if !(1..=AID_WINDOW_S_MAX).contains(&window) {
            let what = format!("aid_window_s is {window}; 1 to {AID_WINDOW_S_MAX} are allowed");
            let place = Some(said.span());
            let remedy = "write seconds, or leave it out for 30";
            return Err(self.settings.finding("aid-window", place, &what, remedy));
        }
        Ok(AidTerms {
            window: Span::seconds(window),
            hold: Span::seconds(window * HOLD_WINDOWS),
        })
    }

    /// Where others come in, if anywhere.
    pub(crate) fn gate(&self) -> Result<Option<GatePlan>, Vec<Finding>> {
        match self.gate_on() {
            Some((_, faults)) if !faults.is_empty() => Err(faults),
            planned => Ok(planned.map(|(plan, _)| plan)),
        }
    }

    /// The same as far as it can be read, and what is wrong with it.
    pub(crate) fn gate_on(&self) -> Option<(GatePlan, Vec<Finding>)> {
        let gate = self.said.gate.as_ref()?;
        Some(GatePlan::of(&self.settings, gate, &self.unread))
    }
}

/// A party of the roster.
pub(super) fn member_of(
    settings: &Settings,
    place: Range<usize>,
    party: PartyId,
    roster: &Roster,
) -> Result<Member, Finding> {
    roster.member(party).cloned().ok_or_else(|| {
        let known: Vec<&str> = roster.members().map(|it| it.party.as_str()).collect();
        let what = format!(
            "\"{party}\" is not in the roster; known are {}",
            known.join(", ")
        );
        let remedy = "let the region admit it with `liandong keys admit`, or name another";
        settings.finding("not-admitted", Some(place), &what, remedy)
    })
}

/// A party's key, which must be one that the roster admitted and that counts now.
pub(super) fn signer_of(
    place: &SecretPlace,
    (party, network): (PartyId, &Network),
    roster: &Roster,
) -> Result<Signer, Finding> {
    let signer = KeyFile::read(place)?.signer((party, network), place)?;
    let file = PathBuf::from(place.to_string());
    let key = signer.key();
    let renew = "make another with `liandong keys make` and let the region admit it";
    let worth = |code, what: &str| {
        let what = format!("key {key} of \"{party}\" {what}");
        Err(Finding::new(code, &file, what, renew))
    };
    match roster.standing(party, key) {
        None => worth("key-unknown", "is not the one that the roster has"),
        Some(standing) if standing.is_revoked() => worth("key-revoked", "is revoked"),
        Some(standing) if !standing.counts_at(Wall(wall_us() / 1_000)) => {
            worth("key-expired", "has expired")
        }
        Some(_) => Ok(signer),
    }
}
