//! New articles that differ from the baseline wait. They are published once, in their order, when
//! the column is well again.
//!
//! Owns articles that are held back. Never leaves loopback.

use chrono::TimeDelta;
use dibao::demo::{self, Reply};
use dibao::pipeline::{self, AskedBy, Collector, Ending, Progress, Reach, Step};

use super::{FOLDER, ITEMS, NEWS, Portal, all, is_odd, rebuilt};
use crate::support::place;
use crate::support::replica::column_of;

/// A feed file that wants the issuer. Without that, its loss is only told (`told`).
const WANTED: &str = "fields.usual = [\"issuer\"]";

#[tokio::test(flavor = "multi_thread")]
async fn news_that_loses_a_usual_field_waits_until_the_layout_is_repaired() {
    let mut portal = Portal::collected(WANTED).await;
    let before = portal.known().await;
    portal.rebuild(|_, label| label != "发布机构");
    let failures = portal.holds_back(2).await;
    assert_eq!(failures, ["field-lost"; ITEMS]);
    let told = portal.bench.told().await.remove(0);
    let (code, said) = (told.reason, told.message);
    assert_eq!(code, "field-lost");
    for part in [
        "issuer is missing on 14 of the 14 articles",
        "such as http://www.lc.gov.cn/",
        "since 2025-12-30T11:00:00+08:00",
        "14 of 14 before had it, mostly by \"label 发文机关\"",
        "from 2026-01-06T11:00:00+08:00 on new articles are published without",
        "6 new articles are held back",
        "list it as optional under [fields]",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    // Again and again, and each time a few are asked for whether they are well.
    assert_eq!(portal.holds_back(1).await, ["field-lost"; 5]);
    portal.bench.asked_by = AskedBy::Timetable;
    assert_eq!(portal.holds_back(0).await, ["field-lost"]);
    assert_eq!(portal.holds_back(0).await, Vec::<&str>::new());
    assert_eq!(portal.bench.incidents().await, ["field-lost"]);
    assert_eq!(portal.bench.told().await[0].opened_at, told.opened_at);
    portal.rebuild(all);
    let report = portal.releases(25).await;
    assert!(
        report.noted.iter().all(|code| *code == "layout-changed"),
        "{report}"
    );
    assert_eq!(portal.bench.incidents().await, ["layout-changed"]);
    let after = portal.known().await;
    for (url, known) in &before {
        assert_eq!(after.get(url), Some(known), "{url}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn news_waits_for_a_field_until_it_is_optional() {
    let mut portal = Portal::collected(WANTED).await;
    portal.rebuild(|_, label| label != "发布机构");
    portal.holds_back(2).await;
    portal.bench.asked_by = AskedBy::Timetable;
    let more = "fields.optional = [\"issuer\"]";
    portal.bench.column = column_of("lucheng/work-news", "http", demo::HOST, more);
    portal.releases(0).await;
    assert!(
        !portal
            .bench
            .incidents()
            .await
            .contains(&"field-lost".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn news_waits_for_a_field_for_a_week_and_for_a_text_for_ever() {
    let mut portal = Portal::collected(WANTED).await;
    let before = portal.known().await;
    portal.rebuild(|_, label| label != "发布机构");
    portal.holds_back(2).await;
    portal.bench.asked_by = AskedBy::Timetable;
    portal.holds_back(24 * 6).await;
    portal.releases(25).await;
    // Published articles keep their values.
    let after = portal.known().await;
    assert!(
        before
            .iter()
            .all(|(url, known)| after.get(url) == Some(known))
    );
    // So it does when the archive is read anew, where that is not on its page any more.
    let reread = portal.bench.reread().await;
    assert_eq!((reread.unchanged, reread.otherwise), (ITEMS, 0), "{reread}");

    let mut portal = Portal::collected("").await;
    portal.rebuild(|_, part| part != "text");
    let failures = portal.holds_back(2).await;
    assert_eq!(failures[..NEWS], ["body-shrunk"; NEWS]);
    let mut told = portal.bench.told().await;
    told.retain(|incident| incident.reason == "body-shrunk");
    let said = &told[0].message;
    assert!(
        said.starts_with("the text is next to nothing, where it usually has some "),
        "{said}"
    );
    for days in [6, 2, 30] {
        portal.holds_back(24 * days).await;
        assert!(
            portal
                .bench
                .incidents()
                .await
                .contains(&"body-shrunk".to_owned())
        );
    }
    portal.rebuild(all);
    portal.releases(1).await;
    assert!(
        !portal
            .bench
            .incidents()
            .await
            .contains(&"body-shrunk".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_article_that_lacks_what_is_usual_is_published_and_so_are_photo_news() {
    let mut portal = Portal::collected("").await;
    portal.rebuild(|page, part| !is_odd(page) || !["发布机构", "text"].contains(&part));
    let photos = "<div class=TRS_Editor><p><img src=a.jpg></p><p>▲某处</p></div>";
    for page in portal.pages[..NEWS].iter().filter(|page| !is_odd(page)) {
        let mut photo = rebuilt(page, |_, part| part != "text");
        photo = photo.replace("<p>详见附文。</p>", photos);
        let reply = Reply::Page(photo.into_bytes());
        portal.replica.answer(page.url.path(), reply);
    }
    portal.releases(2).await;
    assert_eq!(portal.bench.incidents().await, ["layout-changed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_with_one_article_a_run_is_judged_over_several_runs() {
    let mut portal = Portal::collected(WANTED).await;
    for page in &portal.pages[..NEWS] {
        let built = rebuilt(page, |_, label| label != "发布机构");
        portal
            .replica
            .answer(page.url.path(), Reply::Page(built.into_bytes()));
    }
    let mut came = Vec::new();
    for without in (0..NEWS).rev() {
        portal.lists(without);
        portal.bench.now = portal.bench.now.plus(TimeDelta::days(1));
        let report = portal.run().await;
        came.push((report.new, report.waiting));
    }
    // The third of five is more than half, and holds back itself and those behind it.
    assert_eq!(came, [(1, 0), (1, 0), (0, 1), (0, 2), (0, 3), (0, 4)]);
    assert_eq!(portal.bench.incidents().await, ["field-lost"]);
    for page in &portal.pages[..NEWS] {
        portal.replica.restore(page.url.path());
    }
    let report = portal.run_after(24).await;
    assert_eq!((report.new, report.waiting), (4, 0), "{report}");
    portal.are_published_once().await;
    portal.run_after(24).await;
    assert_eq!(portal.bench.incidents().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stopped_run_has_not_decided_stays_in_the_queue() {
    let mut portal = Portal::collected(WANTED).await;
    portal.rebuild(|_, label| label != "发布机构");
    portal.bench.now = portal.bench.now.plus(TimeDelta::hours(2));
    let collector = portal.bench.collector(Progress::silent()).await;
    let stop = collector.stop.clone();
    let read = std::sync::Mutex::new(0);
    let progress = Progress::from_fn(move |step| {
        if let Step::ArticleDone { .. } = step {
            let mut read = read.lock().unwrap();
            *read += 1;
            if *read == 3 {
                stop.cancel();
            }
        }
    });
    let collector = Collector {
        progress,
        ..collector
    };
    let limit = std::time::Duration::from_secs(60);
    let report = pipeline::collect(&collector, &portal.bench.column, limit).await;
    collector.store.close().await;
    assert_eq!(report.ending, Ending::Stopped, "{report}");
    assert_eq!((report.new, report.waiting), (0, NEWS as i64), "{report}");
    assert_eq!(portal.holds_back(0).await[..NEWS], ["field-lost"; NEWS]);
    portal.rebuild(all);
    portal.releases(25).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backfill_holds_back_nothing_old_and_publishes_nothing_that_is_held() {
    let mut portal = Portal::collected(WANTED).await;
    portal.rebuild(|_, label| label != "发布机构");
    portal.holds_back(2).await;
    portal.bench.now = portal.bench.now.plus(TimeDelta::hours(2));
    let (report, _) = portal.bench.backfill(Reach::default()).await;
    assert_eq!(
        (report.news.new, report.older.failures.len()),
        (0, 0),
        "{report}"
    );
    assert_eq!(portal.bench.incidents().await, ["field-lost"]);
    portal.rebuild(all);
    portal.releases(25).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn status_tells_how_many_articles_are_held_back_and_why() {
    let mut portal = Portal::collected(WANTED).await;
    portal.rebuild(|_, label| label != "发布机构");
    portal.holds_back(2).await;
    let folder = portal.bench.folder.path();
    std::fs::create_dir_all(folder.join("feeds/lucheng")).unwrap();
    let feed = format!("url = \"http://{}{FOLDER}\"\n", demo::HOST);
    std::fs::write(folder.join("feeds/lucheng/work-news.toml"), feed).unwrap();
    let place = place::of(&folder.join("data")).await;
    let status = |args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_dibao"));
        place::name_to(&mut command, &place);
        let output = command.current_dir(folder).args(args).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let json: serde_json::Value = serde_json::from_str(&status(&["status", "--json"])).unwrap();
    let held = &json["columns"][0]["held"];
    assert_eq!(held.as_array().unwrap().len(), 1, "{held}");
    assert_eq!(
        (&held[0]["reason"], &held[0]["articles"]),
        (&"field-lost".into(), &NEWS.into())
    );
    let text = status(&["status"]);
    assert!(
        text.contains("  6 held back: field-lost, such as http://"),
        "{text}"
    );
}
