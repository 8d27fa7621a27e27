//! `dibao reextract`: extracts every archived page again by the current rules, then publishes.
//!
//! Owns the words and the exit code. Never fetches.

use std::io::{ErrorKind, Write};

use indicatif::ProgressBar;
use tokio_util::sync::CancellationToken;

use super::outcome::{Done, Stop, say, tell};
use super::{bars, left_out, ready, run};
use crate::config::Folders;
use crate::model::{Change, ChangeKind, Clock};
use crate::pipeline::{Progress, ReextractReport, ReextractStep, Reextractor, Rereader};
use crate::publish::PublishPlace;
use crate::render::differences::{Difference, cut};
use crate::service;
use crate::store::Store;

/// Characters of a title that are shown.
const TITLE: usize = 60;

pub(super) async fn reextract(
    folders: &Folders,
    names: &[String],
    is_dry: bool,
) -> Result<Done, Stop> {
    let stop = CancellationToken::new();
    ready::stop_on_signal(stop.clone());
    let config = left_out::load_rest(folders)?;
    let chosen = left_out::select(&config, names)?;
    let (archive, kept) = (ready::archive(folders)?, ready::kept(folders)?);
    let (store, directory) = open(folders, is_dry).await?;
    let bar = bars::archive_bar();
    let shown = bar.clone();
    let progress = Progress::from_fn(move |step| bars::show_reread(&shown, step));
    let reextractor = Reextractor {
        rereader: Rereader {
            store: store.clone(),
            archive,
        },
        clock: Clock::system(),
        progress: progress.clone(),
        stop: stop.clone(),
        is_dry,
    };
    let mut output = Output::new(bar, is_dry);
    let report = reextractor
        .reextract(&config.columns, &chosen, |told| output.show(told))
        .await
        .map_err(Stop::failed)?;
    output.bar.finish_and_clear();
    // Published first: a closed stdout may end the command below.
    let published = match &directory {
        Some(directory) => {
            let places = (&**directory, &kept);
            Some(run::publish_store(&store, (&stop, &progress), &config, places).await)
        }
        None => None,
    };
    for line in report.totals() {
        say(&line)?;
    }
    say(&report.to_string())?;
    if let Some(published) = published {
        run::say_published(published)?;
    }
    store.close().await;
    output.broken?;
    Ok(done(&report).and(left_out::done(&config, names)))
}

/// The store and the published folder; a dry run has no folder, because it publishes nothing.
async fn open(
    folders: &Folders,
    is_dry: bool,
) -> Result<(Store, Option<Box<dyn PublishPlace>>), Stop> {
    if is_dry || !service::store_place(folders).is_begun() {
        return Ok((ready::known_store(folders).await?, None));
    }
    // Both are checked before anything is written to them.
    let (store, directory) = ready::open(folders).await?;
    Ok((store, Some(directory)))
}

fn done(report: &ReextractReport) -> Done {
    match report.is_failure() {
        true => Done::Partly,
        false => Done::Well,
    }
}

/// The output of the command while it works.
struct Output {
    bar: ProgressBar,
    is_dry: bool,
    /// The error of stdout, if it cannot be written any more.
    broken: Result<(), Stop>,
    /// Whether nobody reads stdout any more.
    is_closed: bool,
}

impl Output {
    fn new(bar: ProgressBar, is_dry: bool) -> Self {
        Self {
            bar,
            is_dry,
            broken: Ok(()),
            is_closed: false,
        }
    }

    fn show(&mut self, told: ReextractStep<'_>) {
        match told {
            ReextractStep::GoesOn(pages) => {
                self.tell(&format!("dibao: goes on after {pages} pages"))
            }
            ReextractStep::Left(why) => self.tell(&format!("stays as it was: {why}")),
            ReextractStep::Changed {
                change,
                differences,
            } => {
                let lines = match self.is_dry {
                    true => at_length(change, differences),
                    false => in_short(change, differences),
                };
                self.put(&lines);
            }
        }
    }

    fn tell(&self, line: &str) {
        self.bar.suspend(|| tell(line));
    }

    /// Writes to stdout. If stdout is closed or full, the changes are stored nevertheless.
    fn put(&mut self, lines: &str) {
        if self.is_closed || self.broken.is_err() {
            return;
        }
        let written = self.bar.suspend(|| writeln!(std::io::stdout(), "{lines}"));
        match written {
            Ok(()) => (),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.is_closed = true;
                if self.is_dry {
                    // Nobody reads the result of a dry run any more.
                    std::process::exit(0);
                }
            }
            Err(error) => {
                let why = format_args!("stdout cannot be written: {error}");
                self.broken = Err(Stop::failed(why));
            }
        }
    }
}

/// The article and, unless the change is a re-extraction, the kind of the change.
fn head(change: &Change) -> String {
    let article = &change.article;
    let kind = match change.kind {
        ChangeKind::Reextracted => String::new(),
        kind => format!("  {}", kind.name()),
    };
    format!("{}{kind}  {}", article.id, cut(&article.title, TITLE))
}

fn in_short(change: &Change, differences: &[Difference]) -> String {
    let names: Vec<&str> = differences.iter().map(|it| it.field.as_str()).collect();
    match names.is_empty() {
        true => head(change),
        false => format!("{}  {}", head(change), names.join(", ")),
    }
}

fn at_length(change: &Change, differences: &[Difference]) -> String {
    let mut text = format!("{}\n  {}", head(change), change.article.url);
    for Difference { field, lines, .. } in differences {
        match lines.as_slice() {
            [line] => text.push_str(&format!("\n  {field}: {line}")),
            lines => {
                text.push_str(&format!("\n  {field}:"));
                for line in lines {
                    text.push_str(&format!("\n    {line}"));
                }
            }
        }
    }
    text
}
