//! The index of words: updated with each change, rebuilt if its version differs.
//!
//! Owns the words of an article. Never searches.

use chrono::{Datelike, NaiveDate};
use sqlx::{AssertSqlSafe, FromRow, Row};

use super::Search;
use super::words;
use crate::model::{Article, Metadata};
use crate::search::{GAP, fold, write_indexed};
use crate::store::article::sound_in;
use crate::store::driver::EngineConnection;
use crate::store::rows::{ARTICLE, StoredArticle, json};
use crate::store::{Store, StoreError};

/// The version: it rises with every change to the contents of the index.
const VERSION: &str = "2";
/// One transaction indexes this many articles. Others wait for it.
const BATCH: usize = 100;

/// The places of live articles begin here, behind those of all backfilled ones.
const LIVE: i64 = 1 << 60;
/// Backfilled articles of one day have so many places.
const OF_DAY: i64 = 1 << 20;

/// The place of an article, by which the index is sorted: that of the change by which it first
/// entered a live feed. What only backfills brought comes before, by its day.
fn place(live: Option<i64>, day: NaiveDate, added: i64) -> i64 {
    match live {
        Some(seq) => LIVE + seq,
        None => i64::from(day.num_days_from_ce()) * OF_DAY + added % OF_DAY,
    }
}

/// Puts an article into the index as it is now, once its publications are written.
pub(in crate::store) async fn index(
    tx: &mut EngineConnection,
    article: &Article,
) -> Result<(), StoreError> {
    let Metadata {
        issuer,
        published_on,
        ..
    } = &article.metadata;
    let day = published_on.unwrap_or_else(|| article.first_seen_at.date());
    let id = article.id.to_string();
    let (known, live, added): (Option<i64>, Option<i64>, i64) = sqlx::query_as(
        "SELECT (SELECT doc FROM search_articles WHERE id = ?1),
                (SELECT MIN(seq) FROM publications WHERE article_id = ?1 AND backfill = 0),
                COALESCE((SELECT added_seq FROM articles WHERE id = ?1), 0)",
    )
    .bind(&id)
    .fetch_one(&mut *tx)
    .await?;
    if let Some(doc) = known {
        sqlx::query("DELETE FROM search_articles WHERE doc = ?")
            .bind(doc)
            .execute(&mut *tx)
            .await?;
        forget(tx, doc).await?;
    }
    let (mut doc, mut is_free) = (place(live, day, added), false);
    while !is_free {
        let inserted = sqlx::query(
            "INSERT INTO search_articles
                 (doc, id, portal, issuer, day, live_seq, withdrawn, added_seq, updated_ms)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (doc) DO NOTHING",
        )
        .bind(doc)
        .bind(&id)
        .bind(&article.portal)
        .bind(issuer.as_deref().map(folded))
        .bind(day.to_string())
        .bind(live)
        .bind(article.withdrawn_at.is_some())
        .bind(added)
        .bind(article.updated_at.millis())
        .execute(&mut *tx)
        .await?;
        is_free = inserted.rows_affected() > 0;
        doc += i64::from(!is_free);
    }
    let Metadata {
        subject_terms,
        topic_category,
        ..
    } = &article.metadata;
    let categories = subject_terms.iter().chain(topic_category);
    let categories: Vec<String> = categories.map(|category| folded(category)).collect();
    // No search finds the words of a withdrawn one.
    let has_words = article.withdrawn_at.is_none();
    sqlx::query(
        "INSERT INTO search_columns (column_name, doc, added_seq, day, updated_ms, withdrawn)
         SELECT value, ?1, ?2, ?3, ?4, ?5 FROM json_each(?6) WHERE true ON CONFLICT DO NOTHING;
         INSERT INTO search_categories (category, doc, added_seq, day, updated_ms, withdrawn)
         SELECT value, ?1, ?2, ?3, ?4, ?5 FROM json_each(?7) WHERE true ON CONFLICT DO NOTHING",
    )
    .bind(doc)
    .bind(added)
    .bind(day.to_string())
    .bind(article.updated_at.millis())
    .bind(!has_words)
    .bind(json(&article.columns)?)
    .bind(json(&categories)?)
    .execute(&mut *tx)
    .await?;
    match has_words {
        true => write_words(tx, doc, article).await,
        false => Ok(()),
    }
}

async fn write_words(
    tx: &mut EngineConnection,
    doc: i64,
    article: &Article,
) -> Result<(), StoreError> {
    let title = apart([article.title.as_str()]);
    words::write(tx, doc, [title, terms(article), body(article)]).await
}

/// Writes the words of the articles whose rows of the index were copied from another store: of some
/// that come after this place. Returns how many these were, and the last place.
pub(in crate::store) async fn write_words_after(
    tx: &mut EngineConnection,
    place: i64,
) -> Result<(usize, i64), StoreError> {
    let query = format!(
        "SELECT s.doc, {ARTICLE} FROM search_articles s JOIN articles a ON a.id = s.id
         WHERE s.withdrawn = 0 AND s.doc > ? ORDER BY s.doc LIMIT ?"
    );
    let rows = sqlx::query(AssertSqlSafe(query))
        .bind(place)
        .bind(i64::try_from(BATCH).unwrap_or(i64::MAX))
        .fetch_all(&mut *tx)
        .await?;
    let mut last = place;
    for row in &rows {
        last = row.try_get("doc")?;
        let article = sound_in(tx, &StoredArticle::from_row(row)?).await?;
        write_words(tx, last, &article).await?;
    }
    Ok((rows.len(), last))
}

/// Takes an article out of the index, so that the database's file keeps no word of it. Its tombstone
/// may enter it again, which has no word.
pub(in crate::store) async fn unindex(
    tx: &mut EngineConnection,
    id: &str,
) -> Result<(), StoreError> {
    let doc: Option<i64> =
        sqlx::query_scalar("DELETE FROM search_articles WHERE id = ? RETURNING doc")
            .bind(id)
            .fetch_optional(&mut *tx)
            .await?;
    if let Some(doc) = doc {
        forget(tx, doc).await?;
        words::shred(tx).await?;
    }
    Ok(())
}

async fn forget(tx: &mut EngineConnection, doc: i64) -> Result<(), StoreError> {
    for statement in [
        "DELETE FROM search_columns WHERE doc = ?",
        "DELETE FROM search_categories WHERE doc = ?",
        "DELETE FROM search_words WHERE rowid = ?",
    ] {
        sqlx::query(statement).bind(doc).execute(&mut *tx).await?;
    }
    Ok(())
}

/// Indexes an article, unless a change has indexed it meanwhile.
async fn index_missing(tx: &mut EngineConnection, id: &str) -> Result<bool, StoreError> {
    let query = format!(
        "SELECT {ARTICLE} FROM articles a
         WHERE a.id = ?1 AND a.article IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM search_articles WHERE id = ?1)"
    );
    let row: Option<StoredArticle> = sqlx::query_as(AssertSqlSafe(query))
        .bind(id)
        .fetch_optional(&mut *tx)
        .await?;
    let Some(row) = row else { return Ok(false) };
    let article = match sound_in(tx, &row).await {
        // Publishing and the daily check tell of it.
        Err(error) if error.damaged_row().is_some() => return Ok(false),
        article => article?,
    };
    index(tx, &article).await?;
    Ok(true)
}

/// A name in the form in which names are compared.
fn folded(name: &str) -> String {
    fold(name.trim())
}

/// The words of the label block, with gaps between its values.
fn terms(article: &Article) -> String {
    let Metadata {
        index_number,
        document_number,
        issuer,
        subject_terms,
        topic_category,
        source,
        ..
    } = &article.metadata;
    let number = index_number.iter().map(|number| number.as_str());
    let values = [document_number, issuer, topic_category, source];
    let values = values.into_iter().flatten().chain(subject_terms);
    apart(number.chain(values.map(String::as_str)))
}

/// The words of the text, captions included, and of the names of files.
fn body(article: &Article) -> String {
    let files = article.body.attachments.iter();
    let files = files.map(|file| file.name.as_str());
    apart([article.body.body_text.as_str()].into_iter().chain(files))
}

/// The words of several texts, with gaps between these.
fn apart<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut all = String::new();
    for (number, text) in texts.into_iter().enumerate() {
        if number > 0 {
            all.push_str(GAP);
            all.push(' ');
        }
        write_indexed(text, &mut all);
    }
    all
}

impl Search<'_> {
    /// Indexes the articles that are not in the index yet, the newest first, and returns their
    /// number. Others may write between any two batches.
    pub async fn complete_index(self) -> Result<usize, StoreError> {
        let missing: Vec<String> = sqlx::query_scalar(
            "SELECT a.id FROM articles a
             WHERE a.article IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM search_articles s WHERE s.id = a.id)
             ORDER BY a.added_seq DESC",
        )
        .fetch_all(&self.store.pool)
        .await?;
        let mut count = 0;
        for batch in missing.chunks(BATCH) {
            let mut tx = self.store.begin().await?;
            // FTS5 writes a part of its index whenever a place comes before the last one.
            for id in batch.iter().rev() {
                count += usize::from(index_missing(&mut tx, id).await?);
            }
            tx.commit().await?;
            tokio::task::yield_now().await;
        }
        sqlx::query(
            "INSERT INTO meta (key, value) VALUES ('search_complete', ?)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )
        .bind(VERSION)
        .execute(&self.store.pool)
        .await?;
        Ok(count)
    }

    /// Completes the index if it never was. Else this costs nothing.
    pub async fn complete(self) -> Result<(), StoreError> {
        let completed: Option<String> =
            sqlx::query_scalar("SELECT value FROM meta WHERE key = 'search_complete'")
                .fetch_optional(&self.store.pool)
                .await?;
        if completed.as_deref() != Some(VERSION) {
            self.complete_index().await?;
        }
        Ok(())
    }
}

/// Empties an index of another version; [`Search::complete_index`] fills it.
pub(in crate::store) async fn renew(store: &Store) -> Result<(), StoreError> {
    let written: Option<String> = sqlx::query_scalar("SELECT value FROM meta WHERE key = 'search'")
        .fetch_optional(&store.pool)
        .await?;
    if written.as_deref() == Some(VERSION) {
        return Ok(());
    }
    let mut tx = store.begin().await?;
    words::clear(&mut tx).await?;
    for statement in [
        "DELETE FROM search_columns",
        "DELETE FROM search_categories",
        "DELETE FROM search_articles",
    ] {
        sqlx::query(statement).execute(&mut *tx).await?;
    }
    sqlx::query(
        "INSERT INTO meta (key, value) VALUES ('search', ?)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )
    .bind(VERSION)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Body, Timestamp};
    use crate::store::Purpose;

    fn article(number: u128, title: &str) -> Article {
        let at = Timestamp::from_millis(1_767_000_000_000 + number as i64).unwrap();
        Article {
            id: uuid::Uuid::from_u128(number),
            portal: "lucheng".to_owned(),
            columns: vec!["lucheng/work-news".parse().unwrap()],
            title: title.to_owned(),
            metadata: Metadata::default(),
            url: format!("http://gov.example/{number}").parse().unwrap(),
            aliases: Vec::new(),
            body: Body::default(),
            revision: 1,
            first_seen_at: at,
            updated_at: at,
            withdrawn_at: None,
            removed_at: None,
            content_sha256: String::new(),
            provenance: Default::default(),
        }
    }

    #[tokio::test]
    async fn of_what_leaves_the_index_no_word_is_left_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), Purpose::Real).await.unwrap();
        let secret = article(1, "zyxwvut");
        for article in [&secret, &article(2, "abcdefg")] {
            let mut tx = store.begin().await.unwrap();
            sqlx::query("INSERT INTO articles (id, portal, primary_url) VALUES (?, 'lucheng', '')")
                .bind(article.id.to_string())
                .execute(&mut *tx)
                .await
                .unwrap();
            index(&mut tx, article).await.unwrap();
            tx.commit().await.unwrap();
        }
        let left = async |word: &str| -> i64 {
            sqlx::query_scalar(
                "SELECT COUNT(*) FROM search_words_data WHERE instr(block, CAST(? AS BLOB)) > 0",
            )
            .bind(word.to_owned())
            .fetch_one(&store.pool)
            .await
            .unwrap()
        };
        assert_eq!((left("zyxwvut").await, left("abcdefg").await), (1, 1));
        let mut tx = store.begin().await.unwrap();
        unindex(&mut tx, &secret.id.to_string()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((left("zyxwvut").await, left("abcdefg").await), (0, 1));
    }
}
