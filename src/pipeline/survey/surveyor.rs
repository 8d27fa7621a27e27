//! Surveys a column.
//!
//! Owns the sequence: the column page, then a few of its articles, with the manners of a run. Never
//! archives or stores a page.

use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;
use thiserror::Error;
use tokio::time::{Instant, sleep};
use url::Url;

use crate::config::{Column, FetchRules};
use crate::decode::{Decoded, decode};
use crate::extract::{self, Above, ColumnPage, Extracted, Item, PageText, Stub};
use crate::fetch::{
    FetchError, Fetched, Fetcher, Hops, HostBook, NoHostBook, Page, Session, host_of,
};
use crate::model::{Clock, Field, ListRow, Verdict};
use crate::pipeline::reading::{self, PageError, RunError, has};
use crate::pipeline::record::StoreHostBook;
use crate::store::{Holder, LeaseKind, Store, StoreError};

/// Articles that a survey reads,
const SAMPLES: usize = 3;
/// and how many it tries for that.
const TRIES: usize = 6;
/// How long a survey waits for a host that another process has, and how often it asks.
const PATIENCE: Duration = Duration::from_secs(60);
const ASK_EVERY: Duration = Duration::from_secs(1);
/// Requests after the first one until the list behind a shell is reached.
const SHELLS: usize = 2;

/// Why a page could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{code}: {message}")]
pub struct SurveyError {
    /// A stable code, the same as in runs.
    pub code: &'static str,
    /// The error and the remedy.
    pub message: String,
}

impl From<RunError> for SurveyError {
    fn from(error: RunError) -> Self {
        Self {
            code: error.reason(),
            message: error.into_message(),
        }
    }
}

impl From<PageError> for SurveyError {
    fn from(error: PageError) -> Self {
        match error {
            PageError::Run(error) => error.into(),
            PageError::Held { verdict, message } => Self {
                code: verdict.code(),
                message,
            },
        }
    }
}

impl From<FetchError> for SurveyError {
    fn from(error: FetchError) -> Self {
        RunError::from(error).into()
    }
}

impl From<StoreError> for SurveyError {
    fn from(error: StoreError) -> Self {
        RunError::from(error).into()
    }
}

/// A page as text.
#[derive(Clone, Debug)]
pub struct LookedAt {
    /// Where it was found, after redirects.
    pub url: Url,
    /// The same, if every redirect on the way was permanent.
    pub moved_to: Option<Url>,
    /// Its text.
    pub decoded: Decoded,
    /// Its `Refresh` header.
    pub refresh: Option<String>,
}

impl LookedAt {
    /// The page, to be read.
    pub fn page(&self) -> PageText<'_> {
        PageText::from(&self.decoded).with_refresh(self.refresh.as_deref())
    }
}

/// The result of a survey.
#[derive(Clone, Debug)]
pub struct Survey {
    /// Everything that was read off the column page.
    pub page: ColumnPage,
    /// Where it was found, after redirects.
    pub url: Url,
    /// The content system that made it, if it can be recognised.
    pub family: Option<&'static str>,
    /// Some of its articles.
    pub samples: Vec<Sample>,
}

/// An article that a survey looked at.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The article's item on the list.
    pub item: Item,
    /// The article, or why it could not be read.
    pub read: Result<Box<Extracted>, SurveyError>,
}

/// Looks at pages with the manners of a run.
#[derive(Debug)]
pub struct Surveyor {
    session: Session,
    store: Option<Store>,
    clock: Clock,
}

impl Surveyor {
    /// Begins a survey. A `store` says which hosts other processes hold and how long each is left
    /// alone, and remembers the same about this one.
    pub fn new(fetcher: &Fetcher, store: Option<Store>, clock: Clock) -> Self {
        let host_book: Arc<dyn HostBook> = match store.clone() {
            None => Arc::new(NoHostBook),
            Some(store) => Arc::new(StoreHostBook {
                deaths: store.hosts().deaths(),
                store,
                archive_writer: None,
                clock: clock.clone(),
                holder: Holder::this_process(),
                lease: LeaseKind::Run,
                budget: None,
            }),
        };
        Self {
            session: fetcher.session(host_book),
            store,
            clock,
        }
    }

    /// Gives the hosts back.
    pub async fn close(self) -> Result<(), SurveyError> {
        Ok(self.session.close().await?)
    }

    /// Fetches and decodes one page. A page that only sends the browser on is followed.
    pub async fn look(&self, url: &Url, rules: &FetchRules) -> Result<LookedAt, SurveyError> {
        let mut hops = Hops::new(url);
        let mut asked = url.clone();
        loop {
            let page = self.fetch(&asked, url, rules).await?;
            let looked = LookedAt {
                decoded: decode(&page.body, page.content_type.as_deref(), rules.charset),
                url: page.url,
                moved_to: page.moved_to.filter(|_| hops.is_empty()),
                refresh: page.refresh,
            };
            let Some(to) = extract::onward(looked.page(), &looked.url) else {
                return Ok(looked);
            };
            hops.go(&to)?;
            asked = to;
        }
    }

    /// Surveys a column by its feed file's rules. A `first` page that was fetched already is not
    /// fetched again.
    pub async fn survey(
        &self,
        column: &Column,
        first: Option<LookedAt>,
    ) -> Result<Survey, SurveyError> {
        let first = match first {
            Some(first) => first,
            None => self.look(&column.url, &column.fetch).await?,
        };
        let today = self.clock.now().date();
        let mut page = read_list(column, &first, today)?;
        let mut shells = 0;
        while page.items.is_empty()
            && shells < SHELLS
            && let Some(next) = page.next.clone()
        {
            shells += 1;
            let data = self.look(&next, &column.fetch).await?;
            let data = read_list(column, &data, today)?;
            page = ColumnPage {
                title: page.title,
                total: page.total.or(data.total),
                ..data
            };
        }
        let mut samples = Vec::new();
        let mut read = 0;
        for item in chosen(&page.items, &first.url) {
            if read == SAMPLES {
                break;
            }
            let sample = self.sample(column, item).await;
            read += usize::from(sample.read.is_ok());
            samples.push(sample);
        }
        Ok(Survey {
            family: extract::family(&first.decoded.text, &first.url),
            page,
            url: first.url,
            samples,
        })
    }

    async fn sample(&self, column: &Column, item: Item) -> Sample {
        let row = ListRow {
            title: item.title.clone(),
            published_on: item.published_on,
        };
        let read = self.article(column, &item.url, &row).await;
        Sample { item, read }
    }

    async fn article(
        &self,
        column: &Column,
        url: &Url,
        row: &ListRow,
    ) -> Result<Box<Extracted>, SurveyError> {
        let mut hops = Hops::new(url);
        let mut asked = url.clone();
        loop {
            let mut page = self.fetch(&asked, &column.url, &column.fetch).await?;
            match reading::article(column, &mut page, Some(row)).await? {
                Ok((article, _)) => return Ok(Box::new(article)),
                Err(Stub::Onward(to)) => {
                    hops.go(&to)?;
                    asked = to;
                }
                Err(stub) => return Err(reading::no_article(&page.url, &stub).into()),
            }
        }
    }

    /// Fetches what a page at `listed` links to.
    async fn fetch(
        &self,
        url: &Url,
        listed: &Url,
        rules: &FetchRules,
    ) -> Result<Page, SurveyError> {
        if let Some(store) = &self.store {
            let resting = store
                .hosts()
                .trouble(&host_of(url), self.clock.now())
                .await?;
            let blocked = Verdict::BlockedByWaf.code();
            if let Some(resting) = resting.filter(|resting| resting.reason == blocked) {
                return Err(SurveyError {
                    code: blocked,
                    message: format!(
                        "{url}: its host put up a wall and is left alone until {}; look at it with \
                         a browser",
                        resting.until
                    ),
                });
            }
        }
        tracing::info!(%url, "looking at");
        let (began, mut waits) = (Instant::now(), false);
        loop {
            match self.session.get_linked(url, listed, rules, None).await {
                Ok(Fetched::Page(page)) => return Ok(page),
                Ok(Fetched::NotModified) => {
                    return Err(SurveyError {
                        code: Verdict::Garbage.code(),
                        message: format!("{url}: answered 304 without being asked"),
                    });
                }
                Err(FetchError::HostLeased { .. }) if began.elapsed() < PATIENCE => {
                    if !std::mem::replace(&mut waits, true) {
                        tracing::info!(%url, "waits: another dibao process is asking this host");
                    }
                    sleep(ASK_EVERY).await;
                }
                Err(error @ FetchError::HostLeased { .. }) => {
                    return Err(SurveyError {
                        code: Verdict::HostLeased.code(),
                        message: format!(
                            "{error}; try again once its run has ended, or while `dibao serve` is stopped"
                        ),
                    });
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

fn read_list(
    column: &Column,
    looked: &LookedAt,
    today: NaiveDate,
) -> Result<ColumnPage, SurveyError> {
    let above = Above::Sight(today);
    let read = extract::column_page_or_stub(looked.page(), &looked.url, &column.list, above);
    read.map_err(|stub| SurveyError {
        code: stub.verdict().code(),
        message: format!("{}: {stub}", looked.url),
    })
}

/// The articles to read: those on the column's own host before others, the newest first.
fn chosen(items: &[Item], column: &Url) -> Vec<Item> {
    let mut chosen: Vec<&Item> = items.iter().collect();
    // Pinned items stand first and are old.
    chosen.sort_by_key(|item| {
        let is_elsewhere = item.url.host() != column.host();
        (is_elsewhere, std::cmp::Reverse(item.published_on))
    });
    chosen.into_iter().take(TRIES).cloned().collect()
}

impl Survey {
    /// The articles that could be read.
    pub fn read(&self) -> impl Iterator<Item = (&Item, &Extracted)> {
        let samples = self.samples.iter();
        samples.filter_map(|sample| Some((&sample.item, &**sample.read.as_ref().ok()?)))
    }

    /// The required fields that articles lack, each with the first article that lacks it.
    pub fn missing(&self, column: &Column) -> Vec<(Field, &Url)> {
        let required = Field::ALL
            .into_iter()
            .filter(|field| column.fields.requires(*field));
        required
            .filter_map(|field| {
                let mut read = self.read();
                let (item, _) = read.find(|(_, page)| {
                    let is_excused =
                        field == Field::Body && page.shows_row && column.fields.excuses_text();
                    !has(field, page.title.as_deref(), &page.metadata, &page.body) && !is_excused
                })?;
                Some((field, &item.url))
            })
            .collect()
    }
}
