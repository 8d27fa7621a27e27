//! `dibao extract`: prints article pages as JSON, with the place of each value.
//!
//! Owns the output and the exit code. Never stores what it reads.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::num::NonZero;
use std::sync::Arc;

use serde::Serialize;
use tokio::task::JoinHandle;
use url::Url;

use super::outcome::{Done, Stop, say, tell};
use super::page::{Pages, TextPage, is_url};
use super::ready;
use crate::config::{ArticleRules, Column, Folders, ListRules};
use crate::extract::{self, Above, Confidence, Extracted, Problem, Stub};
use crate::model::{Body, ColumnName, Field, Metadata, Provenance, Timestamp, content_sha256};

/// At most this many further parts of an article are fetched.
const MOST_PARTS: usize = 30;

/// An article in the published form, with `null` for values that only a store has.
#[derive(Serialize)]
struct Line<'a> {
    id: Option<()>,
    portal: Option<&'a str>,
    columns: Vec<&'a ColumnName>,
    title: &'a str,
    #[serde(flatten)]
    metadata: &'a Metadata,
    url: Option<&'a Url>,
    aliases: [Url; 0],
    #[serde(flatten)]
    body: &'a Body,
    revision: Option<u32>,
    first_seen_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
    withdrawn_at: Option<Timestamp>,
    content_sha256: String,
    provenance: &'a Provenance,
    confidence: &'a BTreeMap<Field, Confidence>,
}

pub(super) async fn extract(
    folders: &Folders,
    names: &[String],
    url: Option<Url>,
    column: Option<ColumnName>,
) -> Result<Done, Stop> {
    let column = column
        .map(|name| ready::column(folders, &name))
        .transpose()?;
    let rules = column
        .as_ref()
        .map(Column::article_rules)
        .unwrap_or_default();
    let rules = Arc::new(rules);
    let mut pages = Pages::new(folders, column.as_ref(), url);
    // While a long page is waited for, the cores have others to read.
    let ahead = 4 * std::thread::available_parallelism().map_or(2, NonZero::get);
    let mut names = names.iter();
    let mut reading = VecDeque::new();
    let mut done = Done::Well;
    loop {
        while reading.len() < ahead
            && let Some(name) = names.next()
        {
            let page = pages.read(name).await;
            reading.push_back((name, page.map(|page| read(page, Arc::clone(&rules)))));
        }
        let Some((name, read)) = reading.pop_front() else {
            return Ok(done);
        };
        let line = match read {
            Ok(read) => article(&mut pages, name, read, &rules, column.as_ref()).await,
            Err(error) => Err(error),
        };
        match line {
            Ok(line) => say(&line)?,
            Err(error) => {
                tell(&format!("dibao: {error}"));
                done = Done::Partly;
            }
        }
    }
}

/// A page that is being read on a thread of its own.
type Reading = JoinHandle<(TextPage, Result<Extracted, Stub>)>;

fn read(page: TextPage, rules: Arc<ArticleRules>) -> Reading {
    tokio::task::spawn_blocking(move || {
        let extracted = extract::article_or_stub(page.page(), &page.base, &rules, None);
        (page, extracted)
    })
}

/// The page's article as a line of JSON, or an error that says what the page is instead.
async fn article(
    pages: &mut Pages<'_>,
    name: &str,
    read: Reading,
    rules: &ArticleRules,
    column: Option<&Column>,
) -> Result<String, String> {
    let (page, extracted) = read.await.map_err(|broken| {
        format!(
            "{name}: reading it broke off: {broken}; this is a fault of dibao, please report it"
        )
    })?;
    let mut extracted =
        extracted.map_err(|stub| format!("{name}: is not an article: {}", instead(&page, stub)))?;
    join(pages, name, rules, &mut extracted).await?;
    for problem in &extracted.problems {
        tell(&format!("{name}: {problem}"));
    }
    line(&extracted, &page, column).ok_or_else(|| {
        format!(
            "{name}: is not an article: {}\n  remedy: see whether it is an article's page; if so, \
             name where these stand with --column and its feed file",
            missing(&extracted)
        )
    })
}

/// Says what a page is that is not an article.
fn instead(page: &TextPage, stub: Stub) -> String {
    let lists = || {
        let rules = ListRules::default();
        let read = extract::column_page_or_stub(page.page(), &page.base, &rules, Above::Unknown);
        read.is_ok_and(|column| !column.items.is_empty())
    };
    if stub == Stub::NotFound && lists() {
        return "it lists others\n  remedy: see its items with dibao list".to_owned();
    }
    let code = stub.verdict().code();
    format!("{code}: {stub}\n  remedy: see with a browser what is at its address")
}

/// Fetches the further parts of an article and appends them. An article from a file stays as it is.
async fn join(
    pages: &mut Pages<'_>,
    name: &str,
    rules: &ArticleRules,
    article: &mut Extracted,
) -> Result<(), String> {
    if !is_url(name) {
        return Ok(());
    }
    let mut seen = BTreeSet::new();
    while let Some(url) = article.next_part.clone() {
        if !seen.insert(url.clone()) {
            break;
        }
        if seen.len() > MOST_PARTS {
            return Err(format!("{name}: has more than {MOST_PARTS} further parts"));
        }
        let part = pages
            .read(url.as_str())
            .await
            .map_err(|error| format!("{name}: goes on at {url}, which cannot be read: {error}"))?;
        if !article.append(extract::article(part.page(), &part.base, rules)) {
            break;
        }
    }
    Ok(())
}

/// The page as a line of JSON; `None` for a page without title or body.
fn line(extracted: &Extracted, page: &TextPage, column: Option<&Column>) -> Option<String> {
    let title = extracted.title.as_deref()?;
    if extracted.body.is_empty() {
        return None;
    }
    let line = Line {
        id: None,
        portal: column.map(|column| column.portal.as_str()),
        columns: column.iter().map(|column| &column.name).collect(),
        title,
        metadata: &extracted.metadata,
        url: page.url.as_ref(),
        aliases: [],
        body: &extracted.body,
        revision: None,
        first_seen_at: None,
        updated_at: None,
        withdrawn_at: None,
        content_sha256: content_sha256(title, &extracted.metadata, &extracted.body),
        provenance: &extracted.provenance,
        confidence: &extracted.confidence,
    };
    serde_json::to_string(&line).ok()
}

fn missing(extracted: &Extracted) -> &'static str {
    match (
        &extracted.title,
        extracted.problems.contains(&Problem::NoBody),
    ) {
        (None, true) => "it shows neither a title nor a body",
        (None, false) => "it shows no title",
        _ => "it shows no body: no text, no picture, no file",
    }
}
