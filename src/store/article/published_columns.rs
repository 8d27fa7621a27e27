//! The columns as they were published.
//!
//! Owns their record, and that a damaged row counts as none: the column is rendered anew. Never
//! renders a file.

use std::collections::{BTreeMap, BTreeSet};

use super::Published;
use crate::model::ColumnName;
use crate::store::StoreError;
use crate::store::driver::EngineConnection;
use crate::store::rows::sum::{self, Part};

/// A column as it was published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublishedColumn {
    /// A fingerprint of what its files take from the configuration.
    pub fingerprint: String,
    /// How many articles it had.
    pub articles: u64,
    /// Its part of the catalogue.
    pub section: String,
}

/// A row, its texts as they are stored.
type Row = (Vec<u8>, Vec<u8>, i64, Vec<u8>, Option<i64>);

impl Published<'_> {
    /// The columns as they were published. One whose row is damaged is not among them.
    pub async fn columns(self) -> Result<BTreeMap<String, PublishedColumn>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT column_name, fingerprint, articles,
                    section, sum
             FROM published_columns",
        )
        .fetch_all(&self.store.pool)
        .await?;
        Ok(rows.into_iter().filter_map(whole).collect())
    }
}

/// The column of this row, if its checksum is right.
fn whole((name, fingerprint, articles, section, stored): Row) -> Option<(String, PublishedColumn)> {
    let is_whole = stored == Some(sum_of(&name, &fingerprint, articles, &section));
    let text = |bytes| String::from_utf8(bytes).ok().filter(|_| is_whole);
    let column = PublishedColumn {
        fingerprint: text(fingerprint)?,
        articles: u64::try_from(articles).ok()?,
        section: text(section)?,
    };
    Some((text(name)?, column))
}

fn sum_of(name: &[u8], fingerprint: &[u8], articles: i64, section: &[u8]) -> i64 {
    let [name, fingerprint, section] = [name, fingerprint, section].map(Part::Text);
    sum::sum(&[name, fingerprint, Part::Number(articles), section])
}

/// Writes the columns that were rendered, and deletes those that are published no more.
pub(super) async fn write(
    tx: &mut EngineConnection,
    columns: &BTreeMap<ColumnName, PublishedColumn>,
    gone: &BTreeSet<String>,
) -> Result<(), StoreError> {
    for (name, column) in columns {
        let PublishedColumn {
            fingerprint,
            articles,
            section,
        } = column;
        let articles = i64::try_from(*articles).unwrap_or(i64::MAX);
        let sum = sum_of(
            name.as_str().as_bytes(),
            fingerprint.as_bytes(),
            articles,
            section.as_bytes(),
        );
        sqlx::query(
            "INSERT INTO published_columns
                 (column_name, fingerprint, articles, section, sum)
             VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (column_name) DO UPDATE SET fingerprint = excluded.fingerprint,
                 articles = excluded.articles, section = excluded.section, sum = excluded.sum",
        )
        .bind(name.as_str())
        .bind(fingerprint)
        .bind(articles)
        .bind(section)
        .bind(sum)
        .execute(&mut *tx)
        .await?;
    }
    for name in gone {
        sqlx::query("DELETE FROM published_columns WHERE column_name = ?")
            .bind(name)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}
