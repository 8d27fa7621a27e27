//! Polls without news, and the order of requests in a run with news.
//!
//! Owns what a poll asks for and leaves behind. Never leaves loopback.

use chrono::TimeDelta;
use dibao::demo::hostile::{COLUMN, Hostile};
use dibao::pipeline::Ending;
use dibao::store::{Holder, RunEnd};

use crate::support::replica::{Bench, column_of};

const HOST: &str = "www.good.test";

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_without_news_asks_for_the_list_alone_and_is_noted_like_any_run() {
    let hostile = Hostile::serve().await.unwrap();
    let mut bench = Bench::of_host(&hostile, HOST, &[]);
    bench.run().await;
    for polls in 1..4 {
        // So soon nothing else is due.
        bench.now = bench.now.plus(TimeDelta::minutes(5));
        let before = hostile.visits(HOST).len();
        let (report, _) = bench.run().await;
        assert_eq!(report.ending, Ending::Complete, "{report}");
        let asked = hostile.visits(HOST).split_off(before);
        let asked: Vec<(u16, &str)> = asked
            .iter()
            .map(|visit| (visit.status, visit.path.as_str()))
            .collect();
        assert_eq!(asked, [(304, COLUMN)]);

        let store = bench.store().await;
        let (name, url) = (&bench.column.name, bench.column.url.as_str());
        let state = store.columns().state(name, url).await.unwrap();
        let now = Some(bench.now);
        assert_eq!((state.last_run_at, state.last_ok_at), (now, now));
        let counts = store.columns().verdicts(name).await.unwrap();
        let unchanged = counts.iter().find(|count| count.verdict == "unchanged");
        let unchanged = unchanged.expect("a poll is counted");
        assert_eq!((unchanged.count, unchanged.last_at), (polls, bench.now));
        let other = Holder::process(1);
        let held = store.hosts().lease(HOST, &other, bench.now).await.unwrap();
        assert_eq!(held, None, "the host was given back");
        store.hosts().release(HOST, &other).await.unwrap();
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_rules_for_a_list_asks_for_it_whole_and_is_no_lie_of_the_portal() {
    let hostile = Hostile::serve().await.unwrap();
    let mut bench = Bench::of_host(&hostile, HOST, &[]);
    bench.run().await;
    let ten = "list.item = \"ul.list li:nth-child(-n+10)\"\n";
    for (rules, status) in [
        ("", 304),
        (ten, 200),
        (ten, 304),
        ("", 200),
        ("", 304),
        (ten, 200),
        (ten, 304),
    ] {
        bench.column = column_of("lucheng/work-news", "http", HOST, rules);
        bench.now = bench.now.plus(TimeDelta::minutes(5));
        let before = hostile.visits(HOST).len();
        bench.run().await;
        let asked = hostile.visits(HOST).split_off(before);
        let of_list = asked.iter().filter(|visit| visit.path == COLUMN);
        let answers: Vec<u16> = of_list.map(|visit| visit.status).collect();
        assert_eq!(answers, [status], "{rules}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_sent_whole_again_is_read_once_a_day_while_it_stays_the_same() {
    let hostile = Hostile::serve().await.unwrap();
    let mut bench = Bench::of_host(&hostile, HOST, &[]);
    bench.run().await;
    // A silent column's list is asked for without validators.
    bench.now = bench.now.plus(TimeDelta::days(60));
    for (hours, list_pages) in [(0, 1), (1, 0), (21, 0), (1, 1), (1, 0)] {
        bench.now = bench.now.plus(TimeDelta::hours(hours));
        let before = hostile.visits(HOST).len();
        let (report, _) = bench.run().await;
        let asked = hostile.visits(HOST).split_off(before);
        let of_list = asked.iter().filter(|visit| visit.path == COLUMN);
        let answers: Vec<u16> = of_list.map(|visit| visit.status).collect();
        assert_eq!((answers, report.list_pages), (vec![200], list_pages));
        assert_eq!(bench.incidents().await, ["silent"]);
        let store = bench.store().await;
        let (name, url) = (&bench.column.name, bench.column.url.as_str());
        let state = store.columns().state(name, url).await.unwrap();
        assert_eq!(state.last_ok_at, Some(bench.now));
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_run_ends_with_the_next_poll_without_news() {
    let hostile = Hostile::serve().await.unwrap();
    let mut bench = Bench::of_host(&hostile, HOST, &[]);
    bench.run().await;
    bench.now = bench.now.plus(TimeDelta::minutes(5));
    let (name, url) = (&bench.column.name, bench.column.url.as_str());
    let store = bench.store().await;
    let failed = RunEnd {
        found_new: false,
        failure: Some(("timeout", "it did not answer")),
    };
    store
        .columns()
        .end_run(bench.now, name, failed)
        .await
        .unwrap();
    store.close().await;
    bench.run().await;
    let store = bench.store().await;
    let state = store.columns().state(name, url).await.unwrap();
    assert_eq!((state.failures, state.reason), (0, None));
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn articles_are_asked_for_one_at_a_time_in_the_order_in_which_they_are_published() {
    let hostile = Hostile::serve().await.unwrap();
    let bench = Bench::of_host(&hostile, HOST, &[]);
    bench.run().await;
    let visits = hostile.visits(HOST).split_off(2);
    assert_eq!(visits.len(), 20, "after robots.txt and the list");
    assert!(visits.iter().all(|visit| visit.at_once == 1));
    let asked: Vec<&str> = visits.iter().map(|visit| visit.path.as_str()).collect();
    let articles = bench.articles().await;
    let published: Vec<&str> = articles.iter().map(|article| article.url.path()).collect();
    assert_eq!(asked, published);
}
