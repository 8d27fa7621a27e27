//! Searches: as a page, as JSON, and as the feed of a topic.
//!
//! Owns what is asked and answered; the store finds, `render` writes feeds and pages.

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use url::{Url, form_urlencoded};

use super::answer::answer;
use super::parameters::{Asked, Extent};
use super::problem::Problem;
use super::search_page;
use super::source::{Live, Source};
use crate::model::Article;
use crate::render::api::{HitAnswer, SearchAnswer};
use crate::render::{RenderError, paths, topic};
use crate::render::{atom, json_feed, rss};
use crate::search::{Query, marks, snippet};
use crate::store::{Found, Hit, Order};

/// The answers of searches, made of what is open.
pub(super) fn routes(source: Source) -> Router {
    Router::new()
        .route("/search", get(search_page::page))
        .route("/search.atom", get(atom_feed))
        .route("/search.rss", get(rss_feed))
        .route("/search.json", get(json))
        .route("/api/v1/search", get(api))
        .with_state(source)
        .method_not_allowed_fallback(super::api::refused)
}

async fn api(
    State(source): State<Source>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let live = source.live().ok_or_else(Problem::closed)?;
    // Forms send all they have; a program that gives nothing means something else.
    let mut given = form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes());
    if let Some((name, _)) = given.find(|(_, value)| value.is_empty()) {
        let detail = "it is empty: leave it out, or give it a value";
        return Err(Problem::parameter(&name, detail));
    }
    let asked = read(query.as_deref(), Extent::Page, &live)?;
    let found = find(&live, &asked, Order::Rank).await?;
    let mut next = asked.next(found.total).map(|next| {
        let mut url = live.site.url(paths::SEARCH_API);
        url.set_query(Some(&next.query()));
        url
    });
    if found.hits.is_empty() {
        next = None;
    }
    let query = asked.topic.query.as_ref();
    let answer = SearchAnswer {
        query: query.map(Query::to_string),
        total: found.total,
        hits: found
            .hits
            .iter()
            .map(|hit| told(&live, query, hit))
            .collect(),
        next,
        feed: topic::url(&live.site, paths::SEARCH_FEED, &asked.topic),
    };
    let body = serde_json::to_vec(&answer).map_err(|e| unwritten(&e.into()))?;
    Ok(self::answer(&headers, "application/json", body))
}

fn told(live: &Live, query: Option<&Query>, Hit { article, score }: &Hit) -> HitAnswer {
    HitAnswer {
        id: article.id,
        title: article.title.clone(),
        url: article.url.clone(),
        page: live.site.url(&paths::article_page(article.id)),
        portal: article.portal.clone(),
        columns: article.columns.clone(),
        issuer: article.metadata.issuer.clone(),
        published_on: article.metadata.published_on,
        updated_at: article.updated_at,
        score: score.map(|score| (score * 1e4).round() / 1e4),
        title_marks: marks(&article.title, query),
        snippet: snippet(&article.body.body_text, query),
    }
}

async fn atom_feed(
    State(source): State<Source>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (feed, own) = feed(&source, query.as_deref(), paths::SEARCH_FEED).await?;
    let body = atom::render(&feed, &own).map_err(|e| unwritten(&e))?;
    Ok(answer(
        &headers,
        "application/atom+xml; charset=utf-8",
        body,
    ))
}

async fn rss_feed(
    State(source): State<Source>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (feed, own) = feed(&source, query.as_deref(), paths::SEARCH_RSS).await?;
    let body = rss::render(&feed, &own).map_err(|e| unwritten(&e))?;
    Ok(answer(&headers, "application/rss+xml; charset=utf-8", body))
}

async fn json(
    State(source): State<Source>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (feed, own) = feed(&source, query.as_deref(), paths::SEARCH_JSON).await?;
    let body = json_feed::render(&feed, &own).map_err(|e| unwritten(&e))?;
    Ok(answer(
        &headers,
        "application/feed+json; charset=utf-8",
        body,
    ))
}

/// The feed of a topic, and its own URL.
async fn feed(
    source: &Source,
    query: Option<&str>,
    path: &str,
) -> Result<(crate::render::Feed, Url), Problem> {
    let live = source.live().ok_or_else(Problem::closed)?;
    let mut asked = read(query, Extent::Feed, &live)?;
    asked.limit = u32::try_from(crate::render::ENTRIES).unwrap_or(u32::MAX);
    let found = find(&live, &asked, Order::Newest).await?;
    let articles: Vec<Article> = found.hits.into_iter().map(|hit| hit.article).collect();
    let feed = topic::feed(&live.site, &live.columns, &asked.topic, &articles);
    Ok((feed, topic::url(&live.site, path, &asked.topic)))
}

fn read(query: Option<&str>, extent: Extent, live: &Live) -> Result<Asked, Problem> {
    let asked = Asked::read(query.unwrap_or_default(), extent, &live.columns)?;
    if asked.topic.is_empty() {
        let detail = "it is empty: write a word to look for, or narrow down by another parameter";
        return Err(Problem::parameter("q", detail));
    }
    Ok(asked)
}

/// Asks the store.
pub(super) async fn find(live: &Live, asked: &Asked, order: Order) -> Result<Found, Problem> {
    let found = live
        .store
        .search(&asked.topic, order, asked.limit, asked.offset);
    found.await.map_err(|error| Problem::store(&error))
}

fn unwritten(error: &RenderError) -> Problem {
    tracing::error!(%error, "an answer cannot be written");
    let status = axum::http::StatusCode::INTERNAL_SERVER_ERROR;
    Problem::new(
        status,
        "render",
        "the answer cannot be written; the log says why",
    )
}
