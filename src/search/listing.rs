//! Which articles a list has, and in which order.
//!
//! Owns the filters and the orders that lists know. Never reads a list.

use chrono::NaiveDate;

use super::Filter;
use crate::model::IndexNumber;

/// Which articles a list has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArticleFilter {
    /// The filter that searches have, too.
    pub filter: Filter,
    /// The index number.
    pub index_number: Option<IndexNumber>,
    /// Whether they were withdrawn or removed; `None` for either.
    pub is_withdrawn: Option<bool>,
}

/// By what a list is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// The order in which dibao added the articles.
    #[default]
    Added,
    /// The day of publication, or of first sight if the page has none; of one day, as they were added.
    Published,
    /// The last change: `updated_at`.
    Updated,
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// By what it is sorted.
    pub sort: Sort,
    /// Whether the oldest come first.
    pub is_ascending: bool,
}

/// A place in a list: that of an article, whether or not it still stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The number of the change that added it.
    Added(i64),
    /// Its day, and the number of the change that added it.
    Published(NaiveDate, i64),
    /// The time of its last change, in milliseconds since 1970.
    Updated(i64),
}

impl Place {
    /// The order to which the place belongs.
    pub fn sort(self) -> Sort {
        match self {
            Self::Added(_) => Sort::Added,
            Self::Published(..) => Sort::Published,
            Self::Updated(_) => Sort::Updated,
        }
    }
}
