//! `dibao list`: prints the items of a column page, or the URL of the next list page.
//!
//! Owns the output and the exit code. Never stores what it reads.

use chrono::NaiveDate;
use url::Url;

use super::outcome::{Done, Stop, say, tell};
use super::page::Pages;
use super::ready;
use crate::config::{Folders, ListRules};
use crate::extract::{self, Above, Further};
use crate::model::ColumnName;

/// What is asked of a list page.
pub(super) struct Asked {
    /// Whether to print the URL of the next page instead of the items.
    pub(super) next: bool,
    /// The day on which the page was the column's first.
    pub(super) seen: Option<NaiveDate>,
}

pub(super) async fn list(
    folders: &Folders,
    name: &str,
    url: Option<Url>,
    column: Option<ColumnName>,
    asked: Asked,
) -> Result<Done, Stop> {
    let column = column
        .map(|name| ready::column(folders, &name))
        .transpose()?;
    let by_default = ListRules::default();
    let rules = column.as_ref().map_or(&by_default, |column| &column.list);
    let mut pages = Pages::new(folders, column.as_ref(), url);
    let page = pages.read(name).await.map_err(Stop::failed)?;
    let above = asked.seen.map_or(Above::Unknown, Above::Sight);
    let read = extract::column_page_or_stub(page.page(), &page.base, rules, above).map_err(|stub| {
        Stop::failed(format_args!(
            "{name}: is not a column page: {}: {stub}\n  remedy: see with a browser what is at its \
             address; [list] of a feed file helps where a page lists articles",
            stub.verdict().code()
        ))
    })?;
    for problem in &read.problems {
        tell(&format!("{name}: {problem}"));
    }
    if asked.next {
        return match read.next {
            Some(url) => say(url.as_str()).map(|()| Done::Well),
            None => {
                let says = match &read.further {
                    Further::None => String::new(),
                    Further::Last(words) => format!(": {words}"),
                    Further::Unread(words) => format!(", although there are more: {words}"),
                };
                tell(&format!("{name}: names no next page{says}"));
                Ok(Done::Partly)
            }
        };
    }
    if read.items.is_empty() {
        return Err(Stop::failed(format_args!(
            "{name}: is not a column page: no block of titles, dates and links was recognised\n  \
             remedy: see whether it is the column's page; if so, name its items under [list] in a \
             feed file and give --column"
        )));
    }
    for item in &read.items {
        say(&serde_json::to_string(item).map_err(Stop::failed)?)?;
    }
    Ok(Done::Well)
}
