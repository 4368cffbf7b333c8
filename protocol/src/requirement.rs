//! What an incident takes, and the one way in which people write it, in the shell and on the screen.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::limit;
use crate::nearest::{nearest_word, remedy};
use crate::quantity::{Span, SpanError};
use crate::words::Kind;

/// One kind and quantity that an incident takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    /// What is needed.
    pub kind: Kind,
    /// How many units, or how much.
    pub quantity: u32,
    /// How long the work is expected to take.
    pub duration: Span,
}

/// Why a text is no requirement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequirementError {
    /// Not a kind with its quantity.
    #[error("\"{0}\" is no need; write kind=quantity, as pump=2, 排涝车=2 or pump=2x90m")]
    Form(String),
    /// Nothing of that name is lent.
    #[error("no kind \"{found}\"; {remedy}")]
    Kind {
        /// What was written.
        found: String,
        /// Every kind, and the one that was probably meant.
        remedy: String,
    },
    /// None, or more than anybody could mean.
    #[error(
        "{kind}={quantity} is out of range; ask for 1 to {}",
        limit::NEED_QUANTITY
    )]
    Quantity {
        /// Of what.
        kind: Kind,
        /// How much was written.
        quantity: u64,
    },
    /// The duration behind the quantity.
    #[error(transparent)]
    Duration(#[from] SpanError),
}

impl Requirement {
    /// How long work is expected to take where nobody says; the desk corrects it later.
    pub const USUAL_DURATION: Span = Span::hours(1);

    /// Reads requirements one behind the other, with the commas of either input method between.
    pub fn list(text: &str) -> Result<Vec<Self>, RequirementError> {
        text.split([',', '，', '、', ';', '；'])
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(str::parse)
            .collect()
    }

    /// Whether it asks for an amount that somebody could mean.
    pub fn check(&self) -> Result<(), RequirementError> {
        if (1..=limit::NEED_QUANTITY).contains(&self.quantity) {
            return Ok(());
        }
        Err(RequirementError::Quantity {
            kind: self.kind,
            quantity: self.quantity.into(),
        })
    }
}

/// Reads `pump=2` or `pump=2x90m`; the kind by its code or its term, the equals sign and the cross
/// of either input method.
impl FromStr for Requirement {
    type Err = RequirementError;

    fn from_str(text: &str) -> Result<Self, RequirementError> {
        let brief = |text: &str| text.trim().chars().take(40).collect::<String>();
        let wrong = || RequirementError::Form(brief(text));
        let (kind, rest) = text.split_once(['=', '＝']).ok_or_else(wrong)?;
        let kind = Kind::from_code(kind).ok_or_else(|| {
            let found = brief(kind);
            let remedy = kinds_for(&found);
            RequirementError::Kind { found, remedy }
        })?;
        let (quantity, duration) = match rest.split_once(['x', '×']) {
            Some((quantity, duration)) => (quantity, duration.trim().parse()?),
            None => (rest, Self::USUAL_DURATION),
        };
        let quantity: u64 = quantity.trim().parse().map_err(|_| wrong())?;
        let required = Self {
            kind,
            quantity: u32::try_from(quantity)
                .map_err(|_| RequirementError::Quantity { kind, quantity })?,
            duration,
        };
        required.check()?;
        Ok(required)
    }
}

/// Every kind by its code, and before them the code or term that a misspelt word is nearest to.
fn kinds_for(word: &str) -> String {
    let codes: Vec<&str> = Kind::ALL.iter().map(|kind| kind.code()).collect();
    let terms = Kind::ALL.iter().map(|kind| kind.label().zh);
    let meant = nearest_word(word, codes.iter().copied().chain(terms));
    remedy(meant, codes.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Requirement, RequirementError> {
        text.parse()
    }

    #[test]
    fn a_need_is_kind_quantity_and_perhaps_duration() {
        let pump = read("pump=2x90m").unwrap();
        assert_eq!(
            (pump.kind, pump.quantity, pump.duration),
            (Kind::Pump, 2, Span::minutes(90))
        );
        let usual = read("排涝车＝1").unwrap();
        assert_eq!(
            (usual.kind, usual.duration),
            (Kind::Pump, Requirement::USUAL_DURATION)
        );
    }

    #[test]
    fn what_is_no_need_is_told_with_what_would_be_one() {
        for (wrong, words) in [
            ("pump", "kind=quantity"),
            ("pump 2", "kind=quantity"),
            ("pump=two", "kind=quantity"),
            ("pump=0", "1 to 10000"),
            ("pump=99999999999", "1 to 10000"),
            ("boots=1", "no kind \"boots\""),
            ("pum=2", "did you mean \"pump\"? known are"),
            ("排涝东=2", "did you mean \"排涝车\"?"),
            ("yacht=2", "no kind \"yacht\"; known are"),
            ("pump=1xlong", "no length of time"),
        ] {
            let told = read(wrong).unwrap_err().to_string();
            assert!(told.contains(words), "{wrong}: {told}");
        }
    }

    #[test]
    fn several_needs_stand_one_behind_the_other_in_both_languages() {
        let read = Requirement::list("排涝车=2、medical team=1，ambulance=3×2h").unwrap();
        let brief: Vec<(Kind, u32)> = read.iter().map(|need| (need.kind, need.quantity)).collect();
        assert_eq!(
            brief,
            [(Kind::Pump, 2), (Kind::Medical, 1), (Kind::Ambulance, 3)]
        );
        assert_eq!(Requirement::list(" ").unwrap(), []);
        assert!(Requirement::list("排涝车=2、飞船=1").is_err());
    }
}
