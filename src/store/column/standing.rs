//! How a column stands before it is polled, in one question for many columns.
//!
//! Owns what a poll has to know, and whether anything but the list is due. Never judges an answer.

use sqlx::{AssertSqlSafe, FromRow};
use url::Url;

use super::Columns;
use super::list::{ListMemory, MemoryRow};
use super::runs::{ColumnRow, ColumnState};
use super::spent::{Account, SPENT, SpentRow};
use crate::model::{ColumnName, Timestamp};
use crate::store::host::{Resting, Together};
use crate::store::rows::from_row;
use crate::store::{Store, StoreError};

/// How a column stands before it is polled.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Its state between runs.
    pub state: ColumnState,
    /// What is remembered of its list.
    pub memory: ListMemory,
    /// The rest of its host after a failure, if it is not over.
    pub resting: Option<Resting>,
    /// Whether nothing but its list is due: no item waits, no article is to be rechecked, no incident
    /// but its silence is open, nothing drifts, and neither the column nor its host failed last.
    pub is_idle: bool,
    /// What it made dibao store.
    pub spent: Account,
    /// The column that it became, if a former feed file still has its name.
    pub became: Option<String>,
    /// Why it is not collected, if its feed file was renamed by hand and that cannot be followed.
    pub renamed: Option<String>,
    /// How many of its items wait to be read, counted up to a limit that is above every usual queue.
    pub waiting: u32,
}

impl Standing {
    /// Why the column is not collected, whatever its host says.
    pub fn refusal(&self) -> Option<String> {
        let became = self.became.as_ref();
        let became =
            || became.map(|into| format!("it became {into}: its feed file is read no more"));
        self.renamed.clone().or_else(became)
    }
}

/// More waiting items than this are not counted.
const MOST_COUNTED: u32 = 1_000_000;

/// The code of an incident: a file of the configuration is broken.
pub const CONFIGURATION: &str = "configuration";
/// The code of an incident: a feed file was renamed by hand, and that cannot be followed.
pub const RENAMED: &str = "column-renamed";
/// The code of an incident: nothing new for far longer than ever.
pub const SILENT: &str = "silent";

/// A column that is to be polled.
#[derive(Clone, Debug)]
pub(in crate::store) struct StandingAsk {
    column: ColumnName,
    url: Url,
    host: String,
    now: Timestamp,
}

/// Columns that are to be polled, of which the store is asked together.
pub(in crate::store) type StandingAsks = Together<StandingAsk, Standing>;

struct HostAndRest {
    retry_ms: Option<i64>,
    host_failures: Option<u32>,
    host_reason: Option<String>,
    is_known: bool,
    is_busy: bool,
    waiting: u32,
    became: Option<String>,
    renamed: Option<String>,
}

from_row!(HostAndRest: retry_ms, host_failures, host_reason, is_known, is_busy, waiting, became, renamed);

async fn load(store: &Store, asks: &[StandingAsk]) -> Result<Vec<Standing>, StoreError> {
    let columns: Vec<_> = asks
        .iter()
        .map(|ask| {
            (
                ask.column.as_str(),
                ask.url.as_str(),
                &ask.host,
                ask.now.millis(),
            )
        })
        .collect();
    let query = format!(
        "SELECT {SPENT}, (SELECT COUNT(*) FROM (SELECT 1 FROM items
                          WHERE column_name = c.name AND done = 0 LIMIT {MOST_COUNTED}) w) AS waiting,
                l.into_name AS became,
                (SELECT message FROM incidents WHERE reason = '{RENAMED}'
                     AND subject = j.value ->> 0 AND closed_ms IS NULL) AS renamed,
                c.name IS NOT NULL AS is_known, COALESCE(c.url, '') AS url, c.title, c.etag,
                c.last_modified, COALESCE(c.walks, 0) AS walks,
                COALESCE(q.began_ms, c.last_run_ms) AS last_run_ms,
                COALESCE(q.ended_ms, c.last_ok_ms) AS last_ok_ms,
                c.last_new_ms, COALESCE(c.failures, 0) AS failures, c.reason, c.message,
                EXISTS (SELECT 1 FROM items
                        WHERE column_name = c.name AND walk_complete = 1) AS walked,
                m.items, m.whole_ms, COALESCE(m.lies, 0) AS lies, m.looked, m.looked_ms,
                m.list_order, m.silent_on, m.rules, m.answer,
                h.retry_ms, h.failures AS host_failures, h.reason AS host_reason,
                EXISTS (SELECT 1 FROM items WHERE column_name = c.name AND done = 0)
                OR EXISTS (SELECT 1 FROM pages p
                           WHERE p.portal = c.portal AND p.next_check_ms <= CAST(j.value ->> 3 AS BIGINT)
                             AND p.article_id IS NOT NULL AND c.name =
                                 (SELECT MIN(i.column_name) FROM items i
                                  WHERE i.portal = p.portal
                                    AND i.canonical_url = p.canonical_url))
                OR EXISTS (SELECT 1 FROM incidents
                           WHERE subject = c.name AND closed_ms IS NULL AND reason <> '{SILENT}')
                OR EXISTS (SELECT 1 FROM drifts WHERE column_name = c.name)
                OR EXISTS (SELECT 1 FROM backfills WHERE column_name = c.name AND wanted = 1
                             AND ended_ms IS NULL) AS is_busy
         FROM json_each(?) j
         LEFT JOIN columns c ON c.name = j.value ->> 0
         LEFT JOIN quiet_polls q ON q.column_name = c.name
         LEFT JOIN list_memory m ON m.column_name = j.value ->> 0 AND m.url = j.value ->> 1
         LEFT JOIN column_lives l ON l.column_name = j.value ->> 0
         LEFT JOIN hosts h ON h.host = j.value ->> 2
         LEFT JOIN spent s ON s.column_name = j.value ->> 0
         ORDER BY j.key"
    );
    let rows = sqlx::query(AssertSqlSafe(query))
        .bind(serde_json::json!(columns).to_string())
        // What polls write does not empty this connection's page cache.
        .fetch_all(&store.writer)
        .await?;
    asks.iter()
        .zip(&rows)
        .map(|(ask, row)| {
            let rest = HostAndRest::from_row(row)?;
            let state = match rest.is_known {
                true => ColumnRow::from_row(row)?.state(ask.url.as_str()),
                false => ColumnState::default(),
            };
            let has_failed = state.failures > 0 || rest.host_failures.unwrap_or(0) > 0;
            let trouble = rest.retry_ms.zip(rest.host_failures).zip(rest.host_reason);
            Ok(Standing {
                is_idle: rest.is_known && !rest.is_busy && !has_failed,
                spent: SpentRow::from_row(row)?.on(ask.now.date()),
                waiting: rest.waiting,
                became: rest.became,
                renamed: rest.renamed,
                state,
                memory: MemoryRow::from_row(row)?.memory(),
                resting: trouble.and_then(|((retry, failures), reason)| {
                    store.resting((retry, failures, reason), ask.now)
                }),
            })
        })
        .collect()
}

impl Columns<'_> {
    /// How a column of this URL and host stands before it is polled.
    pub async fn standing(
        self,
        now: Timestamp,
        column: &ColumnName,
        url: &Url,
        host: &str,
    ) -> Result<Standing, StoreError> {
        let ask = StandingAsk {
            column: column.clone(),
            url: url.clone(),
            host: host.to_owned(),
            now,
        };
        let (store, asks) = (self.store, &self.store.standing_asks);
        asks.ask(store, ask, |store, asks| Box::pin(load(store, asks)))
            .await
    }
}
