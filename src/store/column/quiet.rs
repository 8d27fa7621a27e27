//! Polls without news: the list answered "not modified", and nothing else was due.
//!
//! Owns what such a poll leaves behind. Many are written down together, within a second; a kill
//! before that costs polls that come again. Never decides that a poll is one.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::store::driver::EngineConnection;
use url::Url;

use super::Columns;
use crate::model::{ColumnName, Timestamp, Verdict};
use crate::store::StoreError;

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
            "UPDATE columns SET last_run_ms = CAST(j.value ->> 1 AS BIGINT),
                 last_ok_ms = CAST(j.value ->> 2 AS BIGINT),
                 failures = 0, reason = NULL, message = NULL
             FROM json_each(?) j WHERE columns.name = j.value ->> 0",
        )
        .bind(&polls)
        .execute(&mut *connection)
        .await?;
        sqlx::query(
            "INSERT INTO verdicts (column_name, verdict, count, last_ms, last_url)
             SELECT value ->> 0, ?2, 1, CAST(value ->> 2 AS BIGINT), value ->> 3
             FROM json_each(?1) WHERE true
             ON CONFLICT (column_name, verdict) DO UPDATE SET count = verdicts.count + 1,
                 last_ms = excluded.last_ms, last_url = excluded.last_url",
        )
        .bind(&polls)
        .bind(Verdict::Unchanged.code())
        .execute(connection)
        .await?;
        Ok(())
    }
}

impl Columns<'_> {
    /// Notes a poll without news. It is written down together with others, within a second.
    pub fn note_quiet(self, poll: QuietPoll) {
        self.store.polls.polls().push(poll);
        self.store.write_down_soon();
    }
}
