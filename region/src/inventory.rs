//! An inventory that people write: a table with Chinese or English headings, one row a resource.
//!
//! It replaces a city's demo fleet. Every fault is listed, with line, column, reason and remedy.

mod commanded;
use commanded::read_authority;

mod counted;
use counted::counted_rightly;

mod home;
use home::Homes;

mod hours;
use hours::{read_readiness, read_shift};

mod owner;
pub use owner::inventory_office;

mod written;
pub use written::write_inventory;

use std::collections::BTreeMap;

use protocol::{
    CommandAuthority, Kind, PartyId, Resource, ResourceId, Span, is_hostile, known_words,
};

use crate::fault::{Faults, PackFault};
use crate::place::read_point;
use crate::region::Region;
use crate::table::{Heading, Presence, Row, Table};

static HEADINGS: &[Heading] = &[
    Heading {
        key: "resource",
        aliases: &["编号"],
        presence: Presence::Required,
    },
    Heading {
        key: "kind",
        aliases: &["类别", "种类"],
        presence: Presence::Required,
    },
    Heading {
        key: "name",
        aliases: &["名称"],
        presence: Presence::Required,
    },
    Heading {
        key: "also",
        aliases: &["兼任"],
        presence: Presence::Optional,
    },
    Heading {
        key: "grade",
        aliases: &["等级"],
        presence: Presence::Optional,
    },
    Heading {
        key: "home",
        aliases: &["驻地", "驻地编号"],
        presence: Presence::Required,
    },
    Heading {
        key: "lat",
        aliases: &["纬度"],
        presence: Presence::Required,
    },
    Heading {
        key: "lon",
        aliases: &["经度"],
        presence: Presence::Required,
    },
    Heading {
        key: "readiness_s",
        aliases: &["出动时间_秒"],
        presence: Presence::Optional,
    },
    Heading {
        key: "shift_h",
        aliases: &["班次_小时"],
        presence: Presence::Optional,
    },
    Heading {
        key: "quantity",
        aliases: &["数量"],
        presence: Presence::Optional,
    },
    Heading {
        key: "measure",
        aliases: &["计量单位"],
        presence: Presence::Optional,
    },
    Heading {
        key: "command_authority",
        aliases: &["指挥归属"],
        presence: Presence::Optional,
    },
    Heading {
        key: "demo",
        aliases: &["演示数据"],
        presence: Presence::Optional,
    },
];

/// The longest text that is shown, in characters.
const SHOWN_CHARS_MAX: usize = 60;

/// The grade of a resource that says none: in the middle of I to IV.
const GRADE_UNSAID: u8 = 3;

/// The template to fill in, with Chinese or with English headings.
pub fn inventory_template(language: TemplateLanguage) -> &'static str {
    match language {
        TemplateLanguage::Chinese => include_str!("../templates/inventory.zh.csv"),
        TemplateLanguage::English => include_str!("../templates/inventory.csv"),
    }
}

/// The language of a template's headings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateLanguage {
    /// 中文.
    Chinese,
    /// English.
    English,
}

/// Reads the inventory of one office from a table; `file` is its name for the messages.
///
/// # Errors
/// Every fault of the table. A table with a fault gives no inventory: half a fleet is worse than a
/// message.
pub fn read_inventory(
    region: &Region,
    office: PartyId,
    file: &str,
    text: &str,
) -> Result<Vec<Resource>, Vec<PackFault>> {
    let mut faults = Faults::default();
    let mut inventory: Vec<Resource> = Vec::new();
    let mut seen = BTreeMap::<ResourceId, u32>::new();
    if let Some(table) = Table::read(file, text, HEADINGS, &mut faults) {
        let homes = Homes::of(region);
        for row in table.rows() {
            let id = read_id(row, office, &mut faults);
            if let Some(id) = id {
                let first = *seen.entry(id).or_insert(row.line);
                if first != row.line {
                    let reason = format!("{id} stands in line {first} already");
                    let remedy = "give each resource an id of its own";
                    faults.add(row.at("resource"), reason, remedy);
                }
            }
            inventory.extend(read_resource((region, &homes), id, row, &mut faults));
        }
    }
    if faults.is_empty() {
        Ok(inventory)
    } else {
        Err(faults.into_sorted(|_| None))
    }
}

fn read_resource(
    (region, homes): (&Region, &Homes),
    id: Option<ResourceId>,
    row: Row<'_>,
    faults: &mut Faults,
) -> Option<Resource> {
    let kind = read_kind(row, "kind", row.text("kind"), faults);
    let name = row
        .filled("name", faults)
        .and_then(|_| read_shown(row, "name", faults));
    let also = read_also(row, faults);
    let grade = or_else(row, "grade", GRADE_UNSAID, |row| read_grade(row, faults));
    let home = homes.read(row, faults);
    let point = read_point(row, region.frame(), faults);
    let readiness = or_else(row, "readiness_s", Span::ZERO, |row| {
        read_readiness(row, faults)
    });
    let shift = or_else(row, "shift_h", None, |row| {
        read_shift(row, faults).map(Some)
    });
    let quantity = or_else(row, "quantity", 1, |row| {
        row.value("quantity", "a whole number", faults)
    });
    let measure = read_shown(row, "measure", faults);
    let command_authority = or_else(
        row,
        "command_authority",
        CommandAuthority::default(),
        |row| read_authority(row, faults),
    );
    let demo = read_demo(row, faults);
    let resource = Resource {
        resource: id?,
        kind: kind?,
        name: name?,
        also: also?,
        grade: grade?,
        home: home?,
        point: point?,
        readiness: readiness?,
        shift: shift?,
        quantity: quantity?,
        measure: measure?,
        command_authority: command_authority?,
        demo: demo?,
    };
    counted_rightly(row, &resource, faults).then_some(resource)
}

/// A field that may be empty, with what it then means.
fn or_else<T>(
    row: Row<'_>,
    key: &str,
    unsaid: T,
    read: impl FnOnce(Row<'_>) -> Option<T>,
) -> Option<T> {
    if row.text(key).is_empty() {
        Some(unsaid)
    } else {
        read(row)
    }
}

fn read_id(row: Row<'_>, office: PartyId, faults: &mut Faults) -> Option<ResourceId> {
    let text = row.text("resource");
    let remedy = format!("write {office}- and letters or digits, as in {office}-pump-1");
    if !owner::begins_with(text, office) {
        let reason = format!("resource \"{text}\" does not begin with its office {office}");
        faults.add(row.at("resource"), reason, remedy);
        return None;
    }
    let id = text.parse();
    id.map_err(|error: protocol::TagError| {
        faults.add(row.at("resource"), error.to_string(), remedy);
    })
    .ok()
}

fn read_kind(row: Row<'_>, key: &str, text: &str, faults: &mut Faults) -> Option<Kind> {
    let kind = Kind::from_code(text);
    if kind.is_none() {
        let chinese = !text.is_ascii();
        let word = |kind: &'static Kind| {
            if chinese {
                kind.label().zh
            } else {
                kind.code()
            }
        };
        let remedy = known_words(text, Kind::ALL.iter().map(word));
        faults.add(row.at(key), format!("unknown kind \"{text}\""), remedy);
    }
    kind
}

/// A text that will be shown: not too long, and nothing in it that steers a terminal.
fn read_shown(row: Row<'_>, key: &str, faults: &mut Faults) -> Option<String> {
    let text = row.text(key);
    if text.chars().count() > SHOWN_CHARS_MAX {
        let reason = format!("{key} has more than {SHOWN_CHARS_MAX} characters");
        faults.add(row.at(key), reason, "shorten it");
        return None;
    }
    if text.chars().any(is_hostile) {
        let reason = format!("{key} holds characters that do not show");
        faults.add(row.at(key), reason, "type it anew");
        return None;
    }
    Some(text.to_owned())
}

fn read_also(row: Row<'_>, faults: &mut Faults) -> Option<Vec<Kind>> {
    let words = row
        .text("also")
        .split([';', '；', '、'])
        .map(str::trim)
        .filter(|word| !word.is_empty());
    words
        .map(|word| read_kind(row, "also", word, faults))
        .collect()
}

fn read_grade(row: Row<'_>, faults: &mut Faults) -> Option<u8> {
    let text = row.text("grade");
    let grade = match text {
        "1" | "I" | "Ⅰ" => Some(1),
        "2" | "II" | "Ⅱ" => Some(2),
        "3" | "III" | "Ⅲ" => Some(3),
        "4" | "IV" | "Ⅳ" => Some(4),
        _ => None,
    };
    if grade.is_none() {
        faults.add(
            row.at("grade"),
            format!("unknown grade \"{text}\""),
            "write 1 (most capable) to 4",
        );
    }
    grade
}

fn read_demo(row: Row<'_>, faults: &mut Faults) -> Option<bool> {
    let text = row.text("demo");
    let demo = match text.to_ascii_lowercase().as_str() {
        "" | "no" | "false" | "否" => Some(false),
        "yes" | "true" | "是" => Some(true),
        _ => None,
    };
    if demo.is_none() {
        let reason = format!("demo \"{text}\" is neither yes nor no");
        faults.add(
            row.at("demo"),
            reason,
            "write yes (是) for invented numbers, no (否) for real ones",
        );
    }
    demo
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Resource>, Vec<String>> {
        let region = Region::built_in("trio").unwrap();
        let read = read_inventory(&region, "990100".parse().unwrap(), "fleet.csv", text);
        read.map_err(|faults| faults.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn both_templates_read_as_the_same_inventory() {
        let english = read(inventory_template(TemplateLanguage::English)).unwrap();
        let chinese = read(inventory_template(TemplateLanguage::Chinese)).unwrap();
        let facts = |one: &Resource| (one.resource, one.kind, one.point, one.quantity);
        assert!(english.iter().map(facts).eq(chinese.iter().map(facts)));
        assert!(english.len() >= 4);
    }

    #[test]
    fn every_fault_of_an_inventory_is_listed_with_its_remedy() {
        let faults = read(
            "resource,kind,name,home,lat,lon,quantity\n\
             990100-a,boats,Boat 1,990100-s01,10.6,150.6,1\n\
             990200-b,pump,Pump 1,990100-s01,10.6,150.6,1\n\
             990100-c,pump,Pump 2,990100-s01,10.6,50.6,3\n\
             990100-d,foam,Foam,990100-s01,10.6,150.6,x\n\
             990100-e,排涝东,Pump 3,990100-s01,10.6,150.6,1\n",
        )
        .unwrap_err();
        assert_eq!(faults.len(), 5, "{faults:#?}");
        assert!(
            faults[0].starts_with("fleet.csv:2:2: unknown kind \"boats\"; did you mean \"boat\"?")
        );
        assert!(faults[1].contains("does not begin with its office 990100"));
        assert!(faults[2].contains("outside the frame"));
        assert!(faults[3].contains("quantity \"x\" is not a whole number"));
        assert!(
            faults[4].contains("did you mean \"排涝车\"?"),
            "{}",
            faults[4]
        );
    }

    #[test]
    fn a_unit_is_one_thing_and_an_id_stands_once() {
        let faults = read(
            "resource,kind,name,home,lat,lon,quantity\n\
             990100-a,pump,Pump,990100-s01,10.6,150.6,2\n\
             990100-b,pump,Pump,990100-s01,10.6,150.6,1\n\
             990100-b,pump,Pump,990100-s01,10.6,150.6,1\n",
        )
        .unwrap_err();
        assert!(faults[0].contains("one row for each unit"), "{faults:?}");
        assert!(faults[1].contains("stands in line 3 already"), "{faults:?}");
    }
    #[test]
    fn an_id_that_stands_twice_is_told_though_one_of_its_rows_has_another_fault() {
        let faults = read(
            "resource,kind,name,home,lat,lon\n\
             990100-a,boats,Boat,990100-s01,10.6,150.6\n\
             990100-a,pump,Pump,990100-s01,10.6,150.6\n",
        )
        .unwrap_err();
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(faults[1].contains("stands in line 2 already"), "{faults:?}");
    }
}
