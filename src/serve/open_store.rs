//! The open store, and how what it holds is published.

use std::sync::Arc;

use crate::config::Cron;
use crate::render::{ColumnInfo, Site};
use crate::store::Store;

/// An open store, and how what it holds is published.
#[derive(Clone, Debug)]
pub struct OpenStore {
    /// The store.
    pub store: Store,
    /// What the published site calls itself.
    pub site: Site,
    /// The columns that are followed.
    pub columns: Vec<ColumnInfo>,
    /// When they are.
    pub cron: Arc<Cron>,
}
