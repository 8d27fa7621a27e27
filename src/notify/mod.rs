//! Sends notices: to hubs (WebSub) when a feed has changed, to webhooks for each change, to people by
//! mail and by robots.
//!
//! Owns the requests, their signatures, and the retries. A notice counts as sent only after the
//! receiver has accepted it, so each is sent at least once, whatever fails between. Never renders,
//! never reads a portal.

mod deliveries;
mod hubs;
mod published;
mod receiver;
mod retry;
mod webhooks;

use std::time::Duration;

use futures_util::future::try_join_all;
use reqwest::Client;
use reqwest::redirect::Policy;
use tokio_util::sync::CancellationToken;
use url::Url;

use self::deliveries::Recipient;
use crate::config::{Delivery, ServiceConfig, Webhook};
use crate::fetch::{ClientError, http_client, plain_http_client};
use crate::model::Timestamp;
use crate::render::paths;
use crate::store::{Store, StoreError};
pub use published::Published;

/// A receiver that has not answered by then has not accepted the notice.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The receivers of notices. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Notifier {
    client: Client,
    hubs: Vec<Url>,
    webhooks: Vec<Webhook>,
    deliveries: Vec<Delivery>,
    /// Where people write who want no more mail.
    contact: Option<String>,
}

impl Notifier {
    /// A notifier for the receivers of this configuration, which introduces itself as `user_agent`.
    pub fn new(user_agent: &str, service: &ServiceConfig) -> Result<Self, ClientError> {
        let has_receivers = !service.hubs.is_empty()
            || !service.webhooks.is_empty()
            || !service.deliveries.is_empty();
        let client = match has_receivers {
            true => http_client()?,
            false => plain_http_client()?,
        };
        let client = client
            .user_agent(user_agent)
            // If a receiver moved, the operator must know.
            .redirect(Policy::none())
            .timeout(TIMEOUT)
            .build()?;
        Ok(Self {
            client,
            hubs: service.hubs.clone(),
            webhooks: service.webhooks.clone(),
            deliveries: service.deliveries.clone(),
            contact: service.mail_contact(),
        })
    }

    /// Lets webhooks and people that the store does not know yet have what is new from now on. To be
    /// called before anything is collected.
    pub async fn begin(&self, store: &Store, now: Timestamp) -> Result<(), StoreError> {
        for webhook in &self.webhooks {
            webhooks::begin(store, webhook).await?;
        }
        for recipient in self.recipients() {
            deliveries::begin(store, recipient, now).await?;
        }
        Ok(())
    }

    /// The receivers' names: the addresses of hubs and webhooks, and the names of others. Each is one
    /// receiver's.
    pub fn receivers(&self) -> impl Iterator<Item = String> {
        let webhooks = self.webhooks.iter().map(|webhook| &webhook.url);
        let addresses = self.hubs.iter().chain(webhooks).map(Url::to_string);
        addresses.chain(self.recipients().map(|recipient| recipient.name()))
    }

    fn recipients(&self) -> impl Iterator<Item = Recipient<'_>> {
        self.deliveries.iter().flat_map(Recipient::all)
    }

    /// Sends every receiver the notices that it has not accepted yet, until told to stop. None waits
    /// for another. A receiver that failed lately is left out until its next try.
    pub async fn tell(
        &self,
        published: &Published<'_>,
        stop: &CancellationToken,
    ) -> Result<(), StoreError> {
        let receivers: Vec<String> = self.receivers().collect();
        let told = receivers
            .iter()
            .map(|receiver| self.tell_one(receiver, published));
        tokio::select! {
            () = stop.cancelled() => Ok(()),
            told = try_join_all(told) => told.map(|_| ()),
        }
    }

    /// Sends one receiver the notices that it has not accepted yet, as [`Notifier::tell`] does.
    pub async fn tell_one(
        &self,
        receiver: &str,
        published: &Published<'_>,
    ) -> Result<(), StoreError> {
        let Published {
            store,
            site,
            files,
            clock,
            ..
        } = *published;
        if let Some(hub) = self.hubs.iter().find(|hub| hub.as_str() == receiver) {
            let feeds = files.iter().filter(|file| paths::is_live_feed(&file.path));
            let feeds = feeds.map(|file| (site.url(&file.path).into(), file.sha256.as_str()));
            let feeds: Vec<(String, &str)> = feeds.collect();
            hubs::tell(&self.client, store, hub, &feeds, clock).await?;
        }
        let mut webhooks = self.webhooks.iter();
        if let Some(webhook) = webhooks.find(|webhook| webhook.url.as_str() == receiver) {
            webhooks::tell(&self.client, store, webhook, clock).await?;
        }
        let mut recipients = self.recipients();
        match recipients.find(|recipient| recipient.name() == receiver) {
            // Without the columns, all that is new would be passed over.
            Some(_) if published.columns.is_empty() => Ok(()),
            Some(recipient) => {
                let contact = self.contact.as_deref();
                deliveries::tell(&self.client, contact, recipient, published).await
            }
            None => Ok(()),
        }
    }
}
