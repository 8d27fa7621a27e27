//! A capture: a request and its answer.
//!
//! Owns the records of a capture, written and read back. Never opens a file, and never looks into a
//! body.

use std::net::IpAddr;
use std::ops::Range;

use chrono::DateTime;
use url::Url;

use super::draft::{self, Draft};
use super::error::ArchiveError;
use super::record::Record;
use crate::model::Timestamp;

const IDENTICAL_PAYLOAD: &str = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest";
const NOT_MODIFIED: &str = "http://netpreserve.org/warc/1.1/revisit/server-not-modified";

/// A request and its answer.
#[derive(Clone, Copy, Debug)]
pub struct Capture<'a> {
    /// The requested URL.
    pub url: &'a Url,
    /// The time at which the answer began.
    pub at: Timestamp,
    /// The server's address, if known.
    pub address: Option<IpAddr>,
    /// Request line and headers, with the blank line.
    pub request_head: &'a [u8],
    /// The status of the answer.
    pub status: u16,
    /// Status line and headers, with the blank line, without the transfer coding: the body has
    /// none.
    pub response_head: &'a [u8],
    /// The body as sent, in its content coding.
    pub body: &'a [u8],
    /// Why the body is incomplete, if it is.
    pub truncated: Option<Truncated>,
    /// Fields of the metadata record. Without fields no metadata record is written.
    pub fields: &'a [(&'a str, String)],
    /// An earlier capture that was archived whole. If this one has the same body, or is a 304, a
    /// reference to the earlier one is archived in place of the body.
    pub earlier: Option<&'a EarlierCapture>,
}

/// A capture that was archived whole, to which later ones refer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierCapture {
    /// Its record's id.
    pub record_id: String,
    /// The URL requested then.
    pub url: Url,
    /// When.
    pub at: Timestamp,
    /// The digest of its body.
    pub payload_digest: String,
}

/// Why a body is incomplete (`WARC-Truncated`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truncated {
    /// It was larger than the limit.
    Length,
    /// It took too long.
    Time,
    /// The connection broke.
    Disconnect,
}

impl Truncated {
    const ALL: [Self; 3] = [Self::Length, Self::Time, Self::Disconnect];

    /// The value in WARC.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Time => "time",
            Self::Disconnect => "disconnect",
        }
    }
}

/// The place where a capture begins in the archive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CapturePlace {
    /// The archive's file.
    pub file: String,
    /// The offset of the response record in the file, in bytes.
    pub offset: u64,
}

/// The record under which a capture was archived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchivedCapture {
    /// The file's name.
    pub file: String,
    /// The offset of the response or revisit record.
    pub offset: u64,
    /// The length of this record in bytes.
    pub length: u64,
    /// The end of the capture's last record: up to here the file is whole.
    pub end: u64,
    /// The id of the response or revisit record.
    pub record_id: String,
    /// The digest of the body; for a 304, of the body that was not modified.
    pub payload_digest: String,
    /// Whether the body is archived elsewhere, with the earlier capture.
    pub is_revisit: bool,
}

/// A response or revisit record, read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captured {
    /// The record's id.
    pub record_id: String,
    /// The requested URL.
    pub url: Url,
    /// The time at which the answer began.
    pub at: Timestamp,
    /// The status of the answer.
    pub status: u16,
    /// Status line and headers, with the blank line.
    pub head: Vec<u8>,
    /// The body as it was sent; empty in a revisit record.
    pub body: Vec<u8>,
    /// Why the body is incomplete, if it is.
    pub truncated: Option<Truncated>,
    /// Of a revisit record: the capture that has the body.
    pub refers_to: Option<EarlierCapture>,
}

/// A capture's records, ready to be appended.
pub(super) struct DraftedCapture {
    pub(super) bytes: Vec<u8>,
    /// The range of the response or revisit record in `bytes`.
    pub(super) response: Range<u64>,
    pub(super) record_id: String,
    pub(super) payload_digest: String,
    pub(super) is_revisit: bool,
}

impl Capture<'_> {
    /// Makes the records of this capture: request, response or revisit, metadata.
    pub(super) fn draft(&self) -> Result<DraftedCapture, ArchiveError> {
        self.check().map_err(|cause| ArchiveError::Capture {
            url: self.url.to_string(),
            cause,
        })?;
        let record_id = draft::new_id();
        let mut bytes = self.request(&record_id);
        let start = bytes.len() as u64;
        let own_digest = draft::digest(&[self.body]);
        let revisit = self.revisit(&own_digest);
        bytes.extend(self.response(&record_id, &own_digest, revisit));
        let end = bytes.len() as u64;
        if !self.fields.is_empty() {
            bytes.extend(self.metadata(&record_id));
        }
        Ok(DraftedCapture {
            bytes,
            response: start..end,
            record_id,
            payload_digest: revisit
                .map_or(own_digest, |(_, earlier)| earlier.payload_digest.clone()),
            is_revisit: revisit.is_some(),
        })
    }

    /// Refuses a capture that could not be read back.
    fn check(&self) -> Result<(), String> {
        for (name, head) in [
            ("request", self.request_head),
            ("response", self.response_head),
        ] {
            if end_of_head(head) != Some(head.len()) {
                return Err(format!("its {name} head does not end with a blank line"));
            }
        }
        if status(self.response_head) != Some(self.status) {
            return Err(format!("its status line does not say {}", self.status));
        }
        Ok(())
    }

    /// The earlier capture that has the same body, and the profile that says how this is known. An
    /// empty body is not worth a reference, and an incomplete one may differ in the missing part.
    fn revisit(&self, digest: &str) -> Option<(&'static str, &EarlierCapture)> {
        let earlier = self.earlier?;
        if self.status == 304 {
            return Some((NOT_MODIFIED, earlier));
        }
        let is_same = earlier.payload_digest == digest;
        (is_same && !self.body.is_empty() && self.truncated.is_none())
            .then_some((IDENTICAL_PAYLOAD, earlier))
    }

    fn request(&self, response_id: &str) -> Vec<u8> {
        let mut draft = self.about("request", &draft::new_id(), [self.request_head, b""]);
        draft.add("WARC-Concurrent-To", &format!("<{response_id}>"));
        draft.into_member("application/http;msgtype=request")
    }

    fn response(
        &self,
        id: &str,
        digest: &str,
        revisit: Option<(&str, &EarlierCapture)>,
    ) -> Vec<u8> {
        let mut draft = match revisit {
            None => {
                let mut draft = self.about("response", id, [self.response_head, self.body]);
                draft.add("WARC-Payload-Digest", digest);
                draft
            }
            Some((profile, earlier)) => {
                let mut draft = self.about("revisit", id, [self.response_head, b""]);
                draft.add("WARC-Profile", profile);
                draft.add("WARC-Payload-Digest", &earlier.payload_digest);
                draft.add("WARC-Refers-To", &format!("<{}>", earlier.record_id));
                draft.add("WARC-Refers-To-Target-URI", earlier.url.as_str());
                draft.add("WARC-Refers-To-Date", &draft::date(earlier.at));
                draft
            }
        };
        if let Some(truncated) = self.truncated {
            draft.add("WARC-Truncated", truncated.as_str());
        }
        draft.into_member("application/http;msgtype=response")
    }

    fn metadata(&self, response_id: &str) -> Vec<u8> {
        let fields = draft::fields(self.fields);
        let mut draft = self.about("metadata", &draft::new_id(), [fields.as_bytes(), b""]);
        draft.add("WARC-Concurrent-To", &format!("<{response_id}>"));
        draft.into_member("application/warc-fields")
    }

    fn about<'b>(&self, kind: &str, id: &str, block: [&'b [u8]; 2]) -> Draft<'b> {
        let mut draft = Draft::new(kind, id, self.at, block);
        draft.add("WARC-Target-URI", self.url.as_str());
        if let Some(address) = self.address {
            draft.add("WARC-IP-Address", &address.to_string());
        }
        draft
    }
}

impl Captured {
    /// The digest of the body, in the form of `WARC-Payload-Digest`.
    pub fn body_digest(&self) -> String {
        draft::digest(&[&self.body])
    }

    /// Reads a response or revisit record. Any other record is an error.
    pub(super) fn from_record(record: &Record) -> Result<Self, String> {
        let is_revisit = match record.required_field("WARC-Type")? {
            "response" => false,
            "revisit" => true,
            other => return Err(format!("a {other} record is there")),
        };
        let end = end_of_head(&record.block).ok_or("its head does not end")?;
        let (head, body) = record.block.split_at(end);
        let refers_to = if is_revisit {
            Some(EarlierCapture {
                record_id: id(record.required_field("WARC-Refers-To")?),
                url: url(record.required_field("WARC-Refers-To-Target-URI")?)?,
                at: timestamp(record.required_field("WARC-Refers-To-Date")?)?,
                payload_digest: record.required_field("WARC-Payload-Digest")?.to_owned(),
            })
        } else {
            None
        };
        let truncated = record.field("WARC-Truncated");
        Ok(Self {
            record_id: id(record.required_field("WARC-Record-ID")?),
            url: url(record.required_field("WARC-Target-URI")?)?,
            at: timestamp(record.required_field("WARC-Date")?)?,
            status: status(head).ok_or("its status line says none")?,
            head: head.to_vec(),
            body: body.to_vec(),
            truncated: Truncated::ALL
                .into_iter()
                .find(|reason| Some(reason.as_str()) == truncated),
            refers_to,
        })
    }
}

/// Where the body begins: after the first blank line.
fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let at = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    Some(at + 4)
}

/// The status of a status line, `HTTP/1.1 200 OK`.
fn status(head: &[u8]) -> Option<u16> {
    let mut words = head
        .strip_prefix(b"HTTP/")?
        .split(|&b| matches!(b, b' ' | b'\r'));
    std::str::from_utf8(words.nth(1)?).ok()?.parse().ok()
}

/// A record's id without the brackets.
fn id(value: &str) -> String {
    value.trim_matches(['<', '>']).to_owned()
}

fn url(value: &str) -> Result<Url, String> {
    value.parse().map_err(|error| format!("{value}: {error}"))
}

fn timestamp(value: &str) -> Result<Timestamp, String> {
    DateTime::parse_from_rfc3339(value)
        .map(|at| Timestamp::from(at.to_utc()))
        .map_err(|error| format!("{value}: {error}"))
}
