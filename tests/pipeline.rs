//! The pipeline on the replica portal, from its pages to the published files.
//!
//! Owns the order of a run. Never leaves loopback.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use dibao::config::Column;
use dibao::demo::{self, Reply};
use dibao::model::Article;
use dibao::pipeline::{self, Ending, Progress};
use dibao::store::Holder;
use serde_json::Value;

use crate::support::replica::{Bench, FOLDER, Replica, articles_told, bytes, column, files};
use crate::support::side_by_side;

const SEED: &str = "/lcxxgk/xxgkml/jbxxgk/gzdt/202512/t20251229_3123304.html";
const OTHER: &str = "/lcxxgk/xxgkml/jbxxgk/gzdt/202512/t20251229_3123190.html";
const SEED_NUMBER: &str = "000014349/2025-32614";

fn expected() -> Value {
    serde_json::from_str(include_str!("../fixtures/lucheng/expected.json")).unwrap()
}

fn by_url<'a>(articles: &'a [Article], url: &str) -> &'a Article {
    let bears = |article: &&Article| {
        article.url.as_str() == url || article.aliases.iter().any(|alias| alias.as_str() == url)
    };
    articles
        .iter()
        .find(bears)
        .unwrap_or_else(|| panic!("no article has {url}"))
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_article_of_the_replica_is_collected_once_with_all_its_values() {
    let replica = Replica::serve().await;
    let bench = Bench::new(&replica);
    let (report, _) = bench.run().await;
    assert_eq!(report.ending, Ending::Complete, "{report}");
    assert!(report.failures.is_empty(), "{:?}", report.failures);
    let articles = bench.articles().await;
    let expected = expected();
    let truths = expected["articles"].as_array().unwrap();
    assert_eq!(articles.len(), truths.len());
    let ids: BTreeSet<_> = articles.iter().map(|article| article.id).collect();
    assert_eq!(ids.len(), truths.len());
    for truth in truths {
        let urls = truth["urls"].as_array().unwrap();
        let article = by_url(&articles, urls[0].as_str().unwrap());
        assert_eq!(article.aliases.len() + 1, urls.len(), "{}", article.url);
        let json = serde_json::to_value(article).unwrap();
        for field in [
            "index_number",
            "index_number_raw",
            "document_number",
            "issued_on",
            "issuer",
            "subject_terms",
            "title",
            "topic_category",
            "published_on",
            "source",
        ] {
            assert_eq!(json[field], truth[field], "{field} of {}", article.url);
        }
        let time = [&truth["published_at"], &truth["pub_date_meta_at"]];
        let time = time.into_iter().find(|time| !time.is_null());
        assert_eq!(
            json["published_at"],
            *time.unwrap_or(&Value::Null),
            "{}",
            article.url
        );
        assert_media(&json, truth);
        let body = squeezed(&article.body.body_text);
        let starts = squeezed(truth["body_starts"].as_str().unwrap());
        assert!(body.starts_with(&starts), "{}: {body}", article.url);
        if truth["attachments_in_body"] != true {
            let ends = squeezed(truth["body_ends"].as_str().unwrap());
            assert!(body.ends_with(&ends), "{}: {body}", article.url);
        }
    }
}

fn assert_media(article: &Value, truth: &Value) {
    for kind in ["images", "attachments"] {
        let found = article[kind].as_array().unwrap();
        let wanted = truth[kind].as_array().unwrap();
        assert_eq!(found.len(), wanted.len(), "{kind} of {}", article["url"]);
        for (found, wanted) in found.iter().zip(wanted) {
            for key in ["url", "caption", "media_type"] {
                assert_eq!(found[key], wanted[key], "{kind} of {}", article["url"]);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_finds_nothing_and_touches_no_file() {
    use std::os::unix::fs::MetadataExt;
    let replica = Replica::serve().await;
    let bench = Bench::new(&replica);
    let (first, _) = bench.run().await;
    assert!(first.new > 60);
    let stamps = || {
        files(&bench.public(), |path| {
            let metadata = std::fs::metadata(path).unwrap();
            (metadata.ino(), metadata.mtime(), metadata.mtime_nsec())
        })
    };
    let before = stamps();
    let (second, published) = bench.run().await;
    assert_eq!((second.new, second.revised, published.written), (0, 0, 0));
    assert_eq!(stamps(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_page_is_one_revision() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    bench.column = column("initial = 1");
    bench.run().await;
    let before = bench.articles().await;
    replica.edit(SEED, "大会开幕", "大会隆重开幕");
    bench.now = bench.now.plus(TimeDelta::hours(2));
    let (report, _) = bench.run().await;
    assert_eq!((report.new, report.revised), (0, 1));
    let after = bench.articles().await;
    assert_eq!(after.len(), before.len());
    let url = format!("http://{}{SEED}", demo::HOST);
    let (old, new) = (by_url(&before, &url), by_url(&after, &url));
    assert_eq!((new.id, new.revision), (old.id, 2));
    assert_eq!(new.updated_at, bench.now);
    assert_eq!(new.metadata.published_at, old.metadata.published_at);
    let (again, published) = bench.run().await;
    assert_eq!((again.revised, published.written), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_reused_on_another_article_makes_two_and_an_incident() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    bench.column = column("initial = 1");
    let other = String::from_utf8(demo::file(OTHER).unwrap().to_vec()).unwrap();
    let at = other.find("000014349/2025-").unwrap();
    let number = &other[at..at + SEED_NUMBER.len()];
    replica.edit(OTHER, number, SEED_NUMBER);
    bench.run().await;
    let articles = bench.articles().await;
    let bearers = articles.iter().filter(|a| {
        a.metadata
            .index_number
            .as_ref()
            .is_some_and(|n| n.as_str() == SEED_NUMBER)
    });
    assert_eq!(bearers.count(), 2);
    assert_eq!(bench.incidents().await, ["index-conflict"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_that_was_taken_down_leaves_the_live_feed_and_comes_back() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    bench.run().await;
    let atom = |bench: &Bench| {
        std::fs::read_to_string(bench.public().join("lucheng/work-news/atom.xml")).unwrap()
    };
    assert!(atom(&bench).contains(SEED));
    replica.answer(SEED, Reply::Status(404));
    for hours in [2, 26] {
        bench.now = crate::support::morning().plus(TimeDelta::hours(hours));
        let (report, _) = bench.run().await;
        assert!(report.failures.is_empty(), "{:?}", report.failures);
        assert_eq!(report.withdrawn, usize::from(hours == 26));
    }
    assert!(!atom(&bench).contains(SEED));
    replica.restore(SEED);
    bench.now = bench.now.plus(TimeDelta::days(31));
    let (report, _) = bench.run().await;
    assert_eq!(report.restored, 1);
    assert!(atom(&bench).contains(SEED));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_list_or_an_error_page_empties_no_feed() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    bench.column = column("initial = 1");
    bench.run().await;
    let before = articles_told(&bench.public());
    let empty = "<html><head><title>工作动态</title></head><body><ul></ul></body></html>";
    for reply in [
        Reply::Page(empty.as_bytes().to_vec()),
        Reply::Page(Vec::new()),
        Reply::Status(503),
        Reply::Status(404),
    ] {
        replica.answer(FOLDER, reply);
        let (report, _) = bench.run().await;
        assert!(matches!(report.ending, Ending::Failed { .. }), "{report}");
        assert!(articles_told(&bench.public()) == before);
    }
    assert!(bench.incidents().await.contains(&"empty-list".to_owned()));
    replica.restore(FOLDER);
    let (report, _) = bench.run().await;
    assert_eq!(report.ending, Ending::Complete);
    assert!(bench.incidents().await.is_empty(), "over, so closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_that_cannot_be_read_is_tried_again_and_hides_nothing() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    bench.column = column("initial = 1");
    replica.answer(SEED, Reply::Status(500));
    let (report, _) = bench.run().await;
    assert_eq!((report.failures.len(), report.waiting), (1, 1));
    assert!(report.new >= 18, "{report}");
    replica.restore(SEED);
    bench.now = bench.now.plus(TimeDelta::hours(25));
    let (report, _) = bench.run().await;
    assert_eq!(
        (report.new, report.waiting),
        (1, 0),
        "the list says 304, the queue knows better"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_no_article_is_held_back() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    bench.column = column("initial = 1");
    let stub = "<html><head><title></title></head><body></body></html>";
    replica.answer(SEED, Reply::Page(stub.as_bytes().to_vec()));
    let (report, _) = bench.run().await;
    assert_eq!(report.failures.len(), 1);
    assert!(
        report.failures[0].message.contains(SEED),
        "{:?}",
        report.failures
    );
    let url = format!("http://{}{SEED}", demo::HOST);
    assert!(
        bench
            .articles()
            .await
            .iter()
            .all(|article| article.url.as_str() != url)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_run_reads_until_a_page_holds_nothing_unknown() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    bench.column = column("initial = 2");
    let (first, _) = bench.run().await;
    assert_eq!(first.list_pages, 2);
    let first_page = String::from_utf8(demo::file(FOLDER).unwrap().to_vec()).unwrap();
    let item = "<li><a href=\"./202512/t20251229_3123304.html\"";
    let news = "<li><a href=\"./202512/t20251230_3123400.html\" title=\"新增一条\">新增一条</a>\
                <span>2025-12-30</span></li>";
    assert!(first_page.contains(item));
    let listed = first_page.replacen(item, &format!("{news}{item}"), 1);
    replica.answer(FOLDER, Reply::Page(listed.into_bytes()));
    let page = String::from_utf8(demo::file(OTHER).unwrap().to_vec()).unwrap();
    let at = page.find("000014349/2025-").unwrap();
    let number = page[at..at + SEED_NUMBER.len()].to_owned();
    let page = page.replace(&number, "000014349/2025-99999");
    let path = format!("{FOLDER}202512/t20251230_3123400.html");
    replica.answer(&path, Reply::Page(page.into_bytes()));
    let (second, _) = bench.run().await;
    assert_eq!((second.list_pages, second.new), (2, 1), "{second}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_another_process_holds_is_passed_over() {
    let replica = Replica::serve().await;
    let bench = Bench::new(&replica);
    let collector = bench.collector(Progress::silent()).await;
    let host = demo::HOST.to_owned();
    // The first process of the machine lives as long as this test.
    let other = Holder::process(1);
    let store = collector.store.clone();
    assert_eq!(
        store.hosts().lease(&host, &other, bench.now).await.unwrap(),
        None
    );
    let limit = Duration::from_secs(60);
    let report = pipeline::collect(&collector, &bench.column, limit).await;
    assert!(
        matches!(report.ending, Ending::PassedOver { .. }),
        "{report}"
    );
    assert!(report.to_string().contains(&host), "{report}");
    assert_eq!((report.list_pages, report.is_failure()), (0, false));
    store.hosts().release(&host, &other).await.unwrap();
    let dead = Holder::process(u32::MAX - 1);
    assert_eq!(
        store.hosts().lease(&host, &dead, bench.now).await.unwrap(),
        None
    );
    let report = pipeline::collect(&collector, &bench.column, limit).await;
    assert_eq!(
        report.ending,
        Ending::Complete,
        "a dead holder's lease is no obstacle"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_cut_short_by_its_time_limit_keeps_what_it_has_and_goes_on() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    bench.column = column("initial = 1");
    bench.column.fetch.delay = Duration::from_millis(50);
    let collector = bench.collector(Progress::silent()).await;
    let report = pipeline::collect(&collector, &bench.column, Duration::from_millis(400)).await;
    assert_eq!(
        report.ending,
        Ending::TimeLimit,
        "20 pages take a second at this pace"
    );
    collector.store.close().await;
    let had = bench.articles().await;
    assert!(had.len() < 20);
    bench.column.fetch.delay = Duration::ZERO;
    let (report, _) = bench.run().await;
    assert_eq!(report.new + had.len(), 20);
    assert_eq!(bench.articles().await.len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_reads_its_own_pages_by_its_own_rules() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    let ours = column("initial = 1");
    let text = format!(
        "url = \"http://{}{FOLDER}index_1.html\"\n[list]\ninitial = 1\n\
         [article]\nbody = \".TRS_Editor p, .trs_editor_view p\"\n[fetch]\ndelay = \"0s\"\n",
        demo::HOST
    );
    let name = "lucheng/older".parse().unwrap();
    let theirs = Column::parse(name, Path::new("test.toml"), &text).unwrap();
    for column in [&ours, &theirs] {
        bench.column = column.clone();
        bench.run().await;
    }
    let before = bench.articles().await;
    bench.now = bench.now.plus(TimeDelta::hours(2));
    let mut looks = 0;
    for column in [&theirs, &ours] {
        bench.column = column.clone();
        let (report, _) = bench.run().await;
        assert_eq!(report.revised, 0, "{report}");
        looks += report.unchanged;
    }
    assert_eq!(looks, 40);
    assert_eq!(bench.articles().await, before);
}

/// A reply that stands for what a portal shows in place of a page.
fn stub(text: &str) -> Reply {
    let page = format!(
        "<html><head><title>{text}</title></head><body><h1>{text}</h1><div class=\"content\">\
         <p>您访问的页面暂时无法显示，请稍后再试，或者返回首页。给您带来的不便，敬请谅解。</p></div>\
         </body></html>"
    );
    Reply::Page(page.into_bytes())
}

/// A page that says something of its own, in the place of another.
fn other(text: &str) -> Reply {
    let page = format!(
        "<html><head><title>{text}</title></head><body><h1>{text}</h1><div class=\"content\">\
         <p>今日县城有小雨，街道湿滑，环卫工人清扫了落叶，公园里游人稀少。</p></div></body></html>"
    );
    Reply::Page(page.into_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_deeper_list_page_loses_nothing_of_what_stands_on_it() {
    let replica = Replica::serve().await;
    let second = format!("{FOLDER}index_1.html");
    let mut undisturbed = Bench::new(&replica);
    undisturbed.column = column("initial = 2");
    undisturbed.run().await;
    let articles = undisturbed.articles().await.len();
    assert!(articles > 30);
    for broken in [
        Reply::Status(500),
        Reply::Status(403),
        Reply::Status(404),
        stub("请稍候"),
    ] {
        let mut bench = Bench::new(&replica);
        bench.column = column("initial = 2");
        replica.answer(&second, broken.clone());
        let (report, _) = bench.run().await;
        assert!(
            matches!(report.ending, Ending::Failed { .. }),
            "{broken:?}: {report}"
        );
        assert_eq!(
            report.new, 20,
            "what the first page lists is read all the same"
        );
        replica.restore(&second);
        let (report, _) = bench.run().await;
        assert_eq!(report.ending, Ending::Complete, "{report}");
        assert_eq!(bench.articles().await.len(), articles, "{broken:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_page_that_shows_the_first_one_again_ends_no_walk_well() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    bench.column = column("initial = 3");
    replica.answer(
        &format!("{FOLDER}index_1.html"),
        Reply::Redirect("/".to_owned()),
    );
    let (report, _) = bench.run().await;
    let Ending::Failed { reason, .. } = report.ending else {
        panic!("{report}");
    };
    assert_eq!((reason, report.list_pages, report.new), ("list-cut", 1, 20));
    replica.restore(&format!("{FOLDER}index_1.html"));
    assert_eq!(bench.run().await.0.ending, Ending::Complete);
    // One of the sixty stands at two URLs.
    assert_eq!(bench.articles().await.len(), 59);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_page_that_stays_broken_is_the_end_of_the_list_and_an_incident() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    bench.column = column("initial = 2");
    replica.answer(&format!("{FOLDER}index_1.html"), Reply::Status(404));
    for _ in 0..3 {
        assert!(bench.run().await.0.is_failure());
    }
    let (report, _) = bench.run().await;
    assert_eq!(report.ending, Ending::Complete, "{report}");
    assert!(bench.incidents().await.contains(&"list-cut".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_page_with_status_200_overwrites_no_article() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    bench.column = column("initial = 1");
    bench.run().await;
    let before = bench.articles().await;
    for (hours, text, reason) in [
        (2, "页面不存在", "soft-404"),
        (8, "安全验证", "blocked-by-waf"),
        (26, "今日无事可记，一切如常。", "maintenance"),
        (74, "县城今日有雨", "doubtful-page"),
    ] {
        replica.answer(SEED, stub(text));
        if reason == "doubtful-page" {
            replica.answer(SEED, other(text));
        }
        bench.now = crate::support::morning().plus(TimeDelta::hours(hours));
        let (report, _) = bench.run().await;
        assert_eq!((report.revised, report.failures.len()), (0, 1), "{report}");
        assert_eq!(report.failures[0].verdict.code(), reason);
    }
    assert_eq!(bench.articles().await, before);
    let incidents = bench.incidents().await;
    for reason in ["blocked-by-waf", "doubtful-page"] {
        assert!(incidents.iter().any(|open| open == reason), "{incidents:?}");
    }
    replica.restore(SEED);
    bench.now = crate::support::morning().plus(TimeDelta::days(4));
    assert!(!bench.run().await.0.is_failure());
    assert_eq!(bench.articles().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn white_space_is_no_revision() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    bench.column = column("initial = 1");
    bench.run().await;
    for (hours, from, to) in [
        (2, "</p>", "</p>\n\n"),
        (8, "</p>", "&nbsp;</p>"),
        (26, "</p>", "<br></p>"),
    ] {
        replica.edit(SEED, from, to);
        bench.now = crate::support::morning().plus(TimeDelta::hours(hours));
        let (report, published) = bench.run().await;
        assert_eq!(
            (report.revised, published.written),
            (0, 0),
            "{to:?}: {report}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_run_says_nothing_of_how_its_column_is() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    bench.column = column("initial = 1");
    replica.answer(FOLDER, Reply::Status(503));
    bench.run().await;
    let collector = bench.collector(Progress::silent()).await;
    collector.stop.cancel();
    let limit = Duration::from_secs(60);
    let report = pipeline::collect(&collector, &bench.column, limit).await;
    assert_eq!(report.ending, Ending::Stopped);
    let url = bench.column.url.as_str();
    let state = collector
        .store
        .columns()
        .state(&bench.column.name, url)
        .await
        .unwrap();
    assert_eq!((state.failures, state.last_ok_at), (1, None));
}

/// Stops a run after this number of steps, as a kill would, and counts the steps.
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
    let undisturbed = {
        let mut bench = Bench::new(&replica);
        bench.column = column("initial = 2");
        let (progress, steps) = dies_after(usize::MAX);
        bench.run_with(progress).await;
        (bytes(&bench.public()), steps.load(Ordering::SeqCst))
    };
    let (expected, steps) = undisturbed;
    assert!(steps > 100, "{steps}");
    let expected = Arc::new(expected);
    // Every step of collecting, every fourth file: all files are written in the same way.
    let kills = (0..50).chain((50..steps).step_by(4));
    side_by_side(kills, |at| {
        let mut bench = Bench::new(&replica).in_memory();
        bench.column = column("initial = 2");
        let (bench, expected) = (Arc::new(bench), expected.clone());
        async move {
            let doomed = bench.clone();
            let (progress, _) = dies_after(at);
            let killed = tokio::spawn(async move { doomed.run_with(progress).await });
            assert!(killed.await.is_err(), "step {at} was never taken");
            bench.run().await;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_list_page_that_is_a_stub_is_told_as_what_it_is() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    bench.column = column("initial = 1");
    bench.run().await;
    let before = bytes(&bench.public());
    for (text, reason) in [
        ("您访问的页面不存在", "soft-404"),
        ("网站正在升级维护，暂停服务", "maintenance"),
    ] {
        replica.answer(FOLDER, stub(text));
        let (report, _) = bench.run().await;
        let Ending::Failed {
            reason: told,
            message,
            ..
        } = report.ending
        else {
            panic!("{text}: {report}");
        };
        assert_eq!(told, reason);
        assert!(message.contains(FOLDER), "{message}");
    }
    assert_eq!(bytes(&bench.public()), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_selector_that_matches_nothing_is_named() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    bench.column = column("initial = 1\nitem = \"ul.gone > li\"");
    let empty = "<html><head><title>工作动态</title></head><body><ul></ul></body></html>";
    replica.answer(FOLDER, Reply::Page(empty.as_bytes().to_vec()));
    let (report, _) = bench.run().await;
    let Ending::Failed {
        reason, message, ..
    } = report.ending
    else {
        panic!("{report}");
    };
    assert_eq!(reason, "layout-changed");
    assert!(message.contains("ul.gone > li"), "{message}");
    assert!(
        bench
            .incidents()
            .await
            .contains(&"layout-changed".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn robots_txt_keeps_a_column_from_being_asked_and_says_so() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    bench.column = column("initial = 1");
    bench.run().await;
    let before = articles_told(&bench.public());
    let rules = b"User-agent: *\nDisallow: /lcxxgk/\n".to_vec();
    replica.answer("/robots.txt", Reply::Page(rules));
    // A copy counts for a day.
    bench.now = bench.now.plus(TimeDelta::hours(25));
    let (report, _) = bench.run().await;
    let Ending::Failed {
        reason, message, ..
    } = report.ending
    else {
        panic!("{report}");
    };
    assert_eq!(reason, "robots");
    assert!(message.contains("robots = false"), "{message}");
    assert!(bench.incidents().await.contains(&"robots".to_owned()));
    assert!(articles_told(&bench.public()) == before);
    bench.column.fetch.robots = false;
    assert!(!bench.run().await.0.is_failure());
}

#[tokio::test(flavor = "multi_thread")]
async fn articles_behind_https_that_nobody_serves_are_read_over_http() {
    let replica = Replica::serve().await;
    let page = format!("{FOLDER}index.html");
    let secure = format!("href=\"https://{}{FOLDER}2025", demo::HOST);
    for page in [&page, FOLDER] {
        replica.edit(page, "href=\"./2025", &secure);
    }
    let mut bench = Bench::new(&replica);
    bench.column = column("initial = 1");
    let to = format!("{}:443:127.0.0.1:{}", demo::HOST, replica.port);
    bench.routes.push(to.parse().unwrap());
    let (report, _) = bench.run().await;
    assert!(report.failures.is_empty(), "{:?}", report.failures);
    let articles = bench.articles().await;
    assert_eq!(articles.len(), 20);
    // The article has the title of the list.
    assert!(
        articles
            .iter()
            .all(|article| article.url.scheme() == "https")
    );
    let (again, _) = bench.run().await;
    assert_eq!(again.new, 0, "{again}");
}
