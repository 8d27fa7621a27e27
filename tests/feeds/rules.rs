//! The public feed validator's rules (<https://validator.w3.org/feed/>) for feeds like ours: each
//! flaw of a document in a line.
//!
//! Owns these rules. Never asks the validator itself.

use std::collections::BTreeSet;

use atom_syndication::{Feed, Text, TextType};
use opml::{OPML, Outline};
use rss::Channel;

/// A document whose first line names no encoding is ISO 8859-1 to some readers.
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>";

/// Characters that a URI may have (RFC 2396), and a validator's idea of one.
fn is_uri(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || ";/?:@&=+$.-_!~*'()%,#".contains(c);
    let scheme = text.split(':').next().unwrap_or_default();
    text.len() > scheme.len() + 1
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(allowed)
}

/// Plain text with an end tag of HTML or a character reference in it.
fn looks_like_html(text: &str) -> bool {
    let tag = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphabetic());
    let reference = |rest: &str| {
        let name: String = rest
            .chars()
            .take_while(|c| c.is_alphanumeric() || "#_".contains(*c))
            .collect();
        let known = ["amp", "lt", "gt", "quot", "apos", "nbsp", "copy"].contains(&name.as_str());
        known || (!name.is_empty() && !name.chars().all(char::is_alphabetic))
    };
    text.split("</").skip(1).any(tag)
        || text.split('<').skip(1).any(tag)
        || text.split('&').skip(1).any(reference)
}

fn has_bad_characters(text: &str) -> bool {
    let bad = |c: char| (c.is_control() && !"\n\t".contains(c)) || c == '\u{fffd}';
    text.contains(bad)
}

/// Notes a flaw where there is one.
macro_rules! check {
    ($flaws:ident, $holds:expr, $($what:tt)*) => {
        if !$holds {
            $flaws.push(format!($($what)*));
        }
    };
}

fn is_plausible(date: &chrono::DateTime<chrono::FixedOffset>) -> bool {
    date.to_rfc3339().as_str() >= "1990"
}

/// The faults of an RSS document that is published at `url`.
pub(crate) fn rss(text: &str, url: &str) -> Vec<String> {
    let mut flaws = Vec::new();
    let channel = Channel::read_from(text.as_bytes()).unwrap();
    check!(flaws, text.starts_with(DECLARATION), "encoding");
    check!(flaws, !has_bad_characters(text), "bad characters");
    check!(flaws, !text.contains("<dc:date"), "dc:date beside pubDate");
    check!(flaws, !text.contains("<author>"), "author is an address");
    check!(
        flaws,
        !looks_like_html(channel.title()),
        "title of the channel"
    );
    check!(
        flaws,
        !looks_like_html(channel.description()),
        "description of the channel"
    );
    check!(flaws, is_uri(channel.link()), "link of the channel");
    check!(flaws, channel.language() == Some("zh-CN"), "language");
    let links = &channel.atom_ext().unwrap().links;
    let own = links.iter().find(|link| link.rel == "self").unwrap();
    check!(flaws, own.href == url, "self is {}", own.href);
    let image = channel.image().unwrap();
    check!(
        flaws,
        image.title == channel.title && image.link == channel.link,
        "image"
    );
    check!(flaws, image.url.ends_with(".png"), "format of the image");
    let ttl: u32 = channel.ttl().unwrap().parse().unwrap();
    check!(flaws, ttl > 0, "ttl");
    let items = text.find("<item>").unwrap_or(text.len());
    for name in [
        "<ttl>",
        "<image>",
        "<atom:link",
        "<sy:updatePeriod>",
        "<sy:updateFrequency>",
    ] {
        check!(
            flaws,
            text[..items].contains(name),
            "{name} is not before the items"
        );
    }
    let mut ids = BTreeSet::new();
    for (item, raw) in channel.items().iter().zip(text.split("<item>").skip(1)) {
        let title = item.title().unwrap_or_default();
        // The validator warns of titles that look like markup; they are escaped once all the same.
        check!(flaws, !title.trim().is_empty(), "title {title}");
        check!(
            flaws,
            is_uri(item.link().unwrap_or_default()),
            "link of {title}"
        );
        let guid = item.guid().unwrap();
        check!(
            flaws,
            !guid.permalink && ids.insert(guid.value.clone()),
            "guid of {title}"
        );
        let date = chrono::DateTime::parse_from_rfc2822(item.pub_date().unwrap());
        check!(
            flaws,
            date.is_ok_and(|date| is_plausible(&date)),
            "date of {title}"
        );
        let description = raw.find("<description>");
        let content = raw.find("<content:encoded>").unwrap_or(usize::MAX);
        check!(
            flaws,
            description.is_some_and(|at| at < content),
            "description of {title}"
        );
        check!(
            flaws,
            !item.description().unwrap_or_default().trim().is_empty(),
            "{title}: blank"
        );
        let terms = item.dublin_core_ext().map_or(0, |dc| dc.subjects().len());
        check!(
            flaws,
            item.categories().is_empty() || terms == 0,
            "terms twice in {title}"
        );
        for category in item.categories() {
            let name = category.name();
            check!(
                flaws,
                !name.trim().is_empty() && !looks_like_html(name),
                "category {name}"
            );
        }
        check!(
            flaws,
            raw.matches("<enclosure").count() <= 1,
            "enclosures of {title}"
        );
        if let Some(file) = item.enclosure() {
            let known = file.length().parse::<u64>().is_ok() && file.mime_type().contains('/');
            check!(flaws, known && is_uri(file.url()), "enclosure of {title}");
        }
    }
    flaws
}

fn text_flaw(text: &Text) -> bool {
    text.value.trim().is_empty() || (text.r#type == TextType::Text && looks_like_html(&text.value))
}

/// The faults of an Atom document that is published at `url`.
pub(crate) fn atom(text: &str, url: &str) -> Vec<String> {
    let mut flaws = Vec::new();
    let feed = Feed::read_from(text.as_bytes()).unwrap();
    check!(flaws, text.starts_with(DECLARATION), "encoding");
    check!(flaws, !text.contains("<dc:creator"), "authors twice");
    check!(flaws, !has_bad_characters(text), "bad characters");
    check!(flaws, !text.contains("dcterms"), "dcterms");
    check!(flaws, !text_flaw(feed.title()), "title of the feed");
    check!(
        flaws,
        !text_flaw(feed.subtitle().unwrap()),
        "subtitle of the feed"
    );
    check!(flaws, feed.lang() == Some("zh-CN"), "language");
    check!(flaws, is_plausible(feed.updated()), "updated of the feed");
    check!(
        flaws,
        is_uri(feed.icon().unwrap()) && is_uri(feed.logo().unwrap()),
        "icon"
    );
    let links = |rel: &'static str| feed.links().iter().filter(move |link| link.rel == rel);
    check!(flaws, links("self").any(|link| link.href == url), "self");
    let kinds: BTreeSet<(&str, Option<&str>)> = feed
        .links()
        .iter()
        .map(|link| (link.rel(), link.mime_type()))
        .collect();
    check!(
        flaws,
        kinds.len() == feed.links().len(),
        "two links of a kind"
    );
    let is_archive = text.contains("<fh:archive/>");
    check!(
        flaws,
        !is_archive || links("current").count() == 1,
        "archive without current"
    );
    let (mut ids, mut times) = (BTreeSet::new(), BTreeSet::new());
    for entry in feed.entries() {
        let title = entry.title().value.as_str();
        check!(flaws, !title.trim().is_empty(), "title {title}");
        check!(flaws, ids.insert(entry.id()), "two entries {}", entry.id());
        check!(flaws, times.insert(*entry.updated()), "updated of {title}");
        check!(
            flaws,
            entry.published().is_none_or(is_plausible),
            "published of {title}"
        );
        check!(
            flaws,
            entry.summary().is_none_or(|text| !text_flaw(text)),
            "summary of {title}"
        );
        let content = entry.content().and_then(|content| content.value());
        let is_blank = content.is_some_and(|html| html.trim().is_empty());
        check!(flaws, !is_blank, "content of {title}");
        check!(
            flaws,
            content.is_some() || entry.summary().is_some(),
            "{title}: nothing to read"
        );
        for person in entry.authors() {
            check!(
                flaws,
                !looks_like_html(&person.name),
                "author {}",
                person.name
            );
        }
        for link in entry.links() {
            check!(flaws, is_uri(link.href()), "link {}", link.href());
            let title = link.title().unwrap_or("·");
            check!(
                flaws,
                !title.trim().is_empty() && !looks_like_html(title),
                "link {title}"
            );
            check!(
                flaws,
                link.rel() != "enclosure" || link.mime_type().is_some(),
                "type {title}"
            );
        }
        let pages = entry
            .links()
            .iter()
            .filter(|link| link.rel() == "alternate");
        check!(flaws, pages.count() == 1, "pages of {title}");
    }
    flaws
}

/// What is wrong with an OPML document.
pub(crate) fn opml(text: &str) -> Vec<String> {
    let mut flaws = Vec::new();
    check!(flaws, text.starts_with(DECLARATION), "encoding");
    let document = OPML::from_str(text).unwrap();
    check!(flaws, document.version == "2.0", "version");
    check!(flaws, !document.body.outlines.is_empty(), "no outline");
    for outline in &document.body.outlines {
        outline_flaws(outline, &mut flaws);
    }
    flaws
}

fn outline_flaws(outline: &Outline, flaws: &mut Vec<String>) {
    let text = &outline.text;
    check!(flaws, !text.trim().is_empty(), "an outline without text");
    let of_feeds = [
        &outline.description,
        &outline.html_url,
        &outline.language,
        &outline.title,
        &outline.version,
        &outline.xml_url,
    ];
    let has_any = of_feeds.iter().any(|value| value.is_some());
    match outline.r#type.as_deref() {
        None => check!(flaws, !has_any, "{text}: no type"),
        Some("rss") => {
            check!(flaws, outline.title.is_some(), "{text}: no title");
            let urls = [&outline.xml_url, &outline.html_url];
            let is_told = |url: &Option<String>| url.as_deref().is_some_and(is_uri);
            check!(flaws, urls.into_iter().all(is_told), "{text}: no address");
        }
        Some(other) => flaws.push(format!("{text}: type {other}")),
    }
    for inner in &outline.outlines {
        outline_flaws(inner, flaws);
    }
}
