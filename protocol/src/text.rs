//! Text from outside: read without a copy, made fit for a terminal and for a line of a log.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::Deserializer;
use serde::de::Visitor;

/// Removes everything that could steer a terminal or hide what a text says: control characters,
/// escape sequences' introducers, bidirectional overrides, zero-width and private-use characters.
/// Line breaks become spaces; at most `limit` characters remain.
pub fn sanitise(text: &str, limit: usize) -> String {
    text.chars()
        .map(|c| {
            if matches!(c, '\n' | '\r' | '\t') {
                ' '
            } else {
                c
            }
        })
        .filter(|c| !is_hostile(*c))
        .take(limit)
        .collect()
}

/// Whether a character may never reach a terminal (refusal R18).
pub fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2028}' | '\u{2029}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e000}'..='\u{f8ff}'
            | '\u{e0000}'..='\u{e007f}')
}

/// Reads something that travels as a text, without a copy of the text.
pub(crate) fn read<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr<Err: fmt::Display>,
    D: Deserializer<'de>,
{
    struct Text<T>(PhantomData<T>);
    impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for Text<T> {
        type Value = T;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }
        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
            text.parse().map_err(E::custom)
        }
    }
    deserializer.deserialize_str(Text(PhantomData))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escape_sequence_and_a_bidi_override_lose_their_power() {
        let hostile = "fire\u{1b}[2J\u{202e}gnp.exe\nnow";
        assert_eq!(sanitise(hostile, 100), "fire[2Jgnp.exe now");
    }

    #[test]
    fn a_long_text_is_cut_by_characters_not_bytes() {
        assert_eq!(sanitise("珠海斗门区", 2), "珠海");
    }
}
