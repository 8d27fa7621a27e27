//! Errors of TOML itself: a file that is none, and a value of another kind than its key has.
//!
//! Owns the words for kinds. Never shows a line of a file: it may hold a secret.

use std::path::Path;

use toml::de::{DeValue, Error};

use super::error::{ConfigError, MISSING};
use super::place;

/// Keys whose values are never shown.
const SECRETS: [&str; 2] = ["secret", "password"];

/// The error of a text that is not TOML.
pub(super) fn not_toml(file: &Path, text: &str, error: &Error) -> ConfigError {
    let at = error.span().map_or(text.len(), |span| span.start);
    let line = place::line_at(text, at);
    let written = text.lines().nth(line - 1).unwrap_or_default();
    let key = written.split_once('=').map(|(key, _)| key.trim());
    let after = key.filter(|key| !key.is_empty());
    let after = after.map_or_else(String::new, |key| format!(" at `{key} = …`"));
    let problem = format!("is not valid TOML{after}: {}", error.message());
    let remedy = "correct this line, or the one before it; texts need double quotes";
    ConfigError::new(file, problem, remedy).on_line(line)
}

/// The error of a valid text, one of whose values cannot be read.
pub(super) fn unlike(file: &Path, text: &str, error: &Error) -> ConfigError {
    let message = error.message();
    let span = error.span().unwrap_or(0..0);
    let found = place::key_at(text, &span).filter(|_| !span.is_empty());
    let key = found.as_ref().map_or("", |found| found.key.as_str());
    let nth = found.as_ref().map_or(0, |found| found.nth);
    if let Some(missing) = between(message, "missing field `", "`") {
        let dot = if key.is_empty() { "" } else { "." };
        let key = format!("{key}{dot}{missing}");
        let error = ConfigError::at(file, &key, MISSING, "add it to this table");
        return error.nth(nth).in_text(text);
    }
    let Some(found) = &found else {
        let remedy = "docs/configuration.md has every key with an example";
        return ConfigError::new(file, message.replace('\n', " "), remedy);
    };
    let written = text.get(span.clone()).unwrap_or_default();
    let value = Written::new(found, written);
    let (problem, remedy) = match message.rsplit_once("expected ") {
        Some((_, expected)) if message.starts_with("invalid ") => {
            let (wanted, remedy) = value.wanted(expected);
            (format!("{} is not {wanted}", value.shown()), remedy)
        }
        Some((_, known)) if message.starts_with("unknown variant ") => {
            let known = known.trim_start_matches("one of ").replace('`', "");
            (
                format!("{written} is not known here"),
                format!("write one of {known}"),
            )
        }
        _ => {
            let remedy = "docs/configuration.md has every key with an example";
            (message.replace('\n', " "), remedy.to_owned())
        }
    };
    let error = ConfigError::at(file, key, &problem, remedy).nth(nth);
    error.on_line(place::line_at(text, span.start))
}

/// A value as it stands in the file.
struct Written<'a> {
    /// The whole name of its key.
    key: &'a str,
    /// The last part of it.
    name: &'a str,
    text: &'a str,
    is_table: bool,
}

impl<'a> Written<'a> {
    fn new(found: &'a place::Place<'_>, text: &'a str) -> Self {
        Self {
            key: &found.key,
            name: found.key.rsplit('.').next().unwrap_or_default(),
            text,
            is_table: matches!(found.value, DeValue::Table(_)),
        }
    }

    fn is_secret(&self) -> bool {
        SECRETS.contains(&self.name)
    }

    /// The value, if it is short and no secret.
    fn shown(&self) -> &str {
        match self.text.len() <= 60 && !self.text.contains('\n') && !self.is_secret() {
            true => self.text,
            false => "the value",
        }
    }

    /// The value within quotation marks.
    fn quoted(&self) -> String {
        match self.is_secret() {
            true => "\"…\"".to_owned(),
            false => format!("\"{}\"", self.text.trim_matches(['"', '\''])),
        }
    }

    /// What its key has in place of this value, and how to write that.
    fn wanted(&self, expected: &str) -> (&'static str, String) {
        let Self { key, name, .. } = self;
        let (is_list_of_tables, quoted) = (self.text.starts_with("[["), self.quoted());
        match expected {
            "a sequence" if self.is_table => {
                let remedy = format!("write [[{key}]], with two brackets on each side");
                ("a list of tables", remedy)
            }
            "a sequence" => {
                let remedy = format!("write a list, in brackets: {name} = [{quoted}]");
                ("a list", remedy)
            }
            _ if is_list_of_tables => {
                let remedy = format!("write [{key}], with one bracket on each side");
                ("one table", remedy)
            }
            "a string" => {
                let (wanted, example) = self.text_wanted();
                let remedy = format!("write it in quotation marks: {name} = {example}");
                (wanted, remedy)
            }
            "a boolean" => {
                let remedy =
                    format!("write {name} = true or {name} = false, without quotation marks");
                ("true or false", remedy)
            }
            expected if expected.starts_with("struct") || expected == "a map" => {
                ("a table", format!("write [{key}], and its keys below"))
            }
            _ => {
                let remedy = format!("write digits alone, without quotation marks: {name} = 50");
                ("a whole number that this key may have", remedy)
            }
        }
    }

    /// What kind of text its key has, and an example.
    fn text_wanted(&self) -> (&'static str, String) {
        let is_number = self.text.bytes().all(|byte| byte.is_ascii_digit());
        let with = |unit: &str| match is_number {
            true => format!("\"{}{unit}\"", self.text),
            false => format!("\"3{unit}\""),
        };
        match self.name {
            "delay" | "timeout" | "jitter" => ("a length of time with its unit", with("s")),
            "stored" | "free_space" => ("a size with its unit", with("MiB")),
            "keep" => ("an age with its unit", with("y")),
            _ => ("a text", self.quoted()),
        }
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}
