//! The gzip members of a WARC file, one a record.
//!
//! Owns finding the end of a member. Never looks at its content.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};

use flate2::bufread::GzDecoder;

/// Reads member after member.
#[derive(Debug)]
pub(super) struct Members<R> {
    reader: BufReader<R>,
    at: u64,
}

/// Why no whole member begins at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Break {
    /// The file ends within it.
    Torn,
    /// It is not gzip, or its checksum is wrong.
    Damaged,
}

impl Break {
    /// The state of the file that an error of [`Members::next`] shows; `None` if reading itself
    /// failed.
    pub(super) fn from_error(error: &io::Error) -> Option<Self> {
        match error.kind() {
            ErrorKind::UnexpectedEof => Some(Self::Torn),
            ErrorKind::InvalidInput | ErrorKind::InvalidData => Some(Self::Damaged),
            _ => None,
        }
    }
}

impl<R: Read + Seek> Members<R> {
    /// Begins at `offset`.
    pub(super) fn new(mut file: R, offset: u64) -> io::Result<Self> {
        file.seek(SeekFrom::Start(offset))?;
        Ok(Self {
            reader: BufReader::with_capacity(64 * 1024, file),
            at: offset,
        })
    }

    /// The offset of the next member, behind the last whole one.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// Writes the content of the next member to `out`; `None` at the end of the file.
    pub(super) fn next(&mut self, out: &mut impl Write) -> io::Result<Option<()>> {
        if self.reader.fill_buf()?.is_empty() {
            return Ok(None);
        }
        // This decoder takes one member from a buffered reader, and not a byte more.
        io::copy(&mut GzDecoder::new(&mut self.reader), out)?;
        self.at = self.reader.stream_position()?;
        Ok(Some(()))
    }
}
