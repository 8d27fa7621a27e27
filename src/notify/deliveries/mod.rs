//! News for people: by mail, and by robots of services for messages.
//!
//! Owns the order: what is being sent is noted before it is sent, and what was told after the receiver
//! took it. So each message is sent at least once, and twice only if dibao ended, or the connection
//! broke, between the two; the log says so. Never renders a message.

mod mail;
mod news;
mod place;
mod refusal;
mod robots;

use std::time::Duration;

use lettre::message::Mailbox;
use reqwest::Client;
use uuid::Uuid;

use self::mail::Letter;
use self::news::{Amount, News};
use self::place::{Place, Reach, period};
use self::refusal::Refusal;
use super::published::Published;
use super::retry;
use crate::config::{Delivery, Way};
use crate::model::Timestamp;
use crate::render::{self, NewsItem};
use crate::store::{Store, StoreError};

/// The subject of all notices to people.
const SUBJECT: &str = "news";
/// After this number of tries, over most of a day, a message is put aside.
const TRIES: u32 = 12;
/// The most lines of a mail.
const OF_MAIL: usize = 300;
/// The most lines of a robot's message.
const OF_ROBOT: usize = 50;
/// The pause between two messages: 飞书 takes five a second.
const PAUSE: Duration = Duration::from_millis(250);

/// One receiver: a robot, or one address of mail.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recipient<'a> {
    pub(super) delivery: &'a Delivery,
    address: Option<&'a Mailbox>,
}

impl<'a> Recipient<'a> {
    /// The receivers of a delivery.
    pub(super) fn all(delivery: &'a Delivery) -> Vec<Self> {
        match &delivery.way {
            Way::Robot(_) => vec![Self {
                delivery,
                address: None,
            }],
            Way::Mail(mail) => {
                let to = mail.to.iter();
                to.map(|address| Self {
                    delivery,
                    address: Some(address),
                })
                .collect()
            }
        }
    }

    /// The name by which the store knows it.
    pub(super) fn name(&self) -> String {
        let name = &self.delivery.name;
        match self.address {
            Some(address) => format!("deliver/{name}/{}", address.email),
            None => format!("deliver/{name}"),
        }
    }

    fn host(&self) -> &str {
        match &self.delivery.way {
            Way::Mail(mail) => &mail.host,
            Way::Robot(robot) => robot.url.host_str().unwrap_or_default(),
        }
    }
}

/// Lets a receiver that the store does not know yet have what is new from now on.
pub(super) async fn begin(
    store: &Store,
    recipient: Recipient<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (notices, name) = (store.notices(), recipient.name());
    if notices.of_receiver(&name).await?.contains_key(SUBJECT) {
        return Ok(());
    }
    let place = Place {
        told: last(store).await?,
        period: period(recipient.delivery, now),
        ..Place::default()
    };
    notices.note_taken(&name, SUBJECT, &place.written()).await
}

async fn last(store: &Store) -> Result<Reach, StoreError> {
    Ok(Reach {
        seq: store.changes().last_seq().await?,
        incident: store.incidents().last_id().await?,
    })
}

/// Sends a receiver what is due. One that the store does not know begins here.
pub(super) async fn tell(
    client: &Client,
    contact: Option<&str>,
    recipient: Recipient<'_>,
    published: &Published<'_>,
) -> Result<(), StoreError> {
    let (store, now) = (published.store, published.clock.now());
    let name = recipient.name();
    let notice = store.notices().of_receiver(&name).await?.remove(SUBJECT);
    let place = notice.as_ref();
    let place = place.and_then(|notice| serde_json::from_str(&notice.state).ok());
    let (Some(notice), Some(place)) = (notice, place) else {
        return begin(store, recipient, now).await;
    };
    let mut told = Telling {
        client,
        contact,
        recipient,
        published,
        name,
        place,
        failures: notice.failures,
    };
    if notice.next_try_at > now || !told.place.is_due(recipient.delivery, now) {
        return Ok(());
    }
    told.tell().await
}

/// A receiver while it is told.
struct Telling<'a> {
    client: &'a Client,
    contact: Option<&'a str>,
    recipient: Recipient<'a>,
    published: &'a Published<'a>,
    name: String,
    place: Place,
    failures: u32,
}

impl Telling<'_> {
    async fn tell(&mut self) -> Result<(), StoreError> {
        let (store, delivery) = (self.published.store, self.recipient.delivery);
        let before = self.place.clone();
        let mut to = self.published().await?;
        if self.place.is_open {
            let (receiver, host) = (&self.name, self.recipient.host());
            tracing::warn!(
                receiver,
                host,
                "a message may come twice: no answer of its receiver is noted"
            );
        }
        if let Some(letter) = self.place.letter {
            to = letter;
        }
        if delivery.query.is_some() {
            store.search().complete().await?;
        }
        let amount = match self.recipient.address {
            Some(_) => Amount {
                most: OF_MAIL,
                is_counted: true,
            },
            None => Amount {
                most: OF_ROBOT,
                is_counted: false,
            },
        };
        let mut is_first = true;
        loop {
            let now = self.published.clock.now();
            let told = (self.place.told, to);
            let news = News::read(delivery, self.published, told, amount).await?;
            if news.items.is_empty() {
                self.place.told = to;
                self.place.letter = None;
                self.place.is_open = false;
                self.place.period = period(delivery, now);
                return match self.place == before {
                    true => Ok(()),
                    false => self.note_taken().await,
                };
            }
            if !is_first {
                tokio::time::sleep(PAUSE).await;
            }
            is_first = false;
            if !self.send(news, to, now).await? {
                return Ok(());
            }
        }
    }

    /// What is published by now: each publication is told as a whole.
    async fn published(&self) -> Result<Reach, StoreError> {
        let (store, told) = (self.published.store, self.place.told);
        let last = last(store).await?;
        let folder = store.published().folder().await?;
        let seq = folder.map_or(last.seq, |folder| folder.seq);
        Ok(Reach {
            seq: seq.max(told.seq),
            incident: last.incident.max(told.incident),
        })
    }

    /// Sends one message, and notes what came of it. `false` if the receiver rests.
    async fn send(&mut self, news: News, to: Reach, now: Timestamp) -> Result<bool, StoreError> {
        let notices = self.published.store.notices();
        let (site, title) = (
            self.published.site,
            self.recipient.delivery.title.as_deref(),
        );
        let (reaches, mut items): (Vec<Reach>, Vec<NewsItem>) = news.items.into_iter().unzip();
        let mut reach = to;
        let mut heading = render::news::heading(site, title, items.len() as u64 + news.more);
        if let Way::Robot(robot) = &self.recipient.delivery.way {
            if let Some(until) = self.place.rests_until(robot.service.pace(), now) {
                notices.rest(&self.name, SUBJECT, until).await?;
                return Ok(false);
            }
            let count = robots::fitting(robot, &heading, &items);
            items.truncate(count);
            heading = render::news::heading(site, title, count as u64);
            reach = reaches.get(count - 1).copied().unwrap_or(to);
            self.place.sent.push(now.millis());
        }
        // A mail that is sent again is the same one: readers of mail may know it by its id.
        self.place.letter = self.recipient.address.map(|_| reach);
        self.place.is_open = true;
        let state = self.place.written();
        notices.note_state(&self.name, SUBJECT, &state).await?;
        let sent = match &self.recipient.delivery.way {
            Way::Robot(robot) => robots::send(self.client, robot, &heading, &items, now).await,
            Way::Mail(mail) => {
                let Some(address) = self.recipient.address else {
                    return Ok(false);
                };
                let (text, html) = render::news::mail(site, &heading, &items, news.more);
                let letter = Letter {
                    to: address,
                    subject: &heading,
                    text,
                    html,
                    id: self.message_id(reach),
                    contact: self.contact.unwrap_or(mail.from.email.as_ref()),
                    host: site.base_url.host_str().unwrap_or("localhost"),
                    at: now,
                };
                mail::send(mail, letter).await
            }
        };
        match sent {
            Ok(()) => {
                tracing::info!(receiver = self.name, "a message was sent");
                self.taken(reach);
                self.failures = 0;
                self.note_taken().await?;
                Ok(true)
            }
            Err(refusal) => self.refused(refusal, reach, now).await.map(|()| false),
        }
    }

    fn taken(&mut self, reach: Reach) {
        self.place.told = reach;
        self.place.letter = None;
        self.place.is_open = false;
        if self.recipient.address.is_some() {
            self.place.period = period(self.recipient.delivery, self.published.clock.now());
        }
    }

    async fn note_taken(&self) -> Result<(), StoreError> {
        let state = self.place.written();
        let notices = self.published.store.notices();
        notices.note_taken(&self.name, SUBJECT, &state).await
    }

    async fn refused(
        &mut self,
        refusal: Refusal,
        reach: Reach,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let notices = self.published.store.notices();
        let (receiver, host) = (&self.name, self.recipient.host().to_owned());
        let failures = self.failures + 1;
        self.place.is_open = matches!(refusal, Refusal::Unsure(_));
        let (reason, rest) = match refusal {
            Refusal::Failed(reason) | Refusal::Unsure(reason) => (reason, None),
            Refusal::Limited(reason, rest) => (reason, Some(rest)),
        };
        let state = self.place.written();
        notices.note_state(receiver, SUBJECT, &state).await?;
        if let Some(rest) = rest {
            tracing::info!(receiver, host, "a receiver rests: {reason}");
            return notices.rest(receiver, SUBJECT, now.plus(rest)).await;
        }
        if failures >= TRIES {
            tracing::error!(receiver, host, "a receiver never took a message: {reason}");
            self.taken(reach);
            let state = self.place.written();
            let letter = (reach.seq, reason.as_str());
            let place = (self.name.as_str(), SUBJECT, state.as_str());
            return notices.bury(place, letter, now).await;
        }
        tracing::warn!(
            receiver,
            host,
            failures,
            "a receiver did not take a message: {reason}"
        );
        let next = retry::next_try(now, failures);
        notices
            .note_not_taken(receiver, SUBJECT, next, &reason)
            .await
    }

    /// The same id for every try of a message.
    fn message_id(&self, reach: Reach) -> String {
        let Reach { seq, incident } = reach;
        let name = format!("dibao:{}#{seq}/{incident}", self.name);
        Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()).to_string()
    }
}
