//! Markup that attacks readers, and characters that XML does not allow.
//!
//! Owns the faults of markup. Never leaves loopback.

use serde_json::Value;

use super::Case;

#[tokio::test(flavor = "multi_thread")]
async fn fault_26_nothing_that_runs_is_published_and_the_text_stays() {
    let case = Case::broken("26-all").await;
    case.reads_all().await;
    let article = case.article().await.unwrap();
    for text in ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛"] {
        assert!(
            article.body.body_text.contains(text),
            "{text}: {}",
            article.body.body_text
        );
    }
    assert!(
        !article.body.body_text.contains("alert"),
        "{}",
        article.body.body_text
    );
    let mut files = super::published(&case.bench);
    files.retain(|path, _| !path.ends_with(".gz"));
    assert!(files.len() > 40);
    for (path, bytes) in files {
        let text = String::from_utf8(bytes).unwrap().to_lowercase();
        for bad in [
            "alert(",
            "javascript:",
            "data:text",
            "<iframe",
            "onerror=",
            "/steal",
            "<script>a",
        ] {
            assert!(!text.contains(bad), "{path} holds {bad}");
        }
    }
}

/// Whether XML 1.0 allows it (section 2.2).
fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_27_what_xml_does_not_allow_is_stripped() {
    let case = Case::broken("27-controls").await;
    case.reads_all().await;
    let mut feeds = 0;
    for (path, bytes) in super::published(&case.bench) {
        if path.ends_with(".xml") || path.ends_with(".atom") {
            let text = String::from_utf8(bytes).unwrap();
            let bad = text.chars().find(|c| !is_xml(*c));
            assert_eq!(bad, None, "{path}");
            for reference in ["&#11;", "&#xB;", "&#8;", "&#x8;", "&#0;"] {
                assert!(!text.contains(reference), "{path} holds {reference}");
            }
            feed_rs::parser::parse(text.as_bytes()).unwrap_or_else(|e| panic!("{path}: {e}"));
            feeds += 1;
        } else if path.ends_with(".json") {
            serde_json::from_slice::<Value>(&bytes).unwrap_or_else(|e| panic!("{path}: {e}"));
        }
    }
    assert!(feeds >= 4, "{feeds}");
    let title = case.article().await.unwrap().title;
    assert!(title.starts_with("【聚焦潞城两会】长治市"), "{title:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_27_titles_are_escaped_once() {
    let case = Case::broken("27-escapes").await;
    case.run().await;
    let title = "【聚焦潞城两会】会议开幕]]> A&B <b>开幕</b> &lt;c&gt; 之后";
    let article = case.article().await.unwrap();
    assert_eq!(article.title, title);
    assert!(
        article.body.body_text.contains("尾]]>巴 A&B <b> &lt;c&gt;"),
        "{}",
        article.body.body_text
    );
    for file in ["atom.xml", "rss.xml"] {
        let path = case.bench.public().join("lucheng/work-news").join(file);
        let feed = feed_rs::parser::parse(&std::fs::read(path).unwrap()[..]).unwrap();
        let id = article.id.to_string();
        let entry = feed
            .entries
            .iter()
            .find(|entry| entry.id.ends_with(&id))
            .unwrap();
        assert_eq!(entry.title.as_ref().unwrap().content, title, "{file}");
    }
}
