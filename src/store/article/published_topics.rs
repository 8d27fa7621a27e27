//! The named topics as they were published.
//!
//! Owns their record. Never searches.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::Published;
use crate::store::StoreError;
use crate::store::driver::EngineConnection;

/// A topic as it was published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublishedTopic {
    /// A fingerprint of what its files take from the configuration.
    pub fingerprint: String,
    /// The articles in its feed.
    pub articles: Vec<Uuid>,
}

impl Published<'_> {
    /// The fingerprints of the topics as they were published, by name. A damaged one is that of no
    /// topic, and the topic is rendered anew.
    pub async fn topics(self) -> Result<BTreeMap<String, String>, StoreError> {
        let rows: Vec<(Vec<u8>, Vec<u8>)> =
            sqlx::query_as("SELECT name, fingerprint FROM published_topics")
                .fetch_all(&self.store.pool)
                .await?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let rows = rows.into_iter();
        Ok(rows
            .map(|(name, print)| (text(name), text(print)))
            .collect())
    }
}

/// Writes the topics of a publication: those that were rendered, `None` for one that is no more.
pub(super) async fn write(
    tx: &mut EngineConnection,
    topics: &BTreeMap<String, Option<PublishedTopic>>,
) -> Result<(), StoreError> {
    for (name, topic) in topics {
        for table in [
            "DELETE FROM published_topic_articles WHERE topic = ?",
            "DELETE FROM published_topics WHERE name = ?",
        ] {
            sqlx::query(table).bind(name).execute(&mut *tx).await?;
        }
        let Some(topic) = topic else { continue };
        sqlx::query("INSERT INTO published_topics (name, fingerprint) VALUES (?, ?)")
            .bind(name)
            .bind(&topic.fingerprint)
            .execute(&mut *tx)
            .await?;
        for id in &topic.articles {
            sqlx::query("INSERT INTO published_topic_articles (topic, article_id) VALUES (?, ?)")
                .bind(name)
                .bind(id.to_string())
                .execute(&mut *tx)
                .await?;
        }
    }
    Ok(())
}
