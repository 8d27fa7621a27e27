//! Atom (RFC 4287), the format that carries everything a feed knows.

use std::collections::BTreeMap;

use atom_syndication as atom;
use atom_syndication::extension::{Extension, ExtensionMap};
use url::Url;

use super::{Entry, Feed, Link, RenderError};

/// The media type of Atom.
pub const MEDIA_TYPE: &str = "application/atom+xml";

const DUBLIN_CORE: &str = "http://purl.org/dc/elements/1.1/";
const FEED_HISTORY: &str = "http://purl.org/syndication/history/1.0";

/// Writes a feed as Atom that knows itself by `self_url`.
pub fn render(feed: &Feed, self_url: &Url) -> Result<Vec<u8>, RenderError> {
    let mut namespaces = BTreeMap::from([("dc".to_owned(), DUBLIN_CORE.to_owned())]);
    if feed.archive {
        namespaces.insert("fh".to_owned(), FEED_HISTORY.to_owned());
    }
    let own = [
        Link {
            rel: "alternate",
            href: feed.home.clone(),
            media_type: Some("text/html".to_owned()),
            title: None,
        },
        Link::atom("self", self_url.clone()),
    ];
    let document = atom::Feed {
        title: atom::Text::plain(feed.title.clone()),
        id: feed.id.clone(),
        updated: feed.updated.to_chrono(),
        authors: vec![atom::Person {
            name: feed.author.name.clone(),
            uri: feed.author.uri.as_ref().map(Url::to_string),
            ..atom::Person::default()
        }],
        generator: Some(atom::Generator {
            value: "dibao".to_owned(),
            ..atom::Generator::default()
        }),
        links: own.iter().chain(&feed.links).map(link).collect(),
        subtitle: Some(atom::Text::plain(feed.subtitle.clone())),
        entries: feed.entries.iter().map(entry).collect(),
        namespaces,
        lang: Some("zh-CN".to_owned()),
        ..atom::Feed::default()
    };
    let bytes = document.write_to(Vec::new())?;
    Ok(if feed.archive { marked(bytes) } else { bytes })
}

/// An archive document with its mark (RFC 5005, section 4) before the entries, where readers and
/// RFC 4287's own schema look for it; the library writes extensions after them.
///
/// All text being escaped, these tags stand nowhere but at their elements.
fn marked(mut bytes: Vec<u8>) -> Vec<u8> {
    let find = |tag: &[u8]| bytes.windows(tag.len()).position(|part| part == tag);
    if let Some(at) = find(b"<entry>").or_else(|| find(b"</feed>")) {
        bytes.splice(at..at, *b"<fh:archive/>");
    }
    bytes
}

fn entry(entry: &Entry) -> atom::Entry {
    let identifier = entry.index_number.iter().map(|number| {
        let extension = Extension {
            name: "dc:identifier".to_owned(),
            value: Some(number.clone()),
            ..Extension::default()
        };
        let names = BTreeMap::from([("identifier".to_owned(), vec![extension])]);
        ("dc".to_owned(), names)
    });
    let extensions: ExtensionMap = identifier.collect();
    let page = Link {
        rel: "alternate",
        href: entry.url.clone(),
        media_type: Some("text/html".to_owned()),
        title: None,
    };
    atom::Entry {
        title: atom::Text::plain(entry.title.clone()),
        id: entry.id.clone(),
        updated: entry.updated.to_chrono(),
        authors: entry.authors.iter().map(|name| author(name)).collect(),
        categories: entry.categories.iter().map(|name| category(name)).collect(),
        links: [&page]
            .into_iter()
            .chain(&entry.attachments)
            .map(link)
            .collect(),
        published: Some(entry.published.to_chrono()),
        summary: entry.summary.clone().map(atom::Text::plain),
        content: entry.content.clone().map(|html| atom::Content {
            value: Some(html),
            content_type: Some("html".to_owned()),
            ..atom::Content::default()
        }),
        extensions,
        ..atom::Entry::default()
    }
}

fn author(name: &str) -> atom::Person {
    atom::Person {
        name: name.to_owned(),
        ..atom::Person::default()
    }
}

fn category(term: &str) -> atom::Category {
    atom::Category {
        term: term.to_owned(),
        ..atom::Category::default()
    }
}

fn link(link: &Link) -> atom::Link {
    atom::Link {
        href: link.href.to_string(),
        rel: link.rel.to_owned(),
        mime_type: link.media_type.clone(),
        title: link.title.clone(),
        ..atom::Link::default()
    }
}
