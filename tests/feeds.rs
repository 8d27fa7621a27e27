//! Rendered feeds read back equal in a feed reader's parser, whatever the articles hold.
//!
//! Owns the round trip. Never asks a portal.

mod combined;
mod decade;
pub(crate) mod judges;
pub(crate) mod odd_site;
pub(crate) mod rules;
mod whole_history;

use std::collections::BTreeMap;

use dibao::model::{Article, Change, ChangeKind, Timestamp};
use dibao::render::revisions::Revision;
use dibao::render::{self, ColumnInfo, Feed, Site, atom, history, json_feed, rss};
use feed_rs::model::Feed as ReadFeed;
use serde_json::Value;

use crate::articles::{article, column, oddities, site};
use crate::support::outside;

fn without_forbidden(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    text.replace(
        |c: char| (c.is_control() && !"\n\t".contains(c)) || c == '\u{ffff}',
        "",
    )
    .replace('\u{fffd}', "□")
}

fn published(article: &Article) -> Timestamp {
    let metadata = &article.metadata;
    metadata
        .published_at
        .or(metadata.published_on.map(Timestamp::start_of))
        .unwrap_or(article.first_seen_at)
}

/// Every format of the live feed, by its path, and as a reader's parser sees it.
fn rendered(articles: &[Article]) -> Vec<(&'static str, Vec<u8>, ReadFeed)> {
    let (site, column) = (site(), column());
    let mut feed = Feed::new(&site, &column, articles);
    history::link(&mut feed, &site, &column, 3);
    let documents = [
        ("rss.xml", rss::render(&feed, &column.rss_url(&site))),
        ("atom.xml", atom::render(&feed, &column.atom_url(&site))),
        (
            "feed.json",
            json_feed::render(&feed, &column.json_feed_url(&site)),
        ),
    ];
    documents
        .into_iter()
        .map(|(path, bytes)| {
            let bytes = bytes.unwrap();
            // The parser's own clean-up would hide what we let through.
            let parser = feed_rs::parser::Builder::new()
                .sanitize_content(false)
                .build();
            let read = parser.parse(bytes.as_slice()).unwrap();
            (path, bytes, read)
        })
        .collect()
}

#[test]
fn every_format_reads_back_with_the_same_ids_titles_dates_and_contents() {
    let articles = oddities();
    for (path, _, feed) in rendered(&articles) {
        assert_eq!(
            feed.title.unwrap().content,
            "潞城区 · 工作动态 <&>",
            "{path}"
        );
        assert_eq!(feed.entries.len(), articles.len(), "{path}");
        for (entry, article) in feed.entries.iter().zip(&articles) {
            let at = format!("{path}: {}", article.title);
            assert_eq!(entry.id, format!("urn:uuid:{}", article.id), "{at}");
            let title = &entry.title.as_ref().unwrap().content;
            assert_eq!(*title, without_forbidden(&article.title), "{at}");
            let read = entry.published.unwrap().timestamp();
            assert_eq!(read, published(article).millis() / 1000, "{at}");
            if path != "rss.xml" {
                let updated = entry.updated.unwrap().timestamp_millis();
                assert_eq!(updated, article.updated_at.millis(), "{at}");
            }
            let content = entry
                .content
                .as_ref()
                .and_then(|content| content.body.clone());
            let content = content.unwrap_or_default();
            let body = without_forbidden(&article.body.body_html);
            assert!(content.starts_with(&body), "{at}: {content}");
            if article.body.attachments.is_empty() && !body.is_empty() {
                assert_eq!(content, body, "{at}");
            }
            assert!(
                entry
                    .links
                    .iter()
                    .any(|link| link.href == article.url.as_str()),
                "{at}"
            );
        }
    }
}

#[test]
fn files_that_the_text_does_not_link_are_linked_below_it() {
    for (path, _, feed) in rendered(&oddities()) {
        let content = feed.entries[7].content.clone().unwrap().body.unwrap();
        assert_eq!(content.matches("f0.pdf").count(), 1, "{path}");
        assert_eq!(content.matches("<li>").count(), 59, "{path}");
        assert!(
            content.contains("f59.pdf?a=1&amp;b=2\">附件59&lt;&amp;&gt;.pdf"),
            "{path}"
        );
    }
}

#[test]
fn no_id_holds_a_url_and_all_times_are_beijing_times() {
    let articles = oddities();
    for (path, bytes, feed) in rendered(&articles) {
        for id in feed.entries.iter().map(|entry| &entry.id) {
            assert!(
                id.starts_with("urn:uuid:") && !id.contains("://"),
                "{path}: {id}"
            );
        }
        let text = String::from_utf8(bytes).unwrap();
        let (date, zone) = match path {
            "rss.xml" => ("<pubDate>", "+0800<"),
            "atom.xml" => ("<published>", "+08:00<"),
            _ => ("\"date_published\":\"", "+08:00\""),
        };
        assert_eq!(text.matches(date).count(), articles.len(), "{path}");
        for rest in text.split(date).skip(1) {
            let end = rest.find(zone).unwrap_or(usize::MAX);
            assert!(
                end < 40,
                "{path}: {}",
                rest.chars().take(40).collect::<String>()
            );
        }
    }
    let text = String::from_utf8(rendered(&articles)[0].1.clone()).unwrap();
    assert_eq!(
        text.matches("isPermaLink=\"false\"").count(),
        articles.len()
    );
    assert!(text.contains("<pubDate>Mon, 29 Dec 2025 00:00:00 +0800</pubDate>"));
}

#[test]
fn no_forbidden_character_gets_through() {
    for (path, bytes, _) in rendered(&oddities()) {
        let text = String::from_utf8(bytes).unwrap();
        let forbidden =
            |c: char| (c < ' ' && !"\n\t".contains(c)) || matches!(c, '\u{fffe}' | '\u{ffff}');
        assert_eq!(text.find(forbidden), None, "{path}");
    }
}

#[test]
fn the_same_articles_give_the_same_bytes() {
    let bytes = || rendered(&oddities()).into_iter().map(|(_, bytes, _)| bytes);
    assert!(bytes().eq(bytes()));
    let dump = || {
        let mut dump = render::dump::Dump::new(Vec::new());
        for article in oddities() {
            dump.push(&serde_json::to_string(&article).unwrap())
                .unwrap();
        }
        dump.finish().unwrap()
    };
    assert_eq!(dump(), dump());
    let extra = 4;
    assert_eq!(
        dump()[3..10],
        [extra, 0, 0, 0, 0, 0, 255],
        "no name, no time"
    );
}

#[test]
fn an_empty_feed_is_valid_and_never_newer_than_a_full_one() {
    for (path, _, feed) in rendered(&[]) {
        assert!(feed.entries.is_empty(), "{path}");
    }
    let empty = Feed::new(&site(), &column(), &[]).updated;
    assert_eq!(empty.to_string(), "2000-01-01T00:00:00+08:00");
    assert!(empty < Feed::new(&site(), &column(), &oddities()).updated);
}

#[test]
fn a_demo_says_so_in_every_title() {
    let demo = Site {
        demo: true,
        ..site()
    };
    let feed = Feed::new(&demo, &column(), &[]);
    assert!(feed.title.starts_with("【演示】"));
    let opml = render::opml::render(&demo, &[&column()], &[]).unwrap();
    let json = render::articles_json(&demo, &column(), &[]).unwrap().bytes;
    for bytes in [opml, json] {
        assert!(String::from_utf8(bytes).unwrap().contains("【演示】潞城区"));
    }
}

#[test]
fn without_full_text_there_is_a_summary_only() {
    let column = ColumnInfo {
        full_text: false,
        ..column()
    };
    let long = format!("<i>{}。", "字".repeat(150));
    let mut article = article(1, "长文", "");
    article.body.body_text = format!("{long}{}", "后".repeat(500));
    let feed = Feed::new(&site(), &column, &[article]);
    let url = column.rss_url(&site());
    let read = |bytes: Vec<u8>| {
        feed_rs::parser::parse(bytes.as_slice())
            .unwrap()
            .entries
            .remove(0)
    };
    let atom = read(atom::render(&feed, &url).unwrap());
    let summary = atom.summary.unwrap();
    assert_eq!(summary.content_type.as_ref(), "text/html");
    assert_eq!(summary.content, long.replace("<i>", "&lt;i&gt;"));
    assert!(atom.content.is_none());
    let rss = String::from_utf8(rss::render(&feed, &url).unwrap()).unwrap();
    assert!(rss.contains("&lt;i&gt;字") && !rss.contains("content:encoded>"));
    let json: Value = serde_json::from_slice(&json_feed::render(&feed, &url).unwrap()).unwrap();
    assert_eq!(json["items"][0]["content_text"], long.as_str());
    assert_eq!(json["items"][0].get("content_html"), None);
}

#[test]
fn a_live_feed_is_cut_by_number_and_by_size() {
    let column = column();
    let small: Vec<Article> = (0..80).map(|n| article(n, "小", "<p>小</p>")).collect();
    assert_eq!(render::newest(&column, &small, 50).len(), 50);
    let big: Vec<Article> = (0..20)
        .map(|n| article(n, "大", &"<p>大</p>".repeat(5_000)))
        .collect();
    let kept = render::newest(&column, &big, 50);
    assert_eq!(kept.len(), 4, "each is 111 kB once Atom has escaped it");
    let feed = Feed::new(&site(), &column, kept);
    let bytes = atom::render(&feed, &column.atom_url(&site())).unwrap();
    assert!(bytes.len() < 512 * 1024, "{}", bytes.len());
    let huge = [
        article(1, "巨", &"<p>巨</p>".repeat(200_000)),
        article(2, "次", "<p>次</p>"),
    ];
    let kept = render::newest(&column, &huge, 50);
    assert_eq!(kept.len(), 2, "one huge text drives no other entry out");
    let feed = Feed::new(&site(), &column, kept);
    let bytes = atom::render(&feed, &column.atom_url(&site())).unwrap();
    assert!(bytes.len() < 8 * 1024, "{}", bytes.len());
    assert!(feed.entries[0].content.is_none() && feed.entries[1].content.is_some());
    assert!(render::newest(&column, &[], 50).is_empty());
}

#[test]
fn archive_documents_are_linked_to_each_other_and_to_the_live_feed() {
    let (site, column) = (site(), column());
    let page = |number| {
        let document = history::render(&site, &column, number, oddities());
        document.unwrap().atom
    };
    let links = |bytes: &[u8]| -> BTreeMap<String, String> {
        let feed = atom_syndication::Feed::read_from(bytes).unwrap();
        assert_eq!(feed.id, column.feed_id());
        let link = |link: &atom_syndication::Link| (link.rel.clone(), link.href.clone());
        feed.links.iter().map(link).collect()
    };
    let base = "https://news.example/gov/lucheng/work-news";
    let middle = links(&page(2));
    assert_eq!(middle["self"], format!("{base}/archive/000002.atom"));
    assert_eq!(
        middle["prev-archive"],
        format!("{base}/archive/000001.atom")
    );
    assert_eq!(middle["current"], format!("{base}/atom.xml"));
    assert!(!links(&page(1)).contains_key("prev-archive"));
    assert!(
        !middle.contains_key("next-archive"),
        "a complete document changes no more"
    );
    assert!(
        String::from_utf8(page(3))
            .unwrap()
            .contains("<fh:archive/><entry>")
    );
    let live = &rendered(&oddities())[1].1;
    assert_eq!(
        links(live)["prev-archive"],
        format!("{base}/archive/000003.atom")
    );
    assert_eq!([0, 1, 100, 101].map(history::documents), [0, 1, 1, 2]);
}

#[test]
fn the_json_feed_obeys_its_schema() {
    let Some(folder) = outside("DIBAO_VECTORS") else {
        return;
    };
    let file = folder.join("jsonfeed-1.1.schema.json");
    let schema: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let validator = jsonschema::draft7::new(&schema).unwrap();
    for articles in [oddities(), Vec::new()] {
        let feed: Value = serde_json::from_slice(&rendered(&articles)[2].1).unwrap();
        let flaws: Vec<String> = validator
            .iter_errors(&feed)
            .map(|e| e.to_string())
            .collect();
        assert!(flaws.is_empty(), "{flaws:?}");
    }
}

#[test]
fn revisions_tell_what_the_portal_edited_and_took_down() {
    let mut before = article(1, "旧题", "");
    before.body.body_text = "一\n二\n三\n四\n五\n六个月工作日".to_owned();
    let mut after = before.clone();
    after.title = "新题".to_owned();
    after.metadata.document_number = Some("潞政发〔2025〕7号".to_owned());
    after.body.body_text = "一\n二\n三\n四\n五改<\u{1}\n六个工作日".to_owned();
    let change = |kind: ChangeKind, article: &Article| Change {
        seq: 2 + kind as i64,
        kind,
        at: after.updated_at,
        article: article.clone(),
    };
    let changes = [
        ChangeKind::Added,
        ChangeKind::Revised,
        ChangeKind::Withdrawn,
        ChangeKind::Reextracted,
    ]
    .map(|kind| change(kind, &after));
    let revisions: Vec<Revision<'_>> = changes
        .iter()
        .map(|change| Revision {
            change,
            before: Some(&before),
        })
        .collect();
    let feed = render::revisions::feed(&site(), &column(), &revisions);
    assert_ne!(feed.id, column().feed_id());
    let bytes = atom::render(&feed, &site().url("x")).unwrap();
    let read = atom_syndication::Feed::read_from(bytes.as_slice()).unwrap();
    let titles: Vec<&str> = read.entries.iter().map(|e| e.title.as_str()).collect();
    assert_eq!(titles, ["修改：新题", "撤下：新题"]);
    assert_ne!(read.entries[0].id, read.entries[1].id);
    let text = String::from_utf8(bytes).unwrap();
    let gone = format!("<at:deleted-entry ref=\"urn:uuid:{}\" when=\"", after.id);
    assert_eq!(text.matches(&gone).count(), 1, "{text}");
    assert!(text.find(&gone) < text.find("<entry>"));
    assert_eq!(
        read.entries[0].content.as_ref().unwrap().value.as_deref(),
        Some(
            "<ul><li>标题：<del>旧题</del> → <ins>新题</ins></li>\
             <li>发文字号：<del>（无）</del> → <ins>潞政发〔2025〕7号</ins></li></ul>\
             <p>……</p><p>四</p><p><del>五</del></p><p><ins>五改&lt;</ins></p><p>六个<del>月</del>工作日</p>"
        )
    );
}
