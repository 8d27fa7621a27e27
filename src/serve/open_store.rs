//! The open store, with the site, the columns and the topics.
//!
//! Owns the bundle that handlers get, and the names that filters may have. Never opens the store.

use std::sync::Arc;

use super::problem::Problem;
use crate::config::Cron;
use crate::render::api::given::{KnownNames, Parameters};
use crate::render::{ColumnInfo, Site, TopicInfo};
use crate::store::Store;

/// An open store, with the site, the columns and the topics.
#[derive(Clone, Debug)]
pub struct OpenStore {
    /// The store.
    pub store: Store,
    /// The published site.
    pub site: Site,
    /// The followed columns.
    pub columns: Vec<ColumnInfo>,
    /// The named topics that are published.
    pub topics: Vec<TopicInfo>,
    /// The timetable of the columns.
    pub cron: Arc<Cron>,
}

impl OpenStore {
    /// The portals and columns that a request may name: those that are followed and, if it names
    /// others, those that were followed once.
    pub(super) async fn known_names(&self, given: &Parameters) -> Result<KnownNames, Problem> {
        let mut known = KnownNames::default();
        // Most requests name none, and there may be many thousand columns.
        if given.text("portal").is_none() && given.text("column").is_none() {
            return Ok(known);
        }
        for column in &self.columns {
            known.add(&column.name, column.name.portal());
        }
        let columns = self.store.columns();
        let has_moved = columns.have_moved(&given.names("portal")).await;
        if given.names_others(&known) || has_moved.map_err(|error| Problem::store(&error))? {
            let stored = columns.stored().await;
            for column in stored.map_err(|error| Problem::store(&error))? {
                known.add(&column.name, &column.portal);
            }
        }
        Ok(known)
    }
}
