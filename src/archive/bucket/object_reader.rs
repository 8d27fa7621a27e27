//! An object as a file that is read from any place on.
//!
//! Owns how much is asked for at once: a little at first, for one record, and more with each request
//! that follows. Never writes.

use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::sync::Arc;

use bytes::Bytes;
use tokio::runtime::Handle;

use crate::archive::source::Source;
use crate::bucket::{Objects, wait};

/// The bytes of the first request: most batches of captures have less.
const FIRST: u64 = 256 << 10;
/// The most that is asked for at once.
const MOST: u64 = 8 << 20;

/// Reads an object.
#[derive(Debug)]
pub(super) struct ObjectReader {
    objects: Arc<Objects>,
    runtime: Handle,
    file: String,
    /// The offset of the next byte.
    at: u64,
    /// Some bytes of the object, and where they begin.
    part: Bytes,
    begin: u64,
    /// The length of the object, once it is known.
    length: Option<u64>,
    /// How much the next request asks for.
    next: u64,
}

impl ObjectReader {
    /// A reader that has asked for nothing yet.
    pub(super) fn new(objects: Arc<Objects>, runtime: Handle, file: &str) -> Self {
        Self {
            objects,
            runtime,
            file: file.to_owned(),
            at: 0,
            part: Bytes::new(),
            begin: 0,
            length: None,
            next: FIRST,
        }
    }

    /// What is known of the object from the next byte on.
    fn known(&self) -> &[u8] {
        let from = self.at.checked_sub(self.begin);
        let from = from.and_then(|from| usize::try_from(from).ok());
        from.and_then(|from| self.part.get(from..))
            .unwrap_or_default()
    }

    fn ask(&mut self) -> io::Result<()> {
        let range = self.at..self.at.saturating_add(self.next);
        let asked = wait(&self.runtime, self.objects.read_part(&self.file, range))?;
        let missing = || io::Error::new(ErrorKind::NotFound, "there is no such object");
        let part = asked.ok_or_else(missing)?;
        (self.part, self.begin) = (part.bytes, self.at);
        self.length = Some(part.of);
        self.next = (self.next * 4).min(MOST);
        Ok(())
    }
}

impl Read for ObjectReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let is_end = |length: Option<u64>, at| length.is_some_and(|length| at >= length);
        if self.known().is_empty() && !is_end(self.length, self.at) {
            self.ask()?;
        }
        let read = self.known().read(buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for ObjectReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.length()?.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::from(ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

impl Source for ObjectReader {
    fn length(&mut self) -> io::Result<u64> {
        match self.length {
            Some(length) => Ok(length),
            None => {
                self.ask()?;
                Ok(self.length.unwrap_or_default())
            }
        }
    }
}
