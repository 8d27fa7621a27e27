//! A change of an article, which mirrors follow.
//!
//! Owns the kinds of changes and their JSON. Never numbers or stores a change.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Article, Timestamp};

/// What happened to an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// dibao saw it for the first time.
    Added,
    /// The portal edited the article.
    Revised,
    /// The article has a new alias, column or primary URL. Its text and `updated_at` stay.
    Amended,
    /// The portal took the article down.
    Withdrawn,
    /// The portal shows the article again.
    Restored,
    /// The operator removed the article for good, with its text.
    Removed,
    /// dibao's new rules read the same page differently.
    Reextracted,
}

impl ChangeKind {
    /// The kind's name in JSON and SQL.
    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Revised => "revised",
            Self::Amended => "amended",
            Self::Withdrawn => "withdrawn",
            Self::Restored => "restored",
            Self::Removed => "removed",
            Self::Reextracted => "reextracted",
        }
    }
}

/// One change of an article, which is in the JSON in which it is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenChange {
    /// Its number.
    pub seq: i64,
    /// What happened.
    pub kind: ChangeKind,
    /// When dibao saved it.
    pub at: Timestamp,
    /// The article as it was after this change, as JSON.
    pub article: String,
}

/// One change of an article.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// Its number in the sequence of all changes, from 1 without gaps.
    pub seq: i64,
    /// What happened.
    pub kind: ChangeKind,
    /// When dibao saved it.
    pub at: Timestamp,
    /// The article as it was after this change.
    pub article: Article,
}
