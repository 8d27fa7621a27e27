//! Hubs, webhooks and people get every notice at least once, whatever fails meanwhile.
//!
//! Owns the receivers. Never leaves loopback.

mod mail;
mod office;
mod post;
mod robots;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use chrono::TimeDelta;
use dibao::config::{Cron, ServiceConfig};
use dibao::model::FileEntry;
use dibao::model::{Change, Clock, Timestamp};
use dibao::notify::{Notifier, Published};
use dibao::pipeline::{self, Progress, PublishInput};
use dibao::publish::{KeptPlace, PublishFolder, PublishPlace};
use dibao::render::Site;
use dibao::store::{DeadLetter, Store};
use tokio_util::sync::CancellationToken;

use crate::faults_machine::machine::{ARTICLES, Machine, PATIENCE};
use crate::feeds::judges::has;
use crate::support::replica::{Bench, Replica, hourly};
use crate::support::served::Server;

/// A request: its headers, and its body.
type Message = (HeaderMap, Vec<u8>);

/// A small hub, or a downstream site: it answers as it is told to, and keeps what it was sent.
#[derive(Clone, Default)]
struct Receiver {
    received: Arc<Mutex<Vec<Message>>>,
    status: Arc<AtomicU16>,
}

impl Receiver {
    async fn serve() -> (Self, String) {
        let receiver = Self::default();
        receiver.answer(204);
        let own = receiver.clone();
        let app = Router::new().fallback(move |headers: HeaderMap, body: Bytes| async move {
            own.received.lock().unwrap().push((headers, body.to_vec()));
            StatusCode::from_u16(own.status.load(Ordering::SeqCst)).unwrap()
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/take", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        (receiver, url)
    }

    fn answer(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    fn taken(&self) -> Vec<Message> {
        std::mem::take(&mut self.received.lock().unwrap())
    }

    /// The feeds that a hub was told of since it was asked last.
    fn topics(&self) -> Vec<String> {
        let forms = self.taken().into_iter().map(|(_, body)| body);
        forms
            .map(|form| {
                let form: Vec<(String, String)> =
                    url::form_urlencoded::parse(&form).into_owned().collect();
                assert_eq!(form[0], ("hub.mode".to_owned(), "publish".to_owned()));
                assert_eq!(
                    (form[1].0.as_str(), form[2].0.as_str()),
                    ("hub.topic", "hub.url")
                );
                form[2].1.clone()
            })
            .collect()
    }

    fn seqs(&self) -> Vec<i64> {
        let bodies = self.taken().into_iter().map(|(_, body)| body);
        bodies
            .map(|body| serde_json::from_slice::<Change>(&body).unwrap().seq)
            .collect()
    }
}

/// A dibao that publishes and tells, with a clock that it is given.
struct Desk {
    bench: Bench,
    site: Site,
    notifier: Notifier,
}

impl Desk {
    fn new(bench: Bench, base_url: &str, settings: &str) -> Self {
        let file = bench.folder.path().join("dibao.toml");
        let text = format!("base_url = \"{base_url}\"\n{settings}");
        std::fs::write(&file, text).unwrap();
        let service = ServiceConfig::load(&file).unwrap();
        let site = Site {
            base_url: service.base_url.clone(),
            hubs: service.hubs.clone(),
            demo: false,
        };
        let notifier = Notifier::new("dibao-test", &service).unwrap();
        Self {
            bench,
            site,
            notifier,
        }
    }

    /// A run, as far as others hear of it: collects, publishes, and tells them.
    async fn run(&self) -> Vec<FileEntry> {
        self.bench.run().await;
        let (cron, silent) = (hourly(), Progress::silent());
        let files = self.publish(&cron, &silent).await;
        self.tell(&files).await;
        files
    }

    async fn publish(&self, cron: &Cron, progress: &Progress) -> Vec<FileEntry> {
        let store = self.bench.store().await;
        let directory = PublishFolder::open(self.bench.public()).unwrap();
        let columns = std::slice::from_ref(&self.bench.column);
        let input = PublishInput {
            store: &store,
            columns,
            broken: &[],
            cron,
            topics: &[],
            site: &self.site,
            directory: &directory,
            kept: &KeptPlace::from(store.folder()),
            progress,
        };
        pipeline::publish(&input).await.unwrap();
        store.close().await;
        directory.files()
    }

    async fn tell(&self, files: &[FileEntry]) {
        self.with_store(async |store| {
            let now = self.bench.now;
            let (clock, stop) = (Clock::from_fn(move || now), CancellationToken::new());
            let published = Published {
                store: &store,
                site: &self.site,
                columns: &[],
                files,
                clock: &clock,
            };
            let told = self.notifier.tell(&published, &stop);
            told.await.unwrap();
        })
        .await;
    }

    async fn begin(&self) {
        let now = self.bench.now;
        self.with_store(async |store| self.notifier.begin(&store, now).await.unwrap())
            .await;
    }

    async fn with_store<T>(&self, of: impl AsyncFnOnce(Store) -> T) -> T {
        let store = self.bench.store().await;
        let result = of(store.clone()).await;
        store.close().await;
        result
    }

    async fn dead_letters(&self) -> Vec<DeadLetter> {
        self.with_store(async |store| store.notices().dead_letters(10).await.unwrap())
            .await
    }

    fn later(&mut self, minutes: i64) {
        self.bench.now = self.bench.now.plus(TimeDelta::minutes(minutes));
    }

    /// The portal edits an article, which a look finds.
    async fn edited(&mut self, replica: &Replica, text: &str) -> Vec<FileEntry> {
        use crate::feeds::odd_site;
        odd_site::edit(replica, &odd_site::plain_pages(), text);
        self.later(4 * 24 * 60);
        self.run().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_hears_of_each_feed_that_changed_and_of_no_other() {
    let (hub, hub_url) = Receiver::serve().await;
    let replica = Replica::serve().await;
    let bench = Bench::new(&replica);
    let server = Server::of(&bench.public()).await;
    let base_url = server.base_url.clone();
    let mut desk = Desk::new(bench, &base_url, &format!("hub = \"{hub_url}\""));
    let files = desk.run().await;

    let topics = hub.topics();
    let all = ["", "lucheng/", "lucheng/work-news/"]
        .iter()
        .flat_map(|folder| {
            ["atom.xml", "feed.json", "rss.xml"].map(|file| format!("{base_url}{folder}{file}"))
        });
    let mut all: BTreeSet<String> = all.collect();
    all.insert(format!("{base_url}lucheng/work-news/revisions.atom"));
    all.insert(format!("{base_url}incidents.atom"));
    assert_eq!(topics.len(), all.len());
    assert_eq!(topics.iter().cloned().collect::<BTreeSet<_>>(), all);

    // A hub and its subscribers find two addresses at a topic: its own, and the hub's.
    for topic in &topics {
        let feed = server.get(topic.strip_prefix(&base_url).unwrap()).await;
        let text = feed.text();
        let is_told = |mark: &str| assert!(text.contains(mark), "{topic} lacks {mark}");
        if topic.ends_with("json") {
            is_told(&format!(
                "\"hubs\":[{{\"type\":\"WebSub\",\"url\":\"{hub_url}\"}}]"
            ));
            is_told(&format!("\"feed_url\":\"{topic}\""));
        } else {
            let read = feed_rs::parser::parse(feed.body.as_slice()).unwrap();
            if topic.ends_with("rss.xml") {
                is_told("rel=\"hub\"");
                is_told(&format!("href=\"{topic}\" rel=\"self\""));
            } else {
                let link = |rel: &str| {
                    let mut links = read.links.iter();
                    let found = links.find(|link| link.rel.as_deref() == Some(rel));
                    found.map(|link| link.href.clone())
                };
                assert_eq!(
                    (link("hub"), link("self")),
                    (Some(hub_url.clone()), Some(topic.clone()))
                );
            }
        }
    }
    // Archive documents are no topics, and no change of a setting alters them.
    let archive = server.get("lucheng/work-news/archive/000001.atom").await;
    assert!(!archive.text().contains("hub"));

    desk.tell(&files).await;
    assert_eq!(hub.topics(), [""; 0]);
    desk.edited(&replica, "修订").await;
    let changed: BTreeSet<String> = hub.topics().into_iter().collect();
    all.remove(&format!("{base_url}incidents.atom"));
    assert_eq!(changed, all);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_is_down_is_told_later_and_rests_meanwhile() {
    let (hub, hub_url) = Receiver::serve().await;
    let replica = Replica::serve().await;
    let settings = format!("hub = \"{hub_url}\"");
    let mut desk = Desk::new(Bench::new(&replica), "http://127.0.0.1:1/", &settings);
    hub.answer(503);
    let files = desk.run().await;
    assert_eq!(
        hub.topics().len(),
        1,
        "what ails a hub ails it for every feed"
    );
    let failing = desk.with_store(async |store| store.notices().failing_receivers().await.unwrap());
    let failing = failing.await;
    assert_eq!(
        (failing[0].receiver.as_str(), failing[0].failures),
        (hub_url.as_str(), 1)
    );
    assert!(failing[0].reason.contains("503"), "{}", failing[0].reason);

    hub.answer(202);
    desk.tell(&files).await;
    assert_eq!(hub.topics().len(), 0, "it rests");
    desk.later(2);
    desk.tell(&files).await;
    let failing = desk.with_store(async |store| store.notices().failing_receivers().await.unwrap());
    assert!(failing.await.is_empty());
}

/// A secret as the Standard Webhooks have it, and a webhook of it.
const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDWgEgNgHKJhI=";

fn webhook(url: &str, more: &str) -> String {
    format!("[[webhook]]\nurl = \"{url}\"\nsecret = \"{SECRET}\"\n{more}\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_hears_of_each_change_in_order_and_once_where_nothing_fails() {
    let (site, url) = Receiver::serve().await;
    let (other, other_url) = Receiver::serve().await;
    let replica = Replica::serve().await;
    let settings = format!(
        "{}{}",
        webhook(&url, ""),
        webhook(&other_url, "columns = [\"elsewhere/*\"]")
    );
    let mut desk = Desk::new(Bench::new(&replica), "http://127.0.0.1:1/", &settings);
    desk.begin().await;
    desk.run().await;
    let last = desk
        .with_store(async |store| store.changes().last_seq().await.unwrap())
        .await;
    assert!(last > 50, "{last}");
    assert_eq!(site.seqs(), (1..=last).collect::<Vec<_>>());
    desk.edited(&replica, "修订").await;
    let now = desk
        .with_store(async |store| store.changes().last_seq().await.unwrap())
        .await;
    let taken = site.taken();
    assert_eq!(taken.len(), usize::try_from(now - last).unwrap());
    assert_eq!(other.taken().len(), 0);

    // An implementation that is not ours agrees on every signature.
    if !has("python3", &["--version"], "install Python 3") {
        return;
    }
    for (headers, body) in taken {
        let change: Change = serde_json::from_slice(&body).unwrap();
        assert!(change.seq > last);
        let header = |name: &str| headers[name].to_str().unwrap().to_owned();
        assert!(header("webhook-id").starts_with("msg_"));
        assert_eq!(header("content-type"), "application/json");
        let sent =
            Timestamp::from_millis(header("webhook-timestamp").parse::<i64>().unwrap() * 1000);
        assert_eq!(sent, Some(desk.bench.now));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("body");
        std::fs::write(&file, &body).unwrap();
        let signed = signed(&header("webhook-id"), &header("webhook-timestamp"), &file);
        assert_eq!(header("webhook-signature"), signed);
    }
}

fn signed(id: &str, at: &str, body: &Path) -> String {
    const SIGN: &str = "import base64,hashlib,hmac,sys
secret,id,at,file=sys.argv[1:]
key=base64.b64decode(secret.removeprefix('whsec_'))
text=f'{id}.{at}.'.encode()+open(file,'rb').read()
print('v1,'+base64.b64encode(hmac.new(key,text,hashlib.sha256).digest()).decode())";
    let ran = std::process::Command::new("python3")
        .args(["-c", SIGN, SECRET, id, at])
        .arg(body)
        .output()
        .unwrap();
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    String::from_utf8(ran.stdout).unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_a_webhook_refuses_is_tried_again_and_at_last_put_aside() {
    let (site, url) = Receiver::serve().await;
    let replica = Replica::serve().await;
    let mut desk = Desk::new(
        Bench::new(&replica),
        "http://127.0.0.1:1/",
        &webhook(&url, ""),
    );
    desk.tell(&[]).await;
    site.answer(500);
    desk.run().await;
    let first = site.taken();
    assert_eq!(first.len(), 1);
    let mut tries = 1;
    // No sooner than it may; the rests grow to six hours.
    for _ in 0..40 {
        desk.later(20);
        desk.tell(&[]).await;
        for (headers, body) in site.taken() {
            assert_eq!(headers["webhook-id"], first[0].0["webhook-id"]);
            assert_eq!(body, first[0].1);
            tries += 1;
        }
    }
    // After 20, 40, 60, 80, 100, 140, 220, 360 and 620 minutes.
    assert_eq!(tries, 10);
    assert!(desk.dead_letters().await.is_empty());
    while desk.dead_letters().await.is_empty() {
        desk.later(6 * 60);
        desk.tell(&[]).await;
        tries += site.taken().len();
        assert!(tries < 20);
    }
    assert_eq!(tries, 12);
    let letters = desk.dead_letters().await;
    assert_eq!(
        (letters[0].seq, letters[0].reason.as_str()),
        (1, "answered 500 Internal Server Error")
    );
    // The changes behind it are not lost with it.
    site.answer(200);
    desk.tell(&[]).await;
    let last = desk
        .with_store(async |store| store.changes().last_seq().await.unwrap())
        .await;
    assert_eq!(site.seqs(), (2..=last).collect::<Vec<_>>());
}

/// A receiver that takes every connection, and never answers.
fn silent() -> (std::net::TcpListener, String) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/take", listener.local_addr().unwrap());
    (listener, url)
}

#[tokio::test(flavor = "multi_thread")]
async fn fault_59_no_receiver_waits_for_a_slow_one() {
    let (site, url) = Receiver::serve().await;
    let ((_hung, slow_hub), (_silent, slow)) = (silent(), silent());
    let replica = Replica::serve().await;
    let settings = format!(
        "hub = \"{slow_hub}\"\n{}{}",
        webhook(&slow, ""),
        webhook(&url, "")
    );
    let desk = Desk::new(Bench::new(&replica), "http://127.0.0.1:1/", &settings);
    desk.begin().await;
    desk.bench.run().await;
    let (cron, progress) = (hourly(), Progress::silent());
    let files = desk.publish(&cron, &progress).await;
    let last = desk
        .with_store(async |store| store.changes().last_seq().await.unwrap())
        .await;
    let all = usize::try_from(last).unwrap();
    let other_has_all = async {
        while site.received.lock().unwrap().len() < all {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = desk.tell(&files) => panic!("the slow ones have answered"),
        () = other_has_all => (),
    }
    assert_eq!(site.seqs(), (1..=last).collect::<Vec<_>>());
}

#[test]
fn a_new_webhook_gets_every_change_from_then_on() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (first, first_url) = runtime.block_on(Receiver::serve());
    let (second, second_url) = runtime.block_on(Receiver::serve());
    let machine = Machine::new();
    machine.always_due();
    let settings = |url: &str| format!("base_url = \"http://127.0.0.1:1/\"\n{}", webhook(url, ""));
    machine.write("dibao.toml", &settings(&first_url));
    machine.run();
    let all: Vec<i64> = (1..=i64::try_from(ARTICLES).unwrap()).collect();
    assert_eq!(first.seqs(), all, "of a run");

    // Another one: what was there before is in the dumps, what comes now comes to it as well.
    let both = format!("{}{}", settings(&first_url), webhook(&second_url, ""));
    machine.write("dibao.toml", &both);
    let show = "url = \"http://www.lc.gov.cn/lcxxgk/xxgkml/jbxxgk/gzdt/\"\n\
                [list]\ninitial = 1\n[fetch]\ndelay = \"0s\"\n";
    machine.write("feeds/lucheng/more-news.toml", show);
    let mut service = machine.serve();
    service.line_with("more-news");
    let deadline = std::time::Instant::now() + PATIENCE;
    while second.received.lock().unwrap().len() < 5 {
        assert!(std::time::Instant::now() < deadline, "nothing comes");
        std::thread::yield_now();
    }
    assert_eq!(service.stop(), Some(0));
    let (seqs, from) = (second.seqs(), all.len() as i64 + 1);
    assert_eq!(seqs, (from..from + seqs.len() as i64).collect::<Vec<_>>());
}

#[test]
fn a_secret_that_could_be_guessed_is_refused_with_a_better_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dibao.toml");
    for (settings, told) in [
        (
            webhook("http://a.example/", "").replace(SECRET, "hunter2"),
            "openssl rand",
        ),
        (
            webhook("http://a.example/", "").replace(SECRET, "whsec_aHVudGVyMg=="),
            "`webhook.secret`",
        ),
        (webhook("ftp://a.example/", ""), "`webhook.url`"),
        (
            webhook("http://a.example/", "column = []"),
            "did you mean `webhook.columns`?",
        ),
        ("hub = \"hub.example\"".to_owned(), "`hub`"),
        (webhook("http://a.example/", "").repeat(2), "is there twice"),
    ] {
        std::fs::write(&file, settings).unwrap();
        let error = ServiceConfig::load(&file).unwrap_err().to_string();
        assert!(
            error.contains(told) && !error.contains("hunter2"),
            "{error}"
        );
    }
}
