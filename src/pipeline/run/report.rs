//! The result of a run of a column, in one line.
//!
//! Owns the counts and the words. Never has a run's working state.

use std::fmt;
use std::time::Duration;

use chrono::NaiveDate;
use url::Url;

use crate::model::{ChangeKind, ColumnName, Timestamp, Verdict};
use crate::pipeline::reading::{PageError, RunError};
use crate::publish::DISK_LOW;
use crate::store::{RENAMED, Resting, SaveOutcome, StoreError, Verdicts};

/// The result of a run of a column.
#[derive(Clone, Debug)]
pub struct ColumnReport {
    /// The column.
    pub column: ColumnName,
    /// List pages read.
    pub list_pages: usize,
    /// Articles seen for the first time.
    pub new: usize,
    /// Articles that the portal edited.
    pub revised: usize,
    /// Articles with a new alias or column.
    pub amended: usize,
    /// Articles that a recheck found unchanged.
    pub unchanged: usize,
    /// Articles that the portal took down.
    pub withdrawn: usize,
    /// Articles that the portal shows again.
    pub restored: usize,
    /// Pictures and attached files that were fetched and are kept.
    pub kept_files: usize,
    /// Items that still wait to be read.
    pub waiting: i64,
    /// Codes of incidents that stay open although the run did not fail: they need a person, or may
    /// not be over.
    pub noted: Vec<&'static str>,
    /// The verdict, if the whole host was in trouble.
    pub host_trouble: Option<Verdict>,
    /// The verdicts on all fetches.
    pub verdicts: Verdicts,
    /// Pages that could not be read, and why.
    pub failures: Vec<Failure>,
    /// How it ended.
    pub ending: Ending,
    /// How long it took.
    pub elapsed: Duration,
}

/// A page that could not be read, or was read and held back.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The page.
    pub url: Url,
    /// The verdict on its fetch.
    pub verdict: Verdict,
    /// The error and the remedy.
    pub message: String,
}

impl Failure {
    /// The message names the article, also if a redirect's target or robots.txt is at fault.
    pub(super) fn new(url: &Url, error: PageError) -> Self {
        let (verdict, message) = match error {
            PageError::Held { verdict, message } => (verdict, message),
            PageError::Run(error) => {
                // An error without a verdict is fatal and has already ended the run.
                let verdict = error.verdict().unwrap_or(Verdict::Setup);
                (verdict, error.into_message())
            }
        };
        let is_named = message.starts_with(&format!("{url}: "));
        Self {
            url: url.clone(),
            verdict,
            message: if is_named {
                message
            } else {
                format!("{url}: {message}")
            },
        }
    }
}

impl From<RunError> for Ending {
    fn from(error: RunError) -> Self {
        if let Some((reason, message)) = error.left_aside() {
            return Self::LeftAside { reason, message };
        }
        Self::Failed {
            verdict: error.verdict(),
            reason: error.reason(),
            message: error.into_message(),
        }
    }
}

/// How a run of a column ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Everything due was dealt with.
    Complete,
    /// The job's time limit came first; the next run goes on.
    TimeLimit,
    /// dibao was told to stop; the next run goes on.
    Stopped,
    /// Another process has the host.
    PassedOver {
        /// The host.
        host: String,
        /// When its lease runs out unless it is renewed.
        until: String,
    },
    /// The host was in trouble and is left alone for a while.
    Resting {
        /// The host.
        host: String,
        /// Why, and until when.
        resting: Resting,
    },
    /// Its feed file says that it rests.
    Paused {
        /// Since when it is collected again; `None` until somebody resumes it.
        until: Option<NaiveDate>,
    },
    /// The column makes dibao store more than it may today, or the disk has little room; a later run
    /// goes on.
    LeftAside {
        /// A stable code.
        reason: &'static str,
        /// What was left aside, and the remedy.
        message: String,
    },
    /// The column could not be read.
    Failed {
        /// The verdict on the fetch that failed; `None` if no fetch failed.
        verdict: Option<Verdict>,
        /// A stable code.
        reason: &'static str,
        /// The error and the remedy.
        message: String,
    },
}

impl ColumnReport {
    pub(in crate::pipeline) fn new(column: ColumnName) -> Self {
        Self {
            column,
            list_pages: 0,
            new: 0,
            revised: 0,
            amended: 0,
            unchanged: 0,
            withdrawn: 0,
            restored: 0,
            kept_files: 0,
            waiting: 0,
            noted: Vec::new(),
            host_trouble: None,
            verdicts: Verdicts::default(),
            failures: Vec::new(),
            ending: Ending::Complete,
            elapsed: Duration::ZERO,
        }
    }

    /// Counts the outcome of an article's page.
    pub(in crate::pipeline) fn count(&mut self, now: Timestamp, url: &Url, outcome: SaveOutcome) {
        self.note_verdict(now, url, verdict_of(outcome));
        match outcome {
            SaveOutcome::Unchanged | SaveOutcome::Doubtful | SaveOutcome::Removed => {
                self.unchanged += 1
            }
            SaveOutcome::Changed(ChangeKind::Added) => self.new += 1,
            SaveOutcome::Changed(ChangeKind::Amended) => self.amended += 1,
            SaveOutcome::Changed(ChangeKind::Restored) => self.restored += 1,
            SaveOutcome::Changed(ChangeKind::Withdrawn | ChangeKind::Removed) => {
                self.withdrawn += 1
            }
            SaveOutcome::Changed(ChangeKind::Revised | ChangeKind::Reextracted) => {
                self.revised += 1
            }
        }
    }

    /// Adds the verdict on a fetch.
    pub(in crate::pipeline) fn note_verdict(
        &mut self,
        now: Timestamp,
        url: &Url,
        verdict: Verdict,
    ) {
        tracing::debug!(column = %self.column, %url, verdict = verdict.code(), "fetched");
        self.verdicts.add(now, url, verdict);
    }

    /// Adds a page that could not be read, or was held back.
    pub(in crate::pipeline) fn fail(&mut self, now: Timestamp, failure: Failure) {
        let (url, verdict) = (&failure.url, failure.verdict.code());
        tracing::debug!(column = %self.column, %url, verdict, message = failure.message, "failed");
        self.verdicts.add(now, &failure.url, failure.verdict);
        self.failures.push(failure);
    }

    /// The verdict for which the run counts as failed.
    pub(in crate::pipeline) fn failure_verdict(&self) -> Option<Verdict> {
        match (&self.ending, self.failures.first()) {
            (Ending::Failed { verdict, .. }, _) => *verdict,
            (_, failure) => failure.map(|failure| failure.verdict),
        }
    }

    /// What came of the run, as a stable code: `ok`, or why not.
    pub fn verdict(&self) -> &'static str {
        match (&self.ending, self.failures.first()) {
            (Ending::Failed { reason, .. } | Ending::LeftAside { reason, .. }, _) => reason,
            (Ending::PassedOver { .. }, _) => Verdict::HostLeased.code(),
            (Ending::Resting { .. }, _) => "resting",
            (Ending::Paused { .. }, _) => "paused",
            (_, Some(failure)) => failure.verdict.code(),
            (Ending::TimeLimit, None) => "time-limit",
            (Ending::Stopped, None) => "stopped",
            (Ending::Complete, None) => "ok",
        }
    }

    /// The first failure of each verdict, and what to say of it and the others with its verdict: a
    /// portal in trouble fails with every page.
    pub fn failures_by_verdict(&self) -> Vec<(&Failure, String)> {
        let mut found: Vec<(&Failure, usize)> = Vec::new();
        for failure in &self.failures {
            match found
                .iter_mut()
                .find(|(first, _)| first.verdict == failure.verdict)
            {
                Some((_, pages)) => *pages += 1,
                None => found.push((failure, 1)),
            }
        }
        let told = found.into_iter().map(|(first, pages)| {
            let message = match pages - 1 {
                0 => first.message.clone(),
                1 => format!("{} (and 1 other page)", first.message),
                others => format!("{} (and {others} other pages)", first.message),
            };
            (first, message)
        });
        told.collect()
    }

    /// Whether readers see another state of the column than before.
    pub fn has_news(&self) -> bool {
        let changed = [
            self.new,
            self.revised,
            self.amended,
            self.withdrawn,
            self.restored,
        ];
        changed.into_iter().any(|articles| articles > 0)
    }

    /// Why the store or its disk took nothing more, and what to do.
    pub fn not_written(&self) -> Option<(&'static str, &str)> {
        match &self.ending {
            Ending::Failed {
                reason, message, ..
            } if StoreError::NOT_WRITABLE.contains(reason) => Some((reason, message)),
            _ => None,
        }
    }

    /// Whether the column failed, in whole or in part.
    pub fn is_failure(&self) -> bool {
        let is_over = match &self.ending {
            Ending::Failed { .. } | Ending::Resting { .. } => true,
            // The machine fails, or a person has to decide, and the column is not collected.
            Ending::LeftAside { reason, .. } => [DISK_LOW, RENAMED].contains(reason),
            _ => false,
        };
        is_over || !self.failures.is_empty()
    }
}

/// The verdict on the fetch of an article's page. A further address, or a further column that lists
/// it, leaves an article unchanged.
fn verdict_of(outcome: SaveOutcome) -> Verdict {
    match outcome {
        SaveOutcome::Doubtful => Verdict::Doubtful,
        SaveOutcome::Changed(ChangeKind::Added) => Verdict::New,
        SaveOutcome::Changed(ChangeKind::Revised | ChangeKind::Reextracted) => Verdict::Revised,
        SaveOutcome::Changed(ChangeKind::Withdrawn | ChangeKind::Removed) => Verdict::Gone,
        SaveOutcome::Unchanged
        | SaveOutcome::Removed
        | SaveOutcome::Changed(ChangeKind::Amended | ChangeKind::Restored) => Verdict::Unchanged,
    }
}

impl fmt::Display for ColumnReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match &self.ending {
            Ending::Failed { .. } => "failed",
            _ if !self.failures.is_empty() => "partly",
            Ending::Complete => "ok",
            Ending::TimeLimit => "time limit",
            Ending::Stopped => "stopped",
            Ending::PassedOver { .. } => "passed over",
            Ending::Resting { .. } => "resting",
            Ending::LeftAside { .. } => "left aside",
            Ending::Paused { .. } => "paused",
        };
        if let Ending::Paused { until } = &self.ending {
            write!(f, "{}  {word}", self.column)?;
            return match until {
                Some(until) => write!(f, " until {until}"),
                None => write!(f, ", until `dibao resume {}`", self.column),
            };
        }
        write!(
            f,
            "{}  {word}  {} new, {} revised, {} unchanged",
            self.column, self.new, self.revised, self.unchanged
        )?;
        for (count, what) in [
            (self.amended, "amended"),
            (self.withdrawn, "withdrawn"),
            (self.restored, "restored"),
            (self.failures.len(), "failed"),
            (self.kept_files, "files kept"),
        ] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        if self.waiting > 0 {
            write!(f, ", {} waiting", self.waiting)?;
        }
        write!(
            f,
            "  ({} list pages, {:.1} s)",
            self.list_pages,
            self.elapsed.as_secs_f64()
        )?;
        if !self.noted.is_empty() {
            write!(f, "  see `dibao status`: {}", self.noted.join(", "))?;
        }
        match &self.ending {
            Ending::Failed {
                reason, message, ..
            }
            | Ending::LeftAside { reason, message } => write!(f, "\n  {reason}: {message}"),
            Ending::PassedOver { host, until } => write!(
                f,
                "\n  host-leased: another dibao process is fetching from {host} (until {until} \
                 unless it goes on)"
            ),
            Ending::Resting { host, resting } => write!(
                f,
                "\n  {}: {host} is left alone until {}, since it was so {}",
                resting.reason,
                resting.until,
                match resting.failures {
                    1 => "once".to_owned(),
                    times => format!("{times} times in a row"),
                }
            ),
            _ => Ok(()),
        }
    }
}
