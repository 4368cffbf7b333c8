//! The house keeps its own rules: this test reads the tree and lists every place that breaks one.
//!
//! A rule is a function on text in `tidy/`, tried there on planted violations so that none is a
//! rule that cannot fail. What clippy and rustfmt already watch is not watched here again.

/// The rules, and the tree as they see it.
mod tidy {
    pub(crate) mod code;
    pub(crate) mod edges;
    pub(crate) mod fences;
    pub(crate) mod house;
    pub(crate) mod lints;
    pub(crate) mod manifest;
    pub(crate) mod modules;
    pub(crate) mod origins;
    pub(crate) mod page;
    pub(crate) mod promises;
    pub(crate) mod pure;
    pub(crate) mod sabotage;
    pub(crate) mod shape;
    pub(crate) mod words;
}

use tidy::house::House;
use tidy::{edges, fences, house, lints, modules, origins, promises, pure, sabotage, shape, words};

/// Fails with every violation at once, so that one run tells all that is to be done.
fn expect_none(rule: &str, violations: &[String]) {
    assert!(
        violations.is_empty(),
        "{rule}; {} broken here:\n  {}\n",
        violations.len(),
        violations.join("\n  ")
    );
}

#[test]
fn the_walk_meets_every_crate_of_the_house_and_its_sources() {
    let house = House::read();
    let found: Vec<&str> = house.crates.iter().map(|one| one.name.as_str()).collect();
    let mut known: Vec<&str> = edges::EDGES.iter().map(|(name, _)| *name).collect();
    known.sort_unstable();
    assert_eq!(
        found, known,
        "directories with a Cargo.toml, and EDGES in tests/tidy/edges.rs"
    );
    for one in &house.crates {
        assert!(
            house
                .sources()
                .any(|file| file.path.starts_with(&one.path("src/"))),
            "{}: the walk found no .rs file under src",
            one.name
        );
    }
}

#[test]
fn crates_of_ours_import_only_what_the_architecture_lets_them() {
    let house = House::read();
    expect_none(
        "crates of ours import only what ARCHITECTURE.md lets them",
        &edges::forbidden(&house.crates, &house.workspace, &edges::DEV_EXCEPTIONS),
    );
}

#[test]
fn a_crate_outside_the_workspace_is_imported_by_none() {
    let house = House::read();
    expect_none(
        "a crate that the workspace excludes is imported by none",
        &edges::leading_outside(&house.crates, &house.outside),
    );
}

#[test]
fn no_allowed_chain_of_imports_leads_where_none_may_lead() {
    expect_none(
        "no chain of allowed imports joins two crates that must never meet",
        &edges::joined_in_spite(&edges::EDGES, &edges::NEVER),
    );
}

#[test]
fn the_architecture_page_shows_the_edges_that_are_checked() {
    let house = House::read();
    expect_none(
        "ARCHITECTURE.md shows the edges that tests/tidy/edges.rs checks",
        &edges::page_differs(&house.text("ARCHITECTURE.md"), &edges::EDGES),
    );
}

#[test]
fn the_architecture_page_shows_the_fences_that_are_checked() {
    let house = House::read();
    expect_none(
        "ARCHITECTURE.md shows the fences that tests/tidy/fences.rs checks",
        &fences::page_differs(
            &house.text("ARCHITECTURE.md"),
            &house.crates,
            &fences::FENCES,
        ),
    );
}

#[test]
fn third_party_crates_stay_behind_their_fences() {
    let house = House::read();
    expect_none(
        "a third-party crate is imported only where its fence lets it",
        &fences::crossed(&house.crates, &house.workspace, &fences::FENCES),
    );
}

#[test]
fn every_third_party_crate_is_named_with_its_reason_in_the_architecture_page() {
    let house = House::read();
    expect_none(
        "ARCHITECTURE.md names every third-party crate with its reason",
        &fences::unexplained(
            &house.crates,
            &house.workspace,
            &house.text("ARCHITECTURE.md"),
        ),
    );
}

#[test]
fn versions_are_stated_once_in_the_workspace() {
    let house = House::read();
    expect_none(
        "a dependency's version is stated once, in the workspace",
        &fences::stated_apart(&house.crates, &house.workspace),
    );
}

#[test]
fn every_promise_is_held_by_tests_that_exist() {
    let house = House::read();
    let sources: Vec<&str> = house.sources().map(|file| file.text.as_str()).collect();
    for page in promises::PAGES {
        let text = house.text(page);
        assert!(promises::named(&text).len() > 20, "{page} names tests");
        let gone: Vec<String> = promises::missing(&text, &sources)
            .into_iter()
            .map(str::to_owned)
            .collect();
        expect_none(&format!("{page} names tests that exist"), &gone);
    }
}

#[test]
fn the_page_of_the_gate_names_all_of_its_tests_and_limits_as_they_are() {
    let house = House::read();
    let page = house.text(promises::GATE);
    let of_gate = |file: &&house::File| file.path.starts_with("broker/tests/gate/");
    let tests = house.sources().filter(of_gate);
    let tests: Vec<&str> = tests.map(|file| file.text.as_str()).collect();
    let unnamed: Vec<String> = promises::unnamed(&page, &tests)
        .into_iter()
        .map(str::to_owned)
        .collect();
    expect_none("docs/gate.md names every test of the gate", &unnamed);
    let text_of = |path: &str| {
        let path = format!("broker/src/{path}");
        let mut files = house.sources();
        files.find(|it| it.path == path).map(|it| it.text.clone())
    };
    expect_none(
        "docs/gate.md gives the limits that the gate has",
        &promises::stale_limits(&page, text_of),
    );
}

#[test]
fn no_source_file_exceeds_four_hundred_lines() {
    let house = House::read();
    expect_none(
        "no .rs file is over 400 lines",
        &house.judge(shape::too_long),
    );
}

#[test]
fn every_source_file_says_its_idea_on_line_one() {
    let house = House::read();
    expect_none(
        "line one of a .rs file is `//!`",
        &house.judge(shape::without_idea),
    );
}

#[test]
fn no_source_file_has_a_name_without_an_idea() {
    let house = House::read();
    expect_none(
        "a file has its idea's name",
        &house.judge(shape::named_without_idea),
    );
}

#[test]
fn every_source_file_is_reached_by_a_mod_declaration() {
    let house = House::read();
    expect_none(
        "every .rs file is part of a crate, test or benchmark",
        &modules::unreached(house.crates.iter().chain(&house.outside), &house.files),
    );
}

#[test]
fn no_file_carries_a_mark_of_unfinished_work() {
    let house = House::read();
    let marked: Vec<String> = house
        .files
        .iter()
        .flat_map(|file| words::unfinished(&file.path, &file.text))
        .collect();
    expect_none("main holds no marks of unfinished work", &marked);
}

#[test]
fn no_test_is_ignored() {
    let house = House::read();
    expect_none("no test is ignored", &house.judge(words::ignored));
}

#[test]
fn no_test_sleeps() {
    let house = House::read();
    expect_none("no test sleeps", &house.judge(words::sleeping));
}

#[test]
fn the_name_of_a_test_is_a_sentence_without_a_prefix() {
    let house = House::read();
    expect_none("a test's name is a sentence", &house.judge(words::prefixed));
}

#[test]
fn workspace_members_are_the_directories_that_hold_a_manifest() {
    let house = House::read();
    expect_none(
        "members of the workspace are the directories with a Cargo.toml",
        &lints::members_differ(&house.crates, &house.workspace),
    );
}

#[test]
fn every_crate_has_its_directory_s_name_and_the_workspace_s_lints() {
    let house = House::read();
    expect_none(
        "a crate has its directory's name, edition, licence and lints of the workspace",
        &lints::not_of_the_house(&house.crates),
    );
}

#[test]
fn every_crate_is_held_to_seventy_lines_a_function() {
    let house = House::read();
    expect_none(
        "the clippy.toml in force keeps the thresholds of the house",
        &lints::loose_thresholds(&house.crates, &house.files),
    );
}

#[test]
fn pure_crates_forbid_clocks_threads_and_hash_order() {
    let house = House::read();
    expect_none(
        "a pure crate's clippy.toml forbids what is not reproducible",
        &lints::impure(&house.crates, &house.files),
    );
}

#[test]
fn pure_crates_reach_neither_outside_nor_for_inexact_functions() {
    let house = House::read();
    let ours = house.sources().filter(|file| {
        lints::PURE
            .iter()
            .any(|name| file.path.starts_with(&format!("{name}/src/")))
    });
    let found: Vec<String> = ours
        .flat_map(|file| pure::reaching_out(&file.path, &file.text))
        .collect();
    expect_none(
        "a pure crate's results follow from what it is given",
        &found,
    );
}

#[test]
fn every_data_file_of_the_region_pack_names_its_origin() {
    let house = House::read();
    expect_none(
        "NOTICE names the origin of every data file under region/prd",
        &origins::unnamed(&house.names_under("region/prd"), &house.text("NOTICE")),
    );
}

#[test]
fn every_planted_bug_says_what_it_breaks_and_fits_the_tree() {
    let house = House::read();
    let folder = "tests/sabotage";
    let bugs = house.names_under(folder);
    let text = |path: &str| {
        let file = house.files.iter().find(|file| file.path == path);
        file.map(|file| file.text.clone())
    };
    let found: Vec<String> = bugs
        .iter()
        .flat_map(|name| sabotage::unfit(name, &house.text(&format!("{folder}/{name}")), text))
        .collect();
    expect_none("a planted bug fits the tree that it is planted in", &found);
    let (count, least) = (bugs.len(), sabotage::LEAST);
    assert!(
        count >= least,
        "{folder}: {count} bugs; at least {least} are kept"
    );
}

#[test]
fn both_readme_pages_show_the_two_commands_and_the_checks_run_the_second() {
    let house = House::read();
    for page in ["README.md", "README.zh-CN.md"] {
        let text = house.text(page);
        for command in ["cargo run --release", "cargo test"] {
            assert!(
                text.lines().any(|line| line.trim() == command),
                "{page}: no line is `{command}`; both pages show both commands"
            );
        }
    }
    assert!(
        house
            .text(".ci/run")
            .lines()
            .any(|line| line.ends_with(" cargo test")),
        ".ci/run: runs no plain `cargo test`, which is what README.md promises"
    );
}
