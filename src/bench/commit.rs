//! How long it takes, at live offices in a burst of calls, from the request that one records to the
//! commitment of a unit to it, one's own or another's.

use std::collections::BTreeMap;
use std::time::Duration;

use protocol::{
    Action, Body, Call, Category, Counts, Envelope, Kind, NeedId, PartyId, Requirement, Severity,
    Span, Wall,
};
use serde_json::Map;
use tokio::sync::mpsc;

use super::draws::Draws;
use super::hall::{Hall, Opening};
use super::quantiles::quantiles;
use super::{progress, tell};
use crate::cli::CommitArgs;
use crate::failure::{Code, Failure};
use crate::live::shell::Heard;
use crate::stop::runtime;

/// Units, as a percentage of the demo fleet: as in scenarios/prd/burst.toml.
const FLEET_PERCENT: u32 = 300;

/// How many cities, the first of the region, get two thirds of the calls.
const STRICKEN: usize = 3;

/// What is asked for.
const KINDS: [Kind; 4] = [
    Kind::FireRescue,
    Kind::Ambulance,
    Kind::Pump,
    Kind::Engineering,
];

const SEVERITIES: [Severity; 4] = [
    Severity::Critical,
    Severity::Serious,
    Severity::Moderate,
    Severity::Minor,
];

/// How long nobody may commit anything until the burst counts as over.
const QUIET: Duration = Duration::from_secs(5);

/// Measures.
pub(crate) fn commit(args: &CommitArgs) -> Result<(), Failure> {
    let burst = runtime()?.block_on(run(args))?;
    let mut figures = Map::new();
    figures.insert("promised_commit_ms_p99".into(), 500.into());
    figures.insert("policy".into(), args.policy.code().into());
    figures.insert("requests".into(), burst.asked.len().into());
    let units: u32 = burst.asked.values().map(|(_, quantity)| quantity).sum();
    figures.insert("units_asked".into(), units.into());
    let all: Vec<f64> = burst.own.iter().chain(&burst.lent).copied().collect();
    figures.insert("units_committed".into(), all.len().into());
    figures.extend(quantiles("commit_ms", &all));
    figures.extend(quantiles("commit_own_ms", &burst.own));
    figures.extend(quantiles("commit_lent_ms", &burst.lent));
    tell(&figures, args.output)
}

/// What was asked and what was committed, as the first office heard it.
#[derive(Default)]
struct Burst {
    /// When each need was asked, by its office's wall clock, and how many units.
    asked: BTreeMap<NeedId, (Wall, u32)>,
    /// From there to each commitment of a unit of the need's own office, ms.
    own: Vec<f64>,
    /// The same for units of others.
    lent: Vec<f64>,
}

impl Burst {
    fn hear(&mut self, entry: &Envelope) {
        let header = entry.header();
        match entry.body() {
            Some(Body::AidRequest(request)) => {
                let asked = (header.sent, request.quantity);
                self.asked.insert(request.need, asked);
            }
            // Whoever is turned to a need was not waited for since its request.
            Some(Body::AidCommit(commit)) if commit.turned_from.is_none() => {
                let Some((asked, _)) = self.asked.get(&commit.need) else {
                    return;
                };
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "milliseconds of an hour at most"
                )]
                let took = header.sent.0.saturating_sub(asked.0) as f64;
                let is_own = header.log.author == commit.need.author;
                if is_own {
                    &mut self.own
                } else {
                    &mut self.lent
                }
                .push(took);
            }
            _ => {}
        }
    }
}

async fn run(args: &CommitArgs) -> Result<Burst, Failure> {
    let (tap, mut heard) = mpsc::unbounded_channel();
    let opening = Opening {
        planning: Some(args.policy),
        fleet_percent: Some(FLEET_PERCENT),
        tap: Some(tap),
        ..Opening::default()
    };
    let mut hall = Hall::open(opening).await?;
    progress("nine offices serve");
    let mut burst = Burst::default();
    let mut draws = Draws(args.seed);
    let mut beat = tokio::time::interval(Duration::from_secs(args.over_s.into()) / args.calls);
    let mut called = 0;
    let mut quiet = std::pin::pin!(tokio::time::sleep(QUIET));
    loop {
        tokio::select! {
            _ = beat.tick(), if called < args.calls => {
                called += 1;
                let (office, call) = draw(&hall, &mut draws, called)?;
                hall.command(office, Action::Report(Box::new(call)))?;
                quiet.as_mut().reset(tokio::time::Instant::now() + QUIET);
            }
            heard = heard.recv() => {
                let Some(heard) = heard else {
                    return Err(Failure::bug("the first office has ended"));
                };
                let Heard::Envelope(entry) = heard else { continue };
                burst.hear(&entry);
                if matches!(entry.body(), Some(Body::AidCommit(_))) {
                    quiet.as_mut().reset(tokio::time::Instant::now() + QUIET);
                }
            }
            () = &mut quiet, if called == args.calls => break,
        }
    }
    hall.close().await?;
    if burst.asked.len() < args.calls as usize {
        let (asked, calls) = (burst.asked.len(), args.calls);
        let what = format!("of {calls} calls {asked} became requests that were heard");
        return Err(Failure::new(Code::TryLater, what));
    }
    Ok(burst)
}

/// A drawn call and the office that takes it.
fn draw(hall: &Hall, draws: &mut Draws, number: u32) -> Result<(PartyId, Call), Failure> {
    let offices: Vec<PartyId> = hall.offices.keys().copied().collect();
    let among = match draws.below(3) {
        0 => &offices[..],
        _ => &offices[..STRICKEN.min(offices.len())],
    };
    let party = *draws.one(among);
    let region = &hall.region;
    let city = region.office(party).map(|office| office.area);
    let district = region.district_by_people(city, u64::from(draws.below(u32::MAX)));
    let district = district.ok_or_else(|| Failure::bug("a city without districts"))?;
    let point = region.spot_in(district, u64::from(draws.below(u32::MAX)));
    let at = hall.start();
    let call = Call {
        request: format!("bench-call-{number}")
            .parse()
            .map_err(Failure::bug)?,
        event: "traffic-accident".to_owned(),
        category: Category::Accident,
        severity: *draws.one(&SEVERITIES),
        occurred_at: at,
        received_at: at,
        place: "演示地点".to_owned(),
        area: district.code,
        point: Some(point),
        source: "bench".to_owned(),
        summary: "演示".to_owned(),
        counts: Counts::default(),
        requires: vec![Requirement {
            kind: *draws.one(&KINDS),
            quantity: 1 + draws.below(3),
            duration: Span::minutes(30),
        }],
    };
    Ok((party, call))
}
