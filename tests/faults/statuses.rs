//! Servers in trouble, servers that ask for a rest, pages that are gone, firewalls.
//!
//! Owns the faults of statuses. Never leaves loopback.

use std::time::Duration;

use chrono::TimeDelta;
use dibao::demo::hostile::{ARTICLE, COLUMN};
use dibao::pipeline::{AskedBy, Ending};

use super::{Case, article_fails, list_fails, reasons};

#[tokio::test(flavor = "multi_thread")]
async fn fault_01_a_server_in_trouble_is_tried_four_times_and_nothing_is_lost() {
    for status in [500, 502, 503, 504, 408] {
        list_fails(&format!("01-{status}"), "http-status", 4, "").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_01_an_article_in_trouble_keeps_no_other_from_being_read() {
    article_fails("01-article", "http-status", "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_01_trouble_that_passes_within_a_run_is_none() {
    let case = Case::broken("01-flaky").await;
    let report = case.run().await;
    assert_eq!(report.ending, Ending::Complete, "{report}");
    assert_eq!(report.new, 20);
    assert_eq!(case.asked(COLUMN).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_01_a_column_that_goes_on_failing_is_an_incident() {
    let mut case = Case::collected("01-503").await;
    for _ in 0..3 {
        assert_eq!(reasons(&case.run_after(25).await), ["http-status"]);
    }
    assert!(
        case.bench
            .incidents()
            .await
            .contains(&"http-status".to_owned())
    );
    case.heals().await;
    assert_eq!(case.bench.incidents().await, Vec::<String>::new());
    case.unharmed().await;
}

/// Nobody asked for the run: the timetable came by.
async fn comes_by(case: &mut Case, minutes: i64) -> (Ending, usize) {
    case.bench.asked_by = AskedBy::Timetable;
    case.bench.now = case.bench.now.plus(TimeDelta::minutes(minutes));
    let before = case.hostile.visits(&case.host).len();
    let report = case.run().await;
    let asked = case.hostile.visits(&case.host).len() - before;
    (report.ending, asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_01_a_host_in_trouble_rests_ever_longer_and_is_never_given_up() {
    let mut case = Case::collected("01-503").await;
    let (ending, asked) = comes_by(&mut case, 60).await;
    assert!(matches!(ending, Ending::Failed { .. }), "{ending:?}");
    assert_eq!(asked, 4);
    let hour = 60;
    let (day, half) = (24 * hour, 30);
    for rest in [
        15,
        half,
        hour,
        2 * hour,
        4 * hour,
        8 * hour,
        16 * hour,
        day,
        day,
        day,
    ] {
        let (ending, asked) = comes_by(&mut case, rest - 1).await;
        let Ending::Resting { resting, .. } = &ending else {
            panic!("{rest}: {ending:?}");
        };
        assert_eq!(
            (resting.reason.as_str(), asked),
            ("http-status", 0),
            "{rest}"
        );
        assert_eq!(resting.until, case.bench.now.plus(TimeDelta::minutes(1)));
        let (ending, asked) = comes_by(&mut case, 1).await;
        assert!(
            matches!(ending, Ending::Failed { .. }),
            "{rest}: {ending:?}"
        );
        // Once a day robots.txt is read again.
        assert!((4..=8).contains(&asked), "{rest}: {asked}");
    }
    case.unharmed().await;
    // A person who asks again and again makes it rest no longer.
    case.bench.asked_by = AskedBy::Person;
    let rests = async |case: &Case| {
        let store = case.bench.store().await;
        let resting = store.hosts().trouble(&case.host, case.bench.now).await;
        store.close().await;
        resting
            .unwrap()
            .map(|resting| (resting.failures, resting.until))
    };
    let before = rests(&case).await;
    for _ in 0..3 {
        case.run().await;
    }
    assert!(
        before.is_some() && rests(&case).await == before,
        "{before:?}"
    );
    // A person who asks is not told to wait, and once it is well it rests no more.
    case.heal();
    case.bench.asked_by = AskedBy::Person;
    assert_eq!(case.run().await.ending, Ending::Complete);
    let (ending, asked) = comes_by(&mut case, 1).await;
    assert!(
        ending == Ending::Complete && asked > 0,
        "{ending:?}, {asked}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_02_a_host_that_asks_for_rest_is_asked_no_more() {
    for fault in ["02-429", "02-503", "02-long"] {
        list_fails(fault, "http-status", 1, "").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_02_a_short_rest_is_waited_for() {
    let case = Case::broken("02-short").await;
    let report = case.run().await;
    assert_eq!(report.ending, Ending::Complete, "{report}");
    let asked = case.asked(COLUMN);
    assert_eq!(asked.len(), 2);
    let rest = asked[1].start.duration_since(asked[0].start);
    assert!(rest >= Duration::from_secs(1), "{rest:?}");
}

#[tokio::test(flavor = "multi_thread")]

async fn fault_02_rest_is_kept_by_the_next_process_too() {
    for (fault, rest) in [("02-429", 1), ("02-503", 1), ("02-long", 24)] {
        let mut case = Case::collected(fault).await;
        case.run().await;
        assert_eq!(case.asked(COLUMN).len(), 1, "{fault}");
        case.heal();
        case.bench.now = case
            .bench
            .now
            .plus(chrono::TimeDelta::minutes(60 * rest - 5));
        case.run().await;
        let since = case.hostile.visits(&case.host).len() - case.visits;
        let robots = case.asked("/robots.txt").len();
        assert_eq!(
            since - robots,
            1,
            "{fault}: nothing was asked for meanwhile"
        );
        let report = case.run_after(1).await;
        assert_eq!(report.ending, Ending::Complete, "{fault}: {report}");
        case.unharmed().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_03_a_page_that_is_gone_is_withdrawn_after_a_second_look_and_comes_back() {
    for fault in ["03-404", "03-410"] {
        let mut case = Case::collected(fault).await;
        let report = case.run_after(2).await;
        assert_eq!(
            (reasons(&report).len(), report.withdrawn),
            (0, 0),
            "{report}"
        );
        assert_eq!(case.asked(ARTICLE).len(), 1, "{fault}");
        case.unharmed().await;
        let report = case.run_after(25).await;
        assert_eq!(report.withdrawn, 1, "{fault}: {report}");
        assert_eq!(case.asked(ARTICLE).len(), 2, "{fault}");
        let article = case.article().await.expect("what was withdrawn is kept");
        assert_eq!(article.withdrawn_at, Some(case.bench.now));
        case.heal();
        let report = case.run_after(24 * 31).await;
        assert_eq!(report.restored, 1, "{fault}: {report}");
        let back = case.article().await.unwrap();
        assert_eq!((back.id, back.withdrawn_at), (article.id, None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_03_a_column_that_is_gone_loses_nothing() {
    list_fails("03-list", "not-found", 1, "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_03_much_of_a_portal_gone_at_once_is_an_incident_and_withdraws_nothing() {
    let mut case = Case::collected("03-all").await;
    for hours in [2, 25, 25] {
        let report = case.run_after(hours).await;
        assert_eq!(report.withdrawn, 0, "{report}");
    }
    assert!(case.asked(ARTICLE).len() >= 2);
    let incidents = case.bench.incidents().await;
    assert!(
        incidents.contains(&"mass-missing".to_owned()),
        "{incidents:?}"
    );
    case.unharmed().await;
    case.heals().await;
    assert_eq!(case.bench.incidents().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_04_a_wall_is_asked_once_and_a_person_is_told() {
    for fault in ["04-412", "04-521"] {
        list_fails(fault, "blocked-by-waf", 1, "").await;
        let mut case = Case::collected(fault).await;
        case.run().await;
        assert_eq!(case.bench.incidents().await, ["blocked-by-waf"], "{fault}");
        case.heals().await;
        assert_eq!(case.bench.incidents().await, Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]

async fn fault_04_a_walled_portal_is_left_alone_for_long() {
    for fault in ["04-412", "04-521", "05-cookie"] {
        let mut case = Case::collected(fault).await;
        case.run().await;
        case.bench.now = case.bench.now.plus(chrono::TimeDelta::minutes(10));
        case.run().await;
        assert_eq!(case.asked(COLUMN).len(), 1, "{fault}: it rests");
        case.heals().await;
        assert_eq!(case.bench.incidents().await, Vec::<String>::new());
        case.unharmed().await;
    }
}
