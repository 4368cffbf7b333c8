//! Enums whose variant is named by a `type` among its fields, read as the fields come.
//!
//! What serde derives for such an enum sets every field aside until it knows the type. Our own
//! messages say it first, and then the fields go straight to where they belong. Whoever says it
//! later is read in the derived way, to the same result.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeSeed, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// The name of the field that names the variant.
const TYPE: &str = "type";

/// An enum that is read so; [`tagged`] makes it one.
pub(crate) trait Tagged<'de>: Sized {
    /// The name of a variant.
    type Kind: Deserialize<'de>;

    /// Reads the variant's fields.
    fn of<D: Deserializer<'de>>(kind: Self::Kind, fields: D) -> Result<Self, D::Error>;

    /// Reads it in the derived way, wherever the type stands.
    fn derived<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

/// Makes an enum [`Tagged`] whose derived traits are set aside by `#[serde(remote = "Self")]`.
macro_rules! tagged {
    ($name:ident { $($variant:ident)* }) => {
        const _: () = {
            use serde::{Deserialize, Deserializer, Serialize, Serializer};

            #[derive(Deserialize)]
            #[serde(variant_identifier, rename_all = "kebab-case")]
            pub(crate) enum Kind { $($variant),* }

            impl<'de> $crate::tagged::Tagged<'de> for $name {
                type Kind = Kind;
                fn of<D: Deserializer<'de>>(kind: Kind, fields: D) -> Result<Self, D::Error> {
                    match kind {
                        $(Kind::$variant => Deserialize::deserialize(fields).map(Self::$variant),)*
                    }
                }
                fn derived<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    Self::deserialize(deserializer)
                }
            }

            impl<'de> Deserialize<'de> for $name {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    $crate::tagged::read(deserializer)
                }
            }

            impl Serialize for $name {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    Self::serialize(self, serializer)
                }
            }
        };
    };
}
pub(crate) use tagged;

pub(crate) fn read<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Tagged<'de>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_any(TypeFirst(PhantomData))
}

struct TypeFirst<T>(PhantomData<T>);

impl<'de, T: Tagged<'de>> Visitor<'de> for TypeFirst<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a type")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let first: Option<String> = map.next_key()?;
        if first.as_deref() == Some(TYPE) {
            let kind = map.next_value()?;
            T::of(kind, MapAccessDeserializer::new(Behind(map)))
        } else {
            T::derived(MapAccessDeserializer::new(Before { first, map }))
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<T, A::Error> {
        T::derived(SeqAccessDeserializer::new(seq))
    }
}

/// The fields behind a type, among which there is no second one.
struct Behind<A>(A);

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Behind<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        self.0.next_key_seed(Field(seed))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.0.next_value_seed(seed)
    }
}

/// The name of a field that is not the type.
struct Field<K>(K);

impl<'de, K: DeserializeSeed<'de>> DeserializeSeed<'de> for Field<K> {
    type Value = K::Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<K::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<'de, K: DeserializeSeed<'de>> Visitor<'de> for Field<K> {
    type Value = K::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<K::Value, E> {
        if name == TYPE {
            return Err(E::duplicate_field(TYPE));
        }
        self.0.deserialize(name.into_deserializer())
    }
}

/// All fields, the name of the first of which was read.
struct Before<A> {
    first: Option<String>,
    map: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Before<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        match self.first.take() {
            Some(name) => seed.deserialize(name.into_deserializer()).map(Some),
            None => self.map.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

#[cfg(test)]
mod tests {
    use crate::field::FieldReport;

    const COUNT: &str = r#""request":"r-1","resource":"s-1","on_hand":3,"at":1,"reason":"it""#;

    fn read(json: &str) -> Option<FieldReport> {
        serde_json::from_str(json).ok()
    }

    #[test]
    fn a_type_is_read_wherever_it_stands() {
        let first = format!(r#"{{"type":"count",{COUNT}}}"#);
        let report = read(&first).unwrap();
        assert!(matches!(&report, FieldReport::Count(count) if count.on_hand == 3));
        assert_eq!(serde_json::to_string(&report).unwrap(), first);
        let last = read(&format!(r#"{{{COUNT},"type":"count"}}"#));
        assert_eq!(last.as_ref(), Some(&report));
        let among = format!(r#"{{"new":[1],"type":"count","newer":{{"type":1}},{COUNT}}}"#);
        assert_eq!(read(&among).as_ref(), Some(&report));
        let escaped = format!(r#"{{"\u0074ype":"cou\u006et",{COUNT}}}"#);
        assert_eq!(read(&escaped).as_ref(), Some(&report));
    }

    #[test]
    fn no_type_an_unknown_one_and_a_second_one_are_refused() {
        for json in [
            "{}".to_owned(),
            "7".to_owned(),
            format!("{{{COUNT}}}"),
            format!(r#"{{"type":"boat",{COUNT}}}"#),
            format!(r#"{{"type":3,{COUNT}}}"#),
            format!(r#"{{"type":"count","type":"count",{COUNT}}}"#),
            format!(r#"{{"type":"count",{COUNT},"t\u0079pe":"unit"}}"#),
            format!(r#"{{{COUNT},"type":"count","type":"count"}}"#),
            format!(r#"{{"type":"count",{COUNT},"at":2}}"#),
        ] {
            assert_eq!(read(&json), None, "{json}");
        }
    }
}
