//! Tells others what is new: hubs (WebSub) that a feed has changed, webhooks each change.
//!
//! Owns the requests, their signatures, and when one that failed is tried again. What a receiver
//! took is noted only once it said so: told at least once, be there a kill, a restart or an outage
//! between. Never renders, never reads a portal.

mod hubs;
mod patience;
mod receiver;
mod webhooks;

use reqwest::Client;
use reqwest::redirect::Policy;
use tokio_util::sync::CancellationToken;
use url::Url;

use std::time::Duration;

use crate::config::Webhook;
use crate::model::Clock;
use crate::model::FileEntry;
use crate::render::{Site, paths};
use crate::store::{Store, StoreError};

/// A receiver that has not answered by then has not taken it.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Who is told. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Notifier {
    client: Client,
    hubs: Vec<Url>,
    webhooks: Vec<Webhook>,
}

impl Notifier {
    /// Tells these hubs and webhooks, as `user_agent`.
    pub fn new(
        user_agent: &str,
        hubs: Vec<Url>,
        webhooks: Vec<Webhook>,
    ) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .user_agent(user_agent)
            // A receiver that moved is the operator's to know.
            .redirect(Policy::none())
            .timeout(TIMEOUT)
            .build()?;
        Ok(Self {
            client,
            hubs,
            webhooks,
        })
    }

    /// Tells everybody what they have not taken yet, as far as nobody rests and until told to
    /// stop. A receiver that fails keeps no other from it. `files` are those of the published
    /// tree, with which the store agrees.
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
