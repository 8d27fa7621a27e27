//! Feeds of the columns that a reader chooses: `/feed.atom?columns=PORTAL/COLUMN,PORTAL/*`.

use axum::Router;
use axum::extract::{RawQuery, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower::ServiceExt;
use url::form_urlencoded;

use super::answer::answer_for;
use super::files;
use super::kept::{Kept, keep};
use super::problem::Problem;
use super::source::{Live, Source};
use crate::model::ColumnName;
use crate::render::paths::{self, Whole};
use crate::render::{ColumnInfo, ENTRIES, FORMATS, Selection};

/// Columns that one feed can be asked for by name; a portal's count as one.
const MOST: usize = 100;

#[derive(Clone)]
struct Places {
    source: Source,
    /// The published files, for a feed without a choice.
    files: Router,
}

/// The feeds of chosen columns, made of what is open.
pub(super) fn routes(files: Router, source: Source, kept: Kept) -> Router {
    let places = Places { source, files };
    let of = |file: Whole| {
        get(
            async move |State(places): State<Places>, query: RawQuery, request: Request| {
                feed(places, query, request, file).await
            },
        )
    };
    Router::new()
        .route(&format!("/{}", paths::CHOICE_ATOM), of(Whole::Atom))
        .route(&format!("/{}", paths::CHOICE_RSS), of(Whole::Rss))
        .route(&format!("/{}", paths::CHOICE_JSON), of(Whole::JsonFeed))
        .with_state(places)
        .layer(from_fn_with_state(kept, keep))
}

async fn feed(
    Places { source, files }: Places,
    RawQuery(query): RawQuery,
    request: Request,
    file: Whole,
) -> Result<Response, Problem> {
    let query = query.unwrap_or_default();
    if query.is_empty() {
        return whole(files, file).await;
    }
    let headers: HeaderMap = request.headers().clone();
    let live = source.live().ok_or_else(Problem::closed)?;
    let selection = Selection::of_choice(&live.site, chosen(&query, &live)?);
    let names: Vec<&ColumnName> = selection.columns.iter().map(|c| &c.name).collect();
    let articles = live.store.newest_of(&names, ENTRIES).await;
    let articles = articles.map_err(|error| Problem::store(&error))?;
    let feed = selection.feed(&live.site, &articles);
    let mut own = live.site.url(path(file));
    let names: Vec<&str> = names.into_iter().map(ColumnName::as_str).collect();
    own.set_query(Some(&format!("columns={}", names.join(","))));
    let render = FORMATS.iter().find(|(of, _)| *of == file);
    let render = render.map_or(crate::render::atom::render as _, |(_, render)| *render);
    let body = render(&feed, &own).map_err(|error| Problem::render(&error))?;
    let media_type = files::media_type(&paths::whole(None, file)).unwrap_or_default();
    let freshness = source.freshness().of_columns(&names);
    Ok(answer_for(&headers, media_type, body, freshness))
}

/// Without a choice, it is the feed of everything, which is a file.
async fn whole(files: Router, file: Whole) -> Result<Response, Problem> {
    if file == Whole::JsonFeed {
        // That one has the same name.
        let request = Request::get(format!("/{}", paths::CHOICE_JSON));
        let request = request.body(axum::body::Body::empty());
        let request = request.map_err(|_| Problem::closed())?;
        let Ok(response) = files.oneshot(request).await;
        return Ok(response);
    }
    let path = paths::whole(None, file);
    Ok((StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, path)]).into_response())
}

fn path(file: Whole) -> &'static str {
    match file {
        Whole::Rss => paths::CHOICE_RSS,
        Whole::JsonFeed => paths::CHOICE_JSON,
        Whole::Atom | Whole::Opml => paths::CHOICE_ATOM,
    }
}

/// The columns that a query names, each once.
fn chosen<'a>(query: &str, live: &'a Live) -> Result<Vec<&'a ColumnInfo>, Problem> {
    let wrong = |detail: String| Problem::parameter("columns", detail);
    let mut columns: Vec<&ColumnInfo> = Vec::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if name != "columns" {
            let detail = "there is no such parameter here: there is columns";
            let name: String = name.chars().take(MOST).collect();
            return Err(Problem::parameter(&name, detail));
        }
        let asked: Vec<&str> = value.split(',').map(str::trim).collect();
        if asked.len() > MOST {
            return Err(wrong(format!("they are too many: name at most {MOST}")));
        }
        for asked in asked {
            let portal = asked.strip_suffix("/*");
            let found = live.columns.iter().filter(|column| match portal {
                Some(portal) => column.name.portal() == portal,
                None => column.name.as_str() == asked,
            });
            let before = columns.len();
            columns.extend(found);
            if columns.len() == before {
                let asked: String = asked.chars().take(MOST).collect();
                let detail = format!(
                    "there is no column {asked:?}: write PORTAL/COLUMN or PORTAL/*, as in feeds.opml, with commas between"
                );
                return Err(wrong(detail));
            }
        }
    }
    Ok(columns)
}
