//! The fields of an article: where a page prints them, and what counts as a value.
//!
//! Owns labels, official tags, titles and dates. Never reads the article's text.

pub(super) mod block;
pub(super) mod columns;
pub(super) mod confidence;
pub(super) mod credits;
pub(super) mod dates;
pub(super) mod labels;
pub(super) mod meta;
pub(super) mod pairs;
pub(super) mod publication;
pub(super) mod rules;
pub(super) mod tables;
pub(super) mod title;
pub(super) mod values;
