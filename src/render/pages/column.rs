//! The site page of a column: its newest articles, its feeds, its history and its dumps.
//!
//! Owns the markup of the page. Never chooses the articles.

use maud::{Markup, html};

use super::super::{Site, paths};
use super::entries::{entries, heading};
use super::shell::{SitePage, of_portal};
use super::{Listing, qr};

/// Writes the page of a column.
pub fn column(site: &Site, listing: &Listing<'_>) -> Vec<u8> {
    let column = listing.column;
    let page = SitePage {
        crumbs: of_portal(&column.portal),
        feeds: vec![column],
        ..SitePage::new(site, paths::column_page(&column.name), &column.title)
    };
    page.render(&html! {
        h1 { (column.title) }
        p.muted { (listing.total) " 篇文章 · "
            a href=(column.url) rel="external" { "门户上的栏目页 " span lang="en" { "on the portal" } } }
        (page.feed_links(column))
        p.muted { "订阅地址 " code { (column.atom_url(site)) } }
        details.qr {
            summary { "手机扫码" small lang="en" { "QR code" } }
            (qr::code(column.atom_url(site).as_str()))
        }
        @if let Some(at) = column.ended_at {
            p.notice { "本栏目已于 " (at.date()) " 停止更新，已发布的文章仍可阅读。" span lang="en" { " This column has ended." } }
        }
        @if !column.full_text { p.notice { "本栏目的订阅源只有摘要。" span lang="en" { " Feeds carry summaries only." } } }
        @if !column.keywords.is_empty() { p.notice { "本栏目的订阅源按关键词筛选，本页与数据有全部文章。"
            span lang="en" { " Feeds hold the articles that keywords choose; this page holds all." } } }
        section {
            (heading("最新文章", "Newest"))
            (entries(&page, listing.newest))
            @if listing.newest.is_empty() { p { "还没有文章。" span lang="en" { " Nothing yet." } } }
        }
        (years(&page, listing))
        (history(&page, listing))
    })
}

/// The years of the column, each with the number of its articles.
fn years(page: &SitePage<'_>, listing: &Listing<'_>) -> Markup {
    let years = listing.months.chunk_by(|a, b| a.year() == b.year());
    let counted = years.filter_map(|months| {
        let year = months.first()?.year();
        Some((year, months.iter().map(|month| month.live).sum::<u64>()))
    });
    let name = &listing.column.name;
    html! {
        @if !listing.months.is_empty() {
            section {
                (heading("历年文章", "All articles by year"))
                ul.months {
                    @for (year, live) in counted {
                        li { a href=(page.link(&paths::year_page(name, year))) { (year) " 年" } " " span.muted { (live) " 篇" } }
                    }
                }
            }
        }
    }
}

fn history(page: &SitePage<'_>, listing: &Listing<'_>) -> Markup {
    let name = &listing.column.name;
    html! {
        @if listing.history_documents > 0 {
            section {
                (heading("存档与修订", "Archive and revisions"))
                ul.feeds {
                    li { a href=(page.link(&paths::revisions(name))) { "修订 revisions" } }
                    li { a href=(page.link(&paths::history(name, listing.history_documents))) {
                        "存档 archive " (listing.history_documents) } }
                }
                p.muted { "存档共 " (listing.history_documents) " 份，自最后一份起逐份向前链接 (RFC 5005)。" }
            }
        }
        @if !listing.months.is_empty() {
            section {
                (heading("逐月数据", "Dumps by month"))
                ul.months {
                    @for month in listing.months {
                        li { a href=(page.link(&paths::dump(name, &month.month))) { (month.month) } }
                    }
                }
                p.muted { "每月一个 gzip 压缩的 NDJSON 文件，一行一篇。" span lang="en" { "Gzipped NDJSON, an article a line." } }
            }
        }
    }
}
