//! Reads TOML into a spec. The error for an unknown key names the most similar known key.
//!
//! Owns the search for unknown keys, and goes on after an error: all of a file are told at once. Never
//! reads a file.

use std::path::Path;

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::error::{ConfigError, ConfigErrors, meant};
use super::{kind, place};

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

/// Parses `text` as the TOML of `file`, and compiles it.
pub(super) fn read<T: DeserializeOwned, C>(
    file: &Path,
    text: &str,
    keys: &Keys,
    compile: impl FnOnce(T) -> Result<C, ConfigErrors>,
) -> Result<C, ConfigErrors> {
    let table: Table = text
        .parse()
        .map_err(|error| kind::not_toml(file, text, &error))?;
    let mut errors = ConfigErrors::default();
    check(file, "", &table, keys, &mut errors);
    let spec = spec(file, text, &mut errors);
    let compiled = spec.and_then(|spec| errors.take(compile(spec)));
    errors.end(compiled).map_err(|errors| errors.in_text(text))
}

/// The keys of a file. Those whose values cannot be read are left out, and told.
fn spec<T: DeserializeOwned>(file: &Path, text: &str, errors: &mut ConfigErrors) -> Option<T> {
    let mut rest = Some(text.to_owned());
    while let Some(text) = rest {
        match toml::from_str(&text) {
            Ok(spec) => return Some(spec),
            Err(error) => {
                errors.add(kind::unlike(file, &text, &error));
                rest = error.span().and_then(|span| place::without(&text, &span));
            }
        }
    }
    None
}

fn check(file: &Path, path: &str, table: &Table, keys: &Keys, errors: &mut ConfigErrors) {
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
                let mut of_table = ConfigErrors::default();
                check(file, &below, table, inner, &mut of_table);
                errors.add(of_table.nth(nth));
            }
        } else if !keys.names.contains(&key.as_str()) {
            errors.add(unknown(file, path, key, keys));
        }
    }
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
        Some((_, name)) => meant(&format!("{path}{name}")),
        None => format!(
            "known keys here: {}",
            known().collect::<Vec<_>>().join(", ")
        ),
    };
    ConfigError::at(file, &format!("{path}{key}"), "unknown key", remedy)
}
