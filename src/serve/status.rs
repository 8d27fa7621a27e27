//! The page `/status`: an overview, and the state of the columns that its reader chose.
//!
//! Owns this answer. Never asks a portal.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use url::form_urlencoded;

use super::answer::{Caching, answer_for};
use super::overview::{ColumnOverview, Overview};
use super::problem::Problem;
use super::source::Source;
use crate::config::Patterns;
use crate::model::{ColumnStatus, Standing, Timestamp};
use crate::render::pages::{
    self, ColumnSection, OpenIncident, STATUS_COLUMNS, StatusChoice, StatusOrder, StatusPage,
};

pub(super) async fn page(
    State(source): State<Source>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let open = source.open_store().ok_or_else(Problem::closed)?;
    let choice = choice(query.as_deref().unwrap_or_default())?;
    let page = status_page(&source.overview().await?, choice);
    let body = pages::status(&open.site, &page);
    Ok(answer_for(
        &headers,
        "text/html; charset=utf-8",
        body,
        Caching::Revalidate.value(),
    ))
}

/// What the reader chose. A field of the form without a value was left out.
fn choice(query: &str) -> Result<StatusChoice, Problem> {
    let mut choice = StatusChoice::default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let value = value.trim();
        match name.as_ref() {
            _ if value.is_empty() => (),
            "q" => choice.pattern = value.to_owned(),
            "standing" => {
                let mut known = Standing::ALL.into_iter();
                let standing = known.find(|standing| standing.name() == value);
                let wrong =
                    || Problem::parameter("standing", "it is none: see the form on the page");
                choice.standing = Some(standing.ok_or_else(wrong)?);
            }
            "sort" => {
                let mut known = StatusOrder::ALL.into_iter();
                let order = known.find(|(_, name, _)| *name == value);
                let wrong = || Problem::parameter("sort", "it is none: see the form on the page");
                choice.order = order.ok_or_else(wrong)?.0;
            }
            "from" => {
                let wrong = |_| Problem::parameter("from", "it is no number");
                choice.from = value.parse().map_err(wrong)?;
            }
            _ => return Err(Problem::parameter(&name, "there is no such parameter")),
        }
    }
    Ok(choice)
}

fn status_page(overview: &Arc<Overview>, choice: StatusChoice) -> StatusPage {
    let incidents = overview.incidents.iter().rev();
    let incidents = incidents.map(|incident| OpenIncident {
        reason: incident.reason.clone(),
        subject: incident.subject.clone(),
        message: incident.message.clone(),
        since: incident.opened_at,
    });
    let all = || overview.columns.iter().map(|column| &column.status);
    let counted = Standing::ALL.map(|standing| {
        let count = all().filter(|status| status.standing == standing).count();
        (standing, count)
    });
    let sum = |value: fn(&ColumnStatus) -> i64| all().map(value).sum::<i64>();
    let mut chosen: Vec<&ColumnOverview> = chosen(overview, &choice);
    chosen.sort_by_key(|column| place(&column.status, choice.order));
    StatusPage {
        at: overview.at,
        standings: counted
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .collect(),
        sums: [
            sum(|status| status.articles),
            sum(|status| status.waiting),
            sum(ColumnStatus::held_back),
        ],
        chosen: chosen.len(),
        columns: chosen
            .into_iter()
            .skip(choice.from)
            .take(STATUS_COLUMNS)
            .map(section)
            .collect(),
        incidents: incidents.collect(),
        choice,
    }
}

/// The columns whose names match the pattern, or whose titles have it as a part.
fn chosen<'a>(overview: &'a Overview, choice: &StatusChoice) -> Vec<&'a ColumnOverview> {
    let pattern = &choice.pattern;
    let patterns = Patterns::new(std::slice::from_ref(pattern)).ok();
    let is_chosen = |column: &&ColumnOverview| {
        let by_name = || {
            let name = &column.status.column;
            patterns
                .as_ref()
                .is_some_and(|patterns| patterns.matches(name))
        };
        let is_named = pattern.is_empty() || by_name() || column.title.contains(pattern.as_str());
        let standing = choice.standing;
        is_named && standing.is_none_or(|standing| column.status.standing == standing)
    };
    overview.columns.iter().filter(is_chosen).collect()
}

/// The place of a column in this order; columns of the same place stay in the order of their names.
fn place(status: &ColumnStatus, order: StatusOrder) -> (Option<Standing>, i64) {
    match order {
        StatusOrder::Standing => (Some(status.standing), 0),
        StatusOrder::Name => (None, 0),
        StatusOrder::New => (None, status.last_new_at.map_or(i64::MIN, Timestamp::millis)),
        StatusOrder::Waiting => (None, -(status.waiting + status.held_back())),
    }
}

fn section(column: &ColumnOverview) -> ColumnSection {
    let status = &column.status;
    let held = status.held.iter();
    ColumnSection {
        name: status.column.clone(),
        title: column.title.clone(),
        last_run: status.last_run_at,
        next_run: status.next_run_at,
        last_new: status.last_new_at,
        standing: status.standing,
        trouble: status.reason.clone().zip(status.message.clone()),
        articles: u64::try_from(status.articles).unwrap_or_default(),
        waiting: status.waiting,
        held: held
            .map(|held| (held.reason.clone(), held.articles))
            .collect(),
        days: column.days.clone(),
        filled: column.filled.clone(),
    }
}
