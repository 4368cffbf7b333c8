//! What a proposal costs in an office: a call comes in, and its people ask what the plan is and why.
//!
//! The office knows the region's demo fleets and some three hundred units that are asked for, each from a
//! log that is signed. Nothing of it is a shortcut: the call and the question are decoded, verified and
//! answered as they would be on a bus, over roads of the region to a place that nobody was ever sent to.

use std::sync::Arc;
use std::time::Instant;

use agents::{
    BelievedRoads, Input, LinkChange, Now, Office, OfficeConfig, Origin, Output, Seed, Stored,
};
use protocol::{
    Action, AreaCode, Autonomy, BusId, Call, Category, Counts, Decoder, Direct, Envelope, FollowUp,
    Frame, Hash, IncidentId, Kind, Moment, OperatorCommand, Outcome, PartyId, Planning, Point,
    ReportKind, Requirement, Said, Severity, Span, Speaker, Suite, Topic, Wall,
};
use region::{Region, SharedTravel};
use serde_json::{Map, Value};
use simulator::{Cast, Drill, Scenario};

use super::millis;
use super::pen::Pen;
use crate::bench::draws::Draws;
use crate::bench::quantiles::quantiles;
use crate::failure::Failure;

/// Needs of others: of one to three units, some 300 slots.
const NEEDS: u32 = 150;

/// Kinds that are asked for.
const KINDS: [Kind; 4] = [
    Kind::FireRescue,
    Kind::Ambulance,
    Kind::Pump,
    Kind::Engineering,
];

/// How urgent needs of others are: the grave ones are rare.
const SEVERITIES: [Severity; 3] = [Severity::Serious, Severity::Moderate, Severity::Minor];

/// Units of the call that is measured.
const CALLED: u32 = 3;

/// Measures so many calls.
pub(super) fn office(
    region: Region,
    seed: u64,
    rounds: u32,
) -> Result<Map<String, Value>, Failure> {
    let mut desk = Desk::begin(&Arc::new(region), seed)?;
    let mut written = Vec::new();
    // What is proposed for the call itself, and for all that waits.
    let (mut its, mut all) = (Vec::new(), Vec::new());
    for round in 0..2 * rounds {
        let call = desk.call(round)?;
        let start = Instant::now();
        desk.tell(call);
        let took = millis(start);
        let incident = Some(desk.called()?).filter(|_| round % 2 == 0);
        let question = desk.question(Action::Proposals { incident })?;
        let start = Instant::now();
        let said = desk.tell(question);
        let proposed = took + millis(start);
        written.push(took);
        if incident.is_some() {
            its.push(proposed);
        } else {
            all.push(proposed);
        }
        desk.explained(&said)?;
        desk.close()?;
    }
    let mut figures = quantiles("office_call_ms", &written);
    figures.extend(quantiles("office_call_to_its_proposals_ms", &its));
    figures.extend(quantiles("office_call_to_all_proposals_ms", &all));
    figures.insert("office_units".into(), desk.units.into());
    figures.insert("office_slots".into(), desk.slots.into());
    Ok(figures)
}

/// The desk of one office, and everything that it hears.
struct Desk {
    region: Arc<Region>,
    office: Office,
    party: PartyId,
    operator: Speaker,
    decoder: Decoder,
    cast: Cast,
    draws: Draws,
    clock: Moment,
    asked: u32,
    units: u32,
    slots: u32,
}

impl Desk {
    fn begin(region: &Arc<Region>, seed: u64) -> Result<Self, Failure> {
        let hall = include_str!("../hall.toml");
        let (scenario, _) = Scenario::parse("hall.toml", hall, &|_| None).map_err(Failure::bug)?;
        let start = scenario.start;
        let cast = Cast::of_seed(region, seed, Suite::Ed25519, start);
        let drill = Drill::new(scenario, Arc::clone(region), seed, cast.clone());
        let cities: Vec<PartyId> = region.cities().map(|city| city.party).collect();
        let config = |party| {
            drill
                .config(party)
                .ok_or_else(|| Failure::bug("a city keeps a log"))
        };
        let mut draws = Draws(seed);
        let mut envelopes = cast.roster_log.clone();
        let (mut units, mut slots) = (0, 0);
        for party in &cities[1..] {
            let signer = cast.offices[party].signer.clone();
            let mut pen = Pen::new(signer, &cast.network, start);
            units += pen.fleet(config(*party)?);
            let needs = NEEDS / u32::try_from(cities.len() - 1).map_err(Failure::bug)?;
            for number in 1..=needs {
                let place = drawn(region, *party, &mut draws)?;
                let quantity = 1 + draws.below(3);
                let asks = (*draws.one(&KINDS), quantity, *draws.one(&SEVERITIES));
                pen.need(number, place, asks);
                slots += quantity;
            }
            envelopes.extend(pen.entries);
        }
        let party = cities[0];
        let own = OfficeConfig {
            autonomy: Autonomy::Advise,
            planning: Planning::Replan,
            ..config(party)?
        };
        units += u32::try_from(own.inventory.len()).map_err(Failure::bug)?;
        let signer = cast.operators[&party].signer.clone();
        let operator = Speaker::new(cast.network.id, cast.network.mode, signer, 1);
        let travel = SharedTravel::new(region.travel());
        let usual = region.roads().usual();
        let ground = BelievedRoads::new(travel, Arc::clone(region.roads()), usual);
        let office = Office::new(own, Box::new(ground));
        let mut desk = Self {
            region: Arc::clone(region),
            office: office.map_err(Failure::bug)?,
            party,
            operator,
            decoder: Decoder::new(cast.network.clone()),
            cast,
            draws,
            clock: start,
            asked: 0,
            units,
            slots,
        };
        desk.boot(envelopes);
        Ok(desk)
    }

    /// Boots with the others' logs on its disk; its own is new, so it serves once it has listened.
    fn boot(&mut self, envelopes: Vec<Arc<Envelope>>) {
        let stored = Stored {
            snapshots: Vec::new(),
            envelopes,
            logs: Vec::new(),
            origin: Origin::Founded,
        };
        self.tell(Input::Boot(stored, Seed(Hash::of(b"bench"))));
        self.tell(Input::Link(bus(), LinkChange::Up));
        for _ in 0..120 {
            self.clock += Span::seconds(1);
            self.tell(Input::Wake);
        }
    }

    /// Tells the office something, and at once that all it wrote is on the disk.
    fn tell(&mut self, input: Input) -> Vec<Output> {
        self.clock = Moment(self.clock.0 + 1);
        let now = Now {
            drill: self.clock,
            link: self.clock,
            wall: Wall::at(self.clock),
        };
        let mut said = self.office.handle(now, input);
        let mut next = 0;
        while let Some(output) = said.get(next) {
            next += 1;
            if let Output::Append(ticket, _) = output {
                let durable = Input::Durable(*ticket);
                said.extend(self.office.handle(now, durable));
            }
        }
        said
    }

    fn question(&mut self, action: Action) -> Result<Input, Failure> {
        self.asked += 1;
        let command = OperatorCommand {
            request: format!("bench-{}", self.asked)
                .parse()
                .map_err(Failure::bug)?,
            by: "bench".to_owned(),
            action,
            asked_at: None,
        };
        let (net, topic) = (self.cast.network.id, Topic::Command(self.party));
        let times = (Wall::at(self.clock), Span::hours(48));
        let frame = Frame::direct(
            &mut self.operator,
            net,
            topic,
            Direct::Command(command),
            times,
        );
        let text = frame.text().as_bytes();
        let heard = self.decoder.frame(&topic.on(net), text, &self.cast.roster);
        Ok(Input::Heard(bus(), heard.map_err(Failure::bug)?))
    }

    fn call(&mut self, number: u32) -> Result<Input, Failure> {
        let (point, area) = drawn(&self.region, self.party, &mut self.draws)?;
        let call = Call {
            request: format!("call-{number}").parse().map_err(Failure::bug)?,
            event: "traffic-accident".to_owned(),
            category: Category::Accident,
            severity: Severity::Serious,
            occurred_at: self.clock,
            received_at: self.clock,
            place: "演示地点".to_owned(),
            area,
            point: Some(point),
            source: "bench".to_owned(),
            summary: "演示".to_owned(),
            counts: Counts::default(),
            requires: vec![Requirement {
                kind: *self.draws.one(&KINDS),
                quantity: CALLED,
                duration: Span::minutes(30),
            }],
        };
        self.question(Action::Report(Box::new(call)))
    }

    /// The answer has proposals, the first of them with its reasons.
    fn explained(&self, said: &[Output]) -> Result<(), Failure> {
        let frames = said.iter().filter_map(|output| match output {
            Output::Publish(_, frame) => Some(frame.said()),
            _ => None,
        });
        let mut replies = frames.filter_map(|said| match said {
            Said::Direct {
                body: Direct::Reply(reply),
                ..
            } => Some(&reply.outcome),
            _ => None,
        });
        let with_reasons = replies.any(|outcome| match outcome {
            Outcome::Proposals { proposals, .. } => proposals.iter().any(|it| it.why.is_some()),
            _ => false,
        });
        if with_reasons {
            return Ok(());
        }
        Err(Failure::bug(format!(
            "{} proposes nothing with a reason",
            self.party
        )))
    }

    /// The incidents of the office that have not ended.
    fn open(&self) -> Vec<IncidentId> {
        let state = self.office.picture().state(self.party);
        let incidents = state.into_iter().flat_map(|state| &state.incidents);
        let open = incidents.filter(|(_, incident)| incident.is_open());
        open.map(|(id, _)| *id).collect()
    }

    /// The incident that a call opened, when all before it have ended.
    fn called(&self) -> Result<IncidentId, Failure> {
        let [called] = self.open()[..] else {
            return Err(Failure::bug("a call opens one incident"));
        };
        Ok(called)
    }

    /// Ends every incident of the office, so that the next call meets the region as it was.
    fn close(&mut self) -> Result<(), Failure> {
        for incident in self.open() {
            let end = self.question(Action::FollowUp(FollowUp {
                incident,
                kind: ReportKind::Final,
                stage: None,
                level: None,
                severity: None,
                counts: None,
                summary: "演示结束".to_owned(),
                at: None,
            }))?;
            self.tell(end);
        }
        Ok(())
    }
}

fn bus() -> BusId {
    "bench".parse().expect("a short name")
}

/// A place where people live, and the district that it lies in.
fn drawn(region: &Region, city: PartyId, draws: &mut Draws) -> Result<(Point, AreaCode), Failure> {
    let area = region.office(city).map(|office| office.area);
    let district = region.district_by_people(area, u64::from(draws.below(u32::MAX)));
    let district = district.ok_or_else(|| Failure::bug("a city without districts"))?;
    let point = region.spot_in(district, u64::from(draws.below(u32::MAX)));
    Ok((point, district.code))
}
