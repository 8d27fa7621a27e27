//! A temporary file that is being written, with its length and hash.
//!
//! Owns these three. Never puts the file in place.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, Write};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::model::{FileEntry, sha256_hex};

/// Takes the bytes of a file. If it is dropped, it leaves nothing behind.
#[derive(Debug)]
pub(super) struct Spool {
    file: BufWriter<NamedTempFile>,
    hash: Sha256,
    bytes: u64,
}

impl Spool {
    pub(super) fn new(file: NamedTempFile) -> Self {
        Self {
            file: BufWriter::new(file),
            hash: Sha256::new(),
            bytes: 0,
        }
    }

    /// Takes the first bytes of a published file: so many as `kept` says. `None` if that cannot say
    /// it; `false` if the file is not as it was published.
    pub(super) fn begin_with(
        &mut self,
        file: &mut File,
        published: &FileEntry,
        kept: &mut dyn FnMut(&mut File) -> io::Result<u64>,
    ) -> io::Result<bool> {
        let bytes = kept(file).and_then(|bytes| file.rewind().map(|()| bytes));
        let Ok(mut left) = bytes else {
            return Ok(false);
        };
        let mut whole = Sha256::new();
        let length = each_part(file, |part| {
            whole.update(part);
            let end = usize::try_from(left).map_or(part.len(), |left| left.min(part.len()));
            left -= end as u64;
            self.write_all(part.get(..end).unwrap_or(part))
        })?;
        Ok(length == published.bytes && sha256_hex(whole) == published.sha256)
    }

    /// The length and hash of what was written so far.
    pub(super) fn entry(&self, path: &str) -> FileEntry {
        FileEntry {
            path: path.to_owned(),
            bytes: self.bytes,
            sha256: sha256_hex(self.hash.clone()),
        }
    }

    /// The file, with all bytes in it.
    pub(super) fn into_file(self) -> io::Result<NamedTempFile> {
        self.file.into_inner().map_err(|error| error.into_error())
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or(bytes));
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Reads a file to its end, and returns its length.
pub(super) fn each_part(
    file: &mut File,
    mut with: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<u64> {
    let mut bytes = 0;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut buffer)?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else {
            return Ok(bytes);
        };
        with(part)?;
        bytes += read as u64;
    }
}
