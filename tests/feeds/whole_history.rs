//! The whole history, as the mirror in `examples/` reads it over HTTP, equals the store.
//!
//! Owns this comparison. Never leaves loopback.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use chrono::TimeDelta;
use dibao::model::Timestamp;
use dibao::pipeline::{self, Progress, PublishInput};
use dibao::publish::{KeptPlace, PublishFolder, PublishedFiles};
use dibao::render::Site;
use dibao::serve::{self, Limits, ServerOptions, Source};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::judges::has;
use super::odd_site;
use crate::support::replica::{Bench, hourly};

/// The facts that a mirror must know of each entry: its last change, and whether it is gone.
pub(super) type Versions = BTreeMap<String, (i64, bool)>;

/// The articles of the store, without those that were merged into others.
pub(super) async fn stored(bench: &Bench) -> Versions {
    let articles = bench.articles().await.into_iter();
    let versions = articles.map(|article| {
        let state = (article.updated_at.millis(), article.withdrawn_at.is_some());
        (article.id.urn().to_string(), state)
    });
    versions.collect()
}

pub(super) fn mirrored(file: &Path) -> Versions {
    let mirror: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let entries = mirror["entries"].as_object().unwrap().iter();
    let versions = entries.map(|(id, entry)| {
        let updated: Timestamp = serde_json::from_value(entry["updated"].clone()).unwrap();
        (
            id.clone(),
            (updated.millis(), entry.get("deleted").is_some()),
        )
    });
    versions.collect()
}

/// Publishes what the bench has stored for a site at this address.
async fn publish(bench: &Bench, folder: &Path, base_url: &str) {
    let site = Site {
        hubs: Vec::new(),
        base_url: base_url.parse().unwrap(),
        demo: false,
    };
    let store = bench.store().await;
    let directory = PublishFolder::open(folder).unwrap();
    let columns = [bench.column.clone()];
    let silent = Progress::silent();
    let input = PublishInput {
        store: &store,
        columns: &columns,
        broken: &[],
        cron: &hourly(),
        topics: &[],
        site: &site,
        directory: &directory,
        kept: &KeptPlace::from(store.folder()),
        progress: &silent,
    };
    pipeline::publish(&input).await.unwrap();
    store.close().await;
}

pub(super) async fn mirror(feed: &str, file: &Path) -> String {
    let mut mirror = Command::new("python3");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/mirror.py");
    mirror.arg(script).arg(feed).arg(file);
    let ran = tokio::task::spawn_blocking(move || mirror.output());
    let ran = ran.await.unwrap().unwrap();
    let flaws = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(ran.status.success(), "{flaws}");
    String::from_utf8(ran.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_that_walks_the_history_has_what_the_store_has() {
    if !has("python3", &["--version"], "install Python 3") {
        return;
    }
    let (replica, mut bench) = odd_site::odd().await;
    let folder = tempfile::tempdir().unwrap();
    let listener = serve::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let base_url = format!("http://{}/", listener.local_addr().unwrap());
    let public = folder.path().join("public");
    let served = ServerOptions {
        public: PublishedFiles::Folder(public.clone()),
        limits: Limits::new(4),
        source: Source::default(),
    };
    publish(&bench, &public, &base_url).await;
    let stop = CancellationToken::new();
    tokio::spawn(serve::serve(listener, served, stop.clone()));
    let feed = format!("{base_url}lucheng/work-news/atom.xml");
    let file = folder.path().join("mirror.json");
    let said = mirror(&feed, &file).await;
    assert_eq!(said, "3 documents read, 72 entries\n");
    assert_eq!(mirrored(&file), stored(&bench).await);

    // Later the mirror asks for no document that it knows to be complete.
    odd_site::edit(&replica, &odd_site::plain_pages(), "四次修订");
    bench.now = bench.now.plus(TimeDelta::days(4));
    bench.run().await;
    publish(&bench, &public, &base_url).await;
    let said = mirror(&feed, &file).await;
    assert_eq!(said, "2 documents read, 72 entries\n");
    assert_eq!(mirrored(&file), stored(&bench).await);

    // A file of another kind is refused in one line, and nothing is written.
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/mirror.py");
    let other = folder.path().join("other.json");
    for file in ["rss.xml", "none.xml"] {
        let mut mirror = Command::new("python3");
        mirror
            .arg(&script)
            .arg(format!("{base_url}lucheng/work-news/{file}"))
            .arg(&other);
        let ran = tokio::task::spawn_blocking(move || mirror.output());
        let ran = ran.await.unwrap().unwrap();
        let flaws = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(
            !ran.status.success() && flaws.lines().count() == 1,
            "{flaws}"
        );
        assert!(!other.exists());
    }

    let walked = by_next_url(&public, &base_url);
    let newest: Versions = stored(&bench).await;
    let updated = |versions: Versions| versions.into_iter().map(|(id, (at, _))| (id, at));
    assert!(updated(walked).eq(updated(newest)));
    stop.cancel();
}

/// Every item from the JSON Feed on, by `next_url`: the first that is met of each id.
fn by_next_url(public: &Path, base_url: &str) -> Versions {
    let mut versions = Versions::new();
    let mut next = Some("lucheng/work-news/feed.json".to_owned());
    while let Some(path) = next {
        let bytes = std::fs::read(public.join(&path)).unwrap();
        let feed: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(feed["feed_url"], format!("{base_url}{path}"));
        for item in feed["items"].as_array().unwrap() {
            let id = item["id"].as_str().unwrap().to_owned();
            let updated: Timestamp = serde_json::from_value(item["date_modified"].clone()).unwrap();
            let gone = item["_dibao"].get("withdrawn_at").is_some();
            versions.entry(id).or_insert((updated.millis(), gone));
        }
        let further = feed.get("next_url").and_then(Value::as_str);
        next = further.map(|url| url.strip_prefix(base_url).unwrap().to_owned());
    }
    versions
}
