//! A capture: a request, its answer, and what dibao knows of both.
//!
//! Owns which records a capture becomes, and what is read back of them. Never opens a file, and
//! never looks into a body.

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

/// What was asked and answered.
#[derive(Clone, Copy, Debug)]
pub struct Capture<'a> {
    /// What was asked for.
    pub url: &'a Url,
    /// When the answer began.
    pub at: Timestamp,
    /// The server's address, where it is known.
    pub address: Option<IpAddr>,
    /// Request line and headers, with the blank line.
    pub request_head: &'a [u8],
    /// The status of the answer.
    pub status: u16,
    /// Status line and headers, with the blank line; without a transfer coding, since the body is.
    pub response_head: &'a [u8],
    /// The body as it was sent, its content coding kept.
    pub body: &'a [u8],
    /// Why the body is not whole, if it is not.
    pub truncated: Option<Truncated>,
    /// What else is to be remembered, for the metadata record; without any there is none.
    pub fields: &'a [(&'a str, String)],
    /// A former capture that was archived whole. If this one has the same body, or is a 304, only
    /// that is archived.
    pub earlier: Option<&'a EarlierCapture>,
}

/// A capture that was archived whole, to which others refer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierCapture {
    /// Its record's id.
    pub record_id: String,
    /// What was asked for then.
    pub url: Url,
    /// When.
    pub at: Timestamp,
    /// The digest of its body.
    pub payload_digest: String,
}

/// Why a body is not whole (`WARC-Truncated`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truncated {
    /// It was larger than what is read.
    Length,
    /// It took too long.
    Time,
    /// The connection broke.
    Disconnect,
}

impl Truncated {
    const ALL: [Self; 3] = [Self::Length, Self::Time, Self::Disconnect];

    /// The word for it in WARC.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Time => "time",
            Self::Disconnect => "disconnect",
        }
    }
}

/// Where a capture begins in the archive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CapturePlace {
    /// The archive's file.
    pub file: String,
    /// Where in it the response record begins, in bytes.
    pub offset: u64,
}

/// Where a capture is archived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchivedCapture {
    /// The file's name.
    pub file: String,
    /// Where its response or revisit record begins.
    pub offset: u64,
    /// The bytes that this record takes.
    pub length: u64,
    /// Where the last record of the capture ends: so far the file is whole.
    pub end: u64,
    /// The id of the response or revisit record.
    pub record_id: String,
    /// The digest of the body; of a 304, that of the body it stands for.
    pub payload_digest: String,
    /// Whether the body is archived elsewhere, with the earlier capture.
    pub is_revisit: bool,
}

/// A response or revisit record, read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captured {
    /// The record's id.
    pub record_id: String,
    /// What was asked for.
    pub url: Url,
    /// When the answer began.
    pub at: Timestamp,
    /// The status of the answer.
    pub status: u16,
    /// Status line and headers, with the blank line.
    pub head: Vec<u8>,
    /// The body as it was sent; empty in a revisit record.
    pub body: Vec<u8>,
    /// Why the body is not whole, if it is not.
    pub truncated: Option<Truncated>,
    /// Of a revisit record: the capture that has the body.
    pub refers_to: Option<EarlierCapture>,
}

/// A capture's records, as they are to be appended.
pub(super) struct DraftedCapture {
    pub(super) bytes: Vec<u8>,
    /// Where among them the response or revisit record is.
    pub(super) response: Range<u64>,
    pub(super) record_id: String,
    pub(super) payload_digest: String,
    pub(super) is_revisit: bool,
}

impl Capture<'_> {
    /// The records that this capture becomes: request, response or revisit, metadata.
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

    /// What could not be told apart when it is read back is not written.
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

    /// The earlier capture that has this one's body, and how that is known. An empty body is not
    /// worth a reference, and of a body that is cut off nobody knows whether it is the same.
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
    /// The digest of the body that is there, as `WARC-Payload-Digest` has it.
    pub fn body_digest(&self) -> String {
        draft::digest(&[&self.body])
    }

    /// Reads a response or revisit record; says what is wrong with any other.
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
