//! Kept pictures: fetched as a browser would, shown in the portal's place, never run, never lost,
//! and deleted with a removed article.
//!
//! Owns their way from the portal to the reader. Never leaves loopback.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use dibao::demo::{self, Reply};
use dibao::model::{ChangeKind, sha256_hex};
use dibao::pipeline::{self, Progress, Step};
use dibao::serve::OpenStore;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;

use crate::faults_machine::machine::Machine;
use crate::support::replica::{Bench, FOLDER, Replica, bytes, column, files, hourly};
use crate::support::served::Server;
use crate::support::side_by_side;

const SEED: &str = "202512/t20251229_3123304.html";
/// The seed's pictures, in their order.
const PICTURES: [&str; 3] = [
    "202512/W020251229000302961501.png",
    "202512/W020251229000302962514.png",
    "202512/W020251229000302963527.png",
];
/// A page of the first list page without a picture.
const BARE: &str = "202512/t20251226_3122136.html";
/// The base URL of a bench's site.
const BASE: &str = "http://127.0.0.1:8080/";

fn path(name: &str) -> String {
    format!("{FOLDER}{name}")
}

/// Where the portal has it.
fn url(name: &str) -> String {
    format!("http://{}{FOLDER}{name}", demo::HOST)
}

fn bundled(name: &str) -> &'static [u8] {
    demo::file(&path(name)).unwrap()
}

/// A dibao that keeps the pictures of the newest articles.
fn keeper(replica: &Replica) -> Bench {
    let mut bench = Bench::new(replica);
    bench.column = column("initial = 1");
    bench.column.publish.mirror_images = true;
    bench
}

/// The paths of the published pictures.
fn published(bench: &Bench) -> Vec<String> {
    let files = files(&bench.public(), |_| ());
    let pictures = files.into_keys();
    pictures
        .filter(|path| path.starts_with("pictures/"))
        .collect()
}

fn text(bench: &Bench, path: &str) -> String {
    String::from_utf8(fs::read(bench.public().join(path)).unwrap()).unwrap()
}

/// The addresses of an article's pictures in a column's JSON Feed.
fn sources(bench: &Bench, article: &str) -> Vec<String> {
    let feed: Value = serde_json::from_str(&text(bench, "lucheng/work-news/feed.json")).unwrap();
    let items = feed["items"].as_array().unwrap().iter();
    let mut items = items.filter(|item| item["url"].as_str().unwrap().ends_with(article));
    let html = items.next().unwrap()["content_html"].as_str().unwrap();
    let sources = html.split("<img").skip(1);
    let sources = sources.map(|rest| rest.split("src=\"").nth(1).unwrap());
    sources
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

/// Where the seed's page of the site is.
async fn seed_page(bench: &Bench) -> String {
    let articles = bench.articles().await;
    let seed = articles
        .iter()
        .find(|a| a.url.as_str().ends_with(SEED))
        .unwrap();
    let id = seed.id.to_string();
    format!("articles/{}/{id}", &id[..2])
}

/// Takes what articles tell of copies out of a document, each with the portal's address.
fn take_copies(json: &mut Value, copies: &mut Vec<(String, Value)>) {
    match json {
        Value::Array(values) => values
            .iter_mut()
            .for_each(|value| take_copies(value, copies)),
        Value::Object(members) => {
            // The schema has a member of this name, too.
            if let Some(url) = members
                .get("url")
                .and_then(Value::as_str)
                .map(str::to_owned)
            {
                copies.extend(members.remove("kept").map(|copy| (url, copy)));
            }
            members
                .values_mut()
                .for_each(|value| take_copies(value, copies));
        }
        _ => (),
    }
}

fn asked_pictures(replica: &Replica) -> Vec<String> {
    let asked = replica.asked().into_iter();
    asked.filter(|path| path.ends_with(".png")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn live_feeds_and_pages_show_the_mirror_and_data_the_portal() {
    let replica = Replica::serve().await;
    let bench = keeper(&replica);
    let (report, _) = bench.run().await;
    assert!(report.to_string().contains(" files kept"), "{report}");
    let shown = sources(&bench, SEED);
    assert_eq!(shown.len(), PICTURES.len());
    let page = seed_page(&bench).await;
    let html = text(&bench, &format!("{page}.html"));
    for (shown, name) in shown.iter().zip(PICTURES) {
        let published = shown.strip_prefix(BASE).unwrap();
        assert_eq!(
            fs::read(bench.public().join(published)).unwrap(),
            bundled(name)
        );
        assert!(
            html.contains(&format!("src=\"../../{published}\"")),
            "{html}"
        );
        for feed in [
            "lucheng/work-news/atom.xml",
            "lucheng/work-news/rss.xml",
            "lucheng/rss.xml",
            "atom.xml",
        ] {
            assert!(text(&bench, feed).contains(shown), "{feed}");
        }
        let kept = bench.folder.path().join("data").join(published);
        let inode = |path: &Path| fs::metadata(path).unwrap().ino();
        assert_eq!(
            inode(&kept),
            inode(&bench.public().join(published)),
            "it takes room once"
        );
        let history = text(&bench, "lucheng/work-news/archive/000001.atom");
        assert!(history.contains(&url(name)) && !history.contains(published));
        // Data keep the portal's address, and tell of the copy.
        let copy = serde_json::json!({
            "path": published,
            "bytes": bundled(name).len(),
            "sha256": sha256_hex(Sha256::new_with_prefix(bundled(name))),
            "media_type": "image/png",
        });
        for file in [
            format!("{page}.json"),
            "lucheng/work-news/articles.json".to_owned(),
        ] {
            let mut json: Value = serde_json::from_str(&text(&bench, &file)).unwrap();
            let mut copies = Vec::new();
            take_copies(&mut json, &mut copies);
            assert!(
                copies.contains(&(url(name), copy.clone())),
                "{file}: {copies:?}"
            );
        }
    }
    let feed: Value = serde_json::from_str(&text(&bench, "lucheng/work-news/feed.json")).unwrap();
    let images = feed["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|item| item["image"].as_str());
    assert!(images.clone().count() > 2);
    assert!(images.into_iter().all(|image| image.starts_with(BASE)));

    // Apart from that, all data is as without a mirror.
    let plain = Bench::new(&replica);
    let plain = Bench {
        column: column("initial = 1"),
        ..plain
    };
    plain.run().await;
    let data = |bench: &Bench| -> BTreeMap<String, Vec<u8>> {
        let files = bytes(&bench.public()).into_iter();
        let is_data = |path: &str| {
            path.ends_with(".json")
                && !path.ends_with("feed.json")
                && !path.ends_with("manifest.json")
                || ["changes/", "/archive/", "/dump/"]
                    .iter()
                    .any(|folder| path.contains(folder))
        };
        let data = files.filter(|(path, _)| is_data(path));
        data.map(|(path, bytes)| match serde_json::from_slice(&bytes) {
            Ok(mut json) => {
                take_copies(&mut json, &mut Vec::new());
                (path, json.to_string().into_bytes())
            }
            Err(_) => (path, bytes),
        })
        .collect()
    };
    assert!(data(&plain).len() > 20);
    assert!(data(&plain) == data(&bench));
    for manifest in ["manifest.json", "lucheng/manifest.json"] {
        assert!(!text(&bench, manifest).contains("pictures/"));
    }
    // Nor is a picture in the archive of pages.
    let archived = files(&bench.folder.path().join("data/warc"), |path| {
        fs::read(path).unwrap()
    });
    for (path, packed) in archived {
        let mut warc = Vec::new();
        let mut gzip = flate2::read::MultiGzDecoder::new(&packed[..]);
        std::io::Read::read_to_end(&mut gzip, &mut warc).unwrap();
        let holds = |what: &[u8]| memchr::memmem::find(&warc, what).is_some();
        assert!(holds(SEED.as_bytes()) && !holds(b"image/png"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_touches_no_file_and_asks_for_no_picture() {
    let replica = Replica::serve().await;
    let bench = keeper(&replica);
    bench.run().await;
    let asked = asked_pictures(&replica);
    let stamps = || {
        files(&bench.public(), |path| {
            let file = fs::metadata(path).unwrap();
            (
                file.ino(),
                file.mtime(),
                file.mtime_nsec(),
                file.ctime_nsec(),
            )
        })
    };
    let (before, folder) = (stamps(), bench.folder.path().join("data/pictures"));
    let kept = files(&folder, |path| fs::read(path).unwrap());
    assert!(kept.len() > 3 && asked.len() >= kept.len(), "{asked:?}");
    let (report, syndicated) = bench.run().await;
    assert_eq!((report.kept_files, syndicated.written), (0, 0));
    assert_eq!(stamps(), before);
    assert_eq!(asked_pictures(&replica), Vec::<String>::new());

    // Pictures that vanish at the portal stay, even when the published files are made anew.
    for name in PICTURES {
        replica.answer(&path(name), Reply::Status(404));
    }
    let contents = bytes(&bench.public());
    fs::remove_dir_all(bench.public()).unwrap();
    bench.run().await;
    assert!(bytes(&bench.public()) == contents);

    // Where pictures are not mirrored any more, the portal shows them; what is kept stays kept.
    let mut without = bench;
    without.column.publish.mirror_images = false;
    without.run().await;
    assert_eq!(published(&without), Vec::<String>::new());
    assert_eq!(sources(&without, SEED), PICTURES.map(url));
    without.column.publish.mirror_images = true;
    without.run().await;
    assert!(bytes(&without.public()) == contents);
    assert_eq!(asked_pictures(&replica), Vec::<String>::new());
}

/// A portal that gives pictures only to its own pages, and writes down who asked how.
async fn guarded() -> (u16, Arc<Mutex<Vec<(String, String)>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let log: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
    let asked = log.clone();
    let answer = move |uri: Uri, headers: HeaderMap| {
        let asked = asked.clone();
        async move { answer(&uri, &headers, &asked) }
    };
    tokio::spawn(async move {
        axum::serve(listener, axum::Router::new().fallback(answer))
            .await
            .unwrap();
    });
    (port, log)
}

fn answer(uri: &Uri, headers: &HeaderMap, log: &Mutex<Vec<(String, String)>>) -> Response {
    let referer = headers.get(header::REFERER);
    let referer = referer
        .map(|value| value.to_str().unwrap().to_owned())
        .unwrap_or_default();
    log.lock()
        .unwrap()
        .push((uri.path().to_owned(), referer.clone()));
    let Some(file) = demo::file(uri.path()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let own = format!("http://{}/", demo::HOST);
    if uri.path().ends_with(".png") && !referer.starts_with(&own) {
        // As many do: a page, and yet 200.
        return "<html><body>禁止盗链</body></html>".into_response();
    }
    file.into_response()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_that_forbids_hot_links_gives_its_pictures() {
    let (port, log) = guarded().await;
    let replica = Replica::serve().await;
    let mut bench = keeper(&replica);
    bench.routes = vec![
        format!("{}:80:127.0.0.1:{port}", demo::HOST)
            .parse()
            .unwrap(),
    ];
    bench.run().await;
    let shown = sources(&bench, SEED);
    assert!(shown.iter().all(|url| url.starts_with(BASE)), "{shown:?}");
    let log = log.lock().unwrap();
    let referers: Vec<&str> = log
        .iter()
        .filter(|(asked, _)| *asked == path(PICTURES[0]))
        .map(|(_, referer)| referer.as_str())
        .collect();
    assert_eq!(referers, [url(SEED)]);
    // Lists are asked for without a referer and articles with their list, all of them before the
    // first picture.
    let is_list = |referer: &str| referer.ends_with("/gzdt/");
    assert!(
        log.iter()
            .filter(|(path, _)| !path.ends_with(".png"))
            .all(
                |(path, referer)| match path.ends_with(".html") && !path.contains("index") {
                    true => is_list(referer),
                    false => referer.is_empty(),
                }
            ),
        "{log:?}"
    );
    let first = log
        .iter()
        .position(|(path, _)| path.ends_with(".png"))
        .unwrap();
    assert!(log[first..].iter().all(|(path, _)| path.ends_with(".png")));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_makes_dibao_ask_a_private_address_for_a_picture() {
    let replica = Replica::serve().await;
    let inside = Replica::serve().await;
    let (port, host) = (inside.port, demo::HOST);
    let page = String::from_utf8(bundled(SEED).to_vec()).unwrap();
    let name = PICTURES[0].strip_prefix("202512/").unwrap();
    let lure = format!("src=\"http://127.0.0.1:{port}{}\"", path(PICTURES[0]));
    let page = page.replace(&format!("src=\"./{name}\""), &lure);
    assert!(page.contains(&lure));
    replica.answer(&path(SEED), Reply::Page(page.into_bytes()));
    // Nor is it led there.
    let there = format!("http://127.0.0.1:{port}{}", path(PICTURES[1]));
    replica.answer(&path(PICTURES[1]), Reply::Redirect(there));
    let bench = keeper(&replica);
    bench.run().await;
    assert_eq!(inside.asked(), Vec::<String>::new());
    let shown = sources(&bench, SEED);
    // Readers are not led there either.
    let inside = format!("127.0.0.1:{port}");
    assert!(shown.iter().all(|src| !src.contains(&inside)), "{shown:?}");
    assert!(shown[0].contains(host), "{shown:?}");
    assert!(shown[1].starts_with(BASE), "{shown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_picture_is_not_kept_and_tried_a_few_times() {
    let mut dot = bundled(PICTURES[0]).to_vec();
    // A PNG's width and height.
    dot[16..24].copy_from_slice(&[0, 0, 0, 1, 0, 0, 0, 1]);
    let mut huge = bundled(PICTURES[0]).to_vec();
    huge.resize(10 * 1024 * 1024 + 1, 0);
    let script = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><script>alert(1)</script></svg>";
    let page = "<html><body>您访问的页面不存在</body></html>";
    for (what, reply) in [
        ("a page", Reply::Page(page.into())),
        ("SVG", Reply::Page(script.into())),
        ("a dot", Reply::Page(dot)),
        ("huge", Reply::Page(huge)),
        ("missing", Reply::Status(404)),
    ] {
        let replica = Replica::serve().await;
        let mut bench = keeper(&replica);
        replica.answer(&path(PICTURES[1]), reply);
        bench.run().await;
        let shown = sources(&bench, SEED);
        assert_eq!(shown[1], url(PICTURES[1]), "{what}");
        assert!(
            shown[0].starts_with(BASE) && shown[2].starts_with(BASE),
            "{what}"
        );
        let collect = async |bench: &Bench| {
            bench.run().await;
            asked_pictures(&replica)
        };
        asked_pictures(&replica);
        if what == "a page" {
            for hours in [1, 6, 24, 3 * 24, 7 * 24] {
                bench.now = bench.now.plus(TimeDelta::minutes(hours * 60 - 1));
                assert_eq!(collect(&bench).await, Vec::<String>::new());
                bench.now = bench.now.plus(TimeDelta::minutes(1));
                assert_eq!(collect(&bench).await, [path(PICTURES[1])]);
            }
            bench.now = bench.now.plus(TimeDelta::days(60));
            assert_eq!(
                collect(&bench).await,
                Vec::<String>::new(),
                "it is given up"
            );
        } else {
            bench.now = bench.now.plus(TimeDelta::minutes(59));
            assert_eq!(collect(&bench).await, Vec::<String>::new(), "{what}");
            replica.restore(&path(PICTURES[1]));
            bench.now = bench.now.plus(TimeDelta::minutes(1));
            let (report, _) = bench.run().await;
            assert_eq!(report.kept_files, 1, "{what}");
            assert!(sources(&bench, SEED)[1].starts_with(BASE), "{what}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_after_any_picture_or_file_leaves_the_same_bytes_in_the_end() {
    let replica = Replica::serve().await;
    let steps = |at: usize| {
        let taken = Arc::new(AtomicUsize::new(0));
        let count = taken.clone();
        let progress = Progress::from_fn(move |step| {
            let is_late = match step {
                Step::KeptFileDone { .. } => true,
                Step::FileDone { path } => path.ends_with(".xml") || path.ends_with(".html"),
                _ => false,
            };
            if is_late {
                assert!(taken.fetch_add(1, Ordering::SeqCst) != at, "killed here");
            }
        });
        (progress, count)
    };
    let undisturbed = keeper(&replica);
    let (progress, count) = steps(usize::MAX);
    undisturbed.run_with(progress).await;
    let expected = bytes(&undisturbed.public());
    let count = count.load(Ordering::SeqCst);
    assert!(count > 20, "{count}");
    let expected = Arc::new(expected);
    side_by_side((0..10).chain((10..count).step_by(12)), |at| {
        let bench = Arc::new(keeper(&replica).in_memory());
        let ((progress, _), expected) = (steps(at), expected.clone());
        async move {
            let doomed = bench.clone();
            let killed = tokio::spawn(async move { doomed.run_with(progress).await });
            assert!(killed.await.is_err(), "step {at} was never taken");
            // And while a file was being written.
            let pictures = bench.folder.path().join("data/pictures");
            fs::create_dir_all(pictures.join("ab")).unwrap();
            fs::write(pictures.join("ab/.dibao-x.tmp"), "half").unwrap();
            bench.run().await;
            assert!(bytes(&bench.public()) == *expected, "killed at step {at}");
            let left = files(&pictures, |_| ());
            assert!(left.keys().all(|path| path.ends_with(".png")), "{left:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_bytes_are_fetched_again() {
    let replica = Replica::serve().await;
    let bench = keeper(&replica);
    bench.run().await;
    let contents = bytes(&bench.public());
    let count = asked_pictures(&replica).len();
    for folder in ["data/pictures", "public"] {
        fs::remove_dir_all(bench.folder.path().join(folder)).unwrap();
    }
    let (report, _) = bench.run().await;
    assert_eq!(report.kept_files, count);
    assert!(bytes(&bench.public()) == contents);
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_served_for_good_and_nothing_else_among_them() {
    let replica = Replica::serve().await;
    let bench = keeper(&replica);
    bench.run().await;
    let server = Server::of(&bench.public()).await;
    let shown = sources(&bench, SEED);
    let picture = shown[0].strip_prefix(BASE).unwrap();
    let answer = server.get(picture).await;
    assert_eq!(
        (answer.status, answer.body.as_slice()),
        (200, bundled(PICTURES[0]))
    );
    assert_eq!(answer.header("content-type"), "image/png");
    assert_eq!(
        answer.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    let etag = answer.header("last-modified");
    let again = server
        .ask("GET", picture, &[("if-modified-since", etag)])
        .await;
    assert_eq!(again.status, 304);
    let stem = picture.strip_suffix(".png").unwrap();
    for foreign in ["svg", "html", "png.html", "xml"].map(|end| format!("{stem}.{end}")) {
        fs::write(bench.public().join(&foreign), "<script>alert(1)</script>").unwrap();
        assert_eq!(server.get(&foreign).await.status, 404, "{foreign}");
    }
    fs::write(bench.public().join("pictures/index.html"), "x").unwrap();
    for path in [
        "pictures/",
        "pictures",
        "pictures/index.html",
        "//pictures/index.html",
    ] {
        assert_ne!(server.get(path).await.status, 200, "{path}");
    }

    // The feed of a topic shows what the column's does, where the site stands.
    let store = bench.store().await;
    let columns = std::slice::from_ref(&bench.column);
    let columns = pipeline::column_infos(&store, columns, &hourly())
        .await
        .unwrap();
    let site = server.site();
    server.open(OpenStore {
        topics: Vec::new(),
        store,
        site,
        columns,
        cron: std::sync::Arc::new(hourly()),
    });
    let topic = server.get("search.atom?column=lucheng/work-news").await;
    assert_eq!(topic.status, 200, "{}", topic.text());
    assert!(
        topic
            .text()
            .contains(&format!("{}{picture}", server.base_url))
    );
    let listed = server.get("api/v1/articles?fields=images&limit=100").await;
    assert!(
        listed
            .text()
            .contains(&format!("\"kept\":{{\"path\":\"{picture}\""))
    );
}

/// The real program, with a feed file that keeps pictures.
fn machine(replica: &Replica) -> Machine {
    let machine = Machine::at(replica.port);
    machine.write(
        "feeds/lucheng/work-news.toml",
        "url = \"http://www.lc.gov.cn/lcxxgk/xxgkml/jbxxgk/gzdt/\"\n[list]\ninitial = 1\n\
         [fetch]\ndelay = \"0s\"\n[publish]\nmirror_images = true\n",
    );
    machine
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_publishes_news_with_its_pictures() {
    let replica = Replica::serve().await;
    let machine = machine(&replica);
    let mut service = tokio::task::block_in_place(|| machine.serve());
    service.line_with("files kept");
    let kept = pictures_in(&machine, "data/pictures");
    assert!(kept.len() > 3);
    for file in &kept {
        let answer = service.get_until(&format!("/pictures/{file}"), |file| file.status == 200);
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some("image/png"))
        );
    }
    service.get_until("/lucheng/work-news/atom.xml", |feed| {
        String::from_utf8_lossy(&feed.body).contains(&kept[0])
    });
    assert_eq!(service.stop(), Some(0));
}

/// The files of pictures below a folder of a machine.
fn pictures_in(machine: &Machine, folder: &str) -> Vec<String> {
    let folder = machine.path(folder);
    if !folder.exists() {
        return Vec::new();
    }
    files(&folder, |_| ()).into_keys().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_articles_pictures_go_unless_another_shows_them() {
    let replica = Replica::serve().await;
    // The second picture of the seed stands in another article, too.
    let bare = String::from_utf8(bundled(BARE).to_vec()).unwrap();
    let (head, rest) = bare.split_once("<div class=\"TRS_Editor\">").unwrap();
    let name = PICTURES[1].strip_prefix("202512/").unwrap();
    let both = format!("{head}<div class=\"TRS_Editor\"><p><img src=\"./{name}\"></p>{rest}");
    replica.answer(&path(BARE), Reply::Page(both.into_bytes()));
    let machine = machine(&replica);
    machine.well(&["check", "lucheng/work-news"]);
    machine.run();
    let asked = asked_pictures(&replica);
    assert_eq!(
        asked
            .iter()
            .filter(|asked| **asked == path(PICTURES[1]))
            .count(),
        1
    );
    let id = |end: &str| {
        let articles = machine.export(&[]);
        let mut articles = articles
            .iter()
            .filter(|a| a["url"].as_str().unwrap().ends_with(end));
        articles.next().unwrap()["id"].as_str().unwrap().to_owned()
    };
    let (seed, bare) = (id(SEED), id(BARE));
    let all = pictures_in(&machine, "data/pictures");
    assert_eq!(pictures_in(&machine, "public/pictures"), all);
    let holders = |bytes: &[u8]| {
        let mut found = Vec::new();
        for folder in ["data", "public"] {
            let holds = files(&machine.path(folder), |path| {
                fs::read(path).unwrap() == bytes
            });
            found.extend(
                holds
                    .into_iter()
                    .filter(|(_, holds)| *holds)
                    .map(|(path, _)| path),
            );
        }
        found.len()
    };
    assert!(PICTURES.iter().all(|name| holders(bundled(name)) == 2));

    // A kill came between the file and the store's word of it.
    let orphan = machine.path("data/pictures/00");
    let orphan = orphan.join(format!("{}.png", "00".repeat(32)));
    fs::create_dir_all(orphan.parent().unwrap()).unwrap();
    fs::write(&orphan, "orphan").unwrap();
    machine.well(&["remove", &seed, "--reason", "肖像权"]);
    assert!(!orphan.exists());
    assert_eq!(holders(bundled(PICTURES[0])), 0);
    assert_eq!(
        holders(bundled(PICTURES[1])),
        2,
        "the other article shows it"
    );
    machine.well(&["remove", &bare, "--reason", "肖像权"]);
    assert_eq!(holders(bundled(PICTURES[1])), 0);
    let left = pictures_in(&machine, "data/pictures");
    assert!(!left.is_empty() && left.len() < all.len());
    assert_eq!(pictures_in(&machine, "public/pictures"), left);
    // Nor do they come back.
    asked_pictures(&replica);
    machine.run();
    assert_eq!(pictures_in(&machine, "data/pictures"), left);
    assert_eq!(asked_pictures(&replica), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_fails_gives_way_to_the_one_that_the_page_shows_now() {
    let replica = Replica::serve().await;
    let mut bench = keeper(&replica);
    let picture = PICTURES[0].strip_prefix("202512/").unwrap();
    let with = |session: &str| format!("{picture};jsessionid={session}");
    let (old, new) = (with("0123456789ABCDEF"), with("FEDCBA9876543210"));
    replica.edit(&path(SEED), picture, &old);
    bench.run().await;
    let before = bench.articles().await;
    let shown = |address: &str| url(&format!("202512/{address}"));
    let sources = sources(&bench, SEED);
    assert!(sources.contains(&shown(&old)), "{sources:?}");

    // The page has another address at every look, and the old one never answered.
    replica.edit(&path(SEED), picture, &new);
    replica.answer(
        &path(&format!("202512/{new}")),
        Reply::Page(bundled(PICTURES[0]).to_vec()),
    );
    bench.now = bench.now.plus(TimeDelta::hours(2));
    let (report, _) = bench.run().await;
    assert_eq!(report.revised, 0, "{report}");
    let after = bench.articles().await;
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before.updated_at, after.updated_at);
        assert_eq!(before.revision, after.revision);
    }
    let seed = after.iter().find(|a| a.url.as_str().ends_with(SEED));
    let body = &seed.unwrap().body;
    assert_eq!(body.images[0].url.as_str(), shown(&new));
    assert!(!format!("{body:?}").contains(&old));
    let store = bench.store().await;
    let changes = store.changes().after(0, 1000).await.unwrap();
    store.close().await;
    let amended = |change: &dibao::model::Change| change.kind == ChangeKind::Amended;
    assert_eq!(changes.into_iter().filter(amended).count(), 1);
    assert_eq!(bench.run().await.0.kept_files, 1);
}
