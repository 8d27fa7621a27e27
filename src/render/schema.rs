//! The JSON Schema (2020-12) of the published JSON, made from the types.
//!
//! Owns the versions of the schemas. Every field is required; a missing value is `null` or `[]`.
//! Never describes an answer of the API: `api` does.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::json;

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
        .into_generator();
    let mut schema = generator.into_root_schema_for::<T>();
    for (key, value) in [("$id", id), ("title", title), ("description", about)] {
        schema.insert(key.to_owned(), json!(value));
    }
    Ok(serde_json::to_vec_pretty(&schema)?)
}
