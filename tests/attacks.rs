//! Attacks in pages, from a portal to the published site and feeds: none is published as markup,
//! and none runs in a browser.
//!
//! Owns their way through dibao. Never leaves this machine.

mod payloads;

use std::collections::BTreeSet;

use dibao::demo::{self, Reply};
use html5gum::{Token, Tokenizer};
use scraper::{Html, Selector};
use serde_json::Value;

use self::payloads::{BEACON, PAYLOADS};
use crate::fuzzed::check::ELEMENTS;
use crate::support::browser::{Elsewhere, Visit, serve_published, watch};
use crate::support::replica::{Bench, Replica, bytes};

/// Elements of dibao's own, beside those of texts.
const OWN: &[&str] = &[
    "svg", "path", "html", "head", "meta", "title", "link", "body", "header", "nav", "main",
    "footer", "article", "section", "form", "label", "input", "button", "span", "small", "time",
    "code", "details", "summary", "ins", "del",
];
/// Attributes of texts in the feeds.
const ATTRIBUTES: &[&str] = &["href", "src", "alt", "colspan", "rowspan", "start"];
/// Attributes of dibao's own, beside those.
const OWN_ATTRIBUTES: &[&str] = &[
    "viewbox",
    "d",
    "lang",
    "charset",
    "http-equiv",
    "content",
    "name",
    "rel",
    "type",
    "sizes",
    "title",
    "class",
    "id",
    "aria-label",
    "aria-current",
    "method",
    "action",
    "role",
    "for",
    "placeholder",
    "autocomplete",
    "enterkeyhint",
    "required",
    "datetime",
    "scope",
    "loading",
    "tabindex",
    "open",
];

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('"', "&quot;").replace('\0', "&#0;")
}

/// An article that bears the payload wherever a portal's page can: as text, in attributes, and
/// last, where it can swallow nothing else, as markup.
fn page(at: usize, payload: &str) -> String {
    let text = escaped(payload);
    // A payload in the place of the number is not a number.
    let number = format!("000014349/2025-{at:05}");
    let number = if at.is_multiple_of(2) { &number } else { &text };
    format!(
        "<!DOCTYPE html><html><head><meta charset=utf-8><title>公告{at} {text}</title>\
         <meta name=ArticleTitle content=\"公告{at} {text}\"><meta name=ContentSource content=\"来源{text}\"></head><body>\
         <table class=xxgk_table><tr><td>索引号</td><td>{number}</td><td>发文字号</td><td>潞政发〔2025〕{at}号{text}</td></tr>\
         <tr><td>发文时间</td><td>2025-12-29</td><td>发文机关</td><td>机关{text}</td></tr>\
         <tr><td>主题词</td><td colspan=3>词{text}</td></tr><tr><td>标题</td><td colspan=3>公告{at} {text}</td></tr>\
         <tr><td>主题分类</td><td>分类{text}</td><td>发布日期</td><td>2025-12-29</td></tr></table>\
         <h2 class=title>公告{at} {text}</h2><div id=zoom><div class=TRS_Editor>\
         <p>第{at}号公告说，要抓好各项工作的落实，把会议精神传达到每一个单位。{text}</p>\
         <p><img src=\"./W{at}.png\" alt=\"{text}\" title=\"{text}\"></p><p>▲图题{text}</p>\
         <p><a href=\"{text}\">链接{at}</a> <a href=\"./P{at}.pdf\" title=\"{text}\">{text}.pdf</a> \
         <a href=\"./Q{at}.docx?{text}\">{text}.docx</a></p><img src=\"{text}\" alt=x>\
         <p>附件{at}如下。</p>{payload}<p>以上。</p></div></div></body></html>"
    )
}

/// A portal that lists a page for each payload, collected and published.
async fn attacked() -> (Replica, Bench) {
    let replica = Replica::serve().await;
    let bench = Bench::new(&replica);
    let mut items = String::new();
    for (at, payload) in PAYLOADS.iter().enumerate() {
        let path = format!(
            "{}202512/t20251229_{at}.html",
            crate::support::replica::FOLDER
        );
        let text = escaped(payload);
        items += &format!(
            "<li><a href=\"{path}\" title=\"{text}\">公告{at} {text}</a><span>2025-12-29</span></li>"
        );
        replica.answer(&path, Reply::Page(page(at, payload).into_bytes()));
    }
    let list = format!("<html><body><div class=list><ul>{items}</ul></div></body></html>");
    replica.answer(
        crate::support::replica::FOLDER,
        Reply::Page(list.into_bytes()),
    );
    let (report, _) = bench.run().await;
    assert!(report.failures.is_empty(), "{:?}", report.failures);
    (replica, bench)
}

/// Every tag is one of these, and every attribute; no address runs.
fn assert_inert(at: &str, html: &str, elements: &[&[&str]], attributes: &[&[&str]]) {
    for Ok(token) in Tokenizer::new(html) {
        let Token::StartTag(tag) = token else {
            continue;
        };
        let name = String::from_utf8_lossy(&tag.name);
        assert!(elements.concat().contains(&&*name), "{at}: <{name}>");
        for (attribute, value) in &tag.attributes {
            let attribute = String::from_utf8_lossy(attribute);
            let value = String::from_utf8_lossy(value);
            assert!(
                attributes.concat().contains(&&*attribute),
                "{at}: {attribute}={value}"
            );
            if ["href", "src", "action"].contains(&&*attribute) {
                let base = "http://site.example/".parse::<url::Url>().unwrap();
                let url = base.join(&value).unwrap();
                let is_safe = ["http", "https", "mailto"].contains(&url.scheme());
                assert!(is_safe, "{at}: {attribute}={value}");
            }
        }
    }
}

fn texts<'a>(page: &'a Html, selector: &str) -> Vec<scraper::ElementRef<'a>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_payload_stands_in_the_site_or_the_feeds_or_runs() {
    let (_replica, bench) = attacked().await;
    let articles = bench.articles().await;
    let numbers: BTreeSet<&str> = articles
        .iter()
        .filter_map(|article| article.title.split(' ').next())
        .collect();
    let missing: Vec<&&str> = PAYLOADS
        .iter()
        .enumerate()
        .filter(|(at, _)| !numbers.contains(format!("公告{at}").as_str()))
        .map(|(_, payload)| payload)
        .collect();
    assert!(missing.is_empty(), "not published: {missing:#?}");
    let files = bytes(&bench.public());
    let mut pages = Vec::new();
    for (path, bytes) in &files {
        let text = String::from_utf8_lossy(bytes);
        match path.rsplit('.').next().unwrap_or_default() {
            "html" => {
                assert_page(path, &text);
                pages.push(path.as_str());
            }
            "xml" | "atom" => assert_feed(path, &text),
            "json" if path.ends_with("feed.json") || path.contains("/archive/") => {
                let feed: Value = serde_json::from_str(&text).unwrap();
                for item in feed["items"].as_array().unwrap() {
                    let content = item["content_html"].as_str().unwrap_or_default();
                    assert_inert(path, content, &[ELEMENTS], &[ATTRIBUTES]);
                }
            }
            _ => {}
        }
    }
    assert!(pages.len() > PAYLOADS.len(), "{}", pages.len());
    assert_runs_nothing(&bench, &pages).await;
}

fn assert_page(path: &str, text: &str) {
    assert_inert(path, text, &[ELEMENTS, OWN], &[ATTRIBUTES, OWN_ATTRIBUTES]);
    let page = Html::parse_document(text);
    // The page of the column shows its feed's address as a code.
    let codes = usize::from(path == "lucheng/work-news/index.html");
    for (selector, count) in [
        ("svg", codes),
        ("path", codes),
        ("svg > path", codes),
        ("style", 0),
        ("link[rel=stylesheet]", 1),
        ("form", 1),
        ("meta", 4),
        ("main", 1),
        ("title", 1),
        ("h1", 1),
    ] {
        assert_eq!(texts(&page, selector).len(), count, "{path}: {selector}");
    }
    // A text has no place outside its own, and is dressed by the site alone.
    let marks = [
        "[id]", "[class]", "form", "style", "input", "button", "span",
    ];
    for mark in marks {
        let within = texts(&page, &format!(".text {mark}"));
        let own = within
            .iter()
            .filter(|element| element.attr("class") == Some("scroll"));
        assert_eq!(within.len(), own.count(), "{path}: {mark} in a text");
    }
}

fn assert_feed(path: &str, text: &str) {
    let parser = feed_rs::parser::Builder::new()
        .sanitize_content(false)
        .build();
    let feed = parser.parse(text.as_bytes()).unwrap();
    for entry in feed.entries {
        let summary = entry.summary.map(|summary| summary.content);
        let content = entry.content.and_then(|content| content.body);
        if let Some(html) = content {
            assert_inert(path, &html, &[ELEMENTS, &["ins", "del"]], &[ATTRIBUTES]);
        }
        if path.ends_with("rss.xml") {
            // A description is HTML.
            assert_inert(
                path,
                &summary.unwrap_or_default(),
                &[ELEMENTS],
                &[ATTRIBUTES],
            );
        }
    }
}

/// The same pages in a browser; and one that does run something, to see that it would be seen.
async fn assert_runs_nothing(bench: &Bench, pages: &[&str]) {
    let control = format!(
        "<script>alert(1)</script><img src=x alt='' onload=\"ask = new XMLHttpRequest(); \
         ask.open('GET', 'http://{BEACON}/ran', false); ask.send()\">"
    );
    let control = ("control.example/".to_owned(), control.into_bytes());
    let elsewhere = Elsewhere::serve(vec![control]).await;
    let base = serve_published(&bench.public()).await;
    let urls = pages.iter().map(|path| format!("{base}{path}"));
    let visits: Vec<Visit<'_>> = urls.map(|url| (url, &[][..])).collect();
    let Some(seen) = watch(&elsewhere, &visits).await else {
        return;
    };
    for page in &seen {
        let is_own = |url: &&String| url.starts_with(&base) || url.contains(demo::HOST);
        assert_eq!(
            page.requests.iter().find(|url| !is_own(url)),
            None,
            "{page:#?}"
        );
        assert!(
            page.errors.is_empty() && page.dialogs.is_empty(),
            "{page:#?}"
        );
        assert!(page.flaws.is_empty(), "{page:#?}");
        assert!(page.title.ends_with("邸报"), "{page:#?}");
    }
    let asked = elsewhere.asked();
    assert_eq!(asked.iter().find(|of| !of.starts_with(demo::HOST)), None);
    let control = watch(
        &elsewhere,
        &[("http://control.example/".to_owned(), &[][..])],
    )
    .await;
    assert_eq!(control.unwrap()[0].dialogs, ["1"]);
    let asked = elsewhere.asked();
    assert!(asked.contains(&format!("{BEACON}/ran")), "{asked:?}");
}
