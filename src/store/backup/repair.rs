//! Restores damaged rows.
//!
//! Owns where a row may be restored from: the one byte that its checksum tells of, other rows, and
//! what the caller found published. Nothing is taken that the checksum does not confirm, but an
//! article's own last change. Never guesses.

use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::model::{Article, Change, IndexNumber, Timestamp};
use crate::store::article::{PageContent, last_change, mended_change, stored};
use crate::store::rows::{
    ARTICLE, CHANGE, DamagedRow, PAGE, Part, StoredArticle, StoredChange, StoredPage,
    StoredPublication, Value, sum,
};
use crate::store::{Store, StoreError};

/// What is published of a damaged row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PublishedState {
    /// The article.
    pub article: Option<Article>,
    /// The change.
    pub change: Option<Change>,
}

/// What a row was restored from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestoredFrom {
    /// The row was whole, and its checksum was not.
    Itself,
    /// Its checksum tells which byte was changed.
    Checksum,
    /// Other rows say the same.
    OtherRows,
    /// The published files.
    Published,
}

impl RestoredFrom {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Itself => "its contents were whole, and have their checksum again",
            Self::Checksum => "restored: its checksum tells the byte that was changed",
            Self::OtherRows => "restored from other rows",
            Self::Published => "restored from the published files",
        }
    }
}

/// A row that may stand in the place of a damaged one.
type Candidate = (RestoredFrom, Vec<Value>);

impl Store {
    /// Writes all indexes anew.
    pub async fn reindex(&self) -> Result<(), StoreError> {
        sqlx::query("REINDEX").execute(&self.pool).await?;
        Ok(())
    }

    /// Restores a damaged row, if something confirms what it was.
    pub async fn repair_row(
        &self,
        row: &DamagedRow,
        published: &PublishedState,
    ) -> Result<Option<RestoredFrom>, StoreError> {
        let Some(place) = row.place else {
            return Ok(None);
        };
        let mut tx = self.begin().await?;
        let restored = match row.table {
            "articles" => repair_article(&mut tx, place, published).await?,
            "changes" => repair_change(&mut tx, place, published).await?,
            "publications" => repair_publication(&mut tx, place).await?,
            "pages" => repair_page(&mut tx, place).await?,
            "column_articles" => {
                list_anew(&mut tx, &row.key).await?;
                Some(RestoredFrom::OtherRows)
            }
            _ => None,
        };
        tx.commit().await?;
        Ok(restored)
    }

    /// Writes anew what repeats other rows.
    pub async fn recount(&self) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for statement in [
            "DELETE FROM column_months",
            "INSERT INTO column_months (column_name, month, articles, live)
             SELECT column_name, month, COUNT(*), SUM(1 - is_withdrawn) FROM column_articles
             GROUP BY column_name, month",
            "DELETE FROM column_told",
            "INSERT OR IGNORE INTO column_told (column_name, seq)
             SELECT k.column_name, c.seq FROM changes c
             JOIN column_articles k ON k.article_id = c.article_id
             WHERE c.kind IN ('revised', 'withdrawn', 'restored', 'removed')",
        ] {
            sqlx::query(statement).execute(&mut *tx).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// What the checksum alone tells.
fn of_checksum(parts: &[Part<'_>], stored: Option<i64>) -> Vec<Candidate> {
    let Some(stored) = stored else {
        return Vec::new();
    };
    let mut candidates = Vec::new();
    if stored == sum::sum(parts) || sum::is_sum_alone(parts, stored) {
        candidates.push((RestoredFrom::Itself, owned(parts)));
    }
    let corrected = sum::corrected(parts, stored);
    candidates.extend(corrected.map(|values| (RestoredFrom::Checksum, values)));
    candidates
}

fn owned(parts: &[Part<'_>]) -> Vec<Value> {
    let values = parts.iter().map(|part| match part {
        Part::Number(number) => Value::Number(*number),
        Part::Text(text) => Value::Text(text.to_vec()),
        Part::Nothing => Value::Nothing,
    });
    values.collect()
}

/// Whether these values have the row's checksum.
fn is_confirmed(parts: &[Part<'_>], stored: Option<i64>) -> bool {
    stored.is_some_and(|stored| stored == sum::sum(parts))
}

fn text(value: Option<&Value>) -> Option<String> {
    match value {
        Some(Value::Text(text)) => String::from_utf8(text.clone()).ok(),
        _ => None,
    }
}

fn integer(value: Option<&Value>) -> Option<i64> {
    match value {
        Some(Value::Number(number)) => Some(*number),
        _ => None,
    }
}

/// Reads an article that a candidate has, and whose own hash agrees with it.
fn sound_json(json: &str) -> Option<Article> {
    let article: Article = serde_json::from_str(json).ok()?;
    let hash = crate::model::content_sha256(&article.title, &article.metadata, &article.body);
    let is_own = article.content_sha256 == hash || !article.body.has_text();
    (is_own || article.is_tombstone()).then_some(article)
}

async fn repair_article(
    tx: &mut SqliteConnection,
    place: i64,
    published: &PublishedState,
) -> Result<Option<RestoredFrom>, StoreError> {
    let query = format!("SELECT {ARTICLE} FROM articles a WHERE a.rowid = ?");
    let row: Option<StoredArticle> = sqlx::query_as(AssertSqlSafe(query))
        .bind(place)
        .fetch_optional(&mut *tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let mut candidates = of_checksum(&row.parts(), row.sum);
    if let Some(last) = last_change(tx, &row.id).await?
        && last.read().is_ok()
    {
        let values = vec![Value::Text(row.id.clone()), Value::Text(last.article)];
        candidates.push((RestoredFrom::OtherRows, values));
    }
    if let Some(json) = published
        .article
        .as_ref()
        .and_then(|it| serde_json::to_vec(it).ok())
        && is_confirmed(&sum::article(&row.id, &json), row.sum)
    {
        let values = vec![Value::Text(row.id.clone()), Value::Text(json)];
        candidates.push((RestoredFrom::Published, values));
    }
    for (from, values) in candidates {
        let (Some(id), Some(json)) = (text(values.first()), text(values.get(1))) else {
            continue;
        };
        let Some(article) = sound_json(&json).filter(|it| it.id.to_string() == id) else {
            continue;
        };
        let number = article.metadata.index_number.as_ref();
        sqlx::query(
            "UPDATE articles SET id = ?1, article = ?2, sum = ?3, index_number = ?4,
                 updated_ms = ?5, withdrawn_ms = ?6, month = ?7,
                 added_seq = COALESCE((SELECT MIN(seq) FROM changes WHERE article_id = ?1),
                                      added_seq)
             WHERE rowid = ?8",
        )
        .bind(&id)
        .bind(&json)
        .bind(sum::sum(&sum::article(id.as_bytes(), json.as_bytes())))
        .bind(number.map(IndexNumber::as_str))
        .bind(article.updated_at.millis())
        .bind(article.withdrawn_at.map(Timestamp::millis))
        .bind(article.month())
        .bind(place)
        .execute(&mut *tx)
        .await?;
        return Ok(Some(from));
    }
    Ok(None)
}

async fn repair_change(
    tx: &mut SqliteConnection,
    seq: i64,
    published: &PublishedState,
) -> Result<Option<RestoredFrom>, StoreError> {
    let query = format!("SELECT {CHANGE} FROM changes c WHERE c.seq = ?");
    let row: Option<StoredChange> = sqlx::query_as(AssertSqlSafe(query))
        .bind(seq)
        .fetch_optional(&mut *tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let mut candidates = of_checksum(&row.parts(), row.sum);
    if let Some(mended) = mended_change(tx, &row).await? {
        candidates.push((RestoredFrom::OtherRows, owned(&mended.parts())));
    }
    if let Some(change) = &published.change
        && let Ok(json) = serde_json::to_vec(&change.article)
    {
        let (id, kind) = (change.article.id.to_string(), change.kind.name().as_bytes());
        let parts = sum::change(change.seq, kind, change.at.millis(), id.as_bytes(), &json);
        if is_confirmed(&parts, row.sum) {
            candidates.push((RestoredFrom::Published, owned(&parts)));
        }
    }
    for (from, values) in candidates {
        let (kind, at) = (text(values.get(1)), integer(values.get(2)));
        let (id, json) = (text(values.get(3)), text(values.get(4)));
        let (Some(kind), Some(at), Some(id), Some(json)) = (kind, at, id, json) else {
            continue;
        };
        let whole = StoredChange {
            seq,
            kind: kind.into_bytes(),
            at_ms: at,
            article_id: id.clone().into_bytes(),
            article: json.clone().into_bytes(),
            sum: None,
        };
        let is_its = sound_json(&json).is_some_and(|article| article.id.to_string() == id);
        if !is_its || whole.read().is_err() || integer(values.first()) != Some(seq) {
            continue;
        }
        sqlx::query(
            "UPDATE changes SET kind = ?, at_ms = ?, article_id = ?, article = ?, sum = ?
             WHERE seq = ?",
        )
        .bind(String::from_utf8_lossy(&whole.kind).into_owned())
        .bind(at)
        .bind(id)
        .bind(json)
        .bind(sum::sum(&whole.parts()))
        .bind(seq)
        .execute(&mut *tx)
        .await?;
        return Ok(Some(from));
    }
    Ok(None)
}

async fn repair_publication(
    tx: &mut SqliteConnection,
    place: i64,
) -> Result<Option<RestoredFrom>, StoreError> {
    let row: Option<StoredPublication> = sqlx::query_as(
        "SELECT column_name, number, article_id, seq, backfill, sum FROM publications
         WHERE rowid = ?",
    )
    .bind(place)
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    for (from, values) in of_checksum(&row.parts(), row.sum) {
        let (column, id) = (text(values.first()), text(values.get(2)));
        let numbers = (
            integer(values.get(1)),
            integer(values.get(3)),
            integer(values.get(4)),
        );
        let (Some(column), Some(id), (Some(number), Some(seq), Some(backfill))) =
            (column, id, numbers)
        else {
            continue;
        };
        let is_its: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM changes WHERE seq = ? AND article_id = ?)",
        )
        .bind(seq)
        .bind(&id)
        .fetch_one(&mut *tx)
        .await?;
        if !is_its {
            continue;
        }
        let parts = sum::publication(column.as_bytes(), number, id.as_bytes(), seq, backfill);
        sqlx::query(
            "UPDATE publications SET column_name = ?, number = ?, article_id = ?, seq = ?,
                 backfill = ?, sum = ? WHERE rowid = ?",
        )
        .bind(&column)
        .bind(number)
        .bind(&id)
        .bind(seq)
        .bind(backfill)
        .bind(sum::sum(&parts))
        .bind(place)
        .execute(&mut *tx)
        .await?;
        list_anew(tx, &id).await?;
        return Ok(Some(from));
    }
    Ok(None)
}

async fn repair_page(
    tx: &mut SqliteConnection,
    found: i64,
) -> Result<Option<RestoredFrom>, StoreError> {
    let query = format!("SELECT {PAGE} FROM pages p WHERE p.found = ?");
    let row: Option<StoredPage> = sqlx::query_as(AssertSqlSafe(query))
        .bind(found)
        .fetch_optional(&mut *tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let mut candidates = of_checksum(&row.parts(), row.sum);
    if let Some(content) = of_article(tx, &row).await? {
        let whole = StoredPage {
            content,
            ..row.clone()
        };
        if is_confirmed(&whole.parts(), row.sum) {
            candidates.push((RestoredFrom::OtherRows, owned(&whole.parts())));
        }
    }
    for (from, values) in candidates {
        let value = |at: usize| text(values.get(at));
        let (Some(portal), Some(canonical), Some(url)) = (value(0), value(1), value(2)) else {
            continue;
        };
        let (Some(content), Some(hash), Some(fold)) = (value(4), value(5), value(7)) else {
            continue;
        };
        if serde_json::from_str::<PageContent>(&content).is_err() {
            continue;
        }
        let parts: Vec<Part<'_>> = values.iter().map(Value::as_part).collect();
        sqlx::query(
            "UPDATE pages SET portal = ?, canonical_url = ?, url = ?, article_id = ?, content = ?,
                 content_sha256 = ?, index_number = ?, title_fold = ?, day = ?, sum = ?
             WHERE found = ?",
        )
        .bind(portal)
        .bind(canonical)
        .bind(url)
        .bind(value(3))
        .bind(content)
        .bind(hash)
        .bind(value(6))
        .bind(fold)
        .bind(value(8))
        .bind(sum::sum(&parts))
        .bind(found)
        .execute(&mut *tx)
        .await?;
        return Ok(Some(from));
    }
    Ok(None)
}

/// What a page said, as its article has it.
async fn of_article(
    tx: &mut SqliteConnection,
    row: &StoredPage,
) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(id) = &row.article_id else {
        return Ok(None);
    };
    let own = stored(tx, &String::from_utf8_lossy(id)).await?;
    let Some(Ok(article)) = own.map(|own| own.read()) else {
        return Ok(None);
    };
    let Article {
        title,
        metadata,
        body,
        provenance,
        ..
    } = article;
    let content = PageContent {
        title,
        metadata,
        body,
        provenance,
    };
    Ok(serde_json::to_vec(&content).ok())
}

/// Lists an article in its columns anew, by its publications.
async fn list_anew(tx: &mut SqliteConnection, id: &str) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM column_articles WHERE article_id = ?")
        .bind(id)
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "INSERT INTO column_articles
             (column_name, article_id, seq, backfill, is_withdrawn, added_seq, month, day)
         SELECT p.column_name, p.article_id, p.seq, p.backfill, a.withdrawn_ms IS NOT NULL,
                a.added_seq, a.month, a.article ->> '$.published_on'
         FROM (SELECT column_name, article_id, MIN(number), seq, backfill FROM publications
               WHERE article_id = ?1 GROUP BY column_name, article_id) p
         JOIN articles a ON a.id = p.article_id AND json_valid(a.article)",
    )
    .bind(id)
    .execute(tx)
    .await?;
    Ok(())
}
