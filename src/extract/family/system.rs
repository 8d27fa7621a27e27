//! A content system, as an entry of the table of families.
//!
//! Owns the questions to a family. Never knows a particular one.

use url::Url;

use super::sheet::Sheet;
use crate::config::PagingFamily;

/// A content system. Each family takes the fields that it does not need from [`Family::NONE`].
pub(super) struct Family {
    /// The family's name in feed files.
    pub(super) name: PagingFamily,
    /// Patterns of its addresses, scripts, classes and tags. A page belongs to the family with the
    /// most matches in the page or its URL.
    pub(super) marks: &'static [&'static str],
    /// Names that it gives only to the text: `.class`, `#id` or an element's name.
    pub(super) containers: &'static [&'static str],
    /// The next list page, from the call of the script that writes the pager: `None` if the page
    /// has no call, `Some(None)` if it is the last page.
    pub(super) pager: fn(&Sheet<'_>) -> Option<Option<Url>>,
    /// The address of items that the list page lacks and a script loads: `None` if the page has no
    /// script for that, `Some(None)` if there are no more items.
    pub(super) data: fn(&Sheet<'_>) -> Option<Option<Url>>,
    /// The number of list pages, from the script's call or its data.
    pub(super) total: fn(&Sheet<'_>) -> Option<u32>,
}

impl Family {
    pub(super) const NONE: Self = Self {
        name: PagingFamily::Links,
        marks: &[],
        containers: &[],
        pager: |_| None,
        data: |_| None,
        total: |_| None,
    };
}
