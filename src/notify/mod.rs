//! Sends notices: to hubs (WebSub) when a feed has changed, to webhooks for each change.
//!
//! Owns the requests, their signatures, and the retries. A notice counts as sent only after the
//! receiver has accepted it, so each is sent at least once, whatever fails between. Never renders,
//! never reads a portal.

mod hubs;
mod receiver;
mod retry;
mod webhooks;

use reqwest::Client;
use reqwest::redirect::Policy;
use tokio_util::sync::CancellationToken;
use url::Url;

use std::time::Duration;

use crate::config::Webhook;
use crate::fetch::http_client;
use crate::model::Clock;
use crate::model::FileEntry;
use crate::render::{Site, paths};
use crate::store::{Store, StoreError};

/// A receiver that has not answered by then has not accepted the notice.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The receivers of notices. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Notifier {
    client: Client,
    hubs: Vec<Url>,
    webhooks: Vec<Webhook>,
}

impl Notifier {
    /// A notifier for these hubs and webhooks, which introduces itself as `user_agent`.
    pub fn new(
        user_agent: &str,
        hubs: Vec<Url>,
        webhooks: Vec<Webhook>,
    ) -> Result<Self, reqwest::Error> {
        let client = http_client()
            .user_agent(user_agent)
            // If a receiver moved, the operator must know.
            .redirect(Policy::none())
            .timeout(TIMEOUT)
            .build()?;
        Ok(Self {
            client,
            hubs,
            webhooks,
        })
    }

    /// Sends every receiver the notices that it has not accepted yet, until told to stop. A
    /// receiver that failed lately is left out until its next try, and does not delay the others.
    /// `files` are the published files, which have the state of the store.
    pub async fn tell(
        &self,
        store: &Store,
        site: &Site,
        files: &[FileEntry],
        clock: &Clock,
        stop: &CancellationToken,
    ) -> Result<(), StoreError> {
        let feeds: Vec<(String, &str)> = files
            .iter()
            .filter(|file| paths::is_live_feed(&file.path))
            .map(|file| (site.url(&file.path).into(), file.sha256.as_str()))
            .collect();
        let all = async {
            for hub in &self.hubs {
                hubs::tell(&self.client, store, hub, &feeds, clock).await?;
            }
            for webhook in &self.webhooks {
                webhooks::tell(&self.client, store, webhook, clock).await?;
            }
            Ok(())
        };
        tokio::select! {
            () = stop.cancelled() => Ok(()),
            told = all => told,
        }
    }
}
