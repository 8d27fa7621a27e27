//! Reads article pages: those that wait in the queue, and recent ones again.

use chrono::TimeDelta;
use url::Url;

use super::accept::unmatched;
use super::collect::{AskedBy, Collector};
use super::drift::Drift;
use super::patience::Patience;
use super::progress::Step;
use super::reading;
use super::report::ColumnReport;
use super::trouble::{Trouble, Vain, is_root};
use super::window::shows;
use crate::config::Column;
use crate::extract::Stub;
use crate::fetch::{Fetched, Session, Validators, host_of};
use crate::model::{ChangeKind, Timestamp, Verdict};
use crate::store::{
    DuePage, QueuedItem, ReadPage, Reading, RecheckOutcome, SaveOutcome, Shown, Shows,
};

/// Of what is held back, so many are read again to see whether the column is well.
const PROBES: usize = 5;

impl Collector {
    /// Loads what is usual for the column, unless it is loaded.
    pub(super) async fn learn(
        &self,
        column: &Column,
        report: &mut ColumnReport,
    ) -> Result<(), Trouble> {
        if report.drift.is_none() {
            let now = self.clock.now();
            report.drift = Some(Drift::of(&self.store, column, now).await?);
        }
        Ok(())
    }

    /// Reads what waits, oldest first: a little of what is held back, to see whether the column is
    /// well, and where it is, all of that; then what is new.
    pub(super) async fn read_queue(
        &self,
        session: &Session,
        column: &Column,
        report: &mut ColumnReport,
        patience: &mut Patience,
    ) -> Result<(), Trouble> {
        let now = self.clock.now();
        let queued = self.store.queue().due(now, &column.name).await?;
        let held = self.store.queue().held(now, &column.name).await?;
        self.learn(column, report).await?;
        let (due, mut left): (Vec<_>, Vec<_>) = held
            .into_iter()
            .partition(|item| self.is_to_read(item, report));
        let (probes, rest) = due.split_at(due.len().min(PROBES));
        self.progress.tell(Step::Queued {
            column: &column.name,
            items: queued.len() + probes.len(),
        });
        self.read_items(session, column, probes, report, patience)
            .await?;
        let is_broken = |report: &ColumnReport| report.drift.as_ref().is_some_and(Drift::is_broken);
        if is_broken(report) {
            left.extend_from_slice(rest);
        } else {
            self.read_items(session, column, rest, report, patience)
                .await?;
        }
        self.read_items(session, column, &queued, report, patience)
            .await?;
        // What is new may be well although what is held back was not asked for again.
        let was_broken = report.drift.as_ref().is_some_and(Drift::was_broken);
        if was_broken && !is_broken(report) {
            self.read_items(session, column, &left, report, patience)
                .await?;
        }
        Ok(())
    }

    /// Whether something held back is read again: it has rested, or a person asks, or that for which
    /// it is held back is not missed any more.
    fn is_to_read(&self, item: &QueuedItem, report: &ColumnReport) -> bool {
        let drift = report.drift.as_ref();
        let is_missed = |field| drift.is_some_and(|drift| drift.is_missed(field));
        item.is_due
            || self.asked_by == AskedBy::Person
            || !item.held.iter().any(|field| is_missed(*field))
    }

    async fn read_items(
        &self,
        session: &Session,
        column: &Column,
        items: &[QueuedItem],
        report: &mut ColumnReport,
        patience: &mut Patience,
    ) -> Result<(), Trouble> {
        for item in items {
            if patience.is_over() {
                break;
            }
            if self.avoids(column, &item.url, patience).await? {
                continue;
            }
            self.read_queued(session, column, item, report, patience)
                .await?;
        }
        self.settle_new(column, report).await
    }

    /// Reads one item that waits, and records its article, lets it rest, or leaves it to be decided
    /// on with others.
    pub(super) async fn read_queued(
        &self,
        session: &Session,
        column: &Column,
        item: &QueuedItem,
        report: &mut ColumnReport,
        patience: &mut Patience,
    ) -> Result<(), Trouble> {
        let read = self.read_article(session, column, &item.url, None).await;
        let now = self.clock.now();
        match read {
            Ok(Answer::Read(read, shows)) => {
                patience.renew(&item.url);
                if !item.is_older {
                    count(report, now, &item.url, true, &shows);
                }
                self.take_new(column, item, (read, shows), report).await?;
            }
            Ok(Answer::Unchanged) => {
                patience.renew(&item.url);
                report.count(now, &item.url, SaveOutcome::Unchanged);
            }
            Err(Vain::Trouble(trouble)) if trouble.is_fatal() => return Err(trouble),
            Err(vain) => {
                patience.wear(&vain, column, report);
                self.put_back(column, item, vain, report).await?;
            }
        }
        self.progress.tell(Step::ArticleDone {
            column: &column.name,
            url: &item.url,
        });
        Ok(())
    }

    /// Looks again at the recent articles that the column looks after.
    pub(super) async fn look_again(
        &self,
        session: &Session,
        column: &Column,
        report: &mut ColumnReport,
        patience: &mut Patience,
    ) -> Result<(), Trouble> {
        let now = self.clock.now();
        let due = self.store.articles().due_pages(now, &column.name).await?;
        self.progress.tell(Step::LooksDue {
            column: &column.name,
            pages: due.len(),
        });
        for page in due {
            if self.avoids(column, &page.url, patience).await? {
                continue;
            }
            self.look_at(session, column, &page, report, patience)
                .await?;
            self.progress.tell(Step::ArticleDone {
                column: &column.name,
                url: &page.url,
            });
            if patience.is_over() {
                break;
            }
        }
        self.settle_looks(column, report).await
    }

    /// Whether the host of an article, where it is not the column's, is left alone: it has put up a
    /// wall in this run, or rests since another.
    async fn avoids(
        &self,
        column: &Column,
        url: &Url,
        patience: &mut Patience,
    ) -> Result<bool, Trouble> {
        let host = host_of(url);
        if host == host_of(&column.url) {
            return Ok(false);
        }
        if let Some(avoided) = patience.others.get(&host) {
            return Ok(*avoided);
        }
        let resting = self.store.hosts().trouble(&host, self.clock.now()).await?;
        let avoided = resting.is_some_and(|resting| self.leaves_alone(&resting));
        patience.others.insert(host, avoided);
        Ok(avoided)
    }

    /// Looks at one page.
    async fn look_at(
        &self,
        session: &Session,
        column: &Column,
        page: &DuePage,
        report: &mut ColumnReport,
        patience: &mut Patience,
    ) -> Result<(), Trouble> {
        let (portal, url) = (&column.portal, &page.url);
        let read = self
            .read_article(session, column, url, Some(&page.validators))
            .await;
        let now = self.clock.now();
        let looked = match read {
            Ok(Answer::Read(read, shows)) => {
                patience.renew(url);
                count(report, now, url, false, &shows);
                return self.take_look(column, (read, shows), report).await;
            }
            Ok(Answer::Unchanged) => {
                if let Some(drift) = &mut report.drift {
                    drift.forget(url);
                }
                let look = self
                    .store
                    .articles()
                    .note_unchanged(now, portal, url)
                    .await?;
                Ok(outcome_of(look))
            }
            Err(Vain::Trouble(Trouble::Fetch(error))) if error.is_missing() => {
                let look = self.store.articles().note_missing(now, portal, url).await?;
                if look != RecheckOutcome::Withdrawn {
                    report.tell(now, url, Verdict::NotFound);
                    return Ok(());
                }
                Ok(SaveOutcome::Changed(ChangeKind::Withdrawn))
            }
            Err(vain) => Err(vain),
        };
        match looked {
            Ok(outcome) => {
                patience.renew(url);
                report.count(now, url, outcome);
            }
            Err(Vain::Trouble(trouble)) if trouble.is_fatal() => return Err(trouble),
            Err(vain) => {
                patience.wear(&vain, column, report);
                self.store
                    .articles()
                    .put_off_recheck(now, portal, url)
                    .await?;
                report.fail(now, vain.into_failure(url));
            }
        }
        Ok(())
    }

    /// Fetches and reads an article's page, and those of its further parts. A 304 of the first stands
    /// for all of them.
    async fn read_article(
        &self,
        session: &Session,
        column: &Column,
        url: &Url,
        validators: Option<&Validators>,
    ) -> Result<Answer, Vain> {
        let fetched = self
            .get(session, column, url, validators)
            .await
            .map_err(Vain::Trouble)?;
        let Fetched::Page(mut page) = fetched else {
            return Ok(Answer::Unchanged);
        };
        if is_root(&page.url) && !is_root(url) {
            return Err(Vain::Held {
                verdict: Stub::NotFound.verdict(),
                message: format!("{url}: leads to {}, which is no article", page.url),
            });
        }
        let (mut article, charset) = reading::article(column, &mut page).await?;
        let unmatched = unmatched(&article.problems);
        let parts = self
            .read_parts(session, column, &page.url, &mut article)
            .await?;
        let content = reading::accepted(column, &page.url, article, self.clock.now())?;
        let reading = Reading {
            capture: page.capture,
            charset: Some(charset),
            read_by: Some(column.name.clone()),
            kept: Vec::new(),
            parts,
        };
        let shows = shows(&content, unmatched);
        let read = ReadPage {
            portal: column.portal.clone(),
            url: url.clone(),
            found_at: page.url,
            content,
            validators: page.validators,
            reading,
        };
        Ok(Answer::Read(Box::new(read), shows))
    }
}

fn count(report: &mut ColumnReport, at: Timestamp, url: &Url, is_new: bool, shows: &Shows) {
    if let Some(drift) = &mut report.drift {
        drift.count(Shown {
            url: url.clone(),
            at,
            is_new,
            shows: shows.clone(),
        });
    }
}

/// What a look at an article's page gave.
enum Answer {
    Read(Box<ReadPage>, Shows),
    Unchanged,
}

fn outcome_of(look: RecheckOutcome) -> SaveOutcome {
    match look {
        RecheckOutcome::Restored => SaveOutcome::Changed(ChangeKind::Restored),
        _ => SaveOutcome::Unchanged,
    }
}

/// How long an item rests after a vain try: from ten minutes to a day where time may mend it,
/// from a day to a month where the page itself is the matter. Never for good.
pub(super) fn back_off(attempts: u32, is_transient: bool) -> TimeDelta {
    let (first, longest) = match is_transient {
        true => (TimeDelta::minutes(10), TimeDelta::days(1)),
        false => (TimeDelta::days(1), TimeDelta::days(30)),
    };
    crate::model::back_off(first, attempts, longest)
}
