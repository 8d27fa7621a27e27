//! Portals that make dibao store more and more: floods, and texts that are never the same.
//!
//! Owns these rows of the table. Never leaves loopback.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use chrono::TimeDelta;
use dibao::demo::hostile::{ARTICLE, COLUMN};
use dibao::model::ChangeKind;
use dibao::pipeline::{Ending, Reach, Standing};

use super::{Case, reasons};
use crate::support::replica::{Replica, column};

/// A host that floods from the start. The first run wants five list pages.
async fn flooded(fault: &str, limits: &str) -> Case {
    let mut case = Case::broken_with(fault, limits).await;
    case.bench.column.list.initial = Some(5);
    case
}

fn left_aside(ending: &Ending) -> Option<&str> {
    match ending {
        Ending::LeftAside { reason, message } if *reason == "flood" => Some(message),
        _ => None,
    }
}

/// The bytes of a folder's files.
fn bytes_of(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let sizes = entries.map(|entry| {
        let file = entry.metadata().unwrap();
        match file.is_dir() {
            true => bytes_of(&entry.path()),
            false => file.len(),
        }
    });
    sizes.sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_55_new_items_are_taken_in_up_to_the_limit_of_the_day_and_the_rest_later() {
    for fault in ["55-new", "55-endless"] {
        let mut case = flooded(fault, "limits.new_items = 30").await;
        let report = case.run().await;
        let message = left_aside(&report.ending).unwrap_or_else(|| panic!("{fault}: {report}"));
        for said in [
            "30 new items",
            "limits.new_items",
            "nothing that is known is lost",
        ] {
            assert!(message.contains(said), "{fault}: {message}");
        }
        assert!(!report.is_failure(), "{fault}: {report}");
        assert_eq!(report.new, 30, "{fault}: {report}");
        for hours in [1, 1, 1] {
            let report = case.run_after(hours).await;
            assert!(left_aside(&report.ending).is_some(), "{fault}: {report}");
            assert_eq!(report.new, 0, "{fault}: {report}");
            assert!(report.list_pages <= 2, "{fault}: {report}");
        }
        assert_eq!(case.bench.articles().await.len(), 30, "{fault}");
        let told = case.bench.told().await;
        let told: Vec<(&str, u32)> = told
            .iter()
            .map(|incident| (incident.reason.as_str(), incident.seen_count))
            .collect();
        assert_eq!(told, [("flood", 4)], "{fault}: told once");

        // The limit is that of a day.
        let report = case.run_after(24).await;
        assert_eq!(report.new, 30, "{fault}: {report}");
        assert_eq!(case.bench.incidents().await, ["flood"], "{fault}");

        // The portal is itself again: what it lists is read, and the incident is over.
        case.heal();
        let mut days = 0;
        while case.bench.incidents().await.contains(&"flood".to_owned()) {
            case.run_after(24).await;
            days += 1;
            assert!(days < 9, "{fault}");
        }
        let articles = case.bench.articles().await;
        assert!(articles.len() > 60 + 60, "{fault}: {}", articles.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_55_requests_end_at_the_limit_of_the_day() {
    let mut case = flooded("55-endless", "limits.requests = 30").await;
    case.run().await;
    let asked = case.hostile.visits(&case.host).len();
    assert_eq!(asked, 30, "robots.txt and pages");
    let report = case.run_after(1).await;
    let message = left_aside(&report.ending).expect("no further request");
    assert!(message.contains("limits.requests"), "{message}");
    assert_eq!(case.hostile.visits(&case.host).len(), asked);
    let before = case.bench.articles().await.len();
    let report = case.run_after(24).await;
    assert!(report.new > 20, "{report}");
    assert!(case.bench.articles().await.len() > before);
    assert_eq!(case.hostile.visits(&case.host).len(), asked + 30);
    assert_eq!(case.bench.incidents().await, ["flood"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_55_huge_pages_stay_under_the_limit_of_bytes_for_runs_and_queued_backfills() {
    const LIMIT: u64 = 60 << 20;
    let mut case = flooded("55-huge", "limits.stored = \"60MiB\"").await;
    for _ in 0..5 {
        case.run_after(1).await;
    }
    let all = bytes_of(case.bench.folder.path());
    // The last answer may go beyond the limit, and one was asked for meanwhile.
    assert!(all < LIMIT + (40 << 20), "{all} bytes");
    assert!(all > LIMIT / 2, "{all} bytes");
    let known = case.bench.articles().await.len();
    assert!(known > 2, "{known}");
    assert_eq!(case.bench.incidents().await, ["flood"]);
    let report = case.run_after(1).await;
    let message = left_aside(&report.ending).expect("no further request");
    assert!(
        message.contains("60 MiB") && message.contains("limits.stored"),
        "{message}"
    );
    // The next day brings more, and loses nothing.
    case.run_after(24).await;
    assert!(case.bench.articles().await.len() > known);
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_55_a_flood_of_many_days_fills_no_disk_and_its_end_is_noticed() {
    let mut case = flooded("55-huge", "limits = { stored = \"24MiB\", requests = 400 }").await;
    let mut grown = Vec::new();
    let mut before = case.bench.articles().await.len();
    let mut said = Vec::new();
    for day in 0..10 {
        for _ in 0..2 {
            let report = case.run_after(1).await;
            said.extend(left_aside(&report.ending).map(str::to_owned));
        }
        let after = case.bench.articles().await.len();
        if after > before {
            grown.push(day);
        }
        before = after;
        case.bench.now = case.bench.now.plus(TimeDelta::hours(22));
    }
    // Then it rests for a day, for three, and for seven.
    assert_eq!(grown, [0, 1, 2, 4, 8], "{said:#?}");
    let first = &said[0];
    assert!(
        first.contains("24 MiB") && first.contains("from tomorrow on"),
        "{first}"
    );
    let resting = said.iter().find(|said| said.contains("rests today"));
    assert!(
        resting.is_some_and(|said| said.contains("limits.stored")),
        "{said:#?}"
    );
    let all = bytes_of(case.bench.folder.path());
    assert!(all < 100 << 20, "{all} bytes");
    let is_told = |incidents: Vec<String>| incidents.contains(&"flood".to_owned());
    assert!(is_told(case.bench.incidents().await));

    // The portal is itself again: on the next day that it is asked, little is read, and then all.
    case.heal();
    let report = case.run_after(24 * 6).await;
    assert!(left_aside(&report.ending).is_some(), "{report}");
    let before = case.hostile.visits(&case.host).len();
    case.run_after(24).await;
    assert_eq!(case.hostile.visits(&case.host).len() - before, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_55_no_more_items_wait_than_the_queue_may_hold() {
    let more = "limits.queued = 90\nlimits.requests = 12";
    let mut case = flooded("55-endless", more).await;
    for _ in 0..3 {
        case.run_after(24).await;
        let store = case.bench.store().await;
        let waiting = store
            .queue()
            .waiting(&case.bench.column.name)
            .await
            .unwrap();
        store.close().await;
        assert!((1..=90).contains(&waiting), "{waiting}");
    }
    assert_eq!(case.bench.incidents().await, ["flood"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_55_a_backfill_that_a_person_asked_for_has_a_limit_of_bytes_alone() {
    let replica = Replica::serve().await;
    let mut bench = crate::support::replica::Bench::new(&replica);
    bench.column = column("initial = 1\n[limits]\nnew_items = 20\nrequests = 22\n");
    let (report, _) = bench.run().await;
    assert_eq!(report.new, 20, "{report}");
    let (report, _) = bench.backfill(Reach::default()).await;
    assert_eq!(report.halt.standing, Standing::Complete, "{report}");
    let all = bench.articles().await.len();
    assert!(all > 70, "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_55_a_backfill_at_its_limit_goes_on_the_next_day() {
    let replica = Replica::serve().await;
    let mut bench = crate::support::replica::Bench::new(&replica);
    bench.column = column("initial = 1\n[limits]\nstored = \"400KiB\"\n");
    let (report, _) = bench.backfill(Reach::default()).await;
    assert_eq!(report.halt.standing, Standing::Paused, "{report}");
    assert_eq!(report.halt.reason, "flood", "{report}");
    assert_eq!(bench.incidents().await, ["flood"]);
    let mut known = BTreeSet::new();
    let mut days = 0;
    loop {
        bench.run().await;
        let collector = bench.collector(dibao::pipeline::Progress::silent()).await;
        let piece = Reach {
            pages: Some(dibao::pipeline::PIECE),
            ..Reach::default()
        };
        let wanted = collector.store.backfills().wanted().await.unwrap();
        while dibao::pipeline::work_off(&collector, &bench.column, &piece)
            .await
            .is_some_and(|report| report.halt.reason == "page-limit")
        {}
        collector.store.close().await;
        let articles = bench.articles().await;
        let now: BTreeSet<_> = articles.iter().map(|article| article.id).collect();
        assert!(known.is_subset(&now), "nothing is lost");
        known = now;
        if wanted.is_empty() {
            break;
        }
        bench.now = bench.now.plus(TimeDelta::days(1));
        days += 1;
        assert!(days < 60, "{} articles", known.len());
    }
    assert!(days > 1, "{days}");
    assert!(known.len() > 70, "{}", known.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_57_a_text_that_is_never_the_same_makes_three_revisions_and_is_told_once() {
    for fault in ["57-line", "57-order", "57-file"] {
        let mut case = Case::collected(fault).await;
        let mut last = case.article().await.unwrap();
        for (look, hours) in [2, 5, 20, 50, 100].into_iter().enumerate() {
            let report = case.run_after(hours).await;
            assert_eq!(reasons(&report).len(), 0, "{fault}: {report}");
            let now = case.article().await.unwrap();
            assert_ne!(now.content_sha256, last.content_sha256, "{fault}: {look}");
            let is_revision = look < 3;
            let revision = last.revision + u32::from(is_revision);
            assert_eq!(now.revision, revision, "{fault}: {look}");
            assert_eq!(now.updated_at == last.updated_at, !is_revision, "{fault}");
            let told: &[&str] = if is_revision { &[] } else { &["volatile"] };
            assert_eq!(case.bench.incidents().await, told, "{fault}: {look}");
            last = now;
        }
        let file = |name: &str| {
            let path = format!("lucheng/work-news/{name}");
            fs::read_to_string(case.bench.public().join(path)).unwrap()
        };
        let entries = file("revisions.atom").matches("<entry>").count();
        assert_eq!(entries, 3, "{fault}");
        // The newest text is published.
        let feed: serde_json::Value = serde_json::from_str(&file("articles.json")).unwrap();
        let shown = feed["articles"].as_array().or(feed.as_array()).unwrap();
        let id = last.id.to_string();
        let shown = shown.iter().find(|article| article["id"] == id).unwrap();
        assert_eq!(shown["content_sha256"], last.content_sha256, "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_57_the_last_look_ends_it_with_one_revision_of_what_changed() {
    let mut case = Case::collected("57-line").await;
    for hours in [2, 5, 20] {
        case.run_after(hours).await;
    }
    let told = case.article().await.unwrap();
    for hours in [50, 100] {
        case.run_after(hours).await;
        assert_eq!(case.article().await.unwrap().revision, told.revision);
        assert_eq!(case.bench.incidents().await, ["volatile"]);
    }
    case.run_after(31 * 24).await;
    let last = case.article().await.unwrap();
    assert_ne!(last.content_sha256, told.content_sha256);
    assert_eq!(last.revision, told.revision + 1);
    assert!(last.updated_at > told.updated_at);
    let open = case.bench.incidents().await;
    assert!(!open.contains(&"volatile".to_owned()), "{open:?}");
    // It is over: the article is looked at no more.
    case.run_after(31 * 24).await;
    assert_eq!(case.article().await.unwrap(), last);
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_57_two_equal_looks_end_it_with_one_revision_of_what_changed() {
    let mut case = Case::collected("57-line").await;
    let url = case.url(ARTICLE);
    for hours in [2, 5, 20] {
        case.run_after(hours).await;
    }
    let told = case.article().await.unwrap();
    case.run_after(50).await;
    assert_eq!(case.bench.incidents().await, ["volatile"]);
    // The text of the replica differs once more, and then stays.
    case.heal();
    case.run_after(100).await;
    let still = case.article().await.unwrap();
    assert_eq!(
        (still.revision, still.updated_at),
        (told.revision, told.updated_at)
    );
    case.run_after(24 * 24).await;
    let last = case.article().await.unwrap();
    assert_eq!(last.revision, told.revision + 1);
    assert!(last.updated_at > told.updated_at);
    let open = case.bench.incidents().await;
    assert!(!open.contains(&"volatile".to_owned()), "{url}: {open:?}");

    let store = case.bench.store().await;
    let changes = store.changes().of_article(last.id).await.unwrap();
    let kinds: Vec<ChangeKind> = changes.iter().map(|change| change.kind).collect();
    let name = &case.bench.column.name;
    let revisions = store.publications().revisions(name, 10).await.unwrap();
    store.close().await;
    assert_eq!(
        kinds,
        [
            ChangeKind::Added,
            ChangeKind::Revised,
            ChangeKind::Revised,
            ChangeKind::Revised,
            ChangeKind::Amended,
            ChangeKind::Amended,
            ChangeKind::Revised,
        ]
    );
    // It tells what changed since the last text that was told.
    let (change, before) = &revisions[0];
    assert_eq!(change.article.content_sha256, last.content_sha256);
    let before = before.as_ref().unwrap();
    assert_eq!(before.content_sha256, told.content_sha256);
    assert!(case.asked(COLUMN).len() > 5);
}
