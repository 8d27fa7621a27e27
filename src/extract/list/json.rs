//! Lists that come as data: JSON or XML as a whole answer, or JSON in a script of the page.
//!
//! Owns the search for the array whose objects have an address and a title under any names, and for
//! pieces of HTML in an answer. Never follows an address.

use serde_json::{Deserializer, Map, Value};
use url::Url;

use super::{json_item, xml};
use crate::extract::answer::Item;
use crate::extract::family::query::ListSize;

/// A longer answer is not a list page.
const MAX_BYTES: usize = 4 << 20;
/// A longer list is not the list of a page.
const MAX_ITEMS: usize = 2_000;
/// The most places in scripts to try as the beginning of data.
const MAX_STARTS: usize = 100;
/// The total bytes of scripts to read as data, from all places at which some may begin.
const MAX_READ: usize = 8 << 20;

/// An answer in JSON, or the items of one in XML.
pub(in crate::extract) struct Data(Value);

impl Data {
    /// Reads an answer that contains only JSON, possibly within a call (JSONP), or a list in XML.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(items) = xml::items(text) {
            return Some(Self(items));
        }
        let text = text.trim_start_matches('\u{feff}').trim();
        let text = match text.split_once(['(', '{', '[', '<']) {
            Some((name, _)) if !name.is_empty() && is_call(text, name) => {
                let inner = &text[name.len() + 1..];
                inner
                    .trim_end_matches([';', ' ', '\n', '\r'])
                    .strip_suffix(')')?
            }
            _ => text,
        };
        let text = text.trim();
        if !text.starts_with(['{', '[']) || text.len() > MAX_BYTES {
            return None;
        }
        serde_json::from_str(text).ok().map(Self)
    }

    /// The items of the array that has the most items.
    pub(super) fn items(&self, base: &Url) -> Vec<Item> {
        let mut best = Vec::new();
        each(&self.0, &mut |value| {
            if let Value::Array(array) = value {
                let items = items_of(array, base);
                if items.len() > best.len() {
                    best = items;
                }
            }
        });
        best
    }

    /// The pieces of HTML with links, each in an element of its own.
    pub(super) fn html(&self) -> String {
        let mut page = String::new();
        each(&self.0, &mut |value| {
            if let Value::String(text) = value
                && text.contains("<a ")
                && text.contains("href")
            {
                page.push_str("<div>");
                page.push_str(text);
                page.push_str("</div>");
            }
        });
        page
    }

    /// The size of the list, from the data outside its items.
    pub(super) fn list_size(&self) -> ListSize {
        let mut size = ListSize::default();
        let mut open = vec![&self.0];
        while let Some(Value::Object(object)) = open.pop() {
            for (name, value) in object {
                let number = match value {
                    Value::String(text) => text.trim().parse().ok(),
                    value => value.as_u64(),
                };
                if let Some(number) = number {
                    size.take(name, number);
                }
            }
            open.extend(object.values().filter(|value| value.is_object()));
        }
        size
    }
}

fn is_call(text: &str, name: &str) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_$. ".contains(c);
    text[name.len()..].starts_with('(') && name.chars().all(is_name)
}

/// The items of a list that a script holds as data. Menus are data, too, so the list needs at least
/// two items, and all must look like a column's.
pub(super) fn in_scripts(scripts: &str, base: &Url) -> Vec<Item> {
    let mut best: Vec<Item> = Vec::new();
    let mut read = 0;
    let mut at = 0;
    for _ in 0..MAX_STARTS {
        let Some(found) = scripts[at..]
            .find("[{")
            .or_else(|| scripts[at..].find("[ {"))
        else {
            break;
        };
        let start = at + found;
        let mut values = Deserializer::from_str(&scripts[start..]).into_iter::<Value>();
        let value = values.next();
        let length = values.byte_offset();
        read += length;
        at = start + 1;
        if let Some(Ok(value)) = value {
            at = start + length.max(1);
            let items = likely(value, base);
            if items.len() > best.len() {
                best = items;
            }
        }
        if read > MAX_READ {
            break;
        }
    }
    best
}

/// The items of a script's data, if they look like a column's.
pub(super) fn likely(value: Value, base: &Url) -> Vec<Item> {
    let items = Data(value).items(base);
    let likely = items
        .iter()
        .filter(|item| json_item::is_likely(item))
        .count();
    match items.len() >= 2 && likely * 5 >= items.len() * 4 {
        true => items,
        false => Vec::new(),
    }
}

/// The items of an array; empty unless nearly all of its objects are items.
fn items_of(array: &[Value], base: &Url) -> Vec<Item> {
    let objects: Vec<&Map<String, Value>> = array
        .iter()
        .take(MAX_ITEMS)
        .filter_map(Value::as_object)
        .collect();
    let items: Vec<Item> = objects
        .iter()
        .filter_map(|object| json_item::item(object, base))
        .collect();
    if items.len() * 5 >= objects.len() * 4 {
        items
    } else {
        Vec::new()
    }
}

/// Every value of the data, from the outer to the inner.
fn each(value: &Value, look: &mut dyn FnMut(&Value)) {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        look(value);
        match value {
            Value::Array(array) => open.extend(array.iter().rev()),
            Value::Object(object) => open.extend(object.values().rev()),
            _ => {}
        }
    }
}
