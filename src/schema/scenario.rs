//! `schema scenario`: a drill as a scenario file writes it, for editors that complete and check.

use serde_json::{Map, Value, json};
use simulator::scenario::Shape;
use simulator::scenario::file::{Key, TableKeys, schema as tables};

/// The whole file, and its tables by their headers.
pub(super) fn schema() -> Value {
    let mut tables = tables();
    let file = tables.remove(0);
    let others = tables.iter();
    let defs: Map<String, Value> = others.map(|it| (it.header.to_owned(), table(it))).collect();
    let mut schema = table(&file);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("liandong scenario.toml");
    schema["$defs"] = defs.into();
    schema
}

fn table(it: &TableKeys) -> Value {
    let keys = it.keys.iter();
    let properties: Map<String, Value> = keys.map(|it| (it.key.to_owned(), key(it))).collect();
    let required = it.keys.iter().filter(|key| key.required);
    json!({
        "type": "object",
        "description": it.about.trim(),
        "additionalProperties": false,
        "required": required.map(|key| key.key).collect::<Vec<_>>(),
        "properties": properties,
    })
}

fn key(it: &Key) -> Value {
    let mut value = shape(&(it.shape)());
    value["description"] = json!(format!("{} Written as {}.", it.about.trim(), it.form));
    value
}

fn shape(it: &Shape) -> Value {
    match it {
        Shape::Text => json!({ "type": "string" }),
        Shape::Whole => json!({ "type": "integer", "minimum": 0 }),
        Shape::Number(None) => json!({ "type": "number" }),
        Shape::Number(Some((least, most))) => {
            json!({ "type": "number", "minimum": least, "maximum": most })
        }
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Words(words) => json!({ "enum": words }),
        Shape::List(item) => json!({ "type": "array", "items": shape(item) }),
        Shape::Table(header) => json!({ "$ref": reference(header) }),
        Shape::Either(several) => {
            json!({ "anyOf": several.iter().map(shape).collect::<Vec<_>>() })
        }
        Shape::Keyed(keys) => {
            let keys = keys.iter();
            let keys: Map<String, Value> = keys
                .map(|(key, it)| ((*key).to_owned(), shape(it)))
                .collect();
            json!({ "type": "object", "additionalProperties": false, "properties": keys })
        }
    }
}

/// Where a table stands: its header as a pointer within an address, RFC 6901 section 6.
fn reference(header: &str) -> String {
    let escaped = header.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'_' | b'.' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    format!("#/$defs/{}", escaped.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_to_a_table() {
        let schema = schema();
        let text = schema.to_string();
        let defs = schema["$defs"].as_object().unwrap();
        let known: Vec<String> = defs.keys().map(|header| reference(header)).collect();
        let named = text.split("\"$ref\":\"").skip(1);
        let named = named.map(|rest| rest.split('"').next().unwrap());
        let mut count = 0;
        for reference in named {
            assert!(known.iter().any(|it| it == reference), "{reference}");
            count += 1;
        }
        assert!(count > 20, "{count} references");
    }

    /// Why a value is not what a schema says; the keywords that this schema has and no others.
    fn faults(value: &Value, schema: &Value, whole: &Value, at: &str) -> Vec<String> {
        if let Some(reference) = schema["$ref"].as_str() {
            let defs = whole["$defs"].as_object().unwrap();
            let led = defs
                .iter()
                .find(|(header, _)| self::reference(header) == reference);
            return faults(value, led.unwrap().1, whole, at);
        }
        if let Some(several) = schema["anyOf"].as_array() {
            let tried = several.iter().map(|it| faults(value, it, whole, at));
            return tried.min_by_key(Vec::len).unwrap();
        }
        if let Some(words) = schema["enum"].as_array() {
            let known = words.contains(value);
            return if known {
                vec![]
            } else {
                vec![format!("{at}: {value}")]
            };
        }
        let fits = match schema["type"].as_str().unwrap() {
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_u64(),
            "number" => value.is_number(),
            "array" => value.is_array(),
            _ => value.is_object(),
        };
        if !fits {
            return vec![format!("{at}: {value} is no {}", schema["type"])];
        }
        let mut found = Vec::new();
        for (place, item) in value.as_array().into_iter().flatten().enumerate() {
            found.extend(faults(
                item,
                &schema["items"],
                whole,
                &format!("{at}[{place}]"),
            ));
        }
        for (key, item) in value.as_object().into_iter().flatten() {
            match schema["properties"].get(key) {
                Some(schema) => found.extend(faults(item, schema, whole, &format!("{at}.{key}"))),
                None => found.push(format!("{at}: no key {key}")),
            }
        }
        let required = schema["required"].as_array().into_iter().flatten();
        let lacks = required.filter(|key| value.get(key.as_str().unwrap()).is_none());
        found.extend(lacks.map(|key| format!("{at} lacks {key}")));
        found
    }

    fn faults_of(text: &str) -> Vec<String> {
        let schema = schema();
        // TOML has times of its own; the schema has them as texts.
        let read: toml::Table = text.parse().unwrap();
        let mut value = serde_json::to_value(&read).unwrap();
        value["start"] = json!(read["start"].to_string());
        faults(&value, &schema, &schema, "the file")
    }

    #[test]
    fn every_shipped_scenario_keeps_the_schema() {
        let mut count = 0;
        for folder in ["scenarios/small", "scenarios/prd"] {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            for file in std::fs::read_dir(folder).unwrap() {
                let path = file.unwrap().path();
                if path.extension().is_some_and(|it| it == "toml") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    assert_eq!(faults_of(&text), [] as [&str; 0], "{}", path.display());
                    count += 1;
                }
            }
        }
        assert!(count >= 7, "{count} scenarios");
    }

    #[test]
    fn what_is_misspelt_of_the_wrong_kind_or_missing_breaks_the_schema() {
        let text = include_str!("../../scenarios/small/quiet-day.toml");
        for (from, to, told) in [
            ("duration = \"6h\"", "", "lacks \"duration\""),
            ("seed = 42", "seed = \"x\"", "the file.seed"),
            ("scale = 2.5", "skale = 2.5", "no key skale"),
            ("severity = \"critical\"", "severity = \"dire\"", "dire"),
        ] {
            let broken = text.replacen(from, to, 1);
            assert_ne!(broken, text, "{from}");
            let found = faults_of(&broken).join("; ");
            assert!(found.contains(told), "{from}: {found}");
        }
    }
}
