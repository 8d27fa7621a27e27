//! The feed of a topic: the results of a search, with or without a name.
//!
//! Owns the titles and the ids of the feeds. Never searches.

use url::Url;

use super::{ColumnInfo, Entry, Feed, Person, RunInterval, Site, limit, paths, xml};
use crate::identify::{named_topic_id, topic_id};
use crate::model::{Article, ColumnName};
use crate::search::{Query, Topic};

/// A topic with a name, as its readers see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicInfo {
    /// The name of its folder.
    pub name: String,
    /// The title of its feeds.
    pub title: String,
    /// The words that its articles have.
    pub query: Query,
    /// The columns in which it searches; `None` for all articles.
    pub columns: Option<Vec<ColumnName>>,
}

impl TopicInfo {
    fn has_column(&self, name: &ColumnName) -> bool {
        let columns = self.columns.as_ref();
        columns.is_none_or(|columns| columns.contains(name))
    }
}

/// The feed of a topic with the first of these articles, in this order, within the limits of a live
/// feed. Entries have the same ids as in their columns' feeds.
pub fn feed(site: &Site, columns: &[ColumnInfo], topic: &Topic, articles: &[Article]) -> Feed {
    let title = title(columns, topic);
    let entries = entries(site, columns, articles);
    let id = topic_id(&topic.canonical()).urn().to_string();
    let home = url(site, paths::SEARCH, topic);
    Feed {
        subtitle: format!("{title}：邸报 dibao 采集的文章中与此相符者"),
        author: author(site),
        run_interval: run_interval(columns, topic),
        ..Feed::from_entries(site, id, &format!("{title} · 邸报"), &home, entries)
    }
}

/// The feed of a named topic, in the same way.
pub fn named(site: &Site, columns: &[ColumnInfo], topic: &TopicInfo, articles: &[Article]) -> Feed {
    let TopicInfo {
        name, title, query, ..
    } = topic;
    let asked = |column: &&ColumnInfo| topic.has_column(&column.name);
    let id = named_topic_id(name).urn().to_string();
    let home = site.url(&paths::topic_page(name));
    let entries = entries(site, columns, articles);
    Feed {
        subtitle: xml::clean(&format!(
            "{title}：邸报 dibao 采集的文章中与「{query}」相符者"
        ))
        .into_owned(),
        author: author(site),
        run_interval: shortest(columns.iter().filter(asked)),
        ..Feed::from_entries(site, id, title, &home, entries)
    }
}

fn entries(site: &Site, columns: &[ColumnInfo], articles: &[Article]) -> Vec<Entry> {
    let known: Vec<&ColumnInfo> = columns.iter().collect();
    let entries = articles
        .iter()
        .map(|article| Entry::new(article, is_full(columns, article)).with_source(site, &known));
    limit::fitted(entries.collect())
}

fn author(site: &Site) -> Person {
    Person {
        name: "邸报".to_owned(),
        uri: Some(site.url(paths::CATALOGUE)),
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
    let chosen = topic.filter.columns.as_ref();
    let asked =
        |column: &&ColumnInfo| chosen.is_none_or(|chosen| chosen.names.contains(&column.name));
    shortest(columns.iter().filter(asked))
}

fn shortest<'a>(columns: impl Iterator<Item = &'a ColumnInfo>) -> Option<RunInterval> {
    let intervals = columns.filter_map(|column| column.run_interval);
    intervals.min_by_key(|run_interval| run_interval.minutes())
}

fn title(columns: &[ColumnInfo], topic: &Topic) -> String {
    let parts = topic.parts().into_iter();
    let parts = parts.map(|(name, value)| match name {
        "q" => format!("「{value}」"),
        "column" => titles(&value, |name| {
            let column = columns.iter().find(|c| c.name.as_str() == name);
            column.map(|column| column.title.as_str())
        }),
        "portal" => titles(&value, |name| {
            let of_portal = columns.iter().find(|c| c.portal.name == name);
            of_portal.map(|column| column.portal.title.as_str())
        }),
        "updated_since" => format!("{value} 后有更新"),
        "since" => format!("{value} 起"),
        "until" => format!("{value} 止"),
        _ => value,
    });
    let title = parts.collect::<Vec<_>>().join(" · ");
    xml::clean(&title).into_owned()
}

/// The titles of the names in a list; a name without a title stands for itself.
fn titles<'a>(names: &'a str, title: impl Fn(&str) -> Option<&'a str>) -> String {
    let names = names.split(',');
    let titles: Vec<&str> = names.map(|name| title(name).unwrap_or(name)).collect();
    titles.join("、")
}
