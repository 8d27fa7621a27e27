//! A folder as a place of published files.
//!
//! Owns nothing: it says what each step of the interface is for a folder. Never decides anything.

use std::fs::File;
use std::io;

use futures_util::future::{self, BoxFuture, FutureExt};

use super::PublishFolder;
use crate::config::FreeSpace;
use crate::model::FileEntry;
use crate::publish::error::PublishError;
use crate::publish::kept_source::KeptSource;
use crate::publish::place::{Copies, Pending, PublishLock, PublishPlace};
use crate::publish::published::Published;
use crate::publish::room::Room;

impl PublishPlace for PublishFolder {
    fn name_of(&self, path: &str) -> String {
        self.root.join(path).display().to_string()
    }

    fn room(&self, free_space: FreeSpace) -> Option<Room> {
        Room::on_disk_of(&self.root, free_space)
    }

    fn spare_copies(&self, is_sparing: bool) {
        self.spare(is_sparing);
    }

    fn check_writable(&self) -> Result<(), PublishError> {
        self.check()
    }

    fn stamp(&self, path: &str) -> Result<Option<String>, PublishError> {
        Ok(self.stamp_of(path))
    }

    fn lock(&self) -> BoxFuture<'_, Result<PublishLock, PublishError>> {
        self.locked().map(Ok).boxed()
    }

    fn begin(&self) {
        self.files.clear();
        self.unsynced.forget_files();
    }

    fn catch_up(&self, _: bool) -> Result<(), PublishError> {
        self.remove_leftovers();
        Ok(())
    }

    fn put_file(&self, path: &str, bytes: &[u8], copies: Copies) -> Result<(), PublishError> {
        let outcome = match copies {
            Copies::None => self.put_with_others(path, bytes),
            Copies::Gzip => self.put_gzipped(path, bytes),
            Copies::Both => self.put_compressed(path, bytes),
        };
        self.files.count(outcome?);
        Ok(())
    }

    fn put_in_parts(
        &self,
        path: &str,
        parted: (&[u8], &[usize]),
        before: Option<&[u8]>,
    ) -> Result<(), PublishError> {
        self.files.count(self.put_parted(path, parted, before)?);
        Ok(())
    }

    fn begin_behind(
        &self,
        path: &str,
        published: Option<FileEntry>,
        kept: &mut dyn FnMut(&mut File) -> io::Result<u64>,
    ) -> Result<(Pending<'_>, bool), PublishError> {
        let (pending, is_kept) = self.stream_behind(path, published, kept)?;
        Ok((Box::new(pending), is_kept))
    }

    fn put_copy(
        &self,
        path: &str,
        source: &KeptSource,
        hash: (u64, &str),
    ) -> Result<bool, PublishError> {
        match source {
            KeptSource::File(file) => Ok(self.link(path, file, hash)?.is_some()),
            #[cfg(feature = "many-machines")]
            KeptSource::Object(..) => self.put_kept(path, source, hash),
        }
    }

    fn settle_all(&self) -> BoxFuture<'_, Result<(), PublishError>> {
        future::ready(self.settle()).boxed()
    }

    fn published(&self) -> &Published {
        &self.files
    }

    fn read_file(&self, path: &str) -> Result<Option<Vec<u8>>, PublishError> {
        Ok(self.read(path))
    }

    fn is_whole(&self, entry: &FileEntry, is_compressed: bool) -> Result<bool, PublishError> {
        Ok(self.is_as_published(entry, is_compressed))
    }

    fn remove_file(&self, path: &str) -> Result<(), PublishError> {
        self.remove(path).map(|_| ())
    }

    fn folders_in(&self, folder: &str) -> Result<Vec<String>, PublishError> {
        Ok(self.folders(folder))
    }

    fn has_folder(&self, folder: &str) -> Result<bool, PublishError> {
        Ok(self.root.join(folder).exists())
    }

    fn sweep_folder(&self, folder: &str) -> Result<(), PublishError> {
        self.sweep(folder)
    }

    fn remove_empty_folder(&self, folder: &str) -> Result<(), PublishError> {
        self.remove_empty(folder)
    }
}
