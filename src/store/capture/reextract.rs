//! Pages read anew from the archive, by today's rules.
//!
//! Owns the limits of such a change: the content may change, but never the time of first sight, the
//! next recheck, or whether the page is gone. Never reads the archive.

use sqlx::AssertSqlSafe;

use super::Captures;
use super::archived::{ArchivedPage, Position};
use crate::identify::CanonicalUrl;
use crate::model::{Article, Change, IndexNumber, Timestamp};
use crate::store::StoreError;
use crate::store::article::{
    By, PageContent, PageRow, ReadPage, SELECT_PAGES, becomes_template, field_names,
    note_template_title, seal, settle, texts,
};
use crate::store::driver::EngineConnection;
use crate::store::rows::{CHANGE, StoredChange, part};

/// A page that today's rules read differently.
#[derive(Clone, Debug)]
pub struct Reread {
    /// The page as it stands in the store.
    pub page: ArchivedPage,
    /// The page as read now.
    pub read: ReadPage,
}

/// The progress of a re-extraction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// A fingerprint of all its rules.
    pub rules: String,
    /// The page that was handled last.
    pub position: Position,
    /// The number of pages handled.
    pub pages: i64,
}

/// The result for a page that is read differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rewritten {
    /// It has the content that is read now.
    Done,
    /// The content that is read now has no likeness to the former one: nothing was saved.
    Doubtful,
    /// A run has read the page meanwhile: nothing was saved.
    Overtaken,
}

/// The results for pages that are read differently, and for their articles.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reextraction {
    /// One result a page, in the order given.
    pub pages: Vec<Rewritten>,
    /// The changes of articles, each with the article as it was before.
    pub changes: Vec<(Change, Option<Article>)>,
}

impl Captures<'_> {
    /// Saves pages as today's rules read them, and the checkpoint, in one transaction. Without a
    /// checkpoint nothing is written: the results are computed and rolled back.
    pub async fn reextract(
        self,
        now: Timestamp,
        pages: &[Reread],
        checkpoint: Option<&Checkpoint>,
    ) -> Result<Reextraction, StoreError> {
        let mut tx = self.store.begin().await?;
        if checkpoint.is_none() && !tx.is_postgres() {
            // Otherwise a large article might reach the log before the rollback.
            sqlx::query("PRAGMA cache_spill = OFF")
                .execute(&mut *tx)
                .await?;
        }
        let last: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(seq), 0) FROM changes")
            .fetch_one(&mut *tx)
            .await?;
        let mut done = Reextraction::default();
        for page in pages {
            done.pages.push(rewrite(&mut tx, now, page).await?);
        }
        done.changes = changes_after(&mut tx, last).await?;
        match checkpoint {
            Some(checkpoint) => {
                note(&mut tx, checkpoint).await?;
                tx.commit().await?;
            }
            None => tx.rollback().await?,
        }
        Ok(done)
    }

    /// The checkpoint of an unfinished re-extraction by these rules.
    pub async fn checkpoint(self, rules: &str) -> Result<Option<Checkpoint>, StoreError> {
        let row: Option<(String, i64, i64, i64)> = sqlx::query_as(
            "SELECT file, \"offset\", found, pages FROM reextractions WHERE rules = ?",
        )
        .bind(rules)
        .fetch_optional(&self.store.pool)
        .await?;
        Ok(row.map(|(file, offset, found, pages)| Checkpoint {
            rules: rules.to_owned(),
            position: Position {
                file,
                offset,
                found,
            },
            pages,
        }))
    }

    /// Deletes all checkpoints: one re-extraction is done, and the rules of all others are out of
    /// date.
    pub async fn end_reextractions(self) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM reextractions")
            .execute(&self.store.pool)
            .await?;
        Ok(())
    }
}

async fn note(tx: &mut EngineConnection, checkpoint: &Checkpoint) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO reextractions (rules, file, \"offset\", found, pages) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (rules) DO UPDATE SET file = ?2, \"offset\" = ?3, found = ?4, pages = ?5",
    )
    .bind(&checkpoint.rules)
    .bind(&checkpoint.position.file)
    .bind(checkpoint.position.offset)
    .bind(checkpoint.position.found)
    .bind(checkpoint.pages)
    .execute(tx)
    .await?;
    Ok(())
}

async fn rewrite(
    tx: &mut EngineConnection,
    now: Timestamp,
    reread: &Reread,
) -> Result<Rewritten, StoreError> {
    let Reread { page, read } = reread;
    let query = format!("{SELECT_PAGES} WHERE p.found = ? AND p.capture = ?");
    let row: Option<PageRow> = sqlx::query_as(AssertSqlSafe(query))
        .bind(page.position.found)
        .bind(page.capture)
        .fetch_optional(&mut *tx)
        .await?;
    let Some(row) = row.filter(|row| row.content_sha256 == page.content_sha256) else {
        return Ok(Rewritten::Overtaken);
    };
    if is_doubtful(&row.content()?, page, read) {
        return Ok(Rewritten::Doubtful);
    }
    write_page(tx, page, read).await?;
    if let (Some(column), Some(title)) = (&read.reading.read_by, &read.reading.own_title) {
        note_template_title(tx, column, title).await?;
    }
    // The article takes the text anew, even if only white space differs.
    sqlx::query("UPDATE articles SET adopted_sha256 = '' WHERE id = ? AND primary_url = ?")
        .bind(&row.article_id)
        .bind(&row.canonical_url)
        .execute(&mut *tx)
        .await?;
    let loosened = match &read.content.metadata.index_number {
        Some(number) => becomes_template(tx, &page.portal, number).await?,
        None => false,
    };
    let url = CanonicalUrl::from_stored(row.canonical_url);
    settle(tx, now, read, &url, loosened, By::Rules).await?;
    Ok(Rewritten::Done)
}

/// Whether the content has no likeness to the former reading of the same bytes. Then the new rules
/// are likely wrong, unless the charset differs. Another number means nothing here: the same bytes
/// cannot be another document.
fn is_doubtful(before: &PageContent, page: &ArchivedPage, read: &ReadPage) -> bool {
    let (was, is) = (before.fingerprint(), read.content.fingerprint());
    let then = page.charset.as_ref().map(|(name, _)| name.as_str());
    let now = read.reading.charset.map(|charset| charset.name);
    let is_decoded_anew = then.is_some() && then != now;
    (!before.body.is_empty() && read.content.body.is_empty())
        || (was.has_lost_nearly_all(&is) && read.content.body.is_bare())
        || (!was.is_like(&is) && before.body != read.content.body && !is_decoded_anew)
}

async fn write_page(
    tx: &mut EngineConnection,
    page: &ArchivedPage,
    read: &ReadPage,
) -> Result<(), StoreError> {
    let fingerprint = read.content.fingerprint();
    let json = serde_json::to_string(&read.content)
        .map_err(|e| StoreError::unreadable(page.url.as_str(), e))?;
    let parted = part(&json);
    let text = texts::put(tx, &parted).await?;
    let number = read.content.metadata.index_number.as_ref();
    let (charset, decided, replaced) = match read.reading.charset {
        Some(charset) => (
            Some(charset.name),
            Some(charset.found),
            Some(charset.replaced),
        ),
        None => (None, None, None),
    };
    sqlx::query(
        "UPDATE pages SET index_number = ?, title_fold = ?, day = ?, content = ?, text_id = ?,
             content_sha256 = ?, charset = ?, charset_found = ?, replaced = ?, read_by = ?,
             read_ms = ?, kept = ?
         WHERE found = ?",
    )
    .bind(number.map(IndexNumber::as_str))
    .bind(&fingerprint.title)
    .bind(fingerprint.day.map(|day| day.to_string()))
    .bind(parted.json.as_ref())
    .bind(text)
    .bind(read.content.sha256(&[&read.url, &read.found_at]))
    .bind(charset)
    .bind(decided.map(|decided| decided.to_string()))
    .bind(replaced.map(|replaced| i64::try_from(replaced).unwrap_or(i64::MAX)))
    .bind(read.reading.read_by.as_ref().map(|name| name.as_str()))
    // Dates are judged by the day of the first reading, whenever the page is read again.
    .bind(page.is_exact.then_some(page.read_at.millis()))
    .bind(field_names(&read.reading.kept))
    .bind(page.position.found)
    .execute(&mut *tx)
    .await?;
    seal(tx, page.position.found).await
}

async fn changes_after(
    tx: &mut EngineConnection,
    last: i64,
) -> Result<Vec<(Change, Option<Article>)>, StoreError> {
    let query = format!("SELECT {CHANGE} FROM changes c WHERE c.seq > ? ORDER BY c.seq");
    let rows: Vec<StoredChange> = sqlx::query_as(AssertSqlSafe(query))
        .bind(last)
        .fetch_all(&mut *tx)
        .await?;
    let query = format!(
        "SELECT {CHANGE} FROM changes c WHERE c.article_id = ? AND c.seq < ?
         ORDER BY c.seq DESC LIMIT 1"
    );
    let mut changes = Vec::with_capacity(rows.len());
    for row in rows {
        let before: Option<StoredChange> = sqlx::query_as(AssertSqlSafe(query.clone()))
            .bind(String::from_utf8_lossy(&row.article_id).into_owned())
            .bind(row.seq)
            .fetch_optional(&mut *tx)
            .await?;
        let before = before.and_then(|before| before.read().ok());
        changes.push((row.read()?, before.map(|change| change.article)));
    }
    Ok(changes)
}
