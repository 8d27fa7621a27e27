//! The archive: the portals' answers as they were sent, in WARC 1.1 (ISO 28500:2017).
//!
//! Owns the WARC files, in a folder or in a bucket: writes captures, reads them back, erases them, and
//! repairs files after a crash. Never interprets a page, never fetches, and asks neither the clock nor
//! the store: the caller gives the time of a capture, and up to where each file is known to be whole.
//!
//! All functions block, so async callers use a thread. With a bucket, that thread waits for requests
//! that run on the runtime.

#[cfg(feature = "many-machines")]
mod bucket;
mod capture;
mod draft;
mod erase;
mod error;
mod files;
mod folder;
mod members;
mod name;
mod place;
mod record;
mod source;
mod sums;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use capture::{ArchivedCapture, Capture, CapturePlace, Captured, EarlierCapture, Truncated};
pub use erase::Erased;
pub use error::ArchiveError;
pub use files::ArchiveFiles;
pub use place::{ArchiveFile, Repair};
pub use record::{Record, Records};
pub use sums::FileDamage;

use place::Writing;

/// A file of this size is sealed. The standard recommends this size (annex A).
const ROLL_AT: u64 = 1 << 30;

/// An archive that takes captures. Clones write to the same file of a folder, one after another. Other
/// processes, and other archives of this process, write to files of their own.
#[derive(Clone, Debug)]
pub struct Archive(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    files: ArchiveFiles,
    writer: Box<dyn Writing>,
    repairs: Vec<Repair>,
}

impl Archive {
    /// Opens the archive, and creates its folder if it is missing.
    ///
    /// `ends` says up to where the index of captures knows each file to be whole. A crash may have
    /// cut short the bytes beyond; they are repaired in every file that no process writes.
    pub fn open(
        files: impl Into<ArchiveFiles>,
        ends: &BTreeMap<String, u64>,
    ) -> Result<Self, ArchiveError> {
        Self::open_rolling(files, ends, ROLL_AT)
    }

    /// Opens the archive; a file that has reached `roll_at` bytes is sealed, and a new one begun.
    pub fn open_rolling(
        files: impl Into<ArchiveFiles>,
        ends: &BTreeMap<String, u64>,
        roll_at: u64,
    ) -> Result<Self, ArchiveError> {
        let files = files.into();
        let (writer, repairs) = files.begin_writing(ends, roll_at)?;
        Ok(Self(Arc::new(Shared {
            files,
            writer,
            repairs,
        })))
    }

    /// The files that were repaired when the archive was opened.
    pub fn repairs(&self) -> &[Repair] {
        &self.0.repairs
    }

    /// Writes a capture, and returns when it survives a power cut. After an error, nothing counts as
    /// written.
    pub fn write(&self, capture: &Capture<'_>) -> Result<ArchivedCapture, ArchiveError> {
        let mut places = self.write_all(std::slice::from_ref(capture))?;
        places.pop().unwrap_or_else(|| {
            Err(ArchiveError::Capture {
                url: capture.url.to_string(),
                cause: "nothing was written".to_owned(),
            })
        })
    }

    /// So many batches are written side by side.
    pub fn writes_at_once(&self) -> usize {
        self.0.files.writes_at_once()
    }

    /// Writes captures as one batch, and returns when they survive a power cut. A capture that cannot
    /// be archived does not keep the others from it. After an error of the whole call, nothing counts
    /// as written.
    pub fn write_all(
        &self,
        captures: &[Capture<'_>],
    ) -> Result<Vec<Result<ArchivedCapture, ArchiveError>>, ArchiveError> {
        let drafted: Vec<_> = captures.iter().map(Capture::draft).collect();
        let Some(first) = captures
            .first()
            .filter(|_| drafted.iter().any(Result::is_ok))
        else {
            // There is nothing to write, so no file is begun.
            let refused = drafted.into_iter().filter_map(Result::err);
            return Ok(refused.map(Err).collect());
        };
        let mut bytes = Vec::new();
        let mut begins = Vec::with_capacity(drafted.len());
        for drafted in drafted.iter().flatten() {
            begins.push(bytes.len() as u64);
            bytes.extend_from_slice(&drafted.bytes);
        }
        let (file, start) = self.0.writer.append(first.at, &bytes)?;
        let mut begins = begins.into_iter();
        let places = drafted.into_iter().map(|drafted| {
            let drafted = drafted?;
            let begin = start + begins.next().unwrap_or_default();
            Ok(ArchivedCapture {
                file: file.clone(),
                offset: begin + drafted.response.start,
                length: drafted.response.end - drafted.response.start,
                end: begin + drafted.bytes.len() as u64,
                record_id: drafted.record_id,
                payload_digest: drafted.payload_digest,
                is_revisit: drafted.is_revisit,
            })
        });
        Ok(places.collect())
    }

    /// Reads the response or revisit record at `offset` of `file`.
    pub fn read(&self, file: &str, offset: u64) -> Result<Captured, ArchiveError> {
        self.0.files.read(file, offset)
    }

    /// Overwrites the record at `offset` of `file` by one that says that it was erased.
    pub fn erase(&self, file: &str, offset: u64) -> Result<(), ArchiveError> {
        self.0.files.erase_at(file, offset)
    }

    /// All records of `file`, from its beginning. The first unreadable record is the last item.
    pub fn scan(&self, file: &str) -> Result<Records, ArchiveError> {
        self.0.files.scan(file)
    }

    /// The names of the archive's files, oldest first.
    pub fn files(&self) -> Result<Vec<String>, ArchiveError> {
        self.0.files.files()
    }
}
