//! Polls without news: the list answered "not modified", and nothing else was due.
//!
//! Owns what such a poll leaves behind, which stands apart from the column's row and counts: hundreds
//! of its rows fit a page. Many are written down together, within a second; a kill
//! before that costs polls that come again. Never decides that a poll is one.

use std::sync::{Mutex, MutexGuard, PoisonError};

use url::Url;

use super::Columns;
use crate::model::{ColumnName, Timestamp, Verdict};
use crate::store::StoreError;
use crate::store::driver::EngineConnection;

/// A poll without news.
#[derive(Clone, Debug)]
pub struct QuietPoll {
    /// The column.
    pub column: ColumnName,
    /// When it was begun.
    pub began_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// The list page that was not modified.
    pub url: Url,
}

/// Polls without news that are not written down yet, in their order.
#[derive(Debug, Default)]
pub(in crate::store) struct Polls(Mutex<Vec<QuietPoll>>);

impl Polls {
    fn polls(&self) -> MutexGuard<'_, Vec<QuietPoll>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(in crate::store) fn is_empty(&self) -> bool {
        self.polls().is_empty()
    }

    pub(in crate::store) fn take(&self) -> Noted {
        Noted(std::mem::take(&mut *self.polls()))
    }

    /// Puts polls back that could not be written down.
    pub(in crate::store) fn put_back(&self, noted: Noted) {
        self.polls().splice(..0, noted.0);
    }
}

/// Polls that are being written down.
#[derive(Debug)]
pub(in crate::store) struct Noted(Vec<QuietPoll>);

impl Noted {
    /// Writes down what a run notes at its end: when it began, that it ended well, and its verdict.
    pub(in crate::store) async fn write(
        &self,
        connection: &mut EngineConnection,
    ) -> Result<(), StoreError> {
        if self.0.is_empty() {
            return Ok(());
        }
        let mut polls: Vec<_> = self
            .0
            .iter()
            .map(|poll| {
                let (began, ended) = (poll.began_at.millis(), poll.ended_at.millis());
                (poll.column.as_str(), began, ended, poll.url.as_str())
            })
            .collect();
        polls.sort_unstable();
        let polls = serde_json::json!(polls).to_string();
        sqlx::query(
            "INSERT INTO quiet_polls (column_name, count, began_ms, ended_ms)
             SELECT value ->> 0, 1, CAST(value ->> 1 AS BIGINT), CAST(value ->> 2 AS BIGINT)
             FROM json_each(?1) WHERE true
             ON CONFLICT (column_name) DO UPDATE SET count = quiet_polls.count + 1,
                 began_ms = excluded.began_ms, ended_ms = excluded.ended_ms;
             -- Hardly ever does one of these have to write.
             UPDATE columns SET failures = 0, reason = NULL, message = NULL
             FROM json_each(?1) j
             WHERE columns.name = j.value ->> 0 AND (failures > 0 OR reason IS NOT NULL);
             INSERT INTO verdicts (column_name, verdict, count, last_ms, last_url)
             SELECT value ->> 0, ?2, 0, CAST(value ->> 2 AS BIGINT), value ->> 3
             FROM json_each(?1) WHERE true
             ON CONFLICT (column_name, verdict) DO UPDATE SET last_url = excluded.last_url
                 WHERE verdicts.last_url <> excluded.last_url",
        )
        .bind(&polls)
        .bind(Verdict::Unchanged.code())
        .execute(connection)
        .await?;
        Ok(())
    }
}

/// Adds a column's polls without news to its row and its counts, before these are written.
pub(super) async fn settle(
    connection: &mut EngineConnection,
    column: &ColumnName,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE columns SET last_run_ms = q.began_ms, last_ok_ms = q.ended_ms
         FROM quiet_polls q WHERE q.column_name = ?1 AND columns.name = ?1;
         UPDATE verdicts SET count = verdicts.count + q.count, last_ms = q.ended_ms
         FROM quiet_polls q
         WHERE q.column_name = ?1 AND verdicts.column_name = ?1 AND verdict = ?2;
         DELETE FROM quiet_polls WHERE column_name = ?1",
    )
    .bind(column.as_str())
    .bind(Verdict::Unchanged.code())
    .execute(connection)
    .await?;
    Ok(())
}

impl Columns<'_> {
    /// Notes a poll without news. It is written down together with others, within a second.
    pub fn note_quiet(self, poll: QuietPoll) {
        self.store.polls.polls().push(poll);
        self.store.write_down_soon();
    }
}
