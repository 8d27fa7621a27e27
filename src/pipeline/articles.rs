//! Reads article pages: those that wait in the queue, and recent ones again.

use chrono::TimeDelta;
use url::Url;

use super::accept::accept;
use super::collect::{Collector, Trouble};
use super::progress::Step;
use super::report::{ColumnReport, Ending, Failure};
use super::usual::Usual;
use crate::config::Column;
use crate::extract::{self, Stub};
use crate::fetch::{Fetched, Page, Validators};
use crate::identify::CanonicalUrl;
use crate::model::ChangeKind;
use crate::store::{Look, Outcome, PageContent, ReadPage};

/// Known articles from which a run learns what is usual.
const KNOWN: usize = 50;
/// After so many passing faults in a row the portal is left alone until the next run.
const PATIENCE: usize = 3;

impl Collector {
    /// Reads what waits, oldest first.
    pub(super) async fn read_queue(
        &self,
        column: &Column,
        report: &mut ColumnReport,
    ) -> Result<(), Trouble> {
        let queued = self.store.queued(self.clock.now(), &column.name).await?;
        self.progress.tell(Step::Queued {
            column: &column.name,
            items: queued.len(),
        });
        let known = self.store.newest(&column.name, KNOWN).await?;
        report.usual = Usual::of(&column.fields, &known);
        let mut faults = 0;
        for item in queued {
            match self.read_article(column, &item.url, None).await {
                Ok(Answer::Read(page)) => {
                    faults = 0;
                    report.usual.count(&item.url, &page.content);
                    let now = self.clock.now();
                    let outcome = self.store.record(now, Some(&column.name), &page).await?;
                    report.count(outcome);
                }
                Ok(Answer::Unchanged) => faults = 0,
                Err(Vain::Trouble(Trouble::Store(error))) => return Err(error.into()),
                Err(vain) => {
                    let is_transient = vain.is_transient();
                    let failure = vain.into_failure(&item.url);
                    let next = self.clock.now().plus(back_off(item.attempts, is_transient));
                    self.store
                        .put_back(&column.name, &item.url, next, failure.reason)
                        .await?;
                    report.failures.push(failure);
                    faults = if is_transient { faults + 1 } else { 0 };
                }
            }
            self.progress.tell(Step::ArticleDone {
                column: &column.name,
                url: &item.url,
            });
            if faults >= PATIENCE {
                break;
            }
        }
        Ok(())
    }

    /// Looks again at the recent articles that the column looks after.
    pub(super) async fn look_again(
        &self,
        column: &Column,
        report: &mut ColumnReport,
    ) -> Result<(), Trouble> {
        let now = self.clock.now();
        let due = self.store.due_pages(now, &column.name).await?;
        self.progress.tell(Step::LooksDue {
            column: &column.name,
            pages: due.len(),
        });
        let mut faults = 0;
        let mut held = Vec::new();
        for page in due {
            let read = self
                .read_article(column, &page.url, Some(&page.validators))
                .await;
            let now = self.clock.now();
            match read {
                Ok(Answer::Read(read)) => {
                    faults = 0;
                    report.usual.count(&page.url, &read.content);
                    let lost = self.lost(column, &read, &report.usual).await?;
                    if lost.is_empty() {
                        self.record_look(column, &read, report).await?;
                    } else {
                        held.push((read, lost));
                    }
                }
                Ok(Answer::Unchanged) => {
                    faults = 0;
                    let look = self.store.note_unchanged(now, &column.portal, &page.url);
                    report.count(outcome_of(look.await?));
                }
                Err(Vain::Trouble(Trouble::Fetch(error))) if error.is_missing() => {
                    let look = self
                        .store
                        .note_missing(now, &column.portal, &page.url)
                        .await?;
                    if look == Look::Withdrawn {
                        report.withdrawn += 1;
                    }
                }
                Err(Vain::Trouble(Trouble::Store(error))) => return Err(error.into()),
                Err(vain) => {
                    faults = if vain.is_transient() { faults + 1 } else { 0 };
                    self.store
                        .put_off_look(now, &column.portal, &page.url)
                        .await?;
                    report.failures.push(vain.into_failure(&page.url));
                }
            }
            self.progress.tell(Step::ArticleDone {
                column: &column.name,
                url: &page.url,
            });
            if faults >= PATIENCE {
                break;
            }
        }
        self.settle_held(column, held, report).await
    }

    /// Fetches and reads an article's page.
    async fn read_article(
        &self,
        column: &Column,
        url: &Url,
        validators: Option<&Validators>,
    ) -> Result<Answer, Vain> {
        let fetched = self
            .get(column, url, validators)
            .await
            .map_err(Vain::Trouble)?;
        let Fetched::Page(page) = fetched else {
            return Ok(Answer::Unchanged);
        };
        if is_root(&page.url) && !is_root(url) {
            return Err(Vain::Held {
                reason: Stub::NotFound.reason(),
                message: format!("{url}: leads to {}, which is no article", page.url),
            });
        }
        let content = self.content(column, &page)?;
        Ok(Answer::Read(Box::new(ReadPage {
            portal: column.portal.clone(),
            url: url.clone(),
            content,
            validators: page.validators,
        })))
    }

    fn content(&self, column: &Column, page: &Page) -> Result<PageContent, Vain> {
        let html = self.decode(column, page);
        let read = extract::article_or_stub(&html, &page.url, &column.article);
        let extracted = read.map_err(|stub| Vain::Held {
            reason: stub.reason(),
            message: format!("{}: {stub}; nothing of it was stored", page.url),
        })?;
        for problem in &extracted.problems {
            tracing::info!(url = %page.url, %problem, "odd page");
        }
        accept(extracted, &column.fields, self.clock.now()).map_err(|unacceptable| Vain::Held {
            reason: unacceptable.reason(),
            message: format!("{}: {unacceptable}", page.url),
        })
    }
}

/// Whether this is a site's first page, to which some portals send whoever asks for a page that is
/// not there.
fn is_root(url: &Url) -> bool {
    CanonicalUrl::from(url).as_str().ends_with('/') && url.path().matches('/').count() == 1
}

/// What a look at an article's page gave.
enum Answer {
    Read(Box<ReadPage>),
    Unchanged,
}

/// Why a page was fetched in vain.
enum Vain {
    Trouble(Trouble),
    /// It was read, and lacks what an article must have.
    Held {
        reason: &'static str,
        message: String,
    },
}

impl Vain {
    fn is_transient(&self) -> bool {
        matches!(self, Self::Trouble(trouble) if trouble.is_transient())
    }

    /// The message names the article, also where the fault is that of a redirect's target or of
    /// robots.txt.
    fn into_failure(self, url: &Url) -> Failure {
        let (reason, message) = match self {
            Self::Held { reason, message } => (reason, message),
            Self::Trouble(trouble) => match trouble.into_ending() {
                Ending::Failed { reason, message } => (reason, message),
                other => ("unknown", format!("{other:?}")),
            },
        };
        let message = if message.starts_with(&format!("{url}: ")) {
            message
        } else {
            format!("{url}: {message}")
        };
        Failure {
            url: url.clone(),
            reason,
            message,
        }
    }
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
