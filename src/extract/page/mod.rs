//! The foundation: a page's text as a tree, as cells and as strings, and the addresses on it.
//!
//! Owns the questions that all other parts of this room ask of a page. Never knows a field, an item
//! or an article.

pub(super) mod boilerplate;
pub(super) mod bounds;
pub(super) mod calls;
pub(super) mod cells;
pub(super) mod dom;
pub(super) mod expression;
pub(super) mod inline;
pub(super) mod links;
pub(super) mod pairs;
pub(super) mod pattern;
mod queries;
pub(super) mod strings;
pub(super) mod text;
pub(super) mod tokens;
pub(super) mod tree;
pub(super) mod urls;
