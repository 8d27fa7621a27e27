//! Erasing captures in place, for articles that must go by law or decency.
//!
//! Overwrites the gzip member of a record by one of the same length, which holds a metadata record
//! that says so; no other record moves. Owns the lock by which only one process erases at a time.
//! Never decides what goes, and never shortens a file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use serde::{Deserialize, Serialize};
use url::Url;

use super::capture::CapturePlace;
use super::error::ArchiveError;
use super::file;
use super::members::Members;
use super::record::{Record, Records, VERSION};

/// The block of the record that replaces an erased one.
const ERASED: &[u8] = b"erased: by the operator of this archive\r\n";

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

/// A note beside the file on the member that is about to be overwritten. A crash may leave half a
/// member, and without the note nothing would say where the next one begins.
#[derive(Debug, Serialize, Deserialize)]
struct Intent {
    offset: u64,
    length: u64,
    lines: Vec<(String, String)>,
}

/// Overwrites all records whose URL is `is_gone`, in all files of the archive in `folder`: also in
/// sealed files and in those that another process writes. Records at the places in `spared` stay.
/// `ends` says up to where each file is known to be whole; beyond that, a process is writing.
///
/// It may be killed at any point and run again.
pub fn erase(
    folder: &Path,
    ends: &BTreeMap<String, u64>,
    spared: &BTreeSet<CapturePlace>,
    is_gone: impl Fn(&Url) -> bool,
    mut tell: impl FnMut(&str),
) -> Result<Erased, ArchiveError> {
    let mut erased = Erased::default();
    if !folder.exists() {
        return Ok(erased);
    }
    let mut names =
        file::newest_first(folder).map_err(|source| ArchiveError::folder(folder, source))?;
    names.reverse();
    for name in names {
        tell(&name);
        // The lock is taken file by file, so that others wait for one file at most.
        let _alone = lock(folder)?;
        let mut eraser = Eraser::new(folder, &name);
        let known = ends.get(&name).copied();
        let done = eraser.finish_interrupted().and_then(|()| {
            for record in records(&eraser.path)? {
                let record = match record {
                    Err(ArchiveError::Record { offset, .. })
                        if known.is_none_or(|end| offset >= end) =>
                    {
                        break;
                    }
                    record => record?,
                };
                let url = record.field("WARC-Target-URI").map(Url::parse);
                let at = CapturePlace {
                    file: name.clone(),
                    offset: record.offset,
                };
                let goes = matches!(url, Some(Ok(url)) if is_gone(&url));
                if !goes || spared.contains(&at) {
                    continue;
                }
                if record.block != ERASED {
                    eraser.overwrite(&record)?;
                    erased.records += 1;
                }
                erased.places.push(at);
            }
            Ok(())
        });
        let sealed = eraser.seal_again();
        for error in [done.err(), sealed.err()].into_iter().flatten() {
            erased.failed.push(error.to_string());
        }
    }
    Ok(erased)
}

/// Overwrites the record at `offset` of the file `name`, whatever it is about.
pub(super) fn erase_at(folder: &Path, name: &str, offset: u64) -> Result<(), ArchiveError> {
    if !file::is_name(name) {
        return Err(ArchiveError::Name {
            name: name.to_owned(),
        });
    }
    let _alone = lock(folder)?;
    let mut eraser = Eraser::new(folder, name);
    eraser.finish_interrupted()?;
    let done = File::open(&eraser.path)
        .and_then(|file| Members::new(file, offset))
        .map_err(|source| ArchiveError::read(&eraser.path, source))
        .and_then(|members| {
            match Records::new(&eraser.path, members).next() {
                Some(record) => eraser.overwrite(&record?),
                // The file has no record to erase.
                None => Ok(()),
            }
        });
    done.and(eraser.seal_again())
}

/// Finishes an overwriting that a crash interrupted in the file `name`. Until then a member in the
/// middle of the file is damaged.
pub(super) fn finish_interrupted(folder: &Path, name: &str) -> Result<(), ArchiveError> {
    let mut eraser = Eraser::new(folder, name);
    if !eraser.intent.exists() {
        return Ok(());
    }
    let _alone = lock(folder)?;
    let done = eraser.finish_interrupted();
    done.and(eraser.seal_again())
}

/// Keeps other processes from erasing in the folder, until it is dropped: they would take each
/// other's notes, and read half-written members.
fn lock(folder: &Path) -> Result<Lock, ArchiveError> {
    Lock::acquire(folder).map_err(|source| ArchiveError::folder(folder, source))
}

/// The lock is on the folder: the lock on a file of the archive is held by its writer.
#[cfg(unix)]
struct Lock(File);

#[cfg(unix)]
impl Lock {
    fn acquire(folder: &Path) -> io::Result<Self> {
        let folder = File::open(folder)?;
        folder.lock()?;
        Ok(Self(folder))
    }
}

#[cfg(unix)]
impl Drop for Lock {
    /// Closing is not enough: a child process that is being started has a copy of the handle.
    fn drop(&mut self) {
        if let Err(error) = self.0.unlock() {
            tracing::debug!(%error, "the archive's folder was not unlocked");
        }
    }
}

/// Other systems cannot open folders, and so cannot lock them.
#[cfg(not(unix))]
struct Lock;

#[cfg(not(unix))]
impl Lock {
    fn acquire(_: &Path) -> io::Result<Self> {
        Ok(Self)
    }
}

fn records(path: &Path) -> Result<Records, ArchiveError> {
    let members = File::open(path)
        .and_then(|file| Members::new(file, 0))
        .map_err(|source| ArchiveError::read(path, source))?;
    Ok(Records::new(path, members))
}

/// Overwrites records of one file. The file is opened at the first record to erase.
struct Eraser {
    path: PathBuf,
    intent: PathBuf,
    file: Option<File>,
    was_sealed: bool,
}

impl Eraser {
    fn new(folder: &Path, name: &str) -> Self {
        Self {
            path: folder.join(name),
            intent: folder.join(format!("{name}.erasing")),
            file: None,
            was_sealed: false,
        }
    }

    /// Finishes an overwriting that a crash interrupted.
    fn finish_interrupted(&mut self) -> Result<(), ArchiveError> {
        let text = match fs::read(&self.intent) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            text => text.map_err(|source| ArchiveError::read(&self.intent, source))?,
        };
        // If the note is cut short, the overwriting had not begun.
        match serde_json::from_slice::<Intent>(&text) {
            Ok(intent) => self.put(&intent),
            Err(_) => self.forget(),
        }
    }

    fn overwrite(&mut self, record: &Record) -> Result<(), ArchiveError> {
        let kept = ["WARC-Record-ID", "WARC-Date", "WARC-Target-URI"];
        let lines = kept.iter().filter_map(|name| {
            let value = record.field(name)?;
            Some(((*name).to_owned(), value.to_owned()))
        });
        let intent = Intent {
            offset: record.offset,
            length: record.length,
            lines: lines.collect(),
        };
        // The member is made before the note is written: a note on an impossible overwriting would
        // be tried again for ever.
        self.member(&intent)?;
        let text = serde_json::to_vec(&intent)
            .map_err(|error| ArchiveError::write(&self.intent, error.into()))?;
        File::create(&self.intent)
            .and_then(|mut file| {
                file.write_all(&text)?;
                file.sync_all()
            })
            .map_err(|source| ArchiveError::write(&self.intent, source))?;
        self.put(&intent)
    }

    fn member(&self, intent: &Intent) -> Result<Vec<u8>, ArchiveError> {
        member(&intent.lines, intent.length).ok_or_else(|| {
            let cause = "it is too short to be overwritten";
            ArchiveError::record(&self.path, intent.offset, cause)
        })
    }

    fn put(&mut self, intent: &Intent) -> Result<(), ArchiveError> {
        let member = self.member(intent)?;
        self.write(intent.offset, &member)
            .map_err(|source| ArchiveError::write(&self.path, source))?;
        self.forget()
    }

    fn forget(&self) -> Result<(), ArchiveError> {
        match fs::remove_file(&self.intent) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(ArchiveError::write(&self.intent, error))
            }
            _ => Ok(()),
        }
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        if self.file.is_none() {
            let mut permissions = fs::metadata(&self.path)?.permissions();
            self.was_sealed = permissions.readonly();
            if self.was_sealed {
                make_writable(&mut permissions);
                fs::set_permissions(&self.path, permissions)?;
            }
            self.file = Some(OpenOptions::new().write(true).open(&self.path)?);
        }
        if let Some(file) = &mut self.file {
            file.seek(SeekFrom::Start(offset))?;
            file.write_all(bytes)?;
            file.sync_data()?;
        }
        Ok(())
    }

    /// Seals the file again, if it was sealed.
    fn seal_again(&mut self) -> Result<(), ArchiveError> {
        if !std::mem::take(&mut self.was_sealed) {
            return Ok(());
        }
        fs::metadata(&self.path)
            .and_then(|metadata| {
                let mut permissions = metadata.permissions();
                permissions.set_readonly(true);
                fs::set_permissions(&self.path, permissions)
            })
            .map_err(|source| ArchiveError::write(&self.path, source))
    }
}

#[cfg(unix)]
fn make_writable(permissions: &mut fs::Permissions) {
    use std::os::unix::fs::PermissionsExt;
    permissions.set_mode(permissions.mode() | 0o200);
}

#[cfg(not(unix))]
fn make_writable(permissions: &mut fs::Permissions) {
    permissions.set_readonly(false);
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
