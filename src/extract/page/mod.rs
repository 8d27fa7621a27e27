//! The ground: a page's text as a tree, as cells, as strings, and its addresses.
//!
//! Owns what every other part of the room asks of a page. Never knows a field, an item or an
//! article.

pub(super) mod boilerplate;
pub(super) mod bounds;
pub(super) mod cells;
pub(super) mod dom;
pub(super) mod links;
pub(super) mod pattern;
pub(super) mod strings;
pub(super) mod tree;
pub(super) mod urls;
