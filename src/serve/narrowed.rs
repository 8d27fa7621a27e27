//! Published feeds that their readers narrow: `/PORTAL/COLUMN/atom.xml?limit=10&include=WORD`, also
//! those of portals, of topics and of everything.
//!
//! Owns which requests these are: those with a parameter of a feed. Others get the file whatever they
//! add to its address, as from any web server: readers and trackers do that. Never answers for a file
//! as it is published: `files` does.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, Uri};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use tower::ServiceExt;
use url::form_urlencoded;

use super::browser;
use super::cost;
use super::feed_cache::{FeedCache, answer_from_cache};
use super::kept_files;
use super::made_feed::{Narrowing, answer_with, selected};
use super::open_store::OpenStore;
use super::packed;
use super::places::{Places, in_turn};
use super::problem::Problem;
use super::rate::{self, Counter};
use super::source::Source;
use crate::model::{Article, ColumnName};
use crate::render::api::given::{Origin, Parameters};
use crate::render::api::parameters::OF_FEED;
use crate::render::paths::{self, GroupFile};
use crate::render::{self, ColumnInfo, Feed, Selection, TopicInfo};

#[derive(Clone)]
struct Feeds {
    source: Source,
    /// The folder of published files, for what is no feed.
    files: Router,
}

/// The published feeds, for requests that narrow them.
pub(super) fn routes(
    files: Router,
    source: Source,
    cache: FeedCache,
    turns: &Places,
    counter: &Counter,
) -> Router {
    Router::new()
        .fallback(published)
        .with_state(Feeds { source, files })
        .layer(from_fn_with_state(turns.clone(), in_turn))
        .layer(from_fn_with_state(cache, answer_from_cache))
        .layer(from_fn_with_state(counter.clone(), rate::limit))
        .layer(from_fn(browser::show))
        .layer(from_fn(packed::pack))
}

/// Passes a request that narrows a published feed on to these routes.
pub(super) async fn intercept(
    State(narrowed): State<Router>,
    request: Request,
    next: Next,
) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_read || !is_narrowed(request.uri()) {
        return next.run(request).await;
    }
    let Ok(response) = narrowed.oneshot(request).await;
    response
}

fn is_narrowed(uri: &Uri) -> bool {
    let Some(query) = uri.query().filter(|_| file(uri.path()).is_some()) else {
        return false;
    };
    let is_known = |name: &str| OF_FEED.iter().any(|parameter| parameter.name == name);
    form_urlencoded::parse(query.as_bytes()).any(|(name, _)| is_known(&name))
}

/// The folder and the format of a published feed, by its path.
fn file(path: &str) -> Option<(&str, GroupFile)> {
    let path = path.trim_start_matches('/');
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let file = match name {
        "atom.xml" => GroupFile::Atom,
        "rss.xml" => GroupFile::Rss,
        "feed.json" => GroupFile::JsonFeed,
        _ => return None,
    };
    Some((folder, file))
}

async fn published(
    State(Feeds { source, files }): State<Feeds>,
    request: Request,
) -> Result<Response, Problem> {
    let open = source.open_store().ok_or_else(Problem::closed)?;
    let path = request.uri().path().to_owned();
    let (folder, file) = file(&path).unwrap_or(("", GroupFile::Atom));
    let Some(of) = FeedOf::find(&open, folder) else {
        let Ok(response) = files.oneshot(request).await;
        return Ok(response);
    };
    let parameters = Parameters::read(request.uri().query(), OF_FEED, Origin::Program)?;
    let narrowing = Narrowing::of(&parameters);
    let feed = match of {
        FeedOf::Column(column) => of_column(&open, &source, column, &narrowing).await?,
        FeedOf::Topic(topic) => of_topic(&open, &source, topic, &narrowing).await?,
        FeedOf::Several(selection) => selected(&open, &source, &selection, &narrowing).await?,
    };
    let own = narrowing.url(open.site.url(path.trim_start_matches('/')));
    let freshness = source.freshness().of_path(&path);
    answer_with(request.headers(), file, &feed, &own, freshness)
}

/// What a published feed is about.
enum FeedOf<'a> {
    Column(&'a ColumnInfo),
    Topic(&'a TopicInfo),
    Several(Selection<'a>),
}

impl<'a> FeedOf<'a> {
    /// The feed of this folder; `None` if there is none.
    fn find(open: &'a OpenStore, folder: &str) -> Option<Self> {
        let (site, columns) = (&open.site, &open.columns);
        if folder.is_empty() {
            return Some(Self::Several(Selection::from_all(site, columns)));
        }
        if let Some((paths::TOPICS, name)) = folder.split_once('/') {
            let mut topics = open.topics.iter();
            return topics.find(|topic| topic.name == name).map(Self::Topic);
        }
        let mut all = columns.iter();
        if let Ok(name) = folder.parse::<ColumnName>() {
            return all.find(|column| column.name == name).map(Self::Column);
        }
        let is_portal = all.any(|column| column.name.portal() == folder);
        is_portal.then(|| Self::Several(Selection::from_portal(site, folder, columns)))
    }
}

/// A topic's feed, narrowed.
async fn of_topic(
    open: &OpenStore,
    source: &Source,
    topic: &TopicInfo,
    narrowing: &Narrowing,
) -> Result<Feed, Problem> {
    let (columns, search) = (topic.columns.as_deref(), open.store.search());
    let found = search.newest_in(&topic.query, columns, narrowing.looked());
    let articles = cost::timed(found).await;
    let mut articles = articles.map_err(|error| Problem::store(&error))?;
    cost::add_rows(articles.len());
    narrowing.choose(&mut articles);
    let articles = kept_files::show(open, source.public().as_deref(), articles).await;
    let articles = articles.map_err(|error| Problem::store(&error))?;
    let feed = render::topic::named(&open.site, &open.columns, topic, &articles);
    Ok(narrowing.named(feed))
}

/// A column's feed, narrowed.
async fn of_column(
    open: &OpenStore,
    source: &Source,
    column: &ColumnInfo,
    narrowing: &Narrowing,
) -> Result<Feed, Problem> {
    let publications = open.store.publications();
    let limit = narrowing.limit;
    let articles = if narrowing.has_all() && column.keywords.is_empty() {
        cost::timed(publications.newest(&column.name, limit)).await
    } else {
        let chooses =
            |article: &Article| column.keywords.choose(article) && narrowing.chooses(article);
        cost::timed(publications.newest_that(&[&column.name], limit, chooses)).await
    };
    let articles = articles.map_err(|error| Problem::store(&error))?;
    cost::add_rows(articles.len());
    let articles = kept_files::show(open, source.public().as_deref(), articles).await;
    let articles = articles.map_err(|error| Problem::store(&error))?;
    let shown = render::newest(column, &articles, limit);
    Ok(narrowing.named(Feed::new(&open.site, column, shown)))
}
