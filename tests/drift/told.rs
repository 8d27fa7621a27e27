//! Drift that only opens an incident: rules that match nothing, short lists, silence.
//!
//! Owns these incidents. Never leaves loopback.

use dibao::demo;

use super::{ITEMS, NEWS, Portal, all, is_odd};
use crate::support::replica::{Bench, Replica, column_of};

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_far_shorter_than_ever_is_told_until_it_is_usual() {
    let mut portal = Portal::collected("").await;
    for without in [NEWS - 1, NEWS - 2] {
        portal.lists(without);
        portal.run_after(1).await;
    }
    portal.lists(ITEMS - 4);
    let report = portal.run_after(1).await;
    assert!(!report.is_failure(), "{report}");
    let told = portal.bench.told().await.remove(0);
    let (code, said) = (told.reason, told.message);
    assert_eq!(code, "list-shrunk");
    let share = "lists 4 items since 2025-12-30T12:00:00+08:00, and never listed fewer than 14";
    assert!(said.contains(share), "{said}");
    assert!(
        portal
            .run_after(1)
            .await
            .to_string()
            .contains("list-shrunk")
    );
    assert_eq!(portal.bench.incidents().await, ["list-shrunk"]);
    portal.lists(NEWS);
    portal.run_after(1).await;
    assert_eq!(portal.bench.incidents().await, Vec::<String>::new());
    portal.lists(ITEMS - 4);
    portal.run_after(1).await;
    assert_eq!(portal.bench.incidents().await, ["list-shrunk"]);
    portal.run_after(24 * 7).await;
    assert_eq!(portal.bench.incidents().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_is_silent_for_far_longer_than_ever_is_told_until_the_next_article() {
    let mut portal = Portal::collected("").await;
    for (days, told) in [(13, false), (10, true), (1, true)] {
        let report = portal.run_after(24 * days).await;
        assert!(!report.is_failure(), "{report}");
        let incidents = portal.bench.incidents().await;
        assert_eq!(incidents == ["silent"], told, "{days}: {incidents:?}");
    }
    let said = portal.bench.told().await.remove(0).message;
    assert!(
        said.contains("nothing new since 2025-12-30, for 24 days"),
        "{said}"
    );
    portal.lists(0);
    let report = portal.run_after(1).await;
    assert_eq!(report.new, NEWS, "{report}");
    assert_eq!(portal.bench.incidents().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_of_the_feed_file_that_match_nothing_are_named_and_the_general_layers_take_over() {
    let rules =
        "article.title = \"h2.title\"\narticle.issuer = \"发文机关\"\narticle.body = \"#zoom\"";
    let mut portal = Portal::collected(rules).await;
    portal.rebuild(|page, part| !is_odd(page) || part != "text");
    let report = portal.run_after(2).await;
    assert_eq!(
        (report.new, report.revised, report.waiting),
        (NEWS - 1, 0, 1),
        "{report}"
    );
    // Without the rule, the text is far shorter than usual.
    let failures = report.failures.iter();
    let failures: Vec<_> = failures
        .map(|f| (f.verdict.code(), f.url.as_str()))
        .collect();
    let odd = portal.pages.iter().find(|page| is_odd(page)).unwrap();
    assert_eq!(failures, [("layout-changed", odd.url.as_str())]);
    let told = portal.bench.told().await.remove(0);
    assert_eq!(told.reason, "layout-changed");
    for part in [
        "nothing matches article.title = \"h2.title\" on 14 of the 14 articles",
        "nothing matches article.issuer = \"发文机关\" on",
        "nothing matches article.body = \"#zoom\" on",
        "title is found by \"label 信息名称\" now",
    ] {
        assert!(told.message.contains(part), "{part}: {}", told.message);
    }
    portal.rebuild(all);
    portal.run_after(25).await;
    portal.are_published_once().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_selector_for_the_next_list_page_that_matches_nothing_is_named() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    bench.column = column_of(
        "lucheng/work-news",
        "http",
        demo::HOST,
        "list.next = \"a.xyy\"",
    );
    let (report, _) = bench.run().await;
    assert_eq!((report.new, report.failures.len()), (ITEMS, 0), "{report}");
    let told = bench.told().await.remove(0);
    assert_eq!(told.reason, "layout-changed");
    assert!(
        told.message.contains("list.next = \"a.xyy\""),
        "{}",
        told.message
    );
    bench.column = column_of("lucheng/work-news", "http", demo::HOST, "");
    bench.run().await;
    assert!(bench.incidents().await.is_empty());
}
