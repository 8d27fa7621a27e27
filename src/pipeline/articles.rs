//! Reads article pages: those that wait in the queue, and recent ones again.

use chrono::TimeDelta;
use url::Url;

use super::collect::Collector;
use super::held::Held;
use super::patience::Patience;
use super::progress::Step;
use super::reading;
use super::report::ColumnReport;
use super::trouble::{Trouble, Vain, is_root};
use super::usual::Usual;
use crate::config::Column;
use crate::extract::Stub;
use crate::fetch::{Fetched, Session, Validators, host_of};
use crate::model::{ChangeKind, Verdict};
use crate::store::{DuePage, Look, Outcome, QueuedItem, ReadPage, Reading};

/// Known articles from which a run learns what is usual.
const KNOWN: usize = 50;
/// So many pages that lost something usual are decided on together.
const HELD: usize = 5;

impl Collector {
    /// Reads what waits, oldest first.
    pub(super) async fn read_queue(
        &self,
        session: &Session,
        column: &Column,
        report: &mut ColumnReport,
        patience: &mut Patience,
    ) -> Result<(), Trouble> {
        let queued = self.store.queued(self.clock.now(), &column.name).await?;
        self.progress.tell(Step::Queued {
            column: &column.name,
            items: queued.len(),
        });
        let known = self.store.newest(&column.name, KNOWN).await?;
        report.usual = Usual::of(&column.fields, &known);
        for item in queued {
            if self.avoids(column, &item.url, patience).await? {
                continue;
            }
            self.read_queued(session, column, &item, report, patience)
                .await?;
            if patience.is_over() {
                break;
            }
        }
        Ok(())
    }

    /// Reads one item that waits, and records its article or lets it rest.
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
        let recorded = match read {
            Ok(Answer::Read(page)) => {
                report.usual.count(&item.url, &page.content);
                match self.store.record(now, Some(&column.name), &page).await? {
                    Outcome::Doubtful => Err(Vain::doubtful(&item.url)),
                    outcome => Ok(outcome),
                }
            }
            Ok(Answer::Unchanged) => Ok(Outcome::Unchanged),
            Err(vain) => Err(vain),
        };
        match recorded {
            Ok(outcome) => {
                patience.renew(&item.url);
                report.count(now, &item.url, outcome);
            }
            Err(Vain::Trouble(trouble)) if trouble.is_fatal() => return Err(trouble),
            Err(vain) => {
                patience.wear(&vain, column, report);
                let next = now.plus(back_off(item.attempts, vain.is_transient()));
                let failure = vain.into_failure(&item.url);
                self.store
                    .put_back(&column.name, &item.url, next, failure.verdict.code())
                    .await?;
                report.fail(now, failure);
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
        let due = self.store.due_pages(now, &column.name).await?;
        self.progress.tell(Step::LooksDue {
            column: &column.name,
            pages: due.len(),
        });
        let mut held = Vec::new();
        for page in due {
            if self.avoids(column, &page.url, patience).await? {
                continue;
            }
            let looked = self.look_at(session, column, &page, report, patience);
            held.extend(looked.await?);
            if held.len() >= HELD {
                // Not all at the end, which a time limit may forestall.
                let held = std::mem::take(&mut held);
                self.settle_held(column, held, report).await?;
            }
            self.progress.tell(Step::ArticleDone {
                column: &column.name,
                url: &page.url,
            });
            if patience.is_over() {
                break;
            }
        }
        self.settle_held(column, held, report).await
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
        let resting = self.store.host_trouble(&host, self.clock.now()).await?;
        let avoided = resting.is_some_and(|resting| self.leaves_alone(&resting));
        patience.others.insert(host, avoided);
        Ok(avoided)
    }

    /// Looks at one page; gives it back where it lost something usual, to be decided on later.
    async fn look_at(
        &self,
        session: &Session,
        column: &Column,
        page: &DuePage,
        report: &mut ColumnReport,
        patience: &mut Patience,
    ) -> Result<Option<Held>, Trouble> {
        let (portal, url) = (&column.portal, &page.url);
        let read = self
            .read_article(session, column, url, Some(&page.validators))
            .await;
        let now = self.clock.now();
        let looked = match read {
            Ok(Answer::Read(read)) => {
                patience.renew(url);
                report.usual.count(url, &read.content);
                let lost = self.lost(column, &read, &report.usual).await?;
                if !lost.is_empty() {
                    return Ok(Some((read, lost)));
                }
                self.record_look(column, &read, report).await?;
                return Ok(None);
            }
            Ok(Answer::Unchanged) => {
                let look = self.store.note_unchanged(now, portal, url).await?;
                Ok(outcome_of(look))
            }
            Err(Vain::Trouble(Trouble::Fetch(error))) if error.is_missing() => {
                let look = self.store.note_missing(now, portal, url).await?;
                if look != Look::Withdrawn {
                    report.tell(now, url, Verdict::NotFound);
                    return Ok(None);
                }
                Ok(Outcome::Changed(ChangeKind::Withdrawn))
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
                self.store.put_off_look(now, portal, url).await?;
                report.fail(now, vain.into_failure(url));
            }
        }
        Ok(None)
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
        self.read_parts(session, column, &page.url, &mut article)
            .await?;
        let content = reading::accepted(column, &page.url, article, self.clock.now())?;
        let reading = Reading {
            capture: page.capture,
            charset: Some(charset),
        };
        Ok(Answer::Read(Box::new(ReadPage {
            portal: column.portal.clone(),
            url: url.clone(),
            found_at: page.url,
            content,
            validators: page.validators,
            reading,
        })))
    }
}

/// What a look at an article's page gave.
enum Answer {
    Read(Box<ReadPage>),
    Unchanged,
}

fn outcome_of(look: Look) -> Outcome {
    match look {
        Look::Restored => Outcome::Changed(ChangeKind::Restored),
        _ => Outcome::Unchanged,
    }
}

/// How long an item rests after a vain try: from ten minutes to a day where time may mend it,
/// from a day to a month where the page itself is the matter. Never for good.
fn back_off(attempts: u32, is_transient: bool) -> TimeDelta {
    let doubled = 1i32 << attempts.min(8);
    if is_transient {
        (TimeDelta::minutes(10) * doubled).min(TimeDelta::days(1))
    } else {
        (TimeDelta::days(1) * doubled).min(TimeDelta::days(30))
    }
}
