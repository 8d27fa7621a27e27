//! The status of every column, read from the store alone.
//!
//! Owns the parts of a status, for `dibao status`, the site page and the API. Never asks a portal,
//! and never names receivers and removals: only the operator may see these.

use url::Url;

use crate::config::Cron;
use crate::fetch::host_of;
use crate::model::{BackfillStatus, ColumnName, ColumnStatus, Timestamp, Verdict};
use crate::store::{BackfillState, Store, StoreError};

/// Reads the status of the column at this URL.
pub async fn column_status(
    store: &Store,
    cron: &Cron,
    column: &ColumnName,
    url: &Url,
    now: Timestamp,
) -> Result<ColumnStatus, StoreError> {
    let state = store.columns().state(column, url.as_str()).await?;
    let resting = store.hosts().trouble(&host_of(url), now).await?;
    let backfill = store.backfills().state(column, url.as_str()).await?;
    let held = Verdict::HELD.map(Verdict::code);
    Ok(ColumnStatus {
        column: column.clone(),
        articles: store.publications().article_count(column).await?,
        waiting: store.queue().waiting(column).await?,
        held: store.queue().held_counts(column, &held).await?,
        last_run_at: state.last_run_at,
        last_ok_at: state.last_ok_at,
        last_new_at: state.last_new_at,
        next_run_at: cron.next(column, now),
        healthy: state.last_run_at.map(|_| state.reason.is_none()),
        reason: state.reason,
        message: state.message,
        resting_until: resting.map(|resting| resting.until),
        verdicts: store.columns().verdicts(column).await?,
        backfill: backfill.map(backfill_status),
    })
}

fn backfill_status(state: BackfillState) -> BackfillStatus {
    let (reason, message) = state.end.unzip();
    BackfillStatus {
        wanted: state.wanted,
        list_pages: state.pages,
        next_url: state.next,
        completed_at: state.ended_at,
        reason,
        message,
    }
}
