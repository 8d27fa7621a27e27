//! The status of a column, and the incidents.
//!
//! Owns the types of the status page, the API and `dibao status`. Never reads a store.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{ColumnName, Timestamp};

/// The status of a column.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ColumnStatus {
    /// The column.
    pub column: ColumnName,
    /// How it stands, in one word.
    pub standing: Standing,
    /// How many articles it has, without withdrawn ones.
    pub articles: i64,
    /// How many items are listed and not read yet, without those that are held back.
    pub waiting: i64,
    /// The items that were read and held back, by reason.
    pub held: Vec<HeldCount>,
    /// When its last run ended.
    pub last_run_at: Option<Timestamp>,
    /// When its last successful run ended.
    pub last_ok_at: Option<Timestamp>,
    /// When it last had a new article.
    pub last_new_at: Option<Timestamp>,
    /// When it is due next, without jitter.
    pub next_run_at: Option<Timestamp>,
    /// Whether the last run ended well; `null` before the first.
    pub healthy: Option<bool>,
    /// Why the last run failed: a stable code.
    pub reason: Option<String>,
    /// The same in words.
    pub message: Option<String>,
    /// Until when dibao leaves its host alone, after trouble.
    pub resting_until: Option<Timestamp>,
    /// How often its fetches came to each verdict.
    pub verdicts: Vec<VerdictCount>,
    /// The progress of its last backfill; `null` before the first.
    pub backfill: Option<BackfillStatus>,
}

/// How a column stands, in one word: the worst first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Its last run failed, or it is not collected until a person decides.
    Failing,
    /// Articles were read and are held back.
    Held,
    /// Nothing new came for far longer than ever before.
    Silent,
    /// It never ran.
    New,
    /// Its feed file says that it rests.
    Paused,
    /// All is well.
    Well,
}

impl Standing {
    /// All of them, the worst first.
    pub const ALL: [Self; 6] = [
        Self::Failing,
        Self::Held,
        Self::Silent,
        Self::New,
        Self::Paused,
        Self::Well,
    ];

    /// Its name in JSON, in metrics and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Failing => "failing",
            Self::Held => "held",
            Self::Silent => "silent",
            Self::New => "new",
            Self::Paused => "paused",
            Self::Well => "well",
        }
    }
}

/// The progress of a backfill.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct BackfillStatus {
    /// Whether it is queued for a run.
    pub wanted: bool,
    /// How many list pages were read.
    pub list_pages: u32,
    /// The next list page; `null` once the backfill is complete.
    pub next_url: Option<Url>,
    /// When it became complete.
    pub completed_at: Option<Timestamp>,
    /// Why it is complete: a stable code.
    pub reason: Option<String>,
    /// The same in words.
    pub message: Option<String>,
}

/// How many of a column's items wait for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HeldCount {
    /// The stable code.
    pub reason: String,
    /// How many.
    pub articles: i64,
    /// One of them.
    pub example: String,
}

/// How often a column's fetches came to a verdict, since the store was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct VerdictCount {
    /// The verdict's code.
    pub verdict: String,
    /// How often.
    pub count: i64,
    /// When it last came to this verdict.
    pub last_at: Timestamp,
    /// The page of that fetch.
    pub last_url: String,
}

/// Something that needs a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Incident {
    /// Its stable code, such as `index-conflict`.
    pub reason: String,
    /// Its subject: a portal, a column, a number, a URL.
    pub subject: String,
    /// What happened, and what to do.
    pub message: String,
    /// When it was first seen.
    pub opened_at: Timestamp,
    /// When it was last seen.
    pub seen_at: Timestamp,
    /// How often it was seen.
    pub seen_count: u32,
}

impl ColumnStatus {
    /// How many articles were read and are held back.
    pub fn held_back(&self) -> i64 {
        self.held.iter().map(|held| held.articles).sum()
    }
}

impl BackfillStatus {
    /// The progress in words.
    pub fn words(&self) -> String {
        let pages = self.list_pages;
        if let (Some(at), Some(reason)) = (self.completed_at, &self.reason) {
            return format!(
                "complete after {pages} list pages, {}: {reason}",
                at.minute()
            );
        }
        let word = if self.wanted { "queued" } else { "paused" };
        match &self.next_url {
            Some(next) => format!("{word} after {pages} list pages, goes on with {next}"),
            None => format!("{word} after {pages} list pages, the last ones"),
        }
    }
}
