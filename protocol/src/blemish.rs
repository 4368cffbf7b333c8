//! What is the matter with what people wrote: characters that steer a terminal (R18), and what tells
//! one person from all others (R19).
//!
//! Neither refuses anything: an entry is kept as it was signed. It is counted, told, and shown without.

use std::borrow::Cow;
use std::iter;

use crate::text::is_hostile;

/// Something that is the matter with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blemish {
    /// R18: it steers a terminal or hides what it says.
    Steers,
    /// R19: it holds a number of an identity card or of a mobile telephone.
    Personal,
}

impl Blemish {
    /// The rule.
    pub fn code(self) -> &'static str {
        match self {
            Self::Steers => "R18",
            Self::Personal => "R19",
        }
    }
}

/// What is the matter with the texts of a JSON document, each once.
pub fn blemishes(json: &str) -> Vec<Blemish> {
    let mut found = Vec::new();
    if is_plain(json) {
        return found;
    }
    for text in texts(json) {
        // Most texts, if not most documents, are names and codes.
        let printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if !printable && !found.contains(&Blemish::Steers) && steers(&text) {
            found.push(Blemish::Steers);
        }
        let may_count = text.len() >= MOBILE && !found.contains(&Blemish::Personal);
        if may_count && words(&text).any(is_personal) {
            found.push(Blemish::Personal);
        }
    }
    found
}

/// Whether one look at each byte says that nothing is the matter: printable ASCII without an escape, and in
/// no text a word that begins with as many digits as a telephone has and ends, or may be an identity card's.
/// So are most entries, and every one is looked at; hashes and signatures hold runs of digits too.
fn is_plain(json: &str) -> bool {
    let (mut inside, mut digits) = (false, 0);
    let numbers = MOBILE..=IDENTITY;
    json.bytes().all(|byte| {
        let is_number = numbers.contains(&digits);
        let ends = match byte {
            b'0'..=b'9' => {
                digits += 1;
                false
            }
            b'X' | b'x' => is_number,
            b'a'..=b'z' | b'A'..=b'Z' => {
                digits = NO_NUMBER;
                false
            }
            _ => {
                digits = 0;
                is_number
            }
        };
        let is_personal = ends && inside;
        inside ^= byte == b'"';
        matches!(byte, b' '..=b'~') && byte != b'\\' && !is_personal
    })
}

/// The text with the middle of every personal number hidden: `138****5678`.
pub fn mask(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    for part in text.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let word = part.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        if is_personal(word) {
            masked.push_str(&word[..SHOWN_FIRST]);
            masked.extend(iter::repeat_n('*', word.len() - SHOWN_FIRST - SHOWN_LAST));
            masked.push_str(&word[word.len() - SHOWN_LAST..]);
            masked.push_str(&part[word.len()..]);
        } else {
            masked.push_str(part);
        }
    }
    masked
}

/// Digits of a mobile telephone's number in China, of which an identity card's has more.
const MOBILE: usize = 11;

/// Signs of an identity card's number, which is the longest word that tells of a person.
const IDENTITY: usize = 18;

/// Counted digits of a word that holds letters, beyond those of any number.
const NO_NUMBER: usize = usize::MAX / 2;

/// Digits of a personal number that stay at its beginning and at its end: who knows it recognises it.
const SHOWN_FIRST: usize = 3;
const SHOWN_LAST: usize = 4;

/// The texts of a JSON document; one that cannot be read is passed over.
fn texts(json: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let mut rest = json;
    let quoted = iter::from_fn(move || {
        let text = &rest[rest.find('"')?..];
        let mut escaped = false;
        let mut inner = text.bytes().skip(1);
        let length = inner.position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        })?;
        let (text, behind) = text.split_at(length + 2);
        rest = behind;
        Some(text)
    });
    quoted.filter_map(|text| {
        if text.contains('\\') {
            serde_json::from_str(text).ok().map(Cow::Owned)
        } else {
            Some(Cow::Borrowed(&text[1..text.len() - 1]))
        }
    })
}

/// Whether a text does what no text should; breaks of its lines are innocent.
fn steers(text: &str) -> bool {
    text.chars()
        .any(|c| is_hostile(c) && !matches!(c, '\n' | '\r' | '\t'))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
}

fn is_personal(word: &str) -> bool {
    is_identity(word.as_bytes()) || is_mobile(word.strip_prefix("86").unwrap_or(word).as_bytes())
}

/// An identity card's number (GB 11643): a place, a day of birth, a serial and a check digit.
fn is_identity(word: &[u8]) -> bool {
    let [number @ .., check] = word else {
        return false;
    };
    let digits = number.iter().all(u8::is_ascii_digit);
    if number.len() != 17 || !digits || !(check.is_ascii_digit() || matches!(check, b'X' | b'x')) {
        return false;
    }
    let two = |at: usize| (number[at] - b'0') * 10 + number[at + 1] - b'0';
    matches!(two(6), 18..=20) && (1..=12).contains(&two(10)) && (1..=31).contains(&two(12))
}

/// A mobile telephone's number in China.
fn is_mobile(word: &[u8]) -> bool {
    word.len() == MOBILE
        && word.iter().all(u8::is_ascii_digit)
        && word[0] == b'1'
        && (b'3'..=b'9').contains(&word[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escape_sequence_raw_or_written_out_is_found_and_a_break_of_lines_is_not() {
        for text in [
            r#"{"place":"pier\u001b[2J"}"#,
            "{\"place\":\"pier\u{202e}\"}",
            r#"{"place":"\udb40\udc41"}"#,
            r#"{"place":"pier\b"}"#,
        ] {
            assert_eq!(blemishes(text), [Blemish::Steers], "{text}");
        }
        for text in [
            r#"{"place":"pier\nat 珠海\t\\u001b"}"#,
            "{\n\t\"at\": 3}",
            "",
            "\"",
        ] {
            assert_eq!(blemishes(text), [], "{text}");
        }
    }

    #[test]
    fn a_personal_number_is_found_in_words_and_not_in_figures_or_ids() {
        for text in [
            r#"{"note":"来电13812345678。"}"#,
            r#"{"note":"call +8613812345678"}"#,
            r#"{"note":"first line\n13812345678"}"#,
            r#"{"note":"ID 44010019800230123x"}"#,
        ] {
            assert_eq!(blemishes(text), [Blemish::Personal], "{text}");
        }
        for text in [
            r#"{"at":13812345678}"#,
            r#"{"hash":"ab13812345678"}"#,
            r#"{"note":"12812345678 and 138123456789"}"#,
            r#"{"note":"440100198013301234"}"#,
        ] {
            assert_eq!(blemishes(text), [], "{text}");
        }
        assert!(is_plain(
            r#"{"at":13812345678,"hash":"0123456789-0123456789"}"#
        ));
    }

    #[test]
    fn of_a_personal_number_the_middle_is_hidden() {
        let text = "来电13812345678，证件44010019800230123X, unit 12345";
        let masked = "来电138****5678，证件440***********123X, unit 12345";
        assert_eq!(mask(text), masked);
        assert_eq!(mask(""), "");
    }
}
