//! Restores damaged rows of the store, from other rows and from the published files.
//!
//! Owns where the published files say what a row said. Never restores what nothing confirms; the
//! store decides that.

use std::path::Path;

use uuid::Uuid;

use crate::model::{Article, Change};
use crate::render::{changes, paths};
use crate::store::{DamagedRow, PublishedState, RestoredFrom, RowPlace, Store, StoreError};

/// This many rows are read at a time.
const AT_ONCE: i64 = 200;

/// A damaged row, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepairedRow {
    /// The row.
    pub row: DamagedRow,
    /// What it was restored from; `None` if nothing confirms what it was.
    pub from: Option<RestoredFrom>,
}

/// What a repair did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repair {
    /// The damaged rows.
    pub rows: Vec<RepairedRow>,
    /// What was wrong with the database as a whole, before.
    pub structure: Vec<String>,
    /// What still is.
    pub left: Vec<String>,
}

impl Repair {
    /// Whether nothing is damaged any more.
    pub fn is_whole(&self) -> bool {
        self.left.is_empty() && self.rows.iter().all(|row| row.from.is_some())
    }
}

/// Restores what can be restored. `public` is the published folder.
pub async fn repair(store: &Store, public: &Path) -> Result<Repair, StoreError> {
    let mut repair = Repair {
        structure: store.check_structure().await?,
        ..Repair::default()
    };
    if !repair.structure.is_empty() {
        store.reindex().await?;
    }
    let mut place = RowPlace::default();
    loop {
        let checked = store.check_rows(&mut place, AT_ONCE).await?;
        for row in checked.damaged {
            let published = published(public, &row);
            let from = store.repair_row(&row, &published).await?;
            repair.rows.push(RepairedRow { row, from });
        }
        if checked.is_end {
            break;
        }
    }
    if !repair.structure.is_empty() || !repair.rows.is_empty() {
        store.recount().await?;
        repair.left = store.check_structure().await?;
    }
    Ok(repair)
}

/// What the published files say of a row.
fn published(public: &Path, row: &DamagedRow) -> PublishedState {
    match (row.table, row.place) {
        ("articles", _) => PublishedState {
            article: row.key.parse().ok().and_then(|id| article(public, id)),
            change: None,
        },
        ("changes", Some(seq)) => PublishedState {
            article: None,
            change: change(public, seq),
        },
        _ => PublishedState::default(),
    }
}

fn article(public: &Path, id: Uuid) -> Option<Article> {
    let bytes = std::fs::read(public.join(paths::article_json(id))).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn change(public: &Path, seq: i64) -> Option<Change> {
    let file = public.join(paths::changes(changes::document_of(seq)));
    let bytes = std::fs::read(file).ok()?;
    let lines = bytes.split(|byte| *byte == b'\n');
    let mut changes = lines.filter_map(|line| serde_json::from_slice::<Change>(line).ok());
    changes.find(|change| change.seq == seq)
}
