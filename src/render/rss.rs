//! RSS 2.0, with the full text in `content:encoded` and what RSS has no word for in Dublin Core.

use rss::extension::atom::{AtomExtension, Link};
use rss::extension::dublincore::DublinCoreExtension;
use rss::{Category, Channel, Guid, Item};
use url::Url;

use super::{Entry, Feed, RenderError, xml};
use crate::model::Instant;

/// The media type of RSS.
pub const MEDIA_TYPE: &str = "application/rss+xml";

/// Writes a feed as RSS that knows itself by `self_url`.
///
/// There are no enclosures, since RSS wants their length and nobody knows it; files are linked
/// in the text. There is no `ttl` either: HTTP tells how long a copy is good.
pub fn render(feed: &Feed, self_url: &Url) -> Result<Vec<u8>, RenderError> {
    let channel = Channel {
        title: feed.title.clone(),
        link: feed.home.to_string(),
        description: feed.subtitle.clone(),
        language: Some("zh-CN".to_owned()),
        last_build_date: Some(rfc822(feed.updated)),
        generator: Some("dibao".to_owned()),
        atom_ext: Some(AtomExtension {
            links: vec![Link {
                href: self_url.to_string(),
                rel: "self".to_owned(),
                mime_type: Some(MEDIA_TYPE.to_owned()),
                ..Link::default()
            }],
        }),
        items: feed.entries.iter().map(item).collect(),
        ..Channel::default()
    };
    Ok(channel.write_to(Vec::new())?)
}

fn item(entry: &Entry) -> Item {
    Item {
        title: Some(entry.title.clone()),
        link: Some(entry.url.to_string()),
        // A description is HTML, and a summary is plain text.
        description: entry.summary.as_deref().map(xml::escape),
        categories: entry.categories.iter().map(|name| category(name)).collect(),
        guid: Some(Guid {
            value: entry.id.clone(),
            permalink: false,
        }),
        pub_date: Some(rfc822(entry.published)),
        content: entry.content.clone(),
        dublin_core_ext: Some(DublinCoreExtension {
            creators: entry.authors.clone(),
            identifiers: entry.index_number.iter().cloned().collect(),
            subjects: entry.categories.clone(),
            ..DublinCoreExtension::default()
        }),
        ..Item::default()
    }
}

fn category(name: &str) -> Category {
    Category {
        name: name.to_owned(),
        domain: None,
    }
}

/// A date of RFC 822 with the year in four digits, as RSS wants it, in Beijing time.
fn rfc822(instant: Instant) -> String {
    instant
        .to_chrono()
        .format("%a, %d %b %Y %H:%M:%S %z")
        .to_string()
}
