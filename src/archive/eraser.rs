//! Erasing captures in place, for what the law or decency asks to go.
//!
//! Owns that no other record moves: a member that goes is overwritten by one of the same length, a
//! metadata record that says so; and that one at a time does it, of all processes. Never decides what
//! goes, and never cuts a file.

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

/// The block of a record that stands in the place of one that was erased.
const ERASED: &[u8] = b"erased: by the operator of this archive\r\n";

/// What was overwritten.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Records that were overwritten now.
    pub records: usize,
    /// Where records stand that were overwritten, now or before.
    pub places: Vec<CapturePlace>,
    /// Files that could not be read to their end, or written, and why. What stands in them of
    /// what was to go is there still.
    pub failed: Vec<String>,
}

/// A member that is about to be overwritten, noted beside its file: after a crash it is neither the
/// old record nor the new one, and nobody could tell where the next one begins.
#[derive(Debug, Serialize, Deserialize)]
struct Intent {
    offset: u64,
    length: u64,
    lines: Vec<(String, String)>,
}

/// Overwrites all records about addresses of which `is_gone` says so, in all files of the archive in
/// `folder`, sealed ones and those that another process writes as well. Those at the places in `spared`
/// stay. `ends` says how far each file is known to be whole; what stands beyond is being written.
///
/// It may be killed at any point, and be run again.
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
        // File by file, so that others wait for one of them at the most.
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
                // Nothing is there to go.
                None => Ok(()),
            }
        });
    done.and(eraser.seal_again())
}

/// Does once more what a crash left half done in the file `name`: until then it is torn in its midst.
pub(super) fn finish_interrupted(folder: &Path, name: &str) -> Result<(), ArchiveError> {
    let mut eraser = Eraser::new(folder, name);
    if !eraser.intent.exists() {
        return Ok(());
    }
    let _alone = lock(folder)?;
    let done = eraser.finish_interrupted();
    done.and(eraser.seal_again())
}

/// Keeps others from erasing in the folder, until it is dropped: they would take each other's notes, and
/// read what is half overwritten.
fn lock(folder: &Path) -> Result<Lock, ArchiveError> {
    Lock::acquire(folder).map_err(|source| ArchiveError::folder(folder, source))
}

/// The folder itself, locked: no file of the archive's own may be, since who writes one holds it.
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
    /// Closing is not enough: a child process that is just being started has a copy.
    fn drop(&mut self) {
        if let Err(error) = self.0.unlock() {
            tracing::debug!(%error, "the archive's folder was not unlocked");
        }
    }
}

/// Elsewhere folders cannot be opened, and so not be locked.
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

/// What a file is overwritten with: opened at the first record that goes.
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

    /// Does once more what a crash may have left half done.
    fn finish_interrupted(&mut self) -> Result<(), ArchiveError> {
        let text = match fs::read(&self.intent) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            text => text.map_err(|source| ArchiveError::read(&self.intent, source))?,
        };
        // One that was cut short was not begun.
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
        // What cannot be done is not noted: it would be tried again for ever.
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

    /// Seals the file again that was sealed.
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

/// A member of exactly `length` bytes with the record that says what became of another; `None`
/// where so few bytes cannot hold it.
fn member(lines: &[(String, String)], length: u64) -> Option<Vec<u8>> {
    let length = usize::try_from(length).ok()?;
    padded(&record(lines), length).or_else(|| {
        // Of a very short one the address has to go as well.
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

/// An empty block of stored bytes (RFC 1951, section 3.2.4), which says nothing in five bytes.
const NOTHING: [u8; 5] = [0, 0, 0, 0xff, 0xff];
/// A comment in a member's header (RFC 1952) longer than this is more than some readers take.
const COMMENT: usize = 32 * 1024;

/// `text` as a gzip member of exactly `length` bytes: a comment in its header fills up what it leaves,
/// and where that is much, so do empty blocks.
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
