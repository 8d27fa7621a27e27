//! The fields of an article: their places on a page, and their valid values.
//!
//! Owns labels, official tags, titles and dates. Never reads the article's text.

pub(super) mod column_rules;
pub(super) mod confidence;
pub(super) mod credits;
pub(super) mod dates;
pub(super) mod extras;
mod frame;
pub(super) mod heading;
mod headings;
pub(super) mod label_block;
pub(super) mod label_columns;
pub(super) mod label_pairs;
pub(super) mod labels;
pub(super) mod meta;
pub(super) mod publication;
pub(super) mod row;
mod stamps;
pub(super) mod text_tables;
mod times;
pub(super) mod title;
mod title_lines;
pub(super) mod values;
pub(super) mod written;
