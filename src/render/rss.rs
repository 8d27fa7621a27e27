//! RSS 2.0, with the full text in `content:encoded` and extra fields in Dublin Core.
//!
//! Owns the elements and namespaces of our RSS documents. Never chooses entries.

use std::collections::BTreeMap;

use rss::extension::atom::{AtomExtension, Link};
use rss::extension::dublincore::DublinCoreExtension;
use rss::extension::{Extension, ExtensionMap};
use rss::{Category, Channel, Enclosure, Guid, Image, Item, Source};
use url::Url;

use super::icons::LOGO_SIZE;
use super::{Entry, Feed, RenderError, RunInterval, xml};
use crate::model::Timestamp;

/// The media type of RSS.
pub const MEDIA_TYPE: &str = "application/rss+xml";

const SYNDICATION: &str = "http://purl.org/rss/1.0/modules/syndication/";

/// An empty description, because one must come before `content:encoded`.
const NO_SUMMARY: &str = "（没有摘要）";

/// Writes a feed as RSS. `self_url` is its own URL.
///
/// RSS does not say whether names are HTML, and readers differ. Text that could be a tag is written
/// so that all readers show the same. A title is plain text: it is escaped once.
pub fn render(feed: &Feed, self_url: &Url) -> Result<Vec<u8>, RenderError> {
    let title = plain(&feed.title);
    let home = xml::uri(&feed.home);
    let run_interval = feed.run_interval;
    let namespaces = run_interval.map(|_| ("sy".to_owned(), SYNDICATION.to_owned()));
    let own = Link {
        href: xml::uri(self_url),
        rel: "self".to_owned(),
        mime_type: Some(MEDIA_TYPE.to_owned()),
        ..Link::default()
    };
    let channel = Channel {
        description: plain(&feed.subtitle),
        language: Some("zh-CN".to_owned()),
        last_build_date: Some(rfc822(feed.updated)),
        generator: Some("dibao".to_owned()),
        ttl: run_interval.map(|run_interval| run_interval.minutes().to_string()),
        image: Some(Image {
            url: xml::uri(&feed.logo),
            title: title.clone(),
            link: home.clone(),
            width: Some(LOGO_SIZE.0.to_string()),
            height: Some(LOGO_SIZE.1.to_string()),
            description: None,
        }),
        title,
        link: home,
        atom_ext: Some(AtomExtension {
            links: std::iter::once(own)
                .chain(feed.hubs.iter().map(hub))
                .collect(),
        }),
        extensions: run_interval.map(syndication).unwrap_or_default(),
        namespaces: namespaces.into_iter().collect(),
        items: feed.entries.iter().map(item).collect(),
        ..Channel::default()
    };
    let bytes = channel.write_to(Vec::new())?;
    Ok(xml::styled(bytes, feed.style.as_ref()))
}

fn hub(url: &Url) -> Link {
    Link {
        href: xml::uri(url),
        rel: "hub".to_owned(),
        ..Link::default()
    }
}

/// It is written by hand, because the library's type requires a base date.
fn syndication(run_interval: RunInterval) -> ExtensionMap {
    let (period, frequency) = run_interval.frequency();
    let element = |name: &str, value: String| {
        let element = Extension {
            name: format!("sy:{name}"),
            value: Some(value),
            ..Extension::default()
        };
        (name.to_owned(), vec![element])
    };
    let names = BTreeMap::from([
        element("updatePeriod", period.to_owned()),
        element("updateFrequency", frequency.to_string()),
    ]);
    ExtensionMap::from([("sy".to_owned(), names)])
}

/// Subject terms are categories. They are not repeated as `dc:subject`.
fn item(entry: &Entry) -> Item {
    // A description is HTML; a summary is plain text.
    let summary = entry.summary.as_deref().unwrap_or(NO_SUMMARY);
    Item {
        title: Some(entry.title.clone()),
        link: Some(xml::uri(&entry.url)),
        description: Some(xml::escape(summary)),
        categories: entry.categories.iter().map(|name| category(name)).collect(),
        enclosure: enclosure(entry),
        guid: Some(Guid {
            value: entry.id.clone(),
            permalink: false,
        }),
        pub_date: Some(rfc822(entry.published)),
        content: entry.content.clone(),
        source: entry.source.as_ref().map(|of| Source {
            url: xml::uri(&of.rss),
            title: Some(plain(&of.title)),
        }),
        dublin_core_ext: Some(DublinCoreExtension {
            creators: entry.authors.iter().map(|name| plain(name)).collect(),
            identifiers: entry.index_number.iter().cloned().collect(),
            ..DublinCoreExtension::default()
        }),
        ..Item::default()
    }
}

/// The first file of a known type: an item has at most one enclosure. The text links all files. RSS
/// requires a length; 0 means that it is unknown.
fn enclosure(entry: &Entry) -> Option<Enclosure> {
    let file = entry
        .attachments
        .iter()
        .find(|file| file.media_type.is_some() && matches!(file.href.scheme(), "http" | "https"))?;
    Some(Enclosure {
        url: xml::uri(&file.href),
        length: "0".to_owned(),
        mime_type: file.media_type.clone()?,
    })
}

fn category(name: &str) -> Category {
    Category {
        name: plain(name),
        domain: None,
    }
}

fn plain(text: &str) -> String {
    xml::unmistakable(text).into_owned()
}

/// A date of RFC 822 with a year of four digits, in Beijing time.
fn rfc822(instant: Timestamp) -> String {
    instant
        .to_chrono()
        .format("%a, %d %b %Y %H:%M:%S %z")
        .to_string()
}
