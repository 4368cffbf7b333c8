//! Where an office's journal, keys and bus are: in the folder of a drill's run, or as the settings of an
//! office on duty say.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use broker::BusUrl;
use protocol::{Decoder, Network, PartyId, Roster, Signer};
use region::Region;

use super::judge::Entry;
use crate::cli::{HomeArgs, Homed};
use crate::doctor::{OFFICE, OPERATOR};
use crate::failure::{Code, Failure};
use crate::live::guests::joined_by_people;
use crate::live::stage::Directions;
use crate::office::{Sheet, without_files};
use crate::{files, keys};

/// An office, at home.
pub(super) struct Home {
    /// Whose it is.
    pub(super) office: PartyId,
    pub(super) network: Network,
    /// The roster's log as it is put down here.
    pub(super) roster_log: Vec<Entry>,
    /// Who belongs by it.
    pub(super) roster: Roster,
    /// The journal's file.
    pub(super) journal: PathBuf,
    /// Minutes east of UTC.
    pub(super) offset_min: i16,
    kind: Kind,
}

enum Kind {
    Drill {
        run: PathBuf,
        directions: Directions,
    },
    Duty {
        sheet: Box<Sheet>,
        region: Arc<Region>,
    },
}

/// Who hands entries to a running office, which decides how.
pub(super) enum Bringer {
    /// An operator of a drill, who answers a want that nobody had to say.
    Operator(Signer),
    /// The office itself, on duty: its gate lets it in by its certificate, and lets no operator carry logs.
    Itself,
}

impl Home {
    /// The home that is named.
    pub(super) fn of(args: &HomeArgs) -> Result<Self, Failure> {
        match args.homed()? {
            Homed::InDrill(run, office) => Self::in_drill(run, office),
            Homed::OnDuty(config) => Self::on_duty(config),
        }
    }

    fn in_drill(run: &Path, office: PartyId) -> Result<Self, Failure> {
        let directions = Directions::read(run)?;
        let mut decoder = Decoder::new(directions.network.clone());
        let roster_log = directions.roster_log(&mut decoder)?;
        let home = Self {
            office,
            network: directions.network.clone(),
            roster: directions.roster_after(&roster_log),
            roster_log,
            journal: run.join("journals").join(format!("{office}.journal")),
            offset_min: directions.offset_min,
            kind: Kind::Drill {
                run: run.to_path_buf(),
                directions,
            },
        };
        home.keeps_log(office)?;
        Ok(home)
    }

    fn on_duty(config: &Path) -> Result<Self, Failure> {
        if config.file_name().is_some_and(|name| name == OPERATOR) {
            let what = format!(
                "{}: an operator's settings name no journal; name the office's own, {OFFICE}",
                config.display()
            );
            return Err(Failure::new(Code::Config, what));
        }
        let sheet = Sheet::read(config)?;
        let network = sheet.network()?;
        let file = sheet.roster(&network)?;
        sheet.member(file.roster())?;
        let region = sheet.region()?;
        Ok(Self {
            office: sheet.office(),
            roster_log: file.log().to_vec(),
            roster: file.roster().clone(),
            journal: sheet.journal(),
            offset_min: region.timezone_minutes(),
            network,
            kind: Kind::Duty {
                sheet: Box::new(sheet),
                region,
            },
        })
    }

    /// Refuses who keeps no log here, and tells who does.
    pub(super) fn keeps_log(&self, party: PartyId) -> Result<(), Failure> {
        if self.roster.authors().any(|member| member.party == party) {
            return Ok(());
        }
        let known: Vec<&str> = self.roster.authors().map(|it| it.party.as_str()).collect();
        let place = match &self.kind {
            Kind::Drill { run, .. } => run.display().to_string(),
            Kind::Duty { sheet, .. } => sheet.roster_path().display().to_string(),
        };
        let what = format!(
            "no office {party} in {place}; there are {}",
            known.join(", ")
        );
        Err(Failure::new(Code::Config, what))
    }

    /// The office's ground.
    pub(super) fn region(&self) -> Result<Arc<Region>, Failure> {
        match &self.kind {
            Kind::Drill { run, directions } => files::region(&directions.region, run),
            Kind::Duty { region, .. } => Ok(Arc::clone(region)),
        }
    }

    /// Where a page goes that was given no other place.
    pub(super) fn beside(&self, name: &str) -> PathBuf {
        match &self.kind {
            Kind::Drill { run, .. } => run.join(name),
            Kind::Duty { sheet, .. } => sheet.settings.beside(name),
        }
    }

    /// The key to sign with, if one is at hand: the office's own, else in a drill its operator's.
    pub(super) fn signer(&self) -> Result<Option<Signer>, Failure> {
        match &self.kind {
            Kind::Drill { run, .. } => {
                let own = keys::office_key(run, self.office);
                if own.exists() {
                    return keys::read(&own, self.office, self.network.suite).map(Some);
                }
                self.operator(run)
            }
            Kind::Duty { sheet, .. } => {
                // A credential of the service is not there in a shell; what is carried counts without.
                let signer = sheet.signer(&self.network, &self.roster);
                Ok(signer
                    .map_err(|finding| tracing::warn!("the bundle goes unsigned: {finding}"))
                    .ok())
            }
        }
    }

    /// The key of an office's operator in a drill, if it is at hand.
    fn operator(&self, run: &Path) -> Result<Option<Signer>, Failure> {
        let path = keys::operator_key(run, self.office);
        if !path.exists() {
            return Ok(None);
        }
        let operator = keys::operator_of(self.office)?;
        keys::read(&path, operator, self.network.suite).map(Some)
    }

    /// Who brings entries to the office while it runs.
    pub(super) fn bringer(&self) -> Result<Bringer, Failure> {
        let Kind::Drill { run, .. } = &self.kind else {
            return Ok(Bringer::Itself);
        };
        let signer = self.operator(run)?.ok_or_else(|| {
            let what = format!(
                "office {} runs, and the key of its operator is not in {}; bring the key, or stop the \
                 office and import into its journal",
                self.office,
                run.join("keys").display()
            );
            Failure::new(Code::NoInput, what)
        })?;
        Ok(Bringer::Operator(signer))
    }

    /// The bus on which the office hears, and how it is shown.
    pub(super) fn bus(&self, said: Option<&str>) -> Result<(BusUrl, String), Failure> {
        match &self.kind {
            Kind::Drill { directions, run } => {
                let bus = directions.bus_of(self.office, said)?;
                let bus = joined_by_people(run, self.office, bus)?;
                Ok((bus, directions.own_bus(self.office).to_owned()))
            }
            Kind::Duty { sheet, .. } => {
                let bus = match said {
                    Some(said) => said.parse()?,
                    None => bus_on_duty(sheet)?,
                };
                let shown = without_files(&bus);
                Ok((bus, shown))
            }
        }
    }
}

/// The office's own gate, or the first bus of another that it joins.
fn bus_on_duty(sheet: &Sheet) -> Result<BusUrl, Failure> {
    if let Some(gate) = sheet.gate()? {
        return Ok(gate.own_url()?);
    }
    let first = sheet.buses()?.into_iter().next().map(|plug| plug.url);
    first.ok_or_else(|| {
        let what = format!(
            "{} names no bus; stop the office and import into its journal",
            sheet.settings.path().display()
        );
        Failure::new(Code::Config, what)
    })
}
