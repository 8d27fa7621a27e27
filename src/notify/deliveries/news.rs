//! What a receiver has not been told yet.
//!
//! Owns the choice: articles that came into a feed, and incidents. Never sends anything.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::place::Reach;
use crate::config::Delivery;
use crate::model::{Article, ColumnName};
use crate::notify::published::Published;
use crate::render::{ColumnInfo, NewsItem};
use crate::store::StoreError;

/// Articles that are read from the store at a time.
const BATCH: i64 = 100;

/// Some news in order, each with what was told once it is.
#[derive(Debug, Default)]
pub(super) struct News {
    pub(super) items: Vec<(Reach, NewsItem)>,
    /// How many more there are, if they were counted.
    pub(super) more: u64,
}

/// How much is read: so many items, and whether the others are counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amount {
    pub(super) most: usize,
    pub(super) is_counted: bool,
}

impl News {
    /// Adds an item, or counts it. `false` if nothing more is wanted.
    fn add(&mut self, reach: Reach, item: impl FnOnce() -> NewsItem, amount: Amount) -> bool {
        if self.items.len() < amount.most {
            self.items.push((reach, item()));
            return true;
        }
        self.more += 1;
        amount.is_counted
    }

    /// Reads what is new between these two.
    pub(super) async fn read(
        delivery: &Delivery,
        published: &Published<'_>,
        (from, to): (Reach, Reach),
        amount: Amount,
    ) -> Result<Self, StoreError> {
        let mut news = Self::default();
        let wants_more = match delivery.news {
            true => {
                news.add_articles(delivery, published, (from, to), amount)
                    .await?
            }
            false => true,
        };
        if delivery.incidents && wants_more {
            news.add_incidents(published, (from, to), amount).await?;
        }
        Ok(news)
    }

    async fn add_articles(
        &mut self,
        delivery: &Delivery,
        published: &Published<'_>,
        (from, to): (Reach, Reach),
        amount: Amount,
    ) -> Result<bool, StoreError> {
        let store = published.store;
        let columns = published.columns.iter();
        let columns = columns.filter(|column| delivery.has_column(&column.name));
        let columns: Vec<&ColumnInfo> = columns.collect();
        let names: Vec<&ColumnName> = columns.iter().map(|column| &column.name).collect();
        let mut after = from.seq;
        loop {
            let read = store.publications().news(&names, (after, to.seq), BATCH);
            let read = read.await?;
            let Some((last, _)) = read.last() else {
                return Ok(true);
            };
            after = *last;
            let chooses = |article: &Article| {
                let mut of = columns
                    .iter()
                    .filter(|column| article.columns.contains(&column.name));
                of.any(|column| column.keywords.choose(article))
            };
            let read = read.into_iter();
            let read = read.filter_map(|(seq, article)| Some((seq, article?)));
            let chosen: Vec<(i64, Article)> =
                read.filter(|(_, article)| chooses(article)).collect();
            let ids: Vec<Uuid> = chosen.iter().map(|(_, article)| article.id).collect();
            let found: Option<BTreeSet<Uuid>> = match &delivery.query {
                Some(query) => {
                    let found = store.search().found_of(query, None, &ids).await?;
                    Some(found.into_iter().collect())
                }
                None => None,
            };
            let is_found = |id: &Uuid| found.as_ref().is_none_or(|found| found.contains(id));
            for (seq, article) in chosen.iter().filter(|(_, article)| is_found(&article.id)) {
                let reach = Reach { seq: *seq, ..from };
                let item = || NewsItem::of_article(article, &columns);
                if !self.add(reach, item, amount) {
                    return Ok(false);
                }
            }
        }
    }

    async fn add_incidents(
        &mut self,
        published: &Published<'_>,
        (from, to): (Reach, Reach),
        amount: Amount,
    ) -> Result<(), StoreError> {
        let mut after = from.incident;
        loop {
            let incidents = published.store.incidents();
            let read = incidents.opened_after((after, to.incident), BATCH).await?;
            let Some((last, _)) = read.last() else {
                return Ok(());
            };
            after = *last;
            for (id, incident) in &read {
                let reach = Reach {
                    seq: to.seq,
                    incident: *id,
                };
                let item = || NewsItem::of_incident(published.site, incident);
                if !self.add(reach, item, amount) {
                    return Ok(());
                }
            }
        }
    }
}
