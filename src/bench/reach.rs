//! How long an entry takes until it is verified, applied and on the disk of every other office, beside
//! the same bytes over plain MQTT, on our broker and on mosquitto, in turns.

use std::collections::BTreeMap;
use std::time::Duration;

use broker::BusUrl;
use protocol::PartyId;
use serde_json::{Map, Value};
use simulator::nearest_rank;

use super::hall::{BODY_BYTES, Hall, Opening};
use super::mosquitto::Mosquitto;
use super::plain::Plain;
use super::quantiles::quantiles;
use super::{progress, rounded, tell};
use crate::cli::ReachArgs;
use crate::failure::{Code, Failure};
use crate::stop::runtime;

/// How long the last entries of a turn may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Measures.
pub(crate) fn reach(args: &ReachArgs) -> Result<(), Failure> {
    let figures = runtime()?.block_on(measure(args))?;
    tell(&figures, args.output)
}

async fn measure(args: &ReachArgs) -> Result<Map<String, Value>, Failure> {
    let foreign = Mosquitto::start()?;
    let mut buses = vec![("rumqttd", Hall::open(Opening::default()).await?)];
    match &foreign {
        Some(mosquitto) => {
            let opening = Opening {
                bus: Some(mosquitto.url()?),
                ..Opening::default()
            };
            buses.push(("mosquitto", Hall::open(opening).await?));
        }
        None => progress("no mosquitto here; install the package mosquitto to compare with it"),
    }
    let mut times: BTreeMap<(&str, &str), Vec<f64>> = BTreeMap::new();
    for round in 0..args.rounds {
        for (bus, hall) in &mut buses {
            let plain = plain(args, hall.offices.len(), hall.bus().clone()).await?;
            times.entry((bus, "plain_ms")).or_default().extend(plain);
            let ours = ours(args, hall).await?;
            times.entry((bus, "office_ms")).or_default().extend(ours);
        }
        progress(&format!("round {} of {}", round + 1, args.rounds));
    }
    let mut figures = Map::new();
    figures.insert("body_bytes".into(), BODY_BYTES.into());
    figures.insert("entries_per_s".into(), args.rate.into());
    for ((bus, what), all) in &times {
        figures.extend(quantiles(&format!("{bus}_{what}"), all));
    }
    for (bus, _) in &buses {
        for percent in [50, 99] {
            let ratio = ratio(&times, bus, percent).map(rounded);
            figures.insert(format!("{bus}_ratio_p{percent}"), ratio.into());
        }
    }
    for (_, hall) in buses {
        hall.close().await?;
    }
    Ok(figures)
}

/// How many times as long ours takes as plain MQTT on the same bus.
fn ratio(
    times: &BTreeMap<(&str, &str), Vec<f64>>,
    bus: &'static str,
    percent: usize,
) -> Option<f64> {
    let value = |what: &'static str| {
        let mut all = times.get(&(bus, what))?.clone();
        all.sort_by(f64::total_cmp);
        nearest_rank(&all, percent)
    };
    Some(value("office_ms")? / value("plain_ms")?)
}

/// One turn of offices: notes at the rate, by each in its turn.
async fn ours(args: &ReachArgs, hall: &mut Hall) -> Result<Vec<f64>, Failure> {
    let offices: Vec<PartyId> = hall.offices.keys().copied().collect();
    // What was under way before is not this turn's.
    drop(hall.reach.take_done());
    let mut beat = tokio::time::interval(Duration::from_secs(1) / args.rate);
    for turn in 0..args.entries as usize {
        beat.tick().await;
        hall.note(offices[turn % offices.len()])?;
    }
    let mut found = Vec::new();
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while found.len() < args.entries as usize {
        found.extend(hall.reach.take_done());
        if tokio::time::Instant::now() > deadline {
            let what = format!(
                "{} of {} entries were everywhere after {PATIENCE:?}",
                found.len(),
                args.entries
            );
            return Err(Failure::new(Code::TryLater, what));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(found.into_iter().map(|(_, took)| millis(took)).collect())
}

/// One turn of plain clients: the same bytes at the same rate.
async fn plain(args: &ReachArgs, clients: usize, bus: BusUrl) -> Result<Vec<f64>, Failure> {
    let mut plain = Plain::open(clients, &bus).await?;
    let mut beat = tokio::time::interval(Duration::from_secs(1) / args.rate);
    for turn in 0..args.entries {
        beat.tick().await;
        plain.publish(turn, BODY_BYTES)?;
    }
    let found = plain.arrivals(PATIENCE).await?;
    Ok(found.into_iter().map(millis).collect())
}

fn millis(took: Duration) -> f64 {
    took.as_secs_f64() * 1_000.0
}
