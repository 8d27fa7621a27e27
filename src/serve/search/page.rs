//! The site page of a search.
//!
//! Owns this answer. Never writes markup: `render` does.

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use url::form_urlencoded;

use super::request::SearchRequest;
use crate::render::api::given::{Origin, Parameters};
use crate::render::api::parameters::{OF_SEARCH, RANKINGS};
use crate::render::pages::{self, Filters, SearchPage};
use crate::search::{Query, Ranking, marks, snippet};
use crate::serve::answer::answer;
use crate::serve::open_store::OpenStore;
use crate::serve::problem::Problem;
use crate::serve::source::Source;
use crate::store::SearchHit;

const MEDIA_TYPE: &str = "text/html; charset=utf-8";

pub(super) async fn page(
    State(source): State<Source>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let open = source.open_store().ok_or_else(Problem::closed)?;
    let typed = query.unwrap_or_default();
    let (words, filters) = form(&typed);
    let mut page = SearchPage {
        query: &words,
        filters,
        columns: &open.columns,
        ..SearchPage::default()
    };
    let parameters = Parameters::read(Some(&typed), OF_SEARCH, Origin::Form);
    let read = async {
        let parameters = parameters?;
        let search = SearchRequest::or_empty(&parameters, &open).await?;
        Ok::<_, Problem>((search, parameters))
    };
    let (search, parameters) = match read.await {
        Ok(read) => read,
        Err(problem) => return Ok(refused(&open, page, &problem)),
    };
    if search.topic.is_empty() {
        let body = pages::search(&open.site, &page);
        return Ok(answer(&headers, MEDIA_TYPE, body));
    }
    let found = match search.find(&open).await {
        Ok(found) => found,
        Err(problem) => return Ok(refused(&open, page, &problem)),
    };
    let query = search.topic.query.as_ref();
    let hits: Vec<pages::Hit> = found.hits.iter().map(|hit| page_hit(query, hit)).collect();
    page.total = Some(found.total);
    page.has_more = found.has_more;
    page.hits = &hits;
    let cursor = search.cursor(&found);
    page.ranking = search.ranking;
    page.turned = Some(other_order(&typed, search.ranking));
    page.next = cursor.map(|cursor| format!("?{}", parameters.with("cursor", &cursor)));
    Ok(answer(
        &headers,
        MEDIA_TYPE,
        pages::search(&open.site, &page),
    ))
}

/// The first page of the same search in the other order.
fn other_order(typed: &str, ranking: Ranking) -> String {
    let others = form_urlencoded::parse(typed.as_bytes());
    let others = others.filter(|(name, value)| {
        !["sort", "cursor"].contains(&name.as_ref()) && !value.trim().is_empty()
    });
    let sort = RANKINGS.iter().skip(1).filter(|(_, of)| *of != ranking);
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(others)
        .extend_pairs(sort.map(|(name, _)| ("sort", *name)))
        .finish();
    format!("?{query}")
}

/// The form with its values, so that the page shows them again.
fn form(typed: &str) -> (String, Filters) {
    let mut words = String::new();
    let mut filters = Filters::default();
    for (name, value) in form_urlencoded::parse(typed.as_bytes()) {
        let value = value.into_owned();
        match name.as_ref() {
            "q" => words = value,
            "issuer" => filters.issuer = Some(value),
            "category" => filters.category = Some(value),
            "portal" => filters.portal = Some(value),
            "column" => filters.column = Some(value),
            "since" => filters.since = Some(value),
            "until" => filters.until = Some(value),
            _ => (),
        }
    }
    (words, filters)
}

fn refused(open: &OpenStore, mut page: SearchPage<'_>, problem: &Problem) -> Response {
    page.problem = Some(problem.for_page());
    let body = pages::search(&open.site, &page);
    let mut response = answer(&HeaderMap::new(), MEDIA_TYPE, body);
    *response.status_mut() = problem.status();
    response
        .headers_mut()
        .remove(axum::http::header::CACHE_CONTROL);
    response
}

fn page_hit(query: Option<&Query>, SearchHit { article, .. }: &SearchHit) -> pages::Hit {
    let metadata = &article.metadata;
    pages::Hit {
        id: article.id,
        day: metadata
            .published_on
            .unwrap_or_else(|| article.first_seen_at.date()),
        issuer: metadata.issuer.clone().or_else(|| metadata.source.clone()),
        title: marks(&article.title, query),
        snippet: snippet(&article.body.body_text, query),
    }
}
