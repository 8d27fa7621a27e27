//! Drift that only opens an incident: fields that nobody asked for and that are lost, rules that
//! match nothing, short lists, silence.
//!
//! Owns these incidents. Never leaves loopback.

use dibao::demo;

use super::{ITEMS, NEWS, Portal, Shows, all, is_odd};
use crate::support::replica::{Bench, Replica, column_of};

/// How often this was told in all.
async fn times_told(portal: &Portal, code: &str) -> usize {
    let store = portal.bench.store().await;
    let told = store.incidents().latest(100).await.unwrap();
    store.close().await;
    let alike = told.iter().filter(|(incident, _)| incident.reason == code);
    alike.count()
}

#[tokio::test(flavor = "multi_thread")]
async fn news_that_loses_a_field_nobody_asked_for_is_published_at_once_and_told_once() {
    // Only 11 of the 14 known articles have a source.
    let losses: [(&str, Shows); 3] = [
        ("source", |_, label| label != "信息来源"),
        ("issuer", |_, label| label != "发布机构"),
        ("issued_on", |_, label| label != "成文日期"),
    ];
    for (field, shows) in losses {
        let mut portal = Portal::collected("").await;
        let (before, had) = (portal.known().await, portal.bench.articles().await);
        portal.rebuild(shows);
        let report = portal.releases(2).await;
        assert_eq!(report.unchanged, ITEMS - NEWS, "{field}: {report}");
        assert_eq!(portal.bench.incidents().await, ["field-lost"], "{field}");
        let said = portal.bench.told().await.remove(0).message;
        for part in [
            format!("{field} is missing on 14 of the 14 articles"),
            "new articles are published without it, known ones keep it".to_owned(),
            "list it as optional under [fields]".to_owned(),
        ] {
            assert!(said.contains(&part), "{part}: {said}");
        }
        // What was published keeps what it had, and is no edit; so it stays when it is looked at
        // again, and when the archive is read again.
        for days in [1, 3, 5, 30] {
            let report = portal.run_after(24 * days).await;
            assert_eq!((report.new, report.revised), (0, 0), "{field}: {report}");
            let failures = &report.failures;
            assert!(failures.is_empty(), "{field}: {report}: {failures:#?}");
        }
        let (after, has) = (portal.known().await, portal.bench.articles().await);
        assert!(
            before
                .iter()
                .all(|(url, known)| after.get(url) == Some(known))
        );
        for article in &had {
            let now = has.iter().find(|now| now.id == article.id).unwrap();
            assert_eq!(now.metadata, article.metadata, "{field}");
        }
        let reread = portal.bench.reread().await;
        assert_eq!((reread.unchanged, reread.otherwise), (ITEMS, 0), "{reread}");
        assert_eq!(times_told(&portal, "field-lost").await, 1, "{field}");
        // After a week it is usual, and nobody is told any more.
        let told = portal.bench.incidents().await;
        assert!(
            !told.contains(&"field-lost".to_owned()),
            "{field}: {told:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_lost_fields_are_one_incident_and_hold_back_nothing() {
    let mut portal = Portal::collected("").await;
    portal.rebuild(|_, label| !["发布机构", "成文日期"].contains(&label));
    portal.releases(2).await;
    portal.run_after(1).await;
    let told = portal.bench.told().await;
    assert_eq!(told.len(), 1, "{told:?}");
    for field in ["issuer", "issued_on"] {
        let part = format!("{field} is missing on");
        assert!(
            told[0].message.contains(&part),
            "{part}: {}",
            told[0].message
        );
    }
    // A field that the feed file names holds beside them, and releases with the next change of it.
    let mut portal = Portal::collected("fields.usual = [\"issued_on\"]").await;
    portal.rebuild(|_, label| !["发布机构", "成文日期"].contains(&label));
    portal.holds_back(2).await;
    portal.bench.column = column_of("lucheng/work-news", "http", demo::HOST, "");
    portal.releases(1).await;
}

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
