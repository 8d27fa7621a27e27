//! The meaning of an answer: the page, a redirect, or an error.
//!
//! Owns the reading of status and headers, and the signs of an incomplete page. Never sends
//! anything.

use std::time::{Duration, SystemTime};

use reqwest::header::{
    CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, LAST_MODIFIED, LOCATION, REFRESH,
    RETRY_AFTER,
};
use url::Url;

use super::challenge;
use super::coding::{self, End};
use super::error::FetchError;
use super::exchange::Cut;
use super::page::{Page, Validators};
use super::purpose::Purpose;
use super::request::Received;

/// The longest Retry-After that is obeyed.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(24 * 3600);

/// An answer.
#[allow(clippy::large_enum_variant, reason = "one a request")]
pub(super) enum Answer {
    NotModified,
    Page(Page),
    Redirect { to: Url, permanent: bool },
}

/// Reads an answer to a request of this purpose. `conditional`: validators were sent along.
pub(super) fn read(
    received: &Received,
    conditional: bool,
    purpose: Purpose<'_>,
) -> Result<Answer, FetchError> {
    let exchange = &received.exchange;
    let (url, status) = (&exchange.url, exchange.status);
    if status == 304 && conditional {
        return Ok(Answer::NotModified);
    }
    if matches!(status, 301 | 302 | 303 | 307 | 308)
        && let Some(location) = received.headers.get(LOCATION)
    {
        let location = written_out(location.as_bytes());
        let to = url.join(location.trim()).map_err(|e| FetchError::Garbage {
            url: url.to_string(),
            cause: format!("it redirects to {location:?}: {e}"),
        })?;
        let permanent = matches!(status, 301 | 308);
        return Ok(Answer::Redirect { to, permanent });
    }
    if !(200..300).contains(&status) {
        return Err(refusal(received));
    }
    if status == 206 {
        return Err(FetchError::Truncated {
            url: url.to_string(),
            cause: "the server sent a part of the page (206), which dibao did not ask for"
                .to_owned(),
        });
    }
    let body = body(received, purpose)?;
    if challenge::is_wall(status, &body) {
        let url = url.to_string();
        return Err(FetchError::BlockedByWaf { url, status });
    }
    // An empty page may still send the browser on.
    if body.iter().all(u8::is_ascii_whitespace) && !received.headers.contains_key(REFRESH) {
        let url = url.to_string();
        return Err(FetchError::Empty { url, status });
    }
    Ok(Answer::Page(Page {
        url: url.clone(),
        moved_to: None,
        status,
        content_type: text(&received.headers, &CONTENT_TYPE),
        refresh: text(&received.headers, &REFRESH),
        body,
        validators: Validators {
            etag: text(&received.headers, &ETAG),
            last_modified: text(&received.headers, &LAST_MODIFIED),
        },
        capture: None,
    }))
}

/// A `Location` as text. Bytes that are not ASCII are percent-encoded as they are, as browsers do:
/// portals put raw UTF-8 and GBK there.
fn written_out(location: &[u8]) -> String {
    let mut text = String::with_capacity(location.len());
    for &byte in location {
        match byte.is_ascii() {
            true => text.push(char::from(byte)),
            false => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

/// The whole body, decompressed; only its beginning if the purpose needs no more.
fn body(received: &Received, purpose: Purpose<'_>) -> Result<Vec<u8>, FetchError> {
    let (enough, largest) = (purpose.enough(), purpose.largest());
    let exchange = &received.exchange;
    let url = || exchange.url.to_string();
    if let Some(failure) = &received.failure {
        return Err(failure.clone());
    }
    let too_large = || FetchError::TooLarge {
        url: url(),
        limit: largest,
    };
    if exchange.cut == Some(Cut::Length) && enough.is_none() {
        return Err(too_large());
    }
    let decompressed = coding::decompress(
        &codings(&received.headers),
        &exchange.body,
        enough.unwrap_or(largest),
    );
    match decompressed.end {
        End::Whole => {}
        // The head or the last chunk says that the server sent no more.
        End::Unchecked if received.is_bounded => {
            tracing::info!(
                url = url(),
                "the compressed body lacks its check and length"
            );
        }
        // The purpose needs no more bytes.
        End::Limit if enough.is_some() => {}
        End::Cut if exchange.cut == Some(Cut::Length) => {}
        End::Limit => return Err(too_large()),
        End::Unchecked | End::Cut => {
            return Err(FetchError::Truncated {
                url: url(),
                cause: "the compressed body is not whole".to_owned(),
            });
        }
        End::Broken(cause) => return Err(FetchError::Garbage { url: url(), cause }),
    }
    let body = decompressed.bytes.into_owned();
    if matches!(purpose, Purpose::File { .. }) {
        return Ok(body);
    }
    match missing_end(&body, received.is_bounded) {
        Some(cause) if enough.is_none() => Err(FetchError::Truncated { url: url(), cause }),
        _ => Ok(body),
    }
}

/// Why an HTML page is incomplete, if it is. A page that begins as a document must end as one. An
/// exception is a page of known length that closes all elements: some templates forget the end.
fn missing_end(body: &[u8], is_bounded: bool) -> Option<String> {
    let lower = body.to_ascii_lowercase();
    let count = |mark: &str| memchr::memmem::find_iter(&lower, mark).count();
    let last = |mark: &str| memchr::memmem::rfind(&lower, mark.as_bytes());
    if count("<html") == 0 {
        return None;
    }
    let end = last("</html").max(last("</body"));
    // If the length is unknown, an end tag in the middle of the page does not count.
    let content = ["<div", "<p", "<td", "<li"]
        .into_iter()
        .filter_map(last)
        .max();
    if end.is_some() && (is_bounded || end > content) {
        return None;
    }
    let last_tag = lower.iter().rposition(|&byte| byte == b'<')?;
    let tail = &lower[last_tag..];
    if matches!(tail, [_, b'a'..=b'z' | b'/', ..] | [_]) && !tail.contains(&b'>') {
        return Some("the page ends within a tag".to_owned());
    }
    if !is_bounded {
        let cause =
            "the page does not end with </body> or </html>, and nothing said how long it is";
        return Some(cause.to_owned());
    }
    let is_open = |name: &&str| count(&format!("<{name}")) > count(&format!("</{name}"));
    let open = ["div", "table", "td", "ul"].into_iter().find(is_open)?;
    Some(format!(
        "the page has neither </body> nor </html>, and a <{open}> in it is not closed"
    ))
}

/// The error for a status without success.
fn refusal(received: &Received) -> FetchError {
    let exchange = &received.exchange;
    let (url, status) = (exchange.url.to_string(), exchange.status);
    let is_wall = || {
        let codings = codings(&received.headers);
        let body = coding::decompress(&codings, &exchange.body, challenge::LOOKED_AT);
        challenge::is_wall(status, &body.bytes)
    };
    match status {
        404 => FetchError::NotFound { url },
        410 => FetchError::Gone { url },
        _ if is_wall() => FetchError::BlockedByWaf { url, status },
        _ => FetchError::HttpStatus {
            url,
            status,
            retry_after: retry_after(received),
        },
    }
}

pub(super) fn codings(headers: &HeaderMap) -> String {
    let values = headers.get_all(CONTENT_ENCODING).iter();
    let values: Vec<&str> = values.filter_map(|value| value.to_str().ok()).collect();
    values.join(",")
}

pub(super) fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = String::from_utf8_lossy(headers.get(name)?.as_bytes());
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

/// The `Retry-After` of a server that does not answer with success.
pub(super) fn retry_after(received: &Received) -> Option<Duration> {
    if received.exchange.status < 400 {
        return None;
    }
    let value = text(&received.headers, &RETRY_AFTER)?;
    length_of(&value, SystemTime::now())
}

/// Reads `Retry-After` (RFC 9110, section 10.2.3): seconds, or an HTTP date; at most a day.
fn length_of(value: &str, now: SystemTime) -> Option<Duration> {
    let length = match value.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        // The number of seconds overflows.
        Err(_) if value.bytes().all(|byte| byte.is_ascii_digit()) => LONGEST_RETRY_AFTER,
        Err(_) => {
            let then = httpdate::parse_http_date(value).ok()?;
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
            ("99999999999999999999", Some(86_400)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("Sunday, 06-Nov-94 08:50:37 GMT", Some(60)),
            ("Sun Nov  6 08:50:37 1994", Some(60)),
            ("soon", None),
            ("-1", None),
        ] {
            let expected = seconds.map(Duration::from_secs);
            assert_eq!(length_of(value, now), expected, "{value}");
        }
    }

    #[test]
    fn a_page_that_is_not_whole_is_known() {
        for (page, bounded) in [
            ("<!DOCTYPE html><HTML><body><p>今日开", false),
            ("<html><body><p>今日开工</p>", false),
            ("<html><body><p>今日开工</p><div cla", true),
            ("<html><body><p>今日开工</p></di", true),
            ("<html><body><p>今日开工<", true),
            ("<html><body></html><div><p>今日开", false),
            ("<html><body><div id=zoom><p>今日开", true),
            ("<html><table><tr><td>今日开工</td></tr>", true),
        ] {
            assert!(missing_end(page.as_bytes(), bounded).is_some(), "{page}");
        }
        for (page, bounded) in [
            ("<html><body><p>今日开工</p>", true),
            ("<html><body><DIV><p>今日开工</p></div>", true),
            ("<html><body><div><p>今日开工</body>", false),
            ("<HTML><p>今日开工</HTML>\n<!-- 1 -->", false),
            ("<p>今日开工</p>", false),
            ("{\"a\": \"<p\"}", true),
            ("<html><p>气温 < 0", true),
            ("今日开工", false),
        ] {
            assert_eq!(missing_end(page.as_bytes(), bounded), None, "{page}");
        }
    }
}
