//! The followed columns, their portals, and their state.
//!
//! Owns these three answers. Never reads the store on its own: `overview` does.

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::{Api, Caching, Problem};
use crate::render::api::given::{Origin, Parameters};
use crate::render::api::{ColumnAnswer, ColumnsAnswer, PortalsAnswer, StatusAnswer};
use crate::render::{ColumnInfo, paths};

pub(super) async fn columns(
    State(api): State<Api>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Parameters::read(query.as_deref(), &[], Origin::Program)?;
    let open = api.source.open_store().ok_or_else(Problem::closed)?;
    let answer = |column: &ColumnInfo| ColumnAnswer {
        name: column.name.clone(),
        title: column.title.clone(),
        url: column.url.clone(),
        page: open.site.url(&paths::column_page(&column.name)),
        atom: column.atom_url(&open.site),
        rss: column.rss_url(&open.site),
        json: column.json_feed_url(&open.site),
    };
    let columns = open.columns.iter().map(answer).collect();
    super::json(&headers, &ColumnsAnswer { columns }, Caching::Minute)
}

pub(super) async fn portals(
    State(api): State<Api>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Parameters::read(query.as_deref(), &[], Origin::Program)?;
    let open = api.source.open_store().ok_or_else(Problem::closed)?;
    let answer = PortalsAnswer::new(&open.columns);
    super::json(&headers, &answer, Caching::Minute)
}

pub(super) async fn status(
    State(api): State<Api>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Parameters::read(query.as_deref(), &[], Origin::Program)?;
    let overview = api.source.overview().await?;
    let columns = overview.columns.iter();
    let status = StatusAnswer {
        seq: overview.last_seq,
        columns: columns.map(|column| column.status.clone()).collect(),
        incidents: overview.incidents.clone(),
    };
    super::json(&headers, &status, Caching::Revalidate)
}
