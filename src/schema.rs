//! The verbs `schema` and `template`: what goes in, described so that other programs can write it.

mod office;

use std::io::Write;

use protocol::{Category, Colour, Kind, ResponseLevel, RoadState, Severity, Trend, UnitState};
use region::{TemplateLanguage, inventory_template};
use serde_json::{Value, json};

use crate::cli::{Lang, SchemaArgs, SchemaOf, TemplateArgs};
use crate::failure::Failure;

/// Prints a schema.
pub(crate) fn schema(args: &SchemaArgs) -> Result<(), Failure> {
    let schema = match args.what {
        SchemaOf::Field => field(),
        SchemaOf::Office => office::schema(),
    };
    let text = serde_json::to_string_pretty(&schema).map_err(Failure::bug)?;
    writeln!(std::io::stdout(), "{text}").map_err(Failure::bug)
}

/// Prints a template.
pub(crate) fn template(args: &TemplateArgs) -> Result<(), Failure> {
    let language = match args.lang {
        Lang::Zh => TemplateLanguage::Chinese,
        Lang::En => TemplateLanguage::English,
    };
    write!(std::io::stdout(), "{}", inventory_template(language)).map_err(Failure::bug)
}

/// A closed list of words.
fn words<T: Copy>(all: &[T], code: fn(T) -> &'static str) -> Value {
    let codes: Vec<&str> = all.iter().map(|word| code(*word)).collect();
    json!({ "enum": codes })
}

fn object(description: &str, required: &[&str], properties: &Value) -> Value {
    json!({
        "type": "object",
        "description": description,
        "required": required,
        "properties": properties,
    })
}

/// The body of a message on `field/{office}`, and the header that signs it.
pub(crate) fn field() -> Value {
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
