//! `schema field`: what an office takes from its own ground, for call systems and crews' terminals.

use protocol::{Category, Colour, Kind, ResponseLevel, RoadState, Severity, Trend, UnitState};
use serde_json::{Value, json};

use super::{object, words};

/// The body of a message on `field/{office}`, and the header that signs it.
pub(super) fn schema() -> Value {
    let moment = json!({ "type": "integer", "minimum": 0, "description": "drill time, microseconds since the Unix epoch; on an actual network the wall's" });
    let span = json!({ "type": "integer", "minimum": 0, "description": "microseconds" });
    let point = json!({
        "type": "array", "items": { "type": "integer" }, "minItems": 2, "maxItems": 2,
        "description": "longitude and latitude in WGS 84, millionths of a degree",
    });
    let request = json!({ "type": "string", "pattern": "^[A-Za-z0-9_.-]{1,40}$", "description": "names the message; sent again it counts once" });
    let count = json!({ "type": "array", "prefixItems": [{ "type": "integer", "minimum": 0 }, { "$ref": "#/$defs/moment" }] });
    let counts: serde_json::Map<String, Value> = [
        "deaths",
        "missing",
        "serious",
        "minor",
        "trapped",
        "evacuated",
        "affected",
    ]
    .into_iter()
    .map(|name| (name.to_owned(), json!({ "$ref": "#/$defs/count" })))
    .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "liandong field message",
        "description": "The body of a direct message on liandong/1/{net}/field/{office}: header, tab, body, tab, signature. An office takes it from parties that its roster admits.",
        "type": "object",
        "required": ["type", "report"],
        "properties": { "type": { "const": "field" }, "report": { "oneOf": reports() } },
        "$defs": {
            "moment": moment,
            "span": span,
            "point": point,
            "request": request,
            "count": count,
            "counts": { "type": "object", "properties": counts, "description": "people harmed, each with the time that the number was true; not counted is not zero" },
            "requirement": object("what it takes", &["kind", "quantity", "duration"], &json!({
                "kind": words(Kind::ALL, Kind::code),
                "quantity": { "type": "integer", "minimum": 1 },
                "duration": { "$ref": "#/$defs/span" },
            })),
        },
    })
}

fn reports() -> Vec<Value> {
    vec![
        call(),
        scene(),
        unit(),
        stock(),
        road(),
        hazard(),
        warning(),
        response(),
    ]
}

fn call() -> Value {
    object(
        "接报: somebody calls",
        &[
            "type",
            "request",
            "event",
            "category",
            "severity",
            "occurred_at",
            "received_at",
            "place",
            "area",
            "source",
            "summary",
        ],
        &json!({
            "type": { "const": "call" },
            "request": { "$ref": "#/$defs/request" },
            "event": { "type": "string", "description": "a code of the event table in use" },
            "category": words(Category::ALL, Category::code),
            "severity": words(Severity::ALL, Severity::code),
            "occurred_at": { "$ref": "#/$defs/moment" },
            "received_at": { "$ref": "#/$defs/moment" },
            "place": { "type": "string", "maxLength": 2000 },
            "area": { "type": "integer", "description": "six digits of GB/T 2260" },
            "point": { "$ref": "#/$defs/point" },
            "source": { "type": "string" },
            "summary": { "type": "string", "maxLength": 160 },
            "counts": { "$ref": "#/$defs/counts" },
            "requires": { "type": "array", "items": { "$ref": "#/$defs/requirement" } },
        }),
    )
}

fn scene() -> Value {
    object(
        "news from a scene",
        &["type", "request", "call", "at", "trend", "summary"],
        &json!({
            "type": { "const": "scene" },
            "request": { "$ref": "#/$defs/request" },
            "call": { "$ref": "#/$defs/request" },
            "at": { "$ref": "#/$defs/moment" },
            "trend": words(Trend::ALL, Trend::code),
            "counts": { "$ref": "#/$defs/counts" },
            "requires": { "type": "array", "items": { "$ref": "#/$defs/requirement" } },
            "summary": { "type": "string", "maxLength": 160 },
            "done": { "type": "boolean" },
        }),
    )
}

fn unit() -> Value {
    object(
        "a crew terminal speaks",
        &["type", "unit", "state", "at", "point"],
        &json!({
            "type": { "const": "unit" },
            "unit": { "type": "string" },
            "state": words(UnitState::ALL, UnitState::code),
            "aid": { "type": "string", "description": "the commitment that it serves" },
            "fence": object("the greatest fence that it has seen", &["incarnation", "command"], &json!({
                "incarnation": { "type": "string" }, "command": { "type": "integer" },
            })),
            "at": { "$ref": "#/$defs/moment" },
            "asked": { "type": "integer", "minimum": 0, "description": "the question of its office that it heard last (task report of an order), echoed: after a start the office believes no report without it" },
            "point": { "$ref": "#/$defs/point" },
            "eta": { "type": "integer", "description": "tenths of a second" },
            "work_done": { "type": "boolean" },
        }),
    )
}

fn stock() -> Value {
    object(
        "a store keeper counts",
        &["type", "request", "resource", "on_hand", "at", "reason"],
        &json!({
            "type": { "const": "count" },
            "request": { "$ref": "#/$defs/request" },
            "resource": { "type": "string" },
            "on_hand": { "type": "integer", "minimum": 0 },
            "at": { "$ref": "#/$defs/moment" },
            "reason": { "type": "string" },
        }),
    )
}

fn road() -> Value {
    object(
        "what roads are like, from an author who would know",
        &["type", "roads", "state", "as_of", "reason"],
        &json!({
            "type": { "const": "road" },
            "roads": { "type": "array", "items": { "type": "string" }, "minItems": 1 },
            "state": words(RoadState::ALL, RoadState::code),
            "travel_percent": { "type": "integer", "minimum": 101, "maximum": 1000 },
            "as_of": { "$ref": "#/$defs/moment" },
            "reason": { "type": "string" },
        }),
    )
}

fn hazard() -> Value {
    object(
        "what a hazard does, from an author who would know; the same name again replaces the earlier report",
        &["type", "hazard", "name", "as_of", "shape"],
        &json!({
            "type": { "const": "hazard" },
            "hazard": { "type": "string", "description": "its kind, such as typhoon" },
            "name": { "type": "string" },
            "as_of": { "$ref": "#/$defs/moment" },
            "shape": { "oneOf": [ring(), track()] },
            "over": { "type": "boolean", "description": "true for the last report" },
        }),
    )
}

fn ring() -> Value {
    let corners = json!({ "type": "array", "items": { "$ref": "#/$defs/point" }, "minItems": 4 });
    object(
        "a closed ring: first and last corner are the same",
        &["polygon"],
        &json!({ "polygon": corners }),
    )
}

fn track() -> Value {
    let pair = |first: Value, second: Value| {
        let both = json!([first, second]);
        json!({ "type": "array", "items": { "type": "array", "prefixItems": both, "minItems": 2, "maxItems": 2 } })
    };
    let whole = || json!({ "type": "integer", "minimum": 0 });
    let moment = json!({ "$ref": "#/$defs/moment" });
    let point = json!({ "$ref": "#/$defs/point" });
    let properties = json!({
        "centre": point,
        "wind_ms": { "type": "integer", "minimum": 0, "description": "greatest sustained wind near the centre, metres a second" },
        "radii": pair(whole(), whole()),
        "forecast": pair(moment, point),
    });
    let needed = ["centre", "wind_ms", "radii", "forecast"];
    object(
        "a centre that moves; radii are pairs of wind (metres a second) and metres, the forecast pairs of time and place",
        &["track"],
        &json!({ "track": object("the centre", &needed, &properties) }),
    )
}

fn warning() -> Value {
    object(
        "预警: the same hazard again updates it, no colour lifts it",
        &[
            "type", "hazard", "colour", "from", "areas", "matters", "measures",
        ],
        &json!({
            "type": { "const": "warning" },
            "hazard": { "type": "string" },
            "colour": { "anyOf": [words(Colour::ALL, Colour::code), { "type": "null" }] },
            "from": { "$ref": "#/$defs/moment" },
            "until": { "$ref": "#/$defs/moment" },
            "areas": { "type": "array", "items": { "type": "integer" }, "minItems": 1 },
            "matters": { "type": "string" },
            "measures": { "type": "string" },
        }),
    )
}

fn response() -> Value {
    object(
        "应急响应: the same matter again adjusts it, no level ends it",
        &["type", "matter", "level", "expected", "measures"],
        &json!({
            "type": { "const": "response" },
            "matter": { "type": "string" },
            "level": { "anyOf": [words(ResponseLevel::ALL, ResponseLevel::code), { "type": "null" }] },
            "expected": { "$ref": "#/$defs/span" },
            "measures": { "type": "string" },
        }),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::fmt;

    use protocol::{
        Call, FieldReport, HazardReport, ResponseOrder, RoadStatus, SceneReport, StockCount,
        UnitReport, WarningOrder,
    };
    use serde::de::{Deserialize, Deserializer, Visitor};
    use serde::forward_to_deserialize_any;

    use super::*;

    /// Gives a reader nothing, and says for which fields it asked.
    struct Asks;

    #[derive(Debug)]
    struct Asked(Vec<&'static str>);

    impl<'de> Deserializer<'de> for Asks {
        type Error = Asked;

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Asked> {
            Err(Asked(Vec::new()))
        }

        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, Asked> {
            Err(Asked(fields.to_vec()))
        }

        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
            unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }

    impl fmt::Display for Asked {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{:?}", self.0)
        }
    }

    impl std::error::Error for Asked {}

    impl serde::de::Error for Asked {
        fn custom<T: fmt::Display>(_: T) -> Self {
            Self(Vec::new())
        }
    }

    /// The fields that a body is read from, and the type that names it.
    fn read<T: for<'de> Deserialize<'de>>() -> BTreeSet<&'static str> {
        let Asked(fields) = T::deserialize(Asks).err().unwrap();
        assert!(!fields.is_empty());
        fields.into_iter().chain(["type"]).collect()
    }

    /// The reports that an office knows, as it says when it meets another.
    fn known() -> BTreeSet<String> {
        let told = serde_json::from_str::<FieldReport>(r#"{"type":"nobody-knows-it"}"#);
        let told = told.unwrap_err().to_string();
        let names = told.split('`').skip(3).step_by(2).map(str::to_owned);
        names.collect()
    }

    #[test]
    fn the_schema_of_a_field_message_has_every_report_that_is_read_with_every_field_of_it() {
        let bodies = BTreeMap::from([
            ("call", read::<Call>()),
            ("scene", read::<SceneReport>()),
            ("unit", read::<UnitReport>()),
            ("count", read::<StockCount>()),
            ("road", read::<RoadStatus>()),
            ("hazard", read::<HazardReport>()),
            ("warning", read::<WarningOrder>()),
            ("response", read::<ResponseOrder>()),
        ]);
        let names: BTreeSet<String> = bodies.keys().map(|it| (*it).to_owned()).collect();
        assert_eq!(names, known(), "a report has come or gone: tell the test");
        let schema = schema();
        let reports = schema["properties"]["report"]["oneOf"].as_array().unwrap();
        let described = reports.iter().map(|report| {
            let fields = report["properties"].as_object().unwrap();
            let name = fields["type"]["const"].as_str().unwrap();
            (name, fields.keys().map(String::as_str).collect())
        });
        assert_eq!(described.collect::<BTreeMap<_, BTreeSet<_>>>(), bodies);
    }

    #[test]
    fn a_report_with_the_required_fields_alone_is_read_and_one_without_any_of_them_is_not() {
        let schema = schema();
        for report in schema["properties"]["report"]["oneOf"].as_array().unwrap() {
            let required = report["required"].as_array().unwrap();
            let least: serde_json::Map<String, Value> = required
                .iter()
                .map(|name| {
                    let name = name.as_str().unwrap();
                    (name.to_owned(), example(name, report))
                })
                .collect();
            let read = |fields: &serde_json::Map<String, Value>| {
                serde_json::from_value::<FieldReport>(Value::Object(fields.clone()))
            };
            read(&least).unwrap_or_else(|error| panic!("{least:?}: {error}"));
            for name in least.keys() {
                let mut less = least.clone();
                less.remove(name);
                // What may say nothing may be left out as well.
                let may_be_null = report["properties"][name]["anyOf"].is_array();
                assert_eq!(read(&less).is_ok(), may_be_null, "{name} of {least:?}");
            }
        }
    }

    /// Something that a field may say.
    fn example(name: &str, report: &Value) -> Value {
        let said = &report["properties"][name];
        let words = said.get("enum").or_else(|| said["anyOf"][0].get("enum"));
        match (name, words) {
            ("type", _) => said["const"].clone(),
            (_, Some(words)) => words[0].clone(),
            ("unit" | "resource", None) => json!("990100-pump-1"),
            ("roads", None) => json!(["bridge"]),
            ("areas", None) => json!([990_100]),
            ("point", None) => json!([113_000_000, 22_000_000]),
            ("shape", None) => json!({ "track": {
                "centre": [1, 2], "wind_ms": 40, "radii": [[17, 200_000]], "forecast": [[5, [1, 2]]],
            }}),
            ("at" | "as_of" | "from" | "area" | "on_hand" | "expected", None) => json!(990_100),
            ("occurred_at" | "received_at", None) => json!(1),
            _ => json!("words"),
        }
    }
}
