//! The objects of a bucket: reading, writing by condition, deleting, listing.
//!
//! Owns their names below the prefix. Never knows what an object means.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt};
use object_store::path::Path as Key;
use object_store::{
    Attributes, Error, GetOptions, GetRange, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode,
    PutOptions, PutPayload, UpdateVersion,
};
use url::Url;

use super::connect::connect;
use super::fault::Fault;

/// The objects of a bucket whose names begin with a prefix.
#[derive(Debug)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    prefix: Key,
    /// The address, for people.
    name: String,
}

/// Objects with their paths, one after another.
pub type Listed<'a> = BoxStream<'a, Result<(String, ObjectMeta), Fault>>;

/// Some bytes of an object.
#[derive(Clone, Debug)]
pub struct Part {
    /// The bytes.
    pub bytes: Bytes,
    /// The length of the whole object.
    pub of: u64,
}

impl Objects {
    /// Those at this address; a request is tried again so often. Nothing is asked for yet.
    pub fn new(url: &Url, retries: usize) -> Result<Self, Fault> {
        let prefix = Key::from_url_path(url.path()).map_err(Fault::address)?;
        Ok(Self {
            store: connect(url, retries)?,
            prefix,
            name: url.as_str().trim_end_matches('/').to_owned(),
        })
    }

    /// The address of the bucket, or of an object in it.
    pub fn name_of(&self, path: &str) -> String {
        match path {
            "" => self.name.clone(),
            path => format!("{}/{path}", self.name),
        }
    }

    /// The whole name of an object in the bucket.
    pub fn key(&self, path: &str) -> Result<Key, Fault> {
        let whole = match self.prefix.as_ref() {
            "" => path.to_owned(),
            prefix => format!("{prefix}/{path}"),
        };
        Key::parse(whole).map_err(Fault::address)
    }

    /// The object store.
    pub fn store(&self) -> &dyn ObjectStore {
        &*self.store
    }

    /// The bytes of an object, with its state; `None` if there is none.
    pub async fn read(&self, path: &str) -> Result<Option<(Bytes, UpdateVersion)>, Fault> {
        match self.store.get(&self.key(path)?).await {
            Ok(got) => {
                let version = version(&got.meta);
                Ok(Some((got.bytes().await?, version)))
            }
            Err(error) => or_none(error),
        }
    }

    /// Some bytes of an object: none behind its end. `None` if there is no such object.
    pub async fn read_part(&self, path: &str, range: Range<u64>) -> Result<Option<Part>, Fault> {
        let options = GetOptions {
            range: Some(GetRange::Bounded(range.clone())),
            ..GetOptions::default()
        };
        match self.store.get_opts(&self.key(path)?, options).await {
            Ok(got) => {
                let of = got.meta.size;
                let bytes = got.bytes().await?;
                Ok(Some(Part { bytes, of }))
            }
            Err(error) if is_out_of_range(&error) => Ok(Some(Part {
                bytes: Bytes::new(),
                of: range.start,
            })),
            Err(error) => or_none(error),
        }
    }

    /// Whether there is an object.
    pub async fn has(&self, path: &str) -> Result<bool, Fault> {
        match self.store.head(&self.key(path)?).await {
            Ok(_) => Ok(true),
            Err(error) => Ok(or_none::<()>(error)?.is_some()),
        }
    }

    /// The objects whose paths begin with this folder, in all depths, in the order of their names.
    pub fn below(&self, folder: &str) -> Result<Listed<'_>, Fault> {
        let prefix = match folder {
            "" => self.prefix.clone(),
            folder => self.key(folder)?,
        };
        let listed = self.store.list(Some(&prefix));
        let named = |object: ObjectMeta| {
            let path = object.location.as_ref().strip_prefix(self.prefix.as_ref());
            let path = path.unwrap_or_default().trim_start_matches('/').to_owned();
            (path, object)
        };
        Ok(listed.map(move |found| Ok(named(found?))).boxed())
    }

    /// Writes an object by this condition, and what stands beside it. `None` if the condition is not
    /// met.
    pub async fn write_if(
        &self,
        path: &str,
        bytes: Bytes,
        mode: PutMode,
        attributes: Attributes,
    ) -> Result<Option<UpdateVersion>, Fault> {
        let options = PutOptions {
            mode,
            attributes,
            ..PutOptions::default()
        };
        let payload = PutPayload::from(bytes);
        match self
            .store
            .put_opts(&self.key(path)?, payload, options)
            .await
        {
            Ok(done) => Ok(Some(UpdateVersion {
                e_tag: done.e_tag,
                version: done.version,
            })),
            Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes an object, if there is one.
    pub async fn delete(&self, path: &str) -> Result<(), Fault> {
        match self.store.delete(&self.key(path)?).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// The state of an object, for a condition.
pub fn version(object: &ObjectMeta) -> UpdateVersion {
    UpdateVersion {
        e_tag: object.e_tag.clone(),
        version: object.version.clone(),
    }
}

/// Nothing, if the object does not exist. That the bucket does not exist is an error.
pub fn or_none<T>(error: Error) -> Result<Option<T>, Fault> {
    match error {
        Error::NotFound { .. } if !error.to_string().contains("NoSuchBucket") => Ok(None),
        error => Err(error.into()),
    }
}

/// Whether a range begins behind the end of its object.
pub fn is_out_of_range(error: &Error) -> bool {
    let text = error.to_string();
    text.contains("416 Range Not Satisfiable") || text.contains("InvalidRange")
}
