//! Re-extraction: reads every archived page anew by today's rules, in the order of the archive. A
//! page that gives another content now is saved as re-extracted.
//!
//! Owns the order, how it goes on after a stop or a kill, and the count. Never fetches, and takes
//! no host: the portals may be down.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use futures_util::{StreamExt, stream};
use scraper::selector::ToCss;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::rereader::{Rereader, Unread};
use crate::config::Column;
use crate::model::{Article, Change, ChangeKind, Clock, ColumnName, Verdict, sha256_hex};
use crate::pipeline::progress::{Progress, Step};
use crate::render::differences::{Difference, DifferenceKind, differences};
use crate::store::{ArchivedPage, Checkpoint, Position, ReadPage, Reread, Rewritten, StoreError};

/// Pages that are saved in one transaction; no more than these are held in memory.
const BATCH: i64 = 32;

/// Reads an archive anew.
#[derive(Clone, Debug)]
pub struct Reextractor {
    /// Where the pages are.
    pub rereader: Rereader,
    /// The clock.
    pub clock: Clock,
    /// Who listens.
    pub progress: Progress,
    /// Stops it between two pages.
    pub stop: CancellationToken,
    /// Whether to find out only what would change, and write nothing.
    pub is_dry: bool,
}

/// A step of a re-extraction, reported as it goes on.
#[derive(Debug)]
pub enum ReextractStep<'a> {
    /// It goes on after this many pages.
    GoesOn(i64),
    /// An article has changed, or would.
    Changed {
        /// The change.
        change: &'a Change,
        /// The fields that differ.
        differences: &'a [Difference],
    },
    /// A page stays as it was: a stable code, and why.
    Left(&'a str),
}

/// The result of a re-extraction.
#[derive(Clone, Debug, Default)]
pub struct ReextractReport {
    /// Whether nothing was written.
    pub is_dry: bool,
    /// Pages that are done, earlier turns included.
    pub done: i64,
    /// All pages that are archived.
    pub all: i64,
    /// Pages with the same content as before.
    pub unchanged: usize,
    /// Pages with another content, whether their article changes or not.
    pub otherwise: usize,
    /// Pages that stay as they were because they are not archived, or because a run saved them
    /// first.
    pub left: usize,
    /// Pages that stay as they were because today's rules cannot read them.
    pub failed: usize,
    /// Pages of columns that were not named, or have no feed file.
    pub passed: usize,
    /// Pages without a capture.
    pub without_capture: i64,
    /// Changes, by kind.
    pub changes: BTreeMap<&'static str, usize>,
    /// Articles that differ, by column and field.
    pub fields: BTreeMap<ColumnName, BTreeMap<String, BTreeMap<DifferenceKind, usize>>>,
    /// Articles that differ, by column.
    pub articles: BTreeMap<ColumnName, usize>,
    /// Whether it was stopped.
    pub is_stopped: bool,
    /// How long it took.
    pub elapsed: Duration,
}

impl Reextractor {
    /// Reads the pages of the `chosen` columns anew by their rules. `columns` are all columns.
    pub async fn reextract(
        &self,
        columns: &[Column],
        chosen: &[&Column],
        mut tell: impl FnMut(ReextractStep<'_>),
    ) -> Result<ReextractReport, StoreError> {
        let began = Instant::now();
        let store = &self.rereader.store;
        let (all, without_capture) = store.captures().page_counts().await?;
        let mut report = ReextractReport {
            is_dry: self.is_dry,
            all,
            without_capture,
            ..ReextractReport::default()
        };
        let rules = rules(chosen);
        let mut position = Position::default();
        if !self.is_dry
            && let Some(known) = store.captures().checkpoint(&rules).await?
        {
            tell(ReextractStep::GoesOn(known.pages));
            (position, report.done) = (known.position, known.pages);
        }
        while !report.is_stopped {
            let pages = store.captures().pages(&position, BATCH).await?;
            if pages.is_empty() {
                break;
            }
            let mut otherwise = Vec::new();
            let side_by_side = std::thread::available_parallelism().map_or(2, |cores| cores.get());
            let mut reads: Vec<BoxFuture<'_, Read>> = Vec::with_capacity(pages.len());
            for page in &pages {
                reads.push(Box::pin(self.read(page, columns, chosen)));
            }
            let mut read = stream::iter(reads).buffered(side_by_side + 1);
            for page in &pages {
                let next = tokio::select! {
                    biased;
                    () = self.stop.cancelled() => None,
                    next = read.next() => next,
                };
                let Some(next) = next else {
                    report.is_stopped = true;
                    break;
                };
                match next {
                    Read::Otherwise(read) => otherwise.push(Reread {
                        page: page.clone(),
                        read: *read,
                    }),
                    other => report.take(other, &mut tell)?,
                }
                position.clone_from(&page.position);
                report.done += 1;
                let (done, all) = (report.done, report.all);
                self.progress.tell(Step::Reread { done, all });
                if done % 1000 == 0 {
                    tracing::info!(done, all, "read anew");
                }
            }
            drop(read);
            self.record(&rules, &position, &otherwise, &mut report, &mut tell)
                .await?;
        }
        if !self.is_dry && !report.is_stopped {
            store.captures().end_reextractions().await?;
        }
        report.elapsed = began.elapsed();
        Ok(report)
    }

    /// Reads a page by the rules of its column, if that column is chosen.
    async fn read(&self, page: &ArchivedPage, columns: &[Column], chosen: &[&Column]) -> Read {
        let is_chosen = |column: &&Column| chosen.iter().any(|it| it.name == column.name);
        let Some(column) = column_of(page, columns).filter(is_chosen) else {
            return Read::Passed;
        };
        match self.rereader.reread(page, column).await {
            Ok(read) if page.says(&read) => Read::Unchanged,
            Ok(read) => Read::Otherwise(Box::new(read)),
            Err(unread) => Read::Unread(unread),
        }
    }

    async fn record(
        &self,
        rules: &str,
        position: &Position,
        otherwise: &[Reread],
        report: &mut ReextractReport,
        tell: &mut impl FnMut(ReextractStep<'_>),
    ) -> Result<(), StoreError> {
        if self.is_dry && otherwise.is_empty() {
            return Ok(());
        }
        let checkpoint = Checkpoint {
            rules: rules.to_owned(),
            position: position.clone(),
            pages: report.done,
        };
        let checkpoint = (!self.is_dry).then_some(&checkpoint);
        let now = self.clock.now();
        let store = &self.rereader.store;
        let recorded = store
            .captures()
            .reextract(now, otherwise, checkpoint)
            .await?;
        for (page, rewritten) in otherwise.iter().zip(&recorded.pages) {
            match rewritten {
                Rewritten::Done => report.otherwise += 1,
                Rewritten::Doubtful => {
                    let verdict = Verdict::Doubtful;
                    let message = format!(
                        "{}: today's rules read quite another text there, or hardly any; see with \
                         `dibao verify` what they find, and fix them",
                        page.page.url
                    );
                    report.take(Read::Unread(Unread::Held { verdict, message }), tell)?;
                }
                Rewritten::Overtaken => {
                    let why = format!("{}: a run has read it meanwhile", page.page.url);
                    report.left += 1;
                    tell(ReextractStep::Left(&why));
                }
            }
        }
        for (change, before) in &recorded.changes {
            let found = match before {
                Some(before) => differences(before, &change.article),
                None => Vec::new(),
            };
            report.count(change, before.as_ref(), &found);
            let (change, differences) = (change, found.as_slice());
            tell(ReextractStep::Changed {
                change,
                differences,
            });
        }
        Ok(())
    }
}

/// The outcome of a page.
enum Read {
    /// Its column is not chosen.
    Passed,
    Unchanged,
    Otherwise(Box<ReadPage>),
    Unread(Unread),
}

/// The column by whose rules a page is read: among the columns that list it and have a feed file,
/// the one that read it last, else the first by name.
pub(in crate::pipeline) fn column_of<'a>(
    page: &ArchivedPage,
    columns: &'a [Column],
) -> Option<&'a Column> {
    let by = page.read_by.iter().filter(|by| page.columns.contains(by));
    by.chain(&page.columns).find_map(|name| {
        let mut columns = columns.iter();
        columns.find(|column| column.name == *name && column.portal == page.portal)
    })
}

impl ReextractReport {
    fn take(
        &mut self,
        read: Read,
        tell: &mut impl FnMut(ReextractStep<'_>),
    ) -> Result<(), StoreError> {
        let (why, is_failure) = match read {
            Read::Passed => {
                self.passed += 1;
                return Ok(());
            }
            Read::Unchanged | Read::Otherwise(_) => {
                self.unchanged += 1;
                return Ok(());
            }
            Read::Unread(Unread::Store(error)) => return Err(error),
            Read::Unread(Unread::NotArchived(why)) => (format!("not-archived: {why}"), false),
            Read::Unread(Unread::Damaged(why)) => (format!("archive: {why}"), true),
            Read::Unread(Unread::Held { verdict, message }) => {
                (format!("{}: {message}", verdict.code()), true)
            }
        };
        if is_failure {
            self.failed += 1
        } else {
            self.left += 1
        }
        tell(ReextractStep::Left(&why));
        Ok(())
    }

    fn count(&mut self, change: &Change, before: Option<&Article>, found: &[Difference]) {
        *self.changes.entry(change.kind.name()).or_default() += 1;
        let is_ours = change.kind == ChangeKind::Reextracted && before.is_some();
        for column in change.article.columns.iter().filter(|_| is_ours) {
            *self.articles.entry(column.clone()).or_default() += 1;
            let fields = self.fields.entry(column.clone()).or_default();
            for Difference { field, kind, .. } in found {
                let kinds = fields.entry(field.clone()).or_default();
                *kinds.entry(*kind).or_default() += 1;
            }
        }
    }

    /// Whether some page could not be read anew although it is archived.
    pub fn is_failure(&self) -> bool {
        self.failed > 0
    }

    /// How many articles differ, by column and by field, a line each.
    pub fn totals(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (column, articles) in &self.articles {
            lines.push(format!("{column}  {articles} articles read otherwise"));
            let fields = self.fields.get(column).into_iter().flatten();
            for (field, kinds) in fields {
                let of = |kind| kinds.get(&kind).copied().unwrap_or(0);
                let (gained, lost) = (of(DifferenceKind::Gained), of(DifferenceKind::Lost));
                let changed = of(DifferenceKind::Changed);
                lines.push(format!(
                    "  {field}  {gained} gained, {lost} lost, {changed} changed"
                ));
            }
        }
        lines
    }
}

impl fmt::Display for ReextractReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match (self.is_stopped, self.is_dry) {
            (true, _) => "stopped",
            (false, true) => "dry run",
            (false, false) => "reextracted",
        };
        write!(
            f,
            "{word}  {} of {} archived pages, {} unchanged, {} read otherwise",
            self.done, self.all, self.unchanged, self.otherwise
        )?;
        for (number, what) in [
            (self.failed, "could not be read by these rules"),
            (self.left, "left alone"),
            (self.passed, "of other columns"),
        ] {
            if number > 0 {
                write!(f, ", {number} {what}")?;
            }
        }
        if self.without_capture > 0 {
            write!(f, ", {} pages have no capture", self.without_capture)?;
        }
        let changes: usize = self.changes.values().sum();
        let tense = if self.is_dry { "would be " } else { "" };
        write!(f, "; {changes} changes {tense}recorded")?;
        for (at, (kind, number)) in self.changes.iter().enumerate() {
            let separator = if at == 0 { ": " } else { ", " };
            write!(f, "{separator}{number} {kind}")?;
        }
        if self.is_stopped && !self.is_dry {
            write!(f, "; the same command goes on there")?;
        }
        Ok(())
    }
}

/// A fingerprint of everything that decides how these columns' pages are read: dibao's version, and
/// their feed files' rules for articles.
fn rules(columns: &[&Column]) -> String {
    let mut hash = Sha256::new_with_prefix(env!("CARGO_PKG_VERSION"));
    for column in columns {
        let article = &column.article;
        let body = article.body.as_ref().map(ToCss::to_css_string);
        let fields: Vec<_> = article
            .fields
            .iter()
            .map(|(f, rule)| (f, rule.written()))
            .collect();
        let charset = column.fetch.charset.map(|charset| charset.name());
        let rules = (
            &column.name,
            &column.portal,
            body,
            fields,
            charset,
            &column.fields,
            column.publish.mirror_images,
        );
        hash.update(format!("\n{rules:?}"));
    }
    sha256_hex(hash)
}
