//! The status of a column, and what needs a person.
//!
//! Owns the types that the status page, the API and `dibao status` show alike. Never reads them from
//! a store.

use schemars::JsonSchema;
use serde::Serialize;
use url::Url;

use super::{ColumnName, Timestamp};

/// How one column is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ColumnStatus {
    /// The column.
    pub column: ColumnName,
    /// How many articles it has, withdrawn ones aside.
    pub articles: i64,
    /// Items that are listed and not read yet.
    pub waiting: i64,
    /// Of these, what was read and held back, by the reason.
    pub held: Vec<HeldCount>,
    /// When its last run ended.
    pub last_run_at: Option<Timestamp>,
    /// When its last run ended that went well.
    pub last_ok_at: Option<Timestamp>,
    /// When it last had a new article.
    pub last_new_at: Option<Timestamp>,
    /// When it is due next, jitter aside.
    pub next_run_at: Option<Timestamp>,
    /// Whether the last run ended well; `null` before the first.
    pub healthy: Option<bool>,
    /// Why the last run did not end well: a stable code.
    pub reason: Option<String>,
    /// The same in words.
    pub message: Option<String>,
    /// Until when its host is left alone, since it was in trouble.
    pub resting_until: Option<Timestamp>,
    /// What came of its fetches so far.
    pub verdicts: Vec<VerdictCount>,
    /// How far its last backfill has come; `null` before the first.
    pub backfill: Option<BackfillStatus>,
}

/// How far a backfill has come.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct BackfillStatus {
    /// Whether a run has queued it.
    pub wanted: bool,
    /// List pages done.
    pub list_pages: u32,
    /// The list page that comes next; `null` once it is complete.
    pub next_url: Option<Url>,
    /// When it was complete.
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

/// How often a column's fetches came to a verdict, since the store was begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct VerdictCount {
    /// The verdict's code.
    pub verdict: String,
    /// How often.
    pub count: i64,
    /// When last.
    pub last_at: Timestamp,
    /// For which page then.
    pub last_url: String,
}

/// Something that needs a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Incident {
    /// Its stable code, such as `index-conflict`.
    pub reason: String,
    /// What it is about: a portal, a column, a number, a URL.
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

impl BackfillStatus {
    /// How far it is, in words.
    pub fn words(&self) -> String {
        let pages = self.list_pages;
        if let (Some(at), Some(reason)) = (self.completed_at, &self.reason) {
            return format!("complete after {pages} list pages, {at}: {reason}");
        }
        let word = if self.wanted { "queued" } else { "paused" };
        match &self.next_url {
            Some(next) => format!("{word} after {pages} list pages, goes on with {next}"),
            None => format!("{word} after {pages} list pages, the last ones"),
        }
    }
}
