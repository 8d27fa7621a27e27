//! The ground: a page's text as a tree, as cells, as strings, and its addresses.
//!
//! Owns what every other part of the room asks of a page. Never knows a field, an item or an
//! article.

pub(in crate::extract) mod cells;
pub(in crate::extract) mod dom;
pub(in crate::extract) mod furniture;
pub(in crate::extract) mod links;
pub(in crate::extract) mod pattern;
pub(in crate::extract) mod plain;
pub(in crate::extract) mod span;
pub(in crate::extract) mod tree;
