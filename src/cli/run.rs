//! `dibao run`: one cycle over columns, then publish.

use super::args::Places;
use super::setting::{self, Setting};
use super::{Done, Stop, bars, say};
use crate::model::ColumnName;
use crate::pipeline::{self, ColumnReport};
use crate::store::Purpose;

pub(super) async fn run(places: &Places, names: &[ColumnName]) -> Result<Done, Stop> {
    let setting = Setting::load(places)?;
    let chosen = setting.chosen(names)?;
    let (store, directory) = setting::open(places).await?;
    let fetcher = setting::fetcher(places, setting.service.contact.as_deref())?;
    let collector = setting::collector(store, fetcher, bars::bars());
    super::serve::stop_on_signal(collector.stop.clone());
    let reports = pipeline::collect_all(&collector, &setting.limited(&chosen)).await;
    let site = setting::site(&setting.service, Purpose::Real);
    let published = pipeline::syndicate(
        &collector.store,
        &setting.columns,
        &site,
        &directory,
        &collector.progress,
    )
    .await;
    // Told only now: who closes our stdout early must not keep what was found from readers.
    for report in &reports {
        say(&report.to_string())?;
    }
    let published = published.map_err(Stop::failed)?;
    say(&published.to_string())?;
    collector.store.close().await;
    Ok(done(&reports))
}

/// Exit 1 when a column failed, in whole or in part; each page that did is told.
pub(super) fn done(reports: &[ColumnReport]) -> Done {
    for report in reports {
        for failure in &report.failures {
            super::tell(&format!(
                "{}: {}: {}",
                report.column, failure.reason, failure.message
            ));
        }
    }
    if reports.iter().any(ColumnReport::is_failure) {
        Done::Partly
    } else {
        Done::Well
    }
}
