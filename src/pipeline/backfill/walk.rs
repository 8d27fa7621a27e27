//! The walk of a backfill: begins, goes on from its checkpoint, makes room for runs, ends.
//!
//! Owns the question before each request: whether something else comes first. Never decides where
//! the list ends; `older` does.

use std::sync::Arc;

use super::older::{Listed, OlderLists};
use super::reach::Reach;
use super::report::{BackfillReport, Halt, Standing};
use crate::config::Column;
use crate::fetch::FetchError;
use crate::model::Verdict;
use crate::pipeline::progress::Step;
use crate::pipeline::reading::RunError;
use crate::pipeline::record::{FLOOD, Spender};
use crate::pipeline::run::{
    Collector, FailureBudget, PAGER_UNREAD, Run, keep_hosts, wait_for_run, walk,
};
use crate::publish::DISK_LOW;
use crate::store::{BackfillState, LeaseKind, QueuedItem};

/// How often the top of the column is read before a backfill begins anew. While it brings news,
/// more may have come meanwhile.
const CATCH_UPS: usize = 3;

/// Why the walk stops for now.
enum Pause {
    /// It is over for this time.
    Halt(Halt),
    /// A run wants the host.
    MakeRoom,
}

/// A backfill while it goes on.
pub(super) struct Walk<'a> {
    reach: &'a Reach,
    older: OlderLists<'a>,
    /// Reads the top of the column before the backfill begins, as a run would.
    news: Run<'a>,
    host: String,
    spender: Spender,
    /// List pages that an earlier backfill had done, if this one goes on.
    resumed_after: Option<u32>,
    /// List pages done by this walk, this time and before.
    pages: u32,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        collector: &'a Collector,
        column: &'a Column,
        reach: &'a Reach,
        spender: Spender,
    ) -> Self {
        let run = Run::new(collector, column, LeaseKind::Backfill, spender);
        Self {
            reach,
            host: run.host(),
            news: Run::with_session(
                collector,
                column,
                run.pages.session.clone(),
                run.spending.clone(),
            ),
            spender,
            older: OlderLists {
                run,
                reach,
                list_pages: 0,
                is_in_new: false,
            },
            resumed_after: None,
            pages: 0,
        }
    }

    /// Goes on until it stops, and makes room whenever a run wants the host.
    pub(super) async fn in_turns(&mut self) -> Halt {
        let (collector, column) = (self.older.run.collector, self.older.run.column);
        let spending = self.older.run.spending.clone();
        if let Err(error) = spending.load(&collector.store, collector.clock.now()).await {
            return self.failed(error.into());
        }
        loop {
            let session = collector.session(LeaseKind::Backfill, Some(spending.clone()));
            let session = Arc::new(session);
            self.older.run.pages.session = session.clone();
            self.news.pages.session = session.clone();
            match session.enter(&column.url).await {
                Ok(()) => (),
                Err(FetchError::HostLeased { until, .. }) => return held(&self.host, &until),
                Err(error) => return self.failed(error.into()),
            }
            let pause = tokio::select! {
                () = collector.stop.cancelled() => Ok(Pause::Halt(stopped())),
                lost = keep_hosts(&session) => Err(lost),
                pause = self.go_on() => pause,
            };
            let closed = session.close().await;
            match pause {
                Err(error) => return self.failed(error),
                Ok(Pause::Halt(halt)) => match closed {
                    Ok(()) => return halt,
                    Err(error) => return self.failed(error.into()),
                },
                Ok(Pause::MakeRoom) => (),
            }
            let name = &column.name;
            tracing::info!(column = %name, host = self.host, "makes room for a run");
            self.older.run.progress(Step::MakesRoom { column: name });
            self.older.is_in_new = false;
            match wait_for_run(collector, &self.host).await {
                Ok(true) => (),
                Ok(false) => return stopped(),
                Err(error) => return self.failed(error.into()),
            }
        }
    }

    /// Decides on the pages that were read, and stores the verdicts and how the host is.
    pub(super) async fn finish(&mut self) -> Result<(), RunError> {
        let (older, news) = (&mut self.older.run, &mut self.news);
        let (store, name) = (older.store(), &older.column.name);
        news.settle().await?;
        news.note_drift().await?;
        older.report.waiting = store.queue().waiting(name).await?;
        older.spending.write_down(store, true).await?;
        let trouble = older.report.host_trouble;
        older.report.host_trouble = trouble.or(news.report.host_trouble);
        for run in [&*older, &*news] {
            store
                .columns()
                .note_verdicts(name, &run.report.verdicts)
                .await?;
        }
        Ok(older.note_host(older.now()).await?)
    }

    /// Tells of what a limit left aside. A person's backfill then goes on by itself as soon as it may,
    /// unless the person said how many list pages it reads.
    pub(super) async fn leave_aside(&mut self, halt: &Halt) -> Result<(), RunError> {
        let Halt {
            reason, message, ..
        } = halt;
        let run = &mut self.older.run;
        let (store, column) = (run.store(), run.column);
        match reason.as_str() {
            FLOOD => run.note_incident(FLOOD, message).await?,
            DISK_LOW => run.look_at_disk().await?,
            _ => return Ok(()),
        }
        if self.spender != Spender::Person || self.reach.pages.is_some() {
            return Ok(());
        }
        let state = self.state().await?;
        if !state.is_some_and(|state| state.is_under_way()) {
            let url = &column.url;
            store
                .backfills()
                .begin(&column.name, url.as_str(), url, 0, None, true)
                .await?;
        }
        let later = store
            .backfills()
            .go_on_later(&column.name, self.reach.since);
        Ok(later.await?)
    }

    pub(super) fn into_report(self, halt: Halt) -> BackfillReport {
        BackfillReport {
            list_pages: self.older.list_pages,
            resumed_after: self.resumed_after,
            pages: self.pages,
            older: self.older.run.report,
            news: self.news.report,
            ..BackfillReport::new(&self.older.run.column.name, halt)
        }
    }

    fn failed(&mut self, error: RunError) -> Halt {
        if let Some((reason, message)) = error.left_aside() {
            return Halt::paused(reason, &message);
        }
        let older = &mut self.older.run;
        let trouble = error.host_trouble(older.column);
        older.report.host_trouble = older.report.host_trouble.or(trouble);
        if let Some(verdict) = error.verdict() {
            let url = match &error {
                RunError::Fetch(error) => error.url().parse().ok(),
                _ => None,
            };
            let url = url.unwrap_or_else(|| older.column.url.clone());
            older.note_verdict(&url, verdict);
        }
        Halt::failed(error)
    }

    async fn go_on(&mut self) -> Result<Pause, RunError> {
        let (store, name) = (self.older.run.store(), &self.older.run.column.name);
        let mut state = match self.state().await? {
            Some(state) if state.is_under_way() && self.reach.continues(&state) => state,
            _ => match self.begin().await? {
                Ok(state) => state,
                Err(pause) => return Ok(pause),
            },
        };
        if self.older.list_pages == 0 && state.pages > 0 {
            self.resumed_after = Some(state.pages);
        }
        self.older.run.progress(Step::Backfill {
            column: name,
            pages: state.pages,
            total: state.total,
            next: state.next.as_ref(),
        });
        loop {
            self.pages = state.pages;
            if let Some(pause) = self.read_older().await? {
                return Ok(pause);
            }
            let listed = match (&state.next, &state.end) {
                (_, Some((reason, message))) if reason == PAGER_UNREAD => {
                    let halt = Halt::paused(reason, message);
                    store.backfills().give_up(name).await?;
                    return Ok(Pause::Halt(halt));
                }
                (_, Some((reason, message))) => Listed::End(Halt::complete(reason, message)),
                (None, None) => return Ok(Pause::Halt(Halt::lost())),
                (Some(next), None) => {
                    if let Some(pause) = self.pause_before_list().await? {
                        return Ok(pause);
                    }
                    self.older.read(&state, next).await?
                }
            };
            if let Listed::End(halt) = listed {
                if halt.standing == Standing::Paused {
                    store.backfills().give_up(name).await?;
                    return Ok(Pause::Halt(halt));
                }
                store
                    .backfills()
                    .end(self.older.run.now(), name, &halt.reason, &halt.message)
                    .await?;
                return Ok(Pause::Halt(halt));
            }
            match self.state().await? {
                Some(further) => state = further,
                None => return Ok(Pause::Halt(Halt::lost())),
            }
        }
    }

    async fn state(&self) -> Result<Option<BackfillState>, RunError> {
        let column = self.older.run.column;
        let state = self
            .older
            .run
            .store()
            .backfills()
            .state(&column.name, column.url.as_str());
        Ok(state.await?)
    }

    /// Begins anew. First it reads the articles that a run would find: they are news and belong
    /// into the live feed; the rest is the backfill's. If the walk finds too much, it queues a
    /// backfill from where it left off, and this one goes on there.
    async fn begin(&mut self) -> Result<Result<BackfillState, Pause>, RunError> {
        let (collector, column) = (self.older.run.collector, self.older.run.column);
        let store = self.older.run.store();
        for _ in 0..CATCH_UPS {
            let session = self.older.run.pages.session.clone();
            let spending = self.older.run.spending.clone();
            let mut top = Run::with_session(collector, column, session, spending);
            match walk(&mut top).await {
                // What found no room may find it once these are read.
                Ok(()) | Err(RunError::LeftAside { .. }) => (),
                // At a broken page further down, this backfill will end.
                Err(RunError::Failed {
                    verdict: Verdict::ListCut,
                    ..
                }) => (),
                Err(error) => return Err(error),
            }
            let news = store
                .queue()
                .due_news(self.news.now(), &column.name)
                .await?;
            if news.is_empty() {
                break;
            }
            if let Some(pause) = self.read_news(&news).await? {
                return Ok(Err(pause));
            }
        }
        if let Some(state) = self.state().await?
            && state.is_under_way()
            && self.reach.continues(&state)
        {
            return Ok(Ok(state));
        }
        let url = &column.url;
        store
            .backfills()
            .begin(&column.name, url.as_str(), url, 0, None, false)
            .await?;
        Ok(match self.state().await? {
            Some(state) => Ok(state),
            None => Err(Pause::Halt(Halt::lost())),
        })
    }

    /// Reads the news at the top of the column, and judges it as a run does.
    async fn read_news(&mut self, items: &[QueuedItem]) -> Result<Option<Pause>, RunError> {
        self.news.learn().await?;
        self.read_items(items, true).await
    }

    /// Reads the articles that the walk has found so far.
    async fn read_older(&mut self) -> Result<Option<Pause>, RunError> {
        let (now, name) = (self.older.run.now(), &self.older.run.column.name);
        let items = self.older.run.store().queue().due_older(now, name).await?;
        self.read_items(&items, false).await
    }

    async fn read_items(
        &mut self,
        items: &[QueuedItem],
        is_news: bool,
    ) -> Result<Option<Pause>, RunError> {
        let pause = self.read_each(items, is_news).await?;
        self.news.settle().await?;
        Ok(pause)
    }

    async fn read_each(
        &mut self,
        items: &[QueuedItem],
        is_news: bool,
    ) -> Result<Option<Pause>, RunError> {
        self.run(is_news).budget = FailureBudget::default();
        let column = self.older.run.column;
        self.older.run.progress(Step::Queued {
            column: &column.name,
            items: items.len(),
        });
        for item in items {
            if let Some(pause) = self.pause().await? {
                return Ok(Some(pause));
            }
            let run = self.run(is_news);
            run.read_queued(item).await?;
            if run.budget.is_spent()
                && let Some(last) = run.report.failures.last()
            {
                return Err(RunError::failed(last.verdict, last.message.clone()));
            }
        }
        Ok(None)
    }

    fn run(&mut self, is_news: bool) -> &mut Run<'a> {
        if is_news {
            &mut self.news
        } else {
            &mut self.older.run
        }
    }

    /// Whether something else comes first now.
    async fn pause(&self) -> Result<Option<Pause>, RunError> {
        let now = self.older.run.now();
        if self.reach.until.is_some_and(|until| now >= until) {
            let message = "something else is due for the host; it goes on after that";
            return Ok(Some(Pause::Halt(Halt::paused("run-due", message))));
        }
        let holder = &self.older.run.collector.holder;
        let is_wanted = self
            .older
            .run
            .store()
            .hosts()
            .is_wanted(&self.host, holder, now);
        Ok(is_wanted.await?.then_some(Pause::MakeRoom))
    }

    async fn pause_before_list(&self) -> Result<Option<Pause>, RunError> {
        if let Some(limit) = self.reach.pages
            && self.older.list_pages >= limit
        {
            let message = format!("{limit} list pages were read; the next backfill goes on");
            return Ok(Some(Pause::Halt(Halt::paused("page-limit", &message))));
        }
        self.pause().await
    }
}

fn stopped() -> Halt {
    Halt::paused(
        "stopped",
        "dibao was told to stop; the next backfill goes on",
    )
}

fn held(host: &str, until: &str) -> Halt {
    let message =
        format!("another dibao process is fetching from {host} (until {until} unless it goes on)");
    Halt::paused(Verdict::HostLeased.code(), &message)
}
