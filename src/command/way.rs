//! The way from an operator's shell to an office: of a running drill, or on duty.

use std::path::Path;

use broker::BusUrl;
use protocol::{Decoder, Network, PartyId, Roster, Signer};

use crate::failure::{Code, Failure};
use crate::keys;
use crate::live::guests::joined_by_people;
use crate::live::stage::Directions;
use crate::office::{Operator, without_files};

/// Who says what time it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Time {
    /// The exercise director, on the bus.
    Directed,
    /// The wall.
    Wall,
}

/// How a shell reaches an office.
pub(super) struct Way {
    pub(super) network: Network,
    pub(super) roster: Roster,
    pub(super) office: PartyId,
    pub(super) signer: Signer,
    pub(super) bus: BusUrl,
    /// The bus as it may be shown.
    pub(super) shown_bus: String,
    /// Minutes east of UTC.
    pub(super) offset_min: i16,
    pub(super) time: Time,
}

impl Way {
    /// To an office on duty, as the operator's settings say.
    pub(super) fn on_duty(config: &Path, said: Option<&str>) -> Result<Self, Failure> {
        let sheet = Operator::read(config)?;
        let bus = said.map_or(Ok(sheet.bus), str::parse)?;
        Ok(Self {
            network: sheet.network,
            roster: sheet.roster,
            office: sheet.office,
            signer: sheet.signer,
            shown_bus: without_files(&bus),
            bus,
            offset_min: sheet.offset_min,
            time: Time::Wall,
        })
    }

    /// To an office of a running drill, as its folder says.
    pub(super) fn of_a_drill(
        run: &Path,
        office: PartyId,
        said: Option<&str>,
    ) -> Result<Self, Failure> {
        let directions = Directions::read(run)?;
        let operator = keys::operator_of(office)?;
        let mut decoder = Decoder::new(directions.network.clone());
        let roster = directions.roster_after(&directions.roster_log(&mut decoder)?);
        if roster.member(operator).is_none() {
            return Err(no_office(run, office, &roster));
        }
        let key = keys::operator_key(run, office);
        Ok(Self {
            signer: keys::read(&key, operator, directions.network.suite)?,
            roster,
            office,
            bus: joined_by_people(run, office, directions.bus_of(office, said)?)?,
            shown_bus: directions.own_bus(office).to_owned(),
            offset_min: directions.offset_min,
            network: directions.network,
            time: Time::Directed,
        })
    }
}

/// That nobody operates such an office in this run, with those that somebody does.
fn no_office(run: &Path, office: PartyId, roster: &Roster) -> Failure {
    let operated = |office: &&str| {
        let operator = format!("op-{office}").parse();
        operator.is_ok_and(|operator| roster.member(operator).is_some())
    };
    let authors = roster.authors().map(|member| member.party.as_str());
    let known: Vec<&str> = authors.filter(operated).collect();
    let what = format!(
        "no office {office} to command in {}; there are {}",
        run.display(),
        known.join(", ")
    );
    Failure::new(Code::Config, what)
}
