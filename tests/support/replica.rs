//! The replica portal on a free port of loopback, and a dibao that collects it.
//!
//! Owns both. Never tests anything itself.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dibao::archive::{Archive, ArchiveFiles};
use dibao::config::ConnectTo;
use dibao::config::{Column, Cron};
use dibao::demo::hostile::Hostile;
use dibao::demo::{self, Reply};
use dibao::fetch::{Fetcher, FetcherOptions};
use dibao::model::Incident;
use dibao::model::{Article, Clock, Timestamp};
use dibao::pipeline::{
    self, ArchiveWriter, AskedBy, BackfillReport, Collector, ColumnReport, Progress, PublishInput,
    PublishReport, Reach, ReextractReport, Reextractor, Rereader,
};
use dibao::publish::{KeptPlace, PublishFolder};
use dibao::render::Site;
use dibao::store::{Holder, Purpose, Store};
use futures_util::TryStreamExt;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// The column's folder on the portal.
pub(crate) const FOLDER: &str = "/lcxxgk/xxgkml/jbxxgk/gzdt/";

/// The replica portal, whose answers a test may change while it is served.
pub(crate) struct Replica {
    pub(crate) port: u16,
    changed: Arc<Mutex<HashMap<String, Reply>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Replica {
    pub(crate) async fn serve() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let changed: Arc<Mutex<HashMap<String, Reply>>> = Arc::default();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (answers, log) = (changed.clone(), asked.clone());
        tokio::spawn(demo::serve(
            listener,
            Some(Arc::new(move |path| {
                log.lock().unwrap().push(path.to_owned());
                answers.lock().unwrap().get(path).cloned()
            })),
        ));
        Self {
            port,
            changed,
            asked,
        }
    }

    /// The paths it was asked for since this was asked last, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    /// Answers this from now on.
    pub(crate) fn answer(&self, path: &str, reply: Reply) {
        self.changed.lock().unwrap().insert(path.to_owned(), reply);
    }

    /// Answers with the bundled page, with `from` replaced by `to`, which must change it.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let page = String::from_utf8(demo::file(path).unwrap().to_vec()).unwrap();
        assert!(page.contains(from), "{path} does not hold {from}");
        self.answer(path, Reply::Page(page.replace(from, to).into_bytes()));
    }

    /// Answers as bundled again.
    pub(crate) fn restore(&self, path: &str) {
        self.changed.lock().unwrap().remove(path);
    }
}

/// A dibao with folders of its own, a clock that stands still, and the replica as its portal.
pub(crate) struct Bench {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) column: Column,
    pub(crate) now: Timestamp,
    pub(crate) asked_by: AskedBy,
    /// Where hosts are reached.
    pub(crate) routes: Vec<ConnectTo>,
    /// The base URL of the published site.
    pub(crate) base_url: String,
}

const BASE_URL: &str = "http://127.0.0.1:8080/";

impl Bench {
    pub(crate) fn new(replica: &Replica) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            column: column("initial = 1000"),
            now: super::morning(),
            asked_by: AskedBy::Person,
            routes: vec![route(demo::HOST, 80, replica.port)],
            base_url: BASE_URL.to_owned(),
        }
    }

    /// A dibao that follows the column of this host, and can reach these hosts and no other.
    pub(crate) fn of_host(hostile: &Hostile, host: &str, others: &[&str]) -> Self {
        let hosts = || others.iter().copied().chain([host]);
        let plain = hosts().map(|host| route(host, 80, hostile.http.port()));
        let secure = hosts().map(|host| route(host, 443, hostile.https.port()));
        Self {
            folder: tempfile::tempdir().unwrap(),
            column: column_of("lucheng/work-news", "http", host, ""),
            now: super::morning(),
            asked_by: AskedBy::Person,
            routes: plain.chain(secure).collect(),
            base_url: BASE_URL.to_owned(),
        }
    }

    /// The same in a folder in memory, where there is one: thousands of syncs cost nothing there.
    pub(crate) fn in_memory(mut self) -> Self {
        if let Ok(folder) = tempfile::tempdir_in("/dev/shm") {
            self.folder = folder;
        }
        self
    }

    pub(crate) fn public(&self) -> PathBuf {
        self.folder.path().join("public")
    }

    pub(crate) async fn store(&self) -> Store {
        let place = super::place::of(&self.folder.path().join("data")).await;
        Store::open(place, Purpose::Real).await.unwrap()
    }

    pub(crate) async fn collector(&self, progress: Progress) -> Collector {
        let now = self.now;
        let store = self.store().await;
        let ends = store.captures().file_ends().await.unwrap();
        let warc = self.folder.path().join("data/warc");
        Collector {
            archive_writer: ArchiveWriter::start(
                Archive::open(&warc, &ends).unwrap(),
                store.clone(),
            ),
            kept: KeptPlace::from(store.folder()),
            store,
            asked_by: self.asked_by,
            fetcher: fetcher(self.routes.clone()),
            clock: Clock::from_fn(move || now),
            // No process has this number: whoever is killed holds no lease.
            holder: Holder::process(u32::MAX),
            progress,
            stop: CancellationToken::new(),
        }
    }

    /// One cycle, as `dibao run` does it.
    pub(crate) async fn run(&self) -> (ColumnReport, PublishReport) {
        self.run_with(Progress::silent()).await
    }

    pub(crate) async fn run_with(&self, progress: Progress) -> (ColumnReport, PublishReport) {
        let collector = self.collector(progress).await;
        let limit = Duration::from_secs(300);
        let mut report = pipeline::collect(&collector, &self.column, limit).await;
        pipeline::keep_files(&collector, &self.column, limit, &mut report).await;
        let published = self.publish(&collector).await;
        collector.store.close().await;
        (report, published)
    }

    /// A backfill, as `dibao backfill` does it.
    pub(crate) async fn backfill(&self, reach: Reach) -> (BackfillReport, PublishReport) {
        self.backfill_with(reach, Progress::silent()).await
    }

    pub(crate) async fn backfill_with(
        &self,
        reach: Reach,
        progress: Progress,
    ) -> (BackfillReport, PublishReport) {
        let collector = self.collector(progress).await;
        let report = pipeline::backfill(&collector, &self.column, &reach).await;
        let published = self.publish(&collector).await;
        collector.store.close().await;
        (report, published)
    }

    pub(crate) async fn publish(&self, collector: &Collector) -> PublishReport {
        self.publish_of(collector, std::slice::from_ref(&self.column))
            .await
    }

    /// Publishes these columns out of the store.
    pub(crate) async fn publish_of(
        &self,
        collector: &Collector,
        columns: &[Column],
    ) -> PublishReport {
        let site = Site {
            hubs: Vec::new(),
            base_url: self.base_url.parse().unwrap(),
            demo: false,
        };
        let directory = PublishFolder::open(self.public()).unwrap();
        let input = PublishInput {
            store: &collector.store,
            columns,
            broken: &[],
            cron: &hourly(),
            topics: &[],
            site: &site,
            directory: &directory,
            kept: &KeptPlace::from(collector.store.folder()),
            progress: &collector.progress,
        };
        pipeline::publish(&input).await.unwrap()
    }

    /// A dry re-extraction by the column's rules: after any run, it changes nothing.
    pub(crate) async fn reread(&self) -> ReextractReport {
        let store = self.store().await;
        let now = self.now;
        let reextractor = Reextractor {
            rereader: Rereader {
                store: store.clone(),
                archive: ArchiveFiles::from(&self.folder.path().join("data/warc")),
            },
            clock: Clock::from_fn(move || now),
            progress: Progress::silent(),
            stop: CancellationToken::new(),
            is_dry: true,
        };
        let columns = std::slice::from_ref(&self.column);
        let chosen: Vec<&Column> = columns.iter().collect();
        let report = reextractor.reextract(columns, &chosen, |told| println!("{told:?}"));
        let report = report.await.unwrap();
        store.close().await;
        report
    }

    pub(crate) async fn articles(&self) -> Vec<Article> {
        let store = self.store().await;
        let articles: Vec<Article> = store.articles().all().try_collect().await.unwrap();
        store.close().await;
        articles
    }

    /// The codes of the open incidents.
    pub(crate) async fn incidents(&self) -> Vec<String> {
        let told = self.told().await.into_iter();
        told.map(|incident| incident.reason).collect()
    }

    /// The open incidents.
    pub(crate) async fn told(&self) -> Vec<Incident> {
        let store = self.store().await;
        let incidents = store.incidents().open().await.unwrap();
        store.close().await;
        incidents
    }
}

/// The replica's column, with these lines under `[list]`.
pub(crate) fn column(list: &str) -> Column {
    let text = format!(
        "title = \"工作动态\"\nurl = \"http://{}{FOLDER}\"\n[list]\n{list}\n[fetch]\ndelay = \"0s\"\n",
        demo::HOST
    );
    parse("lucheng/work-news", &text)
}

/// The replica's column on another host, of which the first run reads a page; `more` is put into
/// the feed file.
pub(crate) fn column_of(name: &str, scheme: &str, host: &str, more: &str) -> Column {
    let text = format!(
        "title = \"工作动态\"\nurl = \"{scheme}://{host}{FOLDER}\"\nlist.initial = 1\n\
         fetch.delay = \"0s\"\n{more}\n"
    );
    parse(name, &text)
}

/// A column at this address; `more` is put into its feed file.
pub(crate) fn column_at(name: &str, url: &str, more: &str) -> Column {
    parse(name, &format!("url = \"{url}\"\n{more}\n"))
}

/// The timetable of those who have none.
pub(crate) fn hourly() -> Cron {
    Cron::parse(Path::new("cron.toml"), "").unwrap()
}

fn parse(name: &str, text: &str) -> Column {
    Column::parse(name.parse().unwrap(), Path::new("test.toml"), text).unwrap()
}

fn route(host: &str, port: u16, to: u16) -> ConnectTo {
    format!("{host}:{port}:127.0.0.1:{to}").parse().unwrap()
}

fn fetcher(connect_to: Vec<ConnectTo>) -> Fetcher {
    Fetcher::new(FetcherOptions {
        user_agent: "dibao-test".to_owned(),
        connect_to,
        retry_delay: Duration::from_millis(1),
        ..FetcherOptions::default()
    })
}

/// Every file below a folder, by its path, with what `read` says of it.
pub(crate) fn files<T>(folder: &Path, read: impl Fn(&Path) -> T) -> BTreeMap<String, T> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, &mut found);
    found
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(folder).unwrap();
            (name.to_string_lossy().into_owned(), read(&path))
        })
        .collect()
}

/// Every file below a folder with its bytes. A file in another content coding is left out, once it
/// is seen to be that of the file that it stands beside.
pub(crate) fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = files(folder, |path| std::fs::read(path).unwrap());
    let coded: Vec<String> = files
        .keys()
        .filter(|path| original(path).is_some_and(|of| files.contains_key(of)))
        .cloned()
        .collect();
    for path in coded {
        let bytes = files.remove(&path).unwrap();
        let of = &files[original(&path).unwrap()];
        assert!(uncoded(&path, &bytes) == *of, "{path} is of another state");
    }
    files
}

/// The same without what tells of the service's own troubles.
pub(crate) fn articles_told(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = bytes(folder);
    files.retain(|path, _| !["incidents.atom", "manifest.json"].contains(&path.as_str()));
    files
}

fn original(path: &str) -> Option<&str> {
    path.strip_suffix(".gz").or(path.strip_suffix(".br"))
}

fn uncoded(path: &str, mut bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let read = match path.ends_with(".br") {
        true => brotli::BrotliDecompress(&mut bytes, &mut plain),
        false => std::io::copy(&mut flate2::read::GzDecoder::new(bytes), &mut plain).map(|_| ()),
    };
    read.unwrap_or_else(|e| panic!("{path}: {e}"));
    plain
}
