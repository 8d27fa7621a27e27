//! The published files as objects of a bucket: S3 and what speaks its protocol, Google Cloud Storage,
//! Azure Blob Storage.
//!
//! Owns the files on their way, and the list of all. An object store puts an object in place whole or
//! not at all, and durably: there is no temporary name and no sync. Never deletes an object that dibao
//! does not publish.

mod fetch;
mod objects;
mod place;
mod turn;
mod upload;

use std::collections::BTreeSet;
use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use url::Url;

pub use self::fetch::{Found, Wanted, WantedRange};
use self::objects::Objects;
use self::upload::Upload;
use super::error::{PublishError, PublishStep};
use super::folder::is_plain;
use super::published::{Published, WriteOutcome};
use crate::bucket::{Fault, MANY, SOME, runtime, wait};
use crate::model::FileEntry;

/// So many files are on their way at once.
const AT_ONCE: usize = 16;
/// So many kibibytes wait for that in memory at most.
const WAITING: u32 = 64 * 1024;
/// The file in the data folder by which processes of one machine wait for each other.
const TURN_FILE: &str = "publisher";

/// A bucket into which files are published.
#[derive(Debug)]
pub struct Bucket {
    objects: Arc<Objects>,
    runtime: Handle,
    turn_file: PathBuf,
    files: Arc<Published>,
    on_their_way: Mutex<JoinSet<()>>,
    places: Arc<Semaphore>,
    room: Arc<Semaphore>,
    /// Why a file could not be published. Nothing more is sent then.
    failed: Arc<Mutex<Option<PublishError>>>,
    has_failed: Arc<AtomicBool>,
    /// Whether copies are looked at, too.
    looks_at_copies: AtomicBool,
    /// The copies of portals' files that are known to be there. Their paths contain their hashes.
    copies: Arc<Mutex<BTreeSet<String>>>,
}

impl Bucket {
    /// Opens the bucket at this address, without asking it for anything. The data folder holds the
    /// name of this publisher.
    pub fn new(url: &Url, data: &Path) -> Result<Self, PublishError> {
        Self::trying(url, data, SOME)
    }

    /// The same; a request is tried again so often.
    fn trying(url: &Url, data: &Path, retries: usize) -> Result<Self, PublishError> {
        let fail = |fault: Fault| {
            PublishError::new(Path::new(url.as_str()), PublishStep::Open, fault.into())
        };
        Ok(Self {
            objects: Arc::new(Objects::new(url, retries).map_err(fail)?),
            runtime: runtime().map_err(fail)?,
            turn_file: data.join(TURN_FILE),
            files: Arc::default(),
            on_their_way: Mutex::default(),
            places: Arc::new(Semaphore::new(AT_ONCE)),
            room: Arc::new(Semaphore::new(WAITING as usize)),
            failed: Arc::default(),
            has_failed: Arc::default(),
            looks_at_copies: AtomicBool::default(),
            copies: Arc::default(),
        })
    }

    /// Opens the bucket like [`Bucket::new`], and checks that it can be published into: that it
    /// answers, takes the credentials, and keeps the conditions of writes.
    pub fn open(url: &Url, data: &Path) -> Result<Self, PublishError> {
        let bucket = Self::trying(url, data, MANY)?;
        let probed = async { turn::probe(&Objects::new(url, SOME)?).await };
        wait(&bucket.runtime, probed)
            .map_err(|fault| bucket.fault("", PublishStep::Open, fault))?;
        Ok(bucket)
    }

    fn fault(&self, path: &str, step: PublishStep, fault: Fault) -> PublishError {
        fault_at(&self.objects, path, step, fault.into())
    }

    /// Waits for an answer of the bucket.
    fn ask<T>(
        &self,
        (path, step): (&str, PublishStep),
        asked: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, PublishError> {
        wait(&self.runtime, asked).map_err(|fault| self.fault(path, step, fault))
    }

    /// Sends a file on its way. It waits while too much is on the way. `is_counted` says whether its
    /// outcome is.
    fn send(&self, entry: FileEntry, upload: Upload, is_counted: bool) -> Result<(), PublishError> {
        let looks_at_copies = self.looks_at_copies.load(Ordering::Relaxed);
        let (objects, path) = (self.objects.clone(), entry.path.clone());
        let bytes = entry.bytes;
        self.files.add(entry);
        self.start(&path, bytes, {
            let files = self.files.clone();
            async move {
                let outcome = upload.run(&objects, looks_at_copies).await?;
                if is_counted {
                    files.count(outcome);
                }
                Ok(outcome)
            }
        })
    }

    /// Begins some work on the object at this path, for which so many bytes are held.
    fn start(
        &self,
        path: &str,
        bytes: u64,
        work: impl Future<Output = io::Result<WriteOutcome>> + Send + 'static,
    ) -> Result<(), PublishError> {
        if !is_plain(path) {
            return Err(PublishError::of_path(path));
        }
        self.check()?;
        let kibibytes = u32::try_from(bytes / 1024 + 1)
            .unwrap_or(WAITING)
            .min(WAITING);
        let room = match self.room.clone().try_acquire_many_owned(kibibytes) {
            Ok(room) => Some(room),
            Err(_) => wait(
                &self.runtime,
                self.room.clone().acquire_many_owned(kibibytes),
            )
            .ok(),
        };
        let (objects, places) = (self.objects.clone(), self.places.clone());
        let (failed, has_failed) = (self.failed.clone(), self.has_failed.clone());
        let path = path.to_owned();
        let mut on_their_way = self.on_their_way();
        while on_their_way.try_join_next().is_some() {}
        let task = async move {
            let _held = (room, places.acquire().await);
            if has_failed.load(Ordering::SeqCst) {
                return;
            }
            if let Err(error) = work.await {
                has_failed.store(true, Ordering::SeqCst);
                let error = fault_at(&objects, &path, PublishStep::Upload, error);
                let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                failed.get_or_insert(error);
            }
        };
        on_their_way.spawn_on(task, &self.runtime);
        Ok(())
    }

    /// The failure of a file that was sent before, if there was one.
    fn check(&self) -> Result<(), PublishError> {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        match failed.take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    fn on_their_way(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.on_their_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes an object, with others.
    fn discard(&self, path: String) -> Result<(), PublishError> {
        let objects = self.objects.clone();
        let name = path.clone();
        self.start(&path, 0, async move {
            objects.delete(&name).await?;
            Ok(WriteOutcome::Written)
        })
    }
}

fn fault_at(objects: &Objects, path: &str, step: PublishStep, error: io::Error) -> PublishError {
    PublishError::new(Path::new(&objects.name_of(path)), step, error)
}
