//! Restores pages.
//!
//! Owns where a page may be restored from: its article, and its capture in the archive. Never takes
//! what its checksum does not confirm.

use sqlx::AssertSqlSafe;

use super::sources::{PublishedState, RestoredFrom, is_confirmed, of_checksum, owned, text};
use crate::model::Article;
use crate::store::StoreError;
use crate::store::article::{PageContent, stored, texts};
use crate::store::driver::EngineConnection;
use crate::store::rows::{PAGE, Part, StoredPage, Value, part, sum};

pub(super) async fn repair_page(
    tx: &mut EngineConnection,
    found: i64,
    published: &PublishedState,
) -> Result<Option<RestoredFrom>, StoreError> {
    let query = format!("SELECT {PAGE} FROM pages p WHERE p.found = ?");
    let row: Option<StoredPage> = sqlx::query_as(AssertSqlSafe(query))
        .bind(found)
        .fetch_optional(&mut *tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let mut candidates = of_checksum(&row.parts(), row.sum);
    let archived = published.page.as_ref();
    let archived = archived.and_then(|page| serde_json::to_vec(page).ok());
    for (from, content) in [
        (RestoredFrom::OtherRows, of_article(tx, &row).await?),
        (RestoredFrom::Archive, archived),
    ] {
        let Some(content) = content else { continue };
        let whole = StoredPage {
            content,
            ..row.clone()
        };
        if is_confirmed(&whole.parts(), row.sum) {
            candidates.push((from, owned(&whole.parts())));
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
        let parted = part(&content);
        let text = texts::put(tx, &parted).await?;
        sqlx::query(
            "UPDATE pages SET portal = ?, canonical_url = ?, url = ?, article_id = ?, content = ?,
                 text_id = ?, content_sha256 = ?, index_number = ?, title_fold = ?, day = ?, sum = ?
             WHERE found = ?",
        )
        .bind(portal)
        .bind(canonical)
        .bind(url)
        .bind(value(3))
        .bind(parted.json.as_ref())
        .bind(text)
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
    tx: &mut EngineConnection,
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
