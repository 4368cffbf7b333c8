//! The shape that everything signed shares: header, tab, body, tab, signature.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::hash::{Digits, unhex};
use crate::limit;
use crate::signing::{PublicKey, Signature, Signer, Suite};
use crate::text::sanitise;

/// The body field of an entry whose body is withheld.
const WITHHELD: &str = "-";

/// A line with its three fields found.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    text: Arc<str>,
    header_end: usize,
    body_end: usize,
    signature: Signature,
}

/// The fields of a line that somebody else keeps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    text: &'a str,
    header: &'a str,
    body: &'a str,
    signature: Signature,
}

/// Why a line cannot be read (refusal R07).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// More bytes than allowed.
    #[error("the line has {found} bytes; at most {limit} are accepted")]
    TooLong {
        /// Bytes found.
        found: usize,
        /// Bytes accepted.
        limit: usize,
    },
    /// Not three fields, or a line break or another control character inside.
    #[error("the line is not header, tab, body, tab, signature")]
    Shape,
    /// Lists and objects nested too deep.
    #[error("the line nests {found} deep; at most {limit} levels are accepted")]
    TooDeep {
        /// Depth found.
        found: usize,
        /// Depth accepted.
        limit: usize,
    },
    /// The header cannot be read.
    #[error("the header cannot be read: {0}")]
    Header(String),
    /// The header demands a field that this version does not know.
    #[error("the header demands that \"{field}\" be understood; this version does not know it")]
    MustUnderstand {
        /// The field.
        field: String,
    },
    /// The number is none that an entry can have.
    #[error("the entry is numbered {found}; numbers are 1 to 9223372036854775807")]
    Unnumbered {
        /// The number.
        found: u64,
    },
    /// The signature is not 128 hexadecimal digits.
    #[error("the signature is not 128 hexadecimal digits")]
    Signature,
    /// The body is not the one that the header names.
    #[error("the body does not have the hash that the header names")]
    BodyHash,
}

/// Room for what a signature covers; a header with its domain seldom takes more.
const SIGNED_BYTES: usize = 768;

impl Line {
    /// Signs a header, which names the body's hash, and joins the line.
    pub(crate) fn seal(
        domain: &[u8],
        header: &impl Serialize,
        body: &str,
        signer: &Signer,
    ) -> Self {
        let mut message = Vec::with_capacity(SIGNED_BYTES);
        message.extend_from_slice(domain);
        serde_json::to_writer(&mut message, header).expect("a header is plain data");
        let signature = signer.sign(&message);
        let header = str::from_utf8(&message[domain.len()..]).expect("JSON is UTF-8");
        Self::join(header, body, &signature)
    }

    fn join(header: &str, body: &str, signature: &Signature) -> Self {
        let header_end = header.len();
        let body_end = header_end + 1 + body.len();
        let mut text = String::with_capacity(body_end + 1 + 2 * signature.0.len());
        text.push_str(header);
        text.push('\t');
        text.push_str(body);
        text.push('\t');
        text.push_str(Digits::of(&signature.0).as_str());
        Self {
            text: text.into(),
            header_end,
            body_end,
            signature: *signature,
        }
    }

    pub(crate) fn text(&self) -> &Arc<str> {
        &self.text
    }

    pub(crate) fn fields(&self) -> Fields<'_> {
        Fields {
            text: &self.text,
            header: &self.text[..self.header_end],
            body: &self.text[self.header_end + 1..self.body_end],
            signature: self.signature,
        }
    }

    pub(crate) fn without_body(&self) -> Self {
        Self::join(self.fields().header, WITHHELD, &self.signature)
    }
}

impl<'a> Fields<'a> {
    pub(crate) fn parse(text: &'a str, limit: usize) -> Result<Self, LineError> {
        if text.len() > limit {
            return Err(LineError::TooLong {
                found: text.len(),
                limit,
            });
        }
        let (header, rest) = text.split_once('\t').ok_or(LineError::Shape)?;
        let (body, signature) = rest.split_once('\t').ok_or(LineError::Shape)?;
        // Counted to the end without a branch, so that many bytes are looked at in one step.
        if count(text, |byte| byte < 0x20) != 2 {
            return Err(LineError::Shape);
        }
        let signature = unhex(signature).map_err(|_| LineError::Signature)?;
        let limit = limit::BODY_DEPTH;
        // What opens no more often than that cannot nest deeper.
        if count(body, |byte| byte == b'{' || byte == b'[') > limit {
            let found = depth(body);
            if found > limit {
                return Err(LineError::TooDeep { found, limit });
            }
        }
        Ok(Self {
            text,
            header,
            body,
            signature: Signature(signature),
        })
    }

    /// The same line, to be kept.
    pub(crate) fn keep(&self) -> Line {
        let header_end = self.header.len();
        Line {
            text: self.text.into(),
            header_end,
            body_end: header_end + 1 + self.body.len(),
            signature: self.signature,
        }
    }

    pub(crate) fn header_text(&self) -> &'a str {
        self.header
    }

    pub(crate) fn header<T: Deserialize<'a>>(&self) -> Result<T, LineError> {
        serde_json::from_str(self.header).map_err(|error| LineError::Header(reason(&error)))
    }

    /// The body's text; `None` if it is withheld.
    pub(crate) fn body(&self) -> Option<&'a str> {
        Some(self.body).filter(|body| *body != WITHHELD)
    }

    pub(crate) fn is_signed_by(&self, key: &PublicKey, suite: Suite, domain: &[u8]) -> bool {
        key.verifies(suite, [domain, self.header.as_bytes()], &self.signature)
    }
}

/// Why a JSON text cannot be read, fit to be shown: the reason quotes the text, which anybody may have
/// written (refusal R18).
pub(crate) fn reason(error: &serde_json::Error) -> String {
    sanitise(&error.to_string(), limit::TEXT_CHARS)
}

/// Bytes of a text that are of a kind, summed in bytes for as long as a byte can hold the sum: so
/// one instruction adds sixteen of them.
fn count(text: &str, is_one: impl Fn(u8) -> bool) -> usize {
    let parts = text.as_bytes().chunks(usize::from(u8::MAX));
    let in_part = |part: &[u8]| part.iter().map(|byte| u8::from(is_one(*byte))).sum::<u8>();
    parts.map(|part| usize::from(in_part(part))).sum()
}

/// How deep the lists and objects of a JSON text nest, read without parsing it.
fn depth(json: &str) -> usize {
    let (mut now, mut deepest) = (0_usize, 0);
    let mut rest = json.as_bytes();
    while let [byte, behind @ ..] = rest {
        rest = match byte {
            b'"' => behind_text(behind),
            _ => behind,
        };
        match byte {
            b'{' | b'[' => {
                now += 1;
                deepest = deepest.max(now);
            }
            b'}' | b']' => now = now.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// What comes after a JSON text that has begun: most of a message is in texts, so they are passed over
/// in a loop that does nothing else.
fn behind_text(mut rest: &[u8]) -> &[u8] {
    while let Some(end) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\')) {
        let taken = if rest[end] == b'"' { 1 } else { 2 };
        rest = rest.get(end + taken..).unwrap_or_default();
        if taken == 1 {
            return rest;
        }
    }
    &[]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_is_counted_outside_of_texts_alone() {
        assert_eq!(depth(r#"{"a":[{"b":1}]}"#), 3);
        assert_eq!(depth(r#"{"a":"[[[{\"[["}"#), 1);
    }

    #[test]
    fn a_line_nests_as_deep_as_the_limit_and_no_deeper() {
        let line = |depth: usize| {
            let (open, close) = ("[".repeat(depth), "]".repeat(depth));
            format!(
                "{{}}\t{open}\"[[[[[[[[[[[[[[[[\"{close}\t{}",
                "00".repeat(64)
            )
        };
        let limit = limit::BODY_DEPTH;
        assert!(Fields::parse(&line(limit), 1_000).is_ok());
        let found = limit + 1;
        assert_eq!(
            Fields::parse(&line(found), 1_000).unwrap_err(),
            LineError::TooDeep { found, limit }
        );
    }

    #[test]
    fn a_line_with_a_field_missing_or_a_stray_break_is_refused() {
        let signature = "00".repeat(64);
        assert!(Fields::parse(&format!("{{}}\t{{}}\t{signature}"), 1_000).is_ok());
        assert_eq!(
            Fields::parse("{}\t{}", 1_000).unwrap_err(),
            LineError::Shape
        );
        let broken = format!("{{}}\t{{\n}}\t{signature}");
        assert_eq!(Fields::parse(&broken, 1_000).unwrap_err(), LineError::Shape);
        assert_eq!(
            Fields::parse("{}\t{}\tzz", 1_000).unwrap_err(),
            LineError::Signature
        );
        let long = Fields::parse(&format!("{{}}\t{{}}\t{signature}"), 10).unwrap_err();
        assert_eq!(
            long,
            LineError::TooLong {
                found: 134,
                limit: 10
            }
        );
    }
}
