//! Feeds of the replica with every odd article, before judges: the feed validator's rules, RFC
//! 4287's own schema, a schema of JSON Feed, feedparser, and a strict HTML parser.
//!
//! Owns the runs of the judges. Never leaves loopback.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use dibao::pipeline::Progress;
use serde_json::Value;

use super::{odd_site, rules};
use crate::support::replica::{Bench, bytes, column};

const BASE: &str = "http://127.0.0.1:8080/";

/// Reads each file with feedparser, and each HTML in it with html5lib as strictly as the feed
/// validator does; prints what is wrong.
const JUDGE: &str = include_str!("judge.py");

fn feeds(bench: &Bench) -> BTreeMap<String, String> {
    let is_feed = |path: &str| {
        let name = path.rsplit('.').next().unwrap();
        ["rss.xml", "atom.xml", "feed.json"]
            .iter()
            .any(|live| path.ends_with(live))
            || name == "atom"
            || path.contains("/archive/")
    };
    let files = bytes(&bench.public()).into_iter();
    files
        .filter(|(path, _)| is_feed(path))
        .map(|(path, bytes)| (path, String::from_utf8(bytes).unwrap()))
        .collect()
}

/// Whether a tool that others have is there; where it is not, that is told.
pub(crate) fn has(program: &str, arguments: &[&str], remedy: &str) -> bool {
    let ran = Command::new(program).args(arguments).output();
    let found = ran.is_ok_and(|ran| ran.status.success());
    if !found {
        println!(
            "skipped: {program} {} does not run ({remedy})",
            arguments.join(" ")
        );
    }
    found
}

fn told(command: &mut Command) -> String {
    let ran = command.output().unwrap();
    let out = [ran.stdout, ran.stderr].concat();
    let text = String::from_utf8_lossy(&out).into_owned();
    assert!(ran.status.success(), "{text}");
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn feeds_with_every_odd_article_are_clean() {
    let (_replica, bench) = odd_site::odd().await;
    note_incidents(&bench).await;
    assert_clean(&bench);
}

/// As above, with every picture kept.
#[tokio::test(flavor = "multi_thread")]
async fn feeds_that_show_kept_pictures_are_clean() {
    let mut mirrored = column("initial = 1");
    mirrored.publish.mirror_images = true;
    let (_replica, bench) = odd_site::odd_of(mirrored).await;
    note_incidents(&bench).await;
    assert_clean(&bench);
    let feeds = feeds(&bench);
    let shown = format!("{BASE}pictures/");
    assert!(feeds["lucheng/work-news/rss.xml"].contains(&shown));
    assert!(!feeds["lucheng/work-news/archive/000001.atom"].contains(&shown));
}

/// Two incidents with odd subjects, and the published files that report them.
async fn note_incidents(bench: &Bench) {
    let collector = bench.collector(Progress::silent()).await;
    for subject in ["lucheng/work-news", "<b>&\u{1}.example"] {
        let noted =
            collector
                .store
                .incidents()
                .note(bench.now, "list-cut", subject, "<i>清单</i>中断。");
        noted.await.unwrap();
    }
    bench.publish(&collector).await;
    collector.store.close().await;
}

fn assert_clean(bench: &Bench) {
    let feeds = feeds(bench);
    // The column's live feeds, archive and revisions; then the portal's feeds, everything's, and
    // incidents.
    assert_eq!(feeds.len(), 3 + 2 * 2 + 1 + 3 + 3 + 1, "{:?}", feeds.keys());
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let json = std::fs::read(schema.join("jsonfeed-1.1.schema.json")).unwrap();
    let json = jsonschema::draft7::new(&serde_json::from_slice(&json).unwrap()).unwrap();
    for (path, text) in &feeds {
        let flaws: Vec<String> = if path.ends_with("rss.xml") {
            rules::rss(text, &format!("{BASE}{path}"))
        } else if path.ends_with(".json") {
            let feed: Value = serde_json::from_str(text).unwrap();
            assert_eq!(feed["feed_url"], format!("{BASE}{path}"));
            json.iter_errors(&feed)
                .map(|flaw| flaw.to_string())
                .collect()
        } else {
            rules::atom(text, &format!("{BASE}{path}"))
        };
        assert!(flaws.is_empty(), "{path}: {flaws:#?}");
        let live = ["rss.xml", "atom.xml", "feed.json"];
        if live.iter().any(|live| path.ends_with(live)) {
            assert!(text.len() <= 512 * 1024, "{path}: {}", text.len());
        }
    }
    for path in ["feeds.opml", "lucheng/feeds.opml"] {
        let text = std::fs::read_to_string(bench.public().join(path)).unwrap();
        assert_eq!(rules::opml(&text), Vec::<String>::new(), "{path}");
    }
    let of_kind = |ends: &[&str]| {
        let paths = feeds
            .keys()
            .filter(|path| ends.iter().any(|end| path.ends_with(end)));
        paths
            .map(|path| bench.public().join(path))
            .collect::<Vec<_>>()
    };
    if has("xmllint", &["--version"], "apt-get install libxml2-utils") {
        let mut lint = Command::new("xmllint");
        lint.args(["--noout", "--relaxng"])
            .arg(schema.join("atom.rng"));
        told(lint.args(of_kind(&["atom.xml", ".atom"])));
        told(
            Command::new("xmllint")
                .arg("--noout")
                .args(of_kind(&["rss.xml"])),
        );
    }
    let import = ["-c", "import feedparser, html5lib"];
    if has(
        "python3",
        &import,
        "python3 -m pip install feedparser html5lib",
    ) {
        let mut judge = Command::new("python3");
        judge
            .args(["-c", JUDGE])
            .args(of_kind(&["rss.xml", "atom.xml", ".atom"]));
        assert_eq!(told(&mut judge), "");
    }
}
