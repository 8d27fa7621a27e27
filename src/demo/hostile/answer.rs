//! Requests to the portal, and the bytes of its answers, good or bad.
//!
//! Owns the shape of requests and answers, and the good replica's answer. Never touches a socket.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::demo;

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// The host in lower case, without a port.
    pub(super) host: String,
    /// The path with the query.
    pub(super) path: String,
    /// The whole head, with header names in lower case.
    pub(super) head: String,
    /// How many earlier requests the host had for this path.
    pub(super) before: usize,
    /// The address at which the portal listens.
    pub(super) here: SocketAddr,
    /// Whether it came over TLS.
    pub(super) secure: bool,
}

impl Asked {
    /// The value of a header by its name in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }

    /// The path without its parameters.
    pub(super) fn file(&self) -> &str {
        self.path.split(['?', ';']).next().unwrap_or_default()
    }

    /// The replica's page with the name of this host. A missing page is empty.
    pub(super) fn page(&self) -> String {
        let bytes = demo::file(self.file()).unwrap_or_default();
        let page = String::from_utf8_lossy(bytes);
        page.replace(demo::HOST, &self.host)
    }
}

/// The value of a header in a head whose header names are in lower case.
pub(super) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().skip(1).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        (found == name).then(|| value.trim())
    })
}

/// A step of an answer.
#[derive(Clone, Debug)]
pub(super) enum AnswerStep {
    /// These bytes.
    Send(Vec<u8>),
    /// The same bytes this many times; `None` until the client closes.
    Repeat(Arc<[u8]>, Option<usize>),
    /// One of these bytes every 20 ms, repeated until the client closes.
    Drip(&'static [u8]),
    /// Nothing until the client closes.
    Hold,
    /// A reset of the connection (RST).
    Reset,
}

/// An answer. After its steps, the connection is closed unless `keep` is set.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) steps: Vec<AnswerStep>,
    pub(super) keep: bool,
}

impl Answer {
    /// Any bytes, logged with this status.
    pub(super) fn raw(status: u16, steps: Vec<AnswerStep>) -> Self {
        Self {
            status,
            steps,
            keep: false,
        }
    }

    /// A well-formed answer: a status, header lines without line ends, and a whole body.
    pub(super) fn whole(status: u16, headers: &[&str], body: &[u8]) -> Self {
        let mut head = format!("HTTP/1.1 {status} {}\r\n", phrase(status));
        for header in headers {
            head.push_str(header);
            head.push_str("\r\n");
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
        Self {
            status,
            steps: vec![AnswerStep::Send([head.as_bytes(), body].concat())],
            keep: true,
        }
    }

    /// 200 with an HTML page, without a charset in the header.
    pub(super) fn page(html: impl AsRef<[u8]>) -> Self {
        Self::whole(200, &["content-type: text/html"], html.as_ref())
    }

    /// The good replica's answer, for any host.
    pub(super) fn good(asked: &Asked) -> Self {
        let Some(bytes) = demo::file(asked.file()) else {
            return Self::whole(404, &["content-type: text/html"], b"<h1>404</h1>");
        };
        let is_page = demo::media_type(asked.file()) == "text/html";
        let bytes = if is_page {
            Cow::from(asked.page().into_bytes())
        } else {
            Cow::from(bytes)
        };
        let etag = demo::etag(&bytes);
        if asked.header("if-none-match") == Some(etag.as_str()) {
            return Self::bare(304, &format!("etag: {etag}"));
        }
        let media_type = format!("content-type: {}", demo::media_type(asked.file()));
        Self::whole(200, &[&media_type, &format!("etag: {etag}")], &bytes)
    }

    /// A status without a body, with one header line.
    pub(super) fn bare(status: u16, header: &str) -> Self {
        let head = format!("HTTP/1.1 {status} {}\r\n{header}\r\n\r\n", phrase(status));
        Self {
            status,
            steps: vec![AnswerStep::Send(head.into_bytes())],
            keep: true,
        }
    }
}

fn phrase(status: u16) -> &'static str {
    let status = axum::http::StatusCode::from_u16(status).ok();
    status
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Unassigned")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_by_name() {
        let head = "GET / HTTP/1.1\r\nhost: A.test:80\r\nif-none-match: \"a:b\"\r\n";
        assert_eq!(header(head, "host"), Some("A.test:80"));
        assert_eq!(header(head, "if-none-match"), Some("\"a:b\""));
        assert_eq!(header(head, "cookie"), None);
    }
}
