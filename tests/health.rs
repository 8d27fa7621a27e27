//! The service's reports on itself: the status page, metrics for monitoring, and the feed of
//! incidents.
//!
//! Owns these three. Never leaves loopback.

use std::io::Write as _;
use std::process::{Command, Stdio};

use chrono::TimeDelta;
use dibao::demo::Reply;
use dibao::pipeline;
use dibao::serve::OpenStore;
use dibao::store::Store;
use scraper::{Html, Selector};

use crate::feeds::judges::has;
use crate::support::replica::{Bench, FOLDER, Replica, hourly};
use crate::support::served::Server;

/// A server before a column that ran well once, and then not.
async fn troubled() -> (Replica, Bench, Server, Store) {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    bench.run().await;
    replica.answer(FOLDER, Reply::Page(b"<html><body></body></html>".to_vec()));
    let store = bench.store().await;
    let subject = bench.column.name.as_str();
    let noted = store
        .incidents()
        .note(bench.now, "list-cut", subject, "清单中断，请查看。");
    noted.await.unwrap();
    store.close().await;
    bench.now = bench.now.plus(TimeDelta::hours(1));
    let (report, _) = bench.run().await;
    assert!(report.is_failure());
    let server = Server::of(&bench.public()).await;
    let store = bench.store().await;
    let columns = [bench.column.clone()];
    let columns = pipeline::column_infos(&store, &columns, &hourly()).await;
    server.open(OpenStore {
        topics: Vec::new(),
        store: store.clone(),
        site: server.site(),
        columns: columns.unwrap(),
        cron: std::sync::Arc::new(hourly()),
    });
    (replica, bench, server, store)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_page_shows_a_columns_state_its_fields_and_what_needs_a_person() {
    let (_replica, bench, server, store) = troubled().await;
    let told = store.incidents().open().await.unwrap();
    assert!(!told.is_empty());
    let page = server.get("status").await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, "text/html; charset=utf-8")
    );
    let text = page.text();
    for part in [
        "工作动态",
        "lucheng/work-news",
        told[0].reason.as_str(),
        "索引号",
    ] {
        assert!(text.contains(part), "no {part}");
    }
    // What the reader chooses, and what is no choice.
    let here = "code>lucheng/work-news</code";
    for (query, is_shown) in [
        ("standing=failing&q=lucheng/*&sort=new", true),
        ("q=%E5%B7%A5%E4%BD%9C", true),
        ("standing=well", false),
        ("q=other", false),
    ] {
        let chosen = server.get(&format!("status?{query}")).await;
        assert_eq!(chosen.status, 200, "{query}");
        assert_eq!(chosen.text().contains(here), is_shown, "{query}");
    }
    for wrong in ["standing=bad", "sort=bad", "from=-1", "other=1"] {
        let refused = server.get(&format!("status?{wrong}")).await;
        assert_eq!(refused.status, 400, "{wrong}");
    }
    let html = Html::parse_document(text);
    let heading = Selector::parse("h1").unwrap();
    assert_eq!(html.select(&heading).count(), 1);
    let tag = page.header("etag").to_owned();
    assert!(!tag.is_empty());
    // Within seconds it is not read again, but told again, even where the store has gone meanwhile.
    store.close().await;
    assert_eq!(server.get("status").await.header("etag"), tag);
    // It is of the store, and so not without it.
    server.source.close();
    let closed = server.get("status").await;
    assert_eq!((closed.status, closed.header("retry-after")), (503, "5"));
    drop(bench);
}

/// The codes of the tables below "Verdicts and incidents" in the document for operators.
fn codes() -> Vec<String> {
    let document = std::fs::read_to_string("docs/operating.md").unwrap();
    let (_, rest) = document.split_once("## Verdicts and incidents").unwrap();
    let rows = rest.split("\n## ").next().unwrap();
    let cells = rows
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split(" |").next());
    let names = cells.flat_map(|cell| cell.split(", "));
    names
        .map(|name| name.trim_matches('`').to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_of_every_code_is_told_in_chinese_with_its_code_and_its_details() {
    let (_replica, bench, server, store) = troubled().await;
    let codes = codes();
    assert!(
        codes.len() > 50 && codes.contains(&"store-io".to_owned()),
        "{codes:?}"
    );
    for code in &codes {
        let noted =
            store
                .incidents()
                .note(bench.now, code, "some/column", "the details, in English");
        noted.await.unwrap();
    }
    let page = server.get("status").await;
    let html = Html::parse_document(page.text());
    let items = Selector::parse("ul.incidents li").unwrap();
    let is_chinese = |text: &str| {
        text.chars()
            .any(|sign| ('\u{4e00}'..='\u{9fff}').contains(&sign))
    };
    let mut told = 0;
    for item in html.select(&items) {
        let paragraphs = Selector::parse("p").unwrap();
        let texts: Vec<String> = item
            .select(&paragraphs)
            .map(|p| p.text().collect())
            .collect();
        if !texts[0].contains("some/column") {
            continue;
        }
        assert_eq!(texts.len(), 3, "no sentence: {texts:?}");
        assert!(
            is_chinese(&texts[1]) && texts[1].ends_with('。'),
            "{texts:?}"
        );
        assert_eq!(texts[2], "the details, in English");
        told += 1;
    }
    assert!(told > 40, "{told} of {}", codes.len());
    store.close().await;
    bench.run().await;
    let feed = std::fs::read_to_string(bench.public().join("incidents.atom")).unwrap();
    let (_, entry) = feed.split_once("地址换了文章 url-reused").expect(&feed);
    assert!(entry.contains("原来那篇保留") && entry.contains("the details, in English"));
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_what_the_store_has_and_another_parser_reads_them() {
    let (_replica, bench, server, store) = troubled().await;
    let answer = server.get("metrics").await;
    let media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, media_type)
    );
    let text = answer.text().to_owned();
    let value = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        let line = line.unwrap_or_else(|| panic!("no {name} in\n{text}"));
        line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()
    };
    let column = "{column=\"lucheng/work-news\"}";
    let count = store
        .publications()
        .article_count(&bench.column.name)
        .await
        .unwrap();
    assert_eq!(value(&format!("dibao_articles{column}")), count as f64);
    assert_eq!(value(&format!("dibao_healthy{column}")), 0.0);
    assert_eq!(value("dibao_columns{standing=\"failing\"}"), 1.0);
    assert_eq!(value("dibao_columns{standing=\"well\"}"), 0.0);
    assert!(text.contains(&format!(
        "dibao_build_info{{version=\"{}\"}} 1",
        env!("CARGO_PKG_VERSION")
    )));
    let seconds = |millis: i64| millis.div_euclid(1000) as f64;
    let ran = value(&format!("dibao_last_run_timestamp_seconds{column}"));
    assert_eq!(ran, seconds(bench.now.millis()));
    assert!(value(&format!("dibao_last_ok_timestamp_seconds{column}")) < ran);
    assert_eq!(
        value("dibao_changes_total"),
        store.changes().last_seq().await.unwrap() as f64
    );
    let verdict = "dibao_pages_total{column=\"lucheng/work-news\",verdict=\"new\"}";
    assert!(value(verdict) >= count as f64);
    assert!(value("dibao_fetches_total{outcome=\"2xx\"}") >= count as f64);
    assert!(value("dibao_fetched_bytes_total") > 10_000.0);
    assert!(value("dibao_fetch_duration_seconds_count") >= count as f64);
    assert_eq!(value("dibao_store_open"), 1.0);
    let open = store.incidents().open().await.unwrap().len();
    let incidents: f64 = text
        .lines()
        .filter(|line| line.starts_with("dibao_incidents{"))
        .map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap())
        .sum();
    assert_eq!(incidents, open as f64);

    // Without the store it still says what the process has done.
    server.source.close();
    let closed = server.get("metrics").await;
    assert!(
        closed.text().contains("dibao_store_open 0") && closed.text().contains("dibao_fetches")
    );
    store.close().await;
    if has(
        "python3",
        &["-c", "import prometheus_client"],
        "pip install prometheus-client",
    ) {
        for text in [&text, closed.text()] {
            judged(text);
        }
    }
}

/// The reference parser of OpenMetrics, which is strict about order, units and names.
fn judged(text: &str) {
    const READ: &str = "import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read
families=list(read(sys.stdin.read()))
assert families
for family in families:
    assert family.documentation.rstrip('.').strip(), family.name
    assert family.type != 'unknown', family.name";
    let mut judge = Command::new("python3")
        .args(["-c", READ])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = judge.stdin.take().unwrap();
    stdin.write_all(text.as_bytes()).unwrap();
    drop(stdin);
    let judged = judge.wait_with_output().unwrap();
    let flaws = String::from_utf8_lossy(&judged.stderr);
    assert!(judged.status.success(), "{flaws}\n{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_a_person_is_a_feed_that_says_when_it_is_over() {
    let (replica, mut bench, server, store) = troubled().await;
    let read = async || {
        let feed = server.get("incidents.atom").await;
        feed_rs::parser::parse(feed.body.as_slice()).unwrap()
    };
    let open = read().await;
    let told = store.incidents().open().await.unwrap();
    assert_eq!(open.entries.len(), told.len());
    let first = &open.entries[0];
    assert!(
        first
            .title
            .as_ref()
            .unwrap()
            .content
            .contains(&told[0].subject)
    );
    assert!(
        first
            .content
            .as_ref()
            .unwrap()
            .body
            .as_ref()
            .unwrap()
            .contains(&told[0].message)
    );
    // Seen again, it is no news.
    bench.now = bench.now.plus(TimeDelta::hours(1));
    bench.run().await;
    assert_eq!(read().await.entries[0].updated, first.updated);
    replica.restore(FOLDER);
    bench.now = bench.now.plus(TimeDelta::hours(1));
    bench.run().await;
    let over = read().await;
    let same = over
        .entries
        .iter()
        .find(|entry| entry.id == first.id)
        .unwrap();
    assert!(same.updated > first.updated);
    assert!(same.title.as_ref().unwrap().content.starts_with("已解决"));
    store.close().await;
}
