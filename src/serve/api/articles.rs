//! Articles: a filtered list, page by page, and one article with its revisions.
//!
//! Owns these two answers. Never answers without the store.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use uuid::Uuid;

use super::{Api, Caching, Problem};
use crate::render::api::given::{self, Origin, Parameters};
use crate::render::api::parameters::{OF_ARTICLE, OF_ARTICLES};
use crate::render::api::{ArticleAnswer, ArticlePart, ArticlesAnswer, RevisionAnswer};
use crate::serve::{cost, kept_files};
use crate::store::Brief;

/// The most changes in the answer about an article.
const REVISIONS: u32 = 1_000;
/// The path of the list.
const PATH: &str = "api/v1/articles";

pub(super) async fn list(
    State(api): State<Api>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let open = api.source.open_store().ok_or_else(Problem::closed)?;
    let parameters = Parameters::read(query.as_deref(), OF_ARTICLES, Origin::Program)?;
    let limit = parameters.count("limit");
    let (order, after) = parameters.order()?;
    let known = open.known_names(&parameters).await?;
    let listed = parameters.article_filter(&known)?;
    let articles = open.store.articles();
    let page = cost::timed(articles.list(&listed, order, after, limit)).await;
    let mut page = page.map_err(|error| Problem::store(&error))?;
    cost::add_rows(page.articles.len());
    let total = match parameters.is_set("total") {
        true => Some(cost::timed(articles.count(&listed)).await),
        false => None,
    };
    let total = total.transpose().map_err(|error| Problem::store(&error))?;
    let fields = parameters.names("fields");
    kept_files::tell(&open, api.source.public().as_deref(), &mut page.articles).await?;
    let articles = page.articles.iter();
    let articles = articles.map(|article| ArticlePart::new(article, &fields));
    let cursor = page.place.map(given::format_place);
    let next = cursor.as_ref().map(|cursor| {
        let mut next = open.site.url(PATH);
        next.set_query(Some(&parameters.with("cursor", cursor)));
        next
    });
    let answer = ArticlesAnswer {
        articles: articles
            .collect::<Result<_, _>>()
            .map_err(super::unwritten)?,
        total,
        cursor,
        next,
    };
    super::json(&headers, &answer, Caching::Minute)
}

pub(super) async fn one(
    State(api): State<Api>,
    id: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let open = api.source.open_store().ok_or_else(Problem::closed)?;
    let parameters = Parameters::read(query.as_deref(), OF_ARTICLE, Origin::Program)?;
    let id = id.ok().filter(|id| id.len() == 36);
    let id = id.and_then(|id| Uuid::try_parse(&id).ok()).ok_or_else(|| {
        let detail =
            "it is not an article's id: write one such as 5e1a5f8c-6f0e-5c1e-9f43-7d6d3f1f6b1a";
        Problem::parameter("id", detail)
    })?;
    let found = cost::timed(open.store.articles().in_brief(id, REVISIONS)).await;
    let found = found.map_err(|error| Problem::store(&error))?;
    let (mut article, briefs) = found.ok_or_else(|| {
        let detail = format!("there is no article {id}: /api/v1/articles lists them");
        Problem::new(StatusCode::NOT_FOUND, "not-found", detail)
    })?;
    cost::add_rows(briefs.len());
    let told = std::slice::from_mut(&mut article);
    kept_files::tell(&open, api.source.public().as_deref(), told).await?;
    let revisions: Vec<RevisionAnswer> = briefs.into_iter().map(revision).collect();
    let answer = ArticleAnswer::new(&article, &revisions, &parameters.names("fields"));
    super::json(
        &headers,
        &answer.map_err(super::unwritten)?,
        Caching::Minute,
    )
}

fn revision(brief: Brief) -> RevisionAnswer {
    RevisionAnswer {
        seq: brief.seq,
        kind: brief.kind,
        at: brief.at,
        revision: brief.revision,
        title: brief.title,
        content_sha256: brief.content_sha256,
    }
}
