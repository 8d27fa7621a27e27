//! The site pages of a column's past: a year, and a month of it.
//!
//! Owns their markup, and how many articles a page of a month lists. Never chooses the articles.

use maud::html;

use super::super::entry::published;
use super::super::{ColumnInfo, Site, paths};
use super::entries::entries;
use super::shell::{SitePage, of_column};
use crate::model::Article;

/// The most articles on a page of a month. The next ones, in the order in which they were added,
/// stand on another page: so one more article writes one page anew, however many the month has.
pub const MONTH_ARTICLES: u64 = 200;

/// A month of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Month {
    /// As `2025-12`.
    pub month: String,
    /// How many articles it has, with withdrawn ones.
    pub articles: u64,
    /// How many are not withdrawn.
    pub live: u64,
}

impl Month {
    /// As `2025`.
    pub fn year(&self) -> &str {
        paths::year_of(&self.month)
    }

    /// How many pages it has.
    pub fn pages(&self) -> u64 {
        self.articles.div_ceil(MONTH_ARTICLES)
    }
}

/// Writes the page of a year with its months, oldest first.
pub fn year(site: &Site, column: &ColumnInfo, year: &str, months: &[Month]) -> Vec<u8> {
    let title = format!("{} · {year} 年", column.title);
    let page = SitePage {
        crumbs: of_column(column),
        feeds: vec![column],
        ..SitePage::new(site, paths::year_page(&column.name, year), &title)
    };
    let live: u64 = months.iter().map(|month| month.live).sum();
    page.render(&html! {
        h1 { (column.label) " " (year) " 年" }
        p.muted { (live) " 篇文章" }
        ul.months {
            @for month in months {
                @for part in 1..=month.pages() {
                    li {
                        a href=(page.link(&paths::month_page(&column.name, &month.month, part))) {
                            (paths::month_of(&month.month)) " 月" @if part > 1 { "（" (part) "）" }
                        }
                        @if part == 1 { " " span.muted { (month.live) " 篇" } }
                    }
                }
            }
        }
    })
}

/// Writes a page of a month with its articles, in the order in which they were added.
pub fn month(
    site: &Site,
    column: &ColumnInfo,
    (month, part): (&str, u64),
    articles: &[Article],
) -> Vec<u8> {
    let year = paths::year_of(month);
    let name = match part {
        1 => format!("{year} 年 {} 月", paths::month_of(month)),
        _ => format!("{year} 年 {} 月（{part}）", paths::month_of(month)),
    };
    let mut crumbs = of_column(column);
    crumbs.push((format!("{year} 年"), paths::year_page(&column.name, year)));
    let title = format!("{} · {name}", column.title);
    let page = SitePage {
        crumbs,
        feeds: vec![column],
        ..SitePage::new(site, paths::month_page(&column.name, month, part), &title)
    };
    let live = articles
        .iter()
        .filter(|article| article.withdrawn_at.is_none());
    let mut live: Vec<Article> = live.cloned().collect();
    live.reverse();
    live.sort_by_key(|article| std::cmp::Reverse(published(article).date()));
    page.render(&html! {
        h1 { (column.label) " " (name) }
        p.muted { (live.len()) " 篇文章" }
        (entries(&page, &live))
    })
}
