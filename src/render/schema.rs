//! The JSON Schema (2020-12) of the published JSON, made from the types.
//!
//! Owns the versions of the schemas. Every field is required; a missing value is `null` or `[]`.
//! Never describes an answer of the API: `api` does.

use schemars::generate::SchemaSettings;
use schemars::transform::transform_subschemas;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

use super::RenderError;
use crate::model::{Article, Change};

/// The version of the article's schema. Every change that clients can notice raises it.
const ARTICLE: &str = "urn:dibao:schema:article:1";
/// The version of a change's schema.
const CHANGE: &str = "urn:dibao:schema:change:1";

/// Writes the schema of an article as it is published.
pub fn article() -> Result<Vec<u8>, RenderError> {
    let about = "One article of a government portal, as dibao 邸报 publishes it.";
    render::<Article>(ARTICLE, "dibao article", about)
}

/// Writes the schema of a change: a line of `changes/*.ndjson`.
pub fn change() -> Result<Vec<u8>, RenderError> {
    let about =
        "One change of an article, with the article as it was then, as dibao 邸报 publishes it.";
    render::<Change>(CHANGE, "dibao change", about)
}

fn render<T: JsonSchema>(id: &str, title: &str, about: &str) -> Result<Vec<u8>, RenderError> {
    let generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .with_transform(plain_enums)
        .into_generator();
    let mut schema = generator.into_root_schema_for::<T>();
    for (key, value) in [("$id", id), ("title", title), ("description", about)] {
        schema.insert(key.to_owned(), json!(value));
    }
    Ok(serde_json::to_vec_pretty(&schema)?)
}

/// Writes the words of a set as a plain `enum`, as generators of clients read it, instead of one schema
/// for each word. What each word means joins the description.
pub(super) fn plain_enums(schema: &mut Schema) {
    let one_of = schema.get("oneOf").and_then(Value::as_array);
    if let Some((words, meanings)) = one_of.and_then(|schemas| words(schemas)) {
        let about = schema.get("description").and_then(Value::as_str);
        let about: Vec<String> = about
            .map(str::to_owned)
            .into_iter()
            .chain(meanings)
            .collect();
        schema.remove("oneOf");
        schema.insert("description".to_owned(), json!(about.join("\n\n")));
        schema.insert("type".to_owned(), json!("string"));
        schema.insert("enum".to_owned(), json!(words));
    }
    transform_subschemas(&mut plain_enums, schema);
}

/// The words of schemas that have one constant each, and their meanings.
fn words(schemas: &[Value]) -> Option<(Vec<String>, Vec<String>)> {
    let mut words = Vec::new();
    let mut meanings = Vec::new();
    for schema in schemas {
        let word = schema.get("const").and_then(Value::as_str)?;
        words.push(word.to_owned());
        let meaning = schema.get("description").and_then(Value::as_str);
        meanings.extend(meaning.map(|meaning| format!("`{word}`: {meaning}")));
    }
    Some((words, meanings))
}
