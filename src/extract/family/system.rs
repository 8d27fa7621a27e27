//! A content system, as the table of the families has it.
//!
//! Owns the questions to a family. Never knows one.

use url::Url;

use super::sheet::Sheet;
use crate::config::PagingFamily;

/// A content system. A family leaves the fields that it does not need as in [`Family::NONE`].
pub(super) struct Family {
    /// The family, by the name that feed files give it.
    pub(super) name: PagingFamily,
    /// Patterns of its addresses, scripts, classes and tags. The family with most of them in a
    /// page, or in its URL, is the page's.
    pub(super) marks: &'static [&'static str],
    /// Names that it gives to the text and to nothing else: `.class`, `#id` or an element's.
    pub(super) containers: &'static [&'static str],
    /// The page after a list page, by the call of the script that writes the pager: `None` where
    /// the page makes no such call, `Some(None)` where it does and is the last one.
    pub(super) pager: fn(&Sheet<'_>) -> Option<Option<Url>>,
    /// Where a script gets the items that a list page has not, or has no more of, likewise: `None`
    /// where the page has no such script, `Some(None)` where it has and there is no more.
    pub(super) data: fn(&Sheet<'_>) -> Option<Option<Url>>,
    /// How many list pages there are, by the script's call or its data.
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
