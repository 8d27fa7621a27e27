//! The archive: the portals' answers as they were sent, in WARC 1.1 (ISO 28500:2017).
//!
//! Owns the WARC files of the data folder: writes captures, reads them back, and repairs files
//! after a crash. Never interprets a page, never fetches, and asks neither the clock nor the store:
//! the caller gives the time of a capture, and up to where each file is known to be whole.
//!
//! All functions block, so async callers use a thread.

mod capture;
mod draft;
mod eraser;
mod error;
mod file;
mod members;
mod reader;
mod record;
mod repair;
mod retention;
mod sums;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

pub use capture::{ArchivedCapture, Capture, CapturePlace, Captured, EarlierCapture, Truncated};
pub use eraser::{Erased, erase};
pub use error::ArchiveError;
pub use reader::Reader;
pub use record::{Record, Records};
pub use repair::Repair;
pub use retention::{delete, left_since};
pub use sums::{FileDamage, check_file};

use file::WarcFile;

/// A file of this size is sealed. The standard recommends this size (annex A).
const ROLL_AT: u64 = 1 << 30;

/// How many files the archive in `folder` has, and how many bytes they take.
pub fn size(folder: &Path) -> Result<(usize, u64), ArchiveError> {
    if !folder.exists() {
        return Ok((0, 0));
    }
    let names =
        file::newest_first(folder).map_err(|source| ArchiveError::folder(folder, source))?;
    let lengths = names.iter().map(|name| {
        // A file that was moved away in the meantime takes no bytes.
        fs::metadata(folder.join(name)).map_or(0, |file| file.len())
    });
    Ok((names.len(), lengths.sum()))
}

/// A folder of WARC files. Clones write to the same file, one after another. Other processes, and
/// other archives of this process, write to files of their own.
#[derive(Clone, Debug)]
pub struct Archive(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    reader: Reader,
    roll_at: u64,
    repairs: Vec<Repair>,
    /// The file that this archive holds locked; made by the first capture.
    current: Mutex<Option<WarcFile>>,
}

impl Archive {
    /// Opens the archive in `folder`, and creates the folder if it is missing.
    ///
    /// `ends` says up to where the index of captures knows each file to be whole. A crash may have
    /// cut short the bytes beyond; they are repaired in every file that no process writes.
    pub fn open(folder: &Path, ends: &BTreeMap<String, u64>) -> Result<Self, ArchiveError> {
        Self::open_rolling(folder, ends, ROLL_AT)
    }

    /// Opens the archive; a file that has reached `roll_at` bytes is sealed, and a new one begun.
    pub fn open_rolling(
        folder: &Path,
        ends: &BTreeMap<String, u64>,
        roll_at: u64,
    ) -> Result<Self, ArchiveError> {
        let failed = |source| ArchiveError::folder(folder, source);
        fs::create_dir_all(folder).map_err(failed)?;
        let mut repairs = Vec::new();
        let mut current = None;
        for name in file::newest_first(folder).map_err(failed)? {
            eraser::finish_interrupted(folder, &name)?;
            let Some(mut file) = WarcFile::claim(folder, &name)? else {
                continue;
            };
            let is_sound = match repair::repair(&mut file, ends.get(&name).copied())? {
                Some(found) => {
                    let is_sound = !found.set_aside;
                    repairs.push(found);
                    is_sound
                }
                None => true,
            };
            if !is_sound || file.end() >= roll_at {
                file.seal();
            } else if current.is_none() {
                current = Some(file);
            }
        }
        Ok(Self(Arc::new(Shared {
            reader: Reader::new(folder),
            roll_at,
            repairs,
            current: Mutex::new(current),
        })))
    }

    /// The files that were repaired when the archive was opened.
    pub fn repairs(&self) -> &[Repair] {
        &self.0.repairs
    }

    /// Writes a capture, and returns when it is on the disk. After an error the file is unchanged,
    /// and nothing counts as written.
    pub fn write(&self, capture: &Capture<'_>) -> Result<ArchivedCapture, ArchiveError> {
        let mut places = self.write_all(std::slice::from_ref(capture))?;
        places.pop().unwrap_or_else(|| {
            Err(ArchiveError::Capture {
                url: capture.url.to_string(),
                cause: "nothing was written".to_owned(),
            })
        })
    }

    /// Writes captures with one write and one sync, and returns when they are on the disk. A
    /// capture that cannot be archived does not keep the others from it. After an error of the
    /// whole call the file is unchanged, and nothing counts as written.
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
        let current = &self.0.current;
        let mut current = current.lock().unwrap_or_else(PoisonError::into_inner);
        // The file is taken out and put back after success, so that a file in doubt is not used
        // again.
        let mut file = match current.take().filter(WarcFile::is_as_left) {
            Some(file) => file,
            None => WarcFile::create(self.0.reader.folder(), first.at)?,
        };
        let mut bytes = Vec::new();
        if file.end() == 0 {
            bytes = draft::warcinfo(file.name(), first.at);
        }
        let mut begins = Vec::with_capacity(drafted.len());
        for drafted in drafted.iter().flatten() {
            begins.push(bytes.len() as u64);
            bytes.extend_from_slice(&drafted.bytes);
        }
        let start = match file.append(&bytes) {
            Ok(start) => start,
            Err(error) => {
                *current = file.cut_back().then_some(file);
                return Err(error);
            }
        };
        let mut begins = begins.into_iter();
        let places = drafted
            .into_iter()
            .map(|drafted| {
                let drafted = drafted?;
                let begin = start + begins.next().unwrap_or_default();
                Ok(ArchivedCapture {
                    file: file.name().to_owned(),
                    offset: begin + drafted.response.start,
                    length: drafted.response.end - drafted.response.start,
                    end: begin + drafted.bytes.len() as u64,
                    record_id: drafted.record_id,
                    payload_digest: drafted.payload_digest,
                    is_revisit: drafted.is_revisit,
                })
            })
            .collect();
        if file.end() >= self.0.roll_at {
            file.seal();
        } else {
            *current = Some(file);
        }
        Ok(places)
    }

    /// Reads the response or revisit record at `offset` of `file`.
    pub fn read(&self, file: &str, offset: u64) -> Result<Captured, ArchiveError> {
        self.0.reader.read(file, offset)
    }

    /// Overwrites the record at `offset` of `file` by one that says that it was erased.
    pub fn erase(&self, file: &str, offset: u64) -> Result<(), ArchiveError> {
        eraser::erase_at(self.0.reader.folder(), file, offset)
    }

    /// All records of `file`, from its beginning. The first unreadable record is the last item.
    pub fn scan(&self, file: &str) -> Result<Records, ArchiveError> {
        self.0.reader.scan(file)
    }

    /// The names of the archive's files, oldest first.
    pub fn files(&self) -> Result<Vec<String>, ArchiveError> {
        self.0.reader.files()
    }
}
