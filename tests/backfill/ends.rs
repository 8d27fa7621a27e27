//! Why a backfill stops, and how the next one goes on.
//!
//! Owns the ends of a list. Never leaves loopback.

use chrono::NaiveDate;
use dibao::demo::{self, Reply};
use dibao::pipeline::{self, Progress, Reach, Standing, Step};
use dibao::store::{Holder, LeaseKind};

use super::{EVERYTHING, LIVE, begun, portal, published, text, versions};
use crate::support::replica::{Bench, FOLDER, Replica, column};

fn list_page(number: u32) -> String {
    format!("{FOLDER}index_{number}.html")
}

fn page(text: &str) -> Reply {
    Reply::Page(text.as_bytes().to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deep_page_that_shows_nothing_is_the_end_and_no_failure() {
    let stub = "<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1>\
                </body></html>";
    let empty = "<html><head><title>工作动态</title></head><body><div class=\"nav\">\
                 <a href=\"/\">首页</a></div><ul class=\"list\"></ul></body></html>";
    let first = String::from_utf8(demo::file(FOLDER).unwrap().to_vec());
    for (reply, reason) in [
        (Reply::Status(404), "not-found"),
        (Reply::Status(410), "not-found"),
        (page(stub), "stub"),
        (page("<html><body>ok</body></html>"), "stub"),
        (page(""), "stub"),
        (page(empty), "no-items"),
        // Shown for every number beyond the last, as many portals do.
        (
            Reply::Page(first.clone().unwrap().into_bytes()),
            "repeated-page",
        ),
    ] {
        let replica = Replica::serve().await;
        let bench = begun(&replica).await;
        replica.answer(&list_page(2), reply.clone());
        let (report, _) = bench.backfill(EVERYTHING).await;
        assert_eq!(report.halt.reason, reason, "{reply:?}: {report}");
        assert_eq!(report.halt.standing, Standing::Complete, "{report}");
        assert!(!report.is_failure(), "{report}");
        assert_eq!(
            report.older.new, 19,
            "what stands before it is read: {report}"
        );
        assert!(report.halt.message.contains("index_2.html"), "{report}");
        assert_eq!(report.to_string().lines().count(), 1, "{report}");
        // It begins anew, and finds what stands there now.
        replica.restore(&list_page(2));
        let (report, _) = bench.backfill(EVERYTHING).await;
        assert_eq!(
            (report.resumed_after, report.older.new),
            (None, 33),
            "{report}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_that_fails_is_told_and_gone_on_with() {
    let replica = Replica::serve().await;
    let bench = begun(&replica).await;
    replica.answer(&list_page(2), Reply::Status(503));
    for _ in 0..2 {
        let (report, _) = bench.backfill(EVERYTHING).await;
        assert_eq!(report.halt.reason, "http-status", "{report}");
        assert_eq!(report.halt.standing, Standing::Failed);
        assert!(report.halt.message.contains("again"), "{report}");
        assert!(report.is_failure());
    }
    // A stub on every list page is the portal's trouble, and not the list's end.
    let sorry = "<html><body><p>网站正在升级维护，暂停服务</p></body></html>";
    for path in [FOLDER, &list_page(2)] {
        replica.answer(path, page(sorry));
    }
    let (report, _) = bench.backfill(EVERYTHING).await;
    assert_eq!(report.halt.reason, "list-cut", "{report}");
    replica.restore(FOLDER);
    replica.restore(&list_page(2));
    replica.asked();
    let (report, _) = bench.backfill(EVERYTHING).await;
    assert_eq!(report.resumed_after, Some(2), "{report}");
    assert_eq!(
        (report.halt.reason.as_str(), report.older.new),
        ("list-end", 33)
    );
    let asked = replica.asked();
    assert!(!asked.contains(&list_page(1)), "it is done: {asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn articles_that_cannot_be_read_end_it_after_three_and_wait() {
    let replica = Replica::serve().await;
    let bench = begun(&replica).await;
    let (_, second) = (bench.backfill(EVERYTHING).await, replica.asked());
    let older: Vec<&String> = second
        .iter()
        .filter(|path| path.contains("/t2025"))
        .collect();
    let bench = begun(&replica).await;
    for path in &older[..3] {
        replica.answer(path, Reply::Status(500));
    }
    let (report, _) = bench.backfill(EVERYTHING).await;
    assert_eq!(report.halt.standing, Standing::Failed, "{report}");
    assert_eq!(report.older.failures.len(), 3);
    for path in &older[..3] {
        replica.restore(path);
    }
    let (report, _) = bench.backfill(EVERYTHING).await;
    assert_eq!(report.halt.standing, Standing::Complete, "{report}");
    assert_eq!(
        report.older.waiting, 3,
        "they rest, and a run reads them: {report}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn it_pauses_after_so_many_pages_and_goes_on_there() {
    let replica = Replica::serve().await;
    let bench = begun(&replica).await;
    let two = Reach {
        pages: Some(2),
        ..EVERYTHING
    };
    let (report, _) = bench.backfill(two).await;
    assert_eq!(report.halt.reason, "page-limit", "{report}");
    assert_eq!((report.list_pages, report.older.new), (2, 19), "{report}");
    replica.asked();
    let (report, _) = bench.backfill(two).await;
    assert_eq!(report.resumed_after, Some(2), "{report}");
    assert!(
        report.to_string().contains("after 2 done before"),
        "{report}"
    );
    // The last page has been read: there is nothing to pause for.
    assert_eq!(report.halt.reason, "list-end", "{report}");
    assert_eq!((report.list_pages, report.older.new), (2, 33), "{report}");
    let asked = replica.asked();
    assert!(!asked.iter().any(|path| *path == list_page(1)), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_leaves_out_what_is_older_than_a_day_until_it_is_asked_for() {
    let replica = Replica::serve().await;
    let bench = begun(&replica).await;
    let since = |day: &str| Reach {
        since: Some(day.parse::<NaiveDate>().unwrap()),
        ..EVERYTHING
    };
    let all = {
        let other = begun(&replica).await;
        other.backfill(EVERYTHING).await;
        other.articles().await
    };
    let mut days: Vec<NaiveDate> = all.iter().filter_map(|a| a.metadata.published_on).collect();
    days.sort_unstable();
    // In the middle of the third list page.
    let day = days[20];
    let (report, _) = bench.backfill(since(&day.to_string())).await;
    assert_eq!(report.halt.reason, "since", "{report}");
    let found = bench.articles().await;
    let wanted = days.iter().filter(|other| **other >= day).count();
    assert_eq!(found.len(), wanted, "{report}");
    assert!(
        found
            .iter()
            .all(|a| a.metadata.published_on.is_none_or(|other| other >= day))
    );
    let (report, _) = bench.backfill(EVERYTHING).await;
    assert_eq!(report.halt.reason, "list-end", "{report}");
    assert_eq!(bench.articles().await.len(), all.len());

    // Paused between, and then asked for more than before: what was left out is looked for again.
    let bench = begun(&replica).await;
    let piece = Reach {
        pages: Some(3),
        ..since(&day.to_string())
    };
    let (report, _) = bench.backfill(piece).await;
    assert_eq!(report.halt.reason, "page-limit", "{report}");
    let (report, _) = bench.backfill(EVERYTHING).await;
    assert_eq!(
        (report.resumed_after, report.list_pages),
        (None, 4),
        "{report}"
    );
    assert_eq!(bench.articles().await.len(), all.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn news_that_pushed_everything_down_meanwhile_is_no_circle() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    bench.column = column("initial = 1");
    portal::show(&replica, 8, 100);
    bench.run().await;
    let (report, _) = bench
        .backfill(Reach {
            pages: Some(4),
            ..EVERYTHING
        })
        .await;
    assert_eq!(report.halt.reason, "page-limit", "{report}");
    // Three pages of news: the next page shows what the second showed.
    portal::show(&replica, 11, 106);
    bench.run().await;
    let (report, _) = bench.backfill(EVERYTHING).await;
    assert_eq!(report.halt.reason, "list-end", "{report}");
    assert_eq!(report.older.new, 8, "{report}");
    assert_eq!(bench.articles().await.len(), 22);
    let live = versions(&text(&bench, "atom.xml"));
    assert_eq!(live.len(), 2 + 6, "the first page, and the news");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pager_without_an_end_is_noticed() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    bench.column = column("initial = 1");
    portal::show(&replica, 40, 200);
    // From the fourth page on the portal shows the third one's items, and another next page.
    let items = |number: u32| {
        format!(
            "<li><a href=\"{0}\">第{number}号消息，今天发布</a><span>2025-12-29</span></li>",
            portal::path(number)
        )
    };
    for at in 3..40 {
        let html = format!(
            "<html><head><meta charset=\"utf-8\"></head><body><ul class=\"list\">{}{}</ul><script>\
             createPageHTML(99, {at}, \"index\", \"html\");</script></body></html>",
            items(196),
            items(195)
        );
        replica.answer(&list_page(at), Reply::Page(html.into_bytes()));
    }
    bench.run().await;
    let (report, _) = bench.backfill(EVERYTHING).await;
    assert_eq!(report.halt.reason, "repeated-page", "{report}");
    assert_eq!(report.list_pages, 4, "{report}");
    // The same in pieces that are too short to see it.
    let bench = {
        let mut bench = Bench::new(&replica);
        bench.column = column("initial = 1");
        bench
    };
    bench.run().await;
    let mut pieces = 0;
    let report = loop {
        let (report, _) = bench
            .backfill(Reach {
                pages: Some(1),
                ..EVERYTHING
            })
            .await;
        pieces += 1;
        assert!(pieces < 40, "{report}");
        if report.halt.standing == Standing::Complete {
            break report;
        }
    };
    assert_eq!(report.halt.reason, "repeated-page", "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_another_process_holds_is_left_to_it() {
    let replica = Replica::serve().await;
    let bench = begun(&replica).await;
    let collector = bench.collector(Progress::silent()).await;
    // The first process of the machine lives as long as this test.
    let other = Holder::process(1);
    for errand in [LeaseKind::Run, LeaseKind::Backfill] {
        let store = &collector.store;
        store
            .hosts()
            .lease_for(errand, demo::HOST, &other, bench.now)
            .await
            .unwrap();
        let report = pipeline::backfill(&collector, &bench.column, &EVERYTHING).await;
        assert_eq!(report.halt.reason, "host-leased", "{report}");
        assert!(!report.is_failure(), "{report}");
        assert!(report.halt.message.contains(demo::HOST), "{report}");
        store.hosts().release(demo::HOST, &other).await.unwrap();
    }
    assert!(replica.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_finds_too_much_queues_a_backfill_which_is_worked_off_in_pieces() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    bench.column = column("initial = 1");
    portal::show(&replica, 1, 2);
    bench.run().await;
    // 25 pages of news, and what was known.
    portal::show(&replica, 26, 52);
    let (run, _) = bench.run().await;
    assert_eq!((run.list_pages, run.new), (20, 40), "{run}");
    assert_eq!(bench.incidents().await, ["walk-limit"]);
    let collector = bench.collector(Progress::silent()).await;
    let url = bench.column.url.as_str();
    let state = collector
        .store
        .backfills()
        .state(&bench.column.name, url)
        .await;
    let state = state.unwrap().unwrap();
    assert!(state.wanted && state.is_under_way());
    assert!(state.next.unwrap().path().ends_with("index_20.html"));
    // A run that goes well closes no incident of a backfill that is still to be done.
    let (run, _) = bench.run().await;
    assert!(!run.is_failure() && run.new == 0, "{run}");
    assert_eq!(bench.incidents().await, ["walk-limit"]);
    let live = published(&bench, &LIVE);
    let piece = Reach {
        pages: Some(3),
        ..EVERYTHING
    };
    let first = pipeline::work_off(&collector, &bench.column, &piece).await;
    let first = first.unwrap();
    assert_eq!(first.halt.reason, "page-limit", "{first}");
    assert_eq!(
        (first.resumed_after, first.older.new),
        (Some(20), 6),
        "{first}"
    );
    assert_eq!(bench.incidents().await, ["walk-limit"]);
    let second = pipeline::work_off(&collector, &bench.column, &piece).await;
    assert_eq!(second.unwrap().halt.reason, "list-end");
    assert!(bench.incidents().await.is_empty());
    let third = pipeline::work_off(&collector, &bench.column, &piece).await;
    assert!(third.is_none(), "nobody wants it any more");
    bench.publish(&collector).await;
    assert_eq!(published(&bench, &LIVE), live);
    assert_eq!(bench.articles().await.len(), 52);
    collector.store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_piece_ends_when_something_else_is_due() {
    let replica = Replica::serve().await;
    let bench = begun(&replica).await;
    let due = bench.now;
    let (report, _) = bench
        .backfill(Reach {
            until: Some(due),
            ..EVERYTHING
        })
        .await;
    assert_eq!(report.halt.reason, "run-due", "{report}");
    assert_eq!((report.list_pages, report.is_failure()), (0, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_tells_how_many_list_pages_there_are() {
    use std::sync::{Arc, Mutex};
    let replica = Replica::serve().await;
    let bench = begun(&replica).await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let log = told.clone();
    let progress = Progress::from_fn(move |step| {
        if let Step::OlderListed { pages, total, .. } = step {
            log.lock().unwrap().push((pages, total));
        }
    });
    bench.backfill_with(EVERYTHING, progress).await;
    let told = told.lock().unwrap().clone();
    assert_eq!(told, [1, 2, 3, 4].map(|page| (page, Some(4))));
}
