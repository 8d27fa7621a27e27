//! The kind of a page and its columns, for a person who wants to follow it; and a file in place of
//! a page.
//!
//! Owns the search for columns: the kind of a page, the columns that it links to, the path above
//! it; and the signs of a file. Never reads an article.

pub(super) mod breadcrumbs;
pub(super) mod column_links;
pub(super) mod file;
pub(super) mod first_page;
pub(super) mod page_kind;
