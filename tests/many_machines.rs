//! Several processes that share a store on a server, as on several machines.
//!
//! Owns one portal server of many hosts. Needs PostgreSQL: `tests/with-postgres` starts one.

mod faults;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use dibao::demo::hostile::{COLUMN, Hostile, Visit};
use dibao::model::Article;
use dibao::store::{Purpose, Store, StorePlace};
use futures_util::TryStreamExt;
use tempfile::TempDir;
use url::Url;

use crate::support::{morning, page, place, text};

/// What the portals of a cluster are.
#[derive(Clone, Copy)]
struct Shape {
    hosts: usize,
    /// Columns of a host. All of them list the same.
    columns: usize,
    /// Articles of a host: ten at most.
    articles: usize,
    /// The pause between two requests.
    delay: &'static str,
    /// When a column is due that has run before.
    cron: &'static str,
    /// `dibao.toml`.
    service: &'static str,
}

/// Not before the test has ended.
const ONCE: &str = "0 7 1 1 *";

const SMALL: Shape = Shape {
    hosts: 10,
    columns: 4,
    articles: 8,
    delay: "20ms",
    cron: ONCE,
    service: "",
};

impl Shape {
    fn articles(self) -> usize {
        self.hosts * self.articles
    }

    /// Writes the feed files, and a timetable by which a column that never ran is due at once.
    fn write(self, folder: &Path) {
        let write = |path: &str, text: &str| {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write(
            "cron.toml",
            &format!("[[job]]\ncolumns = [\"*/*\"]\ncron = \"{}\"\n", self.cron),
        );
        write("dibao.toml", self.service);
        // Every sixth row is a line between the others.
        let rows = self.articles + 1 + usize::from(self.articles > 10);
        for portal in 0..self.hosts {
            for column in 0..self.columns {
                let text = format!(
                    "url = \"http://www.portal-{portal:02}.test{COLUMN}?column={column}\"\n[list]\n\
                     initial = 1\nitem = \"ul.list > li:nth-child(-n+{rows})\"\n[fetch]\n\
                     delay = \"{}\"\n",
                    self.delay
                );
                write(
                    &format!("feeds/portal-{portal}/column-{column}.toml"),
                    &text,
                );
            }
        }
    }
}

/// A worker, which is killed with this.
pub(crate) struct Worker(Child);

impl Worker {
    fn has_ended(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn articles(store: &Store) -> Vec<Article> {
    store.articles().all().try_collect().await.unwrap()
}

/// What several workers share: the configuration, the store on a server, and the portals.
pub(crate) struct Cluster {
    shape: Shape,
    pub(crate) folder: TempDir,
    pub(crate) url: Url,
    pub(crate) store: Store,
    hostile: Hostile,
}

impl Cluster {
    /// `None`, and a line that says so, if the test has no server.
    pub(crate) async fn serve() -> Option<Self> {
        let Some(server) = place::server() else {
            println!("skipped: DIBAO_TEST_POSTGRES is not set (tests/with-postgres sets it)");
            return None;
        };
        Some(Self::with(&server, SMALL).await)
    }

    /// With a store on this server.
    async fn with(server: &Url, shape: Shape) -> Self {
        let hostile = Hostile::serve().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        shape.write(folder.path());
        let url = place::schema(server, &folder.path().display().to_string()).await;
        let store = StorePlace::Server {
            url: url.clone(),
            folder: folder.path().join("data"),
        };
        let store = Store::open(store, Purpose::Real).await.unwrap();
        Self {
            shape,
            folder,
            url,
            store,
            hostile,
        }
    }

    fn log(&self, number: usize) -> PathBuf {
        self.folder.path().join(format!("worker-{number}.log"))
    }

    fn log_file(&self, number: usize) -> File {
        let mut log = File::options();
        log.create(true)
            .append(true)
            .open(self.log(number))
            .unwrap()
    }

    fn logs(&self, workers: usize) -> String {
        let log = |number| std::fs::read_to_string(self.log(number)).unwrap_or_default();
        (0..workers).map(log).collect()
    }

    /// The program, with the log of this worker.
    fn command(&self, number: usize, args: &[&str]) -> Command {
        let port = self.hostile.http.port();
        let mut command = Command::new(env!("CARGO_BIN_EXE_dibao"));
        command
            .current_dir(self.folder.path())
            .args(args)
            .env("DIBAO_STORE", self.url.as_str())
            .env("DIBAO_BASE_URL", "http://news.test/")
            .stdout(Stdio::null())
            .stderr(self.log_file(number));
        if args.first() == Some(&"worker") {
            command.arg(format!("--connect-to=::127.0.0.1:{port}"));
        }
        command
    }

    pub(crate) fn worker(&self, number: usize) -> Worker {
        Worker(self.command(number, &["worker"]).spawn().unwrap())
    }

    /// How many articles are stored.
    async fn count(&self) -> usize {
        self.store
            .articles()
            .all()
            .try_fold(0, |count, _| async move { Ok(count + 1) })
            .await
            .unwrap_or(0)
    }

    /// Waits until all articles are stored, and every change is published.
    pub(crate) async fn all_published(&self) {
        let began = Instant::now();
        loop {
            let count = articles(&self.store).await.len();
            let seq = self.store.changes().last_seq().await.unwrap();
            let manifest = self.folder.path().join("public/manifest.json");
            let manifest = std::fs::read_to_string(manifest).unwrap_or_default();
            let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap_or_default();
            if count == self.shape.articles() && manifest["seq"] == seq {
                return;
            }
            assert!(
                began.elapsed() < Duration::from_secs(180),
                "{count} articles of {}, {} of {seq} changes published: {}",
                self.shape.articles(),
                manifest["seq"],
                self.logs(4)
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Each article is there once, and its changes are numbered without a gap.
    async fn is_whole(&self) {
        let articles = articles(&self.store).await;
        let urls: BTreeSet<&Url> = articles.iter().map(|article| &article.url).collect();
        assert_eq!(
            (articles.len(), urls.len()),
            (self.shape.articles(), self.shape.articles())
        );
        // Workers that live may write more in between.
        let last = self.store.changes().last_seq().await.unwrap();
        let changes = self.store.changes().after(0, last).await.unwrap();
        let numbers: Vec<i64> = changes.iter().map(|change| change.seq).collect();
        assert_eq!(numbers, (1..=last).collect::<Vec<_>>());
    }

    /// One process with a store of its own collects the same articles, at other times.
    async fn is_as_by_one_process(&self) {
        let port = self.hostile.http.port();
        let mut command = self.command(0, &["run", "--data", "one", "--public", "one/public"]);
        command.arg(format!("--connect-to=::127.0.0.1:{port}"));
        let run = command.env_remove("DIBAO_STORE").output().unwrap();
        assert!(run.status.success(), "{}", self.logs(1));
        let one = StorePlace::from(self.folder.path().join("one").as_path());
        let one = Store::open(one, Purpose::Real).await.unwrap();
        let (mut many, mut alone) = (articles(&self.store).await, articles(&one).await);
        one.close().await;
        for article in many.iter_mut().chain(&mut alone) {
            article.first_seen_at = morning();
            article.updated_at = morning();
        }
        many.sort_by(|a, b| a.url.cmp(&b.url));
        alone.sort_by(|a, b| a.url.cmp(&b.url));
        assert_eq!(many, alone);
    }

    /// All visits of the portals. No host was asked by two at once.
    fn visits_of_one_at_a_time(&self) -> Vec<Visit> {
        let visits = self.hostile.log();
        assert!(
            visits.iter().all(|visit| visit.at_once == 1),
            "a host was asked by two at once"
        );
        visits
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn four_workers_share_the_columns_and_no_host_is_asked_by_two_at_once() {
    let Some(cluster) = Cluster::serve().await else {
        return;
    };
    let workers: Vec<Worker> = (0..4).map(|number| cluster.worker(number)).collect();
    cluster.all_published().await;
    cluster.is_whole().await;
    let visits = cluster.visits_of_one_at_a_time();
    let mut asked: BTreeMap<(String, String), usize> = BTreeMap::new();
    for visit in &visits {
        *asked
            .entry((visit.host.clone(), visit.path.clone()))
            .or_default() += 1;
    }
    let twice: Vec<_> = asked.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "asked for more than once: {twice:?}");
    drop(workers);
    cluster.is_as_by_one_process().await;
    cluster.store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_worker_left_another_does_within_a_minute() {
    let Some(cluster) = Cluster::serve().await else {
        return;
    };
    let first = cluster.worker(0);
    while articles(&cluster.store).await.len() < 5 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop(first);
    let (killed, asked) = (Instant::now(), cluster.hostile.log().len());
    let second = cluster.worker(1);
    cluster.all_published().await;
    println!("all was done {:?} after the kill", killed.elapsed());
    cluster.is_whole().await;
    assert!(cluster.visits_of_one_at_a_time().len() > asked);
    drop(second);
    cluster.store.close().await;
}

/// Writers, and articles of each.
const WRITERS: u32 = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_miss_nothing_and_read_nothing_twice_while_eight_processes_write() {
    let Some(server) = place::server() else {
        println!("skipped: DIBAO_TEST_POSTGRES is not set (tests/with-postgres sets it)");
        return;
    };
    let each: u32 = match std::env::var("DIBAO_CHANGES") {
        Ok(all) => all.parse::<u32>().unwrap() / WRITERS,
        Err(_) => 50,
    };
    let folder = tempfile::tempdir().unwrap();
    let url = place::schema(&server, &folder.path().display().to_string()).await;
    let place = StorePlace::Server {
        url,
        folder: folder.path().to_owned(),
    };
    let reader = Store::open(&place, Purpose::Real).await.unwrap();
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let store = Store::open(&place, Purpose::Real).await.unwrap();
        writers.spawn(async move {
            for number in 0..each {
                let seed = writer * each + number;
                // One article in four is that of another writer, too.
                let url = match number % 4 {
                    0 => format!("http://gov.test/shared/{}.html", number / 4),
                    _ => format!("http://gov.test/{writer}/{number}.html"),
                };
                let read = page(&url, None, &format!("公告{seed}"), &text(seed));
                store.articles().save(morning(), None, &read).await.unwrap();
            }
            store.close().await;
        });
    }
    let (mut seen, mut after) = (Vec::new(), 0);
    let mut is_written = false;
    loop {
        let page = reader.changes().list(after, 100).await.unwrap();
        let (count, last) = (page.changes.len(), page.last_seq);
        seen.extend(page.changes.iter().map(|change| change.seq));
        after = seen.last().copied().unwrap_or(0);
        assert!(after <= last, "a change was read that is not there yet");
        if is_written && count == 0 {
            break;
        }
        is_written = writers.is_empty();
        while let Some(ended) = writers.try_join_next() {
            ended.unwrap();
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(
        seen,
        (1..=after).collect::<Vec<_>>(),
        "no gap, and none twice"
    );
    assert!(after >= i64::from(WRITERS * each * 3 / 4), "{after}");
    println!("{after} changes of {WRITERS} writers");
    reader.close().await;
}

#[test]
fn a_server_that_cannot_be_used_is_told_with_the_remedy_and_without_the_password() {
    let folder = tempfile::tempdir().unwrap();
    SMALL.write(folder.path());
    let fails = |args: &[&str], words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dibao"));
        let ended = command
            .current_dir(folder.path())
            .args(args)
            .output()
            .unwrap();
        let error = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(2), "{args:?}: {error}");
        for word in words {
            assert!(
                error.contains(word),
                "{args:?}: {word:?} is not in: {error}"
            );
        }
        assert!(!error.contains("secret"), "{error}");
    };
    let away = "--store=postgres://dibao:secret@127.0.0.1:1/dibao";
    let told = [
        "postgres://dibao:***@127.0.0.1:1/dibao",
        "store-unreachable",
        "remedy: ",
    ];
    for command in ["run", "check", "status", "worker", "serve", "publish"] {
        fails(&[command, away], &told);
    }
    fails(
        &["run", "--data=postgres://dibao:secret@127.0.0.1:1/dibao"],
        &told,
    );
    fails(&["worker"], &["is not shared", "--store"]);
    fails(
        &["run", "--store=mysql://dibao:secret@db.example/dibao"],
        &["mysql is not postgres"],
    );
    std::fs::write(
        folder.path().join("dibao.toml"),
        "[store]\nurl = \"http://a:secret@b/c\"",
    )
    .unwrap();
    fails(
        &["check"],
        &[
            "dibao.toml",
            "`store.url`",
            "http is not postgres",
            "remedy: ",
        ],
    );
}

#[tokio::test]
async fn a_database_that_is_missing_or_of_a_newer_dibao_is_left_alone() {
    let Some(server) = place::server() else {
        println!("skipped: DIBAO_TEST_POSTGRES is not set (tests/with-postgres sets it)");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_owned();
    let open = async |url: Url| {
        let folder = data.clone();
        Store::open(StorePlace::Server { url, folder }, Purpose::Real).await
    };
    let mut missing = server.clone();
    missing.set_path("no_such_database");
    let error = open(missing).await.unwrap_err();
    assert_eq!(error.reason(), "store-refused");
    assert!(error.to_string().contains("no_such_database"), "{error}");
    let url = place::schema(&server, &data.display().to_string()).await;
    open(url.clone()).await.unwrap().close().await;
    let place = StorePlace::Server {
        url: url.clone(),
        folder: data.clone(),
    };
    let newer =
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (999, 'of tomorrow', true, 'x', 0)";
    place::execute(&place, newer).await;
    place::execute(&place, "DELETE FROM meta WHERE key = 'oldest_schema'").await;
    let error = open(url.clone()).await.unwrap_err();
    assert_eq!(error.reason(), "store-newer");
    assert!(error.to_string().contains("schema 999"), "{error}");
    let additive = "INSERT INTO meta (key, value)
                    SELECT 'oldest_schema', MAX(version) FROM _sqlx_migrations WHERE version < 999";
    place::execute(&place, additive).await;
    open(url).await.unwrap().close().await;
}
