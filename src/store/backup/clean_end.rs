//! The note that the last process left the database whole: then the next one need not read all of
//! it before it writes.
//!
//! Owns the note beside the database. It is there only while nobody uses the database, and names
//! the file as it was closed. After a kill or a crash there is none, or a log; another file, a
//! copy, or one that somebody wrote to does not agree with it. Never checks the database itself.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::model::inode;

/// The whole database is read again after this time: disks forget without a notice.
const CHECKED: Duration = Duration::from_secs(24 * 3600);

/// What the note says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    bytes: u64,
    modified_ns: u64,
    inode: u64,
    /// When the database was last read as a whole.
    checked_ns: u64,
}

/// Takes the note away, before the database is opened. If the database was left whole and read as
/// a whole within the last day, returns when that was.
pub(in crate::store) fn take_note(database: &Path, now: SystemTime) -> Option<SystemTime> {
    let file = note(database);
    let note = std::fs::read(&file).ok()?;
    std::fs::remove_file(&file).ok()?;
    let note: Note = serde_json::from_slice(&note).ok()?;
    let checked = UNIX_EPOCH + Duration::from_nanos(note.checked_ns);
    let is_fresh = now.duration_since(checked).is_ok_and(|age| age < CHECKED);
    (is_fresh && !has_log(database) && Note::of(database, checked)? == note).then_some(checked)
}

/// Leaves the note, after the database was closed. Without it the next process reads the whole
/// database; so a note that cannot be written is no error.
pub(in crate::store) fn leave_note(database: &Path, checked: SystemTime) {
    let Some(note) = Note::of(database, checked).filter(|_| !has_log(database)) else {
        // Another process has it open.
        return;
    };
    if let Ok(text) = serde_json::to_vec(&note) {
        let _ = std::fs::write(self::note(database), text);
    }
}

impl Note {
    fn of(database: &Path, checked: SystemTime) -> Option<Self> {
        let found = std::fs::metadata(database).ok()?;
        Some(Self {
            bytes: found.len(),
            modified_ns: nanos(found.modified().ok()?)?,
            inode: inode(&found),
            checked_ns: nanos(checked)?,
        })
    }
}

fn nanos(time: SystemTime) -> Option<u64> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    u64::try_from(since.as_nanos()).ok()
}

fn note(database: &Path) -> PathBuf {
    database.with_extension("clean")
}

/// Whether there is a log of changes that are not in the database yet.
fn has_log(database: &Path) -> bool {
    std::fs::metadata(database.with_extension("sqlite-wal")).is_ok_and(|log| log.len() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_database_that_is_as_it_was_closed_is_not_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("dibao.sqlite");
        let log = folder.path().join("dibao.sqlite-wal");
        let write = |text: &str| std::fs::write(&database, text).unwrap();
        let now = SystemTime::now();
        let hours = |n: u64| Duration::from_secs(n * 3600);
        write("whole");
        assert_eq!(take_note(&database, now), None, "nobody left a note");
        leave_note(&database, now);
        assert_eq!(take_note(&database, now + hours(23)), Some(now));
        assert_eq!(take_note(&database, now), None, "it is taken once");
        leave_note(&database, now);
        assert_eq!(take_note(&database, now + hours(25)), None, "a day is over");
        leave_note(&database, now);
        assert_eq!(take_note(&database, now - hours(1)), None, "set back");
        leave_note(&database, now);
        write("other");
        let file = std::fs::File::options().write(true).open(&database);
        file.unwrap().set_modified(now - hours(2)).unwrap();
        assert_eq!(take_note(&database, now), None, "somebody wrote to it");
        leave_note(&database, now);
        std::fs::write(&log, "changes").unwrap();
        assert_eq!(take_note(&database, now), None, "killed");
        leave_note(&database, now);
        std::fs::write(&log, "").unwrap();
        assert_eq!(take_note(&database, now), None, "none is left beside a log");
        leave_note(&database, now);
        let copy = folder.path().join("copy");
        std::fs::copy(&database, &copy).unwrap();
        std::fs::rename(&copy, &database).unwrap();
        assert_eq!(take_note(&database, now), None, "another file");
    }
}
