//! The name of a column, `PORTAL/COLUMN`, as in `feeds/`, in URLs and on the command line.
//!
//! Owns which names are valid. Never looks for the column.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// `PORTAL/COLUMN`: two parts of lower-case ASCII letters, digits and inner hyphens.
///
/// The parts become folder names and URL segments, so nothing else is allowed: no dots, no
/// slashes, no look-alikes of other scripts, no device names.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
pub struct ColumnName {
    text: String,
    slash: usize,
}

/// Why a text is not a column name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{text:?} is not a column name: {reason}; write PORTAL/COLUMN in a-z, 0-9 and inner hyphens, such as lucheng/work-news"
)]
pub struct NameError {
    text: String,
    reason: &'static str,
}

/// Names that some file systems reserve for devices, and names of our own published files.
const RESERVED: [&str; 16] = [
    "con", "prn", "aux", "nul", "api", "articles", "changes", "files", "healthz", "metrics",
    "pictures", "readyz", "schema", "search", "status", "topics",
];

impl ColumnName {
    /// Makes a name from its two parts; an error names the broken rule.
    pub fn new(portal: &str, column: &str) -> Result<Self, NameError> {
        let text = format!("{portal}/{column}");
        for part in [portal, column] {
            if let Some(reason) = flaw(part) {
                return Err(NameError { text, reason });
            }
        }
        if RESERVED.contains(&portal) {
            let reason = "this portal name is taken by a published path or a device";
            return Err(NameError { text, reason });
        }
        let slash = portal.len();
        Ok(Self { text, slash })
    }

    /// The portal's part.
    pub fn portal(&self) -> &str {
        &self.text[..self.slash]
    }

    /// The column's own part.
    pub fn column(&self) -> &str {
        &self.text[self.slash + 1..]
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Why this is not a name of a file and of a part of a URL; `None` if it is one.
pub fn name_flaw(part: &str) -> Option<&'static str> {
    flaw(part)
}

fn flaw(part: &str) -> Option<&'static str> {
    let device = |name: &str| {
        RESERVED[..4].contains(&name)
            || (name.len() == 4
                && (name.starts_with("com") || name.starts_with("lpt"))
                && name.ends_with(|c: char| c.is_ascii_digit()))
    };
    match part {
        "" => Some("a part is empty"),
        _ if !part.is_ascii() => Some("it has letters that are not ASCII"),
        _ if part.len() > 64 => Some("a part is longer than 64 characters"),
        _ if !part
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') =>
        {
            Some("it has a character that is not allowed")
        }
        _ if part.starts_with('-') || part.ends_with('-') => {
            Some("a part begins or ends with a hyphen")
        }
        _ if device(part) => Some("a part is a device name"),
        _ => None,
    }
}

impl FromStr for ColumnName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        match text.split_once('/') {
            Some((portal, column)) => Self::new(portal, column),
            None => Err(NameError {
                text: text.to_owned(),
                reason: "it has no slash",
            }),
        }
    }
}

impl TryFrom<String> for ColumnName {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<ColumnName> for String {
    fn from(name: ColumnName) -> Self {
        name.text
    }
}

impl fmt::Display for ColumnName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_two_plain_parts() {
        let name: ColumnName = "lucheng/work-news".parse().unwrap();
        assert_eq!((name.portal(), name.column()), ("lucheng", "work-news"));
    }

    #[test]
    fn odd_names_are_refused_with_the_reason() {
        for odd in [
            "lucheng",
            "lucheng/",
            "../etc",
            "a/b/c",
            "a/..",
            "a/b\0",
            "a/nul",
            "com1/x",
            "api/news",
            "Lucheng/news",
            "аpi/x",
            "-a/b",
            "a/b-",
        ] {
            let error = odd.parse::<ColumnName>().unwrap_err().to_string();
            assert!(error.contains("PORTAL/COLUMN"), "{odd}: {error}");
        }
    }
}
