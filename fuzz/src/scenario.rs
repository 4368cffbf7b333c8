//! A scenario and the files that it names: one that is accepted can be played, one that is not is
//! told with its file and line.

use protocol::Span;
use simulator::{Scenario, SimulateOptions, simulate};

use super::Verdict;
use super::files::{assert_line_of, split};
use super::terms::assert_shows;

/// The name of the scenario in messages.
const FILE: &str = "drill.toml";

/// Bytes of a scenario that is played: a large one takes long without telling more.
const PLAYED: usize = 8 * 1024;

/// Reads the bytes as a scenario, and the files that it names.
pub fn scenario(bytes: &[u8]) -> Verdict {
    let Ok(all) = str::from_utf8(bytes) else {
        return Verdict::Refused;
    };
    let (text, files) = split(all);
    let load = |name: &str| files.get(name).cloned();
    match Scenario::parse(FILE, text, &load) {
        Ok((scenario, region)) => {
            let again = Scenario::parse(FILE, text, &load).map(|(scenario, _)| scenario);
            assert_eq!(again.as_ref(), Ok(&scenario), "read twice, meant twice");
            let incidents = scenario.incidents(&region, scenario.seed);
            assert!(incidents.is_sorted_by_key(|incident| incident.received_at));
            scenario.schedule(&region);
            scenario.describe();
            if bytes.len() <= PLAYED && region.id() == "trio" {
                let options = SimulateOptions {
                    until: Some(scenario.start + Span::minutes(1)),
                    drain: Span::ZERO,
                    ..SimulateOptions::default()
                };
                let outcome = simulate(&scenario, &region, &options, drop);
                assert_eq!(outcome.violations, []);
            }
            Verdict::Accepted
        }
        Err(faults) => {
            assert!(!faults.0.is_empty(), "refused without a fault");
            for fault in &faults.0 {
                let words = fault.to_string();
                assert_shows(&words);
                let own = (fault.file == FILE).then_some(text);
                let named = files.get(&fault.file).map(String::as_str);
                if let Some(text) = own.or(named) {
                    assert_line_of(text, fault.line, &words);
                }
            }
            Verdict::Refused
        }
    }
}
