//! The status page: the state of every column, its recent articles, and the open incidents.
//!
//! Owns the markup of the page and what it shows. Never reads the store.

use chrono::NaiveDate;
use maud::{Markup, html};

use super::super::{Site, labels, paths};
use super::entries::{heading, minute};
use super::shell::SitePage;
use crate::model::{ColumnName, Field, Timestamp};

/// The state of the service.
#[derive(Clone, Debug)]
pub struct StatusPage {
    /// When the state was read.
    pub at: Timestamp,
    /// Every column, in the order of the page.
    pub columns: Vec<ColumnSection>,
    /// The open incidents, newest first.
    pub incidents: Vec<OpenIncident>,
}

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
    /// Why its last run failed, in a sentence; `None` if it succeeded.
    pub trouble: Option<String>,
    /// How many articles it has.
    pub articles: u64,
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
        (incidents(&status.incidents))
        @for column in &status.columns { (section(&page, column)) }
        @if status.columns.is_empty() { p.notice { "还没有栏目。" span lang="en" { " No columns yet." } } }
    })
}

fn incidents(incidents: &[OpenIncident]) -> Markup {
    html! {
        section {
            (heading("待处理", "Needs a person"))
            @if incidents.is_empty() { p { "没有。" span lang="en" { " Nothing." } } }
            @else { ul.incidents {
                @for incident in incidents {
                    li {
                        p { code { (incident.reason) } " " strong { (incident.subject) } " "
                            span.muted { "自 " (minute(incident.since)) " " span lang="en" { "since" } } }
                        p { (incident.message) }
                    }
                }
            } }
        }
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
                div { dt { "最近运行" small lang="en" { "Last run" } } dd { (at(column.last_run)) } }
                div { dt { "下次运行" small lang="en" { "Next run" } } dd { (at(column.next_run)) } }
                div { dt { "最近新文章" small lang="en" { "Last new" } } dd { (at(column.last_new)) } }
            }
            @if !column.days.is_empty() { (plot(&column.days)) }
            @if !column.filled.is_empty() { (filled(&column.filled)) }
        }
    }
}

fn health(column: &ColumnSection) -> Markup {
    html! {
        @if let Some(trouble) = &column.trouble {
            strong.bad { "出错 " span lang="en" { "failing" } } "：" (trouble)
        } @else if column.last_run.is_none() {
            strong { "未运行 " span lang="en" { "new" } }
        } @else {
            strong.good { "正常 " span lang="en" { "well" } }
        }
    }
}

/// A bar for each day's articles, with a text for screen readers.
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
                    @let height = height(*count, most);
                    rect x=(x) y=(HIGH - height) width=(BAR) height=(height) { title { (day) "：" (count) } }
                }
            }
            figcaption { (words) " · " span lang="en" { "articles a day" } }
        }
    }
}

/// The height of a bar. A single article still gives a visible one.
fn height(count: u32, most: u32) -> u32 {
    let scaled = u64::from(count) * u64::from(HIGH) / u64::from(most.max(1));
    u32::try_from(scaled).unwrap_or(HIGH).max(count.min(1))
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
