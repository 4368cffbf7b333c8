//! The verb `office`: one office as a process of its own, of a running drill or on duty.

mod apart;
mod duty;
mod gate;
mod operator;
mod others;
mod paper;
mod sheet;
mod way;
mod written;

pub(crate) use apart::Orders;
pub(crate) use gate::{GatePlan, passwords, reachable};
pub(crate) use operator::{Operator, OperatorSheet};
pub(crate) use paper::{Paper, Says};
pub(crate) use sheet::{AID_WINDOW_S_MAX, Sheet};
pub(crate) use way::{is_here, leads_to, without_files};
pub(crate) use written::VERSION;
#[cfg(test)]
pub(crate) use written::{WrittenBus, WrittenGate, WrittenOffice};

use std::sync::Arc;

use agents::{AidTerms, BelievedRoads, Office, OfficeConfig, StockTerms};
use protocol::{
    Autonomy, HomeFloor, Member, Network, Planning, Requirement, Resource, Signer, Span,
};
use region::{Region, RoadConditions, SharedTravel};

use crate::cli::{OfficeArgs, Placed};
use crate::failure::{Code, Failure};
use crate::stop;

/// Runs an office until its drill is over, or until SIGTERM or Ctrl-C.
pub(crate) fn office(args: &OfficeArgs) -> Result<(), Failure> {
    stop::runtime()?.block_on(async {
        match args.placed()? {
            Placed::Apart(apart) => apart::serve(&apart).await,
            Placed::OnDuty(duty) => Box::pin(duty::serve(&duty)).await,
        }
    })
}

/// What an office is, apart from the ground that it stands on.
struct Terms {
    network: Network,
    member: Member,
    signer: Signer,
    inventory: Vec<Resource>,
    floors: Vec<HomeFloor>,
    stand_by: Vec<Requirement>,
    autonomy: Autonomy,
    planning: Planning,
    aid: AidTerms,
}

impl Terms {
    /// The office in its region, where the roads usually are so.
    fn on_ground(self, region: &Region, usual: RoadConditions) -> Result<Office, Failure> {
        let seat = region
            .office(self.member.party)
            .map_or_else(|| region.frame().middle(), |office| office.seat);
        let travel = SharedTravel::new(region.travel());
        let ground = BelievedRoads::new(travel, Arc::clone(region.roads()), usual);
        let config = OfficeConfig {
            network: self.network,
            member: self.member,
            signer: self.signer,
            seat,
            extent: region.extent(),
            inventory: self.inventory,
            floors: self.floors,
            stand_by: self.stand_by,
            seats: region.seats(),
            autonomy: self.autonomy,
            planning: self.planning,
            aid: self.aid,
            templates: Vec::new(),
            stock: StockTerms::default(),
            views_every: Some(Span::seconds(2)),
        };
        Office::new(config, Box::new(ground)).map_err(|error| Failure::new(Code::Config, error))
    }
}
