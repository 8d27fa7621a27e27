//! Restores damaged rows of the store, from other rows, the published files and the archive.
//!
//! Owns where the published files and the archive say what a row said. Never restores what nothing confirms; the
//! store decides that.

use uuid::Uuid;

use super::reextract::column_of;
use super::rereader::Rereader;
use crate::config::Column;
use crate::model::{Article, Change};
use crate::publish::PublishedFiles;
use crate::render::{changes, paths};
use crate::store::{
    DamagedRow, PageContent, PublishedState, RestoredFrom, RowPlace, Store, StoreError,
};

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

/// Restores what can be restored. `public` has the published files; pages are read from the archive
/// by the rules of these columns.
pub async fn repair(
    rereader: &Rereader,
    columns: &[Column],
    public: &PublishedFiles,
) -> Result<Repair, StoreError> {
    let store: &Store = &rereader.store;
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
            let mut state = published(public, &row);
            if let ("pages", Some(found)) = (row.table, row.place) {
                state.page = archived(rereader, columns, found).await?;
            }
            let from = store.repair_row(&row, &state).await?;
            repair.rows.push(RepairedRow { row, from });
        }
        if checked.is_end {
            break;
        }
    }
    // A text that was restored with one row may have made others whole.
    for RepairedRow { row, from } in &mut repair.rows {
        if from.is_none() {
            let again = store.repair_row(row, &PublishedState::default()).await?;
            *from = again.map(|_| RestoredFrom::OtherRows);
        }
    }
    if !repair.structure.is_empty() || !repair.rows.is_empty() {
        store.recount().await?;
        repair.left = store.check_structure().await?;
    }
    Ok(repair)
}

/// What the published files say of a row.
fn published(public: &PublishedFiles, row: &DamagedRow) -> PublishedState {
    match (row.table, row.place) {
        ("articles", _) => PublishedState {
            article: row.key.parse().ok().and_then(|id| article(public, id)),
            ..PublishedState::default()
        },
        ("changes", Some(seq)) => PublishedState {
            change: change(public, seq),
            ..PublishedState::default()
        },
        _ => PublishedState::default(),
    }
}

/// What a page says by today's rules, if it is in the archive.
async fn archived(
    rereader: &Rereader,
    columns: &[Column],
    found: i64,
) -> Result<Option<PageContent>, StoreError> {
    let page = rereader.store.captures().damaged_page(found).await?;
    let Some((page, column)) = page
        .as_ref()
        .and_then(|page| Some((page, column_of(page, columns)?)))
    else {
        return Ok(None);
    };
    // What cannot be read leaves the row as it is.
    Ok(rereader
        .reread(page, column)
        .await
        .ok()
        .map(|read| read.content))
}

fn article(public: &PublishedFiles, id: Uuid) -> Option<Article> {
    let bytes = public.read(&paths::article_json(id)).ok()??;
    serde_json::from_slice(&bytes).ok()
}

fn change(public: &PublishedFiles, seq: i64) -> Option<Change> {
    let path = paths::changes(changes::document_of(seq));
    let bytes = public.read(&path).ok()??;
    let lines = bytes.split(|byte| *byte == b'\n');
    let mut changes = lines.filter_map(|line| serde_json::from_slice::<Change>(line).ok());
    changes.find(|change| change.seq == seq)
}
