//! One request, sent once.
//!
//! Owns the request's headers, the receiving of head and body, and the limit on the body. Never
//! interprets the answer, never follows a redirect and never retries.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, COOKIE, HOST, HeaderMap, HeaderName, HeaderValue,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, REFERER, TRANSFER_ENCODING, USER_AGENT,
};
use http::{Response, Version};
use http_body_util::BodyExt;
use hyper::body::Body;
use hyper::ext::ReasonPhrase;
use hyper_util::client::legacy::connect::HttpInfo;
use tokio::time::{Instant, timeout_at};
use url::{Position, Url};

use super::clients::{Incoming, Route};
use super::error::{ClientError, FetchError};
use super::exchange::{Cut, Exchange};
use super::page::Validators;
use super::purpose::Purpose;
use super::{challenge, coding};

/// The timeout for the body of an answer without success.
const ERROR_BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// The options of a request, besides the URL.
pub(super) struct RequestOptions<'a> {
    pub(super) user_agent: &'a str,
    pub(super) validators: Option<&'a Validators>,
    pub(super) cookies: Option<HeaderValue>,
    /// The time that is left for the answer.
    pub(super) left: Duration,
    /// The time for all tries of the page, for the error message.
    pub(super) deadline: Duration,
    /// The purpose.
    pub(super) purpose: Purpose<'a>,
}

/// An answer, of which at least the head arrived.
pub(super) struct Received {
    pub(super) exchange: Arc<Exchange>,
    pub(super) headers: HeaderMap,
    /// Whether the length of the body is known, from the head or from chunks.
    pub(super) is_bounded: bool,
    /// The error that cut the body, if any.
    pub(super) failure: Option<FetchError>,
}

/// Sends one request for `url`.
pub(super) async fn send(
    route: Route,
    url: &Url,
    ask: &RequestOptions<'_>,
) -> Result<Received, FetchError> {
    let headers = request_headers(url, ask)?;
    let request_head = request_head(url, &headers);
    let request = route.client.get(route.address, headers);
    let start = Instant::now();
    let until = start + ask.left;
    let mut response = match timeout_at(until, request).await {
        Ok(sent) => sent.map_err(|error| FetchError::from_client(url, &*error, ask.deadline))?,
        Err(_) => return Err(timeout(url, ask)),
    };
    let (version, headers) = (response.version(), response.headers().clone());
    let is_chunked = version != Version::HTTP_10 && is_chunked_coding(&headers);
    let is_bounded = content_length(&response).is_some() || is_chunked;
    let connection = response.extensions().get::<HttpInfo>();
    let mut exchange = Exchange {
        url: url.clone(),
        address: connection.map(|connection| connection.remote_addr().ip()),
        request_head,
        status: response.status().as_u16(),
        response_head: response_head(&response),
        body: Vec::new(),
        cut: None,
        took: Duration::ZERO,
    };
    let failure = read(&mut response, &mut exchange, until, ask).await;
    exchange.took = start.elapsed();
    Ok(Received {
        exchange: Arc::new(exchange),
        headers,
        is_bounded,
        failure,
    })
}

/// Reads the body up to the limit. If there is more, the connection is closed.
async fn read(
    response: &mut Response<Incoming>,
    exchange: &mut Exchange,
    until: Instant,
    ask: &RequestOptions<'_>,
) -> Option<FetchError> {
    let Exchange { url, body, cut, .. } = exchange;
    let enough = ask.purpose.enough();
    let is_success = response.status().is_success();
    let (limit, until) = if is_success {
        (ask.purpose.largest(), until)
    } else {
        (
            challenge::LOOKED_AT,
            until.min(Instant::now() + ERROR_BODY_TIMEOUT),
        )
    };
    if is_success && content_length(response).is_some_and(|n| n > limit as u64) && enough.is_none()
    {
        *cut = Some(Cut::Length);
        return None;
    }
    loop {
        match timeout_at(until, chunk(response)).await {
            Ok(Ok(Some(chunk))) => {
                let room = limit - body.len();
                body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
                let is_enough = enough.is_some_and(|enough| body.len() >= enough);
                if chunk.len() > room || is_enough {
                    *cut = Some(Cut::Length);
                    return None;
                }
            }
            Ok(Ok(None)) => return None,
            Ok(Err(error)) => {
                *cut = Some(Cut::Disconnect);
                return Some(FetchError::from_client(url, &*error, ask.deadline));
            }
            Err(_) => {
                *cut = Some(Cut::Time);
                return Some(timeout(url, ask));
            }
        }
    }
}

/// The next bytes of the body; `None` after the last.
async fn chunk(response: &mut Response<Incoming>) -> Result<Option<Bytes>, ClientError> {
    while let Some(frame) = response.body_mut().frame().await {
        // Other frames are trailers, which are not needed.
        if let Ok(data) = frame?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

fn content_length(response: &Response<Incoming>) -> Option<u64> {
    response.body().size_hint().exact()
}

/// Whether chunked is the last transfer coding, so that the body marks its own end.
fn is_chunked_coding(headers: &HeaderMap) -> bool {
    let last = headers.get_all(TRANSFER_ENCODING).iter().next_back();
    let last = last.and_then(|codings| codings.as_bytes().rsplit(|byte| *byte == b',').next());
    last.is_some_and(|coding| coding.trim_ascii().eq_ignore_ascii_case(b"chunked"))
}

fn timeout(url: &Url, ask: &RequestOptions<'_>) -> FetchError {
    FetchError::Timeout {
        url: url.to_string(),
        after: ask.deadline,
    }
}

/// All headers of the request, so that the archive has the request as sent.
fn request_headers(url: &Url, ask: &RequestOptions<'_>) -> Result<HeaderMap, FetchError> {
    let mut headers = HeaderMap::new();
    let host = &url[Position::BeforeHost..Position::AfterPort];
    let fixed = [
        (HOST, host),
        (USER_AGENT, ask.user_agent),
        (ACCEPT, ask.purpose.accept()),
        (ACCEPT_LANGUAGE, "zh-CN,zh;q=0.9,en;q=0.5"),
        (ACCEPT_ENCODING, coding::ACCEPTED),
    ];
    let conditions = ask.validators.map(|validators| {
        [
            (IF_NONE_MATCH, &validators.etag),
            (IF_MODIFIED_SINCE, &validators.last_modified),
        ]
    });
    let conditions = conditions.into_iter().flatten();
    let conditions = conditions.filter_map(|(name, value)| Some((name, value.as_deref()?)));
    for (name, value) in fixed.into_iter().chain(conditions) {
        headers.insert(name.clone(), header_value(url, &name, value)?);
    }
    if let Some(referer) = ask.purpose.referer(url) {
        headers.insert(REFERER, header_value(url, &REFERER, &referer)?);
    }
    if let Some(cookies) = &ask.cookies {
        headers.insert(COOKIE, cookies.clone());
    }
    Ok(headers)
}

fn header_value(url: &Url, name: &HeaderName, value: &str) -> Result<HeaderValue, FetchError> {
    // The value is set as bytes: validators go back as the portal sent them, ASCII or not.
    HeaderValue::from_bytes(value.as_bytes()).map_err(|error| FetchError::Setup {
        url: url.to_string(),
        cause: format!("{name}: {value:?}: {error}; see user_agent and contact"),
    })
}

fn request_head(url: &Url, headers: &HeaderMap) -> Vec<u8> {
    let target = &url[Position::BeforePath..Position::AfterQuery];
    let mut head = format!("GET {target} HTTP/1.1\r\n").into_bytes();
    push_headers(&mut head, headers, |_| true);
    head
}

/// The head as received, as far as the HTTP library shows it. The transfer coding is left out,
/// because the body has none.
fn response_head(response: &Response<Incoming>) -> Vec<u8> {
    let version = match response.version() {
        Version::HTTP_10 => "HTTP/1.0",
        _ => "HTTP/1.1",
    };
    let mut head = format!("{version} {} ", response.status().as_u16()).into_bytes();
    match response.extensions().get::<ReasonPhrase>() {
        Some(phrase) => head.extend_from_slice(phrase.as_bytes()),
        None => {
            let phrase = response.status().canonical_reason().unwrap_or_default();
            head.extend_from_slice(phrase.as_bytes());
        }
    }
    head.extend_from_slice(b"\r\n");
    push_headers(&mut head, response.headers(), |name| {
        *name != TRANSFER_ENCODING
    });
    head
}

fn push_headers(head: &mut Vec<u8>, headers: &HeaderMap, is_kept: impl Fn(&HeaderName) -> bool) {
    for (name, value) in headers.iter().filter(|(name, _)| is_kept(name)) {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            head.extend_from_slice(part);
        }
    }
    head.extend_from_slice(b"\r\n");
}
