//! Feeds of the columns that a reader chooses: `/feed.atom?columns=PORTAL/COLUMN,PORTAL/*,*/COLUMN`.
//!
//! Owns the choice and its canonical form. Never writes a format: `render` does.

use std::collections::BTreeSet;

use axum::Router;
use axum::extract::{RawQuery, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower::ServiceExt;

use super::feed_cache::{FeedCache, answer_from_cache};
use super::made_feed::{Narrowing, answer_with, selected};
use super::open_store::OpenStore;
use super::places::{Places, in_turn};
use super::problem::Problem;
use super::source::Source;
use crate::render::api::given::{self, Origin, Parameters};
use crate::render::api::parameters::OF_CHOICE;
use crate::render::paths::{self, GroupFile};
use crate::render::{ColumnInfo, Selection};

#[derive(Clone)]
struct Feeds {
    source: Source,
    /// The folder of published files, for a feed without a choice.
    files: Router,
}

/// The routes of the feeds of chosen columns.
pub(super) fn routes(files: Router, source: Source, cache: FeedCache, turns: &Places) -> Router {
    let feeds = Feeds { source, files };
    let route = |file: GroupFile| {
        get(
            async move |State(feeds): State<Feeds>, query: RawQuery, request: Request| {
                feed(feeds, query, request, file).await
            },
        )
    };
    Router::new()
        .route(&format!("/{}", paths::CHOICE_ATOM), route(GroupFile::Atom))
        .route(&format!("/{}", paths::CHOICE_RSS), route(GroupFile::Rss))
        .route(
            &format!("/{}", paths::CHOICE_JSON),
            route(GroupFile::JsonFeed),
        )
        .with_state(feeds)
        .layer(from_fn_with_state(turns.clone(), in_turn))
        .layer(from_fn_with_state(cache, answer_from_cache))
}

async fn feed(
    Feeds { source, files }: Feeds,
    RawQuery(query): RawQuery,
    request: Request,
    file: GroupFile,
) -> Result<Response, Problem> {
    let query = query.unwrap_or_default();
    if query.is_empty() {
        return unfiltered(files, request, file).await;
    }
    let open = source.open_store().ok_or_else(Problem::closed)?;
    let parameters = Parameters::read(Some(&query), OF_CHOICE, Origin::Program)?;
    let narrowing = Narrowing::of(&parameters);
    let mut own = open.site.url(path(file));
    let selection = match Choice::of(&parameters) {
        Some(choice) => {
            let columns = choice.columns(&open)?;
            own.set_query(Some(&format!("columns={}", choice.canonical())));
            Selection::from_choice(&open.site, &choice.canonical(), columns)
        }
        None => Selection::from_all(&open.site, &open.columns),
    };
    let feed = selected(&open, &source, &selection, &narrowing).await?;
    let feed = feed.with_hubs(&open.site);
    let own = narrowing.url(own);
    let names: Vec<&str> = selection.columns.iter().map(|c| c.name.as_str()).collect();
    let freshness = source.freshness().of_columns(&names);
    answer_with(request.headers(), file, &feed, &own, freshness)
}

/// The answer if nothing is chosen: the published feed of all columns.
async fn unfiltered(files: Router, request: Request, file: GroupFile) -> Result<Response, Problem> {
    if file == GroupFile::JsonFeed {
        // The published file has the same name.
        let Ok(response) = files.oneshot(request).await;
        return Ok(response);
    }
    // Some readers do not follow 308.
    let path = paths::group_file(None, file);
    Ok((StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, path)]).into_response())
}

fn path(file: GroupFile) -> &'static str {
    match file {
        GroupFile::Rss => paths::CHOICE_RSS,
        GroupFile::JsonFeed => paths::CHOICE_JSON,
        GroupFile::Atom | GroupFile::Opml => paths::CHOICE_ATOM,
    }
}

/// A reader's choice: columns, and patterns with all present and later columns that match them.
struct Choice(BTreeSet<String>);

impl Choice {
    /// The chosen columns; `None` if none is named.
    fn of(parameters: &Parameters) -> Option<Self> {
        let chosen = parameters.names("columns");
        let whole = |name: &str| match name.contains('/') {
            true => name.to_owned(),
            false => format!("{name}/*"),
        };
        let chosen: BTreeSet<String> = chosen.into_iter().map(whole).collect();
        (!chosen.is_empty()).then_some(Self(chosen))
    }

    /// The canonical form of this choice. It has only known names, which need no escapes.
    fn canonical(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(String::as_str).collect();
        names.join(",")
    }

    /// The chosen columns among those that are followed.
    fn columns<'a>(&self, open: &'a OpenStore) -> Result<Vec<&'a ColumnInfo>, Problem> {
        let patterns: Vec<&str> = self.0.iter().map(String::as_str).collect();
        let names = open.columns.iter().map(|column| &column.name);
        let chosen = given::matching("columns", &patterns, names)?;
        let is_chosen = |column: &&ColumnInfo| chosen.binary_search(&&column.name).is_ok();
        Ok(open.columns.iter().filter(is_chosen).collect())
    }
}
