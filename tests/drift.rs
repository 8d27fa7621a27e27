//! Drift of a column: the replica portal gets a new layout, loses a field or its texts, lists less,
//! falls silent. Nothing is lost or doubled, and an incident is opened.
//!
//! Owns these changes of the portal. Never leaves loopback.

mod held;
mod told;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use dibao::decode;
use dibao::demo::{self, Reply};
use dibao::extract;
use dibao::model::Article;
use dibao::pipeline::ColumnReport;
use url::Url;
use uuid::Uuid;

use crate::support::replica::{Bench, FOLDER, Replica, bytes, column_of};

/// Items that the first list page has, and how many of them are news in a second cycle.
const ITEMS: usize = 20;
pub(crate) const NEWS: usize = 6;

/// An item of the first list page, with its article's page as it is in the first layout.
pub(crate) struct Page {
    pub(crate) url: Url,
    pub(crate) title: String,
    pub(crate) day: String,
    article: extract::Extracted,
}

/// The replica, whose first list page and articles a test builds anew.
pub(crate) struct Portal {
    replica: Replica,
    pub(crate) bench: Bench,
    pub(crate) pages: Vec<Page>,
}

/// Whether the new layout shows a field of an article.
pub(crate) type Shows = fn(&Page, &'static str) -> bool;

pub(crate) fn all(_: &Page, _: &'static str) -> bool {
    true
}

impl Portal {
    /// A portal of which all but the newest articles were collected, with `more` in the feed file.
    pub(crate) async fn collected(more: &str) -> Self {
        let replica = Replica::serve().await;
        let mut bench = Bench::new(&replica);
        bench.column = column_of("lucheng/work-news", "http", demo::HOST, more);
        let portal = Self {
            pages: pages(),
            replica,
            bench,
        };
        portal.lists(NEWS);
        let report = portal.run().await;
        assert_eq!(
            (report.new, report.failures.len()),
            (ITEMS - NEWS, 0),
            "{report}"
        );
        assert!(portal.bench.incidents().await.is_empty());
        portal
    }

    async fn run(&self) -> ColumnReport {
        self.bench.run().await.0
    }

    async fn run_after(&mut self, hours: i64) -> ColumnReport {
        self.bench.now = self.bench.now.plus(TimeDelta::hours(hours));
        self.run().await
    }

    /// Lists all but the newest `without` in the first layout.
    fn lists(&self, without: usize) {
        let items = self.pages.iter().skip(without).map(|page| {
            let (url, title, day) = (&page.url, &page.title, &page.day);
            format!("<li><a href=\"{url}\" title=\"{title}\">{title}</a><span>{day}</span></li>\n")
        });
        let list: String = items.collect();
        self.answer_list(&format!("<ul class=\"list\">{list}</ul>"));
    }

    fn answer_list(&self, list: &str) {
        let page = format!(
            "<html><head><title>工作动态_长治市潞城区人民政府</title></head><body>\
             <ul class=nav><li><a href=/>首页</a></li><li><a href=/lcxxgk/>政务公开</a></li></ul>\
             {list}<div class=footer>主办：长治市潞城区人民政府办公室</div></body></html>"
        );
        self.replica.answer(FOLDER, Reply::Page(page.into_bytes()));
    }

    /// Builds everything anew: the list is a table, the labels are a `dl`, the text stands in other
    /// containers, and no official tag is left.
    pub(crate) fn rebuild(&self, shows: Shows) {
        let rows = self.pages.iter().map(|page| {
            let (url, title, day) = (&page.url, &page.title, &page.day);
            format!("<tr><td class=bt><a href=\"{url}\">{title}</a></td><td>{day}</td></tr>\n")
        });
        let rows: String = rows.collect();
        self.answer_list(&format!(
            "<table class=\"xw\"><tbody>{rows}</tbody></table>"
        ));
        for page in &self.pages {
            let built = rebuilt(page, shows);
            self.replica
                .answer(page.url.path(), Reply::Page(built.into_bytes()));
        }
    }

    /// The published files about articles.
    fn published(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = bytes(&self.bench.public());
        files.retain(|path, _| {
            let mut folders = ["lucheng/", "articles/", "changes/"].iter();
            folders.any(|folder| path.starts_with(folder))
        });
        files
    }

    /// The codes of what failed in a run of which nothing is published: one for each page.
    pub(crate) async fn holds_back(&mut self, hours: i64) -> Vec<&'static str> {
        let before = self.published();
        let report = self.run_after(hours).await;
        assert_eq!((report.new, report.revised), (0, 0), "{report}");
        assert!(self.published() == before, "{report}");
        let failures = report.failures.iter();
        failures.map(|failure| failure.verdict.code()).collect()
    }

    /// The news that was held back is published, each once and in its order, and nobody is told of
    /// anything any more.
    pub(crate) async fn releases(&mut self, hours: i64) -> ColumnReport {
        let report = self.run_after(hours).await;
        assert_eq!((report.new, report.revised), (NEWS, 0), "{report}");
        assert_eq!((report.failures.len(), report.waiting), (0, 0), "{report}");
        let paths = |pages: &[Page]| -> Vec<String> {
            let paths = pages.iter().map(|page| page.url.path().to_owned());
            paths.collect()
        };
        let articles = self.bench.articles().await;
        let added = articles.iter().rev().take(NEWS);
        let added: Vec<String> = added.map(|article| article.url.path().to_owned()).collect();
        assert_eq!(added, paths(&self.pages[..NEWS]));
        self.are_published_once().await;
        report
    }

    /// By URL: id and revision.
    async fn known(&self) -> BTreeMap<String, (Uuid, u32)> {
        let articles: Vec<Article> = self.bench.articles().await;
        let known = articles.into_iter();
        let known = known.map(|article| (article.url.to_string(), (article.id, article.revision)));
        known.collect()
    }

    /// How many entries the live feed has of each article, which must be one.
    async fn are_published_once(&self) {
        let feed = self.bench.public().join("lucheng/work-news/feed.json");
        let feed: serde_json::Value =
            serde_json::from_slice(&std::fs::read(feed).unwrap()).unwrap();
        let entries = feed["items"].as_array().unwrap();
        let mut urls: Vec<&str> = entries
            .iter()
            .map(|entry| entry["url"].as_str().unwrap())
            .collect();
        urls.sort_unstable();
        urls.dedup();
        assert_eq!((urls.len(), entries.len()), (ITEMS, ITEMS));
    }
}

/// One of the news.
fn is_odd(page: &Page) -> bool {
    page.url.path().ends_with("t20251229_3123190.html")
}

/// The items of the replica's first list page, the newest first, with their articles.
fn pages() -> Vec<Page> {
    let at = Url::parse(&format!("http://{}{FOLDER}", demo::HOST)).unwrap();
    let text = |path: &str| decode::decode(demo::file(path).unwrap(), None, None).text;
    let list = extract::column_page(&text(FOLDER), &at, &Default::default(), Default::default());
    let mut pages: Vec<Page> = list
        .items
        .into_iter()
        .map(|item| Page {
            article: extract::article(&text(item.url.path()), &item.url, &Default::default()),
            day: item.published_on.unwrap().to_string(),
            title: item.title,
            url: item.url,
        })
        .collect();
    pages.sort_by(|a, b| (&b.day, b.url.path()).cmp(&(&a.day, a.url.path())));
    assert_eq!(pages.len(), ITEMS);
    pages
}

/// The page in another layout.
fn rebuilt(page: &Page, shows: Shows) -> String {
    let article = &page.article;
    let values = &article.metadata;
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string());
    let time = values.published_at.map(|at| {
        let time = at.to_chrono().format("%Y-%m-%d %H:%M:%S");
        time.to_string()
    });
    let labels = [
        ("索引号", values.index_number_raw.clone()),
        ("文号", values.document_number.clone()),
        ("成文日期", day(values.issued_on)),
        ("发布机构", values.issuer.clone()),
        ("主题词", Some(values.subject_terms.join(" "))),
        ("主题分类", values.topic_category.clone()),
        ("信息名称", article.title.clone()),
        ("发布时间", time.or(day(values.published_on))),
        ("信息来源", values.source.clone()),
    ];
    let labels = labels.into_iter().filter(|(label, _)| shows(page, label));
    let labels: String = labels
        .map(|(label, value)| format!("<dt>{label}：</dt><dd>{}</dd>", value.unwrap_or_default()))
        .collect();
    let title = article.title.as_deref().unwrap();
    let body = &article.body.body_html;
    let text = match shows(page, "text") {
        true => body,
        false => "<p>详见附文。</p>",
    };
    format!(
        "<html><head><title>{title}</title></head><body><header class=hd><a href=/>首页</a></header>\
         <main class=wrap><h3 class=art-h>{title}</h3><dl class=art-dl>{labels}</dl>\
         <section class=art-box><div class=art-w>{text}</div></section></main>\
         <footer>主办：长治市潞城区人民政府办公室</footer></body></html>"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_built_anew_loses_no_article_and_doubles_none() {
    let mut portal = Portal::collected("").await;
    let before = portal.known().await;
    portal.rebuild(all);
    let report = portal.run_after(2).await;
    assert_eq!(
        (report.new, report.revised, report.failures.len()),
        (NEWS, 0, 0),
        "{report} {:?}",
        report.failures
    );
    assert_eq!(report.unchanged, ITEMS - NEWS, "{report}");
    let after = portal.known().await;
    assert_eq!(after.len(), ITEMS);
    for (url, known) in &before {
        assert_eq!(after.get(url), Some(known), "{url}");
    }
    portal.are_published_once().await;
    let told = portal.bench.told().await.remove(0);
    let (code, said) = (told.reason, told.message);
    assert_eq!(code, "layout-changed");
    for part in [
        "another layout since 2025-12-30T11:00:00+08:00, such as http://",
        "body by \"structure\" instead of \"container .TRS_Editor\" (14 of 14)",
        "issuer by \"label 发布机构\" instead of \"label 发文机关\" (14 of 14)",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    // The next run says so too, and once a week has passed it is usual.
    let report = portal.run_after(1).await;
    assert!(report.to_string().contains("layout-changed"), "{report}");
    assert_eq!(portal.bench.incidents().await, ["layout-changed"]);
    portal.run_after(24 * 7).await;
    assert_eq!(portal.bench.incidents().await, Vec::<String>::new());
    assert_eq!(portal.known().await, after);
    // Nor does anything come out otherwise when the archive is read anew.
    let reread = portal.bench.reread().await;
    assert_eq!((reread.unchanged, reread.otherwise), (ITEMS, 0), "{reread}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_layout_with_another_line_in_every_text_revises_nothing() {
    let mut portal = Portal::collected("").await;
    let before = portal.known().await;
    portal.rebuild(all);
    for page in &portal.pages {
        let more = "<p>本文由新版网站自动排版，以原文为准。</p></div></section>";
        let built = rebuilt(page, all).replace("</div></section>", more);
        let reply = Reply::Page(built.into_bytes());
        portal.replica.answer(page.url.path(), reply);
    }
    let report = portal.run_after(2).await;
    assert_eq!((report.new, report.revised), (NEWS, 0), "{report}");
    let mut failures = report.failures.iter();
    assert!(failures.all(|failure| failure.verdict.code() == "layout-changed"));
    assert_eq!(report.failures.len(), ITEMS - NEWS, "{report}");
    let after = portal.known().await;
    assert!(
        before
            .iter()
            .all(|(url, known)| after.get(url) == Some(known))
    );
    portal.are_published_once().await;
    assert_eq!(portal.bench.incidents().await, ["layout-changed"]);
}
