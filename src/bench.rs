//! The verb `bench`: measures what is promised about speed and memory, and prints it beside the promise.

mod assignment;
mod calendar;
mod commit;
mod dispatch;
mod draws;
mod hall;
mod heal;
mod machine;
mod million;
mod mosquitto;
mod plain;
mod process;
mod quantiles;
mod reach;
mod rejoin;

use std::io::Write;

use serde_json::{Map, Value};

use crate::cli::{BenchArgs, BenchVerb, Output};
use crate::failure::Failure;
use crate::print;

/// Measures.
pub(crate) fn bench(args: &BenchArgs) -> Result<(), Failure> {
    match &args.verb {
        BenchVerb::Million(args) => million::million(args),
        BenchVerb::Heal(args) => heal::heal(args),
        BenchVerb::Reach(args) => reach::reach(args),
        BenchVerb::Commit(args) => commit::commit(args),
        BenchVerb::Assignment(args) => assignment::assignment(args),
        BenchVerb::Dispatch(args) => dispatch::dispatch(args),
        BenchVerb::Calendar(args) => calendar::calendar(args),
    }
}

/// Prints figures; a name says what is measured and ends with the unit.
fn tell(figures: &Map<String, Value>, output: Output) -> Result<(), Failure> {
    let text = match output {
        Output::Json => serde_json::to_string_pretty(figures).map_err(Failure::bug)?,
        Output::Text => {
            let lines = figures
                .iter()
                .map(|(name, value)| format!("{name:28} {value}"));
            lines.collect::<Vec<_>>().join("\n")
        }
    };
    print::line(text)
}

/// Says how far it is, on standard error.
fn progress(line: &str) {
    // A closed standard error is no reason to stop measuring.
    drop(writeln!(std::io::stderr(), "{line}"));
}

/// A figure with three digits behind the point.
fn rounded(value: f64) -> Value {
    Value::from((value * 1_000.0).round() / 1_000.0)
}
