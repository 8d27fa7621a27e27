//! The catalogue: every column, and how to subscribe.
//!
//! Owns the markup of the page and the order of regions. Never sorts the columns.

use std::collections::BTreeMap;

use maud::{Markup, PreEscaped, html};

use super::super::paths::GroupFile;
use super::super::{PortalInfo, Site, TopicInfo, changes, paths};
use super::entries::{entries, heading};
use super::portal::{counted, feeds};
use super::shell::SitePage;
use super::{CatalogueEntry, Listing, topic};

/// The most articles shown of each column.
const LATEST: usize = 3;

/// Of more columns, the catalogue shows the newest article and one feed of each, and feed readers find
/// the feed of everything: the columns' own pages have the rest.
const WHOLE: usize = 10;

/// Of more columns, the catalogue names only the portals: each has a page with its columns.
const SHOWN: usize = 30;

/// Writes the catalogue. It groups the columns by region and portal; the topics stand before them.
pub fn catalogue(site: &Site, entries: &[CatalogueEntry<'_>], topics: &[&TopicInfo]) -> Vec<u8> {
    let columns = entries.iter().map(|entry| entry.column);
    let is_whole = entries.len() <= WHOLE;
    let page = SitePage {
        feeds: columns.filter(|_| is_whole).collect(),
        has_whole: !is_whole,
        ..SitePage::new(site, paths::CATALOGUE.to_owned(), "目录")
    };
    let articles: u64 = entries.iter().map(|entry| entry.total).sum();
    let regions = by_region(entries);
    let is_known = regions.iter().any(|region| region.name.is_some());
    page.render(&html! {
        h1 { "栏目目录" }
        p.lead { "把政府门户网站的新闻栏目，做成人人可订阅、可取用的订阅源与数据。" }
        p.muted { (counted(entries.len(), articles)) }
        @if entries.len() > SHOWN && is_known { (index(&regions)) }
        (subscribe(&page))
        (topic::listed(&page, topics))
        @for (at, region) in regions.iter().enumerate() {
            @let portals = html! {
                @if entries.len() > SHOWN { (in_brief(&page, region)) }
                @else {
                    @for portal in &region.portals { (whole(&page, portal, is_known, is_whole)) }
                }
            };
            @if is_known {
                section id=(place(at)) aria-label=[region.name] {
                    h2 { (region.name.unwrap_or(NOWHERE)) }
                    (portals)
                }
            } @else { (portals) }
        }
        @if entries.is_empty() { p.notice { "还没有栏目。" span lang="en" { " No columns yet." } } }
        (data(&page))
    })
}

/// Writes a column's part of its portal's page, and of the catalogue.
pub fn catalogue_section(site: &Site, listing: &Listing<'_>) -> String {
    let path = paths::portal_page(listing.column.name.portal());
    column(&SitePage::new(site, path, ""), listing).into_string()
}

/// The part of a portal's page as a part of the catalogue, which stands a folder above. Quotation
/// marks within texts are escaped.
fn raised(section: &str) -> String {
    section.replace("href=\"../", "href=\"")
}

/// The part with the first of its feeds and the first of its articles. Angle brackets within texts are
/// escaped.
fn brief(section: &str) -> String {
    let mut brief = section.to_owned();
    for (begin, end) in [
        ("<ul class=\"feeds\">", "</ul>"),
        ("<ol class=\"entries\">", "</ol>"),
    ] {
        let first = brief.find(begin).and_then(|list| {
            let item = list + brief[list..].find("</li>")? + "</li>".len();
            Some(item..item + brief[item..].find(end)?)
        });
        if let Some(others) = first {
            brief.replace_range(others, "");
        }
    }
    brief
}

/// The portals of a region.
struct Region<'a> {
    name: Option<&'a str>,
    portals: Vec<OfPortal<'a>>,
}

/// A portal with its columns.
struct OfPortal<'a> {
    portal: &'a PortalInfo,
    entries: Vec<&'a CatalogueEntry<'a>>,
}

/// What the catalogue calls the region of portals without one.
const NOWHERE: &str = "其他";

/// The regions: provinces by their codes, then other regions, then none. Portals stay in order.
fn by_region<'a>(entries: &'a [CatalogueEntry<'a>]) -> Vec<Region<'a>> {
    let of_portals = entries.chunk_by(|a, b| a.column.name.portal() == b.column.name.portal());
    let mut regions: BTreeMap<_, Vec<OfPortal<'a>>> = BTreeMap::new();
    for entries in of_portals {
        let Some(first) = entries.first() else {
            continue;
        };
        let portal = &*first.column.portal;
        let code = portal.code.as_ref().and_then(|code| code.as_str().get(..2));
        let name = portal.province();
        let place = (name.is_none(), code.is_none(), code, name);
        regions.entry(place).or_default().push(OfPortal {
            portal,
            entries: entries.iter().collect(),
        });
    }
    let regions = regions.into_iter();
    regions
        .map(|((.., name), portals)| Region { name, portals })
        .collect()
}

fn place(region: usize) -> String {
    format!("region-{}", region + 1)
}

/// Links to the regions.
fn index(regions: &[Region<'_>]) -> Markup {
    html! {
        nav aria-label="地区 Regions" {
            ul.feeds {
                @for (at, region) in regions.iter().enumerate() {
                    li { a href=(format!("#{}", place(at))) { (region.name.unwrap_or(NOWHERE)) } }
                }
            }
        }
    }
}

/// The portals of a region, each with the numbers of its columns and articles.
fn in_brief(page: &SitePage<'_>, region: &Region<'_>) -> Markup {
    html! {
        ul.portals {
            @for OfPortal { portal, entries } in &region.portals {
                @let articles: u64 = entries.iter().map(|entry| entry.total).sum();
                li {
                    a href=(page.link(&paths::portal_page(&portal.name))) { (portal.title) }
                    " " span.muted { (entries.len()) " 个栏目，" (articles) " 篇" }
                }
            }
        }
    }
}

/// A portal with its feeds and its columns: with all that is shown of a column, or in brief. Then a
/// portal with one column has no feeds but that column's.
fn whole(page: &SitePage<'_>, of: &OfPortal<'_>, is_below: bool, is_whole: bool) -> Markup {
    let portal = of.portal;
    let name = html! {
        a href=(page.link(&paths::portal_page(&portal.name))) { (portal.title) }
        small { (portal.host) }
    };
    html! {
        section {
            @if is_below { h3.portal { (name) } } @else { h2 { (name) } }
            @if is_whole || of.entries.len() > 1 { (feeds(page, portal)) }
            @for entry in &of.entries {
                @let section = raised(entry.section);
                (PreEscaped(if is_whole { section } else { brief(&section) }))
            }
        }
    }
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
