//! A damaged row of the store: which it is, and whose.
//!
//! Owns its name and its words. Never reads the store, and never mends a row.

use std::fmt;

use serde_json::Value;

/// A row that cannot be read back, or whose checksum is another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DamagedRow {
    /// Its table.
    pub table: &'static str,
    /// What it is found by in its table.
    pub key: String,
    /// The article that it is of: id, title, address, as far as they are legible.
    pub article: String,
    /// What is wrong with it.
    pub cause: String,
    /// Its number in the database, if that is known.
    pub place: Option<i64>,
}

/// How many characters of a title are told.
const TITLE: usize = 80;

impl DamagedRow {
    /// The row as incidents name it.
    pub fn name(&self) -> String {
        format!("{} {}", self.table, self.key)
    }

    /// A row of this table, with the id and the JSON of its article as they are.
    pub fn new(
        table: &'static str,
        key: impl ToString,
        (id, json): (&[u8], &[u8]),
        cause: impl ToString,
    ) -> Self {
        Self {
            table,
            key: key.to_string(),
            article: told(id, json),
            cause: cause.to_string(),
            place: None,
        }
    }

    /// The same, at this place in the database.
    pub fn at(self, place: i64) -> Self {
        Self {
            place: Some(place),
            ..self
        }
    }
}

impl fmt::Display for DamagedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            table, key, cause, ..
        } = self;
        write!(f, "the row {table} {key} is damaged: {cause}")?;
        if !self.article.is_empty() {
            write!(f, "; it is of the article {}", self.article)?;
        }
        Ok(())
    }
}

/// The id, title and address of an article, as far as they are legible.
fn told(id: &[u8], json: &[u8]) -> String {
    let json = String::from_utf8_lossy(json);
    let read: Option<Value> = serde_json::from_str(&json).ok();
    let text = |name: &str| match &read {
        Some(read) => read.get(name)?.as_str().map(str::to_owned),
        None => member(&json, name),
    };
    let mut words = Vec::new();
    if !id.is_empty() {
        words.push(String::from_utf8_lossy(id).into_owned());
    }
    if let Some(title) = text("title") {
        let title: String = title.chars().take(TITLE).collect();
        words.push(format!("「{title}」"));
    }
    words.extend(text("url"));
    words.join(" ")
}

/// The text of a member of JSON that cannot be read.
fn member(json: &str, name: &str) -> Option<String> {
    let (_, rest) = json.split_once(&format!("\"{name}\":\""))?;
    let mut is_escaped = false;
    let end = rest.find(|c: char| {
        let is_end = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        is_end
    })?;
    rest.get(..end).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_row_is_told_with_what_is_legible_of_its_article() {
        let json = br#"{"id":"7","title":"a \"b\"","url":"http://www.lc.test/1"}"#;
        let row = DamagedRow::new("changes", 12, (b"7f", json), "its checksum is another one");
        assert_eq!(row.name(), "changes 12");
        let words = row.to_string();
        assert!(
            words.ends_with("7f 「a \"b\"」 http://www.lc.test/1"),
            "{words}"
        );
        let mut broken = json.to_vec();
        broken[0] = b'?';
        let row = DamagedRow::new("articles", "7f", (b"7f", &broken), "cannot be read");
        assert!(row.to_string().contains("http://www.lc.test/1"), "{row}");
        let row = DamagedRow::new("articles", "7f", (b"", b"\xff\xfe"), "cannot be read");
        assert!(row.to_string().ends_with("cannot be read"), "{row}");
    }
}
