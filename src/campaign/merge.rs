//! The verb `report merge`: what several machines ran of one campaign, or one in several turns, as one account.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::kept::{Kept, Line, read, sorted};
use super::run::account;
use super::{compare, foresight, verdict};
use crate::cli::MergeArgs;
use crate::failure::{Code, Failure};
use crate::simulate::print_account;

/// Prints one account of the runs of all files.
pub(crate) fn merge(args: &MergeArgs) -> Result<(), Failure> {
    let mut files = Vec::new();
    for path in &args.files {
        files.push((path.clone(), read(path)?));
    }
    let Some((first, kept)) = files.first() else {
        return Err(Failure::new(Code::NoInput, "name the files of a campaign"));
    };
    let campaign = kept.campaign.clone();
    for (path, kept) in &files[1..] {
        campaign
            .is_that_of(path, &kept.campaign)
            .map_err(|failure| {
                let what = format!("{failure} (here is {})", first.display());
                Failure::new(Code::Data, what)
            })?;
    }
    let (ours, others) = sorted(once(files)?);
    let replay = |seed| campaign.replay(seed);
    let mut account = account(&ours, campaign.has_chaos(), replay)?;
    if !others.is_empty() {
        account["compare"] = compare::paired(&ours, &others);
    }
    if ours
        .iter()
        .any(|run| run.summary.foreseen_harm_min.is_some())
    {
        account["foresight"] = foresight::beside(&ours, &others);
    }
    print_account(&account, args.output)?;
    let runs = ours.iter().chain(&others);
    verdict(runs.map(|run| (run, replay(run.summary.seed))))
}

/// Every run once. A seed that two have is the same in both, or one of the machines is not to be trusted.
fn once(files: Vec<(PathBuf, Kept)>) -> Result<Vec<Line>, Failure> {
    let mut all: BTreeMap<(bool, u64), (PathBuf, Line)> = BTreeMap::new();
    for (path, kept) in files {
        for line in kept.lines {
            let key = (line.beside, line.run.summary.seed);
            if let Some((other, known)) = all.get(&key) {
                if known.run != line.run {
                    let what = format!(
                        "seed {} went one way in {} and another in {}; run it again on each machine",
                        key.1,
                        other.display(),
                        path.display()
                    );
                    return Err(Failure::new(Code::Data, what));
                }
                continue;
            }
            all.insert(key, (path.clone(), line));
        }
    }
    Ok(all.into_values().map(|(_, line)| line).collect())
}
