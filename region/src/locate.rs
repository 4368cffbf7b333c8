//! Where a part of a JSON text stands, by the path that a fault names: `offices[3].seat`.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// The line and the column, in characters, of the part that a path leads to; both count from 1.
///
/// A path that leads past what is there (a key that is missing) ends at the last part that is.
/// `None` if the text is no JSON.
pub(crate) fn locate(text: &str, path: &str) -> Option<(u32, u32)> {
    let mut here: &RawValue = serde_json::from_str(text).ok()?;
    for step in steps(path) {
        let Some(next) = below(here, step) else { break };
        here = next;
    }
    let at = here.get().as_ptr().addr() - text.as_ptr().addr();
    place_of(text, at)
}

/// The line and the column of a byte.
pub(crate) fn place_of(text: &str, at: usize) -> Option<(u32, u32)> {
    let before = text.get(..at)?;
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    Some((u32::try_from(line).ok()?, u32::try_from(column).ok()?))
}

/// One step of a path.
#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Item(usize),
}

fn steps(path: &str) -> impl Iterator<Item = Step<'_>> {
    let parts = path.split(['.', '[']).filter(|part| !part.is_empty());
    parts.map(|part| {
        let item = part.strip_suffix(']').and_then(|count| count.parse().ok());
        item.map_or(Step::Key(part), Step::Item)
    })
}

fn below<'a>(value: &'a RawValue, step: Step<'_>) -> Option<&'a RawValue> {
    match step {
        Step::Key(key) => {
            let mut map: BTreeMap<String, &RawValue> = serde_json::from_str(value.get()).ok()?;
            map.remove(key)
        }
        Step::Item(count) => {
            let list: Vec<&RawValue> = serde_json::from_str(value.get()).ok()?;
            list.get(count).copied()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{\n  \"名\": \"甲\", \"offices\": [\n    {\"seat\": [1, 2]}\n  ]\n}";

    #[test]
    fn a_path_leads_to_its_line_and_column() {
        assert_eq!(locate(TEXT, ""), Some((1, 1)));
        assert_eq!(locate(TEXT, "offices"), Some((2, 24)));
        assert_eq!(locate(TEXT, "offices[0].seat[1]"), Some((3, 18)));
    }

    #[test]
    fn a_path_that_goes_too_far_ends_where_the_text_ends() {
        assert_eq!(locate(TEXT, "offices[0].party"), Some((3, 5)));
        assert_eq!(locate(TEXT, "offices[7]"), Some((2, 24)));
        assert_eq!(locate("{", "offices"), None);
    }
}
