//! WebSub (<https://www.w3.org/TR/websub/>): a hub hears that a feed has changed, fetches it, and
//! sends it on to whom it has promised it.

use reqwest::Client;
use url::Url;

use super::{patience, receiver};
use crate::model::Clock;
use crate::store::{Store, StoreError};

/// Tells a hub of the feeds, by URL and hash, that it has not heard of in this state.
pub(super) async fn tell(
    client: &Client,
    store: &Store,
    hub: &Url,
    feeds: &[(String, &str)],
    clock: &Clock,
) -> Result<(), StoreError> {
    let told = store.notices().of_receiver(hub.as_str()).await?;
    // What ails a hub ails it for every feed, and so does its rest.
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
        // The standard leaves to hubs how publishers tell them; this is what they all take.
        let form = [
            ("hub.mode", "publish"),
            ("hub.topic", feed),
            ("hub.url", feed),
        ];
        match receiver::send(client.post(hub.clone()).form(&form)).await {
            Ok(()) => store.notices().note_taken(hub.as_str(), feed, hash).await?,
            Err(reason) => {
                let failures = failures + 1;
                let next = patience::next_try(clock.now(), failures);
                tracing::warn!(%hub, feed, failures, "a hub did not take a notice: {reason}");
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
