//! Searches: as a page, as JSON, and as the feed of a topic.
//!
//! Owns requests and answers. Never searches (the store does), never writes feeds and pages
//! (`render` does).

mod page;
mod request;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use url::Url;

use super::answer::answer;
use super::cost;
use super::feed_cache::{FeedCache, answer_from_cache};
use super::kept_files;
use super::made_feed::{Narrowing, answer_with};
use super::open_store::OpenStore;
use super::places::{Places, in_turn};
use super::problem::Problem;
use super::source::Source;
use crate::render::api::given::{Origin, Parameters};
use crate::render::api::parameters::{OF_SEARCH, OF_TOPIC};
use crate::render::api::{HitAnswer, SearchAnswer};
use crate::render::paths::GroupFile;
use crate::render::{paths, topic};
use crate::search::{Query, marks, snippet};
use crate::store::SearchHit;
use request::SearchRequest;

/// The routes of searches. Those of one client take turns.
pub(super) fn routes(source: Source, cache: FeedCache, turns: &Places) -> Router {
    let turn = || from_fn_with_state(turns.clone(), in_turn);
    Router::new()
        .route("/search.atom", topic_feed(GroupFile::Atom))
        .route("/search.rss", topic_feed(GroupFile::Rss))
        .route("/search.json", topic_feed(GroupFile::JsonFeed))
        .layer(turn())
        .layer(from_fn_with_state(cache, answer_from_cache))
        .route("/search", get(page::page).layer(turn()))
        .route("/api/v1/search", get(api).layer(turn()))
        .with_state(source)
        .method_not_allowed_fallback(super::api::refused)
}

async fn api(
    State(source): State<Source>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let open = source.open_store().ok_or_else(Problem::closed)?;
    let parameters = Parameters::read(query.as_deref(), OF_SEARCH, Origin::Program)?;
    let search = SearchRequest::new(&parameters, &open).await?;
    let found = search.find(&open).await?;
    let cursor = search.cursor(&found);
    let next = cursor.as_ref().map(|cursor| {
        let mut url = open.site.url(paths::SEARCH_API);
        url.set_query(Some(&parameters.with("cursor", cursor)));
        url
    });
    let query = search.topic.query.as_ref();
    let answer = SearchAnswer {
        query: query.map(Query::to_string),
        total: found.total,
        has_more: found.has_more,
        hits: found
            .hits
            .iter()
            .map(|hit| hit_answer(&open, query, hit))
            .collect(),
        cursor,
        next,
        feed: topic::url(&open.site, paths::SEARCH_FEED, &search.topic),
    };
    let body = serde_json::to_vec(&answer).map_err(|e| Problem::render(&e.into()))?;
    Ok(self::answer(&headers, "application/json", body))
}

fn hit_answer(
    open: &OpenStore,
    query: Option<&Query>,
    SearchHit { article, score }: &SearchHit,
) -> HitAnswer {
    HitAnswer {
        id: article.id,
        title: article.title.clone(),
        url: article.url.clone(),
        page: open.site.url(&paths::article_page(article.id)),
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
fn topic_feed(file: GroupFile) -> MethodRouter<Source> {
    get(
        async move |State(source): State<Source>, query: RawQuery, headers: HeaderMap| {
            let RawQuery(query) = query;
            let path = match file {
                GroupFile::Rss => paths::SEARCH_RSS,
                GroupFile::JsonFeed => paths::SEARCH_JSON,
                GroupFile::Atom | GroupFile::Opml => paths::SEARCH_FEED,
            };
            let (feed, own) = feed(&source, query.as_deref(), path).await?;
            answer_with(
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
    let open = source.open_store().ok_or_else(Problem::closed)?;
    let parameters = Parameters::read(query, OF_TOPIC, Origin::Form)?;
    let search = SearchRequest::new(&parameters, &open).await?;
    let narrowing = Narrowing::of(&parameters);
    let looked = u32::try_from(narrowing.looked()).unwrap_or(u32::MAX);
    let articles = cost::timed(open.store.search().newest(&search.topic, looked)).await;
    let mut articles = articles.map_err(|error| Problem::store(&error))?;
    cost::add_rows(articles.len());
    narrowing.choose(&mut articles);
    let articles = kept_files::show(&open, source.public().as_deref(), articles).await;
    let articles = articles.map_err(|error| Problem::store(&error))?;
    let feed =
        topic::feed(&open.site, &open.columns, &search.topic, &articles).with_hubs(&open.site);
    let own = narrowing.url(topic::url(&open.site, path, &search.topic));
    Ok((narrowing.named(feed), own))
}
