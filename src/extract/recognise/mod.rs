//! The kind of a page and its columns, for a person who wants to follow it.
//!
//! Owns the search for columns: the kind of a page, the columns that it links to, the path above
//! it. Never part of a run: runs know what they fetch.

pub(super) mod breadcrumbs;
pub(super) mod column_links;
pub(super) mod page_kind;
