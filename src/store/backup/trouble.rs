//! A note beside the store of what could not be written into it.
//!
//! Owns the note. Its room is taken while the disk has some, and it is overwritten in place: so a
//! full disk does not keep it from being told. Never reads the database.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::model::Timestamp;
use crate::store::Store;

/// The note in its folder.
const FILE: &str = "dibao.trouble";
/// Its room in bytes.
const ROOM: usize = 4096;
/// At most this many characters of a message are kept: with three bytes for each it has room.
const MESSAGE: usize = 1000;

/// What could not be written into the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// The stable code.
    pub reason: String,
    /// What was tried, and the remedy.
    pub message: String,
    /// When it was met last.
    pub at: Timestamp,
}

impl Trouble {
    /// What is noted beside the store in `folder`.
    pub fn in_folder(folder: &Path) -> Option<Self> {
        let text = fs::read_to_string(folder.join(FILE)).ok()?;
        serde_json::from_str(text.trim_end()).ok()
    }
}

impl Store {
    /// Notes what could not be written. That this fails, too, is no further error.
    pub fn note_trouble(&self, reason: &str, message: &str, at: Timestamp) {
        let trouble = Trouble {
            reason: reason.to_owned(),
            message: message.chars().take(MESSAGE).collect(),
            at,
        };
        if let Ok(text) = serde_json::to_string(&trouble) {
            self.overwrite(&text);
        }
    }

    /// Notes that everything is written, and takes the room for a note.
    pub fn clear_trouble(&self) {
        let note = self.trouble_file();
        let is_blank = fs::read(&note).is_ok_and(|text| {
            text.len() >= ROOM && text.iter().all(|byte| byte.is_ascii_whitespace())
        });
        if !is_blank {
            self.overwrite("");
        }
    }

    fn overwrite(&self, text: &str) {
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(ROOM, b' ');
        let written = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(self.trouble_file())
            .and_then(|mut file| {
                file.write_all(&bytes)?;
                file.sync_data()
            });
        if let Err(error) = written {
            tracing::debug!(%error, "the note beside the store is not written");
        }
    }

    fn trouble_file(&self) -> PathBuf {
        self.folder().join(FILE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Purpose;

    #[tokio::test]
    async fn a_note_takes_no_room_that_it_does_not_have() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), Purpose::Real).await.unwrap();
        store.clear_trouble();
        let length = || fs::metadata(folder.path().join(FILE)).unwrap().len();
        assert_eq!((length(), Trouble::in_folder(folder.path())), (4096, None));
        let at = Timestamp::from_millis(1_763_596_800_000).unwrap();
        store.note_trouble("disk-full", &"满".repeat(5000), at);
        let noted = Trouble::in_folder(folder.path()).unwrap();
        assert_eq!((noted.reason.as_str(), noted.at), ("disk-full", at));
        assert_eq!(length(), 4096);
        store.clear_trouble();
        assert_eq!((length(), Trouble::in_folder(folder.path())), (4096, None));
        store.close().await;
    }
}
