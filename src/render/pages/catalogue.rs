//! The catalogue: every column, and how to subscribe.
//!
//! Owns the markup of the page. Never sorts the columns.

use std::collections::HashMap;

use maud::{Markup, PreEscaped, html};

use super::super::paths::GroupFile;
use super::super::{ColumnInfo, PortalInfo, Site, changes, paths};
use super::Listing;
use super::entries::{entries, heading};
use super::shell::SitePage;

/// The most articles shown of each column.
const LATEST: usize = 3;

/// The most feeds in the page's head, for feed readers to choose from. OPML has all feeds.
const DISCOVERED: usize = 50;

/// A column's part of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct CatalogueEntry<'a> {
    /// The column.
    pub column: &'a ColumnInfo,
    /// How many articles it has.
    pub total: u64,
    /// Its markup, from [`catalogue_section`].
    pub section: &'a str,
}

/// Writes the catalogue. It groups the columns by portal, in the given order.
pub fn catalogue(site: &Site, entries: &[CatalogueEntry<'_>]) -> Vec<u8> {
    let columns = entries.iter().map(|entry| entry.column);
    let page = page(site, columns.take(DISCOVERED).collect());
    let articles: u64 = entries.iter().map(|entry| entry.total).sum();
    page.render(&html! {
        h1 { "栏目目录" }
        p.lead { "把政府门户网站的新闻栏目，做成人人可订阅、可取用的订阅源与数据。" }
        p.muted { (entries.len()) " 个栏目，" (articles) " 篇文章 · "
            span lang="en" { (entries.len()) " columns, " (articles) " articles" } }
        (subscribe(&page))
        @for (portal, entries) in by_portal(entries) {
            section aria-label=(portal.title) {
                (heading(&portal.title, &portal.host))
                (whole(&page, &portal.name))
                @for entry in entries { (PreEscaped(entry.section)) }
            }
        }
        @if entries.is_empty() { p.notice { "还没有栏目。" span lang="en" { " No columns yet." } } }
        (data(&page))
    })
}

/// Writes a column's part of the catalogue.
pub fn catalogue_section(site: &Site, listing: &Listing<'_>) -> String {
    column(&page(site, Vec::new()), listing).into_string()
}

fn page<'a>(site: &'a Site, feeds: Vec<&'a ColumnInfo>) -> SitePage<'a> {
    SitePage {
        site,
        path: paths::CATALOGUE.to_owned(),
        title: "目录",
        feeds,
        topic: None,
    }
}

/// The feeds of all of a portal's columns.
fn whole(page: &SitePage<'_>, portal: &str) -> Markup {
    let link = |file| page.link(&paths::group_file(Some(portal), file));
    html! {
        ul.feeds {
            li { a href=(link(GroupFile::Atom)) { "全部栏目 Atom" } }
            li { a href=(link(GroupFile::Rss)) { "RSS" } }
            li { a href=(link(GroupFile::JsonFeed)) { "JSON Feed" } }
            li { a href=(link(GroupFile::Opml)) { "OPML" } }
        }
    }
}

type OfPortal<'a> = (&'a PortalInfo, Vec<&'a CatalogueEntry<'a>>);

fn by_portal<'a>(entries: &'a [CatalogueEntry<'a>]) -> Vec<OfPortal<'a>> {
    let mut portals: Vec<OfPortal<'a>> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for entry in entries {
        let name = entry.column.name.portal();
        let place = *places.entry(name).or_insert(portals.len());
        match portals.get_mut(place) {
            Some((_, of_portal)) => of_portal.push(entry),
            None => portals.push((&*entry.column.portal, vec![entry])),
        }
    }
    portals
}

fn column(page: &SitePage<'_>, listing: &Listing<'_>) -> Markup {
    let column = listing.column;
    let newest = listing.newest;
    html! {
        article {
            h3 { a href=(page.link(&paths::column_page(&column.name))) { (column.label) } }
            p.muted { code { (column.name) } " · " (listing.total) " 篇 "
                @if !column.full_text { "· 仅摘要 " span lang="en" { "summaries only" } } }
            (page.feed_links(column))
            (entries(page, newest.get(..LATEST).unwrap_or(newest)))
        }
    }
}

fn subscribe(page: &SitePage<'_>) -> Markup {
    html! {
        section {
            (heading("怎样订阅", "How to subscribe"))
            ol {
                li { "装一个订阅阅读器，例如 NetNewsWire、FreshRSS、Feeder 或 Thunderbird。" }
                li { "在下面的栏目里，把 Atom、RSS 或 JSON Feed 任意一个链接的地址复制进去；直接粘贴栏目页的地址也行。" }
                li { "想在一个订阅源里看全部栏目，就用 " a href=(page.link(&paths::group_file(None, GroupFile::Atom))) { "全部栏目的 Atom" } "；每个门户也各有一个。" }
                li { "想一次订阅全部，就导入 " a href=(page.link(paths::OPML)) { "OPML 文件" } "。" }
            }
            p.muted lang="en" { "Copy the address of any feed into your reader, or import the OPML file to have them all." }
        }
    }
}

fn data(page: &SitePage<'_>) -> Markup {
    html! {
        section {
            (heading("数据", "Data"))
            p { "供程序使用：全部变更按序号逐条记录，不缺不重；订阅源、数据与变更文件都有校验值。" }
            ul.feeds {
                li { a href=(page.link(paths::MANIFEST)) { "清单 manifest" } }
                li { a href=(page.link(&paths::changes(changes::document_of(1)))) { "变更 changes" } }
                li { a href=(page.link(paths::ARTICLE_SCHEMA)) { "JSON Schema" } }
            }
        }
    }
}
