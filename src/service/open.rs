//! Opens the tools of collecting and publishing: the store, the archive, the published folder, the
//! connections to portals.
//!
//! Owns two rules: invented articles never mix with real ones, and an empty store never replaces a
//! lost one. Never reads a configuration file, and never asks a portal.

use std::path::PathBuf;

use tokio_util::sync::CancellationToken;

use super::alive::keep_alive;
use super::clock;
use crate::archive::{Archive, ArchiveError, ArchiveFiles};
use crate::config::{FilePlace, Folders, ServiceConfig};
use crate::fetch::{ClientError, Fetcher, FetcherOptions};
use crate::model::Clock;
use crate::notify::Notifier;
use crate::pipeline::{ArchiveWriter, AskedBy, Collector, Progress};
use crate::publish::{
    KeptPlace, PublishError, PublishFolder, PublishPlace, PublishedFiles, open_bucket,
};
use crate::render::paths;
use crate::store::{Holder, Purpose, Store, StoreError, StorePlace};

/// The `User-Agent` of dibao's requests, with this contact.
pub fn user_agent(contact: Option<&str>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    match contact {
        Some(contact) => format!("dibao/{version} (+{contact})"),
        None => format!("dibao/{version}"),
    }
}

/// A fetcher that introduces itself with this contact.
pub fn fetcher(folders: &Folders, contact: Option<&str>) -> Fetcher {
    Fetcher::new(FetcherOptions {
        user_agent: user_agent(contact),
        connect_to: folders.connect_to.clone(),
        ..FetcherOptions::default()
    })
}

/// The receivers of notices: hubs, webhooks and people.
pub fn notifier(service: &ServiceConfig) -> Result<Notifier, ClientError> {
    let user_agent = user_agent(service.contact.as_deref());
    Notifier::new(&user_agent, service)
}

/// Opens the store, or begins one if nothing was published yet. An empty store in the place of a
/// lost one would empty every feed and give articles other ids.
pub async fn open_store(folders: &Folders) -> Result<Store, StoreError> {
    let place = store_place(folders);
    if !place.is_begun() {
        let files = PublishedFiles::open(&folders.public, &folders.data);
        let published = files.and_then(|files| published_seq(&files));
        let published = published.map_err(|error| StoreError::Unseen {
            folder: folders.data.clone(),
            cause: error.to_string(),
        })?;
        if published.is_some_and(|seq| seq > 0) {
            return Err(StoreError::Lost {
                folder: folders.data.clone(),
                published: folders.public.to_string().into(),
            });
        }
    }
    Store::open(place, Purpose::Real).await
}

/// Where the store is.
pub fn store_place(folders: &Folders) -> StorePlace {
    match &folders.store {
        None => StorePlace::from(&folders.data),
        Some(url) => StorePlace::Server {
            url: url.clone(),
            folder: folders.data.clone(),
        },
    }
}

/// The number of the last change in the published files of real articles. A bucket that does not answer
/// is an error.
pub fn published_seq(public: &PublishedFiles) -> Result<Option<i64>, PublishError> {
    if public.read(DEMO_MARK)?.is_some() {
        return Ok(None);
    }
    #[derive(serde::Deserialize)]
    struct Manifest {
        seq: i64,
    }
    let manifest = public.read(paths::MANIFEST)?;
    let manifest = manifest.and_then(|manifest| serde_json::from_slice(&manifest).ok());
    Ok(manifest.map(|Manifest { seq }| seq))
}

/// The file that marks a published folder as the demo's.
const DEMO_MARK: &str = ".dibao-demo";

/// Opens the place of the published files. Like the store, it holds either real articles or the demo's,
/// which are never in a bucket. A bucket is checked: whether it answers, and keeps conditions.
pub fn open_public(
    folders: &Folders,
    purpose: Purpose,
) -> Result<Box<dyn PublishPlace>, PublicFolderError> {
    let public = match (&folders.public, purpose) {
        (FilePlace::Folder(folder), _) => folder,
        (FilePlace::Bucket(url), Purpose::Real) => {
            return Ok(open_bucket(url, &folders.data)?);
        }
        (public, Purpose::Demo) => return Err(PublicFolderError::IsBucket(public.to_string())),
    };
    let mark = public.join(DEMO_MARK);
    let is_demo = mark.exists();
    let is_real = !is_demo && public.join(paths::MANIFEST).exists();
    match purpose {
        Purpose::Real if is_demo => return Err(PublicFolderError::IsDemo(public.to_owned())),
        Purpose::Demo if is_real => return Err(PublicFolderError::IsReal(public.to_owned())),
        _ => (),
    }
    // The next publication knows whether a crash left something behind.
    let directory = PublishFolder::open_as_it_is(public)?;
    if purpose == Purpose::Demo && !is_demo {
        std::fs::write(&mark, "").map_err(|cause| PublicFolderError::Mark { file: mark, cause })?;
    }
    Ok(Box::new(directory))
}

/// A bucket, which is checked before a store is begun beside it; `None` for a folder.
pub fn open_bucket_first(
    folders: &Folders,
) -> Result<Option<Box<dyn PublishPlace>>, PublicFolderError> {
    match folders.public {
        FilePlace::Folder(_) => Ok(None),
        FilePlace::Bucket(_) => open_public(folders, Purpose::Real).map(Some),
    }
}

/// The published folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PublicFolderError {
    /// It is the demo's, and real articles are to be published.
    #[error("{}: holds the demo's invented articles\n  remedy: name another folder with --public", .0.display())]
    IsDemo(PathBuf),
    /// It holds real articles, and the demo is to be published.
    #[error("{}: holds real articles, with which the demo does not mix\n  remedy: name another folder with --public", .0.display())]
    IsReal(PathBuf),
    /// It is a bucket, and the demo is to be published.
    #[error("{0}: the demo is not published into a bucket\n  remedy: name a folder with --public")]
    IsBucket(String),
    /// It cannot be marked as the demo's.
    #[error("{}: cannot be written: {cause}", file.display())]
    Mark {
        /// The mark.
        file: PathBuf,
        /// The system's message.
        cause: std::io::Error,
    },
    /// It cannot be read or written.
    #[error(transparent)]
    Publish(#[from] PublishError),
}

/// Everything that collecting needs, until `stop` is cancelled. Repairs an archive that a crash
/// left torn.
pub async fn open_collector(
    (archive, kept): (ArchiveFiles, KeptPlace),
    store: Store,
    fetcher: Fetcher,
    asked_by: AskedBy,
    progress: Progress,
    stop: CancellationToken,
) -> Result<Collector, DataError> {
    clock::check(&store).await?;
    let (clock, holder) = (Clock::system(), Holder::this_process());
    keep_alive(&store, &holder, &clock).await?;
    let ends = store.captures().file_ends().await?;
    // A repair may read a whole file.
    let opened = tokio::task::spawn_blocking(move || Archive::open(archive, &ends));
    let archive = opened.await.map_err(std::io::Error::other)??;
    Ok(Collector {
        archive_writer: ArchiveWriter::start(archive, store.clone()),
        kept,
        store,
        fetcher,
        clock,
        holder,
        asked_by,
        progress,
        stop,
    })
}

/// The data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The archive cannot be used.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The opening of the archive broke off.
    #[error("the archive cannot be opened: {0}")]
    Broken(#[from] std::io::Error),
}

impl DataError {
    /// A stable code.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Store(error) => error.reason(),
            Self::Archive(error) => error.reason(),
            Self::Broken(_) => "archive",
        }
    }
}
