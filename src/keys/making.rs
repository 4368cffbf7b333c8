//! `keys make`: a new key for a party, as two files.

use protocol::{Member, Role};

use super::{KeyFile, PublicHalf};
use crate::cli::MakeKey;
use crate::failure::{Code, Failure};
use crate::files;
use crate::live::stage::random;
use crate::network;
use crate::print;

/// Draws a key and writes both halves; nothing is overwritten.
pub(super) fn make(args: &MakeKey) -> Result<(), Failure> {
    let network = network::read(&args.network)?;
    let belongs_to = match (args.role, args.office) {
        (Role::Operator | Role::Terminal, None) => {
            let what = format!(
                "role {} belongs to an office; pass --office",
                args.role.code()
            );
            return Err(Failure::new(Code::Config, what));
        }
        (_, office) => office.unwrap_or(args.party),
    };
    if args.unit.is_some() && args.role != Role::Terminal {
        let what = format!(
            "--unit is for a crew's terminal; role {} has none",
            args.role.code()
        );
        return Err(Failure::new(Code::Config, what));
    }
    let key = KeyFile::new(args.party, &network, random()?);
    let name = |said: &Option<String>| said.clone().unwrap_or_else(|| args.party.to_string());
    let half = PublicHalf {
        network: network.id,
        mode: network.mode,
        member: Member {
            party: args.party,
            role: args.role,
            area: args.area,
            office: belongs_to,
            circle: args.circle.clone().unwrap_or_default(),
            unit: args.unit,
            name_zh: name(&args.name_zh),
            name_en: name(&args.name_en),
            key: key.public(),
        },
    };
    let secret = args.out.join(format!("{}.key", args.party));
    let public = args.out.join(format!("{}.pub", args.party));
    files::is_free(&public)?;
    files::write_secret(&secret, &key.text())?;
    files::write_new(&public, &half.text())?;
    let told = format!(
        "wrote {} (secret, mode 0600) and {} (key {}); the region admits it with `liandong keys admit`",
        secret.display(),
        public.display(),
        half.member.key.id()
    );
    print::line(network.mode.marked(&told))
}
