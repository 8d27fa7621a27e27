//! A WARC record as it is read back.
//!
//! Owns the record's header lines (section 5 of the standard). Never asks what the block means.

use std::io;
use std::path::{Path, PathBuf};

use super::error::ArchiveError;
use super::members::{Break, Members};
use super::source::Source;

/// The first line of a record, which dibao writes and reads.
pub(super) const VERSION: &str = "WARC/1.1\r\n";

/// A record has no more header fields than these.
const FIELDS: usize = 64;

/// A record of a WARC file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The offset of its gzip member in the file.
    pub offset: u64,
    /// The length of the member in bytes.
    pub length: u64,
    /// The header fields, in their order.
    pub fields: Vec<(String, String)>,
    /// The block, `Content-Length` bytes.
    pub block: Vec<u8>,
}

impl Record {
    /// The value of the first header field of that name.
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        let (_, value) = fields.find(|(given, _)| given.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// The value of a header field that must be there.
    pub(super) fn required_field(&self, name: &str) -> Result<&str, String> {
        self.field(name)
            .ok_or_else(|| format!("the record has no {name}"))
    }

    /// Parses the content of a member.
    fn parse(offset: u64, length: u64, bytes: &[u8]) -> Result<Self, String> {
        let lines = bytes
            .strip_prefix(VERSION.as_bytes())
            .ok_or("it is not a WARC/1.1 record")?;
        let mut headers = [httparse::EMPTY_HEADER; FIELDS];
        let parsed = httparse::parse_headers(lines, &mut headers)
            .map_err(|error| format!("its header cannot be read: {error}"))?;
        let httparse::Status::Complete((length_of_header, headers)) = parsed else {
            return Err("its header does not end".to_owned());
        };
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let mut record = Self {
            offset,
            length,
            fields: headers
                .iter()
                .map(|header| (header.name.to_owned(), text(header.value)))
                .collect(),
            block: Vec::new(),
        };
        let content_length = record.required_field("Content-Length")?;
        let block = lines
            .get(length_of_header..)
            .and_then(|rest| rest.strip_suffix(b"\r\n\r\n"))
            .filter(|block| content_length == block.len().to_string())
            .ok_or_else(|| format!("its block is not of {content_length} bytes"))?;
        record.block = block.to_vec();
        Ok(record)
    }
}

/// The records of a file, one after another.
#[derive(Debug)]
pub struct Records {
    file: PathBuf,
    /// `None` once a record could not be read.
    members: Option<Members<Box<dyn Source>>>,
}

impl Records {
    /// Those from this offset on. `file` is its name in errors.
    pub(super) fn begin(file: &Path, source: Box<dyn Source>, offset: u64) -> io::Result<Self> {
        Ok(Self {
            file: file.to_owned(),
            members: Some(Members::new(source, offset)?),
        })
    }
}

impl Iterator for Records {
    type Item = Result<Record, ArchiveError>;

    fn next(&mut self) -> Option<Self::Item> {
        let members = self.members.as_mut()?;
        let offset = members.at();
        let mut bytes = Vec::new();
        let read = match members.next(&mut bytes) {
            Ok(None) => return None,
            Ok(Some(())) => Record::parse(offset, members.at() - offset, &bytes),
            Err(error) if Break::from_error(&error).is_none() => {
                self.members = None;
                return Some(Err(ArchiveError::read(&self.file, error)));
            }
            Err(error) => Err(error.to_string()),
        };
        Some(read.map_err(|cause| {
            self.members = None;
            ArchiveError::record(&self.file, offset, cause)
        }))
    }
}
