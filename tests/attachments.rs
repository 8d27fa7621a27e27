//! Kept attachments: known by their bytes, shown in the portal's place, never a page, and deleted with
//! a removed article.
//!
//! Owns what differs from kept pictures. Never leaves loopback.

use std::fs;
use std::path::Path;

use dibao::demo::{self, Reply};
use serde_json::Value;

use crate::faults_machine::machine::Machine;
use crate::support::replica::{Bench, FOLDER, Replica, column, files};
use crate::support::served::Server;

const SEED: &str = "202512/t20251229_3123304.html";
/// A place in the seed's text.
const PLACE: &str = "<p align=\"center\"><img src=\"./W020251229000302961501.png\"";
/// The base URL of a bench's site.
const BASE: &str = "http://127.0.0.1:8080/";

/// The attachments of the seed: name, link text, bytes, and the extension under which each is kept.
fn attachments() -> [(&'static str, &'static str, Vec<u8>, Option<&'static str>); 7] {
    let mut word = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    word.resize(1024, 0);
    word.extend("WordDocument".encode_utf16().flat_map(u16::to_le_bytes));
    let gbk = b"\xd0\xf2\xba\xc5,\xc3\xfb\xb3\xc6\r\n1,\xb9\xa9\xc8\xc8\r\n".to_vec();
    let page = "<html><body>文件不存在</body></html>".as_bytes().to_vec();
    [
        (
            "P1.pdf",
            "方案.pdf",
            b"%PDF-1.4\n%%EOF\n".to_vec(),
            Some("pdf"),
        ),
        // Not what the name says.
        ("P2.doc", "决定", b"%PDF-1.5\n%%EOF\n".to_vec(), Some("pdf")),
        ("P3.wps", "名单", word, Some("wps")),
        ("P4.csv", "数据表", gbk, Some("csv")),
        ("P5.pdf", "已失效", page, None),
        ("P6.zip", "程序", b"\x7fELF\x02\x01\x01".to_vec(), None),
        (
            "P7.doc",
            "图解.svg",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec(),
            None,
        ),
    ]
}

/// A portal whose seed offers the attachments.
async fn portal() -> Replica {
    let replica = Replica::serve().await;
    let links = attachments().map(|(name, words, ..)| format!("<a href=\"./{name}\">{words}</a>"));
    let links = format!("<p>附件：{}</p>{PLACE}", links.concat());
    replica.edit(&format!("{FOLDER}{SEED}"), PLACE, &links);
    for (name, _, bytes, _) in attachments() {
        replica.answer(&format!("{FOLDER}202512/{name}"), Reply::Page(bytes));
    }
    replica
}

fn keeper(replica: &Replica) -> Bench {
    let mut bench = Bench::new(replica);
    bench.column = column("initial = 1");
    bench.column.publish.mirror_files = true;
    bench
}

fn text(folder: &Path, path: &str) -> String {
    fs::read_to_string(folder.join(path)).unwrap()
}

/// The seed's entry in the column's JSON Feed.
fn entry(public: &Path) -> Value {
    let feed = text(public, "lucheng/work-news/feed.json");
    let feed: Value = serde_json::from_str(&feed).unwrap();
    let items = feed["items"].as_array().unwrap();
    let is_seed = |item: &&Value| item["url"].as_str().unwrap().ends_with(SEED);
    items.iter().find(is_seed).unwrap().clone()
}

fn at_portal(name: &str) -> String {
    format!("http://{}{FOLDER}202512/{name}", demo::HOST)
}

#[tokio::test(flavor = "multi_thread")]
async fn feeds_and_pages_offer_the_copies_and_data_the_portals_files() {
    let replica = portal().await;
    let bench = keeper(&replica);
    let (report, _) = bench.run().await;
    assert_eq!(report.kept_files, 4, "{report}");
    let public = bench.public();
    let entry = entry(&public);
    let offered = entry["attachments"].as_array().unwrap();
    let html = entry["content_html"].as_str().unwrap();
    let atom = text(&public, "lucheng/work-news/atom.xml");
    let id = entry["id"]
        .as_str()
        .unwrap()
        .trim_start_matches("urn:uuid:");
    let page = text(&public, &format!("articles/{}/{id}.html", &id[..2]));
    let data = text(&public, &format!("articles/{}/{id}.json", &id[..2]));
    let json: Value = serde_json::from_str(&data).unwrap();
    let history = text(&public, "lucheng/work-news/archive/000001.atom");
    let server = Server::of(&public).await;
    let mut copies = 0;
    for (name, words, bytes, kept) in attachments() {
        let portal = at_portal(name);
        assert!(data.contains(&portal), "{name}");
        assert!(history.contains(&portal), "{name}");
        let mut offered = offered.iter();
        let offered = offered.find(|file| file["title"] == *words).unwrap();
        let url = offered["url"].as_str().unwrap();
        assert!(html.contains(&format!("href=\"{url}\"")), "{name}: {html}");
        assert!(atom.contains(&format!("href=\"{url}\"")), "{name}");
        let mut told = json["attachments"].as_array().unwrap().iter();
        let told = &told.find(|file| file["url"] == portal).unwrap()["kept"];
        let Some(extension) = kept else {
            assert_eq!(url, portal, "{name}");
            assert!(told.is_null(), "{name}: {told}");
            continue;
        };
        copies += 1;
        let path = url.strip_prefix(BASE).unwrap();
        assert!(path.starts_with("files/"), "{path}");
        assert!(path.ends_with(&format!(".{extension}")), "{name}: {path}");
        assert_eq!(fs::read(public.join(path)).unwrap(), bytes, "{name}");
        assert_eq!(told["path"], path, "{name}");
        assert_eq!(told["bytes"], bytes.len(), "{name}");
        let saved_as = match words.contains('.') {
            true => (*words).to_owned(),
            false => format!("{words}.{extension}"),
        };
        let link = format!("href=\"../../{path}\" download=\"{saved_as}\"");
        assert!(page.contains(&link), "{link}\n{page}");
        // In the text, too.
        assert!(
            page.contains(&format!("<a href=\"../../{path}\">{words}</a>")),
            "{page}"
        );
        let answer = server.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        let expected = match extension {
            "pdf" => "application/pdf",
            "csv" => "text/csv",
            _ => "application/vnd.ms-works",
        };
        assert_eq!(answer.header("content-type"), expected);
    }
    assert_eq!(copies, 4);
    // The pictures of this column are not kept.
    assert!(!public.join("pictures").exists());
    assert!(
        html.contains(&at_portal("W020251229000302961501.png")),
        "{html}"
    );
    assert!(!text(&public, "lucheng/manifest.json").contains("files/"));

    // What the portal loses stays, and nothing is asked for again.
    replica.asked();
    for (name, ..) in attachments() {
        replica.answer(&format!("{FOLDER}202512/{name}"), Reply::Status(404));
    }
    let before = files(&public, |path| fs::read(path).unwrap());
    fs::remove_dir_all(&public).unwrap();
    let (report, _) = bench.run().await;
    assert_eq!(report.kept_files, 0, "{report}");
    let asked = replica.asked();
    assert!(asked.iter().all(|path| !path.contains("/P")), "{asked:?}");
    assert!(files(&public, |path| fs::read(path).unwrap()) == before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_keeps_files_later_gets_those_of_its_older_articles() {
    let replica = portal().await;
    let mut bench = keeper(&replica);
    bench.column.publish.mirror_files = false;
    let (report, _) = bench.run().await;
    assert_eq!(report.kept_files, 0, "{report}");
    let entry_url = |bench: &Bench| {
        let entry = entry(&bench.public());
        entry["attachments"][0]["url"].as_str().unwrap().to_owned()
    };
    assert_eq!(entry_url(&bench), at_portal("P1.pdf"));
    bench.column.publish.mirror_files = true;
    let (report, _) = bench.run().await;
    assert_eq!(report.kept_files, 4, "{report}");
    assert!(entry_url(&bench).starts_with(BASE));
    // Where they are kept no more, the portal offers them.
    bench.column.publish.mirror_files = false;
    bench.run().await;
    assert_eq!(entry_url(&bench), at_portal("P1.pdf"));
    assert!(files(&bench.public().join("files"), |_| ()).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_of_a_removed_article_are_deleted() {
    let replica = portal().await;
    let machine = Machine::at(replica.port);
    machine.write(
        "feeds/lucheng/work-news.toml",
        "url = \"http://www.lc.gov.cn/lcxxgk/xxgkml/jbxxgk/gzdt/\"\n[list]\ninitial = 1\n\
         [fetch]\ndelay = \"0s\"\n[publish]\nmirror_files = true\n",
    );
    machine.run();
    let kept = || ["data/files", "public/files"].map(|at| files(&machine.path(at), |_| ()).len());
    assert_eq!(kept(), [4, 4]);
    let id = entry(&machine.path("public"))["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let id = id.trim_start_matches("urn:uuid:");
    machine.well(&["remove", id, "--reason", "个人信息"]);
    assert_eq!(kept(), [0, 0]);
    machine.run();
    assert_eq!(kept(), [0, 0]);
}
