//! The page `/status`: how every column is, from the store alone.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use chrono::{Days, NaiveDate};

use super::answer::answer_for;
use super::problem::Problem;
use super::source::{Live, Source};
use crate::model::{Clock, Instant};
use crate::pipeline::{self, ColumnStatus};
use crate::render::ColumnInfo;
use crate::render::pages::{self, ColumnState, OpenIncident, StatusPage};
use crate::store::StoreError;

/// Days of which is shown how many articles they brought.
const DAYS: u64 = 30;

pub(super) async fn page(
    State(source): State<Source>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let live = source.live().ok_or_else(Problem::closed)?;
    let page = read(&live, Clock::system().now()).await;
    let page = page.map_err(|error| Problem::store(&error))?;
    let body = pages::status(&live.site, &page);
    let freshness = HeaderValue::from_static("no-cache");
    Ok(answer_for(
        &headers,
        "text/html; charset=utf-8",
        body,
        freshness,
    ))
}

async fn read(live: &Live, at: Instant) -> Result<StatusPage, StoreError> {
    let mut columns = Vec::with_capacity(live.columns.len());
    for column in &live.columns {
        columns.push(state(live, column, at).await?);
    }
    let incidents = live.store.open_incidents().await?.into_iter().rev();
    let incidents = incidents.map(|incident| OpenIncident {
        reason: incident.reason,
        subject: incident.subject,
        message: incident.message,
        since: incident.opened_at,
    });
    Ok(StatusPage {
        at,
        columns,
        incidents: incidents.collect(),
    })
}

async fn state(live: &Live, column: &ColumnInfo, at: Instant) -> Result<ColumnState, StoreError> {
    let store = &live.store;
    let name = &column.name;
    let status = ColumnStatus::read(store, &live.cron, name, &column.url, at).await?;
    let trouble = status.reason.zip(status.message);
    let today = at.date();
    let first = today.checked_sub_days(Days::new(DAYS - 1)).unwrap_or(today);
    let came = store
        .articles_by_day(name, Instant::start_of(first))
        .await?;
    Ok(ColumnState {
        name: name.clone(),
        title: column.title.clone(),
        last_run: status.last_run_at,
        next_run: status.next_run_at,
        last_new: status.last_new_at,
        trouble: trouble.map(|(reason, message)| format!("{reason}: {message}")),
        articles: u64::try_from(status.articles).unwrap_or_default(),
        days: every_day(first, today, &came),
        filled: pipeline::fill_rates(store, name).await?,
    })
}

/// The days from the first to the last, those without an article included.
fn every_day(
    first: NaiveDate,
    last: NaiveDate,
    came: &[(NaiveDate, u32)],
) -> Vec<(NaiveDate, u32)> {
    let count = |day: NaiveDate| {
        let found = came.iter().find(|(of, _)| *of == day);
        (day, found.map_or(0, |(_, count)| *count))
    };
    let days = first.iter_days().take_while(|day| *day <= last);
    days.map(count).collect()
}
