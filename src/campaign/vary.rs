//! A sweep: the same campaign for each of several values of one key of the scenario.
//!
//! Every value runs the same seeds, which draw the same calls, crews and faults, so each is held seed by
//! seed against the first.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use protocol::Mode;
use serde_json::{Value, json};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Made, compare, run_all, verdict};
use crate::cli::{Output, SimulateArgs, VaryArg};
use crate::failure::{Code, Failure};
use crate::files;
use crate::print;
use crate::simulate::{self, options};
use crate::stop::{self, Stop};

/// Runs a campaign for every value and prints how each differs from the first.
pub(crate) fn sweep(
    args: &SimulateArgs,
    vary: &VaryArg,
    seeds: &RangeInclusive<u64>,
) -> Result<(), Failure> {
    let text = files::read(&args.scenario)?;
    // What is wrong with one value is told before any is run.
    let mut scenarios = Vec::new();
    for value in &vary.values {
        let varied = varied(&args.scenario, &text, (&vary.key, value))?;
        let read = files::scenario_of(&args.scenario, &varied);
        let (scenario, region) = read.map_err(|failure| {
            let what = format!("with {}={value}: {failure}", vary.key);
            Failure::new(failure.code, what)
        })?;
        let options = options(args, &scenario, &region)?;
        scenarios.push((value, scenario, region, options));
    }
    let runtime = stop::runtime()?;
    let stop = runtime.block_on(async { Stop::listen() })?;
    let told = stop.told();
    let mut all: Vec<(&String, Made)> = Vec::new();
    for (value, scenario, region, options) in &scenarios {
        if *told.borrow() {
            break;
        }
        let keep = args.keep.as_ref().map(|path| beside(path, value));
        let of = (scenario, region);
        let made = run_all((args, seeds), of, options, keep.as_deref(), || {
            *told.borrow()
        })?;
        all.push((value, made));
    }
    let simulated_s = all
        .iter()
        .map(|(_, made)| super::sum(&made.ours, |it| it.simulated_s))
        .sum();
    let wall = all.iter().map(|(_, made)| made.wall).sum();
    match args.output {
        Output::Json => simulate::print(account(vary, &all), simulated_s, wall, args.output)?,
        Output::Text => {
            for line in lines(&account(vary, &all)) {
                print::line(Mode::Exercise.marked(&line))?;
            }
        }
    }
    stop.verdict("the sweep")?;
    let key = &vary.key;
    let runs = all.iter().flat_map(|(value, made)| {
        made.ours.iter().map(move |run| {
            let again = simulate::replay(args, run.summary.seed);
            (run, format!("{again} with {key} = {value} in the file"))
        })
    });
    verdict(runs)
}

/// The figures of each value, held against the first.
fn account(vary: &VaryArg, all: &[(&String, Made)]) -> Value {
    let first = all.first().map(|(_, made)| &made.ours);
    let values = all
        .iter()
        .zip(first.into_iter().cycle())
        .map(|((value, made), first)| {
            let mut figures = compare::paired(&made.ours, first);
            figures["value"] = json!(value);
            figures["clean"] = json!(made.ours.iter().filter(|run| run.is_clean()).count());
            figures
        });
    json!({"vary": vary.key, "values": values.collect::<Vec<Value>>()})
}

/// The account for people: under each value its figures, and how they differ from the first's.
fn lines(account: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    let key = account["vary"].as_str().unwrap_or_default();
    let values = account["values"].as_array().into_iter().flatten();
    for (number, its) in values.enumerate() {
        let (clean, pairs) = (&its["clean"], &its["pairs"]);
        let value = its["value"].as_str().unwrap_or_default();
        lines.push(format!("{key}={value}: {clean} of {pairs} seeds clean"));
        for (figure, it) in its.as_object().into_iter().flatten() {
            let Some(mean) = it["mean"].as_f64() else {
                continue;
            };
            let beside = it["difference"]
                .as_f64()
                .filter(|_| number > 0)
                .map(|difference| {
                    let half = it["half_width_95"].as_f64();
                    let half = half.map_or_else(String::new, |half| format!(" ± {half}"));
                    format!("   {difference:+}{half} beside the first")
                });
            lines.push(format!(
                "  {figure:<16} {mean:>12}{}",
                beside.unwrap_or_default()
            ));
        }
    }
    lines
}

/// Where the runs of one value are kept: `runs` becomes `runs-30`.
fn beside(path: &Path, value: &str) -> PathBuf {
    let plain = |sign: char| sign.is_ascii_alphanumeric() || "._-".contains(sign);
    let value: String = value
        .chars()
        .map(|sign| if plain(sign) { sign } else { '_' })
        .collect();
    let mut name = path.as_os_str().to_owned();
    name.push(format!("-{value}"));
    PathBuf::from(name)
}

/// The text of a scenario in which one key has another value. What stands in quotation marks there is
/// given without.
fn varied(path: &Path, text: &str, (key, value): (&str, &str)) -> Result<String, Failure> {
    let at = || path.display();
    let table = DeTable::parse(text).map_err(|error| {
        let what = format!("{}: {error}; correct the TOML", at());
        Failure::new(Code::Data, what)
    })?;
    let mut here = Level::Table(table.get_ref());
    let mut path_so_far = String::new();
    for word in key.split('.') {
        let inside = match here {
            Level::Table(table) => table.get(word),
            Level::Value(value) => within(value, word),
        };
        let Some(inside) = inside else {
            let place = if path_so_far.is_empty() {
                "the file"
            } else {
                &path_so_far
            };
            let what = format!(
                "{}: {place} has no \"{word}\"; write the key as it stands in the file, and a table of a \
                 list by its id (incident_stream.medical.max)",
                at()
            );
            return Err(Failure::new(Code::Config, what));
        };
        if !path_so_far.is_empty() {
            path_so_far.push('.');
        }
        path_so_far.push_str(word);
        here = Level::Value(inside);
    }
    let Level::Value(found) = here else {
        return Err(Failure::new(Code::Config, "--vary names no key"));
    };
    let written = match found.get_ref() {
        DeValue::String(_) => format!("{value:?}"),
        _ => value.to_owned(),
    };
    let span = found.span();
    Ok(format!(
        "{}{written}{}",
        &text[..span.start],
        &text[span.end..]
    ))
}

/// Where a key is looked for.
enum Level<'a, 'i> {
    Table(&'a DeTable<'i>),
    Value(&'a Spanned<DeValue<'i>>),
}

/// A key of a table, or the table of a list that has this id or number.
fn within<'a, 'i>(value: &'a Spanned<DeValue<'i>>, word: &str) -> Option<&'a Spanned<DeValue<'i>>> {
    match value.get_ref() {
        DeValue::Table(table) => table.get(word),
        DeValue::Array(list) => list.iter().find(|item| {
            let DeValue::Table(table) = item.get_ref() else {
                return false;
            };
            let named = ["id", "number"]
                .into_iter()
                .filter_map(|name| table.get(name));
            named
                .into_iter()
                .any(|id| matches!(id.get_ref(), DeValue::String(id) if id == word))
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "seed = 1\n[office]\npolicy = \"batch\" # as they plan\n\
                        [[incident_stream]]\nid = \"a\"\nmax = 5\n\
                        [[incident_stream]]\nid = \"b\"\nmax = 7\n";

    fn changed(key: &str, value: &str) -> Result<String, String> {
        let varied = varied(Path::new("x.toml"), TEXT, (key, value));
        varied.map_err(|failure| failure.to_string())
    }

    #[test]
    fn one_value_is_changed_where_it_stands_and_nothing_else() {
        assert_eq!(
            changed("seed", "2").unwrap(),
            TEXT.replace("seed = 1", "seed = 2")
        );
        let replan = changed("office.policy", "replan").unwrap();
        assert_eq!(replan, TEXT.replace("batch", "replan"));
        let second = changed("incident_stream.b.max", "9").unwrap();
        assert_eq!(second, TEXT.replace("max = 7", "max = 9"));
    }

    #[test]
    fn a_key_that_is_not_in_the_file_is_told_with_where_it_was_looked_for() {
        let told = changed("office.hold_s", "2").unwrap_err();
        assert!(told.contains("office has no \"hold_s\""), "{told}");
        let told = changed("incident_stream.c.max", "2").unwrap_err();
        assert!(told.contains("incident_stream has no \"c\""), "{told}");
        assert!(
            changed("offce", "2")
                .unwrap_err()
                .contains("the file has no")
        );
    }

    #[test]
    fn the_runs_of_each_value_have_a_file() {
        assert_eq!(beside(Path::new("a/runs"), "0.5"), Path::new("a/runs-0.5"));
        assert_eq!(beside(Path::new("runs"), "a/b c"), Path::new("runs-a_b_c"));
    }
}
