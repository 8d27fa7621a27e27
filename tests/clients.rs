//! Feed readers, subscribed to a served feed while the portal moves, gets a new layout and edits,
//! and dibao restarts and publishes from nothing: they see each article once.
//!
//! Owns this sequence of events. Never leaves loopback.

mod gateway;
mod newsboat;
mod parsers;
mod portal;
mod rss2email;

use std::path::Path;
use std::process::{Command, Output};

use chrono::TimeDelta;
use dibao::demo;
use dibao::model::Article;
use dibao::pipeline::ColumnReport;

use crate::support::replica::{Bench, column_of};
use crate::support::served::Server;
use gateway::Gateway;
use portal::Portal;

const COLUMN: &str = "lucheng/work-news";
/// Articles of the portal when it is first read.
const ARTICLES: u32 = 20;

/// A portal, the dibao that follows it, and its server behind an address that stays.
struct Office {
    portal: Portal,
    gateway: Gateway,
    bench: Bench,
    server: Server,
}

impl Office {
    /// Everything collected and served.
    async fn open() -> Self {
        let gateway = Gateway::serve().await;
        let portal = Portal::serve(ARTICLES, crate::support::morning()).await;
        let mut bench = Bench::new(&portal.replica).in_memory();
        bench.column = column_of(COLUMN, "http", demo::HOST, "");
        bench.base_url.clone_from(&gateway.base_url);
        portal.show();
        let server = Server::of(&bench.public()).await;
        gateway.lead_to(&server.base_url);
        let office = Self {
            portal,
            gateway,
            bench,
            server,
        };
        let (report, _) = office.bench.run().await;
        assert_eq!(report.new, 20, "{report} {:?}", report.failures);
        office
    }

    /// Collects and publishes the portal's present state this number of hours later, with one new
    /// article.
    async fn news_after(&mut self, hours: i64) -> ColumnReport {
        self.portal
            .publish(self.bench.now.plus(TimeDelta::hours(hours)));
        self.portal.show();
        let report = self.run_after(hours).await;
        assert_eq!(report.new, 1, "{report}");
        report
    }

    /// The same after an edit of these articles.
    async fn edit(&mut self, items: &[usize], hours: i64) {
        items.iter().for_each(|item| self.portal.edit(*item));
        let report = self.news_after(hours).await;
        assert_eq!(report.revised, items.len(), "{report}");
    }

    async fn run_after(&mut self, hours: i64) -> ColumnReport {
        self.bench.now = self.bench.now.plus(TimeDelta::hours(hours));
        self.run().await
    }

    async fn run(&self) -> ColumnReport {
        let (report, _) = self.bench.run().await;
        assert!(report.failures.is_empty(), "{report} {:?}", report.failures);
        report
    }

    /// The portal moves to https, and who asks by HTTP is sent there.
    async fn secure(&mut self) {
        let (plain, secure) = self.portal.secure().await;
        let route = |port: u16, to: u16| format!("{}:{port}:127.0.0.1:{to}", demo::HOST);
        self.bench.routes = [route(80, plain), route(443, secure)]
            .map(|route| route.parse().unwrap())
            .to_vec();
        self.follow("http");
    }

    /// The feed file names the column by this scheme. The portal's certificate is its own.
    fn follow(&mut self, scheme: &str) {
        let trust = "fetch.tls = \"unverified\"";
        self.bench.column = column_of(COLUMN, scheme, demo::HOST, trust);
    }

    /// Another server, as of another process: every run opens the store anew as it is.
    async fn restart(&mut self) {
        self.server = Server::of(&self.bench.public()).await;
        self.gateway.lead_to(&self.server.base_url);
    }

    /// All that was published is lost, and published again.
    async fn publish_from_nothing(&mut self) {
        std::fs::remove_dir_all(self.bench.public()).unwrap();
        self.run().await;
    }

    async fn articles(&self) -> Vec<Article> {
        let articles = self.bench.articles().await;
        let gone = articles
            .iter()
            .find(|article| article.withdrawn_at.is_some());
        assert!(gone.is_none(), "{gone:?}");
        assert_eq!(articles.len(), self.portal.items.len());
        articles
    }

    fn url(&self, path: &str) -> String {
        format!("{}{COLUMN}/{path}", self.gateway.base_url)
    }
}

/// All that may happen to a feed, one after the other; `look` is given each state by its name.
async fn live_through(mut look: impl AsyncFnMut(&Office, &str)) {
    let mut office = Office::open().await;
    look(&office, "subscribed").await;
    office.secure().await;
    office.news_after(2).await;
    look(&office, "redirected to https").await;
    office.follow("https");
    office.news_after(2).await;
    look(&office, "followed by https").await;
    office.edit(&[0, 7, 21], 40).await;
    look(&office, "edited").await;
    office.portal.rebuild();
    office.news_after(8).await;
    look(&office, "built anew").await;
    // Where they were, articles are looked for twice; then links lead where they are.
    office.news_after(24 * 9).await;
    look(&office, "not found").await;
    office.news_after(26).await;
    look(&office, "not found again").await;
    let articles = office.articles().await.into_iter();
    let mut links: Vec<String> = articles
        .map(|article| article.url.path().to_owned())
        .collect();
    links.sort();
    let items = office.portal.items.iter();
    let mut paths: Vec<&str> = items.map(|item| item.path()).collect();
    paths.sort_unstable();
    assert_eq!(links, paths);
    office.edit(&[1, 9], 24 * 30).await;
    look(&office, "edited when it was built anew").await;
    office.restart().await;
    office.news_after(2).await;
    look(&office, "restarted").await;
    office.publish_from_nothing().await;
    look(&office, "published from nothing").await;
    office.portal.move_item(3);
    office.news_after(30).await;
    look(&office, "one article moved").await;
}

/// Runs a program of others to its end, beside whom it asks.
pub(crate) fn ran(command: &mut Command) -> Output {
    let output = tokio::task::block_in_place(|| command.output()).unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {told}");
    output
}

/// A program that sees nothing of who runs the tests.
fn program(name: &str, home: &Path) -> Command {
    let mut command = Command::new(name);
    command.env_clear().current_dir(home).env("HOME", home);
    for kept in ["PATH", "PYENV_ROOT"] {
        if let Some(value) = std::env::var_os(kept) {
            command.env(kept, value);
        }
    }
    command
}
