//! Compares the feed files with the columns of the store, before anything is collected.
//!
//! Owns what follows when they differ: a renamed file is followed if its articles keep their ids, and
//! refused if they would get others; a column without a file has ended. Never touches a file.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::{BrokenFile, Column};
use crate::identify::CanonicalUrl;
use crate::model::{ColumnName, Timestamp};
use crate::pipeline::publish::{has_list, list_of, settings_of};
use crate::store::{CONFIGURATION, ColumnLife, RENAMED, Store, StoreError, StoredColumn};

/// What followed from the comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// The columns whose feed files were renamed by hand, each with its new name.
    pub followed: Vec<(ColumnName, ColumnName)>,
    /// The columns that have no feed file any more.
    pub ended: Vec<ColumnName>,
    /// The columns that are not collected, each with the reason and the remedy.
    pub refused: Vec<(ColumnName, String)>,
}

/// Brings the store's columns up to date with the feed files. A file that is broken is none that was
/// deleted: while there is one, no column ends.
pub async fn settle(
    store: &Store,
    now: Timestamp,
    columns: &[Column],
    broken: &[BrokenFile],
) -> Result<Settled, StoreError> {
    let lives = store.columns().lives().await?;
    let lives: BTreeMap<&ColumnName, &ColumnLife> =
        lives.iter().map(|life| (&life.name, life)).collect();
    let stored = store.columns().stored().await?;
    let names: BTreeSet<&ColumnName> = columns.iter().map(|column| &column.name).collect();
    let known: BTreeMap<&ColumnName, &StoredColumn> =
        stored.iter().map(|column| (&column.name, column)).collect();
    let mut orphans: Vec<&StoredColumn> = stored
        .iter()
        .filter(|column| {
            let is_broken = broken.iter().any(|file| file.concerns(&column.name));
            !names.contains(&column.name) && !is_broken
        })
        .collect();
    let mut settled = Settled::default();
    let mut held: BTreeSet<&ColumnName> = BTreeSet::new();
    for column in columns {
        let name = &column.name;
        let became = lives.get(name).and_then(|life| life.became.as_ref());
        if let Some((into, _)) = became {
            settled.refused.push((name.clone(), taken(name, into)));
            continue;
        }
        if let Some(before) = known.get(name) {
            if before.portal != column.portal {
                let reason = other_ids(name, &before.portal);
                settled.refused.push((name.clone(), reason));
            }
            continue;
        }
        let Some(at) = twin(&orphans, &lives, column) else {
            continue;
        };
        let orphan = orphans[at];
        if orphan.portal == column.portal {
            orphans.remove(at);
            store
                .articles()
                .follow_column(now, &orphan.name, name)
                .await?;
            settled.followed.push((orphan.name.clone(), name.clone()));
        } else {
            held.insert(&orphan.name);
            let reason = moved_by_hand(&orphan.name, name);
            settled.refused.push((name.clone(), reason));
        }
    }
    // A file that is broken may be the one of a column that was renamed by hand.
    if !broken.is_empty() {
        orphans.clear();
    }
    for orphan in orphans {
        let life = lives.get(&orphan.name).filter(|life| {
            let is_over = life.ended_at.is_some() || life.became.is_some();
            life.settings.is_some() && !is_over && !held.contains(&orphan.name)
        });
        if life.is_some() {
            store.columns().note_end(now, &orphan.name).await?;
            settled.ended.push(orphan.name.clone());
        }
    }
    let refused = |name: &ColumnName| settled.refused.iter().any(|(other, _)| other == name);
    note_settings(
        store,
        &lives,
        columns.iter().filter(|column| !refused(&column.name)),
    )
    .await?;
    note_refused(store, now, &settled.refused).await?;
    Ok(settled)
}

/// The column without a feed file that this new one was: it has the same list.
fn twin(
    orphans: &[&StoredColumn],
    lives: &BTreeMap<&ColumnName, &ColumnLife>,
    column: &Column,
) -> Option<usize> {
    let wanted = CanonicalUrl::from(&column.url);
    let list = list_of(column);
    let is_twin = |orphan: &&StoredColumn| {
        let life = lives.get(&orphan.name);
        let settings = life.and_then(|life| life.settings.as_deref());
        let url = url::Url::parse(&orphan.url);
        life.is_none_or(|life| life.became.is_none())
            && url.is_ok_and(|url| CanonicalUrl::from(&url) == wanted)
            && settings.is_none_or(|settings| has_list(settings, &list))
    };
    orphans.iter().position(is_twin)
}

async fn note_settings<'a>(
    store: &Store,
    lives: &BTreeMap<&ColumnName, &ColumnLife>,
    columns: impl Iterator<Item = &'a Column>,
) -> Result<(), StoreError> {
    let mut changed = BTreeMap::new();
    for column in columns {
        let settings = settings_of(column);
        let is_known = lives.get(&column.name).is_some_and(|life| {
            life.settings.as_ref() == Some(&settings) && life.ended_at.is_none()
        });
        if !is_known {
            changed.insert(&column.name, settings);
        }
    }
    store.columns().note_settings(&changed).await
}

/// Lets runs, `dibao status` and the feed of incidents know of the columns that are refused.
async fn note_refused(
    store: &Store,
    now: Timestamp,
    refused: &[(ColumnName, String)],
) -> Result<(), StoreError> {
    for (name, reason) in refused {
        let incidents = store.incidents();
        incidents.note(now, RENAMED, name.as_str(), reason).await?;
    }
    store.incidents().close_unseen(now, RENAMED, now).await
}

/// Lets `dibao status` and the feed of incidents know of the feed files that are broken. Closes what
/// was known of others.
pub async fn note_broken(
    store: &Store,
    now: Timestamp,
    broken: &[BrokenFile],
) -> Result<(), StoreError> {
    let incidents = store.incidents();
    for file in broken {
        let message = format!("left out until its file is mended: {}", file.errors);
        let subject = file.to_string();
        incidents
            .note(now, CONFIGURATION, &subject, &message)
            .await?;
    }
    incidents.close_unseen(now, CONFIGURATION, now).await
}

fn taken(name: &ColumnName, into: &ColumnName) -> String {
    format!(
        "the column {name} became {into}, and readers of its feed are led there. Give this feed file \
         another name; or run `dibao forget {name}`, which ends the redirect"
    )
}

fn other_ids(name: &ColumnName, portal: &str) -> String {
    format!(
        "its articles have ids of the portal {portal}; under another one, every article would come a \
         second time. Write portal = \"{portal}\" into feeds/{name}.toml"
    )
}

fn moved_by_hand(orphan: &ColumnName, name: &ColumnName) -> String {
    format!(
        "it has the list of {orphan}, whose feed file is gone; as a new column, every article would come \
         a second time. Run `dibao rename {orphan} {name}`, and its articles keep their ids; or \
         `dibao forget {orphan}`, if it is to begin anew"
    )
}
