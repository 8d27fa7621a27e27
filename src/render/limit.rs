//! The limits of a live feed.
//!
//! Owns the size of a feed and how it is estimated. Never sorts entries.

use std::borrow::Borrow;

use super::{ColumnInfo, Entry, Link};
use crate::model::Article;

/// The most content of a live feed. Readers poll it, so it must stay small.
const CONTENT_BYTES: usize = 512 * 1024;

/// The rough size of an entry's ids, dates, links and markup.
const ENTRY_BYTES: usize = 1024;

/// The rough size of the markup of a link or a name.
const LINK_BYTES: usize = 80;

/// The first articles of a newest-first list that fit into a live feed: at most `limit` entries and
/// 512 KiB of Atom, but at least one article.
pub fn newest<'a>(column: &ColumnInfo, articles: &'a [Article], limit: usize) -> &'a [Article] {
    let entries = articles
        .iter()
        .take(limit)
        .map(|article| Entry::new(article, column.full_text));
    let count = fitting(entries).min(articles.len());
    articles.get(..count).unwrap_or(articles)
}

/// The first of these entries that fit into a live feed of several columns.
pub(super) fn fitted(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.truncate(fitting(&entries));
    entries
}

/// How many of the first entries fit into a feed; at least one.
pub(super) fn fitting(entries: impl IntoIterator<Item: Borrow<Entry>>) -> usize {
    let mut bytes = 0;
    let fitting = entries.into_iter().take_while(|entry| {
        bytes += weight(entry.borrow());
        bytes <= CONTENT_BYTES
    });
    fitting.count().max(1)
}

fn weight(entry: &Entry) -> usize {
    let text = [&entry.content, &entry.summary].into_iter().flatten();
    // Atom writes authors and categories twice.
    let names = entry.authors.iter().chain(&entry.categories);
    let names: usize = names.map(|name| 2 * (LINK_BYTES + escaped(name))).sum();
    let file = |file: &Link| {
        let title = file.title.as_deref().unwrap_or_default();
        LINK_BYTES + escaped(file.href.as_str()) + escaped(title)
    };
    // Its id, its time, and two links beside the title.
    let source = entry.source.as_ref();
    let source = source.map_or(0, |source| 5 * LINK_BYTES + escaped(&source.title));
    ENTRY_BYTES
        + names
        + source
        + entry.attachments.iter().map(file).sum::<usize>()
        + text
            .chain([&entry.title])
            .map(|text| escaped(text))
            .sum::<usize>()
}

/// The rough length of a text in XML: escaping makes markup longer by half.
fn escaped(text: &str) -> usize {
    text.bytes()
        .map(|byte| match byte {
            b'<' | b'>' => 4,
            b'&' => 5,
            b'"' | b'\'' => 6,
            _ => 1,
        })
        .sum()
}
