//! The tools of collecting, and who asked for it.
//!
//! Owns whether a resting host is asked. Never fetches.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::fetch::{Fetcher, Session};
use crate::model::{Clock, Verdict};
use crate::pipeline::progress::Progress;
use crate::pipeline::record::{ArchiveWriter, Budget, StoreHostBook};
use crate::publish::KeptPlace;
use crate::store::{Holder, LeaseKind, Resting, Store};

/// The tools of collecting. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Collector {
    /// Where everything is kept.
    pub store: Store,
    /// Archives the answers of portals.
    pub archive_writer: ArchiveWriter,
    /// Keeps pictures and attached files.
    pub kept: KeptPlace,
    /// Fetches pages.
    pub fetcher: Fetcher,
    /// The time.
    pub clock: Clock,
    /// Who holds the leases.
    pub holder: Holder,
    /// Who asked for the run.
    pub asked_by: AskedBy,
    /// Who listens.
    pub progress: Progress,
    /// Told to stop: the step under way is abandoned, finished work is kept.
    pub stop: CancellationToken,
}

/// Who asked for a run. This decides whether a page or host is tried again before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedBy {
    /// A person who wants to know now: a host that was merely down is asked again.
    Person,
    /// The timetable, which comes again.
    Timetable,
}

impl Collector {
    /// The requests of one run, or of a piece of a backfill, within this budget.
    pub(in crate::pipeline) fn session(&self, lease: LeaseKind, budget: Option<Budget>) -> Session {
        self.fetcher.session(Arc::new(StoreHostBook {
            store: self.store.clone(),
            deaths: self.store.hosts().deaths(),
            archive_writer: Some(self.archive_writer.clone()),
            clock: self.clock.clone(),
            holder: self.holder.clone(),
            lease,
            budget,
        }))
    }

    /// Whether a resting host is left alone. A host that blocks us is never asked before its time,
    /// whoever asks; other troubles may have passed.
    pub(in crate::pipeline) fn leaves_alone(&self, resting: &Resting) -> bool {
        self.asked_by == AskedBy::Timetable || resting.reason == Verdict::BlockedByWaf.code()
    }
}
