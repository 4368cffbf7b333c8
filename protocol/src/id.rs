//! Who and what: ids of parties, of things that have no rank, and of things that an office makes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::label::{Label, split_last};
use crate::tag::{Tag, TagError};

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident($limit:literal);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Tag<$limit>);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl FromStr for $name {
            type Err = TagError;
            fn from_str(text: &str) -> Result<Self, TagError> {
                text.parse().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    )*};
}

names! {
    /// A party of the network: an office, an author, an operator, a terminal, a director, an observer.
    ///
    /// A city office is named by its area code of GB/T 2260 (`440400`), an author without ground of
    /// its own by the code and its trade (`440000-met`).
    PartyId(20);
    /// The network that a message belongs to; production and every drill have their own.
    NetId(20);
    /// A unit, a stock or a capacity: `440400-s03-fire-2`. It belongs to one office for ever.
    ResourceId(32);
    /// A depot, fire station or hospital.
    FacilityId(32);
    /// An edge of the road graph as the region pack names it.
    RoadId(24);
    /// One operator action or call intake; makes commands and field reports idempotent.
    RequestId(40);
    /// A network attachment of an office. Local to its machine.
    BusId(12);
}

/// An administrative area by its six digits of GB/T 2260, for example 440400.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(transparent)]
pub struct AreaCode(pub u32);

impl AreaCode {
    /// The city that a district lies in: the first four digits. `440402` → `440400`.
    #[must_use]
    pub fn city(self) -> Self {
        Self(self.0 / 100 * 100)
    }

    /// The province: the first two digits. `440402` → `440000`.
    #[must_use]
    pub fn province(self) -> Self {
        Self(self.0 / 10_000 * 10_000)
    }
}

impl fmt::Display for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

/// Why a text is no id of a thing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no id; an id is AUTHOR-EPOCH-NUMBER, as in 440400-1-17")]
pub struct ThingIdError(String);

macro_rules! things {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// Made of the office that made it, that office's epoch, and a number counted within the
        /// epoch, so that an office which lost its disk never gives an id twice.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name {
            /// The office that made it.
            pub author: PartyId,
            /// Its epoch at that time.
            pub epoch: u32,
            /// Counted from 1 within the epoch.
            pub number: u32,
        }

        impl $name {
            fn label(&self) -> Label {
                let author = Label::of(self.author.as_str());
                author.then("-").number(self.epoch).then("-").number(self.number)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.label().as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{self}")
            }
        }

        impl FromStr for $name {
            type Err = ThingIdError;
            fn from_str(text: &str) -> Result<Self, ThingIdError> {
                let wrong = || ThingIdError(text.chars().take(60).collect());
                let (rest, number) = split_last(text, b'-').ok_or_else(wrong)?;
                let (author, epoch) = split_last(rest, b'-').ok_or_else(wrong)?;
                Ok(Self {
                    author: author.parse().map_err(|_| wrong())?,
                    epoch: epoch.parse().map_err(|_| wrong())?,
                    number: number.parse().map_err(|_| wrong())?,
                })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.label().as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::text::read(deserializer)
            }
        }
    )*};
}

things! {
    /// An incident 突发事件, by the office that opened it.
    IncidentId;
    /// A need: one kind and quantity asked for an incident (A1).
    NeedId;
    /// An offer of aid (A3).
    OfferId;
    /// One commitment of one resource (A6). Tasks, release and recall name it.
    AidId;
    /// A warning 预警.
    WarningId;
    /// An activated response 应急响应.
    ResponseId;
    /// A notice of a hazard or of a road's state.
    AdvisoryId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_it_was_written_even_for_an_author_with_hyphens() {
        let id = WarningId {
            author: "440000-met".parse().unwrap(),
            epoch: 3,
            number: 12,
        };
        assert_eq!(id.to_string(), "440000-met-3-12");
        assert_eq!("440000-met-3-12".parse::<WarningId>().unwrap(), id);
        assert!("440400-1".parse::<WarningId>().is_err());
    }

    #[test]
    fn a_district_names_its_city_and_province() {
        assert_eq!(AreaCode(440_402).city(), AreaCode(440_400));
        assert_eq!(AreaCode(440_402).province(), AreaCode(440_000));
    }
}
