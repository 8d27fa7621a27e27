//! The `Range` of a request, as RFC 9110 (14.2) wants it read.
//!
//! Owns what is ignored and what is too large. Never reads a file.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};

/// No file has so many digits of bytes.
const MOST_DIGITS: usize = 18;

/// Puts the `Range` into a form that the file service reads rightly. A unit other than bytes, and a
/// range that is none, are ignored: the answer is the whole file. Numbers with more digits than any
/// file has bytes are as good as the largest.
pub(super) fn tidy(headers: &mut HeaderMap) {
    let Some(range) = headers.get(header::RANGE) else {
        return;
    };
    let said = range.to_str().ok().and_then(bytes);
    match said.and_then(|said| HeaderValue::try_from(said).ok()) {
        Some(said) => headers.insert(header::RANGE, said),
        None => headers.remove(header::RANGE),
    };
}

/// Whether the last bytes of a file are asked for, whatever its length (`bytes=-500`).
pub(super) fn is_of_end(headers: &HeaderMap) -> bool {
    let range = headers.get(header::RANGE).map(HeaderValue::as_bytes);
    range.is_some_and(|range| range.starts_with(b"bytes=-") && range != b"bytes=-0")
}

/// The same request for the whole file.
pub(super) fn whole(request: &Request) -> Request {
    let mut whole = Request::new(Body::empty());
    *whole.method_mut() = request.method().clone();
    *whole.uri_mut() = request.uri().clone();
    *whole.headers_mut() = request.headers().clone();
    whole.headers_mut().remove(header::RANGE);
    whole
}

/// The same ranges of bytes, with numbers that can be read; `None` if they are none.
fn bytes(range: &str) -> Option<String> {
    let (unit, ranges) = range.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let ranges: Option<Vec<String>> = ranges.split(',').map(one).collect();
    Some(format!("bytes={}", ranges?.join(",")))
}

fn one(range: &str) -> Option<String> {
    let (first, last) = range.trim().split_once('-')?;
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(first) || !is_number(last) || (first.is_empty() && last.is_empty()) {
        return None;
    }
    let (first, last) = (readable(first), readable(last));
    let is_backwards = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) => last < first,
        _ => false,
    };
    (!is_backwards).then(|| format!("{first}-{last}"))
}

fn readable(number: &str) -> String {
    let digits = number.trim_start_matches('0');
    match (number.is_empty(), digits.is_empty()) {
        (true, _) => String::new(),
        (false, true) => "0".to_owned(),
        _ if digits.len() > MOST_DIGITS => "9".repeat(MOST_DIGITS),
        _ => digits.to_owned(),
    }
}
