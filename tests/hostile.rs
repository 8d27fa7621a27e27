//! Markup that attacks: whatever a portal's page holds, the published result is harmless.
//!
//! Owns the vectors: `DIBAO_VECTORS` names the folder with `xss_payloads.jsonl`, a `payload` a
//! line. Never opens a browser; `attacks` does.

use dibao::config::ArticleRules;
use dibao::extract::article;
use scraper::Html;
use serde_json::Value;
use url::Url;

use crate::fuzzed::check::ELEMENTS;
use crate::support::outside;

const ATTRIBUTES: &[&str] = &["href", "src", "alt", "colspan", "rowspan", "start"];

#[test]
fn no_payload_leaves_more_than_text_pictures_and_links() {
    let Some(vectors) = outside("DIBAO_VECTORS") else {
        return;
    };
    let file = vectors.join("xss_payloads.jsonl");
    let lines = std::fs::read_to_string(file).unwrap();
    let mut payloads = 0;
    for line in lines.lines() {
        let vector: Value = serde_json::from_str(line).unwrap();
        let payload = vector["payload"].as_str().unwrap();
        harmless(payload);
        payloads += 1;
    }
    assert!(payloads > 0);
    println!("{payloads} payloads");
}

/// Reads an article around the payload and looks at everything that is left of it.
fn harmless(payload: &str) {
    let page = format!(
        "<h1>某县召开工作会议</h1><div id=zoom><p>会议指出，要抓好各项工作的落实，把会议精神传达到每一个单位。</p>{payload}<p>尾</p></div>"
    );
    let base = Url::parse("http://www.x.gov.cn/").unwrap();
    let found = article(&page, &base, &ArticleRules::default());
    let html = Html::parse_fragment(&found.body.body_html);
    let around = ["html", "head", "body"];
    for element in html.tree.values().filter_map(|node| node.as_element()) {
        let name = element.name();
        assert!(
            ELEMENTS.contains(&name) || around.contains(&name),
            "<{name}> of {payload}"
        );
        for (name, value) in element.attrs() {
            assert!(ATTRIBUTES.contains(&name), "{name}={value} of {payload}");
            let safe = ["http://", "https://", "mailto:"]
                .iter()
                .any(|scheme| value.starts_with(scheme));
            assert!(
                safe || !matches!(name, "href" | "src"),
                "{name}={value} of {payload}"
            );
        }
    }
    for url in found.body.images.iter().map(|image| &image.url) {
        assert!(
            matches!(url.scheme(), "http" | "https"),
            "{url} of {payload}"
        );
    }
}
