//! Brings a store to the schema of this dibao.
//!
//! Owns when that happens beside other processes, and when not; and which older dibao may use the store
//! then. Never holds a step.

use super::{are_additive, migrator, newest, oldest};
use crate::store::driver::{Begin, Connections, connect_alone};
use crate::store::{Store, StoreError};

/// The key of `meta` with the oldest schema whose dibao may use the store, if older ones may.
const OLDEST: &str = "oldest_schema";

impl Store {
    /// Takes the steps that the store has not taken, all of them or none: a kill leaves it as it was,
    /// and a new store needs one sync instead of two a step. A store that took them all is only read.
    pub(in crate::store) async fn migrate(&self) -> Result<(), StoreError> {
        let mut steps = migrator(self.is_postgres());
        let known = newest(&steps);
        let failed = |e| StoreError::migrating(&self.file, e);
        let took = self.schema().await;
        if let Some(took) = took.filter(|took| *took >= known) {
            let is_newer = took > known;
            steps.set_ignore_missing(is_newer && self.may_be_used_from(known).await?);
            let mut connection = self.pool.acquire().await?;
            return connection.migrate(&steps).await.map_err(failed);
        }
        let alone = match took {
            Some(took) if !are_additive(took, known) => Some(self.alone().await?),
            _ => None,
        };
        let mut tx = alone
            .as_ref()
            .unwrap_or(&self.writer)
            .begin(Begin::Migrate)
            .await?;
        tx.migrate(&steps).await.map_err(failed)?;
        sqlx::query("DELETE FROM meta WHERE key = ?")
            .bind(OLDEST)
            .execute(&mut *tx)
            .await?;
        if let Some(oldest) = oldest(known) {
            sqlx::query("INSERT INTO meta (key, value) VALUES (?, ?)")
                .bind(OLDEST)
                .bind(oldest.to_string())
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        if let Some(alone) = alone {
            alone.close().await;
        }
        Ok(())
    }

    /// A connection that has the store alone. Processes of an older dibao would go on, and read and
    /// write rows that are not as they know them.
    async fn alone(&self) -> Result<Connections, StoreError> {
        self.pool.let_go().await;
        self.writer.let_go().await;
        let connection = connect_alone(&self.place).await?;
        let options = self.place.options(false)?.alone();
        Ok(Connections::of(options, connection))
    }

    /// The version of the schema; `None` for a new store.
    pub(in crate::store) async fn schema(&self) -> Option<i64> {
        let version = sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations");
        version.fetch_one(&self.pool).await.ok()?
    }

    /// Refuses a store of a newer schema than this dibao's, although it may be used.
    pub(in crate::store) async fn refuse_newer(&self) -> Result<(), StoreError> {
        let known = newest(&migrator(self.is_postgres()));
        match self.schema().await.filter(|version| *version > known) {
            Some(version) => Err(StoreError::Newer {
                file: self.file.clone(),
                version,
            }),
            None => Ok(()),
        }
    }

    /// Whether a dibao that knows this schema may use the store, whose schema is newer.
    async fn may_be_used_from(&self, known: i64) -> Result<bool, StoreError> {
        let oldest: Option<String> = sqlx::query_scalar("SELECT value FROM meta WHERE key = ?")
            .bind(OLDEST)
            .fetch_optional(&self.pool)
            .await?;
        Ok(oldest.is_some_and(|oldest| oldest.parse().is_ok_and(|oldest: i64| oldest <= known)))
    }
}
