//! A table of comma-separated values, read whole: unknown columns, short rows and bad fields are faults.

mod quote;
use quote::unclosed;

use std::str::FromStr;

use csv::{ReaderBuilder, StringRecord, Trim};
use protocol::{Point, known_words};

use crate::fault::{At, Faults};

/// The largest table that is read, in rows; a region's road graph has some thousands.
const ROWS_MAX: usize = 200_000;

/// A column that a table may have.
pub(crate) struct Heading {
    /// How the code calls it, and how files may.
    pub(crate) key: &'static str,
    /// Other spellings in files, for example in another language.
    pub(crate) aliases: &'static [&'static str],
    /// What a table without the column is.
    pub(crate) presence: Presence,
}

/// Whether a column must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// A table without it is refused.
    Required,
    /// Without it every field of it is empty.
    Optional,
}

impl Heading {
    /// A column known by one name that must be there.
    pub(crate) const fn required(key: &'static str) -> Self {
        Self {
            key,
            aliases: &[],
            presence: Presence::Required,
        }
    }

    /// Whether a heading in a file means this column.
    fn is(&self, text: &str) -> bool {
        self.key.eq_ignore_ascii_case(text)
            || self
                .aliases
                .iter()
                .any(|alias| alias.eq_ignore_ascii_case(text))
    }
}

/// A table with its headings found.
pub(crate) struct Table<'a> {
    file: &'a str,
    headings: &'static [Heading],
    /// Which field of a record holds a heading's value.
    fields: Vec<Option<usize>>,
    records: Vec<(u32, StringRecord)>,
}

/// A row of a table and its line in the file.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    table: &'a Table<'a>,
    record: &'a StringRecord,
    /// The line in the file, counted from 1.
    pub(crate) line: u32,
}

impl<'a> Table<'a> {
    /// Reads a table; `None` if its headings cannot be made out.
    pub(crate) fn read(
        file: &'a str,
        text: &str,
        headings: &'static [Heading],
        faults: &mut Faults,
    ) -> Option<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let text = before_unclosed(file, text, faults)?;
        let mut reader = ReaderBuilder::new()
            .flexible(true)
            .trim(Trim::All)
            .from_reader(text.as_bytes());
        let top = match reader.headers() {
            Ok(top) => top.clone(),
            Err(error) => {
                faults.add(
                    At::line(file, 1),
                    error.to_string(),
                    "write one line of headings",
                );
                return None;
            }
        };
        let fields = find_headings(file, &top, headings, faults)?;
        let mut table = Self {
            file,
            headings,
            fields,
            records: Vec::new(),
        };
        for record in reader.records() {
            match record {
                Ok(record) => table.keep(record, top.len(), faults),
                Err(error) => {
                    let line = error.position().map_or(1, |at| line_number(at.line()));
                    faults.add(At::line(file, line), error.to_string(), "correct the row");
                }
            }
            if table.records.len() > ROWS_MAX {
                let reason = format!("the table has more than {ROWS_MAX} rows");
                faults.add(At::file(file), reason, "split the region or thin the table");
                return None;
            }
        }
        Some(table)
    }

    /// Its rows, in order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.records.iter().map(|(line, record)| Row {
            table: self,
            record,
            line: *line,
        })
    }

    fn keep(&mut self, record: StringRecord, width: usize, faults: &mut Faults) {
        let line = record.position().map_or(1, |at| line_number(at.line()));
        if record.len() != width {
            let reason = format!("the row has {} fields, the headings {width}", record.len());
            // Lines that one field swallows are seldom meant.
            let remedy = if record.iter().any(|field| field.contains('\n')) {
                "a quotation mark in it is closed only lines later; close it in its own field"
            } else {
                "write every field, and quote a field that holds a comma"
            };
            faults.add(At::line(self.file, line), reason, remedy);
            return;
        }
        self.records.push((line, record));
    }

    fn field(&self, key: &str) -> Option<usize> {
        let place = self.headings.iter().position(|heading| heading.key == key);
        self.fields[place.expect("a row is asked for the columns of its own table")]
    }
}

impl Row<'_> {
    /// Where a field of this row lies.
    pub(crate) fn at(&self, key: &str) -> At<'_> {
        let column = self
            .table
            .field(key)
            .and_then(|field| u32::try_from(field + 1).ok());
        At {
            column,
            ..At::line(self.table.file, self.line)
        }
    }

    /// A field as text; empty if the table has no such column.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.table
            .field(key)
            .and_then(|field| self.record.get(field))
            .unwrap_or("")
    }

    /// A field that must be a value of a type; `None` and a fault if it is not.
    pub(crate) fn value<T: FromStr>(
        &self,
        key: &str,
        wanted: &str,
        faults: &mut Faults,
    ) -> Option<T> {
        let text = self.text(key);
        if let Ok(value) = text.parse() {
            return Some(value);
        }
        faults.add(
            self.at(key),
            format!("{key} \"{text}\" is not {wanted}"),
            format!("write {wanted}"),
        );
        None
    }

    /// A field that must not be empty.
    pub(crate) fn filled(&self, key: &str, faults: &mut Faults) -> Option<String> {
        let text = self.text(key);
        if text.is_empty() {
            faults.add(
                self.at(key),
                format!("{key} is empty"),
                "fill it in or drop the row",
            );
            return None;
        }
        Some(text.to_owned())
    }

    /// The place in the columns `lat` and `lon`, in degrees of WGS 84.
    pub(crate) fn point(&self, faults: &mut Faults) -> Option<Point> {
        let latitude = self.degrees("lat", ("latitude", 90.0), faults);
        let longitude = self.degrees("lon", ("longitude", 180.0), faults);
        let (latitude, longitude) = (latitude?, longitude?);
        Some(Point::degrees(longitude, latitude))
    }

    /// A field in degrees, on either side of zero as far as it goes on the earth.
    fn degrees(&self, key: &str, (what, most): (&str, f64), faults: &mut Faults) -> Option<f64> {
        let degrees: f64 = self.value(key, &format!("a {what} in degrees"), faults)?;
        // Asked this way round, what is no number is not on the earth either.
        if degrees.abs() <= most {
            return Some(degrees);
        }
        let reason = format!("{what} {degrees} is not on the earth");
        let remedy = format!("write degrees of WGS 84, {what} within {most}");
        faults.add(self.at(key), reason, remedy);
        None
    }
}

fn find_headings(
    file: &str,
    top: &StringRecord,
    headings: &'static [Heading],
    faults: &mut Faults,
) -> Option<Vec<Option<usize>>> {
    let mut fields = vec![None; headings.len()];
    for (field, text) in top.iter().enumerate() {
        let at = At {
            column: u32::try_from(field + 1).ok(),
            ..At::line(file, 1)
        };
        let Some(place) = headings.iter().position(|heading| heading.is(text)) else {
            let words = headings.iter().flat_map(|heading| {
                std::iter::once(heading.key).chain(heading.aliases.iter().copied())
            });
            faults.add(
                at,
                format!("unknown column \"{text}\""),
                known_words(text, words),
            );
            continue;
        };
        if fields[place].replace(field).is_some() {
            faults.add(
                at,
                format!("column \"{text}\" stands twice"),
                "keep one of the two",
            );
        }
    }
    let mut complete = true;
    for (heading, field) in headings.iter().zip(&fields) {
        if field.is_none() && heading.presence == Presence::Required {
            let reason = format!("column \"{}\" is missing", heading.key);
            faults.add(
                At::line(file, 1),
                reason,
                "add the column to the first line",
            );
            complete = false;
        }
    }
    complete.then_some(fields)
}

/// What can be read of a text: all of it, or what stands before a row whose quotation mark nobody
/// closed; `None` if that row is the headings.
fn before_unclosed<'t>(file: &str, text: &'t str, faults: &mut Faults) -> Option<&'t str> {
    let Some(open) = unclosed(text) else {
        return Some(text);
    };
    let at = At {
        column: Some(open.field),
        ..At::line(file, open.line)
    };
    let reason = "a quotation mark is opened here and never closed".to_owned();
    let remedy = "close it, or take it out; the rows from here on are checked then";
    faults.add(at, reason, remedy);
    text.get(..open.row).filter(|before| !before.is_empty())
}

fn line_number(line: u64) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    static HEADINGS: &[Heading] = &[
        Heading::required("name"),
        Heading {
            key: "count",
            aliases: &["数量"],
            presence: Presence::Optional,
        },
    ];

    fn faults_of(text: &str) -> Vec<String> {
        let mut faults = Faults::default();
        if let Some(table) = Table::read("t.csv", text, HEADINGS, &mut faults) {
            for row in table.rows() {
                row.value::<u32>("count", "a whole number", &mut faults);
            }
        }
        faults
            .into_sorted(|_| None)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn an_unknown_column_never_passes_silently() {
        let faults = faults_of("name,cuont\na,1\n");
        assert!(
            faults[0].starts_with("t.csv:1:2: unknown column \"cuont\"; did you mean \"count\"?"),
            "{faults:?}"
        );
    }

    #[test]
    fn every_fault_of_a_table_is_listed_with_its_line() {
        let faults = faults_of("name,数量\na,one\nb,2\nc\nd,-4\n");
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(faults[0].starts_with("t.csv:2:2:"), "{faults:?}");
        assert!(faults[1].starts_with("t.csv:4:"), "{faults:?}");
        assert!(faults[2].starts_with("t.csv:5:2:"), "{faults:?}");
    }

    #[test]
    fn a_missing_column_is_named() {
        assert!(faults_of("数量\n3\n")[0].contains("column \"name\" is missing"));
    }
    #[test]
    fn a_quotation_mark_that_nobody_closes_is_told_where_it_stands() {
        let faults = faults_of("name,数量\na,one\n\"b,2\nc,3\n");
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(faults[0].starts_with("t.csv:2:2:"), "{faults:?}");
        assert!(
            faults[1].starts_with("t.csv:3:1: a quotation mark is opened here and never closed"),
            "{faults:?}"
        );
        let faults = faults_of("name,数量\n\"b\n\"c,3,4\n");
        assert!(faults[0].contains("closed only lines later"), "{faults:?}");
        assert_eq!(faults_of("name,\"数量\na,1\n").len(), 1);
    }
}
