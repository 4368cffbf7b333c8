//! docs/scenarios.md documents every key of a scenario file, each with an example that is read.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what it expects by failing"
)]

use std::path::{Path, PathBuf};

use simulator::Scenario;
use simulator::scenario::file::{TableKeys, schema};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn page() -> String {
    std::fs::read_to_string(root().join("docs/scenarios.md")).unwrap()
}

/// A table's keys as the page lists them.
fn listed(table: &TableKeys) -> String {
    let rows = table.keys.iter().map(|key| {
        let must = if key.required { ", required" } else { "" };
        let form = key.form.replace('|', "\\|");
        let about = key.about.trim().replace('|', "\\|");
        format!("| `{}`{must} | {form} | {about} |\n", key.key)
    });
    let rows: String = rows.collect();
    let about = table.about.trim();
    format!("{about}\n\n| key | written as | what it means |\n|---|---|---|\n{rows}")
}

/// The part of the page about a table: from its heading to the next.
fn section<'a>(page: &'a str, table: &TableKeys) -> &'a str {
    let heading = format!("\n### `{}`\n", table.header);
    let Some((_, rest)) = page.split_once(&heading) else {
        panic!("the page has no heading{heading}");
    };
    rest.split("\n### ").next().unwrap()
}

/// The TOML of a part of the page.
fn examples(part: &str) -> String {
    let blocks = part.split("```toml\n").skip(1);
    let blocks = blocks.map(|rest| rest.split("```").next().unwrap());
    blocks.collect::<Vec<_>>().join("\n")
}

/// Whether a text gives a key a value, or heads a table with it.
fn has_key(text: &str, key: &str) -> bool {
    let starts = |line: &str, place: usize| {
        let before = line[..place].chars().next_back();
        let bare = before.is_none_or(|c| matches!(c, ' ' | '{' | ','));
        bare && line[place + key.len()..].trim_start().starts_with('=')
    };
    let given = |line: &str| {
        line.match_indices(key)
            .any(|(place, _)| starts(line, place))
    };
    let headed = [
        format!("[[{key}]]"),
        format!("[{key}]"),
        format!(".{key}]]"),
    ];
    let heads = |line: &str| headed.iter().any(|head| line.trim().ends_with(head));
    let mut said = text.lines().filter(|line| !line.starts_with('#'));
    said.any(|line| given(line) || heads(line))
}

#[test]
fn every_key_stands_in_its_table_as_the_code_has_it() {
    let page = page();
    for table in schema() {
        let listed = listed(&table);
        let part = section(&page, &table);
        assert!(
            part.contains(&listed),
            "docs/scenarios.md lacks this below `{}`:\n\n{listed}",
            table.header
        );
    }
}

#[test]
fn every_key_has_an_example() {
    let page = page();
    for table in schema() {
        // The file's tables have parts of the page of their own.
        let part = match table.header {
            "the file" => &page[..],
            _ => section(&page, &table),
        };
        let shown = examples(part);
        for key in table.keys {
            assert!(
                has_key(&shown, key.key),
                "`{}` of `{}` has no example",
                key.key,
                table.header
            );
        }
    }
}

#[test]
fn the_examples_of_the_page_together_are_a_drill() {
    let text = examples(&page());
    let beside = root().join("scenarios/prd");
    let load = move |file: &str| std::fs::read_to_string(beside.join(file)).ok();
    let read = Scenario::parse("docs/scenarios.md", &text, &load);
    let (scenario, _) = read.unwrap_or_else(|faults| panic!("\n{faults}\n{text}"));
    assert!(!scenario.faults.faults.is_empty());
}

#[test]
fn a_key_is_found_where_it_is_given_and_not_in_another_s_name() {
    assert!(has_key("a = { at = 1 }", "at"));
    assert!(has_key("[[hazard.effect]]", "effect"));
    assert!(!has_key("state = 1\nlate = 2", "at"));
    assert!(!has_key("# at: when", "at"));
}
