//! Searches: as a page, as JSON, and as the feed of a topic.
//!
//! Owns what is asked and answered; the store finds, `render` writes feeds and pages.

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use url::{Url, form_urlencoded};

use super::answer::answer;
use super::kept::{Kept, keep};
use super::parameters::{Asked, Extent};
use super::pictures;
use super::problem::Problem;
use super::search_page;
use super::source::{Live, Source};
use crate::model::Article;
use crate::render::api::{HitAnswer, SearchAnswer};
use crate::render::paths::Whole;
use crate::render::{paths, topic};
use crate::search::{Query, marks, snippet};
use crate::store::{Order, SearchHit, SearchResults};

/// The answers of searches, made of what is open.
pub(super) fn routes(source: Source, kept: Kept) -> Router {
    Router::new()
        .route("/search.atom", topic_feed(Whole::Atom))
        .route("/search.rss", topic_feed(Whole::Rss))
        .route("/search.json", topic_feed(Whole::JsonFeed))
        .layer(from_fn_with_state(kept, keep))
        .route("/search", get(search_page::page))
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
    let body = serde_json::to_vec(&answer).map_err(|e| Problem::render(&e.into()))?;
    Ok(self::answer(&headers, "application/json", body))
}

fn told(live: &Live, query: Option<&Query>, SearchHit { article, score }: &SearchHit) -> HitAnswer {
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

/// The feed of a topic in one of the formats.
fn topic_feed(file: Whole) -> MethodRouter<Source> {
    get(
        async move |State(source): State<Source>, query: RawQuery, headers: HeaderMap| {
            let RawQuery(query) = query;
            let path = match file {
                Whole::Rss => paths::SEARCH_RSS,
                Whole::JsonFeed => paths::SEARCH_JSON,
                Whole::Atom | Whole::Opml => paths::SEARCH_FEED,
            };
            let (feed, own) = feed(&source, query.as_deref(), path).await?;
            super::combined::written(
                &headers,
                file,
                &feed,
                &own,
                source.freshness().of_feed(&feed),
            )
        },
    )
}

/// The feed of a topic, and its own URL.
async fn feed(
    source: &Source,
    query: Option<&str>,
    path: &str,
) -> Result<(crate::render::Feed, Url), Problem> {
    let live = source.live().ok_or_else(Problem::closed)?;
    let mut asked = read(query, Extent::Feed, &live)?;
    asked.limit = u32::try_from(crate::model::FEED_ENTRIES).unwrap_or(u32::MAX);
    let found = find(&live, &asked, Order::Newest).await?;
    let articles: Vec<Article> = found.hits.into_iter().map(|hit| hit.article).collect();
    let articles = pictures::shown(&live, &source.public(), articles).await;
    let articles = articles.map_err(|error| Problem::store(&error))?;
    let feed = topic::feed(&live.site, &live.columns, &asked.topic, &articles).live(&live.site);
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
pub(super) async fn find(
    live: &Live,
    asked: &Asked,
    order: Order,
) -> Result<SearchResults, Problem> {
    let found = live
        .store
        .search()
        .find(&asked.topic, order, asked.limit, asked.offset);
    found.await.map_err(|error| Problem::store(&error))
}
