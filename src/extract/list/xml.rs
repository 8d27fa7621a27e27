//! Lists that come as XML: RSS, Atom, and records of a portal's own.
//!
//! Owns the search for the elements that repeat, and their values as data. A page in XHTML and
//! Hanweb's records of HTML are no such list.

use serde_json::{Map, Value};

/// Names of the elements around one item.
const ITEMS: [&str; 10] = [
    "item", "entry", "record", "row", "news", "article", "info", "doc", "document", "data",
];
/// The most items of a list, and the most values of one.
const MOST: usize = 2_000;
const MAX_VALUES: usize = 100;

/// The items of an answer in XML as data; `None` for another answer.
pub(super) fn items(text: &str) -> Option<Value> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let is_xml = ["<?xml", "<rss", "<feed"]
        .iter()
        .any(|start| text.starts_with(start));
    if !is_xml || text.contains("<html") || text.contains("<HTML") {
        return None;
    }
    let lists = ITEMS.iter().map(|name| of_name(text, name));
    let list = lists.max_by_key(Vec::len)?;
    (!list.is_empty()).then_some(Value::Array(list))
}

/// The elements of one name that are items.
fn of_name(text: &str, name: &str) -> Vec<Value> {
    let close = format!("</{name}>");
    let mut rest = text;
    let mut found = Vec::new();
    while let Some(inner) = after_tag(rest, name).filter(|_| found.len() < MOST) {
        let Some((item, after)) = inner.split_once(&close) else {
            break;
        };
        let values = values(item);
        if is_item(&values) {
            found.push(Value::Object(values));
        }
        rest = after;
    }
    found
}

/// Whether the values are named as an address and a title. Those of HTML are not.
fn is_item(values: &Map<String, Value>) -> bool {
    let has = |words: &[&str]| {
        let mut names = values.keys().map(|name| name.to_ascii_lowercase());
        names.any(|name| words.iter().any(|word| name.contains(word)))
    };
    has(&["url", "link", "href"]) && has(&["title", "name", "subject"])
}

/// The text behind the next opening tag of this name.
fn after_tag<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let open = format!("<{name}");
    let mut places = text.match_indices(&open);
    let rest = places.find_map(|(at, _)| {
        let rest = &text[at + open.len()..];
        rest.starts_with(|c: char| c == '>' || c.is_whitespace())
            .then_some(rest)
    })?;
    Some(rest.split_once('>')?.1)
}

/// The values of an item by name: the content of each element, or its `href`.
fn values(item: &str) -> Map<String, Value> {
    let mut values = Map::new();
    let mut rest = item;
    for _ in 0..MAX_VALUES {
        let tag = rest
            .split_once('<')
            .and_then(|(_, tag)| tag.split_once('>'));
        let Some((head, after)) = tag else {
            break;
        };
        rest = after;
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ':' | '.');
        let name = head.split(|c: char| !is_name(c)).next().unwrap_or_default();
        if name.is_empty() {
            continue;
        }
        let content = match href(head).filter(|_| head.ends_with('/') || name == "link") {
            Some(address) => address.to_owned(),
            None => {
                let Some((content, after)) = after.split_once(&format!("</{name}>")) else {
                    continue;
                };
                rest = after;
                plain(content)
            }
        };
        let name = name.rsplit(':').next().unwrap_or(name);
        values.entry(name).or_insert(Value::String(content));
    }
    values
}

fn href(head: &str) -> Option<&str> {
    let (_, after) = head.split_once("href=")?;
    let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    after[1..].split(quote).next()
}

/// The text of an element, without the marks of CDATA and with its entities.
fn plain(content: &str) -> String {
    let content = content.trim();
    let inner = content
        .strip_prefix("<![CDATA[")
        .and_then(|inner| inner.strip_suffix("]]>"));
    match inner {
        Some(inner) => inner.trim().to_owned(),
        None => content
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&apos;", "'")
            .replace("&amp;", "&"),
    }
}
