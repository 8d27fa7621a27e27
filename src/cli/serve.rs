//! `dibao serve`: the scheduler and the HTTP server in one process.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::args::Places;
use super::setting::{self, Setting};
use super::{Done, Stop, tell};
use crate::config::Column;
use crate::model::{ColumnName, Instant};
use crate::pipeline::{self, Collector, Progress};
use crate::publish::Directory;
use crate::render::Site;
use crate::schedule::{self, Timetable};
use crate::store::{Purpose, Store};

pub(super) async fn serve(places: &Places, listen: SocketAddr) -> Result<Done, Stop> {
    let setting = Setting::load(places)?;
    let (store, directory) = setting::open(places).await?;
    let fetcher = setting::fetcher(places, setting.service.contact.as_deref())?;
    let listener = crate::serve::bind(listen)
        .await
        .map_err(Stop::configuration)?;
    let address = listener.local_addr().map_err(Stop::failed)?;
    let collector = setting::collector(store, fetcher, Progress::silent());
    let stop = collector.stop.clone();
    stop_on_signal(stop.clone());
    tell(&format!(
        "dibao: serving {} at http://{address}/",
        places.public().display()
    ));

    let publisher = Publisher {
        collector: collector.clone(),
        columns: Arc::new(setting.columns.clone()),
        site: setting::site(&setting.service, Purpose::Real),
        directory: Arc::new(Mutex::new(directory)),
    };
    let now = collector.clock.now();
    let last_runs = last_runs(&collector.store, &setting.columns).await?;
    let last_run = |name: &ColumnName| {
        let found = last_runs.iter().find(|(column, _)| column == name);
        found.and_then(|(_, last)| *last)
    };
    let timetable = Timetable::new(&setting.columns, &setting.cron, last_run, now);
    let cron = setting.cron.clone();
    let scheduler = async {
        publisher.publish().await;
        schedule::run(
            &setting.columns,
            &setting.cron,
            &collector.clock,
            timetable,
            &stop,
            |columns| cycle(publisher.clone(), cron.clone(), columns),
        )
        .await;
    };
    let public = places.public();
    tokio::join!(
        scheduler,
        crate::serve::serve(listener, &public, stop.clone())
    );
    collector.store.close().await;
    tell("dibao: stopped");
    Ok(Done::Well)
}

/// Publishes after runs, one at a time.
#[derive(Clone)]
struct Publisher {
    collector: Collector,
    columns: Arc<Vec<Column>>,
    site: Site,
    directory: Arc<Mutex<Directory>>,
}

impl Publisher {
    /// Publishes, unless told to stop meanwhile: what is left out then comes at the next start.
    async fn publish(&self) {
        tokio::select! {
            () = self.collector.stop.cancelled() => (),
            () = self.publish_all() => (),
        }
    }

    async fn publish_all(&self) {
        let directory = self.directory.lock().await;
        let published = pipeline::syndicate(
            &self.collector.store,
            &self.columns,
            &self.site,
            &directory,
            &self.collector.progress,
        );
        match published.await {
            Ok(published) => tracing::info!(%published, "published"),
            Err(error) => tracing::error!(%error, "nothing more was published"),
        }
    }
}

async fn cycle(publisher: Publisher, cron: crate::config::Cron, columns: Vec<Column>) {
    for column in &columns {
        let limit = cron.job(&column.name).timeout;
        let report = pipeline::collect(&publisher.collector, column, limit).await;
        if report.is_failure() {
            tracing::warn!(%report, "run ended");
        } else {
            tracing::info!(%report, "run ended");
        }
    }
    publisher.publish().await;
}

async fn last_runs(
    store: &Store,
    columns: &[Column],
) -> Result<Vec<(ColumnName, Option<Instant>)>, Stop> {
    let mut last_runs = Vec::with_capacity(columns.len());
    for column in columns {
        let state = store.column(&column.name, column.url.as_str()).await;
        let state = state.map_err(Stop::failed)?;
        last_runs.push((column.name.clone(), state.last_run_at));
    }
    Ok(last_runs)
}

/// Cancels the token at the first SIGTERM or Ctrl-C; a second one ends the process at once.
pub(super) fn stop_on_signal(stop: CancellationToken) {
    tokio::spawn(async move {
        signal().await;
        tell("dibao: stopping; once more to stop at once");
        stop.cancel();
        signal().await;
        std::process::exit(1);
    });
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => (),
        _ = tokio::signal::ctrl_c() => (),
    }
}

#[cfg(not(unix))]
async fn signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
