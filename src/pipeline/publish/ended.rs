//! Columns without a feed file: their articles stay published, and their feeds say that they ended.
//! Columns whose feed file is broken: they stay published as they were.
//!
//! Owns what is noted of a feed file for that time. Never decides that a column has ended.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::config::{BrokenFile, Column, PortalRules};
use crate::model::{ColumnName, Level, RegionCode, sha256_hex};
use crate::store::{ColumnLife, Store, StoreError};

/// What is noted of a feed file.
#[derive(Deserialize)]
struct Settings {
    url: String,
    portal: String,
    title: Option<String>,
    /// What `portal.toml` says.
    portal_title: Option<String>,
    #[serde(default)]
    portal_code: Option<RegionCode>,
    #[serde(default)]
    portal_region: Option<String>,
    #[serde(default)]
    portal_level: Option<Level>,
    publish: Publish,
    /// A hash of its rules for lists: two lists of one page are two columns.
    list: String,
}

#[derive(Serialize, Deserialize)]
struct Publish {
    limit: usize,
    full_text: bool,
    mirror_images: bool,
    #[serde(default)]
    mirror_files: bool,
    #[serde(default)]
    include: Vec<String>,
    #[serde(default)]
    exclude: Vec<String>,
}

/// What is noted of a feed file, as JSON.
pub(in crate::pipeline) fn settings_of(column: &Column) -> String {
    json!({
        "url": column.url,
        "portal": column.portal,
        "title": column.title,
        "portal_title": column.portal_rules.title,
        "portal_code": column.portal_rules.code,
        "portal_region": column.portal_rules.region,
        "portal_level": column.portal_rules.level,
        "publish": {
            "limit": column.publish.limit,
            "full_text": column.publish.full_text,
            "mirror_images": column.publish.mirror_images,
            "mirror_files": column.publish.mirror_files,
            "include": column.publish.keywords.include(),
            "exclude": column.publish.keywords.exclude(),
        },
        "list": list_of(column),
    })
    .to_string()
}

/// A hash of the rules for lists.
pub(in crate::pipeline) fn list_of(column: &Column) -> String {
    sha256_hex(Sha256::new_with_prefix(column.list.written()))
}

/// Whether these are the noted settings of a column with these rules for its lists.
pub(in crate::pipeline) fn has_list(settings: &str, list: &str) -> bool {
    serde_json::from_str::<Settings>(settings).is_ok_and(|settings| settings.list == list)
}

/// The configured columns, and those that have ended, sorted by name. A column that became another one
/// is that one, although its feed file may still be read. While a feed file is broken, all columns
/// without one are published as they were: which of them it would be is not always known.
pub(in crate::pipeline) async fn with_ended(
    store: &Store,
    columns: &[Column],
    broken: &[BrokenFile],
) -> Result<Vec<Column>, StoreError> {
    let lives = match broken.is_empty() {
        true => store.columns().past_lives().await?,
        false => store.columns().lives().await?,
    };
    let moved: BTreeSet<&ColumnName> = lives
        .iter()
        .filter(|life| life.became.is_some())
        .map(|life| &life.name)
        .collect();
    let names: BTreeSet<&ColumnName> = columns.iter().map(|column| &column.name).collect();
    let configured = columns
        .iter()
        .filter(|column| !moved.contains(&column.name));
    let ended = lives.iter().filter(|life| {
        let is_left = life.ended_at.is_some() || !broken.is_empty();
        is_left && !moved.contains(&life.name) && !names.contains(&life.name)
    });
    let ended = ended.filter_map(|life| column(life, columns));
    let mut all: Vec<Column> = configured.cloned().chain(ended).collect();
    all.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(all)
}

/// The column as it was configured last, as far as its published files show it.
fn column(life: &ColumnLife, others: &[Column]) -> Option<Column> {
    let settings: Settings = serde_json::from_str(life.settings.as_deref()?).ok()?;
    let mut table = toml::Table::new();
    table.insert("url".to_owned(), settings.url.into());
    table.insert("portal".to_owned(), settings.portal.into());
    if let Some(title) = settings.title {
        table.insert("title".to_owned(), title.into());
    }
    let publish = toml::Value::try_from(settings.publish).ok()?;
    table.insert("publish".to_owned(), publish);
    let column =
        Column::parse(life.name.clone(), Path::new("settings"), &table.to_string()).ok()?;
    let beside = others
        .iter()
        .find(|other| other.name.portal() == life.name.portal());
    let portal_rules = match beside {
        Some(beside) => beside.portal_rules.clone(),
        None => Arc::new(PortalRules {
            title: settings.portal_title,
            code: settings.portal_code,
            region: settings.portal_region,
            level: settings.portal_level,
        }),
    };
    Some(Column {
        portal_rules,
        ..column
    })
}
