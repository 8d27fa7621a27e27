//! The feed of a topic: the results of a search.
//!
//! Owns the title and the id of the feed. Never searches.

use url::Url;

use super::{ColumnInfo, Entry, Feed, Person, RunInterval, Site, limit, paths};
use crate::identify::topic_id;
use crate::model::{Article, FEED_ENTRIES};
use crate::search::Topic;

/// The feed of a topic with the first of these articles, in this order, within the limits of a live
/// feed. Entries have the same ids as in their columns' feeds.
pub fn feed(site: &Site, columns: &[ColumnInfo], topic: &Topic, articles: &[Article]) -> Feed {
    let title = title(columns, topic);
    let entries = articles.iter().take(FEED_ENTRIES);
    let known: Vec<&ColumnInfo> = columns.iter().collect();
    let entries = entries
        .map(|article| Entry::new(article, is_full(columns, article)).with_source(site, &known));
    let entries = limit::fitted(entries.collect());
    let id = topic_id(&topic.canonical()).urn().to_string();
    let home = url(site, paths::SEARCH, topic);
    Feed {
        subtitle: format!("{title}：邸报 dibao 采集的文章中与此相符者"),
        author: Person {
            name: "邸报".to_owned(),
            uri: Some(site.url(paths::CATALOGUE)),
        },
        run_interval: run_interval(columns, topic),
        ..Feed::from_entries(site, id, &format!("{title} · 邸报"), &home, entries)
    }
}

/// The URL of an answer about a topic.
pub fn url(site: &Site, path: &str, topic: &Topic) -> Url {
    let mut url = site.url(path);
    url.set_query(Some(&topic.canonical()));
    url
}

/// Whether the text is published in full: one of its columns does it, or none is followed now.
fn is_full(columns: &[ColumnInfo], article: &Article) -> bool {
    let own = |column: &&ColumnInfo| article.columns.contains(&column.name);
    let mut own = columns.iter().filter(own).peekable();
    own.peek().is_none() || own.any(|column| column.full_text)
}

/// The shortest interval of the columns that match the topic.
fn run_interval(columns: &[ColumnInfo], topic: &Topic) -> Option<RunInterval> {
    let asked = |column: &&ColumnInfo| match &topic.filter.column {
        Some(name) => *name == column.name,
        None => true,
    };
    let intervals = columns.iter().filter(asked).filter_map(|c| c.run_interval);
    intervals.min_by_key(|run_interval| run_interval.minutes())
}

fn title(columns: &[ColumnInfo], topic: &Topic) -> String {
    let parts = topic.parts().into_iter();
    let parts = parts.map(|(name, value)| match name {
        "q" => format!("「{value}」"),
        "column" => {
            let column = columns.iter().find(|c| c.name.as_str() == value);
            column.map_or(value, |column| column.title.clone())
        }
        "portal" => {
            let of_portal = columns.iter().find(|c| c.portal.name == value);
            of_portal.map_or(value, |column| column.portal.title.clone())
        }
        "since" => format!("{value} 起"),
        "until" => format!("{value} 止"),
        _ => value,
    });
    let title = parts.collect::<Vec<_>>().join(" · ");
    super::xml::clean(&title).into_owned()
}
