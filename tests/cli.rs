//! The command line as scripts and people meet it: output, errors, exit codes.
//!
//! Owns the contract of every command. Never leaves loopback.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use dibao::demo;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use crate::support::replica::{Replica, bytes};

const SEED: &str = "lcxxgk/xxgkml/jbxxgk/gzdt/202512/t20251229_3123304.html";
const COLUMN_PAGE: &str = "lcxxgk/xxgkml/jbxxgk/gzdt/index.html";
const FEED: &str = "url = \"http://www.lc.gov.cn/lcxxgk/xxgkml/jbxxgk/gzdt/\"\n\
                    [list]\ninitial = 1\n[fetch]\ndelay = \"0s\"\n";

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dibao"));
    command
        .current_dir(folder)
        .args(args)
        .env_remove("DIBAO_BASE_URL")
        .env_remove("DIBAO_LOG");
    command
}

fn dibao(folder: &Path, args: &[&str]) -> Output {
    command(folder, args).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The command ends with this exit code, and stderr holds all of these.
fn fails(folder: &Path, args: &[&str], code: i32, words: &[&str]) {
    let output = dibao(folder, args);
    let error = err(&output);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {error}");
    for word in words {
        assert!(
            error.contains(word),
            "{args:?}: {word:?} is not in: {error}"
        );
    }
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn fixture(path: &str) -> String {
    format!(
        "{}/fixtures/lucheng/site/{path}",
        env!("CARGO_MANIFEST_DIR")
    )
}

#[test]
fn help_tells_a_newcomer_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let help = dibao(folder.path(), &["--help"]);
    assert_eq!(help.status.code(), Some(0));
    for word in ["dibao demo", "run", "serve", "extract", "Exit codes"] {
        assert!(out(&help).contains(word), "{word}");
    }
    for name in [
        "demo",
        "run",
        "backfill",
        "recheck",
        "serve",
        "extract",
        "list",
        "export",
        "status",
        "why",
        "check",
        "reextract",
        "verify",
        "add",
        "rename",
        "move",
        "merge",
        "pause",
        "resume",
        "forget",
    ] {
        let help = dibao(folder.path(), &[name, "--help"]);
        assert_eq!(help.status.code(), Some(0), "{name}");
        assert!(out(&help).lines().count() > 5, "{name}");
    }
    fails(folder.path(), &["rum"], 2, &["rum", "run"]);
}

#[test]
fn the_demo_publishes_the_whole_replica_and_a_second_one_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let first = dibao(folder.path(), &["demo", "--once"]);
    assert_eq!(first.status.code(), Some(0), "{}", err(&first));
    let public = folder.path().join("demo/public");
    let contents = bytes(&public);
    for path in [
        "index.html",
        "feeds.opml",
        "manifest.json",
        "lucheng/manifest.json",
        "schema/article.json",
        "changes/000001.ndjson",
        "lucheng/work-news/index.html",
        "lucheng/work-news/rss.xml",
        "lucheng/work-news/atom.xml",
        "lucheng/work-news/feed.json",
        "lucheng/work-news/articles.json",
        "lucheng/work-news/archive/000001.atom",
        "lucheng/work-news/dump/2025-12.ndjson.gz",
    ] {
        assert!(contents.contains_key(path), "{path} is missing");
    }
    let articles = contents
        .keys()
        .filter(|path| path.starts_with("articles/"))
        .count();
    let expected: Value =
        serde_json::from_str(include_str!("../fixtures/lucheng/expected.json")).unwrap();
    assert_eq!(articles, 2 * expected["articles"].as_array().unwrap().len());
    for (path, bytes) in &contents {
        if path.ends_with(".html") || path.ends_with(".xml") {
            let text = String::from_utf8(bytes.clone()).unwrap();
            assert!(
                text.contains("演示"),
                "{path} does not say that it is a demo"
            );
        }
    }
    let second = dibao(folder.path(), &["demo", "--once"]);
    assert!(
        out(&second).contains(" 0 files written"),
        "{}",
        out(&second)
    );
    assert_eq!(bytes(&public), contents);

    write(folder.path(), "feeds/lucheng/work-news.toml", FEED);
    for refused in ["run", "serve"] {
        let args = ["--data", "demo/data", refused];
        fails(folder.path(), &args, 2, &["demo", "--data"]);
        let args = ["--public", "demo/public", refused];
        fails(folder.path(), &args, 2, &["demo", "--public"]);
    }
}

#[test]
fn the_manifest_tells_length_and_hash_of_what_is_published() {
    use sha2::{Digest, Sha256};
    let folder = tempfile::tempdir().unwrap();
    dibao(folder.path(), &["demo", "--once"]);
    let contents = bytes(&folder.path().join("demo/public"));
    let parsed = |path: &str| -> Value { serde_json::from_slice(&contents[path]).unwrap() };
    let (manifest, portal) = (parsed("manifest.json"), parsed("lucheng/manifest.json"));
    assert_eq!(portal["portal"], "lucheng");
    let files = |manifest: &Value| manifest["files"].as_array().unwrap().clone();
    let (of_site, of_portal) = (files(&manifest), files(&portal));
    assert!(of_site.len() > 8 && of_portal.len() > 8);
    let is_portals = |file: &Value| file["path"] == "lucheng/manifest.json";
    assert_eq!(of_site.iter().filter(|file| is_portals(file)).count(), 1);
    for file in of_site.iter().chain(&of_portal) {
        let path = file["path"].as_str().unwrap();
        assert!(!path.ends_with(".html"), "{path}");
        let bytes = &contents[path];
        let hash: String = Sha256::digest(bytes)
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        assert_eq!(file["bytes"], bytes.len());
        assert_eq!(file["sha256"], hash);
    }
    let changes = String::from_utf8(contents["changes/000001.ndjson"].clone()).unwrap();
    assert_eq!(manifest["seq"], changes.lines().count());
}

#[test]
fn bad_configuration_is_named_with_its_remedy_and_ends_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fails(at, &["run"], 2, &["feeds", "cannot be read", "--feeds"]);
    std::fs::create_dir(at.join("feeds")).unwrap();
    fails(at, &["check"], 2, &["feeds", "holds no feed file", "url"]);
    let file = "feeds/lucheng/news.toml";
    let ok = "url = \"http://a.gov.cn/\"\n";
    for (text, words) in [
        ("url = ", vec![file, "not valid TOML"]),
        ("title = \"x\"", vec![file, "`url`", "missing"]),
        (
            "ulr = \"http://a.gov.cn/\"",
            vec![file, "`ulr`", "unknown key", "did you mean `url`"],
        ),
        ("url = \"ftp://a.gov.cn/\"", vec![file, "`url`", "ftp"]),
        ("url = \"a.gov.cn\"", vec![file, "`url`", "http://"]),
        (
            &format!("{ok}[list]\nitem = \"li[\""),
            vec![file, "`list.item`", "CSS selector"],
        ),
        (
            &format!("{ok}[list]\nitems = \"li\""),
            vec![file, "`list.items`", "`list.item`"],
        ),
        (
            &format!("{ok}[list]\npages = \"trz\""),
            vec![file, "`list.pages`", "trs"],
        ),
        (
            &format!("{ok}[fetch]\ncharset = \"utf9\""),
            vec![file, "`fetch.charset`", "gb18030"],
        ),
        (
            &format!("{ok}[fetch]\ndelay = \"3\""),
            vec![file, "`fetch.delay`", "3s"],
        ),
        (
            &format!("{ok}[fetch]\ntls = \"none\""),
            vec![file, "`fetch.tls`", "verified, unverified, legacy"],
        ),
        (
            &format!("{ok}[fetch]\ntls = \"legacy\"\nproxy = \"http://p:3128\""),
            vec![file, "`fetch.tls`", "proxy"],
        ),
        (
            &format!("{ok}[fields]\nrequired = [\"number\"]"),
            vec![file, "number"],
        ),
    ] {
        write(at, file, text);
        fails(at, &["check"], 2, &words);
        fails(at, &["run"], 2, &words);
    }
    assert!(
        !at.join("data").exists(),
        "nothing was made for a configuration that is wrong"
    );
    write(at, file, ok);
    for (text, words) in [
        (
            "timezone = \"Asia/Peking\"",
            vec!["cron.toml", "`timezone`", "Asia/Shanghai"],
        ),
        (
            "[[job]]\ncolumns = [\"*/*\"]\ncron = \"61 * * * *\"",
            vec!["cron.toml", "`job.cron`"],
        ),
        (
            "[[job]]\ncolumns = [\"*/*\"]\ncron = \"0 0 30 2 *\"",
            vec!["never comes round"],
        ),
        (
            "[[jobs]]\ncron = \"* * * * *\"",
            vec!["`jobs`", "did you mean `job`"],
        ),
    ] {
        write(at, "cron.toml", text);
        fails(at, &["check"], 2, &words);
    }
    std::fs::remove_file(at.join("cron.toml")).unwrap();
    let check = dibao(at, &["check", "--offline"]);
    assert_eq!(check.status.code(), Some(0), "{}", err(&check));
    assert!(out(&check).contains("hourly"), "{}", out(&check));
    // A pattern that matches nothing is no error, but is told.
    assert!(
        !err(&check).contains("matches no column"),
        "{}",
        err(&check)
    );
    write(
        at,
        "topics/heat.toml",
        "query = \"供热\"\ncolumns = [\"lucheng/nwes\"]",
    );
    write(
        at,
        "dibao.toml",
        "[[deliver]]\nname = \"desk\"\nkind = \"ntfy\"\nurl = \"https://ntfy.example/desk\"\n\
         columns = [\"luchegn/*\"]",
    );
    let check = dibao(at, &["check", "--offline"]);
    assert_eq!(check.status.code(), Some(0), "{}", err(&check));
    for told in [
        "topics/heat.toml:2: key `columns`: \"lucheng/nwes\" matches no column",
        "dibao.toml:5: key `deliver.columns`: \"luchegn/*\" matches no column",
    ] {
        assert!(err(&check).contains(told), "{}", err(&check));
    }
    fails(
        at,
        &["run", "lucheng/nwes"],
        2,
        &["lucheng/nwes", "lucheng/news"],
    );
    write(at, "feeds/Lu Cheng/news.toml", ok);
    fails(at, &["check"], 2, &["Lu Cheng", "PORTAL/COLUMN"]);
}

#[test]
fn a_folder_that_cannot_be_used_is_named_before_a_portal_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, "feeds/lucheng/news.toml", FEED);
    write(at, "file", "in the way");
    for flag in ["--data", "--public"] {
        fails(at, &[flag, "file/x", "run"], 2, &["file/x"]);
    }
    assert_eq!(
        std::fs::read_to_string(at.join("file")).unwrap(),
        "in the way"
    );
    write(
        at,
        "data/dibao.sqlite",
        "this is no database, but somebody may need it",
    );
    fails(at, &["run"], 2, &["dibao.sqlite", "backup"]);
    let left = std::fs::read_to_string(at.join("data/dibao.sqlite")).unwrap();
    assert!(left.starts_with("this is no database"));
}

#[test]
fn an_unreachable_portal_is_exit_1_and_empties_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, "feeds/lucheng/work-news.toml", FEED);
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    let to = format!("www.lc.gov.cn:80:127.0.0.1:{port}");
    let run = dibao(at, &["--connect-to", &to, "run"]);
    assert_eq!(run.status.code(), Some(1), "{}", err(&run));
    assert!(
        out(&run).contains("lucheng/work-news  failed"),
        "{}",
        out(&run)
    );
    assert!(out(&run).contains("www.lc.gov.cn"), "{}", out(&run));
    assert!(at.join("public/lucheng/work-news/atom.xml").exists());
}

#[test]
fn status_shows_what_a_feed_file_allows() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    // Nobody is asked: neither may be connected to.
    write(
        at,
        "feeds/lucheng/strict.toml",
        "url = \"https://127.0.0.1/\"\n",
    );
    for tls in ["unverified", "legacy"] {
        let text = format!("url = \"https://127.0.0.1/\"\n[fetch]\ntls = \"{tls}\"\n");
        write(at, &format!("feeds/lucheng/{tls}.toml"), &text);
    }
    let run = dibao(at, &["run"]);
    assert_eq!(run.status.code(), Some(1), "{}", err(&run));
    assert!(out(&run).contains("refused-address"), "{}", out(&run));
    let status = dibao(at, &["status", "--json"]);
    let json: Value = serde_json::from_slice(&status.stdout).unwrap();
    let columns = json["columns"].as_array().unwrap();
    let allowed = |name: &str| {
        let mut columns = columns.iter();
        let column = columns.find(|column| column["column"] == name).unwrap();
        column["allowed"].clone()
    };
    assert_eq!(allowed("lucheng/strict"), json!([]));
    assert_eq!(
        allowed("lucheng/unverified"),
        json!(["tls = \"unverified\""])
    );
    assert_eq!(allowed("lucheng/legacy"), json!(["tls = \"legacy\""]));
    let told = out(&dibao(at, &["status"]));
    assert!(
        told.contains("its feed file says tls = \"legacy\""),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_certificates_http_is_read_and_https_says_what_to_install() {
    let replica = Replica::serve().await;
    let folder = tempfile::tempdir().unwrap();
    let extract = |scheme: &str| {
        let to = format!("{}:80:127.0.0.1:{}", demo::HOST, replica.port);
        let url = format!("{scheme}://{}/{SEED}", demo::HOST);
        let mut command = command(folder.path(), &["--connect-to", &to, "extract", &url]);
        command.env("SSL_CERT_FILE", "/dev/null");
        command.env("SSL_CERT_DIR", folder.path());
        command.output().unwrap()
    };
    let read = extract("http");
    assert_eq!(read.status.code(), Some(0), "{}", err(&read));
    let refused = extract("https");
    assert_eq!(refused.status.code(), Some(1), "{}", err(&refused));
    for word in [demo::HOST, "certificates", "ca-certificates"] {
        assert!(err(&refused).contains(word), "{}", err(&refused));
    }
}

#[test]
fn status_of_chosen_columns_has_their_incidents_and_fits_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    // Nobody is asked: neither may be connected to.
    let title = "title = \"长治市潞城区人民政府 · 工作动态\"\nurl = \"https://127.0.0.1/\"\n";
    write(at, "feeds/lucheng/news.toml", title);
    write(at, "feeds/two/news.toml", "url = \"https://127.0.0.2/\"\n");
    // From the third time on, it is an incident.
    for _ in 0..3 {
        assert_eq!(dibao(at, &["run"]).status.code(), Some(1));
    }
    write(at, "dibao.toml", "[limits]\nfree_space = \"9000TiB\"\n");
    assert_eq!(dibao(at, &["run"]).status.code(), Some(1));
    let incidents = |patterns: &[&str]| -> Vec<String> {
        let status = dibao(at, &[&["status", "--json"], patterns].concat());
        let json: Value = serde_json::from_slice(&status.stdout).unwrap();
        let open = json["incidents"].as_array().unwrap().iter();
        let mut open: Vec<String> = open
            .map(|incident| incident["subject"].as_str().unwrap().to_owned())
            .collect();
        open.sort();
        open
    };
    assert_eq!(
        incidents(&[]),
        ["data", "lucheng/news", "public", "two/news"]
    );
    assert_eq!(incidents(&["lucheng"]), ["data", "lucheng/news", "public"]);

    let told = out(&dibao(at, &["status", "lucheng"]));
    assert!(
        told.contains("lucheng/news  failing  长治市潞城区人民政府 · 工作动态\n"),
        "{told}"
    );
    assert!(
        !told.contains("two/news") && !told.contains("+08:00"),
        "{told}"
    );
    let program = env!("CARGO_BIN_EXE_dibao");
    let terminal = format!("stty cols 64 rows 24; exec {program} status lucheng");
    let shown = Command::new("script")
        .current_dir(at)
        .args(["-qec", &terminal, "/dev/null"])
        .output();
    let Ok(shown) = shown else {
        println!("skipped: there is no script to open a terminal (util-linux)");
        return;
    };
    let shown = out(&shown).replace('\r', "");
    assert_eq!(words(&shown), words(&told), "only broken otherwise");
    assert!(told.lines().any(|line| line.width() > 64), "{told}");
    for line in shown.lines() {
        assert!(line.width() <= 64, "{line}: {shown}");
    }
}

/// A text without blanks.
fn words(text: &str) -> String {
    text.split_whitespace().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn run_export_and_status_tell_one_story() {
    let replica = Replica::serve().await;
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, "feeds/lucheng/work-news.toml", FEED);
    fails(at, &["status"], 2, &["no store yet", "dibao run"]);
    let to = format!("{}:80:127.0.0.1:{}", demo::HOST, replica.port);
    let run = dibao(at, &["--connect-to", &to, "run"]);
    assert_eq!(run.status.code(), Some(0), "{}{}", out(&run), err(&run));
    assert!(out(&run).contains("20 new"), "{}", out(&run));

    let export = dibao(at, &["export"]);
    let articles: Vec<Value> = out(&export)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(articles.len(), 20);
    let array: Vec<Value> =
        serde_json::from_slice(&dibao(at, &["export", "--format", "json"]).stdout).unwrap();
    assert_eq!(array, articles);
    let csv = dibao(at, &["export", "--format", "csv"]).stdout;
    assert!(csv.starts_with("\u{feff}id,portal,columns,index_number".as_bytes()));
    let mut rows = csv::Reader::from_reader(&csv[3..]);
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 20);
    assert_eq!(&rows[0][0], articles[0]["id"].as_str().unwrap());
    let changes = dibao(at, &["export", "--changes", "--after", "15"]);
    let seqs: Vec<Value> = out(&changes)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["seq"].clone())
        .collect();
    assert_eq!(seqs, [16, 17, 18, 19, 20]);

    let status = dibao(at, &["status", "--json"]);
    assert_eq!(status.status.code(), Some(0), "{}", err(&status));
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    let column = &status["columns"][0];
    assert_eq!(
        (&column["articles"], &column["healthy"]),
        (&20.into(), &true.into())
    );
    assert!(column["last_run_at"].as_str().unwrap().ends_with("+08:00"));
}

#[test]
fn extract_reads_the_seed_page_without_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("http://www.lc.gov.cn/{SEED}");
    let page = fixture(SEED);
    let read = dibao(folder.path(), &["extract", "--url", &url, &page]);
    assert_eq!(read.status.code(), Some(0), "{}", err(&read));
    let article: Value = serde_json::from_str(&out(&read)).unwrap();
    for unknown in ["id", "portal", "first_seen_at", "updated_at", "revision"] {
        assert!(article[unknown].is_null(), "{unknown}");
    }
    assert_eq!(article["index_number"], "000014349/2025-32614");
    assert_eq!(article["issued_on"], "2025-12-29");
    assert_eq!(article["issuer"], "潞城融媒");
    assert_eq!(article["published_on"], "2025-12-29");
    assert!(article["document_number"].is_null() && article["topic_category"].is_null());
    assert_eq!(article["subject_terms"], serde_json::json!([]));
    let captions: Vec<&str> = article["images"]
        .as_array()
        .unwrap()
        .iter()
        .map(|image| image["caption"].as_str().unwrap())
        .collect();
    let expected = [
        "大会开幕",
        "罗列代表区人民政府向大会作政府工作报告",
        "与会人员认真聆听报告",
    ];
    assert_eq!(captions, expected);
    assert_eq!(article["provenance"]["index_number"], "label 索引号");
    assert_eq!(article["confidence"]["index_number"], "high");
    assert!(article["url"] == url.as_str());
}

#[test]
fn extract_says_of_each_page_that_is_no_article_why() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, "empty.html", "");
    std::fs::write(at.join("binary.html"), [0u8, 159, 146, 150, 255, 0, 1]).unwrap();
    write(
        at,
        "stub.html",
        "<html><head><title></title></head><body></body></html>",
    );
    let page = fixture(SEED);
    let args = [
        "extract",
        "empty.html",
        "binary.html",
        "stub.html",
        "absent.html",
        &page,
    ];
    let read = dibao(at, &args);
    assert_eq!(read.status.code(), Some(1));
    assert_eq!(
        out(&read).lines().count(),
        1,
        "the good page is read all the same"
    );
    for name in ["empty.html", "binary.html", "stub.html", "absent.html"] {
        assert!(
            err(&read).contains(&format!("dibao: {name}: ")),
            "{}",
            err(&read)
        );
    }
    fails(at, &["extract"], 2, &["FILE|URL"]);
    fails(at, &["extract", "--column", "x/y", &page], 2, &["feeds"]);
}

#[test]
fn list_prints_the_items_and_the_next_page() {
    let folder = tempfile::tempdir().unwrap();
    let base = format!("http://www.lc.gov.cn/{COLUMN_PAGE}");
    let page = fixture(COLUMN_PAGE);
    let list = dibao(folder.path(), &["list", "--url", &base, &page]);
    assert_eq!(list.status.code(), Some(0), "{}", err(&list));
    let items: Vec<Value> = out(&list)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let expected: Value =
        serde_json::from_str(include_str!("../fixtures/lucheng/expected.json")).unwrap();
    assert_eq!(Value::Array(items), expected["column"]["pages"][0]);
    let next = dibao(folder.path(), &["list", "--next", "--url", &base, &page]);
    assert_eq!(out(&next).trim(), base.replace("index", "index_1"));
    write(folder.path(), "x.html", "<p>nothing here</p>");
    fails(
        folder.path(),
        &["list", "x.html"],
        1,
        &["x.html", "not a column page", "[list]"],
    );
}

/// A service that is killed if its test fails.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn serve_collects_what_is_due_serves_it_and_stops_cleanly() {
    let replica = Replica::serve().await;
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().to_owned();
    write(&at, "feeds/lucheng/work-news.toml", FEED);
    let to = format!("{}:80:127.0.0.1:{}", demo::HOST, replica.port);
    let stopped = tokio::task::spawn_blocking(move || serve_until_published(&at, &to));
    stopped.await.unwrap();
}

fn serve_until_published(at: &Path, to: &str) {
    let mut child = command(
        at,
        &["--connect-to", to, "serve", "--listen", "127.0.0.1:0"],
    )
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut service = Service(child);
    let mut line_with = |word: &str| {
        log.find_map(|line| line.ok().filter(|line| line.contains(word)))
            .unwrap_or_else(|| panic!("the log ended without {word:?}"))
    };
    let serving = line_with("serving");
    let address = serving
        .split("http://")
        .nth(1)
        .unwrap()
        .trim_end_matches('/')
        .to_owned();
    assert!(get(&address, "/healthz").contains("200 OK"));
    line_with("20 new");
    let mut atom = String::new();
    // The first publishing may have begun before the run ended.
    while !atom.contains("000014349/2025-32614") {
        line_with("published");
        atom = get(&address, "/lucheng/work-news/atom.xml");
    }
    assert!(atom.contains("application/atom+xml"));
    assert!(get(&address, "/readyz").contains("200 OK"));
    for path in [
        "/nothing",
        "/../cron.toml",
        "/%2e%2e/cron.toml",
        "/..%2fcron.toml",
    ] {
        let answer = get(&address, path);
        assert!(
            answer.contains(" 404 ") || answer.contains(" 400 "),
            "{path}: {answer}"
        );
    }
    let pid = service.0.id().to_string();
    Command::new("kill").args(["-TERM", &pid]).status().unwrap();
    let status = service.0.wait().unwrap();
    assert_eq!(status.code(), Some(0));
    line_with("stopped");
}
