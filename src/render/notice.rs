//! What a feed says of its own end or move, for people who only read its entries.
//!
//! Owns the words, and the id of the entry, which is the same in all formats. Never decides that a
//! column ended or moved.
//!
//! Readers honour few marks of a feed itself. All follow an HTTP redirect, which a folder of files
//! cannot give. So a moved feed goes on at its old address with the new column's entries, names the
//! new address as its own (`self`, `feed_url`), and says so in an entry. An ended feed has `expired`
//! (JSON Feed 1.1), and the same kind of entry.

use maud::html;
use url::Url;

use super::{ColumnInfo, Entry, Feed, Site, xml};
use crate::model::{ColumnName, Timestamp};

/// Stands behind the title of a feed that ended.
const ENDED: &str = "（已停止更新）";

/// Adds to the feed of a column that it ended, if it did.
pub fn tell_end(feed: &mut Feed, site: &Site, column: &ColumnInfo) {
    let Some(at) = column.ended_at else { return };
    feed.title.push_str(ENDED);
    feed.is_expired = true;
    feed.run_interval = None;
    let page = column.page_url(site);
    let text = "此订阅不再更新，已发布的文章仍可阅读。This feed has ended; its articles stay.";
    put(
        feed,
        entry(&column.name, "ended", at, ("本栏目已停止更新", text), &page),
    );
}

/// Adds to the feed at the old address of a column that it moved, and where.
pub fn tell_move(
    feed: &mut Feed,
    site: &Site,
    column: &ColumnInfo,
    from: &(ColumnName, Timestamp),
) {
    let (from, at) = from;
    let (title, page) = (&column.title, column.page_url(site));
    let text = format!(
        "此订阅已并入“{title}”，请改为订阅新地址 {page} 。This feed has moved: please subscribe to the \
         new address."
    );
    put(
        feed,
        entry(from, "moved", *at, ("此订阅的地址已变更", &text), &page),
    );
}

fn put(feed: &mut Feed, entry: Entry) {
    feed.updated = feed.updated.max(entry.updated);
    feed.entries.insert(0, entry);
}

fn entry(
    name: &ColumnName,
    what: &str,
    at: Timestamp,
    (title, text): (&str, &str),
    page: &Url,
) -> Entry {
    let id = format!("dibao:{name}?{what}={}", at.millis());
    let text = xml::clean(text).into_owned();
    let content = html! { p { (text) } p { a href=(page) { (page) } } };
    Entry {
        content: Some(content.into_string()),
        summary: Some(text),
        ..Entry::of_site(&id, title.to_owned(), page.clone(), at)
    }
}
