//! Files that were asked for lately: their lengths, times and tags, and the bytes of small ones.
//!
//! Owns how long this knowledge holds. A file is looked at again before each answer, but no more than
//! a hundred times a second. Who has a new file never gets an older state of another one afterwards.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use axum::http::HeaderValue;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::accepted::{Coding, Codings};

/// The memory for all known files, in bytes.
const MOST: u64 = 64 << 20;
/// The largest file whose bytes are kept.
const LARGEST: u64 = 1 << 20;
/// About what a known file takes without its bytes.
const ENTRY: u64 = 1024;
/// The rough number of known files. The cache has no shards that are smaller than a kept file.
const FILES: usize = 512;
/// So long, in milliseconds, a file counts as looked at.
const TRUSTED: u64 = 10;
/// So long, in milliseconds, a copy in a coding that was missing is not sought again.
const MISSED: u64 = 1000;

/// Tells one state of a file from others.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: SystemTime,
    /// Another file, or another state of it, although length and time are the same.
    inode: (u64, i64, i64),
}

impl Stamp {
    fn new(file: &Metadata) -> io::Result<Self> {
        Ok(Self {
            bytes: file.len(),
            modified: file.modified()?,
            inode: inode(file),
        })
    }
}

#[cfg(unix)]
fn inode(file: &Metadata) -> (u64, i64, i64) {
    use std::os::unix::fs::MetadataExt;
    (file.ino(), file.ctime(), file.ctime_nsec())
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> (u64, i64, i64) {
    (0, 0, 0)
}

/// A file as it was when it was looked at.
#[derive(Debug)]
pub(super) struct KnownFile {
    file: PathBuf,
    stamp: Stamp,
    pub(super) etag: HeaderValue,
    pub(super) last_modified: HeaderValue,
    /// Its bytes; `None` if it is large.
    pub(super) bytes: Option<Bytes>,
    /// When it was looked at last.
    looked: AtomicU64,
    /// How many other files had changed by then.
    turn: AtomicU64,
}

impl KnownFile {
    /// Its length.
    pub(super) fn length(&self) -> u64 {
        self.stamp.bytes
    }

    /// Its time in whole seconds.
    pub(super) fn seconds(&self) -> u64 {
        let since = self.stamp.modified.duration_since(UNIX_EPOCH);
        since.unwrap_or_default().as_secs()
    }

    fn read(path: PathBuf) -> io::Result<Self> {
        let mut file = File::open(&path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let stamp = Stamp::new(&metadata)?;
        let mut bytes = None;
        if stamp.bytes <= LARGEST {
            let mut read = Vec::with_capacity(usize::try_from(stamp.bytes).unwrap_or(0) + 1);
            Read::by_ref(&mut file)
                .take(LARGEST + 1)
                .read_to_end(&mut read)?;
            // Somebody may be writing it in place.
            let is_whole = read.len() as u64 == stamp.bytes;
            if is_whole && Stamp::new(&file.metadata()?)? == stamp {
                read.shrink_to_fit();
                bytes = Some(Bytes::from(read));
            }
        }
        let since = stamp
            .modified
            .duration_since(UNIX_EPOCH)
            .map_err(io::Error::other)?;
        let (seconds, nanos) = (since.as_secs(), since.subsec_nanos());
        // The same as `ServeDir` makes, which answers what is not known here.
        let etag = format!("\"{seconds:x}.{nanos:08x}-{:x}\"", stamp.bytes);
        let last_modified = httpdate::fmt_http_date(stamp.modified);
        Ok(Self {
            etag: HeaderValue::try_from(etag).map_err(io::Error::other)?,
            last_modified: HeaderValue::try_from(last_modified).map_err(io::Error::other)?,
            file: path,
            stamp,
            bytes,
            looked: AtomicU64::default(),
            turn: AtomicU64::default(),
        })
    }
}

/// What is known of a path.
#[derive(Clone)]
enum Known {
    File(Arc<KnownFile>),
    /// There was no such file then, though there is one that this would be a copy of.
    Missing(u64),
}

#[derive(Clone)]
struct Weight;

impl Weighter<String, Known> for Weight {
    fn weight(&self, _: &String, known: &Known) -> u64 {
        let bytes = match known {
            Known::File(file) => file.bytes.as_ref(),
            Known::Missing(_) => None,
        };
        ENTRY + bytes.map_or(0, |bytes| bytes.len() as u64)
    }
}

/// A file to answer with, and its coding.
pub(super) type Found = (Arc<KnownFile>, Option<Coding>);

/// The known files of a folder. Clones share them.
#[derive(Clone)]
pub(super) struct KnownFiles {
    root: Arc<PathBuf>,
    known: Arc<Cache<String, Known, Weight>>,
    /// How often a file was read, or answered with by others.
    turn: Arc<AtomicU64>,
    begun: Instant,
}

impl KnownFiles {
    pub(super) fn new(root: &Path) -> Self {
        Self {
            root: Arc::new(root.to_owned()),
            known: Arc::new(Cache::with_weighter(FILES, MOST, Weight)),
            turn: Arc::default(),
            begun: Instant::now(),
        }
    }

    /// The file at this path, or its copy in the first of these codings that it has one in. `None`
    /// if there is no such file, or it cannot be read.
    pub(super) async fn find(&self, path: &str, codings: Codings) -> Option<Found> {
        if let Some(found) = self.known(path, codings) {
            return Some(found);
        }
        let (own, path) = (self.clone(), path.to_owned());
        let read = tokio::task::spawn_blocking(move || own.read(&path, codings));
        let found = read.await.ok().flatten();
        self.end_turn();
        found
    }

    /// From now on, each file is looked at again first: somebody gets a state of another file that
    /// may be newer.
    pub(super) fn end_turn(&self) {
        self.turn.fetch_add(1, Ordering::SeqCst);
    }

    /// The file to answer with, if all is known that tells which, and nothing has changed.
    fn known(&self, path: &str, codings: Codings) -> Option<Found> {
        for coding in codings.into_iter().flatten() {
            match self.known.get(&coding.copy_of(path))? {
                Known::File(file) => return self.holds(&file).then_some((file, Some(coding))),
                Known::Missing(since) if self.now() < since + MISSED => (),
                Known::Missing(_) => return None,
            }
        }
        match self.known.get(path)? {
            Known::File(file) => self.holds(&file).then_some((file, None)),
            Known::Missing(_) => None,
        }
    }

    /// Whether the file is still as it was.
    fn holds(&self, file: &KnownFile) -> bool {
        let (turn, now) = (self.turn.load(Ordering::SeqCst), self.now());
        let is_trusted = now < file.looked.load(Ordering::SeqCst) + TRUSTED
            && file.turn.load(Ordering::SeqCst) == turn;
        if is_trusted {
            return true;
        }
        // One look at a file that was just read takes microseconds: less than another thread does.
        let stamp = fs::metadata(&file.file).and_then(|file| Stamp::new(&file));
        let is_same = stamp.is_ok_and(|stamp| stamp == file.stamp);
        if is_same {
            file.looked.store(now, Ordering::SeqCst);
            file.turn.store(turn, Ordering::SeqCst);
        }
        is_same
    }

    fn read(&self, path: &str, codings: Codings) -> Option<Found> {
        let mut missing = Vec::new();
        for coding in codings.into_iter().flatten() {
            let copy = coding.copy_of(path);
            match KnownFile::read(self.root.join(&copy)) {
                Ok(file) => return Some((self.keep(copy, file), Some(coding))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => missing.push(copy),
                Err(_) => return None,
            }
        }
        let since = self.now();
        let Ok(file) = KnownFile::read(self.root.join(path)) else {
            self.known.remove(path);
            return None;
        };
        for copy in missing {
            self.known.insert(copy, Known::Missing(since));
        }
        Some((self.keep(path.to_owned(), file), None))
    }

    fn keep(&self, path: String, file: KnownFile) -> Arc<KnownFile> {
        let file = Arc::new(file);
        self.known.insert(path, Known::File(file.clone()));
        file
    }

    /// Milliseconds since the server began.
    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
