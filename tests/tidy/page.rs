//! The table of ARCHITECTURE.md that says which crate may import what, read back.

use std::collections::BTreeSet;

/// The heading that the table stands under.
const HEADING: &str = "## What may import what";

/// A crate's row: what it may import of ours, and which third-party crates.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row<'a> {
    pub(crate) ours: BTreeSet<&'a str>,
    pub(crate) theirs: BTreeSet<&'a str>,
}

/// The row of one crate, if the table has it.
pub(crate) fn row_of<'a>(page: &'a str, name: &str) -> Option<Row<'a>> {
    let below = &page[page.find(HEADING)? + HEADING.len()..];
    let section = below.split("\n## ").next()?;
    section.lines().find_map(|line| {
        let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
        if cells.next()?.trim_matches('`') != name {
            return None;
        }
        let (ours, theirs) = (cells.next()?, cells.next()?);
        Some(Row {
            ours: names(ours),
            theirs: names(theirs),
        })
    })
}

fn names(cell: &str) -> BTreeSet<&str> {
    let names = cell.split(',').map(|one| one.trim().trim_matches('`'));
    names.filter(|one| !one.is_empty() && *one != "–").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_from_its_own_table_alone() {
        let page = "| `a` | wrong | x |\n## What may import what\n| `a` | `b`, `c` | – |\n## Next\n| `d` | – | – |";
        let row = row_of(page, "a").unwrap();
        assert_eq!(row.ours, BTreeSet::from(["b", "c"]));
        assert_eq!((row.theirs.len(), row_of(page, "d")), (0, None));
    }
}
