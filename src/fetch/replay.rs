//! Reading an archived answer.
//!
//! Owns the way from the archived bytes to the bytes of the page. Never sends anything.

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, REFRESH};
use thiserror::Error;

use super::answer;
use super::coding::{self, End};
use super::exchange::{LARGEST, MOST_HEADERS};

/// A page from the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// The `Refresh` header.
    pub refresh: Option<String>,
    /// The body, decompressed.
    pub body: Vec<u8>,
}

/// Why an archived answer cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReplayError {
    /// The head has no blank line at its end.
    #[error("its head does not end")]
    HeadCut,
    /// The header fields are malformed.
    #[error("its head cannot be read: {0}")]
    Head(httparse::Error),
    /// The decompressed body is larger than any page may be.
    #[error("it is larger than {LARGEST} bytes")]
    TooLarge,
    /// The compressed body ends too early.
    #[error("the compressed body is not whole")]
    BodyCut,
    /// The body is not in the content coding that its header names.
    #[error("{0}")]
    Coding(String),
}

/// Reads an archived answer: its head (status line and headers, with the blank line), and its body
/// as the portal sent it.
pub fn replay(head: &[u8], body: &[u8]) -> Result<Replayed, ReplayError> {
    let lines = memchr::memchr(b'\n', head).and_then(|end| head.get(end + 1..));
    let mut fields = vec![httparse::EMPTY_HEADER; MOST_HEADERS];
    let parsed = httparse::parse_headers(lines.unwrap_or_default(), &mut fields);
    let (_, fields) = match parsed {
        Ok(httparse::Status::Complete(parsed)) => parsed,
        Ok(httparse::Status::Partial) => return Err(ReplayError::HeadCut),
        Err(error) => return Err(ReplayError::Head(error)),
    };
    let mut headers = HeaderMap::new();
    for field in fields {
        let name = HeaderName::from_bytes(field.name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(field.value)) {
            headers.append(name, value);
        }
    }
    let decompressed = coding::decompress(&answer::codings(&headers), body, LARGEST);
    match decompressed.end {
        End::Whole | End::Unchecked => Ok(Replayed {
            content_type: answer::text(&headers, &CONTENT_TYPE),
            refresh: answer::text(&headers, &REFRESH),
            body: decompressed.bytes.into_owned(),
        }),
        End::Limit => Err(ReplayError::TooLarge),
        End::Cut => Err(ReplayError::BodyCut),
        End::Broken(cause) => Err(ReplayError::Coding(cause)),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    #[test]
    fn a_page_comes_back_as_it_was_read() {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all("今日开工".as_bytes()).unwrap();
        let packed = packed.finish().unwrap();
        let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\
                     content-encoding: gzip\r\n\r\n";
        let page = replay(head, &packed).unwrap();
        assert_eq!(page.body, "今日开工".as_bytes());
        assert_eq!(
            page.content_type.as_deref(),
            Some("text/html; charset=utf-8")
        );
        assert!(replay(head, &packed[..12]).is_err());
        assert!(replay(b"HTTP/1.1 200 OK\r\nContent-Type", b"").is_err());
        let bare = replay(b"HTTP/1.1 200 OK\r\n\r\n", b"<p>").unwrap();
        assert_eq!((bare.content_type, bare.body), (None, b"<p>".to_vec()));
    }
}
