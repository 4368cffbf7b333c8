//! Keys: files that only their owner reads, and the verb that makes, shows, admits and ends them.

mod file;
mod making;
mod password;
mod region;
mod showing;
mod turn;

use std::path::{Path, PathBuf};

use protocol::{PartyId, Signer, Suite, hex, unhex};

use crate::cli::{KeysArgs, KeysVerb};
use crate::failure::{Code, Failure};
use crate::files;
use crate::init;
use crate::secret::{Holds, is_its_owners_alone};
pub(crate) use file::{KeyFile, PublicHalf};
pub(crate) use region::{EndTime, NETWORK, REGION_KEY, ROSTER, Region};
pub(crate) use turn::Turn;

/// The verb `keys`.
pub(crate) fn keys(args: &KeysArgs) -> Result<(), Failure> {
    match &args.verb {
        KeysVerb::Make(args) => making::make(args),
        KeysVerb::Show(args) => showing::show(args),
        KeysVerb::Admit(args) => region::admit(args),
        KeysVerb::Rotate(args) => region::rotate(args),
        KeysVerb::Revoke(args) => region::revoke(args),
        KeysVerb::Expire(args) => region::expire(args),
        KeysVerb::Certify(args) => init::certify(args),
        KeysVerb::Uncertify(args) => init::uncertify(args),
        KeysVerb::Password(args) => password::password(args),
    }
}

/// The first of an office's people, whom `init` makes and every drill has.
pub(crate) fn operator_of(office: PartyId) -> Result<PartyId, Failure> {
    format!("op-{office}").parse().map_err(Failure::bug)
}

/// Where the key of an office's operator lies in a run's folder.
pub(crate) fn operator_key(run: &Path, office: PartyId) -> PathBuf {
    run.join("keys").join(format!("op-{office}.key"))
}

/// Where the key of an office that runs as a process of its own lies in a run's folder.
pub(crate) fn office_key(run: &Path, office: PartyId) -> PathBuf {
    run.join("keys").join(format!("{office}.key"))
}

/// Writes a secret key of a drill, which names no network: it dies with the drill's.
pub(crate) fn write(path: &Path, secret: &[u8; 32]) -> Result<(), Failure> {
    files::write_secret(path, &hex(secret))
}

/// Reads a secret key of a drill, if nobody else can.
pub(crate) fn read(path: &Path, party: PartyId, suite: Suite) -> Result<Signer, Failure> {
    let text = read_text(path, Holds::Key)?;
    let secret = unhex(&text)
        .map_err(|error| Failure::new(Code::Data, format!("{}: {error}", path.display())))?;
    Ok(Signer::new(party, suite, secret))
}

/// Reads a secret, if nobody else can.
pub(crate) fn read_text(path: &Path, holds: Holds) -> Result<String, Failure> {
    is_its_owners_alone(path, holds)?;
    Ok(files::read(path)?.trim().to_owned())
}
