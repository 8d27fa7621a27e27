//! What to collect and when: `feeds/PORTAL/COLUMN.toml`, `portal.toml` beside it, `cron.toml`,
//! `dibao.toml`, `topics/NAME.toml`.
//!
//! Owns the shape of the files, and compiles them first of all: no later step can meet a bad
//! selector, URL, zone or cron expression. Never fetches, and never writes a file.

mod column;
mod compile;
mod connect_to;
mod cron;
mod deliver;
mod error;
mod expression;
mod feeds;
mod fetch;
mod file_place;
mod folders;
mod hours;
mod keys;
mod kind;
mod limits;
mod paging;
mod patterns;
mod pause;
mod place;
mod portal;
mod proxies;
mod service;
mod topic;
mod unmatched;
mod webhook;

pub use column::{ArticleRules, Column, FieldRule, FieldRules, ListRules, PublishRules};
pub use connect_to::{ConnectTo, ConnectToError};
pub use cron::{Cron, Job};
pub use deliver::{Delivery, Every, Mail, MailTls, Robot, Service, Way};
pub use error::{ConfigError, ConfigErrors, UnknownColumn};
pub use feeds::{BrokenFile, feed_files, load_columns, read_columns};
pub use fetch::{FetchRules, TlsRules};
pub use file_place::FilePlace;
pub use folders::{ARCHIVE, Folders};
pub use limits::{FreeSpace, Limits};
pub use paging::PagingFamily;
pub use patterns::Patterns;
pub use portal::{PORTAL_FILE, PortalRules};
pub use proxies::{Network, Proxies};
pub use service::{CONNECTIONS, HOSTS_AT_ONCE, Places, RATE, Rate, ServiceConfig, server_url};
pub use topic::{NamedTopic, load_topics, topic_files};
pub use webhook::Webhook;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use feeds::Feeds;

/// The whole configuration, compiled.
#[derive(Clone, Debug)]
pub struct Config {
    /// The columns, sorted by name.
    pub columns: Arc<[Column]>,
    /// The feed files that are refused, and whose columns are left out: none, unless the files were
    /// read by [`Config::load_rest`].
    pub broken: Arc<[BrokenFile]>,
    /// When they are due.
    pub cron: Cron,
    /// The named topics, sorted by name.
    pub topics: Arc<[NamedTopic]>,
    /// The service's settings.
    pub service: ServiceConfig,
}

impl Config {
    /// Reads every file. All broken files are reported, not just the first.
    pub fn load(folders: &Folders) -> Result<Self, ConfigErrors> {
        Self::load_with(folders, |folder| Ok(load_columns(folder)?.into()))
    }

    /// Reads every file, and leaves out the columns whose feed files are broken, unless no column
    /// would be left. Any other broken file is an error.
    pub fn load_rest(folders: &Folders) -> Result<Self, ConfigErrors> {
        Self::load_with(folders, |folder| {
            let feeds = feeds::read_feeds(folder)?;
            if !feeds.columns.is_empty() {
                return Ok(feeds);
            }
            Err(match feeds.broken.is_empty() {
                true => feeds::no_feed_file(folder).into(),
                false => feeds::errors_of(feeds.broken),
            })
        })
    }

    /// Reads every file like [`Config::load`], but accepts a folder without a feed file: the last
    /// column may have ended.
    pub fn load_any(folders: &Folders) -> Result<Self, ConfigErrors> {
        Self::load_with(folders, |folder| Ok(read_columns(folder)?.into()))
    }

    fn load_with(
        folders: &Folders,
        read: fn(&Path) -> Result<Feeds, ConfigErrors>,
    ) -> Result<Self, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        let Feeds {
            mut columns,
            broken,
        } = errors.or_default(read(&folders.feeds));
        let topics = errors.or_default(load_topics(&folders.topics));
        let cron = errors.take(Cron::load(&folders.cron));
        let service = ServiceConfig::load(&folders.service);
        let service = service.and_then(|mut service| {
            service.resolve(&folders.service, &topics)?;
            Ok(service)
        });
        let service = errors.take(service);
        if !errors.is_empty() {
            // Then nothing is left out: all that is wrong is told.
            let mut all = feeds::errors_of(broken);
            all.add(errors);
            return Err(all);
        }
        errors.end(cron.zip(service).map(|(cron, service)| {
            for column in &mut columns {
                column.limits = column.limits.or(service.limits);
            }
            Self {
                columns: columns.into(),
                broken: broken.into(),
                cron,
                topics: topics.into(),
                service,
            }
        }))
    }

    /// The columns that these names and patterns choose, in the order of the files; all if there are
    /// none. Each must choose one, or one that is left out.
    pub fn select<P: AsRef<str>>(&self, patterns: &[P]) -> Result<Vec<&Column>, UnknownColumn> {
        for pattern in patterns {
            let pattern = pattern.as_ref();
            let unknown = || UnknownColumn {
                name: pattern.to_owned(),
                known: self.columns.iter().map(|c| c.name.clone()).collect(),
            };
            let chosen = Patterns::new(&[pattern]).map_err(|_| unknown())?;
            let mut columns = self.columns.iter();
            let is_known = columns.any(|column| chosen.matches(&column.name));
            if !is_known && !self.broken.iter().any(|file| file.is_meant(&chosen)) {
                return Err(unknown());
            }
        }
        // Each was compiled a moment ago.
        let chosen = Patterns::new(patterns).unwrap_or_default();
        let columns = self.columns.iter();
        Ok(columns
            .filter(|column| chosen.matches(&column.name))
            .collect())
    }

    /// These columns with the time limit of their jobs.
    pub fn with_timeouts<'a>(&self, columns: &[&'a Column]) -> Vec<(&'a Column, Duration)> {
        columns
            .iter()
            .map(|column| (*column, self.cron.job(&column.name).timeout))
            .collect()
    }
}
