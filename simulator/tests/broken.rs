//! Broken scenarios: each file says in comments which faults it has, and all of them are found.
//!
//! A line `#! 12:8 words` wants a fault at line 12, column 8, whose message holds the words; no
//! other faults may be found.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use simulator::Scenario;
use simulator::scenario::Fault;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken")
}

fn faults_of(name: &str) -> (String, Vec<Fault>) {
    let text = std::fs::read_to_string(folder().join(name)).unwrap();
    let load = |file: &str| std::fs::read_to_string(folder().join(file)).ok();
    match Scenario::parse(name, &text, &load) {
        Ok(_) => (text, Vec::new()),
        Err(faults) => (text, faults.0),
    }
}

#[test]
fn every_broken_file_is_told_all_its_faults_at_their_place() {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| {
            Path::new(name)
                .extension()
                .is_some_and(|ending| ending == "toml")
        })
        .collect();
    names.sort();
    assert!(names.len() >= 40, "{names:?}");
    let mut wrong = String::new();
    for name in names {
        let (text, faults) = faults_of(&name);
        let found: Vec<String> = faults.iter().map(Fault::to_string).collect();
        let wanted: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("#! "))
            .collect();
        let fits = |(fault, wanted): (&String, &&str)| {
            let (place, words) = wanted.split_once(' ').unwrap_or((wanted, ""));
            fault.contains(&format!(":{place}: ")) && fault.contains(words)
        };
        let all = found.len() == wanted.len() && found.iter().zip(&wanted).all(fits);
        if !all || wanted.is_empty() {
            let (wanted, found) = (wanted.join("\n  "), found.join("\n  "));
            let _ = writeln!(wrong, "\n{name} wants\n  {wanted}\nfound\n  {found}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn no_text_however_mangled_makes_the_reader_fall_over() {
    let text =
        std::fs::read_to_string(folder().join("../../../scenarios/small/quiet-day.toml")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    for left_out in 0..lines.len() {
        let kept = lines
            .iter()
            .enumerate()
            .filter(|(place, _)| *place != left_out);
        let text: Vec<&str> = kept.map(|(_, line)| *line).collect();
        let _ = Scenario::parse("x.toml", &text.join("\n"), &|_| None);
    }
    for end in (0..text.len()).step_by(97) {
        let cut = text.get(..end).unwrap_or_default();
        let _ = Scenario::parse("x.toml", cut, &|_| None);
    }
}
