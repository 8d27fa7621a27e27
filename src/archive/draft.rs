//! A WARC record as it is written: header lines, block, and the gzip member around both.
//!
//! Owns the layout of records and their digests. Never opens a file.

use std::fmt::Write as _;
use std::io::Write as _;

use chrono::{SecondsFormat, Utc};
use flate2::{Compression, GzBuilder};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::record::VERSION;
use crate::model::{Timestamp, sha256_hex};

/// A record that is not yet written.
pub(super) struct Draft<'a> {
    lines: String,
    block: [&'a [u8]; 2],
}

impl<'a> Draft<'a> {
    /// A record of this type (`WARC-Type`) and time. The block is the concatenation of `block`.
    pub(super) fn new(kind: &str, id: &str, at: Timestamp, block: [&'a [u8]; 2]) -> Self {
        let mut draft = Self {
            lines: String::new(),
            block,
        };
        draft.add("WARC-Type", kind);
        draft.add("WARC-Record-ID", &format!("<{id}>"));
        draft.add("WARC-Date", &date(at));
        draft.add("WARC-Block-Digest", &digest(&block));
        draft
    }

    /// Adds a header field.
    pub(super) fn add(&mut self, name: &str, value: &str) {
        add_line(&mut self.lines, name, value);
    }

    /// The record as a gzip member.
    pub(super) fn into_member(mut self, content_type: &str) -> Vec<u8> {
        let length: usize = self.block.iter().map(|part| part.len()).sum();
        self.add("Content-Type", content_type);
        self.add("Content-Length", &length.to_string());
        let mut member = GzBuilder::new().write(Vec::new(), Compression::default());
        let [head, rest] = self.block;
        for part in [
            VERSION.as_bytes(),
            self.lines.as_bytes(),
            b"\r\n",
            head,
            rest,
            b"\r\n\r\n",
        ] {
            // Writing to memory cannot fail.
            let _ = member.write_all(part);
        }
        member.finish().unwrap_or_default()
    }
}

/// The first record of a file.
pub(super) fn warcinfo(file: &str, at: Timestamp) -> Vec<u8> {
    let fields = fields(&[
        (
            "software",
            concat!("dibao/", env!("CARGO_PKG_VERSION")).to_owned(),
        ),
        ("format", "WARC File Format 1.1".to_owned()),
        (
            "conformsTo",
            "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
                .to_owned(),
        ),
        (
            "robots",
            "obeyed (RFC 9309), unless a column's configuration says otherwise".to_owned(),
        ),
        (
            "description",
            "pages of government portals' news columns, as the portals sent them".to_owned(),
        ),
    ]);
    let mut draft = Draft::new("warcinfo", &new_id(), at, [fields.as_bytes(), b""]);
    draft.add("WARC-Filename", file);
    draft.into_member("application/warc-fields")
}

/// Named values as `application/warc-fields`.
pub(super) fn fields<N: AsRef<str>>(fields: &[(N, String)]) -> String {
    fields
        .iter()
        .fold(String::new(), |mut lines, (name, value)| {
            add_line(&mut lines, name.as_ref(), value);
            lines
        })
}

/// A value from outside must not begin a line of its own.
fn add_line(lines: &mut String, name: &str, value: &str) {
    let value = value.split(char::is_control).collect::<Vec<_>>().join(" ");
    // Writing to a string cannot fail.
    let _ = write!(lines, "{name}: {}\r\n", value.trim());
}

/// A new record's id.
pub(super) fn new_id() -> String {
    Uuid::new_v4().urn().to_string()
}

/// A `WARC-Date`, to the millisecond.
pub(super) fn date(at: Timestamp) -> String {
    let utc = at.to_chrono().with_timezone(&Utc);
    utc.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A digest in the form of `WARC-Payload-Digest`. It is SHA-256, because two pages with one SHA-1
/// can be made on purpose, and the second would be archived as a repetition of the first.
pub(super) fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    format!("sha256:{}", sha256_hex(hash))
}
