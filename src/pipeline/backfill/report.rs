//! The result of a backfill, in one line.
//!
//! Owns the counts and the words. Never decides when a backfill stops.

use std::fmt;
use std::time::Duration;

use crate::model::ColumnName;
use crate::pipeline::reading::RunError;
use crate::pipeline::run::ColumnReport;
use crate::store::{Resting, StoreError};

/// How a backfill stands when it stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The portal lists nothing more within reach. The checkpoint is gone, and the next backfill
    /// begins anew.
    Complete,
    /// There is more; the next backfill goes on from the checkpoint.
    Paused,
    /// The portal or the store failed; the next backfill goes on from the checkpoint.
    Failed,
}

/// Why a backfill stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Halt {
    /// Its state now.
    pub standing: Standing,
    /// A stable code, such as `list-end`.
    pub reason: String,
    /// The same in words.
    pub message: String,
}

impl Halt {
    pub(super) fn complete(reason: &str, message: &str) -> Self {
        Self::new(Standing::Complete, reason, message)
    }

    pub(super) fn paused(reason: &str, message: &str) -> Self {
        Self::new(Standing::Paused, reason, message)
    }

    fn new(standing: Standing, reason: &str, message: &str) -> Self {
        Self {
            standing,
            reason: reason.to_owned(),
            message: message.to_owned(),
        }
    }

    pub(super) fn failed(error: RunError) -> Self {
        let reason = error.reason();
        let message = format!(
            "{}. What was done is kept; run the backfill again, and it goes on",
            error.into_message()
        );
        Self::new(Standing::Failed, reason, &message)
    }

    pub(super) fn resting(host: &str, resting: &Resting) -> Self {
        let Resting {
            reason,
            failures,
            until,
        } = resting;
        let message =
            format!("{host} is left alone until {until}, after {failures} runs in which it was so");
        Self::new(Standing::Failed, reason, &message)
    }

    /// The store lost the checkpoint, although it was stored.
    pub(super) fn lost() -> Self {
        let message = "the store does not say how far the backfill has come; run it again";
        Self::new(Standing::Failed, StoreError::CORRUPT, message)
    }
}

/// The result of a column's backfill.
#[derive(Clone, Debug)]
pub struct BackfillReport {
    /// List pages read this time.
    pub list_pages: u32,
    /// List pages that an earlier backfill had done, if this one went on.
    pub resumed_after: Option<u32>,
    /// List pages done by this walk, this time and before.
    pub pages: u32,
    /// Its finds on the older list pages.
    pub older: ColumnReport,
    /// The news that it found at the top before it began, as a run would have.
    pub news: ColumnReport,
    /// Why it stopped.
    pub halt: Halt,
    /// How long it took.
    pub elapsed: Duration,
}

impl BackfillReport {
    pub(super) fn new(column: &ColumnName, halt: Halt) -> Self {
        Self {
            list_pages: 0,
            resumed_after: None,
            pages: 0,
            older: ColumnReport::new(column.clone()),
            news: ColumnReport::new(column.clone()),
            halt,
            elapsed: Duration::ZERO,
        }
    }

    /// Whether it failed, in whole or in part.
    pub fn is_failure(&self) -> bool {
        self.halt.standing == Standing::Failed
            || [&self.older, &self.news]
                .iter()
                .any(|report| report.is_failure())
    }
}

impl fmt::Display for BackfillReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.halt.standing {
            Standing::Complete => "complete",
            Standing::Paused => "paused",
            Standing::Failed => "failed",
        };
        let Self { older, news, .. } = self;
        write!(f, "{}  backfill {word}  {} new", older.column, older.new)?;
        for (count, what) in [
            (older.amended, "amended"),
            (older.revised, "revised"),
            (news.new, "news"),
            (older.failures.len() + news.failures.len(), "failed"),
        ] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        if older.waiting > 0 {
            write!(f, ", {} waiting", older.waiting)?;
        }
        write!(f, "  ({} list pages", self.list_pages)?;
        if let Some(before) = self.resumed_after {
            write!(f, " after {before} done before")?;
        }
        write!(f, ", {:.1} s)", self.elapsed.as_secs_f64())?;
        // One line, even if a server's message has several.
        let message = self.halt.message.replace('\n', " ");
        write!(f, "  {}: {message}", self.halt.reason)
    }
}
