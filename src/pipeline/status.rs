//! The status of every column, read from the store alone.
//!
//! Owns the parts of a status, for `dibao status`, the site page and the API. Never asks a portal,
//! and never names receivers and removals: only the operator may see these.

use chrono::TimeDelta;
use url::Url;

use crate::config::{ConfigErrors, Cron};
use crate::fetch::host_of;
use crate::model::{BackfillStatus, ColumnName, ColumnStatus, Pause, Standing, Timestamp, Verdict};
use crate::store::{BackfillState, CONFIGURATION, ColumnState, RENAMED, SILENT, Store, StoreError};

/// Reads the status of the column at this URL, which may rest.
pub async fn column_status(
    store: &Store,
    cron: &Cron,
    (column, url, pause): (&ColumnName, &Url, Pause),
    now: Timestamp,
) -> Result<ColumnStatus, StoreError> {
    read(store, cron, (column, Some(url), pause), now).await
}

/// The status of a column whose feed file is broken: as far as the store knows it, and why it is not
/// collected.
pub async fn broken_status(
    store: &Store,
    cron: &Cron,
    (column, errors): (&ColumnName, &ConfigErrors),
    now: Timestamp,
) -> Result<ColumnStatus, StoreError> {
    let stored = store.columns().stored().await?;
    let stored = stored.iter().find(|known| known.name == *column);
    let url = stored.and_then(|known| Url::parse(&known.url).ok());
    let known = read(store, cron, (column, url.as_ref(), Pause::Open), now).await?;
    Ok(ColumnStatus {
        standing: Standing::Failing,
        healthy: Some(false),
        reason: Some(CONFIGURATION.to_owned()),
        message: Some(format!("left out until its file is mended: {errors}")),
        ..known
    })
}

async fn read(
    store: &Store,
    cron: &Cron,
    (column, url, pause): (&ColumnName, Option<&Url>, Pause),
    now: Timestamp,
) -> Result<ColumnStatus, StoreError> {
    let (state, resting, backfill) = match url {
        None => (ColumnState::default(), None, None),
        Some(url) => (
            store.columns().state(column, url.as_str()).await?,
            store.hosts().trouble(&host_of(url), now).await?,
            store.backfills().state(column, url.as_str()).await?,
        ),
    };
    let incidents = store.incidents().open_of(column.as_str()).await?;
    let renamed = incidents.iter().find(|incident| incident.reason == RENAMED);
    let held = store
        .queue()
        .held_counts(column, &Verdict::HELD.map(Verdict::code))
        .await?;
    let held_back: i64 = held.iter().map(|held| held.articles).sum();
    let (reason, message) = match renamed {
        Some(incident) => (
            Some(incident.reason.clone()),
            Some(incident.message.clone()),
        ),
        None => (state.reason, state.message),
    };
    let standing = match () {
        () if pause.rests_on(now.date()) => Standing::Paused,
        () if reason.is_some() => Standing::Failing,
        () if held_back > 0 => Standing::Held,
        () if incidents.iter().any(|incident| incident.reason == SILENT) => Standing::Silent,
        () if state.last_run_at.is_none() => Standing::New,
        () => Standing::Well,
    };
    Ok(ColumnStatus {
        column: column.clone(),
        standing,
        articles: store.publications().article_count(column).await?,
        waiting: (store.queue().waiting(column).await? - held_back).max(0),
        held,
        last_run_at: state.last_run_at,
        last_ok_at: state.last_ok_at,
        last_new_at: state.last_new_at,
        next_run_at: next_run(cron, column, pause, now),
        healthy: state.last_run_at.map(|_| reason.is_none()),
        reason,
        message,
        resting_until: resting.map(|resting| resting.until),
        verdicts: store.columns().verdicts(column).await?,
        backfill: backfill.map(backfill_status),
    })
}

/// When the column is due next; `None` while nobody knows the end of its pause.
fn next_run(cron: &Cron, column: &ColumnName, pause: Pause, now: Timestamp) -> Option<Timestamp> {
    match pause {
        Pause::Open => None,
        Pause::Until(day) => {
            let before = Timestamp::start_of(day).plus(-TimeDelta::milliseconds(1));
            cron.next(column, now.max(before))
        }
        Pause::None => cron.next(column, now),
    }
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
