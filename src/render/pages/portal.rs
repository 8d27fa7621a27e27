//! The site page of a portal: its columns with their newest articles, and its feeds.
//!
//! Owns the markup of the page. Never sorts the columns.

use maud::{Markup, PreEscaped, html};

use super::super::paths::{self, GroupFile};
use super::super::{PortalInfo, Site, labels};
use super::CatalogueEntry;
use super::entries::heading;
use super::shell::{SitePage, home};

/// Writes the page of a portal with its columns.
pub fn portal(site: &Site, portal: &PortalInfo, entries: &[CatalogueEntry<'_>]) -> Vec<u8> {
    let page = SitePage {
        crumbs: vec![home()],
        feeds: entries
            .iter()
            .map(|entry| entry.column)
            .take(super::DISCOVERED)
            .collect(),
        ..SitePage::new(site, paths::portal_page(&portal.name), &portal.title)
    };
    let articles: u64 = entries.iter().map(|entry| entry.total).sum();
    page.render(&html! {
        h1 { (portal.title) }
        p.muted { (about(portal)) (counted(entries.len(), articles)) }
        (feeds(&page, portal))
        section {
            (heading("栏目", "Columns"))
            @for entry in entries { (PreEscaped(entry.section)) }
        }
    })
}

/// The host, the region and the level of a portal, as far as they are known.
fn about(portal: &PortalInfo) -> Markup {
    html! {
        (portal.host) " · "
        @if let Some(region) = &portal.region { (region) " · " }
        @if let Some(level) = portal.level { (labels::level(level).0) " · " }
    }
}

/// So many columns and articles, in both languages.
pub(super) fn counted(columns: usize, articles: u64) -> Markup {
    let plural = |count: u64, one: &'static str, many: &'static str| match count {
        1 => one,
        _ => many,
    };
    html! {
        (columns) " 个栏目，" (articles) " 篇文章 · "
        span lang="en" {
            (columns) " " (plural(columns as u64, "column", "columns")) ", "
            (articles) " " (plural(articles, "article", "articles"))
        }
    }
}

/// The feeds of all of a portal's columns.
pub(super) fn feeds(page: &SitePage<'_>, portal: &PortalInfo) -> Markup {
    let link = |file| page.link(&paths::group_file(Some(&portal.name), file));
    html! {
        ul.feeds {
            li { a href=(link(GroupFile::Atom)) { "全部栏目 Atom" } }
            li { a href=(link(GroupFile::Rss)) { "RSS" } }
            li { a href=(link(GroupFile::JsonFeed)) { "JSON Feed" } }
            li { a href=(link(GroupFile::Opml)) { "OPML" } }
        }
    }
}
