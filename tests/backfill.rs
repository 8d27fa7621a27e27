//! Backfills of the replica portal: what they collect, where it goes, how they end and go on.
//!
//! Owns the backfill's results. Never leaves loopback.

mod ends;
mod portal;
mod service;
mod turns;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::TimeDelta;
use dibao::demo::{self, Reply};
use dibao::pipeline::{Ending, Progress, Reach, Standing, Step};
use serde_json::Value;

use crate::support::replica::{Bench, FOLDER, Replica, bytes, column, column_of};
use crate::support::side_by_side;

const EVERYTHING: Reach = Reach {
    pages: None,
    since: None,
    until: None,
};
const LIVE: [&str; 3] = ["rss.xml", "atom.xml", "feed.json"];
/// An article of the second list page.
const OLDER: &str = "/lcxxgk/xxgkml/jbxxgk/gzdt/202511/";

/// A bench whose column's first run reads one list page, and has read it.
pub(crate) async fn begun(replica: &Replica) -> Bench {
    let mut bench = Bench::new(replica);
    bench.column = column("initial = 1");
    let (report, _) = bench.run().await;
    assert_eq!((report.list_pages, report.new), (1, 20), "{report}");
    replica.asked();
    bench
}

/// The column's published files of these names.
fn published(bench: &Bench, names: &[&str]) -> Vec<String> {
    let column = bench.public().join(bench.column.name.as_str());
    names
        .iter()
        .map(|name| std::fs::read_to_string(column.join(name)).unwrap())
        .collect()
}

fn text(bench: &Bench, name: &str) -> String {
    published(bench, &[name]).remove(0)
}

/// Every id of an Atom document with the newest `updated` that it has there.
fn versions(atom: &str) -> BTreeMap<String, String> {
    let feed = feed_rs::parser::parse(atom.as_bytes()).unwrap();
    let mut versions: BTreeMap<String, String> = BTreeMap::new();
    for entry in feed.entries {
        let updated = entry.updated.unwrap().to_rfc3339();
        let newest = versions.entry(entry.id).or_default();
        *newest = updated.max(newest.clone());
    }
    versions
}

async fn store_versions(bench: &Bench) -> BTreeMap<String, String> {
    let articles = bench.articles().await;
    let versions = articles.iter().map(|article| {
        let updated = article.updated_at.to_chrono().to_utc();
        (format!("urn:uuid:{}", article.id), updated.to_rfc3339())
    });
    versions.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_older_goes_to_the_archive_and_the_live_feed_stays_as_it_was() {
    let replica = Replica::serve().await;
    let bench = begun(&replica).await;
    let live = published(&bench, &LIVE);
    let (report, _) = bench.backfill(EVERYTHING).await;
    assert_eq!(report.halt.standing, Standing::Complete, "{report}");
    assert_eq!(report.halt.reason, "list-end", "{report}");
    assert_eq!((report.list_pages, report.news.new), (4, 0), "{report}");
    assert!(!report.is_failure(), "{report}");
    assert_eq!(published(&bench, &LIVE), live);
    let articles = bench.articles().await;
    assert_eq!(articles.len(), 72);
    assert_eq!(20 + report.older.new, 72);
    let archive = text(&bench, "archive/000001.atom");
    assert_eq!(versions(&archive), store_versions(&bench).await);
    let newest: Value = serde_json::from_str(&text(&bench, "articles.json")).unwrap();
    let newest = newest["articles"].as_array().unwrap();
    assert_eq!(newest.len(), 72);
    let days: Vec<&str> = newest[20..]
        .iter()
        .map(|article| article["published_on"].as_str().unwrap())
        .collect();
    assert!(days.is_sorted_by(|one, next| one >= next), "{days:?}");
    let contents = bytes(&bench.public());
    let pages = contents.keys().filter(|path| path.starts_with("articles/"));
    assert_eq!(pages.count(), 2 * 72);
    let changes = String::from_utf8(contents["changes/000001.ndjson"].clone()).unwrap();
    let added = changes
        .lines()
        .filter(|line| line.contains(r#""kind":"added""#));
    assert_eq!(added.count(), 72);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_backfill_fetches_no_article_and_touches_no_file() {
    let replica = Replica::serve().await;
    let bench = begun(&replica).await;
    bench.backfill(EVERYTHING).await;
    let asked = replica.asked();
    let articles: Vec<&String> = asked
        .iter()
        .filter(|path| path.contains("/t2025"))
        .collect();
    let once: BTreeSet<&String> = articles.iter().copied().collect();
    assert_eq!(articles.len(), once.len(), "an article was fetched twice");
    let (again, published) = bench.backfill(EVERYTHING).await;
    assert_eq!(again.halt.reason, "list-end", "{again}");
    assert_eq!((again.list_pages, again.older.new), (4, 0), "{again}");
    assert_eq!(published.written, 0);
    let asked = replica.asked();
    assert!(
        asked.iter().all(|path| !path.contains("/t2025")),
        "{asked:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_never_ran_is_run_first() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    bench.column = column("initial = 1");
    let (report, _) = bench.backfill(EVERYTHING).await;
    assert_eq!((report.news.new, report.older.new), (20, 52), "{report}");
    let live = published(&bench, &LIVE);
    assert_eq!(versions(&live[1]).len(), 20);
    let (run, published) = bench.run().await;
    assert_eq!((run.new, published.written), (0, 0), "{run}");
}

/// Lists one more item at the top, which no run has seen.
fn publish_news(replica: &Replica) -> &'static str {
    let first = String::from_utf8(demo::file(FOLDER).unwrap().to_vec()).unwrap();
    let item = "<li><a href=\"./202512/t20251229_3123304.html\"";
    let news = "<li><a href=\"./202512/t20251230_3123400.html\" title=\"新增一条\">新增一条</a>\
                <span>2025-12-30</span></li>";
    assert!(first.contains(item));
    let listed = first.replacen(item, &format!("{news}{item}"), 1);
    replica.answer(FOLDER, Reply::Page(listed.into_bytes()));
    let path = format!("{FOLDER}202512/t20251230_3123400.html");
    replica.answer(&path, portal::article(9_999));
    "t20251230_3123400"
}

#[tokio::test(flavor = "multi_thread")]
async fn news_that_a_backfill_meets_at_the_top_is_news() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    bench.column = column("initial = 2");
    bench.run().await;
    let news = publish_news(&replica);
    let (report, _) = bench.backfill(EVERYTHING).await;
    assert_eq!(report.news.new, 1, "{report}");
    for name in LIVE {
        assert!(text(&bench, name).contains(news), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn news_that_comes_once_it_has_begun_is_left_to_the_next_run() {
    let replica = Replica::serve().await;
    let bench = begun(&replica).await;
    let replica = Arc::new(replica);
    let portal = replica.clone();
    let progress = Progress::from_fn(move |step| {
        if let Step::Backfill { pages: 0, .. } = step {
            publish_news(&portal);
        }
    });
    let (report, _) = bench.backfill_with(EVERYTHING, progress).await;
    assert_eq!((report.news.new, report.older.new), (0, 52), "{report}");
    let (run, _) = bench.run().await;
    assert_eq!(run.new, 1, "{run}");
    assert!(text(&bench, "atom.xml").contains("t20251230_3123400"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_what_a_backfill_brought_is_a_revision_and_no_news() {
    let replica = Replica::serve().await;
    let mut bench = begun(&replica).await;
    bench.backfill(EVERYTHING).await;
    let live = published(&bench, &LIVE);
    let asked = replica.asked();
    let older = asked.iter().rfind(|path| path.starts_with(OLDER)).unwrap();
    replica.edit(older, "</p>", "再加一句。</p>");
    // Old pages are looked at once, after a month, and recent ones too.
    bench.now = bench.now.plus(TimeDelta::days(31));
    let (run, _) = bench.run().await;
    assert_eq!((run.new, run.revised), (0, 1), "{run}");
    assert_eq!(published(&bench, &LIVE), live);
    assert!(text(&bench, "revisions.atom").contains("再加一句"));
    let archive = text(&bench, "archive/000001.atom");
    assert_eq!(versions(&archive), store_versions(&bench).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_pages_do_not_come_between_a_portal_and_its_news() {
    let replica = Replica::serve().await;
    let mut bench = begun(&replica).await;
    bench.backfill(EVERYTHING).await;
    bench.now = bench.now.plus(TimeDelta::hours(2));
    let (run, _) = bench.run().await;
    assert_eq!(run.unchanged, 20, "those of the live feed alone: {run}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_reads_what_a_backfill_left_waiting_and_keeps_it_out_of_the_live_feed() {
    let replica = Replica::serve().await;
    let bench = begun(&replica).await;
    let live = published(&bench, &LIVE);
    let collector = bench.collector(Progress::silent()).await;
    let stop = collector.stop.clone();
    let mut stopping = collector.clone();
    // Stopped once the second list page is queued, before any of its articles is read.
    stopping.progress = Progress::from_fn(move |step| {
        if let Step::OlderListed { pages: 2, .. } = step {
            stop.cancel();
        }
    });
    let report = dibao::pipeline::backfill(&stopping, &bench.column, &EVERYTHING).await;
    collector.store.close().await;
    assert_eq!(report.halt.reason, "stopped", "{report}");
    assert_eq!(
        (report.older.new, report.older.waiting),
        (0, 20),
        "{report}"
    );
    let (run, _) = bench.run().await;
    assert_eq!((run.new, run.amended, run.waiting), (19, 1, 0), "{run}");
    assert_eq!(run.list_pages, 0, "304: nothing new");
    assert_eq!(published(&bench, &LIVE), live);
    let (report, _) = bench.backfill(EVERYTHING).await;
    assert_eq!(report.resumed_after, Some(2), "{report}");
    assert_eq!(
        (report.halt.reason.as_str(), report.older.new),
        ("list-end", 33)
    );
    assert_eq!(published(&bench, &LIVE), live);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_of_another_columns_live_feed_stays_there_and_is_not_fetched_again() {
    let replica = Replica::serve().await;
    let mut bench = begun(&replica).await;
    let ours = bench.column.clone();
    bench.column = column_of("lucheng/older", "http", demo::HOST, "");
    bench.column.url = bench.column.url.join("index_1.html").unwrap();
    let (run, _) = bench.run().await;
    assert_eq!((run.new, run.amended), (19, 1), "{run}");
    let theirs = bench.column.clone();
    let ids = versions(&text(&bench, "atom.xml"));
    bench.column = ours;
    replica.asked();
    let (report, _) = bench.backfill(EVERYTHING).await;
    assert_eq!(report.older.new, 33, "{report}");
    let asked = replica.asked();
    let fetched = asked.iter().filter(|path| path.contains("/t2025")).count();
    assert!(fetched < 40, "{fetched}");
    assert_eq!(versions(&text(&bench, "atom.xml")).len(), 20);
    let archive = versions(&text(&bench, "archive/000001.atom"));
    assert_eq!(archive.len(), 72);
    assert!(ids.keys().all(|id| archive.contains_key(id)));
    bench.column = theirs;
    bench.run().await;
    assert_eq!(versions(&text(&bench, "atom.xml")), ids);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_reads_no_deeper_for_what_a_backfill_has_read() {
    let replica = Replica::serve().await;
    let bench = begun(&replica).await;
    let (report, _) = bench
        .backfill(Reach {
            pages: Some(2),
            ..EVERYTHING
        })
        .await;
    assert_eq!(report.halt.reason, "page-limit", "{report}");
    // The item pushed from the first page stands on the second, above what the backfill read.
    publish_news(&replica);
    let (run, _) = bench.run().await;
    assert_eq!((run.new, run.list_pages), (1, 2), "{run}");
    assert_eq!(run.ending, Ending::Complete);
}

/// Stops a backfill after this number of steps, as a kill would.
fn dies_after(steps: usize) -> (Progress, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let count = taken.clone();
    let progress = Progress::from_fn(move |_| {
        let taken = count.fetch_add(1, Ordering::SeqCst);
        assert!(taken != steps, "killed here");
    });
    (progress, taken)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_any_two_steps_leaves_the_same_bytes_in_the_end() {
    let replica = Replica::serve().await;
    let new = || {
        let mut bench = Bench::new(&replica);
        bench.column = column("initial = 1\nitem = \"ul.list > li:nth-child(-n+7)\"");
        bench
    };
    let undisturbed = new();
    let (progress, steps) = dies_after(usize::MAX);
    let (report, _) = undisturbed.backfill_with(EVERYTHING, progress).await;
    assert_eq!(report.halt.reason, "list-end", "{report}");
    let expected = bytes(&undisturbed.public());
    let steps = steps.load(Ordering::SeqCst);
    assert!(steps > 80, "{steps}");
    let expected = Arc::new(expected);
    // Every second step of collecting, some of publishing: what is between is the runs' own test.
    let kills = (0..45).step_by(2).chain((45..steps).step_by(16));
    side_by_side(kills, |at| {
        let (bench, expected) = (Arc::new(new().in_memory()), expected.clone());
        async move {
            let doomed = bench.clone();
            let (progress, _) = dies_after(at);
            let killed =
                tokio::spawn(async move { doomed.backfill_with(EVERYTHING, progress).await });
            assert!(killed.await.is_err(), "step {at} was never taken");
            bench.backfill(EVERYTHING).await;
            let found = bytes(&bench.public());
            let differs: Vec<&String> = expected
                .iter()
                .filter(|(path, bytes)| found.get(*path) != Some(bytes))
                .map(|(path, _)| path)
                .collect();
            assert!(differs.is_empty(), "killed at step {at}: {differs:?}");
            assert_eq!(found.len(), expected.len(), "killed at step {at}");
        }
    })
    .await;
}
