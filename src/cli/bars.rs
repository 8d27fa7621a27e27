//! Progress bars for a person at a terminal.
//!
//! Owns how a step is drawn. Never draws where stderr is no terminal.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::{LazyLock, Mutex};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::model::ColumnName;
use crate::pipeline::{Progress, Step};

/// One bar for each column on a terminal; nothing elsewhere, where the summary lines are enough.
pub(super) fn bars() -> Progress {
    if !std::io::stderr().is_terminal() {
        return Progress::silent();
    }
    let bars = Bars::default();
    Progress::from_fn(move |step| bars.show(step))
}

/// A bar over all archived pages on a terminal; it is hidden elsewhere.
pub(super) fn archive_bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    match ProgressStyle::with_template("{bar:24} {pos}/{len} pages, {per_sec}, {eta} left") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Shows the progress of a re-extraction.
pub(super) fn show_reread(bar: &ProgressBar, step: Step<'_>) {
    let Step::Reread { done, all } = step else {
        return;
    };
    let number = |pages: i64| u64::try_from(pages).unwrap_or(0);
    if bar.length() == Some(0) {
        // Pages that an earlier turn has done do not count for the pace.
        bar.set_position(number(done - 1));
        bar.reset_eta();
    }
    bar.set_length(number(all));
    bar.set_position(number(done));
}

/// The bars of this process, of which each column has one.
static ALL: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// Prints something above the bars.
pub(super) fn above<T>(print: impl FnOnce() -> T) -> T {
    ALL.suspend(print)
}

#[derive(Default)]
struct Bars {
    columns: Mutex<BTreeMap<ColumnName, ProgressBar>>,
}

impl Bars {
    fn show(&self, step: Step<'_>) {
        match step {
            Step::ListRead { column, .. } | Step::KeptFileDone { column, .. } => {
                self.bar(column).tick();
            }
            Step::Queued { column, items: due } | Step::RechecksDue { column, pages: due } => {
                self.bar(column).inc_length(due as u64);
            }
            Step::ArticleDone { column, .. } => self.bar(column).inc(1),
            Step::Backfill { .. }
            | Step::OlderListed { .. }
            | Step::MakesRoom { .. }
            | Step::Reread { .. } => (),
            Step::FileDone { .. } => self.clear(),
        }
    }

    fn bar(&self, column: &ColumnName) -> ProgressBar {
        let mut columns = self
            .columns
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        columns
            .entry(column.clone())
            .or_insert_with(|| {
                let style = ProgressStyle::with_template("{prefix} {bar:24} {pos}/{len} {eta}");
                let bar = ProgressBar::new(0).with_prefix(column.to_string());
                ALL.add(
                    style
                        .map(|style| bar.clone().with_style(style))
                        .unwrap_or(bar),
                )
            })
            .clone()
    }

    fn clear(&self) {
        let mut columns = self
            .columns
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        for (_, bar) in std::mem::take(&mut *columns) {
            bar.finish_and_clear();
        }
    }
}
