//! The site page of a search: the form, the results, and the feed of later results.
//!
//! Owns the markup of the page. Never searches.

use chrono::NaiveDate;
use maud::{Markup, html};
use url::form_urlencoded;
use uuid::Uuid;

use super::super::api::parameters;
use super::super::labels::Label;
use super::super::{ColumnInfo, Site, paths};
use super::entries::{heading, on_day};
use super::shell::SitePage;
use crate::search::{Fragment, Ranking};

/// A search and one page of its results.
#[derive(Clone, Debug, Default)]
pub struct SearchPage<'a> {
    /// The words as typed; blank if there is no search.
    pub query: &'a str,
    /// The filters.
    pub filters: Filters,
    /// The number of results; `None` if there is no search.
    pub total: Option<u64>,
    /// Whether more match than that.
    pub has_more: bool,
    /// The articles on this page, in the order of the results.
    pub hits: &'a [Hit],
    /// The order of the results.
    pub ranking: Ranking,
    /// The URL of the same search in the other order, likewise.
    pub turned: Option<String>,
    /// The next page's URL, relative to this one's.
    pub next: Option<String>,
    /// The error of the search, with the remedy.
    pub problem: Option<String>,
    /// The columns to choose from, sorted by name.
    pub columns: &'a [ColumnInfo],
}

/// The filters of a search, with the names of the URL's parameters. Empty fields count as missing,
/// because a form sends them too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    /// 发文机关
    pub issuer: Option<String>,
    /// 主题分类
    pub category: Option<String>,
    /// A portal's name.
    pub portal: Option<String>,
    /// `PORTAL/COLUMN`.
    pub column: Option<String>,
    /// The first day, as `2025-12-29`.
    pub since: Option<String>,
    /// The last day, likewise.
    pub until: Option<String>,
}

/// A search result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Its id.
    pub id: Uuid,
    /// The day on which the portal published it.
    pub day: NaiveDate,
    /// Its issuer or source.
    pub issuer: Option<String>,
    /// Its whole title.
    pub title: Vec<Fragment>,
    /// The text around the matches; empty if the title has them all.
    pub snippet: Vec<Fragment>,
}

/// The name of the order by day, in URLs.
const BY_DAY: &str = parameters::RANKINGS[1].0;
/// The kind of a field whose value is one of several.
const CHOICE: &str = "select";
/// Of more columns, those of the chosen portal alone can be chosen.
const CHOSEN: usize = 200;

/// A parameter of the URL, which is also a field of the form.
struct Parameter<'a> {
    name: &'static str,
    label: Label,
    kind: &'static str,
    value: &'a str,
}

impl Filters {
    fn parameters(&self) -> [Parameter<'_>; 6] {
        [
            ("issuer", ("发文机关", "Issuer"), "text", &self.issuer),
            ("category", ("主题分类", "Category"), "text", &self.category),
            ("portal", ("门户", "Portal"), CHOICE, &self.portal),
            ("column", ("栏目", "Column"), CHOICE, &self.column),
            ("since", ("自", "Since"), "date", &self.since),
            ("until", ("至", "Until"), "date", &self.until),
        ]
        .map(|(name, label, kind, value)| Parameter {
            name,
            label,
            kind,
            value: value.as_deref().unwrap_or_default(),
        })
    }
}

/// Writes the page of a search; the empty form if there is no search.
pub fn search(site: &Site, found: &SearchPage<'_>) -> Vec<u8> {
    let parameters = found.filters.parameters();
    let query = found.query.trim();
    let title = if query.is_empty() {
        "搜索".to_owned()
    } else {
        format!("搜索：{query}")
    };
    let page = SitePage {
        // A search with an error has no feed.
        topic: topic(query, &parameters).filter(|_| found.problem.is_none()),
        ..SitePage::new(site, paths::SEARCH.to_owned(), &title)
    };
    page.render(&html! {
        h1 { "搜索" small lang="en" { "Search" } }
        (form(found, &parameters))
        @if let Some(problem) = &found.problem { p.notice role="alert" { (problem) } }
        @if let Some(total) = found.total { (results(&page, found, total)) }
        @if let Some(topic) = &page.topic { (subscribe(&page, topic)) }
    })
}

/// The URL of the feed of this search, relative to the site's root; `None` if there is no search.
fn topic(query: &str, parameters: &[Parameter<'_>]) -> Option<String> {
    let filters = parameters.iter().map(|of| (of.name, of.value.trim()));
    let asked = [("q", query)].into_iter().chain(filters);
    let asked = asked.filter(|(_, value)| !value.is_empty());
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(asked)
        .finish();
    (!query.is_empty()).then(|| format!("{}?{query}", paths::SEARCH_FEED))
}

fn form(found: &SearchPage<'_>, parameters: &[Parameter<'_>]) -> Markup {
    let is_narrowed = parameters.iter().any(|of| !of.value.trim().is_empty());
    html! {
        form.query role="search" method="get" action=(paths::SEARCH) {
            div.ask {
                label for="q" { "关键词" small lang="en" { "Words" } }
                input #q type="search" name="q" value=(found.query) autocomplete="off" enterkeyhint="search";
                @if found.ranking == Ranking::Day { input type="hidden" name="sort" value=(BY_DAY); }
                button type="submit" { "搜索" span lang="en" { " Search" } }
            }
            details open[is_narrowed] {
                summary { "缩小范围" small lang="en" { "Filters" } }
                div.filters {
                    @for of in parameters {
                        @let (chinese, english) = of.label;
                        p {
                            label for=(of.name) { (chinese) small lang="en" { (english) } }
                            @if of.kind == CHOICE { (choice(found, of)) }
                            @else { input id=(of.name) type=(of.kind) name=(of.name) value=(of.value); }
                        }
                    }
                }
            }
        }
    }
}

/// The portals, or the columns, by their titles.
fn choice(found: &SearchPage<'_>, of: &Parameter<'_>) -> Markup {
    let portal = found.filters.portal.as_deref().unwrap_or_default();
    let is_few = found.columns.len() <= CHOSEN;
    let of_portals = found
        .columns
        .chunk_by(|a, b| a.name.portal() == b.name.portal());
    let is_known = |value: &str| {
        let mut columns = found.columns.iter();
        columns.any(|column| column.name.as_str() == value || column.name.portal() == value)
    };
    let option = |value: &str, title: &str| {
        html! { option value=(value) selected[value == of.value] { (title) } }
    };
    html! {
        select id=(of.name) name=(of.name) {
            (option("", "全部 all"))
            @if !of.value.is_empty() && !is_known(of.value) { (option(of.value, of.value)) }
            @for columns in of_portals {
                @if let Some(first) = columns.first() {
                    @if of.name == "portal" { (option(first.name.portal(), &first.portal.title)) }
                    @else if is_few || first.name.portal() == portal || of.value.starts_with(&format!("{}/", first.name.portal())) {
                        optgroup label=(first.portal.title) {
                            @for column in columns { (option(column.name.as_str(), &column.label)) }
                        }
                    }
                }
            }
        }
    }
}

fn results(page: &SitePage<'_>, found: &SearchPage<'_>, total: u64) -> Markup {
    html! {
        section {
            (heading("结果", "Results"))
            p.muted {
                "共 " (total) " 篇"
                @if found.has_more { "以上，按最新发布的这些排序" }
                " · "
                span lang="en" {
                    (total) " found"
                    @if found.has_more { " and more; the last published are ranked" }
                }
            }
            @if let Some(turned) = found.turned.as_deref().filter(|_| total > 1) {
                (orders(found.ranking, turned))
            }
            ol.entries.hits {
                @for hit in found.hits { li { (on_day(hit.day)) div { (described(page, hit)) } } }
            }
            @if total == 0 {
                p { "没有找到。换一个词，或放宽范围再试。"
                    span lang="en" { "Nothing found: try another word, or fewer filters." } }
            }
            @if let Some(next) = &found.next {
                nav.pager aria-label="分页 Pages" { a rel="next" href=(next) { "下一页 " span lang="en" { "Next page" } } }
            }
        }
    }
}

/// The orders of the results: the one that they have, and the way to the other.
fn orders(ranking: Ranking, turned: &str) -> Markup {
    let orders = [
        (Ranking::Best, ("最相关在前", "Best first")),
        (Ranking::Day, ("最新在前", "Newest first")),
    ];
    html! {
        p.orders {
            "排序 " span lang="en" { "Order" } "："
            @for (order, (chinese, english)) in orders {
                @if order == ranking { strong aria-current="true" { (chinese) small lang="en" { (english) } } }
                @else { a href=(turned) { (chinese) small lang="en" { (english) } } }
                " "
            }
        }
    }
}

fn described(page: &SitePage<'_>, hit: &Hit) -> Markup {
    html! {
        a href=(page.link(&paths::article_page(hit.id))) { (marked(&hit.title)) }
        @if let Some(issuer) = &hit.issuer { " " span.muted { (issuer) } }
        @if !hit.snippet.is_empty() { p.snippet { (marked(&hit.snippet)) } }
    }
}

fn marked(fragments: &[Fragment]) -> Markup {
    html! {
        @for fragment in fragments {
            @if fragment.is_match { mark { (fragment.text) } } @else { (fragment.text) }
        }
    }
}

fn subscribe(page: &SitePage<'_>, topic: &str) -> Markup {
    html! {
        section {
            (heading("订阅这个话题", "Subscribe to this topic"))
            p { "今后凡符合以上条件的新文章，都会出现在这个订阅源里；把地址复制到阅读器即可。" }
            ul.feeds { li { a.first href=(page.link(topic)) { "Atom" } } }
            p.muted lang="en" { "New articles that match will appear in this feed; copy its address into your reader." }
        }
    }
}
