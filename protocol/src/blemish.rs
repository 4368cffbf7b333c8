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
    // Every entry is looked at, and nearly all hold no escape and no such number: then no text of it
    // need be looked at for itself.
    if !json.contains('\\') && !may_be_personal(json) {
        found.extend(steers(json).then_some(Blemish::Steers));
        return found;
    }
    for text in texts(json) {
        if !found.contains(&Blemish::Steers) && steers(&text) {
            found.push(Blemish::Steers);
        }
        if !found.contains(&Blemish::Personal) && words(&text).any(is_personal) {
            found.push(Blemish::Personal);
        }
    }
    found
}

/// Whether a personal number stands somewhere, in a text or as a figure. A run of as many digits as a
/// telephone has cannot hide between two looks, and hashes that are full of digits are no such words.
fn may_be_personal(json: &str) -> bool {
    let bytes = json.as_bytes();
    let is_in_word = |byte: &u8| byte.is_ascii_alphanumeric();
    let mut at = MOBILE - 1;
    while let Some(byte) = bytes.get(at) {
        let mut end = at;
        if byte.is_ascii_digit() {
            let before = bytes[..at].iter().rev().take_while(|it| is_in_word(it));
            end += bytes[at..].iter().take_while(|it| is_in_word(it)).count();
            if is_personal(&json[at - before.count()..end]) {
                return true;
            }
        }
        at = end + MOBILE;
    }
    false
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
    // Without a branch for each byte, so that many are looked at in one step.
    let odd = text
        .bytes()
        .fold(false, |odd, byte| odd | !matches!(byte, b' '..=b'~'));
    odd && text
        .chars()
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
    }

    /// However the looks of the quick search fall, and whatever runs of digits stand before.
    #[test]
    fn a_personal_number_is_found_at_every_place() {
        let numbers = ["13812345678", "8613812345678", "44010019800230123X"];
        for before in (0..40).map(|length| "9a-".repeat(length)[..length].to_owned()) {
            for number in numbers {
                let text = format!("{{\"note\":\"{before}:{number}\"}}");
                assert_eq!(blemishes(&text), [Blemish::Personal], "{text}");
                let inside = format!("{{\"note\":\"{before}:{number}a\"}}");
                assert_eq!(blemishes(&inside), [], "{inside}");
            }
        }
    }

    #[test]
    fn of_a_personal_number_the_middle_is_hidden() {
        let text = "来电13812345678，证件44010019800230123X, unit 12345";
        let masked = "来电138****5678，证件440***********123X, unit 12345";
        assert_eq!(mask(text), masked);
        assert_eq!(mask(""), "");
    }
}
