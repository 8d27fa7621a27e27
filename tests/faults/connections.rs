//! Silence, slow drips, broken answers, answers that are not HTTP, answers that are too large.
//!
//! Owns the faults of connections. Never leaves loopback.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use dibao::config::HOSTS_AT_ONCE;
use dibao::demo::hostile::Hostile;
use dibao::pipeline::{self, Ending, Progress, Step};
use tokio::sync::Notify;

use super::{Case, article_fails, list_fails, reasons};
use crate::support::replica::{Bench, column_of};

/// Four tries of this length are a fault, and no good answer comes near.
const TIMEOUT: &str = "fetch.timeout = \"1s\"";
/// Far longer than any test here needs, and far shorter than for ever.
const BOUNDED: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread")]
async fn fault_07_silence_ends_at_the_deadline() {
    let start = Instant::now();
    list_fails("07-all", "timeout", 4, TIMEOUT).await;
    article_fails("07-article", "timeout", TIMEOUT).await;
    assert!(start.elapsed() < BOUNDED);
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_08_the_deadline_holds_against_a_drip() {
    let start = Instant::now();
    for fault in ["08-headers", "08-body", "08-chunks"] {
        list_fails(fault, "timeout", 4, TIMEOUT).await;
    }
    assert!(start.elapsed() < BOUNDED);
}

/// Two good hosts are collected whole while this one keeps a request hanging.
async fn others_go_on(fault: &str) {
    const GOOD: [&str; 2] = ["www.good-a.test", "www.good-b.test"];
    let hostile = Hostile::serve().await.unwrap();
    let bad = format!("fault-{fault}.test");
    let bench = Bench::of_host(&hostile, &bad, &GOOD);
    let columns = [
        column_of("bad/news", "http", &bad, "fetch.timeout = \"10m\""),
        column_of("good-a/news", "http", GOOD[0], ""),
        column_of("good-b/news", "http", GOOD[1], ""),
    ];
    let (read, done) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let (count, tell) = (Arc::clone(&read), Arc::clone(&done));
    let progress = Progress::from_fn(move |step| {
        if let Step::ArticleDone { .. } = step
            && count.fetch_add(1, Ordering::SeqCst) + 1 == 40
        {
            tell.notify_one();
        }
    });
    let collector = bench.collector(progress).await;
    let limit = Duration::from_secs(3600);
    let limited: Vec<_> = columns.iter().map(|column| (column, limit)).collect();
    let stopped = async {
        done.notified().await;
        collector.stop.cancel();
    };
    let all = pipeline::collect_all(&collector, &limited, HOSTS_AT_ONCE, |_| ());
    let both = tokio::time::timeout(BOUNDED, async { tokio::join!(all, stopped) });
    let (reports, ()) = both.await.expect("the good hosts are read while one hangs");
    collector.store.close().await;
    let of = |name: &str| {
        let mut found = reports.iter().filter(|r| r.column.as_str() == name);
        found.next().unwrap()
    };
    assert_eq!(
        of("bad/news").ending,
        Ending::Stopped,
        "it hung all the while"
    );
    assert_eq!((of("good-a/news").new, of("good-b/news").new), (20, 20));
    assert_eq!(bench.articles().await.len(), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_07_silence_delays_no_other_portal() {
    others_go_on("07-all").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_08_a_drip_delays_no_other_portal() {
    others_go_on("08-body").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_09_half_an_answer_is_tried_again_and_never_read() {
    for fault in ["09-length", "09-reset", "09-chunks", "09-gzip"] {
        list_fails(fault, "truncated", 4, "").await;
    }
    article_fails("09-article", "truncated", "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_10_an_empty_answer_or_another_protocol_is_not_no_news() {
    for (fault, reason) in [
        ("10-empty", "empty"),
        ("10-blank", "empty"),
        ("10-204", "empty"),
        ("10-garbage", "garbage"),
        ("10-gzip", "garbage"),
    ] {
        list_fails(fault, reason, 1, "").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_11_a_compression_bomb_is_left_at_the_cap() {
    let start = Instant::now();
    list_fails("11-list", "too-large", 1, "").await;
    article_fails("11-article", "too-large", "").await;
    assert!(start.elapsed() < BOUNDED);
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_12_a_page_without_end_is_left_at_the_cap() {
    let start = Instant::now();
    list_fails("12-list", "too-large", 1, "").await;
    article_fails("12-article", "too-large", "").await;
    assert!(start.elapsed() < BOUNDED);
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_12_markup_that_is_too_much_is_read_up_to_limits_in_bounded_time() {
    for fault in [
        "12-deep",
        "12-tables",
        "12-attributes",
        "12-fonts",
        "12-text",
        "12-captions",
        "12-links",
        "12-entities",
        "12-signs",
        "12-around",
    ] {
        let start = Instant::now();
        let case = Case::broken(fault).await;
        let report = case.run().await;
        assert_eq!(reasons(&report), Vec::<&str>::new(), "{fault}: {report}");
        let article = case.article().await.unwrap();
        assert!(article.body.body_text.contains("大会开幕"), "{fault}");
        println!("{fault}: {:?}", start.elapsed());
        assert!(start.elapsed() < BOUNDED, "{fault}");
    }
}
