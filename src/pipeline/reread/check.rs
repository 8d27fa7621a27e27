//! Reads the data for rot: rows of the store, files of the archive.
//!
//! Owns what a share of the check does, when a pass is due, and which incidents tell of damage.
//! Never mends anything, and never knows when a share is due.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use futures_util::stream::{self, StreamExt};

use crate::archive::{ArchiveFiles, FileDamage};
use crate::model::{Incident, Timestamp};
use crate::store::{CheckState, DamagedRow, KnownFile, Store, StoreError};

/// The code of an incident: a file of the archive is not as it was written.
pub const ARCHIVE_DAMAGED: &str = "archive-damaged";

/// All rows and files are read once within a day: the next pass begins after this time.
const REST: TimeDelta = TimeDelta::hours(18);
/// This many rows are read at a time.
const AT_ONCE: i64 = 200;
/// A share reads this many files of the archive at most.
const FILES_AT_ONCE: i64 = 200;
/// The check that goes on by itself, and the one that a person asked for.
const BY_ITSELF: &str = "by itself";
const ASKED_FOR: &str = "asked for";
/// A check that a person asked for goes on within this time.
const GOES_ON: TimeDelta = TimeDelta::days(1);

/// Reads the data for rot.
#[derive(Clone, Copy, Debug)]
pub struct Checker<'a> {
    /// The store.
    pub store: &'a Store,
    /// The archive.
    pub archive: &'a ArchiveFiles,
    /// The time.
    pub now: Timestamp,
}

/// A damaged file of the archive, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DamagedFile {
    /// Its name.
    pub file: String,
    /// What is wrong, and what it means.
    pub message: String,
}

/// What a file of the archive is like.
enum Look {
    Whole,
    Damaged(DamagedFile),
    /// Its place does not answer, which says nothing about it.
    Away(DamagedFile),
}

impl Look {
    /// What is told to a person who asked.
    fn told(self) -> Option<DamagedFile> {
        match self {
            Self::Whole => None,
            Self::Damaged(file) | Self::Away(file) => Some(file),
        }
    }
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    /// What is wrong with the database as a whole.
    pub structure: Vec<String>,
    /// The damaged rows.
    pub rows: Vec<DamagedRow>,
    /// The damaged files of the archive.
    pub files: Vec<DamagedFile>,
}

impl Damage {
    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// How far a check of everything has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckStep {
    /// SQLite reads the database.
    Structure,
    /// It goes on behind rows that an earlier check has read.
    GoesOn,
    /// So many rows were read, of so many.
    Rows(u64, u64),
    /// So many bytes of the archive were read, of so many.
    Bytes(u64, u64),
}

/// Whether an incident is about this file of the archive.
fn tells_of(told: &Incident, known: &KnownFile) -> bool {
    told.reason == ARCHIVE_DAMAGED && told.subject == known.file
}

impl Checker<'_> {
    /// Goes on with the check for about so long, if a pass is due, and notes what is damaged.
    pub async fn share(&self, budget: Duration) -> Result<Damage, StoreError> {
        let deadline = Instant::now() + budget;
        let mut damage = Damage::default();
        let captures = self.store.captures();
        self.store.seal_new_rows(AT_ONCE).await?;
        let state = captures.check_state(BY_ITSELF).await?;
        let is_rested = |ended: Timestamp| ended.plus(REST) <= self.now;
        let mut state = match state {
            Some(state) if state.ended_at.is_none() => state,
            Some(state) if state.ended_at.is_some_and(|ended| !is_rested(ended)) => {
                self.files(deadline, &mut damage).await?;
                return self.noted(damage).await;
            }
            _ => self.begin(),
        };
        while state.ended_at.is_none() && Instant::now() < deadline {
            self.some_rows(&mut state, &mut damage.rows).await?;
        }
        captures.note_check(BY_ITSELF, &state).await?;
        self.files(deadline, &mut damage).await?;
        let damage = self.noted(damage).await?;
        self.end_pass(&state).await?;
        Ok(damage)
    }

    /// Checks the whole store and archive. A check that was stopped goes on within a day.
    pub async fn whole(&self, mut tell: impl FnMut(CheckStep)) -> Result<Damage, StoreError> {
        let captures = self.store.captures();
        let known = captures.check_state(ASKED_FOR).await?;
        let known = known
            .filter(|state| state.ended_at.is_none() && state.begun_at.plus(GOES_ON) > self.now);
        let mut damage = Damage::default();
        let goes_on = known.is_some();
        let mut state = known.unwrap_or_else(|| self.begin());
        tell(if goes_on {
            CheckStep::GoesOn
        } else {
            CheckStep::Structure
        });
        damage.structure = self.store.check_structure().await?;
        let all = self.store.rows_to_check().await?;
        let mut done = 0;
        while state.ended_at.is_none() {
            done += self.some_rows(&mut state, &mut damage.rows).await?;
            captures.note_check(ASKED_FOR, &state).await?;
            tell(CheckStep::Rows(done, all.max(done)));
        }
        let files = captures.known_files().await?;
        let all = files.iter().map(|known| known.end).sum();
        let is_read = |at: Timestamp| goes_on && at >= state.begun_at;
        let read = async |known: KnownFile| {
            let look = match known.checked_at.is_some_and(is_read) {
                true => Look::Whole,
                false => self.file(&known).await?,
            };
            Ok::<_, StoreError>((known.end, look))
        };
        let mut done = 0;
        let mut looks = stream::iter(files)
            .map(read)
            .buffer_unordered(self.archive.reads_at_once());
        while let Some(looked) = looks.next().await {
            let (bytes, look) = looked?;
            damage.files.extend(look.told());
            done += bytes;
            tell(CheckStep::Bytes(done, all));
        }
        drop(looks);
        let damage = self.noted(damage).await?;
        self.end_pass(&state).await?;
        Ok(damage)
    }

    fn begin(&self) -> CheckState {
        CheckState {
            place: Default::default(),
            begun_at: self.now,
            ended_at: None,
        }
    }

    /// Reads some rows, and returns how many.
    async fn some_rows(
        &self,
        state: &mut CheckState,
        damaged: &mut Vec<DamagedRow>,
    ) -> Result<u64, StoreError> {
        let before = state.place.clone();
        let checked = self.store.check_rows(&mut state.place, AT_ONCE).await?;
        self.store.part_checked_rows(&before, &state.place).await?;
        damaged.extend(checked.damaged);
        if checked.is_end {
            state.ended_at = Some(self.now);
        }
        Ok(checked.rows as u64)
    }

    /// Ends the incidents of rows that a pass, which is complete now, found whole.
    async fn end_pass(&self, state: &CheckState) -> Result<(), StoreError> {
        if state.ended_at == Some(self.now) {
            let (code, begun) = (StoreError::CORRUPT, state.begun_at);
            let incidents = self.store.incidents();
            incidents.close_unseen(self.now, code, begun).await?;
        }
        Ok(())
    }

    async fn files(&self, deadline: Instant, damage: &mut Damage) -> Result<(), StoreError> {
        let open = self.store.incidents().open().await?;
        let due = self.now.plus(-REST);
        // Those that are told already are passed over, and are not to fill the list.
        let most = FILES_AT_ONCE + i64::try_from(open.len()).unwrap_or(0);
        for known in self.store.captures().files_to_check(due, most).await? {
            if Instant::now() >= deadline {
                break;
            }
            let is_told = open
                .iter()
                .any(|told| tells_of(told, &known) && told.seen_at.plus(REST) > self.now);
            if is_told {
                continue;
            }
            match self.file(&known).await? {
                Look::Whole => (),
                Look::Damaged(file) => damage.files.push(file),
                Look::Away(file) => {
                    tracing::warn!(message = file.message, "the archive was not checked");
                    break;
                }
            }
        }
        Ok(())
    }

    /// Reads the files of the archive that were not read within a day, those that were damaged then,
    /// and those that are missing or shorter.
    pub async fn archive(&self) -> Result<Vec<DamagedFile>, StoreError> {
        let mut damaged = Vec::new();
        let open = self.store.incidents().open().await?;
        let archive = self.archive.clone();
        let listed = tokio::task::spawn_blocking(move || archive.list()).await;
        // If it cannot be listed, each file is looked at.
        let listed = listed.ok().and_then(Result::ok).unwrap_or_default();
        let lengths: BTreeMap<&str, u64> = listed
            .iter()
            .map(|file| (file.name.as_str(), file.bytes))
            .collect();
        let mut files = self.store.captures().known_files().await?;
        files.retain(|known| {
            let length = lengths.get(known.file.as_str());
            let is_shorter = length.is_none_or(|length| *length < known.end);
            let is_told = open.iter().any(|told| tells_of(told, known));
            let is_due = known.checked_at.is_none_or(|at| at.plus(REST) <= self.now);
            is_due || is_shorter || is_told
        });
        let mut looks = stream::iter(&files)
            .map(|known| self.file(known))
            .buffer_unordered(self.archive.reads_at_once());
        while let Some(look) = looks.next().await {
            damaged.extend(look?.told());
        }
        drop(looks);
        Ok(damaged)
    }

    /// Reads a file of the archive, and notes what it is like.
    async fn file(&self, known: &KnownFile) -> Result<Look, StoreError> {
        let (archive, asked): (ArchiveFiles, KnownFile) = (self.archive.clone(), known.clone());
        let read = tokio::task::spawn_blocking(move || {
            let KnownFile {
                file, end, hash, ..
            } = &asked;
            let hash = hash.as_ref().map(|(bytes, hash)| (*bytes, hash.as_str()));
            archive.check(file, *end, hash)
        });
        let (captures, incidents) = (self.store.captures(), self.store.incidents());
        let read = read.await.unwrap_or_else(|broken| {
            Err(FileDamage::Failed(std::io::Error::other(
                broken.to_string(),
            )))
        });
        let damage = match read {
            Ok(hash) => {
                captures
                    .note_sum(self.now, known, (known.end, &hash))
                    .await?;
                incidents
                    .close(self.now, ARCHIVE_DAMAGED, &known.file)
                    .await?;
                return Ok(Look::Whole);
            }
            Err(damage) if damage.is_away() => {
                let message = format!("{} {damage}", self.archive.name_of(&known.file));
                return Ok(Look::Away(DamagedFile {
                    file: known.file.clone(),
                    message,
                }));
            }
            Err(damage) => damage,
        };
        let still = captures.known_files().await?;
        if !still
            .iter()
            .any(|now| now.file == known.file && now.hash == known.hash)
        {
            // A removal erased a part of it meanwhile, or it was too old to be kept.
            return Ok(Look::Whole);
        }
        let url = match damage.at() {
            Some(at) => captures.url_at(&known.file, at).await?,
            None => None,
        };
        let page = url.map(|url| format!(", about where {url} is archived"));
        let message = format!(
            "{} {damage}{}. What is published does not change; pages in it cannot be read anew. \
             Remedy: put the file back from a copy of the archive",
            self.archive.name_of(&known.file),
            page.unwrap_or_default()
        );
        incidents
            .note(self.now, ARCHIVE_DAMAGED, &known.file, &message)
            .await?;
        Ok(Look::Damaged(DamagedFile {
            file: known.file.clone(),
            message,
        }))
    }

    /// Notes the damaged rows as incidents.
    async fn noted(&self, damage: Damage) -> Result<Damage, StoreError> {
        for row in &damage.rows {
            self.store.note_damage(row.clone());
        }
        self.store.incidents().note_damage(self.now).await?;
        Ok(damage)
    }
}
