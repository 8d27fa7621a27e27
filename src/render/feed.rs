//! The neutral feed between articles and wire formats, in the words of Atom (RFC 4287).
//!
//! Owns the members of a feed. Never writes a wire format.

use chrono::NaiveDate;
use url::Url;

use super::entry::Entry;
use super::link::Link;
use super::{ColumnInfo, RunInterval, Site, paths, xml};
use crate::identify::narrowed_id;
use crate::model::{Article, Timestamp};

/// A feed, independent of its format.
///
/// Its texts have no characters that XML 1.0 forbids. Feeds that do not belong to a column set
/// their members themselves.
#[derive(Clone, Debug, PartialEq)]
pub struct Feed {
    /// `urn:uuid:…`. It is never a URL, because URLs change.
    pub id: String,
    /// Plain text.
    pub title: String,
    /// A description on one line.
    pub subtitle: String,
    /// The greatest `updated` of its entries; the beginning of 2000 in China for a feed without
    /// entries. That date is valid, constant, and older than any later entry.
    pub updated: Timestamp,
    /// The author of entries without one.
    pub author: Person,
    /// The page that the feed is about.
    pub home: Url,
    /// Links beside `self` and `alternate`.
    pub links: Vec<Link>,
    /// Hubs that are notified when it changes (WebSub).
    pub hubs: Vec<Url>,
    /// The JSON Feed document with the next older entries.
    pub next_json: Option<Url>,
    /// A small square picture.
    pub favicon: Url,
    /// The style with which a browser shows it; `None` for a document that never changes.
    pub style: Option<Url>,
    /// A large square picture.
    pub icon: Url,
    /// A picture twice as wide as high.
    pub logo: Url,
    /// The shortest time between two changes; `None` for a document that never changes.
    pub run_interval: Option<RunInterval>,
    /// Deleted entries of another feed (RFC 6721).
    pub withdrawn: Vec<Withdrawn>,
    /// Whether it is a history document (RFC 5005, section 4).
    pub is_history: bool,
    /// Whether nothing new ever comes.
    pub is_expired: bool,
    /// The entries, in the order of the document.
    pub entries: Vec<Entry>,
}

/// A person or an office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name for readers.
    pub name: String,
    /// Their page.
    pub uri: Option<Url>,
}

/// A deleted entry (RFC 6721, `at:deleted-entry`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawn {
    /// The entry's id.
    pub id: String,
    /// When dibao found that the portal had withdrawn it.
    pub at: Timestamp,
    /// The reason, as plain text.
    pub comment: String,
}

impl Feed {
    /// The feed with the site's hubs, for feeds that readers poll.
    pub fn with_hubs(mut self, site: &Site) -> Self {
        self.hubs = site.hubs.clone();
        self
    }

    /// The feed with those of its articles that have one of these keywords, which is another feed.
    pub fn of_keywords(mut self, keywords: &[&str]) -> Self {
        self.id = narrowed_id(&self.id, &keywords.join(",")).urn().to_string();
        let title = format!("{} · 「{}」", self.title, keywords.join("、"));
        self.title = xml::clean(&title).into_owned();
        self
    }

    /// The feed of a column with these articles, in this order.
    pub fn new(site: &Site, column: &ColumnInfo, articles: &[Article]) -> Self {
        let entries = articles
            .iter()
            .map(|article| Entry::new(article, column.full_text))
            .collect();
        Self {
            run_interval: column.run_interval,
            ..Self::from_entries(site, column.feed_id(), &column.title, &column.url, entries)
        }
    }

    /// A feed with this id and title about this page, with these entries in this order.
    pub fn from_entries(
        site: &Site,
        id: String,
        title: &str,
        home: &Url,
        entries: Vec<Entry>,
    ) -> Self {
        let title = xml::clean(title).into_owned();
        Self {
            id,
            title: site.title(&title),
            subtitle: subtitle(site, &title),
            updated: Self::updated(&entries),
            author: Person {
                name: title,
                uri: Some(home.clone()),
            },
            home: home.clone(),
            links: Vec::new(),
            hubs: Vec::new(),
            next_json: None,
            favicon: site.url(paths::FAVICON),
            style: Some(site.url(paths::FEED_STYLE)),
            icon: site.url(paths::ICON),
            logo: site.url(paths::LOGO),
            run_interval: None,
            withdrawn: Vec::new(),
            is_history: false,
            is_expired: false,
            entries,
        }
    }

    /// The `updated` of a feed with these entries.
    pub fn updated(entries: &[Entry]) -> Timestamp {
        let none = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default();
        entries
            .iter()
            .map(|entry| entry.updated)
            .max()
            .unwrap_or(Timestamp::start_of(none))
    }
}

fn subtitle(site: &Site, title: &str) -> String {
    if site.demo {
        format!("演示数据，内容均为虚构：{title}")
    } else {
        format!("{title}，由邸报 dibao 自门户网站采集")
    }
}
