//! The fields of an article: where a page prints them, and what counts as a value.
//!
//! Owns labels, official tags, titles and dates. Never reads the article's text.

pub(in crate::extract) mod block;
pub(in crate::extract) mod columns;
pub(in crate::extract) mod confidence;
pub(in crate::extract) mod dates;
pub(in crate::extract) mod labels;
pub(in crate::extract) mod meta;
pub(in crate::extract) mod pairs;
pub(in crate::extract) mod publication;
pub(in crate::extract) mod rules;
pub(in crate::extract) mod tables;
pub(in crate::extract) mod title;
pub(in crate::extract) mod values;
