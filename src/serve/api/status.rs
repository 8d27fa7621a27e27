//! The columns that are followed, and how they are.

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::asked::Asked;
use super::{Api, Keep, Problem};
use crate::model::Clock;
use crate::pipeline::ColumnStatus;
use crate::render::api::{ColumnAnswer, ColumnsAnswer, StatusAnswer};
use crate::render::{ColumnInfo, paths};
use crate::serve::source::Live;
use crate::store::StoreError;

pub(super) async fn columns(
    State(api): State<Api>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Asked::read(query.as_deref(), &[])?;
    let live = api.source.live().ok_or_else(Problem::closed)?;
    let told = |column: &ColumnInfo| ColumnAnswer {
        name: column.name.clone(),
        title: column.title.clone(),
        url: column.url.clone(),
        page: live.site.url(&paths::column_page(&column.name)),
        atom: column.atom_url(&live.site),
        rss: column.rss_url(&live.site),
        json: column.json_feed_url(&live.site),
    };
    let columns = live.columns.iter().map(told).collect();
    super::json(&headers, &ColumnsAnswer { columns }, Keep::Minute)
}

pub(super) async fn status(
    State(api): State<Api>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Asked::read(query.as_deref(), &[])?;
    let live = api.source.live().ok_or_else(Problem::closed)?;
    let status = read(&live).await;
    let status = status.map_err(|error| Problem::store(&error))?;
    super::json(&headers, &status, Keep::Ask)
}

async fn read(live: &Live) -> Result<StatusAnswer, StoreError> {
    let now = Clock::system().now();
    let mut columns = Vec::with_capacity(live.columns.len());
    for ColumnInfo { name, url, .. } in &live.columns {
        columns.push(ColumnStatus::read(&live.store, &live.cron, name, url, now).await?);
    }
    Ok(StatusAnswer {
        seq: live.store.last_seq().await?,
        columns,
        incidents: live.store.open_incidents().await?,
    })
}
