//! The status page: the state of every column, its recent articles, and the open incidents.
//!
//! Owns the markup of the page and what it shows. Never reads the store.

use chrono::NaiveDate;
use maud::{Markup, html};

use super::super::{Site, labels, paths};
use super::entries::{heading, minute};
use super::shell::SitePage;
use crate::model::{ColumnName, Field, Standing, Timestamp};

/// The state of the service.
#[derive(Clone, Debug)]
pub struct StatusPage {
    /// When the state was read.
    pub at: Timestamp,
    /// How many columns stand in each way, the worst first.
    pub standings: Vec<(Standing, usize)>,
    /// The sums over all columns: articles, waiting items, held articles.
    pub sums: [i64; 3],
    /// What the reader chose.
    pub choice: StatusChoice,
    /// How many columns match the choice.
    pub chosen: usize,
    /// The columns that are shown, in the order of the page.
    pub columns: Vec<ColumnSection>,
    /// The open incidents, newest first.
    pub incidents: Vec<OpenIncident>,
}

/// Which columns the page shows, and in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusChoice {
    /// A pattern over their names, or a part of their titles.
    pub pattern: String,
    /// How they stand.
    pub standing: Option<Standing>,
    /// The order.
    pub order: StatusOrder,
    /// How many columns are passed.
    pub from: usize,
}

/// An order of columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StatusOrder {
    /// The worst first.
    #[default]
    Standing,
    /// By name.
    Name,
    /// The longest without news first.
    New,
    /// The most waiting and held articles first.
    Waiting,
}

impl StatusOrder {
    /// All of them, each with its name in URLs and on the page.
    pub const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Standing, "standing", "按状态"),
        (Self::Name, "name", "按名称"),
        (Self::New, "new", "最久无更新在前"),
        (Self::Waiting, "waiting", "待处理最多在前"),
    ];
}

/// The most columns on a page.
pub const STATUS_COLUMNS: usize = 50;

/// The state of a column.
#[derive(Clone, Debug)]
pub struct ColumnSection {
    /// `PORTAL/COLUMN`.
    pub name: ColumnName,
    /// The title of its feeds and pages.
    pub title: String,
    /// When its last run ended; `None` before the first.
    pub last_run: Option<Timestamp>,
    /// When its next run is due.
    pub next_run: Option<Timestamp>,
    /// When it last had a new article.
    pub last_new: Option<Timestamp>,
    /// How it stands.
    pub standing: Standing,
    /// Why its last run failed, as a stable code and in a sentence; `None` if it succeeded.
    pub trouble: Option<(String, String)>,
    /// How many articles it has.
    pub articles: u64,
    /// How many items wait to be read.
    pub waiting: i64,
    /// How many articles were read and are held back, by reason.
    pub held: Vec<(String, i64)>,
    /// How many new articles each of the last days had, oldest day first.
    pub days: Vec<(NaiveDate, u32)>,
    /// The percentage of its newest articles that have each field.
    pub filled: Vec<(Field, u8)>,
}

/// An open incident.
#[derive(Clone, Debug)]
pub struct OpenIncident {
    /// Its stable code.
    pub reason: String,
    /// Its subject: a column, a host, an article.
    pub subject: String,
    /// The incident in words, with the remedy.
    pub message: String,
    /// When it was first seen.
    pub since: Timestamp,
}

/// A day's bar, in the units of the drawing: its width, its greatest height, and the gap beside it.
const BAR: u32 = 6;
const HIGH: u32 = 40;
const GAP: u32 = 2;

/// Writes the status page.
pub fn status(site: &Site, status: &StatusPage) -> Vec<u8> {
    let page = SitePage::new(site, paths::STATUS.to_owned(), "状态");
    page.render(&html! {
        h1 { "状态" small lang="en" { "Status" } }
        p.muted { "截至 " (minute(status.at)) " · 北京时间 " span lang="en" { "Beijing time" } }
        (overview(&page, status))
        (incidents(&status.incidents))
        (chooser(&page, &status.choice))
        @for column in &status.columns { (section(&page, column)) }
        @if status.columns.is_empty() { p.notice { "没有这样的栏目。" span lang="en" { " No columns." } } }
        (turns(&page, status))
    })
}

fn incidents(incidents: &[OpenIncident]) -> Markup {
    html! {
        section {
            (heading("待处理", "Needs a person"))
            @if incidents.is_empty() { p { "没有。" span lang="en" { " Nothing." } } }
            @else { ul.incidents {
                @for incident in incidents.iter().take(STATUS_COLUMNS) {
                    li {
                        p { (reason(&incident.reason)) " " strong { (incident.subject) } " "
                            span.muted { "自 " (minute(incident.since)) " " span lang="en" { "since" } } }
                        @if let Some(sentence) = labels::incident(&incident.reason) { p { (sentence) } }
                        p.muted { (incident.message) }
                    }
                }
            } }
        }
    }
}

/// The counts and sums, each count with the way to its columns.
fn overview(page: &SitePage<'_>, status: &StatusPage) -> Markup {
    let [articles, waiting, held] = status.sums;
    html! {
        dl.figures {
            @for (standing, count) in &status.standings {
                @let (chinese, english) = labels::standing(*standing);
                @let choice = StatusChoice { standing: Some(*standing), ..StatusChoice::default() };
                div { dt { (chinese) small lang="en" { (english) } }
                    dd { a href=(address(page, &choice)) { (count) } } }
            }
            div { dt { "文章" small lang="en" { "Articles" } } dd { (articles) } }
            div { dt { "待读" small lang="en" { "Waiting" } } dd { (waiting) } }
            div { dt { "待核" small lang="en" { "Held" } } dd { (held) } }
        }
    }
}

/// The address of this page for a choice.
fn address(page: &SitePage<'_>, choice: &StatusChoice) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if !choice.pattern.is_empty() {
        query.append_pair("q", &choice.pattern);
    }
    if let Some(standing) = choice.standing {
        query.append_pair("standing", standing.name());
    }
    if choice.order != StatusOrder::default() {
        let mut orders = StatusOrder::ALL.into_iter();
        let name = orders.find(|(order, ..)| *order == choice.order);
        query.append_pair("sort", name.map_or("", |(_, name, _)| name));
    }
    if choice.from > 0 {
        query.append_pair("from", &choice.from.to_string());
    }
    format!("{}?{}", page.link(paths::STATUS), query.finish())
}

fn chooser(page: &SitePage<'_>, choice: &StatusChoice) -> Markup {
    html! {
        form.filters action=(page.link(paths::STATUS)) method="get" {
            label { "栏目 " span lang="en" { "Columns" }
                input type="search" name="q" value=(choice.pattern) placeholder="lucheng/*"; }
            label { "状态 " span lang="en" { "Standing" }
                select name="standing" {
                    option value="" { "全部" }
                    @for standing in Standing::ALL {
                        option value=(standing.name()) selected[choice.standing == Some(standing)] {
                            (labels::standing(standing).0) }
                    }
                } }
            label { "排序 " span lang="en" { "Sort" }
                select name="sort" {
                    @for (order, name, words) in StatusOrder::ALL {
                        option value=(name) selected[choice.order == order] { (words) }
                    }
                } }
            button { "查看" }
        }
    }
}

/// The ways to the columns before and behind those on this page.
fn turns(page: &SitePage<'_>, status: &StatusPage) -> Markup {
    let choice = &status.choice;
    let at = |from: usize| StatusChoice {
        from,
        ..choice.clone()
    };
    let behind = choice.from + status.columns.len();
    html! {
        @if choice.from > 0 || behind < status.chosen {
            p {
                "第 " (choice.from + 1) "–" (behind) " 个栏目，共 " (status.chosen) " 个 "
                @if choice.from > 0 {
                    a href=(address(page, &at(choice.from.saturating_sub(STATUS_COLUMNS)))) rel="prev" { "上一页" } " "
                }
                @if behind < status.chosen {
                    a href=(address(page, &at(behind))) rel="next" { "下一页" }
                }
            }
        }
    }
}

/// A reason in Chinese, with its code.
fn reason(code: &str) -> Markup {
    html! {
        @if let Some(words) = labels::reason(code) { (words) " " }
        code { (code) }
    }
}

fn section(page: &SitePage<'_>, column: &ColumnSection) -> Markup {
    let at = |at: Option<Timestamp>| at.map_or_else(|| html! { "—" }, minute);
    html! {
        section {
            h2 { a href=(page.link(&paths::column_page(&column.name))) { (column.title) } }
            p.health { (health(column)) " · " code { (column.name) } }
            dl.figures {
                div { dt { "文章" small lang="en" { "Articles" } } dd { (column.articles) } }
                div { dt { "待读" small lang="en" { "Waiting" } } dd { (column.waiting) } }
                div { dt { "最近运行" small lang="en" { "Last run" } } dd { (at(column.last_run)) } }
                div { dt { "下次运行" small lang="en" { "Next run" } } dd { (at(column.next_run)) } }
                div { dt { "最近新文章" small lang="en" { "Last new" } } dd { (at(column.last_new)) } }
            }
            @if !column.held.is_empty() {
                p { "待核 " span lang="en" { "held" } "："
                    @for (code, articles) in &column.held { (articles) " 篇 " (reason(code)) " " } }
            }
            @if !column.days.is_empty() { (plot(&column.days)) }
            @if !column.filled.is_empty() { (filled(&column.filled)) }
        }
    }
}

fn health(column: &ColumnSection) -> Markup {
    html! {
        @let (chinese, english) = labels::standing(column.standing);
        @match column.standing {
            Standing::Failing => strong.bad { (chinese) " " span lang="en" { (english) } },
            Standing::Well => strong.good { (chinese) " " span lang="en" { (english) } },
            _ => strong { (chinese) " " span lang="en" { (english) } },
        }
        @if let Some((code, message)) = &column.trouble { "：" (reason(code)) " " (message) }
    }
}

/// A bar for each day that had articles, with a text for screen readers.
fn plot(days: &[(NaiveDate, u32)]) -> Markup {
    let all: u64 = days.iter().map(|(_, count)| u64::from(*count)).sum();
    let most = days.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let count = u32::try_from(days.len()).unwrap_or(0);
    let width = count.saturating_mul(BAR + GAP);
    let words = format!("最近 {count} 天共 {all} 篇，最多一天 {most} 篇");
    html! {
        figure.plot {
            svg viewBox=(format!("0 0 {width} {HIGH}")) preserveAspectRatio="none" role="img" aria-label=(words) {
                @for (x, (day, count)) in (0..).step_by((BAR + GAP) as usize).zip(days) {
                    @if *count > 0 {
                        @let height = height(*count, most);
                        rect x=(x) y=(HIGH - height) width=(BAR) height=(height) { title { (day) "：" (count) } }
                    }
                }
            }
            figcaption { (words) " · " span lang="en" { "articles a day" } }
        }
    }
}

/// The height of a bar. A single article still gives a visible one.
fn height(count: u32, most: u32) -> u32 {
    let scaled = u64::from(count) * u64::from(HIGH) / u64::from(most.max(1));
    u32::try_from(scaled).unwrap_or(HIGH).max(1)
}

fn filled(filled: &[(Field, u8)]) -> Markup {
    html! {
        div.scroll { table.facts.filled {
            caption { "最新文章中有此字段的比例 " span lang="en" { "Newest articles that have it" } }
            tbody {
                @for (field, percent) in filled {
                    @let (chinese, english) = labels::field(*field);
                    tr {
                        th scope="row" { (chinese) small lang="en" { (english) } }
                        td { meter min="0" max="100" value=(percent) { (percent) "%" } }
                        td { (percent) "%" }
                    }
                }
            }
        } }
    }
}
