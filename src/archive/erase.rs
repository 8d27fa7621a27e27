//! Erasing captures, for articles that must go by law or decency.
//!
//! Overwrites the gzip member of a record by one of the same length, which holds a metadata record
//! that says so; no other record moves. Never decides what goes, and never shortens a file.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use url::Url;

use super::capture::CapturePlace;
use super::error::ArchiveError;
use super::place::{ArchiveFile, ArchivePlace};
use super::record::{Record, VERSION};

/// The block of the record that replaces an erased one.
const ERASED: &[u8] = b"erased: by the operator of this archive\r\n";
/// So many files are named at most while all are searched.
const TOLD: usize = 100;
/// A file of this size is searched alone.
const LARGE: u64 = 64 << 20;
/// So often a file is searched anew that others have changed meanwhile.
const TRIES: usize = 5;

/// The result of erasing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Records that were overwritten now.
    pub records: usize,
    /// The places of records that were overwritten, now or earlier.
    pub places: Vec<CapturePlace>,
    /// Files that could not be read to their end or written, with the cause. Records in them may
    /// not be erased.
    pub failed: Vec<String>,
}

/// Overwrites all records whose URL is `is_gone`, in all files: also in sealed files and in those
/// that another process writes. Records at the places in `spared` stay. `ends` says up to where each
/// file is known to be whole; beyond that, a process is writing.
pub(super) fn erase(
    place: &dyn ArchivePlace,
    ends: &BTreeMap<String, u64>,
    spared: &BTreeSet<CapturePlace>,
    is_gone: impl Fn(&Url) -> bool + Sync,
    tell: impl Fn(&str) + Sync,
) -> Result<Erased, ArchiveError> {
    let files = place.list()?;
    let (next, large) = (AtomicUsize::new(0), Mutex::new(()));
    let erased = Mutex::new(Erased::default());
    let told = files.len().div_ceil(TOLD).max(1);
    let search = || {
        loop {
            let number = next.fetch_add(1, Ordering::SeqCst);
            let Some(file) = files.get(number) else { break };
            if number % told == 0 {
                tell(&file.name);
            }
            let _alone =
                (file.bytes > LARGE).then(|| large.lock().unwrap_or_else(PoisonError::into_inner));
            let goes = |record: &Record| {
                let url = record.field("WARC-Target-URI").map(Url::parse);
                let at = CapturePlace {
                    file: file.name.clone(),
                    offset: record.offset,
                };
                matches!(url, Some(Ok(url)) if is_gone(&url)) && !spared.contains(&at)
            };
            let done = erase_in(place, file, ends.get(&file.name).copied(), goes);
            let mut erased = erased.lock().unwrap_or_else(PoisonError::into_inner);
            erased.records += done.records;
            erased.places.extend(done.places);
            erased.failed.extend(done.failed);
        }
    };
    thread::scope(|scope| {
        for _ in 1..place.reads_at_once() {
            scope.spawn(search);
        }
        search();
    });
    let mut erased = erased.into_inner().unwrap_or_else(PoisonError::into_inner);
    erased.places.sort_unstable();
    Ok(erased)
}

/// Overwrites the records of a file that go.
fn erase_in(
    place: &dyn ArchivePlace,
    file: &ArchiveFile,
    known: Option<u64>,
    goes: impl Fn(&Record) -> bool,
) -> Erased {
    for _ in 0..TRIES {
        let mut erased = Erased::default();
        let mut file_of = match place.begin_erasing(&file.name) {
            Ok(begun) => begun,
            Err(error) => {
                erased.failed.push(error.to_string());
                return erased;
            }
        };
        let done = file_of.records(0).and_then(|records| {
            for record in records {
                let record = match record {
                    Err(ArchiveError::Record { offset, .. })
                        if known.is_none_or(|end| offset >= end) =>
                    {
                        break;
                    }
                    record => record?,
                };
                if !goes(&record) {
                    continue;
                }
                if record.block != ERASED {
                    file_of.overwrite(&record)?;
                    erased.records += 1;
                }
                erased.places.push(CapturePlace {
                    file: file.name.clone(),
                    offset: record.offset,
                });
            }
            Ok(())
        });
        match file_of.end() {
            Ok(true) => (),
            Ok(false) => continue,
            Err(error) => erased.failed.push(error.to_string()),
        }
        erased.failed.extend(done.err().map(|e| e.to_string()));
        return erased;
    }
    Erased {
        failed: vec![busy(place, &file.name).to_string()],
        ..Erased::default()
    }
}

/// A file that others change each time.
fn busy(place: &dyn ArchivePlace, file: &str) -> ArchiveError {
    let cause = "others change it all the time";
    ArchiveError::write(&place.name_of(file), io::Error::other(cause))
}

/// Overwrites the record at `offset` of the file `name`, whatever it is about.
pub(super) fn erase_at(
    place: &dyn ArchivePlace,
    name: &str,
    offset: u64,
) -> Result<(), ArchiveError> {
    for _ in 0..TRIES {
        let mut file = place.begin_erasing(name)?;
        let done = file.records(offset).and_then(|mut records| {
            match records.next() {
                Some(record) => match record? {
                    record if record.block == ERASED => Ok(()),
                    record => file.overwrite(&record),
                },
                // The file has no record to erase.
                None => Ok(()),
            }
        });
        match file.end() {
            Ok(false) if done.is_ok() => (),
            ended => return done.and(ended.map(|_| ())),
        }
    }
    Err(busy(place, name))
}

/// The header fields that an erased record keeps.
pub(super) fn kept_lines(record: &Record) -> Vec<(String, String)> {
    let kept = ["WARC-Record-ID", "WARC-Date", "WARC-Target-URI"];
    let lines = kept.iter().filter_map(|name| {
        let value = record.field(name)?;
        Some(((*name).to_owned(), value.to_owned()))
    });
    lines.collect()
}

/// The member that replaces one of this `length` at `offset` of a file, with these lines.
pub(super) fn replacement(
    path: &Path,
    lines: &[(String, String)],
    (offset, length): (u64, u64),
) -> Result<Vec<u8>, ArchiveError> {
    member(lines, length)
        .ok_or_else(|| ArchiveError::record(path, offset, "it is too short to be overwritten"))
}

/// A member of exactly `length` bytes with the record that replaces an erased one; `None` if it
/// does not fit.
fn member(lines: &[(String, String)], length: u64) -> Option<Vec<u8>> {
    let length = usize::try_from(length).ok()?;
    padded(&record(lines), length).or_else(|| {
        // A very short member has no room for the URL.
        let fewer: Vec<_> = lines
            .iter()
            .filter(|(name, _)| name != "WARC-Target-URI")
            .cloned()
            .collect();
        padded(&record(&fewer), length)
    })
}

fn record(lines: &[(String, String)]) -> Vec<u8> {
    let mut text = format!("{VERSION}WARC-Type: metadata\r\n");
    for (name, value) in lines {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("Content-Type: application/warc-fields\r\n");
    text.push_str(&format!("Content-Length: {}\r\n\r\n", ERASED.len()));
    [text.as_bytes(), ERASED, b"\r\n\r\n"].concat()
}

/// An empty block of stored bytes (RFC 1951, section 3.2.4), which adds five bytes and no content.
const NOTHING: [u8; 5] = [0, 0, 0, 0xff, 0xff];
/// The longest comment in a member's header (RFC 1952) that all readers accept.
const COMMENT: usize = 32 * 1024;

/// `text` as a gzip member of exactly `length` bytes. A comment in the header fills the remaining
/// bytes, and empty blocks do if they are many.
fn padded(text: &[u8], length: usize) -> Option<Vec<u8>> {
    /// Flag of a header with a comment.
    const FCOMMENT: u8 = 0x10;
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
    deflate.write_all(text).ok()?;
    let deflated = deflate.finish().ok()?;
    let left = length.checked_sub(10 + deflated.len() + 8)?;
    let (comment, blocks) = match left {
        0..=COMMENT => (left, 0),
        _ => (left % NOTHING.len(), left / NOTHING.len()),
    };
    let flags = if comment > 0 { FCOMMENT } else { 0 };
    let mut member = vec![0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 255];
    if comment > 0 {
        member.resize(member.len() + comment - 1, b' ');
        member.push(0);
    }
    for _ in 0..blocks {
        member.extend(NOTHING);
    }
    member.extend(deflated);
    let mut crc = Crc::new();
    crc.update(text);
    member.extend(crc.sum().to_le_bytes());
    member.extend(crc.amount().to_le_bytes());
    Some(member)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn a_member_has_any_length_that_can_hold_it() {
        let lines = [
            ("WARC-Record-ID".to_owned(), "<urn:uuid:1>".to_owned()),
            ("WARC-Target-URI".to_owned(), "http://a.cn/1".to_owned()),
        ];
        let shortest = (0..500).find(|length| member(&lines, *length).is_some());
        let shortest = shortest.unwrap();
        let padded = [32_760, 32_780, 100_000, 100_003, 1_000_004];
        for length in (shortest..shortest + 60).chain(padded) {
            let member = member(&lines, length).unwrap();
            assert_eq!(member.len() as u64, length);
            let mut reader = flate2::bufread::GzDecoder::new(&member[..]);
            let mut text = Vec::new();
            reader.read_to_end(&mut text).unwrap();
            assert!(reader.into_inner().is_empty(), "{length}");
            assert!(text.ends_with(&[ERASED, b"\r\n\r\n"].concat()));
        }
        assert_eq!(member(&lines, shortest - 1), None);
    }
}
