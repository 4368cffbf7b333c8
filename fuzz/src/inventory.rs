//! An inventory that people wrote: what is accepted can be written down again, what is not is told
//! with its line.

use protocol::{PartyId, Resource};
use region::read_inventory;

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
            let written = written(&resources);
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

/// The resources as rows below the headings of the template.
fn written(resources: &[Resource]) -> String {
    let template = region::inventory_template(region::TemplateLanguage::English);
    let mut table = template.lines().next().unwrap_or_default().to_owned();
    for one in resources {
        let also: Vec<&str> = one.also.iter().map(|kind| kind.code()).collect();
        let fields = [
            one.resource.to_string(),
            one.kind.code().to_owned(),
            one.name.clone(),
            also.join(";"),
            one.grade.to_string(),
            one.home.to_string(),
            degrees(one.point.1),
            degrees(one.point.0),
            (one.readiness.0 / 1_000_000).to_string(),
            one.quantity.to_string(),
            one.measure.clone(),
            one.command_authority.code().to_owned(),
            if one.demo { "yes" } else { "no" }.to_owned(),
        ];
        let quoted = fields.map(|field| format!("\"{}\"", field.replace('"', "\"\"")));
        table.push('\n');
        table.push_str(&quoted.join(","));
    }
    table
}

/// A coordinate in degrees, to the millionth that it is stored in.
fn degrees(millionths: i32) -> String {
    let sign = if millionths < 0 { "-" } else { "" };
    let size = millionths.unsigned_abs();
    format!("{sign}{}.{:06}", size / 1_000_000, size % 1_000_000)
}
