//! An inventory as a table that people go on writing: what `read_inventory` reads.

use protocol::{Kind, Resource};

use super::{HEADINGS, TemplateLanguage};

/// An inventory with headings and words of the language.
pub fn write_inventory(resources: &[Resource], language: TemplateLanguage) -> String {
    let mut table = csv::Writer::from_writer(Vec::new());
    let heading = HEADINGS.iter().map(|heading| match language {
        TemplateLanguage::Chinese => heading.aliases.first().unwrap_or(&heading.key),
        TemplateLanguage::English => &heading.key,
    });
    put(&mut table, heading.map(ToString::to_string));
    for resource in resources {
        put(&mut table, row(resource, language));
    }
    let bytes = table
        .into_inner()
        .expect("a table in memory takes every row");
    String::from_utf8(bytes).expect("texts make a text")
}

fn put(table: &mut csv::Writer<Vec<u8>>, row: impl IntoIterator<Item = String>) {
    table
        .write_record(row)
        .expect("a table in memory takes every row, and all are of one length");
}

fn row(resource: &Resource, language: TemplateLanguage) -> [String; 14] {
    let chinese = language == TemplateLanguage::Chinese;
    let word = |kind: Kind| {
        let word = if chinese {
            kind.label().zh
        } else {
            kind.code()
        };
        word.to_owned()
    };
    let also: Vec<String> = resource.also.iter().copied().map(word).collect();
    let (yes, no) = if chinese {
        ("是", "否")
    } else {
        ("yes", "no")
    };
    [
        resource.resource.to_string(),
        word(resource.kind),
        resource.name.clone(),
        also.join(";"),
        resource.grade.to_string(),
        resource.home.to_string(),
        degrees(resource.point.1),
        degrees(resource.point.0),
        resource.readiness.whole_seconds().to_string(),
        resource.shift.map_or_else(String::new, |shift| {
            (shift.whole_seconds() / 3_600).to_string()
        }),
        resource.quantity.to_string(),
        resource.measure.clone(),
        if chinese {
            resource.command_authority.label().zh
        } else {
            resource.command_authority.code()
        }
        .to_owned(),
        if resource.demo { yes } else { no }.to_owned(),
    ]
}

/// Millionths of a degree as a decimal number.
fn degrees(micro: i32) -> String {
    let (sign, size) = (if micro < 0 { "-" } else { "" }, micro.unsigned_abs());
    format!("{sign}{}.{:06}", size / 1_000_000, size % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Region, demo_fleet, read_inventory};

    #[test]
    fn what_is_written_reads_back_in_both_languages() {
        for region in crate::BUILT_IN {
            let region = Region::built_in(region).unwrap();
            let fleet = demo_fleet(&region);
            for office in region.cities() {
                let own = fleet.iter().filter(|(owner, _)| *owner == office.party);
                let own: Vec<Resource> = own.map(|(_, resource)| resource.clone()).collect();
                for language in [TemplateLanguage::Chinese, TemplateLanguage::English] {
                    let text = write_inventory(&own, language);
                    let read = read_inventory(&region, office.party, "it.csv", &text);
                    assert_eq!(read.as_ref(), Ok(&own));
                }
            }
        }
    }
}
