//! Code that the tests share.
//!
//! Owns these helpers. Never tests anything itself.

pub(crate) mod browser;
pub(crate) mod network;
pub(crate) mod place;
pub(crate) mod replica;
pub(crate) mod served;
pub(crate) mod tls;

use std::ops::Deref;
use std::path::PathBuf;

use chrono::{NaiveDate, TimeDelta};
use dibao::model::{Body, IndexNumber, Metadata, Timestamp};
use dibao::store::{PageContent, Purpose, ReadPage, Store};
use tokio::task::JoinSet;

/// The folder with outside test data that this variable names; a message if it is not set.
pub(crate) fn outside(variable: &str) -> Option<PathBuf> {
    outside_all(variable)?.into_iter().next()
}

/// The folders that it names, separated as those of `PATH` are.
pub(crate) fn outside_all(variable: &str) -> Option<Vec<PathBuf>> {
    let named = std::env::var_os(variable).unwrap_or_default();
    let folders = std::env::split_paths(&named);
    let folders: Vec<PathBuf> = folders
        .filter(|folder| !folder.as_os_str().is_empty())
        .collect();
    if folders.is_empty() {
        println!("skipped: {variable} is not set");
    }
    (!folders.is_empty()).then_some(folders)
}

/// The instant at which tests begin, a plain working morning.
pub(crate) fn morning() -> Timestamp {
    Timestamp::start_of(NaiveDate::from_ymd_opt(2025, 12, 30).unwrap()).plus(TimeDelta::hours(9))
}

/// Does this for each of these, as many at once as there are cores: one after the other they would
/// still be at it when all other tests are done.
pub(crate) async fn side_by_side<T, F>(all: impl IntoIterator<Item = T>, does: impl Fn(T) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut tasks = JoinSet::new();
    for one in all {
        if tasks.len() == cores {
            tasks.join_next().await.unwrap().unwrap();
        }
        tasks.spawn(does(one));
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
}

/// A store in a folder of its own, which is deleted with it.
pub(crate) struct TempStore {
    pub(crate) store: Store,
    pub(crate) folder: tempfile::TempDir,
}

impl Deref for TempStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

pub(crate) async fn temp_store() -> TempStore {
    let folder = tempfile::tempdir().unwrap();
    let place = place::of(folder.path()).await;
    let store = Store::open(place, Purpose::Real).await.unwrap();
    TempStore { store, folder }
}

/// A paragraph that shares nothing with that of another seed.
pub(crate) fn text(seed: u32) -> String {
    (0..60)
        .map(|at| char::from_u32(0x4e00 + (seed * 7919 + at * 104_729) % 20_000).unwrap())
        .collect()
}

/// An article page of the portal `lucheng`, dated 2025-12-29.
pub(crate) fn page(url: &str, number: Option<&str>, title: &str, body: &str) -> ReadPage {
    ReadPage {
        portal: "lucheng".to_owned(),
        url: url.parse().unwrap(),
        found_at: url.parse().unwrap(),
        content: PageContent {
            title: title.to_owned(),
            metadata: Metadata {
                index_number: number.and_then(IndexNumber::parse),
                index_number_raw: number.map(str::to_owned),
                published_on: NaiveDate::from_ymd_opt(2025, 12, 29),
                ..Metadata::default()
            },
            body: Body {
                body_html: format!("<p>{body}</p>"),
                body_text: body.to_owned(),
                ..Body::default()
            },
            provenance: Default::default(),
        },
        validators: Default::default(),
        reading: Default::default(),
    }
}
