//! Recognises known rows under addresses that differ from fetch to fetch.
//!
//! Owns what is kept for that: the walk that listed a row last, and the parameters that vary in a
//! column. Never decides which row is which: `identify` does.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use url::Url;

use super::finder::{Finder, ListedItem, addresses};
use crate::identify::{CanonicalUrl, KnownRow, ListedRow, ListedRows, without_tokens};
use crate::store::StoreError;
use crate::store::driver::EngineConnection;
use crate::store::rows::{from_row, json};

/// At most this many known rows with one title are compared, the latest.
const ROWS: i64 = 200;

/// A known row of the portal.
struct Candidate {
    /// The row of the list that has its title.
    at: u32,
    column_name: String,
    canonical_url: String,
    url: String,
    row_day: Option<String>,
    walk: i64,
    listed_walk: i64,
    backfill: bool,
    waits: bool,
    is_there: bool,
}

from_row!(Candidate: at, column_name, canonical_url, url, row_day, walk, listed_walk, backfill,
          waits, is_there);

impl Finder<'_> {
    /// The items with the addresses under which they are known.
    pub(super) async fn recognise(
        &self,
        tx: &mut EngineConnection,
        items: &[ListedItem],
    ) -> Result<Vec<ListedItem>, StoreError> {
        let mut recognised = items.to_vec();
        let mut rows = Vec::with_capacity(items.len());
        let known = self.known(tx, addresses(items)).await?;
        for (item, known) in items.iter().zip(known) {
            let is_known = known.is_known();
            if is_known && !self.is_older {
                self.note_listed(tx, item).await?;
            }
            rows.push(ListedRow {
                url: &item.url,
                title: &item.title,
                day: item.published_on,
                is_known,
            });
        }
        if rows.iter().all(|row| row.is_known) {
            return Ok(recognised);
        }
        let known = self.candidates(tx, &rows).await?;
        let known_rows = known
            .iter()
            .map(|rows| rows.iter().map(|row| self.known_row(row)).collect())
            .collect::<Result<Vec<Vec<KnownRow>>, StoreError>>()?;
        let mut listed = ListedRows::new(&rows, (!self.is_older).then_some(self.walk));
        if !self.is_older {
            self.learn(tx, &listed.varying(&known_rows)).await?;
        }
        listed.leave_out(self.varying(tx).await?);
        for (at, item) in recognised.iter_mut().enumerate() {
            if rows[at].is_known {
                continue;
            }
            match listed.same_as(at, &known_rows[at]) {
                Some(same) => self.take_address(tx, item, &known[at][same]).await?,
                None => self.take_removed(tx, item).await?,
            }
        }
        Ok(recognised)
    }

    /// For each row that is not known, the known rows of the portal with its title, in the order in
    /// which they were found.
    async fn candidates(
        &self,
        tx: &mut EngineConnection,
        rows: &[ListedRow<'_>],
    ) -> Result<Vec<Vec<Candidate>>, StoreError> {
        let asked = |row: &&ListedRow<'_>| !row.is_known && !row.title.is_empty();
        let titles = rows.iter().map(|row| Some(row).filter(asked));
        let titles: Vec<Option<&str>> = titles.map(|row| row.map(|row| row.title)).collect();
        let candidates: Vec<Candidate> = sqlx::query_as(
            "SELECT j.key AS at, i.column_name, i.canonical_url, i.url, i.row_day, i.walk,
                    i.listed_walk, i.backfill,
                    i.done = 0 AND i.attempts > 0 AND p.found IS NULL AS waits,
                    COALESCE(p.gone_looks, 0) = 0 AS is_there
             FROM json_each(?2) j
             -- As a list: PostgreSQL looks into a subquery of IN once for each item there is.
             CROSS JOIN json_each((
                 SELECT json_group_array(CAST(n.rowid AS TEXT)) FROM
                     (SELECT rowid FROM items WHERE portal = ?1 AND title = j.value
                      ORDER BY rowid DESC LIMIT ?3) n)) r ON true
             -- Without CROSS, all items of the portal would be walked.
             CROSS JOIN items i ON i.rowid = CAST(r.value AS BIGINT)
             LEFT JOIN pages p ON p.portal = i.portal AND p.canonical_url = i.canonical_url
             ORDER BY j.key, i.rowid",
        )
        .bind(self.portal)
        .bind(json(&titles)?)
        .bind(ROWS)
        .fetch_all(tx)
        .await?;
        let mut by_row: Vec<Vec<Candidate>> = rows.iter().map(|_| Vec::new()).collect();
        for candidate in candidates {
            if let Some(of_row) = by_row.get_mut(candidate.at as usize) {
                of_row.push(candidate);
            }
        }
        Ok(by_row)
    }

    fn known_row(&self, row: &Candidate) -> Result<KnownRow, StoreError> {
        let day = row.row_day.as_deref().map(str::parse::<NaiveDate>);
        let is_own = row.column_name == self.column.as_str();
        let walks = (row.walk, row.listed_walk.max(row.walk));
        Ok(KnownRow {
            url: Url::parse(&row.url).map_err(|e| StoreError::unreadable("listed URL", e))?,
            day: day
                .transpose()
                .map_err(|e| StoreError::unreadable("listed day", e))?,
            is_own,
            walks: (is_own && !row.backfill).then_some(walks),
            is_there: row.is_there,
        })
    }

    /// Gives an item the address under which it is known. A row that could not be read so far takes
    /// the new address instead: nothing was made of the old one yet, and it may have run out.
    async fn take_address(
        &self,
        tx: &mut EngineConnection,
        item: &mut ListedItem,
        known: &Candidate,
    ) -> Result<(), StoreError> {
        if known.waits && known.column_name == self.column.as_str() {
            sqlx::query(
                "UPDATE items SET canonical_url = ?, url = ?
                 WHERE column_name = ? AND canonical_url = ?",
            )
            .bind(CanonicalUrl::from(&item.url).as_str())
            .bind(item.url.as_str())
            .bind(&known.column_name)
            .bind(&known.canonical_url)
            .execute(tx)
            .await?;
            return Ok(());
        }
        item.url = Url::parse(&known.url).map_err(|e| StoreError::unreadable("listed URL", e))?;
        Ok(())
    }

    /// The same for a row of an article that was removed.
    async fn take_removed(
        &self,
        tx: &mut EngineConnection,
        item: &mut ListedItem,
    ) -> Result<(), StoreError> {
        let Some(bare) = without_tokens(&item.url) else {
            return Ok(());
        };
        let removed: Vec<String> =
            sqlx::query_scalar("SELECT canonical_url FROM removed_urls WHERE portal = ?")
                .bind(self.portal)
                .fetch_all(tx)
                .await?;
        let urls = removed
            .iter()
            .filter_map(|removed| Url::parse(&format!("{}://{removed}", item.url.scheme())).ok());
        for url in urls {
            if without_tokens(&url).as_ref() == Some(&bare) {
                item.url = url;
                return Ok(());
            }
        }
        Ok(())
    }

    async fn learn(
        &self,
        tx: &mut EngineConnection,
        names: &BTreeSet<String>,
    ) -> Result<(), StoreError> {
        for name in names {
            sqlx::query(
                "INSERT INTO varying_parameters (column_name, name) VALUES (?, ?)
                 ON CONFLICT DO NOTHING",
            )
            .bind(self.column.as_str())
            .bind(name)
            .execute(&mut *tx)
            .await?;
        }
        Ok(())
    }

    /// The names of the parameters that vary in the column.
    async fn varying(&self, tx: &mut EngineConnection) -> Result<BTreeSet<String>, StoreError> {
        let names: Vec<String> =
            sqlx::query_scalar("SELECT name FROM varying_parameters WHERE column_name = ?")
                .bind(self.column.as_str())
                .fetch_all(tx)
                .await?;
        Ok(names.into_iter().collect())
    }

    /// Notes that a run's walk lists this very address. That is asked only of those with parameters.
    async fn note_listed(
        &self,
        tx: &mut EngineConnection,
        item: &ListedItem,
    ) -> Result<(), StoreError> {
        if item.url.query().is_none() && !item.url.path().contains([';', '(']) {
            return Ok(());
        }
        sqlx::query(
            "UPDATE items SET listed_walk = ?1
             WHERE column_name = ?2 AND canonical_url = ?3 AND listed_walk < ?1",
        )
        .bind(self.walk)
        .bind(self.column.as_str())
        .bind(CanonicalUrl::from(&item.url).as_str())
        .execute(tx)
        .await?;
        Ok(())
    }
}
