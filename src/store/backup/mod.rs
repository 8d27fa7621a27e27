//! Backup of the store into one file, restoring it, and copying it into another database.
//!
//! Owns two rules: a backup file is whole and read as a whole, or not there; and only a whole store of this dibao is
//! restored. Never touches the archive, whose files are copied as they are.

mod check;
mod clean_end;
mod copy;
mod repair;
mod trouble;

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};
use uuid::Uuid;

use super::driver::place::{FILE, check_header};
use super::{IdKeeper, KeptIds, Purpose, Store, StoreError, StorePlace};
use crate::model::{Article, Timestamp};
pub use check::{CheckedRows, RowPlace};
pub(super) use clean_end::{leave_note, take_note};
pub use copy::{Copied, CopyStep, Differing};
pub use repair::{PublishedState, RestoredFrom};
pub use trouble::Trouble;

/// This many rows of a copy are read at a time.
const ROWS: i64 = 500;
/// This many damaged rows are told of.
const TOLD: usize = 20;

/// The contents of a store, in brief.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreSummary {
    /// Articles, withdrawn ones included.
    pub articles: i64,
    /// The sequence number of the last change.
    pub seq: i64,
    /// Bytes of the database, without the log beside it.
    pub bytes: u64,
}

impl Store {
    /// The contents of the store, in brief.
    pub async fn summary(&self) -> Result<StoreSummary, StoreError> {
        let bytes = match self.is_postgres() {
            true => "SELECT pg_database_size(current_database())",
            false => "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
        };
        let bytes: i64 = sqlx::query_scalar(bytes).fetch_one(&self.pool).await?;
        let articles = "SELECT COUNT(*) FROM articles WHERE article IS NOT NULL";
        let articles: i64 = sqlx::query_scalar(articles).fetch_one(&self.pool).await?;
        Ok(StoreSummary {
            articles,
            seq: self.changes().last_seq().await?,
            bytes: u64::try_from(bytes).unwrap_or(0),
        })
    }

    /// Writes the store as it is at this moment into `file`, even while others write to it. An
    /// existing file is kept unless `replace` is set; the file is whole in either case.
    pub async fn back_up(&self, file: &Path, replace: bool) -> Result<StoreSummary, StoreError> {
        if self.is_postgres() {
            return Err(StoreError::OnServer {
                place: self.file.clone(),
            });
        }
        if file.exists() && !replace {
            return Err(StoreError::BackupExists {
                file: file.to_owned(),
            });
        }
        // The copy has new indexes, so damage of those must be looked for here.
        let found = self.check_structure().await?;
        if !found.is_empty() {
            return Err(StoreError::DamagedBackup {
                file: file.to_owned(),
                damage: listed(&found),
            });
        }
        let failed = |cause: io::Error| StoreError::backup(file, &cause);
        let pending = temporary_in(folder_of(file)).map_err(failed)?;
        let name = pending.path().to_str().ok_or_else(|| {
            let cause = io::Error::new(io::ErrorKind::InvalidInput, "its name is not UTF-8");
            StoreError::backup(file, &cause)
        })?;
        // One read transaction: it leaves out later commits and blocks nobody.
        sqlx::query("VACUUM INTO ?")
            .bind(name)
            .execute(&self.pool)
            .await?;
        let copy = Self::connect(StorePlace::File(pending.path().to_owned()), false).await?;
        let held = copy.checked_summary(file).await;
        copy.close().await;
        let held = held?;
        sync(pending.path()).map_err(failed)?;
        if replace {
            pending.persist(file).map_err(|e| failed(e.error))?;
        } else {
            pending
                .persist_noclobber(file)
                .map_err(|e| failed(e.error))?;
        }
        sync(folder_of(file)).map_err(failed)?;
        Ok(held)
    }

    /// Reads the whole copy. One that holds damage is no backup.
    async fn checked_summary(&self, backup: &Path) -> Result<StoreSummary, StoreError> {
        let mut found = self.check_structure().await?;
        let mut place = RowPlace::default();
        loop {
            let checked = self.check_rows(&mut place, ROWS).await?;
            found.extend(checked.damaged.iter().map(ToString::to_string));
            if checked.is_end {
                break;
            }
        }
        match found.is_empty() {
            true => self.summary().await,
            false => Err(StoreError::DamagedBackup {
                file: backup.to_owned(),
                damage: listed(&found),
            }),
        }
    }

    /// Restores the backup `file` into `folder`, which must have no store. A file is refused, and
    /// nothing restored, if it is damaged, not a store, or a store of the demo or of a newer dibao.
    ///
    /// `removed_since` gives the tombstones of the articles that were removed after a change: these
    /// stay removed. Returns what the backup held, and the ids of these articles.
    pub async fn restore(
        folder: &Path,
        file: &Path,
        now: Timestamp,
        removed_since: impl FnOnce(i64) -> Vec<Article>,
    ) -> Result<(StoreSummary, Vec<Uuid>), StoreError> {
        let target = folder.join(FILE);
        if is_occupied(folder) {
            return Err(StoreError::Occupied { file: target });
        }
        let refused = |error: io::Error| StoreError::no_backup(file, error.to_string());
        let mut backup = File::open(file).map_err(refused)?;
        check_header(file)?;
        std::fs::create_dir_all(folder).map_err(|e| StoreError::folder(folder, &e))?;
        let mut pending = temporary_in(folder).map_err(|e| StoreError::folder(folder, &e))?;
        io::copy(&mut backup, pending.as_file_mut())
            .map_err(|e| StoreError::backup(&target, &e))?;
        let held = check_copy(pending.path(), file, async |copy| {
            let held = copy.prepare_copy(file).await?;
            let tombstones = removed_since(held.seq);
            let gone = copy.articles().stay_removed(now, &tombstones).await?;
            if !gone.is_empty() {
                copy.shred().await?;
            }
            Ok((held, gone))
        });
        let held = held.await?;
        place(pending.into_temp_path(), folder)?;
        Ok(held)
    }

    /// Makes a store with kept ids in `folder`, which must have no store or one without articles.
    /// `fill` adds the ids; until it is done, and if it fails, the folder stays as it was.
    pub async fn restore_ids<E: From<StoreError>>(
        folder: &Path,
        fill: impl AsyncFnOnce(&mut IdKeeper) -> Result<(), E>,
    ) -> Result<KeptIds, E> {
        let target = folder.join(FILE);
        if StorePlace::from(folder).is_begun() {
            let store = Self::open(folder, Purpose::Real).await?;
            let kept = store.fill(fill).await;
            store.close().await;
            return kept;
        }
        if is_occupied(folder) {
            return Err(StoreError::Occupied { file: target }.into());
        }
        std::fs::create_dir_all(folder).map_err(|e| StoreError::folder(folder, &e))?;
        let failed = |cause: io::Error| StoreError::backup(&target, &cause);
        // An empty store in the folder itself would look like a new one.
        let apart = tempfile::tempdir_in(folder).map_err(failed)?;
        let store = Self::open(apart.path(), Purpose::Real).await?;
        let kept = store.fill(fill).await;
        store.close().await;
        let kept = kept?;
        place(
            TempPath::try_from_path(apart.path().join(FILE)).map_err(failed)?,
            folder,
        )?;
        Ok(kept)
    }

    async fn fill<E: From<StoreError>>(
        &self,
        fill: impl AsyncFnOnce(&mut IdKeeper) -> Result<(), E>,
    ) -> Result<KeptIds, E> {
        let mut keeper = IdKeeper::begin(self).await?;
        fill(&mut keeper).await?;
        Ok(keeper.commit().await?)
    }

    /// Whether this is a store of dibao, and not another program's database.
    async fn is_ours(&self) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar(
            "SELECT COUNT(*) = 3 FROM sqlite_schema
             WHERE type = 'table' AND name IN ('_sqlx_migrations', 'articles', 'changes')",
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Checks the copy of a backup, migrates its schema, and deletes the leases of then.
    async fn prepare_copy(&self, backup: &Path) -> Result<StoreSummary, StoreError> {
        let damaged = |error: StoreError| StoreError::no_backup(backup, error.cause());
        self.check().await.map_err(damaged)?;
        if !self.is_ours().await.map_err(damaged)? {
            let cause = "it is another program's database";
            return Err(StoreError::no_backup(backup, cause));
        }
        self.migrate().await?;
        self.refuse_half_copy().await?;
        if self.purpose().await? == Purpose::Demo {
            return Err(StoreError::IsDemo {
                file: backup.to_owned(),
            });
        }
        sqlx::query("DELETE FROM leases")
            .execute(&self.pool)
            .await?;
        self.summary().await
    }
}

/// Damage in lines, as far as one reads on.
fn listed(found: &[String]) -> String {
    let mut lines: Vec<String> = found.iter().take(TOLD).cloned().collect();
    if found.len() > TOLD {
        lines.push(format!("and {} more", found.len() - TOLD));
    }
    lines.join("\n  ")
}

async fn check_copy<T>(
    copy: &Path,
    backup: &Path,
    prepare: impl AsyncFnOnce(&Store) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let empty = std::fs::metadata(copy).is_ok_and(|found| found.len() == 0);
    if empty {
        return Err(StoreError::no_backup(backup, "it is empty"));
    }
    let held = match Store::connect(StorePlace::File(copy.to_owned()), false).await {
        Ok(mut store) => {
            // Errors name the file that the user gave, not its copy.
            backup.clone_into(&mut store.file);
            let held = prepare(&store).await;
            store.close().await;
            held
        }
        Err(error) => Err(StoreError::no_backup(backup, error.cause())),
    };
    for rest in ["-wal", "-shm"] {
        let mut name = OsString::from(copy);
        name.push(rest);
        // A refused copy leaves these; those of an accepted one are deleted with its last
        // connection.
        let _ = std::fs::remove_file(name);
    }
    held
}

/// Whether a store, or the log of one, is there. SQLite would take a log that is left over for the
/// restored database's.
fn is_occupied(folder: &Path) -> bool {
    let log = folder.join(format!("{FILE}-wal"));
    StorePlace::from(folder).is_begun() || std::fs::metadata(log).is_ok_and(|log| log.len() > 0)
}

/// Moves a whole store into a folder, unless a store was begun there meanwhile: a process that has
/// that file open would go on writing to a deleted file.
fn place(made: TempPath, folder: &Path) -> Result<(), StoreError> {
    let target = folder.join(FILE);
    let failed = |cause: io::Error| StoreError::backup(&target, &cause);
    sync(&made).map_err(failed)?;
    if is_occupied(folder) {
        return Err(StoreError::Occupied { file: target });
    }
    let is_empty = std::fs::metadata(&target).is_ok_and(|found| found.len() == 0);
    let placed = match is_empty {
        true => made.persist(&target),
        false => made.persist_noclobber(&target),
    };
    placed.map_err(|e| match e.error.kind() {
        io::ErrorKind::AlreadyExists => StoreError::Occupied {
            file: target.clone(),
        },
        _ => failed(e.error),
    })?;
    sync(folder).map_err(failed)
}

fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

fn temporary_in(folder: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix(".dibao-")
        .suffix(".tmp")
        .tempfile_in(folder)
}

/// Forces a file or a folder to the disk.
fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// The store's file in a data folder.
pub fn database_in(folder: &Path) -> PathBuf {
    folder.join(FILE)
}
