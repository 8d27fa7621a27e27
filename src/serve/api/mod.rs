//! The API for programs: `/api/v1`.
//!
//! Owns requests and answers. Their names, limits and forms are in `render::api`. Never searches:
//! the store does.

mod articles;
mod changes;
mod export;
mod status;

pub(super) use export::{ARTICLES, SEQ};

use axum::Router;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use serde::Serialize;

use super::answer::{Caching, answer_for};
use super::change_watcher::ChangeWatcher;
use super::places::{Places, in_turn};
use super::problem::Problem;
use super::source::Source;

/// The state of the handlers.
#[derive(Clone, Debug)]
struct Api {
    source: Source,
    change_watcher: ChangeWatcher,
}

/// The routes of the API. An unknown path under `/api` also gets a problem.
/// Articles are read for one request of a client at a time; nothing else waits for them.
pub(super) fn routes(source: Source, change_watcher: ChangeWatcher, turns: &Places) -> Router {
    Router::new()
        .route("/api/v1/articles", get(articles::list))
        .route("/api/v1/articles/{id}", get(articles::one))
        .layer(from_fn_with_state(turns.clone(), in_turn))
        .route("/api/v1/columns", get(status::columns))
        .route("/api/v1/portals", get(status::portals))
        .route("/api/v1/status", get(status::status))
        .route("/api/v1/changes", get(changes::changes))
        .route("/api/v1/export", get(export::export))
        .route("/api", any(missing))
        .route("/api/{*path}", any(missing))
        .with_state(Api {
            source,
            change_watcher,
        })
        .method_not_allowed_fallback(refused)
}

async fn missing(uri: Uri) -> Problem {
    let path: String = uri.path().chars().take(100).collect();
    let detail = format!("there is no {path}: openapi.json lists the URLs");
    Problem::new(StatusCode::NOT_FOUND, "not-found", detail)
}

/// The answer to any method except GET and HEAD.
pub(super) async fn refused() -> impl IntoResponse {
    let detail = "this URL can only be read: use GET or HEAD";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", detail)
}

/// An answer as JSON.
fn json(asked: &HeaderMap, body: &impl Serialize, keep: Caching) -> Result<Response, Problem> {
    let body = serde_json::to_vec(body).map_err(unwritten)?;
    Ok(answer_for(asked, "application/json", body, keep.value()))
}

fn unwritten(error: serde_json::Error) -> Problem {
    Problem::render(&error.into())
}
