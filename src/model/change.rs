//! The account of every change, which mirrors follow.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Article, Timestamp};

/// What happened to an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Seen for the first time.
    Added,
    /// The portal edited it.
    Revised,
    /// It has a new alias, column or primary URL; its text and `updated_at` stay.
    Amended,
    /// The portal took it down.
    Withdrawn,
    /// The portal shows it again.
    Restored,
    /// We removed it, text and all.
    Removed,
    /// Our own rules read the same page differently.
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

/// One change: `seq` starts at 1 and has no gaps; `article` is the article as it was then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// Position in the account of all changes, from 1 without gaps.
    pub seq: i64,
    /// What happened.
    pub kind: ChangeKind,
    /// When dibao noted it.
    pub at: Timestamp,
    /// The article as it was after this change.
    pub article: Article,
}
