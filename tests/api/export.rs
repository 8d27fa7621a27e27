//! The export: all articles as they were at one change, in three forms, never whole in memory.
//!
//! Owns `/api/v1/export` and `dibao export`. Never asks a portal.

use dibao::store::{Purpose, Snapshot, Store};
use serde_json::Value;

use crate::faults_machine::machine::{Machine, told};
use crate::faults_machine::memory;
use crate::search::http::Service;
use crate::support::{morning, page, place, text};

fn news(number: u32, title: &str) -> dibao::store::ReadPage {
    let url = format!("http://www.lc.gov.cn/gzdt/t{number}.html");
    page(&url, None, title, &text(number))
}

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn the_three_forms_hold_the_same_articles_at_the_same_change() {
    let service = Service::open().await;
    let titles = [
        "第一篇",
        "=HYPERLINK(\"http://x.example\",\"a\")",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t制表",
        "＝全角",
        "a,\"b\"\nc",
    ];
    for (number, title) in (1..).zip(titles) {
        service.add(&news(number, title)).await;
    }
    let ndjson = service.get("/api/v1/export").await;
    assert_eq!(ndjson.header("content-type"), "application/x-ndjson");
    assert_eq!(
        (ndjson.header("dibao-seq"), ndjson.header("dibao-articles")),
        ("8", "8")
    );
    let articles = lines(ndjson.text());
    let json = service.get("/api/v1/export?format=json").await;
    assert_eq!(json.json().as_array().unwrap(), &articles);

    let csv = service.get("/api/v1/export?format=csv").await;
    assert!(
        csv.header("content-type")
            .starts_with("text/csv; charset=utf-8")
    );
    assert!(csv.header("content-disposition").contains("dibao-8.csv"));
    let sheet = csv
        .text()
        .strip_prefix('\u{feff}')
        .expect("a mark for spreadsheets");
    assert!(sheet.ends_with("\r\n"));
    let mut sheet = csv::Reader::from_reader(sheet.as_bytes());
    let names = sheet.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = sheet.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), articles.len());
    let cell = |row: &csv::StringRecord, name: &str| {
        let at = names.iter().position(|known| known == name).unwrap();
        row[at].to_owned()
    };
    for (row, article) in rows.iter().zip(&articles) {
        assert_eq!(cell(row, "id"), article["id"].as_str().unwrap());
        let title = article["title"].as_str().unwrap();
        assert_eq!(cell(row, "title").trim_start_matches('\''), title);
        for text in row {
            assert!(
                !text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝']),
                "{text}"
            );
        }
    }
    assert_eq!(cell(&rows[1], "title"), format!("'{}", titles[1]));

    for (form, whole) in [("ndjson", &ndjson), ("csv", &csv)] {
        let at = format!("/api/v1/export?format={form}");
        let again = service
            .ask(reqwest::Method::GET, &at, whole.header("etag"))
            .await;
        assert_eq!(
            (again.status, again.text(), again.header("dibao-seq")),
            (304, "", "8")
        );
        let head = service.ask(reqwest::Method::HEAD, &at, "").await;
        assert_eq!(
            (head.status, head.text(), head.header("etag")),
            (200, "", whole.header("etag"))
        );
    }
    service.add(&news(9, "又一篇")).await;
    let later = service
        .ask(
            reqwest::Method::GET,
            "/api/v1/export",
            ndjson.header("etag"),
        )
        .await;
    assert_eq!((later.status, later.header("dibao-seq")), (200, "9"));
}

#[tokio::test]
async fn a_snapshot_is_of_its_change_whatever_is_written_meanwhile() {
    use futures_util::TryStreamExt;
    let service = Service::open().await;
    for number in 1..=5 {
        service.add(&news(number, &format!("新闻{number}"))).await;
    }
    let place = place::of(service.folder()).await;
    let other = Store::open(place, Purpose::Real).await.unwrap();
    let before: Vec<_> = other.articles().all().try_collect().await.unwrap();
    for number in 1..=6 {
        let mut edited = news(number, &format!("新闻{number}"));
        edited.content.body.body_html += "<p>补充</p>";
        edited.content.body.body_text += "补充";
        other
            .articles()
            .save(morning(), None, &edited)
            .await
            .unwrap();
    }
    let all_at = async |seq: i64| -> Vec<_> {
        let snapshot = other.changes().snapshot(&Snapshot::of_all(seq));
        snapshot.try_collect().await.unwrap()
    };
    assert_eq!(all_at(5).await, before);
    let now: Vec<_> = other.articles().all().try_collect().await.unwrap();
    assert_eq!(now.len(), 6);
    let last = other.changes().last_seq().await.unwrap();
    assert_eq!(all_at(last).await, now);
    other.close().await;
}

#[tokio::test]
async fn an_export_has_the_articles_that_match_and_no_others() {
    let service = Service::open().await;
    for number in 1..=9 {
        let mut page = news(number, &format!("新闻{number}"));
        page.content.metadata.published_on = Some(format!("2025-12-0{number}").parse().unwrap());
        let column = if number % 2 == 0 {
            "work-news"
        } else {
            "notices"
        };
        service.list(&format!("lucheng/{column}"), &page).await;
        service.add(&page).await;
    }
    service.withdraw(&news(4, "新闻4")).await;
    let seq = service
        .store()
        .changes()
        .last_seq()
        .await
        .unwrap()
        .to_string();
    for (filter, expected) in [
        ("column=*/work-news", &[2, 4, 6, 8][..]),
        ("column=*/work-news&withdrawn=false", &[2, 6, 8]),
        ("column=*/work-news&withdrawn=true", &[4]),
        ("since=2025-12-08&portal=lucheng&column=lucheng", &[8, 9]),
    ] {
        let answer = service.get(&format!("/api/v1/export?{filter}")).await;
        let titles: Vec<String> = expected
            .iter()
            .map(|number| format!("新闻{number}"))
            .collect();
        let found = lines(answer.text());
        let found: Vec<&str> = found.iter().map(|a| a["title"].as_str().unwrap()).collect();
        assert_eq!(found, titles, "{filter}");
        let told = (answer.header("dibao-seq"), answer.header("dibao-articles"));
        assert_eq!(told, (seq.as_str(), expected.len().to_string().as_str()));
        let all = service.get("/api/v1/export").await;
        assert_ne!(answer.header("etag"), all.header("etag"));
        let at = format!("/api/v1/export?{filter}");
        let again = service
            .ask(reqwest::Method::GET, &at, answer.header("etag"))
            .await;
        assert_eq!(again.status, 304, "{filter}");
    }
}

#[test]
fn the_command_line_has_the_same_filters() {
    let machine = Machine::new();
    machine.run();
    let all = machine.dibao(&["export"]);
    let all = lines(&String::from_utf8(all.stdout).unwrap());
    let first = all[0]["published_on"].as_str().unwrap();
    let of_day = |article: &&Value| article["published_on"] == first;
    let expected: Vec<&Value> = all.iter().filter(of_day).collect();
    assert!(!expected.is_empty() && expected.len() < all.len());
    let portal = all[0]["portal"].as_str().unwrap();
    let pattern = format!("{portal}/*");
    let ran = machine.dibao(&[
        "export", "--since", first, "--until", first, "--column", &pattern, "--portal", portal,
    ]);
    let found = lines(&String::from_utf8(ran.stdout).unwrap());
    assert_eq!(found.iter().collect::<Vec<_>>(), expected);
    for (arguments, told_of) in [
        (
            &["--portal", "elsewhere"][..],
            "--portal: there is no portal \"elsewhere\"",
        ),
        (
            &["--column", "*/none"],
            "--column: there is no column \"*/none\"",
        ),
        (
            &["--updated-since", "now"],
            "--updated-since: it is neither a day nor a time",
        ),
        (
            &["--index-number", "无"],
            "--index-number: it is no index number",
        ),
        (
            &["--withdrawn", "no"],
            "--withdrawn: it is not valid: write any or false or true",
        ),
    ] {
        let ran = machine.dibao(&[&["export"], arguments].concat());
        let error = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(2), "{error}");
        assert!(error.contains(told_of), "{error}");
    }
}

/// The memory limit of an export, in KiB: a page of articles, the database, the program.
const MOST: u64 = 120 * 1024;

#[test]
fn an_export_of_20_000_articles_takes_bounded_memory() {
    let machine = Machine::new();
    machine.run();
    machine.sql(
        "INSERT INTO articles (id, portal, primary_url, added_seq)
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
         SELECT printf('00000000-0000-5000-8000-%012d', i), 'lucheng', '',
                i + (SELECT MAX(seq) FROM changes) FROM n",
    );
    machine.sql(
        "INSERT INTO changes (seq, kind, at_ms, article_id, article)
         SELECT a.added_seq, 'added', 0, a.id,
                json_set(c.article, '$.id', a.id, '$.body_html', '', '$.body_text',
                         hex(randomblob(2000)))
         FROM articles a, (SELECT article FROM changes WHERE seq = 1) c WHERE a.primary_url = ''",
    );
    machine.sql(
        "UPDATE articles SET article =
             (SELECT article FROM changes c WHERE c.article_id = articles.id)
         WHERE primary_url = ''",
    );
    let Some(runner) = memory::runner() else {
        println!("skipped: no python3 measures memory here");
        return;
    };
    let snapshot = machine.dibao(&["export", "--snapshot"]);
    let text = String::from_utf8(snapshot.stdout).unwrap();
    let (first, articles) = text.split_once('\n').unwrap();
    let seq = machine.sql("SELECT CAST(MAX(seq) AS TEXT) FROM changes");
    assert_eq!(first, format!("{{\"seq\":{}}}", seq[0]));
    assert_eq!(articles.lines().count(), 20_006);
    for format in ["ndjson", "json", "csv"] {
        let measured = machine.command_by(&runner, &["export", "--format", format]);
        let output = { measured }
            .stderr(std::process::Stdio::null())
            .output()
            .unwrap();
        let kib: u64 = told(&output).trim().parse().unwrap();
        println!(
            "{format}: {} MB for {} MB",
            kib / 1024,
            text.len() / 1024 / 1024
        );
        assert!(kib < MOST, "{format}: {kib} KiB");
    }
}
