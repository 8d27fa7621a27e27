//! `dibao migrate`: copies a store from SQLite into PostgreSQL, or back, and proves that both are equal.
//!
//! Owns the words, and what is said of the files that are not in the store. Never copies a row.

use std::io::IsTerminal;
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};

use super::folder_args::StoreArg;
use super::outcome::{Done, Stop, say, tell};
use super::{backup, ready};
use crate::config::Folders;
use crate::store::{Copied, CopyStep, Store, StoreError};

pub(super) async fn migrate(
    folders: &Folders,
    from: &StoreArg,
    to: &StoreArg,
) -> Result<Done, Stop> {
    let (source, copy) = (from.place(&folders.data), to.place(&folders.data));
    let (shown_from, shown_to) = (source.shown(), copy.shown());
    let (shown_from, shown_to) = (shown_from.display(), shown_to.display());
    tell(&format!("dibao: copying {shown_from} to {shown_to}"));
    let bar = bar();
    let copied = Store::copy(&source, &copy, &|step| show(&bar, step)).await;
    bar.finish_and_clear();
    let copied = copied.map_err(stop)?;
    for differing in &copied.differing {
        say(&format!(
            "differs   {}: {} in {shown_from}, {} in {shown_to}{}",
            differing.what,
            differing.from,
            differing.to,
            match differing.from == differing.to {
                true => ", with other contents",
                false => "",
            }
        ))?;
    }
    if !copied.differing.is_empty() {
        tell(match copied.was_whole {
            true => {
                "dibao: the copy was whole, and one of the two was changed since\n  \
                 remedy: to copy anew, name another place, or empty this one"
            }
            false => {
                "dibao: the copy is not whole\n  remedy: run this again: what differs is copied anew"
            }
        });
        return Ok(Done::Partly);
    }
    say(&format!(
        "{}  {shown_to}  {}",
        word(&copied),
        words(&copied)
    ))?;
    tell_files(source.folder(), to, copy.folder());
    Ok(Done::Well)
}

/// The end of a command by an error of one of the stores.
fn stop(error: StoreError) -> Stop {
    match error {
        StoreError::Open { .. } => ready::unusable(error),
        _ => backup::stop(error),
    }
}

fn word(copied: &Copied) -> &'static str {
    match copied.was_whole {
        true => "equal   ",
        false => "migrated",
    }
}

fn words(copied: &Copied) -> String {
    format!(
        "{} articles, up to change {}; {} rows of {} tables are equal in both, sha256 {}",
        copied.articles, copied.seq, copied.rows, copied.tables, copied.sha256
    )
}

/// Says where the archive and the kept files have to be.
fn tell_files(data: &Path, to: &StoreArg, other: &Path) {
    let folders = "warc, pictures and files";
    match to {
        StoreArg::Server(_) => tell(&format!(
            "dibao: {folders} stay in {}: name it with --data beside --store",
            data.display()
        )),
        StoreArg::Folder(_) if is_same(data, other) => (),
        StoreArg::Folder(_) => tell(&format!(
            "dibao: {folders} are no part of the store: copy those that are in {} to {}",
            data.display(),
            other.display()
        )),
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// A bar on a terminal; it is hidden elsewhere.
fn bar() -> ProgressBar {
    match std::io::stderr().is_terminal() {
        true => ProgressBar::new(0),
        false => ProgressBar::hidden(),
    }
}

fn show(bar: &ProgressBar, step: CopyStep) {
    let (done, all, template) = match step {
        CopyStep::Rows(done, all) => (done, all, "copied {bar:24} {pos}/{len} rows, {eta} left"),
        CopyStep::Words(done) => (done, 0, "words of {pos} articles"),
        CopyStep::Proof(done, all) => (done, all, "compared {bar:24} {pos}/{len} rows, {eta} left"),
    };
    if bar.length() != Some(all)
        && let Ok(style) = ProgressStyle::with_template(template)
    {
        bar.set_style(style);
        bar.set_length(all);
    }
    bar.set_position(done);
}
