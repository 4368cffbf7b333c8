//! Problems of the OR-Library: the optimum of each, proven over every arc, and how long it takes.

use std::path::Path;
use std::time::Instant;

use agents::planner::Table;
use serde_json::{Map, Value};
use simulator::nearest_rank;

use super::{rounded, tell};
use crate::cli::AssignmentArgs;
use crate::failure::{Code, Failure};
use crate::whole;

/// The most slots and units of a file: a table of the greatest takes 400 MB.
const SIDE_MAX: u32 = 10_000;

/// Measures.
pub(crate) fn assignment(args: &AssignmentArgs) -> Result<(), Failure> {
    let mut figures = Map::new();
    for file in &args.files {
        let mut table = read(file)?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        figures.extend(measure(&name, &mut table, args.rounds)?);
    }
    tell(&figures, args.output)
}

/// Times the solver alone; what it says is checked afterwards.
fn measure(name: &str, table: &mut Table, rounds: u32) -> Result<Map<String, Value>, Failure> {
    let mut times = Vec::new();
    let mut plan = None;
    for _ in 0..rounds {
        let start = Instant::now();
        let solved = table.solve().map_err(Failure::bug)?;
        times.push(start.elapsed().as_secs_f64() * 1_000.0);
        plan = Some(solved);
    }
    let plan = plan.expect("there is at least one round");
    let certificate = plan.certificate();
    certificate.check(&table.problem()).map_err(Failure::bug)?;
    times.sort_by(f64::total_cmp);
    let mut figures = Map::new();
    figures.insert(format!("{name}_optimum"), certificate.total.into());
    for (which, percent) in [("best_ms", 0), ("p50_ms", 50)] {
        let value = nearest_rank(&times, percent).map(rounded);
        figures.insert(format!("{name}_{which}"), value.into());
    }
    Ok(figures)
}

/// Reads how many, then the costs, slot by slot.
fn read(path: &Path) -> Result<Table, Failure> {
    let text =
        whole::text(path, whole::WRITTEN_BYTES).map_err(|error| Failure::file(path, &error))?;
    parse(&text).map_err(|fault| Failure::new(Code::Data, format!("{}: {fault}", path.display())))
}

fn parse(text: &str) -> Result<Table, String> {
    let mut numbers = text.split_whitespace().enumerate().map(|(place, word)| {
        let number = word.parse::<i32>();
        number.map_err(|_| format!("\"{word}\", number {} of the file, is no cost", place + 1))
    });
    let side = numbers.next().ok_or("the file is empty")??;
    let side = u32::try_from(side).ok().filter(|side| *side <= SIDE_MAX);
    let side = side.ok_or_else(|| format!("give 0 to {SIDE_MAX} slots and as many units"))?;
    let costs: Vec<i32> = numbers.collect::<Result<_, _>>()?;
    Table::new(side, side, costs).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_library_is_solved() {
        let mut table = parse(" 3\n 4 1 3\n 2 0 5\n 3 2 2\n").unwrap();
        let figures = measure("small", &mut table, 2).unwrap();
        assert_eq!(figures["small_optimum"], 5);
        assert!(figures["small_best_ms"].as_f64().unwrap() >= 0.0);
    }

    #[test]
    fn what_is_no_problem_is_refused_with_the_place() {
        let refused = |text| parse(text).unwrap_err();
        assert_eq!(refused(""), "the file is empty");
        assert_eq!(refused("1 x"), "\"x\", number 2 of the file, is no cost");
        assert!(refused("2 1 2 3").starts_with("3 costs are no table of 2 slots"));
        assert!(refused("99999999").starts_with("give 0 to 10000"));
        assert!(refused("1 -4").starts_with("cost -4"));
    }
}
