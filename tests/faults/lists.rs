//! Lying validators, lists in another order than the newest first, and pagers without addresses.
//!
//! Owns the faults of lists. Never leaves loopback.

use dibao::demo::Reply;
use dibao::demo::hostile::{ARTICLE, COLUMN};
use dibao::pipeline::{Reach, Standing};

use super::{Case, reasons};
use crate::support::replica::{Bench, FOLDER, Replica, column};
use crate::support::text;

#[tokio::test(flavor = "multi_thread")]
async fn fault_48_news_behind_a_lying_validator_is_late_by_a_day_at_most() {
    for fault in ["48-etag", "48-changing"] {
        let mut case = Case::broken(fault).await;
        let first = case.run().await;
        assert_eq!(reasons(&first).len(), 0, "{fault}: {first}");
        for _ in 0..2 {
            let hidden = case.run_after(1).await;
            assert_eq!((hidden.new, hidden.list_pages), (0, 0), "{fault}: {hidden}");
            let whole = case.run_after(24).await;
            assert!(whole.new > 0, "{fault}: {whole}");
        }
        // The portal was found out twice: from now on it is always asked for the whole list.
        for _ in 0..2 {
            let report = case.run_after(1).await;
            assert!(report.new > 0, "{fault}: {report}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_48_a_time_of_change_that_is_still_to_come_is_no_validator() {
    let mut case = Case::broken("48-future").await;
    case.run().await;
    let report = case.run_after(1).await;
    assert!(report.new > 0, "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_48_an_honest_portal_keeps_its_validators() {
    let mut case = Case::broken("48-etag").await;
    case.heal();
    case.run().await;
    for hours in [1, 24, 1, 24, 1, 24, 1] {
        let report = case.run_after(hours).await;
        let is_whole = hours == 24;
        assert_eq!(report.list_pages, usize::from(is_whole), "{report}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_49_a_list_with_the_oldest_first_is_walked_from_its_last_page() {
    let mut case = Case::broken("49-rising").await;
    case.bench.column.list.initial = Some(2);
    let report = case.run().await;
    assert_eq!(
        (reasons(&report).len(), report.list_pages),
        (0, 2),
        "{report}"
    );
    assert!(case.article().await.is_some());
    assert_eq!(case.bench.incidents().await, Vec::<String>::new());
    let again = case.run().await;
    assert_eq!((again.new, again.list_pages), (0, 2), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_49_behind_a_page_of_pinned_items_one_page_more_is_read_once_a_day() {
    let mut case = Case::broken("49-pinned").await;
    case.bench.column.list.initial = Some(2);
    case.run().await;
    assert!(case.article().await.is_some());
    let second = format!("{COLUMN}index_1.html");
    for (hours, wanted) in [(1, 1), (1, 0), (1, 0), (24, 1)] {
        let before = case.asked(&second).len();
        let report = case.run_after(hours).await;
        assert_eq!(report.new, 0, "{report}");
        assert_eq!(case.asked(&second).len() - before, wanted, "{report}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_49_a_list_by_clicks_is_told() {
    let mut case = Case::broken("49-clicks").await;
    for _ in 0..2 {
        let report = case.run_after(1).await;
        assert_eq!(reasons(&report).len(), 0, "{report}");
        assert_eq!(case.bench.incidents().await, ["list-order"]);
    }
    case.heal();
    case.run_after(25).await;
    assert_eq!(case.bench.incidents().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_50_a_backfill_behind_an_unread_pager_is_never_complete() {
    for (fault, says) in [
        ("50-postback", "page 1 of 4"),
        ("50-form", "下一页 by a script"),
        ("50-script", "下一页 by a script"),
        ("50-more", "加载更多"),
    ] {
        let mut case = Case::broken(fault).await;
        case.bench.column.list.initial = Some(3);
        let report = case.run().await;
        assert_eq!(
            (reasons(&report).len(), report.new),
            (0, 20),
            "{fault}: {report}"
        );
        assert_eq!(case.bench.incidents().await, ["pager-unread"], "{fault}");
        for _ in 0..2 {
            let (report, _) = case.bench.backfill(Reach::default()).await;
            assert_eq!(report.halt.standing, Standing::Paused, "{fault}: {report}");
            assert_eq!(report.halt.reason, "pager-unread", "{fault}: {report}");
            assert!(report.halt.message.contains(says), "{fault}: {report}");
        }
        assert!(case.asked(ARTICLE).len() <= 1, "{fault}");
    }
}

/// A list page with these articles, by number and day of December, and this pager.
fn page(items: &[(u32, u32)], pager: &str) -> Reply {
    let rows: String = items
        .iter()
        .map(|(number, day)| {
            format!(
                "<li><a href=\"{}\">第{number}号消息，今天发布</a><span>2025-12-{day:02}</span></li>",
                path(*number)
            )
        })
        .collect();
    let html = format!(
        "<html><head><meta charset=\"utf-8\"></head><body><ul class=\"list\">{rows}</ul>\
         <div class=\"page\">{pager}</div></body></html>"
    );
    Reply::Page(html.into_bytes())
}

fn path(number: u32) -> String {
    format!("{FOLDER}202512/t20251201_{}.html", 4_000_000 + number)
}

/// The articles with the numbers from 1 to 40.
fn articles(replica: &Replica) {
    for number in 1..=40 {
        let page = format!(
            "<html><head><meta charset=\"utf-8\"></head><body><h1>第{number}号消息，今天发布</h1>\
             <div class=\"TRS_Editor\"><p>{}</p></div></body></html>",
            text(number)
        );
        replica.answer(&path(number), Reply::Page(page.into_bytes()));
    }
}

/// Three pages with links to each other.
fn three(replica: &Replica, pages: [&[(u32, u32)]; 3]) {
    let next = |number: u32| {
        format!("<a href=\"index_{number}.html\">下一页</a><a href=\"index_3.html\">尾页</a>")
    };
    for (at, (items, pager)) in pages
        .iter()
        .zip([next(2), next(3), String::new()])
        .enumerate()
    {
        let path = match at {
            0 => FOLDER.to_owned(),
            at => format!("{FOLDER}index_{}.html", at + 1),
        };
        replica.answer(&path, page(items, &pager));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_49_news_on_the_last_page_is_found() {
    let replica = Replica::serve().await;
    articles(&replica);
    let mut bench = Bench::new(&replica);
    bench.column = column("initial = 3");
    let rising = |from: u32, to: u32| -> Vec<(u32, u32)> { (from..=to).map(|n| (n, n)).collect() };
    let (one, two, three_old) = (rising(1, 6), rising(7, 12), rising(13, 16));
    three(&replica, [&one, &two, &three_old]);
    let (report, _) = bench.run().await;
    assert_eq!((report.new, report.failures.len()), (16, 0), "{report}");
    three(&replica, [&one, &two, &rising(13, 18)]);
    bench.now = bench.now.plus(chrono::TimeDelta::hours(1));
    let (report, _) = bench.run().await;
    assert_eq!((report.new, report.list_pages), (2, 3), "{report}");
    assert_eq!(bench.incidents().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_49_news_behind_a_page_of_pinned_items_is_found() {
    let falling =
        |from: u32, to: u32| -> Vec<(u32, u32)> { (from..=to).rev().map(|n| (n, n)).collect() };
    let rising = (1..=6).map(|n| (n, n)).collect();
    for pinned in [falling(1, 6), rising] {
        let replica = Replica::serve().await;
        articles(&replica);
        let mut bench = Bench::new(&replica);
        bench.column = column("initial = 3");
        three(&replica, [&pinned, &falling(13, 18), &falling(7, 12)]);
        let (report, _) = bench.run().await;
        assert_eq!((report.new, report.failures.len()), (18, 0), "{report}");
        three(&replica, [&pinned, &falling(16, 21), &falling(10, 15)]);
        bench.now = bench.now.plus(chrono::TimeDelta::hours(1));
        let (report, _) = bench.run().await;
        assert_eq!(report.new, 3, "{pinned:?}: {report}");
        assert_eq!(bench.incidents().await, Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_50_a_full_first_page_of_unknown_items_may_hide_others() {
    let shown = |pinned: &[u32], numbers: std::ops::RangeInclusive<u32>| -> Vec<(u32, u32)> {
        let pinned = pinned.iter().map(|n| (*n, *n));
        pinned.chain(numbers.rev().map(|n| (n, n))).collect()
    };
    for (first, then, told) in [
        (shown(&[], 1..=6), shown(&[], 10..=15), vec!["gap"]),
        (shown(&[], 1..=6), shown(&[], 10..=13), vec![]),
        (shown(&[], 1..=6), shown(&[], 4..=9), vec![]),
        // Pinned items stand above the others.
        (shown(&[2], 3..=7), shown(&[2], 10..=14), vec!["gap"]),
        (shown(&[2, 1], 3..=7), shown(&[2, 1], 10..=14), vec!["gap"]),
        (shown(&[], 3..=8), shown(&[3], 10..=14), vec!["gap"]),
        (shown(&[2], 3..=7), shown(&[2], 7..=11), vec![]),
        (shown(&[2], 3..=7), shown(&[2], 10..=12), vec![]),
    ] {
        let replica = Replica::serve().await;
        articles(&replica);
        let bench = Bench::new(&replica);
        replica.answer(FOLDER, page(&first, ""));
        bench.run().await;
        assert_eq!(bench.incidents().await, Vec::<String>::new());
        replica.answer(FOLDER, page(&then, ""));
        let (report, _) = bench.run().await;
        assert_eq!(
            bench.incidents().await,
            told,
            "{first:?} {then:?}: {report}"
        );
    }
}

/// A list of three pages with these pagers, by the page's number.
fn stuck(bench: &mut Bench, replica: &Replica, pager: impl Fn(u32) -> String) {
    articles(replica);
    bench.column = column("initial = 3");
    for (number, numbers) in [(1, 9..=12), (2, 5..=8), (3, 1..=4)] {
        let items: Vec<(u32, u32)> = numbers.rev().map(|n| (n, n)).collect();
        let path = match number {
            1 => FOLDER.to_owned(),
            number => format!("{FOLDER}{number}.html"),
        };
        replica.answer(&path, page(&items, &pager(number)));
    }
}

/// A script that says on every page that it is the first of three.
fn epoint() -> String {
    format!(
        "<div id=\"page\"></div><script>$('#page').pagination({{ pageIndex: 1, pageSize: 4, total: \
         12, callback: function (n) {{ location.href = \"{FOLDER}\" + n + \".html\"; }} }});</script>"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_50_a_script_that_takes_every_page_for_the_first_is_followed() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    stuck(&mut bench, &replica, |_| epoint());
    let (report, _) = bench.run().await;
    assert_eq!((report.new, report.list_pages), (12, 3), "{report}");
    assert_eq!(bench.incidents().await, Vec::<String>::new());
    let (report, _) = bench.backfill(Reach::default()).await;
    assert_eq!(report.halt.standing, Standing::Complete, "{report}");
    assert_eq!(report.halt.reason, "list-end", "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_50_a_pager_that_leads_back_before_the_last_page_is_told() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    stuck(&mut bench, &replica, |number| {
        let next = if number == 3 { 2 } else { number + 1 };
        format!("<a href=\"{next}.html\">下一页</a> 共5页")
    });
    bench.column = column("initial = 5");
    let (report, _) = bench.run().await;
    assert_eq!((report.new, report.list_pages), (12, 3), "{report}");
    assert_eq!(bench.incidents().await, ["pager-unread"], "{report}");
    let (report, _) = bench.backfill(Reach::default()).await;
    assert_eq!(report.halt.standing, Standing::Paused, "{report}");
    assert_eq!(report.halt.reason, "pager-unread", "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_50_a_portal_that_shows_its_first_page_for_every_number_is_told() {
    let replica = Replica::serve().await;
    let mut bench = Bench::new(&replica);
    stuck(&mut bench, &replica, |_| epoint());
    let items: Vec<(u32, u32)> = (9..=12).rev().map(|n| (n, n)).collect();
    for number in [2, 3] {
        replica.answer(&format!("{FOLDER}{number}.html"), page(&items, &epoint()));
    }
    let (report, _) = bench.run().await;
    assert_eq!(report.new, 4, "{report}");
    let (report, _) = bench.backfill(Reach::default()).await;
    assert_eq!(report.halt.standing, Standing::Paused, "{report}");
    assert_eq!(report.halt.reason, "pager-unread", "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_50_a_pager_of_a_script_is_followed_where_the_page_has_its_address() {
    let pagers: [&dyn Fn(u32) -> String; 4] = [
        &|page| {
            format!(
                "<div id=\"page\"></div><script>$('#page').pagination({{ pageIndex: {page}, \
                 pageSize: 5, total: 12, callback: function (n) {{ if (n == 1) {{ location.href = \
                 \"{FOLDER}\"; }} else {{ location.href = \"{FOLDER}\" + n + \".html\"; }} }} }});\
                 </script>"
            )
        },
        &|page| {
            format!(
                "<script>new Pager({{ totalPages: 3, currentPage: {page}, go: n => {{ const to = \
                 `{FOLDER}${{n}}.html`; window.location = to; }} }});</script>"
            )
        },
        &|page| {
            let after = page + 1;
            let link = format!("<a href=\"javascript:turn('{FOLDER}{after}.html')\">下一页</a>");
            if page < 3 {
                link
            } else {
                "<a>下一页</a>".to_owned()
            }
        },
        &|page| {
            let after = page + 1;
            let link = format!("<a href=\"javascript:;\" data-url=\"{after}.html\">加载更多</a>");
            if page < 3 { link } else { String::new() }
        },
    ];
    for pager in pagers {
        let replica = Replica::serve().await;
        articles(&replica);
        let mut bench = Bench::new(&replica);
        bench.column = column("initial = 1");
        for (number, numbers) in [(1, 8..=12), (2, 3..=7), (3, 1..=2)] {
            let items: Vec<(u32, u32)> = numbers.rev().map(|n| (n, n)).collect();
            let path = match number {
                1 => FOLDER.to_owned(),
                number => format!("{FOLDER}{number}.html"),
            };
            replica.answer(&path, page(&items, &pager(number)));
        }
        let (report, _) = bench.backfill(Reach::default()).await;
        assert_eq!(report.halt.reason, "list-end", "{}: {report}", pager(1));
        assert_eq!(
            report.news.new + report.older.new,
            12,
            "{}: {report}",
            pager(1)
        );
    }
}
