//! `dibao export`: the articles, or the changes, to stdout; nothing is held in memory whole.

use std::io::Write;
use std::pin::pin;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use super::args::{Format, Places};
use super::{Done, Stop, say};
use crate::model::Article;
use crate::store::{Store, StoreError};

/// Changes read from the store at a time.
const BATCH: i64 = 1000;

pub(super) async fn export(
    places: &Places,
    format: Format,
    changes: bool,
    after: i64,
) -> Result<Done, Stop> {
    let store = Store::open_existing(&places.data())
        .await
        .map_err(Stop::configuration)?;
    if changes {
        let batches = stream::try_unfold(after, |after| {
            let store = &store;
            async move {
                let batch = store.changes(after, BATCH).await?;
                let next = batch.last().map(|change| change.seq);
                Ok::<_, StoreError>(next.map(|next| (stream::iter(batch).map(Ok), next)))
            }
        });
        if format == Format::Csv {
            return Err(Stop::configuration(
                "changes have no CSV form\n  remedy: leave --format out, or write --format json",
            ));
        }
        write_json(batches.try_flatten(), format).await?;
    } else if format == Format::Csv {
        write_csv(&store).await?;
    } else {
        write_json(store.articles(), format).await?;
    }
    store.close().await;
    Ok(Done::Well)
}

async fn write_json<T: Serialize>(
    records: impl futures_util::Stream<Item = Result<T, StoreError>>,
    format: Format,
) -> Result<(), Stop> {
    let mut records = pin!(records);
    let mut separator = "[\n";
    while let Some(record) = records.next().await {
        let json = serde_json::to_string(&record.map_err(Stop::failed)?).map_err(Stop::failed)?;
        if format == Format::Json {
            put(separator.as_bytes())?;
            put(json.as_bytes())?;
            separator = ",\n";
        } else {
            say(&json)?;
        }
    }
    match format {
        Format::Json if separator == "[\n" => say("[]"),
        Format::Json => say("\n]"),
        _ => Ok(()),
    }
}

/// A row of the spreadsheet: lists are joined with `; `, the text is plain.
#[derive(Serialize)]
struct Row<'a> {
    id: String,
    portal: &'a str,
    columns: String,
    index_number: Option<&'a str>,
    document_number: Option<&'a str>,
    issued_on: Option<String>,
    issuer: Option<&'a str>,
    subject_terms: String,
    title: &'a str,
    topic_category: Option<&'a str>,
    published_on: Option<String>,
    published_at: Option<String>,
    source: Option<&'a str>,
    url: &'a str,
    aliases: String,
    body_text: &'a str,
    images: String,
    attachments: String,
    revision: u32,
    first_seen_at: String,
    updated_at: String,
    withdrawn_at: Option<String>,
}

fn row(article: &Article) -> Row<'_> {
    let metadata = &article.metadata;
    let join = |items: Vec<&str>| items.join("; ");
    Row {
        id: article.id.to_string(),
        portal: &article.portal,
        columns: join(article.columns.iter().map(|name| name.as_str()).collect()),
        index_number: metadata.index_number.as_ref().map(|number| number.as_str()),
        document_number: metadata.document_number.as_deref(),
        issued_on: metadata.issued_on.map(|day| day.to_string()),
        issuer: metadata.issuer.as_deref(),
        subject_terms: metadata.subject_terms.join("; "),
        title: &article.title,
        topic_category: metadata.topic_category.as_deref(),
        published_on: metadata.published_on.map(|day| day.to_string()),
        published_at: metadata.published_at.map(|at| at.to_string()),
        source: metadata.source.as_deref(),
        url: article.url.as_str(),
        aliases: join(article.aliases.iter().map(url::Url::as_str).collect()),
        body_text: &article.body.body_text,
        images: join(
            article
                .body
                .images
                .iter()
                .map(|image| image.url.as_str())
                .collect(),
        ),
        attachments: join(
            article
                .body
                .attachments
                .iter()
                .map(|file| file.url.as_str())
                .collect(),
        ),
        revision: article.revision,
        first_seen_at: article.first_seen_at.to_string(),
        updated_at: article.updated_at.to_string(),
        withdrawn_at: article.withdrawn_at.map(|at| at.to_string()),
    }
}

async fn write_csv(store: &Store) -> Result<(), Stop> {
    // Spreadsheets take a file without this mark for one in the machine's own charset.
    put("\u{feff}".as_bytes())?;
    let mut articles = pin!(store.articles());
    let mut has_headers = true;
    while let Some(article) = articles.next().await {
        let article = article.map_err(Stop::failed)?;
        let mut writer = csv::WriterBuilder::new()
            .has_headers(std::mem::take(&mut has_headers))
            .from_writer(Vec::new());
        writer.serialize(row(&article)).map_err(Stop::failed)?;
        put(&writer.into_inner().map_err(Stop::failed)?)?;
    }
    Ok(())
}

/// Writes bytes to stdout, as [`say`] does a line.
fn put(bytes: &[u8]) -> Result<(), Stop> {
    match std::io::stdout().write_all(bytes) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(e) => Err(Stop::failed(format_args!("stdout cannot be written: {e}"))),
    }
}
