//! WebSub (<https://www.w3.org/TR/websub/>): a hub gets a notice that a feed has changed, fetches
//! the feed, and sends it to its subscribers.
//!
//! Owns the notice to a hub. Never sends a feed itself.

use reqwest::Client;
use url::Url;

use super::{receiver, retry};
use crate::model::Clock;
use crate::store::{Store, StoreError};

/// Tells a hub of the feeds (URL and hash) whose present state it does not know.
pub(super) async fn tell(
    client: &Client,
    store: &Store,
    hub: &Url,
    feeds: &[(String, &str)],
    clock: &Clock,
) -> Result<(), StoreError> {
    let told = store.notices().of_receiver(hub.as_str()).await?;
    // If a hub fails for one feed, it rests for all feeds.
    let failures = told.values().map(|notice| notice.failures).max();
    let failures = failures.unwrap_or_default();
    if told.values().any(|notice| notice.next_try_at > clock.now()) {
        return Ok(());
    }
    for (feed, hash) in feeds {
        let notice = told.get(feed);
        if notice.is_some_and(|notice| notice.state == *hash) {
            continue;
        }
        // The standard leaves this form to the hubs; all hubs accept this one.
        let form = [
            ("hub.mode", "publish"),
            ("hub.topic", feed),
            ("hub.url", feed),
        ];
        match receiver::send(client.post(hub.clone()).form(&form)).await {
            Ok(()) => store.notices().note_taken(hub.as_str(), feed, hash).await?,
            Err(reason) => {
                let failures = failures + 1;
                let next = retry::next_try(clock.now(), failures);
                tracing::warn!(%hub, feed, failures, "a hub did not accept a notice: {reason}");
                store
                    .notices()
                    .note_not_taken(hub.as_str(), feed, next, &reason)
                    .await?;
                return Ok(());
            }
        }
    }
    Ok(())
}
