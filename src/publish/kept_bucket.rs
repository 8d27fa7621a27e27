//! Kept copies as objects of a bucket, by the names that they have in a folder.
//!
//! Owns which of them are known to be there: all are listed once, so that no run asks for each. Never
//! publishes one.

use std::collections::BTreeSet;
use std::future::Future;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::{Attribute, Attributes, PutMode};
use tokio::runtime::Handle;
use url::Url;

use super::error::{PublishError, PublishStep};
use crate::bucket::{self, Fault, Objects, wait};
use crate::model::FileCopy;

/// The object that is asked for to see whether the bucket answers. There need not be one.
const ASKED: &str = ".dibao/pictures.json";

/// A bucket with kept copies.
#[derive(Debug)]
pub struct KeptBucket {
    objects: Objects,
    runtime: Handle,
    /// The paths of copies that are there; `None` until they are listed.
    known: Mutex<Option<BTreeSet<String>>>,
}

impl KeptBucket {
    /// Opens the bucket at this address, and checks that it answers.
    pub(super) fn open(url: &Url) -> Result<Self, PublishError> {
        let fail = |fault: Fault| {
            PublishError::new(Path::new(url.as_str()), PublishStep::Open, fault.into())
        };
        let opened = bucket::open(url, async |objects| objects.read(ASKED).await);
        let (objects, runtime) = opened.map_err(fail)?;
        Ok(Self {
            objects,
            runtime,
            known: Mutex::default(),
        })
    }

    fn ask<T>(
        &self,
        (path, step): (&str, PublishStep),
        asked: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, PublishError> {
        wait(&self.runtime, asked).map_err(|fault| {
            PublishError::new(Path::new(&self.objects.name_of(path)), step, fault.into())
        })
    }

    /// Notes that a copy is there, or is not.
    fn note(&self, path: &str, is_there: bool) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.as_mut() {
            match is_there {
                true => known.insert(path.to_owned()),
                false => known.remove(path),
            };
        }
    }

    pub(super) fn put(&self, copy: &FileCopy, bytes: Bytes) -> Result<(), PublishError> {
        let path = copy.path();
        let mut attributes = Attributes::new();
        attributes.insert(Attribute::ContentType, copy.format.media_type().into());
        // Whoever has put it before has put the same bytes.
        let put = self
            .objects
            .write_if(&path, bytes, PutMode::Create, attributes);
        self.ask((&path, PublishStep::Upload), put)?;
        self.note(&path, true);
        Ok(())
    }

    pub(super) fn remove(&self, path: &str) -> Result<(), PublishError> {
        self.note(path, false);
        self.ask((path, PublishStep::Remove), self.objects.delete(path))
    }

    pub(super) fn has(&self, path: &str) -> Result<bool, PublishError> {
        let is_known = {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.as_ref().map(|known| known.contains(path))
        };
        match is_known {
            Some(true) => return Ok(true),
            Some(false) => (),
            None => {
                let all = self.list()?;
                let is_there = all.contains(path);
                *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(all);
                return Ok(is_there);
            }
        }
        // Another machine may have put it there since.
        let is_there = self.ask((path, PublishStep::Compare), self.objects.has(path))?;
        self.note(path, is_there);
        Ok(is_there)
    }

    pub(super) fn read(&self, path: &str) -> io::Result<Bytes> {
        let found = wait(&self.runtime, self.objects.read(path))?;
        let bytes = found.map(|(bytes, _)| bytes);
        bytes.ok_or_else(|| {
            self.note(path, false);
            io::Error::new(io::ErrorKind::NotFound, "the kept copy is gone")
        })
    }

    /// Removes all copies but these. Returns the hashes of those that are gone.
    pub(super) fn sweep(&self, kept: &[FileCopy]) -> Result<BTreeSet<String>, PublishError> {
        let named: BTreeSet<String> = kept.iter().map(FileCopy::path).collect();
        let mut gone = BTreeSet::new();
        for path in self.list()?.difference(&named) {
            self.remove(path)?;
            let name = path.rsplit('/').next().unwrap_or_default();
            gone.extend(name.split('.').next().map(str::to_owned));
        }
        Ok(gone)
    }

    /// The paths of all copies.
    fn list(&self) -> Result<BTreeSet<String>, PublishError> {
        let mut all = BTreeSet::new();
        for folder in FileCopy::FOLDERS {
            let listed = async {
                let found: Vec<_> = self.objects.below(folder)?.try_collect().await?;
                Ok(found)
            };
            let found = self.ask((folder, PublishStep::Read), listed)?;
            let paths = found.into_iter().map(|(path, _)| path);
            all.extend(paths.filter(|path| FileCopy::format_of(path).is_some()));
        }
        Ok(all)
    }
}
