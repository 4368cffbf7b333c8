//! Reading on behind whatever cannot be read of a file, so that all of its faults are told at once and what
//! does not depend on them is still looked at.

use std::collections::BTreeSet;
use std::path::Path;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use super::Settings;
use crate::finding::Finding;

/// So many faults are told of one file; more are told when these are mended.
const FAULTS_MAX: usize = 64;

/// The keys of which nothing could be read, each with those above it: `office`, `gate.listen`, `bus[1].url`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unread(BTreeSet<String>);

impl Unread {
    /// Whether a key, or anything below it or above, could not be read.
    pub(crate) fn has(&self, key: &str) -> bool {
        let is_in = |inner: &str, outer: &str| {
            let rest = inner.strip_prefix(outer);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        self.0.iter().any(|it| is_in(it, key) || is_in(key, it))
    }
}

/// A step from a table or list to what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Place(usize),
}

impl Settings {
    /// Reads a file on behind each fault, and tells all of them. What it must say and does not is taken from
    /// `usual`, a file that has just that, and counts as unread.
    pub(crate) fn read_on<T: DeserializeOwned>(
        path: &Path,
        usual: &str,
    ) -> (Vec<Finding>, Option<(Self, T)>, Unread) {
        let settings = match Self::open(path) {
            Ok(settings) => settings,
            Err(finding) => return (vec![finding], None, Unread::default()),
        };
        let mut unread = Unread::default();
        let mut findings = Vec::new();
        let text = settings.without_torn_lines(&mut unread, &mut findings);
        let Ok(table) = DeTable::parse(&text) else {
            return (findings, None, unread);
        };
        let mut table = table.into_inner();
        // Words that are no TOML may have stood for the keys that are missing.
        let is_torn = !findings.is_empty();
        for _ in 0..FAULTS_MAX {
            let whole = Spanned::new(0..0, table.clone());
            let error = match T::deserialize(Deserializer::from(whole)) {
                Ok(said) => return (findings, Some((settings, said)), unread),
                Err(error) => error,
            };
            let finding = settings.misread(&error);
            // What is missing of the file as a whole stands nowhere.
            let span = error.span().filter(|span| !span.is_empty());
            let at = span.map_or(usize::MAX, |span| span.start);
            if let Some(missing) = missing(error.message()) {
                let Some(key) = make_up(&mut table, (missing, at), usual) else {
                    findings.push(finding);
                    break;
                };
                if !is_torn && !unread.has(&key) {
                    findings.push(finding);
                }
                unread.0.insert(key);
                continue;
            }
            let Some(steps) = steps_to(&table, at) else {
                findings.push(finding);
                break;
            };
            leave_out(&mut table, &steps);
            unread.0.insert(written(&steps));
            if !findings.iter().any(|it| it.line == finding.line) {
                findings.push(finding);
            }
        }
        (findings, None, unread)
    }

    /// The text without lines that are no TOML, each as long as it was, so that what follows stands where it
    /// stood. What such a line may have said counts as unread.
    fn without_torn_lines(&self, unread: &mut Unread, findings: &mut Vec<Finding>) -> String {
        let mut text = self.text.clone();
        while findings.len() < FAULTS_MAX {
            let Err(error) = DeTable::parse(&text) else {
                break;
            };
            findings.push(self.misread(&error));
            let at = error.span().map_or(0, |span| span.start.min(text.len()));
            let bytes = text.as_bytes();
            let is_end = |byte: &u8| *byte == b'\n';
            let from = bytes[..at]
                .iter()
                .rposition(is_end)
                .map_or(0, |end| end + 1);
            let to = bytes[at..].iter().position(is_end);
            let to = to.map_or(text.len(), |length| at + length);
            let line = text[from..to].to_owned();
            if line.trim().is_empty() {
                break;
            }
            unread.0.insert(key_of(&text[..from], &line));
            text.replace_range(from..to, &" ".repeat(to - from));
        }
        text
    }
}

/// The key that a line is about, as far as that can be seen, with the table that it stands in.
fn key_of(before: &str, line: &str) -> String {
    let head = before.lines().rev().map(str::trim);
    let head = head.into_iter().find(|it| it.starts_with('['));
    let table = head.map(|it| it.trim_matches(['[', ']', ' ']));
    let key = line.split('=').next().unwrap_or_default().trim();
    table.map_or_else(|| key.to_owned(), |table| format!("{table}.{key}"))
}

/// The key that an error misses.
fn missing(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("missing field `")?;
    rest.split('`').next()
}

/// Puts what is missing there as it usually is, or takes the table away that lacks it; tells its key.
fn make_up<'i>(
    table: &mut DeTable<'i>,
    (key, at): (&str, usize),
    usual: &'i str,
) -> Option<String> {
    let usual = DeTable::parse(usual)
        .expect("what is usual is TOML")
        .into_inner();
    if let Some(inner) = steps_to(table, at) {
        // Tables in lists have nothing usual: there one is as good as none.
        let whole: Vec<Step> = inner.into_iter().take(2).collect();
        let [Step::Key(name), rest @ ..] = whole.as_slice() else {
            return None;
        };
        let usual = usual
            .get(name.as_str())
            .and_then(|it| it.get_ref().get(key));
        let said = table.get_mut(name.as_str());
        return match (said.map(Spanned::get_mut), usual, rest) {
            (Some(DeValue::Table(said)), Some(usual), _) => {
                said.insert(named(key), usual.clone());
                Some(format!("{name}.{key}"))
            }
            (Some(DeValue::Array(_)), _, [Step::Place(_)]) => {
                leave_out(table, &whole);
                Some(format!("{}.{key}", written(&whole)))
            }
            _ => None,
        };
    }
    let usual = usual.get(key)?;
    table.insert(named(key), usual.clone());
    Some(key.to_owned())
}

fn named<'i>(key: &str) -> Spanned<toml::de::DeString<'i>> {
    Spanned::new(0..0, key.to_owned().into())
}

/// The way to the innermost thing that stands at a byte of the file.
fn steps_to(table: &DeTable<'_>, at: usize) -> Option<Vec<Step>> {
    table.iter().find_map(|(key, value)| {
        let here = || vec![Step::Key(key.get_ref().to_string())];
        let inner = steps_in(value, at).map(|inner| [here(), inner].concat());
        inner.or_else(|| key.span().contains(&at).then(here))
    })
}

fn steps_in(value: &Spanned<DeValue<'_>>, at: usize) -> Option<Vec<Step>> {
    let inner = match value.get_ref() {
        DeValue::Table(table) => steps_to(table, at),
        DeValue::Array(all) => all.iter().enumerate().find_map(|(place, value)| {
            let inner = steps_in(value, at)?;
            Some([vec![Step::Place(place)], inner].concat())
        }),
        _ => None,
    };
    inner.or_else(|| value.span().contains(&at).then(Vec::new))
}

fn leave_out(table: &mut DeTable<'_>, steps: &[Step]) {
    let [Step::Key(key), rest @ ..] = steps else {
        return;
    };
    if rest.is_empty() {
        table.remove(key.as_str());
    } else if let Some(value) = table.get_mut(key.as_str()) {
        leave_out_of(value.get_mut(), rest);
    }
}

fn leave_out_of(value: &mut DeValue<'_>, steps: &[Step]) {
    match (value, steps) {
        (DeValue::Table(table), steps) => leave_out(table, steps),
        (DeValue::Array(all), [Step::Place(place)]) => {
            let kept = all.iter().enumerate().filter(|(at, _)| at != place);
            *all = kept.map(|(_, value)| value.clone()).collect();
        }
        (DeValue::Array(all), [Step::Place(place), rest @ ..]) => {
            if let Some(value) = all.get_mut(*place) {
                leave_out_of(value.get_mut(), rest);
            }
        }
        _ => {}
    }
}

fn written(steps: &[Step]) -> String {
    steps.iter().fold(String::new(), |before, step| match step {
        Step::Key(key) if before.is_empty() => key.clone(),
        Step::Key(key) => format!("{before}.{key}"),
        Step::Place(place) => format!("{before}[{place}]"),
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Said {
        who: String,
        count: u8,
        more: Option<u8>,
        gate: Option<Gate>,
        #[serde(default)]
        bus: Vec<Bus>,
    }

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Gate {
        listen: Vec<Spanned<String>>,
        key: Option<String>,
    }

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Bus {
        url: Spanned<String>,
    }

    const USUAL: &str = "who = \"nobody\"\ncount = 0\n[gate]\nlisten = []\n";

    fn read(name: &str, text: &str) -> (Vec<usize>, Said, Unread) {
        let path = std::env::temp_dir().join(format!("liandong-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        let (findings, read, unread) = Settings::read_on(&path, USUAL);
        std::fs::remove_file(&path).unwrap();
        let lines = findings.iter().map(|it| it.line.unwrap_or_default());
        (lines.collect(), read.unwrap().1, unread)
    }

    #[test]
    fn each_fault_is_told_once_in_its_line_and_the_rest_is_read() {
        let text = "who = 5\ncount = \"x\"\nmroe = 1\nmore = 900\n\
                    [gate]\nlisten = [\"a\", 7, \"b\"]\nkey = \"k\"\nkye = 3\n\
                    [[bus]]\nurl = \"u\"\n[[bus]]\nurl = 4\n[[bus]]\nurl = \"w\"\n";
        let (mut lines, said, unread) = read("on-faults", text);
        lines.sort_unstable();
        assert_eq!(lines, [1, 2, 3, 4, 6, 8, 12]);
        assert_eq!(
            (said.who.as_str(), said.count, said.more),
            ("nobody", 0, None)
        );
        let gate = said.gate.unwrap();
        let listen: Vec<&str> = gate.listen.iter().map(|it| it.get_ref().as_str()).collect();
        assert_eq!((listen, gate.key.as_deref()), (vec!["a", "b"], Some("k")));
        let urls = said.bus.iter().map(|it| it.url.get_ref().as_str());
        assert!(urls.eq(["u", "w"]));
        for key in ["who", "count", "more", "gate", "gate.listen", "bus"] {
            assert!(unread.has(key), "{key}: {unread:?}");
        }
        assert!(!unread.has("gate.key") && !unread.has("b"), "{unread:?}");
    }

    #[test]
    fn what_is_not_there_is_told_and_taken_as_it_usually_is() {
        let (lines, said, unread) = read("on-missing", "count = 3\n[gate]\nkey = \"k\"\n[[bus]]\n");
        assert_eq!(lines.len(), 3);
        assert_eq!((said.who.as_str(), said.count), ("nobody", 3));
        assert_eq!(said.gate.unwrap().listen, []);
        assert!(said.bus.is_empty());
        assert!(unread.has("who") && unread.has("gate.listen") && !unread.has("count"));
        assert!(unread.has("who.first") && !unread.has("gate.key"));
    }

    #[test]
    fn words_that_are_no_toml_are_told_and_what_stands_around_them_is_read() {
        let (lines, said, unread) = read("on-torn", "who = \"w\"\nhello\ncount = \nmore = 4\n");
        assert_eq!(lines, [2, 3]);
        assert_eq!((said.who.as_str(), said.more), ("w", Some(4)));
        assert!(unread.has("count") && !unread.has("who"));
    }
}
