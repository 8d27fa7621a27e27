//! The open store, with the site and the columns.
//!
//! Owns the bundle that handlers get. Never opens the store.

use std::sync::Arc;

use crate::config::Cron;
use crate::render::{ColumnInfo, Site};
use crate::store::Store;

/// An open store, with the site and the columns.
#[derive(Clone, Debug)]
pub struct OpenStore {
    /// The store.
    pub store: Store,
    /// The published site.
    pub site: Site,
    /// The followed columns.
    pub columns: Vec<ColumnInfo>,
    /// The timetable of the columns.
    pub cron: Arc<Cron>,
}
