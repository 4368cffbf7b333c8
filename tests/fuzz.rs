//! What must hold of every parser of outside bytes holds for the corpus that fuzzing left, and for
//! mutations of it.
//!
//! The functions and the corpus are those of `fuzz/`, where libFuzzer goes on from them; here they
//! run on any toolchain. Mutations are drawn from a seed, so that a failure is one for everybody.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what it expects by failing"
)]

mod fuzz {
    pub(crate) mod corpus;
    pub(crate) mod mutator;
    pub(crate) mod pass;
}

#[path = "../fuzz/src/lib.rs"]
#[expect(
    unreachable_pub,
    reason = "the library of the fuzzing crate, read here as a module"
)]
mod parsers;

use fuzz::pass::{mutated, replayed};

/// One test a parser, so that they run beside each other and fail by name.
macro_rules! each_parser {
    ($($name:ident: $target:literal, $mutations:literal;)+) => {
        $(#[test]
        fn $name() {
            replayed($target);
            mutated($target, $mutations);
        })+

        #[test]
        fn every_parser_has_a_corpus_and_a_test_and_no_corpus_is_left_over() {
            let tested = std::collections::BTreeSet::from([$($target),+]);
            let known = parsers::TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(tested, known);
            let folders = fuzz::corpus::folders();
            assert_eq!(folders, known.iter().map(ToString::to_string).collect());
        }
    };
}

each_parser! {
    a_line_is_read_as_it_was_written_or_refused: "line", 2_000;
    a_frame_is_believed_for_its_signatures_alone: "frame", 1_000;
    an_entry_is_void_or_counts_in_whatever_order: "log", 60;
    an_office_writes_nothing_void_whatever_it_is_told: "direct", 30;
    a_state_is_taken_as_its_author_signed_it_or_not_at_all: "state", 300;
    a_roster_is_what_its_log_says: "roster", 200;
    a_scenario_can_be_played_or_is_told_its_faults: "scenario", 120;
    a_journal_gives_what_was_written_or_nothing: "journal", 150;
    a_region_answers_or_is_told_its_faults: "region", 60;
    a_bundle_gives_what_its_authors_signed: "bundle", 400;
    an_inventory_can_be_written_down_again: "inventory", 2_000;
    a_recording_gives_an_account_or_a_reason: "recording", 60;
    a_client_s_bytes_are_packets_that_write_back_or_are_refused: "mqtt", 20_000;
}

#[test]
fn the_corpus_is_small_and_every_file_in_it_has_a_reason_to_be_there() {
    let mut bytes = 0;
    for target in parsers::TARGETS {
        let files = fuzz::corpus::files(target.name);
        let mut seen = std::collections::BTreeMap::new();
        for (name, content) in files {
            bytes += content.len();
            assert!(content.len() <= 64 * 1024, "{}/{name}", target.name);
            if let Some(twin) = seen.insert(content, name.clone()) {
                panic!("fuzz/corpus/{}: {name} is {twin}; remove one", target.name);
            }
        }
    }
    assert!(bytes <= 1_500_000, "{bytes} bytes; minimise the corpus");
}
