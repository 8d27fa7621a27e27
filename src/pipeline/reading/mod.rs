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
use crate::extract::{self, Above, ColumnPage, Extracted, PageText, Stub};
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
) -> Result<Result<(Extracted, Charset), Stub>, RunError> {
    let (charset, rules) = (column.fetch.charset, column.article_rules());
    let (url, row) = (page.url.clone(), row.cloned());
    apart(page, move |sent| {
        article_of(sent, charset, &url, &rules, row.as_ref())
    })
    .await
}

/// The error for a page that is no article.
pub(super) fn no_article(url: &Url, stub: &Stub) -> PageError {
    PageError::Held {
        verdict: stub.verdict(),
        message: format!("{url}: {stub}; nothing of it was stored"),
    }
}

/// The parts of an answer from which a page is read.
pub(super) struct Sent {
    pub(super) body: Vec<u8>,
    pub(super) content_type: Option<String>,
    pub(super) refresh: Option<String>,
}

impl Sent {
    /// Decodes the body, and gives it up.
    fn decode(self, charset: Option<&'static encoding_rs::Encoding>) -> (Decoded, Option<String>) {
        let decoded = decode::decode(&self.body, self.content_type.as_deref(), charset);
        (decoded, self.refresh)
    }
}

/// Reads the page of an article or of a part of it from its bytes, or says what it is instead. Where
/// a list's row leads to a file, the row is all that is read.
pub(super) fn article_of(
    sent: Sent,
    charset: Option<&'static encoding_rs::Encoding>,
    url: &Url,
    rules: &ArticleRules,
    row: Option<&ListRow>,
) -> Result<(Extracted, Charset), Stub> {
    let content_type = sent.content_type.as_deref();
    if let Some(file) = row.and_then(|row| extract::file(&sent.body, content_type, url, row)) {
        return Ok((file, Charset::from(&decode::decode(&[], None, charset))));
    }
    let (decoded, refresh) = sent.decode(charset);
    let text = PageText::from(&decoded).with_refresh(refresh.as_deref());
    let extracted = extract::article_or_stub(text, url, rules, row)?;
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
    apart(page, move |sent| {
        let (decoded, refresh) = sent.decode(charset);
        let text = PageText::from(&decoded).with_refresh(refresh.as_deref());
        extract::column_page_or_stub(text, &url, &rules, above)
    })
    .await
}

/// Reads a page on a thread of its own.
async fn apart<T: Send + 'static>(
    page: &mut Page,
    read: impl FnOnce(Sent) -> T + Send + 'static,
) -> Result<T, RunError> {
    let sent = Sent {
        body: std::mem::take(&mut page.body),
        content_type: page.content_type.clone(),
        refresh: page.refresh.clone(),
    };
    // Log lines of that thread belong to the same run.
    let span = tracing::Span::current();
    let read = move || span.in_scope(|| read(sent));
    let done = tokio::task::spawn_blocking(read).await;
    done.map_err(|broken| {
        let message = format!(
            "{}: reading it broke off: {broken}; this is a fault of dibao, please report it",
            page.url
        );
        RunError::failed(Verdict::Garbage, message)
    })
}
