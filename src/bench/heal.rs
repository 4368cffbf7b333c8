//! How soon live offices hold the same after lines were cut.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use protocol::{LogKey, PartyId};
use serde_json::Map;

use super::hall::{Hall, LOOK, Opening};
use super::quantiles::quantiles;
use super::{progress, tell};
use crate::cli::HealArgs;
use crate::failure::{Code, Failure};
use crate::live::lines::LineFaults;
use crate::stop::runtime;

/// How long the lines stay cut.
const CUT: Duration = Duration::from_secs(2);

/// How many offices are cut off in a round: a third of nine.
const ISOLATED: usize = 3;

/// Entries that each office writes while the lines are cut.
const NOTES: u64 = 10;

/// How long a heal may take before it is given up: longer than two digests and a want in vain.
const PATIENCE: Duration = Duration::from_secs(180);

/// Measures.
pub(crate) fn heal(args: &HealArgs) -> Result<(), Failure> {
    let times = runtime()?.block_on(rounds(args.rounds))?;
    let mut figures = Map::new();
    figures.insert("promised_heal_s_p99".into(), 10.into());
    figures.insert("offices".into(), times.offices.into());
    figures.insert("cut_off".into(), ISOLATED.into());
    figures.insert("entries_each".into(), NOTES.into());
    figures.extend(quantiles("heal_s", &times.seconds));
    tell(&figures, args.output)
}

struct Times {
    offices: usize,
    /// From the heal until every office held what any held at the heal, a round each.
    seconds: Vec<f64>,
}

async fn rounds(count: u32) -> Result<Times, Failure> {
    let mut hall = Hall::open(Opening::default()).await?;
    let all: Vec<PartyId> = hall.offices.keys().copied().collect();
    let mut seconds = Vec::new();
    for round in 0..count as usize {
        let first = round * ISOLATED;
        let cut: Vec<PartyId> = (first..first + ISOLATED)
            .map(|at| all[at % all.len()])
            .collect();
        seconds.push(one(&mut hall, &all, &cut).await?.as_secs_f64());
        let last = seconds.last().copied().unwrap_or_default();
        progress(&format!("round {} of {count}: {last:.1} s", round + 1));
    }
    hall.close().await?;
    Ok(Times {
        offices: all.len(),
        seconds,
    })
}

/// Cuts offices off, lets all write, heals, and waits.
async fn one(hall: &mut Hall, all: &[PartyId], cut: &[PartyId]) -> Result<Duration, Failure> {
    let isolated = LineFaults {
        isolated: true,
        ..LineFaults::default()
    };
    let before = own(hall).await?;
    for office in cut {
        hall.suffer(*office, isolated.clone());
    }
    for office in all {
        for _ in 0..NOTES {
            hall.note(*office)?;
        }
    }
    tokio::time::sleep(CUT).await;
    let written = own(hall).await?;
    let wrote =
        |(log, seq): (&LogKey, &u64)| *seq >= before.get(log).copied().unwrap_or_default() + NOTES;
    if !written.iter().all(wrote) {
        let what = "an office did not write what it was handed while the lines were cut";
        return Err(Failure::new(Code::TryLater, what));
    }
    if has_all(hall, &written).await? {
        return Err(Failure::bug("nothing was missing at the heal"));
    }
    let healed = Instant::now();
    for office in cut {
        hall.suffer(*office, LineFaults::default());
    }
    while !has_all(hall, &written).await? {
        if healed.elapsed() > PATIENCE {
            let what = "the offices did not come to hold the same";
            return Err(Failure::new(Code::TryLater, what));
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(healed.elapsed())
}

/// How far each office has its own log.
async fn own(hall: &Hall) -> Result<BTreeMap<LogKey, u64>, Failure> {
    let held = hall.held().await?;
    let own = held.iter().flat_map(|(party, holds)| {
        let own = holds.iter().filter(|(log, _)| log.author == *party);
        own.map(|(log, (seq, _))| (*log, *seq))
    });
    Ok(own.collect())
}

async fn has_all(hall: &Hall, wanted: &BTreeMap<LogKey, u64>) -> Result<bool, Failure> {
    let held = hall.held().await?;
    Ok(held.values().all(|holds| {
        let mut wanted = wanted.iter();
        wanted.all(|(log, seq)| holds.get(log).is_some_and(|(held, _)| held >= seq))
    }))
}
