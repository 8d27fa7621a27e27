//! What a column's list says of an article.
//!
//! Owns the type. Never decides what it is worth beside the article's own page.

use chrono::NaiveDate;

/// What a column's list said of an article when it was first seen: evidence of the article's title
/// and day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRow {
    /// The title as listed; it may be cut, or carry a mark such as 【栏目】.
    pub title: String,
    /// The day that stands in the row itself.
    pub published_on: Option<NaiveDate>,
}
