//! A search, as its URL describes it.
//!
//! Owns its validity and the query to the store. Never writes an answer.

use crate::render::api::given::{Parameters, format_cursor};
use crate::render::api::parameters::FARTHEST_HIT;
use crate::search::{Ranking, Topic};
use crate::serve::cost;
use crate::serve::open_store::OpenStore;
use crate::serve::problem::Problem;
use crate::store::SearchResults;

/// A search, as its URL describes it.
pub(super) struct SearchRequest {
    pub(super) topic: Topic,
    pub(super) ranking: Ranking,
    pub(super) limit: u32,
    /// How many articles to skip.
    pub(super) offset: u32,
}

impl SearchRequest {
    /// A search with a topic. A search without words and filters is refused.
    pub(super) async fn new(parameters: &Parameters, open: &OpenStore) -> Result<Self, Problem> {
        let search = Self::or_empty(parameters, open).await?;
        if search.topic.is_empty() {
            let detail = "it is empty: write a word to search for, or give another filter";
            return Err(Problem::parameter("q", detail));
        }
        Ok(search)
    }

    /// A search that may have an empty topic.
    pub(super) async fn or_empty(
        parameters: &Parameters,
        open: &OpenStore,
    ) -> Result<Self, Problem> {
        let known = open.known_names(parameters).await?;
        let offset = parameters.cursor().unwrap_or_default();
        Ok(Self {
            topic: parameters.topic(&known)?,
            ranking: parameters.ranking(),
            limit: parameters.count("limit"),
            offset: u32::try_from(offset).unwrap_or(u32::MAX),
        })
    }

    /// Asks the store.
    pub(super) async fn find(&self, open: &OpenStore) -> Result<SearchResults, Problem> {
        let found = open
            .store
            .search()
            .find((&self.topic, self.ranking), self.limit, self.offset);
        let found = cost::timed(found).await;
        let found = found.map_err(|error| Problem::store(&error))?;
        cost::add_rows(found.hits.len());
        Ok(found)
    }

    /// The cursor of the next page; `None` at the end and beyond the limit.
    pub(super) fn cursor(&self, found: &SearchResults) -> Option<String> {
        let next = i64::from(self.offset) + i64::from(self.limit);
        let is_more = !found.hits.is_empty() && u64::try_from(next).ok()? < found.total;
        (is_more && next <= FARTHEST_HIT).then(|| format_cursor(next))
    }
}
