//! What publishing needs, and what it reports.
//!
//! Owns both, and the columns as their readers see them. Never publishes a file.

use std::fmt;

use crate::config::{Column, Config, Cron};
use crate::pipeline::progress::Progress;
use crate::publish::{PublishFolder, WriteOutcome};
use crate::render::{ColumnInfo, RunInterval, Site};
use crate::store::{Store, StoreError};

/// The result of publishing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PublishReport {
    /// The sequence number of the last change it includes.
    pub seq: i64,
    /// Files written.
    pub written: usize,
    /// Files that were rendered, and had the same bytes already.
    pub unchanged: usize,
}

impl PublishReport {
    /// Counts a later publication, too.
    pub fn add(&mut self, later: Self) {
        self.seq = later.seq;
        self.written += later.written;
        self.unchanged += later.unchanged;
    }

    pub(super) fn count(&mut self, outcome: WriteOutcome) {
        match outcome {
            WriteOutcome::Written => self.written += 1,
            WriteOutcome::Unchanged => self.unchanged += 1,
        }
    }
}

impl fmt::Display for PublishReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "published  {} files written, {} unchanged, up to change {}",
            self.written, self.unchanged, self.seq
        )
    }
}

/// What publishing needs.
#[derive(Clone, Copy, Debug)]
pub struct PublishInput<'a> {
    /// Where everything is kept.
    pub store: &'a Store,
    /// The columns that are published.
    pub columns: &'a [Column],
    /// When each of them is collected.
    pub cron: &'a Cron,
    /// The name of the site.
    pub site: &'a Site,
    /// The published folder.
    pub directory: &'a PublishFolder,
    /// Who listens.
    pub progress: &'a Progress,
}

impl<'a> PublishInput<'a> {
    /// The columns of a configuration, and their timetable.
    pub fn new(
        config: &'a Config,
        site: &'a Site,
        store: &'a Store,
        directory: &'a PublishFolder,
        progress: &'a Progress,
    ) -> Self {
        Self {
            store,
            columns: &config.columns,
            cron: &config.cron,
            site,
            directory,
            progress,
        }
    }
}

/// The columns as their readers see them. A column without a title in its feed file has the
/// portal's title, if that is known.
pub async fn column_infos(
    store: &Store,
    columns: &[Column],
    cron: &Cron,
) -> Result<Vec<ColumnInfo>, StoreError> {
    let mut titles = store.columns().titles().await?;
    let infos = columns.iter().map(|column| {
        let name = &column.name;
        let title = column
            .title
            .clone()
            .or_else(|| titles.remove(name.as_str()));
        ColumnInfo {
            name: name.clone(),
            title: title.unwrap_or_else(|| name.to_string()),
            url: column.url.clone(),
            full_text: column.publish.full_text,
            run_interval: cron.interval(name).map(RunInterval::new),
        }
    });
    Ok(infos.collect())
}
