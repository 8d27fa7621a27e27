//! The source of all answers that are not files: the store, while it is open.
//!
//! Owns which store the handlers get. Never opens or closes the store.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::freshness::Freshness;
use super::open_store::OpenStore;
use super::overview::{LatestOverview, Overview};
use super::problem::Problem;

/// Gives the open store to the handlers. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Source {
    open_store: Arc<RwLock<Option<Arc<OpenStore>>>>,
    freshness: Arc<RwLock<Arc<Freshness>>>,
    opened: Arc<AtomicU64>,
    overview: Arc<LatestOverview>,
    public: Arc<RwLock<Option<PathBuf>>>,
}

impl Source {
    /// Sets the open store.
    pub fn open(&self, open: OpenStore) {
        let freshness = Arc::new(Freshness::from_columns(&open.columns));
        let own = &self.freshness;
        *own.write().unwrap_or_else(PoisonError::into_inner) = freshness;
        self.set(Some(Arc::new(open)));
        self.opened.fetch_add(1, Ordering::SeqCst);
    }

    /// Takes away the store, which is closed.
    pub fn close(&self) {
        self.set(None);
    }

    /// The open store. If it is closed while a handler uses it, the handler gets an error.
    pub fn open_store(&self) -> Option<Arc<OpenStore>> {
        let open = self
            .open_store
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        open.clone()
    }

    /// How often the store was opened. Answers from before may be outdated.
    pub(super) fn opened(&self) -> u64 {
        self.opened.load(Ordering::SeqCst)
    }

    /// The state of every column, shared by requests within some seconds.
    pub(super) async fn overview(&self) -> Result<Arc<Overview>, Problem> {
        let open = self.open_store().ok_or_else(Problem::closed)?;
        self.overview.read(&open).await
    }

    /// How long copies stay fresh. It is also known while the store is closed.
    pub(super) fn freshness(&self) -> Arc<Freshness> {
        let freshness = self.freshness.read();
        freshness.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sets the folder of published files; `None` if they are in a bucket.
    pub(super) fn publishes_in(&self, public: Option<&Path>) {
        let own = self.public.write();
        *own.unwrap_or_else(PoisonError::into_inner) = public.map(Path::to_owned);
    }

    /// The folder of published files; `None` if they are in a bucket.
    pub(super) fn public(&self) -> Option<PathBuf> {
        let public = self.public.read();
        public.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, now: Option<Arc<OpenStore>>) {
        *self
            .open_store
            .write()
            .unwrap_or_else(PoisonError::into_inner) = now;
    }
}
