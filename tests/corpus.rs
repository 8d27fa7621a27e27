//! Real pages that lose their text.
//!
//! Owns the damage: `DIBAO_CORPUS` names the folders, `HOST/NAME.html` beside `HOST/NAME.json`.
//! Never measures undamaged pages; `accuracy` does.

use dibao::config::ArticleRules;
use dibao::extract::{Extracted, article};
use dibao::model::{Body, Field};
use scraper::{Html, Selector};
use serde_json::Value;
use url::Url;

use crate::accuracy::entries;
use crate::support::outside_all;

/// A portal loses the text of an article, and the rest of the page stays: its head, its tools, the
/// links to others, its foot. None of that is a text.
#[test]
fn real_pages_that_lose_their_text_have_none() {
    let Some(folders) = outside_all("DIBAO_CORPUS") else {
        return;
    };
    let mut emptied = 0;
    let hosts = folders.iter().flat_map(|corpus| entries(corpus));
    for file in hosts.flat_map(|folder| entries(&folder)) {
        let (Ok(page), Ok(expected)) = (
            std::fs::read(file.with_extension("html")),
            std::fs::read(file.with_extension("json")),
        ) else {
            continue;
        };
        let expected: Value = serde_json::from_slice(&expected).unwrap();
        let is_page = file.extension().is_some_and(|e| e == "html");
        if !is_page || expected["page_kind"] != "article" {
            continue;
        }
        let page = String::from_utf8_lossy(&page);
        let found = read(&page, &expected);
        let found = found.provenance.get(&Field::Body).unwrap();
        let Some(container) = found.strip_prefix("container ") else {
            continue;
        };
        emptied += 1;
        for leave in [true, false] {
            let found = read(&without(&page, container, leave), &expected);
            let at = file.display();
            assert_eq!(found.body, Body::default(), "{at}, {container}: {leave}");
        }
    }
    assert!(emptied >= 13, "{emptied} pages");
}

/// The page without what stands in this container, which stays itself where `leave` says so, and
/// without scripts, which may hold the text a second time.
fn without(page: &str, container: &str, leave: bool) -> String {
    let mut html = Html::parse_document(page);
    // Old pages write names in any case, and their browsers do not mind.
    let selector = match container.strip_prefix('#') {
        Some(id) => format!("[id=\"{id}\" i]"),
        None => container.to_owned(),
    };
    let selector = Selector::parse(&selector).unwrap();
    let found: Vec<_> = html.select(&selector).map(|element| element.id()).collect();
    assert!(!found.is_empty(), "{container}");
    for id in found {
        let node = html.tree.get(id).unwrap();
        let inner: Vec<_> = node.children().map(|child| child.id()).collect();
        let gone = if leave { inner } else { vec![id] };
        for id in gone {
            html.tree.get_mut(id).unwrap().detach();
        }
    }
    let hidden = Selector::parse("script, textarea, template, input").unwrap();
    let hidden: Vec<_> = html.select(&hidden).map(|element| element.id()).collect();
    for id in hidden {
        html.tree.get_mut(id).unwrap().detach();
    }
    html.html()
}

fn read(html: &str, expected: &Value) -> Extracted {
    let base = expected["original_url"]
        .as_str()
        .unwrap_or("http://www.example.gov.cn/");
    article(html, &Url::parse(base).unwrap(), &ArticleRules::default())
}
