//! `dibao backfill`: collects a column's older articles, then publishes.
//!
//! Owns the words and the exit code. Never decides where a list ends.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use chrono::NaiveDate;
use indicatif::{ProgressBar, ProgressStyle};

use super::backfill_progress::BackfillProgress;
use super::outcome::{Done, Stop, say, tell};
use super::ready::Ready;
use super::run;
use crate::config::Folders;
use crate::model::ColumnName;
use crate::pipeline::{self, Progress, Reach, Step};

pub(super) async fn backfill(
    folders: &Folders,
    name: ColumnName,
    pages: Option<u32>,
    since: Option<NaiveDate>,
) -> Result<Done, Stop> {
    let names = [name];
    let Ready {
        config,
        collector,
        directory,
        refused,
        ..
    } = Ready::open(folders, &[names[0].as_str()], progress(pages)).await?;
    let chosen = config.select(&[names[0].as_str()])?;
    if let Some((name, reason)) = refused.iter().find(|(name, _)| names.contains(name)) {
        return Err(Stop::configuration(format_args!("{name}: {reason}")));
    }
    let today = collector.clock.now().date();
    if let Some(paused) = chosen.iter().find(|column| column.pause.rests_on(today)) {
        return Err(Stop::configuration(format_args!(
            "{0} is paused\n  remedy: dibao resume {0}",
            paused.name
        )));
    }
    let reach = Reach {
        pages,
        since,
        until: None,
    };
    let mut reports = Vec::with_capacity(chosen.len());
    for column in chosen {
        reports.push(pipeline::backfill(&collector, column, &reach).await);
    }
    let published = run::publish(&collector, &config, &*directory).await;
    for report in &reports {
        say(&report.to_string())?;
    }
    run::say_published(published)?;
    collector.store.close().await;
    let mut done = Done::Well;
    for report in &reports {
        run::tell_failures(&report.news);
        run::tell_failures(&report.older);
        if report.is_failure() {
            done = Done::Partly;
        }
    }
    Ok(done)
}

/// A bar on a terminal; elsewhere the log has a line for every list page.
fn progress(limit: Option<u32>) -> Progress {
    let bar = if std::io::stderr().is_terminal() {
        ProgressBar::new(0)
    } else {
        ProgressBar::hidden()
    };
    let style = ProgressStyle::with_template("{prefix} {bar:20} {msg}");
    let bar = match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    };
    let began = Instant::now();
    let state = Mutex::new(BackfillProgress {
        limit,
        ..BackfillProgress::default()
    });
    Progress::from_fn(move |step| {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        show(&bar, &mut state, began, step);
    })
}

fn show(bar: &ProgressBar, state: &mut BackfillProgress, began: Instant, step: Step<'_>) {
    match step {
        Step::Backfill {
            column,
            pages,
            total,
            next,
        } => {
            bar.set_prefix(column.to_string());
            // This step also comes after a pause for a run.
            if state.pages == 0 && pages > 0 {
                state.before = pages;
                let next = next.map(|next| format!(", with {next}"));
                bar.suspend(|| {
                    tell(&format!(
                        "dibao: goes on after {pages} list pages{}",
                        next.unwrap_or_default()
                    ));
                });
            }
            (state.pages, state.total) = (pages, total);
        }
        Step::OlderListed { pages, total, .. } => {
            (state.pages, state.total) = (pages, total);
            // The number of its articles follows at once, with the next step.
            (state.queued, state.read) = (1, 0);
        }
        Step::Queued { items, .. } => {
            state.queued = u32::try_from(items).unwrap_or(u32::MAX);
            state.read = 0;
        }
        Step::ArticleDone { .. } => {
            state.articles += 1;
            state.read += 1;
        }
        Step::MakesRoom { .. } => {
            bar.set_message("a run wants the portal; goes on after it");
            return;
        }
        Step::FileDone { .. } => {
            bar.finish_and_clear();
            return;
        }
        Step::ListRead { .. }
        | Step::RechecksDue { .. }
        | Step::KeptFileDone { .. }
        | Step::Reread { .. } => (),
    }
    // While the length is unknown, the bar stays empty.
    let (length, position) = state.end().map_or((1, 0), |end| (end, state.pages));
    bar.set_length(u64::from(length));
    bar.set_position(u64::from(position));
    bar.set_message(state.words(began.elapsed()));
}
