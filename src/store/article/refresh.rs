//! Brings an article up to date with its pages, and writes the change.
//!
//! The published article is a function of its pages, the columns that list them, and its former
//! state. Owns that function: code that moves a page calls [`refresh`], which writes at most one
//! change. Never moves a page.

use crate::store::driver::EngineRow;
use sqlx::{AssertSqlSafe, FromRow, Row};

use super::content::PageContent;
use super::kept_ids::KeptValues;
use super::page_row::{PageRow, SELECT_PAGES};
use super::sound_in;
use super::unrest;
use super::write_change::{next_timestamp, write_and_publish};
use crate::model::{
    Article, ChangeKind, ColumnName, Field, IndexNumber, Metadata, Provenance, Timestamp,
    content_sha256,
};
use crate::store::StoreError;
use crate::store::driver::EngineConnection;
use crate::store::rows::{ARTICLE, StoredArticle, column_name, parse_id};

/// The cause of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum By {
    /// The portal changed.
    Portal,
    /// Our rules changed.
    Rules,
}

struct ArticleRow {
    portal: String,
    primary_url: String,
    adopted_sha256: String,
    absorbed_by: Option<String>,
    /// The hash of the text that was told last, while it changes at every look.
    told_sha256: Option<String>,
    /// Whether values are kept for its id.
    is_kept: bool,
    /// The columns that list one of its pages, in the order of their names, as JSON.
    columns: String,
    stored: StoredArticle,
}

impl FromRow<'_, EngineRow> for ArticleRow {
    fn from_row(row: &EngineRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            portal: row.try_get("portal")?,
            primary_url: row.try_get("primary_url")?,
            adopted_sha256: row.try_get("adopted_sha256")?,
            absorbed_by: row.try_get("absorbed_by")?,
            told_sha256: row.try_get("told_sha256")?,
            is_kept: row.try_get("is_kept")?,
            columns: row.try_get("columns")?,
            stored: StoredArticle::from_row(row)?,
        })
    }
}

/// A page of the article, read back.
struct Standing {
    row: PageRow,
    content: PageContent,
    /// Its number, unless it is a template's.
    number: Option<IndexNumber>,
}

impl Standing {
    /// A page counts as gone when it was missing twice, a day apart.
    fn lives(&self) -> bool {
        self.row.gone_looks < 2
    }
}

/// Writes the article's change, if it has changed, and returns the kind.
pub(in crate::store) async fn refresh(
    tx: &mut EngineConnection,
    now: Timestamp,
    id: &str,
    by: By,
) -> Result<Option<ChangeKind>, StoreError> {
    let query = format!(
        "SELECT a.portal, a.primary_url, a.adopted_sha256, a.absorbed_by, a.told_sha256, {ARTICLE},
                EXISTS (SELECT 1 FROM kept_ids k WHERE k.id = a.id) AS is_kept,
                (SELECT json_group_array(column_name) FROM
                     (SELECT DISTINCT i.column_name FROM pages p
                      JOIN items i ON i.portal = p.portal AND i.canonical_url = p.canonical_url
                      WHERE p.article_id = a.id ORDER BY i.column_name) n) AS columns
         FROM articles a WHERE a.id = ?"
    );
    let row: ArticleRow = sqlx::query_as(AssertSqlSafe(query))
        .bind(id)
        .fetch_one(&mut *tx)
        .await?;
    let standing = standing(tx, id).await?;
    let Some(primary) = primary(&row, &standing) else {
        return Ok(None);
    };
    if row.absorbed_by.is_some() {
        return Ok(None);
    }
    let before = match row.stored.article {
        Some(_) => Some(sound_in(tx, &row.stored).await?),
        None => None,
    };
    let moment = match &before {
        Some(_) => None,
        None => Some(next_timestamp(tx, now).await?),
    };
    let same_primary = primary.row.canonical_url == row.primary_url;
    let edited = same_primary && primary.row.content_sha256 != row.adopted_sha256;
    let kept = match &before {
        None if row.is_kept => KeptValues::load(tx, id).await?,
        _ => None,
    };
    let mut after = match &before {
        Some(before) if !edited => before.clone(),
        before => {
            let stands = Stands {
                before: before.as_ref(),
                kept: kept.as_ref(),
                by,
            };
            article((id, moment.unwrap_or(now)), &row, stands, primary)?
        }
    };
    set_index_number(&mut after, primary, &standing);
    set_addresses(&mut after, primary, &standing)?;
    after.columns = columns(id, &row.columns)?;
    let lives = standing.iter().any(Standing::lives);
    after.withdrawn_at = after.withdrawn_at.filter(|_| !lives);
    after.content_sha256 = content_sha256(&after.title, &after.metadata, &after.body);
    if let Some(kept) = &kept {
        kept.apply_to(tx, &mut after).await?;
    }
    let told = unrest::told(
        row.told_sha256,
        &primary.row,
        before.as_ref(),
        &after,
        by == By::Portal,
    );
    sqlx::query(
        "UPDATE articles SET primary_url = ?, adopted_sha256 = ?, told_sha256 = ? WHERE id = ?",
    )
    .bind(&primary.row.canonical_url)
    .bind(&primary.row.content_sha256)
    .bind(&told.sha256)
    .bind(id)
    .execute(&mut *tx)
    .await?;
    let kind = told.kind.or_else(|| kind(before.as_ref(), &after, by));
    let Some(kind) = kind else {
        return Ok(None);
    };
    let is_revision = match told.kind {
        Some(kind) => kind == ChangeKind::Revised,
        None => before.is_some_and(|b| b.content_sha256 != after.content_sha256),
    };
    let at = match moment.filter(|_| kept.is_none()) {
        Some(moment) => moment,
        // The last time may have been that of the kept id, which is used up by now.
        None => next_timestamp(tx, now).await?,
    };
    if is_revision {
        after.revision += 1;
        after.updated_at = at;
    }
    write_and_publish(tx, at, &after, kind).await?;
    Ok(Some(kind))
}

async fn standing(tx: &mut EngineConnection, id: &str) -> Result<Vec<Standing>, StoreError> {
    let query = format!("{SELECT_PAGES} WHERE p.article_id = ? ORDER BY p.found");
    let rows: Vec<PageRow> = sqlx::query_as(AssertSqlSafe(query))
        .bind(id)
        .fetch_all(&mut *tx)
        .await?;
    let mut standing = Vec::with_capacity(rows.len());
    for row in rows {
        let content: PageContent = row.content()?;
        let number = content.metadata.index_number.clone();
        let number = number.filter(|_| !row.is_template);
        standing.push(Standing {
            row,
            content,
            number,
        });
    }
    Ok(standing)
}

/// The page that supplies the text: the current one while it lives, then the first found that
/// lives.
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

/// What an article was before, or has from published dumps, and whose change it is.
struct Stands<'a> {
    before: Option<&'a Article>,
    kept: Option<&'a KeptValues>,
    by: By,
}

/// The text and metadata of an article that is new since this moment, or whose primary page was edited.
/// A change of the primary page alone does not change the text.
fn article(
    (id, moment): (&str, Timestamp),
    row: &ArticleRow,
    stands: Stands<'_>,
    primary: &Standing,
) -> Result<Article, StoreError> {
    let Stands { before, kept, by } = stands;
    let PageContent {
        title,
        mut metadata,
        body,
        provenance,
    } = primary.content.clone();
    let published = match before {
        Some(before) => Some(before.metadata.clone()),
        None => kept.map(KeptValues::publication),
    };
    let is_mended = by == By::Rules && before.is_some_and(|before| is_told(before, &provenance));
    if let Some(published) = published.filter(|_| !is_mended) {
        keep_publication(&mut metadata, &published);
    }
    let (first_seen_at, updated_at) = match before {
        Some(before) => (before.first_seen_at, before.updated_at),
        None => (moment, moment),
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
        removed_at: None,
        content_sha256: String::new(),
        provenance,
    })
}

/// Whether a day that was guessed from the address or a line near the title is told now: by the feed
/// file, a label, an official tag or the column's row.
fn is_told(before: &Article, now: &Provenance) -> bool {
    let found = |provenance: &Provenance| provenance.get(&Field::PublishedOn).cloned();
    let is_guess = found(&before.provenance)
        .is_some_and(|found| matches!(found.as_str(), "url" | "near title"));
    let now = found(now).unwrap_or_default();
    let told = ["selector", "label", "meta", "list"];
    is_guess && told.iter().any(|layer| now.starts_with(layer))
}

/// A published date stays. Only a date that was not known may be added.
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
    let field = Field::IndexNumber;
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
        .map_err(|e| StoreError::unreadable(format!("URL {}", page.row.url), e))
}

fn columns(id: &str, names: &str) -> Result<Vec<ColumnName>, StoreError> {
    let names: Vec<String> = serde_json::from_str(names)
        .map_err(|e| StoreError::unreadable(format!("columns of {id}"), e))?;
    names.iter().map(|name| column_name(name)).collect()
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
