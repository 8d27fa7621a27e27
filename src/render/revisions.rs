//! A column's revisions as a feed: what the portal edited after publication, as a readable diff,
//! and what was taken down.

use std::collections::BTreeMap;

use maud::{Markup, html};
use serde_json::Value;
use uuid::Uuid;

use super::diff::{Line, diff};
use super::{ColumnInfo, Entry, Feed, Site, Withdrawn, words, xml};
use crate::model::{Article, Change, ChangeKind, Field, Metadata};

/// A change, and the article as it was before it, where that is known.
#[derive(Clone, Copy, Debug)]
pub struct Revision<'a> {
    /// What happened.
    pub change: &'a Change,
    /// The article before.
    pub before: Option<&'a Article>,
}

/// Lines of a diff that an entry shows; who wants more has the article's page.
const LINES: usize = 200;

/// The feed of these revisions, in this order. News (`added`), moves (`amended`) and our own
/// re-extractions are left out: none of them is an edit of the portal's.
pub fn feed(site: &Site, column: &ColumnInfo, revisions: &[Revision<'_>]) -> Feed {
    let mut feed = Feed::new(site, column, &[]);
    feed.id = urn(&format!("dibao:{}/revisions", column.name));
    feed.title = format!("{}（修订）", feed.title);
    feed.entries = revisions.iter().filter_map(entry).collect();
    feed.withdrawn = withdrawn(revisions);
    feed.updated = Feed::updated(&feed.entries);
    feed
}

/// The articles whose last change here took them down, for readers that then drop the entry which
/// the column's other feeds have given them.
fn withdrawn(revisions: &[Revision<'_>]) -> Vec<Withdrawn> {
    let mut last: BTreeMap<Uuid, &Change> = BTreeMap::new();
    for Revision { change, .. } in revisions {
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
            comment: words::change(change.kind).0.to_owned(),
        })
        .collect()
}

fn entry(revision: &Revision<'_>) -> Option<Entry> {
    let Change {
        kind, at, article, ..
    } = revision.change;
    let what = match kind {
        ChangeKind::Revised => "修改",
        ChangeKind::Withdrawn => "撤下",
        ChangeKind::Restored => "重新上线",
        ChangeKind::Removed => "移除",
        ChangeKind::Added | ChangeKind::Amended | ChangeKind::Reextracted => return None,
    };
    let content = match (kind, revision.before) {
        (ChangeKind::Revised, Some(before)) => edits(before, article),
        (ChangeKind::Revised, None) => html! { p { "门户修改了此文。" } },
        (ChangeKind::Withdrawn, _) => html! { p { "门户撤下了此文。" } },
        (ChangeKind::Restored, _) => html! { p { "此文在门户上重新可见。" } },
        _ => html! { p { "本站移除了此文。" } },
    };
    let content = xml::clean(&content.into_string()).into_owned();
    let entry = Entry::new(article, false);
    Some(Entry {
        // The sequence number is no part of it, since a rebuilt store counts anew.
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

fn edits(before: &Article, after: &Article) -> Markup {
    let fields = fields(before, after);
    let lines = diff(&before.body.body_text, &after.body.body_text);
    let shown: Vec<Option<Line<'_>>> = nearby(&lines);
    html! {
        @if !fields.is_empty() {
            ul {
                @for (name, old, new) in &fields {
                    li { (name) "：" del { (old) } " → " ins { (new) } }
                }
            }
        }
        @for line in shown.iter().take(LINES) {
            @match line {
                Some(Line::Same(text)) => p { (text) },
                Some(Line::Removed(text)) => p { del { (text) } },
                Some(Line::Added(text)) => p { ins { (text) } },
                None => p { "……" },
            }
        }
        @if shown.len() > LINES { p { "……（其余从略）" } }
    }
}

/// Title and metadata that differ: name, old and new value.
fn fields(before: &Article, after: &Article) -> Vec<(String, String, String)> {
    let mut fields = Vec::new();
    if before.title != after.title {
        let (old, new) = (before.title.clone(), after.title.clone());
        fields.push((label(Field::Title.name()), old, new));
    }
    let (Some(old), Some(new)) = (object(&before.metadata), object(&after.metadata)) else {
        return fields;
    };
    for (name, value) in &new {
        let earlier = old.get(name).unwrap_or(&Value::Null);
        if earlier != value {
            fields.push((label(name), plain(earlier), plain(value)));
        }
    }
    fields
}

/// What a field of the JSON is called in Chinese; its name where it is no field of its own.
fn label(name: &str) -> String {
    let field = Field::ALL.into_iter().find(|field| field.name() == name);
    field.map_or(name, |field| words::field(field).0).to_owned()
}

fn object(metadata: &Metadata) -> Option<serde_json::Map<String, Value>> {
    match serde_json::to_value(metadata) {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "（无）".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join("、"),
        other => other.to_string(),
    }
}

/// The lines that changed, each with a neighbour before and after; `None` for what is left out.
fn nearby<'a>(lines: &[Line<'a>]) -> Vec<Option<Line<'a>>> {
    let changed = |at: Option<usize>| {
        at.and_then(|at| lines.get(at))
            .is_some_and(|line| !matches!(line, Line::Same(_)))
    };
    let mut shown: Vec<Option<Line<'a>>> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if changed(Some(at)) || changed(Some(at + 1)) || changed(at.checked_sub(1)) {
            shown.push(Some(*line));
        } else if shown.last() != Some(&None) {
            shown.push(None);
        }
    }
    shown
}
