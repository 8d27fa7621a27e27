//! From an address to the column that it leads to.
//!
//! Owns what is asked for that. Never tells anything, and never writes: several addresses are looked at
//! side by side.

use std::path::Path;

use url::Url;

use super::files;
use crate::cli::outcome::Stop;
use crate::config::{self, Column, FetchRules};
use crate::extract::{self, ColumnLink, PageKind};
use crate::identify::CanonicalUrl;
use crate::model::ColumnName;
use crate::pipeline::{LookedAt, Survey, SurveyError, Surveyor};

/// How many pages of an article's path are tried.
const TRIES: usize = 6;

/// Where an address leads.
enum Found {
    /// To a column page, which is read.
    Column(Url, Box<LookedAt>),
    /// To the columns of a home page.
    Offers(Url, Vec<ColumnLink>),
}

/// What was found at an address, before anything of it is told.
pub(super) struct Probe {
    /// How the address led there.
    pub(super) notes: Vec<String>,
    pub(super) probed: Probed,
}

pub(super) enum Probed {
    /// A column that is followed already.
    Followed(Url),
    /// A column, and what a few of its articles show.
    Column(Url, Box<Survey>),
    /// A home page and its columns.
    Offers(Url, Vec<ColumnLink>),
}

/// Looks at addresses.
pub(super) struct Prober<'a> {
    pub(super) feeds: &'a Path,
    pub(super) surveyor: &'a Surveyor,
    pub(super) rules: FetchRules,
    pub(super) tls: Option<String>,
}

impl Prober<'_> {
    /// Looks at an address, and at the column to which it leads. Tells and writes nothing.
    pub(super) async fn probe(&self, url: Url) -> Result<Probe, Stop> {
        let mut notes = Vec::new();
        let probed = match self.column_page(url, &mut notes).await? {
            Found::Column(url, first) => self.survey(url, *first).await?,
            Found::Offers(home, offers) => Probed::Offers(home, offers),
        };
        Ok(Probe { notes, probed })
    }

    pub(super) async fn survey(&self, url: Url, first: LookedAt) -> Result<Probed, Stop> {
        let known = config::read_columns(self.feeds)?;
        if followed(&known, &url).is_some() {
            return Ok(Probed::Followed(url));
        }
        // It gets its name when it is written: others may be written before.
        let any = ColumnName::new("any", "any").map_err(Stop::failed)?;
        let column = column(any, &url, self.tls.as_deref())?;
        let surveyed = self.surveyor.survey(&column, Some(first)).await;
        let surveyed = surveyed.map_err(Stop::failed)?;
        Ok(Probed::Column(url, Box::new(surveyed)))
    }

    /// Where an address leads: that of a column, of an article or of a home page.
    async fn column_page(&self, url: Url, notes: &mut Vec<String>) -> Result<Found, Stop> {
        let looked = self.look(&url).await.map_err(Stop::failed)?;
        if let Some(stub) = extract::stub(looked.page(), &looked.url) {
            return Err(Stop::failed(format_args!(
                "{}: {url}: {stub}",
                stub.verdict().code()
            )));
        }
        match extract::page_kind(looked.page(), &looked.url) {
            Some(PageKind::Column) => {
                let (url, looked) = self.first_page(&url, looked, notes).await?;
                Ok(found(url, looked))
            }
            Some(PageKind::Article) => {
                let (url, looked) = self.column_of(&looked, notes).await?;
                Ok(found(url, looked))
            }
            Some(PageKind::Home) => {
                let offers = extract::column_links(looked.page(), &looked.url);
                Ok(Found::Offers(looked.url, offers))
            }
            None => match self.framed(&looked).await {
                Some((url, looked)) => Ok(found(url, looked)),
                None => Err(Stop::failed(format_args!(
                    "{url}: is neither a column nor an article nor a first page: no list of titles \
                     and links was recognised\n  remedy: give the address of the column's page; \
                     where it is, write feeds/PORTAL/COLUMN.toml and name its items under [list]"
                ))),
            },
        }
    }

    pub(super) async fn look(&self, url: &Url) -> Result<LookedAt, SurveyError> {
        self.surveyor.look(url, &self.rules).await
    }

    /// The first page of the list of which this is a page: news stand there.
    async fn first_page(
        &self,
        url: &Url,
        looked: LookedAt,
        notes: &mut Vec<String>,
    ) -> Result<(Url, LookedAt), Stop> {
        let firsts = extract::first_pages(looked.page(), &looked.url);
        for first in firsts.into_iter().take(TRIES) {
            if let Ok(page) = self.look(&first).await
                && extract::follows((looked.page(), &looked.url), (page.page(), &page.url))
            {
                notes.push(format!("{url}: is a later page of {first}"));
                return Ok((lasting_url(&first, &page), page));
            }
        }
        match extract::later_page(looked.page(), &looked.url) {
            None => Ok((lasting_url(url, &looked), looked)),
            Some(number) => Err(Stop::failed(format_args!(
                "{url}: is page {number} of its list, and new articles come on the first; where that \
                 is, was not found\n  remedy: give the address of the first page, as 首页 or 1 below the \
                 list leads to it"
            ))),
        }
    }

    /// The column in the article's breadcrumbs, or else a folder above the article.
    async fn column_of(
        &self,
        article: &LookedAt,
        notes: &mut Vec<String>,
    ) -> Result<(Url, LookedAt), Stop> {
        let mut paths = extract::breadcrumbs(article.page(), &article.url);
        paths.reverse();
        let mut folder = article.url.clone();
        folder.set_query(None);
        for up in [".", "..", "../.."] {
            paths.extend(folder.join(up));
        }
        let mut tried: Vec<Url> = Vec::new();
        for url in paths {
            if tried.contains(&url) || tried.len() == TRIES || url.path() == "/" {
                continue;
            }
            if let Ok(looked) = self.look(&url).await
                && extract::page_kind(looked.page(), &looked.url) == Some(PageKind::Column)
            {
                notes.push(format!("{}: is an article of {url}", article.url));
                return Ok((lasting_url(&url, &looked), looked));
            }
            tried.push(url);
        }
        Err(Stop::failed(format_args!(
            "{}: is an article, and neither its path nor its folder leads to a column\n  remedy: give \
             the address of the column's page",
            article.url
        )))
    }

    /// A column page in a frame of this page.
    async fn framed(&self, around: &LookedAt) -> Option<(Url, LookedAt)> {
        for url in extract::frames(around.page(), &around.url)
            .into_iter()
            .take(TRIES)
        {
            if let Ok(looked) = self.look(&url).await
                && extract::page_kind(looked.page(), &looked.url) == Some(PageKind::Column)
            {
                return Some((url, looked));
            }
        }
        None
    }
}

fn found(url: Url, looked: LookedAt) -> Found {
    Found::Column(url, Box::new(looked))
}

/// The address to follow: the new one if the page was moved for good, else the given one.
pub(super) fn lasting_url(url: &Url, looked: &LookedAt) -> Url {
    looked.moved_to.clone().unwrap_or_else(|| url.clone())
}

/// The known column that follows this page already.
pub(super) fn followed<'a>(known: &'a [Column], url: &Url) -> Option<&'a Column> {
    let wanted = CanonicalUrl::from(url);
    let mut known = known.iter();
    known.find(|column| CanonicalUrl::from(&column.url) == wanted)
}

/// A column with this name at this address, before it has a feed file.
pub(super) fn column(name: ColumnName, url: &Url, tls: Option<&str>) -> Result<Column, Stop> {
    let text = files::feed_text(url, None, tls);
    Column::parse(name, Path::new("the feed file"), &text).map_err(Stop::configuration)
}
