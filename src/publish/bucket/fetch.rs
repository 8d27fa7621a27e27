//! An object for a reader, as HTTP asks for it.
//!
//! Owns conditions and ranges. Never writes.

use std::ops::Range;
use std::time::SystemTime;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::stream::{BoxStream, StreamExt, TryStreamExt};
use object_store::{Error, GetOptions, GetRange};

use super::objects::Objects;
use super::{Bucket, PublishError, PublishStep};
use crate::bucket::{Fault, is_out_of_range, or_none};

/// What a reader asks for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The tag of the state that the reader has.
    pub known_tag: Option<String>,
    /// The time of the state that the reader has.
    pub known_time: Option<SystemTime>,
    /// The bytes that are wanted; all without it.
    pub range: Option<WantedRange>,
    /// Whether only the length is wanted.
    pub is_head: bool,
}

/// The bytes that a reader wants of a file.
#[derive(Clone, Debug)]
pub enum WantedRange {
    /// From here to before there.
    Of(Range<u64>),
    /// From here on.
    From(u64),
    /// The last ones.
    Last(u64),
}

/// What the bucket has for a reader.
pub enum Found {
    /// There is no such file.
    Missing,
    /// The reader has this state already.
    Known,
    /// The range begins behind the end.
    OutOfRange,
    /// The file.
    File {
        /// Its tag.
        tag: Option<String>,
        /// When it was written.
        modified: SystemTime,
        /// Its length.
        bytes: u64,
        /// The bytes that follow.
        range: Range<u64>,
        /// The bytes.
        body: BoxStream<'static, std::io::Result<Bytes>>,
    },
}

impl Bucket {
    /// A file for a reader.
    pub async fn fetch(&self, path: &str, wanted: Wanted) -> Result<Found, PublishError> {
        let fetched = self.objects.fetch(path, wanted).await;
        fetched.map_err(|fault| self.fault(path, PublishStep::Read, fault))
    }
}

impl Objects {
    async fn fetch(&self, path: &str, wanted: Wanted) -> Result<Found, Fault> {
        let range = wanted.range.map(|range| match range {
            WantedRange::Of(range) => GetRange::Bounded(range),
            WantedRange::From(from) => GetRange::Offset(from),
            WantedRange::Last(bytes) => GetRange::Suffix(bytes),
        });
        let is_ranged = range.is_some();
        let options = GetOptions {
            if_none_match: wanted.known_tag,
            if_modified_since: wanted.known_time.map(DateTime::<Utc>::from),
            range,
            head: wanted.is_head,
            ..GetOptions::default()
        };
        match self.store().get_opts(&self.key(path)?, options).await {
            Ok(got) => {
                let (meta, range) = (got.meta.clone(), got.range.clone());
                let body = match wanted.is_head {
                    true => futures_util::stream::empty().boxed(),
                    false => got.into_stream().map_err(std::io::Error::other).boxed(),
                };
                Ok(Found::File {
                    tag: meta.e_tag,
                    modified: meta.last_modified.into(),
                    bytes: meta.size,
                    range,
                    body,
                })
            }
            Err(Error::NotModified { .. }) => Ok(Found::Known),
            Err(error) if is_ranged && is_out_of_range(&error) => Ok(Found::OutOfRange),
            Err(error) => Ok(or_none::<()>(error).map(|_| Found::Missing)?),
        }
    }
}
