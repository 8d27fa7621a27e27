//! The configuration in force, with what is made of it.
//!
//! Owns the whole of one configuration: it is compiled completely, or not at all. Never replaces
//! one that is in force.

use std::collections::BTreeSet;

use super::open;
use crate::config::{Config, ConfigError, Folders, join_errors};
use crate::model::ColumnName;
use crate::notify::Notifier;
use crate::render::Site;
use crate::store::Purpose;

/// A configuration, and what is made of it.
#[derive(Clone, Debug)]
pub struct ActiveConfig {
    /// The configuration.
    pub config: Config,
    /// How the published site calls itself.
    pub site: Site,
    /// Who is told of what is published.
    pub notifier: Notifier,
}

impl ActiveConfig {
    /// Reads every file.
    pub fn load(folders: &Folders) -> Result<Self, LoadError> {
        let config = Config::load(folders).map_err(LoadError::Config)?;
        Ok(Self {
            site: open::site(&config.service, Purpose::Real),
            notifier: open::notifier(&config.service).map_err(LoadError::Notifier)?,
            config,
        })
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
    #[error("{}", join_errors(.0))]
    Config(Vec<ConfigError>),
    /// Nobody can be told anything with these settings.
    #[error(transparent)]
    Notifier(reqwest::Error),
}
