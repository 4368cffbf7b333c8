//! The options of the benchmarks of what is promised.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use protocol::Planning;

use super::Output;

/// A benchmark.
#[derive(Debug, clap::Args)]
pub(crate) struct BenchArgs {
    #[command(subcommand)]
    pub(crate) verb: BenchVerb,
}

/// What is measured.
#[derive(Debug, Subcommand)]
pub(crate) enum BenchVerb {
    /// An office after a million entries: memory, journal, boot, and a rejoin over 10 Mbit/s.
    Million(MillionArgs),
    /// How soon nine live offices hold the same after lines were cut.
    Heal(HealArgs),
    /// How long an entry takes to the disks of eight other offices, beside plain MQTT.
    Reach(ReachArgs),
    /// How long a request takes to its commitment in a burst of calls, at nine live offices.
    Commit(CommitArgs),
    /// Assignment problems of the OR-Library: optimum and time.
    Assignment(AssignmentArgs),
    /// Plans for a region, from its first to the one after a single event.
    Dispatch(DispatchArgs),
    /// The simulator's calendar alone: the model DISPATCH-9, beside other simulators.
    Calendar(CalendarArgs),
}

/// DISPATCH-9.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  liandong bench calendar
  liandong bench calendar --mean2-us 6000001 --output json

1,000 units and 100,000 incidents of nine square cities, in whole numbers alone. Every simulator that runs the model
ends with the same fnv: 6b3430a0eadd9a2c with these defaults.")]
pub(crate) struct CalendarArgs {
    /// How many units.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) units: u32,
    /// How many incidents; 100,000 if left out.
    #[arg(long, default_value_t = 100_000, hide_default_value = true, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub(crate) incidents: u32,
    /// What is drawn.
    #[arg(long, default_value_t = 42)]
    pub(crate) seed: u64,
    /// Twice the mean time between incidents, microseconds: 8000001 is steady, 6000001 a surge.
    #[arg(long, env = "MEAN2", default_value_t = 8_000_001, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000_000))]
    pub(crate) mean2_us: u64,
    /// How often it is run.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) rounds: u32,
    /// How the figures are printed.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
}

/// An office after very many entries.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  liandong bench million --entries 50000
  liandong bench million --dir million --output json

The entries are written by the offices of an ordinary month in virtual time, under the quick suite
that no live network takes. Writing a million of them takes minutes and some gigabytes of memory.")]
pub(crate) struct MillionArgs {
    /// How many entries.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1_000..=1_500_000))]
    pub(crate) entries: u64,
    /// Where entries and journals are kept; what is there already is measured again. A folder that goes
    /// away afterwards if left out.
    #[arg(long)]
    pub(crate) dir: Option<PathBuf>,
    /// How the figures are printed.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
    /// One part alone, in this process.
    #[arg(long, value_enum, hide = true, requires = "dir")]
    pub(crate) part: Option<MillionPart>,
}

/// A part that has a process of its own, so that its memory is its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MillionPart {
    /// Offices write the entries.
    Write,
    /// An office hears all of them.
    Hear,
    /// An office boots on what it has heard.
    Boot,
    /// The journal is verified.
    Verify,
    /// An office with an empty disk comes back.
    Rejoin,
}

/// Heals of live offices.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  liandong bench heal --rounds 10

In each round three of nine offices are cut off for two seconds while all write, and it is measured
from the heal until every office holds what any of them held then. The lines are cut above the
connection to the bus, so that connecting anew is no part of it. A round takes some eight seconds.")]
pub(crate) struct HealArgs {
    /// How often lines are cut and heal.
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) rounds: u32,
    /// How the figures are printed.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
}

/// Entries between live offices.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  liandong bench reach --rounds 3 --rate 20

An office writes an entry with a body of 512 bytes, and it is measured until the other eight have
verified, applied and recorded it. In turns with that, nine plain clients send as many bytes over
the same bus with QoS 1. If mosquitto is installed, both are done over it too.")]
pub(crate) struct ReachArgs {
    /// How many turns each has.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) rounds: u32,
    /// Entries a turn.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) entries: u32,
    /// Entries a second, of all offices together.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) rate: u32,
    /// How the figures are printed.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
}

/// A burst of calls at live offices.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  liandong bench commit --calls 300 --over-s 60 --policy replan

Operators of nine live offices enter drawn calls, two thirds of them in the first three cities, each
with a need of one to three units of three times the demo fleet. It is measured from the request that
an office records to each commitment of a unit to it, its own or another's, by the wall clock in their
heads, to a thousandth of a second.")]
pub(crate) struct CommitArgs {
    /// How many calls.
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) calls: u32,
    /// Over how many seconds they come.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=7_200))]
    pub(crate) over_s: u32,
    /// How offices plan.
    #[arg(long, default_value = "replan", value_parser = super::value::planning)]
    pub(crate) policy: Planning,
    /// What is drawn.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(..=4_294_967_295))]
    pub(crate) seed: u64,
    /// How the figures are printed.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
}

/// Assignment problems from files.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  liandong bench assignment assign100.txt assign800.txt

A file says how many slots and units there are, then what each unit costs each slot, slot by slot. The
time is that of the solver alone; afterwards the optimum is proven over every arc.")]
pub(crate) struct AssignmentArgs {
    /// Problems as the OR-Library has them.
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// How often each is solved.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) rounds: u32,
    /// How the figures are printed.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
}

/// Plans for a drawn region.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  liandong bench dispatch --output json

Units and needs are drawn from the seed and stand at the nodes of the roads of the Pearl River Delta.
10,000 needs are planned over 100,000 units, with the search for the nearest of each and without it;
then something happens to a region of 1,000 units and some 300 slots, and it is measured until the plan
is optimal again. Proofs are checked aside. Then every office plans over a view that misses 0, 1 and 10
per cent of the others' records, and it is told how much more harm the region has after each of four
rounds than under the best plan there is.")]
pub(crate) struct DispatchArgs {
    /// How many events of each sort.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) rounds: u32,
    /// How many plans for 100,000 units, each solved as often without the search, and how many bursts under
    /// partial views.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) large_rounds: u32,
    /// What is drawn.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(..=4_294_967_295))]
    pub(crate) seed: u64,
    /// How the figures are printed.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
}
