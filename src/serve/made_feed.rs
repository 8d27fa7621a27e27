//! A feed that is made on request: what its reader asks of it, and the answer.
//!
//! Owns `limit` and `include`, by which a reader narrows any feed. Never writes a format: `render` does.

use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use url::Url;

use super::answer::answer_for;
use super::cost;
use super::files;
use super::kept_files;
use super::open_store::OpenStore;
use super::problem::Problem;
use super::source::Source;
use crate::model::{Article, ColumnName};
use crate::render::api::given::Parameters;
use crate::render::paths::{self, GroupFile};
use crate::render::{FORMATS, Feed, Selection};
use crate::search::Keywords;

/// Keywords choose among so many of the newest articles that a search finds.
const LOOKED: usize = 1_000;

/// What a reader asks of a feed.
#[derive(Debug)]
pub(super) struct Narrowing {
    /// The most entries.
    pub(super) limit: usize,
    include: String,
    keywords: Keywords,
    given: Vec<(&'static str, String)>,
}

impl Narrowing {
    /// What these parameters ask.
    pub(super) fn of(parameters: &Parameters) -> Self {
        let include = parameters.names("include").join(",");
        let limit = parameters.text("limit").map(str::to_owned);
        let given = [
            ("limit", limit),
            ("include", (!include.is_empty()).then(|| include.clone())),
        ];
        let given = given.into_iter();
        Self {
            limit: usize::try_from(parameters.number("limit")).unwrap_or(usize::MAX),
            keywords: parameters.keywords(),
            include,
            given: given
                .filter_map(|(name, value)| Some((name, value?)))
                .collect(),
        }
    }

    /// Whether every article may stand in the feed.
    pub(super) fn has_all(&self) -> bool {
        self.keywords.is_empty()
    }

    /// Whether this article may stand in the feed.
    pub(super) fn chooses(&self, article: &Article) -> bool {
        self.keywords.choose(article)
    }

    /// How many of the newest articles that a search finds are looked at: keywords choose among many.
    pub(super) fn looked(&self) -> usize {
        match self.has_all() {
            true => self.limit,
            false => LOOKED,
        }
    }

    /// The first of these articles that may stand in the feed.
    pub(super) fn choose(&self, articles: &mut Vec<Article>) {
        articles.retain(|article| self.chooses(article));
        articles.truncate(self.limit);
    }

    /// The feed under its own name: with keywords, it is another feed.
    pub(super) fn named(&self, feed: Feed) -> Feed {
        match self.has_all() {
            true => feed,
            false => feed.of_keywords(&self.include.split(',').collect::<Vec<_>>()),
        }
    }

    /// The feed's own URL.
    pub(super) fn url(&self, mut url: Url) -> Url {
        if !self.given.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.given);
        }
        url
    }
}

/// The feed of selected columns, narrowed.
pub(super) async fn selected(
    open: &OpenStore,
    source: &Source,
    selection: &Selection<'_>,
    narrowing: &Narrowing,
) -> Result<Feed, Problem> {
    let names: Vec<&ColumnName> = selection.columns.iter().map(|c| &c.name).collect();
    let chooses = |article: &Article| selection.chooses(article) && narrowing.chooses(article);
    let publications = open.store.publications();
    let newest = publications.newest_that(&names, narrowing.limit, chooses);
    let articles = cost::timed(newest).await;
    let articles = articles.map_err(|error| Problem::store(&error))?;
    cost::add_rows(articles.len());
    let articles = kept_files::show(open, source.public().as_deref(), articles).await;
    let articles = articles.map_err(|error| Problem::store(&error))?;
    Ok(narrowing.named(selection.feed(&open.site, &articles)))
}

/// A feed as an answer, in the format of this file name.
pub(super) fn answer_with(
    asked: &HeaderMap,
    file: GroupFile,
    feed: &Feed,
    own: &Url,
    freshness: HeaderValue,
) -> Result<Response, Problem> {
    let render = FORMATS.iter().find(|(of, _)| *of == file);
    let render = render.map_or(crate::render::atom::render as _, |(_, render)| *render);
    let body = render(feed, own).map_err(|error| Problem::render(&error))?;
    let media_type = files::media_type(&paths::group_file(None, file)).unwrap_or_default();
    Ok(answer_for(asked, media_type, body, freshness))
}
