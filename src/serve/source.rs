//! What answers are made of that are no files: the store, while it is open.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::freshness::Freshness;
use super::open_store::OpenStore;
use super::overview::{LatestOverview, Overview};
use super::problem::Problem;

/// Hands the open store to who answers. Clones hand out the same.
#[derive(Clone, Debug, Default)]
pub struct Source {
    live: Arc<RwLock<Option<Arc<OpenStore>>>>,
    freshness: Arc<RwLock<Arc<Freshness>>>,
    opened: Arc<AtomicU64>,
    overview: Arc<LatestOverview>,
    public: Arc<RwLock<PathBuf>>,
}

impl Source {
    /// From now on, answers are made of this.
    pub fn open(&self, live: OpenStore) {
        let freshness = Arc::new(Freshness::from_columns(&live.columns));
        let own = &self.freshness;
        *own.write().unwrap_or_else(PoisonError::into_inner) = freshness;
        self.set(Some(Arc::new(live)));
        self.opened.fetch_add(1, Ordering::SeqCst);
    }

    /// The store is open no more.
    pub fn close(&self) {
        self.set(None);
    }

    /// What is open now. Who holds it may find the store closed under its hands, and has an error
    /// then.
    pub fn open_store(&self) -> Option<Arc<OpenStore>> {
        let live = self.live.read().unwrap_or_else(PoisonError::into_inner);
        live.clone()
    }

    /// How often something was opened: what was made of what was open before may be of another state.
    pub(super) fn opened(&self) -> u64 {
        self.opened.load(Ordering::SeqCst)
    }

    /// How every column is, as it was read last, for all who ask within seconds of each other.
    pub(super) async fn overview(&self) -> Result<Arc<Overview>, Problem> {
        let live = self.open_store().ok_or_else(Problem::closed)?;
        self.overview.read(&live).await
    }

    /// For how long copies are good; known still when the store is closed.
    pub(super) fn freshness(&self) -> Arc<Freshness> {
        let freshness = self.freshness.read();
        freshness.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The published tree stands there.
    pub(super) fn publishes_in(&self, public: &Path) {
        let own = self.public.write();
        public.clone_into(&mut own.unwrap_or_else(PoisonError::into_inner));
    }

    /// Where the published tree stands.
    pub(super) fn public(&self) -> PathBuf {
        let public = self.public.read();
        public.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, now: Option<Arc<OpenStore>>) {
        *self.live.write().unwrap_or_else(PoisonError::into_inner) = now;
    }
}
