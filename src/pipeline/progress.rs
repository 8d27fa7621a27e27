//! The steps of a run while it goes on: for progress bars, logs, and tests that stop it anywhere.
//!
//! Owns the steps. Never acts on them.

use std::fmt;
use std::sync::Arc;

use url::Url;

use crate::model::ColumnName;

/// A step that has just been taken.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    /// A list page was read and its items queued.
    ListRead {
        /// The column.
        column: &'a ColumnName,
        /// The list page.
        url: &'a Url,
        /// How many of its items were unknown.
        unknown: usize,
    },
    /// A backfill begins, or goes on where an earlier one left off.
    Backfill {
        /// The column.
        column: &'a ColumnName,
        /// List pages that are done.
        pages: u32,
        /// How many there are, if the pager says so.
        total: Option<u32>,
        /// The list page that comes next.
        next: Option<&'a Url>,
    },
    /// A backfill has queued a list page's items; its articles are read next.
    OlderListed {
        /// The column.
        column: &'a ColumnName,
        /// List pages that are done.
        pages: u32,
        /// How many there are, if the pager says so.
        total: Option<u32>,
    },
    /// A run wants the host: the backfill waits until it has had its turn.
    MakesRoom {
        /// The column.
        column: &'a ColumnName,
    },
    /// The walk over the list pages is over.
    Queued {
        /// The column.
        column: &'a ColumnName,
        /// How many items are due to be read now.
        items: usize,
    },
    /// One article page was read, or failed.
    ArticleDone {
        /// The column.
        column: &'a ColumnName,
        /// The article's page.
        url: &'a Url,
    },
    /// The queue is read; rechecks come next.
    RechecksDue {
        /// The column.
        column: &'a ColumnName,
        /// How many.
        pages: usize,
    },
    /// A picture or an attached file was kept or put off.
    KeptFileDone {
        /// The column.
        column: &'a ColumnName,
        /// Where the portal has it.
        url: &'a Url,
    },
    /// One more page was read anew from the archive.
    Reread {
        /// How many.
        done: i64,
        /// How many there are.
        all: i64,
    },
    /// A published file was written or found unchanged.
    FileDone {
        /// Its path below the published folder.
        path: &'a str,
    },
}

/// Who listens to a run.
#[derive(Clone)]
pub struct Progress(Arc<dyn Fn(Step<'_>) + Send + Sync>);

impl Progress {
    /// Nobody listens.
    pub fn silent() -> Self {
        Self(Arc::new(|_| ()))
    }

    /// Calls this function at every step.
    pub fn from_fn(tell: impl Fn(Step<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    pub(super) fn tell(&self, step: Step<'_>) {
        (self.0)(step);
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Progress")
    }
}
