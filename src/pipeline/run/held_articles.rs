//! New articles that were read: saved, or held back if they differ from the baseline as most do.
//!
//! Owns the decision. It waits until the run knows how many articles are alike: if a single article
//! lacks something, its portal wants it so. An undecided article stays in the queue. Never fetches.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use super::pending::PendingArticle;
use super::report::Failure;
use super::state::Run;
use crate::extract;
use crate::model::{Verdict, backoff};
use crate::pipeline::drift::describe;
use crate::pipeline::reading::{PageError, RunError};
use crate::store::{Delay, QueuedItem, ReadPage, SaveOutcome, Shows};

/// An article that is held back is read again after this time, if no article shows earlier that the
/// column is well.
const REST: TimeDelta = TimeDelta::hours(1);

impl Run<'_> {
    /// Saves a new article, or keeps it for a later decision.
    pub(super) async fn take_new(
        &mut self,
        item: &QueuedItem,
        read: Box<ReadPage>,
        shows: Shows,
    ) -> Result<(), RunError> {
        let is_judged = !item.is_older;
        let drift = self.drift.as_ref().filter(|_| is_judged);
        let is_suspect = drift.is_some_and(|drift| drift.is_suspect(&shows) || is_notice(&read));
        if !is_suspect && self.articles.is_empty() {
            return self.save_new(item, &read).await;
        }
        let article = PendingArticle {
            item: item.clone(),
            read,
            shows,
        };
        self.articles.push(article, is_suspect);
        if self.articles.is_full() {
            self.settle_new().await
        } else {
            Ok(())
        }
    }

    /// Decides on new articles. Those that differ from the baseline as most of them do wait in the
    /// queue and are read again.
    pub(super) async fn settle_new(&mut self) -> Result<(), RunError> {
        let articles = self.articles.take();
        let Some(drift) = self.drift.clone().filter(|_| !articles.is_empty()) else {
            return Ok(());
        };
        let breaks = drift.breaks(true);
        let notices = alike_notices(&articles);
        for (at, PendingArticle { item, read, shows }) in articles.into_iter().enumerate() {
            let now = self.now();
            if notices.contains(&at) {
                let message = format!(
                    "{}: the same notice stands here and at other articles' addresses: the site has \
                     moved; nothing of it was stored. Follow the column at its new address",
                    item.url
                );
                let verdict = Verdict::Moved;
                self.put_back(&item, PageError::Held { verdict, message })
                    .await?;
            } else if item.is_older {
                self.save_new(&item, &read).await?;
            } else if let Some(rule) = drift.disbelieved(&shows) {
                let message = format!(
                    "{}: nothing on the page matches {rule}, and what was found without it is far \
                     less than usual; it is held back. Fix the selector in the feed file, or leave \
                     it out",
                    item.url
                );
                let verdict = Verdict::LayoutChanged;
                self.put_back(&item, PageError::Held { verdict, message })
                    .await?;
            } else if let Some(hold) = drift.hold(&shows, &breaks) {
                let why = describe(&drift, &hold.why);
                let message = format!("{}: is held back, not published: {why}", item.url);
                let delay = Delay {
                    tried_at: now,
                    next_try_at: now.plus(REST),
                    reason: hold.verdict.code(),
                    message: &message,
                };
                let (name, queue) = (&self.column.name, self.store().queue());
                queue.hold(name, &item.url, delay, &hold.fields).await?;
                let failure = Failure {
                    url: item.url,
                    verdict: hold.verdict,
                    message,
                };
                self.report.fail(now, failure);
            } else {
                self.save_new(&item, &read).await?;
            }
        }
        Ok(())
    }

    async fn save_new(&mut self, item: &QueuedItem, read: &ReadPage) -> Result<(), RunError> {
        let name = &self.column.name;
        match self.save(Some(name), read).await {
            Ok(SaveOutcome::Doubtful) => self.put_back(item, PageError::doubtful(&item.url)).await,
            Ok(_) => Ok(()),
            Err(error) if self.is_damage(&error) => {
                self.put_back(item, PageError::Run(error)).await
            }
            Err(error) => Err(error),
        }
    }

    /// Whether one damaged row is at fault, which is noted: only its article is held back.
    pub(super) fn is_damage(&self, error: &RunError) -> bool {
        let damaged = error.damaged_row().cloned();
        let is_damage = damaged.is_some();
        if let Some(row) = damaged {
            self.store().note_damage(row);
        }
        is_damage
    }

    /// Lets an item without an article rest.
    pub(super) async fn put_back(
        &mut self,
        item: &QueuedItem,
        error: PageError,
    ) -> Result<(), RunError> {
        let now = self.now();
        let next_try_at = now.plus(rest(item.attempts, error.is_transient()));
        let failure = Failure::new(&item.url, error);
        let delay = Delay {
            tried_at: now,
            next_try_at,
            reason: failure.verdict.code(),
            message: &failure.message,
        };
        let (name, queue) = (&self.column.name, self.store().queue());
        queue.put_back(name, &item.url, delay).await?;
        self.report.fail(now, failure);
        Ok(())
    }
}

/// Whether a page's text tells of a move of the site. Its list may announce just that.
fn is_notice(read: &ReadPage) -> bool {
    let row = read.reading.row.as_ref();
    let listed = row.map_or(read.content.title.as_str(), |row| &row.title);
    extract::tells_of_move(listed, &read.content.body.body_text)
}

/// Which of these articles are one notice at the addresses of several.
fn alike_notices(articles: &[PendingArticle]) -> BTreeSet<usize> {
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, article) in articles.iter().enumerate() {
        if is_notice(&article.read) {
            let text = article.read.content.body.body_text.as_str();
            places.entry(text).or_default().push(at);
        }
    }
    let title = |at: usize| articles[at].item.row.as_ref().map(|row| &row.title);
    let are_several = |places: &Vec<usize>| {
        let titles: BTreeSet<_> = places.iter().map(|at| title(*at)).collect();
        titles.len() > 1
    };
    let several = places.into_values().filter(are_several);
    several.flatten().collect()
}

/// How long an item rests after a failure: from ten minutes to a day if the fault may pass, from a
/// day to a month if the page itself is at fault. Never for good.
fn rest(attempts: u32, is_transient: bool) -> TimeDelta {
    if is_transient {
        backoff(TimeDelta::minutes(10), TimeDelta::days(1), attempts)
    } else {
        backoff(TimeDelta::days(1), TimeDelta::days(30), attempts)
    }
}
