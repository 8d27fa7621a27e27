//! Atom (RFC 4287), the format with every field of a feed.
//!
//! Owns the elements and namespaces of our Atom documents. Never chooses entries.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use atom_syndication as atom;
use atom_syndication::extension::{Extension, ExtensionMap};
use url::Url;

use super::entry::Source;
pub use super::link::ATOM as MEDIA_TYPE;
use super::{Entry, Feed, Link, RenderError, xml};

const DUBLIN_CORE: &str = "http://purl.org/dc/elements/1.1/";
const FEED_HISTORY: &str = "http://purl.org/syndication/history/1.0";
const SYNDICATION: &str = "http://purl.org/rss/1.0/modules/syndication/";
const TOMBSTONES: &str = "http://purl.org/atompub/tombstones/1.0";

/// Writes a feed as Atom. `self_url` is its own URL.
pub fn render(feed: &Feed, self_url: &Url) -> Result<Vec<u8>, RenderError> {
    let own = [page(&feed.home), Link::atom("self", self_url.clone())];
    let hubs: Vec<Link> = feed.hubs.iter().map(Link::hub).collect();
    let document = atom::Feed {
        title: atom::Text::plain(feed.title.clone()),
        id: feed.id.clone(),
        updated: feed.updated.to_chrono(),
        authors: vec![atom::Person {
            uri: feed.author.uri.as_ref().map(xml::uri),
            ..author(&feed.author.name)
        }],
        generator: Some(atom::Generator {
            value: "dibao".to_owned(),
            ..atom::Generator::default()
        }),
        icon: Some(xml::uri(&feed.icon)),
        logo: Some(xml::uri(&feed.logo)),
        links: own
            .iter()
            .chain(&hubs)
            .chain(&feed.links)
            .map(link)
            .collect(),
        subtitle: Some(text(&feed.subtitle)),
        entries: feed.entries.iter().map(entry).collect(),
        namespaces: namespaces(feed),
        lang: Some("zh-CN".to_owned()),
        ..atom::Feed::default()
    };
    // The library's declaration does not name the encoding.
    let config = atom::WriteConfig {
        write_document_declaration: false,
        ..atom::WriteConfig::default()
    };
    let bytes = document.write_with_config(xml::DECLARATION.as_bytes().to_vec(), config)?;
    Ok(xml::styled(
        with_marks(bytes, &marks(feed)),
        feed.style.as_ref(),
    ))
}

/// The namespaces that the document uses. Validators warn about an unknown namespace even if it is
/// not used.
fn namespaces(feed: &Feed) -> BTreeMap<String, String> {
    let used = [
        ("dc", DUBLIN_CORE, true),
        ("fh", FEED_HISTORY, feed.is_history),
        ("sy", SYNDICATION, feed.run_interval.is_some()),
        ("at", TOMBSTONES, !feed.withdrawn.is_empty()),
    ];
    let used = used.into_iter().filter(|(_, _, is_used)| *is_used);
    used.map(|(prefix, name, _)| (prefix.to_owned(), name.to_owned()))
        .collect()
}

/// The feed's elements from other namespaces.
fn marks(feed: &Feed) -> String {
    let mut marks = String::new();
    if feed.is_history {
        marks.push_str("<fh:archive/>");
    }
    if let Some((period, frequency)) = feed.run_interval.map(super::RunInterval::frequency) {
        // Writing to a string cannot fail.
        let _ = write!(
            marks,
            "<sy:updatePeriod>{period}</sy:updatePeriod>\
             <sy:updateFrequency>{frequency}</sy:updateFrequency>"
        );
    }
    for gone in &feed.withdrawn {
        let _ = write!(
            marks,
            "<at:deleted-entry ref=\"{}\" when=\"{}\"><at:comment>{}</at:comment></at:deleted-entry>",
            gone.id,
            gone.at,
            xml::escape(&gone.comment)
        );
    }
    marks
}

/// The document with these elements before the entries: readers and the schema of RFC 4287 expect
/// them there, and the library would write them after the entries.
///
/// All text is escaped, so the searched tags occur only as elements.
fn with_marks(mut bytes: Vec<u8>, marks: &str) -> Vec<u8> {
    let find = |tag: &[u8]| bytes.windows(tag.len()).position(|part| part == tag);
    if !marks.is_empty()
        && let Some(at) = find(b"<entry>").or_else(|| find(b"</feed>"))
    {
        bytes.splice(at..at, marks.bytes());
    }
    bytes
}

fn entry(entry: &Entry) -> atom::Entry {
    let page = page(&entry.url);
    atom::Entry {
        // A title is plain text: it is escaped once.
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
        summary: entry.summary.as_deref().map(text),
        content: entry.content.clone().map(|html| atom::Content {
            value: Some(html),
            content_type: Some("html".to_owned()),
            ..atom::Content::default()
        }),
        extensions: dublin_core(entry),
        source: entry.source.as_ref().map(|of| source(of, entry)),
        ..atom::Entry::default()
    }
}

/// The feed that an entry comes from, as it was when the entry changed last.
fn source(of: &Source, entry: &Entry) -> atom::Source {
    let links = [page(&of.home), Link::atom("self", of.atom.clone())];
    atom::Source {
        id: of.id.clone(),
        title: atom::Text::plain(of.title.clone()),
        updated: entry.updated.to_chrono(),
        links: links.iter().map(link).collect(),
        ..atom::Source::default()
    }
}

/// Categories and the index number in Dublin Core, for libraries and archives. Atom has no element
/// for an index number. Authors are left out: parsers take `dc:creator` for one more author.
fn dublin_core(entry: &Entry) -> ExtensionMap {
    let number: Vec<String> = entry.index_number.iter().cloned().collect();
    let terms = [
        ("identifier", number.as_slice()),
        ("subject", entry.categories.as_slice()),
    ];
    let elements = |name: &str, values: &[String]| {
        let element = |value: &String| Extension {
            name: format!("dc:{name}"),
            value: Some(value.clone()),
            ..Extension::default()
        };
        values.iter().map(element).collect()
    };
    let used = terms.into_iter().filter(|(_, values)| !values.is_empty());
    let names: BTreeMap<String, Vec<Extension>> = used
        .map(|(name, values)| (name.to_owned(), elements(name, values)))
        .collect();
    ExtensionMap::from([("dc".to_owned(), names)])
}

/// The text as `text`, or as escaped `html` if readers could take it for HTML.
fn text(text: &str) -> atom::Text {
    if xml::unmistakable(text) == text {
        atom::Text::plain(text)
    } else {
        atom::Text::html(xml::escape(text))
    }
}

fn author(name: &str) -> atom::Person {
    atom::Person {
        name: xml::unmistakable(name).into_owned(),
        ..atom::Person::default()
    }
}

fn category(term: &str) -> atom::Category {
    atom::Category {
        term: term.to_owned(),
        ..atom::Category::default()
    }
}

fn page(url: &Url) -> Link {
    Link {
        rel: "alternate",
        href: url.clone(),
        media_type: Some("text/html".to_owned()),
        title: None,
    }
}

fn link(link: &Link) -> atom::Link {
    let title = link.title.as_deref().map(xml::unmistakable);
    atom::Link {
        href: xml::uri(&link.href),
        rel: link.rel.to_owned(),
        mime_type: link.media_type.clone(),
        title: title.map(std::borrow::Cow::into_owned),
        ..atom::Link::default()
    }
}
