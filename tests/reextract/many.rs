//! An archive of many pages: read anew within bounds, stopped and killed, and gone on with.
//!
//! Owns the large archive. Never leaves loopback.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Instant;

use dibao::archive::{Archive, ArchiveFiles, Capture};
use dibao::config::Column;
use dibao::decode::decode;
use dibao::demo;
use dibao::model::Clock;
use dibao::pipeline::{Progress, ReextractReport, Reextractor, Rereader, Step, accept};
use dibao::store::{ListedItem, NewCapture, Purpose, ReadPage, Reading, Store};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{ARTICLE, EDITOR, FEED};
use crate::faults_machine::machine::{COLUMN, Doomed, Machine, told};
use crate::faults_machine::memory::runner;
use crate::support::replica::{FOLDER, bytes};
use crate::support::{morning, text};

/// The memory limit of the program for an archive of any size, in KiB.
const MOST: u64 = 300 * 1024;

fn column(more: &str) -> Column {
    let feed = format!("{FEED}{more}");
    Column::parse(COLUMN.parse().unwrap(), Path::new("test.toml"), &feed).unwrap()
}

/// Fills a data folder with this number of articles and their archived pages, as runs would.
async fn fill(data: &Path, articles: u32) {
    let store = Store::open(data, Purpose::Real).await.unwrap();
    let archive = Archive::open(&data.join("warc"), &Default::default()).unwrap();
    let now = morning();
    let column = column("");
    let bundled = demo::file(&format!("{FOLDER}{ARTICLE}")).unwrap();
    let bundled = String::from_utf8(bundled.to_vec()).unwrap();
    let name = "【聚焦潞城两会】长治市潞城区第二届人民代表大会第六次会议开幕";
    let numbers: Vec<u32> = (0..articles).collect();
    for batch in numbers.chunks(100) {
        let url = |n: &u32| -> Url {
            let path = format!("http://{}{FOLDER}202512/t{n}.html", demo::HOST);
            path.parse().unwrap()
        };
        let items: Vec<ListedItem> = batch
            .iter()
            .map(|n| ListedItem {
                url: url(n),
                title: name.to_owned(),
                published_on: None,
                listed_on: None,
                position: i64::from(*n),
            })
            .collect();
        store
            .queue()
            .add(now, &column.name, &column.portal, 1, &items, u32::MAX)
            .await
            .unwrap();
        let pages: Vec<(Url, String)> = batch
            .iter()
            .map(|n| {
                let title = format!("{}{n}", text(*n));
                let page = bundled.replace(name, &title);
                let page = page.replace("2025-32614", &format!("2025-{n:05}"));
                let page = page.replace("冬日的会场内暖意融融", &text(n + 7));
                (url(n), page)
            })
            .collect();
        let captures: Vec<Capture<'_>> = pages
            .iter()
            .map(|(url, page)| Capture {
                url,
                at: now,
                address: None,
                request_head: b"GET / HTTP/1.1\r\n\r\n",
                status: 200,
                response_head: b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n",
                body: page.as_bytes(),
                truncated: None,
                fields: &[],
                earlier: None,
            })
            .collect();
        let places: Vec<_> = archive.write_all(&captures).unwrap();
        let places: Vec<_> = places.into_iter().map(Result::unwrap).collect();
        let noted: Vec<NewCapture<'_>> = places
            .iter()
            .zip(&pages)
            .map(|(place, (url, _))| NewCapture {
                place,
                whole: Some((url, now)),
            })
            .collect();
        let captures = store.captures().note(&noted).await.unwrap();
        for ((url, page), capture) in pages.iter().zip(captures) {
            let decoded = decode(page.as_bytes(), Some("text/html"), None);
            let article = dibao::extract::article(&decoded.text, url, &column.article);
            let read = ReadPage {
                portal: column.portal.clone(),
                url: url.clone(),
                found_at: url.clone(),
                content: accept(article, &column.fields, now).unwrap(),
                validators: Default::default(),
                reading: Reading {
                    own_title: None,
                    parts: Vec::new(),
                    capture,
                    charset: Some((&decoded).into()),
                    read_by: Some(column.name.clone()),
                    kept: Vec::new(),
                    row: None,
                },
            };
            store
                .articles()
                .save(now, Some(&column.name), &read)
                .await
                .unwrap();
        }
    }
    store.close().await;
}

/// Re-extracts the archive by these rules. After this number of pages it is stopped, or killed.
async fn reextract(data: &Path, more: &str, end: Option<(i64, End)>) -> Option<ReextractReport> {
    let store = Store::open(data, Purpose::Real).await.unwrap();
    let (stop, kill) = (CancellationToken::new(), Arc::new(Notify::new()));
    let (told, killed) = (stop.clone(), Arc::clone(&kill));
    let progress = Progress::from_fn(move |step| match (step, end) {
        (Step::Reread { done, .. }, Some((at, End::Stop))) if done == at => told.cancel(),
        (Step::Reread { done, .. }, Some((at, End::Kill))) if done == at => killed.notify_one(),
        _ => (),
    });
    let reextractor = Reextractor {
        rereader: Rereader {
            store: store.clone(),
            archive: ArchiveFiles::from(&data.join("warc")),
        },
        clock: Clock::from_fn(morning),
        progress,
        stop,
        is_dry: false,
    };
    let columns = [column(more)];
    let chosen: Vec<&Column> = columns.iter().collect();
    let report = tokio::select! {
        biased;
        () = kill.notified() => None,
        report = reextractor.reextract(&columns, &chosen, |_| ()) => Some(report.unwrap()),
    };
    store.close().await;
    report
}

#[derive(Clone, Copy)]
enum End {
    Stop,
    Kill,
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_stopped_and_killed_and_every_article_is_read_anew_once() {
    const ARTICLES: u32 = 200;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fill(&data, ARTICLES).await;
    let same = reextract(&data, "", Some((90, End::Stop))).await.unwrap();
    assert!(same.is_stopped && same.done == 90, "{same}");
    let same = reextract(&data, "", None).await.unwrap();
    assert_eq!((same.done, same.unchanged), (200, 110), "{same}");
    assert!(same.changes.is_empty(), "{same}");

    assert!(
        reextract(&data, EDITOR, Some((70, End::Kill)))
            .await
            .is_none()
    );
    let next = reextract(&data, EDITOR, Some((130, End::Stop)))
        .await
        .unwrap();
    assert!(next.is_stopped, "{next}");
    let before: usize = next.changes.values().sum();
    assert!(
        (66..=98).contains(&before),
        "it went on where it was killed: {next}"
    );
    // Other rules begin anew.
    let store = Store::open(&data, Purpose::Real).await.unwrap();
    let after = i64::from(ARTICLES);
    let so_far = store.changes().after(after, 1000).await.unwrap().len();
    store.close().await;
    let last = reextract(&data, EDITOR, None).await.unwrap();
    assert_eq!(so_far + last.changes.values().sum::<usize>(), 200, "{last}");
    assert_eq!(last.done, 200);
    let store = Store::open(&data, Purpose::Real).await.unwrap();
    let changes = store.changes().after(after, 1000).await.unwrap();
    let ids: std::collections::BTreeSet<_> = changes.iter().map(|it| it.article.id).collect();
    assert_eq!((changes.len(), ids.len()), (200, 200), "each once");
    let is_anew = |change: &dibao::model::Change| {
        change.article.revision == 2
            && change.article.metadata.source.as_deref() == Some("责任编辑：网站编辑部")
    };
    assert!(changes.iter().all(is_anew));
    store.close().await;
    let again = reextract(&data, EDITOR, None).await.unwrap();
    assert_eq!((again.unchanged, again.changes.len()), (200, 0), "{again}");
}

#[test]
#[ignore = "long: ./soak runs it"]
fn soak_reextract_of_ten_thousand_pages() {
    let articles: u32 = std::env::var("PAGES").map_or(10_000, |pages| pages.parse().unwrap());
    let machine = Machine::new();
    machine.write("feeds/lucheng/work-news.toml", FEED);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let began = Instant::now();
    runtime.block_on(fill(&machine.path("data"), articles));
    println!(
        "{articles} pages archived and recorded in {:?}",
        began.elapsed()
    );
    // Publishes, and finds nothing to change.
    let began = Instant::now();
    let first = machine.well(&["reextract"]);
    println!(
        "with all to be published: {:?}\n{}",
        began.elapsed(),
        told(&first)
    );
    let (contents, changes) = (bytes(&machine.public()), machine.export(&["--changes"]));
    assert_eq!(changes.len(), usize::try_from(articles).unwrap());

    for signal in ["-KILL", "-INT", "-KILL", "-INT"] {
        let mut child = machine.command(&["reextract"]);
        let child = child.stderr(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = Doomed(child.unwrap());
        let log = BufReader::new(child.0.stderr.take().unwrap());
        let mut lines = log.lines().map_while(Result::ok);
        let line = lines.find(|line| line.contains("read anew")).unwrap();
        child.signal(signal);
        let code = child.code();
        println!("{signal} after: {line}; exit {code:?}");
        assert_eq!(code, (signal == "-INT").then_some(0));
        let left = machine.sql("SELECT CAST(pages AS TEXT) FROM reextractions");
        assert_eq!(left.len(), 1, "it can go on");
        println!("checkpoint at {} pages", left[0]);
    }
    let rest = machine.well(&["reextract"]);
    assert!(told(&rest).contains("goes on after"), "{}", told(&rest));
    println!("the rest:\n{}", told(&rest));
    assert!(told(&rest).contains(" 0 files written"), "{}", told(&rest));
    assert_eq!(machine.export(&["--changes"]), changes);
    assert_eq!(bytes(&machine.public()), contents);

    let began = Instant::now();
    if let Some(runner) = runner() {
        let dry = machine
            .command_by(&runner, &["reextract", "--dry-run"])
            .output();
        let dry = dry.unwrap();
        let took = began.elapsed();
        let peak: u64 = String::from_utf8(dry.stdout.clone())
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        println!(
            "dry run in {took:?}: {:.0} pages/s, peak {} MiB",
            f64::from(articles) / took.as_secs_f64(),
            peak / 1024
        );
        assert!(peak < MOST, "{peak} KiB");
    }
    machine.write("feeds/lucheng/work-news.toml", &format!("{FEED}{EDITOR}"));
    let began = Instant::now();
    let changed = machine.well(&["reextract"]);
    let last = told(&changed);
    let last: Vec<&str> = last.lines().rev().take(4).collect();
    println!(
        "all changed, recorded and published in {:?}: {last:#?}",
        began.elapsed()
    );
    let now = machine.export(&["--changes"]);
    assert_eq!(now.len(), 2 * changes.len());
    assert!(
        now.iter()
            .skip(changes.len())
            .all(|it| it["kind"] == "reextracted")
    );
    assert!(machine.well(&["reextract"]).status.success());
    assert_eq!(machine.export(&["--changes"]).len(), now.len());
}
