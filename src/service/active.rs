//! The configuration in force, and the settings that are made from it.
//!
//! Owns one configuration as a whole: all of it is compiled, or none. Never replaces one that is in
//! force.

use std::collections::BTreeSet;

use super::open;
use crate::config::{Config, ConfigErrors, Folders};
use crate::fetch::ClientError;
use crate::model::ColumnName;
use crate::notify::Notifier;

/// A configuration, and the settings that are made from it.
#[derive(Clone, Debug)]
pub struct ActiveConfig {
    /// The configuration.
    pub config: Config,
    /// The receivers of notices.
    pub notifier: Notifier,
}

impl ActiveConfig {
    /// Reads every file, and leaves out the columns whose feed files are broken.
    pub fn load(folders: &Folders) -> Result<Self, LoadError> {
        let config = Config::load_rest(folders).map_err(LoadError::Config)?;
        Ok(Self {
            notifier: open::notifier(&config.service).map_err(LoadError::Notifier)?,
            config,
        })
    }

    /// Logs patterns that match no column.
    pub(super) fn tell_unmatched(&self, folders: &Folders) {
        for one in self.config.unmatched(folders) {
            tracing::warn!(reason = "unmatched", "{one}");
        }
    }

    /// The errors of the feed files whose columns are left out; `None` if none is.
    pub(super) fn left_out(&self) -> Option<String> {
        let broken = self.config.broken.iter();
        let errors: Vec<String> = broken.map(|file| file.errors.to_string()).collect();
        (!errors.is_empty()).then(|| errors.join("\n"))
    }

    /// Whether a column of it is one that the other leaves out.
    pub(super) fn loses_a_column_in(&self, other: &Self) -> bool {
        let broken = &other.config.broken;
        let mut names = self.names().into_iter();
        names.any(|name| broken.iter().any(|file| file.concerns(name)))
    }

    /// The names of its columns.
    pub(super) fn names(&self) -> BTreeSet<&ColumnName> {
        let columns = self.config.columns.iter();
        columns.map(|column| &column.name).collect()
    }
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Files are wrong.
    #[error(transparent)]
    Config(ConfigErrors),
    /// No notice can be sent with these settings.
    #[error("{0}")]
    Notifier(ClientError),
}
