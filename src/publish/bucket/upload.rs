//! One file on its way into a bucket, with its compressed copies.
//!
//! Owns the order: the copies first, then the file. If a kill comes between, the file is not as it
//! should be, and so the next publication writes all of them. Never decides what is published.

use std::fs;
use std::io;

use bytes::Bytes;
use tempfile::NamedTempFile;

use super::objects::{Content, Headers, Objects};
use crate::bucket::Fault;
use crate::publish::compressed::{self, CODINGS, Coding};
use crate::publish::kept_source::KeptSource;
use crate::publish::place::Copies;
use crate::publish::published::WriteOutcome;
use crate::render::served::{Fresh, fresh, media_type};

/// A file that is to be published.
#[derive(Debug)]
pub(super) struct Upload {
    pub(super) path: String,
    pub(super) content: Content,
    pub(super) body: Body,
    pub(super) copies: Copies,
    /// The ends of its parts, if it has some.
    pub(super) ends: Option<Vec<usize>>,
}

/// Where the bytes of a file are.
#[derive(Debug)]
pub(super) enum Body {
    Bytes(Bytes),
    /// In a temporary file.
    Spooled(NamedTempFile),
    /// In a kept copy.
    Kept(KeptSource),
}

impl Body {
    fn read(self) -> io::Result<Bytes> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            Self::Spooled(file) => fs::read(file.path()).map(Bytes::from),
            Self::Kept(copy) => copy.read(),
        }
    }
}

impl Copies {
    fn has(self, coding: Coding) -> bool {
        match self {
            Self::None => false,
            Self::Gzip => coding == Coding::Gzip,
            Self::Both => true,
        }
    }
}

impl Upload {
    /// Writes what is not there yet. `looks_at_copies` says that a publication before this one did
    /// not end: then a copy may be of a state that never was.
    pub(super) async fn run(
        self,
        objects: &Objects,
        looks_at_copies: bool,
    ) -> Result<WriteOutcome, io::Error> {
        let Self {
            path,
            content,
            body,
            copies,
            ends,
        } = self;
        let (former, is_same) = objects.compare(&path, &content).await?;
        if is_same && (!looks_at_copies || copies == Copies::None) {
            return Ok(WriteOutcome::Unchanged);
        }
        let bytes = tokio::task::spawn_blocking(|| body.read());
        let bytes = bytes.await.map_err(io::Error::other)??;
        let had = former.as_ref().map(|former| former.bytes);
        for coding in CODINGS.into_iter().filter(|coding| copies.has(*coding)) {
            let (plain, ends) = (bytes.clone(), ends.clone());
            let copy = tokio::task::spawn_blocking(move || {
                compressed::copy_of(&plain, coding, ends.as_deref())
            });
            let name = format!("{path}.{}", coding.extension());
            match copy.await.map_err(io::Error::other)?? {
                Some(copy) => write_copy(objects, &path, &name, coding, copy.into()).await?,
                None if had.is_some_and(|had| compressed::is_due(had, coding)) => {
                    objects.delete(&name).await?;
                }
                None => (),
            }
        }
        if is_same {
            return Ok(WriteOutcome::Unchanged);
        }
        let headers = Headers {
            media_type: media_type(&path).unwrap_or("application/octet-stream"),
            coding: None,
            caching: caching(&path),
        };
        Ok(objects
            .write(&path, bytes, (&content, headers), former)
            .await?)
    }
}

async fn write_copy(
    objects: &Objects,
    path: &str,
    name: &str,
    coding: Coding,
    bytes: Bytes,
) -> Result<(), Fault> {
    let content = Content::of(&bytes);
    let (former, is_same) = objects.compare(name, &content).await?;
    if is_same {
        return Ok(());
    }
    let headers = Headers {
        media_type: media_type(path).unwrap_or("application/octet-stream"),
        coding: Some(coding.name()),
        caching: caching(path),
    };
    objects
        .write(name, bytes, (&content, headers), former)
        .await
        .map(|_| ())
}

/// `Cache-Control` of the file at this path. An object keeps it until it is written anew, so it does
/// not follow the timetable: what changes is fresh for five minutes.
fn caching(path: &str) -> &'static str {
    match fresh(path) {
        Fresh::Never => "no-cache",
        Fresh::Changing => "public, max-age=300",
        Fresh::Standing => "public, max-age=86400",
        Fresh::ForGood => "public, max-age=31536000, immutable",
    }
}
