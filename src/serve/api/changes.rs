//! The sequence of changes after a number, also of changes that come while the client waits.
//!
//! Owns this answer. Never looks for changes itself while it waits: `change_watcher` does.

use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::{Api, Caching, Problem};
use crate::render::api::ChangesAnswer;
use crate::render::api::given::{Origin, Parameters};
use crate::render::api::parameters::OF_CHANGES;
use crate::serve::cost;
use crate::store::ChangePage;

pub(super) async fn changes(
    State(api): State<Api>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let parameters = Parameters::read(query.as_deref(), OF_CHANGES, Origin::Program)?;
    let after = parameters.number("after");
    let limit = parameters.count("limit");
    let wait = Duration::from_secs(parameters.number("wait").unsigned_abs());
    let mut page = read(&api, after, limit).await?;
    if page.changes.is_empty() && !wait.is_zero() {
        let Some(_place) = api.change_watcher.place() else {
            let detail = "too many clients wait for changes: ask without `wait`, or later";
            let status = StatusCode::SERVICE_UNAVAILABLE;
            return Err(Problem::new(status, "too-many-waiting", detail));
        };
        api.change_watcher.wait(after, wait).await;
        page = read(&api, after, limit).await?;
    }
    let answer = ChangesAnswer {
        next: page.changes.last().map_or(after, |change| change.seq),
        changes: page.changes,
    };
    super::json(&headers, &answer, Caching::Revalidate)
}

async fn read(api: &Api, after: i64, limit: u32) -> Result<ChangePage, Problem> {
    let open = api.source.open_store().ok_or_else(Problem::closed)?;
    let page = cost::timed(open.store.changes().list(after, limit)).await;
    let page = page.map_err(|error| Problem::store(&error))?;
    cost::add_rows(page.changes.len());
    if after > page.last_seq {
        let detail = format!(
            "the last change is {}, so {after} is from another store: begin anew from a snapshot",
            page.last_seq
        );
        return Err(Problem::new(StatusCode::CONFLICT, "beyond", detail));
    }
    Ok(page)
}
