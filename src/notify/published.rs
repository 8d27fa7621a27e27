//! What receivers are told of.
//!
//! Owns nothing but these references. Never sends anything.

use crate::model::{Clock, FileEntry};
use crate::render::{ColumnInfo, Site};
use crate::store::Store;

/// What was published: receivers are told of it.
#[derive(Clone, Copy, Debug)]
pub struct Published<'a> {
    /// Where everything is kept.
    pub store: &'a Store,
    /// The name of the site.
    pub site: &'a Site,
    /// The columns that are followed.
    pub columns: &'a [ColumnInfo],
    /// The published files, which have the state of the store.
    pub files: &'a [FileEntry],
    /// The time.
    pub clock: &'a Clock,
}
