//! `schema office`: an office's settings, for editors that complete and check what is typed.

use protocol::{Autonomy, Kind, Planning};
use serde_json::{Map, Value, json};

use super::words;
use crate::office::{AID_WINDOW_S_MAX, VERSION};

/// What `office.toml` may say.
pub(super) fn schema() -> Value {
    let party = json!({ "type": "string", "pattern": "^[A-Za-z0-9-]{1,20}$" });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "liandong office.toml",
        "description": "An office's settings. Paths are relative to the file's own folder. `liandong check office.toml` checks what a schema cannot.",
        "type": "object",
        "additionalProperties": false,
        "required": ["version", "office", "network", "roster", "region", "key", "journal", "autonomy"],
        "properties": {
            "version": { "const": VERSION },
            "office": party,
            "network": file("the network file: id, mode and the region's public key"),
            "roster": file("who belongs, signed by the region; SIGHUP rereads it"),
            "region": { "type": "string", "description": "a built-in region, trio or prd, or the folder of a pack" },
            "key": { "type": "string", "description": "the office's key: a file of mode 0600, credential:NAME or env:NAME" },
            "journal": { "type": "string", "description": "the journal's folder" },
            "inventory": file("its units and stores, CSV as `liandong template` prints it"),
            "autonomy": words(Autonomy::ALL, Autonomy::code),
            "planning": words(Planning::ALL, Planning::code),
            "aid_window_s": { "type": "integer", "minimum": 1, "maximum": AID_WINDOW_S_MAX, "description": "how long it waits for offers, seconds; 30 if left out" },
            "floors": floors(),
            "stand_by": {
                "type": "array",
                "description": "前置: units that it asks to stand by in its city when a storm is forecast to strike it, as \"pump=3x12h\"",
                "items": { "type": "string" },
            },
            "gate": gate(),
            "bus": { "type": "array", "description": "the buses of others that it joins", "items": bus(&party) },
        },
    })
}

fn file(what: &str) -> Value {
    json!({ "type": "string", "description": what })
}

fn floors() -> Value {
    let kinds = Kind::ALL.iter().map(|kind| {
        let count = json!({ "type": "integer", "minimum": 0 });
        (kind.code().to_owned(), count)
    });
    json!({
        "type": "object",
        "description": "what is never lent, by kind",
        "additionalProperties": false,
        "properties": kinds.collect::<Map<String, Value>>(),
    })
}

fn gate() -> Value {
    json!({
        "type": "object",
        "description": "where others come in",
        "additionalProperties": false,
        "required": ["listen"],
        "properties": {
            "listen": {
                "type": "array",
                "minItems": 1,
                "items": { "type": "string", "pattern": "^(mqtt|mqtts|ws|wss)://" },
                "description": "scheme, address and port; off loopback mqtts:// or wss:// alone",
            },
            "cert": file("its certificate and those above it, PEM; SIGHUP rereads it"),
            "key": file("the certificate's key, PEM, mode 0600"),
            "client_ca": file("whose certificates let a client in, PEM"),
            "revoked": file("that authority's revocation lists, PEM; SIGHUP rereads them"),
            "passwords": file("what parties may show instead, as `liandong keys password` prints it; SIGHUP rereads it"),
            "origins": {
                "type": "array",
                "items": { "type": "string" },
                "description": "whose pages may come in over WebSocket, such as https://screens.example",
            },
        },
    })
}

fn bus(party: &Value) -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["url"],
        "properties": {
            "url": { "type": "string", "pattern": "^mqtts?://", "description": "without name and password" },
            "office": party,
            "ca": file("whose certificate the bus has, if not [gate] client_ca"),
            "cert": file("what is shown there, if not [gate] cert"),
            "key": file("its key"),
        },
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde::de::DeserializeOwned;

    use super::*;
    use crate::office::{WrittenBus, WrittenGate, WrittenOffice};

    /// The keys that a reader knows, as it says when it meets another.
    fn read<T: DeserializeOwned + std::fmt::Debug>() -> BTreeSet<String> {
        let told = toml::from_str::<T>("nobody-knows-it = 1").unwrap_err();
        let told = told.message().to_owned();
        let names = told.split('`').skip(3).step_by(2).map(str::to_owned);
        names.collect()
    }

    fn described(properties: &Value) -> BTreeSet<String> {
        properties.as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn the_schema_of_an_office_has_the_keys_that_are_read_and_no_others() {
        let schema = schema();
        let properties = &schema["properties"];
        assert_eq!(described(properties), read::<WrittenOffice>());
        let gate = &properties["gate"]["properties"];
        assert_eq!(described(gate), read::<WrittenGate>());
        let bus = &properties["bus"]["items"]["properties"];
        assert_eq!(described(bus), read::<WrittenBus>());
    }
}
