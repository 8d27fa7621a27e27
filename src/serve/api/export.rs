//! A snapshot of all articles, or of those that match, at one change, as a stream.
//!
//! Owns this answer. Never ends an incomplete snapshot like a complete one.

use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt, stream};
use sha2::{Digest, Sha256};

use super::{Api, Caching, Problem};
use crate::model::sha256_hex;
use crate::render::api::given::{Origin, Parameters};
use crate::render::api::parameters::OF_EXPORT;
use crate::render::export::{Export, Form};
use crate::serve::answer;
use crate::serve::cost;
use crate::store::{Snapshot, Store};

/// The header with the number of the last change in the snapshot.
pub(in crate::serve) const SEQ: HeaderName = HeaderName::from_static("dibao-seq");
/// The header with the number of articles: some clients do not notice that an answer is cut off.
pub(in crate::serve) const ARTICLES: HeaderName = HeaderName::from_static("dibao-articles");

pub(super) async fn export(
    State(api): State<Api>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let parameters = Parameters::read(query.as_deref(), OF_EXPORT, Origin::Program)?;
    let (form, name, media_type) = match parameters.text("format") {
        Some("json") => (Form::Json, "json", "application/json"),
        Some("csv") => (Form::Csv, "csv", "text/csv; charset=utf-8; header=present"),
        _ => (Form::Ndjson, "ndjson", "application/x-ndjson"),
    };
    let open = api.source.open_store().ok_or_else(Problem::closed)?;
    let known = open.known_names(&parameters).await?;
    let listed = parameters.article_filter(&known)?;
    let chosen = cost::timed(open.store.changes().choose(&listed)).await;
    let (snapshot, articles) = chosen.map_err(|error| Problem::store(&error))?;
    let seq = snapshot.seq;
    // The last change, the filter and the format determine the bytes.
    let tag = match parameters.canonical() {
        filter if filter.is_empty() => format!("\"{seq}-{name}\""),
        filter => {
            let hash = sha256_hex(Sha256::new_with_prefix(filter));
            format!("\"{seq}-{name}-{}\"", &hash[..16])
        }
    };
    let mut response = match answer::has_tag(&headers, &tag) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => {
            cost::add_rows(articles);
            Body::from_stream(written(open.store.clone(), &snapshot, form)).into_response()
        }
    };
    let is_new = response.status() == StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(SEQ, HeaderValue::from(seq));
    headers.insert(ARTICLES, HeaderValue::from(articles));
    headers.insert(header::CACHE_CONTROL, Caching::Revalidate.value());
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    if is_new {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        let file = format!("attachment; filename=\"dibao-{seq}.{name}\"");
        if let Ok(file) = HeaderValue::from_str(&file) {
            headers.insert(header::CONTENT_DISPOSITION, file);
        }
    }
    Ok(response)
}

/// The text, piece by piece. An error cuts off the answer, so that it does not look complete.
fn written(
    store: Store,
    snapshot: &Snapshot,
    form: Form,
) -> impl Stream<Item = Result<Bytes, Box<dyn std::error::Error + Send + Sync>>> + use<> {
    let articles = store.changes().snapshot(snapshot).boxed();
    let state = Some((articles, Export::new(form)));
    stream::try_unfold(state, |state| async move {
        let Some((mut articles, mut export)) = state else {
            return Ok(None);
        };
        match articles.next().await.transpose() {
            Ok(Some(article)) => {
                let piece = export.article(&article)?;
                Ok(Some((Bytes::from(piece), Some((articles, export)))))
            }
            Ok(None) => Ok(Some((Bytes::from_static(export.end()), None))),
            Err(error) => {
                tracing::warn!(reason = error.reason(), %error, "an export was cut off");
                Err(error.into())
            }
        }
    })
}
