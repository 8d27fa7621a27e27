//! Lists of articles, dates and headings, which several site pages share.
//!
//! Owns their markup. Never writes a whole page.

use chrono::NaiveDate;
use maud::{Markup, html};

use super::super::entry::published;
use super::super::paths;
use super::shell::SitePage;
use crate::model::{Article, Timestamp};

/// A list of articles with their days and issuers. Each links to its own page.
pub(super) fn entries(page: &SitePage<'_>, articles: &[Article]) -> Markup {
    html! {
        ol.entries {
            @for article in articles {
                li {
                    (day(published(article)))
                    div {
                        a href=(page.link(&paths::article_page(article.id))) { (article.title) }
                        @if let Some(issuer) = article.metadata.issuer.as_ref().or(article.metadata.source.as_ref()) {
                            " " span.muted { (issuer) }
                        }
                    }
                }
            }
        }
    }
}

/// A heading of a section in Chinese and English.
pub(super) fn heading(chinese: &str, english: &str) -> Markup {
    html! { h2 { (chinese) small lang="en" { (english) } } }
}

/// The head of a table's column in Chinese and English.
pub(super) fn column_head(chinese: &str, english: &str) -> Markup {
    html! { th scope="col" { (chinese) small lang="en" { (english) } } }
}

/// The day of a timestamp in China.
pub(super) fn day(instant: Timestamp) -> Markup {
    on_day(instant.date())
}

/// A day, as portals write it.
pub(super) fn on_day(day: NaiveDate) -> Markup {
    html! { time datetime=(day) { (day) } }
}

/// A timestamp to the minute, in Beijing time.
pub(super) fn minute(instant: Timestamp) -> Markup {
    html! { time datetime=(instant) { (instant.minute()) } }
}
