//! An article derived again from its archived page, and compared.
//!
//! Owns `dibao verify`. Never leaves loopback.

use serde_json::Value;

use super::{ARTICLE, EDITOR, article_of, collected, out};
use crate::faults_machine::machine::told;

#[test]
fn an_article_equals_what_its_archived_page_says() {
    let it = collected();
    let articles = it.articles();
    let article = article_of(&articles, ARTICLE);
    let id = article["id"].as_str().unwrap();
    for name in [id.to_owned(), format!("urn:uuid:{id}")] {
        let verified = it.machine.well(&["verify", &name]);
        let said = out(&verified);
        for words in [
            "capture     dibao-",
            " at byte ",
            "record      urn:uuid:",
            "captured    20",
            "digest      sha256:",
            "matches the bytes",
            "charset     UTF-8 (utf8)",
            "rules       lucheng/work-news",
            "title               equal",
            "body_html           equal",
            "content_sha256      equal",
            "\nequal\n",
        ] {
            assert!(said.contains(words), "{words}: {said}");
        }
    }
    for id in articles.keys() {
        it.machine.well(&["verify", id]);
    }
    assert!(it.replica.asked().is_empty(), "no portal is asked");
    it.feed(EDITOR);
    let other = it.machine.dibao(&["verify", id]);
    assert_eq!(other.status.code(), Some(1), "{}", told(&other));
    let said = out(&other);
    assert!(said.contains("source              differs"), "{said}");
    assert!(said.contains("title               equal"), "{said}");
    assert!(
        said.contains("source:\n  潞城融媒 → 责任编辑：网站编辑部\n"),
        "{said}"
    );
    let json = it.machine.dibao(&["verify", id, "--json"]);
    assert_eq!(json.status.code(), Some(1));
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["is_equal"], false);
    assert_eq!(json["fields"]["source"]["how"], "differs");
    assert_eq!(json["fields"]["source"]["stored"], "潞城融媒");
    assert_eq!(json["fields"]["title"]["how"], "equal");
    assert_eq!(json["content_sha256"]["stored"], article["content_sha256"]);
    it.machine.well(&["reextract"]);
    it.machine.well(&["verify", id]);
}

#[test]
fn what_cannot_be_verified_is_exit_2_with_its_remedy() {
    let it = collected();
    let articles = it.articles();
    let id = article_of(&articles, ARTICLE)["id"].as_str().unwrap();
    let refused = |id: &str, words: &[&str]| {
        let output = it.machine.dibao(&["verify", id]);
        let said = told(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        for word in words {
            assert!(said.contains(word), "{word}: {said}");
        }
    };
    refused("no-id", &["no-id", "5e1a5f8c-"]);
    let unknown = "5e1a5f8c-6f0e-5c1e-9f43-7d6d3f1f6b1a";
    refused(unknown, &[unknown, "no article has this id", "export"]);
    it.machine
        .sql("UPDATE pages SET capture = NULL WHERE url LIKE '%3123304.html'");
    refused(id, &[id, "not in the archive", "backup"]);
    let left = it.machine.well(&["reextract"]);
    assert!(
        out(&left).contains("1 pages have no capture"),
        "{}",
        told(&left)
    );
}
