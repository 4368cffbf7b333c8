//! The command line: verbs, their options and examples.

mod bench;
mod bus;
mod carriage;
mod command;
mod doctor;
mod guest;
mod init;
mod keys;
mod office;
mod report;
mod scenario;
mod value;

use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

pub(crate) use bench::{
    AssignmentArgs, BenchArgs, BenchVerb, CalendarArgs, CommitArgs, DispatchArgs, HealArgs,
    MillionArgs, MillionPart, ReachArgs,
};
pub(crate) use bus::BrokerArgs;
pub(crate) use carriage::{
    ExportArgs, ExportVerb, HomeArgs, Homed, ImportArgs, ImportVerb, LogExport, LogImport,
    PaperArgs,
};
pub(crate) use command::{Asked, CommandArgs};
pub(crate) use doctor::DoctorArgs;
pub(crate) use guest::GuestArgs;
pub(crate) use init::InitArgs;
pub(crate) use keys::{
    Admit, Certify, EndKey, ExpireKey, HopPassword, KeysArgs, KeysVerb, MakeKey, RegionFolder,
    RotateKey, ShowKeys, Uncertify,
};
pub(crate) use office::{Apart, Duty, OfficeArgs, Placed};
pub(crate) use report::{MergeArgs, ReportArgs, ReportVerb};
pub(crate) use scenario::{CardsArgs, NewArgs, ScenarioArgs, ScenarioVerb, TrackAgency};
pub(crate) use value::{BrokersArg, ShardArg, VaryArg};
use value::{jobs, planning, seeds, speed};

/// The longest that a shell waits for an answer: an hour, far beyond the life of a command.
const WAIT_S_MAX: u64 = 3_600;

/// The offices of a region act as one: shared reports, shared inventories, mutual aid, joint drills.
///
/// Without a verb it runs the first-look drill.
#[derive(Debug, Parser)]
#[command(
    name = "liandong",
    version,
    about,
    after_help = "Examples:
  liandong                                             the first-look drill on this terminal
  liandong simulate scenarios/small/quiet-day.toml --seed 7 --output json
  liandong drill scenarios/prd/typhoon-mangkhut.toml --headless --speed 1200 --until 6h --out run
  liandong command --run run --office 440400 report --place 斗门 --event flood --need pump=2

Drill and research software. It replaces no statutory reporting channel."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// A live drill on real MQTT: a bus, an office for each city, the world, the dashboard.
    Drill(DrillArgs),
    /// The same drill in virtual time.
    Simulate(SimulateArgs),
    /// A trial region that works at once: settings, keys, roster, certificates, demo inventories.
    Init(InitArgs),
    /// One office as a process of its own: on duty, or of a running drill.
    Office(OfficeArgs),
    /// Names what is wrong with an office's files and machine, and what to do about it.
    Doctor(DoctorArgs),
    /// Makes, shows, admits and ends the keys of a region.
    Keys(KeysArgs),
    /// A bus of its own, for drills and offices that are given its address.
    Broker(BrokerArgs),
    /// An operator action at an office, on duty or of a running drill.
    Command(CommandArgs),
    /// The account of a recorded run: report.html, report.json and tables.
    Report(ReportArgs),
    /// Control cards and evaluators' forms of a scenario.
    Scenario(ScenarioArgs),
    /// Looks for faults in scenarios, region packs and inventories.
    Check(CheckArgs),
    /// Looks into an office's journal.
    Journal(JournalArgs),
    /// Writes what leaves this office by hand: its log, as a signed bundle on a memory stick.
    Export(ExportArgs),
    /// Takes in what came by hand.
    Import(ImportArgs),
    /// One office's picture for A4, to work on by hand when the screens are dark.
    Paper(PaperArgs),
    /// Measures what is promised about speed and memory.
    Bench(BenchArgs),
    /// JSON Schemas of what goes in and out.
    Schema(SchemaArgs),
    /// A template for a city's inventory, with Chinese or English headings.
    Template(TemplateArgs),
}

/// A live drill.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  liandong drill scenarios/small/quiet-day.toml --lockstep
  liandong drill scenarios/prd/typhoon-mangkhut.toml --headless --speed 1200 --until 6h --out run
  liandong drill scenarios/small/lossy.toml --brokers each --headless
  liandong drill scenarios/small/quiet-day.toml --bus mqtt://127.0.0.1:1883 --headless")]
pub(crate) struct DrillArgs {
    /// The scenario file.
    pub(crate) scenario: PathBuf,
    /// Drill seconds in a second.
    #[arg(long, default_value_t = 60.0, value_parser = speed)]
    pub(crate) speed: f64,
    /// Everything random comes from it; the scenario's own if left out.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// End early, this long after the start (30m, 6h).
    #[arg(long)]
    pub(crate) until: Option<protocol::Span>,
    /// Folder for journals, recording and report; a new one below ./run if left out.
    #[arg(long)]
    pub(crate) out: Option<PathBuf>,
    /// Time advances when every office has answered: decides what virtual time decides.
    #[arg(long)]
    pub(crate) lockstep: bool,
    /// One broker for all, or one at each office; as the scenario says if left out.
    #[arg(long, value_enum)]
    pub(crate) brokers: Option<BrokersArg>,
    /// An external bus instead of the embedded one: mqtt://HOST:PORT, with several hosts of a cluster between
    /// commas, and mqtts://HOST?ca=FILE for TLS. An address with USER:PASSWORD@ is not for arguments; it goes
    /// into the environment.
    #[arg(long, env = "LIANDONG_BUS", hide_env_values = true)]
    pub(crate) bus: Option<String>,
    /// Port of the embedded bus; the system chooses if left out.
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// No dashboard: progress lines on standard error.
    #[arg(long)]
    pub(crate) headless: bool,
    /// An office that is left to a process of its own (see `liandong office`). May be repeated.
    #[arg(long, value_name = "OFFICE", conflicts_with = "lockstep")]
    pub(crate) apart: Vec<protocol::PartyId>,
    #[command(flatten)]
    pub(crate) guests: GuestArgs,
    /// A city's inventory from a CSV file: 440400=zhuhai.csv. May be repeated.
    #[arg(long, value_name = "OFFICE=FILE")]
    pub(crate) inventory: Vec<String>,
    /// Language of the dashboard; by locale if left out.
    #[arg(long, value_enum)]
    pub(crate) lang: Option<Lang>,
}

/// A run in virtual time.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Examples:
  liandong simulate scenarios/small/quiet-day.toml --seed 7 --output json
  liandong simulate scenarios/prd/typhoon-mangkhut.toml --out run
  liandong simulate scenarios/small/lossy.toml --chaos --seeds 1..200 --output json
  liandong simulate scenarios/small/chaos-6h.toml --policy batch --compare own-first --seeds 1..30
  liandong simulate scenarios/small/chaos-6h.toml --seeds 1..30 --vary fleet.scale=0.5,1,2")]
pub(crate) struct SimulateArgs {
    /// The scenario file.
    pub(crate) scenario: PathBuf,
    /// Everything random comes from it; the scenario's own if left out.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// A campaign: a run for each of these seeds, both ends included (1..200).
    #[arg(long, value_name = "FIRST..LAST", value_parser = seeds, conflicts_with_all = ["seed", "out"])]
    pub(crate) seeds: Option<RangeInclusive<u64>>,
    /// Keep every run of a campaign in this file as it ends; what is there is not run again, so a campaign
    /// that was stopped goes on.
    #[arg(long, value_name = "FILE", requires = "seeds")]
    pub(crate) keep: Option<PathBuf>,
    /// Only this part of the seeds, of so many (2/4): what several machines share. Their files become one
    /// account with `liandong report merge`.
    #[arg(long, value_name = "I/N", requires = "keep")]
    pub(crate) shard: Option<ShardArg>,
    /// A campaign for each of these values of a key of the scenario, each held against the first:
    /// office.aid_window_s=30,60,120. A table of a list is named by its id (incident_stream.medical.max).
    #[arg(long, value_name = "KEY=A,B,C", requires = "seeds", conflicts_with_all = ["compare", "shard"])]
    pub(crate) vary: Option<VaryArg>,
    /// Runs of a campaign at a time; as many as there are processors if left out.
    #[arg(long, requires = "seeds", value_parser = jobs)]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Faults drawn from the seed besides those of the scenario: cuts, crashes, bad lines.
    #[arg(long)]
    pub(crate) chaos: bool,
    /// One broker for all, or one at each office; as the scenario says if left out, with --chaos as the
    /// seed draws it.
    #[arg(long, value_enum)]
    pub(crate) brokers: Option<BrokersArg>,
    /// How offices plan: own-first, nearest (of the region), batch (what is best for the region),
    /// look-ahead (with units soon free) or replan (and units on the road turned); as the scenario says if
    /// left out.
    #[arg(long, value_parser = planning)]
    pub(crate) policy: Option<protocol::Planning>,
    /// Run every seed under this policy too, and print how the two differ, with intervals.
    #[arg(long, value_name = "POLICY", requires = "seeds", value_parser = planning)]
    pub(crate) compare: Option<protocol::Planning>,
    /// Print besides how much harm a dispatcher would leave who knew all calls and, for a campaign, how
    /// many times as much there was.
    #[arg(long)]
    pub(crate) foresight: bool,
    /// End early, this long after the start (30m, 6h).
    #[arg(long)]
    pub(crate) until: Option<protocol::Span>,
    /// How the outcome is printed.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
    /// Folder for recording and report; nothing is kept if left out.
    #[arg(long)]
    pub(crate) out: Option<PathBuf>,
    /// Sign with Ed25519 as live networks do, instead of the quick virtual suite.
    #[arg(long)]
    pub(crate) ed25519: bool,
    /// A city's inventory from a CSV file: 440400=zhuhai.csv. May be repeated.
    #[arg(long, value_name = "OFFICE=FILE")]
    pub(crate) inventory: Vec<String>,
}

/// A check.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  liandong check scenarios/small/quiet-day.toml region/trio
  liandong template > t.csv && liandong check --region trio t.csv
  liandong check --region prd --office 440400 zhuhai.csv")]
pub(crate) struct CheckArgs {
    /// Scenario files and settings of offices and operators (.toml), folders of region packs, inventories
    /// (.csv).
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// The region that an inventory is for.
    #[arg(long, default_value = "prd")]
    pub(crate) region: String,
    /// The city that an inventory is for; the one that its first id begins with if left out.
    #[arg(long)]
    pub(crate) office: Option<protocol::PartyId>,
}

/// A journal.
#[derive(Debug, clap::Args)]
pub(crate) struct JournalArgs {
    #[command(subcommand)]
    pub(crate) verb: JournalVerb,
}

/// What to do with a journal.
#[derive(Debug, Subcommand)]
pub(crate) enum JournalVerb {
    /// Checks every line, hash and chain, and every signature against the roster inside.
    ///
    /// It ends with 0 if all of that holds, 65 if something does not, 66 if a journal is not there, 75 if
    /// an office has it open, and 78 if no signature could be checked because nothing says of which network
    /// the journal is.
    #[command(after_help = "Examples:
  liandong journal verify run/journals
  liandong journal verify trial/990100/journal
  liandong journal verify --config trial/990100/office.toml")]
    Verify {
        /// Journals, or folders of them; the office's own if left out.
        #[arg(required_unless_present = "config")]
        files: Vec<PathBuf>,
        /// Settings of an office on duty, office.toml, whose network it is; what lies beside the folder of
        /// the journals says if left out.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Prints what a journal holds, a line an entry.
    Show {
        /// The journal.
        file: PathBuf,
        /// Only this author.
        #[arg(long)]
        author: Option<protocol::PartyId>,
    },
}

/// A schema.
#[derive(Debug, clap::Args)]
pub(crate) struct SchemaArgs {
    /// Of what.
    #[arg(value_enum)]
    pub(crate) what: SchemaOf,
}

/// What has a schema.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SchemaOf {
    /// The messages of field/{office}: calls, units, counts, observations.
    Field,
    /// An office's settings, office.toml, as JSON has what TOML says.
    Office,
    /// A drill, scenario.toml, as JSON has what TOML says.
    Scenario,
}

/// A template.
#[derive(Debug, clap::Args)]
#[command(after_help = "Its rows are an example from the invented region trio:
  liandong template > t.csv && liandong check --region trio t.csv")]
pub(crate) struct TemplateArgs {
    /// The language of its headings.
    #[arg(long, value_enum, default_value_t = Lang::Zh)]
    pub(crate) lang: Lang,
}

/// How figures are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// Chinese.
    Zh,
    /// English.
    En,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    /// The words of the help of a verb and of all below it.
    fn words_of_help(verb: &mut clap::Command) -> Vec<String> {
        let help = verb.render_long_help().to_string();
        let apart = |c: char| !c.is_ascii_alphanumeric() && !"-_./".contains(c);
        let mut words: Vec<String> = help.split(apart).map(str::to_owned).collect();
        for below in verb.get_subcommands_mut() {
            words.extend(words_of_help(below));
        }
        words
    }

    #[test]
    fn every_office_resource_and_scenario_that_the_help_names_is_shipped() {
        let mut known = std::collections::BTreeSet::new();
        for region in region::BUILT_IN {
            let region = region::Region::built_in(region).unwrap();
            known.extend(region.cities().map(|city| city.party.to_string()));
            let fleet = region::demo_fleet(&region);
            known.extend(fleet.iter().map(|(_, it)| it.resource.to_string()));
        }
        let of_an_office = |word: &str| {
            let office = word.split(['-', '.', '/']).next().unwrap_or_default();
            office.len() == 6 && office.bytes().all(|it| it.is_ascii_digit())
        };
        let mut resources = 0;
        for word in words_of_help(&mut Cli::command()) {
            if word.starts_with("scenarios/") {
                assert!(std::path::Path::new(&word).exists(), "{word}");
            } else if of_an_office(&word) {
                let about = word.get(7..).unwrap_or_default();
                // Incidents, needs and logs are numbered as a drill goes; their office is known.
                let is_resource = about.starts_with(|c: char| c.is_ascii_alphabetic());
                let id = if is_resource { &word } else { &word[..6] };
                assert!(known.contains(id), "{word}");
                resources += usize::from(is_resource);
            }
        }
        assert!(resources >= 3, "{resources}");
    }

    #[test]
    fn a_wait_is_a_second_to_an_hour() {
        let typed = |wait: &str| {
            let line = "liandong command --run run --office 440400 --wait-s";
            let words = line.split(' ').chain([wait, "proposals"]);
            Cli::try_parse_from(words).map(drop)
        };
        assert!(typed("1").is_ok() && typed("3600").is_ok());
        for wrong in ["0", "3601", "18446744073709551615"] {
            assert_eq!(typed(wrong).unwrap_err().exit_code(), 2, "{wrong}");
        }
    }
}
