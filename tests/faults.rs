//! Faults between a portal and a reader, one by one: `fault_NN_…` is row NN of the table that
//! `dibao demo --hostile` prints.
//!
//! A host of the hostile portal misbehaves until it is healed. Most tests collect it while it is
//! good, break it, check that no known article is lost, heal it, and check that it recovers. Owns
//! this sequence. Never leaves loopback.

mod connections;
mod contents;
mod floods;
mod identities;
mod layouts;
mod lists;
mod markup;
mod misnamed;
mod moves;
mod onward;
mod passing;
mod redirects;
mod robots;
mod statuses;
mod stubs;
mod table;
mod text;
mod tls;

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;
use dibao::config::FetchRules;
use dibao::demo::hostile::{ARTICLE, Hostile, Visit};
use dibao::model::Article;
use dibao::pipeline::{ColumnReport, Ending};

use crate::support::replica::{Bench, bytes, column_of};

/// A fault's host, and a dibao that follows its column.
struct Case {
    hostile: Hostile,
    host: String,
    bench: Bench,
    /// How long a request may take while the host misbehaves. A good host has far longer, for on a
    /// busy machine it may need it.
    patience: Duration,
    /// The articles that were known before the host broke.
    articles: Vec<Article>,
    files: BTreeMap<String, Vec<u8>>,
    /// How many visits the host had had then.
    visits: usize,
}

impl Case {
    /// A host that misbehaves from the start; `more` is put into the feed file.
    async fn broken_with(fault: &str, more: &str) -> Self {
        let hostile = Hostile::serve().await.unwrap();
        let host = format!("fault-{fault}.test");
        let mut bench = Bench::of_host(&hostile, &host, &["www.moved.test"]);
        bench.column = column_of("lucheng/work-news", "http", &host, more);
        Self {
            hostile,
            host,
            patience: bench.column.fetch.timeout,
            bench,
            articles: Vec::new(),
            files: BTreeMap::new(),
            visits: 0,
        }
    }

    async fn broken(fault: &str) -> Self {
        Self::broken_with(fault, "").await
    }

    /// A host that was collected while it was good, and misbehaves from now on.
    async fn collected_with(fault: &str, more: &str) -> Self {
        let mut case = Self::broken_with(fault, more).await;
        case.heal();
        let report = case.run().await;
        assert_eq!(report.ending, Ending::Complete, "{report}");
        assert_eq!((report.new, report.failures.len()), (20, 0), "{report}");
        case.articles = case.bench.articles().await;
        case.files = published(&case.bench);
        case.hostile.break_again(&case.host);
        case.bench.column.fetch.timeout = case.patience;
        case.visits = case.hostile.visits(&case.host).len();
        case
    }

    async fn collected(fault: &str) -> Self {
        Self::collected_with(fault, "").await
    }

    fn heal(&mut self) {
        self.hostile.heal(&self.host);
        self.bench.column.fetch.timeout = FetchRules::default().timeout;
    }

    async fn run(&self) -> ColumnReport {
        self.bench.run().await.0
    }

    /// A run that reads all articles, and in which nothing fails.
    async fn reads_all(&self) {
        let report = self.run().await;
        let (failed, host) = (reasons(&report).len(), &self.host);
        assert_eq!((failed, report.new), (0, 20), "{host}: {report}");
    }

    /// A run this number of hours later, when recent articles are due for a recheck.
    async fn run_after(&mut self, hours: i64) -> ColumnReport {
        self.bench.now = self.bench.now.plus(TimeDelta::hours(hours));
        self.run().await
    }

    /// The requests for a path since the host broke.
    fn asked(&self, path: &str) -> Vec<Visit> {
        let visits = self.hostile.visits(&self.host).into_iter();
        let since = visits.skip(self.visits);
        since.filter(|visit| visit.path == path).collect()
    }

    /// Nothing that was known is lost, neither in the store nor for readers.
    async fn unharmed(&self) {
        assert_eq!(self.bench.articles().await, self.articles, "{}", self.host);
        let files = published(&self.bench);
        let differs: Vec<&String> = self
            .files
            .iter()
            .filter(|(path, bytes)| files.get(*path) != Some(bytes))
            .map(|(path, _)| path)
            .collect();
        assert!(differs.is_empty(), "{}: {differs:?}", self.host);
        assert_eq!(files.len(), self.files.len(), "{}", self.host);
    }

    /// The host behaves again, and after more than a day so does its column.
    async fn heals(&mut self) -> ColumnReport {
        self.heal();
        let report = self.run_after(25).await;
        assert_eq!(report.ending, Ending::Complete, "{}: {report}", self.host);
        assert!(report.failures.is_empty(), "{:?}", report.failures);
        assert_eq!(self.bench.articles().await.len(), 20, "{}", self.host);
        report
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.host)
    }

    /// The article that the fault is about, where it is known.
    async fn article(&self) -> Option<Article> {
        let url = self.url(ARTICLE);
        let articles = self.bench.articles().await;
        articles.into_iter().find(|a| a.url.as_str() == url)
    }
}

/// The published files about articles. Pages about the state of columns change with faults.
fn published(bench: &Bench) -> BTreeMap<String, Vec<u8>> {
    let mut files = bytes(&bench.public());
    files.retain(|path, _| {
        ["lucheng/", "articles/", "changes/"]
            .iter()
            .any(|folder| path.starts_with(folder))
    });
    files
}

/// The codes of all that went wrong, that of the column first.
fn reasons(report: &ColumnReport) -> Vec<&'static str> {
    let column = match &report.ending {
        Ending::Failed { reason, .. } => Some(*reason),
        _ => None,
    };
    let pages = report.failures.iter().map(|failure| failure.verdict.code());
    column.into_iter().chain(pages).collect()
}

/// All that was said of what went wrong.
fn messages(report: &ColumnReport) -> String {
    let mut messages = report.to_string();
    for failure in &report.failures {
        messages.push('\n');
        messages.push_str(&failure.message);
    }
    messages
}

/// The column page fails with this code after this number of tries; nothing is lost, and it
/// recovers.
async fn list_fails(fault: &str, reason: &str, tries: usize, more: &str) {
    let mut case = Case::collected_with(fault, more).await;
    let report = case.run().await;
    assert_eq!(reasons(&report), [reason], "{fault}: {report}");
    let url = case.url(dibao::demo::hostile::COLUMN);
    assert!(messages(&report).contains(&url), "{fault}: {report}");
    let asked = case.asked(dibao::demo::hostile::COLUMN).len();
    assert_eq!(asked, tries, "{fault}");
    case.unharmed().await;
    case.heals().await;
    case.unharmed().await;
}

/// The newest article fails with this code, and is not stored; the others are, and once it is
/// well it follows.
async fn article_fails(fault: &str, reason: &str, more: &str) {
    let mut case = Case::broken_with(fault, more).await;
    let report = case.run().await;
    assert_eq!(reasons(&report), [reason], "{fault}: {report}");
    assert_eq!((report.new, report.waiting), (19, 1), "{fault}: {report}");
    let url = report.failures[0].url.as_str();
    assert_eq!(url, case.url(ARTICLE), "{fault}: {report}");
    assert_eq!(case.article().await, None, "{fault}");
    case.heals().await;
    let article = case.article().await.expect("it is read once it is well");
    assert!(article.body.body_text.contains("大会开幕"), "{fault}");
}
