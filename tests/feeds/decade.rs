//! Ten years of a column: backfilled, edited, with articles taken down and found late. A mirror
//! that walks its history has the store's state of each.
//!
//! Owns these ten years. Never leaves loopback.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use chrono::{NaiveDate, TimeDelta};
use dibao::demo::Reply;
use dibao::model::Article;
use dibao::pipeline::{Reach, Standing};
use serde_json::Value;

use super::judges::has;
use super::whole_history::{mirror, mirrored, stored};
use crate::support::replica::{Bench, FOLDER, Replica, column};
use crate::support::served::Server;
use crate::support::text;

const EVERYTHING: Reach = Reach {
    pages: None,
    since: None,
    until: None,
};
/// Articles of the ten years, one every four days.
const ARTICLES: u32 = 900;
/// Items of a list page.
const ITEMS: usize = 30;

/// A column of ten years whose articles are known by their numbers, the oldest 1.
struct Decade {
    replica: Replica,
    /// As they are listed, the newest first.
    listed: Vec<u32>,
    edited: BTreeMap<u32, &'static str>,
}

impl Decade {
    async fn serve() -> Self {
        let mut decade = Self {
            replica: Replica::serve().await,
            listed: Vec::new(),
            edited: BTreeMap::new(),
        };
        (1..=ARTICLES).for_each(|number| decade.list(0, number));
        decade.show();
        decade
    }

    /// Lists an article at this place.
    fn list(&mut self, place: usize, number: u32) {
        self.listed.insert(place, number);
        self.write(number);
    }

    fn edit(&mut self, number: u32, sentence: &'static str) {
        self.edited.insert(number, sentence);
        self.write(number);
    }

    fn take_down(&mut self, number: u32) {
        self.listed.retain(|listed| *listed != number);
        self.replica.answer(&path(number), Reply::Status(404));
    }

    fn write(&self, number: u32) {
        let (day, title) = (day(number), title(number));
        let (year, edited) = (day.format("%Y"), self.edited.get(&number).unwrap_or(&""));
        let page = format!(
            "<html><head><meta charset=\"utf-8\"><title>{title}</title></head><body><table>\
             <tr><td>索引号</td><td>000014349/{year}-{number:05}</td><td>发布日期</td><td>{day}</td></tr>\
             <tr><td>标题</td><td colspan=\"3\">{title}</td></tr></table><h2>{title}</h2>\
             <div class=\"TRS_Editor\"><p>{}</p><p>{edited}</p></div></body></html>",
            text(number)
        );
        let page = Reply::Page(page.into_bytes());
        self.replica.answer(&path(number), page);
    }

    /// Serves the list pages as they are now.
    fn show(&self) {
        let pages = self.listed.chunks(ITEMS);
        let count = pages.len();
        for (at, numbers) in pages.enumerate() {
            let mut html = String::from(
                "<html><head><meta charset=\"utf-8\"></head><body><ul class=\"list\">",
            );
            for number in numbers {
                let (path, title, day) = (path(*number), title(*number), day(*number));
                write!(
                    html,
                    "<li><a href=\"{path}\">{title}</a><span>{day}</span></li>"
                )
                .unwrap();
            }
            write!(
                html,
                "</ul><script>createPageHTML({count}, {at}, \"index\", \"html\");</script></body></html>"
            )
            .unwrap();
            let name = match at {
                0 => String::new(),
                _ => format!("index_{at}.html"),
            };
            let path = format!("{FOLDER}{name}");
            self.replica.answer(&path, Reply::Page(html.into_bytes()));
        }
    }
}

fn path(number: u32) -> String {
    format!(
        "{FOLDER}{}/t{}.html",
        day(number).format("%Y%m"),
        4_000_000 + number
    )
}

fn title(number: u32) -> String {
    format!("第{number}号消息：十年之间")
}

/// The last of the ten years' is of the day before the tests' morning; later ones are of that day.
fn day(number: u32) -> NaiveDate {
    let last = NaiveDate::from_ymd_opt(2025, 12, 29).unwrap();
    let before = i64::from(ARTICLES.saturating_sub(number));
    last - TimeDelta::days(before * 3652 / i64::from(ARTICLES))
}

/// Every article as it stands in the mirror is what the store holds of it now.
async fn is_what_the_store_has(bench: &Bench, file: &Path) {
    assert_eq!(mirrored(file), stored(bench).await);
    let mirror: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let articles = bench.articles().await.into_iter();
    let live: Vec<Article> = articles
        .filter(|article| article.withdrawn_at.is_none())
        .collect();
    for article in &live {
        let entry = &mirror["entries"][article.id.urn().to_string()];
        assert_eq!(entry["title"], article.title);
        assert_eq!(entry["url"], article.url.as_str());
        assert_eq!(entry["content"], article.body.body_html);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_of_ten_years_has_what_the_store_has() {
    if !has("python3", &["--version"], "install Python 3") {
        return;
    }
    let mut decade = Decade::serve().await;
    assert_eq!(day(1).to_string(), "2016-01-04");
    let mut bench = Bench::new(&decade.replica).in_memory();
    bench.column = column("initial = 2");
    let server = Server::of(&bench.public()).await;
    bench.base_url.clone_from(&server.base_url);
    let feed = format!("{}lucheng/work-news/atom.xml", server.base_url);
    let kept = bench.folder.path().join("kept.json");
    let (report, _) = bench.run().await;
    assert_eq!(report.new, 2 * ITEMS, "{report}");
    mirror(&feed, &kept).await;
    is_what_the_store_has(&bench, &kept).await;

    let (report, _) = bench.backfill(EVERYTHING).await;
    assert_eq!(report.halt.standing, Standing::Complete, "{report}");
    assert_eq!(report.older.new, 840, "{report}");
    let said = mirror(&feed, &kept).await;
    assert_eq!(said, "10 documents read, 900 entries\n");
    is_what_the_store_has(&bench, &kept).await;

    // Recent articles are rechecked within hours, those of a backfill after a month.
    for number in [898, 880] {
        decade.edit(number, "当日更正。");
    }
    decade.take_down(890);
    decade.list(4, ARTICLES + 1);
    decade.list(0, ARTICLES + 2);
    decade.show();
    bench.now = bench.now.plus(TimeDelta::hours(2));
    let (report, _) = bench.run().await;
    assert_eq!((report.new, report.revised), (2, 2), "{report}");
    for number in [3, 400, 840] {
        decade.edit(number, "多年以后更正。");
    }
    decade.take_down(500);
    for days in [31, 33] {
        bench.now = bench.now.plus(TimeDelta::days(days));
        bench.run().await;
    }
    let articles = bench.articles().await;
    let gone = articles
        .iter()
        .filter(|article| article.withdrawn_at.is_some());
    assert_eq!(gone.count(), 2);
    let revised = articles.iter().filter(|article| article.revision > 1);
    assert_eq!(revised.count(), 5);
    mirror(&feed, &kept).await;
    is_what_the_store_has(&bench, &kept).await;
    let anew = bench.folder.path().join("anew.json");
    let said = mirror(&feed, &anew).await;
    assert_eq!(said, "11 documents read, 902 entries\n");
    is_what_the_store_has(&bench, &anew).await;
}
