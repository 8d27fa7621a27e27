//! Compressed copies of a published file for web servers: `atom.xml.gz` and `atom.xml.br`.
//!
//! Owns the copies. A copy has the modification time of its file, which shows whether it is
//! outdated. It is removed before the file changes: it may be missing, but is never wrong.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::NamedTempFile;

use super::folder::folder;
use super::parts::{self, Kept};
use super::sweep;
use super::unsynced::{Unsynced, Written};

/// The smallest file that is compressed. A smaller one would not become smaller with its headers.
const SMALLEST: usize = 1024;
/// The largest file that Brotli compresses. A tenth of its bytes is not worth four times the time
/// of gzip in a file of megabytes that grows with every article.
const LARGEST_BROTLI: usize = 128 * 1024;
/// The level of gzip. Higher ones take more time for each per cent than this one for all.
const GZIP: u32 = 4;
/// That of larger files: two thirds of the time for five per cent more bytes.
const GZIP_LARGE: u32 = 2;
/// The quality of Brotli: the lowest one that gives fewer bytes than gzip.
const BROTLI: i32 = 5;

/// The smallest window of Brotli, in bits. With one of 16 or less, brotli 9.1 hashes a file of any size
/// into a table of 32 MiB: twenty times the time.
const SMALLEST_WINDOW: u32 = 17;

/// A way to compress a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// RFC 1952.
    Gzip,
    /// RFC 7932.
    Brotli,
}

/// Both ways.
pub(super) const CODINGS: [Coding; 2] = [Coding::Gzip, Coding::Brotli];

impl Coding {
    /// The end of the name of a copy.
    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Gzip => "gz",
            Self::Brotli => "br",
        }
    }

    /// The path of the compressed copy of `target`.
    fn file(self, target: &Path) -> PathBuf {
        let mut name = target.as_os_str().to_owned();
        name.push(".");
        name.push(self.extension());
        PathBuf::from(name)
    }

    /// Its name in `Content-Encoding`.
    #[cfg(feature = "many-machines")]
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Brotli => "br",
        }
    }

    fn write(self, bytes: &[u8], to: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Gzip => {
                let level = match is_large(bytes) {
                    true => GZIP_LARGE,
                    false => GZIP,
                };
                let mut encoder = GzEncoder::new(to, Compression::new(level));
                encoder.write_all(bytes)?;
                encoder.finish().map(|_| ())
            }
            Self::Brotli => {
                // A larger window than the file would only have to be cleared.
                let bits = usize::BITS - bytes.len().leading_zeros();
                let params = BrotliEncoderParams {
                    quality: BROTLI,
                    lgwin: i32::try_from(bits.max(SMALLEST_WINDOW)).unwrap_or_default(),
                    size_hint: bytes.len(),
                    ..BrotliEncoderParams::default()
                };
                brotli::BrotliCompress(&mut &*bytes, to, &params).map(|_| ())
            }
        }
    }
}

/// The paths of the compressed copies that `target` may have.
pub(super) fn paths(target: &Path) -> Vec<PathBuf> {
    CODINGS.map(|coding| coding.file(target)).into()
}

/// Writes the compressed copies of `target` in these codings, for a file of this content and time.
/// They are not in place yet.
pub(super) fn written(
    target: &Path,
    bytes: &[u8],
    codings: &[Coding],
    time: SystemTime,
) -> io::Result<Vec<Written>> {
    if bytes.len() < SMALLEST {
        return Ok(Vec::new());
    }
    let copies = fitting(bytes, codings).map(|coding| {
        let file = coding.file(target);
        let write = |to: &mut File| coding.write(bytes, to);
        Ok((copy(&file, time, write)?, file))
    });
    copies.collect()
}

/// The copy of a file of this content in this coding; `None` if it has none. A large file has parts
/// up to `ends`, if it is published in parts.
#[cfg(feature = "many-machines")]
pub(super) fn copy_of(
    bytes: &[u8],
    coding: Coding,
    ends: Option<&[usize]>,
) -> io::Result<Option<Vec<u8>>> {
    if !is_due(bytes.len() as u64, coding) {
        return Ok(None);
    }
    if let Some(ends) = ends.filter(|_| is_large(bytes)) {
        return parts::compress(bytes, ends, Compression::new(GZIP_LARGE), None).map(Some);
    }
    let mut copy = Vec::new();
    coding.write(bytes, &mut copy)?;
    Ok(Some(copy))
}

/// Whether a file of this length has a copy in this coding.
#[cfg(feature = "many-machines")]
pub(super) fn is_due(length: u64, coding: Coding) -> bool {
    length >= SMALLEST as u64 && (coding == Coding::Gzip || length <= LARGEST_BROTLI as u64)
}

/// The codings that a file of this content has copies in.
fn fitting<'a>(bytes: &[u8], codings: &'a [Coding]) -> impl Iterator<Item = &'a Coding> {
    let is_large = is_large(bytes);
    let codings = codings.iter();
    codings.filter(move |coding| **coding == Coding::Gzip || !is_large)
}

/// A compressed copy that is not in place yet.
fn copy(
    file: &Path,
    time: SystemTime,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<NamedTempFile> {
    let mut pending = sweep::create(folder(file))?;
    write(pending.as_file_mut())?;
    pending.as_file().set_modified(time)?;
    Ok(pending)
}

/// Removes the compressed copies of `target`, before the file changes or is removed.
pub(super) fn remove(target: &Path) -> io::Result<()> {
    for copy in paths(target) {
        match fs::remove_file(copy) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    Ok(())
}

/// Whether a file with this content has no copy by Brotli.
pub(super) fn is_large(bytes: &[u8]) -> bool {
    bytes.len() > LARGEST_BROTLI
}

/// The file at `target` and its copy by gzip, to keep parts of it. Its bytes may be known already.
pub(super) fn kept<'a>(target: &Path, bytes: Option<&'a [u8]>) -> Option<Kept<'a>> {
    let time = fs::metadata(target).ok()?.modified().ok()?;
    let copy = Coding::Gzip.file(target);
    if !is_of(&copy, time) {
        return None;
    }
    let bytes = match bytes {
        Some(bytes) => bytes.into(),
        None => fs::read(target).ok()?.into(),
    };
    Some(Kept::new(bytes, fs::read(copy).ok()?))
}

/// Writes the missing compressed copies of `target`, whose content is `bytes`, in these codings.
pub(super) fn complete(
    target: &Path,
    bytes: &[u8],
    codings: &[Coding],
    unsynced: &Unsynced,
) -> io::Result<()> {
    if bytes.len() < SMALLEST {
        return remove(target);
    }
    complete_with(target, fitting(bytes, codings), unsynced, |coding, to| {
        coding.write(bytes, to)
    })
}

/// Writes the copy by gzip of a large file, if it is missing. Its parts end at `ends`; those that it
/// has of `kept` are not compressed again.
pub(super) fn complete_parted(
    target: &Path,
    bytes: &[u8],
    ends: &[usize],
    kept: Option<&Kept<'_>>,
    unsynced: &Unsynced,
) -> io::Result<()> {
    complete_with(target, [&Coding::Gzip], unsynced, |_, to| {
        let level = Compression::new(GZIP_LARGE);
        to.write_all(&parts::compress(bytes, ends, level, kept)?)
    })
}

fn complete_with<'a>(
    target: &Path,
    codings: impl IntoIterator<Item = &'a Coding>,
    unsynced: &Unsynced,
    write: impl Fn(Coding, &mut File) -> io::Result<()>,
) -> io::Result<()> {
    let time = fs::metadata(target)?.modified()?;
    let files = codings
        .into_iter()
        .map(|coding| (coding, coding.file(target)));
    let missing = files.filter(|(_, file)| !is_of(file, time));
    for (coding, file) in missing {
        let pending = copy(&file, time, |to| write(*coding, to))?;
        pending.as_file().sync_all()?;
        pending.persist(file)?;
        unsynced.note(folder(target));
    }
    Ok(())
}

/// Whether the compressed copies of `target` are of its time. The copy by gzip must be there if
/// `is_due`, and the file is not too small for one.
pub(super) fn are_of(target: &Path, is_due: bool) -> io::Result<bool> {
    let file = fs::metadata(target)?;
    let time = file.modified()?;
    let is_due = is_due && file.len() >= SMALLEST as u64;
    Ok(CODINGS.into_iter().all(|coding| {
        let copy = coding.file(target);
        let may_be_missing = coding != Coding::Gzip || !is_due;
        is_of(&copy, time) || (may_be_missing && !copy.exists())
    }))
}

fn is_of(file: &Path, time: SystemTime) -> bool {
    fs::metadata(file).and_then(|file| file.modified()).ok() == Some(time)
}

/// The path of the file to which a compressed copy belongs.
pub(super) fn original(path: &str) -> Option<&str> {
    let extensions = CODINGS.map(Coding::extension);
    let (original, extension) = path.rsplit_once('.')?;
    extensions.contains(&extension).then_some(original)
}
