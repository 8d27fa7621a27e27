//! Stubs: pages without content, with status 200.
//!
//! Owns the faults of stubs. Never leaves loopback.

use dibao::demo::Reply;
use dibao::demo::hostile::{ARTICLE, NEIGHBOUR};
use dibao::pipeline::Ending;

use super::{Case, article_fails, list_fails, reasons};
use crate::support::replica::{Bench, Replica, column};

#[tokio::test(flavor = "multi_thread")]
async fn fault_05_a_walls_script_with_status_200_is_no_column() {
    for fault in ["05-cookie", "05-ts"] {
        list_fails(fault, "blocked-by-waf", 1, "").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_05_a_walls_script_is_no_article_and_overwrites_none() {
    article_fails("05-article", "blocked-by-waf", "").await;
    let mut case = Case::collected("05-article").await;
    let report = case.run_after(2).await;
    assert_eq!(reasons(&report), ["blocked-by-waf"], "{report}");
    assert_eq!(case.asked(ARTICLE).len(), 1);
    case.unharmed().await;
    case.heals().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_06_an_error_page_with_status_200_loses_nothing() {
    for fault in ["06-list", "06-log-in", "06-maintenance"] {
        let mut case = Case::collected(fault).await;
        let report = case.run().await;
        assert_eq!(reasons(&report).len(), 1, "{fault}: {report}");
        case.unharmed().await;
        case.heals().await;
        case.unharmed().await;
    }
    for fault in ["06-article", "06-home"] {
        let mut case = Case::collected(fault).await;
        let report = case.run_after(2).await;
        assert_eq!(reasons(&report).len(), 1, "{fault}: {report}");
        case.unharmed().await;
        case.heals().await;
        case.unharmed().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_06_the_portals_first_page_in_the_place_of_an_article_is_none() {
    article_fails("06-home", "soft-404", "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_06_an_error_page_is_called_what_it_is() {
    article_fails("06-article", "soft-404", "").await;
    for (fault, reason) in [
        ("06-list", "soft-404"),
        ("06-log-in", "log-in"),
        ("06-maintenance", "maintenance"),
    ] {
        list_fails(fault, reason, 1, "").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_05_one_walled_page_is_the_pages_matter_and_two_in_a_row_are_the_hosts() {
    const WALL: &[u8] = b"<html><script>document.cookie='C3VK=1';location.reload()</script></html>";
    for (walled, new, rests) in [
        (&[NEIGHBOUR][..], 19, false),
        (&[NEIGHBOUR, ARTICLE], 18, true),
    ] {
        let replica = Replica::serve().await;
        let mut bench = Bench::new(&replica);
        bench.column = column("initial = 1");
        for path in walled {
            replica.answer(path, Reply::Page(WALL.to_vec()));
        }
        let report = bench.run().await.0;
        assert_eq!(
            (report.new, report.failures.len()),
            (new, walled.len()),
            "{report}"
        );
        assert!(
            reasons(&report)
                .iter()
                .all(|reason| *reason == "blocked-by-waf")
        );
        let again = bench.run().await.0;
        assert_eq!(
            matches!(again.ending, Ending::Resting { .. }),
            rests,
            "{again}"
        );
        // Neither is asked for again soon, and both are once they are due and the wall is gone.
        for path in walled {
            replica.restore(path);
        }
        bench.now = bench.now.plus(chrono::TimeDelta::hours(25));
        let report = bench.run().await.0;
        assert_eq!(
            (&report.ending, report.waiting),
            (&Ending::Complete, 0),
            "{report}"
        );
        assert_eq!(bench.articles().await.len(), 20);
    }
}
