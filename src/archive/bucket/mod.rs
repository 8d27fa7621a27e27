//! The archive as objects of a bucket: each batch of captures is a WARC file of its own.
//!
//! Owns the unique names. An object is there whole or not at all, and durably, so nothing is locked,
//! continued or repaired. Never overwrites an object but to erase a record in it.

mod object_reader;

use std::collections::BTreeMap;
use std::io::{self, Cursor};
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use object_store::{Attribute, Attributes, PutMode, UpdateVersion};
use tokio::runtime::Handle;
use url::Url;
use uuid::Uuid;

use self::object_reader::ObjectReader;
use super::draft;
use super::erase::{kept_lines, replacement};
use super::error::ArchiveError;
use super::name;
use super::place::{ArchiveFile, ArchivePlace, Erasing, Repair, Writing};
use super::record::{Record, Records};
use super::source::Source;
use crate::bucket::{self, Fault, Objects, probe, wait};
use crate::model::Timestamp;

/// So many objects are read side by side.
const READS: usize = 16;
/// So many are written side by side: a slow one does not hold up the rest.
const WRITES: usize = 4;
/// The object with which conditions are tried.
const PROBE: &str = ".dibao/archive.json";

/// The objects of a bucket that are WARC files.
#[derive(Clone, Debug)]
pub(super) struct ArchiveBucket {
    objects: Arc<Objects>,
    runtime: Handle,
}

impl ArchiveBucket {
    /// Opens the bucket at this address, and checks that it answers; if it `is_written`, also that it
    /// keeps conditions.
    pub(super) fn open(url: &Url, is_written: bool) -> Result<Self, ArchiveError> {
        let fail = |fault: Fault| ArchiveError::folder(url.as_str().as_ref(), fault.into());
        let opened = bucket::open(url, async |objects| match is_written {
            true => probe(objects, PROBE, b"{}").await,
            false => objects.read(PROBE).await.map(|_| ()),
        });
        let (objects, runtime) = opened.map_err(fail)?;
        Ok(Self {
            objects: Arc::new(objects),
            runtime,
        })
    }

    /// The files, oldest first; only those whose names are before this one, if it is given.
    fn list_before(&self, before: Option<&str>) -> Result<Vec<ArchiveFile>, ArchiveError> {
        let listed = async {
            let found = self.objects.below("")?;
            // Objects are listed in the order of their names.
            let found = found.try_take_while(|(path, _)| {
                let is_before = before.is_none_or(|before| path.as_str() < before);
                std::future::ready(Ok(is_before || !name::is_name(path)))
            });
            let files = found.try_filter_map(|(path, object)| {
                let file = name::is_name(&path).then_some(ArchiveFile {
                    name: path,
                    bytes: object.size,
                });
                std::future::ready(Ok(file))
            });
            files.boxed().try_collect().await
        };
        wait(&self.runtime, listed)
            .map_err(|fault: Fault| ArchiveError::folder(&self.name_of(""), fault.into()))
    }

    fn read(&self, file: &str) -> Result<(Bytes, UpdateVersion), ArchiveError> {
        let read = wait(&self.runtime, self.objects.read(file));
        let found = read.map_err(io::Error::from).and_then(|found| {
            found.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "there is no such object"))
        });
        found.map_err(|source| ArchiveError::read(&self.name_of(file), source))
    }

    fn put(&self, file: &str, bytes: Bytes, mode: PutMode) -> io::Result<bool> {
        let mut attributes = Attributes::new();
        attributes.insert(Attribute::ContentType, "application/warc".into());
        let put = self.objects.write_if(file, bytes, mode, attributes);
        Ok(wait(&self.runtime, put)?.is_some())
    }
}

impl ArchivePlace for ArchiveBucket {
    fn name_of(&self, file: &str) -> PathBuf {
        self.objects.name_of(file).into()
    }

    fn reads_at_once(&self) -> usize {
        READS
    }

    fn writes_at_once(&self) -> usize {
        WRITES
    }

    fn list(&self) -> Result<Vec<ArchiveFile>, ArchiveError> {
        self.list_before(None)
    }

    /// An object is written once, at the time in its name: to erase a record in it does not make it
    /// younger.
    fn left_since(&self, before: Timestamp) -> Result<Vec<String>, ArchiveError> {
        let old = self.list_before(Some(&name::begin(before)))?;
        Ok(old.into_iter().map(|file| file.name).collect())
    }

    fn open(&self, file: &str) -> io::Result<Box<dyn Source>> {
        let reader = ObjectReader::new(self.objects.clone(), self.runtime.clone(), file);
        Ok(Box::new(reader))
    }

    fn begin_writing(
        &self,
        _: &BTreeMap<String, u64>,
        _: u64,
    ) -> Result<(Box<dyn Writing>, Vec<Repair>), ArchiveError> {
        Ok((Box::new(self.clone()), Vec::new()))
    }

    fn begin_erasing(&self, file: &str) -> Result<Box<dyn Erasing>, ArchiveError> {
        let (bytes, version) = self.read(file)?;
        Ok(Box::new(ErasedObject {
            bucket: self.clone(),
            file: file.to_owned(),
            bytes,
            version,
            members: Vec::new(),
        }))
    }

    fn delete(&self, file: &str) -> Result<Option<u64>, ArchiveError> {
        let deleted = async {
            let bytes = self.objects.read_part(file, 0..1).await?;
            self.objects.delete(file).await?;
            Ok(bytes.map(|part| part.of))
        };
        wait(&self.runtime, deleted)
            .map_err(|fault: Fault| ArchiveError::write(&self.name_of(file), fault.into()))
    }
}

impl Writing for ArchiveBucket {
    /// As an object of its own. After an error there may be one that the index does not know.
    fn append(&self, at: Timestamp, records: &[u8]) -> Result<(String, u64), ArchiveError> {
        let file = name::name(at, &Uuid::new_v4().simple().to_string());
        let mut bytes = draft::warcinfo(&file, at);
        let start = bytes.len() as u64;
        bytes.extend_from_slice(records);
        let bytes = Bytes::from(bytes);
        let failed = |source| ArchiveError::write(&self.name_of(&file), source);
        let is_new = self.put(&file, bytes.clone(), PutMode::Create);
        // The answer to our own write may have been lost, and the write repeated.
        if !is_new.map_err(failed)? && self.read(&file)?.0 != bytes {
            return Err(failed(io::ErrorKind::AlreadyExists.into()));
        }
        Ok((file, start))
    }
}

/// An object of which records are erased.
struct ErasedObject {
    bucket: ArchiveBucket,
    file: String,
    bytes: Bytes,
    version: UpdateVersion,
    /// Where each of the new members begins.
    members: Vec<(usize, Vec<u8>)>,
}

impl ErasedObject {
    fn name(&self) -> PathBuf {
        self.bucket.name_of(&self.file)
    }
}

impl Erasing for ErasedObject {
    fn records(&self, offset: u64) -> Result<Records, ArchiveError> {
        let source = Cursor::new(self.bytes.clone());
        Records::begin(&self.name(), Box::new(source), offset)
            .map_err(|source| ArchiveError::read(&self.name(), source))
    }

    fn overwrite(&mut self, record: &Record) -> Result<(), ArchiveError> {
        let (name, place) = (self.name(), (record.offset, record.length));
        let begin = usize::try_from(record.offset)
            .map_err(|e| ArchiveError::record(&name, record.offset, e.to_string()))?;
        let member = replacement(&name, &kept_lines(record), place)?;
        self.members.push((begin, member));
        Ok(())
    }

    fn end(self: Box<Self>) -> Result<bool, ArchiveError> {
        if self.members.is_empty() {
            return Ok(true);
        }
        let mut bytes = self.bytes.to_vec();
        for (begin, member) in &self.members {
            if let Some(old) = bytes.get_mut(*begin..begin + member.len()) {
                old.copy_from_slice(member);
            }
        }
        let mode = PutMode::Update(self.version.clone());
        let put = self.bucket.put(&self.file, bytes.into(), mode);
        put.map_err(|source| ArchiveError::write(&self.name(), source))
    }
}
