//! Sends notices: to hubs (WebSub) when a feed has changed, to webhooks for each change.
//!
//! Owns the requests, their signatures, and the retries. A notice counts as sent only after the
//! receiver has accepted it, so each is sent at least once, whatever fails between. Never renders,
//! never reads a portal.

mod hubs;
mod receiver;
mod retry;
mod webhooks;

use std::time::Duration;

use futures_util::future::try_join_all;
use reqwest::Client;
use reqwest::redirect::Policy;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::config::Webhook;
use crate::fetch::{ClientError, http_client};
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
    ) -> Result<Self, ClientError> {
        let client = http_client()?
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

    /// Lets webhooks that the store does not know yet have all changes from now on. To be called
    /// before anything is collected.
    pub async fn begin(&self, store: &Store) -> Result<(), StoreError> {
        for webhook in &self.webhooks {
            webhooks::begin(store, webhook).await?;
        }
        Ok(())
    }

    /// The receivers' addresses. Each is one receiver's.
    pub fn receivers(&self) -> impl Iterator<Item = &Url> {
        let webhooks = self.webhooks.iter().map(|webhook| &webhook.url);
        self.hubs.iter().chain(webhooks)
    }

    /// Sends every receiver the notices that it has not accepted yet, until told to stop. None waits
    /// for another. A receiver that failed lately is left out until its next try. `files` are the
    /// published files, which have the state of the store.
    pub async fn tell(
        &self,
        store: &Store,
        site: &Site,
        files: &[FileEntry],
        clock: &Clock,
        stop: &CancellationToken,
    ) -> Result<(), StoreError> {
        let receivers = self.receivers();
        let told = receivers.map(|receiver| self.tell_one(receiver, store, site, files, clock));
        tokio::select! {
            () = stop.cancelled() => Ok(()),
            told = try_join_all(told) => told.map(|_| ()),
        }
    }

    /// Sends one receiver the notices that it has not accepted yet, as [`Notifier::tell`] does.
    pub async fn tell_one(
        &self,
        receiver: &Url,
        store: &Store,
        site: &Site,
        files: &[FileEntry],
        clock: &Clock,
    ) -> Result<(), StoreError> {
        if self.hubs.contains(receiver) {
            let feeds = files.iter().filter(|file| paths::is_live_feed(&file.path));
            let feeds = feeds.map(|file| (site.url(&file.path).into(), file.sha256.as_str()));
            let feeds: Vec<(String, &str)> = feeds.collect();
            hubs::tell(&self.client, store, receiver, &feeds, clock).await?;
        }
        let mut webhooks = self.webhooks.iter();
        match webhooks.find(|webhook| webhook.url == *receiver) {
            Some(webhook) => webhooks::tell(&self.client, store, webhook, clock).await,
            None => Ok(()),
        }
    }
}
