//! An inventory that people wrote: what is accepted can be written down again, what is not is told
//! with its line.

use protocol::PartyId;
use region::{TemplateLanguage, read_inventory, write_inventory};

use super::Verdict;
use super::cast::trio;
use super::files::assert_line_of;
use super::terms::assert_shows;

/// The name of the table in messages.
const FILE: &str = "fleet.csv";

/// Reads the bytes as the first town's inventory.
pub fn inventory(bytes: &[u8]) -> Verdict {
    let Ok(text) = str::from_utf8(bytes) else {
        return Verdict::Refused;
    };
    let office: PartyId = "990100".parse().expect("it is one of the towns");
    match read_inventory(trio(), office, FILE, text) {
        Ok(resources) => {
            for one in &resources {
                assert!(one.resource.as_str().starts_with("990100-"), "{one:?}");
                assert!(trio().frame().contains(one.point), "{one:?}");
                assert!((1..=4).contains(&one.grade), "{one:?}");
                assert_shows(&one.name);
            }
            let written = write_inventory(&resources, TemplateLanguage::English);
            let read = read_inventory(trio(), office, FILE, &written);
            assert_eq!(read.as_ref(), Ok(&resources), "written again:\n{written}");
            Verdict::Accepted
        }
        Err(faults) => {
            assert!(!faults.is_empty(), "refused without a fault");
            for fault in &faults {
                assert_eq!(fault.file, FILE);
                assert_line_of(text, fault.line.unwrap_or(1), &fault.to_string());
                assert_shows(&fault.to_string());
            }
            Verdict::Refused
        }
    }
}
