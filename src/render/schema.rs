//! JSON Schema (2020-12) of the published article, made from the types themselves.

use schemars::generate::SchemaSettings;
use serde_json::json;

use super::RenderError;
use crate::model::Article;

/// Goes up with every change of the contract that a client could notice.
const ID: &str = "urn:dibao:schema:article:1";

/// Writes the schema of an article as it is published: every field is there, absent values are
/// `null` or `[]`.
pub fn render() -> Result<Vec<u8>, RenderError> {
    let generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator();
    let mut schema = generator.into_root_schema_for::<Article>();
    schema.insert("$id".to_owned(), json!(ID));
    schema.insert("title".to_owned(), json!("dibao article"));
    schema.insert(
        "description".to_owned(),
        json!("One article of a government portal, as dibao 邸报 publishes it."),
    );
    Ok(serde_json::to_vec_pretty(&schema)?)
}
