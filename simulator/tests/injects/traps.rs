//! Traps of shipped drills 陷阱: what happens to who does not do what the drill exercises.

use protocol::{Span, Truth};

use crate::{given, happened, played};

/// A drill as it is shipped.
fn shipped(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/prd");
    std::fs::read_to_string(format!("{folder}/{name}.toml")).unwrap()
}

/// When an inject was left out, for its sign was seen.
fn spared(told: &[(u64, Truth)], wanted: &str) -> Option<u64> {
    happened(
        told,
        |it| matches!(it, Truth::Spared { number, .. } if number == wanted),
    )
}

/// The fire in the park: whoever says too soon that it is over says so again, or is asked.
#[test]
fn a_final_report_that_comes_too_soon_is_corrected_or_the_province_asks() {
    let text = shipped("petrochemical-fire");
    let until = Some(Span::minutes(6 * 60 + 15));
    let (outcome, told) = played(&text, until);
    assert!(outcome.is_clean(), "{:?}", outcome.violations);
    assert_eq!(
        (given(&told, "INJ-08"), spared(&told, "INJ-09")),
        (Some(350), Some(365))
    );
    let late = text.replace("delay = \"50m\"", "delay = \"3h\"");
    assert_ne!(late, text);
    let (_, told) = played(&late, until);
    assert_eq!(
        (given(&told, "INJ-08"), spared(&told, "INJ-09")),
        (None, None)
    );
    assert_eq!(given(&told, "INJ-09"), Some(365));
}

/// The flood: who lies downstream is warned hours before the wave is there, or the headquarters ask.
#[test]
fn who_lies_downstream_is_warned_before_the_wave_or_the_headquarters_ask() {
    let text = shipped("beijiang-flood");
    let until = Some(Span::minutes(4 * 60 + 15));
    let (outcome, told) = played(&text, until);
    assert!(outcome.is_clean(), "{:?}", outcome.violations);
    assert_eq!(
        (given(&told, "INJ-04"), spared(&told, "INJ-05")),
        (Some(110), Some(240))
    );
    let late = text.replace("delay = \"1h\"", "delay = \"9h\"");
    assert_ne!(late, text);
    let (_, told) = played(&late, until);
    assert_eq!(
        (given(&told, "INJ-04"), given(&told, "INJ-05")),
        (None, Some(240))
    );
}
