//! A drill as written: the tables and keys of a scenario file, each with what it means.
//!
//! The file is TOML, schema `liandong-scenario/1`. Every quantity has a unit, in its text (`"90s"`,
//! `"3h20m"`) or at the end of its key (`_s`, `_ms`, `_km`, `_h`, `_percent`). A key that is not
//! listed here is a fault. Nothing is decided here; `meaning.rs` makes a
//! [`Scenario`](super::Scenario) of it.

mod conduct;
mod happening;
mod top;
mod water;
mod wind;
mod zone;

use super::page::At;
use super::shape::Shape;

pub use super::measure::{Quantity, Seconds, YearMonth};
pub use super::page::Page;
pub use super::value::Written;
pub use conduct::{
    CrewExcept, CrewTable, FaultTable, FleetExcept, FleetTable, FleetUnder, NetworkTable,
    OfficeExcept, OfficeTable,
};
pub use happening::{
    After, AlsoTold, CountsTable, Expectation, IncidentTable, InjectTable, Multiplier, NeedTable,
    NewsTable, SeverityMix, SignTable, StreamTable,
};
pub use top::{ObjectiveTable, PhaseTable, ScenarioFile, Title};
pub use water::{ConstituentTable, GaugeTable, LevelTable, RiverTable, TideTable};
pub use wind::{EffectTable, FixTable, HazardTable, Track};
pub use zone::{DepthTable, DriftTable, FloodTable, PlumeTable};

/// A table of the file with its keys, for a listing of the schema.
#[derive(Clone, Copy, Debug)]
pub struct TableKeys {
    /// How the file writes it.
    pub header: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Its keys.
    pub keys: &'static [Key],
}

/// A key of a table.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The key.
    pub key: &'static str,
    /// How its value is written.
    pub form: &'static str,
    /// What it can be.
    pub shape: fn() -> Shape,
    /// Whether the table is at fault without it.
    pub required: bool,
    /// What it means.
    pub about: &'static str,
}

/// Every table of the schema, in the order of a file.
pub fn schema() -> Vec<TableKeys> {
    [
        top::TABLES,
        wind::TABLES,
        zone::TABLES,
        water::TABLES,
        happening::TABLES,
        conduct::TABLES,
    ]
    .concat()
}

/// Keys that do not belong to a table of this kind.
pub(crate) fn only_keys(present: &[At<String>], kind: &str, allowed: &[&str], page: &mut Page<'_>) {
    for key in present
        .iter()
        .filter(|key| !allowed.contains(&key.value.as_str()))
    {
        let reason = format!(
            "the key \"{}\" does not belong to kind \"{kind}\"",
            key.value
        );
        page.fault(
            &key.span,
            reason,
            format!("its keys are {}", allowed.join(", ")),
        );
    }
}

/// Declares tables: for each a struct of optional values with their places, its reader, and its keys.
macro_rules! tables {
    ($(
        $(#[doc = $about:literal])+
        $name:ident in $header:literal {
            $($(#[doc = $key_about:literal])+ $field:ident = $key:literal : $form:ty, $must:ident;)+
        }
    )+) => {
        $(
            $(#[doc = $about])+
            #[derive(Clone, Debug)]
            pub struct $name {
                /// Where the table stands.
                pub span: std::ops::Range<usize>,
                /// The keys that it has.
                pub present: Vec<$crate::scenario::page::At<String>>,
                $($(#[doc = $key_about])+ pub $field: Option<$crate::scenario::page::At<$form>>,)+
            }

            impl $name {
                const KEYS: &'static [$crate::scenario::file::Key] = &[$(
                    $crate::scenario::file::Key {
                        key: $key,
                        form: <$form as $crate::scenario::value::Written>::FORM,
                        shape: <$form as $crate::scenario::value::Written>::shape,
                        required: $crate::scenario::file::is_required(stringify!($must)),
                        about: concat!($($key_about),+),
                    }
                ),+];

                /// Reads the keys of a table.
                pub(crate) fn of(
                    table: &toml::de::DeTable<'_>,
                    span: &std::ops::Range<usize>,
                    page: &mut $crate::scenario::page::Page<'_>,
                ) -> Self {
                    let present = $crate::scenario::file::present(table, span, $header, Self::KEYS, page);
                    Self {
                        $($field: table.get($key).and_then(|raw| {
                            $crate::scenario::value::Written::read(raw, page)
                        }),)+
                        present,
                        span: span.clone(),
                    }
                }
            }

            impl $crate::scenario::value::Written for $name {
                const FORM: &'static str = concat!("a table ", $header);
                fn shape() -> $crate::scenario::shape::Shape {
                    $crate::scenario::shape::Shape::Table($header)
                }
                fn read(
                    raw: &toml::Spanned<toml::de::DeValue<'_>>,
                    page: &mut $crate::scenario::page::Page<'_>,
                ) -> Option<Self> {
                    match raw.get_ref() {
                        toml::de::DeValue::Table(table) => Some(Self::of(table, &raw.span(), page)),
                        _ => $crate::scenario::value::wrong_form(raw, page),
                    }
                }
            }
        )+

        pub(super) const TABLES: &[$crate::scenario::file::TableKeys] = &[$(
            $crate::scenario::file::TableKeys {
                header: $header,
                about: concat!($($about),+),
                keys: $name::KEYS,
            }
        ),+];
    };
}
use tables;

/// Whether the word of a declaration says that a key must be there.
const fn is_required(word: &str) -> bool {
    matches!(word.as_bytes(), b"must")
}

/// The keys that a table has; notes those that it may not have and those that it lacks.
fn present(
    table: &toml::de::DeTable<'_>,
    span: &std::ops::Range<usize>,
    header: &str,
    keys: &[Key],
    page: &mut Page<'_>,
) -> Vec<At<String>> {
    let known = keys.iter().map(|key| key.key);
    let mut present = Vec::new();
    for (key, _) in table {
        if !known.clone().any(|known| known == key.get_ref()) {
            page.unknown(
                &key.span(),
                &format!("key of {header}"),
                key.get_ref(),
                known.clone(),
            );
        }
        present.push(At {
            value: key.get_ref().clone().into_owned(),
            span: key.span(),
        });
    }
    for key in keys
        .iter()
        .filter(|key| key.required && !table.contains_key(key.key))
    {
        let reason = format!("{header} lacks \"{}\"", key.key);
        page.lacks(span, reason, format!("add {} = {}", key.key, key.form));
    }
    present
}
