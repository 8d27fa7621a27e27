//! Reads an archived page by today's rules, as if it had just been fetched.
//!
//! Owns the choice of the capture, its parts, the rules and the day. Never fetches, never writes
//! anything.

use std::collections::BTreeSet;

use url::Url;

use crate::archive::{ArchiveFiles, CapturePlace, Captured};
use crate::config::Column;
use crate::decode::Charset;
use crate::extract::Extracted;
use crate::fetch::replay;
use crate::model::{ListRow, Verdict};
use crate::pipeline::reading::{self, MOST_PARTS, Sent, Unacceptable, accept, has, keep};
use crate::store::{ArchivedPage, ReadPage, Reading, Store, StoreError};

/// Reads archived pages anew.
#[derive(Clone, Debug)]
pub struct Rereader {
    /// Knows the capture that a page was read from.
    pub store: Store,
    /// Has the captures.
    pub archive: ArchiveFiles,
}

/// Why a page cannot be read anew. It stays as it was.
#[derive(Debug)]
pub enum Unread {
    /// A part of it is not in the archive.
    NotArchived(String),
    /// Its capture cannot be read, or was changed.
    Damaged(String),
    /// Today's rules find no article on it.
    Held {
        /// The verdict on it.
        verdict: Verdict,
        /// The same, with the page and the remedy.
        message: String,
    },
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for Unread {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Unread {
    fn lacking(page: &ArchivedPage, lack: &Unacceptable) -> Self {
        let missing: Vec<&str> = lack.missing.iter().map(|field| field.name()).collect();
        let unmatched = match lack.unmatched.as_slice() {
            [] => String::new(),
            rules => format!("; nothing on it matches {}", rules.join(", nor ")),
        };
        Self::Held {
            verdict: lack.verdict(),
            message: format!(
                "{}: these rules find no {} on it{unmatched}",
                page.url,
                missing.join(", no ")
            ),
        }
    }
}

impl Rereader {
    /// Reads the page by the rules of this column.
    pub async fn reread(&self, page: &ArchivedPage, column: &Column) -> Result<ReadPage, Unread> {
        let place = CapturePlace {
            file: page.position.file.clone(),
            offset: u64::try_from(page.position.offset).unwrap_or_default(),
        };
        let expected = Some(page.payload_digest.clone());
        let (first, mut article, charset) = self
            .page(&place, expected, column, page.row.as_ref())
            .await?;
        self.parts(page, column, &first, &mut article).await?;
        let accepted = accept(article, &column.fields, page.read_at);
        let mut content = accepted.map_err(|lack| Unread::lacking(page, &lack))?;
        let mut kept = Vec::new();
        for field in &page.kept {
            let title = Some(content.title.as_str());
            if !has(*field, title, &content.metadata, &content.body) {
                keep(*field, &page.content, &mut content);
                kept.push(*field);
            }
        }
        let read = ReadPage {
            portal: page.portal.clone(),
            url: page.url.clone(),
            found_at: first,
            content,
            validators: Default::default(),
            reading: Reading {
                capture: Some(page.capture),
                charset: Some(charset),
                row: page.row.clone(),
                own_title: None,
                read_by: Some(column.name.clone()),
                kept,
                // Nothing was fetched that might have to be erased.
                parts: Vec::new(),
            },
        };
        Ok(self.store.articles().told_by_row(read).await?)
    }

    /// Adds the article's further parts, as they were when it was read.
    async fn parts(
        &self,
        page: &ArchivedPage,
        column: &Column,
        first: &Url,
        article: &mut Extracted,
    ) -> Result<(), Unread> {
        let mut seen = BTreeSet::from([first.clone()]);
        while let Some(url) = article.next_part.clone() {
            if !seen.insert(url.clone()) {
                break;
            }
            let held = |verdict, why: &str| Unread::Held {
                verdict,
                message: format!("{}: {why}", page.url),
            };
            if seen.len() > MOST_PARTS {
                let why = format!("the article has more than {MOST_PARTS} parts");
                return Err(held(Verdict::TooLarge, &why));
            }
            let Some(place) = self.part(page, &url).await? else {
                return Err(Unread::NotArchived(format!(
                    "{}: goes on at {url}, which is not in the archive",
                    page.url
                )));
            };
            let (_, part, _) = self.page(&place, None, column, None).await?;
            if part.body.is_empty() {
                let why = format!("its part {url} shows no text, no picture and no file");
                return Err(held(Verdict::FieldMissing, &why));
            }
            if !article.append(part) {
                break;
            }
        }
        Ok(())
    }

    /// The capture of a part. Some portals link over https to pages that they serve over http
    /// alone.
    async fn part(
        &self,
        page: &ArchivedPage,
        url: &Url,
    ) -> Result<Option<CapturePlace>, StoreError> {
        let until = page.is_exact.then_some(page.read_at);
        let found = self.store.captures().until(url, until).await?;
        let mut plain = url.clone();
        if found.is_none() && url.scheme() == "https" && plain.set_scheme("http").is_ok() {
            return self.store.captures().until(&plain, until).await;
        }
        Ok(found)
    }

    /// Reads the page that is archived at `place`, on a thread of its own. `expected` is the digest
    /// of the body as it was sent.
    async fn page(
        &self,
        place: &CapturePlace,
        expected: Option<String>,
        column: &Column,
        row: Option<&ListRow>,
    ) -> Result<(Url, Extracted, Charset), Unread> {
        let captured = self.captured(place).await?;
        let (charset, rules) = (column.fetch.charset, column.article_rules());
        let (url, row) = (captured.url.clone(), row.cloned());
        let read = tokio::task::spawn_blocking(move || {
            let whole = whole(&captured, expected.as_deref());
            let page = whole.and_then(|()| {
                replay(&captured.head, &captured.body).map_err(|error| error.to_string())
            });
            let page =
                page.map_err(|cause| Unread::Damaged(format!("{}: {cause}", captured.url)))?;
            let Captured { url, .. } = captured;
            let sent = Sent {
                body: page.body,
                content_type: page.content_type,
                refresh: page.refresh,
            };
            let read = reading::article_of(sent, charset, &url, &rules, row.as_ref());
            let (article, charset) = read.map_err(|stub| Unread::Held {
                verdict: stub.verdict(),
                message: format!("{url}: {stub}"),
            })?;
            Ok((url, article, charset))
        });
        read.await.unwrap_or_else(|broken| {
            Err(Unread::Held {
                verdict: Verdict::Garbage,
                message: format!(
                    "{url}: reading it broke off: {broken}; this is a fault of dibao, please report it"
                ),
            })
        })
    }

    /// The capture at `place`, or the one that it repeats.
    async fn captured(&self, place: &CapturePlace) -> Result<Captured, Unread> {
        let captured = self.captured_at(place).await?;
        let Some(earlier) = &captured.refers_to else {
            return Ok(captured);
        };
        let known = self
            .store
            .captures()
            .of_record(&earlier.url, &earlier.record_id);
        match known.await? {
            Some(place) => self.captured_at(&place).await,
            None => Err(Unread::NotArchived(format!(
                "{}: the capture that it repeats, {}, is not in the archive",
                captured.url, earlier.record_id
            ))),
        }
    }

    async fn captured_at(&self, place: &CapturePlace) -> Result<Captured, Unread> {
        let (archive, CapturePlace { file, offset }) = (self.archive.clone(), place.clone());
        let read = tokio::task::spawn_blocking(move || archive.read(&file, offset)).await;
        match read {
            Ok(captured) => captured.map_err(|error| Unread::Damaged(error.to_string())),
            Err(broken) => Err(Unread::Damaged(broken.to_string())),
        }
    }
}

fn whole(captured: &Captured, expected: Option<&str>) -> Result<(), String> {
    match expected {
        Some(expected) if captured.body_digest() != expected => Err(format!(
            "its archived bytes are not those that were sent: their digest is {}, not {expected}",
            captured.body_digest()
        )),
        _ => Ok(()),
    }
}
