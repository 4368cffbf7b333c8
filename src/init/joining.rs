//! Offices that join a region that is there: admitted by its key, certified by its authority, and told
//! where the others are whose folders lie beside theirs.

use std::path::Path;
use std::sync::Arc;

use protocol::{PartyId, Wall};
use region::Region;

use super::certificates::Authority;
use super::planned::write;
use super::{AUTHORITY, AUTHORITY_KEY, Plan, authority_of, pages, tell};
use crate::cli::{InitArgs, RegionFolder};
use crate::failure::{Code, Failure};
use crate::keys;
use crate::office::{Sheet, without_files};

/// Makes the folders of new offices, and admits these.
pub(super) fn join(args: &InitArgs, offline: &Path, region: Arc<Region>) -> Result<(), Failure> {
    let mut signing = keys::Region::open(&RegionFolder {
        region: offline.to_path_buf(),
        key: None,
    })?;
    let mut plan = Plan::on(signing.network.clone(), args, region)?;
    let known = signing.roster.roster();
    let mut offices = plan.places.iter().map(|place| place.office.member.party);
    if let Some(office) = offices.find(|office| known.member(*office).is_some()) {
        let what = format!("\"{office}\" belongs already; name offices that are new");
        return Err(Failure::new(Code::Data, what));
    }
    plan.others = beside(&args.folder);
    let files = (&*offline.join(AUTHORITY), &*offline.join(AUTHORITY_KEY));
    let authority = Authority::open(&authority_of(&plan.network), files, plan.now)?;
    for change in plan.admissions() {
        let at = Wall::at(plan.now);
        signing.roster.append(change, &signing.signer, at);
    }
    // Who is admitted has a folder: it is written first.
    write(
        &args.folder,
        &plan,
        &plan.folders(&authority, &signing.roster.text())?,
    )?;
    signing.roster.keep()?;
    tell(&told(&plan, &args.folder, offline), plan.network.mode)
}

/// The offices whose folders lie in a folder, and where their buses are.
fn beside(folder: &Path) -> Vec<(PartyId, String)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sheets = entries.filter_map(|it| Sheet::read(&it.path().join("office.toml")).ok());
    let buses = sheets.filter_map(|sheet| {
        let own = sheet.gate().ok()??.own_url().ok()?;
        Some((sheet.office(), without_files(&own)))
    });
    let mut buses: Vec<_> = buses.collect();
    buses.sort();
    buses
}

/// What was made, and what the others have to be told by hand.
fn told(plan: &Plan, folder: &Path, offline: &Path) -> Vec<String> {
    let (roster, folder) = (offline.join(keys::ROSTER), folder.display());
    let mut lines = vec![
        format!(
            "{} new offices of region {} in {folder}; they know {} others",
            plan.places.len(),
            plan.network.id,
            plan.others.len()
        ),
        format!(
            "next: put {} in place of an office's roster file and send that office SIGHUP; the others hear of \
             it from there. Each office that is to join a new one's bus takes these lines and a restart:",
            roster.display()
        ),
    ];
    for place in &plan.places {
        let lines_of_bus = pages::bus(place.office.member.party, &pages::url(place));
        lines.extend(lines_of_bus.trim().lines().map(|line| format!("  {line}")));
    }
    lines.extend(plan.starts(&folder));
    lines
}
