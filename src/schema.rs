//! The verbs `schema` and `template`: what goes in, described so that other programs can write it.

mod field;
mod office;
mod scenario;

use region::{TemplateLanguage, inventory_template};
use serde_json::{Value, json};

use crate::cli::{Lang, SchemaArgs, SchemaOf, TemplateArgs};
use crate::failure::Failure;
use crate::print;

/// Prints a schema.
pub(crate) fn schema(args: &SchemaArgs) -> Result<(), Failure> {
    let schema = match args.what {
        SchemaOf::Field => field::schema(),
        SchemaOf::Office => office::schema(),
        SchemaOf::Scenario => scenario::schema(),
    };
    let text = serde_json::to_string_pretty(&schema).map_err(Failure::bug)?;
    print::line(text)
}

/// Prints a template.
pub(crate) fn template(args: &TemplateArgs) -> Result<(), Failure> {
    let language = match args.lang {
        Lang::Zh => TemplateLanguage::Chinese,
        Lang::En => TemplateLanguage::English,
    };
    print::text(inventory_template(language))
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
