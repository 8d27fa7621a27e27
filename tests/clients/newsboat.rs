//! newsboat, read through its cache: its exit code says nothing.
//!
//! Owns the runs of newsboat. Never decides what an article is.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::Row;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

use super::gateway::Gateway;
use super::{Office, live_through, program, ran};
use crate::faults_machine::machine::{ARTICLES, COLUMN, Machine, Service};
use crate::feeds::judges::has;

/// An entry as newsboat keeps it.
#[derive(Debug)]
struct Kept {
    guid: String,
    title: String,
    url: String,
    date: i64,
    content: String,
    is_unread: bool,
}

/// A newsboat that is subscribed to one feed.
struct Newsboat {
    home: tempfile::TempDir,
}

impl Newsboat {
    fn subscribed(url: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(home.path().join(name), text).unwrap();
        write("urls", url);
        write("config", "auto-reload no\n");
        Self { home }
    }

    fn poll(&self) {
        let files = ["-u", "urls", "-c", "cache.db", "-C", "config"];
        let mut newsboat = program("newsboat", self.home.path());
        ran(newsboat.args(files).args(["-x", "reload"]));
    }

    async fn cache(&self) -> SqlitePool {
        let file = self.home.path().join("cache.db");
        let options = SqliteConnectOptions::new().filename(file);
        SqlitePool::connect_with(options).await.unwrap()
    }

    async fn kept(&self) -> Vec<Kept> {
        let cache = self.cache().await;
        let rows = sqlx::query("SELECT guid, title, url, pubDate, content, unread FROM rss_item")
            .fetch_all(&cache)
            .await
            .unwrap();
        cache.close().await;
        let kept = rows.iter().map(|row| Kept {
            guid: row.get(0),
            title: row.get(1),
            url: row.get(2),
            date: row.get(3),
            content: row.get(4),
            is_unread: row.get(5),
        });
        kept.collect()
    }

    async fn read_all(&self) {
        let cache = self.cache().await;
        let read = sqlx::query("UPDATE rss_item SET unread = 0");
        read.execute(&cache).await.unwrap();
        cache.close().await;
    }
}

/// It has every article once, as the store has it, and only what it has not had before is unread.
async fn has_all(newsboat: &Newsboat, office: &Office, read: &BTreeSet<String>, what: &str) {
    let kept = newsboat.kept().await;
    let by_guid: BTreeMap<&str, &Kept> = kept.iter().map(|kept| (&*kept.guid, kept)).collect();
    assert_eq!(by_guid.len(), kept.len(), "{what}");
    let articles = office.articles().await;
    assert_eq!(kept.len(), articles.len(), "{what}");
    for article in &articles {
        let id = article.id.urn().to_string();
        let kept = by_guid.get(&*id);
        let kept = kept.unwrap_or_else(|| panic!("{what}: {} is missing", article.title));
        assert_eq!(kept.title, article.title, "{what}");
        assert_eq!(kept.is_unread, !read.contains(&id), "{what}: {kept:?}");
        let items = &mut office.portal.items.iter();
        let item = items.find(|item| item.title() == kept.title).unwrap();
        assert_eq!(kept.date, item.published_at().millis() / 1000, "{what}");
        assert_eq!(kept.url, article.url.as_str(), "{what}");
        assert!(kept.content.contains(&item.words()), "{what}: {kept:?}");
        assert!(kept.content.contains(&item.edited()), "{what}: {kept:?}");
    }
}

async fn sees_everything_once(feed: &str) {
    if !has("newsboat", &["--version"], "apt-get install newsboat") {
        return;
    }
    let mut newsboat = None;
    let mut read = BTreeSet::new();
    live_through(async |office, what| {
        let newsboat = newsboat.get_or_insert_with(|| Newsboat::subscribed(&office.url(feed)));
        newsboat.poll();
        has_all(newsboat, office, &read, what).await;
        newsboat.read_all().await;
        read.extend(newsboat.kept().await.into_iter().map(|kept| kept.guid));
        // Nothing has happened: from its third poll on it says what it has, and is sent nothing.
        office.gateway.visits();
        (0..2).for_each(|_| newsboat.poll());
        has_all(newsboat, office, &read, what).await;
        let visits = office.gateway.visits();
        let last = visits.last().unwrap();
        assert_eq!(
            (last.status, last.is_conditional),
            (304, true),
            "{what}: {visits:?}"
        );
        assert!(
            visits.iter().all(|visit| visit.path.ends_with(feed)),
            "{visits:?}"
        );
    })
    .await;
    assert_eq!(read.len(), 29);
}

#[tokio::test(flavor = "multi_thread")]
async fn newsboat_sees_every_article_of_an_rss_feed_once() {
    sees_everything_once("rss.xml").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn newsboat_sees_every_article_of_an_atom_feed_once() {
    sees_everything_once("atom.xml").await;
}

/// The real service behind the gateway, once it has published all articles.
fn serves(machine: &Machine, gateway: &Gateway) -> Service {
    let service = machine.serve();
    service.whole_feed();
    gateway.lead_to(&format!("http://{}/", service.address));
    service
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_killed_and_started_again_costs_newsboat_a_304() {
    if !has("newsboat", &["--version"], "apt-get install newsboat") {
        return;
    }
    let gateway = Gateway::serve().await;
    let machine = Machine::new();
    machine.always_due();
    machine.write(
        "dibao.toml",
        &format!("base_url = {:?}\n", gateway.base_url),
    );
    let service = tokio::task::block_in_place(|| serves(&machine, &gateway));
    let newsboat = Newsboat::subscribed(&format!("{}{COLUMN}/rss.xml", gateway.base_url));
    (0..2).for_each(|_| newsboat.poll());
    newsboat.read_all().await;
    drop(service);
    let _service = tokio::task::block_in_place(|| serves(&machine, &gateway));
    newsboat.poll();
    let statuses: Vec<u16> = gateway.visits().iter().map(|visit| visit.status).collect();
    assert_eq!(statuses, [200, 200, 304]);
    let kept = newsboat.kept().await;
    let unread = kept.iter().filter(|kept| kept.is_unread);
    assert_eq!((kept.len(), unread.count()), (ARTICLES, 0), "{kept:?}");
}
