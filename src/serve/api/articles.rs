//! Articles: a list of those that fit, page by page, and one with its revisions.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use uuid::Uuid;

use super::asked::{self, Asked};
use super::{Api, Keep, Problem};
use crate::model::IndexNumber;
use crate::render::api::parameters::{OF_ARTICLE, OF_ARTICLES};
use crate::render::api::{ArticleAnswer, ArticlePart, ArticlesAnswer, RevisionAnswer};
use crate::search::{Filter, fold};
use crate::serve::source::Live;
use crate::store::{ArticleFilter, Brief};

/// Changes of an article that are told, at most.
const REVISIONS: u32 = 1_000;
/// Where the list is.
const PATH: &str = "api/v1/articles";

pub(super) async fn list(
    State(api): State<Api>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let live = api.source.live().ok_or_else(Problem::closed)?;
    let asked = Asked::read(query.as_deref(), OF_ARTICLES)?;
    let limit = u32::try_from(asked.number("limit")).unwrap_or(u32::MAX);
    let before = asked.text("cursor").and_then(asked::cursor);
    let number = asked.text("index_number");
    let index_number = number.and_then(IndexNumber::parse);
    let filter = filter(&asked, &live)?;
    if number.is_some() && index_number.is_none() {
        // What is no number is no article's.
        let (articles, cursor, next) = (Vec::new(), None, None);
        let answer = ArticlesAnswer {
            articles,
            cursor,
            next,
        };
        return super::json(&headers, &answer, Keep::Minute);
    }
    let listed = ArticleFilter {
        filter,
        index_number,
        is_withdrawn: match asked.text("withdrawn") {
            Some("any") => None,
            said => Some(said == Some("true")),
        },
    };
    let page = live.store.articles().list(&listed, before, limit).await;
    let page = page.map_err(|error| Problem::store(&error))?;
    let fields = asked.fields();
    let articles = page.articles.iter();
    let articles = articles.map(|article| ArticlePart::of(article, &fields));
    let cursor = page.place.map(asked::written);
    let next = cursor.as_ref().map(|cursor| {
        let mut next = live.site.url(PATH);
        next.set_query(Some(&asked.with("cursor", cursor)));
        next
    });
    let answer = ArticlesAnswer {
        articles: articles
            .collect::<Result<_, _>>()
            .map_err(super::unwritten)?,
        cursor,
        next,
    };
    super::json(&headers, &answer, Keep::Minute)
}

fn filter(asked: &Asked, live: &Live) -> Result<Filter, Problem> {
    let folded = |name| asked.text(name).map(|text| fold(text).trim().to_owned());
    let column = asked.text("column").and_then(|name| name.parse().ok());
    if let Some(column) = &column
        && !live.columns.iter().any(|known| known.name == *column)
    {
        let detail = format!("there is no column {column}: see /api/v1/columns");
        return Err(Problem::parameter("column", detail));
    }
    Ok(Filter {
        issuer: folded("issuer"),
        category: folded("category"),
        portal: asked.text("portal").map(str::to_owned),
        column,
        since: asked.day("since"),
        until: asked.day("until"),
    })
}

pub(super) async fn one(
    State(api): State<Api>,
    id: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let live = api.source.live().ok_or_else(Problem::closed)?;
    let asked = Asked::read(query.as_deref(), OF_ARTICLE)?;
    let id = id.ok().filter(|id| id.len() == 36);
    let id = id.and_then(|id| Uuid::try_parse(&id).ok()).ok_or_else(|| {
        let detail =
            "it is no article's id: write one such as 5e1a5f8c-6f0e-5c1e-9f43-7d6d3f1f6b1a";
        Problem::parameter("id", detail)
    })?;
    let found = live.store.articles().in_brief(id, REVISIONS).await;
    let found = found.map_err(|error| Problem::store(&error))?;
    let (article, briefs) = found.ok_or_else(|| {
        let detail = format!("there is no article {id}");
        Problem::new(StatusCode::NOT_FOUND, "not-found", detail)
    })?;
    let revisions: Vec<RevisionAnswer> = briefs.into_iter().map(told).collect();
    let answer = ArticleAnswer::of(&article, &revisions, &asked.fields());
    super::json(&headers, &answer.map_err(super::unwritten)?, Keep::Minute)
}

fn told(brief: Brief) -> RevisionAnswer {
    RevisionAnswer {
        seq: brief.seq,
        kind: brief.kind,
        at: brief.at,
        revision: brief.revision,
        title: brief.title,
        content_sha256: brief.content_sha256,
    }
}
