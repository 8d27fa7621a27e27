//! The labelled pages of a folder, each with the values that a person read on it.
//!
//! Owns the labels' format. Never reads a page. A label file has `page_kind` (`article`, `list`)
//! and `original_url`; for an article also:
//!
//! - `fields`: values by the article's field names; `null` where the page has no such label, `""`
//!   where it stands there empty: both ask for none. Dates may carry a time. A field that is left
//!   out is not asked for. `source` may stand under `extra` instead.
//! - `body_starts`, `body_ends`, `body_chars`: its text without white space
//! - `body_images`, `body_image_srcs`: how many pictures a reader sees, and the addresses on the
//!   page, also of those that no reader can load
//! - `attachments`: `name` and `url` of each
//!
//! and for a list page `item_count`, `first_item` and `last_item` (title, link, date as printed,
//! year where it stands apart), `pager` (its words), `next` (the next page's address; `null` for
//! none).

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use dibao::extract::Item;
use serde_json::Value;
use url::Url;

use super::article::Truth;
use super::list::{Items, Next};

/// A page with its labels.
pub(super) struct Labelled {
    /// `HOST/NAME`
    pub(super) name: String,
    pub(super) file: PathBuf,
    pub(super) labels: Value,
    pub(super) base: Url,
}

/// The labelled pages, in order, in the folder itself and in those within it.
pub(super) fn pages(corpus: &Path) -> Vec<Labelled> {
    let hosts = entries(corpus);
    let below = hosts.iter().flat_map(|folder| entries(folder));
    let files = hosts.iter().cloned().chain(below);
    let labels = files.filter(|file| file.extension().is_some_and(|end| end == "json"));
    let pages = labels.map(|file| {
        let labels: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let url = labels["original_url"].as_str();
        let name = file.strip_prefix(corpus).unwrap().with_extension("");
        Labelled {
            name: name.to_string_lossy().into_owned(),
            base: Url::parse(url.unwrap_or("http://www.example.gov.cn/")).unwrap(),
            labels,
            file,
        }
    });
    pages
        .filter(|page| page.labels["page_kind"].is_string())
        .collect()
}

/// The entries of a folder, in order; empty if it is not a folder.
pub(crate) fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
}

impl Labelled {
    pub(super) fn article(&self) -> Truth {
        let text = |key: &str| self.labels[key].as_str().map(str::to_owned);
        let texts = |value: &Value, of: fn(&Value) -> String| {
            value.as_array().map(|all| all.iter().map(of).collect())
        };
        let name = |file: &Value| file["name"].as_str().unwrap_or_default().to_owned();
        let at = |value: &Value| {
            let url = value.as_str().map(|url| self.base.join(url).unwrap());
            url.map(String::from).unwrap_or_default()
        };
        let files = self.labels["attachments"].as_array();
        Truth {
            fields: self.values(),
            body_starts: text("body_starts"),
            body_ends: text("body_ends"),
            body_chars: number(&self.labels["body_chars"]),
            images: number(&self.labels["body_images"]),
            image_urls: self.labels["body_image_srcs"]
                .as_array()
                .map(|all| all.iter().map(at).collect()),
            attachments: texts(&self.labels["attachments"], name),
            attachment_urls: files.map(|all| all.iter().map(|file| at(&file["url"])).collect()),
        }
    }

    fn values(&self) -> Vec<(String, String)> {
        let text = |value: &Value| match value.as_array() {
            Some(all) => all
                .iter()
                .filter_map(Value::as_str)
                .collect::<Vec<_>>()
                .join("、"),
            None => value.as_str().unwrap_or_default().to_owned(),
        };
        let fields = self.labels["fields"].as_object().into_iter().flatten();
        let mut values: Vec<_> = fields
            .map(|(field, value)| (field.clone(), text(value)))
            .collect();
        let source = self.labels["extra"].get("source");
        if let Some(source) = source.filter(|_| self.labels["fields"].get("source").is_none()) {
            values.push(("source".to_owned(), text(source)));
        }
        values
    }

    pub(super) fn items(&self) -> Items {
        let labels = &self.labels;
        let count = number(&labels["item_count"]);
        let count = count.unwrap_or_else(|| panic!("{}: no item_count", self.name));
        let ends = [(0, "first_item"), (count.saturating_sub(1), "last_item")];
        let places = ends.into_iter().filter(|(_, key)| labels[key].is_array());
        Items {
            count,
            places: places
                .map(|(place, key)| (place, self.item(&labels[key])))
                .collect(),
            next: match (labels.get("next"), labels["pager"].as_str()) {
                (Some(next), _) => next
                    .as_str()
                    .map_or(Next::None, |next| Next::Page(self.base.join(next).unwrap())),
                (None, Some(pager)) if pager.contains("下一页") || pager.contains("下页") => {
                    Next::Some
                }
                (None, Some(_)) => Next::None,
                (None, None) => Next::Unasked,
            },
        }
    }

    /// `[title, link, date as printed, year where it stands apart]`
    fn item(&self, value: &Value) -> Item {
        let text = |index: usize| value[index].as_str().unwrap_or_default();
        let numbers: Vec<u32> = format!("{} {}", text(3), text(2))
            .split(|c: char| !c.is_ascii_digit())
            .filter_map(|number| number.parse().ok())
            .collect();
        let published_on = match numbers[..] {
            [year, month, day, ..] => NaiveDate::from_ymd_opt(year as i32, month, day),
            _ => None,
        };
        Item {
            title: text(0).to_owned(),
            url: self.base.join(text(1)).unwrap(),
            published_on,
        }
    }
}

fn number(value: &Value) -> Option<usize> {
    value.as_u64().map(|number| number as usize)
}
