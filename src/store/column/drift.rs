//! The pages that a column has shown lately, and its deviations from the baseline.
//!
//! Owns the part of drift detection that outlives a run. Never judges it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use url::Url;

use super::Columns;
use crate::identify::CanonicalUrl;
use crate::model::{ColumnName, Field, Provenance, Timestamp};
use crate::store::StoreError;
use crate::store::rows::json;

/// This many lengths of the first list page are kept.
const LENGTHS: i64 = 20;

/// An article page that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its URL.
    pub url: Url,
    /// When it was read.
    pub at: Timestamp,
    /// Whether its article was new; otherwise it was a recheck.
    pub is_new: bool,
    /// The features of the page.
    pub shows: Shows,
}

/// The features of an article page by which pages are compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shows {
    /// The fields on it.
    pub fields: Vec<Field>,
    /// The characters of its text, without white space.
    pub text: usize,
    /// Whether it had no picture and no file.
    pub is_bare: bool,
    /// Where each value was found.
    pub found: Provenance,
    /// The feed file's rules for fields that matched nothing on the page: `article.body = "#zoom"`.
    pub unmatched: BTreeMap<Field, String>,
}

impl Columns<'_> {
    /// The pages that the column's runs read last, the newest first.
    pub async fn shown(self, column: &ColumnName) -> Result<Vec<Shown>, StoreError> {
        let rows: Vec<(bool, String, i64, String)> = sqlx::query_as(
            "SELECT is_new, url, at_ms, shows FROM shown
             WHERE column_name = ? ORDER BY at_ms DESC, rowid DESC",
        )
        .bind(column.as_str())
        .fetch_all(&self.store.pool)
        .await?;
        rows.into_iter()
            .map(|(is_new, url, at, shows)| {
                let broken = |cause: String| StoreError::unreadable(format!("shown {url}"), cause);
                Ok(Shown {
                    url: Url::parse(&url).map_err(|e| broken(e.to_string()))?,
                    at: Timestamp::from_millis(at)
                        .ok_or_else(|| broken("time out of range".to_owned()))?,
                    is_new,
                    shows: serde_json::from_str(&shows).map_err(|e| broken(e.to_string()))?,
                })
            })
            .collect()
    }

    /// Replaces the stored list of pages that the column's runs read last. The order is kept.
    pub async fn note_shown(self, column: &ColumnName, pages: &[&Shown]) -> Result<(), StoreError> {
        let mut tx = self.store.begin_note().await?;
        sqlx::query("DELETE FROM shown WHERE column_name = ?")
            .bind(column.as_str())
            .execute(&mut *tx)
            .await?;
        let mut rows = Vec::with_capacity(pages.len());
        for page in pages {
            let url = CanonicalUrl::from(&page.url).as_str().to_owned();
            let shows = json(&page.shows)?;
            rows.push((
                i64::from(page.is_new),
                url,
                page.url.as_str(),
                page.at.millis(),
                shows,
            ));
        }
        sqlx::query(
            "INSERT INTO shown (column_name, is_new, canonical_url, url, at_ms, shows)
             SELECT ?1, CAST(value ->> 0 AS BIGINT), value ->> 1, value ->> 2,
                    CAST(value ->> 3 AS BIGINT), value ->> 4
             FROM json_each(?2) WHERE true ORDER BY key",
        )
        .bind(column.as_str())
        .bind(json(&rows)?)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The numbers of items on the first list page at this URL, the newest first.
    pub async fn list_lengths(
        self,
        column: &ColumnName,
        url: &str,
    ) -> Result<Vec<i64>, StoreError> {
        Ok(sqlx::query_scalar(
            "SELECT items FROM list_lengths WHERE column_name = ? AND url = ?
             ORDER BY id DESC LIMIT ?",
        )
        .bind(column.as_str())
        .bind(url)
        .bind(LENGTHS)
        .fetch_all(&self.store.pool)
        .await?)
    }

    /// Stores the number of items on the first list page, and deletes the oldest numbers.
    pub async fn note_list_length(
        self,
        column: &ColumnName,
        url: &str,
        items: usize,
    ) -> Result<(), StoreError> {
        let mut tx = self.store.begin_note().await?;
        sqlx::query(
            "DELETE FROM list_lengths WHERE column_name = ?1 AND id NOT IN
                 (SELECT id FROM list_lengths WHERE column_name = ?1 AND url = ?2
                  ORDER BY id DESC LIMIT ?3)",
        )
        .bind(column.as_str())
        .bind(url)
        .bind(LENGTHS - 1)
        .execute(&mut *tx)
        .await?;
        sqlx::query("INSERT INTO list_lengths (column_name, url, items) VALUES (?, ?, ?)")
            .bind(column.as_str())
            .bind(url)
            .bind(i64::try_from(items).unwrap_or(i64::MAX))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Deletes the numbers of items on the first list page.
    pub async fn forget_list_lengths(self, column: &ColumnName) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM list_lengths WHERE column_name = ?")
            .bind(column.as_str())
            .execute(&self.store.writer)
            .await?;
        Ok(())
    }

    /// The column's deviations from the baseline, each with its start.
    pub async fn drifts(
        self,
        column: &ColumnName,
    ) -> Result<BTreeMap<String, Timestamp>, StoreError> {
        let rows: Vec<(String, i64)> =
            sqlx::query_as("SELECT what, since_ms FROM drifts WHERE column_name = ?")
                .bind(column.as_str())
                .fetch_all(&self.store.pool)
                .await?;
        rows.into_iter()
            .map(|(what, since)| {
                let since = Timestamp::from_millis(since)
                    .ok_or_else(|| StoreError::unreadable("drift", "time out of range"))?;
                Ok((what, since))
            })
            .collect()
    }

    /// Replaces the column's deviations from the baseline.
    pub async fn note_drifts(
        self,
        column: &ColumnName,
        drifts: &BTreeMap<String, Timestamp>,
    ) -> Result<(), StoreError> {
        let mut tx = self.store.begin_note().await?;
        sqlx::query("DELETE FROM drifts WHERE column_name = ?")
            .bind(column.as_str())
            .execute(&mut *tx)
            .await?;
        for (what, since) in drifts {
            sqlx::query("INSERT INTO drifts (column_name, what, since_ms) VALUES (?, ?, ?)")
                .bind(column.as_str())
                .bind(what)
                .bind(since.millis())
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// The newest days of items on the column's list, up to `today`, the newest first, without
    /// backfilled items.
    pub async fn listed_days(
        self,
        column: &ColumnName,
        today: NaiveDate,
        limit: usize,
    ) -> Result<Vec<NaiveDate>, StoreError> {
        let days: Vec<String> = sqlx::query_scalar(
            "SELECT DISTINCT listed_on FROM items
             WHERE column_name = ? AND backfill = 0 AND listed_on <= ?
             ORDER BY listed_on DESC LIMIT ?",
        )
        .bind(column.as_str())
        .bind(today.to_string())
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&self.store.pool)
        .await?;
        days.iter()
            .map(|day| {
                day.parse()
                    .map_err(|e| StoreError::unreadable("listed day", e))
            })
            .collect()
    }
}
