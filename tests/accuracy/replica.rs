//! Compares the replica portal's pages with the data that they were written from.
//!
//! Owns the reading of `expected.json`. Never asks for more than the page itself shows.

use std::path::PathBuf;

use dibao::decode::decode;
use dibao::extract::Item;
use serde_json::Value;
use url::Url;

use super::article::{self, Truth};
use super::list::{self, Items, Next};
use super::score::Score;

pub(super) fn measured() -> Score {
    let expected: Value =
        serde_json::from_str(include_str!("../../fixtures/lucheng/expected.json")).unwrap();
    let mut score = Score::new("replica");
    for article in expected["articles"].as_array().unwrap() {
        for url in urls(&article["urls"]) {
            score.page(url.path());
            article::judge(&page(&url), &url, &truth(article), &mut score);
        }
    }
    let pages = urls(&expected["column"]["page_urls"]);
    for (nth, url) in pages.iter().enumerate() {
        let items = expected["column"]["pages"][nth].as_array().unwrap();
        let next = pages.get(nth + 1).cloned();
        let items = Items {
            count: items.len(),
            places: items.iter().map(item).enumerate().collect(),
            next: next.map_or(Next::None, Next::Page),
        };
        score.page(url.path());
        list::judge(&page(url), url, &items, &mut score);
    }
    score
}

fn page(url: &Url) -> String {
    let site = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/lucheng/site");
    let bytes = std::fs::read(site.join(url.path().trim_start_matches('/'))).unwrap();
    decode(&bytes, None, None).text
}

fn urls(value: &Value) -> Vec<Url> {
    let all = value.as_array().unwrap().iter();
    all.map(|url| url.as_str().unwrap().parse().unwrap())
        .collect()
}

fn item(value: &Value) -> Item {
    Item {
        url: value["url"].as_str().unwrap().parse().unwrap(),
        title: value["title"].as_str().unwrap().to_owned(),
        published_on: value["published_on"]
            .as_str()
            .map(|day| day.parse().unwrap()),
    }
}

fn truth(article: &Value) -> Truth {
    let text = |key: &str| article[key].as_str().map(str::to_owned);
    let all = |key: &str, of: &str| -> Option<Vec<String>> {
        let values = article[key].as_array().unwrap().iter();
        Some(
            values
                .map(|value| value[of].as_str().unwrap().to_owned())
                .collect(),
        )
    };
    let plain = [
        "index_number",
        "document_number",
        "issued_on",
        "issuer",
        "title",
        "topic_category",
        "source",
    ];
    let mut fields: Vec<(String, String)> = plain
        .iter()
        .map(|field| (field.to_string(), text(field).unwrap_or_default()))
        .collect();
    let terms = article["subject_terms"].as_array().unwrap().iter();
    let terms: Vec<&str> = terms.map(|term| term.as_str().unwrap()).collect();
    fields.push(("subject_terms".to_owned(), terms.join("、")));
    // The time beside the label, else the tag's, else the day alone.
    let time = text("published_at").or_else(|| text("pub_date_meta_at"));
    let time = time.map(|time| time.replace('T', " ").replace("+08:00", ""));
    let published = time.or_else(|| text("published_on")).unwrap_or_default();
    fields.push(("published_on".to_owned(), published));
    let is_file_inside = article["attachments_in_body"] == true;
    Truth {
        fields,
        body_starts: text("body_starts"),
        // A file's link that stands inside the editor comes after the text.
        body_ends: text("body_ends").filter(|_| !is_file_inside),
        body_chars: None,
        images: article["images"].as_array().map(Vec::len),
        image_urls: all("images", "url"),
        attachments: all("attachments", "name"),
        attachment_urls: all("attachments", "url"),
    }
}
