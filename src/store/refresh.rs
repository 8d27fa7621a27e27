//! Brings an article up to date with its pages, and accounts for what changed.
//!
//! The article as published is a function of its pages, the columns that list them, and what it
//! was before. Whoever moved a page calls [`refresh`], which writes one change, or none.

use sqlx::SqliteConnection;

use super::from_row::from_row;
use super::kept::{self, Kept};
use super::rows::{PageContent, is_known_template, parse_id};
use super::{StoreError, search};
use crate::model::{
    Article, ChangeKind, ColumnName, IndexNumber, Instant, Metadata, Provenance, content_sha256,
};

/// Whose change it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// The portal's.
    Portal,
    /// Our own rules'.
    Rules,
}

struct ArticleRow {
    portal: String,
    primary_url: String,
    adopted_sha256: String,
    absorbed_by: Option<String>,
    article: Option<String>,
}

from_row!(ArticleRow: portal, primary_url, adopted_sha256, absorbed_by, article);

struct StandingRow {
    canonical_url: String,
    url: String,
    content: String,
    content_sha256: String,
    gone_looks: i64,
}

from_row!(StandingRow: canonical_url, url, content, content_sha256, gone_looks);

/// A page of the article, read back.
struct Standing {
    row: StandingRow,
    content: PageContent,
    /// Its number, where that counts.
    number: Option<IndexNumber>,
}

impl Standing {
    /// A page counts as gone once it was not there twice, a day apart.
    fn lives(&self) -> bool {
        self.row.gone_looks < 2
    }
}

/// Writes the change that the article has undergone, if any, and says of which kind it is.
pub(super) async fn refresh(
    tx: &mut SqliteConnection,
    now: Instant,
    id: &str,
    by: By,
) -> Result<Option<ChangeKind>, StoreError> {
    let row: ArticleRow = sqlx::query_as(
        "SELECT portal, primary_url, adopted_sha256, absorbed_by, article
         FROM articles WHERE id = ?",
    )
    .bind(id)
    .fetch_one(&mut *tx)
    .await?;
    let standing = standing(tx, &row.portal, id).await?;
    let Some(primary) = primary(&row, &standing) else {
        return Ok(None);
    };
    if row.absorbed_by.is_some() {
        return Ok(None);
    }
    let before: Option<Article> = row
        .article
        .as_deref()
        .map(serde_json::from_str)
        .transpose()
        .map_err(|e| StoreError::record(format!("article {id}"), e))?;
    let same_primary = primary.row.canonical_url == row.primary_url;
    let edited = same_primary && primary.row.content_sha256 != row.adopted_sha256;
    let kept = match &before {
        None => kept::of(tx, id).await?,
        Some(_) => None,
    };
    let mut after = match &before {
        Some(before) if !edited => before.clone(),
        before => article(tx, now, id, &row, before.as_ref(), kept.as_ref(), primary).await?,
    };
    set_index_number(&mut after, primary, &standing);
    set_addresses(&mut after, primary, &standing)?;
    after.columns = columns(tx, id).await?;
    let lives = standing.iter().any(Standing::lives);
    after.withdrawn_at = after.withdrawn_at.filter(|_| !lives);
    after.content_sha256 = content_sha256(&after.title, &after.metadata, &after.body);
    if let Some(kept) = &kept {
        kept::take(tx, kept, &mut after).await?;
    }
    sqlx::query("UPDATE articles SET primary_url = ?, adopted_sha256 = ? WHERE id = ?")
        .bind(&primary.row.canonical_url)
        .bind(&primary.row.content_sha256)
        .bind(id)
        .execute(&mut *tx)
        .await?;
    let Some(kind) = kind(before.as_ref(), &after, by) else {
        return Ok(None);
    };
    write(tx, now, before.as_ref(), after, kind).await?;
    Ok(Some(kind))
}

async fn standing(
    tx: &mut SqliteConnection,
    portal: &str,
    id: &str,
) -> Result<Vec<Standing>, StoreError> {
    let rows: Vec<StandingRow> = sqlx::query_as(
        "SELECT canonical_url, url, content, content_sha256, gone_looks FROM pages
         WHERE article_id = ? ORDER BY found",
    )
    .bind(id)
    .fetch_all(&mut *tx)
    .await?;
    let mut standing = Vec::with_capacity(rows.len());
    for row in rows {
        let content: PageContent = serde_json::from_str(&row.content)
            .map_err(|e| StoreError::record(format!("page {}", row.canonical_url), e))?;
        let number = match content.metadata.index_number.clone() {
            Some(number) if !is_known_template(tx, portal, number.as_str()).await? => Some(number),
            _ => None,
        };
        standing.push(Standing {
            row,
            content,
            number,
        });
    }
    Ok(standing)
}

/// The page that supplies the text: the one that has done so, as long as it lives; then the
/// first found that lives.
fn primary<'a>(row: &ArticleRow, standing: &'a [Standing]) -> Option<&'a Standing> {
    let current = || {
        standing
            .iter()
            .find(|page| page.row.canonical_url == row.primary_url)
    };
    current()
        .filter(|page| page.lives())
        .or_else(|| standing.iter().find(|page| page.lives()))
        .or_else(current)
        .or_else(|| standing.first())
}

/// The text and metadata of an article that is new, or whose primary page was edited. A new primary
/// page does not change the text until that page is edited itself.
async fn article(
    tx: &mut SqliteConnection,
    now: Instant,
    id: &str,
    row: &ArticleRow,
    before: Option<&Article>,
    kept: Option<&Kept>,
    primary: &Standing,
) -> Result<Article, StoreError> {
    let PageContent {
        title,
        mut metadata,
        body,
        provenance,
    } = primary.content.clone();
    let published = match before {
        Some(before) => Some(before.metadata.clone()),
        None => kept.map(Kept::publication),
    };
    if let Some(published) = published {
        keep_publication(&mut metadata, &published);
    }
    let (first_seen_at, updated_at) = match before {
        Some(before) => (before.first_seen_at, before.updated_at),
        None => {
            let instant = next_instant(tx, now).await?;
            (instant, instant)
        }
    };
    Ok(Article {
        id: parse_id(id)?,
        portal: row.portal.clone(),
        columns: Vec::new(),
        title,
        metadata,
        url: primary_url(primary)?,
        aliases: Vec::new(),
        body,
        revision: before.map_or(1, |before| before.revision),
        first_seen_at,
        updated_at,
        withdrawn_at: before.and_then(|before| before.withdrawn_at),
        content_sha256: String::new(),
        provenance,
    })
}

/// What was published stays where it was in time: only a date that was not known may come.
fn keep_publication(after: &mut Metadata, before: &Metadata) {
    if before.published_on.is_some() {
        after.published_on = before.published_on;
        after.published_at = before.published_at;
    }
}

fn set_index_number(article: &mut Article, primary: &Standing, standing: &[Standing]) {
    let bearer = std::iter::once(primary)
        .chain(standing)
        .find(|page| page.number.is_some());
    article.metadata.index_number = bearer.and_then(|page| page.number.clone());
    let printed = bearer.unwrap_or(primary);
    article.metadata.index_number_raw = printed.content.metadata.index_number_raw.clone();
    set_provenance(&mut article.provenance, &printed.content.provenance);
}

fn set_provenance(own: &mut Provenance, printed: &Provenance) {
    let field = crate::model::Field::IndexNumber;
    match printed.get(&field) {
        Some(found) => own.insert(field, found.clone()),
        None => own.remove(&field),
    };
}

fn set_addresses(
    article: &mut Article,
    primary: &Standing,
    standing: &[Standing],
) -> Result<(), StoreError> {
    article.url = primary_url(primary)?;
    article.aliases = standing
        .iter()
        .filter(|page| page.row.canonical_url != primary.row.canonical_url)
        .map(primary_url)
        .collect::<Result<_, _>>()?;
    Ok(())
}

fn primary_url(page: &Standing) -> Result<url::Url, StoreError> {
    page.row
        .url
        .parse()
        .map_err(|e| StoreError::record(format!("URL {}", page.row.url), e))
}

async fn columns(tx: &mut SqliteConnection, id: &str) -> Result<Vec<ColumnName>, StoreError> {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT i.column_name FROM items i
         JOIN pages p ON p.portal = i.portal AND p.canonical_url = i.canonical_url
         WHERE p.article_id = ? ORDER BY i.column_name",
    )
    .bind(id)
    .fetch_all(tx)
    .await?;
    names
        .into_iter()
        .map(|name| {
            name.parse()
                .map_err(|e| StoreError::record(format!("column {name}"), e))
        })
        .collect()
}

fn kind(before: Option<&Article>, after: &Article, by: By) -> Option<ChangeKind> {
    let Some(before) = before else {
        return Some(ChangeKind::Added);
    };
    if before.withdrawn_at.is_some() && after.withdrawn_at.is_none() {
        Some(ChangeKind::Restored)
    } else if before.content_sha256 != after.content_sha256 {
        Some(match by {
            By::Portal => ChangeKind::Revised,
            By::Rules => ChangeKind::Reextracted,
        })
    } else if (&before.url, &before.aliases, &before.columns)
        != (&after.url, &after.aliases, &after.columns)
    {
        Some(ChangeKind::Amended)
    } else {
        None
    }
}

/// An instant that no article's last update has, kept ones included, nor any change: `max(now, last + 1 ms)`. Feeds
/// tell of both, and no two of their entries may bear the same.
pub(super) async fn next_instant(
    tx: &mut SqliteConnection,
    now: Instant,
) -> Result<Instant, StoreError> {
    let last: Option<i64> = sqlx::query_scalar(
        "SELECT MAX(at) FROM (SELECT MAX(updated_ms) AS at FROM articles
         UNION ALL SELECT at_ms FROM (SELECT at_ms FROM changes ORDER BY seq DESC LIMIT 1)
         UNION ALL SELECT MAX(updated_ms) FROM kept_ids)",
    )
    .fetch_one(tx)
    .await?;
    let next = now.millis().max(last.map_or(i64::MIN, |last| last + 1));
    Ok(Instant::from_millis(next).unwrap_or(now))
}

async fn write(
    tx: &mut SqliteConnection,
    now: Instant,
    before: Option<&Article>,
    mut after: Article,
    kind: ChangeKind,
) -> Result<(), StoreError> {
    let text_changed = before.is_some_and(|b| b.content_sha256 != after.content_sha256);
    let at = next_instant(tx, now).await?;
    if text_changed {
        after.revision += 1;
        after.updated_at = at;
    }
    let seq = write_change(tx, at, &after, kind).await?;
    for column in &after.columns {
        publish(tx, column, &after, seq).await?;
    }
    Ok(())
}

/// Writes an article and its change, by which it is found or found no more, and gives the change's
/// sequence number.
pub(super) async fn write_change(
    tx: &mut SqliteConnection,
    at: Instant,
    article: &Article,
    kind: ChangeKind,
) -> Result<i64, StoreError> {
    let id = article.id.to_string();
    let json = serde_json::to_string(article)
        .map_err(|e| StoreError::record(format!("article {id}"), e))?;
    let seq: i64 = sqlx::query_scalar(
        "INSERT INTO changes (seq, kind, at_ms, article_id, article)
         VALUES ((SELECT COALESCE(MAX(seq), 0) + 1 FROM changes), ?, ?, ?, ?) RETURNING seq",
    )
    .bind(kind.name())
    .bind(at.millis())
    .bind(&id)
    .bind(&json)
    .fetch_one(&mut *tx)
    .await?;
    sqlx::query(
        "UPDATE articles SET index_number = ?, added_seq = COALESCE(added_seq, ?), updated_ms = ?,
             withdrawn_ms = ?, month = ?, article = ?
         WHERE id = ?",
    )
    .bind(
        article
            .metadata
            .index_number
            .as_ref()
            .map(IndexNumber::as_str),
    )
    .bind(seq)
    .bind(article.updated_at.millis())
    .bind(article.withdrawn_at.map(Instant::millis))
    .bind(article.month())
    .bind(&json)
    .bind(&id)
    .execute(&mut *tx)
    .await?;
    if kind == ChangeKind::Removed {
        search::unindex(tx, &id).await?;
    } else {
        search::index(tx, article).await?;
    }
    Ok(seq)
}

/// Notes the change in the column's history. How the article came into the column decides for
/// good whether it stands in the live feed: an edit makes no news of what a backfill brought.
async fn publish(
    tx: &mut SqliteConnection,
    column: &ColumnName,
    article: &Article,
    seq: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO publications (column_name, number, article_id, seq, backfill)
         VALUES (?1, (SELECT COALESCE(MAX(number), 0) + 1 FROM publications WHERE column_name = ?1),
                 ?2, ?3,
                 COALESCE((SELECT backfill FROM publications
                           WHERE column_name = ?1 AND article_id = ?2 ORDER BY number LIMIT 1),
                          (SELECT MIN(i.backfill) FROM items i
                           JOIN pages p ON p.portal = i.portal
                               AND p.canonical_url = i.canonical_url
                           WHERE i.column_name = ?1 AND p.article_id = ?2), 0))",
    )
    .bind(column.as_str())
    .bind(article.id.to_string())
    .bind(seq)
    .execute(&mut *tx)
    .await?;
    search::note_publication(tx, &article.id.to_string()).await
}
