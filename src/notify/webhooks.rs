//! Webhooks: each change is sent in order and signed, by the rules of Standard Webhooks
//! (<https://www.standardwebhooks.com/>).
//!
//! Owns the signature and the order of changes. Never skips a change before its last try.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Client;
use sha2::Sha256;
use uuid::Uuid;

use super::{receiver, retry};
use crate::config::Webhook;
use crate::model::{Change, Clock, Timestamp};
use crate::store::{Notice, Store, StoreError};

/// The subject of all notices to webhooks.
const SUBJECT: &str = "changes";
/// After this number of tries, over most of a day, a change is put aside.
const TRIES: u32 = 12;
/// Changes that are read from the store at a time.
const BATCH: i64 = 100;

impl Webhook {
    fn wants(&self, change: &Change) -> bool {
        let mut columns = change.article.columns.iter();
        self.columns.is_empty() || columns.any(|column| self.columns.matches(column))
    }

    /// `webhook-signature`: over id, time in seconds since 1970, and body.
    fn signature(&self, id: &str, at: i64, body: &[u8]) -> Option<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).ok()?;
        mac.update(format!("{id}.{at}.").as_bytes());
        mac.update(body);
        Some(format!(
            "v1,{}",
            STANDARD.encode(mac.finalize().into_bytes())
        ))
    }

    /// The same id for every try, so that a receiver recognises a repetition.
    fn message_id(&self, change: &Change) -> String {
        // A restored store may give the same number to another change.
        let (at, id) = (change.at.millis(), change.article.id);
        let name = format!("dibao:webhook:{}#{}/{id}/{at}", self.url, change.seq);
        format!(
            "msg_{}",
            Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()).simple()
        )
    }
}

/// Lets a webhook that the store does not know yet have the changes from now on. Earlier ones are in
/// the dumps.
pub(super) async fn begin(store: &Store, webhook: &Webhook) -> Result<(), StoreError> {
    let (notices, name) = (store.notices(), webhook.url.as_str());
    if notices.of_receiver(name).await?.contains_key(SUBJECT) {
        return Ok(());
    }
    let last = store.changes().last_seq().await?;
    notices.note_taken(name, SUBJECT, &last.to_string()).await
}

/// Sends a webhook the changes after the last one that it accepted. One that the store does not know
/// begins here.
pub(super) async fn tell(
    client: &Client,
    store: &Store,
    webhook: &Webhook,
    clock: &Clock,
) -> Result<(), StoreError> {
    let name = webhook.url.as_str();
    let mut notices = store.notices().of_receiver(name).await?;
    let Some(notice) = notices.remove(SUBJECT) else {
        return begin(store, webhook).await;
    };
    let Notice {
        state,
        mut failures,
        next_try_at,
    } = notice;
    if next_try_at > clock.now() {
        return Ok(());
    }
    let mut after: i64 = state.parse().unwrap_or_default();
    loop {
        let changes = store.changes().after(after, BATCH).await?;
        for change in &changes {
            after = change.seq;
            if webhook.wants(change) {
                if let Err(reason) = send(client, webhook, change, clock.now()).await {
                    return not_taken(store, name, change, (failures + 1, &reason), clock).await;
                }
                failures = 0;
                store
                    .notices()
                    .note_taken(name, SUBJECT, &after.to_string())
                    .await?;
            }
        }
        if changes.is_empty() {
            // Changes that it does not want are not read again.
            return store
                .notices()
                .note_taken(name, SUBJECT, &after.to_string())
                .await;
        }
    }
}

async fn not_taken(
    store: &Store,
    name: &str,
    change: &Change,
    (failures, reason): (u32, &str),
    clock: &Clock,
) -> Result<(), StoreError> {
    let seq = change.seq;
    let now = clock.now();
    if failures >= TRIES {
        tracing::error!(
            webhook = name,
            seq,
            "a webhook never accepted a change: {reason}"
        );
        return store
            .notices()
            .bury((name, SUBJECT, &seq.to_string()), (seq, reason), now)
            .await;
    }
    tracing::warn!(
        webhook = name,
        seq,
        failures,
        "a webhook did not accept a change: {reason}"
    );
    let next = retry::next_try(now, failures);
    store
        .notices()
        .note_not_taken(name, SUBJECT, next, reason)
        .await
}

async fn send(
    client: &Client,
    webhook: &Webhook,
    change: &Change,
    now: Timestamp,
) -> Result<(), String> {
    let body = serde_json::to_vec(change).map_err(|e| e.to_string())?;
    let (id, at) = (webhook.message_id(change), now.millis().div_euclid(1000));
    let signature = webhook.signature(&id, at, &body).unwrap_or_default();
    let request = client
        .post(webhook.url.clone())
        .header("content-type", "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", at)
        .header("webhook-signature", signature)
        .body(body);
    receiver::send(request).await
}
