//! `keys show`: who has which key and what it is worth. Never a secret.

use std::path::Path;

use protocol::{Civil, Network, Standing, Wall};

use super::region::NETWORK;
use super::{KeyFile, PublicHalf};
use crate::cli::ShowKeys;
use crate::failure::{Code, Failure};
use crate::live::time::wall_us;
use crate::network;
use crate::print;
use crate::roster::RosterFile;
use crate::secret::SecretPlace;

/// Minutes east of UTC in which ends are shown.
const OFFSET_MIN: i16 = 480;

/// Shows key files, public halves and roster files.
pub(super) fn show(args: &ShowKeys) -> Result<(), Failure> {
    for file in &args.files {
        let ending = file.extension().and_then(|ending| ending.to_str());
        let lines = match ending {
            Some("key") => secret(file)?,
            Some("pub") => half(file)?,
            Some("log") => roster(file, args.network.as_deref())?,
            _ => {
                let what = format!(
                    "{}: its ending tells not what it is; a key ends with .key, its public half with .pub, a \
                     roster with .log",
                    file.display()
                );
                return Err(Failure::new(Code::NoInput, what));
            }
        };
        for line in lines {
            print::line(line)?;
        }
    }
    Ok(())
}

fn secret(file: &Path) -> Result<Vec<String>, Failure> {
    let key = KeyFile::read(&SecretPlace::File(file.to_path_buf()))?;
    let line = format!(
        "{}  key {}  network {} ({})  secret, not shown",
        key.party,
        key.public().id(),
        key.net,
        key.mode.code()
    );
    Ok(vec![line])
}

fn half(file: &Path) -> Result<Vec<String>, Failure> {
    let half = PublicHalf::read(file)?;
    let member = &half.member;
    let line = format!(
        "{}  {}  of {}  key {}  network {} ({})",
        member.party,
        member.role.code(),
        member.office,
        member.key.id(),
        half.network,
        half.mode.code()
    );
    Ok(vec![line])
}

fn roster(file: &Path, network: Option<&Path>) -> Result<Vec<String>, Failure> {
    let beside = file.with_file_name(NETWORK);
    if network.is_none() && !beside.exists() {
        let what = format!(
            "{}: no {NETWORK} lies beside it, by which its signatures are verified; pass --network",
            file.display()
        );
        return Err(Failure::new(Code::NoInput, what));
    }
    let network = network::read(network.unwrap_or(&beside))?;
    let read = RosterFile::read(file, &network)?;
    let head = format!(
        "network {} ({})  {} entries",
        network.id,
        network.mode.code(),
        read.log().len()
    );
    let keys = read.roster().keys();
    let lines = keys.map(|(party, standing)| {
        let member = read.roster().member(party);
        let (role, office) = match member {
            Some(member) => (member.role.code(), member.office.to_string()),
            None => ("region", party.to_string()),
        };
        let id = standing.key().id();
        format!(
            "{party}  {role}  of {office}  key {id}  {}",
            worth(standing, &network)
        )
    });
    Ok(std::iter::once(head).chain(lines).collect())
}

fn worth(standing: &Standing, network: &Network) -> String {
    if standing.is_revoked() {
        return "revoked".to_owned();
    }
    if standing.key() == network.root {
        return "counts (the region's offline key)".to_owned();
    }
    let Some(until) = standing.until() else {
        return "counts".to_owned();
    };
    let shown = Civil::at(protocol::Moment(until.0.saturating_mul(1_000)), OFFSET_MIN).rfc3339();
    if until < Wall(wall_us() / 1_000) {
        format!("expired at {shown}")
    } else {
        format!("counts until {shown}")
    }
}
