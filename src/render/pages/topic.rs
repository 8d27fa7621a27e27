//! The site page of a named topic: what it searches for, its feeds, its newest articles.
//!
//! Owns the markup of the page. Never searches.

use maud::{Markup, html};

use super::super::paths::{self, GroupFile};
use super::super::{ColumnInfo, Site, TopicInfo};
use super::entries::{entries, heading};
use super::shell::{SitePage, home};
use crate::model::Article;

/// Writes the page of a topic. `columns` are all that are followed.
pub fn topic(
    site: &Site,
    topic: &TopicInfo,
    columns: &[ColumnInfo],
    articles: &[Article],
) -> Vec<u8> {
    let page = SitePage {
        crumbs: vec![home()],
        topic: Some(paths::topic_file(&topic.name, GroupFile::Atom)),
        ..SitePage::new(site, paths::topic_page(&topic.name), &topic.title)
    };
    let atom = site.url(&paths::topic_file(&topic.name, GroupFile::Atom));
    let names = topic.columns.as_deref();
    let searched = columns
        .iter()
        .filter(|column| names.is_some_and(|names| names.contains(&column.name)));
    page.render(&html! {
        h1 { (topic.title) }
        p.muted { "检索词「" (topic.query) "」" span lang="en" { " A search with a name" } }
        (feed_links(&page, topic))
        p.muted { "订阅地址 " code { (atom) } }
        section {
            (heading("最新文章", "Newest"))
            (entries(&page, articles))
            @if articles.is_empty() { p { "还没有文章。" span lang="en" { " Nothing yet." } } }
        }
        @if names.is_some() {
            section {
                (heading("栏目", "Columns"))
                ul.months {
                    @for column in searched {
                        li { a href=(page.link(&paths::column_page(&column.name))) { (column.title) } }
                    }
                }
            }
        }
    })
}

/// The buttons of a topic's feeds.
fn feed_links(page: &SitePage<'_>, topic: &TopicInfo) -> Markup {
    let link = |file| page.link(&paths::topic_file(&topic.name, file));
    html! {
        ul.feeds {
            li { a.first href=(link(GroupFile::Atom)) { "Atom" } }
            li { a href=(link(GroupFile::Rss)) { "RSS" } }
            li { a href=(link(GroupFile::JsonFeed)) { "JSON Feed" } }
        }
    }
}

/// The topics as a section of the catalogue; nothing without topics.
pub(super) fn listed(page: &SitePage<'_>, topics: &[&TopicInfo]) -> Markup {
    html! {
        @if !topics.is_empty() {
            section {
                (heading("专题", "Topics"))
                @for topic in topics {
                    article {
                        h3 { a href=(page.link(&paths::topic_page(&topic.name))) { (topic.title) } }
                        (feed_links(page, topic))
                    }
                }
            }
        }
    }
}
