//! `keys certify`: another certificate for a party that belongs, by the authority that `init` made.

use std::path::Path;

use protocol::{Moment, Wall};

use super::certificates::{Authority, PARTY_YEARS};
use super::{AUTHORITY, AUTHORITY_KEY, OWN_NAMES, authority_of, tell};
use crate::cli::Certify;
use crate::failure::{Code, Failure};
use crate::keys::{NETWORK, ROSTER};
use crate::live::time::wall_us;
use crate::roster::RosterFile;
use crate::{files, network};

/// Writes a certificate and its key; nothing is overwritten.
pub(crate) fn certify(args: &Certify) -> Result<(), Failure> {
    let offline = &*args.region;
    let network = network::read(&offline.join(NETWORK))?;
    let file = RosterFile::read(&offline.join(ROSTER), &network)?;
    let (party, now) = (args.party, Moment(wall_us()));
    let role = belongs(&file, args, Wall::at(now))?;
    let listens = role.is_author();
    if !listens && !args.host.is_empty() {
        let what = format!(
            "--host names a machine that listens, and \"{party}\" is {}; leave it out",
            role.code()
        );
        return Err(Failure::new(Code::Config, what));
    }
    let own = OWN_NAMES.map(str::to_owned).into_iter();
    let names: Vec<String> = if listens {
        own.chain(args.host.iter().cloned()).collect()
    } else {
        Vec::new()
    };
    let authority = Authority::open(
        &authority_of(&network),
        (&offline.join(AUTHORITY), &offline.join(AUTHORITY_KEY)),
        now,
    )?;
    let made = authority.certify(party, &names)?;
    let at = |ending: &str| args.out.join(format!("{party}.tls.{ending}"));
    let (cert, key) = (at("pem"), at("key"));
    files::is_free(&cert)?;
    files::write_secret(&key, &made.key)?;
    files::write_new(&cert, &made.cert)?;
    tell(&told(args, (&cert, &key), &names), network.mode)
}

/// What a party of the region is, of which a key counts.
fn belongs(file: &RosterFile, args: &Certify, now: Wall) -> Result<protocol::Role, Failure> {
    let (roster, party) = (file.roster(), args.party);
    let member = roster
        .member(party)
        .filter(|_| roster.belongs_at(party, now));
    if let Some(member) = member {
        return Ok(member.role);
    }
    let what = format!(
        "\"{party}\" has no key that counts in {}; let the region admit it with `liandong keys admit` first",
        args.region.join(ROSTER).display()
    );
    Err(Failure::new(Code::Data, what))
}

fn told(args: &Certify, (cert, key): (&Path, &Path), names: &[String]) -> Vec<String> {
    let (party, cert, key) = (args.party, cert.display(), key.display());
    let known = match names {
        [] => "that it shows".to_owned(),
        names => format!("for {}", names.join(", ")),
    };
    let then = match names {
        [] => "its shells show it from the next command on",
        _ => "send the office SIGHUP; it shows the new one from then on",
    };
    vec![
        format!(
            "wrote a certificate of {party} {known}, {cert}, and its key, {key} (secret, mode 0600); it holds \
             for {PARTY_YEARS} years"
        ),
        format!("next: put both in place of those that its settings name (cert, key), then {then}"),
    ]
}
