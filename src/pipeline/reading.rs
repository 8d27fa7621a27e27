//! From the bytes of a page to what it says, on a thread of its own: what takes long to read holds
//! up nobody else's requests.
//!
//! Owns the sequence decode → extract → accept. Never fetches, never asks the store.

use std::collections::BTreeMap;

use super::accept::{accept, unmatched};
use super::trouble::{Trouble, Vain};
use crate::config::Column;
use crate::decode::{self, Decoded};
use crate::extract::{self, ColumnPage, Stub};
use crate::fetch::Page;
use crate::model::{Field, Instant, Verdict};
use crate::store::{PageContent, Reading};

/// What an article's page says, and how that was read.
pub(super) struct ReadArticle {
    pub(super) content: PageContent,
    pub(super) reading: Reading,
    /// The feed file's rules that matched nothing on it.
    pub(super) unmatched: BTreeMap<Field, String>,
}

/// Reads an article's page, of which the body is taken.
pub(super) async fn article(
    column: &Column,
    page: &mut Page,
    now: Instant,
) -> Result<ReadArticle, Vain> {
    let (charset, rules) = (column.fetch.charset, column.article.clone());
    let (fields, url) = (column.fields.clone(), page.url.clone());
    let read = apart(page, move |body, content_type| {
        let decoded = decode::decode(&body, content_type, charset);
        drop(body);
        let read = extract::article_or_stub(&decoded.text, &url, &rules);
        let extracted = read.map_err(|stub| Vain::Held {
            verdict: stub.verdict(),
            message: format!("{url}: {stub}; nothing of it was stored"),
        })?;
        for problem in &extracted.problems {
            tracing::info!(%url, %problem, "odd page");
        }
        let unmatched = unmatched(&extracted.problems);
        let content = accept(extracted, &fields, now).map_err(|unacceptable| Vain::Held {
            verdict: unacceptable.verdict(),
            message: format!("{url}: {unacceptable}"),
        })?;
        Ok((
            content,
            unmatched,
            (decoded.charset.name(), decoded.found, decoded.replaced),
        ))
    });
    let (content, unmatched, charset) = read.await.map_err(Vain::Trouble)??;
    Ok(ReadArticle {
        content,
        reading: Reading {
            capture: page.capture,
            charset: Some(charset),
        },
        unmatched,
    })
}

/// Reads a column page, of which the body is taken.
pub(super) async fn column_page(
    column: &Column,
    page: &mut Page,
) -> Result<Result<ColumnPage, Stub>, Trouble> {
    let (charset, rules) = (column.fetch.charset, column.list.clone());
    let url = page.url.clone();
    apart(page, move |body, content_type| {
        let Decoded { text, .. } = decode::decode(&body, content_type, charset);
        drop(body);
        extract::column_page_or_stub(&text, &url, &rules)
    })
    .await
}

/// Reads a page on a thread of its own.
pub(super) async fn apart<T: Send + 'static>(
    page: &mut Page,
    read: impl FnOnce(Vec<u8>, Option<&str>) -> T + Send + 'static,
) -> Result<T, Trouble> {
    let (body, content_type) = (std::mem::take(&mut page.body), page.content_type.clone());
    let done = tokio::task::spawn_blocking(move || read(body, content_type.as_deref())).await;
    done.map_err(|broken| {
        let message = format!(
            "{}: reading it broke off: {broken}; this is a fault of dibao, please report it",
            page.url
        );
        Trouble::failed(Verdict::Garbage, message)
    })
}
