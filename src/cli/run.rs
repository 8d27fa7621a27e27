//! `dibao run`: one cycle over columns, then publish.

use tokio_util::sync::CancellationToken;

use super::args::Places;
use super::setting::{self, Setting};
use super::{Done, Stop, bars, say};
use crate::model::ColumnName;
use crate::pipeline::{self, AskedBy, ColumnReport};
use crate::store::Purpose;

/// A run that is told to stop abandons what is under way and publishes no more; that is no failure:
/// the next run goes on from there, and publishes.
pub(super) async fn run(places: &Places, names: &[ColumnName]) -> Result<Done, Stop> {
    let stop = CancellationToken::new();
    super::serve::stop_on_signal(stop.clone());
    let setting = Setting::load(places)?;
    let chosen = setting.chosen(names)?;
    let (store, directory) = setting::open(places).await?;
    let fetcher = setting::fetcher(places, setting.service.contact.as_deref())?;
    let collector = setting::collector(
        places.data(),
        store,
        fetcher,
        AskedBy::Person,
        bars::bars(),
        stop.clone(),
    );
    let collector = collector.await.map_err(Stop::failed)?;
    let reports = pipeline::collect_all(&collector, &setting.limited(&chosen)).await;
    let site = setting::site(&setting.service, Purpose::Real);
    let published = tokio::select! {
        () = stop.cancelled() => None,
        published = pipeline::syndicate(
            &collector.store,
            &setting.columns,
            &site,
            &directory,
            &collector.progress,
        ) => Some(published),
    };
    // Told only now: who closes our stdout early must not keep what was found from readers.
    for report in &reports {
        say(&report.to_string())?;
    }
    match published {
        Some(Ok(published)) => say(&published.to_string())?,
        Some(Err(error)) => {
            let reason = error.reason();
            return Err(Stop::failed(format_args!("{reason}: {error}")));
        }
        None => say("stopped  what was found is stored; the next run goes on, and publishes it")?,
    }
    collector.store.close().await;
    Ok(done(&reports))
}

/// Exit 1 when a column failed, in whole or in part; each page that did is told.
pub(super) fn done(reports: &[ColumnReport]) -> Done {
    for report in reports {
        for failure in &report.failures {
            super::tell(&format!(
                "{}: {}: {}",
                report.column,
                failure.verdict.code(),
                failure.message
            ));
        }
    }
    if reports.iter().any(ColumnReport::is_failure) {
        Done::Partly
    } else {
        Done::Well
    }
}
