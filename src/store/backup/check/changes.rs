//! Reads changes, publications and pages for damage.
//!
//! Owns what must agree with them: the article that each names. Never mends one.

use sqlx::{AssertSqlSafe, FromRow};

use super::place::{CheckedRows, RowPlace, Unsealed};
use crate::store::article::PageContent;
use crate::store::rows::{
    CHANGE, DamagedRow, PAGE, StoredChange, StoredPage, StoredPublication, number, sum,
};
use crate::store::{Store, StoreError};

impl Store {
    pub(super) async fn check_changes(
        &self,
        place: &mut RowPlace,
        most: i64,
        checked: &mut CheckedRows,
    ) -> Result<Vec<Unsealed>, StoreError> {
        let query =
            format!("SELECT {CHANGE} FROM changes c WHERE c.seq > ? ORDER BY c.seq LIMIT ?");
        let rows: Vec<StoredChange> = sqlx::query_as(AssertSqlSafe(query))
            .bind(place.after)
            .bind(most)
            .fetch_all(&self.pool)
            .await?;
        let mut unsealed = Vec::new();
        for row in &rows {
            place.after = row.seq;
            checked.rows += 1;
            match row.read() {
                Err(damaged) => checked.damaged.push(damaged.at(row.seq)),
                Ok(change) if change.article.id.to_string().as_bytes() != row.article_id => {
                    let article = (row.article_id.as_slice(), row.article.as_slice());
                    let cause = "it names another article than its text";
                    let damaged = DamagedRow::new("changes", row.seq, article, cause);
                    checked.damaged.push(damaged.at(row.seq));
                }
                Ok(_) if row.sum.is_none() => {
                    unsealed.push((row.seq, sum::sum(&row.parts())));
                }
                Ok(_) => (),
            }
        }
        Ok(unsealed)
    }

    pub(super) async fn check_publications(
        &self,
        place: &mut RowPlace,
        most: i64,
        checked: &mut CheckedRows,
    ) -> Result<Vec<Unsealed>, StoreError> {
        let rows = sqlx::query(
            "SELECT p.rowid AS place, p.column_name, p.number, p.article_id, p.seq, p.backfill,
                    p.sum, c.article_id IS NOT DISTINCT FROM p.article_id AS is_its
             FROM publications p LEFT JOIN changes c ON c.seq = p.seq
             WHERE p.rowid > ? ORDER BY p.rowid LIMIT ?",
        )
        .bind(place.after)
        .bind(most)
        .fetch_all(&self.pool)
        .await?;
        let mut unsealed = Vec::new();
        for row in &rows {
            place.after = number(row, "place")?.unwrap_or(place.after);
            checked.rows += 1;
            let stored = StoredPublication::from_row(row)?;
            match stored.check() {
                Err(damaged) => checked.damaged.push(damaged.at(place.after)),
                Ok(()) if number(row, "is_its")? != Some(1) => {
                    let damaged = stored.damaged("it names another article than its change");
                    checked.damaged.push(damaged.at(place.after));
                }
                Ok(()) if stored.sum.is_none() => {
                    unsealed.push((place.after, sum::sum(&stored.parts())));
                }
                Ok(()) => (),
            }
        }
        Ok(unsealed)
    }

    pub(super) async fn check_pages(
        &self,
        place: &mut RowPlace,
        most: i64,
        checked: &mut CheckedRows,
    ) -> Result<Vec<Unsealed>, StoreError> {
        let query =
            format!("SELECT {PAGE} FROM pages p WHERE p.found > ? ORDER BY p.found LIMIT ?");
        let rows: Vec<StoredPage> = sqlx::query_as(AssertSqlSafe(query))
            .bind(place.after)
            .bind(most)
            .fetch_all(&self.pool)
            .await?;
        let mut unsealed = Vec::new();
        for row in &rows {
            place.after = row.found;
            checked.rows += 1;
            match row.read::<PageContent>() {
                Err(damaged) => checked.damaged.push(damaged.at(row.found)),
                Ok(_) if row.sum.is_none() => {
                    unsealed.push((row.found, sum::sum(&row.parts())));
                }
                Ok(_) => (),
            }
        }
        Ok(unsealed)
    }
}
