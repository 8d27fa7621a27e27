//! The objects of a bucket: reading, writing by condition, deleting, listing.
//!
//! Owns what stands beside an object: its hash and the turn in which it was written. An object of a
//! later turn is never overwritten. Never knows what an object means.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

use bytes::Bytes;
use futures_util::TryStreamExt;
use md5::Md5;
use object_store::{Attribute, Attributes, GetOptions, PutMode, UpdateVersion};
use sha2::{Digest, Sha256};
use url::Url;

use crate::bucket::{self, Fault, or_none, version};
use crate::model::sha256_hex;
use crate::publish::published::WriteOutcome;

/// The metadata that holds an object's hash.
const HASH: &str = "sha256";
/// The metadata that holds the turn in which it was written.
const TURN: &str = "turn";
/// So often a write is tried whose condition is not met, though no other publisher is at work.
const TRIES: usize = 5;

/// An object as it is.
#[derive(Clone, Debug)]
pub(super) struct Former {
    pub(super) bytes: u64,
    version: UpdateVersion,
    /// Its hash; `None` in a list, or if something else than dibao wrote it.
    sha256: Option<String>,
    turn: u64,
}

impl Former {
    /// Whether dibao wrote it with this content.
    pub(super) fn has(&self, content: &Content) -> bool {
        self.bytes == content.bytes && self.sha256.as_deref() == Some(&content.sha256)
    }
}

/// What stands beside the bytes of an object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Headers {
    pub(super) media_type: &'static str,
    pub(super) coding: Option<&'static str>,
    pub(super) caching: &'static str,
}

/// The objects of a bucket whose names begin with a prefix.
#[derive(Debug)]
pub(super) struct Objects {
    bucket: bucket::Objects,
    /// The number of this publisher's turn.
    turn: AtomicU64,
    /// Whether another publisher has taken a later turn.
    is_overtaken: AtomicBool,
    /// All objects as they were at the begin of a publication of everything.
    listed: RwLock<Option<BTreeMap<String, Former>>>,
}

impl Objects {
    pub(super) fn new(url: &Url, retries: usize) -> Result<Self, Fault> {
        Ok(Self {
            bucket: bucket::Objects::new(url, retries)?,
            turn: AtomicU64::default(),
            is_overtaken: AtomicBool::default(),
            listed: RwLock::default(),
        })
    }

    pub(super) fn begin_turn(&self, turn: u64) {
        self.turn.store(turn, Ordering::SeqCst);
        self.is_overtaken.store(false, Ordering::SeqCst);
    }

    pub(super) fn note_overtaken(&self) {
        self.is_overtaken.store(true, Ordering::SeqCst);
    }

    fn check_turn(&self) -> Result<u64, Fault> {
        match self.is_overtaken.load(Ordering::SeqCst) {
            true => Err(Fault::overtaken()),
            false => Ok(self.turn.load(Ordering::SeqCst)),
        }
    }

    /// An object as it is now; `None` if there is none.
    pub(super) async fn look(&self, path: &str) -> Result<Option<Former>, Fault> {
        let options = GetOptions {
            head: true,
            ..GetOptions::default()
        };
        match self.store().get_opts(&self.key(path)?, options).await {
            Ok(got) => {
                let beside =
                    |name: &'static str| got.attributes.get(&Attribute::Metadata(name.into()));
                Ok(Some(Former {
                    bytes: got.meta.size,
                    version: version(&got.meta),
                    sha256: beside(HASH).map(|hash| hash.to_string()),
                    turn: beside(TURN)
                        .and_then(|turn| turn.parse().ok())
                        .unwrap_or_default(),
                }))
            }
            Err(error) => or_none(error),
        }
    }

    /// A text that is equal for equal states of this object, and differs for others.
    pub(super) async fn stamp(&self, path: &str) -> Result<Option<String>, Fault> {
        Ok(self.look(path).await?.map(|former| {
            let UpdateVersion { e_tag, version } = former.version;
            let (tag, version) = (e_tag.unwrap_or_default(), version.unwrap_or_default());
            format!("{} {} {tag} {version}", self.name_of(""), former.bytes)
        }))
    }

    /// Lists all objects, so that the next writes need not look at each. Nobody else writes meanwhile:
    /// this publisher has its turn.
    pub(super) async fn list_all(&self) -> Result<(), Fault> {
        let all = self.below("").await?;
        *self.listed.write().unwrap_or_else(PoisonError::into_inner) = Some(all);
        Ok(())
    }

    pub(super) fn forget_list(&self) {
        *self.listed.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The objects whose paths begin with this folder, in all depths.
    pub(super) async fn below(&self, folder: &str) -> Result<BTreeMap<String, Former>, Fault> {
        if let Some(listed) = self.listed_below(folder) {
            return Ok(listed);
        }
        let found = self.bucket.below(folder)?.map_ok(|(path, object)| {
            let former = Former {
                bytes: object.size,
                version: version(&object),
                sha256: None,
                turn: 0,
            };
            (path, former)
        });
        found.try_collect().await
    }

    /// The same by the list of all, if there is one.
    fn listed_below(&self, folder: &str) -> Option<BTreeMap<String, Former>> {
        let listed = self.listed.read().unwrap_or_else(PoisonError::into_inner);
        let begin = format!("{folder}/");
        let all = listed.as_ref()?.range(begin.clone()..);
        let below = all.take_while(|(path, _)| path.starts_with(&begin));
        let below = below.map(|(path, former)| (path.clone(), former.clone()));
        Some(below.collect())
    }

    /// The object at this path by the list of all, if there is one.
    fn listed(&self, path: &str) -> Option<Option<Former>> {
        let listed = self.listed.read().unwrap_or_else(PoisonError::into_inner);
        Some(listed.as_ref()?.get(path).cloned())
    }

    /// The object at this path by the list of all, or as it is now.
    async fn former(&self, path: &str) -> Result<Option<Former>, Fault> {
        match self.listed(path) {
            Some(former) => Ok(former),
            None => self.look(path).await,
        }
    }

    /// The object at this path, and whether it has this content.
    pub(super) async fn compare(
        &self,
        path: &str,
        content: &Content,
    ) -> Result<(Option<Former>, bool), Fault> {
        let turn = self.check_turn()?;
        let Some(former) = self.former(path).await? else {
            return Ok((None, false));
        };
        if former.turn > turn {
            self.note_overtaken();
            return Err(Fault::overtaken());
        }
        if former.bytes != content.bytes {
            return Ok((Some(former), false));
        }
        if former.sha256.is_some() {
            let is_same = former.has(content);
            return Ok((Some(former), is_same));
        }
        // A list tells no hash of ours. With most stores, the tag of an object is the MD5 of its bytes.
        if content.md5.is_some() && tag(&former) == content.md5.as_deref() {
            return Ok((Some(former), true));
        }
        let former = self.look(path).await?;
        let is_same = former.as_ref().is_some_and(|former| former.has(content));
        Ok((former, is_same))
    }

    /// Writes an object, unless it has these bytes already. `former` is the object as it was looked at.
    pub(super) async fn write(
        &self,
        path: &str,
        bytes: Bytes,
        (content, headers): (&Content, Headers),
        mut former: Option<Former>,
    ) -> Result<WriteOutcome, Fault> {
        for _ in 0..TRIES {
            let turn = self.check_turn()?;
            let mode = match former {
                None => PutMode::Create,
                Some(former) => PutMode::Update(former.version),
            };
            let attributes = attributes(headers, &content.sha256, turn);
            let written = self.bucket.write_if(path, bytes.clone(), mode, attributes);
            if written.await?.is_some() {
                return Ok(WriteOutcome::Written);
            }
            // Somebody else wrote it, or the answer to our own write was lost, and it was repeated.
            former = self.look(path).await?;
            if let Some(now) = &former {
                if now.turn > turn {
                    self.note_overtaken();
                    return Err(Fault::overtaken());
                }
                if now.has(content) {
                    return Ok(WriteOutcome::Written);
                }
            }
        }
        Err(Fault::overtaken())
    }

    /// Deletes an object, if there is one that no later turn has written.
    pub(super) async fn delete(&self, path: &str) -> Result<(), Fault> {
        let turn = self.check_turn()?;
        match self.look(path).await? {
            None => return Ok(()),
            Some(former) if former.turn > turn => {
                self.note_overtaken();
                return Err(Fault::overtaken());
            }
            Some(_) => (),
        }
        self.bucket.delete(path).await
    }

    /// Writes a small object that is no published file, by this condition. `None` if the condition is
    /// not met.
    pub(super) async fn write_if(
        &self,
        path: &str,
        bytes: Vec<u8>,
        mode: PutMode,
    ) -> Result<Option<UpdateVersion>, Fault> {
        let headers = Headers {
            media_type: "application/json",
            coding: None,
            caching: "no-cache",
        };
        let attributes = attributes(headers, &Content::of(&bytes).sha256, 0);
        let written = self.bucket.write_if(path, bytes.into(), mode, attributes);
        written.await
    }
}

impl Deref for Objects {
    type Target = bucket::Objects;

    fn deref(&self) -> &Self::Target {
        &self.bucket
    }
}

/// The length and hashes of some bytes.
#[derive(Clone, Debug)]
pub(super) struct Content {
    pub(super) bytes: u64,
    pub(super) sha256: String,
    md5: Option<String>,
}

impl Content {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let md5 = Md5::digest(bytes);
        Self {
            bytes: bytes.len() as u64,
            sha256: sha256_hex(Sha256::new_with_prefix(bytes)),
            md5: Some(md5.iter().map(|byte| format!("{byte:02x}")).collect()),
        }
    }

    /// That of a file of which only these are known.
    pub(super) fn known(bytes: u64, sha256: &str) -> Self {
        Self {
            bytes,
            sha256: sha256.to_owned(),
            md5: None,
        }
    }
}

fn tag(former: &Former) -> Option<&str> {
    Some(former.version.e_tag.as_ref()?.trim_matches('"'))
}

fn attributes(headers: Headers, sha256: &str, turn: u64) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.insert(Attribute::ContentType, headers.media_type.into());
    attributes.insert(Attribute::CacheControl, headers.caching.into());
    if let Some(coding) = headers.coding {
        attributes.insert(Attribute::ContentEncoding, coding.into());
    }
    let mut beside = |name: &'static str, value: String| {
        attributes.insert(Attribute::Metadata(name.into()), value.into())
    };
    beside(HASH, sha256.to_owned());
    beside(TURN, turn.to_string());
    attributes
}
