//! Reads articles and changes past damaged rows.
//!
//! Owns what stands for a damaged row: an article's state stands in `articles` and in its last
//! change, alike, and each is taken where the other is damaged. What stands nowhere is left out, and
//! noted as damage. Never writes.

use sqlx::AssertSqlSafe;

use crate::model::{Article, Change, WrittenChange};
use crate::store::driver::EngineConnection;
use crate::store::rows::{ARTICLE, CHANGE, DamagedRow, StoredArticle, StoredChange, sum};
use crate::store::{Store, StoreError};

impl Store {
    /// The article of a row, or its state from its last change; `None` where both are damaged.
    pub(in crate::store) async fn sound(
        &self,
        row: StoredArticle,
    ) -> Result<Option<Article>, StoreError> {
        let damaged = match row.read() {
            Ok(article) => return Ok(Some(article)),
            Err(damaged) => damaged,
        };
        self.note_damage(damaged);
        last_state(&mut *self.pool.acquire().await?, &row.id).await
    }

    /// The same in the JSON in which it is published.
    pub(in crate::store) async fn sound_written(
        &self,
        row: StoredArticle,
    ) -> Result<Option<String>, StoreError> {
        if let Ok(written) = row.written() {
            return Ok(Some(written));
        }
        let article = self.sound(row).await?;
        article.as_ref().map(json_of).transpose()
    }

    /// The articles of these rows, without those that are nowhere whole.
    pub(in crate::store) async fn all_sound(
        &self,
        rows: Vec<StoredArticle>,
    ) -> Result<Vec<Article>, StoreError> {
        let mut articles = Vec::with_capacity(rows.len());
        for row in rows {
            articles.extend(self.sound(row).await?);
        }
        Ok(articles)
    }

    /// The change of a row; where its text is damaged and it is the article's last one, with the
    /// text of the article. `None` where it is nowhere whole.
    pub(in crate::store) async fn sound_change(
        &self,
        row: StoredChange,
    ) -> Result<Option<Change>, StoreError> {
        let damaged = match row.read() {
            Ok(change) => return Ok(Some(change)),
            Err(damaged) => damaged,
        };
        self.note_damage(damaged);
        let mended = mended_change(&mut *self.pool.acquire().await?, &row).await?;
        Ok(mended.and_then(|row| row.read().ok()))
    }

    /// The same as it is published.
    pub(in crate::store) async fn sound_written_change(
        &self,
        row: StoredChange,
    ) -> Result<Option<WrittenChange>, StoreError> {
        if let Ok(written) = row.written() {
            return Ok(Some(written));
        }
        let Some(change) = self.sound_change(row).await? else {
            return Ok(None);
        };
        Ok(Some(WrittenChange {
            seq: change.seq,
            kind: change.kind,
            at: change.at,
            article: json_of(&change.article)?,
        }))
    }

    /// The changes of these rows, without those that are nowhere whole.
    pub(in crate::store) async fn all_sound_changes(
        &self,
        rows: Vec<StoredChange>,
    ) -> Result<Vec<Change>, StoreError> {
        let mut changes = Vec::with_capacity(rows.len());
        for row in rows {
            changes.extend(self.sound_change(row).await?);
        }
        Ok(changes)
    }
}

fn json_of(article: &Article) -> Result<String, StoreError> {
    serde_json::to_string(article).map_err(|e| StoreError::unreadable("article", e))
}

/// The article of a row that is about to be written, or its state from its last change.
pub(in crate::store) async fn sound_in(
    connection: &mut EngineConnection,
    row: &StoredArticle,
) -> Result<Article, StoreError> {
    match row.read() {
        Ok(article) => Ok(article),
        Err(damaged) => match last_state(connection, &row.id).await? {
            Some(article) => Ok(article),
            None => Err(damaged.into()),
        },
    }
}

/// The article of this id as it is stored.
pub(in crate::store) async fn stored(
    connection: &mut EngineConnection,
    id: &str,
) -> Result<Option<StoredArticle>, StoreError> {
    let query = format!("SELECT {ARTICLE} FROM articles a WHERE a.id = ? AND article IS NOT NULL");
    Ok(sqlx::query_as(AssertSqlSafe(query))
        .bind(id)
        .fetch_optional(connection)
        .await?)
}

/// What an article's last change says of it, if that row is whole.
async fn last_state(
    connection: &mut EngineConnection,
    id: &[u8],
) -> Result<Option<Article>, StoreError> {
    let last = last_change(connection, id).await?;
    Ok(last
        .and_then(|row| row.read().ok())
        .map(|change| change.article))
}

/// An article's last change as it is stored.
pub(in crate::store) async fn last_change(
    connection: &mut EngineConnection,
    id: &[u8],
) -> Result<Option<StoredChange>, StoreError> {
    let query = format!(
        "SELECT {CHANGE} FROM changes c WHERE c.article_id = ? ORDER BY c.seq DESC LIMIT 1"
    );
    Ok(sqlx::query_as(AssertSqlSafe(query))
        .bind(String::from_utf8_lossy(id).into_owned())
        .fetch_optional(connection)
        .await?)
}

/// An article's last change with the article's own text, if that makes it whole.
pub(in crate::store) async fn mended_change(
    connection: &mut EngineConnection,
    row: &StoredChange,
) -> Result<Option<StoredChange>, StoreError> {
    let last = last_change(connection, &row.article_id).await?;
    if last.is_none_or(|last| last.seq != row.seq) {
        return Ok(None);
    }
    let id = String::from_utf8_lossy(&row.article_id).into_owned();
    let own = stored(connection, &id).await?;
    let own = own.filter(|own| own.read().is_ok());
    let mended = own.and_then(|own| own.article).map(|article| StoredChange {
        article,
        ..row.clone()
    });
    Ok(mended.filter(|row| Some(sum::sum(&row.parts())) == row.sum))
}

impl From<DamagedRow> for StoreError {
    fn from(row: DamagedRow) -> Self {
        Self::Row(Box::new(row))
    }
}
