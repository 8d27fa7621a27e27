//! The working state of a run.
//!
//! Owns the knowledge of a run under way: its requests, its failure budget, the column's drift, and
//! the pages that are not decided on yet. Never has the result; the report does.

use std::collections::BTreeSet;
use std::sync::Arc;

use url::Url;

use super::collector::Collector;
use super::failure_budget::FailureBudget;
use super::page_reader::PageReader;
use super::pending::{PendingArticles, PendingRechecks};
use super::report::ColumnReport;
use crate::config::Column;
use crate::fetch::{Session, host_of};
use crate::model::{Timestamp, Verdict};
use crate::pipeline::drift::Drift;
use crate::pipeline::progress::Step;
use crate::pipeline::reading::{PageError, RunError};
use crate::pipeline::record::{Budget, Spender};
use crate::store::{LeaseKind, Shown, Shows, Standing, Store, StoreError};

/// A run of a column while it goes on.
pub(in crate::pipeline) struct Run<'a> {
    pub(in crate::pipeline) collector: &'a Collector,
    pub(in crate::pipeline) column: &'a Column,
    /// Its requests. A backfill begins another session after it has made room.
    pub(in crate::pipeline) pages: PageReader<'a>,
    pub(in crate::pipeline) budget: FailureBudget,
    /// What the column may still make dibao store today.
    pub(in crate::pipeline) spending: Budget,
    /// When it began.
    pub(super) began: Timestamp,
    /// How the column stood before, once that is loaded.
    standing: Option<Standing>,
    /// The number of its walk, once that has begun.
    pub(super) walk: Option<i64>,
    /// Whether the list has not changed and nothing else is due.
    pub(super) is_quiet: bool,
    /// How the column drifts from its baseline, once that is loaded.
    pub(super) drift: Option<Drift>,
    /// New articles that were read and are not decided on yet.
    pub(super) articles: PendingArticles,
    /// Known pages that changed and are not decided on yet.
    pub(super) rechecks: PendingRechecks,
    /// Other hosts than the column's that block us.
    pub(super) blocked_hosts: BTreeSet<String>,
    /// How many items the first list page had, if it was read.
    pub(super) first_page_items: Option<usize>,
    /// The message about selectors of the feed file that match nothing on the list.
    pub(super) unmatched_list: Option<String>,
    /// The result of the run so far.
    pub(in crate::pipeline) report: ColumnReport,
}

impl<'a> Run<'a> {
    /// Begins a run, whose requests lease hosts for this purpose. Nothing is asked yet.
    pub(in crate::pipeline) fn new(
        collector: &'a Collector,
        column: &'a Column,
        lease: LeaseKind,
        spender: Spender,
    ) -> Self {
        let spending = Budget::new(&collector.store, column, spender);
        let session = Arc::new(collector.session(lease, Some(spending.clone())));
        Self::with_session(collector, column, session, spending)
    }

    /// Begins a run within a session, which spends from this budget.
    pub(in crate::pipeline) fn with_session(
        collector: &'a Collector,
        column: &'a Column,
        session: Arc<Session>,
        spending: Budget,
    ) -> Self {
        Self {
            collector,
            column,
            pages: PageReader {
                column,
                session,
                clock: collector.clock.clone(),
            },
            budget: FailureBudget::default(),
            spending,
            began: collector.clock.now(),
            standing: None,
            walk: None,
            is_quiet: false,
            drift: None,
            articles: PendingArticles::default(),
            rechecks: PendingRechecks::default(),
            blocked_hosts: BTreeSet::new(),
            first_page_items: None,
            unmatched_list: None,
            report: ColumnReport::new(column.name.clone()),
        }
    }

    pub(in crate::pipeline) fn now(&self) -> Timestamp {
        self.collector.clock.now()
    }

    pub(in crate::pipeline) fn store(&self) -> &'a Store {
        &self.collector.store
    }

    /// The column's host.
    pub(in crate::pipeline) fn host(&self) -> String {
        host_of(&self.column.url)
    }

    pub(in crate::pipeline) fn progress(&self, step: Step<'_>) {
        self.collector.progress.tell(step);
    }

    /// How the column stood before the run.
    pub(super) async fn standing(&mut self) -> Result<Standing, StoreError> {
        if self.standing.is_none() {
            let (name, url, host) = (&self.column.name, &self.column.url, self.host());
            let standing = self
                .store()
                .columns()
                .standing(self.now(), name, url, &host);
            self.standing = Some(standing.await?);
        }
        Ok(self.standing.clone().unwrap_or_default())
    }

    /// Begins the run's walk over the list, unless it has begun, and returns its number.
    pub(super) async fn begin_walk(&mut self) -> Result<i64, StoreError> {
        if let Some(walk) = self.walk {
            return Ok(walk);
        }
        let (began, column, columns) = (self.began, self.column, self.store().columns());
        let walk = columns.begin_walk(began, &column.name, &column.portal, column.url.as_str());
        let walk = walk.await?;
        self.walk = Some(walk);
        Ok(walk)
    }

    /// Loads the column's baseline, unless it is loaded.
    pub(in crate::pipeline) async fn learn(&mut self) -> Result<(), RunError> {
        if self.drift.is_none() {
            let drift = Drift::load(self.store(), self.column, self.now());
            self.drift = Some(drift.await?);
        }
        Ok(())
    }

    /// Counts an article page that was read, for the comparison with the baseline.
    pub(super) fn count_shown(&mut self, at: Timestamp, url: &Url, is_new: bool, shows: &Shows) {
        if let Some(drift) = &mut self.drift {
            drift.count(Shown {
                url: url.clone(),
                at,
                is_new,
                shows: shows.clone(),
            });
        }
    }

    /// Adds the verdict on a fetch to the report.
    pub(in crate::pipeline) fn note_verdict(&mut self, url: &Url, verdict: Verdict) {
        self.report.note_verdict(self.now(), url, verdict);
    }

    /// Counts a page without a result against the budget.
    pub(super) fn spend(&mut self, error: &PageError) {
        let Some(blocked) = self.budget.spend(error, self.column) else {
            return;
        };
        if blocked == self.host() {
            self.report.host_trouble = Some(Verdict::BlockedByWaf);
        } else {
            self.blocked_hosts.insert(blocked);
        }
    }

    /// Opens an incident, and names it in the report.
    pub(in crate::pipeline) async fn note_incident(
        &mut self,
        code: &'static str,
        message: &str,
    ) -> Result<(), StoreError> {
        if !self.report.noted.contains(&code) {
            self.report.noted.push(code);
        }
        let name = self.column.name.as_str();
        self.store()
            .incidents()
            .note(self.now(), code, name, message)
            .await
    }

    /// Whether the host of an article, if it is not the column's, is left alone: it blocked us in
    /// this run, or rests since an earlier one.
    pub(super) async fn avoids(&mut self, url: &Url) -> Result<bool, RunError> {
        let host = host_of(url);
        if host == self.host() {
            return Ok(false);
        }
        if let Some(is_avoided) = self.budget.avoids(&host) {
            return Ok(is_avoided);
        }
        let resting = self.store().hosts().trouble(&host, self.now()).await?;
        let is_avoided = resting.is_some_and(|resting| self.collector.leaves_alone(&resting));
        self.budget.remember(host, is_avoided);
        Ok(is_avoided)
    }
}
