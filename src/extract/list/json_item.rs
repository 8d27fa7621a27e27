//! Reads one object of JSON as one item.
//!
//! Owns the names of an address, a title and a day of publication among an object's values. Never
//! trusts a name alone: the value must fit as well.

use chrono::{DateTime, NaiveDate, TimeDelta};
use scraper::Html;
use serde_json::{Map, Value};
use url::Url;

use super::{text, title};
use crate::extract::answer::Item;
use crate::extract::fields::dates;
use crate::extract::page::{links, urls};

/// The most values to check in one object, including those of inner objects.
const MAX_VALUES: usize = 200;

/// Names of addresses of other things: pictures, films, files, columns, sites.
const OTHER_ADDRESSES: [&str; 22] = [
    "img", "image", "pic", "photo", "thumb", "logo", "icon", "video", "audio", "attach", "file",
    "site", "column", "channel", "chnl", "cate", "share", "qr", "avatar", "mobile", "wap", "api",
];
/// Names of other titles than the article's.
const OTHER_TITLES: [&str; 18] = [
    "sub",
    "short",
    "site",
    "column",
    "channel",
    "chnl",
    "cate",
    "class",
    "parent",
    "user",
    "author",
    "source",
    "file",
    "dept",
    "group",
    "type",
    "publisher",
    "editor",
];
/// Names of other days than that of publication.
const OTHER_DAYS: [&str; 12] = [
    "update", "modif", "edit", "end", "expire", "valid", "start", "begin", "oper", "last",
    "delete", "abolish",
];

/// The item of an object that has an address and a title.
pub(super) fn item(object: &Map<String, Value>, base: &Url) -> Option<Item> {
    let values = values(object);
    let url = best(&values, rank_of_address, |value| address(value, base))?;
    let title = best(&values, rank_of_title, named)?;
    let published_on = best(&values, rank_of_day, day);
    Some(Item {
        url,
        title,
        published_on,
    })
}

/// Whether an item looks like an article's: it has a day, or a number in its address.
pub(super) fn is_likely(item: &Item) -> bool {
    (item.published_on.is_some() || urls::is_numbered(&item.url)) && urls::is_page(&item.url)
}

/// The object's values by lower-case name, followed by those of inner objects.
fn values(object: &Map<String, Value>) -> Vec<(String, &Value)> {
    let inner = object.values().filter_map(Value::as_object).flatten();
    object
        .iter()
        .chain(inner)
        .filter(|(_, value)| value.is_string() || value.is_number())
        .take(MAX_VALUES)
        .map(|(name, value)| (name.to_lowercase(), value))
        .collect()
}

/// The readable value with the best name; the first of equals.
fn best<T>(
    values: &[(String, &Value)],
    rank: fn(&str) -> u8,
    read: impl Fn(&Value) -> Option<T>,
) -> Option<T> {
    let mut ranked: Vec<(u8, &Value)> = values
        .iter()
        .map(|(name, value)| (rank(name), *value))
        .filter(|(rank, _)| *rank > 0)
        .collect();
    ranked.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
    ranked.into_iter().find_map(|(_, value)| read(value))
}

fn has(name: &str, words: &[&str]) -> bool {
    words.iter().any(|word| name.contains(word))
}

fn rank_of_address(name: &str) -> u8 {
    if has(name, &OTHER_ADDRESSES) {
        return 0;
    }
    match name {
        "url" | "link" | "href" => 3,
        _ if has(name, &["puburl", "docurl", "arturl", "infourl", "pageurl"]) => 3,
        _ if has(name, &["url", "link", "href"]) => 2,
        "path" | "uri" => 1,
        _ => 0,
    }
}

fn rank_of_title(name: &str) -> u8 {
    if has(name, &OTHER_TITLES) {
        return 0;
    }
    match name {
        "title" => 4,
        _ if name.ends_with("title") || name == "biaoti" => 3,
        "subject" | "topic" | "headline" => 2,
        _ if has(name, &["title", "name", "subject"]) => 1,
        _ => 0,
    }
}

fn rank_of_day(name: &str) -> u8 {
    let is_day = has(name, &["date", "time", "rq"]) || name.ends_with("_at") || name == "day";
    if !is_day && !has(name, &["publish", "docreltime"]) {
        return 0;
    }
    if has(name, &OTHER_DAYS) {
        return 1;
    }
    match name {
        _ if name.contains("display") => 5,
        _ if has(name, &["pub", "rel", "fabu", "fb", "issue"]) => 4,
        "date" | "time" | "day" => 3,
        _ => 2,
    }
}

fn address(value: &Value, base: &Url) -> Option<Url> {
    let text = value.as_str()?.trim();
    let is_address = text.contains(['/', '.']) && !text.contains(char::is_whitespace);
    let url = links::article(text, base).filter(|_| is_address)?;
    // A folder or a bare host belongs to a column, and a picture is not an article.
    let path = url.path().to_ascii_lowercase();
    let is_picture = [".jpg", ".jpeg", ".png", ".gif"]
        .iter()
        .any(|end| path.ends_with(end));
    (!is_picture && (path != "/" || links::is_inner(&url))).then_some(url)
}

fn named(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let text = match text.contains(['<', '&']) {
        true => text::whole(*Html::parse_fragment(text).root_element()),
        false => text.to_owned(),
    };
    let title = title::clean(&text);
    (title.chars().count() >= 2).then_some(title)
}

/// A date as text, or in seconds or milliseconds since 1970.
fn day(value: &Value) -> Option<NaiveDate> {
    const BEIJING: TimeDelta = TimeDelta::hours(8);
    let number = match value {
        Value::String(text) => {
            if let Some(found) = dates::find(text) {
                return Some(found.date);
            }
            text.trim().parse::<i64>().ok()?
        }
        value => value.as_i64()?,
    };
    let seconds = match number {
        // 1990 to 2100.
        631_152_000..=4_102_444_800 => number,
        631_152_000_000..=4_102_444_800_000 => number / 1000,
        // 20251229
        19_900_101..=21_001_231 => {
            let of = |value: i64| u32::try_from(value).ok();
            let year = i32::try_from(number / 10_000).ok()?;
            return NaiveDate::from_ymd_opt(year, of(number / 100 % 100)?, of(number % 100)?);
        }
        _ => return None,
    };
    let utc = DateTime::from_timestamp(seconds, 0)?;
    Some((utc + BEIJING).date_naive())
}
