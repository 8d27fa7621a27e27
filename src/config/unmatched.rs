//! Patterns that match no column: nothing is wrong yet, and nothing will come of them.
//!
//! Owns the search for them, in all files. Never refuses a configuration.

use std::path::Path;

use globset::GlobMatcher;

use super::error::ConfigError;
use super::patterns::Patterns;
use super::{Config, Folders};
use crate::model::ColumnName;

impl Config {
    /// What is written for columns that are not there, and jobs that no column has: each with its
    /// file, line and remedy. Nothing while a column is left out: it may be the one that is meant.
    pub fn unmatched(&self, folders: &Folders) -> Vec<ConfigError> {
        if !self.broken.is_empty() {
            return Vec::new();
        }
        let jobs = self.cron.jobs().iter().enumerate();
        let of_jobs = jobs.flat_map(|(nth, job)| {
            let found = self.missing(&folders.cron, "job.columns", nth, job.columns.matchers());
            match found.is_empty() {
                true => self.covered(&folders.cron, nth).into_iter().collect(),
                false => found,
            }
        });
        let of_topics = self.topics.iter().flat_map(|topic| {
            let file = folders.topics.join(format!("{}.toml", topic.name));
            self.missing(&file, "columns", 0, topic.columns.matchers())
        });
        let file = &folders.service;
        let hooks = self.service.webhooks.iter().enumerate();
        let of_hooks = hooks.flat_map(|(nth, hook)| {
            self.missing(file, "webhook.columns", nth, hook.columns.matchers())
        });
        let deliveries = self.service.deliveries.iter().enumerate();
        // The patterns of its topic are told with the topic.
        let own = deliveries.filter(|(_, to)| to.topic.is_none());
        let of_deliveries = own.flat_map(|(nth, to)| {
            self.missing(file, "deliver.columns", nth, to.columns.matchers())
        });
        let all = of_jobs
            .chain(of_topics)
            .chain(of_hooks)
            .chain(of_deliveries);
        all.map(ConfigError::in_file).collect()
    }

    /// The patterns of a key that match no column.
    fn missing(
        &self,
        file: &Path,
        key: &str,
        nth: usize,
        patterns: &[GlobMatcher],
    ) -> Vec<ConfigError> {
        let idle = patterns
            .iter()
            .filter(|pattern| !self.has_column(pattern))
            .map(|pattern| pattern.glob().glob());
        let told = idle.map(|pattern| {
            let problem = format!("{pattern:?} matches no column");
            ConfigError::at(file, key, &problem, self.instead_of(pattern)).nth(nth)
        });
        told.collect()
    }

    fn has_column(&self, pattern: &GlobMatcher) -> bool {
        let mut columns = self.columns.iter();
        columns.any(|column| pattern.is_match(column.name.as_str()))
    }

    /// A job whose columns all belong to earlier jobs.
    fn covered(&self, file: &Path, nth: usize) -> Option<ConfigError> {
        let mut places = self
            .columns
            .iter()
            .map(|column| self.cron.place(&column.name));
        if places.any(|place| place == Some(nth)) {
            return None;
        }
        let patterns = self.cron.jobs().get(nth).map(|job| &job.columns);
        if patterns.is_none_or(Patterns::is_empty) {
            let remedy = "name columns, such as [\"lucheng/*\"], or leave the job out";
            let error = ConfigError::at(file, "job.columns", "names no column", remedy);
            return Some(error.nth(nth));
        }
        let problem = "an earlier job matches all of its columns, and the first job that matches has a column";
        let remedy = "put this job before that one, or leave it out";
        Some(ConfigError::at(file, "job.columns", problem, remedy).nth(nth))
    }

    /// What may have been meant by a pattern.
    fn instead_of(&self, pattern: &str) -> String {
        let names = self.columns.iter().map(|column| &column.name);
        let portals = names.clone().map(|name| format!("{}/*", name.portal()));
        let whole = format!("{}/*", pattern.trim_matches('/'));
        let mut known = portals.chain(names.map(ColumnName::to_string));
        if known.clone().any(|name| name == whole) {
            return format!("write {whole:?}");
        }
        let near = known
            .by_ref()
            .map(|name| (strsim::damerau_levenshtein(&name, pattern), name))
            .min()
            .filter(|(edits, _)| *edits <= 2);
        match near {
            Some((_, name)) => format!("did you mean {name:?}?"),
            None => "see the names of columns in `dibao status`".to_owned(),
        }
    }
}
