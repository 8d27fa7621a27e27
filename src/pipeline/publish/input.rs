//! What publishing needs, and what it reports.
//!
//! Owns both, and the columns as their readers see them. Never publishes a file.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::config::{BrokenFile, Column, Config, Cron, NamedTopic};
use crate::model::{ColumnName, Timestamp};
use crate::pipeline::progress::Progress;
use crate::publish::{Counts, KeptPlace, PublishPlace};
use crate::render::{ColumnInfo, PortalInfo, RunInterval, Site};
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

    /// With these numbers of files.
    pub(super) fn with(self, counts: Counts) -> Self {
        Self {
            written: counts.written,
            unchanged: counts.unchanged,
            ..self
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
    /// The feed files that are broken. Their columns stay as they were published.
    pub broken: &'a [BrokenFile],
    /// When each of them is collected.
    pub cron: &'a Cron,
    /// The named topics that are published.
    pub topics: &'a [NamedTopic],
    /// The name of the site.
    pub site: &'a Site,
    /// The place of the published files.
    pub directory: &'a dyn PublishPlace,
    /// Where copies of portals' files are kept.
    pub kept: &'a KeptPlace,
    /// Who listens.
    pub progress: &'a Progress,
}

impl<'a> PublishInput<'a> {
    /// The columns of a configuration, and their timetable. The places are those of published files and
    /// of kept copies.
    pub fn new(
        config: &'a Config,
        site: &'a Site,
        store: &'a Store,
        (directory, kept): (&'a dyn PublishPlace, &'a KeptPlace),
        progress: &'a Progress,
    ) -> Self {
        Self {
            store,
            columns: &config.columns,
            broken: &config.broken,
            cron: &config.cron,
            topics: &config.topics,
            site,
            directory,
            kept,
            progress,
        }
    }
}

/// The columns as their readers see them. Without a title in a feed file, a column has the portal's
/// display name and the title on its page. The name is that of the configuration, or the one that
/// the portal's pages told first, or the one with which the feed files' titles begin, or the host.
pub async fn column_infos(
    store: &Store,
    columns: &[Column],
    cron: &Cron,
) -> Result<Vec<ColumnInfo>, StoreError> {
    let titles = store.columns().titles().await?;
    let told = store.columns().portal_titles().await?;
    let feed_names = store.columns().feed_names().await?;
    let lives = store.columns().past_lives().await?;
    let ended: BTreeMap<&ColumnName, Timestamp> = lives
        .iter()
        .filter_map(|life| Some((&life.name, life.ended_at?)))
        .collect();
    let mut former: BTreeMap<&ColumnName, Vec<(ColumnName, Timestamp)>> = BTreeMap::new();
    for life in &lives {
        if let Some((into, at)) = &life.became {
            let names = former.entry(into).or_default();
            names.push((life.name.clone(), *at));
        }
    }
    let mut infos = Vec::with_capacity(columns.len());
    for columns in columns.chunk_by(|a, b| a.name.portal() == b.name.portal()) {
        let Some(first) = columns.first() else {
            continue;
        };
        let portal = Arc::new(portal(columns, first, told.get(first.name.portal())));
        infos.extend(columns.iter().map(|column| {
            let name = &column.name;
            let info = ColumnInfo {
                full_text: column.publish.full_text,
                run_interval: cron.interval(name).map(RunInterval::new),
                feed_name: feed_names
                    .get(name.as_str())
                    .cloned()
                    .unwrap_or_else(|| name.to_string()),
                pause: column.pause,
                ended_at: ended.get(name).copied(),
                former: former.get(name).cloned().unwrap_or_default(),
                keywords: column.publish.keywords.clone(),
                ..ColumnInfo::new(name.clone(), column.url.clone())
            };
            let page = titles.get(name.as_str()).map(String::as_str);
            info.with_names(portal.clone(), page, column.title.as_deref())
        }));
    }
    Ok(infos)
}

/// The portal of these columns.
fn portal(columns: &[Column], first: &Column, told: Option<&String>) -> PortalInfo {
    let rules = &first.portal_rules;
    let known = rules.title.as_ref().or(told).cloned();
    let titles = columns.iter().map(|column| column.title.as_deref());
    let mut unnamed = PortalInfo::new(&first.name, &first.url);
    if let Some(title) = known.or_else(|| PortalInfo::common_title(titles)) {
        unnamed.title = title;
    }
    PortalInfo {
        code: rules.code.clone(),
        region: rules.region.clone(),
        level: rules.level,
        ..unnamed
    }
}
