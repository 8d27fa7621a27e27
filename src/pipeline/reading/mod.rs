//! From the bytes of a page to an article's content, on a thread of its own: a page that takes long
//! to read delays no other request.
//!
//! Owns the sequence decode → extract → accept. Never fetches, never asks the store.

mod accept;
mod errors;
mod fields;

use url::Url;

use crate::config::{ArticleRules, Column};
use crate::decode::{self, Charset, Decoded};
use crate::extract::{self, Above, ColumnPage, Extracted, Stub};
use crate::fetch::Page;
use crate::model::{ListRow, Timestamp, Verdict};
use crate::store::PageContent;

pub(super) use accept::unmatched;
pub use accept::{Unacceptable, accept};
pub(super) use errors::{PageError, RunError, is_root};
pub(super) use fields::{has, keep};

/// The most parts that an article may have, the first included.
pub(super) const MOST_PARTS: usize = 30;

/// Reads the page of an article or of a part of it, and takes the page's body. `row` is what the
/// column's list says of the article.
pub(super) async fn article(
    column: &Column,
    page: &mut Page,
    row: Option<&ListRow>,
) -> Result<(Extracted, Charset), PageError> {
    let (charset, rules) = (column.fetch.charset, column.article.clone());
    let (url, row) = (page.url.clone(), row.cloned());
    let read = apart(page, move |body, content_type| {
        let read = article_of(body, content_type, charset, &url, &rules, row.as_ref());
        read.map_err(|stub| PageError::Held {
            verdict: stub.verdict(),
            message: format!("{url}: {stub}; nothing of it was stored"),
        })
    });
    read.await.map_err(PageError::Run)?
}

/// Reads the page of an article or of a part of it from its bytes, or says what it is instead.
pub(super) fn article_of(
    body: Vec<u8>,
    content_type: Option<&str>,
    charset: Option<&'static encoding_rs::Encoding>,
    url: &Url,
    rules: &ArticleRules,
    row: Option<&ListRow>,
) -> Result<(Extracted, Charset), Stub> {
    let decoded = decode::decode(&body, content_type, charset);
    drop(body);
    let extracted = extract::article_or_stub(&decoded.text, url, rules, row)?;
    for problem in &extracted.problems {
        tracing::info!(%url, %problem, "odd page");
    }
    Ok((extracted, Charset::from(&decoded)))
}

/// Turns the values of the page at `url` into an article's content, or says what is missing.
pub(super) fn accepted(
    column: &Column,
    url: &Url,
    extracted: Extracted,
    now: Timestamp,
) -> Result<PageContent, PageError> {
    accept(extracted, &column.fields, now).map_err(|unacceptable| PageError::Held {
        verdict: unacceptable.verdict(),
        message: format!("{url}: {unacceptable}"),
    })
}

/// Reads a column page, and takes its body. `above` is what stands above its rows.
pub(super) async fn column_page(
    column: &Column,
    page: &mut Page,
    above: Above,
) -> Result<Result<ColumnPage, Stub>, RunError> {
    let (charset, rules) = (column.fetch.charset, column.list.clone());
    let url = page.url.clone();
    apart(page, move |body, content_type| {
        let Decoded { text, .. } = decode::decode(&body, content_type, charset);
        drop(body);
        extract::column_page_or_stub(&text, &url, &rules, above)
    })
    .await
}

/// Reads a page on a thread of its own.
async fn apart<T: Send + 'static>(
    page: &mut Page,
    read: impl FnOnce(Vec<u8>, Option<&str>) -> T + Send + 'static,
) -> Result<T, RunError> {
    let (body, content_type) = (std::mem::take(&mut page.body), page.content_type.clone());
    // Log lines of that thread belong to the same run.
    let span = tracing::Span::current();
    let read = move || span.in_scope(|| read(body, content_type.as_deref()));
    let done = tokio::task::spawn_blocking(read).await;
    done.map_err(|broken| {
        let message = format!(
            "{}: reading it broke off: {broken}; this is a fault of dibao, please report it",
            page.url
        );
        RunError::failed(Verdict::Garbage, message)
    })
}
