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
    /// Reads every file.
    pub fn load(folders: &Folders) -> Result<Self, LoadError> {
        let config = Config::load(folders).map_err(LoadError::Config)?;
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
