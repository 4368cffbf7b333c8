//! The options of keys.

use std::path::PathBuf;

use clap::Subcommand;
use protocol::{AreaCode, KeyId, PartyId, ResourceId, Role, known_words, unhex};

pub(crate) use crate::keys::EndTime;

/// Keys.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  liandong keys make op2-990100 --role operator --office 990100 --area 990100 --network network.toml
  liandong keys admit op2-990100.pub --region region-offline
  liandong keys show region-offline/roster.log
  liandong keys rotate new/990100.pub --region region-offline --until 2027-01-01T00:00:00+08:00
  liandong keys revoke op2-990100 --region region-offline
  liandong keys expire op2-990100 --at 2027-01-01T00:00:00+08:00 --region region-offline
  liandong keys certify 990100 --host east.example.org --region region-offline --out new
  liandong keys uncertify stolen.tls.pem --region region-offline

A secret is read from a file of mode 0600, from a credential of systemd or from the environment, and is
never an argument. `revoke` makes a key worthless at once; `expire` ends one that its owner gives up.")]
pub(crate) struct KeysArgs {
    #[command(subcommand)]
    pub(crate) verb: KeysVerb,
}

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysVerb {
    /// Draws a key: PARTY.key, which its owner keeps, and PARTY.pub, which the region admits.
    Make(MakeKey),
    /// Shows whose keys there are and what they are worth. Never a secret.
    Show(ShowKeys),
    /// The region admits a party by the public half of its key.
    Admit(Admit),
    /// The region admits a party's new key and ends those before it.
    Rotate(RotateKey),
    /// A key of a party is worth nothing from now on.
    Revoke(EndKey),
    /// A key of a party counts until a time and no longer.
    Expire(ExpireKey),
    /// Another certificate for a party, by the authority of a region that `liandong init` made.
    Certify(Certify),
    /// The same authority takes certificates back: whoever shows one comes in at no gate any more.
    Uncertify(Uncertify),
    /// The line of a party's password for a gate's file of passwords: a hash, from standard input or the
    /// variable LIANDONG_PASSWORD.
    Password(HopPassword),
}

/// A certificate.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  liandong keys certify 990100 --host east.example.org --region trial/region-offline --out new
  liandong keys certify op-990100 --region trial/region-offline --out new

It writes PARTY.tls.pem and PARTY.tls.key. Certificates hold for two years; `liandong doctor` says when one
is near its end.")]
pub(crate) struct Certify {
    /// Whose certificate: an office's, or an operator's.
    pub(crate) party: PartyId,
    /// A name of the office's machine besides localhost; all that the certificate before had. May be
    /// repeated.
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Vec<String>,
    /// The region's own folder, with network.toml, roster.log, ca.pem and ca.key.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) region: PathBuf,
    /// The folder that both files go to.
    #[arg(long, default_value = ".")]
    pub(crate) out: PathBuf,
}

/// The end of certificates.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  liandong keys uncertify trial/990100/tls.pem --region trial/region-offline

It writes revoked.pem in the region's folder anew, which has all that were taken back, for every gate. Keep it
with the folder's keys: without it nothing is taken back. A signing key that was stolen with a certificate is
ended by `keys revoke` besides.")]
pub(crate) struct Uncertify {
    /// Certificates (PEM), each as its party had it; no key is needed.
    #[arg(required = true)]
    pub(crate) certificates: Vec<PathBuf>,
    /// The region's own folder, with network.toml, ca.pem, ca.key and revoked.pem.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) region: PathBuf,
    /// Begins a list where none is: for a region that was made before `liandong init` began one, and none of
    /// whose gates ever had any.
    #[arg(long)]
    pub(crate) first: bool,
}

/// A password for the hop to a gate.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  liandong keys password 990100 < password.txt >> passwords")]
pub(crate) struct HopPassword {
    /// Whose password.
    pub(crate) party: PartyId,
}

/// A new key.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  liandong keys make op2-990100 --role operator --office 990100 --area 990100 --network network.toml
  liandong keys make term1-990100 --role terminal --office 990100 --unit 990100-pump-1 --network network.toml
  liandong keys make met-990100 --role met --area 990100 --name-zh 气象台 --network network.toml")]
pub(crate) struct MakeKey {
    /// Whose key: at most 20 letters, digits and hyphens.
    pub(crate) party: PartyId,
    /// What the party is: city, province, district, met, grid, maritime, operator, terminal, observer or
    /// director.
    #[arg(long, value_parser = role)]
    pub(crate) role: Role,
    /// The network file.
    #[arg(long)]
    pub(crate) network: PathBuf,
    /// The office that it belongs to; an office belongs to itself.
    #[arg(long)]
    pub(crate) office: Option<PartyId>,
    /// Its ground, or that of its office: six digits; the whole region if left out.
    #[arg(long, value_parser = area, default_value = "000000", hide_default_value = true)]
    pub(crate) area: AreaCode,
    /// The circle that a city belongs to.
    #[arg(long)]
    pub(crate) circle: Option<String>,
    /// The unit whose crew's terminal it is: it says what that unit does, and nothing else. A terminal
    /// without one speaks for systems of its office, such as a call intake, and for no unit.
    #[arg(long, value_name = "RESOURCE")]
    pub(crate) unit: Option<ResourceId>,
    /// Its Chinese name; its id if left out.
    #[arg(long)]
    pub(crate) name_zh: Option<String>,
    /// Its English name; its id if left out.
    #[arg(long)]
    pub(crate) name_en: Option<String>,
    /// The folder that both files go to.
    #[arg(long, default_value = ".")]
    pub(crate) out: PathBuf,
}

/// Keys to look at.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  liandong keys show region-offline/roster.log trial/990100/office.key")]
pub(crate) struct ShowKeys {
    /// Key files (.key), public halves (.pub), rosters (.log).
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// The network file of a roster; network.toml beside it if left out.
    #[arg(long)]
    pub(crate) network: Option<PathBuf>,
}

/// Where the region signs.
#[derive(Debug, clap::Args)]
pub(crate) struct RegionFolder {
    /// The region's own folder, with network.toml, roster.log and region.key.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) region: PathBuf,
    /// Where the region's key lies instead: a file, credential:NAME or env:NAME.
    #[arg(long, value_name = "PLACE")]
    pub(crate) key: Option<String>,
}

/// An admission.
#[derive(Debug, clap::Args)]
pub(crate) struct Admit {
    /// The public half of the party's key.
    pub(crate) half: PathBuf,
    #[command(flatten)]
    pub(crate) folder: RegionFolder,
}

/// A new key for a party that belongs.
#[derive(Debug, clap::Args)]
pub(crate) struct RotateKey {
    /// The public half of the new key.
    pub(crate) half: PathBuf,
    /// Until when the keys before it count, 2027-01-01T00:00:00+08:00, unless they end earlier; for a day
    /// from now if left out. What they signed by then is believed ever after, and what they sign later by nobody,
    /// so the party starts with its new key before.
    #[arg(long)]
    pub(crate) until: Option<EndTime>,
    /// The keys before it were stolen: they are revoked. Who has not heard yet what they signed never will, and
    /// an office that loses its disk as well has lost what it signed with them.
    #[arg(long, conflicts_with = "until")]
    pub(crate) revoke: bool,
    #[command(flatten)]
    pub(crate) folder: RegionFolder,
}

/// The end of a key.
#[derive(Debug, clap::Args)]
pub(crate) struct EndKey {
    /// Whose.
    pub(crate) party: PartyId,
    /// Which, by its sixteen digits; if left out all, those that have ended too.
    #[arg(value_parser = key_id)]
    pub(crate) key_id: Option<KeyId>,
    #[command(flatten)]
    pub(crate) folder: RegionFolder,
}

/// An end of a key at a time.
#[derive(Debug, clap::Args)]
pub(crate) struct ExpireKey {
    /// Whose.
    pub(crate) party: PartyId,
    /// Which, by its sixteen digits; if left out all that count beyond that time. Only a key that is named gets a
    /// later end than it has.
    #[arg(value_parser = key_id)]
    pub(crate) key_id: Option<KeyId>,
    /// The last time at which it counts: 2027-01-01T00:00:00+08:00.
    #[arg(long)]
    pub(crate) at: EndTime,
    #[command(flatten)]
    pub(crate) folder: RegionFolder,
}

fn role(text: &str) -> Result<Role, String> {
    Role::from_code(text).ok_or_else(|| known_words(text, Role::ALL.iter().map(|it| it.code())))
}

fn area(text: &str) -> Result<AreaCode, String> {
    let six = text.len() == 6 && text.bytes().all(|it| it.is_ascii_digit());
    let code = text.parse().ok().filter(|_| six).map(AreaCode);
    code.ok_or_else(|| format!("\"{text}\" is no area; write six digits as 440400"))
}

fn key_id(text: &str) -> Result<KeyId, String> {
    let id = unhex(text).map(KeyId);
    id.map_err(|_| {
        format!("\"{text}\" names no key; write the sixteen digits that `keys show` tells")
    })
}
