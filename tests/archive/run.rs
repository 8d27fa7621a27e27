//! A run archives every answer before it is interpreted, and the article leads to it.
//!
//! Owns the captures of a run. Never leaves loopback.

use chrono::TimeDelta;
use dibao::archive::{Archive, Captured};
use dibao::demo::hostile::{ARTICLE, COLUMN, Hostile};
use dibao::pipeline::Ending;

use crate::support::replica::{Bench, column_of};

fn archive(bench: &Bench) -> Archive {
    let folder = bench.folder.path().join("data/warc");
    Archive::open(&folder, &Default::default()).unwrap()
}

/// Status and path of every answer that is archived, in the order of the records.
fn answers(bench: &Bench) -> Vec<(u16, String, bool)> {
    let archive = archive(bench);
    let mut answers = Vec::new();
    for file in archive.files().unwrap() {
        for record in archive.scan(&file).unwrap() {
            let record = record.unwrap();
            let kind = record.field("WARC-Type").unwrap();
            if ["response", "revisit"].contains(&kind) {
                let captured = archive.read(&file, record.offset).unwrap();
                let path = captured.url.path().to_owned();
                answers.push((captured.status, path, kind == "revisit"));
            }
        }
    }
    answers
}

async fn capture_of(bench: &Bench, url: &str) -> (Captured, Option<String>) {
    let store = bench.store().await;
    let capture = store
        .captures()
        .of_page("lucheng", &url.parse().unwrap())
        .await
        .unwrap()
        .expect("an article knows its page");
    store.close().await;
    let captured = archive(bench)
        .read(&capture.place.file, capture.place.offset)
        .unwrap();
    (captured, capture.charset)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_archived_and_an_article_finds_its_page() {
    let hostile = Hostile::serve().await.unwrap();
    let host = "www.good.test";
    let mut bench = Bench::of_host(&hostile, host, &[]);
    let report = bench.run().await.0;
    assert_eq!((&report.ending, report.new), (&Ending::Complete, 20));
    let visited: Vec<(u16, String, bool)> = hostile
        .visits(host)
        .into_iter()
        .map(|visit| (visit.status, visit.path, false))
        .collect();
    assert_eq!(answers(&bench), visited);
    assert_eq!(visited.len(), 22, "robots.txt, the column, its articles");

    let url = format!("http://{host}{ARTICLE}");
    let (captured, charset) = capture_of(&bench, &url).await;
    assert_eq!(
        (captured.url.as_str(), captured.status),
        (url.as_str(), 200)
    );
    let page = String::from_utf8(captured.body).unwrap();
    assert!(page.contains("大会开幕"), "what was sent is what is read");
    assert_eq!(charset.as_deref(), Some("UTF-8"));

    // "Not modified" is counted, and not archived.
    bench.now = bench.now.plus(TimeDelta::hours(2));
    let before = hostile.visits(host).len();
    bench.run().await;
    let again = hostile.visits(host).split_off(before);
    assert!(again.len() >= 21 && again.iter().all(|visit| visit.status == 304));
    assert_eq!(answers(&bench), visited);
    let store = bench.store().await;
    let counts = store.columns().verdicts(&bench.column.name).await.unwrap();
    let unchanged = counts.iter().find(|count| count.verdict == "unchanged");
    assert_eq!(unchanged.unwrap().count, again.len() as i64);
    store.close().await;
    assert_eq!(capture_of(&bench, &url).await.0.at, captured.at);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_archived_too_as_far_as_it_came() {
    let hostile = Hostile::serve().await.unwrap();
    for (fault, status, tries) in [
        ("01-503", 503, 4),
        ("03-list", 404, 1),
        ("04-412", 412, 1),
        ("06-list", 200, 1),
        ("09-length", 200, 4),
        ("11-list", 200, 1),
        ("15-loop", 302, 2),
    ] {
        let host = format!("fault-{fault}.test");
        let bench = Bench::of_host(&hostile, &host, &[]);
        let report = bench.run().await.0;
        assert!(report.is_failure(), "{fault}: {report}");
        let mut answers = answers(&bench);
        answers.retain(|(_, path, _)| path != "/robots.txt");
        assert_eq!(answers.len(), tries, "{fault}: {answers:?}");
        assert!(
            answers.iter().all(|(found, ..)| *found == status),
            "{fault}: {answers:?}"
        );
        let visits = hostile.visits(&host).len();
        assert_eq!(visits, tries + 1, "{fault}: all that was asked is there");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_in_gb18030_is_archived_as_it_was_sent() {
    let hostile = Hostile::serve().await.unwrap();
    let host = "fault-13-none.test";
    let mut bench = Bench::of_host(&hostile, host, &[]);
    bench.column = column_of("lucheng/work-news", "http", host, "");
    assert!(!bench.run().await.0.is_failure());
    let (captured, charset) = capture_of(&bench, &format!("http://{host}{ARTICLE}")).await;
    assert_eq!(charset.as_deref(), Some("gb18030"));
    assert!(
        String::from_utf8(captured.body.clone()).is_err(),
        "bytes, not text"
    );
    let (text, _, _) = encoding_rs::GB18030.decode(&captured.body);
    assert!(text.contains("大会开幕"), "{}", host);
    assert_ne!(COLUMN, captured.url.path());
}
