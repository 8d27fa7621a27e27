//! The page `/status`: the state of every column.
//!
//! Owns this answer. Never asks a portal.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::answer::{Caching, answer_for};
use super::overview::{ColumnOverview, Overview};
use super::problem::Problem;
use super::source::Source;
use crate::render::pages::{self, ColumnSection, OpenIncident, StatusPage};

pub(super) async fn page(
    State(source): State<Source>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let open = source.open_store().ok_or_else(Problem::closed)?;
    let page = status_page(source.overview().await?);
    let body = pages::status(&open.site, &page);
    Ok(answer_for(
        &headers,
        "text/html; charset=utf-8",
        body,
        Caching::Revalidate.value(),
    ))
}

fn status_page(overview: Arc<Overview>) -> StatusPage {
    let incidents = overview.incidents.iter().rev();
    let incidents = incidents.map(|incident| OpenIncident {
        reason: incident.reason.clone(),
        subject: incident.subject.clone(),
        message: incident.message.clone(),
        since: incident.opened_at,
    });
    StatusPage {
        at: overview.at,
        columns: overview.columns.iter().map(section).collect(),
        incidents: incidents.collect(),
    }
}

fn section(column: &ColumnOverview) -> ColumnSection {
    let status = &column.status;
    let trouble = status.reason.as_ref().zip(status.message.as_ref());
    ColumnSection {
        name: status.column.clone(),
        title: column.title.clone(),
        last_run: status.last_run_at,
        next_run: status.next_run_at,
        last_new: status.last_new_at,
        trouble: trouble.map(|(reason, message)| format!("{reason}: {message}")),
        articles: u64::try_from(status.articles).unwrap_or_default(),
        days: column.days.clone(),
        filled: column.filled.clone(),
    }
}
