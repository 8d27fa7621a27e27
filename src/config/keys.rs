//! Reads TOML into a spec. The error for an unknown key names the most similar known key.
//!
//! Owns the search for unknown keys. Never reads a file.

use std::path::Path;

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::error::ConfigError;
use super::kind;

/// The keys and the inner tables that a table may have.
pub(super) struct Keys {
    pub(super) names: &'static [&'static str],
    pub(super) tables: &'static [(&'static str, Keys)],
}

impl Keys {
    /// Every key by its whole name: `url`, `list.item`.
    pub(super) fn paths(&self) -> Vec<String> {
        let own = self.names.iter().map(|name| (*name).to_owned());
        let inner = self.tables.iter().flat_map(|(table, keys)| {
            let paths = keys.paths().into_iter();
            paths.map(move |path| format!("{table}.{path}"))
        });
        own.chain(inner).collect()
    }
}

/// Parses `text` as the TOML of `file`.
pub(super) fn parse<T: DeserializeOwned>(
    file: &Path,
    text: &str,
    keys: &Keys,
) -> Result<T, ConfigError> {
    let table: Table = text
        .parse()
        .map_err(|error| kind::not_toml(file, text, &error))?;
    check(file, "", &table, keys).map_err(|error| error.in_text(text))?;
    toml::from_str(text).map_err(|error| kind::unlike(file, text, &error))
}

fn check(file: &Path, path: &str, table: &Table, keys: &Keys) -> Result<(), ConfigError> {
    for (key, value) in table {
        let whole = format!("{path}{key}");
        if let Some((_, inner)) = keys.tables.iter().find(|(name, _)| name == key) {
            let below = format!("{whole}.");
            let tables: Vec<&Table> = match value {
                Value::Table(table) => vec![table],
                Value::Array(list) => list.iter().filter_map(Value::as_table).collect(),
                _ => Vec::new(),
            };
            for (nth, table) in tables.into_iter().enumerate() {
                check(file, &below, table, inner).map_err(|error| error.nth(nth))?;
            }
        } else if !keys.names.contains(&key.as_str()) {
            return Err(unknown(file, path, key, keys));
        }
    }
    Ok(())
}

fn unknown(file: &Path, path: &str, key: &str, keys: &Keys) -> ConfigError {
    let known = || {
        keys.names
            .iter()
            .copied()
            .chain(keys.tables.iter().map(|(name, _)| *name))
    };
    let neighbour = known()
        .map(|name| (strsim::damerau_levenshtein(name, key), name))
        .filter(|(edits, name)| *edits <= 2 && *edits < name.len())
        .min();
    let remedy = match neighbour {
        Some((_, name)) => format!("did you mean `{path}{name}`?"),
        None => format!(
            "known keys here: {}",
            known().collect::<Vec<_>>().join(", ")
        ),
    };
    ConfigError::at(file, &format!("{path}{key}"), "unknown key", remedy)
}
