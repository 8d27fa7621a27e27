//! Errors of requests, in the form for programs (RFC 9457).
//!
//! Owns their JSON and their codes. Never shows paths of this machine.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::render::RenderError;
use crate::render::api::given::ParameterError;
use crate::store::StoreError;

/// The media type of a problem.
const MEDIA_TYPE: &str = "application/problem+json";
/// Seconds until the client should try again.
const LATER: u64 = 5;

/// The error of a request. Its type is `about:blank`: the status and `code` say everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Problem {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    /// Stable, for programs.
    code: &'static str,
    /// The expected input, for people.
    detail: String,
    /// The parameter of the URL with the error.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<String>,
    /// Seconds until the client should try again, if known.
    #[serde(skip)]
    retry_after: Option<u64>,
}

impl Problem {
    /// A problem with that status.
    pub(super) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            code,
            detail: detail.into(),
            parameter: None,
            retry_after: (status == StatusCode::SERVICE_UNAVAILABLE).then_some(LATER),
        }
    }

    /// The same problem, with the seconds until the next try.
    pub(super) fn after(self, seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds),
            ..self
        }
    }

    /// An invalid parameter of the URL.
    pub(super) fn parameter(name: &str, detail: impl Into<String>) -> Self {
        Self {
            parameter: Some(name.to_owned()),
            ..Self::new(StatusCode::BAD_REQUEST, "bad-parameter", detail)
        }
    }

    /// The store is not open.
    pub(super) fn closed() -> Self {
        let detail = "the store is not open: read the published files, or ask again later";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "store-closed", detail)
    }

    /// An error of the store. Paths of this machine are only in the log.
    pub(super) fn store(error: &StoreError) -> Self {
        let reason = error.reason();
        tracing::warn!(reason, %error, "a request was not answered");
        let detail = "the store did not answer in time: ask again, or ask for less";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, reason, detail)
    }

    /// An answer that cannot be written. The cause is in the log.
    pub(super) fn render(error: &RenderError) -> Self {
        tracing::error!(%error, "an answer cannot be written");
        let detail = "the answer cannot be written; the log has the reason";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "render", detail)
    }

    /// The text for a site page.
    pub(super) fn for_page(&self) -> String {
        let parameter = self.parameter.as_deref().unwrap_or("search");
        format!("无法搜索（{parameter}）：{}", self.detail)
    }

    pub(super) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<ParameterError> for Problem {
    fn from(error: ParameterError) -> Self {
        Self::parameter(&error.parameter, error.detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status();
        // This cannot fail: a problem has only texts and numbers.
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
