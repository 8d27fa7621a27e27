//! One article's page: fetched, read and saved.
//!
//! Owns what follows if the article was removed: nothing of it stays in the archive. Never decides
//! whether the article is in doubt.

use url::Url;

use super::page_reader::PageReader;
use super::state::Run;
use crate::extract::{self, Extracted, Stub};
use crate::fetch::{FetchError, Fetched, Hops, Validators};
use crate::identify::CanonicalUrl;
use crate::model::{ColumnName, ListRow};
use crate::pipeline::drift::shows;
use crate::pipeline::reading::{self, PageError, RunError, is_root};
use crate::store::{ReadPage, Reading, SaveOutcome, Shows};

/// The answer to a request for an article's page.
pub(super) enum Answer {
    Read(Box<ReadPage>, Shows),
    Unchanged,
}

impl PageReader<'_> {
    /// Fetches and reads an article's page and its further parts. `row` is what the column's list
    /// says of it. A 304 of the first part stands for all of them.
    pub(super) async fn read_article(
        &self,
        url: &Url,
        row: Option<&ListRow>,
        validators: Option<&Validators>,
    ) -> Result<Answer, PageError> {
        let fetched = self.get(url, validators).await;
        self.read_fetched(url, row, fetched).await
    }

    /// Reads an article like [`PageReader::read_article`], whose first page was asked for.
    pub(super) async fn read_fetched(
        &self,
        url: &Url,
        row: Option<&ListRow>,
        fetched: Result<Fetched, RunError>,
    ) -> Result<Answer, PageError> {
        let mut page = match fetched {
            Ok(Fetched::Page(page)) => page,
            Ok(Fetched::NotModified) => return Ok(Answer::Unchanged),
            Err(error) => return self.read_large_file(url, row, error),
        };
        let mut hops = Hops::new(url);
        let (mut article, charset) = loop {
            if is_root(&page.url) && !is_root(url) {
                return Err(PageError::Held {
                    verdict: Stub::NotFound.verdict(),
                    message: format!("{url}: leads to {}, which is not an article", page.url),
                });
            }
            let read = reading::article(self.column, &mut page, row).await;
            let stub = match read.map_err(PageError::Run)? {
                Ok(read) => break read,
                Err(stub) => stub,
            };
            let next = self.go_on(&mut hops, &stub).await;
            page = match next.map_err(PageError::Run)? {
                Some(next) => next,
                None => return Err(reading::no_article(&page.url, &stub)),
            };
        };
        let parts = self.read_parts(&page.url, &mut article).await?;
        let reading = Reading {
            capture: page.capture,
            charset: Some(charset),
            row: row.cloned(),
            own_title: None,
            read_by: Some(self.column.name.clone()),
            kept: Vec::new(),
            parts,
        };
        self.accepted(url, page.url, article, page.validators, reading)
    }

    /// A row that leads to a file too large to be fetched is an entry with that file.
    fn read_large_file(
        &self,
        url: &Url,
        row: Option<&ListRow>,
        error: RunError,
    ) -> Result<Answer, PageError> {
        let large = match &error {
            RunError::Fetch(FetchError::TooLarge { url, .. }) => Url::parse(url).ok(),
            _ => None,
        };
        let file = large.zip(row).and_then(|(found_at, row)| {
            let article = extract::large_file(&found_at, row)?;
            Some((found_at, article))
        });
        let Some((found_at, article)) = file else {
            return Err(PageError::Run(error));
        };
        let reading = Reading {
            row: row.cloned(),
            read_by: Some(self.column.name.clone()),
            ..Reading::default()
        };
        self.accepted(url, found_at, article, Validators::default(), reading)
    }

    fn accepted(
        &self,
        url: &Url,
        found_at: Url,
        article: Extracted,
        validators: Validators,
        reading: Reading,
    ) -> Result<Answer, PageError> {
        let unmatched = reading::unmatched(&article.problems);
        let content = reading::accepted(self.column, &found_at, article, self.clock.now())?;
        let shows = shows(&content, unmatched);
        let read = ReadPage {
            portal: self.column.portal.clone(),
            url: url.clone(),
            found_at,
            content,
            validators,
            reading,
        };
        Ok(Answer::Read(Box::new(read), shows))
    }
}

impl Run<'_> {
    /// Saves an article and counts it, unless it is doubtful. A new one is listed by `column`.
    pub(super) async fn save(
        &mut self,
        column: Option<&ColumnName>,
        read: &ReadPage,
    ) -> Result<SaveOutcome, RunError> {
        let now = self.now();
        let outcome = self.store().articles().save(now, column, read).await?;
        if matches!(outcome, SaveOutcome::Changed(_)) {
            let body = &read.content.body;
            let text = body.body_html.len() + body.body_text.len();
            self.spending.add_text(now, text);
        }
        if outcome == SaveOutcome::Removed {
            self.erase(read).await?;
        }
        if outcome != SaveOutcome::Doubtful {
            self.report.count(now, &read.url, outcome);
        }
        Ok(outcome)
    }

    /// Erases the fresh captures of a removed article from the archive, with its further parts,
    /// unless a part is an article of its own.
    async fn erase(&self, read: &ReadPage) -> Result<(), RunError> {
        let mut urls = vec![&read.url, &read.found_at];
        for part in &read.reading.parts {
            if !self
                .store()
                .articles()
                .has_page(&CanonicalUrl::from(part))
                .await?
            {
                urls.push(part);
            }
        }
        if let Err(error) = self.collector.archive_writer.erase(&urls).await {
            let message = format!(
                "{} shows an article that was removed, and what was archived of it could not be \
                 erased: {}. Run `dibao remove` again for that article",
                read.url, error.cause
            );
            let (now, subject) = (self.now(), self.column.name.as_str());
            self.store()
                .incidents()
                .note(now, "removed-again", subject, &message)
                .await?;
        }
        Ok(())
    }
}
