//! Every word of real titles finds its article, wherever a dictionary would cut.
//!
//! Owns the titles. Never asks a portal.

use std::path::Path;

use dibao::config::ArticleRules;
use dibao::extract::article;
use serde_json::Value;

use super::http::Service;
use crate::accuracy::entries;
use crate::support::{outside_all, page};

/// Titles and texts of the real pages there, as they are read.
fn articles(corpus: &Path) -> Vec<(String, String)> {
    let mut articles = Vec::new();
    for file in entries(corpus).iter().flat_map(|folder| entries(folder)) {
        let is_page = file
            .extension()
            .is_some_and(|extension| extension == "html");
        let (Ok(page), Ok(expected)) = (
            std::fs::read(&file),
            std::fs::read(file.with_extension("json")),
        ) else {
            continue;
        };
        let expected: Value = serde_json::from_slice(&expected).unwrap();
        if is_page && expected["page_kind"] == "article" {
            let base = "http://www.example.gov.cn/".parse().unwrap();
            let html = String::from_utf8_lossy(&page);
            let read = article(html.as_ref(), &base, &ArticleRules::default());
            articles.push((read.title.unwrap_or_default(), read.body.body_text));
        }
    }
    articles
}

#[tokio::test]
async fn every_two_characters_of_real_titles_find_their_article() {
    let Some(folders) = outside_all("DIBAO_CORPUS") else {
        return;
    };
    let service = Service::open().await;
    let articles: Vec<_> = folders.iter().flat_map(|corpus| articles(corpus)).collect();
    for (number, (title, text)) in articles.iter().enumerate() {
        let url = format!("http://www.lc.gov.cn/t{number}.html");
        service.add(&page(&url, None, title, text)).await;
    }
    let mut asked = 0;
    for (number, (title, _)) in articles.iter().enumerate() {
        let chars: Vec<char> = title.chars().collect();
        for two in chars
            .windows(2)
            .filter(|two| two.iter().all(|c| ('一'..='龥').contains(c)))
        {
            let word: String = two.iter().collect();
            let answer = service.search(&[("q", &word), ("limit", "100")]).await;
            let own = format!("/t{number}.html");
            let hits = answer["hits"].as_array().unwrap().iter();
            let found = hits.filter(|hit| hit["url"].as_str().unwrap().ends_with(&own));
            assert_eq!(found.count(), 1, "{word} of {title}");
            asked += 1;
        }
    }
    assert!(asked > 100, "{asked} words");
}
