//! One request and its answer.
//!
//! Owns headers out, status and body in, and the cap on the body. Never follows a redirect and
//! never tries twice.

use std::time::{Duration, SystemTime};

use chrono::DateTime;
use reqwest::header::{
    ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, ETAG, HOST, HeaderMap, HeaderName, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, LAST_MODIFIED, LOCATION, RETRY_AFTER, USER_AGENT,
};
use reqwest::{Client, Response};
use url::Url;

use super::challenge;
use super::{FetchError, Page, Validators};

/// The largest body, decompressed, in bytes.
pub(super) const LARGEST: usize = 15 * 1024 * 1024;

/// The longest that a server's Retry-After is heeded.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(24 * 3600);

/// How to reach a URL's server.
pub(super) struct Route<'a> {
    pub(super) client: &'a Client,
    /// The URL for the client, which connects to its host and port.
    pub(super) address: Url,
    /// The host and port of the true URL, where the client's differ.
    pub(super) host: Option<String>,
}

/// What is asked for besides the URL.
pub(super) struct Ask<'a> {
    pub(super) user_agent: &'a str,
    pub(super) validators: Option<&'a Validators>,
    /// For the message when it passes.
    pub(super) deadline: Duration,
    /// So many bytes of the body are enough: what comes after them is not read.
    pub(super) enough: Option<usize>,
}

/// What came back.
#[allow(clippy::large_enum_variant, reason = "one a request")]
pub(super) enum Answer {
    NotModified,
    Page(Page),
    Redirect { to: Url, permanent: bool },
}

/// Asks for `url` once.
pub(super) async fn exchange(
    route: Route<'_>,
    url: &Url,
    ask: &Ask<'_>,
) -> Result<Answer, FetchError> {
    let failed = |error: reqwest::Error| FetchError::of_client(url, &error, ask.deadline);
    let mut request = route
        .client
        .get(route.address)
        .header(USER_AGENT, ask.user_agent)
        .header(
            ACCEPT,
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        )
        .header(ACCEPT_LANGUAGE, "zh-CN,zh;q=0.9,en;q=0.5");
    if let Some(host) = route.host {
        request = request.header(HOST, host);
    }
    if let Some(validators) = ask.validators {
        let conditions = [
            (IF_NONE_MATCH, &validators.etag),
            (IF_MODIFIED_SINCE, &validators.last_modified),
        ];
        for (name, value) in conditions {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
    }
    let response = request.send().await.map_err(failed)?;
    let status = response.status().as_u16();
    if status == 304 && ask.validators.is_some() {
        return Ok(Answer::NotModified);
    }
    if matches!(status, 301 | 302 | 303 | 307 | 308)
        && let Some(location) = response.headers().get(LOCATION)
    {
        // Portals put raw UTF-8 there, so the value is not read as ASCII.
        let location = String::from_utf8_lossy(location.as_bytes());
        let to = url.join(location.trim()).map_err(|e| FetchError::Garbage {
            url: url.to_string(),
            cause: format!("it redirects to {location:?}: {e}"),
        })?;
        let permanent = matches!(status, 301 | 308);
        return Ok(Answer::Redirect { to, permanent });
    }
    if !response.status().is_success() {
        return Err(refusal(url, response, ask.deadline).await);
    }
    let headers = response.headers();
    let content_type = text(headers, &CONTENT_TYPE);
    let validators = Validators {
        etag: text(headers, &ETAG),
        last_modified: text(headers, &LAST_MODIFIED),
    };
    let body = read(url, response, LARGEST, ask.enough, ask.deadline).await?;
    if challenge::is_wall(status, &body) {
        let url = url.to_string();
        return Err(FetchError::BlockedByWaf { url, status });
    }
    if body.iter().all(u8::is_ascii_whitespace) {
        let url = url.to_string();
        return Err(FetchError::Empty { url, status });
    }
    Ok(Answer::Page(Page {
        url: url.clone(),
        moved_to: None,
        status,
        content_type,
        body,
        validators,
    }))
}

/// The error that a status without success stands for.
async fn refusal(url: &Url, response: Response, deadline: Duration) -> FetchError {
    let status = response.status().as_u16();
    let retry_after = text(response.headers(), &RETRY_AFTER)
        .and_then(|value| retry_after(&value, SystemTime::now()));
    // A body that is too large or broken is no wall's; the status says enough then.
    let is_wall = matches!(status, 412 | 521)
        && read(url, response, challenge::LOOKED_AT, None, deadline)
            .await
            .is_ok_and(|body| challenge::is_wall(status, &body));
    let url = url.to_string();
    match status {
        404 => FetchError::NotFound { url },
        410 => FetchError::Gone { url },
        _ if is_wall => FetchError::BlockedByWaf { url, status },
        _ => FetchError::HttpStatus {
            url,
            status,
            retry_after,
        },
    }
}

/// Reads a body of at most `limit` bytes, of which `enough` may be enough; the connection is closed
/// when there are more.
async fn read(
    url: &Url,
    mut response: Response,
    limit: usize,
    enough: Option<usize>,
    deadline: Duration,
) -> Result<Vec<u8>, FetchError> {
    let mut body = Vec::new();
    loop {
        let chunk = response.chunk().await;
        let chunk = chunk.map_err(|error| FetchError::of_client(url, &error, deadline))?;
        let Some(chunk) = chunk else { return Ok(body) };
        if body.len() + chunk.len() > limit {
            let url = url.to_string();
            return Err(FetchError::TooLarge { url, limit });
        }
        body.extend_from_slice(&chunk);
        if enough.is_some_and(|enough| body.len() >= enough) {
            return Ok(body);
        }
    }
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = String::from_utf8_lossy(headers.get(name)?.as_bytes());
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

/// Reads `Retry-After` (RFC 9110, section 10.2.3): seconds, or an HTTP date; at most a day.
fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let length = match value.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let then = SystemTime::from(DateTime::parse_from_rfc2822(value).ok()?);
            then.duration_since(now).unwrap_or_default()
        }
    };
    Some(length.min(LONGEST_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date_and_at_most_a_day() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        for (value, seconds) in [
            ("120", Some(120)),
            ("0", Some(0)),
            ("999999999", Some(86_400)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
        ] {
            let expected = seconds.map(Duration::from_secs);
            assert_eq!(retry_after(value, now), expected, "{value}");
        }
    }
}
