//! `robots.txt`: out of order, endless, forbidding, absent.
//!
//! Owns the faults of `robots.txt`. Never leaves loopback.

use std::time::Duration;

use dibao::demo::hostile::COLUMN;
use dibao::pipeline::{self, Ending, Progress};

use super::{Case, reasons};

#[tokio::test(flavor = "multi_thread")]
async fn fault_40_a_portal_without_robots_txt_is_read() {
    for fault in ["40-404", "40-403"] {
        let case = Case::broken(fault).await;
        let report = case.run().await;
        assert_eq!(report.ending, Ending::Complete, "{fault}: {report}");
        assert_eq!(report.new, 20, "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_40_what_robots_txt_forbids_or_leaves_open_is_not_fetched() {
    for fault in ["40-503", "40-disallow", "40-huge"] {
        // A good robots.txt counts for a day.
        let mut case = Case::collected(fault).await;
        let report = case.run_after(25).await;
        let reasons = reasons(&report);
        assert!(!reasons.is_empty(), "{fault}: {report}");
        assert!(
            reasons.iter().all(|reason| *reason == "robots"),
            "{fault}: {report}"
        );
        assert!(case.asked(COLUMN).is_empty(), "{fault}");
        for failure in &report.failures {
            let named = failure.message.starts_with(failure.url.as_str());
            assert!(named, "{fault}: {}", failure.message);
        }
        case.unharmed().await;
        case.heals().await;
        case.unharmed().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_40_a_crawl_delay_is_kept() {
    let case = Case::broken("40-delay").await;
    let collector = case.bench.collector(Progress::silent()).await;
    // Long enough for some pages, too short for all at this pace.
    let limit = Duration::from_secs(5);
    let report = pipeline::collect(&collector, &case.bench.column, limit).await;
    assert_eq!(report.ending, Ending::TimeLimit, "{report}");
    collector.store.close().await;
    let mut visits = case.hostile.visits(&case.host);
    visits.retain(|visit| visit.path != "/robots.txt");
    assert!(visits.len() >= 2);
    for two in visits.windows(2) {
        let gap = two[1].start.duration_since(two[0].start);
        assert!(gap >= Duration::from_secs(1), "{gap:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_40_a_crawl_delay_that_leaves_no_time_for_the_lists_is_told() {
    let mut case = Case::broken("40-delay").await;
    case.bench.column.list.initial = Some(3);
    let collector = case.bench.collector(Progress::silent()).await;
    // The second list page would be asked for a second after the first.
    let limit = Duration::from_millis(1800);
    let report = pipeline::collect(&collector, &case.bench.column, limit).await;
    collector.store.close().await;
    assert_eq!(report.ending, Ending::TimeLimit);
    assert!(report.list_pages < 3, "{report}");
    assert!(report.to_string().contains("walk-time"), "{report}");
    assert_eq!(case.bench.incidents().await, ["walk-time"]);
    case.bench.column.fetch.robots = false;
    let report = case.run().await;
    assert_eq!(report.ending, Ending::Complete, "{report}");
    assert_eq!(case.bench.incidents().await, Vec::<String>::new());
}
