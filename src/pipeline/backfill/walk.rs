//! The walk of a backfill: begins, goes on from its checkpoint, makes room for runs, ends.
//!
//! Owns what is asked before each request: whether something else comes first. Never decides what a
//! list page is; `older` does.

use super::older::Listed;
use super::{BackfillReport, Halt, Reach};
use crate::config::Column;
use crate::fetch::{FetchError, Session};
use crate::model::Verdict;
use crate::pipeline::collect::{Collector, keep_hosts};
use crate::pipeline::patience::Patience;
use crate::pipeline::progress::Step;
use crate::pipeline::report::ColumnReport;
use crate::pipeline::trouble::Trouble;
use crate::pipeline::walk::walk;
use crate::store::{BackfillState, LeaseKind, QueuedItem};

/// Looks at the top of the column before a backfill begins anew; while one brings news, more may
/// have come meanwhile.
const CATCH_UPS: usize = 3;

/// Why the walk gives the word back.
enum Pause {
    /// It is over for this time.
    Halt(Halt),
    /// A run wants the host.
    MakeRoom,
}

/// A backfill while it goes on.
pub(super) struct Walk<'a> {
    pub(super) collector: &'a Collector,
    pub(super) column: &'a Column,
    pub(super) reach: &'a Reach,
    pub(super) host: &'a str,
    pub(super) report: &'a mut BackfillReport,
    /// Whether a list page since the last pause has shown something that this walk had not seen.
    /// While the walk was paused, news may have pushed seen items down, and only then.
    pub(super) is_in_new: bool,
}

impl Walk<'_> {
    /// Goes on until it stops, and makes room whenever a run wants the host.
    pub(super) async fn in_turns(&mut self) -> Halt {
        let collector = self.collector;
        loop {
            let session = collector.session(LeaseKind::Backfill);
            match session.enter(&self.column.url).await {
                Ok(()) => (),
                Err(FetchError::HostLeased { until, .. }) => return held(self.host, &until),
                Err(error) => return self.failed(error.into()),
            }
            let pause = tokio::select! {
                () = collector.stop.cancelled() => Ok(Pause::Halt(stopped())),
                trouble = keep_hosts(&session) => Err(trouble),
                pause = self.go_on(&session) => pause,
            };
            let closed = session.close().await;
            match pause {
                Err(trouble) => return self.failed(trouble),
                Ok(Pause::Halt(halt)) => match closed {
                    Ok(()) => return halt,
                    Err(error) => return self.failed(error.into()),
                },
                Ok(Pause::MakeRoom) => (),
            }
            tracing::info!(column = %self.column.name, host = self.host, "makes room for a run");
            collector.progress.tell(Step::MakesRoom {
                column: &self.column.name,
            });
            self.is_in_new = false;
            match collector.wait_for_run(self.host).await {
                Ok(true) => (),
                Ok(false) => return stopped(),
                Err(error) => return self.failed(error.into()),
            }
        }
    }

    fn failed(&mut self, trouble: Trouble) -> Halt {
        let report = &mut self.report.older;
        report.host_trouble = report.host_trouble.or(trouble.of_host(self.column));
        if let Some(verdict) = trouble.verdict() {
            let url = match &trouble {
                Trouble::Fetch(error) => error.url().parse().ok(),
                _ => None,
            };
            let url = url.unwrap_or_else(|| self.column.url.clone());
            report.tell(self.collector.clock.now(), &url, verdict);
        }
        Halt::failed(trouble)
    }

    async fn go_on(&mut self, session: &Session) -> Result<Pause, Trouble> {
        let mut state = match self.state().await? {
            Some(state) if state.is_under_way() && self.reach.continues(&state) => state,
            _ => match self.begin(session).await? {
                Ok(state) => state,
                Err(pause) => return Ok(pause),
            },
        };
        if self.report.list_pages == 0 && state.pages > 0 {
            self.report.resumed_after = Some(state.pages);
        }
        self.collector.progress.tell(Step::Backfill {
            column: &self.column.name,
            pages: state.pages,
            total: state.total,
            next: state.next.as_ref(),
        });
        loop {
            self.report.pages = state.pages;
            if let Some(pause) = self.read_older(session).await? {
                return Ok(pause);
            }
            let listed = match (&state.next, &state.end) {
                (_, Some((reason, message))) => Listed::End(Halt::complete(reason, message)),
                (None, None) => return Ok(Pause::Halt(Halt::lost())),
                (Some(next), None) => {
                    if let Some(pause) = self.pause_before_list().await? {
                        return Ok(pause);
                    }
                    self.read_list(session, &state, next).await?
                }
            };
            if let Listed::End(halt) = listed {
                let (name, now) = (&self.column.name, self.collector.clock.now());
                let store = &self.collector.store;
                store
                    .backfills()
                    .end(now, name, &halt.reason, &halt.message)
                    .await?;
                return Ok(Pause::Halt(halt));
            }
            match self.state().await? {
                Some(further) => state = further,
                None => return Ok(Pause::Halt(Halt::lost())),
            }
        }
    }

    async fn state(&self) -> Result<Option<BackfillState>, Trouble> {
        let url = self.column.url.as_str();
        Ok(self
            .collector
            .store
            .backfills()
            .state(&self.column.name, url)
            .await?)
    }

    /// Begins anew: what a run would find comes first, for it is news and belongs into the live
    /// feed; what stands below it is the backfill's. A run's walk that found too much has queued a
    /// backfill of its own, from where it left off.
    async fn begin(&mut self, session: &Session) -> Result<Result<BackfillState, Pause>, Trouble> {
        let Self {
            collector, column, ..
        } = *self;
        for _ in 0..CATCH_UPS {
            let mut walked = ColumnReport::new(column.name.clone());
            match walk(collector, session, column, &mut walked).await {
                Ok(()) => (),
                // A broken page further down is where this backfill will find its end.
                Err(Trouble::Failed {
                    verdict: Verdict::ListCut,
                    ..
                }) => (),
                Err(trouble) => return Err(trouble),
            }
            let now = collector.clock.now();
            let news = collector.store.queue().due_news(now, &column.name).await?;
            if news.is_empty() {
                break;
            }
            if let Some(pause) = self.read_items(session, &news, true).await? {
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
        collector
            .store
            .backfills()
            .begin(&column.name, url.as_str(), url, 0, false)
            .await?;
        Ok(match self.state().await? {
            Some(state) => Ok(state),
            None => Err(Pause::Halt(Halt::lost())),
        })
    }

    /// Reads the articles that the walk has found so far.
    async fn read_older(&mut self, session: &Session) -> Result<Option<Pause>, Trouble> {
        let now = self.collector.clock.now();
        let store = &self.collector.store;
        let items = store.queue().due_older(now, &self.column.name).await?;
        self.read_items(session, &items, false).await
    }

    /// Reads these items. What comes as news is judged as in a run.
    async fn read_items(
        &mut self,
        session: &Session,
        items: &[QueuedItem],
        is_news: bool,
    ) -> Result<Option<Pause>, Trouble> {
        if is_news {
            self.collector
                .learn(self.column, &mut self.report.news)
                .await?;
        }
        let pause = self.read_each(session, items, is_news).await?;
        let news = &mut self.report.news;
        self.collector.settle(self.column, news).await?;
        Ok(pause)
    }

    async fn read_each(
        &mut self,
        session: &Session,
        items: &[QueuedItem],
        is_news: bool,
    ) -> Result<Option<Pause>, Trouble> {
        self.collector.progress.tell(Step::Queued {
            column: &self.column.name,
            items: items.len(),
        });
        let mut patience = Patience::default();
        for item in items {
            if let Some(pause) = self.pause().await? {
                return Ok(Some(pause));
            }
            let report: &mut ColumnReport = if is_news {
                &mut self.report.news
            } else {
                &mut self.report.older
            };
            self.collector
                .read_queued(session, self.column, item, report, &mut patience)
                .await?;
            if patience.is_over()
                && let Some(last) = report.failures.last()
            {
                return Err(Trouble::failed(last.verdict, last.message.clone()));
            }
        }
        Ok(None)
    }

    /// Whether something else comes first now.
    async fn pause(&self) -> Result<Option<Pause>, Trouble> {
        if self
            .reach
            .until
            .is_some_and(|until| self.collector.clock.now() >= until)
        {
            let message = "something else is due for the host; it goes on after that";
            return Ok(Some(Pause::Halt(Halt::paused("run-due", message))));
        }
        let Collector {
            store,
            clock,
            holder,
            ..
        } = self.collector;
        let is_wanted = store
            .hosts()
            .is_wanted(self.host, holder, clock.now())
            .await?;
        Ok(is_wanted.then_some(Pause::MakeRoom))
    }

    async fn pause_before_list(&self) -> Result<Option<Pause>, Trouble> {
        if let Some(limit) = self.reach.pages
            && self.report.list_pages >= limit
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
