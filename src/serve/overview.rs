//! The state of every column.
//!
//! Owns how often the store is read for it. Never reads it for two requests at once: thousands of
//! columns take a while, and the crawl needs the store too.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{Days, NaiveDate};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::open_store::OpenStore;
use super::problem::Problem;
use crate::model::{Clock, ColumnStatus, Field, Incident, Timestamp};
use crate::pipeline;
use crate::render::ColumnInfo;
use crate::store::{Figures, StoreError, Worker};

/// The number of days for which new articles are counted.
const DAYS: u64 = 30;
/// With more columns than this, the page has no room for the fields of each.
const DETAILED: usize = 100;
/// How long an overview is used again.
const KEPT: Duration = Duration::from_secs(5);

/// The state of all columns at one time.
#[derive(Debug)]
pub(super) struct Overview {
    pub(super) at: Timestamp,
    pub(super) columns: Vec<ColumnOverview>,
    pub(super) figures: BTreeMap<String, Figures>,
    /// The open incidents, oldest first.
    pub(super) incidents: Vec<Incident>,
    /// How many hubs and webhooks fail at present.
    pub(super) failing_receivers: usize,
    pub(super) last_seq: i64,
    /// The last change that is published.
    pub(super) published_seq: i64,
    /// The processes that share the store; `None` for a store in a file.
    pub(super) workers: Option<Vec<Worker>>,
}

/// The state of a column.
#[derive(Debug)]
pub(super) struct ColumnOverview {
    pub(super) title: String,
    pub(super) status: ColumnStatus,
    /// How many new articles each of the last days had, oldest day first.
    pub(super) days: Vec<(NaiveDate, u32)>,
    /// The percentage of its newest articles that have each field.
    pub(super) filled: Vec<(Field, u8)>,
}

impl ColumnOverview {
    async fn read(
        open: &OpenStore,
        column: &ColumnInfo,
        at: Timestamp,
    ) -> Result<Self, StoreError> {
        let (store, name) = (&open.store, &column.name);
        let today = at.date();
        let first = today.checked_sub_days(Days::new(DAYS - 1)).unwrap_or(today);
        let came = store
            .columns()
            .articles_by_day(name, Timestamp::start_of(first));
        let came: BTreeMap<NaiveDate, u32> = came.await?.into_iter().collect();
        let days = first.iter_days().take_while(|day| *day <= today);
        let count = |day| (day, came.get(&day).copied().unwrap_or_default());
        let of = (name, &column.url, column.pause);
        let is_shown = open.columns.len() <= DETAILED;
        Ok(Self {
            title: column.title.clone(),
            status: pipeline::column_status(store, &open.cron, of, at).await?,
            days: days.map(count).collect(),
            filled: match is_shown {
                true => pipeline::fill_rates(store, name).await?,
                false => Vec::new(),
            },
        })
    }
}

impl Overview {
    async fn read(open: &OpenStore, at: Timestamp) -> Result<Self, StoreError> {
        let store = &open.store;
        let mut columns = Vec::with_capacity(open.columns.len());
        for column in &open.columns {
            columns.push(ColumnOverview::read(open, column, at).await?);
        }
        let published = store.published().folder().await?;
        let workers = match store.is_shared() {
            true => Some(store.hosts().workers().await?),
            false => None,
        };
        Ok(Self {
            at,
            columns,
            figures: store.columns().figures().await?,
            incidents: store.incidents().open().await?,
            failing_receivers: store.notices().failing_receivers().await?.len(),
            published_seq: published.map_or(0, |published| published.seq),
            last_seq: store.changes().last_seq().await?,
            workers,
        })
    }
}

/// The overview that was read last.
#[derive(Debug, Default)]
pub(super) struct LatestOverview {
    last: Mutex<Option<(Instant, Arc<Overview>)>>,
}

impl LatestOverview {
    /// The last overview if it is recent; otherwise a new one.
    pub(super) async fn read(&self, open: &OpenStore) -> Result<Arc<Overview>, Problem> {
        let mut last = self.last.lock().await;
        if let Some((_, overview)) = last.as_ref().filter(|(read, _)| read.elapsed() < KEPT) {
            return Ok(Arc::clone(overview));
        }
        let overview = Overview::read(open, Clock::system().now()).await;
        let overview = Arc::new(overview.map_err(|error| Problem::store(&error))?);
        *last = Some((Instant::now(), Arc::clone(&overview)));
        Ok(overview)
    }
}
