//! How every column is, read from the store alone.
//!
//! Owns what "how it is" comprises, for `dibao status`, the page and the API. Never asks a portal,
//! never says who is told of what: receivers and removals are the operator's alone.

use schemars::JsonSchema;
use serde::Serialize;
use url::Url;

use crate::config::Cron;
use crate::fetch::host_of;
use crate::model::{ColumnName, Instant, Verdict};
use crate::store::{BackfillState, HeldCount, Store, StoreError, VerdictCount};

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
    pub last_run_at: Option<Instant>,
    /// When its last run ended that went well.
    pub last_ok_at: Option<Instant>,
    /// When it last had a new article.
    pub last_new_at: Option<Instant>,
    /// When it is due next, jitter aside.
    pub next_run_at: Option<Instant>,
    /// Whether the last run ended well; `null` before the first.
    pub healthy: Option<bool>,
    /// Why the last run did not end well: a stable code.
    pub reason: Option<String>,
    /// The same in words.
    pub message: Option<String>,
    /// Until when its host is left alone, since it was in trouble.
    pub resting_until: Option<Instant>,
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
    pub completed_at: Option<Instant>,
    /// Why it is complete: a stable code.
    pub reason: Option<String>,
    /// The same in words.
    pub message: Option<String>,
}

impl ColumnStatus {
    /// Reads how the column at this URL is.
    pub async fn read(
        store: &Store,
        cron: &Cron,
        column: &ColumnName,
        url: &Url,
        now: Instant,
    ) -> Result<Self, StoreError> {
        let state = store.column(column, url.as_str()).await?;
        let resting = store.host_trouble(&host_of(url), now).await?;
        let backfill = store.backfill(column, url.as_str()).await?;
        let held = Verdict::HELD.map(Verdict::code);
        Ok(Self {
            column: column.clone(),
            articles: store.article_count(column).await?,
            waiting: store.waiting(column).await?,
            held: store.held_counts(column, &held).await?,
            last_run_at: state.last_run_at,
            last_ok_at: state.last_ok_at,
            last_new_at: state.last_new_at,
            next_run_at: cron.next(column, now),
            healthy: state.last_run_at.map(|_| state.reason.is_none()),
            reason: state.reason,
            message: state.message,
            resting_until: resting.map(|resting| resting.until),
            verdicts: store.verdicts(column).await?,
            backfill: backfill.map(BackfillStatus::from),
        })
    }
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

impl From<BackfillState> for BackfillStatus {
    fn from(state: BackfillState) -> Self {
        let (reason, message) = state.end.unzip();
        Self {
            wanted: state.wanted,
            list_pages: state.pages,
            next_url: state.next,
            completed_at: state.ended_at,
            reason,
            message,
        }
    }
}
