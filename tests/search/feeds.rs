//! Topics as feeds: valid, stable, in the order of publication, of entries that readers know.
//!
//! Owns these feeds. Never asks a portal.

use std::io::Write;
use std::process::Command;

use dibao::model::Timestamp;
use dibao::store::{ListedItem, OlderPage};

use super::http::{Service, path};
use super::news;
use crate::feeds::{judges, rules};
use crate::support::{morning, text};

async fn filled() -> Service {
    let service = Service::open().await;
    for number in 1..=60 {
        let title = format!("供热<{number}> & 供暖");
        let mut page = news(number, &title, &text(number));
        page.content.metadata.issuer = Some("区住建局".to_owned());
        page.content.metadata.subject_terms = vec!["取暖".to_owned()];
        let day = if number % 2 == 0 {
            "2025-12-01"
        } else {
            "2020-01-01"
        };
        page.content.metadata.published_on = Some(day.parse().unwrap());
        service.list("lucheng/work-news", &page).await;
        service.add(&page).await;
    }
    service
}

fn ids(feed: &str) -> Vec<String> {
    let feed = feed_rs::parser::parse(feed.as_bytes()).unwrap();
    feed.entries.into_iter().map(|entry| entry.id).collect()
}

#[tokio::test]
async fn a_topic_is_a_valid_feed_of_the_newest_fifty() {
    let service = filled().await;
    for (asked, found) in [
        (vec![("q", "供热")], 50),
        (vec![("q", "供热 -\"<1>\""), ("since", "2021-01-01")], 30),
        (
            vec![
                ("issuer", "区住建局"),
                ("category", "取暖"),
                ("column", "lucheng/work-news"),
            ],
            50,
        ),
        (vec![("q", "没有这样的词")], 0),
    ] {
        let address = path("/search.atom", &asked);
        let answer = service.get(&address).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(
            answer.header("content-type"),
            "application/atom+xml; charset=utf-8"
        );
        let own = format!("https://news.example/gov{address}");
        let flaws = rules::atom(answer.text(), &own);
        assert!(flaws.is_empty(), "{flaws:#?}");
        assert_eq!(ids(answer.text()).len(), found, "{asked:?}");
        lint(answer.text());
        let rss = service.get(&address.replace(".atom", ".rss")).await;
        assert_eq!(
            rules::rss(rss.text(), &own.replace(".atom", ".rss")),
            [""; 0]
        );
        let json = service.get(&address.replace(".atom", ".json")).await.json();
        assert_eq!(json["feed_url"], own.replace(".atom", ".json"));
        assert_eq!(json["items"].as_array().unwrap().len(), found);
    }
}

/// Holds a feed against RFC 4287's own schema.
fn lint(feed: &str) {
    if judges::has("xmllint", &["--version"], "apt-get install libxml2-utils") {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(feed.as_bytes()).unwrap();
        let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/atom.rng");
        let mut lint = Command::new("xmllint");
        lint.args(["--noout", "--relaxng", schema]).arg(file.path());
        let told = lint.output().unwrap();
        assert!(
            told.status.success(),
            "{}",
            String::from_utf8_lossy(&told.stderr)
        );
    }
}

#[tokio::test]
async fn entries_come_in_the_order_of_publication_and_what_a_backfill_brought_after_them() {
    let service = Service::open().await;
    for number in 1..=3 {
        let page = news(number, "供热", &format!("{}供热供热供热", text(number)));
        service.list("lucheng/work-news", &page).await;
        service.add(&page).await;
    }
    let column = "lucheng/work-news".parse().unwrap();
    let mut older = news(4, "从前的供热", &text(4));
    older.content.metadata.published_on = Some("2019-01-01".parse().unwrap());
    let item = ListedItem {
        url: older.url.clone(),
        title: "从前的供热".to_owned(),
        published_on: None,
        listed_on: None,
        position: 0,
    };
    let list: url::Url = "http://www.lc.gov.cn/gzdt/index_1.html".parse().unwrap();
    let store = service.store();
    let begun = store
        .backfills()
        .begin(&column, list.as_str(), &list, 0, None, false);
    begun.await.unwrap();
    let state = store
        .backfills()
        .state(&column, list.as_str())
        .await
        .unwrap()
        .unwrap();
    let listed = OlderPage {
        url: &list,
        items: &[item],
        next: None,
        end: Some(("end", "the end")),
        total: None,
        day: None,
        since: None,
        is_repeat: false,
    };
    let queued =
        store
            .backfills()
            .add_page(morning(), &column, "lucheng", &state, listed, u32::MAX);
    queued.await.unwrap();
    service.add(&older).await;
    let edited = news(1, "供热", &format!("{}供热供热供水", text(1)));
    service.add(&edited).await;
    let feed = service.get("/search.json?q=供热").await.json();
    let order: Vec<&str> = feed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["url"].as_str().unwrap().rsplit('/').next().unwrap())
        .collect();
    assert_eq!(order, ["t3.html", "t2.html", "t1.html", "t4.html"]);
}

#[tokio::test]
async fn a_topic_has_one_id_however_it_is_written_and_its_entries_have_their_own() {
    let service = filled().await;
    let plain = service.get("/search.atom?q=供热 供暖").await;
    let wide = service
        .get("/search.atom?since=&q=　供热　　供暖 供热")
        .await;
    assert_eq!(plain.text(), wide.text());
    let other = service.get("/search.atom?q=供热").await;
    let id = |feed: &str| feed_rs::parser::parse(feed.as_bytes()).unwrap().id;
    assert_ne!(id(plain.text()), id(other.text()));
    assert!(id(plain.text()).starts_with("urn:uuid:"));
    let title = feed_rs::parser::parse(plain.text().as_bytes())
        .unwrap()
        .title;
    assert_eq!(title.unwrap().content, "「供热 供暖」 · 邸报");
    let known = service.search(&[("q", "供热"), ("limit", "100")]).await;
    let known: Vec<String> = known["hits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| format!("urn:uuid:{}", hit["id"].as_str().unwrap()))
        .collect();
    assert!(ids(plain.text()).iter().all(|id| known.contains(id)));
}

#[tokio::test]
async fn what_a_reader_has_is_not_sent_again_until_something_changes() {
    let service = filled().await;
    for address in [
        "/search.atom?q=供热",
        "/search.rss?q=供热",
        "/search.json?q=供热",
        "/api/v1/search?q=供热",
        "/search?q=供热",
        "/search",
    ] {
        let first = service.get(address).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.len() > 20, "{address}: {tag}");
        // A feed changes as often as the timetable says, 20 minutes here.
        let minutes = if address.starts_with("/search.") {
            20
        } else {
            1
        };
        let fresh = format!("public, max-age={}", minutes * 60);
        assert_eq!(first.header("cache-control"), fresh, "{address}");
        assert_eq!(
            first.header("x-content-type-options"),
            "nosniff",
            "{address}"
        );
        for known in [
            tag.clone(),
            format!("W/{tag}"),
            format!("\"x\", {tag}"),
            "*".to_owned(),
        ] {
            let again = service.ask(reqwest::Method::GET, address, &known).await;
            assert_eq!((again.status, again.text()), (304, ""), "{address}");
            assert_eq!(again.header("etag"), tag, "{address}");
        }
        let head = service.ask(reqwest::Method::HEAD, address, "").await;
        assert_eq!((head.status, head.text()), (200, ""), "{address}");
        assert_eq!(head.header("etag"), tag, "{address}");
        assert_eq!(
            head.header("content-length"),
            first.text().len().to_string()
        );
    }
    let before = service.get("/search.atom?q=供热").await;
    let newest = news(61, "又见供热", &text(61));
    service.list("lucheng/work-news", &newest).await;
    service.add(&newest).await;
    let tag = before.header("etag");
    let after = service
        .ask(reqwest::Method::GET, "/search.atom?q=供热", tag)
        .await;
    assert_eq!(after.status, 200);
    let updated = |feed: &str| {
        let feed: atom_syndication::Feed = feed.parse().unwrap();
        Timestamp::from_millis(feed.updated().timestamp_millis()).unwrap()
    };
    assert!(updated(after.text()) > updated(before.text()));
}
