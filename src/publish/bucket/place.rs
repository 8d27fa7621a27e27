//! A bucket as a place of published files.
//!
//! Owns what each step of the interface is for a bucket, and the file that is spooled for it. Never
//! decides what is published.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt};

use super::Bucket;
use super::objects::Content;
use super::turn::Turn;
use super::upload::{Body, Upload};
use crate::config::FreeSpace;
use crate::model::{FileCopy, FileEntry};
use crate::publish::compressed::{self, CODINGS, Coding};
use crate::publish::error::{PublishError, PublishStep};
use crate::publish::folder::is_plain;
use crate::publish::kept_source::KeptSource;
use crate::publish::place::{Copies, Pending, PendingWrite, PublishLock, PublishPlace};
use crate::publish::published::Published;
use crate::publish::room::Room;
use crate::publish::spool::Spool;

impl PublishPlace for Bucket {
    fn name_of(&self, path: &str) -> String {
        self.objects.name_of(path)
    }

    fn room(&self, _: FreeSpace) -> Option<Room> {
        None
    }

    fn spare_copies(&self, _: bool) {}

    /// It was checked when it was opened.
    fn check_writable(&self) -> Result<(), PublishError> {
        Ok(())
    }

    fn stamp(&self, path: &str) -> Result<Option<String>, PublishError> {
        self.ask((path, PublishStep::Read), self.objects.stamp(path))
    }

    fn lock(&self) -> BoxFuture<'_, Result<PublishLock, PublishError>> {
        async {
            let turn = Turn::take(self.objects.clone(), &self.turn_file).await;
            let turn = turn.map_err(|fault| self.fault("", PublishStep::Turn, fault))?;
            Ok(PublishLock::new(Some(turn)))
        }
        .boxed()
    }

    fn begin(&self) {
        self.files.clear();
        self.on_their_way().abort_all();
        self.objects.forget_list();
        self.looks_at_copies.store(false, Ordering::Relaxed);
        self.has_failed.store(false, Ordering::SeqCst);
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let copies = self.copies.lock();
        copies.unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn catch_up(&self, is_all: bool) -> Result<(), PublishError> {
        self.looks_at_copies.store(true, Ordering::Relaxed);
        match is_all {
            true => self.ask(("", PublishStep::Compare), self.objects.list_all()),
            false => Ok(()),
        }
    }

    fn put_file(&self, path: &str, bytes: &[u8], copies: Copies) -> Result<(), PublishError> {
        self.send_bytes(path, bytes, copies, None)
    }

    fn put_in_parts(
        &self,
        path: &str,
        (bytes, ends): (&[u8], &[usize]),
        _: Option<&[u8]>,
    ) -> Result<(), PublishError> {
        self.send_bytes(path, bytes, Copies::Both, Some(ends.to_vec()))
    }

    fn begin_behind(
        &self,
        path: &str,
        published: Option<FileEntry>,
        kept: &mut dyn FnMut(&mut File) -> io::Result<u64>,
    ) -> Result<(Pending<'_>, bool), PublishError> {
        if let Some(entry) = published
            && let Some(bytes) = self.read_file(path)?
        {
            let fail = |e| PublishError::writing(&self.name_of(path), e);
            let mut before = tempfile::tempfile().map_err(fail)?;
            before.write_all(&bytes).map_err(fail)?;
            before.rewind().map_err(fail)?;
            let mut pending = self.spooled(path)?;
            let is_kept = pending.spool.begin_with(&mut before, &entry, kept);
            if is_kept.map_err(fail)? {
                return Ok((Box::new(pending), true));
            }
        }
        Ok((Box::new(self.spooled(path)?), false))
    }

    fn put_copy(
        &self,
        path: &str,
        source: &KeptSource,
        (bytes, sha256): (u64, &str),
    ) -> Result<bool, PublishError> {
        let entry = FileEntry {
            path: path.to_owned(),
            bytes,
            sha256: sha256.to_owned(),
        };
        let is_new = {
            let copies = self.copies.lock();
            let mut copies = copies.unwrap_or_else(PoisonError::into_inner);
            copies.insert(path.to_owned())
        };
        if !is_new {
            self.files.add(entry);
            return Ok(true);
        }
        if source.is_there(bytes)? {
            let upload = Upload {
                path: path.to_owned(),
                content: Content::known(bytes, sha256),
                body: Body::Kept(source.clone()),
                copies: Copies::None,
                ends: None,
            };
            self.send(entry, upload, false)?;
            return Ok(true);
        }
        let is_there = self.is_whole(&entry, false)?;
        if is_there {
            self.files.add(entry);
        } else {
            let copies = self.copies.lock();
            copies.unwrap_or_else(PoisonError::into_inner).remove(path);
        }
        Ok(is_there)
    }

    fn settle_all(&self) -> BoxFuture<'_, Result<(), PublishError>> {
        async {
            let mut all = std::mem::take(&mut *self.on_their_way());
            while all.join_next().await.is_some() {}
            self.check()
        }
        .boxed()
    }

    fn published(&self) -> &Published {
        &self.files
    }

    fn read_file(&self, path: &str) -> Result<Option<Vec<u8>>, PublishError> {
        let read = self.ask((path, PublishStep::Read), self.objects.read(path))?;
        Ok(read.map(|(bytes, _)| bytes.into()))
    }

    fn is_whole(&self, entry: &FileEntry, is_compressed: bool) -> Result<bool, PublishError> {
        let path = entry.path.as_str();
        let content = Content::known(entry.bytes, &entry.sha256);
        let is_whole = async {
            let now = self.objects.look(path).await?;
            let is_it = now.is_some_and(|now| now.has(&content));
            if !is_it || !is_compressed || !compressed::is_due(entry.bytes, Coding::Gzip) {
                return Ok(is_it);
            }
            let copy = format!("{path}.{}", Coding::Gzip.extension());
            Ok(self.objects.look(&copy).await?.is_some())
        };
        self.ask((path, PublishStep::Compare), is_whole)
    }

    fn remove_file(&self, path: &str) -> Result<(), PublishError> {
        self.files.remove(path);
        for coding in CODINGS {
            self.discard(format!("{path}.{}", coding.extension()))?;
        }
        self.discard(path.to_owned())
    }

    fn folders_in(&self, folder: &str) -> Result<Vec<String>, PublishError> {
        let below = self.ask((folder, PublishStep::Read), self.objects.below(folder))?;
        let mut names: Vec<String> = below
            .keys()
            .filter_map(|path| {
                path.strip_prefix(folder)?
                    .strip_prefix('/')?
                    .split_once('/')
            })
            .map(|(name, _)| name.to_owned())
            .collect();
        names.dedup();
        Ok(names)
    }

    fn has_folder(&self, folder: &str) -> Result<bool, PublishError> {
        let below = self.ask((folder, PublishStep::Read), self.objects.below(folder))?;
        Ok(!below.is_empty())
    }

    fn sweep_folder(&self, folder: &str) -> Result<(), PublishError> {
        let is_in = |path: &str| {
            let rest = path
                .strip_prefix(folder)
                .and_then(|path| path.strip_prefix('/'));
            rest.is_some_and(|name| !name.contains('/'))
        };
        self.sweep_where(folder, is_in)
    }

    fn sweep_copies(&self) -> Result<(), PublishError> {
        let mut folders = FileCopy::FOLDERS.into_iter();
        folders.try_for_each(|folder| {
            self.sweep_where(folder, |path| FileCopy::format_of(path).is_some())
        })
    }

    /// Object stores have no folders.
    fn remove_empty_folder(&self, _: &str) -> Result<(), PublishError> {
        Ok(())
    }
}

impl Bucket {
    /// Sends a file of these bytes.
    fn send_bytes(
        &self,
        path: &str,
        bytes: &[u8],
        copies: Copies,
        ends: Option<Vec<usize>>,
    ) -> Result<(), PublishError> {
        let content = Content::of(bytes);
        let entry = FileEntry {
            path: path.to_owned(),
            bytes: content.bytes,
            sha256: content.sha256.clone(),
        };
        let upload = Upload {
            path: path.to_owned(),
            content,
            body: Body::Bytes(Bytes::copy_from_slice(bytes)),
            copies,
            ends,
        };
        self.send(entry, upload, true)
    }

    /// Removes the objects below this folder that are meant and were not published since the begin.
    fn sweep_where(
        &self,
        folder: &str,
        is_meant: impl Fn(&str) -> bool,
    ) -> Result<(), PublishError> {
        let below = self.ask((folder, PublishStep::Read), self.objects.below(folder))?;
        let is_stale = |path: &String| {
            let original = compressed::original(path);
            is_meant(path)
                && !self.files.contains(path)
                && !original.is_some_and(|path| self.files.contains(path))
        };
        let mut stale = below.into_keys().filter(is_stale);
        stale.try_for_each(|path| self.discard(path))
    }

    /// A file that is written into a temporary one first.
    fn spooled(&self, path: &str) -> Result<SpooledFile<'_>, PublishError> {
        if !is_plain(path) {
            return Err(PublishError::of_path(path));
        }
        let file = tempfile::NamedTempFile::new();
        let file = file.map_err(|e| PublishError::writing(&self.name_of(path), e))?;
        Ok(SpooledFile {
            bucket: self,
            path: path.to_owned(),
            spool: Spool::new(file),
        })
    }
}

/// A file for a bucket that is too large to hold in memory while it is made.
#[derive(Debug)]
struct SpooledFile<'a> {
    bucket: &'a Bucket,
    path: String,
    spool: Spool,
}

impl Write for SpooledFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.spool.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.spool.flush()
    }
}

impl PendingWrite for SpooledFile<'_> {
    fn commit_file(self: Box<Self>) -> Result<(), PublishError> {
        let Self {
            bucket,
            path,
            spool,
        } = *self;
        let entry = spool.entry(&path);
        let content = Content::known(entry.bytes, &entry.sha256);
        let file = spool.into_file();
        let file = file.map_err(|e| PublishError::writing(&bucket.name_of(&path), e))?;
        let upload = Upload {
            path,
            content,
            body: Body::Spooled(file),
            copies: Copies::None,
            ends: None,
        };
        bucket.send(entry, upload, true)
    }
}
