//! A column becomes another one: by a rename, a move to another portal's folder, or a merge.
//!
//! Owns the order: the note that it begins, then the files, then the store in one transaction. Each
//! step may be done twice, so what a kill leaves is completed by the next command. Never publishes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::cron_text;
use super::feed_text::{PAUSED, PORTAL, with_key};
use super::files::{FileLock, write_whole};
use crate::config::{Column, ConfigErrors, Cron, Folders, PORTAL_FILE};
use crate::model::{ColumnName, Timestamp};
use crate::store::{Store, StoreError};

/// Why a column does not become another one.
#[derive(Debug, thiserror::Error)]
pub enum LifeError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file of the configuration is wrong.
    #[error("{0}")]
    Config(#[from] ConfigErrors),
    /// A file cannot be read or written.
    #[error("{}: {cause}\n  remedy: see who may write there; then run any command, which goes on", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// The system's message.
        cause: io::Error,
    },
}

fn at(file: &Path) -> impl Fn(io::Error) -> LifeError {
    let file = file.to_owned();
    move |cause| LifeError::File {
        file: file.clone(),
        cause,
    }
}

/// Lets a column become another one, with its feed file, its job and everything in the store. Returns
/// how many articles tell their new column.
pub async fn move_column(
    folders: &Folders,
    store: &Store,
    now: Timestamp,
    (from, into): (&ColumnName, &ColumnName),
) -> Result<usize, LifeError> {
    store.columns().begin_move(from, into).await?;
    carry_out(folders, store, now, (from, into)).await
}

/// Completes what a kill has left. Returns the names of the columns that became others.
pub async fn complete_moves(
    folders: &Folders,
    store: &Store,
    now: Timestamp,
) -> Result<Vec<(ColumnName, ColumnName)>, LifeError> {
    let moves = store.columns().moves().await?;
    for (from, into) in &moves {
        carry_out(folders, store, now, (from, into)).await?;
    }
    Ok(moves)
}

async fn carry_out(
    folders: &Folders,
    store: &Store,
    now: Timestamp,
    (from, into): (&ColumnName, &ColumnName),
) -> Result<usize, LifeError> {
    let stored = store.columns().stored().await?;
    let known = stored.into_iter().find(|column| column.name == *from);
    {
        let _lock = FileLock::take(&folders.feeds).map_err(at(&folders.feeds))?;
        let portal = known.map(|known| known.portal);
        move_files(folders, from, into, portal.as_deref())?;
    }
    Ok(store.articles().follow_column(now, from, into).await?)
}

/// Moves the feed file and the job. The articles' ids are those of `portal`, so a feed file in another
/// portal's folder names it.
fn move_files(
    folders: &Folders,
    from: &ColumnName,
    into: &ColumnName,
    portal: Option<&str>,
) -> Result<(), LifeError> {
    let (old, new) = (feed_file(folders, from), feed_file(folders, into));
    let read = |file: &Path| match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(at(file)(error)),
    };
    let (before, there) = (read(&old)?, read(&new)?);
    let Some(text) = there.as_ref().or(before.as_ref()) else {
        // A column that has ended, or whose file was deleted since the move began.
        return move_job(folders, from, into);
    };
    let of_before = before
        .as_deref()
        .map(|text| Column::parse(from.clone(), &old, text));
    let own = of_before.transpose()?.map(|column| column.portal);
    let portal = portal.map(str::to_owned).or(own);
    let portal = portal.unwrap_or_else(|| from.portal().to_owned());
    let column = Column::parse(into.clone(), &new, text)?;
    let text = match (into.portal() == portal, column.portal == portal) {
        // The folder says it.
        (true, _) => with_key(text, PORTAL, None),
        (false, true) => text.clone(),
        (false, false) => with_key(text, PORTAL, Some(&format!("\"{portal}\""))),
    };
    if there.as_ref() != Some(&text) {
        write_whole(&new, &text).map_err(at(&new))?;
    }
    if before.is_some() {
        fs::remove_file(&old).map_err(at(&old))?;
    }
    move_portal_file(&old, &new).map_err(at(&new))?;
    forget_empty(&old);
    move_job(folders, from, into)
}

/// Takes the portal's own file along with its last column, where the new folder has none.
fn move_portal_file(old: &Path, new: &Path) -> io::Result<()> {
    let (Some(old), Some(new)) = (old.parent(), new.parent()) else {
        return Ok(());
    };
    let Ok(left) = fs::read_dir(old) else {
        return Ok(());
    };
    let left: Vec<PathBuf> = left.flatten().map(|entry| entry.path()).collect();
    let (old, new) = (old.join(PORTAL_FILE), new.join(PORTAL_FILE));
    match left.as_slice() {
        [only] if *only == old && !new.exists() => fs::rename(old, new),
        _ => Ok(()),
    }
}

/// Removes the folder of a feed file, if it holds nothing more.
fn forget_empty(file: &Path) {
    if let Some(folder) = file.parent() {
        let _ = fs::remove_dir(folder);
    }
}

fn feed_file(folders: &Folders, name: &ColumnName) -> PathBuf {
    folders.feeds.join(format!("{name}.toml"))
}

/// Gives the new name the job of the former one. A timetable that cannot be edited so stays as it is.
fn move_job(folders: &Folders, from: &ColumnName, into: &ColumnName) -> Result<(), LifeError> {
    let file = &folders.cron;
    let Ok(text) = fs::read_to_string(file) else {
        return Ok(());
    };
    let before = Cron::parse(file, &text)?;
    let mut after = cron_text::renamed(&text, from, into);
    if let Some(nth) = before.place(from)
        && !Cron::parse(file, &after)?.has_job(into)
    {
        after = cron_text::with_pattern(&after, nth, into.as_str()).unwrap_or(after);
    }
    if after != text && Cron::parse(file, &after).is_ok() {
        write_whole(file, &after).map_err(at(file))?;
    }
    Ok(())
}

/// Writes into a feed file that its column rests, as TOML; `None` ends that.
pub fn set_pause(
    folders: &Folders,
    name: &ColumnName,
    value: Option<&str>,
) -> Result<(), LifeError> {
    let _lock = FileLock::take(&folders.feeds).map_err(at(&folders.feeds))?;
    let file = feed_file(folders, name);
    let text = fs::read_to_string(&file).map_err(at(&file))?;
    let text = with_key(&text, PAUSED, value);
    Column::parse(name.clone(), &file, &text)?;
    write_whole(&file, &text).map_err(at(&file))
}

/// Removes the feed file of a column, and the column from the timetable. Returns the text of the file;
/// `None` if there was none.
pub fn forget_files(folders: &Folders, name: &ColumnName) -> Result<Option<String>, LifeError> {
    let _lock = FileLock::take(&folders.feeds).map_err(at(&folders.feeds))?;
    let file = feed_file(folders, name);
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(at(&file)(error)),
    };
    let cron = &folders.cron;
    if let Ok(before) = fs::read_to_string(cron) {
        let after = cron_text::without_column(&before, name);
        if after != before && Cron::parse(cron, &after).is_ok() {
            write_whole(cron, &after).map_err(at(cron))?;
        }
    }
    fs::remove_file(&file).map_err(at(&file))?;
    forget_empty(&file);
    Ok(Some(text))
}
