//! A column's revisions as a feed: the portal's edits as readable comparisons, and withdrawals.
//!
//! Owns the ids and titles of the entries. Never compares two states: `comparison` does.

use std::collections::BTreeMap;

use maud::html;
use uuid::Uuid;

use super::comparison::comparison;
use super::{ColumnInfo, Entry, Feed, Site, Withdrawn, labels, limit, xml};
use crate::model::{Article, Change, ChangeKind};

/// A change, and the article before it.
#[derive(Clone, Copy, Debug)]
pub struct Revision<'a> {
    /// What happened.
    pub change: &'a Change,
    /// The article before the change, if known.
    pub before: Option<&'a Article>,
}

/// The feed of these revisions, in this order. It has no new articles (`added`), moves (`amended`)
/// and re-extractions: they are not edits by the portal.
pub fn feed(site: &Site, column: &ColumnInfo, revisions: &[Revision<'_>]) -> Feed {
    let mut feed = Feed::new(site, column, &[]);
    feed.id = urn(&format!("dibao:{}/revisions", column.name));
    feed.title = format!("{}（修订）", feed.title);
    feed.entries = revisions.iter().filter_map(entry).collect();
    feed.entries.truncate(limit::fitting(&feed.entries));
    feed.withdrawn = withdrawn(revisions);
    feed.updated = Feed::updated(&feed.entries);
    feed
}

/// The articles whose last change is a withdrawal or a removal. Readers drop their entries from the
/// column's other feeds.
fn withdrawn(revisions: &[Revision<'_>]) -> Vec<Withdrawn> {
    let mut last: BTreeMap<Uuid, &Change> = BTreeMap::new();
    let told = revisions.iter().map(|revision| revision.change);
    for change in told.filter(|change| verb(change.kind).is_some()) {
        let known = last.entry(change.article.id).or_insert(change);
        if known.seq < change.seq {
            *known = change;
        }
    }
    let mut gone: Vec<&Change> = last.into_values().collect();
    gone.retain(|change| matches!(change.kind, ChangeKind::Withdrawn | ChangeKind::Removed));
    gone.sort_by_key(|change| std::cmp::Reverse(change.seq));
    gone.into_iter()
        .map(|change| Withdrawn {
            id: change.article.id.urn().to_string(),
            at: change.at,
            comment: labels::change(change.kind).0.to_owned(),
        })
        .collect()
}

/// The verb for a change; `None` for a change that is left out.
fn verb(kind: ChangeKind) -> Option<&'static str> {
    match kind {
        ChangeKind::Revised => Some("修改"),
        ChangeKind::Withdrawn => Some("撤下"),
        ChangeKind::Restored => Some("重新上线"),
        ChangeKind::Removed => Some("移除"),
        ChangeKind::Added | ChangeKind::Amended | ChangeKind::Reextracted => None,
    }
}

fn entry(revision: &Revision<'_>) -> Option<Entry> {
    let Change {
        kind, at, article, ..
    } = revision.change;
    let what = verb(*kind)?;
    let content = match (kind, revision.before) {
        (ChangeKind::Revised, Some(before)) => comparison(before, article),
        (ChangeKind::Revised, None) => html! { p { "门户修改了此文。" } },
        (ChangeKind::Withdrawn, _) => html! { p { "门户撤下了此文。" } },
        (ChangeKind::Restored, _) => html! { p { "此文在门户上重新可见。" } },
        _ => html! { p { "本站移除了此文。" } },
    };
    let content = xml::clean(&content.into_string()).into_owned();
    let entry = Entry::new(article, false);
    Some(Entry {
        // The id has no sequence number, because a rebuilt store counts from 1 again.
        id: urn(&format!(
            "dibao:{}/{}/{}",
            article.id,
            kind.name(),
            at.millis()
        )),
        title: format!("{what}：{}", entry.title),
        published: *at,
        updated: *at,
        summary: None,
        content: Some(content),
        image: None,
        attachments: Vec::new(),
        withdrawn: None,
        ..entry
    })
}

fn urn(name: &str) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes())
        .urn()
        .to_string()
}
