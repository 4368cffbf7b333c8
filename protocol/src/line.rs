//! The shape that everything signed shares: header, tab, body, tab, signature.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::hash::unhex;
use crate::limit;
use crate::signing::{PublicKey, Signature, Suite};

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
    /// The signature is not 128 hexadecimal digits.
    #[error("the signature is not 128 hexadecimal digits")]
    Signature,
    /// The body is not the one that the header names.
    #[error("the body does not have the hash that the header names")]
    BodyHash,
}

impl Line {
    pub(crate) fn join(header: &str, body: &str, signature: &Signature) -> Self {
        let text = format!("{header}\t{body}\t{}", signature.to_hex());
        let header_end = header.len();
        let body_end = header_end + 1 + body.len();
        Self {
            text: text.into(),
            header_end,
            body_end,
            signature: *signature,
        }
    }

    pub(crate) fn parse(text: &str, limit: usize) -> Result<Self, LineError> {
        if text.len() > limit {
            return Err(LineError::TooLong {
                found: text.len(),
                limit,
            });
        }
        let header_end = text.find('\t').ok_or(LineError::Shape)?;
        let body_length = text[header_end + 1..].find('\t').ok_or(LineError::Shape)?;
        let body_end = header_end + 1 + body_length;
        let stray = text
            .bytes()
            .enumerate()
            .any(|(at, byte)| byte < 0x20 && at != header_end && at != body_end);
        if stray {
            return Err(LineError::Shape);
        }
        let signature = unhex(&text[body_end + 1..]).map_err(|_| LineError::Signature)?;
        let found = depth(&text[header_end + 1..body_end]);
        if found > limit::BODY_DEPTH {
            return Err(LineError::TooDeep {
                found,
                limit: limit::BODY_DEPTH,
            });
        }
        Ok(Self {
            text: text.into(),
            header_end,
            body_end,
            signature: Signature(signature),
        })
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn header_text(&self) -> &str {
        &self.text[..self.header_end]
    }

    pub(crate) fn header<T: DeserializeOwned>(&self) -> Result<T, LineError> {
        serde_json::from_str(self.header_text()).map_err(|e| LineError::Header(e.to_string()))
    }

    /// The body's text; `None` if it is withheld.
    pub(crate) fn body(&self) -> Option<&str> {
        Some(&self.text[self.header_end + 1..self.body_end]).filter(|body| *body != WITHHELD)
    }

    pub(crate) fn without_body(&self) -> Self {
        Self::join(self.header_text(), WITHHELD, &self.signature)
    }

    pub(crate) fn is_signed_by(&self, key: &PublicKey, suite: Suite, domain: &[u8]) -> bool {
        let message = [domain, self.header_text().as_bytes()].concat();
        key.verifies(suite, &message, &self.signature)
    }
}

/// How deep the lists and objects of a JSON text nest, read without parsing it.
fn depth(json: &str) -> usize {
    let (mut now, mut deepest, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => {
                now += 1;
                deepest = deepest.max(now);
            }
            b'}' | b']' if !in_text => now = now.saturating_sub(1),
            _ => {}
        }
    }
    deepest
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
    fn a_line_with_a_field_missing_or_a_stray_break_is_refused() {
        let signature = "00".repeat(64);
        assert!(Line::parse(&format!("{{}}\t{{}}\t{signature}"), 1_000).is_ok());
        assert_eq!(Line::parse("{}\t{}", 1_000).unwrap_err(), LineError::Shape);
        let broken = format!("{{}}\t{{\n}}\t{signature}");
        assert_eq!(Line::parse(&broken, 1_000).unwrap_err(), LineError::Shape);
        assert_eq!(
            Line::parse("{}\t{}\tzz", 1_000).unwrap_err(),
            LineError::Signature
        );
        let long = Line::parse(&format!("{{}}\t{{}}\t{signature}"), 10).unwrap_err();
        assert_eq!(
            long,
            LineError::TooLong {
                found: 134,
                limit: 10
            }
        );
    }
}
